"""What came of one walk: the recorded facts, and what the walker said. Colours and rules are `treadctl.plans`.

Times are wall-clock seconds: the local date and time of day counted from 1970 as if there were no time zones, so that
days and weeks are those on the walker's wall. A change to summer time moves them by an hour, on which nothing rests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .answers import UNASKED, Answers
from .person import Level
from .program import Facing, Segment, Walk, incline_of, totals
from .units import Incline, Speed

HOUR = 3600
DAY = 24 * HOUR
WEEK = 7 * DAY
_MONDAY = 3 * DAY
"""1970 began on a Thursday; weeks begin on Monday."""


def week_of(at: int) -> int:
    """The number of the calendar week (Monday to Sunday) of this moment."""
    return (at + _MONDAY) // WEEK


def week_begin(number: int) -> int:
    """The first moment of a calendar week."""
    return number * WEEK - _MONDAY


class Stop(Enum):
    """Why a walk stopped before its time. A slip is a key pressed by accident, as the walker says."""

    LINK = "link"
    MACHINE = "machine"
    SLIP = "slip"
    CHOICE = "choice"
    HEART = "heart"
    PAIN = "pain"
    SAFETY = "safety"
    NEAR_FALL = "near fall"
    UNWELL = "unwell"
    FALL = "fall"


BLAMELESS = frozenset({Stop.LINK, Stop.MACHINE, Stop.SLIP})
DANGER = frozenset({Stop.SAFETY, Stop.NEAR_FALL, Stop.UNWELL, Stop.FALL})
HEALTH = DANGER | {Stop.HEART, Stop.PAIN}


@dataclass(frozen=True, slots=True)
class Dose:
    """How much walking backward a program asks for: the four things that are raised, one at a time. Times in s."""

    total: int
    bout: int
    speed: Speed
    incline: Incline


def dose_of(segments: tuple[Segment, ...]) -> Dose:
    """The dose of an expanded program."""
    figures = totals(segments)
    slopes = [incline_of(s) for s in segments if isinstance(s, Walk) and s.facing is Facing.BACKWARD]
    return Dose(figures.backward, figures.longest_backward, figures.top_backward, max(slopes, default=Incline(0)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """One walk. `at`: when it began, wall-clock seconds; `profile`: the program's name; `level`: the walker's then.

    `done`: seconds walked backward; `stops`: what ended it or held it up; `over_heart`: seconds above the heart cap.
    """

    session: str
    at: int
    profile: str
    level: Level
    planned: Dose
    done: int
    stops: tuple[Stop, ...] = ()
    over_heart: int = 0
    answers: Answers = UNASKED
