"""The Supervisor's lookout: puts together one moment as the rows of the faults table look at it.

It counts and remembers what one sample alone does not show. It judges nothing and commands nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from treadctl.ftms.codec import StatusEvent
from treadctl.model.api import Belt
from treadctl.model.program import Facing
from treadctl.model.units import Ms, Speed

from .commanded import Commanded
from .faults import View, Watch
from .pages import Pages

if TYPE_CHECKING:
    from .supervisor import Supervisor

CONSOLE_JUST: Ms = 5_000
"""Chosen: motion this soon after a status of the console was made there."""
OVER = 20
"""0.2 km/h above a limit, or above the recorded start speed, is too fast."""
MARGIN = 30
START_BACKWARD_MAX = 120


class Lookout:
    """Kept by the Supervisor. `flags` holds what happened since the last look; `mute`: nobody hears the voice."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.flags = View()
        self.mute = False
        self.pages = Pages()
        self._over_limit = 0
        self._allowed = MARGIN
        self._slowing = False
        self._console_at: Ms | None = None

    def forget(self) -> None:
        """A new session: what an earlier one left behind does not count."""
        self.flags = View()

    def measured(self, now: Ms, speed: Speed, limit: int, commanded: Commanded) -> None:
        """A sample, judged once: by what was in force when it arrived."""
        self._over_limit = self._over_limit + 1 if speed > limit + OVER else 0
        self._allowed = commanded.in_force(now)[1] + MARGIN

    def status(self, now: Ms, event: StatusEvent | None, stopping: bool) -> None:
        """A Machine Status notification."""
        if event in (StatusEvent.STARTED, StatusEvent.SPEED_CHANGED):
            self._console_at = now
        self.flags.safety_key |= event is StatusEvent.SAFETY_KEY
        self.flags.console_stop |= event is StatusEvent.STOPPED and not stopping
        self.flags.control_lost |= event is StatusEvent.CONTROL_LOST

    def view(self, now: Ms, sup: Supervisor) -> View:
        """This moment, as far as the rows that are watched now look at it."""
        view, belt = self.flags, sup.belt
        view.engaged, view.stopping, view.lost = sup.engaged, sup.stopping, sup.lost
        view.link_up = sup.info is not None
        view.belt, view.speed, view.sample_age = belt.state(now), belt.speed, belt.age(now)
        view.silence, view.false_zero = belt.silence(now), belt.false_zero
        view.helper_gone, view.page_mute = self.pages.helper_gone(now), self.pages.page_mute(now)
        view.console_used = self._console_at is not None and now - self._console_at <= CONSOLE_JUST
        if sup.engaged:
            self._started(now, view, sup)
        return view

    def _started(self, now: Ms, view: View, sup: Supervisor) -> None:
        """What only a belt that was started for this walker can be."""
        commanded, ramp = sup.commanded, sup.ramp
        view.facing, view.holding, view.mute = ramp.facing, sup.holding(now), self.mute
        view.rear_gone = self.pages.rear_gone(now)
        view.allowed, view.over_limit_samples = self._allowed, self._over_limit
        view.start_allowed = self.start_allowed(sup) if view.holding else 0
        if sup.guided:  # the speed is the walker's own, up to the limit
            view.allowed = view.start_allowed = ramp.limits.speed(ramp.way).value + MARGIN
        view.attendance_limit = sup.attendance.limit
        view.attendance_age = sup.attendance.age(now, sup.armed_by)
        view.keyboard = sup.attendance.keyboard(sup.armed_by)
        view.self_stopped = sup.motion_at is not None and view.belt is Belt.STILL
        off = 0 if view.stopping else commanded.off(now, view.speed)
        self._slowing = off < 0 and (self._slowing or sup.belt.falling)
        view.off_target, view.slowing = off != 0, self._slowing
        view.inverted, view.unit_ratio = commanded.inverted, commanded.wrong_unit(now, view.speed)
        view.raised, view.raised_within = ramp.raised is not None, ramp.raised_within
        view.unknown_result = commanded.unknown or sup.incline_unknown
        view.first_speed_overdue = commanded.first_overdue(now)
        cap = ramp.limits.heart
        view.heart_above = sup.heart.above(now, None if cap is None else cap.value)
        view.heart_needed = ramp.limits.heart_needed
        view.heart_lost = sup.heart.lost(now) or (view.heart_needed and sup.heart.rate is None)
        facing_away = ramp.facing is Facing.BACKWARD and sup.motion_at is not None
        view.bout_over = now - (sup.motion_at or 0) - ramp.limits.bout.value * 1000 if facing_away else 0

    def start_allowed(self, sup: Supervisor) -> int:
        start = sup.record.start_speed if sup.record is not None else None
        allowed = (start or 0) + OVER
        return allowed if sup.facing is Facing.FORWARD else min(allowed, START_BACKWARD_MAX)
