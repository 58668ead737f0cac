"""The person: level, flags and what follows from them. Before the person is known, everyone is level 0."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

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


@dataclass(frozen=True, slots=True)
class Person:
    """What treadctl knows of the walker. `age` is in years, None when not told."""

    level: Level = Level.L0
    age: int | None = None
    fell_past_year: bool = False
    neurological_or_vestibular: bool = False
    guardian_consents: bool = False
    comfortable_forward: Speed | None = None
    needs_heart_rate: bool = False
    own_backward_limit: Speed | None = None
    own_forward_limit: Speed | None = None

    @property
    def careful(self) -> bool:
        """Older, fallen or flagged: slower, with a spotter, level 2 at most (fallers walked below 2.16 km/h)."""
        older = self.age is not None and self.age >= OLDER_AGE
        return older or self.fell_past_year or self.neurological_or_vestibular

    @property
    def refusal(self) -> str | None:
        """Why this person may not walk with treadctl at all, or None."""
        if self.age is not None and self.age < MINIMUM_AGE:
            return f"under {MINIMUM_AGE} years nobody walks with treadctl"
        if self.age is not None and self.age < ADULT_AGE and not self.guardian_consents:
            return f"under {ADULT_AGE} years a parent or guardian has to consent"
        return None


UNKNOWN_PERSON = Person()
