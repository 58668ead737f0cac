"""A core with one thing spoilt: what the known-bad controllers are made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from treadctl.control.core import Core
from treadctl.control.events import Context, Effect, Input, LinkUp, Publish, Tick, Urgency, Write
from treadctl.ftms.control_point import Op
from treadctl.model.api import Snapshot
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Ms, kmh

START, STOP, CONTROL = b"\x07", b"\x08\x01", b"\x00"
WALK = Program("Walk", (Walk(Facing.FORWARD, 60, kmh("2.0"), line=1), Walk(Facing.BACKWARD, 40, kmh("1.0"), line=2)))
NAMED = dataclasses.replace(WALK, name="\x1b]0;owned\x07")
UNTIL: Ms = 300_000


def speed_bytes(hundredths: int) -> bytes:
    return b"\x02" + hundredths.to_bytes(2, "little")


def forged(data: bytes, id: int = 90_000) -> Write:
    return Write(id, data, Urgency.PROCEDURE)


def is_speed(effect: Effect) -> bool:
    return isinstance(effect, Write) and effect.data[0] == Op.SET_TARGET_SPEED


def is_stop(effect: Effect) -> bool:
    return isinstance(effect, Write) and effect.data == STOP


class Bent(Core):
    """A core whose inputs and effects pass through a hand."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.now: Ms = 0
        self.links = 0
        self.bend()

    def bend(self) -> None:
        """Spoil something once."""

    def taken(self, item: Input) -> Input | None:
        """What the core gets of this input; None: nothing."""
        return item

    def given(self, item: Input, effects: list[Effect]) -> list[Effect]:
        """What the world gets of these effects."""
        return effects

    def step(self, now: Ms, item: Input) -> list[Effect]:
        self.now = now
        self.links += isinstance(item, LinkUp)
        taken = self.taken(item)
        return self.given(item, super().step(now, Tick() if taken is None else taken))


def rewritten(effects: list[Effect], which: Callable[[Effect], bool], data: Callable[[bytes], bytes]) -> list[Effect]:
    """The same effects with other octets in some writes."""
    return [
        dataclasses.replace(effect, data=data(effect.data)) if isinstance(effect, Write) and which(effect) else effect
        for effect in effects
    ]


def shown(effects: list[Effect], change: Callable[[Snapshot], Snapshot]) -> list[Effect]:
    """The same effects with another snapshot."""
    return [
        Publish(change(effect.what)) if isinstance(effect, Publish) and isinstance(effect.what, Snapshot) else effect
        for effect in effects
    ]
