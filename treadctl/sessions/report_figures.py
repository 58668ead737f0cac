"""What a report says of a session, in figures and sentences, before any page is made of it. Pure.

Every sentence here is of the program's own; what a file or a device brought in is made safe where it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from treadctl.model.answers import WORST, Answers
from treadctl.model.program import DeadMill, Facing, OffTreadmill, Rest, Segment, Turn, Walk, expand
from treadctl.model.records import EventEntry
from treadctl.model.units import Ms, Speed, clock

from .laps import Lap, laps, unplanned, walked_ms, way_m
from .session import Session

PAIN, PAIN_BEFORE = "pain: ", "pain-before: "
TURNED_DOWN = ("rejected", "unknown")
"""How a procedure ends that was not accepted, as the session file names it."""
COUNTDOWN = 6
"""Letters of the longest number of a countdown, with its point."""
SHORT_OF: Ms = 2000
"""Chosen: a segment that lasted so much less than planned was shortened; below are the seconds between samples."""


@dataclass(frozen=True, slots=True)
class Row:
    """One segment for the table: as planned, and the laps in which it was walked (none: not walked)."""

    number: int
    segment: Segment | None
    laps: tuple[Lap, ...]
    home: bool = False

    @property
    def moving(self) -> Ms:
        return sum(lap.moving for lap in self.laps)

    @property
    def stood(self) -> Ms:
        return sum(lap.standing for lap in self.laps)

    @property
    def metres(self) -> float:
        return sum(lap.metres for lap in self.laps)

    @property
    def top(self) -> Speed:
        return max((lap.top for lap in self.laps), default=Speed(0))

    @property
    def pulses(self) -> list[int]:
        return [rate for lap in self.laps for rate in lap.pulses]

    @property
    def facing(self) -> Facing | None:
        """As it was walked, else as it was planned."""
        walked = [lap.facing for lap in self.laps if lap.facing is not None]
        planned = self.segment.facing if isinstance(self.segment, (Walk, DeadMill)) else None
        return walked[0] if walked else planned

    @property
    def notes(self) -> list[str]:
        """What was otherwise than planned."""
        found = []
        if isinstance(self.segment, Walk) and not self.moving:
            found.append("not walked")
        elif isinstance(self.segment, Walk) and self.moving < self.segment.seconds * 1000 - SHORT_OF:
            found.append("shortened")
        elif not self.laps and self.segment is not None:
            found.append("not reached")
        stops = sum(lap.stops for lap in self.laps)
        if stops:
            found.append("stopped once" if stops == 1 else f"stopped {stops} times")
        if isinstance(self.segment, DeadMill) and self.laps:
            found.append("self-powered, not measured")
        return found


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a list of what happened."""

    at: Ms
    what: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """One session in figures. Times are of a belt that moved; `top`: the highest measured speed backward."""

    laps: tuple[Lap, ...]
    walked: dict[Facing, Ms]
    metres: dict[Facing, float]
    top: Speed
    bouts: int
    turns: int
    stops: int
    pulses: tuple[int, ...]
    pain_before: int | None
    pain: int | None


def figures_of(session: Session, answers: Answers) -> Figures:
    """Everything that is counted."""
    found = laps(session)
    backward = [p for lap in found for p in lap.points if p.moving and p.facing is Facing.BACKWARD]
    faced = [lap.facing for lap in found if lap.facing is not None]
    told = [*_pains(session.events, PAIN), *([] if answers.pain_after is None else [answers.pain_after])]
    before = [*_pains(session.events, PAIN_BEFORE)][-1:]
    return Figures(
        laps=tuple(found),
        walked={way: walked_ms(found, way) for way in Facing},
        metres={way: way_m(found, way) for way in Facing},
        top=max((p.sample.speed for p in backward if p.sample.speed is not None), default=Speed(0)),
        bouts=_bouts(found),
        turns=sum(one is not other for one, other in pairwise(faced)),
        stops=sum(lap.stops for lap in found),
        pulses=tuple(rate for lap in found for rate in lap.pulses),
        pain_before=before[0] if before else answers.pain_before,
        pain=max(told, default=None),
    )  # fmt: skip


def _bouts(found: Sequence[Lap]) -> int:
    """Runs of walking backward; a short stop within a segment ends none, as the program counts them."""
    count = 0
    before: tuple[Facing | None, int] = (None, -2)
    for facing, index in ((lap.facing, lap.index or 0) for lap in found if lap.facing is not None):
        count += facing is Facing.BACKWARD and (before[0] is not facing or index - before[1] > 1)
        before = (facing, index)
    return count


def _pains(events: Sequence[EventEntry], asked: str) -> Iterator[int]:
    """What was told to the question about pain; "s" is sharp, and as much as there is."""
    for event in events:
        if event.kind == "answer" and event.text.startswith(asked):
            told = event.text.removeprefix(asked)
            yield min(int(told), WORST) if told.isascii() and told.isdigit() and len(told) < 3 else WORST


def sentence(session: Session, figures: Figures, speed: Callable[[int], str], unit: str) -> str:
    """The one sentence that comes first."""
    parts = []
    if figures.walked[Facing.BACKWARD]:
        bouts = "1 bout" if figures.bouts == 1 else f"{figures.bouts} bouts"
        back = clock(figures.walked[Facing.BACKWARD])
        parts.append(f"{back} min backward in {bouts}, up to {speed(figures.top)} {unit}")
    if figures.walked[Facing.FORWARD]:
        parts.append(f"{clock(figures.walked[Facing.FORWARD])} min forward")
    if parts:
        parts.append(f"{sum(figures.metres.values()):.0f} m in all")
    pain = _pain_words(figures)
    return f"{', '.join([*parts, *([pain] if pain else [])]) or 'Nobody walked'}. {ending(session)}"


def _pain_words(figures: Figures) -> str:
    told = ((figures.pain_before, "before"), (figures.pain, "at most"))
    words = ", ".join(f"{pain} {when}" for pain, when in told if pain is not None)
    return f"pain {words}" if words else ""


def ending(session: Session) -> str:
    """How it ended."""
    if session.closed is None:
        return "The record was cut off, so how it ended is not known."
    summary = session.closed.summary
    if summary.finished:
        return "The whole programme was walked."
    return f"It ended early: {summary.reason}" if summary.reason else "It ended early."


def rows(session: Session, found: Sequence[Lap]) -> list[Row]:
    """A row for each segment of the program but the turns, in order, and at the end what was no part of it."""
    planned = expand(session.opened.program)
    numbered = [(n, segment) for n, segment in enumerate(planned) if not isinstance(segment, Turn)]
    made = [
        Row(number, segment, tuple(lap for lap in found if lap.index == index and not lap.home))
        for number, (index, segment) in enumerate(numbered, 1)
    ]
    rest = [lap for lap in found if lap.home or (lap.planned is None and lap.moving)]
    return [*made, *(Row(len(made) + n, None, (lap,), lap.home) for n, lap in enumerate(rest, 1) if lap.moving)]


def segment_words(row: Row) -> str:
    """What kind of segment it is, without its name."""
    match row.segment:
        case Walk():
            return "walk"
        case Rest():
            return "rest"
        case DeadMill():
            return "push the switched-off belt"
        case OffTreadmill():
            return "beside the treadmill"
        case _:
            return "two easy minutes forward" if row.home else "not of this programme"


def alarms(session: Session) -> list[Told]:
    """Stops that nobody planned, and the faults."""
    found = [Told(e.at, "stop", e.text or "stopped") for e in session.events if unplanned(e)]
    found += [Told(e.at, "fault", e.text) for e in session.events if e.kind == "fault"]
    return sorted(found, key=lambda one: (one.at, one.what))


def refused(session: Session) -> list[Told]:
    """What was cleared lower, or not at all: by treadctl, and by the machine."""
    found = []
    for event in session.events:
        if event.kind == "lowered":
            found.append(Told(event.at, "lowered", event.text))
        elif event.kind == "confirm" and not event.text.startswith("facing "):
            found.append(Told(event.at, "start refused", event.text))
        elif event.kind == "procedure" and any(f" {word}" in event.text for word in TURNED_DOWN):
            found.append(Told(event.at, "not done by the machine", event.text))
    return found


def cues(session: Session) -> list[Told]:
    """What was said or shown; a countdown's numbers are no cues."""
    return [Told(e.at, "cue", e.text) for e in session.events if e.kind == "say" and len(e.text) > COUNTDOWN]
