"""A Supervisor driven by hand, sample by sample: for boundaries that a whole walk is too coarse to reach."""

from __future__ import annotations

from tests.control.rig import PRACTISED, REFERENCE
from treadctl.control.belt import Sample
from treadctl.control.control_point import Cleared, Decision
from treadctl.control.faults import View
from treadctl.control.supervisor import Supervisor
from treadctl.ftms.codec import MachineStatus, StatusEvent
from treadctl.model.limits import Limits, effective_limits
from treadctl.model.machine import LinkInfo, Record
from treadctl.model.program import Facing
from treadctl.model.units import Incline, Ms, Speed

LIMITS = effective_limits(PRACTISED, REFERENCE)
LINK = LinkInfo("AA")
ME = "me"


class Hand:
    """`now` goes on with every sample. Nothing is decided or looked at unless a test says so."""

    def __init__(self, record: Record | None = REFERENCE, limits: Limits = LIMITS) -> None:
        self.sup = Supervisor(limits)
        self.now: Ms = 0
        self.record = record

    def link(self) -> Hand:
        self.sup.link_up(self.now, LINK, self.record)
        return self

    def beat(self, keyboard: bool = True) -> None:
        self.sup.attendance.beat(self.now, ME, keyboard)

    def sample(
        self, speed: int, after: Ms = 500, *, metres: int | None = None, incline: int | None = None,
        heart: int | None = None,
    ) -> Hand:
        """One sample, `after` the last moment; whoever attends beats with it."""
        self.now += after
        self.beat()
        tilt = None if incline is None else Incline(incline)
        self.sup.observe(self.now, Sample(self.now, Speed(speed), metres, tilt, heart))
        return self

    def view(self, now: Ms) -> View:
        """The moment as the faults table sees it."""
        return self.sup.lookout.view(now, self.sup)

    def still(self) -> Hand:
        """Linked and measured still."""
        self.link()
        for _ in range(8):
            self.sample(0)
        assert self.sup.belt.still(self.now)
        return self

    def armed(self, facing: Facing = Facing.FORWARD) -> Hand:
        assert self.still().sup.arm(self.now, facing, ME) is None
        return self

    def started(self, facing: Facing = Facing.FORWARD) -> Hand:
        """Start is written and nothing moves yet."""
        self.armed(facing)
        self.decide()
        self.sup.start()
        assert self.decide().cleared is not None and self.sup.engaged
        return self

    def moving(self, speed: int = 80, facing: Facing = Facing.FORWARD) -> Hand:
        return self.started(facing).sample(speed)

    def held(self, facing: Facing = Facing.FORWARD) -> Hand:
        """Past the hold, at the minimum, which was commanded, met, and is wished."""
        self.moving(80, facing)
        self.sup.wish(Speed(80), Incline(0))
        self.command()
        for _ in range(32):
            self.sample(80)
        assert not self.sup.holding(self.now)
        return self

    def walking(self, speed: int, facing: Facing = Facing.FORWARD) -> Hand:
        """At this speed, as if every step of its ramp had been written and followed."""
        self.held(facing)
        self.sup.commanded.write(self.now, Speed(speed))
        self.sup.wish(Speed(speed), Incline(0))
        for _ in range(16):
            self.sample(speed)
        return self

    # --- what it does -----------------------------------------------------------------------------------------------

    def decide(self, busy: bool = False) -> Decision:
        return self.sup.decide(self.now, busy)

    def command(self) -> Cleared | None:
        return self.decide().cleared

    def look(self) -> list[str]:
        """The names of the faults that begin now."""
        return [fault.name for fault in self.sup.look(self.now)]

    def status(self, event: StatusEvent, speed: int | None = None) -> None:
        self.sup.status(self.now, MachineStatus(event, speed=None if speed is None else Speed(speed)))
