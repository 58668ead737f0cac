"""The figures of one walk: what lists, charts and reports by week need to know of a session. Pure.

A session that was closed carries its own sums; of one that was cut off they are counted from its samples, one second
each. Heart rates are always from the samples. What was told afterwards is in no session file and not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from treadctl.files.sessions import LONGEST, TOP_HEART, can_be, over_heart_of, pain_before_of, pain_of, stops_of
from treadctl.model.outcome import Dose, Stop, dose_of
from treadctl.model.program import Facing, expand
from treadctl.model.records import SampleEntry, Summary
from treadctl.model.units import Incline, Ms, Speed

from .session import Session
from .times import read_as

SECOND: Ms = 1000
METRES = 1 / 360
"""0.01 km/h for a second is 1/360 m."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One walk. `at`: when it began, UTC seconds since 1970; None: nobody knows. Times in ms, distances in metres.

    `heart_forward`, `heart_backward` are means while the belt moved; `pain_before` and `pain` what was told before the
    start and at worst on the belt. `planned_*` is the dose of its program. `unread`: lines that are damaged.
    """

    name: str
    at: int | None
    length: Ms
    profile: str
    machine: str
    simulated: bool
    recovered: bool
    finished: bool
    reason: str
    forward: Ms
    backward: Ms
    forward_m: float
    backward_m: float
    bouts: int
    top_backward: Speed
    heart_forward: float | None
    heart_backward: float | None
    top_heart: int | None
    pain_before: int | None
    pain: int | None
    stops: tuple[Stop, ...]
    over_heart: int
    planned_total: int
    planned_bout: int
    planned_speed: Speed
    planned_incline: Incline
    unread: int

    @property
    def planned(self) -> Dose:
        return Dose(self.planned_total, self.planned_bout, self.planned_speed, self.planned_incline)

    @property
    def walked(self) -> Ms:
        return self.forward + self.backward

    @property
    def metres(self) -> float:
        return self.forward_m + self.backward_m


def figures_of(session: Session) -> Figures:
    """The figures of a session that was read."""
    opened, events = session.opened, session.events
    sums = _sums(session)
    planned = dose_of(expand(opened.program))
    moving = [one for one in session.samples if one.speed and _heart(one) is not None]
    hearts = {way: _mean([_heart(one) for one in moving if one.facing is way]) for way in Facing}
    before = pain_before_of(events)
    return Figures(
        session.name, _began(opened.started, session.name), _length(session), opened.program.name, opened.machine,
        opened.simulated, session.recovered, sums.finished, sums.reason, sums.forward, sums.backward, sums.forward_m,
        sums.backward_m, sums.bouts, sums.top_backward, hearts[Facing.FORWARD], hearts[Facing.BACKWARD], sums.top_heart,
        sums.pain_before if before is None else before, pain_of(events),
        stops_of(events, cut_off=session.recovered), over_heart_of(events),
        planned.total, planned.bout, planned.speed, planned.incline, session.unread,
    )  # fmt: skip


def _began(started: str, name: str) -> int | None:
    """When it began; where its own time cannot be read, when its guardian did: with that its name begins."""
    found = read_as(started) or read_as(name.partition("-")[0])
    return None if found is None else int(found.timestamp())


def _sums(session: Session) -> Summary:
    """Its own; counted from the samples where it has none, or none that can be."""
    if session.closed is None:
        return _counted(session.samples)
    own = session.closed.summary
    if can_be(own):
        return own
    return replace(_counted(session.samples), finished=own.finished, reason=own.reason, pain_before=own.pain_before)


def _length(session: Session) -> Ms:
    """By the last line that says a time that can be."""
    if session.closed is not None and 0 <= session.closed.at <= LONGEST:
        return session.closed.at
    last = [one.at for one in session.samples[-1:]] + [one.at for one in session.events[-1:]]
    return max((at for at in last if 0 <= at <= LONGEST), default=0)


def _counted(samples: Sequence[SampleEntry]) -> Summary:
    """The sums of a walk without its last line."""
    ways = {way: [one for one in samples if _moves(one, way)] for way in Facing}
    forward, backward = (ways[way] for way in (Facing.FORWARD, Facing.BACKWARD))
    bouts = sum(_moves(one, Facing.BACKWARD) and not _moves(before, Facing.BACKWARD)
                for before, one in zip((None, *samples), samples, strict=False))  # fmt: skip
    return Summary(
        False, "cut off", SECOND * (len(forward) + len(backward)), SECOND * len(forward), SECOND * len(backward),
        _metres(forward), _metres(backward), bouts, max((one.speed or Speed(0) for one in backward), default=Speed(0)),
        top_heart=max((rate for one in samples if (rate := _heart(one)) is not None), default=None),
    )  # fmt: skip


def _moves(sample: SampleEntry | None, way: Facing) -> bool:
    """Whether somebody walked this way on a moving belt."""
    return sample is not None and sample.facing is way and bool(sample.speed)


def _heart(sample: SampleEntry) -> int | None:
    """None where none was measured, or none that a heart has."""
    return sample.heart_rate if sample.heart_rate is not None and 0 <= sample.heart_rate <= TOP_HEART else None


def _metres(samples: Iterable[SampleEntry]) -> float:
    return round(sum(one.speed or 0 for one in samples) * METRES, 1)


def _mean(rates: Sequence[int | None]) -> float | None:
    return round(sum(rate or 0 for rate in rates) / len(rates), 1) if rates else None
