"""The ramp: from what is wished to the next single step of speed or incline.

A setpoint passes every limit, the smallest wins and its reason is kept. A rise needs its announcement heard, a settled
first speed, and nothing that speaks against it; it is never kept for later. Speed and incline never change in the same
step: speed first. This module proposes; only the Supervisor makes a command of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from treadctl.model.limits import Limits, step_up
from treadctl.model.machine import InclineRange, SpeedRange
from treadctl.model.program import Facing
from treadctl.model.units import Incline, Ms, Speed, snap_down

from .announcements import Announcements
from .commanded import CHANGED, FIRST_SPEED, FIRST_SPEED_MAX, SETTLED, TOLERANCE, Commanded

RISE_EVERY: Ms = 1000
STEP_DOWN = 20
FALL_EVERY = {Facing.FORWARD: 400, Facing.BACKWARD: 667}
"""Steps of 0.2 km/h: 0.5 km/h per s forward, 0.3 backward (chosen)."""
INCLINE_UP_MS = {Facing.FORWARD: 1000, Facing.BACKWARD: 2000}
"""Per 0.1 %: 1 % in 10 s forward, 20 s backward."""
INCLINE_DOWN_MS = 500
LEVEL_AGAIN: Ms = 5_000


@dataclass(frozen=True, slots=True)
class SpeedStep:
    """The next target speed, and why."""

    speed: Speed
    why: str


@dataclass(frozen=True, slots=True)
class InclineStep:
    """The next target incline, and why."""

    incline: Incline
    why: str


class Ramp:
    """Wish, ceilings, announcements and what was commanded. An unknown facing has the limits of backward."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.facing: Facing | None = None
        self.reach: SpeedRange | None = None
        self.slope: InclineRange | None = None
        self.commanded = Commanded()
        self.incline = Incline(0)
        self.incline_at: Ms = -1_000_000
        self._incline_before = Incline(0)
        self.said = Announcements()
        self.lowered = ""
        self.refused = ""
        self._wish: tuple[Speed, Incline] | None = None
        self._ceilings: dict[Facing, Speed] = {}
        self._empty = False
        self._doubt: tuple[Ms, Speed] | None = None
        self.raised: Speed | None = None

    @property
    def wished(self) -> Speed | None:
        """The speed that the program wants, under no limit but its own."""
        return None if self._wish is None else self._wish[0]

    @property
    def way(self) -> Facing:
        return self.facing or Facing.BACKWARD

    def wish(self, speed: Speed, incline: Incline) -> None:
        """The setpoint that stands until the next one."""
        self._wish = (speed, incline)

    def forget(self) -> None:
        """Nothing is wished any more."""
        self._wish = None

    def at_rest(self) -> None:
        """Measured still: nothing is wished, announced or in force."""
        self._wish = self.raised = self._doubt = None
        self.commanded.stopped()
        self.said.clear()

    def begin(self, limits: Limits, *, empty: bool = False) -> None:
        """A new session: the facing is unknown, nothing is eased, and the first speed has to be met again."""
        self.limits, self.facing, self._empty = limits, None, empty
        self.commanded.forget_first()
        self.lift_ceilings()

    # --- ceilings -----------------------------------------------------------------------------------------------------

    @property
    def ceiling(self) -> Speed | None:
        return self._ceilings.get(self.facing) if self._ceilings and self.facing is not None else None

    def lower_ceiling(self, by: int) -> bool:
        """An ease: a lower ceiling for this facing. False when that would be under the machine's minimum."""
        current = self.commanded.current
        if current is None or self.reach is None or self.facing is None or current - by < self.reach.minimum:
            return False
        self._ceilings[self.facing] = Speed(current - by)
        self.release()
        return True

    def console_set(self, now: Ms, speed: Speed) -> None:
        """The machine says its target was set: what is none of ours came from the console, or from somebody else."""
        current, reach = self.commanded.current, self.reach
        if current is None or reach is None or not speed:  # 0 is a stop, and told as one
            return
        if self.commanded.recently(now, speed, reach.increment):
            self._doubt = (now, speed) if speed < current else None
            return
        ours = (self.target() or 0) if self.raised else self.commanded.in_force(now)[1]
        if speed > ours + TOLERANCE:
            self.raised = speed
            if self.raised_within:
                self.commanded.adopt(now, speed)
        elif speed < current:
            self.release()
            self._adopt(now, speed)

    def measured(self, now: Ms, speed: Speed) -> None:
        """A lower target told just after ours was a late echo of it, or a hand at the console: the belt decides."""
        if self._doubt is None or now - self._doubt[0] <= self.commanded.lag + SETTLED:
            return
        told, self._doubt = self._doubt[1], None
        if speed <= told + CHANGED:
            self.release()
            self._adopt(now, told)

    @property
    def raised_within(self) -> bool:
        """The console raised the speed where the walker sees it, and within the limits: it holds until a resume."""
        facing_it = self.raised is not None and self.facing is Facing.FORWARD
        return facing_it and (self.raised or 0) <= self.limits.speed(Facing.FORWARD).value

    def adopt_console(self, now: Ms, speed: Speed | None) -> None:
        """Slower than commanded for a while: the person slowed it."""
        if speed is not None and self.commanded.off(now, speed) < 0:
            self._adopt(now, speed)

    def _adopt(self, now: Ms, speed: Speed) -> None:
        """The console's lower speed is the ceiling until a local resume; nothing is written."""
        if self.facing is None or self.reach is None:
            return
        slower = Speed(max(self.reach.minimum, snap_down(speed, self.reach.minimum, self.reach.increment)))
        self._ceilings[self.facing] = slower
        self.commanded.adopt(now, slower)

    def release(self) -> None:
        """Somebody here wants it slower: the console's higher speed does not stand any more."""
        self.raised = None

    def lift_ceilings(self) -> None:
        """A local resume. What was announced before is announced anew."""
        self._ceilings.clear()
        self.release()
        self.said.clear()

    # --- speed --------------------------------------------------------------------------------------------------------

    @property
    def limit(self) -> int:
        """The highest speed this way, in 0.01 km/h."""
        return self.limits.speed(self.way).value

    def target(self) -> int | None:
        """What the wish comes to under every limit, snapped down; `lowered` keeps the reason."""
        if self._wish is None or self.reach is None:
            return None
        value, why, limit, ceiling = int(self._wish[0]), "", self.limits.speed(self.way), self.ceiling
        minimum = self.reach.minimum
        if limit.value < value:
            value, why = limit.value, limit.reason
        if ceiling is not None and ceiling < value:
            value, why = ceiling, "eased; resume lifts it"
        if not self.commanded.first_met and value > (first := self._first(self.reach)):
            value, why = first, "the first speed is not met yet"
        self.lowered = why
        return minimum if value <= minimum else snap_down(value, minimum, self.reach.increment)

    def _first(self, reach: SpeedRange) -> int:
        """The first speed to be met: 0.8 km/h, or the next that can be set, up to 1.0; else the machine's lowest."""
        steps = max(0, -(-(FIRST_SPEED - reach.minimum) // reach.increment))
        first = reach.minimum + steps * reach.increment
        return first if first <= FIRST_SPEED_MAX else reach.minimum

    def unannounced(self, now: Ms) -> tuple[str, int] | None:
        """What rises next ("speed", "incline") and to where, if that was not announced (any more), else None."""
        current = self.commanded.current
        if current is None or not self.commanded.written or (target := self.target()) is None:
            return None
        what, goal = ("speed", target) if target > current else ("incline", self._slope_target())
        if what == "incline" and (goal <= self.incline or target < current):
            return None
        return None if self.said.covers(now, what, goal) or self.said.pending(now, what, goal) else (what, goal)

    def next(self, now: Ms, against: str | None) -> SpeedStep | InclineStep | None:
        """The step that is due now. `against`: what forbids any rise; it forbids nothing else but after a console's."""
        if self.raised is not None:
            return None
        return self._speed(now, against) or self._incline(now, against)

    def _speed(self, now: Ms, against: str | None) -> SpeedStep | None:
        target, current = self.target(), self.commanded.current
        if target is None or current is None or self.reach is None:
            return None
        if not self.commanded.written:
            return SpeedStep(self.reach.minimum, "hold at the minimum")
        if target > current:
            return self._rise(now, target, current, self.reach.increment, against)
        if target < current:
            return self._fall(now, target, current, self.reach.increment)
        return None

    def _fall(self, now: Ms, target: int, current: int, increment: int) -> SpeedStep | None:
        """One step down."""
        step, wait = self._fall_step(increment)
        return SpeedStep(Speed(max(target, current - step)), "fall") if now - self.commanded.at >= wait else None

    def _fall_step(self, increment: int) -> tuple[int, Ms]:
        """The step in 0.01 km/h, before it is snapped down, and its spacing: as gentle on a coarser machine."""
        step = STEP_DOWN // increment * increment or STEP_DOWN
        return step, FALL_EVERY[self.way] * max(increment, STEP_DOWN) // STEP_DOWN

    def _rise(self, now: Ms, target: int, current: int, increment: int, against: str | None) -> SpeedStep | None:
        """One step up, if nothing at all speaks against it."""
        # An empty belt is told the whole rise: how steeply the machine itself ramps can be seen in no other way.
        step, wait = (target - current, RISE_EVERY) if self._empty else self._rise_step(increment)
        if self._doubt is not None:
            against = against or "the console may have slowed it"
        self.refused = against or ("" if self.said.covers(now, "speed", target) else "not announced")
        if self.refused or now - self.commanded.at < wait:
            return None
        self.said.goes_on(now, "speed", wait)
        return SpeedStep(Speed(min(target, current + step)), "rise")

    def _rise_step(self, increment: int) -> tuple[int, Ms]:
        """The step in 0.01 km/h and its spacing: a coarser machine steps once in the time its increment is worth."""
        most = step_up(self.way, self.limits.level)
        if increment > most:
            return increment, -(-increment * RISE_EVERY // most)
        return most // increment * increment, RISE_EVERY

    # --- incline ------------------------------------------------------------------------------------------------------

    def _incline(self, now: Ms, against: str | None) -> InclineStep | None:
        """One step of the machine at a time, up only when the speed has settled."""
        if self._wish is None or self.slope is None or not self.commanded.written:
            return None
        target, step, since = self._slope_target(), self.slope.increment, now - self.incline_at
        if target < self.incline and since >= step * INCLINE_DOWN_MS:
            return InclineStep(Incline(max(target, self.incline - step)), "less incline")
        if target > self.incline and since >= step * INCLINE_UP_MS[self.way]:
            return self._climb(now, target, step, against)
        return None

    def _slope_target(self) -> int:
        """The wished incline under its limit, on the machine's grid; what it is now where nothing may be set."""
        if self._wish is None or self.slope is None:
            return self.incline
        wished = min(self._wish[1], self.limits.incline(self.way).value)
        return snap_down(wished, self.slope.minimum, self.slope.increment)

    def _climb(self, now: Ms, target: int, step: int, against: str | None) -> InclineStep | None:
        settled = self.commanded.current == self.target() and now - self.commanded.at >= RISE_EVERY
        if not settled or against or not self.said.covers(now, "incline", target):
            return None
        self.said.goes_on(now, "incline", step * INCLINE_UP_MS[self.way])
        return InclineStep(Incline(min(target, self.incline + step)), "more incline")

    def set_incline(self, now: Ms, incline: Incline) -> None:
        """A target incline was written."""
        self._incline_before, self.incline, self.incline_at = self.incline, incline, now

    def take_back_incline(self) -> None:
        """It was rejected: the one before it is in force."""
        self.incline = self._incline_before

    # --- time ---------------------------------------------------------------------------------------------------------

    def times(self) -> list[Ms | None]:
        """When the next step of speed may be due."""
        target, current = self.target(), self.commanded.current
        if target is None or current is None or self.reach is None or target == current or self.raised is not None:
            return []
        if target < current:
            return [self.commanded.at + self._fall_step(self.reach.increment)[1]]
        return [self.commanded.at + RISE_EVERY, self.said.lead_over("speed")]
