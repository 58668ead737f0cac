"""The radio: finds machines, and opens links to them, over the platform's Bluetooth or a backend.

A scan asks for everything in the air, because several treadmills do not name the Fitness Machine Service in their
advertisement, and tells of what may be a treadmill only: a building full of headphones is nobody's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any, Protocol, cast

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

from treadctl.files.captures import Advertisement, Named
from treadctl.files.quirks import Match, known_machines
from treadctl.ftms import codec, uuids
from treadctl.model.api import Found
from treadctl.model.errors import UsageError
from treadctl.model.machine import LinkInfo, Record
from treadctl.model.text import safe_text

from .clock import pause
from .failures import BLUEZ_HANGS, SCAN_HANGS, LinkFailed, bounded
from .link import CLOSE_LIMIT_S, CONNECT_LIMIT_S, READ_LIMIT_S, Heard, Link, Lost

BACKENDS = "treadctl.backends"
FIND_LIMIT_S = 10.0
ONLY_ONE_SCAN_S = 6.0
TOLD_AGAIN_S = 0.5
"""Chosen: a list of machines that changes twice a second is alive, and hundreds of them are no flood."""

NOT_HEARD = -127
"""What bleak tells of a device whose strength BlueZ does not know."""

STRAPS_MAX = 64
"""Names kept; a race for hearts has fewer in reach."""
ADDRESS_COLONS = 5

Detected = Callable[[BLEDevice, AdvertisementData], None]
Familiar = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Worn:
    """A heart-rate strap that was found."""

    where: BLEDevice | str
    address: str
    name: str


class Backend(Protocol):
    """What a simulated radio brings (entry-point group `treadctl.backends`)."""

    @property
    def simulated(self) -> bool: ...
    @property
    def client(self) -> type[BaseBleakClient]: ...
    @property
    def scanner(self) -> type[BaseBleakScanner]: ...
    @property
    def address(self) -> str: ...
    def record(self, address: str) -> Record | None: ...
    def heard(self, words: str) -> None: ...


def open_backend(name: str, quirk: str, faults: tuple[str, ...], seed: int) -> Backend:
    """The backend of this name. Raises UsageError when nobody provides it."""
    found = {entry.name: entry for entry in entry_points(group=BACKENDS)}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise UsageError(f"there is no Bluetooth backend {safe_text(name)!r}; installed are: {known}")
    return cast(Backend, found[name].load()(quirk=quirk, faults=faults, seed=seed))


@lru_cache(maxsize=1024)
def known_name(name: str) -> bool:
    """Whether a known machine calls itself so. What else its quirk asks for, only a connection tells."""
    names = (quirk.match.name for quirk in known_machines() if quirk.match is not None)
    return any(Match(name=patterns).fits(LinkInfo("", name=name)) is not None for patterns in names)


class Radio:
    """One adapter. `familiar` says of a name whether machines of that name are known to be treadmills."""

    def __init__(self, backend: Backend | None = None, adapter: str = "", familiar: Familiar = known_name) -> None:
        self.backend = backend
        self._familiar = familiar
        self._bluez: Any = {"adapter": adapter} if adapter else {}
        self._seen: dict[str, BLEDevice] = {}
        self._advertised: dict[str, AdvertisementData] = {}
        self._straps: dict[str, str] = {}
        self._strap_scan: asyncio.Task[None] | None = None

    @property
    def simulated(self) -> bool:
        return self.backend is not None and self.backend.simulated

    # --- finding ------------------------------------------------------------------------------------------------

    async def scan(self, seconds: float, seen: Callable[[Found], None], recorded: Collection[str] = ()) -> None:
        """Report what may be a treadmill, or is a strap, and is seen in `seconds`, each at most twice a second. Raises
        LinkFailed.

        `recorded` are the addresses of which there is a record, in capitals.
        """
        await asyncio.to_thread(known_machines)  # their files are read once, and not on the loop
        told: dict[str, float] = {}
        loop = asyncio.get_running_loop()

        def detected(device: BLEDevice, advertisement: AdvertisementData) -> None:
            address, now = device.address.upper(), loop.time()
            if now - told.get(address, -TOLD_AGAIN_S) < TOLD_AGAIN_S:
                return
            found = self._judged(device, advertisement, recorded)
            if found is not None:
                told[address] = now
                self._strap_seen(found)
                self._seen[address], self._advertised[address] = device, advertisement
                seen(found)

        await self._listen(seconds, detected)

    def _judged(
        self, device: BLEDevice, advertisement: AdvertisementData, recorded: Collection[str]
    ) -> Found | None:
        """What is told of this device; None when nothing says that it may be a treadmill or a strap."""
        name = safe_text(advertisement.local_name or device.name or "")
        fitness, treadmill = _announced(advertisement)
        known = device.address.upper() in recorded or self._brought(device.address)
        rssi = advertisement.rssi if advertisement.rssi > NOT_HEARD else None
        if not (fitness or known or self._familiar(name)):
            strap = uuids.HEART_RATE in {uuid.lower() for uuid in advertisement.service_uuids}
            return Found(device.address, name, rssi, fitness=False, treadmill=False, strap=True) if strap else None
        return Found(device.address, name, rssi, known, fitness, treadmill)

    def _brought(self, address: str) -> bool:
        """Whether a simulated machine brings its record along."""
        return self.backend is not None and self.backend.record(address) is not None

    async def _listen(self, seconds: float, detected: Detected) -> None:
        """Scan. A strap's search ends first: two scans at once fail."""
        if self._strap_scan is not None and self._strap_scan is not asyncio.current_task():
            self._strap_scan.cancel()
            await asyncio.wait({self._strap_scan}, timeout=CLOSE_LIMIT_S)
        backend = None if self.backend is None else self.backend.scanner
        scanner = BleakScanner(detected, bluez=self._bluez, backend=backend)
        await bounded(scanner.start(), CONNECT_LIMIT_S, SCAN_HANGS)
        try:
            await pause(seconds)
        finally:
            await bounded(scanner.stop(), CLOSE_LIMIT_S, SCAN_HANGS)

    def advertisement(self, address: str) -> Advertisement:
        """What the machine with this address last advertised while this process listened."""
        last = self._advertised.get(address.upper())
        if last is None:
            return Advertisement()
        return Advertisement(
            seen=True,
            named=bool(last.local_name),
            services=tuple(sorted(map(uuids.short, last.service_uuids))),
            service_data=tuple(Named(uuids.short(uuid), bytes(data)) for uuid, data in last.service_data.items()),
            companies=tuple(sorted(last.manufacturer_data)),
        )

    # --- straps -------------------------------------------------------------------------------------------------

    async def find_strap(self, who: str, limit: float, *, scan: bool) -> Worn | None:
        """The strap with this address, or the only one whose name begins so; None where it is not known, and not heard
        within `limit` seconds or not to be looked for. Raises LinkFailed."""
        connected = [] if self.backend is not None else await self._connected(uuids.HEART_RATE)
        for device in connected:
            self._seen[device.address.upper()] = device
        where = self._seen.get(who.upper())
        if where is not None:
            return self._worn(where, who)
        if self.backend is not None and who.count(":") == ADDRESS_COLONS:
            return self._worn(who, who)
        if not scan:
            return None
        self._straps.clear()
        self._strap_scan = asyncio.ensure_future(self._listen(limit, self._note_strap))
        try:
            await asyncio.wait({self._strap_scan})
            if not self._strap_scan.cancelled():
                self._strap_scan.result()
        finally:
            self._strap_scan.cancel()
        fitting = [one for one in self._straps if one == who.upper() or self._named(one, who)]
        if len(fitting) > 1:
            raise LinkFailed(f"There are {len(fitting)} straps of that name; choose one by its address.")
        return self._worn(self._seen[fitting[0]], fitting[0]) if fitting else None

    def strap_client(self, worn: Worn, lost: Callable[[], None], timeout: float) -> BleakClient:
        """A client for this strap, not connected."""
        return BleakClient(
            worn.where, disconnected_callback=lambda _client: lost(), timeout=timeout, bluez=self._bluez,
            backend=None if self.backend is None else self.backend.client,
        )

    def forget(self, address: str) -> None:
        """It has to be found again."""
        self._seen.pop(address.upper(), None)

    def _note_strap(self, device: BLEDevice, advertisement: AdvertisementData) -> None:
        found = self._judged(device, advertisement, ())
        if found is not None:
            self._seen[device.address.upper()] = device
            self._strap_seen(found)

    def _strap_seen(self, found: Found) -> None:
        if found.strap and len(self._straps) < STRAPS_MAX:
            self._straps[found.address.upper()] = found.name

    def _named(self, address: str, who: str) -> bool:
        return self._straps[address].casefold().startswith(who.casefold())

    def _worn(self, where: BLEDevice | str, address: str) -> Worn:
        return Worn(where, address, self._straps.get(address.upper()) or address)

    # --- connecting ---------------------------------------------------------------------------------------------

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
        return await self._look_for(address.upper(), limit) if address else await self._only_one(orphans)

    async def _look_for(self, address: str, limit: float) -> BLEDevice:
        """Scan until this address shows up, whatever it says of itself."""
        here: asyncio.Future[BLEDevice] = asyncio.get_running_loop().create_future()

        def detected(device: BLEDevice, advertisement: AdvertisementData) -> None:
            if device.address.upper() == address and not here.done():
                self._advertised[address] = advertisement
                here.set_result(device)

        scan = asyncio.ensure_future(self._listen(limit, detected))
        either: set[asyncio.Future[Any]] = {scan, here}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if scan.done():
                scan.result()
        finally:
            scan.cancel()
            await asyncio.gather(scan, return_exceptions=True)
        if not here.done():
            raise LinkFailed(f"The treadmill {safe_text(address)} was not found; wake it up and close other apps.")
        return here.result()

    async def _only_one(self, found: dict[str, BLEDevice]) -> BLEDevice:
        """Scan to the end and take the only machine there is; what says that it is no treadmill is none."""

        def seen(machine: Found) -> None:
            if machine.treadmill is not False and not machine.strap:
                found[machine.address.upper()] = self._seen[machine.address.upper()]

        await self.scan(ONLY_ONE_SCAN_S, seen)
        if len(found) > 1:
            raise LinkFailed(f"There are {len(found)} treadmills in reach; choose one with --machine ADDRESS.")
        if not found:
            raise LinkFailed("No treadmill was found; wake it up, and close other apps that are connected to it.")
        return next(iter(found.values()))

    async def _connected(self, service: str = uuids.FTMS) -> list[BLEDevice]:
        """What has this service and is connected already: a link outlives a process that was killed (BlueZ)."""
        try:
            adapter = await bounded(BleakAdapter.get(bluez=self._bluez), CONNECT_LIMIT_S, BLUEZ_HANGS)
            return await bounded(adapter.get_connected_devices([service]), READ_LIMIT_S, BLUEZ_HANGS)
        except NotImplementedError:
            return []


def _announced(advertisement: AdvertisementData) -> tuple[bool, bool | None]:
    """Whether it says it is a fitness machine, and whether a treadmill; None: it does not say which kind.

    Neither is ever required of a machine: service data are missing, empty or short on several, on some with the octets
    of the type swapped.
    """
    said = {uuid.lower(): data for uuid, data in advertisement.service_data.items()}
    fitness = uuids.FTMS in said or uuids.FTMS in {uuid.lower() for uuid in advertisement.service_uuids}
    service = codec.decode_service_data(said.get(uuids.FTMS, b""))
    return fitness, None if service is None or not service.types else service.treadmill
