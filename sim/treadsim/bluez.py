"""A mock org.bluez: the simulated treadmill behind bleak's production Linux backend, in a process of its own.

It behaves as real bluetoothd was measured to: a link outlives the program that made it, a subscription lives as long as
the D-Bus connection that asked for it and comes back with the next link, a disconnect takes two seconds, what is in
flight when the link drops fails with 0x0E. Not here: pairing that asks somebody, AcquireNotify, passive scans, a
second machine. Beside it there is a heart-rate strap (`bluez_strap`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from dbus_fast import DBusError, Message, MessageType, Variant
from dbus_fast.aio.message_bus import MessageBus

from treadctl.model.units import Ms

from . import bluez_objects as names
from .bluez_air import Air
from .bluez_objects import ADAPTER, ADAPTER_PATH, CHARACTERISTIC, DEVICE, Tree, att_failure, failure
from .bluez_strap import StrapOnBus
from .pause import let_pass
from .peripheral import AttError
from .strap import Strap

CONNECT: Ms = 250
DISCOVER: Ms = 150
"""Together 250 to 540 ms over real bluetoothd (measured)."""
CLOSING: Ms = 2000
"""A healthy disconnect takes 1.9 to 2.8 s over real bluetoothd (measured)."""
ADVERTISE_FIRST: Ms = 50
ADVERTISE_EVERY: Ms = 200
FORGET: Ms = 30_000
"""bluetoothd forgets a device so long after the last scan, or the end of its link (both measured)."""
WATCH_NAMES = "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged'"

Method = Callable[[Message], Message | None]
"""Answers at once, or returns None and answers later; raises DBusError."""


class BlueZ:
    """One adapter, one machine, one strap. `slow_close` is how long a disconnect takes, `shown` whether the machine
    advertises."""

    def __init__(self, bus: MessageBus, air: Air, address: str, strap: Strap) -> None:
        self.slow_close = CLOSING
        self.shown = asyncio.Event()
        self.shown.set()
        self._bus, self._air, self._address = bus, air, address
        self._tree = Tree(self._send)
        self._strap = StrapOnBus(self._tree, self._send, strap, lambda: air.peripheral.belt.speed, air.tell)
        self._crashed = False
        self._device = names.device_path(address)
        self._gatt, self._uuids = names.gatt(address, air.peripheral.quirk, air.manners)
        self._scanning: set[str] = set()
        self._listening: dict[str, list[str]] = {}
        self._writing: set[str] = set()
        self._connecting: asyncio.Task[None] | None = None
        self._closing = False
        self._kept = False
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        air.on_value, air.on_lost, air.on_adapter = self._value, self._lost, self.power
        self._methods: dict[tuple[str, str], Method] = {
            (names.OBJECT_MANAGER, "GetManagedObjects"): self._tree.managed,
            (names.PROPERTIES, "Get"): self._tree.get,
            (names.PROPERTIES, "GetAll"): self._tree.get_all,
            (names.PROPERTIES, "Set"): self._tree.set_trusted,
            (ADAPTER, "SetDiscoveryFilter"): _done,
            (ADAPTER, "StartDiscovery"): self._start_discovery,
            (ADAPTER, "StopDiscovery"): self._stop_discovery,
            (ADAPTER, "RemoveDevice"): self._remove_device,
            (DEVICE, "Connect"): self._connect,
            (DEVICE, "Disconnect"): self._disconnect,
            (DEVICE, "Pair"): self._pair,
            (CHARACTERISTIC, "ReadValue"): self._read,
            (CHARACTERISTIC, "WriteValue"): self._write,
            (CHARACTERISTIC, "StartNotify"): self._start_notify,
            (CHARACTERISTIC, "StopNotify"): self._stop_notify,
        }

    async def open(self) -> None:
        """Be org.bluez from now on."""
        self._tree.add(ADAPTER_PATH, names.adapter())
        self._bus.add_message_handler(self._heard)
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus", path="/org/freedesktop/DBus", interface="org.freedesktop.DBus",
                member="AddMatch", signature="s", body=[WATCH_NAMES],
            )
        )
        await self._bus.request_name(names.SERVICE)

    def forget(self) -> None:
        """What bluetoothd does some time after a scan, or after its link, with a device that nobody is connected to."""
        if self._device in self._tree and not (self._kept or self._scanning):
            for path in [path for path in self._gatt if path in self._tree]:
                self._tree.remove(path)
            self._tree.remove(self._device)

    def reshape(self) -> None:
        """The machine's services are others than before: for the next link."""
        for path in [path for path in self._gatt if path in self._tree]:
            self._tree.remove(path)
        self._gatt, self._uuids = names.gatt(self._address, self._air.peripheral.quirk, self._air.manners)

    def crash(self) -> None:
        """bluetoothd is gone from one moment to the next, and says goodbye to nobody."""
        self._crashed = True
        self._bus.remove_message_handler(self._heard)
        self._chore(self._leave_bus())

    async def _leave_bus(self) -> None:
        await self._bus.release_name(names.SERVICE)

    def _send(self, message: Message) -> None:
        if not self._crashed:
            self._bus.send(message)

    def power(self, on: bool) -> None:
        """Switch the adapter."""
        if not on:
            self._scanning.clear()
            self.forget()
            self._air.hang_up()
            self._strap.hang_up()
            self._rest()
        self._tree.change(ADAPTER_PATH, ADAPTER, Powered=Variant("b", on))

    # --- the bus -----------------------------------------------------------------------------------------------------

    def _heard(self, message: Message) -> Message | bool | None:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            name, _, owner = message.body
            if not owner:
                self._gone(name)
            return None
        which = message.interface or "", message.member or ""
        of_strap = (message.path or "").startswith(self._strap.path)
        method = self._strap.methods.get(which) if of_strap else None
        method = method or self._methods.get(which)
        if message.message_type is not MessageType.METHOD_CALL or method is None:
            return None
        if message.interface != names.OBJECT_MANAGER and (message.path or "") not in self._tree:
            raise DBusError(names.UNKNOWN_OBJECT, f"Method \"{message.member}\" on an object that does not exist")
        return method(message) or True

    def _gone(self, sender: str) -> None:
        """A program has left the bus, however it ended: its scan and its subscriptions end, the link does not."""
        self._end_scan(sender)
        self._strap.gone(sender)
        for uuid in [uuid for uuid, senders in self._listening.items() if sender in senders]:
            self._silence(uuid, sender)

    def _answer(self, message: Message, work: Coroutine[Any, Any, Message]) -> asyncio.Task[None]:
        """Reply when the work is done; with 0x0E when the link ends first."""

        async def answer() -> None:
            try:
                reply = await work
            except AttError as error:
                reply = _error(message, att_failure(error.code))
            except DBusError as error:
                reply = _error(message, error)
            except asyncio.CancelledError:
                reply = _error(message, att_failure(names.UNLIKELY_ERROR))
            if self._bus.connected:
                self._send(reply)

        return self._chore(answer())

    def _chore(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _later(self, name: str, ms: Ms, call: Callable[[], None]) -> None:
        if name in self._timers:
            self._timers.pop(name).cancel()
        self._timers[name] = asyncio.get_running_loop().call_later(ms / 1000, call)

    # --- Adapter1 ----------------------------------------------------------------------------------------------------

    def _start_discovery(self, message: Message) -> Message:
        if not self._tree.value(ADAPTER_PATH, ADAPTER, "Powered"):
            raise failure("NotReady", "Resource Not Ready")
        if message.sender in self._scanning:
            raise failure("InProgress", "Operation already in progress")
        if not self._scanning:
            self._tree.change(ADAPTER_PATH, ADAPTER, Discovering=Variant("b", True))
            self._later("advertise", ADVERTISE_FIRST, self._advertise)
        self._scanning.add(message.sender or "")
        return _done(message)

    def _stop_discovery(self, message: Message) -> Message:
        if message.sender not in self._scanning:
            raise failure("Failed", "No discovery started")
        self._end_scan(message.sender)
        return _done(message)

    def _end_scan(self, sender: str) -> None:
        if sender in self._scanning:
            self._scanning.remove(sender)
            if not self._scanning:
                self._rest()

    def _rest(self) -> None:
        """Nobody scans any more."""
        if "advertise" in self._timers:
            self._timers.pop("advertise").cancel()
        self._tree.change(ADAPTER_PATH, ADAPTER, Discovering=Variant("b", False))
        self._strap.rest()
        if self._device in self._tree:
            self._tree.change(self._device, DEVICE, ("RSSI",))
            self._later("forget", FORGET, self.forget)

    def _advertise(self) -> None:
        self._later("advertise", ADVERTISE_EVERY, self._advertise)
        self._strap.advertise()
        if self._air.up or not (self.shown.is_set() and self._air.reachable):
            return
        if self._device not in self._tree:
            name = self._air.peripheral.quirk.record.name
            self._tree.add(self._device, names.device(self._address, name, self._air.manners))
        else:
            self._tree.change(self._device, DEVICE, RSSI=Variant("n", names.RSSI))

    def _remove_device(self, message: Message) -> Message:
        if message.body[0] == self._strap.path and self._strap.path in self._tree:
            self._strap.remove()
            return _done(message)
        if message.body[0] != self._device or self._device not in self._tree:
            raise failure("DoesNotExist", "Does Not Exist")
        self._air.hang_up()
        for path in [path for path in self._gatt if path in self._tree]:
            self._tree.remove(path)
        self._tree.remove(self._device)
        self._kept = False
        return _done(message)

    # --- Device1 -----------------------------------------------------------------------------------------------------

    def _connect(self, message: Message) -> None:
        if self._air.up:
            raise failure("AlreadyConnected", "Already Connected")
        if self._connecting is not None:
            raise failure("InProgress", "Operation already in progress")
        self._kept = True
        self._connecting = self._answer(message, self._make_link(message))
        self._connecting.add_done_callback(self._connected)

    def _connected(self, _task: asyncio.Task[None]) -> None:
        """Who could not be connected to is forgotten at once (measured on bluetoothd)."""
        self._connecting = None
        if not self._air.up:
            self._kept = False
            self.forget()

    async def _make_link(self, message: Message) -> Message:
        """A machine that does not advertise is waited for until somebody disconnects."""
        try:
            await self.shown.wait()
            wait, works = self._air.channel.connecting(self._air.now(), CONNECT)
            await let_pass(wait)
        except asyncio.CancelledError:
            raise failure("Failed", "le-connection-abort-by-local") from None
        if not works:
            raise failure("Failed", "Software caused connection abort")
        self._air.connect()
        self._tree.change(self._device, DEVICE, Connected=Variant("b", True))
        self._air.fly(self._chore(self._resolve()))
        return _done(message)

    async def _resolve(self) -> None:
        """Discover the services, and turn on again what somebody who is still on the bus had turned on."""
        await let_pass(DISCOVER)
        for path, interfaces in self._gatt.items():
            if path not in self._tree:
                self._tree.add(path, interfaces)
        found = [str(values[names.GATT_SERVICE]["UUID"].value) for values in self._gatt.values()
                 if names.GATT_SERVICE in values]
        self._tree.change(
            self._device, DEVICE, UUIDs=Variant("as", found), ServicesResolved=Variant("b", True)
        )
        for uuid in tuple(self._listening):
            await self._air.exchange(lambda uuid=uuid: self._air.subscribe(uuid))  # type: ignore[misc]

    def _disconnect(self, message: Message) -> Message | None:
        if self._connecting is not None:
            self._connecting.cancel()
            return _done(message)
        if not self._air.up:
            raise failure("NotConnected", "Not Connected")
        self._chore(self._close(message))
        return None

    async def _close(self, message: Message) -> None:
        await let_pass(self.slow_close)
        self._air.hang_up()
        self._send(_done(message))

    def _pair(self, message: Message) -> None:
        async def pair() -> Message:
            await let_pass(CONNECT)
            if self._air.manners.shy:
                raise failure("AuthenticationFailed", "Authentication Failed")
            self._air.manners.paired = True
            self._tree.change(self._device, DEVICE, Paired=Variant("b", True))
            return _done(message)

        self._answer(message, pair())

    def _lost(self) -> None:
        self._writing.clear()
        self._kept = False
        self._later("forget", FORGET, self.forget)
        self._tree.change(
            self._device, DEVICE, ServicesResolved=Variant("b", False), Connected=Variant("b", False)
        )

    # --- GattCharacteristic1 -----------------------------------------------------------------------------------------

    def _value(self, uuid: str, data: bytes) -> None:
        """Once for every program that listens: each of them sees every signal, which is how notifications double."""
        for _ in self._listening.get(uuid, ()):
            self._show(uuid, data)

    def _show(self, uuid: str, data: bytes) -> None:
        self._tree.change(self._path(uuid), CHARACTERISTIC, Value=Variant("ay", data))

    def _path(self, uuid: str) -> str:
        """The first one of this UUID: a machine that shows its service twice uses that."""
        return next(path for path, its in self._uuids.items() if its == uuid)

    def _operate(self, message: Message, work: Callable[[str], Coroutine[Any, Any, Message]]) -> None:
        if not self._air.up:
            raise failure("Failed", "Not connected")
        self._air.fly(self._answer(message, work(self._uuids[message.path or ""])))

    def _flags(self, message: Message) -> set[str]:
        return set(self._tree.value(message.path or "", CHARACTERISTIC, "Flags"))

    def _read(self, message: Message) -> None:
        async def read(uuid: str) -> Message:
            data = await self._air.exchange(lambda: self._air.read(uuid))
            self._show(uuid, data)  # whoever is subscribed takes it for a notification
            return Message.new_method_return(message, "ay", [data])

        self._operate(message, read)

    def _write(self, message: Message) -> None:
        data, path = bytes(message.body[0]), message.path or ""
        wanted = "write-without-response" if message.body[1]["type"].value == "command" else "write"
        if wanted not in self._flags(message):
            raise failure("NotSupported", "Operation is not supported")
        if path in self._writing:
            raise failure("InProgress", "In Progress")

        async def write(uuid: str) -> Message:
            try:
                await self._air.write(uuid, data)
            finally:
                self._writing.discard(path)
            return _done(message)

        self._operate(message, write)
        self._writing.add(path)

    def _start_notify(self, message: Message) -> None:
        if not {"notify", "indicate"} & self._flags(message):
            raise failure("NotSupported", "Operation is not supported")
        sender = message.sender or ""

        async def start(uuid: str) -> Message:
            senders = self._listening.setdefault(uuid, [])
            if sender in senders:
                raise failure("InProgress", "Operation already in progress")
            senders.append(sender)
            if len(senders) == 1:
                try:
                    await self._air.exchange(lambda: self._air.subscribe(uuid))
                except AttError:
                    del self._listening[uuid]
                    raise
            self._tree.change(message.path or "", CHARACTERISTIC, Notifying=Variant("b", True))
            return _done(message)

        self._operate(message, start)

    def _stop_notify(self, message: Message) -> Message:
        uuid = self._uuids[message.path or ""]
        if message.sender not in self._listening.get(uuid, ()):
            raise failure("Failed", "No notify session started")
        self._silence(uuid, message.sender or "")
        return _done(message)

    def _silence(self, uuid: str, sender: str) -> None:
        """The last one that listens turns it off at the machine."""
        senders = self._listening[uuid]
        senders.remove(sender)
        if not senders:
            del self._listening[uuid]
            self._air.unsubscribe(uuid)
            self._tree.change(self._path(uuid), CHARACTERISTIC, Notifying=Variant("b", False))


def _done(message: Message) -> Message:
    return Message.new_method_return(message)


def _error(message: Message, error: DBusError) -> Message:
    return Message.new_error(message, error.type, error.text)
