"""After an unplanned stop: why it stopped, does it hurt, which way do you face, and what now.

Asked only at measured standstill. The answers choose what is offered next; nothing here starts anything: carrying on is
the rest of the segment with a full arming of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum

from treadctl.model.api import Asking, Choice, Question
from treadctl.model.clearing import FALL
from treadctl.model.locks import Lock
from treadctl.model.program import Facing

FACING_CHOICES = (Choice("c", "the console"), Choice("a", "away from it"))
HALTED_CHOICES = (
    Choice("c", "carry on"), Choice("f", "two easy minutes forward"), Choice("e", "end"),
    Choice("u", "end: I feel unwell, or nearly fell"), Choice("d", "end: I fell"),
)
AFTER_PAIN_CHOICES = HALTED_CHOICES[1:]
PAIN_CHOICES = (*(Choice(str(n), str(n)) for n in range(10)), Choice("s", "sharp, or ten"))
TOMORROW = "tomorrow"
"""A lock until the next day; the core knows the date."""
UNWELL = Lock("unwell", "you felt unwell or nearly fell; treadctl person clear asks what is needed")
PAIN = Lock("pain", "it hurt 6 of 10 or more today, or 2 more than before; walk again tomorrow", until=TOMORROW)
FELT_UNWELL, FELL = (UNWELL, "You felt unwell or nearly fell."), (FALL, "You fell.")
"""The lock, and how the summary says why the walk ended."""
TOO_MUCH = 6
"""0-2 may go on, 3-5 forward or end, 6 and more ends the day (safety rules, section 6)."""
RISEN = 2
"""So much more than before the walk ends the day, too (same place)."""


def units_lock(address: str) -> Lock:
    """The lock on a machine that does not walk the speed it was set to."""
    return Lock(f"units:{address}", "this machine reads km/h as another unit; commission it again")


def lock_from(lock: Lock, today: str) -> Lock:
    """The lock with the day it began and the day it ends; without a date of today it holds until it is cleared."""
    if lock.until != TOMORROW:
        return replace(lock, since=today)
    try:
        until = (date.fromisoformat(today) + timedelta(days=1)).isoformat()
    except ValueError:
        until = ""
    return replace(lock, until=until, since=today)


class WhatNow(Enum):
    """What the person wants, once all was asked."""

    ASK = "ask"
    CARRY_ON = "carry on"
    HOME = "two easy minutes forward"
    END = "end"


@dataclass(slots=True)
class Halt:
    """One unplanned stop. `fault`: a fault made it; `final`: nothing may follow it today or on this link."""

    reason: str
    fault: bool = False
    final: bool = False
    pain: bool = False
    facing: Facing | None = None
    lock: Lock | None = None
    before: int | None = None
    """The pain before the walk, 0 to 10; None where nobody was asked."""
    hurts: bool = False
    """Too much to carry on, and not enough for a lock."""

    def follows(self, before: Halt) -> None:
        """Neither a lost link nor pain is forgotten because something else stops it, too."""
        self.final, self.pain, self.hurts = self.final or before.final, self.pain or before.pain, before.hurts

    def question(self, *, belt: bool = True) -> Question:
        """What is asked next. Where there is no `belt`, nobody faces its console or walks on it."""
        if self.pain:
            return Question("pain", "How much does it hurt, 0 to 10?", Asking.CHOICE, PAIN_CHOICES, self.reason, True)
        if belt and self.facing is None:
            return Question("facing", "Which way do you face?", Asking.CHOICE, FACING_CHOICES, self.reason, True)
        choices: tuple[Choice, ...] = AFTER_PAIN_CHOICES if self.hurts else HALTED_CHOICES
        if not belt:
            choices = tuple(choice for choice in choices if choice.key != "f")
        return Question("halted", "Stopped: what now?", Asking.CHOICE, choices, self.reason, True)

    def answer(self, id: str, choice: str) -> WhatNow:
        """Take an answer to the question asked last."""
        if id == "pain":
            return self._pain(choice)
        if id == "facing":
            self.facing = Facing.FORWARD if choice == "c" else Facing.BACKWARD
            return WhatNow.ASK
        if choice in {"u", "d"}:
            self.lock, self.reason = FELT_UNWELL if choice == "u" else FELL
        return {"c": WhatNow.CARRY_ON, "f": WhatNow.HOME}.get(choice, WhatNow.END)

    def _pain(self, choice: str) -> WhatNow:
        """0-2 may go on; 3-5 forward cool-down or end; 6 and more, sharp, or 2 more than before: no restart today."""
        self.pain = False
        risen = self.before is not None and choice != "s" and int(choice) >= self.before + RISEN
        if choice == "s" or int(choice) >= TOO_MUCH or risen:
            self.lock, self.reason = PAIN, "It hurts too much to go on today."
            return WhatNow.END
        self.hurts = int(choice) >= 3
        return WhatNow.ASK
