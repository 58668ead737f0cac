"""People at the console: who does there what treadctl says aloud, and the owner who learns a machine.

Both hear (the captions) and see (the console); neither knows what treadctl means to do next.
"""

from __future__ import annotations

import random

from treadctl.control.prompts import PRESS_START, PRESS_STOP, PULL_KEY, SPOTTER_STARTS, STOP_AT_CONSOLE
from treadctl.model.api import Answer, Intent, Question, Snapshot
from treadctl.model.units import NEVER, Ms

from .belt import CONSOLE_STEP, Belt, Button
from .telemetry import MILE
from .walker import Walker

REACTION: tuple[Ms, Ms] = (700, 2000)
"""From hearing to pressing a key of the console (chosen)."""
PRESS_EVERY: Ms = 400
"""Between two presses of plus or minus (chosen)."""
SET = "At the console: "
STARTS = frozenset({PRESS_START, SPOTTER_STARTS})
STOPS = frozenset({PRESS_STOP, STOP_AT_CONSOLE})


class Hands:
    """The hands at the console. Call `step` with every snapshot and at every deadline."""

    def __init__(self, seed: int = 0) -> None:
        self._chance = random.Random(seed)
        self._heard = ""
        self._button: tuple[Ms, Button] | None = None
        self._wanted: int | None = None
        self._next: Ms = 0

    def step(self, now: Ms, snapshot: Snapshot, belt: Belt) -> None:
        """Hear what is said now, and press what is due."""
        if snapshot.caption != self._heard:
            self.hear(now, snapshot.caption)
        self.act(now, belt)

    def hear(self, now: Ms, words: str) -> None:
        """Something is said."""
        self._heard = words
        self._listen(now + self._chance.randint(*REACTION))

    def act(self, now: Ms, belt: Belt) -> None:
        """Press what is due."""
        if self._button is not None and now >= self._button[0]:
            button, self._button = self._button[1], None
            belt.press(now, button)
        if self._wanted is not None and now >= self._next:
            self._set(now, belt, self._wanted)

    def _listen(self, at: Ms) -> None:
        words = self._heard
        if words in STARTS:
            self._button = (at, Button.START)
        elif words in STOPS:
            self._button, self._wanted = (at, Button.STOP), None
        elif words.startswith(SET):
            self._wanted, self._next = _speed(words.removeprefix(SET).rstrip(".")), at

    def _set(self, now: Ms, belt: Belt, wanted: int) -> None:
        away = wanted - belt.goal
        if abs(away) < CONSOLE_STEP // 2 or not belt.started:
            self._wanted = None
            return
        belt.nudge(now, max(-CONSOLE_STEP, min(CONSOLE_STEP, away)))
        self._next = now + PRESS_EVERY

    def deadline(self) -> Ms:
        due = NEVER if self._button is None else self._button[0]
        return due if self._wanted is None else min(due, self._next)


def _speed(said: str) -> int:
    """In 0.01 km/h; people who hear miles an hour set miles an hour, whatever the console shows."""
    number, _, unit = said.partition(" ")
    return round(float(number) * (MILE if unit == "mph" else 1) * 100)


class Owner(Walker):
    """Commissions a machine: answers honestly, reads the console when told, and confirms."""

    def __init__(self, belt: Belt, *, miles: bool, lowest: str = "0.8", seed: int = 0) -> None:
        """`miles`: the console shows miles an hour."""
        super().__init__(seed)
        self._belt, self._miles, self._lowest = belt, miles, lowest

    def _called(self, snapshot: Snapshot) -> bool:
        return super()._called(snapshot) or self._heard == PULL_KEY

    def _console(self, snapshot: Snapshot) -> str:
        return f"{self._belt.speed / (MILE if self._miles else 1) / 100:.1f}"

    def _way(self, question: Question) -> Intent:
        if question.id == "lowest":
            return Answer(question.id, self._lowest)
        if question.id == "unit":
            return Answer(question.id, "m" if self._miles else "k")
        if question.id == "stands":
            return Answer(question.id, "n" if self._belt.speed else "y")
        return super()._way(question)
