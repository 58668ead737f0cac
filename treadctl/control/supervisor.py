"""The Supervisor: the only place where a command for the belt can be made.

Everything wished becomes a verdict: cleared, cleared lower, or refused, each with its reason. Stop is always cleared,
in every mode, never limited, never queued. It watches samples and faults before anything is decided. A decision is made
in the step that writes it: a rise that cannot be written now is not kept, its setpoint stands and is decided again.
"""

from __future__ import annotations

from treadctl.ftms.codec import MachineStatus, StatusEvent
from treadctl.ftms.control_point import (
    Op,
    Response,
    encode_incline,
    encode_pause,
    encode_request_control,
    encode_reset,
    encode_speed,
    encode_start,
    encode_stop,
)
from treadctl.ftms.control_point import Result as Code
from treadctl.model.api import ATTENDANCE_LIMIT, Belt
from treadctl.model.limits import Limits, hold_ms
from treadctl.model.machine import LinkInfo, Record
from treadctl.model.program import Facing
from treadctl.model.units import Incline, Ms, Speed, snap_down, soonest

from .attendance import Attendance
from .belt import ZERO, BeltPicture, Sample
from .commanded import Commanded
from .control_point import NOTHING, Cleared, Decision, Outcome, Result
from .cueing import CUE_LEAD
from .faults import Action, Fault
from .heart import Heart
from .ladder import Due, StopWish
from .lookout import Lookout
from .prompts import REFUSALS
from .ramp import LEVEL_AGAIN, InclineStep, Ramp, SpeedStep
from .start import OneStart
from .stopping import StopPath


class Supervisor:
    """One per core. Observe first, then wish, then decide."""

    def __init__(self, limits: Limits, attendance: Ms = ATTENDANCE_LIMIT) -> None:
        self.ramp = Ramp(limits)
        self.commanded: Commanded = self.ramp.commanded
        self.belt = BeltPicture()
        self.heart = Heart()
        self.info: LinkInfo | None = None
        self.record: Record | None = None
        self.engaged = self.empty = self._at_rest = False
        self.path, self.lookout = StopPath(), Lookout()
        self.watch = self.lookout.watch
        self.motion_at: Ms | None = None
        self._start = OneStart()
        self.attendance = Attendance(attendance)
        self.incline_unknown = self.stop_failed = self.paused = False

    # --- what happened --------------------------------------------------------------------------------------------

    def link_up(self, now: Ms, info: LinkInfo, record: Record | None) -> None:
        """A fresh link. After a loss it is made only to stop."""
        self.info = info
        self.take(record)
        self.belt, self._at_rest = BeltPicture(now), False
        if record is not None and record.lag is not None:
            self.commanded.lag = record.lag
        self.path.link_up(now)
        if self.lost:
            self.commanded.stopped()

    def take(self, record: Record | None) -> None:
        """From now on the machine is this."""
        self.record = record
        self.ramp.reach, self.ramp.slope = (None, None) if record is None else (record.speed, record.incline)

    def link_down(self) -> None:
        """The link is gone, lost while the belt moved or was not measured still. Nothing may be started any more."""
        may_move = self.may_move or self.awaits  # the hand may have pressed, unseen
        self.path.lost |= may_move and (self.stopping or self.belt.sample is not None)
        self.path.link_down()
        self.info = None
        self.disarm()

    def observe(self, now: Ms, sample: Sample) -> None:
        """Take in a measurement before anything else happens in this step."""
        if self._start.awaits and sample.speed > ZERO:
            self._engage(now)
        self.belt.explained = self.stopping or not self.engaged
        self.belt.observe(sample)
        if self.engaged and self.motion_at is None and sample.speed > ZERO:
            self.motion_at = now
            self._start.over()
        resting = sample.speed <= ZERO and not self.belt.false_zero
        self._at_rest = resting and (self._at_rest or not self.engaged)
        self.commanded.measured(now, sample.speed)
        self.ramp.measured(now, sample.speed)
        self.lookout.measured(now, sample.speed, self.ramp.limit, self.commanded)
        self.heart.machine(now, sample.heart_rate, walking=self.engaged)
        self.incline_unknown &= sample.incline is None or sample.incline != self.ramp.incline

    def status(self, now: Ms, status: MachineStatus) -> bool:
        """A Machine Status notification: safety key, console used, control lost. Whether it undoes a confirm."""
        undone = self._start.undone_by(status.event, self.engaged)
        if undone:
            self.disarm()
        self.lookout.status(now, status.event, self.stopping)
        walking = self.engaged and not self.stopping
        if status.event is StatusEvent.SPEED_CHANGED and status.speed is not None and walking:
            self.ramp.console_set(now, status.speed)
        return undone

    def stop_hung(self, now: Ms) -> None:
        """A stop was not taken in its time: no write can be trusted on this link."""
        if self.info is not None:
            self.path.hung(now)

    def hurts(self) -> None:
        """The person says so."""
        self.lookout.flags.pain = True

    def answered(self, response: Response) -> None:
        """A success to any Stop of this ladder counts, also to one that a later Stop overtook."""
        if self.path.ladder is not None and response.request == Op.STOP_OR_PAUSE:
            self.path.ladder.accepted |= response.ok

    def outcome(self, now: Ms, outcome: Outcome) -> None:
        """The end of a procedure."""
        op, result, ladder = outcome.command.op, outcome.result, self.path.ladder
        if op is Op.REQUEST_CONTROL and ladder is not None:
            ladder.control_answered(now, refused=result is Result.REJECTED)
        elif op is Op.STOP_OR_PAUSE and ladder is not None:
            ladder.accepted |= result is Result.ACCEPTED
            if outcome.code == Code.NOT_PERMITTED:
                ladder.need_control()
            if result is Result.REJECTED and outcome.code is None:
                ladder.turned_away(now)
        elif op is Op.SET_TARGET_SPEED and result is Result.REJECTED:
            self.lookout.flags.control_lost |= outcome.code == Code.NOT_PERMITTED
            self.commanded.take_back(now, CUE_LEAD)
        elif op is Op.SET_TARGET_SPEED and result is Result.UNKNOWN:
            self.commanded.unknown = True
        elif op is Op.SET_TARGET_INCLINATION:
            self.incline_unknown = result is Result.UNKNOWN
            if result is Result.REJECTED:
                self.ramp.take_back_incline()
        elif op is Op.START_OR_RESUME and result is Result.REJECTED:
            self.not_started()
            self._start.turn_down(f"the machine refused to start (result {outcome.code or outcome.why})")

    def host(self, *, late: Ms = 0, overflow: bool = False) -> None:
        """What the shell noticed about its own host."""
        self.lookout.flags.late, self.lookout.flags.overflow = late, self.lookout.flags.overflow or overflow

    def slept(self, now: Ms, gap: Ms) -> None:
        """The host slept: nothing is known of the belt until it is measured anew, and no confirm counts any more."""
        self.lookout.flags.slept = max(self.lookout.flags.slept, gap)
        self.belt, self._at_rest = BeltPicture(now), False
        self.disarm()

    # --- wishes ---------------------------------------------------------------------------------------------------

    def begin_session(self, limits: Limits, *, empty: bool = False) -> None:
        """A new program under these limits, nothing left of an earlier one. `empty`: nobody is on the belt."""
        self.empty = empty
        self.ramp.begin(limits, empty=empty)
        self.heart = Heart()
        self.lookout.forget()

    def arm(self, now: Ms, facing: Facing, client: str) -> str | None:
        """One confirm authorises one Start for this facing. None when armed, else the reason why not."""
        self._start.by, self._start.refused = client, ""
        if (reason := self.arming_refusal(now)) is None:
            self.ramp.facing = facing
            self._start.arm()
        return reason

    def arming_refusal(self, now: Ms) -> str | None:
        """Why nothing may be started now, or None."""
        if self.info is None:
            return REFUSALS["no link"]
        if self.record is None or not (self.record.complete or self.empty):
            return REFUSALS["no record"]
        if not (self.belt.fresh(now) or self._start.awaits) or not self.belt.still(now):
            return REFUSALS["not still"]
        if self.attendance.age(now, self._start.by) > self.attendance.limit:
            return REFUSALS["not attended"]
        if not self.attendance.keyboard(self._start.by):
            return REFUSALS["no keys"]
        if self.stopping or self.lost:
            return REFUSALS["stopping"]
        least = Action.EASE if self._start.awaits else Action.HOLD
        return ", ".join(self.watch.reasons()) if self.watch.worst >= least else None

    @property
    def armed(self) -> bool:
        return self._start.armed

    @property
    def armed_by(self) -> str:
        """The client that confirmed last; it has to attend."""
        return self._start.by

    @property
    def started_at(self) -> Ms | None:
        """When Start was written, until the belt moves."""
        return self._start.written_at

    @property
    def guided(self) -> bool:
        """Nothing obeys here: treadctl tells, a person at the console does, and samples confirm."""
        return self.record is not None and not self.record.control

    @property
    def by_hand(self) -> bool:
        """Start is pressed at the console."""
        return self.guided or (self.record is not None and self.record.remote_start is False)

    @property
    def turned_down(self) -> bool:
        """The machine itself refused the Start of the last confirm."""
        return self._start.turned_down

    @property
    def start_refused(self) -> str:
        """Why the Start of the last confirm was not written or not taken; empty when it was."""
        return self._start.refused

    def level(self) -> bool:
        """Incline is 0 before every start: measured, or set to 0 on a machine that never sends one."""
        incline = self.ramp.incline if self.belt.incline is None else self.belt.incline
        return not incline or (self.ramp.slope is None and not self.guided)

    def disarm(self) -> None:
        """The confirm is used up or withdrawn."""
        self._start.disarm()

    @property
    def awaits(self) -> bool:
        """A hand at the console is waited for."""
        return self._start.awaits

    def start(self) -> None:
        """Wish the one Start that the confirm authorised."""
        self._start.wish()

    def wish(self, speed: Speed, incline: Incline) -> None:
        """The setpoint that stands until the next one."""
        self.ramp.wish(speed, incline)

    def stop(self, now: Ms, wish: StopWish) -> bool:
        """Begin the stop ladder, or go on with it. Never refused while the belt may move; else False."""
        self.disarm()
        if not self.may_move:
            return False
        fresh = self.belt.speed if self.belt.fresh(now) else None
        if self.stopping:
            self.path.again(now, wish, fresh, self.record)
        else:
            came_to_rest = self.motion_at is not None and self.belt.still(now)
            self.path.begin(now, wish, fresh, self.record, writes=not came_to_rest)
            self.stop_failed = False
            self.ramp.forget()
        if self.guided and not wish.planned:
            self.path.call()
        return True

    @property
    def may_move(self) -> bool:
        """Moving, or not known to be at rest: no zero seen yet, or motion since. Silence after rest is no motion."""
        return self.engaged or self.stopping or self.lost or (self.info is not None and not self._at_rest)

    def announce(self, now: Ms, what: str, target: int, id: int) -> None:
        """Utterance `id`, begun now, says that `what` ("speed", "incline") will rise to `target`."""
        self.ramp.said.say(now, what, target, id)

    def heard(self, now: Ms, id: int) -> None:
        """An utterance was heard to its end."""
        self.ramp.said.heard(now, id)

    # --- what is so -----------------------------------------------------------------------------------------------

    @property
    def facing(self) -> Facing | None:
        """Only what the person confirmed at measured standstill; None is unknown."""
        return self.ramp.facing

    @property
    def minimum(self) -> Speed | None:
        return None if self.record is None or self.record.speed is None else self.record.speed.minimum

    @property
    def target(self) -> Speed | None:
        """The speed that is in force, or that a person at the console was told; None while nothing is."""
        if not self.engaged:
            return None
        return self.ramp.wished if self.guided else self.commanded.current

    @property
    def machine_counts(self) -> bool:
        """The machine itself counts down after a Start."""
        return self.record is not None and self.record.counts_itself > 0

    @property
    def stopping(self) -> bool:
        return self.path.ladder is not None

    @property
    def held(self) -> bool:
        """The console made it faster, within the limits: nothing is written until a local resume."""
        return self.engaged and self.ramp.raised is not None

    @property
    def lost(self) -> bool:
        """The link or its samples went while the belt moved: nothing but stopping until it is measured still."""
        return self.path.lost

    def needs_announcement(self, now: Ms) -> tuple[str, int] | None:
        """The rise ("speed" or "incline", and its target) that only waits for its announcement, or None."""
        waiting = self.ramp.unannounced(now)
        return None if waiting is None or self.stopping or self._rise_refusal(now) is not None else waiting

    def running(self, now: Ms) -> bool:
        """The belt is measured moving, as fast as somebody here wanted, and nobody stops it: walking time runs."""
        moving = self.engaged and self.belt.state(now) is Belt.MOVING
        return moving and not self.stopping and not self.held

    def holding(self, now: Ms) -> bool:
        """The time after a start in which the belt stays at its minimum (before the first motion, too)."""
        return self.engaged and (self.motion_at is None or now - self.motion_at < hold_ms(self.ramp.facing))

    def at_minimum(self, now: Ms) -> bool:
        """Commanded to the minimum and measured there, or given up on after the recorded lag and 2 s."""
        current, minimum = self.commanded.current, self.minimum
        if current is None or minimum is None or current > minimum:
            return False
        near = self.belt.speed is not None and self.belt.speed <= minimum + 10
        return near or now - self.commanded.at > self.commanded.lag + 2000

    def start_overdue(self, now: Ms) -> bool:
        """Nothing moved in 15 s after Start, and the belt is measured still."""
        return self._start.overdue(now) and self.belt.still(now)

    def not_started(self) -> None:
        """Nothing moved after Start: disarm and write nothing. Motion from now on is a ghost start."""
        self.engaged = False
        self.disarm()
        self._start.over()
        self.commanded.stopped()

    # --- watching -------------------------------------------------------------------------------------------------

    def look(self, now: Ms) -> list[Fault]:
        """Evaluate the faults table; begin the ladder for STOP and above. The faults that began, worst first."""
        self.lookout.flags.awaits = self.awaits
        begun = self.watch.step(now, self.lookout.view(now, self))
        for fault in begun:
            self._at_rest &= fault.name != "samples lost"
            if fault.action >= Action.STOP and not self.path.looking:
                self.stop(now, StopWish(fault.name, control_lost=fault.name == "control lost"))
            if fault.name in ("link lost", "samples lost"):
                self.path.lose(now, linked=self.info is not None)
            if fault.name == "not as commanded":
                self.ramp.adopt_console(now, self.belt.speed)
        self.lookout.flags.forget()
        return begun

    # --- deciding -------------------------------------------------------------------------------------------------

    def decide(self, now: Ms, busy: bool) -> Decision:
        """At most one command. `busy`: a procedure is outstanding, and only a stop may pre-empt it."""
        self._settle(now)
        due = self.path.due(now, self.belt, self.record, self.info is not None, may_write=not self.guided)
        if self.stopping:
            return Decision(next(map(self._rung, due), None), Due.CALL_KEY in due, Due.RELINK in due)
        if busy or self.lost or self.info is None:
            return NOTHING
        if self._start.takes_control() and not self.guided:
            return Decision(Cleared(Op.REQUEST_CONTROL, encode_request_control(), "confirmed"))
        cleared = self._decide_step(now) if self.engaged else self._decide_start(now)
        return NOTHING if cleared is None else Decision(cleared)

    def _settle(self, now: Ms) -> None:
        """Measured still ends a stop: nothing is in force any more. After an unplanned one the facing is unknown."""
        ladder = self.path.settle(now, self.belt, self.info is not None)
        if ladder is None:
            return
        self.stop_failed, self.paused = ladder.failed, ladder.wish.pause
        self._start.over()
        self.engaged, self.motion_at, self._at_rest = False, None, True
        self.ramp.at_rest()
        if not ladder.wish.planned or ladder.failed:
            self.ramp.facing = None

    def _rung(self, due: Due) -> Cleared | None:
        """The command of one rung; each may pre-empt whatever is outstanding."""
        match due:
            case Due.CONTROL:
                return Cleared(Op.REQUEST_CONTROL, encode_request_control(), "to stop", urgent=True)
            case Due.STOP if self.path.pauses:
                return Cleared(Op.STOP_OR_PAUSE, encode_pause(), "does Pause stop it", urgent=True)
            case Due.STOP:
                return Cleared(Op.STOP_OR_PAUSE, encode_stop(), "stop", urgent=True)
            case Due.PAUSE:
                return Cleared(Op.STOP_OR_PAUSE, encode_pause(), "stop failed: pause", urgent=True)
            case Due.RESET:
                return Cleared(Op.RESET, encode_reset(), "stop failed: reset", urgent=True)
            case Due.SLOWEST if self.ramp.reach is not None:
                lowest = encode_speed(self.ramp.reach.minimum, self.ramp.reach)
                return Cleared(Op.SET_TARGET_SPEED, lowest, "stop failed: lowest speed", urgent=True)
            case _:
                return None

    def _decide_start(self, now: Ms) -> Cleared | None:
        """The one Start of a confirm: belt measured still, sample fresh, incline level, the client attending."""
        if not self._start.armed:
            return None
        if not self._start.awaits and not self.level():
            # Written after the confirm and before Start, at most once in 5 s, and waited for.
            due = not self.guided and now - self.ramp.incline_at >= LEVEL_AGAIN
            return self._set_incline(now, InclineStep(Incline(0), "level before the start")) if due else None
        if not self._start.wished:
            return None
        self._start.refused = self.arming_refusal(now) or ""
        if self.by_hand and not self._start.refused:
            self._start.await_hand(now)
            return None
        self.disarm()
        if self._start.refused:
            return None
        self._engage(now)
        self._start.written(now)
        return Cleared(Op.START_OR_RESUME, encode_start(), "confirmed")

    def _engage(self, now: Ms) -> None:
        """Start is written, or the belt came to the hand at the console that a confirm let press it."""
        assert self.record is not None
        self.disarm()
        self.engaged, self.motion_at = True, None
        self.ramp.incline, self.incline_unknown = Incline(0), False
        if self.record.start_speed is not None and not self.guided:
            self.commanded.started(now, self.record.start_speed)

    def _decide_step(self, now: Ms) -> Cleared | None:
        """The next step of the ramp, once the belt is in motion."""
        step = None if self.motion_at is None else self.ramp.next(now, self._rise_refusal(now))
        match step:
            case SpeedStep():
                return self._set_speed(now, step)
            case InclineStep():
                return self._set_incline(now, step)
            case None:
                return None

    def _rise_refusal(self, now: Ms) -> str | None:
        """What forbids any rise now, of speed or incline."""
        if not self.belt.steady(now):
            return "the last sample is too old"
        if self.commanded.unknown or self.incline_unknown:
            return "the last command was not answered"
        if self.holding(now):
            return "the belt has just started"
        return ", ".join(self.watch.reasons()) if self.watch.worst >= Action.HOLD else None

    def _set_speed(self, now: Ms, step: SpeedStep) -> Cleared | None:
        """The last check in production: a speed outside the limits stops the belt instead of being written."""
        reach = self.ramp.reach
        assert reach is not None
        settable = Speed(snap_down(step.speed, reach.minimum, reach.increment))
        if not reach.minimum <= settable <= max(self.ramp.limit, reach.minimum):
            self.stop(now, StopWish("a limit would have been broken"))
            self.lookout.flags.limit_broken = True
            return None
        self.commanded.write(now, settable)
        return Cleared(Op.SET_TARGET_SPEED, encode_speed(settable, reach), step.why)

    def _set_incline(self, now: Ms, step: InclineStep) -> Cleared:
        assert self.ramp.slope is not None
        self.ramp.set_incline(now, step.incline)
        return Cleared(Op.SET_TARGET_INCLINATION, encode_incline(step.incline, self.ramp.slope), step.why)

    # --- time -----------------------------------------------------------------------------------------------------

    def deadline(self, now: Ms) -> Ms | None:
        """When silence, attendance, a rung or the next step of a ramp is due."""
        times = [self.belt.deadline(), self.watch.deadline(now), self._start.deadline(), *self.path.times()]
        if self.engaged:
            times.extend((*self.ramp.times(), self.heart.deadline(), self.attendance.lapses(self._start.by)))
        if self.engaged and self.motion_at is not None:
            times.append(self.motion_at + hold_ms(self.facing))
        return soonest(now, *times)

    def state(self, now: Ms) -> Belt:
        """What may be said of the belt: STILL only when measured, and no Start waits for its motion."""
        waiting = self._start.awaits or (self.engaged and self.motion_at is None)
        measured = self.belt.state(now)
        return Belt.UNKNOWN if waiting and measured is Belt.STILL else measured
