"""The machine's Control Point: what becomes of a request, by the standard's rules and by the machine's own habits.

Results and the belt only; octets, answers and their time are the peripheral's. A habit stands where the rule it breaks
stands.
"""

from __future__ import annotations

from collections.abc import Callable

from treadctl.files.habits import Habit
from treadctl.files.quirks import Answers, Quirk
from treadctl.ftms.control_point import Op, Request, Result, StopKind
from treadctl.model.units import Incline, Ms, snap_down

from .belt import Belt, Cause
from .mischief import Mischief
from .telemetry import MILE

KEPT_ALIVE: Ms = 1000
"""A TRX3500 wants Start every second."""
WHOLE = 10
"""A whole percent in 0.1 %."""


class ControlPoint:
    """What a machine does with requests. `hangs_up` is set when one makes it drop the link."""

    def __init__(self, quirk: Quirk, belt: Belt, mischief: Mischief) -> None:
        self._quirk, self._belt, self._mischief = quirk, belt, mischief
        self._procedures: dict[int, Callable[[Ms, Request], Result]] = {
            Op.RESET: self._reset, Op.SET_TARGET_SPEED: self._speed, Op.SET_TARGET_INCLINATION: self._incline,
            Op.START_OR_RESUME: self._start, Op.STOP_OR_PAUSE: self._stop,
        }
        self._started_at: Ms = -KEPT_ALIVE
        self._stops = 0
        self.begin()

    def begin(self) -> None:
        """A new link: nobody has permission."""
        self.permitted = self.hangs_up = False
        self._requests = 0
        self._heard_at: Ms | None = None

    def hears(self, now: Ms) -> bool:
        """Whether a write that comes now is heard at all."""
        early = self._heard_at is not None and now - self._heard_at < self._quirk.commands_apart
        self._heard_at = now
        return not early and not self._quirk.has(Habit.SILENT_UNTIL_UNLOCKED)

    def answers(self, request: Request, result: Result) -> bool:
        """Whether an answer is sent. A first refusal of control comes even from a machine that answers nothing else."""
        quirk = self._quirk
        if request.op == Op.REQUEST_CONTROL and quirk.has(Habit.CONTROL_REFUSED_FIRST) and result is Result.FAILED:
            return True
        if request.op == Op.REQUEST_CONTROL and quirk.has(Habit.CONTROL_UNANSWERED):
            return False
        silent = result is Result.NOT_PERMITTED and quirk.has(Habit.SILENT_WITHOUT_CONTROL)
        return quirk.answers is not Answers.STATUS and not silent

    def judge(self, now: Ms, request: Request) -> Result:
        """Carry the request out, or say why not."""
        if request.op == Op.REQUEST_CONTROL:
            return self._control(now, request)
        if not self.permitted:
            return Result.NOT_PERMITTED
        procedure = self._procedures.get(request.op)
        if procedure is None:
            return Result.NOT_SUPPORTED
        if request.malformed:
            return Result.INVALID_PARAMETER
        if request.op == Op.START_OR_RESUME:
            self._started_at = now
        return Result.SUCCESS if self._locked(now) else procedure(now, request)

    def _locked(self, now: Ms) -> bool:
        """Whether success is all that comes of it."""
        asleep = self._quirk.has(Habit.NEEDS_KEEP_ALIVE) and now - self._started_at >= KEPT_ALIVE
        return asleep or self._quirk.has(Habit.NO_EFFECT, Habit.NEEDS_UNLOCK)

    def _control(self, now: Ms, request: Request) -> Result:
        self._requests += 1
        first = self._requests == 1
        self.permitted = not (first and self._quirk.has(Habit.CONTROL_TWICE))
        if self._mischief.active(now, "machine.starts_on_control"):
            self._belt.run_away(now, self._quirk.start_speed)
        if first and self._quirk.has(Habit.CONTROL_REFUSED_FIRST):
            return Result.FAILED
        return Result.INVALID_PARAMETER if request.malformed else Result.SUCCESS

    def _speed(self, now: Ms, request: Request) -> Result:
        span, speed, belt = self._quirk.speed, request.speed, self._belt
        if speed is None or not span.minimum <= speed <= span.maximum:
            return Result.INVALID_PARAMETER
        if belt.started and not belt.moving and self._quirk.has(Habit.SPIN_UP_DROPS_LINK):
            self.hangs_up = True
        if not belt.started or belt.counting:
            return Result.FAILED
        target = self._mischief.target(now, snap_down(speed, span.minimum, span.increment))
        if self._quirk.has(Habit.ONLY_FASTER):
            target = max(target, round(belt.speed))
        mph = self._quirk.has(Habit.TARGET_IN_MPH) or self._mischief.active(now, "machine.mph")
        belt.set_speed(now, round(target * MILE) if mph else target, Cause.COMMAND)
        return Result.SUCCESS

    def _incline(self, now: Ms, request: Request) -> Result:
        span, incline, quirk = self._quirk.incline, request.incline, self._quirk
        if quirk.has(Habit.INCLINE_FAILS) or (quirk.has(Habit.INCLINE_ONLY_RUNNING) and not self._belt.started):
            return Result.FAILED
        if span is None:
            return Result.NOT_SUPPORTED
        fraction = incline is not None and incline % WHOLE and quirk.has(Habit.INCLINE_WHOLE)
        if incline is None or fraction or not span.minimum <= incline <= span.maximum:
            return Result.INVALID_PARAMETER
        self._belt.set_incline(now, Incline(snap_down(incline, span.minimum, span.increment)), Cause.COMMAND)
        if quirk.has(Habit.INCLINE_STOPS_BELT):
            self._belt.stop(now, Cause.COMMAND)
        return Result.SUCCESS

    def _toggles(self, now: Ms) -> bool:
        return self._mischief.active(now, "machine.toggles") is not None

    def _start(self, now: Ms, _request: Request) -> Result:
        if self._belt.started or self._belt.moving:
            if self._quirk.has(Habit.START_TOGGLES) or self._toggles(now):
                self._belt.stop(now, Cause.COMMAND)
                return Result.SUCCESS
            return Result.FAILED
        if self._quirk.has(Habit.START_REFUSED) or not self._belt.key_in:
            return Result.FAILED
        if not self._quirk.has(Habit.START_WITHOUT_MOTION):
            self._belt.start(now, Cause.COMMAND)
        return Result.SUCCESS

    def _stop(self, now: Ms, request: Request) -> Result:
        pause, belt, quirk = request.stop is StopKind.PAUSE, self._belt, self._quirk
        if pause and quirk.has(Habit.NO_PAUSE):
            return Result.NOT_SUPPORTED
        stopped = not (belt.started or belt.moving)
        ends_pause = belt.paused and not pause
        if (stopped and self._toggles(now)) or (ends_pause and quirk.has(Habit.STOP_STARTS_PAUSED)):
            belt.start(now, Cause.COMMAND)
            return Result.SUCCESS
        if not quirk.has(Habit.STOP_WITHOUT_EFFECT):
            belt.stop(now, Cause.COMMAND, pause=pause)
        self._stops += 1
        if quirk.has(Habit.STOP_ANSWER_VARIES):
            return Result.FAILED if self._stops % 2 == 0 else Result.SUCCESS
        return Result.FAILED if stopped and not ends_pause and not quirk.has(Habit.START_TOGGLES) else Result.SUCCESS

    def _reset(self, now: Ms, _request: Request) -> Result:
        if not self._quirk.has(Habit.STOP_WITHOUT_EFFECT):
            self._belt.reset(now)
        self.permitted = False
        return Result.SUCCESS
