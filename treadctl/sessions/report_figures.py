"""What a report says of a session, in figures and sentences, before any page is made of it. Pure.

Every sentence here is of the program's own; what a file or a device brought in is made safe where it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from treadctl.model.answers import Answers
from treadctl.model.program import DeadMill, Facing, OffTreadmill, Rest, Segment, Turn, Walk, expand
from treadctl.model.units import Ms, Speed, clock

from .figures import Figures, figures_of
from .laps import Lap, laps, unplanned
from .session import Session

TURNED_DOWN = ("rejected", "unknown")
"""How a procedure ends that was not accepted, as the session file names it."""
STARTING = "the first speed is not met yet"
"""Why a belt that starts is slower than wished: every start is so, and nobody was refused anything."""
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
class Sheet:
    """One session as a page needs it: its figures as everywhere else, its laps, and what is counted from these.

    `pain_before`, `pain`: what was told afterwards included.
    """

    figures: Figures
    laps: tuple[Lap, ...]
    turns: int
    stops: int
    pulses: tuple[int, ...]
    pain_before: int | None
    pain: int | None


def sheet_of(session: Session, answers: Answers) -> Sheet:
    """Everything that is counted."""
    figures, found = figures_of(session), laps(session)
    faced = [lap.facing for lap in found if lap.facing is not None]
    pains = [pain for pain in (figures.pain, answers.pain_after) if pain is not None]
    return Sheet(
        figures=figures,
        laps=tuple(found),
        turns=sum(one is not other for one, other in pairwise(faced)),
        stops=sum(lap.stops for lap in found),
        pulses=tuple(rate for lap in found for rate in lap.pulses),
        pain_before=figures.pain_before if answers.pain_before is None else answers.pain_before,
        pain=max(pains, default=None),
    )


def sentence(session: Session, sheet: Sheet, speed: Callable[[int], str], unit: str) -> str:
    """The one sentence that comes first."""
    figures, parts = sheet.figures, []
    if figures.backward:
        bouts = "1 bout" if figures.bouts == 1 else f"{figures.bouts} bouts"
        parts.append(f"{clock(figures.backward)} min backward in {bouts}, up to {speed(figures.top_backward)} {unit}")
    if figures.forward:
        parts.append(f"{clock(figures.forward)} min forward")
    if parts:
        parts.append(f"{figures.metres:.0f} m in all")
    pain = _pain_words(sheet)
    return f"{', '.join([*parts, *([pain] if pain else [])]) or 'Nobody walked'}. {ending(session)}"


def _pain_words(sheet: Sheet) -> str:
    told = ((sheet.pain_before, "before"), (sheet.pain, "at most"))
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


def stops(session: Session) -> list[Told]:
    """Stops that nobody planned, in the words of their first event and of what followed it."""
    return [Told(e.at, "stop", e.text or "stopped") for e in session.events if unplanned(e)]


def alarms(session: Session) -> list[Told]:
    """Stops that nobody planned, and the faults."""
    found = stops(session)
    found += [Told(e.at, "fault", e.text) for e in session.events if e.kind == "fault"]
    return sorted(found, key=lambda one: (one.at, one.what))


def refused(session: Session) -> list[Told]:
    """What was cleared lower, or not at all: by treadctl, and by the machine."""
    found = []
    for event in session.events:
        if event.kind == "lowered" and not event.text.endswith(f": {STARTING}"):
            found.append(Told(event.at, "lowered", event.text))
        elif event.kind == "confirm" and not event.text.startswith("facing "):
            found.append(Told(event.at, "start refused", event.text))
        elif event.kind == "procedure" and any(f" {word}" in event.text for word in TURNED_DOWN):
            found.append(Told(event.at, "not done by the machine", event.text))
    return found


def cues(session: Session) -> list[Told]:
    """What was said or shown; a countdown's numbers are no cues."""
    return [Told(e.at, "cue", e.text) for e in session.events if e.kind == "say" and len(e.text) > COUNTDOWN]
