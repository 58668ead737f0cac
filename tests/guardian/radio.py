"""A purpose-made machine behind bleak's real API, for what no simulator should do: hang, refuse, vanish on demand."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError, BleakGATTProtocolError

from treadctl.control.events import Input
from treadctl.ftms import uuids
from treadctl.guardian.clock import Clock
from treadctl.guardian.driver import Driver
from treadctl.guardian.link import Backend, Radio
from treadctl.model.machine import Record

ADDRESS = f"F0:00:00:{os.getpid() % 256:02X}:{os.getpid() // 256 % 256:02X}:0A"
STOP, CONTROL, FASTER = bytes.fromhex("0801"), bytes.fromhex("00"), bytes.fromhex("026400")
ALL = (uuids.TREADMILL_DATA, uuids.STATUS, uuids.TRAINING_STATUS, uuids.CONTROL_POINT, uuids.FEATURE, uuids.SPEED_RANGE)


class Machine:
    """What the machine does, and what was done to it."""

    def __init__(self, characteristics: tuple[str, ...] = ALL) -> None:
        self.characteristics = characteristics
        self.address = ADDRESS
        self.hangs: set[bytes] = set()
        self.refuses: dict[bytes, int] = {}
        self.connect_error: Exception | None = None
        self.unreadable = False
        self.deaf: set[str] = set()
        self.closing_s = 0.0
        self.written: list[bytes] = []
        self.log: list[str] = []
        self.clients: list[Client] = []

    @property
    def client(self) -> Client:
        return self.clients[-1]

    def backend(self) -> Backend:
        return _Backend(self)

    def say(self, uuid: str, data: bytes) -> None:
        """A notification, if somebody listens."""
        callback = self.client.callbacks.get(uuid)
        if callback is not None:
            callback(bytearray(data))


class Client(BaseBleakClient):
    """bleak's client for one machine; `machine` is set by the subclass made for it."""

    machine: Machine

    def __init__(self, address_or_ble_device: Any, **kwargs: Any) -> None:
        super().__init__(
            address_or_ble_device, disconnected_callback=kwargs["disconnected_callback"], timeout=kwargs["timeout"]
        )
        self.callbacks: dict[str, NotifyCallback] = {}
        self.connected = False
        self.machine.clients.append(self)

    @property
    def name(self) -> str:
        return "Test\x1bmill"

    @property
    def mtu_size(self) -> int:
        return 23

    @property
    def is_connected(self) -> bool:
        return self.connected

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        self.machine.log.append("connect")
        if self.machine.connect_error is not None:
            raise self.machine.connect_error
        self.connected, self.services = True, _services(self.machine)

    async def disconnect(self) -> None:
        self.machine.log.append("disconnect")
        if self.machine.closing_s:
            await asyncio.sleep(self.machine.closing_s)
            self.machine.log.append("is down")
        self.drop()

    def drop(self) -> None:
        """The link goes away; bleak tells it in either case (measured)."""
        was, self.connected, self.services = self.connected, False, None
        if was and self._disconnected_callback is not None:
            self._disconnected_callback()

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **kwargs: Any) -> bytearray:
        self._must_be_connected()
        if self.machine.unreadable:
            raise BleakGATTProtocolError(0x02)
        return bytearray(bytes.fromhex("50004006 0a00".replace(" ", "")))

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:
        self._must_be_connected()
        self.machine.written.append(bytes(data))
        if bytes(data) in self.machine.hangs:
            await asyncio.get_running_loop().create_future()
        if bytes(data) in self.machine.refuses:
            raise BleakGATTProtocolError(self.machine.refuses[bytes(data)])

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        self._must_be_connected()
        if characteristic.uuid in self.machine.deaf:
            await asyncio.get_running_loop().create_future()
        self.callbacks[characteristic.uuid] = callback

    def _must_be_connected(self) -> None:
        if not self.connected:
            raise BleakError("Not connected")

    async def pair(self, *args: Any, **kwargs: Any) -> None: ...
    async def unpair(self) -> None: ...
    async def read_gatt_descriptor(self, descriptor: Any, **kwargs: Any) -> bytearray:
        return bytearray()

    async def write_gatt_descriptor(self, descriptor: Any, data: Any) -> None: ...
    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None: ...


class Scanner(BaseBleakScanner):
    """Sees the machine at once."""

    machine: Machine

    def __init__(self, detection_callback: Any, service_uuids: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        advertisement = AdvertisementData("Test\x1bmill", {}, {}, [uuids.FTMS], None, -50, ())
        device = self.create_or_update_device("0", self.machine.address, "Test", None, advertisement)
        self.call_detection_callbacks(device, advertisement)

    async def stop(self) -> None:
        self.machine.log.append("scan ended")


class _Backend:
    simulated = True

    def __init__(self, machine: Machine) -> None:
        self.client: type[BaseBleakClient] = type("MachineClient", (Client,), {"machine": machine})
        self.scanner: type[BaseBleakScanner] = type("MachineScanner", (Scanner,), {"machine": machine})
        self.address = machine.address

    def record(self, address: str) -> Record | None:
        return Record(address)


def _services(machine: Machine) -> BleakGATTServiceCollection:
    services = BleakGATTServiceCollection()
    service = BleakGATTService(None, 1, uuids.FTMS)
    services.add_service(service)
    properties: list[CharacteristicPropertyName] = ["read", "write", "notify"]
    for handle, uuid in enumerate(machine.characteristics, start=2):
        services.add_characteristic(BleakGATTCharacteristic(None, handle, uuid, properties, lambda: 20, service))
    return services


async def eventually(is_so: Callable[[], object], seconds: float = 5) -> None:
    """Wait until this is so. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110  (files, processes and lists set no event)
            await asyncio.sleep(0.005)


OPEN_BENCHES: list[Bench] = []


class Bench:
    """A driver on such a machine, and everything it told the core."""

    def __init__(self, machine: Machine) -> None:
        OPEN_BENCHES.append(self)
        self.machine = machine
        self.inputs: list[Input] = []
        self.marks: list[str | None] = []
        self._arrived = asyncio.Event()
        clock = Clock(asyncio.get_running_loop())
        self.driver = Driver(
            Radio(machine.backend()), self._accept, clock, record=self._record, mark=self.marks.append
        )

    def _accept(self, item: Input) -> None:
        self.inputs.append(item)
        self._arrived.set()

    async def _record(self, address: str) -> Record | None:
        return Record(address)

    async def until(self, kind: type, seconds: float = 3.0) -> Any:
        """The first input of this kind that has not been asked for yet."""
        async with asyncio.timeout(seconds):
            while True:
                for index, item in enumerate(self.inputs):
                    if isinstance(item, kind):
                        return self.inputs.pop(index)
                self._arrived.clear()
                await self._arrived.wait()

    async def connected(self) -> Bench:
        self.driver.connect("")
        from treadctl.control.events import LinkUp

        await self.until(LinkUp)
        return self
