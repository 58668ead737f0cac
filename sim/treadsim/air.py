"""The simulated treadmill on the air: a link that takes time, keeps its order, can be lost, and outlives its user.

It drives the pure peripheral by the running loop's time, and tells what the belt truly does: whoever judges a walk by
these lines needs to believe no sample. Events carry `at`, ms of the monotonic clock that all processes share (Linux).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from treadctl.ftms import uuids
from treadctl.model.units import Ms

from .peripheral import AttError, Peripheral

T = TypeVar("T")
LATENCY: Ms = 15
"""One way; a Control Point write and its indication took about 36 ms over real bluetoothd (measured)."""
TICK: Ms = 20
"""Chosen: the true speed is told at least this fresh while it changes."""
STEP = 5
"""0.05 km/h; chosen: fine enough to judge by, and few lines."""
SUPERVISION: Ms = 720
"""From the last packet to the end of a link that nobody ended; a usual supervision timeout."""

Tell = Callable[[dict[str, object]], None]


class Air:
    """One machine and at most one link to it. `on_value` gets what it sends, `on_lost` the end of the link."""

    def __init__(self, peripheral: Peripheral, tell: Tell) -> None:
        self.peripheral = peripheral
        self.latency = LATENCY
        self.mute = False
        self.refuse = 0
        self.on_value: Callable[[str, bytes], None] = lambda _uuid, _data: None
        self.on_lost: Callable[[], None] = lambda: None
        self.up = False
        self._tell = tell
        self._fading = False
        self._turn = asyncio.Lock()
        self._flying: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._told = (0, 0)
        self._arm()

    def now(self) -> Ms:
        return int(asyncio.get_running_loop().time() * 1000)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._land()

    # --- the link ----------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        self.up, self._fading = True, False
        self.peripheral.connect(self.now())
        self.tell("link", up=True)

    def hang_up(self) -> None:
        """The link is gone, whoever ended it. What is in flight fails; what has arrived has arrived."""
        if not self.up:
            return
        self.up = self._fading = False
        self.peripheral.disconnect(self.now())
        self._land()
        self.tell("link", up=False)
        self.on_lost()

    def fade(self) -> None:
        """Out of range: nothing comes through any more, and some time later both ends notice."""
        self._fading = True
        asyncio.get_running_loop().call_later(SUPERVISION / 1000, self._faded)

    def _faded(self) -> None:
        if self._fading:
            self.hang_up()

    def fly(self, task: asyncio.Task[None]) -> None:
        """This task ends with the link."""
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    def _land(self) -> None:
        for task in tuple(self._flying):
            task.cancel()

    async def exchange(self, request: Callable[[], T]) -> T:
        """One ATT request and its answer, in their turn. Raises AttError. A cancelled one may have been carried out."""
        async with self._turn:
            await self._travel()
            try:
                result = request()
            finally:
                self._wake()
                await self._travel()
            return result

    async def _travel(self) -> None:
        await let_pass(self.latency)
        if self._fading:
            await asyncio.get_running_loop().create_future()

    # --- what the machine is asked ----------------------------------------------------------------------------------

    def read(self, uuid: str) -> bytes:
        return self.peripheral.read(self.now(), uuid)

    def write(self, uuid: str, data: bytes) -> None:
        self.tell("write", data=data.hex())
        if self.refuse:
            code, self.refuse = self.refuse, 0
            raise AttError(code)
        self.peripheral.write(self.now(), uuid, data)

    def subscribe(self, uuid: str) -> None:
        self.peripheral.subscribe(self.now(), uuid)

    def unsubscribe(self, uuid: str) -> None:
        self.peripheral.unsubscribe(uuid)

    # --- time --------------------------------------------------------------------------------------------------------

    def tell(self, what: str, **more: object) -> None:
        self._tell({"at": self.now(), "is": what, **more})

    def _arm(self) -> None:
        now, due = self.now(), self.peripheral.deadline()
        # A millisecond later, or rounding to whole milliseconds would wake it too early, again and again.
        wait = TICK if due is None else min(TICK, max(0, due - now) + 1)
        self._timer = asyncio.get_running_loop().call_later(wait / 1000, self._tick)

    def _tick(self) -> None:
        self._wake()
        self._arm()

    def _wake(self) -> None:
        for outgoing in self.peripheral.step(self.now()):
            if not self._fading and not (self.mute and outgoing.uuid == uuids.CONTROL_POINT):
                asyncio.get_running_loop().call_later(self.latency / 1000, self._arrive, outgoing.uuid, outgoing.data)
        self._tell_belt(round(self.peripheral.belt.speed), self.peripheral.belt.goal)
        if self.peripheral.link_lost:
            self.hang_up()

    def _tell_belt(self, speed: int, goal: int) -> None:
        """A new goal, each step of a ramp, and at once what matters: that it moves, and that it stands."""
        told, told_goal = self._told
        arrived = speed != told and speed in (0, goal)
        if arrived or goal != told_goal or (told == 0 and speed) or abs(speed - told) >= STEP:
            self._told = (speed, goal)
            self.tell("belt", speed=speed, goal=goal)

    def _arrive(self, uuid: str, data: bytes) -> None:
        if self.up and not self._fading:
            self.on_value(uuid, data)


async def let_pass(ms: Ms) -> None:
    """Let so much of the loop's time pass."""
    over = asyncio.Event()
    timer = asyncio.get_running_loop().call_later(ms / 1000, over.set)
    try:
        await over.wait()
    finally:
        timer.cancel()
