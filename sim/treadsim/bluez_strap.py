"""The strap beside the treadmill as the mock org.bluez shows it: a second device, with a link of its own.

Behaviour as measured on real bluetoothd for any device: a connection waits for one that does not advertise until
somebody disconnects, who could not be connected to is forgotten at once, and after a link some time later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from dbus_fast import DBusError, Message, Variant

from treadctl.ftms import uuids
from treadctl.model.units import Ms

from . import bluez_objects as names
from .bluez_objects import CHARACTERISTIC, DEVICE, Tree, failure
from .pause import let_pass
from .strap import ADVERTISED, NAME, Strap

CONNECT: Ms = 250
DISCOVER: Ms = 150
LOOK: Ms = 100
FORGET: Ms = 30_000
CLOSING: Ms = 200

Reply = Callable[[Message], object]
Tell = Callable[..., None]


class StrapOnBus:
    """`speed`: of the belt, 0.01 km/h. `closing` is how long a disconnect takes."""

    def __init__(self, tree: Tree, send: Reply, strap: Strap, speed: Callable[[], float], tell: Tell) -> None:
        self.strap, self.path = strap, names.device_path(strap.address)
        self._tree, self._send, self._speed, self._tell = tree, send, speed, tell
        self._objects = names.strap_gatt(strap.address)
        self._characteristic = next(path for path, faces in self._objects.items() if CHARACTERISTIC in faces)
        self._listening: set[str] = set()
        self._up = False
        self._connecting: asyncio.Task[None] | None = None
        self._forgetting: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.methods: Mapping[tuple[str, str], Callable[[Message], Message | None]] = {
            (DEVICE, "Connect"): self._connect,
            (DEVICE, "Disconnect"): self._disconnect,
            (CHARACTERISTIC, "StartNotify"): self._start_notify,
            (CHARACTERISTIC, "StopNotify"): self._stop_notify,
        }

    def _now(self) -> Ms:
        return int(asyncio.get_running_loop().time() * 1000)

    def advertise(self) -> None:
        """Somebody scans, and it is there."""
        if self._up or self.strap.off(self._now()):
            return
        if self.path not in self._tree:
            self._tree.add(self.path, names.bare_device(self.strap.address, NAME, ADVERTISED, {}))
        else:
            self._tree.change(self.path, DEVICE, RSSI=Variant("n", names.RSSI))

    def rest(self) -> None:
        """Nobody scans any more."""
        if self.path in self._tree:
            self._tree.change(self.path, DEVICE, ("RSSI",))
            self._later_forgotten()

    def remove(self) -> None:
        self.hang_up()
        self._forget()

    def gone(self, sender: str) -> None:
        """A program has left the bus: its subscription ends, the link does not."""
        self._listening.discard(sender)

    def hang_up(self) -> None:
        """The link is gone, whoever ended it."""
        if not self._up:
            return
        self._up = False
        self.strap.disconnect()
        self._tell("strap", up=False)
        self._tree.change(self.path, DEVICE, ServicesResolved=Variant("b", False), Connected=Variant("b", False))
        self._later_forgotten()

    def _later_forgotten(self) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._forgetting = asyncio.get_running_loop().call_later(FORGET / 1000, self._forget)

    def _forget(self) -> None:
        if not self._up and self._connecting is None and self.path in self._tree:
            for path in [path for path in self._objects if path in self._tree]:
                self._tree.remove(path)
            self._tree.remove(self.path)

    # --- Device1 -----------------------------------------------------------------------------------------------------

    def _connect(self, message: Message) -> None:
        if self._up or self._connecting is not None:
            raise failure("InProgress" if self._connecting is not None else "AlreadyConnected", "Already")
        self._connecting = self._chore(self._make_link(message))

    async def _make_link(self, message: Message) -> None:
        try:
            await let_pass(CONNECT)
            while self.strap.sleepy or self.strap.off(self._now()):
                await let_pass(LOOK)
        except asyncio.CancelledError:
            error = failure("Failed", "le-connection-abort-by-local")
            self._send(Message.new_error(message, error.type, error.text))
            self._connecting = None
            self._forget()
            return
        self._connecting, self._up = None, True
        self.strap.connect(self._now())
        self._tell("strap", up=True)
        self._tree.change(self.path, DEVICE, Connected=Variant("b", True))
        self._send(Message.new_method_return(message))
        self._chore(self._live())

    async def _live(self) -> None:
        """Resolve the services, then send what it measures until the link is gone."""
        await let_pass(DISCOVER)
        for path, interfaces in self._objects.items():
            if path not in self._tree:
                self._tree.add(path, interfaces)
        self._tree.change(
            self.path, DEVICE, UUIDs=Variant("as", [uuids.HEART_RATE]), ServicesResolved=Variant("b", True)
        )
        while self._up:
            now = self._now()
            if self.strap.off(now):
                self.hang_up()
                return
            data = self.strap.step(now, self._speed())
            if data is not None and self._listening:
                self._tree.change(self._characteristic, CHARACTERISTIC, Value=Variant("ay", data))
            await let_pass(max(1, min(LOOK, (self.strap.deadline() or now) - now)))

    def _disconnect(self, message: Message) -> Message | None:
        if self._connecting is not None:
            self._connecting.cancel()
            return Message.new_method_return(message)
        if not self._up:
            raise failure("NotConnected", "Not Connected")
        self._chore(self._close(message))
        return None

    async def _close(self, message: Message) -> None:
        await let_pass(CLOSING)
        self.hang_up()
        self._send(Message.new_method_return(message))

    # --- GattCharacteristic1 -----------------------------------------------------------------------------------------

    def _start_notify(self, message: Message) -> Message:
        if not self._up:
            raise failure("Failed", "Not connected")
        self._listening.add(message.sender or "")
        self._tree.change(message.path or "", CHARACTERISTIC, Notifying=Variant("b", True))
        return Message.new_method_return(message)

    def _stop_notify(self, message: Message) -> Message:
        if message.sender not in self._listening:
            raise DBusError("org.bluez.Error.Failed", "No notify session started")
        self._listening.discard(message.sender)
        return Message.new_method_return(message)

    def _chore(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
