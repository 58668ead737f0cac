"""From the question to the start: ask, wait for the confirm gesture, count down. Any key aborts the countdown.

It starts nothing itself: the session tells the Supervisor, which arms one Start per confirm. There is no time limit for
an answer; after three minutes the question is parked, and the next press asks it anew.
"""

from __future__ import annotations

from enum import Enum

from treadctl.model.api import Asking, Question
from treadctl.model.units import Ms, soonest

from .confirm import ConfirmGesture, Gesture
from .cueing import Voice
from .events import Priority, Tone
from .prompts import CONFIRM_HINT, NUMBERS
from .script import RETRY

REMIND: Ms = 20_000
PARK: Ms = 180_000
COUNT = 5
COUNT_SELF = 3
"""A machine known to count itself gets the shorter count."""
COUNT_STEP: Ms = 1000
UNHEARD: Ms = 3_000
"""As long as a page may be silent: so long a Start waits for the end of the count, then the question comes again."""


class Progress(Enum):
    """What became of the question."""

    OPEN = "open"
    ACCEPTED = "accepted"


class ConfirmQuestion:
    """One confirm question, asked until it is answered."""

    def __init__(self, now: Ms, voice: Voice, text: str, id: str = "confirm") -> None:
        self.id, self.text = id, text
        self.parked = False
        self._voice = voice
        self._asked = now
        self._gesture = ConfirmGesture()
        self._heard = False
        self._ask(now)

    def _ask(self, now: Ms, text: str = "") -> None:
        self._utterance = self._voice.say(text or self.text)
        self._remind_at = now + REMIND
        self._heard = False

    def spoken(self, now: Ms, id: int) -> None:
        if id == self._utterance:
            self._heard = True
            self._gesture.heard(now)

    def failed(self, now: Ms, id: int) -> None:
        if id == self._utterance:
            self._remind_at = now + RETRY

    def press(self, now: Ms, key: str, held: bool, client: str) -> None:
        """A key while the question is open."""
        if self.parked:
            self.parked, self._asked = False, now
            self._gesture = ConfirmGesture()
            self._ask(now)
            return
        self._react(now, self._gesture.press(now, key, held, client))

    def disturbed(self, now: Ms) -> None:
        """A stop or another key came by another way: no gesture counts that is under way, and none right after it."""
        self._react(now, self._gesture.disturbed(now))

    def _react(self, now: Ms, gesture: Gesture) -> None:
        if gesture is Gesture.TONE:
            self._voice.tone(Tone.CONFIRM)
            self._remind_at = now + REMIND
        elif gesture is Gesture.VOID:
            self._voice.tone(Tone.VOID)
            self._ask(now, CONFIRM_HINT)

    def step(self, now: Ms) -> Progress:
        gesture = self._gesture.step(now)
        if gesture is Gesture.ACCEPTED:
            self._voice.tone(Tone.HEARD)
            return Progress.ACCEPTED
        self._react(now, gesture)
        if not self.parked and now - self._asked >= PARK:
            self.parked = True
        if not self.parked and now >= self._remind_at and not self._gesture.toning(now):
            self._gesture = ConfirmGesture()
            self._ask(now)
        return Progress.OPEN

    @property
    def client(self) -> str:
        """Who confirmed."""
        return self._gesture.client

    def shown(self, now: Ms) -> Question:
        detail = "Parked. Press a key to be asked again." if self.parked else ""
        ready, tone = self._gesture.ready(now), self._gesture.toning(now)
        return Question(self.id, self.text, Asking.CONFIRM, (), detail, self._heard and ready, tone)

    def deadline(self, now: Ms) -> Ms | None:
        due = None if self.parked else min(self._remind_at, self._asked + PARK)
        return soonest(now, self._gesture.deadline(), due)


class Countdown:
    """Five, four, three, two, one, each said at its second. `left` is what the screen shows."""

    def __init__(self, now: Ms, voice: Voice, count: int) -> None:
        self.left = count
        self._voice = voice
        self._next_at = now
        self._say(now)

    def _say(self, now: Ms) -> None:
        self._voice.tone(Tone.TICK)  # says when, so it comes first
        self._last, self._heard = self._voice.say(NUMBERS[self.left], Priority.COUNTDOWN), False
        self._next_at += COUNT_STEP

    def spoken(self, id: int) -> None:
        self._heard |= id == self._last

    def unheard(self, now: Ms) -> bool:
        """Nobody has heard the last number to its end, and it is too late for it."""
        return not self._heard and now >= self._next_at + UNHEARD

    def step(self, now: Ms) -> bool:
        """True when zero is reached."""
        if now < self._next_at:
            return False
        if self.left == 1 and not self._heard:
            return False
        self.left -= 1
        if self.left <= 0:
            return True
        self._say(now)
        return False

    def deadline(self) -> Ms:
        return self._next_at
