"""What a scenario has in hand: one simulated treadmill behind one of its faces, and what can be done to it.

A face is a way in which bleak reaches the treadmill; a world is what stands behind it and can be told what to do, with
the words of `treadsim serve`. Light on purpose: this runs inside a small virtual machine, too.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakBluetoothNotAvailableError, BleakDBusError, BleakError, BleakGATTProtocolError

from treadctl.ftms import uuids
from treadctl.guardian.failures import LinkFailed
from treadctl.guardian.radio import Backend, Radio

FAILURES = (BleakError, TimeoutError, OSError, EOFError, LinkFailed)
"""What bleak and the link let through."""
OBJECT = re.compile("dev(_[0-9A-F]{2}){6}")
"""bluetoothd's name for a machine."""
SAMPLE_EVERY_S = 0.5
"""As the reference machine sends them."""
WINDOW_S = 2.2
"""Chosen: four samples, or eight where each comes twice."""
SOON_S = 1.5
FIND_S = 5.0


class Cannot(Exception):
    """This face cannot do that; `str()` says why."""


class World(Protocol):
    """What stands behind a face."""

    async def do(self, command: str) -> None:
        """Carry out one command of `treadsim serve`. Raises Cannot."""

    def writes(self) -> list[str]:
        """The octets that have reached the machine's Control Point since the scenario began, as hexadecimals."""

    def linked(self) -> bool:
        """Whether the machine has a link, whoever made it."""


@dataclass(frozen=True, slots=True)
class Face:
    """One way to the treadmill. `patience`: so many times slower than an idle computer it may be."""

    name: str
    address: str
    world: World
    backend: Backend | None = None
    patience: float = 1.0

    async def do(self, *commands: str) -> None:
        """Carry these out, one after the other. Raises Cannot."""
        for command in commands:
            await self.world.do(command)

    def radio(self) -> Radio:
        return Radio(self.backend)

    async def find(self, uuid: str = uuids.FTMS, seconds: float = FIND_S) -> tuple[BLEDevice, AdvertisementData] | None:
        """The machine as a scan for this service shows it, with its name, or None."""
        found: list[tuple[BLEDevice, AdvertisementData]] = []

        def detected(device: BLEDevice, said: AdvertisementData) -> None:
            if device.address.upper() == self.address.upper() and said.local_name:
                found.append((device, said))

        backend = None if self.backend is None else self.backend.scanner
        async with BleakScanner(detected, [uuid], backend=backend):
            await self.comes(lambda: found, seconds)
        return found[0] if found else None

    async def comes(self, is_so: Callable[[], object], seconds: float = SOON_S) -> bool:
        """Whether it becomes so, in time for a face this slow."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds * self.patience):
                while not is_so():  # noqa: ASYNC110 - lists and other processes set no event
                    await asyncio.sleep(0.01)
        return bool(is_so())


@dataclass(slots=True)
class Client:
    """A plain BleakClient, what it was notified of, and how often it was told that the link is gone."""

    face: Face
    bleak: BleakClient
    told: list[None] = field(default_factory=list)
    heard: dict[str, list[bytes]] = field(default_factory=dict)

    async def listen(self, uuid: str) -> list[bytes]:
        """Subscribe; the list fills."""
        heard = self.heard.setdefault(uuid, [])
        await self.bleak.start_notify(uuid, lambda _sender, data: heard.append(bytes(data)))
        return heard

    async def read(self, uuid: str) -> str:
        return bytes(await self.bleak.read_gatt_char(uuid)).hex(" ")

    async def write(self, data: bytes) -> None:
        await self.bleak.write_gatt_char(uuids.CONTROL_POINT, data, response=True)

    async def ask(self, data: bytes) -> str:
        """What the Control Point answers to this, or what became of the write."""
        heard = self.heard.setdefault(uuids.CONTROL_POINT, [])
        before = len(heard)
        written = await outcome(self.write(data))
        if written != "ok":
            return written
        answered = await self.face.comes(lambda: len(heard) > before)
        return heard[before].hex(" ") if answered else "no answer"

    async def samples(self) -> str:
        """How treadmill data come in: none, each once, or each twice."""
        return await rate(self.heard.setdefault(uuids.TREADMILL_DATA, []))

    async def leave(self) -> None:
        """End the link the quick way: the machine hangs up (bluetoothd takes two seconds to do it)."""
        with suppress(Cannot):
            await self.face.do("drop")
        await self.face.comes(lambda: not self.bleak.is_connected)
        with suppress(BleakError, TimeoutError):
            await self.bleak.disconnect()


def a_client(face: Face, where: BLEDevice | str = "", limit: float = FIND_S) -> Client:
    """A client that has not connected yet. `limit` seconds for that, more where the face is slow."""
    told: list[None] = []
    bleak = BleakClient(
        where or face.address,
        disconnected_callback=lambda _client: told.append(None),
        timeout=limit * face.patience,
        backend=None if face.backend is None else face.backend.client,
    )
    return Client(face, bleak, told)


def state_of(client: Client) -> str:
    """What the client itself says of its link, and how often it was told of the end."""
    return f"{'connected' if client.bleak.is_connected else 'not connected'}, {times(client.told)}"


def times(told: Sequence[object]) -> str:
    """How often somebody was told of the end of a link."""
    return ("not told", "told once")[len(told)] if len(told) < 2 else f"told {len(told)} times"


@asynccontextmanager
async def connected(face: Face, *listening: str) -> AsyncIterator[Client]:
    """A connected client that listens to these."""
    client = a_client(face)
    await client.bleak.connect()
    try:
        for uuid in listening:
            await client.listen(uuid)
        yield client
    finally:
        await client.leave()


async def rate(heard: list[bytes]) -> str:
    """How this list fills: not at all, as fast as the machine sends, or twice as fast."""
    loop = asyncio.get_running_loop()
    begin, before = loop.time(), len(heard)
    await asyncio.sleep(WINDOW_S)
    sent = (loop.time() - begin) / SAMPLE_EVERY_S
    arrived = (len(heard) - before) / sent
    return "no samples" if arrived == 0 else "each sample once" if arrived < 1.5 else "each sample twice"


async def outcome(call: Awaitable[object]) -> str:
    """"ok", or how the call failed."""
    try:
        await call
    except FAILURES as error:
        return named(error)
    return "ok"


def named(error: BaseException) -> str:
    """A failure in a few words that are the same at every run."""
    if isinstance(error, BleakGATTProtocolError):
        return f"ATT 0x{int(error.code):02X}"
    if isinstance(error, BleakDBusError):
        return f"BleakDBusError {error.dbus_error}"
    if isinstance(error, BleakBluetoothNotAvailableError):
        return f"BleakBluetoothNotAvailableError {error.reason.name}"
    if isinstance(error, LinkFailed) or type(error) is BleakError:
        return f"{type(error).__name__}: {OBJECT.sub('dev_ADDRESS', str(error))}"
    return type(error).__name__
