"""The faces behind bleak's production Linux backend: the simulated treadmill as a process, told what to do in lines.

`mock`: with a mock org.bluez, on a message bus of its own. `vm`: over a real kernel and the real bluetoothd.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio.message_bus import MessageBus

from .face import Cannot, Face

Event = dict[str, Any]
ANEW = ("power-on", "drop", "show", "unmute", "refuse 0", "latency 15")
"""What makes a treadmill as it was at its begin, as far as it lets itself be told."""
DONE_S = 5.0
HEARD_S = 0.1
"""Chosen: for what the last scenario left on the message bus."""
POWER_S = 10.0
POWERED = ["org.bluez.Adapter1", "Powered"]
SETTLED_S = 1.0
"""Chosen: enough for every program on the bus to have heard of it."""
STILL_S = 15.0
VM_PATIENCE = 4.0
"""Chosen: an emulated processor was up to 20 times slower (measured), of which most is Python's start."""


class Told:
    """A treadmill in a process of its own. `hear` reads the lines that have come since it was last asked."""

    def __init__(self, say: Callable[[str], None], hear: Callable[[], list[str]], patience: float) -> None:
        self._say, self._hear, self._patience = say, hear, patience
        self._events: list[Event] = []

    async def do(self, command: str) -> None:
        earlier = len(self.events())
        self._say(command + "\n")
        await self._until(lambda: bool(self._answers(command, earlier)), DONE_S, f"it does not answer to {command}")
        if self._answers(command, earlier) == ["unknown"]:
            raise Cannot(f"it has no {command.partition(' ')[0]}")

    def _answers(self, command: str, earlier: int) -> list[str]:
        told = self.events()[earlier:]
        return [event["is"] for event in told if event["is"] in ("did", "unknown") and event["command"] == command]

    def events(self) -> list[Event]:
        """All that it has told since the scenario began."""
        lines = [line for line in self._hear() if line.startswith("{")]
        self._events += [json.loads(line) for line in lines]
        return self._events

    def writes(self) -> list[str]:
        return [event["data"] for event in self.events() if event["is"] == "write"]

    def linked(self) -> bool:
        links = [event["up"] for event in self.events() if event["is"] == "link"]
        return bool(links and links[-1])

    async def anew(self) -> None:
        """As it was at its begin, with a belt that stands; nothing is remembered of what was before."""
        for command in ANEW:
            with suppress(Cannot):
                await self.do(command)
        if self._speed() != 0:
            await self.do("console-stop")
            await self._until(lambda: self._speed() == 0, STILL_S, "its belt does not stand")
        await asyncio.sleep(HEARD_S)
        self._events.clear()

    def _speed(self) -> int:
        belt = [event["speed"] for event in self.events() if event["is"] == "belt"]
        return int(belt[-1]) if belt else 0

    async def _until(self, is_so: Callable[[], bool], seconds: float, why: str) -> None:
        try:
            async with asyncio.timeout(seconds * self._patience):
                while not is_so():  # noqa: ASYNC110 - another process sets no event
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise Cannot(why) from None


class ToldOverBluez(Told):
    """One whose adapter is switched over the message bus: in the machine itself there is no adapter."""

    async def do(self, command: str) -> None:
        if command in ("power-off", "power-on"):
            await self._power(command == "power-on")
        else:
            await super().do(command)

    async def _power(self, on: bool) -> None:
        bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        try:
            async with asyncio.timeout(POWER_S * self._patience):
                while await _powered(bus) is not on:
                    await _call(bus, "Set", "ssv", [*POWERED, Variant("b", on)])
                    await asyncio.sleep(SETTLED_S)
        finally:
            bus.disconnect()


async def _powered(bus: MessageBus) -> bool | None:
    reply = await _call(bus, "Get", "ss", POWERED)
    return None if reply is None or reply.message_type is MessageType.ERROR else bool(reply.body[0].value)


async def _call(bus: MessageBus, member: str, signature: str, body: list[Any]) -> Message | None:
    return await bus.call(
        Message(
            destination="org.bluez", path="/org/bluez/hci0", interface="org.freedesktop.DBus.Properties",
            member=member, signature=signature, body=body,
        )
    )


@contextmanager
def mock_face() -> Iterator[tuple[Face, Told]]:
    """A treadmill with a mock org.bluez, which bleak in this process takes for the system's. Needs dbus-daemon."""
    with _started("--bluez") as (first, say, hear):
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = first["DBUS_SYSTEM_BUS_ADDRESS"]
        told = Told(say, hear, 1.0)
        yield Face("mock", first["MACHINE"], told), told


@contextmanager
def vm_face() -> Iterator[tuple[Face, Told]]:
    """A treadmill within reach of this computer's own bluetoothd, by an adapter that only the kernel sees."""
    with _started("--hci", "vhci") as (first, say, hear):
        told = ToldOverBluez(say, hear, VM_PATIENCE)
        yield Face("vm", first["MACHINE"], told, patience=VM_PATIENCE), told


@contextmanager
def _started(*words: str) -> Iterator[tuple[dict[str, str], Callable[[str], None], Callable[[], list[str]]]]:
    """`treadsim serve`: what its first line says, and how it is told and heard. It ends with the `with`."""
    command = [sys.executable, "-P", "-m", "treadsim", "serve", *words]
    with subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        first = process.stdout.readline().decode()
        if "=" not in first:
            raise Cannot("treadsim did not start; its standard error says why")
        said = dict(part.split("=", 1) for part in first.split())
        yield said, _sayer(process.stdin), _hearer(process.stdout.fileno())
        process.stdin.close()


def _sayer(into: IO[bytes]) -> Callable[[str], None]:
    def say(line: str) -> None:
        into.write(line.encode())
        into.flush()

    return say


def _hearer(descriptor: int) -> Callable[[], list[str]]:
    """Reads whole lines from here, as far as there are any."""
    os.set_blocking(descriptor, False)
    rest = b""

    def hear() -> list[str]:
        nonlocal rest
        with suppress(BlockingIOError):
            while piece := os.read(descriptor, 1 << 16):
                rest += piece
        *lines, rest = rest.split(b"\n")
        return [line.decode() for line in lines]

    return hear
