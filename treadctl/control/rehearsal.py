"""The rehearsal: clip, turn, press, hear the alarm, reach test, with the belt locked.

To the core it is what a session is. It cannot move a belt: it sees the Supervisor through `Sight`, which has no word
for a wish, an arm or a Start. Should the belt move meanwhile, the usual faults stop it, and the rehearsal is over. A
link that is lost while the belt stands ends nothing: on some machines a pulled key does that.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Protocol

from treadctl.model.api import Asking, Choice, Phase, Question
from treadctl.model.errors import ExitCode
from treadctl.model.locks import Lock
from treadctl.model.machine import LinkInfo
from treadctl.model.program import Facing, Program, Segment
from treadctl.model.units import Ms, Speed, soonest

from . import cueing
from .arming import REMIND, ConfirmQuestion, Progress
from .belt import BeltPicture
from .cueing import Voice
from .engine import Engine
from .events import Effect, KeepRehearsal, Tone
from .faults import Action, Fault
from .preparation import CHECKLIST, YES_NO
from .prompts import ALARM, HEARD, NO_REACH, OPENING, PRESS, STOPS
from .reach import Reach, ReachTest
from .script import Prompt, Script, facing_prompts

NAME = "Rehearsal, the belt stays still"
ALARM_SHOWN = "This is the alarm, for practice. Any key silences it."
MOMENT: Ms = 1_000
"""Chosen: between two prompts, to take in the first."""
CLIP = CHECKLIST[0]
PRACTISED = "No treadmill is connected, so this is practice and counts for none. Any clip on a cord will do."
PULL = Question(
    "pull", "Did the key come out?", Asking.CHOICE, YES_NO,
    "Step back until the cord pulls the key out. Then put it back.", True,
)
ASK_HEARD = Question(
    "heard", "Did you hear the alarm?", Asking.CHOICE,
    (Choice("y", "yes"), Choice("a", "no: louder, once more"), Choice("e", "end")), heard=True,
)
NO_CLIP = f"Refused: {CLIP.no}."
NO_PULL = "Refused: a key that stays in stops nothing; clip its cord shorter, and rehearse again."
NO_ALARM = "Refused: an alarm that you do not hear does not warn you; turn up the sound, and rehearse again."
NO_VOICE = "Refused: no voice is heard here, and a rehearsal is heard; treadctl doctor says what is missing."
MUTE = 3
"""Chosen: a voice that fails once is tried again as in a walk; so often in a row is a voice that does not work."""
KEEPING = "Writing down that you rehearsed."
KEEP_LIMIT: Ms = 10_000
DISK_SLOW = "the disk is too slow"
ALONE = (
    "Rehearsed without a treadmill, so it counts for none: do it once more with yours connected, before the first walk "
    "backward."
)
SIMULATED = "Rehearsed. It counts for no real treadmill: each of those wants a rehearsal of its own."
CONNECTED = "A treadmill was connected meanwhile; rehearse again, with it."
ENDED = "Ended before the last step, so it does not count."


class Sight(Protocol):
    """All that a rehearsal sees of the Supervisor, and nothing that it could do with it."""

    @property
    def info(self) -> LinkInfo | None: ...
    @property
    def belt(self) -> BeltPicture: ...
    @property
    def may_move(self) -> bool: ...
    @property
    def lost(self) -> bool: ...


class Stage(Enum):
    """Where the rehearsal is. Each begins with what is said."""

    CLIP = "clip"
    PULL = "pull"
    TURN = "turn"
    CONFIRM = "confirm"
    PRESS = "press"
    ALARM = "alarm"
    HEARD = "heard"
    REACH = "reach"
    KEEPING = "keeping"
    STOPPING = "stopping"
    OVER = "over"


PHASES = {
    Stage.TURN: Phase.TURNING, Stage.CONFIRM: Phase.ASKING, Stage.PRESS: Phase.REACHING, Stage.ALARM: Phase.REACHING,
    Stage.OVER: Phase.DONE,
}


class Rehearsal:
    """One rehearsal. Times are ms; every method takes `now` first."""

    needs_belt = False
    planned_segment: int | None = None
    segments: tuple[Segment, ...] = ()
    countdown: int | None = None
    lock: Lock | None = None

    def __init__(self, sight: Sight, voice: Voice) -> None:
        self._sight, self._voice = sight, voice
        self.info = sight.info
        self.program = Program(NAME, ())
        self.engine = Engine((), Speed(0))
        self.reason = ""
        self.exit_code = ExitCode.OK
        self.finished = self.closed = False
        self._stage = Stage.CLIP
        self._script = Script(voice, ())
        self._confirm: ConfirmQuestion | None = None
        self._reach: ReachTest | None = None
        self._reached = False
        self._failures = 0
        self._remind_at: Ms | None = None
        self._keep_until: Ms | None = None
        self._wanted: list[Effect] = []

    # --- what is so --------------------------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        return self._stage is Stage.OVER

    @property
    def phase(self) -> Phase:
        if self._stage is Stage.STOPPING:
            return Phase.LOST if self._sight.lost else Phase.STOPPING
        if self._stage is Stage.REACH and self._reach is not None and self._reach.state is Reach.TESTING:
            return Phase.REACHING
        return PHASES.get(self._stage, Phase.CHECKING)

    @property
    def alarm(self) -> str:
        """What the alarm that sounds for practice says; empty while none does."""
        return ALARM_SHOWN if self._stage is Stage.ALARM and self._script.done else ""

    @property
    def counts_for(self) -> str:
        """The address of the machine for which it was passed, empty while it counts for none."""
        passed = self.finished or self._stage is Stage.KEEPING
        return self.info.address if passed and self.info is not None and not self.info.simulated else ""

    def ticks(self) -> tuple[bool, bool]:
        """The reach test is today's, where it was passed at a treadmill. The checklist is not asked here."""
        return False, self._reached

    def wanted(self) -> list[Effect]:
        """That it was passed is to be written down."""
        wanted, self._wanted = self._wanted, []
        return wanted

    # --- what people do ----------------------------------------------------------------------------------------------

    def press(self, now: Ms, key: str, held: bool, client: str) -> None:
        """Any key, of any device. While the belt may move the core has made it a stop already."""
        if self._stage is Stage.CONFIRM and self._confirm is not None:
            self._confirm.press(now, key, held, client)
        elif self._stage is Stage.REACH and self._reach is not None:
            self._reach.press(now, held)
        elif held or not self._script.done:
            return
        elif self._stage is Stage.PRESS:
            self._voice.tone(Tone.STOP)
            self._go(Stage.ALARM, Prompt(STOPS, MOMENT), Prompt(ALARM, MOMENT))
        else:
            self.acknowledged(now)

    def stopped(self, now: Ms) -> None:
        """STOP on the page in the walker's hand: a press where one is practised, and never part of a confirm."""
        if self._stage in (Stage.REACH, Stage.PRESS):
            self.press(now, "", False, "")

    def acknowledged(self, now: Ms) -> None:
        """The alarm that sounds for practice was silenced."""
        if self.alarm:
            self._go(Stage.HEARD, Prompt(HEARD))

    def abort(self, now: Ms) -> None:
        """Disturb a gesture that is under way."""
        if self._stage is Stage.CONFIRM and self._confirm is not None:
            self._confirm.disturbed(now)

    ease = abort

    def answer(self, now: Ms, id: str, choice: str) -> bool:
        question = self.question(now)
        if question is None or question.id != id or choice not in {c.key for c in question.choices}:
            return False
        match self._stage:
            case Stage.CLIP:
                self._clipped(choice)
            case Stage.PULL:
                self._pulled(choice)
            case Stage.HEARD:
                self._heard(now, choice)
            case _:
                self._reach_again(now, choice)
        return True

    def _clipped(self, choice: str) -> None:
        if choice == "n":
            self._finish(NO_CLIP, ExitCode.REFUSED)
        elif self.info is None:
            self._turn()
        else:
            self._go(Stage.PULL)

    def _pulled(self, choice: str) -> None:
        if choice == "n":
            self._finish(NO_PULL, ExitCode.REFUSED)
        else:
            self._turn()

    def _turn(self) -> None:
        self._go(Stage.TURN, Prompt(OPENING, MOMENT), *facing_prompts(Facing.BACKWARD, None))

    def _heard(self, now: Ms, choice: str) -> None:
        match choice:
            case "y":
                self._go(Stage.REACH)
                self._reach = ReachTest(now, self._voice)
            case "a":
                self._go(Stage.ALARM, Prompt(ALARM, MOMENT))
            case _:
                self._finish(NO_ALARM, ExitCode.REFUSED)

    def _reach_again(self, now: Ms, choice: str) -> None:
        if choice == "a":
            self._reach = ReachTest(now, self._voice)
        else:
            self._finish(NO_REACH, ExitCode.REFUSED)

    def question(self, now: Ms) -> Question | None:
        match self._stage:
            case Stage.CLIP:
                detail = "" if self.info is not None else PRACTISED
                return Question(CLIP.id, CLIP.text, Asking.CHOICE, YES_NO, detail, True)
            case Stage.PULL:
                return PULL
            case Stage.CONFIRM:
                return None if self._confirm is None else self._confirm.shown(now)
            case Stage.PRESS:
                return Question("press", PRESS, Asking.REACH, heard=self._script.done)
            case Stage.ALARM:
                return Question("alarm", ALARM, Asking.REACH, heard=self._script.done)
            case Stage.HEARD:
                return ASK_HEARD
            case Stage.REACH:
                return None if self._reach is None else self._reach.question()
            case Stage.TURN | Stage.KEEPING | Stage.STOPPING | Stage.OVER:
                return None

    def end(self, now: Ms) -> None:
        if not self.ended:
            self._finish(self.reason if self._stage is Stage.STOPPING else ENDED)

    abandon = end

    # --- what happens to the belt ------------------------------------------------------------------------------------

    def stopped_by(self, now: Ms, reason: str) -> None:
        """Somebody stopped a belt of which nobody knew any more that it stands."""
        self._halted(reason, ExitCode.OK)

    def faults(self, now: Ms, begun: list[Fault]) -> None:
        for fault in begun:
            if fault.action >= Action.STOP:
                self._halted(fault.spoken or fault.name, ExitCode.FAULT)

    def given_up(self, now: Ms) -> None:
        self._halted("The treadmill did not take the stop.", ExitCode.FAULT)

    def link_lost_still(self, now: Ms) -> None:
        """The belt was measured still, and nothing here needs it."""

    def link_back(self, now: Ms) -> None:
        """A machine that nobody here knew of; unless its link was made anew to stop it."""
        if not self.ended and self._stage is not Stage.STOPPING:
            self._finish(CONNECTED, ExitCode.REFUSED)

    def _halted(self, reason: str, code: ExitCode) -> None:
        if not self.ended and self._stage is not Stage.STOPPING:
            self._go(Stage.STOPPING)
            self.reason, self.exit_code = reason, code

    # --- time --------------------------------------------------------------------------------------------------------

    def step(self, now: Ms) -> None:
        """Look at what is so and go on, until the stage stays what it is."""
        before = None
        while self._stage is not before:
            before = self._stage
            self._act(now)

    def _act(self, now: Ms) -> None:
        if self._still(now):
            self._script.step(now)
        match self._stage:
            case Stage.TURN if self._script.done:
                self._go(Stage.CONFIRM)
                words = cueing.confirm_question(Facing.BACKWARD)
                self._confirm = ConfirmQuestion(now, self._voice, words, "confirm-rehearsal")
            case Stage.CONFIRM:
                self._confirming(now)
            case Stage.PRESS if self._script.done:
                self._remind(now)
            case Stage.REACH:
                self._reaching(now)
            case Stage.KEEPING:
                if self._keep_until is not None and now >= self._keep_until:
                    self.kept(DISK_SLOW)
            case Stage.STOPPING:
                if not self._sight.may_move and self._still(now):
                    self._finish(self.reason, self.exit_code)
            case _:
                pass

    def _still(self, now: Ms) -> bool:
        """Nobody turns beside a belt that is not measured still; where there is none, nothing moves."""
        return self._sight.info is None or self._sight.belt.still(now)

    def _confirming(self, now: Ms) -> None:
        assert self._confirm is not None
        if self._confirm.step(now) is Progress.ACCEPTED:
            self._go(Stage.PRESS, Prompt(PRESS))

    def _remind(self, now: Ms) -> None:
        if self._remind_at is None:
            self._remind_at = now + REMIND
        elif now >= self._remind_at:
            self._remind_at = now + REMIND
            self._voice.say(PRESS)

    def _reaching(self, now: Ms) -> None:
        assert self._reach is not None
        if self._still(now) and self._reach.state is Reach.TESTING:
            self._reach.step(now)
        if self._reach.state is Reach.PASSED:
            self._passed(now)

    def _passed(self, now: Ms) -> None:
        self._reached = self._sight.info is not None
        if self.info is None:
            self._done(ALONE)
        elif self.info.simulated:
            self._done(SIMULATED)
        else:
            self._go(Stage.KEEPING)
            self.reason, self._keep_until = KEEPING, now + KEEP_LIMIT
            self._wanted.append(KeepRehearsal(self.info.address))

    def kept(self, why: str) -> None:
        """It is on disk, or `why` it is not; then it counts for as long as this guardian lives."""
        if self._stage is not Stage.KEEPING or self.info is None:
            return
        name = self.info.name or self.info.address
        if why:
            self._done(f"Rehearsed, but it could not be written down ({why}); it counts until treadctl ends.")
        else:
            self._done(f"Rehearsed. It counts for this treadmill: {name}.")

    def _go(self, stage: Stage, *prompts: Prompt) -> None:
        self._stage, self._script, self._remind_at = stage, Script(self._voice, prompts), None

    def _done(self, reason: str) -> None:
        self.finished = True
        self._finish(reason)

    def _finish(self, reason: str, code: ExitCode = ExitCode.OK) -> None:
        self._go(Stage.OVER)
        self.reason, self.exit_code = reason, code

    # --- what was heard ----------------------------------------------------------------------------------------------

    def _hearing(self) -> Iterable[Script | ConfirmQuestion | ReachTest]:
        parts = (self._script, self._confirm, self._reach)
        return (part for part in parts if part is not None)

    def spoken(self, now: Ms, id: int) -> None:
        self._failures = 0
        for part in self._hearing():
            part.spoken(now, id)

    def speech_failed(self, now: Ms, id: int) -> None:
        """Of what was only cut off by something more urgent nothing follows but that it is said again."""
        self._failures += self._voice.broken
        if self._failures >= MUTE and not self.ended and self._stage is not Stage.STOPPING:
            self._finish(NO_VOICE, ExitCode.REFUSED)
        for part in self._hearing():
            part.failed(now, id)

    def deadline(self, now: Ms) -> Ms | None:
        """When something is due without anybody doing anything."""
        confirm = self._confirm.deadline(now) if self._confirm is not None and self._stage is Stage.CONFIRM else None
        reach = self._reach.deadline() if self._reach is not None and self._stage is Stage.REACH else None
        return soonest(now, self._script.deadline(), confirm, reach, self._remind_at, self._keep_until)
