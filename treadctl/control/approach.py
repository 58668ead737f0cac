"""From standstill to the one Start: prompts, question, confirm, level incline, countdown.

It asks and counts; the Supervisor arms and starts, or says why not. Every step needs the belt measured still, and
whatever a person does in between undoes the confirm: the question is asked anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from treadctl.model.api import Phase, Question
from treadctl.model.program import Facing
from treadctl.model.units import Ms

from . import prompts
from .arming import COUNT, COUNT_SELF, ConfirmQuestion, Countdown, Progress
from .cueing import Voice
from .events import Tone
from .script import Prompt, Script
from .supervisor import Supervisor
from .tally import Tally

LEVEL_PATIENCE: Ms = 60_000


class Approach:
    """One start, from its prompts to the Start. `phase` goes from TURNING over ASKING and COUNTDOWN to STARTING."""

    def __init__(
        self, supervisor: Supervisor, voice: Voice, tally: Tally, prompts: Iterable[Prompt], question: str,
        to: Facing, segment: int | None = None,
    ) -> None:
        """The `prompts` first, then the `question` that is confirmed; the Start is for somebody who faces `to`."""
        self._sup, self._voice, self._tally = supervisor, voice, tally
        self._to, self._words, self._segment = to, question, segment
        self.phase = Phase.TURNING
        self.reason = ""
        self._script: Script | None = Script(voice, prompts)
        self._confirm: ConfirmQuestion | None = None
        self._countdown: Countdown | None = None
        self._level_until: Ms | None = None
        self._to_call = False

    # --- what people do ---------------------------------------------------------------------------------------------

    @property
    def confirm(self) -> ConfirmQuestion | None:
        """The question that is open now."""
        return self._confirm if self.phase is Phase.ASKING else None

    @property
    def confirmed(self) -> bool:
        """The confirm was given and its Start is not written yet."""
        counting = self.phase in (Phase.COUNTDOWN, Phase.STARTING)
        return not self._sup.engaged and (counting or self._level_until is not None)

    def abort(self, now: Ms) -> None:
        """Undo a confirm before its Start; disturb a gesture that is under way."""
        if self.confirmed:
            self._sup.disarm()
            self._voice.tone(Tone.VOID)
            self._tally.event(now, "abort", "confirm undone", self._segment)
            self._ask(now)
        elif self.confirm is not None:
            self.confirm.disturbed(now)

    def question(self, now: Ms) -> Question | None:
        return None if self.confirm is None or self._level_until is not None else self.confirm.shown(now)

    @property
    def countdown(self) -> int | None:
        return None if self._countdown is None else self._countdown.left

    def spoken(self, now: Ms, id: int) -> None:
        for part in (self._script, self._confirm):
            if part is not None:
                part.spoken(now, id)
        if self._countdown is not None:
            self._countdown.spoken(id)

    def failed(self, now: Ms, id: int) -> None:
        for part in (self._script, self._confirm):
            if part is not None:
                part.failed(now, id)

    # --- time -------------------------------------------------------------------------------------------------------

    def step(self, now: Ms) -> None:
        """Look at what is so and go on. STARTING waits for motion, which is the session's to see."""
        if self._script is not None:
            self._turning(now, self._script)
        elif self._countdown is not None:
            self._counting(now, self._countdown)
        elif self._level_until is not None:
            self._wait_for_level(now, self._level_until)
        elif self.phase is Phase.STARTING:
            self._starting(now)
        else:
            assert self._confirm is not None
            self._asking(now, self._confirm)

    def _turning(self, now: Ms, script: Script) -> None:
        if self._sup.belt.still(now):
            script.step(now)
        if script.done:
            self._ask(now)

    def _ask(self, now: Ms) -> None:
        self._script = self._countdown = self._level_until = None
        self.phase = Phase.ASKING
        self._confirm = ConfirmQuestion(now, self._voice, self._words, f"confirm-{self._to.value}")

    def _asking(self, now: Ms, confirm: ConfirmQuestion) -> None:
        """A confirm arms; a countdown begins when the incline is level and the belt measured still."""
        if confirm.step(now) is not Progress.ACCEPTED:
            return
        refusal = self._sup.arm(now, self._to, confirm.client)
        self._tally.event(now, "confirm", refusal or f"facing {self._to.value}", self._segment)
        if refusal is None:
            self.reason, self._level_until = "", now + LEVEL_PATIENCE
            if self._sup.guided and not self._sup.level():
                self._voice.say(prompts.LEVEL_BY_HAND)
        else:
            self._refused(now, refusal)

    def _refused(self, now: Ms, why: str) -> None:
        self.reason = prompts.REFUSED.format(why)
        self._voice.say(self.reason)
        self._ask(now)

    def _wait_for_level(self, now: Ms, until: Ms) -> None:
        if not self._sup.level() or not self._sup.belt.still(now):
            if now >= until or not self._sup.armed:
                self.abort(now)
        elif self._sup.by_hand:
            self._level_until, self._to_call = None, True
            self._go(now)
        else:
            self._level_until = None
            self._countdown = Countdown(now, self._voice, COUNT_SELF if self._sup.machine_counts else COUNT)
            self.phase = Phase.COUNTDOWN

    def _counting(self, now: Ms, countdown: Countdown) -> None:
        if not self._sup.armed or self._voice.broken or countdown.unheard(now):
            self.abort(now)
        elif countdown.step(now):
            if self._sup.machine_counts:
                self._voice.say(prompts.MACHINE_COUNTS)
            self._go(now)

    def _go(self, now: Ms) -> None:
        """The one Start, or the wait for the hand that presses it."""
        self._sup.start()
        self._tally.event(now, "start", f"facing {self._to.value}", self._segment)
        self._countdown, self.phase = None, Phase.STARTING

    def _starting(self, now: Ms) -> None:
        if self._sup.start_refused:
            self._refused(now, self._sup.start_refused)
        elif not self._sup.engaged and not self._sup.armed:
            self.abort(now)
        elif self._to_call and self._sup.awaits:  # not before the Supervisor has allowed it
            self._to_call = False
            self._voice.say(prompts.PRESS_START if self._to is Facing.FORWARD else prompts.SPOTTER_STARTS)

    def deadline(self, now: Ms) -> Ms | None:
        """When something is due without anybody doing anything."""
        if self._script is not None:
            return self._script.deadline()
        if self._countdown is not None:
            return self._countdown.deadline()
        if self._level_until is not None:
            return self._level_until
        return None if self.confirm is None else self.confirm.deadline(now)
