"""The person: level, flags, what was said and by whom. Before the person is known, everyone is level 0.

What follows from it for speeds and times stands in `limits`; the questions stand in `screening`. Nothing here raises
anything by itself: a level is set by a professional, or offered by a plan and accepted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, IntEnum

from .units import Speed


class Level(IntEnum):
    """How practised a person is at walking backward."""

    L0 = 0
    L1 = 1
    L2 = 2
    L3 = 3
    L4 = 4

    @property
    def word(self) -> str:
        return ("first", "beginner", "practised", "regular", "advanced")[self]


ADULT_AGE = 18
"""Younger needs a guardian's consent (ASTM F2115 scope, chosen)."""
MINIMUM_AGE = 13
OLDER_AGE = 65
OLDEST_AGE = 120
"""Chosen: a larger number is a slip of the finger, and would make a heart-rate cap of nothing."""
PROFESSIONAL_LEVEL = Level.L2
"""A professional sets this at most (chosen): what is above it, only walks can show."""
FACTS_KEPT = 100
"""Chosen: years of a plan, and a file that stays far below what is read of it."""
REGATE = "once you have it, answer again: treadctl person screen"


class Concern(Enum):
    """A stop question answered with yes: backward needs a clinician's yes and a helper."""

    FALL = "fall"
    UNSTEADY = "unsteady"
    WORRIED = "worried"
    NERVES = "nerves"
    INJURY = "injury"
    HEART = "heart"
    PRESSURE = "pressure"
    PREGNANT = "pregnant"
    SENSES = "senses"
    SLEEPY = "sleepy"


class Attested(Enum):
    """Something that only the person's own word can open, named like the gate of a profile that asks for it."""

    SPOTTER = "spotter"
    INCLINE = "incline"
    DEAD_MILL = "dead-mill"
    HANDS_FREE = "hands-free"


@dataclass(frozen=True, slots=True)
class Fact:
    """One dated line of what became known: `on` is an ISO date, `by` whoever said so (empty: the person)."""

    on: str
    what: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """What treadctl knows of the walker. `age` is in years, None when not told.

    `concerns` are the stop questions answered with yes, `clinician` who said yes to walking backward all the same.
    `screened` is the ISO date of the last complete screening, empty before the first. Raises ValueError for an age that
    nobody has.
    """

    level: Level = Level.L0
    age: int | None = None
    fell_past_year: bool = False
    neurological_or_vestibular: bool = False
    guardian_consents: bool = False
    comfortable_forward: Speed | None = None
    needs_heart_rate: bool = False
    own_backward_limit: Speed | None = None
    own_forward_limit: Speed | None = None
    concerns: tuple[Concern, ...] = ()
    clinician: str = ""
    screened: str = ""
    attested: tuple[Attested, ...] = ()
    facts: tuple[Fact, ...] = ()

    def __post_init__(self) -> None:
        if self.age is not None and not 0 <= self.age <= OLDEST_AGE:
            raise ValueError(f"{self.age} is no age: 0 to {OLDEST_AGE} years")

    @property
    def careful(self) -> bool:
        """Older, fallen or flagged: slower, with a spotter, level 2 at most (fallers walked below 2.16 km/h)."""
        older = self.age is not None and self.age >= OLDER_AGE
        return older or self.fell_past_year or self.neurological_or_vestibular or bool(self.concerns)

    @property
    def refusal(self) -> str | None:
        """Why this person may not walk with treadctl at all, or None."""
        if self.age is not None and self.age < MINIMUM_AGE:
            return f"under {MINIMUM_AGE} years nobody walks with treadctl"
        if self.age is not None and self.age < ADULT_AGE and not self.guardian_consents:
            return f"under {ADULT_AGE} years a parent or guardian has to consent"
        return None

    @property
    def backward_refusal(self) -> str | None:
        """Why this person may not walk backward, or None. Forward stays open."""
        if not self.concerns or self.clinician:
            return None
        which = ", ".join(concern.value for concern in self.concerns)
        return f"a yes to a stop question ({which}) needs the yes of a doctor or therapist; {REGATE}"

    @property
    def why_level(self) -> str:
        """Who set this level and when, as far as it was written down."""
        found = [fact for fact in self.facts if fact.what == _level_words(self.level)]
        return f"set by {found[-1].by or 'yourself'} on {found[-1].on}" if found else ""


UNKNOWN_PERSON = Person()


def any_walker(level: Level) -> Person:
    """Somebody of this level who has given every word that a profile can ask for: dry runs judge a file, no person."""
    return Person(level, attested=tuple(Attested), clinician="of the simulated walker")


def noted(person: Person, on: str, what: str, by: str = "") -> Person:
    """The person with one more dated fact; the oldest go first when there are too many."""
    return replace(person, facts=(*person.facts, Fact(on, what, by))[-FACTS_KEPT:])


def with_level(person: Person, level: Level, by: str, today: str) -> Person:
    """The person at this level, written down. Who may do that is not decided here."""
    return noted(replace(person, level=level), today, _level_words(level), by)


def _level_words(level: Level) -> str:
    return f"level {level.value}"


def level_refusal(person: Person, level: Level, set_by: str) -> str | None:
    """Why this level may not be set by hand, or None: lowering is open to everybody, raising to a professional."""
    if level <= person.level:
        return None
    if level > PROFESSIONAL_LEVEL:
        return f"a professional sets level {PROFESSIONAL_LEVEL.value} at most; levels 3 and 4 come from walks in a plan"
    if not set_by:
        return (
            "nobody raises their own level; plans offer the next one, and a professional who knows you "
            f"may say: treadctl person level {level.value} --set-by NAME"
        )
    if not person.screened:
        return "before the questions are answered everyone is level 0; answer them first: treadctl person screen"
    return person.refusal
