"""A session by segment as it was really walked: the one reckoning that report and exports share.

A lap is one segment of the program, from the moment it came up to the next one: the turn-around before it, its stops
and its planned slowing included. What follows an unplanned end ("two easy minutes forward") is a lap of its own. Both
directions count as positive way. Nothing here is invented: time without a measured speed is neither walked nor stood.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from treadctl.model.program import Facing, Segment, expand
from treadctl.model.records import EventEntry, SampleEntry
from treadctl.model.units import Ms, Speed

from .energy import Spell
from .session import Session

LONGEST: Ms = 24 * 3600 * 1000
"""What claims to be later than a day after the begin is damage: a program has four hours."""
MOST_LAPS = 2000
"""More only damage makes: a program has a thousand segments."""
GAP: Ms = 3000
"""A belt that was silent for so long is unknown (safety rules, section 6)."""
FASTEST_M_PER_MS = 655.35 / 3600
"""The highest speed that a machine can tell, in metres per ms: more way than that is damage."""
PULSE = range(1, 255)
"""Rates that a file for other programs can hold; no others are rates."""
ROLLS_ON: Ms = 5_000
"""Chosen: what moves so shortly after a stop is the same belt, still rolling out; no start comes so soon."""
HOME = "halted: f"
"""The answer after which two easy minutes forward follow, and nothing of the program."""


@dataclass(frozen=True, slots=True)
class Point:
    """One sample with what it adds: the time since the one before and the way in it. `moving` None: not measured."""

    at: Ms
    length: Ms
    metres: float
    moving: bool | None
    facing: Facing | None
    sample: SampleEntry

    @property
    def pulse(self) -> int | None:
        rate = self.sample.heart_rate
        return rate if rate in PULSE else None


@dataclass(slots=True)
class Lap:
    """One segment as it was walked. `index`: its number in the expanded program, None where it belongs to none.

    `home`: it is what followed an unplanned stop. `facing` is that of the walking, None where nobody walked.
    """

    index: int | None
    planned: Segment | None
    begin: Ms
    end: Ms
    home: bool = False
    facing: Facing | None = None
    points: list[Point] = field(default_factory=list)
    stops: int = 0

    @property
    def moving(self) -> Ms:
        return sum(point.length for point in self.points if point.moving)

    @property
    def standing(self) -> Ms:
        return sum(point.length for point in self.points if point.moving is False)

    @property
    def metres(self) -> float:
        return sum(point.metres for point in self.points)

    @property
    def top(self) -> Speed:
        return max((p.sample.speed for p in self.points if p.sample.speed), default=Speed(0))

    @property
    def pulses(self) -> list[int]:
        return [point.pulse for point in self.points if point.pulse is not None]


def ended(session: Session) -> Ms:
    """When the last thing of this session happened."""
    times = [one.at for one in session.samples] + [one.at for one in session.events]
    times += [session.closed.at] if session.closed else []
    return max((at for at in times if 0 <= at <= LONGEST), default=0)


def points(session: Session) -> Iterator[Point]:
    """The samples in order, with what each adds. Of two at one moment the first counts."""
    at, way, facing = 0, 0.0, None
    for sample in session.samples:
        if not at < sample.at <= LONGEST:
            continue
        length = sample.at - at
        facing = sample.facing or facing
        gone = sample.distance_m - way
        metres = gone if 0 < gone <= FASTEST_M_PER_MS * length else 0.0
        known = sample.speed is not None and length <= GAP
        yield Point(sample.at, length, metres, bool(sample.speed) if known else None, facing, sample)
        at, way = sample.at, sample.distance_m


def laps(session: Session) -> list[Lap]:
    """The laps in order; together they are the whole session, so there is always one."""
    planned = expand(session.opened.program)
    found = [Lap(None, None, 0, 0)]
    home_at = next((e.at for e in session.events if e.kind == "answer" and e.text == HOME), LONGEST)
    for point in points(session):
        lap = found[-1]
        index, home = point.sample.segment, point.at > home_at
        if index is not None and (lap.index is None or index != lap.index or home != lap.home):
            lap = _begun(found, index, home, planned)
        if point.moving and lap.facing is not point.facing:
            if lap.facing is not None:  # the program never turns within a segment; a damaged file may
                lap = _begun(found, lap.index, lap.home, planned)
            lap.facing = point.facing
        lap.points.append(point)
        lap.end = point.at
    found[-1].end = max(found[-1].end, ended(session))
    _count_stops(found, session.events)
    return found


def _begun(found: list[Lap], index: int | None, home: bool, planned: Sequence[Segment]) -> Lap:
    """The next lap; what came before the first segment belongs to it."""
    last = found[-1]
    of = planned[index] if index is not None and 0 <= index < len(planned) and not home else None
    if len(found) >= MOST_LAPS:
        return last
    if last.index is None and last.facing is None and len(found) == 1:
        last.index, last.planned, last.home = index, of, home
        return last
    found.append(Lap(index, of, last.end, last.end, home))
    return found[-1]


def _count_stops(found: Sequence[Lap], events: Sequence[EventEntry]) -> None:
    """One for each time that a moving belt was stopped: what is told of it twice is one stop."""
    steps = [point.at for lap in found for point in lap.points if point.moving]
    before: Ms = -1
    for event in events:
        if unplanned(event) and bisect_right(steps, event.at) > bisect_right(steps, before):
            next((lap for lap in found if event.at <= lap.end), found[-1]).stops += 1
        if unplanned(event):
            before = max(before, event.at + ROLLS_ON)


def unplanned(event: EventEntry) -> bool:
    """Whether this is a stop that the program did not plan, by its first word of it: an ease, or a stop at once."""
    return event.kind == "ease" or (event.kind == "stop" and event.text not in ("planned", "eased"))


def spells(found: Sequence[Lap]) -> Iterator[Spell]:
    """For the estimate of energy: from the first step to the last."""
    every = [point for lap in found for point in lap.points]
    steps = [n for n, point in enumerate(every) if point.moving]
    for point in every[steps[0] : steps[-1] + 1] if steps else ():
        facing = point.facing if point.moving else None
        speed = None if point.moving is None else point.sample.speed
        yield Spell(point.length, facing, speed, point.sample.incline)
