"""A bleak backend over Bumble, so that the guardian's own link runs on real ATT, L2CAP and HCI; for tests only.

One Bumble host on one HCI transport has all scanners and clients. What a client sees (error codes, the disconnect
callback, a write that is not taken back) follows what real bluetoothd was measured to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDBusError, BleakError, BleakGATTProtocolError
from bumble import core, gatt_client
from bumble.att import ATT_Error
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.hci import Address, HCI_Error, OwnAddressType
from bumble.transport import open_transport

from treadctl.ftms import uuids
from treadctl.model.machine import Record

T = TypeVar("T")
CENTRAL = "F0:00:00:FF:FF:FF"
"""A random static address, so it can be nobody's computer."""
UNLIKELY_ERROR = 0x0E
"""What an operation in flight gets when the link drops, as on real bluetoothd (measured)."""
PROPERTIES: tuple[CharacteristicPropertyName, ...] = ("read", "write", "notify", "indicate")


def full(uuid: core.UUID) -> str:
    """As bleak writes it."""
    return uuids.full(int(uuid.to_hex_str(), 16)) if len(bytes(uuid)) == 2 else str(uuid).lower()


class BumbleScanner(BaseBleakScanner):
    """Reports whatever `device` hears, advertisement and scan response together."""

    device: ClassVar[Device]

    def __init__(self, detection_callback: Any, service_uuids: list[str] | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        self.seen_devices = {}
        self.device.on(Device.EVENT_ADVERTISEMENT, self._heard)
        await self.device.start_scanning(active=True, own_address_type=OwnAddressType.RANDOM)

    async def stop(self) -> None:
        self.device.remove_listener(Device.EVENT_ADVERTISEMENT, self._heard)
        await self.device.stop_scanning()

    def _heard(self, advertisement: Advertisement) -> None:
        found = _advertisement_data(advertisement)
        if self.is_allowed_uuid(found.service_uuids):
            address = advertisement.address.to_string(False)
            device = self.create_or_update_device(address, address, found.local_name, None, found)
            self.call_detection_callbacks(device, found)


def _advertisement_data(advertisement: Advertisement) -> AdvertisementData:
    services: list[str] = []
    data: dict[str, bytes] = {}
    name = None
    for kind, octets in advertisement.data.ad_structures:
        if kind == core.AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS:
            services += [full(core.UUID.from_bytes(octets[at:at + 2])) for at in range(0, len(octets), 2)]
        elif kind == core.AdvertisingData.SERVICE_DATA_16_BIT_UUID:
            data[full(core.UUID.from_bytes(octets[:2]))] = octets[2:]
        elif kind == core.AdvertisingData.COMPLETE_LOCAL_NAME:
            name = octets.decode()
    return AdvertisementData(name, {}, data, services, None, advertisement.rssi, ())


class BumbleClient(BaseBleakClient):
    """A bleak client on `device`."""

    device: ClassVar[Device]

    def __init__(self, address_or_ble_device: BLEDevice | str, **kwargs: Any) -> None:
        super().__init__(address_or_ble_device, **kwargs)
        self._link: Connection | None = None
        self._name = ""
        self._listening: dict[int, Any] = {}

    @property
    def name(self) -> str:
        return self._name

    @property
    def mtu_size(self) -> int:
        return 23 if self._link is None else int(self._link.att_mtu)

    @property
    def is_connected(self) -> bool:
        return self._link is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """Connect and discover. Raises TimeoutError when nobody answers in time, BleakError when it fails otherwise."""
        until = asyncio.get_running_loop().time() + self._timeout
        try:
            self._link = await self.device.connect(
                Address(self.address, Address.RANDOM_DEVICE_ADDRESS), own_address_type=OwnAddressType.RANDOM,
                timeout=self._timeout,
            )
        except core.TimeoutError as error:
            raise TimeoutError from error
        except core.BaseBumbleError as error:
            raise BleakError(str(error)) from error
        self._link.on(Connection.EVENT_DISCONNECTION, self._lost)
        async with asyncio.timeout_at(until):
            await self._guard(self._discover(Peer(self._link)))

    async def _discover(self, peer: Peer) -> None:
        found = BleakGATTServiceCollection()
        for service in await peer.discover_services():
            ours = BleakGATTService(service, service.handle, full(service.uuid))
            found.add_service(ours)
            for one in await peer.discover_characteristics(service=service):
                properties = [name for name in PROPERTIES if one.properties & type(one.properties)[name.upper()]]
                found.add_characteristic(
                    BleakGATTCharacteristic(one, one.handle, full(one.uuid), properties, lambda: 20, ours)
                )
        name = found.get_characteristic(uuids.full(0x2A00))
        self._name = "" if name is None else bytes(await name.obj.read_value()).decode()
        self.services = found

    async def disconnect(self) -> None:
        if self._link is not None:
            await self._link.disconnect()

    def _lost(self, _reason: int) -> None:
        """The link has gone; the callback comes for a wanted disconnect too, as on BlueZ."""
        self._link = self.services = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def _guard(self, work: Coroutine[Any, Any, T]) -> T:
        """The result, with bleak's errors. Bumble cancels what is in flight when the link drops; what is given up here
        goes on, since nothing takes back an ATT request."""
        if self._link is None:
            work.close()
            raise BleakError("Not connected")
        task = asyncio.ensure_future(work)
        task.add_done_callback(_look)
        await asyncio.wait({task})
        if task.cancelled():
            raise BleakGATTProtocolError(UNLIKELY_ERROR)
        try:
            return task.result()
        except ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error
        except (core.BaseBumbleError, TimeoutError) as error:
            raise BleakGATTProtocolError(UNLIKELY_ERROR) from error

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        return bytearray(await self._guard(_of(characteristic).read_value()))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        raise NotImplementedError

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:
        await self._guard(_of(characteristic).write_value(bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: Any) -> None:
        raise NotImplementedError

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        if not {"notify", "indicate"} & set(characteristic.properties):
            raise BleakDBusError("org.bluez.Error.NotSupported", ["Operation is not supported"])

        def heard(data: bytes) -> None:
            callback(bytearray(data))

        self._listening[characteristic.handle] = heard
        await self._guard(_of(characteristic).subscribe(heard, prefer_notify="notify" in characteristic.properties))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        await self._guard(_of(characteristic).unsubscribe(self._listening.pop(characteristic.handle)))


def _of(characteristic: BleakGATTCharacteristic) -> gatt_client.CharacteristicProxy[bytes]:
    found: gatt_client.CharacteristicProxy[bytes] = characteristic.obj
    return found


def _look(task: asyncio.Task[Any]) -> None:
    """Somebody may have stopped waiting for it."""
    if not task.cancelled():
        task.exception()


@dataclass(frozen=True, slots=True)
class Backend:
    """What the guardian's radio takes: bleak classes on one Bumble host."""

    client: type[BaseBleakClient]
    scanner: type[BaseBleakScanner]
    address: str
    device: Device
    sink: Any
    simulated: bool = True

    def vanish(self) -> None:
        """As when the computer is switched off."""
        self.sink.transport.abort()

    def heard(self, words: str) -> None:
        """Nobody stands at this console."""

    def record(self, address: str) -> Record | None:
        return None


@asynccontextmanager
async def backend(transport: str, address: str) -> AsyncIterator[Backend]:
    """A computer on this HCI transport, and the machine that it is to find."""
    async with await open_transport(transport) as opened:
        device = Device.with_hci("treadctl", Address(CENTRAL), opened.source, opened.sink)
        await device.power_on()
        client = type("TestClient", (BumbleClient,), {"device": device})
        scanner = type("TestScanner", (BumbleScanner,), {"device": device})
        try:
            yield Backend(client, scanner, address, device, opened.sink)
        finally:
            for link in tuple(device.connections.values()):
                try:
                    await link.disconnect()
                except HCI_Error:
                    continue
