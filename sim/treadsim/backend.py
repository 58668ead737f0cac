"""The simulated treadmill behind bleak's own API: production Bluetooth code talks to it without knowing.

bleak takes backend *classes*, so `open_backend` makes a pair of them bound to one treadmill. Its time is the running
loop's `time()`, so a loop that runs faster makes a faster treadmill. What a client sees (error codes, disconnect
callback, write that is not taken back) follows what real bluetoothd was measured to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDBusError, BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError

from treadctl.files.quirks import load_quirk
from treadctl.ftms import uuids
from treadctl.model.errors import UsageError
from treadctl.model.machine import Record
from treadctl.model.units import NEVER, Ms

from .address import simulated_address
from .backend_strap import StrapClient, StrapPeer
from .catalogue import Family
from .channel import Channel, Fate
from .faults import parse_faults
from .hands import Hands
from .manners import Manners, manners
from .pause import let_pass
from .peripheral import AttError, Outgoing, Peripheral
from .strap import NAME, Strap, strap_address

T = TypeVar("T")
OF_A_MACHINE = frozenset({
    Family.LINK, Family.WRITE, Family.INDICATION, Family.TELEMETRY, Family.MACHINE, Family.HEART,
})
"""The faults that a machine, a strap and the air can have; those of the computer have to be real ones here."""
LATENCY: Ms = 30
"""One ATT request and its answer; a connection interval of 15 ms, chosen as usual for a laptop."""
CONNECT: Ms = 200
ADVERTISE_FIRST: Ms = 50
ADVERTISE_EVERY: Ms = 500
RSSI = -60
UNLIKELY_ERROR, NOT_AUTHENTICATED = 0x0E, 0x05
"""ATT errors: what an operation in flight gets when the link drops (measured on bluetoothd), and one not paired."""
FLOOD_EVERY: Ms = 20
"""Chosen: what a flood sends, it sends in bursts so far apart, as connection intervals make them."""


class Treadmill:
    """One peripheral, driven by the running loop: delivers what it sends and tells when the link has gone."""

    def __init__(self, peripheral: Peripheral, address: str, channel: Channel) -> None:
        self.peripheral = peripheral
        self.channel = channel
        self.address = address
        self.name = peripheral.quirk.shown_name
        self.manners: Manners = manners(peripheral.quirk)
        self.client: SimulatedClient | None = None
        self._hands = Hands()
        self._flooding: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._late: list[Outgoing] = []
        self._last_sample = bytes(4)

    def now(self) -> Ms:
        return int(asyncio.get_running_loop().time() * 1000)

    def arm(self) -> None:
        """Wake up when the peripheral next has something to do; nothing while nobody is connected."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        late = self._late[0].at if self._late else NEVER
        due = min(self.peripheral.deadline(), self.channel.deadline(), late, self._hands.deadline())
        if self.client is not None and due < NEVER:
            # A millisecond later, or rounding to whole milliseconds would wake it too early, again and again.
            self._timer = asyncio.get_running_loop().call_at((due + 1) / 1000, self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = self.now()
        self._hands.act(now, self.peripheral.belt)
        arriving = [one for sent in self.peripheral.step(now) for one in self.channel.outgoing(sent)]
        self._late = sorted([*self._late, *arriving], key=lambda one: one.at)
        while self._late and self._late[0].at <= now:
            one = self._late.pop(0)
            if one.uuid == uuids.TREADMILL_DATA:
                self._last_sample = one.data
            if self.client is not None:
                self.client.deliver(one.uuid, one.data)
        if self.channel.breaks(now) or self.peripheral.hangs_up(now):
            self.drop_link()
        self.arm()

    def heard(self, words: str) -> None:
        """Somebody at the console hears what treadctl says, and does it."""
        self._hands.hear(self.now(), words)
        self.arm()

    def flood(self) -> None:
        """The last sample again and again, as often as the manners say, for as long as the link stands."""
        if self._flooding is not None:
            self._flooding.cancel()
        client, often = self.client, self.manners.flood * FLOOD_EVERY // 1000
        if client is None or not often:
            return
        for _ in range(often):
            client.deliver(uuids.TREADMILL_DATA, self._last_sample)
        self._flooding = asyncio.get_running_loop().call_later(FLOOD_EVERY / 1000, self.flood)

    def drop_link(self) -> None:
        """The link is lost without either end asking for it."""
        client, self.client = self.client, None
        self._late.clear()
        self.peripheral.disconnect(self.now())
        self.arm()
        if client is not None:
            client.lost()

    def read(self, uuid: str) -> bytes:
        return self._refusable(lambda: self.peripheral.read(self.now(), uuid))

    def write(self, uuid: str, data: bytes, effective: bool = True) -> None:
        self._locked(uuid)
        self._refusable(lambda: self.peripheral.write(self.now(), uuid, data, effective))
        self.arm()

    def write_again(self, uuid: str, data: bytes) -> None:
        """Octets that arrive a second time, or too late for anybody to hear the ATT error."""
        with suppress(BleakGATTProtocolError):
            self.write(uuid, data)

    def subscribe(self, uuid: str) -> None:
        self._locked(uuid)
        self._refusable(lambda: self.peripheral.subscribe(self.now(), uuid))
        self.arm()

    def _locked(self, uuid: str) -> None:
        if self.manners.locks(uuid):
            raise BleakGATTProtocolError(NOT_AUTHENTICATED)

    def _refusable(self, request: Callable[[], T]) -> T:
        try:
            return request()
        except AttError as error:
            raise BleakGATTProtocolError(error.code) from None


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class SimulatedClient(BaseBleakClient):
    """A bleak client whose only peer is `treadmill`; for the address of the strap beside it, a client of that."""

    treadmill: ClassVar[Treadmill]
    strap: ClassVar[type[StrapClient]]

    def __new__(cls, address_or_ble_device: BLEDevice | str, **kwargs: Any) -> Any:
        """bleak knows one class of clients for everything in the air."""
        known = address_or_ble_device
        address = known if isinstance(known, str) else known.address
        if address.upper() == cls.strap.peer.strap.address:
            return cls.strap(address_or_ble_device, **kwargs)
        return super().__new__(cls)

    def __init__(self, address_or_ble_device: BLEDevice | str, **kwargs: Any) -> None:
        super().__init__(address_or_ble_device, **kwargs)
        self._callbacks: dict[str, NotifyCallback] = {}
        self._gatt = asyncio.Lock()
        self._exchange: asyncio.Future[None] | None = None

    @property
    def name(self) -> str:
        return self.treadmill.name

    @property
    def mtu_size(self) -> int:
        return 23

    @property
    def is_connected(self) -> bool:
        return self.treadmill.client is self

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """Connect. Raises BleakDeviceNotFoundError for another address, TimeoutError when it has a client already."""
        if self.address.upper() != self.treadmill.address:
            await let_pass(int(self._timeout * 1000))
            raise BleakDeviceNotFoundError(self.address, f"Device with address {self.address} was not found")
        if self.treadmill.client is not None:
            await let_pass(int(self._timeout * 1000))
            raise TimeoutError
        wait, works = self.treadmill.channel.connecting(self.treadmill.now(), CONNECT)
        await let_pass(min(wait, int(self._timeout * 1000)))
        if not works or wait > self._timeout * 1000:
            raise TimeoutError
        self.treadmill.client = self
        self.treadmill.channel.breaks(self.treadmill.now())  # what broke meanwhile broke nothing
        self.treadmill.channel.begin(self.treadmill.now())
        self.treadmill.peripheral.connect(self.treadmill.now())
        self.services = _services(self.treadmill)
        self.treadmill.arm()
        self.treadmill.flood()

    async def disconnect(self) -> None:
        if not self.is_connected:
            return
        self.treadmill.client = None
        self.treadmill.peripheral.disconnect(self.treadmill.now())
        self.treadmill.arm()
        self.lost()

    def lost(self) -> None:
        """The link has gone; the callback comes for a wanted disconnect too, as on BlueZ."""
        self.services = None
        self._callbacks.clear()
        if self._exchange is not None and not self._exchange.done():
            self._exchange.set_exception(BleakGATTProtocolError(UNLIKELY_ERROR))
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    def deliver(self, uuid: str, data: bytes) -> None:
        callback = self._callbacks.get(uuid)
        if callback is not None:
            callback(bytearray(data))

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        """Most consumer machines are driven without. Raises BleakError when the machine refuses."""
        await self._turn()
        if self.treadmill.manners.shy:
            raise BleakError("Authentication failed")
        self.treadmill.manners.paired = True

    async def unpair(self) -> None:
        """Nothing was paired."""

    async def _turn(self) -> None:
        """One ATT exchange. Raises the error of a link that drops meanwhile."""
        if not self.is_connected:
            raise BleakError("Not connected")
        loop = asyncio.get_running_loop()
        self._exchange = loop.create_future()
        timer = loop.call_later(LATENCY / 1000, _finish, self._exchange)
        try:
            await self._exchange
        finally:
            timer.cancel()
            self._exchange = None

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        async with self._gatt:
            await self._turn()
            value = bytearray(self.treadmill.read(characteristic.uuid))
        self.deliver(characteristic.uuid, bytes(value))  # as bluetoothd does to a subscriber who reads
        return value

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        raise BleakError("The simulated treadmill has no descriptors")

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:
        """Write. The octets are with the machine before this returns, and stay there if the caller is cancelled."""
        async with self._gatt:
            if not self.is_connected:
                raise BleakError("Not connected")
            await self._hand_over(characteristic.uuid, bytes(data))
            await self._turn()

    async def _hand_over(self, uuid: str, data: bytes) -> None:
        """What the air lets become of it. A write that hangs holds up everything behind it, as on a real link."""
        treadmill = self.treadmill
        delivery = treadmill.channel.write(treadmill.now(), data)
        if delivery.fate is Fate.HANGS:
            self._exchange = asyncio.get_running_loop().create_future()
            await self._exchange  # until the link goes or the caller gives up
        if delivery.fate is Fate.ERROR:
            raise BleakGATTProtocolError(delivery.code)
        if delivery.late:
            loop = asyncio.get_running_loop()
            loop.call_later(delivery.late / 1000, treadmill.write_again, uuid, data)
            if not delivery.overtaken:
                await let_pass(delivery.late)
        elif delivery.fate is not Fate.VANISHES:
            treadmill.write(uuid, data, delivery.fate is Fate.ARRIVES)
            if delivery.twice:
                treadmill.write_again(uuid, data)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: Any) -> None:
        raise BleakError("The simulated treadmill has no descriptors")

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        if not {"notify", "indicate"} & set(characteristic.properties):
            raise BleakDBusError("org.bluez.Error.NotSupported", ["Operation is not supported"])
        async with self._gatt:
            await self._turn()
            self._callbacks[characteristic.uuid] = callback
            self.treadmill.subscribe(characteristic.uuid)

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        async with self._gatt:
            await self._turn()
            self._callbacks.pop(characteristic.uuid, None)
            self.treadmill.peripheral.unsubscribe(characteristic.uuid)
            self.treadmill.arm()


def _services(treadmill: Treadmill) -> BleakGATTServiceCollection:
    found = BleakGATTServiceCollection()
    rows = treadmill.manners.table(treadmill.peripheral.quirk)
    for again in range(1 + treadmill.manners.twice):
        services: dict[str, BleakGATTService] = {}
        for handle, row in enumerate(rows, 1 + again * len(rows)):
            service = services.get(row.service)
            if service is None:
                service = services[row.service] = BleakGATTService(None, 1000 + handle, row.service)
                found.add_service(service)
            properties: list[CharacteristicPropertyName] = [p for p in _PROPERTIES if p in row.properties]
            found.add_characteristic(BleakGATTCharacteristic(None, handle, row.uuid, properties, lambda: 20, service))
    return found


_PROPERTIES: tuple[CharacteristicPropertyName, ...] = ("read", "write", "write-without-response", "notify", "indicate")


class SimulatedScanner(BaseBleakScanner):
    """A bleak scanner that finds `treadmill` and the strap beside it, each while it has no client."""

    treadmill: ClassVar[Treadmill]
    strap: ClassVar[StrapPeer]

    def __init__(self, detection_callback: Any, service_uuids: list[str] | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(detection_callback, service_uuids)
        self._timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        self.seen_devices = {}
        self._wait(ADVERTISE_FIRST)

    async def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self, ms: Ms) -> None:
        self._timer = asyncio.get_running_loop().call_later(ms / 1000, self._advertise)

    def _advertise(self) -> None:
        self._wait(ADVERTISE_EVERY)
        found = _advertisement(self.treadmill)
        if self.treadmill.client is None and self.is_allowed_uuid(found.service_uuids):
            address = self.treadmill.address
            device = self.create_or_update_device(address, address, found.local_name, None, found)
            self.call_detection_callbacks(device, found)
        worn = self.strap.advertisement
        if worn is not None and self.is_allowed_uuid(worn.service_uuids):
            address = self.strap.strap.address
            self.call_detection_callbacks(self.create_or_update_device(address, address, NAME, None, worn), worn)


def _advertisement(treadmill: Treadmill) -> AdvertisementData:
    shown = treadmill.manners
    name = treadmill.name if shown.named else None
    return AdvertisementData(name, {}, shown.service_data, shown.advertised, None, RSSI, ())


@dataclass(frozen=True, slots=True)
class Backend:
    """What the guardian opens: bleak classes for one simulated treadmill and the strap beside it, and the record that
    the treadmill brings along."""

    client: type[BaseBleakClient]
    scanner: type[BaseBleakScanner]
    address: str
    treadmill: Treadmill
    strap: StrapPeer
    simulated: bool = True

    def heard(self, words: str) -> None:
        """What is said aloud, for those at the console, and for whoever walks."""
        self.treadmill.heard(words)
        self.strap.strap.hear(words)

    def record(self, address: str) -> Record | None:
        """The record of the machine with this address."""
        if address.upper() != self.address:
            return None
        return replace(self.treadmill.peripheral.quirk.record, address=address)


def open_backend(*, quirk: str = "reference", faults: tuple[str, ...] = (), seed: int = 0) -> Backend:
    """A simulated treadmill with this personality and these faults. Raises UsageError for names that do not exist.

    Seed 0 gives it an address that no other simulated treadmill has, so that several may run at once; any other seed
    always gives the same one.
    """
    address = simulated_address(seed)
    plan = parse_faults(faults)
    elsewhere = next((fault for fault in plan if fault.family not in OF_A_MACHINE), None)
    if elsewhere is not None:
        raise UsageError(f"The fault {elsewhere} is not the machine's: only `treadctl dry-run` can do that.")
    treadmill = Treadmill(Peripheral(load_quirk(quirk), plan), address, Channel(plan, seed))
    peer = StrapPeer(Strap(strap_address(address), plan, seed), lambda: treadmill.peripheral.belt.speed)
    worn = type("TreadsimStrap", (StrapClient,), {"peer": peer})
    client = type("TreadsimClient", (SimulatedClient,), {"treadmill": treadmill, "strap": worn})
    scanner = type("TreadsimScanner", (SimulatedScanner,), {"treadmill": treadmill, "strap": peer})
    return Backend(client, scanner, address, treadmill, peer)
