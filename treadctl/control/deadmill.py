"""The dead mill: the belt switched off, pushed by the person. The controller is locked out; nothing is written.

The machine has to be switched off (its link gone within 60 s, and the
display dark) before anybody steps on; a confirm starts only the clock. Should the machine come back, it is over.
"""

from __future__ import annotations

from enum import Enum

from treadctl.model.api import Asking, Choice, Question
from treadctl.model.program import Facing
from treadctl.model.units import Ms

from . import prompts
from .arming import ConfirmQuestion, Progress
from .cueing import Voice
from .script import Prompt, Script

OFF_WITHIN: Ms = 60_000
YES_NO = (Choice("y", "yes"), Choice("n", "no"))


class Mill(Enum):
    """Where the script is."""

    SWITCH_OFF = "switch off"
    DARK = "dark"
    STEP_ON = "step on"
    ASKING = "asking"
    READY = "ready"
    REFUSED = "refused"


class DeadMillScript:
    """From the stopped belt to the clock. `reason` says why it was refused."""

    def __init__(self, now: Ms, voice: Voice, linked: bool) -> None:
        self._voice = voice
        self._linked = linked
        self._until = now + OFF_WITHIN
        self.reason = ""
        self.confirm: ConfirmQuestion | None = None
        self.state = Mill.SWITCH_OFF
        first = prompts.SWITCH_OFF if linked else prompts.NOTHING_TO_SWITCH_OFF
        self._script = Script(voice, [Prompt(first)])

    def step(self, now: Ms, linked: bool) -> None:
        """Go on when the link is gone and the prompts were heard."""
        self._script.step(now)
        if self.state is Mill.SWITCH_OFF and self._script.done and not linked:
            self.state = Mill.DARK
        elif self.state is Mill.SWITCH_OFF and linked and now >= self._until:
            self._refuse("Refused: the treadmill is still on, so nobody pushes its belt.")
        elif self.state is Mill.STEP_ON and self._script.done:
            self.state = Mill.ASKING
            self.confirm = ConfirmQuestion(now, self._voice, prompts.CONFIRM[Facing.BACKWARD], "confirm-mill")
        elif self.confirm is not None and self.state is Mill.ASKING and self.confirm.step(now) is Progress.ACCEPTED:
            self.state = Mill.READY

    def question(self, now: Ms) -> Question | None:
        if self.state is Mill.DARK:
            text = "Is the display dark?" if self._linked else "Does nothing drive the belt?"
            return Question("dark", text, Asking.CHOICE, YES_NO, heard=True)
        return self.confirm.shown(now) if self.confirm is not None and self.state is Mill.ASKING else None

    def answer(self, choice: str) -> None:
        """The display is dark, or it is not."""
        if self.state is not Mill.DARK:
            return
        if choice == "y":
            self.state = Mill.STEP_ON
            words = prompts.KEY_OUT if self._linked else prompts.FACE_AWAY
            self._script = Script(self._voice, [Prompt(words, 6_000)])
        else:
            self._refuse("Refused: something may still drive the belt.")

    def _refuse(self, reason: str) -> None:
        self.state, self.reason = Mill.REFUSED, reason

    def spoken(self, now: Ms, id: int) -> None:
        self._script.spoken(now, id)
        if self.confirm is not None:
            self.confirm.spoken(now, id)

    def failed(self, now: Ms, id: int) -> None:
        self._script.failed(now, id)
        if self.confirm is not None:
            self.confirm.failed(now, id)

    def deadline(self, now: Ms) -> Ms | None:
        if self.state is Mill.ASKING and self.confirm is not None:
            return self.confirm.deadline(now)
        return self._until if self.state is Mill.SWITCH_OFF and self._script.done else self._script.deadline()
