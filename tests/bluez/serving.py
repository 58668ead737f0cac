"""`treadsim serve` as a test uses it: started, told what to do, and believed about the true belt."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bleak.backends.bluezdbus import manager as bluez_manager

ROOT = Path(__file__).resolve().parents[2]
Event = dict[str, Any]


class Served:
    """One simulated treadmill in a process of its own. `at` of its events is ms of `time.monotonic`."""

    def __init__(self, *words: str, program: str = "treadsim", face: tuple[str, ...] = ("--bluez",)) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", program, "serve", *face, *words], cwd=ROOT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if "=" not in line:
            self._reap()
            raise RuntimeError("treadsim did not start; its standard error says why")
        first = dict(part.split("=", 1) for part in line.split())
        self.bus, self.hci = first.get("DBUS_SYSTEM_BUS_ADDRESS", ""), first.get("HCI", "")
        self.address = first["MACHINE"]
        self.events: list[Event] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    async def do(self, *commands: str) -> None:
        """Carry these out, one after the other."""
        for command in commands:
            assert self.process.stdin is not None
            earlier = len(self.events)
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
            await self.until(partial(self._did, command, earlier), 3)

    def _did(self, command: str, earlier: int) -> bool:
        return any(event["is"] == "did" and event["command"] == command for event in self.events[earlier:])

    async def renew(self) -> None:
        """As it was at its begin, but for what the adapter knows of it; nothing is told of what was before."""
        await self.do("drop", "power-on", "show", "unmute", "refuse 0", "latency 15", "closing 0", "strap-hide")
        self.events.clear()

    async def until(self, seen: Callable[[], object], seconds: float) -> None:
        """Wait until this is so. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not seen():  # noqa: ASYNC110 - a thread collects the events
                await asyncio.sleep(0.01)

    def told(self, what: str) -> list[Event]:
        """All events of this kind."""
        return [event for event in self.events if event["is"] == what]

    @property
    def speed(self) -> int:
        """The true speed, 0.01 km/h."""
        belt = self.told("belt")
        return int(belt[-1]["speed"]) if belt else 0

    @property
    def connected(self) -> bool:
        links = self.told("link")
        return bool(links and links[-1]["up"])

    def writes(self, since: int = 0) -> list[str]:
        """The octets that reached the machine from this time on."""
        return [event["data"] for event in self.told("write") if event["at"] >= since]

    async def still(self, seconds: float) -> float:
        """Until the belt truly stands; seconds from now to that moment."""
        begin = now_ms()
        await self.until(lambda: self.speed == 0, seconds)
        return float((self.told("belt")[-1]["at"] - begin) / 1000)

    def end(self) -> int:
        """Close its stdin, as the end of a parent does, and wait."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)
        self._reading.join(5)
        return self._reap()

    def _reap(self) -> int:
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
        return self.process.wait(10)


def now_ms() -> int:
    return int(time.monotonic() * 1000)


@contextmanager
def served(*words: str, face: tuple[str, ...] = ("--bluez",)) -> Iterator[Served]:
    """A treadmill that ends with the test."""
    treadmill = Served(*words, face=face)
    try:
        yield treadmill
    finally:
        treadmill.end()


async def close_bus() -> None:
    """End this loop's connection to the bus: bleak keeps one for each loop and has no way to end it."""
    found: Any = bluez_manager._global_instances.pop(asyncio.get_running_loop(), None)
    if found is not None and found._bus is not None:
        watching = found._bus_watcher_task  # none where the bus died before
        found._bus.disconnect()
        if watching is not None:
            await asyncio.wait({watching}, timeout=2)
