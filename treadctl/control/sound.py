"""The sound check: a number is said, and whoever heard it types it. Nothing is written to the belt.

Once a day on a real treadmill, because an alarm that nobody hears warns nobody. The number is shown nowhere. Around a
simulated treadmill there may be no loudspeaker, and nobody who could fall: it is left out there. A page that shall
speak is checked before every walk, simulated or not: phones are put down, turned off and plugged into headphones.
"""

from __future__ import annotations

from enum import Enum
from zlib import crc32

from treadctl.model.api import Asking, Choice, Question
from treadctl.model.units import Ms

from .cueing import Voice
from .prompts import NUMBERS, SOUND
from .reach import CHOICES
from .script import RETRY

NOTHING = Choice("n", "I hear none")
LAPTOP = Choice("w", "the laptop shall speak")
DIGITS = tuple(Choice(str(n), str(n)) for n in range(10))
SHOWN = "A number is said."
AGAIN = "R says it again."
NOT_HEARD = (
    "Refused: what you do not hear cannot warn you; turn up the sound, or look what treadctl doctor says of the voice."
)


def lot(seed: str, number: int) -> int:
    """A digit that nobody foresees: drawn by the context, because the core has no chance of its own."""
    return crc32(f"{seed} {number}".encode()) % 10


class Sound(Enum):
    """What became of the check."""

    ASKING = "asking"
    FAILED = "failed"
    PASSED = "passed"


class SoundCheck:
    """One check, until the number was right. `seed` makes the numbers. `page`: of the page that shall speak."""

    def __init__(self, now: Ms, voice: Voice, seed: str, *, page: bool = False) -> None:
        self._voice, self._seed, self.page, self._number = voice, seed, page, 0
        self._again(now)

    def _again(self, now: Ms) -> None:
        """Another number. It is due, and said by `step`."""
        self.state, self._number = Sound.ASKING, self._number + 1
        self._digit = lot(self._seed, self._number)
        self._say_at: Ms | None = now
        self._utterance: int | None = None
        self._said = False

    def question(self) -> Question:
        """What is asked now."""
        if self.state is Sound.FAILED:
            ways = (*CHOICES, LAPTOP) if self.page else CHOICES
            return Question("sound-failed", "Try again, or end?", Asking.CHOICE, ways, NOT_HEARD, True)
        if self.page:
            choices = (*DIGITS, LAPTOP)
            return Question("sound-page", "Which number does the page say?", Asking.CHOICE, choices, AGAIN, self._said)
        return Question("sound", "Which number do you hear?", Asking.CHOICE, (*DIGITS, NOTHING), AGAIN, self._said)

    def answer(self, now: Ms, choice: str) -> bool:
        """Take an answer; False for a number before it was said to its end. "End" is for others to see."""
        if self.state is Sound.FAILED:
            self._again(now)
        elif choice == NOTHING.key or self._said:
            self.state = Sound.PASSED if choice == str(self._digit) else Sound.FAILED
        else:
            return False
        return True

    def spoken(self, id: int) -> None:
        if id == self._utterance:
            self._said = True

    def failed(self, now: Ms, id: int) -> None:
        """It could not be spoken: it is said again after a while."""
        if id == self._utterance and self.state is Sound.ASKING:
            self._say_at = now + RETRY

    def step(self, now: Ms) -> None:
        """Say what is due."""
        if self._say_at is not None and now >= self._say_at:
            self._say_at = None
            self._utterance = self._voice.say(SOUND.format(NUMBERS[self._digit]), shown=SHOWN)

    def deadline(self) -> Ms | None:
        return self._say_at
