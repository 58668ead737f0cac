"""The reach test: a stop key is within reach facing away. Nothing is written to the belt.

Face away, both hands on the rails, "press your stop key now", received within 3 s, twice. Any key of any device counts.
It is the same before a walk and in a rehearsal; what follows from it is for them to say.
"""

from __future__ import annotations

from enum import Enum

from treadctl.model.api import Asking, Choice, Question
from treadctl.model.units import Ms

from .cueing import Voice
from .events import Tone
from .prompts import NO_REACH, REACH_AGAIN, REACH_FIRST, REACH_NOW
from .script import RETRY

REACH_TIMES = 2
REACH_WITHIN: Ms = 3_000
REACH_TURN: Ms = 4_000
"""Time to turn and take hold after the instruction was heard (chosen)."""
REACH_PAUSE: Ms = 1_500
CHOICES = (Choice("a", "try again"), Choice("e", "end"))


class Reach(Enum):
    """What became of the test."""

    TESTING = "testing"
    FAILED = "failed"
    PASSED = "passed"


class ReachTest:
    """One test. Its `step` is called only while the belt is measured still, or where there is none."""

    def __init__(self, now: Ms, voice: Voice) -> None:
        self._voice = voice
        self.again(now)

    def again(self, now: Ms) -> None:
        """From the beginning. The first instruction is due, and said by `step`."""
        self.state, self._count = Reach.TESTING, 0
        self._say_at: Ms | None = now
        self._utterance: int | None = None
        self._open_from: Ms | None = None
        self._told = False

    def question(self) -> Question:
        """What is asked now, until it is passed."""
        if self.state is Reach.FAILED:
            return Question("reach-failed", "Try again, or end?", Asking.CHOICE, CHOICES, NO_REACH, True)
        return Question("reach", REACH_NOW, Asking.REACH, (), REACH_FIRST, self._open_from is not None)

    def spoken(self, now: Ms, id: int) -> None:
        """An instruction was heard: leave time to turn, or open the 3 s window."""
        if self.state is not Reach.TESTING or id != self._utterance:
            return
        if self._told:
            self._open_from = now
        else:
            self._told, self._say_at = True, now + REACH_TURN

    def failed(self, now: Ms, id: int) -> None:
        """An instruction could not be spoken: it is said again after a while."""
        if self.state is Reach.TESTING and id == self._utterance:
            self._say_at = now + RETRY

    def press(self, now: Ms, held: bool) -> None:
        """Any key counts, if it is pressed in the window."""
        if self._open_from is None or now - self._open_from > REACH_WITHIN or held:
            return
        self._voice.tone(Tone.HEARD)
        self._count, self._open_from = self._count + 1, None
        if self._count >= REACH_TIMES:
            self.state = Reach.PASSED
        else:
            self._say_at = now + REACH_PAUSE

    def step(self, now: Ms) -> None:
        """Say what is due; fail when the window closed without a press."""
        if self._say_at is not None and now >= self._say_at:
            self._say_at = None
            words = REACH_AGAIN if self._count else REACH_NOW if self._told else REACH_FIRST
            self._utterance = self._voice.say(words)
        if self._open_from is not None and now > self._open_from + REACH_WITHIN:
            self.state, self._open_from = Reach.FAILED, None
            self._voice.say(NO_REACH)

    def deadline(self) -> Ms | None:
        if self._open_from is not None:
            return self._open_from + REACH_WITHIN + 1
        return self._say_at
