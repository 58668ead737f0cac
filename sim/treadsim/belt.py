"""The physics of one treadmill: a belt and an incline motor that take time to do what they are told.

Between two events everything is linear, so the belt is integrated exactly and only when somebody asks: `advance(now)`.
It knows no Bluetooth; what a console would show or report is told as `News`. Speeds are true belt speeds in 0.01 km/h
(a float while the belt ramps), inclines 0.1 %, times ms.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

from treadctl.files.habits import Habit
from treadctl.files.quirks import Quirk
from treadctl.model.units import NEVER, Incline, Ms, Speed

CONSOLE_STEP = 20
"""One press of the console's plus key, 0.01 km/h; chosen: consoles step 0.1 to 0.5 km/h."""
METRES_PER_MS = 1 / 360_000
"""0.01 km/h is so many metres a millisecond."""
WALKER_KG = 70
"""For the machine's own energy estimate (ACSM walking equation); consoles assume a weight like this."""


class Cause(Enum):
    """Who made the belt do it."""

    COMMAND = "command"
    CONSOLE = "console"
    KEY = "key"
    TIMER = "timer"
    ITSELF = "itself"


class Button(Enum):
    """The console's keys."""

    START = "start"
    STOP = "stop"
    FASTER = "faster"
    SLOWER = "slower"


class Did(Enum):
    """What happened to the machine, as its status tells it."""

    STARTED = "started"
    STOPPED = "stopped"
    PAUSED = "paused"
    KEY_PULLED = "key pulled"
    SPEED = "speed"
    INCLINE = "incline"


@dataclass(frozen=True, slots=True)
class Change:
    """A ramp begins: the belt is on its way from `before` to `after`, 0.01 km/h."""

    at: Ms
    before: int
    after: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class News:
    """Something a status notification would report; `value` is the new speed or incline target."""

    at: Ms
    did: Did
    cause: Cause
    value: int = 0


@dataclass(frozen=True, slots=True)
class _Order:
    due: Ms
    goal: int
    cause: Cause


class Belt:
    """One belt. Call `advance` or any method with a `now` that never goes back."""

    def __init__(self, quirk: Quirk) -> None:
        self._quirk = quirk
        self._now: Ms = 0
        self._orders: deque[_Order] = deque()
        self._counting_until: Ms | None = None
        self._running_since: Ms | None = None
        self._drifts_at: Ms | None = None
        self._last_goal = 0
        self._cause = Cause.COMMAND
        self.speed = 0.0
        self.goal = 0
        self.incline = 0.0
        self.incline_goal = 0
        self.distance_m = 0.0
        self.energy_kcal = 0.0
        self.elapsed_ms = 0.0
        self.climbed_m = 0.0
        self.started = False
        self.paused = False
        self.key_in = True
        self.resumes = quirk.has(Habit.RESUMES_SPEED)
        self.braking: float = quirk.braking
        self.floor = 0
        """A belt that creeps does not get slower than this."""
        self.changes: deque[Change] = deque(maxlen=1000)
        self.news: deque[News] = deque(maxlen=100)

    @property
    def moving(self) -> bool:
        return self.speed > 0

    @property
    def stopped_from(self) -> int:
        """The speed that was wished when it was last told to stop."""
        return self._last_goal

    @property
    def counting(self) -> bool:
        """The console counts down to its own start."""
        return self._counting_until is not None

    # --- what it is told ---------------------------------------------------------------------------------------------

    def start(self, now: Ms, cause: Cause) -> None:
        """Begin the countdown to motion. Without its key, or when it has been started already, nothing happens."""
        self.advance(now)
        if self.started or not self.key_in:
            return
        self.started, self.paused = True, False
        self._counting_until, self._cause = now + self._quirk.start_delay, cause
        self._tell(Did.STARTED, cause)

    def stop(self, now: Ms, cause: Cause, pause: bool = False) -> None:
        """Brake to zero, after the command lag if it was a command. Ends a countdown at once."""
        self.advance(now)
        self._halt(cause, pause)

    def _halt(self, cause: Cause, pause: bool = False) -> None:
        if not self.started:
            self.paused = pause and self.paused
            return
        self.started, self.paused = False, pause
        self._last_goal = self._wished()
        self._tell(Did.PAUSED if pause else Did.STOPPED, cause)
        if self._counting_until is not None:
            self._counting_until = None
            return
        self._order(0, cause)

    def set_speed(self, now: Ms, speed: int, cause: Cause) -> None:
        """Go to this true speed. Only a started belt obeys."""
        self.advance(now)
        if self.started and not self.counting:
            self._order(speed, cause)
            if self._quirk.drifts_after and cause is Cause.COMMAND:
                self._drifts_at = self._now + self._quirk.lag + self._quirk.drifts_after
            self._tell(Did.SPEED, cause, speed)

    def set_incline(self, now: Ms, incline: Incline, cause: Cause) -> None:
        """Tilt the deck; the motor begins at once, also at standstill."""
        self.advance(now)
        self.incline_goal = int(incline)
        self._tell(Did.INCLINE, cause, incline)

    def press(self, now: Ms, button: Button) -> None:
        """A hand on the console."""
        match button:
            case Button.START:
                self.start(now, Cause.CONSOLE)
            case Button.STOP:
                self.stop(now, Cause.CONSOLE)
            case Button.FASTER | Button.SLOWER:
                self.nudge(now, CONSOLE_STEP if button is Button.FASTER else -CONSOLE_STEP)

    def nudge(self, now: Ms, step: int) -> None:
        """The console's plus and minus keys, by this much."""
        self.advance(now)
        speed = max(self._quirk.speed.minimum, min(self._quirk.speed.maximum, self._wished() + step))
        self.set_speed(now, speed, Cause.CONSOLE)

    def pull_key(self, now: Ms) -> None:
        """The safety key: everything pending is void and the belt brakes at once."""
        self.advance(now)
        self.key_in = self.started = self.paused = False
        self._counting_until = None
        self._last_goal = 0
        self._orders.clear()
        self._ramp(0, Cause.KEY)
        self._tell(Did.KEY_PULLED, Cause.KEY)

    def insert_key(self, now: Ms) -> None:
        self.advance(now)
        self.key_in = True

    def run_away(self, now: Ms, speed: Speed) -> None:
        """Move without being told: the ghost start and the jump that some machines have shown."""
        self.advance(now)
        self.started = True
        self._counting_until = None
        self._orders.clear()
        self._ramp(int(speed), Cause.ITSELF)

    def reset(self, now: Ms) -> None:
        """FTMS Reset: targets to 0, time to 0."""
        self.stop(now, Cause.COMMAND)
        self.incline_goal, self._last_goal, self.elapsed_ms = 0, 0, 0.0

    # --- what it does ------------------------------------------------------------------------------------------------

    def _wished(self) -> int:
        return self._orders[-1].goal if self._orders else self.goal

    def _order(self, goal: int, cause: Cause) -> None:
        """Commands arrive after the lag, and in order; a hand on the console acts at once and voids what is pending."""
        if cause is Cause.COMMAND:
            self._orders.append(_Order(self._now + self._quirk.lag, goal, cause))
        else:
            self._orders.clear()
            self._ramp(goal, cause)

    def _ramp(self, goal: int, cause: Cause) -> None:
        if goal != self.goal:
            self.changes.append(Change(self._now, round(self.speed), goal, cause))
        if goal > 0 and self._running_since is None:
            self._running_since = self._now
        elif goal == 0:
            self._running_since = self._drifts_at = None
        self.goal = goal

    def _tell(self, did: Did, cause: Cause, value: int = 0) -> None:
        self.news.append(News(self._now, did, cause, value))

    def deadline(self) -> Ms:
        """When it next does something of its own accord."""
        due = self._orders[0].due if self._orders else NEVER
        if self._counting_until is not None:
            due = min(due, self._counting_until)
        if self._running_since is not None and self._quirk.timer:
            due = min(due, self._running_since + self._quirk.timer)
        return due if self._drifts_at is None else min(due, self._drifts_at)

    def advance(self, now: Ms) -> None:
        """Let time pass until `now`."""
        while (due := self.deadline()) <= now:
            if due > self._now:
                self._glide(due)
            self._happen(due)
        if now > self._now:
            self._glide(now)

    def _happen(self, due: Ms) -> None:
        if self._counting_until == due:
            self._counting_until = None
            resumed = self._last_goal if self.resumes else 0
            self._ramp(resumed or int(self._quirk.start_speed), self._cause)
        elif self._orders and self._orders[0].due == due:
            order = self._orders.popleft()
            self._ramp(order.goal, order.cause)
        elif self._drifts_at == due:
            self._drifts_at = None
            self._ramp(int(self._quirk.drifts_to), Cause.ITSELF)
        else:
            self._halt(Cause.TIMER)

    def _glide(self, to: Ms) -> None:
        if not self.speed and not self.goal and self.incline == self.incline_goal:
            self._now = to
            return
        span, before = to - self._now, self.speed
        goal = max(self.goal, min(self.floor, before)) if self.floor else self.goal
        rate = (self._quirk.acceleration if goal > before else self.braking) / 1000
        ramp = min(span, abs(goal - before) / rate)
        self.speed = goal if ramp < span else before + rate * ramp * (1 if goal > before else -1)
        metres = ((before + self.speed) / 2 * ramp + self.speed * (span - ramp)) * METRES_PER_MS
        if self.incline != self.incline_goal:
            self._tilt(span)
        if metres > 0:
            self._count(span if self.speed > 0 else ramp, metres)
        self._now = to

    def _tilt(self, span: float) -> None:
        reach = self._quirk.incline_rate * span / 1000
        away = self.incline_goal - self.incline
        self.incline = self.incline_goal if abs(away) <= reach else self.incline + (reach if away > 0 else -reach)

    def _count(self, span: float, metres: float) -> None:
        grade = self.incline / 1000
        self.distance_m += metres
        self.climbed_m += metres * max(0.0, grade)
        self.elapsed_ms += span
        oxygen = 3.5 * span / 60_000 + (0.1 + 1.8 * grade) * metres
        self.energy_kcal += oxygen * WALKER_KG / 200
