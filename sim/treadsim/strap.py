"""A heart-rate strap: what it advertises and sends, and the ways in which straps go wrong. Pure.

The faults of family heart act on it; their times count from its first connection. `flood`, `hidden` and `sleepy` are
for tests: how many measurements a second it sends, whether it is out of reach, whether a connection to it never comes
about.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from treadctl.ftms import uuids
from treadctl.ftms.heart_rate import HeartRate, encode_heart_rate
from treadctl.model.program import Facing
from treadctl.model.units import Ms

from .catalogue import Family
from .faults import Fault
from .pulse import Pulse
from .walker import facing_in

NAME = "Sim strap"
LAST_OCTET = "5A"
EVERY: Ms = 1000
ADVERTISED = [uuids.HEART_RATE]
HIGHEST = 250
"""What `heart.jump` tells; no heart does that."""


def strap_address(machine: str) -> str:
    """The strap that is beside this simulated treadmill."""
    head = machine.rsplit(":", 1)[0]
    return f"{head}:{LAST_OCTET}" if not machine.endswith(LAST_OCTET) else f"{head}:{LAST_OCTET[::-1]}"


class Strap:
    """`speed` and `facing` are the walker's, told by whoever knows."""

    def __init__(self, address: str, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self.address = address
        self.flood = 0
        self.hidden = self.sleepy = False
        self.facing = Facing.FORWARD
        self._faults = tuple(fault for fault in faults if fault.family is Family.HEART)
        self._chance = random.Random(seed)
        self._pulse = Pulse(seed)
        self._begin: Ms | None = None
        self._next: Ms | None = None
        self._last = bytes((6, 70))

    def hear(self, words: str) -> None:
        """The walker is told to turn, and does: the heart works differently from then on."""
        self.facing = facing_in(words) or self.facing

    def connect(self, now: Ms) -> None:
        self._begin = now if self._begin is None else self._begin
        self._next = now

    def disconnect(self) -> None:
        self._next = None

    def off(self, now: Ms) -> bool:
        """Out of reach, or its battery is dead: no link, and no advertisement."""
        return self.hidden or self._active(now, "heart.off")

    def deadline(self) -> Ms | None:
        """When it sends next; None while nobody is connected."""
        return self._next

    def step(self, now: Ms, speed: float) -> bytes | None:
        """A measurement when one is due."""
        if self._next is None or now < self._next:
            return None
        self._next = now + (EVERY if not self.flood else max(1, 1000 // self.flood))
        if not self._active(now, "heart.stuck"):
            self._last = self._measured(now, speed)
        return self._last

    def _measured(self, now: Ms, speed: float) -> bytes:
        rate = self._pulse.at(now, speed, self.facing)
        if self._active(now, "heart.garbage"):
            return self._chance.randbytes(self._chance.randint(0, 20))
        if self._active(now, "heart.jump"):
            return encode_heart_rate(HeartRate(HIGHEST, contact=True))
        beat = 1024 * 60 // rate
        return encode_heart_rate(HeartRate(rate, contact=True, rr_1024=(beat + self._chance.randint(-20, 20),)))

    def _active(self, now: Ms, name: str) -> bool:
        at = now - (now if self._begin is None else self._begin)
        return any(fault.name == name and fault.at <= at < fault.until for fault in self._faults)
