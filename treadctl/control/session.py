"""One session: from the loaded program to the summary, with its turns, rests, stops and questions.

The session asks and tells; it commands nothing. What it wishes for the belt it says to the Supervisor, which has the
last word. Facing is only what the person confirmed at measured standstill. Each phase has one method that looks at what
is so and decides what comes next; nothing is remembered in callbacks.
"""

from __future__ import annotations

from treadctl.model.api import MOVING_PHASES, Phase, Question
from treadctl.model.errors import ExitCode
from treadctl.model.locks import Lock
from treadctl.model.program import DeadMill, Facing, OffTreadmill, Rest, Segment, Turn, Walk
from treadctl.model.units import Incline, Ms, Speed, soonest

from . import cueing, prompts
from .admission import Admitted, needs_belt
from .aftermath import Halt, WhatNow, units_lock
from .announcer import Announcer
from .approach import Approach
from .arming import ConfirmQuestion
from .cueing import Voice
from .deadmill import DeadMillScript, Mill
from .engine import Engine, home_engine
from .events import Priority, Tone
from .faults import Action, Clearing, Fault
from .ladder import StopWish
from .preparation import Handling, Preparation, Step
from .script import turn_prompts
from .supervisor import Supervisor
from .tally import Tally

ENDED = frozenset({Phase.IDLE, Phase.DONE})
ON_THE_BELT = frozenset({Phase.STARTING, Phase.HOLDING, Phase.WALKING})
WALKED = frozenset({Phase.HOLDING, Phase.WALKING})
STANDING = frozenset({Phase.RESTING, Phase.OFF})
PREPARING = frozenset({Phase.CHECKING, Phase.REACHING})
FINAL = frozenset({Clearing.NEW_SESSION, Clearing.CLEARED})
AT_REST = STANDING | {Phase.TURNING, Phase.ASKING, Phase.COUNTDOWN, Phase.PUSHING}
EASE = 20
"""0.2 km/h: one press slows by so much, as it may be felt facing away."""
GHOSTS = 2
"""Chosen: a belt that moved by itself twice (hazard A7: at every Request Control) is not walked on today."""
AT_ONCE = 8
"""More phases than one input can lead through; a loop that never settles must not hold up a stop."""
EASE_PATIENCE: Ms = 20_000
"""Chosen: from 6.5 km/h down to the minimum takes 12 s. A machine that refuses to slow down is stopped."""


class Session:
    """The phases of one walk. Times are ms; every method takes `now` first."""

    def __init__(
        self, supervisor: Supervisor, voice: Voice, tally: Tally, admitted: Admitted, *, checked: bool, reached: bool,
        sound: str = "",
    ) -> None:
        """Today's checklist was answered (`checked`), its reach test passed (`reached`). `sound`: the check's seed."""
        self._sup, self._voice, self._tally, self._limits = supervisor, voice, tally, admitted.limits
        self._announcer = Announcer(supervisor, voice)
        self.program = admitted.program
        self.segments: tuple[Segment, ...] = admitted.segments
        self.needs_belt = needs_belt(admitted.segments)
        self.engine = Engine(self.segments, supervisor.minimum or Speed(0), voice.scale)
        self.phase = Phase.CHECKING
        self.halt: Halt | None = None
        self.reason, self.exit_code = "", ExitCode.OK
        self.lock: Lock | None = None
        self.preparation = Preparation(
            voice, self.segments, spotter=admitted.spotter, checked=checked, reached=reached, belt=self.needs_belt,
            handling=Handling.of(supervisor) if self.needs_belt else Handling(), sound=sound if self.needs_belt else "",
        )
        self.finished = self.closed = False
        self._approach: Approach | None = None
        self._mill: DeadMillScript | None = None
        self._mill_off = self._home = False
        self._ease_until: Ms = 0
        self._ghosts = 0

    @property
    def ended(self) -> bool:
        return self.phase in ENDED

    def ticks(self) -> tuple[bool, bool]:
        """Whether today's checklist was answered here, and today's reach test passed, once they count."""
        if self.ended or self.phase is Phase.CHECKING:
            return False, False
        return self.preparation.newly_checked, self.preparation.newly_reached

    @property
    def planned_segment(self) -> int | None:
        return None if self.engine.segment is None or self.phase in ENDED else self.engine.index

    # --- what people do ---------------------------------------------------------------------------------------------

    def press(self, now: Ms, key: str, held: bool, client: str) -> None:
        """An unmapped key. While the belt may move the core has made it a stop already."""
        if self._approach is not None and self._approach.confirmed:
            self.abort(now)
        elif self._asked is not None:
            self._asked.press(now, key, held, client)
        elif self.phase is Phase.REACHING:
            self.preparation.press(now, held)
        elif self.phase is Phase.PUSHING and self._mill is None:
            self._pause_mill(now)

    @property
    def _asked(self) -> ConfirmQuestion | None:
        """The confirm question that is open now."""
        if self._mill is not None:
            return self._mill.confirm
        return None if self._approach is None else self._approach.confirm

    def abort(self, now: Ms) -> None:
        """Undo a confirm before its Start: the belt stays still and the question is asked anew."""
        if self._mill is not None and self._mill.confirm is not None:
            self._mill.confirm.disturbed(now)
        elif self._approach is not None:
            self._approach.abort(now)
            self._follow(self._approach)

    def answer(self, now: Ms, id: str, choice: str) -> bool:
        """An answer to a choice question; False when it fits none."""
        question = self.question(now)
        if question is None or question.id != id or choice not in {c.key for c in question.choices}:
            return False
        self._tally.event(now, "answer", f"{id}: {choice}", self.planned_segment)
        if self._mill is not None:
            self._mill.answer(choice)
        elif self.phase is Phase.HALTED and self.halt is not None:
            self._what_now(now, self.halt, id, choice)
        else:
            taken = self.preparation.answer(now, id, choice)
            self._tally.pain_before = self.preparation.pain_before
            return taken
        return True

    def stopped_by(self, now: Ms, reason: str) -> None:
        """Somebody stopped a belt that may move: the ladder has begun; remember why, unless it stops for a reason."""
        if self.halt is not None and self.phase in (Phase.STOPPING, Phase.LOST):
            return
        self._halted(now, Halt(reason))
        self._voice.tone(Tone.STOP)

    def ease(self, now: Ms) -> None:
        """One step slower, or at the minimum a stop."""
        if self.phase in ON_THE_BELT and self._sup.engaged:
            self._slower(now, Halt("You eased to a stop."), all_the_way=False)
        elif self.phase is Phase.EASING:  # it slows already; the ceiling is for what comes after
            self._sup.ramp.lower_ceiling(EASE)
        else:
            self.abort(now)

    def _slower(self, now: Ms, halt: Halt, *, all_the_way: bool) -> None:
        if not all_the_way and self._sup.ramp.lower_ceiling(EASE):
            self._voice.tone(Tone.SLOWER)
        else:
            self._ease_to_stop(now, halt, said=halt.fault)

    def _pain(self, now: Ms) -> None:
        """Ease all the way, then ask; at standstill ask at once."""
        if self.phase in ON_THE_BELT and self._sup.engaged:
            self._ease_to_stop(now, Halt("It hurts.", pain=True))
        elif self.phase in (Phase.EASING, Phase.STOPPING, Phase.HALTED):
            self.halt = self.halt or Halt("It hurts.")
            self.halt.pain = True
        elif self.phase in AT_REST:
            self._halted(now, Halt("It hurts.", pain=True))
        else:
            self.abort(now)

    def end(self, now: Ms) -> None:
        """End at standstill: nothing more is walked."""
        waits = self.phase is Phase.STARTING and not self._sup.engaged  # for a hand at the console
        if (waits or self.phase not in MOVING_PHASES) and not self.ended:
            self._finish(now, self.reason or "You ended the session.", ExitCode.OK, finished=False)

    def abandon(self, now: Ms) -> None:
        """The guardian ends: the recording is closed."""
        if not self.ended:
            self._finish(now, self.reason or "treadctl was ended.", ExitCode.OK, finished=False)

    def faults(self, now: Ms, begun: list[Fault]) -> None:
        """React to the faults that began: words, phase, lock."""
        for fault in begun:
            self._tally.event(now, "fault", fault.name, self.planned_segment)
            if fault.action >= Action.STOP and not self.ended and (self.halt is None or not self.halt.final):
                self._ghosts += fault.name == "moved by itself"
                final = self._sup.lost or fault.clearing in FINAL or self._ghosts >= GHOSTS
                self._halted(now, Halt(fault.spoken or fault.name, fault=True, final=final))
                if fault.clearing is Clearing.CLEARED:
                    self.lock = units_lock("" if self._sup.info is None else self._sup.info.address)
            elif fault.name == "pain":
                self._pain(now)
            elif fault.action in (Action.SLOWER, Action.EASE) and self.phase in ON_THE_BELT:
                self._slower(now, Halt(fault.spoken, fault=True), all_the_way=fault.action is Action.EASE)

    def given_up(self, now: Ms) -> None:
        """The machine did not take the stop on its link: whatever becomes of it, this session is over."""
        if not self.ended and (self.halt is None or not self.halt.final):
            self._halted(now, Halt("The treadmill did not take the stop.", fault=True, final=True))

    def link_lost_still(self, now: Ms) -> None:
        """The link went while the belt was measured still: the session is over, nothing alarming happened."""
        if self._mill is None and not self._mill_off and self.needs_belt and not self.ended:
            self._finish(now, "The link was lost while the belt stood still.", ExitCode.NO_MACHINE, finished=False)

    def link_back(self, now: Ms) -> None:
        """The machine answers again although it was switched off for the dead mill."""
        if not self.ended and (self._mill is not None or self._mill_off):
            self._voice.say(prompts.MACHINE_ON, Priority.SAFETY)
            self._finish(now, "The machine was switched on during the dead mill.", ExitCode.FAULT, False)

    # --- what was heard ---------------------------------------------------------------------------------------------

    def spoken(self, now: Ms, id: int) -> None:
        for part in (self._approach, self.preparation, self._mill):
            if part is not None:
                part.spoken(now, id)

    def speech_failed(self, now: Ms, id: int) -> None:
        for part in (self._approach, self.preparation, self._mill):
            if part is not None:
                part.failed(now, id)

    # --- time -------------------------------------------------------------------------------------------------------

    def step(self, now: Ms) -> None:
        """Let the present phase look at what is so, until it stays where it is; at most `AT_ONCE` times."""
        before: tuple[Phase, int] | None = None
        left = AT_ONCE
        while left and before != (self.phase, self.engine.index):
            before, left = (self.phase, self.engine.index), left - 1
            self._act(now)

    def _act(self, now: Ms) -> None:
        match self.phase:
            case Phase.CHECKING | Phase.REACHING:
                self._prepare(now)
            case Phase.TURNING | Phase.ASKING | Phase.COUNTDOWN:
                self._approaching(now)
            case Phase.STARTING:
                self._starting(now)
            case Phase.HOLDING | Phase.WALKING:
                self._walking(now)
            case Phase.EASING:
                self._easing(now)
            case Phase.STOPPING | Phase.LOST:
                self._stopping(now)
            case Phase.RESTING | Phase.OFF:
                self._standing(now)
            case Phase.PUSHING:
                self._pushing(now)
            case Phase.IDLE | Phase.HALTED | Phase.DONE:
                pass

    def _prepare(self, now: Ms) -> None:
        if self.preparation.step_now is not Step.REACH or self._sup.belt.still(now):
            self.preparation.step(now)
        self.phase = Phase.REACHING if self.preparation.step_now is Step.REACH else Phase.CHECKING
        if self.preparation.step_now is Step.REFUSED:
            self._finish(now, self.preparation.reason, ExitCode.REFUSED, finished=False)
        elif self.preparation.step_now is Step.READY:
            self._enter(now, self.engine.segment)

    def _enter(self, now: Ms, segment: Segment | None, facing: Facing | None = None) -> None:
        """Begin this segment from standstill. `facing`: what the person just said, where the Supervisor knows none."""
        match segment:
            case Turn():
                self._enter(now, self.engine.advance(), facing)
            case Walk():
                self._turn_for(segment, facing or self._sup.facing)
            case Rest():
                self._stand(now, Phase.RESTING, segment.say or prompts.REST)
            case OffTreadmill():
                self._stand(now, Phase.OFF, segment.say or segment.name or prompts.STEP_OFF_TREADMILL)
            case DeadMill():
                self._enter_mill(now)
            case None:
                self._over(now)

    def _turn_for(self, walk: Walk, facing: Facing | None) -> None:
        """Prompts, question and countdown before a start."""
        self._approach = Approach(
            self._sup, self._voice, self._tally, turn_prompts(walk, facing, self.engine.elapsed, self._limits),
            cueing.confirm_question(walk.facing), walk.facing, self.planned_segment,
        )
        self._follow(self._approach)

    def _follow(self, approach: Approach) -> None:
        self.phase, self.reason = approach.phase, approach.reason

    def _approaching(self, now: Ms) -> None:
        assert self._approach is not None
        self._approach.step(now)
        self._follow(self._approach)

    def _starting(self, now: Ms) -> None:
        """Start is wished or written: until the belt moves, or does not."""
        walk = self.engine.segment
        if self._sup.start_overdue(now):
            self._sup.not_started()
            self._voice.say(prompts.NOT_STARTED, Priority.NOTICE)
            self._approach, self.halt, self.phase = None, Halt(prompts.NOT_STARTED, fault=True), Phase.HALTED
        elif self._sup.motion_at is not None and isinstance(walk, Walk):
            self._approach = None
            self._voice.say(cueing.step_on(walk.facing))
            self.engine.begin(now)
            self._tally.event(now, "moving", walk.facing.value, self.planned_segment)
            self.phase = Phase.HOLDING
        else:
            self._approaching(now)

    def _walking(self, now: Ms) -> None:
        """Wish what the program wishes; say what is due; begin the ease when the time of the bout is up."""
        self.phase = Phase.HOLDING if self._sup.holding(now) else Phase.WALKING
        for cue in self.engine.step(now, self._sup.running(now)):
            self._announcer.cue(now, cue)
        self._announcer.held(now)
        if self._sup.guided:
            self._announcer.guide(now)
        self._tally.walked(self.engine, self._sup.facing)
        setpoint = self.engine.setpoint()
        assert setpoint is not None  # only a Walk is walked
        self._sup.wish(setpoint.speed, setpoint.incline)
        if self.engine.over and isinstance(self.engine.following, Walk):
            self.engine.advance()
            self._tally.event(now, "segment", "", self.planned_segment)
        elif self.engine.over:
            self._ease_to_stop(now, None)
        else:
            self._announcer.late_rise(now)

    def _ease_to_stop(self, now: Ms, halt: Halt | None, *, said: bool = False) -> None:
        """Controlled slowing to the minimum, then Stop. `halt` None: planned by the program. `said`: a fault spoke."""
        self._approach, self.halt, self.phase, self._ease_until = None, halt, Phase.EASING, now + EASE_PATIENCE
        self._sup.ramp.release()
        if halt is not None:
            self.reason = halt.reason
            if not said:
                self._voice.say(prompts.STOPPING)
            self._tally.event(now, "ease", halt.reason, self.planned_segment)

    def _easing(self, now: Ms) -> None:
        self.engine.step(now, False)
        self._sup.wish(self._sup.minimum or Speed(0), Incline(0))
        # It is about to start, somebody speeds it up, or only a hand at the console can slow it down.
        cannot = self._sup.motion_at is None or self._sup.held or self._sup.guided
        if cannot or self._sup.at_minimum(now) or now >= self._ease_until:
            planned = self.halt is None
            self._sup.stop(now, StopWish(self.halt.reason if self.halt else "end of the segment", planned))
            self._voice.tone(Tone.STOP)
            if planned and self._sup.guided:
                self._voice.say(prompts.PRESS_STOP)
            self._tally.event(now, "stop", "planned" if planned else "eased", self.planned_segment)
            self.phase = Phase.STOPPING

    def _halted(self, now: Ms, halt: Halt) -> None:
        """The ladder runs; after the standstill the person is asked."""
        self._sup.disarm()
        self._approach = self._mill = None
        halt.final |= self.preparation.step_now is not Step.READY
        if self.halt is not None:
            halt.follows(self.halt)
        self.halt, self.reason = halt, halt.reason
        self._tally.event(now, "stop", halt.reason, self.planned_segment)
        self.phase = Phase.LOST if self._sup.lost else Phase.STOPPING

    def _stopping(self, now: Ms) -> None:
        """Wait for the measured standstill, then say so: "stopped" is said only when it is so. No belt: no waiting."""
        self.engine.step(now, False)
        still = self._sup.belt.still(now)
        if self._sup.stopping or self._sup.may_move or not (still or self._sup.info is None):
            return
        if still:
            self._tally.event(now, "still", "", self.planned_segment)
        if self.halt is None and self._sup.stop_failed:
            self.halt = Halt("The belt did not stop when told.", fault=True)
            self.reason = self.halt.reason
        if self.halt is None:
            self._arrived(now)
        elif self.halt.final:
            self._voice.say(prompts.STEP_OFF if still else prompts.DONE)
            self._finish(now, self.halt.reason, ExitCode.FAULT, finished=False)
        else:
            if still or self._mill_off:
                self._voice.say(prompts.STOPPED if still else prompts.REST)
            self.phase = Phase.HALTED

    def _arrived(self, now: Ms) -> None:
        """Standing still at the planned end of a segment."""
        after = self.engine.advance()
        if after is not None:
            self._voice.say(prompts.STOPPED)
        self._enter(now, after)

    def _over(self, now: Ms) -> None:
        self._voice.say(prompts.STEP_OFF if self._sup.belt.still(now) else prompts.DONE)
        self._finish(now, "", self.exit_code, finished=not self._home)

    def _stand(self, now: Ms, phase: Phase, words: str) -> None:
        self._voice.say(words)
        self.engine.begin(now)
        self.phase = phase

    def _standing(self, now: Ms) -> None:
        self.engine.step(now, True)
        self._tally.walked(self.engine, None)
        if self.engine.over:
            self._enter(now, self.engine.advance())

    # --- the dead mill ----------------------------------------------------------------------------------------------

    def _enter_mill(self, now: Ms) -> None:
        self.phase = Phase.PUSHING
        if not self._mill_off:
            self._mill = DeadMillScript(now, self._voice, self._sup.info is not None)
        elif self.engine.elapsed:  # carried on
            self._pause_mill(now)
        else:
            self._push(now)

    def _push(self, now: Ms) -> None:
        segment = self.engine.segment
        assert isinstance(segment, DeadMill)
        self._mill, self._mill_off = None, True
        self._voice.say(segment.say or prompts.PUSH)
        self.engine.begin(now)

    def _pushing(self, now: Ms) -> None:
        if self._mill is None:
            self._standing(now)
            return
        self._mill.step(now, self._sup.info is not None)
        if self._mill.state is Mill.READY:
            self._push(now)
        elif self._mill.state is Mill.REFUSED:
            self._finish(now, self._mill.reason, ExitCode.REFUSED, finished=False)

    def _pause_mill(self, now: Ms) -> None:
        """A stop key during the dead mill means rest."""
        self._voice.say(prompts.REST)
        self._mill = DeadMillScript(now, self._voice, False)
        self._mill.state = Mill.STEP_ON

    # --- after an unplanned stop ------------------------------------------------------------------------------------

    def question(self, now: Ms) -> Question | None:
        """What is asked now."""
        if self._mill is not None:
            return self._mill.question(now)
        if self._approach is not None:
            return self._approach.question(now)
        if self.phase is Phase.HALTED and self.halt is not None:
            return self.halt.question(belt=self._sup.info is not None)
        return self.preparation.question() if self.phase in PREPARING else None

    def _what_now(self, now: Ms, halt: Halt, id: str, choice: str) -> None:
        halt.before = self.preparation.pain_before
        match halt.answer(id, choice):
            case WhatNow.CARRY_ON:
                self._carry_on(now, halt)
            case WhatNow.HOME:
                self._go_home(now)
            case WhatNow.END:
                self.lock = halt.lock
                self._finish(now, halt.reason, ExitCode.FAULT if halt.fault else ExitCode.OK, finished=False)
            case WhatNow.ASK:
                pass

    def _carry_on(self, now: Ms, halt: Halt) -> None:
        """The rest of the segment, if its end can still be announced. The facing said here only chooses the prompts."""
        self.halt, self.reason = None, ""
        walked = self.engine.over or (isinstance(self.engine.segment, Walk) and self.engine.left < cueing.HEADS_UP)
        self._enter(now, self.engine.advance() if walked else self.engine.segment, halt.facing)

    def _go_home(self, now: Ms) -> None:
        """Two easy minutes forward, then the end."""
        self.engine = home_engine(self.engine, self._sup.minimum or Speed(0), self._limits.forward.value)
        self.segments, self._home, self.halt = self.engine.segments, True, None
        self._enter(now, self.engine.segment)

    def _finish(self, now: Ms, reason: str, code: int, finished: bool) -> None:
        self._sup.disarm()
        self._sup.lookout.pages.over()
        self._approach = self._mill = None
        self.reason, self.exit_code, self.finished = reason, ExitCode(code), finished
        self.phase = Phase.DONE

    @property
    def countdown(self) -> int | None:
        return None if self._approach is None else self._approach.countdown

    def deadline(self, now: Ms) -> Ms | None:
        """When this phase has something to do without anybody doing anything."""
        running = self.phase in WALKED and self._sup.running(now)
        standing = self.phase in STANDING or (self.phase is Phase.PUSHING and self._mill is None)
        asked = None if self._approach is None else self._approach.deadline(now)
        mill = None if self._mill is None else self._mill.deadline(now)
        checks = self.preparation.deadline() if self.phase in PREPARING else None
        return soonest(now, asked, mill, checks, self.engine.deadline(now, running or standing))
