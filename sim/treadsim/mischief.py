"""The faults of the machine itself: what its belt and its firmware do wrong, and when.

Times count from the first connection. The peripheral asks before it obeys; this module knows no octets but opcodes.
"""

from __future__ import annotations

from collections.abc import Iterable

from treadctl.ftms.control_point import Op
from treadctl.model.units import NEVER, Ms, Speed

from .belt import Belt, Button, Cause
from .catalogue import Family
from .faults import Fault

OPS = {
    Op.REQUEST_CONTROL: "control", Op.START_OR_RESUME: "start", Op.STOP_OR_PAUSE: "stop",
    Op.SET_TARGET_SPEED: "speed", Op.SET_TARGET_INCLINATION: "incline",
}
SLOW_BRAKES = 3
FASTEST = 2500
"""No treadmill's belt is faster than 25 km/h."""


class Mischief:
    """The plan of one machine's faults, and what they do to its belt."""

    def __init__(self, belt: Belt, faults: Iterable[Fault]) -> None:
        self._belt = belt
        self._braking = belt.braking
        self._resumes = belt.resumes
        self._plan = tuple(f for f in faults if f.family is Family.MACHINE or f.name == "indication.result")
        self._begin: Ms | None = None
        self._edges: list[tuple[Ms, Fault]] = []

    def begin(self, now: Ms) -> None:
        """The first connection."""
        if self._begin is None:
            self._begin = now
            self._edges = sorted((now + at, f) for f in self._plan for at in {f.at, f.until})

    def add(self, fault: Fault) -> None:
        """One more, while the walk goes on."""
        if fault.family is Family.MACHINE or fault.name == "indication.result":
            self._plan = (*self._plan, fault)
            begin = self._begin or 0
            self._edges = sorted([*self._edges, *((begin + at, fault) for at in {fault.at, fault.until})])

    def active(self, now: Ms, name: str) -> Fault | None:
        """The fault of this name that is at work."""
        if not self._plan or self._begin is None:
            return None
        at = now - self._begin
        return next((f for f in self._plan if f.name == name and f.at <= at < f.until), None)

    def deadline(self) -> Ms:
        return self._edges[0][0] if self._edges else NEVER

    def due(self, now: Ms) -> list[tuple[Ms, Fault]]:
        """The faults that begin or end by now, in order of time."""
        if not self._edges or self._edges[0][0] > now:
            return []
        due = [edge for edge in self._edges if edge[0] <= now]
        del self._edges[:len(due)]
        return due

    def result(self, now: Ms) -> int | None:
        """The result with which everything is refused now."""
        fault = self.active(now, "indication.result")
        return None if fault is None else max(2, min(fault.number("code"), 5))

    def ignores(self, now: Ms, data: bytes) -> bool:
        """Whether this request is answered with success and not obeyed."""
        fault = self.active(now, "machine.ignores")
        return fault is not None and fault.value("op") in ("any", OPS.get(Op(data[0])))

    def target(self, now: Ms, speed: int) -> int:
        """The speed that this target comes to."""
        if self.active(now, "machine.inverted") is None:
            return speed
        return max(0, min(FASTEST, 2 * round(self._belt.speed) - speed))

    def happens(self, now: Ms, fault: Fault) -> None:  # noqa: C901 - one case a fault
        """The fault begins or ends at this time."""
        belt = self._belt
        match fault.name:
            case "machine.key":
                belt.pull_key(now)
            case "machine.console_stop":
                belt.press(now, Button.STOP)
            case "machine.console_start":
                belt.press(now, Button.START)
            case "machine.console_faster":
                belt.nudge(now, fault.number("by"))
            case "machine.console_slower":
                belt.nudge(now, -fault.number("by"))
            case "machine.jump":
                belt.run_away(now, Speed(min(FASTEST, round(belt.speed) + fault.number("by"))))
            case "machine.self_start":
                belt.run_away(now, Speed(max(round(belt.speed), fault.number("speed"))))
            case "machine.self_stop":
                belt.stop(now, Cause.TIMER)
            case "machine.other_client":
                self._other_client(now, fault)
            case "machine.resumes":
                belt.resumes = self._resumes or self.active(now, fault.name) is not None
            case "machine.creeps":
                belt.floor = 0 if self.active(now, fault.name) is None else fault.number("speed")
            case "machine.brakes_slowly":
                slow = self.active(now, fault.name) is not None
                belt.braking = self._braking / SLOW_BRAKES if slow else self._braking

    def _other_client(self, now: Ms, fault: Fault) -> None:
        """One request of a program that is not ours; a script of it is several of these faults."""
        match fault.value("op"):
            case "start":
                self._belt.start(now, Cause.ITSELF)
            case "stop":
                self._belt.stop(now, Cause.ITSELF)
            case "speed" | "any":
                self._belt.set_speed(now, fault.number("speed"), Cause.ITSELF)
