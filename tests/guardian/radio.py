"""A purpose-made machine behind bleak's real API, for what no simulator should do: hang, refuse, vanish on demand."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
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
from treadctl.guardian.radio import Backend, Radio
from treadctl.model.machine import LinkInfo, Record

ADDRESS = f"F0:00:00:{os.getpid() % 256:02X}:{os.getpid() // 256 % 256:02X}:0A"
STOP, CONTROL, FASTER = bytes.fromhex("0801"), bytes.fromhex("00"), bytes.fromhex("026400")
ALL = (uuids.TREADMILL_DATA, uuids.STATUS, uuids.TRAINING_STATUS, uuids.CONTROL_POINT, uuids.FEATURE, uuids.SPEED_RANGE)


@dataclass(frozen=True)
class Advert:
    """What one device in the air says of itself."""

    address: str
    name: str | None = None
    services: tuple[str, ...] = ()
    data: dict[str, bytes] = field(default_factory=dict)
    rssi: int = -50


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
        self.properties: dict[str, list[CharacteristicPropertyName]] = {}
        self.values: dict[str, bytes] = {}
        self.locked: set[str] = set()
        self.pairing: str | None = "works"
        self.mute = self.twice = False
        self.replays: dict[str, bytes] = {}
        self.adverts: list[Advert] = [Advert(ADDRESS, "Test\x1bmill", (uuids.FTMS,))]
        self.options: list[tuple[str, Any]] = []
        self.subscribed: list[tuple[float, str]] = []
        self.read: list[str] = []
        self.responses: list[bool] = []
        self.written: list[bytes] = []
        self.log: list[str] = []
        self.clients: list[Client] = []
        self.scanner: Scanner | None = None

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
        self.machine.options.append(("client", kwargs["bluez"]))
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
        self.machine.read.append(characteristic.uuid)
        if self.machine.mute:
            await asyncio.get_running_loop().create_future()
        self._must_be_paired(characteristic.uuid)
        if self.machine.unreadable:
            raise BleakGATTProtocolError(0x02)
        return bytearray(self.machine.values.get(characteristic.uuid, bytes.fromhex("500040060a00")))

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:
        self._must_be_connected()
        self._must_be_paired(characteristic.uuid)
        self.machine.written.append(bytes(data))
        self.machine.responses.append(response)
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
        self._must_be_paired(characteristic.uuid)
        self.machine.subscribed.append((asyncio.get_running_loop().time(), characteristic.uuid))
        self.callbacks[characteristic.uuid] = callback
        if characteristic.uuid in self.machine.replays:
            callback(bytearray(self.machine.replays[characteristic.uuid]))

    def _must_be_paired(self, uuid: str) -> None:
        if uuid in self.machine.locked:
            raise BleakGATTProtocolError(0x05)

    def _must_be_connected(self) -> None:
        if not self.connected:
            raise BleakError("Not connected")

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        self.machine.log.append("pair")
        if self.machine.pairing == "hangs":
            await asyncio.get_running_loop().create_future()
        if self.machine.pairing == "fails":
            raise BleakError("Authentication Failed")
        if self.machine.pairing is None:
            raise NotImplementedError
        self.machine.locked.clear()

    async def unpair(self) -> None: ...
    async def read_gatt_descriptor(self, descriptor: Any, **kwargs: Any) -> bytearray:
        return bytearray()

    async def write_gatt_descriptor(self, descriptor: Any, data: Any) -> None: ...
    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        self.machine.log.append("unsubscribe")
        self.callbacks.pop(characteristic.uuid, None)


class Scanner(BaseBleakScanner):
    """Sees what there is at once."""

    machine: Machine

    def __init__(self, detection_callback: Any, service_uuids: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(detection_callback, service_uuids)
        self.machine.options.append(("scanner", kwargs["bluez"]))

    async def start(self) -> None:
        self.show()
        self.machine.scanner = self

    def show(self) -> None:
        """Everybody advertises once more."""
        for one in self.machine.adverts:
            advertisement = AdvertisementData(one.name, {}, one.data, list(one.services), None, one.rssi, ())
            device = self.create_or_update_device(one.address, one.address, one.name, None, advertisement)
            self.call_detection_callbacks(device, advertisement)

    async def stop(self) -> None:
        self.machine.log.append("scan ended")


class _Backend:
    simulated = True

    def __init__(self, machine: Machine) -> None:
        self.client: type[BaseBleakClient] = type("MachineClient", (Client,), {"machine": machine})
        self.scanner: type[BaseBleakScanner] = type("MachineScanner", (Scanner,), {"machine": machine})
        self.address = machine.address

    def heard(self, words: str) -> None:
        """Nobody stands at this console."""

    def record(self, address: str) -> Record | None:
        return Record(address) if address == ADDRESS else None


def _services(machine: Machine) -> BleakGATTServiceCollection:
    services = BleakGATTServiceCollection()
    usual: list[CharacteristicPropertyName] = ["read", "write", "notify"]
    for first in (1, 100)[: 1 + machine.twice]:
        service = BleakGATTService(None, first, uuids.FTMS)
        services.add_service(service)
        for handle, uuid in enumerate(machine.characteristics, start=first + 1):
            properties = machine.properties.get(uuid, usual)
            services.add_characteristic(BleakGATTCharacteristic(None, handle, uuid, properties, lambda: 20, service))
    return services


async def eventually(is_so: Callable[[], object], seconds: float = 20) -> None:
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

    async def _record(self, info: LinkInfo) -> Record | None:
        return Record(info.address)

    async def until(self, kind: type, seconds: float = 15.0) -> Any:
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
