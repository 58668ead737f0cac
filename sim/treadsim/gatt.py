"""The simulated treadmill as a Bumble GATT server, on any controller that Bumble can drive: real ATT, L2CAP and HCI.

A thin face: the machine's rules are `peripheral`, link and faults are `bluez_air`; this module speaks ATT for them. It
keeps the CCCDs itself, since Bumble answers them at once whatever becomes of the link. No pairing, one link at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from bumble.att import ATT_Error, Attribute, AttributeValue
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import AdvertisingType, Connection, Device, DeviceConfiguration
from bumble.gatt import GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR as CCCD
from bumble.gatt import Characteristic as GattCharacteristic
from bumble.gatt import CharacteristicValue, Descriptor, Service
from bumble.hci import Address, HCI_Reset_Command, OwnAddressType
from bumble.host import Host

from treadctl.ftms import uuids
from treadctl.model.errors import NoMachine
from treadctl.model.units import Ms

from .bluez_air import Air
from .manners import Manners
from .pause import let_pass
from .peripheral import INVALID_LENGTH, AttError, Characteristic

T = TypeVar("T")
LATENCY: Ms = 0
"""One way: whatever is below ATT takes its own time."""
INTERVAL_MS = 100
"""Between advertisements; chosen, as usual for a machine that is plugged in."""
TEND: Ms = 50
"""Chosen: a machine that lost its link is seen again so soon."""
OPEN_LIMIT_S = 10.0
"""Chosen: a controller answers within a second."""
CLOSE_LIMIT_S = 1.0
PATIENCE = 20
"""Chosen: refusals in a row, so a second; a race of a new link with an advertisement is over in one round."""
LONGEST_NAME = 29
"""31 octets of a packet, less the head of the name."""
UNLIKELY_ERROR, VALUE_NOT_ALLOWED = 0x0E, 0x13
REMOTE_USER, TIMEOUT = 0x13, 0x08
"""Why a link ends: the other end closed it, or nothing was heard for the supervision timeout (Core vol 1 part F)."""
PROPERTIES = {
    "read": GattCharacteristic.Properties.READ, "write": GattCharacteristic.Properties.WRITE,
    "write-without-response": GattCharacteristic.Properties.WRITE_WITHOUT_RESPONSE,
    "notify": GattCharacteristic.Properties.NOTIFY, "indicate": GattCharacteristic.Properties.INDICATE,
}
TURNED_ON = {"notify": b"\x01\x00", "indicate": b"\x02\x00"}
OFF = b"\x00\x00"


class Gatt:
    """One machine on one Bluetooth host. It is seen while it is `shown`, in reach, and nobody is connected."""

    def __init__(self, air: Air, address: str, host: Host) -> None:
        self.shown = True
        self._air = air
        self._link: Connection | None = None
        self._configured: dict[str, bytes] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        rows = air.manners.table(air.peripheral.quirk)
        self._table = {row.uuid: self._characteristic(row) for row in rows}
        self._device = _Device(air, address, host)
        self._device.add_services(self._services(rows))
        self._device.on(Device.EVENT_CONNECTION, self._connected)
        air.latency = LATENCY
        air.on_value, air.on_lost, air.on_adapter = self._value, self._lost, self._adapter

    async def open(self) -> None:
        """Set the controller up. Raises NoMachine when it does not answer or refuses."""
        try:
            async with asyncio.timeout(OPEN_LIMIT_S):
                await self._device.power_on()
        except (TimeoutError, BaseBumbleError) as error:
            raise NoMachine("The Bluetooth controller does not answer as one does; plug it in again.") from error

    async def serve(self) -> None:
        """Be on the air until cancelled. Raises NoMachine when the controller refuses again and again."""
        refused = 0
        while refused < PATIENCE:
            try:
                await self._be_seen()
                refused = 0
            except BaseBumbleError:  # a link may begin at this very moment; then the next round sees it
                refused += 1
            await let_pass(TEND)
        raise NoMachine("The Bluetooth controller refuses to advertise; try another one.")

    async def close(self) -> None:
        """Leave the air: a controller goes on without the process that used it."""
        self._air.hang_up()
        with suppress(TimeoutError, BaseBumbleError):
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await self._device.send_sync_command(HCI_Reset_Command())

    async def _be_seen(self) -> None:
        wanted = self.shown and self._link is None and self._air.reachable
        if wanted and not self._device.is_advertising:
            await self._advertise()
        elif self._device.is_advertising and not wanted:
            await self._device.stop_advertising()

    async def _advertise(self) -> None:
        """The name goes into the scan response: one packet has no room for it."""
        name = self._air.peripheral.quirk.record.name
        await self._device.start_advertising(
            AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE, own_address_type=OwnAddressType.RANDOM,
            advertising_data=_advertisement(self._air.manners), scan_response_data=_scan_response(name),
            advertising_interval_min=INTERVAL_MS, advertising_interval_max=INTERVAL_MS,
        )

    # --- the link ----------------------------------------------------------------------------------------------------

    def _connected(self, connection: Connection) -> None:
        wait, works = (0, False) if self._link is not None else self._air.channel.connecting(self._air.now(), 0)
        if not works:
            self._spawn(_end(connection, REMOTE_USER))
            return
        self._link = connection
        self._device.deaf_until = self._air.now() + wait
        connection.on(Connection.EVENT_DISCONNECTION, lambda _reason: self._disconnected(connection))
        self._air.connect()

    def _disconnected(self, connection: Connection) -> None:
        if self._link is connection:
            self._link = None
            self._air.hang_up()

    def _lost(self) -> None:
        """The air says that the link is gone: Bluetooth has to hear of it, unless the news came from there."""
        self._configured.clear()
        link, self._link = self._link, None
        if link is not None:
            self._spawn(_end(link, TIMEOUT if self._air.silent else REMOTE_USER))

    def _adapter(self, on: bool) -> None:
        """A dark adapter ends the link; while it lasts the machine is out of reach."""
        if not on:
            self._air.hang_up()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- ATT ---------------------------------------------------------------------------------------------------------

    def _services(self, rows: tuple[Characteristic, ...]) -> list[Service]:
        found: dict[str, list[GattCharacteristic[bytes]]] = {}
        for row in rows:
            found.setdefault(row.service, []).append(self._table[row.uuid])
        return [Service(_uuid(service), its) for service, its in found.items()]

    def _characteristic(self, row: Characteristic) -> GattCharacteristic[bytes]:
        uuid, both = row.uuid, Attribute.Permissions.READABLE | Attribute.Permissions.WRITEABLE
        properties = reduce(or_, (PROPERTIES[name] for name in row.properties))
        value = CharacteristicValue(
            read=lambda _link: self._asked(self._air.exchange(lambda: self._air.read(uuid))),
            write=lambda _link, data: self._asked(self._air.write(uuid, bytes(data))),
        )
        configuration = AttributeValue(
            read=lambda _link: self._asked(self._air.exchange(lambda: self._configured.get(uuid, OFF))),
            write=lambda _link, data: self._asked(self._air.exchange(lambda: self._configure(row, bytes(data)))),
        )
        turned_on = [Descriptor(CCCD, both, configuration)] if TURNED_ON.keys() & set(row.properties) else []
        return GattCharacteristic(_uuid(uuid), properties, both, value, turned_on)

    def _configure(self, row: Characteristic, data: bytes) -> None:
        """A CCCD write: this characteristic's own way of telling on or off, or an error."""
        if len(data) != 2:
            raise AttError(INVALID_LENGTH)
        if data == OFF:
            self._air.unsubscribe(row.uuid)
        elif data in [TURNED_ON[name] for name in row.properties if name in TURNED_ON]:
            self._air.subscribe(row.uuid)
        else:
            raise AttError(VALUE_NOT_ALLOWED)
        self._configured[row.uuid] = data

    async def _asked(self, work: Coroutine[Any, Any, T]) -> T:
        """The machine's answer. Whatever fails has to become an ATT error: to anything else Bumble never answers."""
        task = asyncio.current_task()
        if task is not None:
            self._air.fly(task)
        try:
            return await work
        except AttError as error:
            raise ATT_Error(error.code) from None
        except Exception as error:
            self._air.tell("bug", error=repr(error))
            raise ATT_Error(UNLIKELY_ERROR) from error

    def _value(self, uuid: str, data: bytes) -> None:
        """Something that the machine sends. Each is handed over before the next; an indication waits for the last one's
        confirmation."""
        if self._link is not None:
            self._air.fly(self._spawn(self._send(self._link, self._table[uuid], data)))

    async def _send(self, link: Connection, characteristic: GattCharacteristic[bytes], data: bytes) -> None:
        indicates = GattCharacteristic.Properties.INDICATE in characteristic.properties
        send = self._device.indicate_subscriber if indicates else self._device.notify_subscriber
        with suppress(TimeoutError):  # never confirmed
            await send(link, characteristic, data, force=True)


class _Device(Device):
    """A host that hears no ATT while the air is silent, whatever is asked: discovery, too."""

    def __init__(self, air: Air, address: str, host: Host) -> None:
        self._air = air
        self.deaf_until: Ms = 0
        name = air.peripheral.quirk.record.name
        super().__init__(config=DeviceConfiguration(name=name, address=Address(address)), host=host)

    def on_gatt_pdu(self, connection_handle: int, pdu: bytes) -> None:
        wait = self.deaf_until - self._air.now()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait / 1000, self.on_gatt_pdu, connection_handle, pdu)
        elif not self._air.silent:
            super().on_gatt_pdu(connection_handle, pdu)


async def _end(link: Connection, reason: int) -> None:
    """End a link. A real controller cannot pretend a timeout."""
    try:
        await link.disconnect(reason)
    except BaseBumbleError:
        with suppress(BaseBumbleError):
            await link.disconnect(REMOTE_USER)


def _uuid(uuid: str) -> UUID:
    return UUID.from_16_bits(int(uuids.short(uuid), 16))


def _advertisement(manners: Manners) -> bytes:
    parts = [(AdvertisingData.FLAGS, b"\x06")]  # general discoverable, no BR/EDR
    for uuid in manners.advertised:
        parts.append((AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, bytes(_uuid(uuid))))
    for uuid, octets in manners.service_data.items():
        parts.append((AdvertisingData.SERVICE_DATA_16_BIT_UUID, bytes(_uuid(uuid)) + octets))
    return bytes(AdvertisingData(parts))


def _scan_response(name: str) -> bytes:
    octets = name.encode()
    fits = len(octets) <= LONGEST_NAME
    kind = AdvertisingData.COMPLETE_LOCAL_NAME if fits else AdvertisingData.SHORTENED_LOCAL_NAME
    return bytes(AdvertisingData([(kind, octets[:LONGEST_NAME].decode(errors="ignore").encode())]))
