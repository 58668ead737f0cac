"""The radio: the only user of bleak, and the only place where octets are handed to a machine.

Every call that waits for the outside world has its own limit, and every failure becomes one sentence. It decides
nothing: what is written, and when to connect or to give up, is said by the core and carried out by `driver`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from importlib.metadata import entry_points
from typing import Any, Protocol, TypeVar, cast

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from treadctl.control.events import Source
from treadctl.ftms import codec, uuids
from treadctl.model.api import Found
from treadctl.model.errors import NoMachine, UsageError
from treadctl.model.machine import Features, LinkInfo, Record
from treadctl.model.text import safe_text

from .clock import pause

T = TypeVar("T")
BACKENDS = "treadctl.backends"
CONNECT_LIMIT_S = 10.0
"""Chosen, because a machine that is awake answers within 1.2 s (real bluetoothd, measured) and a sleeping one never."""
FIND_LIMIT_S = 10.0
READ_LIMIT_S = 1.5
SUBSCRIBE_LIMIT_S = 2.0
CLOSE_LIMIT_S = 3.0
SUBSCRIBE_SPACING_S = 0.1
"""Some machines lose a subscription that follows the last one at once (reference ftms-pitfalls)."""
ONLY_ONE_SCAN_S = 6.0
SAMPLES = ((Source.TREADMILL_DATA, uuids.TREADMILL_DATA),)
ANSWERS = ((Source.CONTROL_POINT, uuids.CONTROL_POINT),)
NEWS = ((Source.STATUS, uuids.STATUS), (Source.TRAINING, uuids.TRAINING_STATUS))
"""What a stop needs to see, what it needs to be accepted (some machines refuse writes without), and the rest."""

Heard = Callable[[Source, bytes], None]
Lost = Callable[[], None]


class Backend(Protocol):
    """What a simulated radio brings (entry-point group `treadctl.backends`)."""

    simulated: bool
    client: type[BaseBleakClient]
    scanner: type[BaseBleakScanner]
    address: str

    def record(self, address: str) -> Record | None: ...


class LinkFailed(NoMachine):
    """The link could not be made or used. `str()` is the sentence, `att` the machine's ATT error code if any."""

    def __init__(self, why: str, att: int | None = None) -> None:
        super().__init__(why)
        self.att = att


def open_backend(name: str, quirk: str, faults: tuple[str, ...], seed: int) -> Backend:
    """The backend of this name. Raises UsageError when nobody provides it."""
    found = {entry.name: entry for entry in entry_points(group=BACKENDS)}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise UsageError(f"there is no Bluetooth backend {safe_text(name)!r}; installed are: {known}")
    return cast(Backend, found[name].load()(quirk=quirk, faults=faults, seed=seed))


class Link:
    """One connection to one machine. A new one for every connection: an old BleakClient doubles notifications."""

    def __init__(self, client: BleakClient, heard: Heard, lost: Lost) -> None:
        self._client, self._heard, self._lost = client, heard, lost
        self._expected = self._subscribed = False
        self._characteristics: dict[str, BleakGATTCharacteristic] = {}
        self.address = client.address
        self.info = LinkInfo(client.address)

    async def open(self) -> None:
        """Connect. Raises LinkFailed; then nothing is left behind."""
        try:
            await bounded(self._client.connect(), CONNECT_LIMIT_S, "The machine did not answer; wake it up")
            services = self._client.services
        except BleakError as error:
            await self.close()
            raise LinkFailed(sentence(error)) from error
        except LinkFailed:
            await self.close()
            raise
        # The first one of a UUID counts: some machines show the service twice (bleak raises on the second).
        for characteristic in services.characteristics.values():
            self._characteristics.setdefault(characteristic.uuid.lower(), characteristic)

    async def learn(self, simulated: bool) -> None:
        """Read what the machine says of itself; what it does not say stays unknown. Writes nothing."""
        feature, speed, incline = [await self.read(u) for u in (uuids.FEATURE, uuids.SPEED_RANGE, uuids.INCLINE_RANGE)]
        maker, model, firmware = [await self.read(u) for u in (uuids.MANUFACTURER, uuids.MODEL, uuids.FIRMWARE)]
        self.info = LinkInfo(
            address=self.address,
            name=self._name(),
            maker=_text(maker),
            model=_text(model),
            firmware=_text(firmware),
            simulated=simulated,
            features=codec.decode_feature(feature or b"") or Features(),
            speed=codec.decode_speed_range(speed or b""),
            incline=codec.decode_incline_range(incline or b""),
            control=uuids.CONTROL_POINT in self._characteristics,
        )

    async def subscribe(
        self, wanted: Iterable[tuple[Source, str]] = (*SAMPLES, *NEWS, *ANSWERS), limit: float = SUBSCRIBE_LIMIT_S
    ) -> None:
        """Turn the notifications on, each within `limit` seconds. Raises LinkFailed when there are no samples: a
        blind link is none."""
        for source, uuid in wanted:
            characteristic = self._characteristics.get(uuid)
            if characteristic is None and source is Source.TREADMILL_DATA:
                raise LinkFailed("This device sends no treadmill data; choose a treadmill that speaks FTMS.")
            if characteristic is None:
                continue
            await self._apart()
            try:
                await bounded(self._notify(source, characteristic), limit, "Subscribing took too long")
            except LinkFailed:
                if source in (Source.TREADMILL_DATA, Source.CONTROL_POINT) or not self.alive:
                    raise

    async def _apart(self) -> None:
        """Let some time pass since the last subscription; nothing waits after the last one, nor before the first."""
        if self._subscribed:
            await pause(SUBSCRIBE_SPACING_S)
        self._subscribed = True

    def _notify(self, source: Source, characteristic: BleakGATTCharacteristic) -> Awaitable[None]:
        def heard(_sender: BleakGATTCharacteristic, data: bytearray) -> None:
            if not self._expected:  # after a close stale callbacks may still fire
                self._heard(source, bytes(data))

        return self._client.start_notify(characteristic, heard)

    def divert(self, heard: Heard) -> None:
        """From now on notifications go there."""
        self._heard = heard

    async def read(self, uuid: str) -> bytes | None:
        """The value, or None when the machine has none to give. Raises LinkFailed only when the link is gone."""
        characteristic = self._characteristics.get(uuid)
        if characteristic is None:
            return None
        try:
            call = self._client.read_gatt_char(characteristic)
            return bytes(await bounded(call, READ_LIMIT_S, "No answer to a read"))
        except LinkFailed:
            if self.alive:
                return None
            raise

    async def write(self, data: bytes, limit: float) -> None:
        """Hand these octets to the Control Point, with response, within `limit` seconds. Raises LinkFailed.

        A write that is given up is not taken back: it may still reach the machine.
        """
        characteristic = self._characteristics.get(uuids.CONTROL_POINT)
        if characteristic is None:
            raise LinkFailed("This treadmill has no control point, so it cannot be driven; use its console.")
        call = self._client.write_gatt_char(characteristic, data, response=True)
        await bounded(call, limit, f"A write took over {limit:.0f} s")

    @property
    def alive(self) -> bool:
        return self._client.is_connected

    def dropped(self) -> None:
        """The other end went away, or we closed: only the first is news."""
        if not self._expected:
            self._lost()

    async def close(self, limit: float = CLOSE_LIMIT_S) -> None:
        """Disconnect within `limit` seconds; never raises. After a loss, too, or later notifications arrive twice."""
        self._expected = True
        try:
            await bounded(self._client.disconnect(), limit, "Closing took too long")
        except LinkFailed:
            return

    def _name(self) -> str:
        try:
            return safe_text(self._client.name or "")
        except (NotImplementedError, BleakError):
            return ""


class Radio:
    """Finds machines and opens links, over the platform's Bluetooth or a backend."""

    def __init__(self, backend: Backend | None = None, adapter: str = "") -> None:
        self.backend = backend
        self._bluez: Any = {"adapter": adapter} if adapter else {}
        self._seen: dict[str, BLEDevice] = {}

    @property
    def simulated(self) -> bool:
        return self.backend is not None and self.backend.simulated

    async def scan(self, seconds: float, seen: Callable[[Found], None]) -> None:
        """Report every fitness machine seen in `seconds`, each time it is heard. Raises LinkFailed."""

        def detected(device: BLEDevice, advertisement: AdvertisementData) -> None:
            if uuids.FTMS in (uuid.lower() for uuid in advertisement.service_uuids):
                self._seen[device.address.upper()] = device
                name = safe_text(advertisement.local_name or device.name or "")
                seen(Found(device.address, name, advertisement.rssi))

        scanner = self._scanner(detected)
        await bounded(scanner.start(), CONNECT_LIMIT_S, "The scan did not begin")
        try:
            await pause(seconds)
        finally:
            await bounded(scanner.stop(), CLOSE_LIMIT_S, "The scan did not end")

    async def open(self, address: str, heard: Heard, lost: Lost, find_limit: float = FIND_LIMIT_S) -> Link:
        """A connected link to `address` (empty: the only machine), nothing read or subscribed. Raises LinkFailed."""
        where = await self._find(address, find_limit)
        try:
            return await self._open(where, heard, lost, find_limit)
        except LinkFailed as failed:
            # bluetoothd forgets a machine half a minute after the scan that found it: then it has to be found again.
            remembered = self._seen.pop(address.upper(), None)
            if remembered is not where or "not found" not in str(failed.__cause__):
                raise
        return await self._open(await self._find(address, find_limit), heard, lost, find_limit)

    async def _open(self, where: BLEDevice | str, heard: Heard, lost: Lost, find_limit: float) -> Link:
        holder: list[Link] = []
        client = BleakClient(
            where,
            disconnected_callback=lambda _client: holder[0].dropped(),
            timeout=min(find_limit, CONNECT_LIMIT_S),
            bluez=self._bluez,
            backend=None if self.backend is None else self.backend.client,
        )
        holder.append(Link(client, heard, lost))
        await holder[0].open()
        return holder[0]

    async def _find(self, address: str, limit: float) -> BLEDevice | str:
        if self.backend is not None:
            return address or self.backend.address
        orphans = {device.address.upper(): device for device in await self._connected()}
        known = orphans.get(address.upper()) or self._seen.get(address.upper())
        if known is not None:
            return known
        seconds = limit if address else ONLY_ONE_SCAN_S
        return await self._look_for(address.upper(), seconds, orphans)

    async def _look_for(self, address: str, seconds: float, found: dict[str, BLEDevice]) -> BLEDevice:
        """Scan until the address shows up; without one, scan to the end and take the only machine there is."""
        here = asyncio.Event()

        def seen(machine: Found) -> None:
            found[machine.address.upper()] = self._seen[machine.address.upper()]
            if machine.address.upper() == address:
                here.set()

        scan = asyncio.ensure_future(self.scan(seconds, seen))
        arrived = asyncio.ensure_future(here.wait())
        try:
            await asyncio.wait({scan, arrived}, return_when=asyncio.FIRST_COMPLETED)
            if scan.done():
                scan.result()
        finally:
            arrived.cancel()
            scan.cancel()
            await asyncio.gather(scan, arrived, return_exceptions=True)
        return _chosen(address, found)

    async def _connected(self) -> list[BLEDevice]:
        """Fitness machines the host is connected to already: a link outlives a process that was killed (BlueZ)."""
        try:
            adapter = await bounded(BleakAdapter.get(bluez=self._bluez), CONNECT_LIMIT_S, "Bluetooth did not answer")
            return await bounded(adapter.get_connected_devices([uuids.FTMS]), READ_LIMIT_S, "Bluetooth did not answer")
        except NotImplementedError:
            return []

    def _scanner(self, detected: Callable[[BLEDevice, AdvertisementData], None]) -> BleakScanner:
        backend = None if self.backend is None else self.backend.scanner
        return BleakScanner(detected, [uuids.FTMS], bluez=self._bluez, backend=backend)


def _chosen(address: str, found: dict[str, BLEDevice]) -> BLEDevice:
    if address in found:
        return found[address]
    if address:
        raise LinkFailed(f"The treadmill {safe_text(address)} was not found; wake it up and close other apps.")
    if len(found) > 1:
        raise LinkFailed(f"There are {len(found)} treadmills in reach; choose one with --machine ADDRESS.")
    if not found:
        raise LinkFailed("No treadmill was found; wake it up, and close other apps that are connected to it.")
    return next(iter(found.values()))


async def bounded(call: Awaitable[T], limit: float, late: str) -> T:
    """The result of `call`, or LinkFailed when it fails or `limit` seconds are over: then it is left behind, cancelled.

    Not `asyncio.timeout`: that would wait for a call that swallows its cancellation.
    """
    task = asyncio.ensure_future(call)
    try:
        await asyncio.wait({task}, timeout=limit)
    finally:
        if not task.done():
            task.cancel()
            task.add_done_callback(_forget)
    if not task.done() or task.cancelled():
        raise LinkFailed(f"{late}.")
    try:
        return task.result()
    except (BleakError, TimeoutError, OSError, EOFError) as error:
        att = int(error.code) if isinstance(error, BleakGATTProtocolError) else None
        raise LinkFailed(sentence(error), att) from error


def _forget(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()


_UNAVAILABLE = {
    BleakBluetoothNotAvailableReason.POWERED_OFF:
        "The Bluetooth adapter is switched off; switch it on with: bluetoothctl power on.",
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH:
        "This computer has no Bluetooth adapter; plug one in, or walk on the simulated treadmill with --sim.",
    BleakBluetoothNotAvailableReason.DENIED_BY_USER:
        "The system does not let treadctl use Bluetooth; allow it in the system's settings.",
}
NO_BLUETOOTH = (
    "Bluetooth does not answer on this computer: install and start dbus and bluez (Debian: apt install dbus bluez), "
    "or walk on the simulated treadmill with --sim."
)


def sentence(error: Exception) -> str:
    """What happened and what to do, in one sentence, for anything bleak lets through."""
    if isinstance(error, BleakBluetoothNotAvailableError):
        return _UNAVAILABLE.get(error.reason, NO_BLUETOOTH)
    if isinstance(error, (BleakDeviceNotFoundError, TimeoutError)):
        return "The treadmill does not answer; wake it up, come closer, and close other apps connected to it."
    if isinstance(error, BleakDBusError) and "ServiceUnknown" in error.dbus_error:
        return NO_BLUETOOTH
    if isinstance(error, BleakDBusError) and error.dbus_error == "org.bluez.Error.NotReady":  # going dark just now
        return _UNAVAILABLE[BleakBluetoothNotAvailableReason.POWERED_OFF]
    if isinstance(error, BleakGATTProtocolError):
        return f"The treadmill refused with error 0x{int(error.code):02X}."
    if isinstance(error, (FileNotFoundError, ConnectionError, EOFError, PermissionError)):
        return NO_BLUETOOTH
    return f"Bluetooth failed ({safe_text(str(error)) or type(error).__name__}); try again."


def _text(data: bytes | None) -> str:
    return safe_text((data or b"").decode("utf-8", "replace").rstrip("\0 "))
