"""What each face of the simulated treadmill costs, with the guardian's own radio and link: a table for the documents.

Run by hand: `python -m tests.bench.faces` (two minutes; dbus-daemon and treadctl[gatt] are needed). The faces:
`backend` is the simulated one inside this process, `bluez` the mock org.bluez behind bleak's production backend, `hci`
the GATT server of Bumble with Bumble as the host.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from treadsim.backend import open_backend

from tests.bluez.serving import Served, close_bus
from tests.gatt.bleak_bumble import backend as bumble
from treadctl.control.events import Source
from treadctl.guardian.link import Link
from treadctl.guardian.radio import Backend, Radio

CONTROL = b"\x00"
CONNECTS, ROUNDS, SECONDS = 10, 100, 10
RATES = (1, 4, 10)
ANSWER_AFTER = 60
"""Of a round trip so many ms are the machine's own: it thinks."""
FACES = ("backend", "bluez", "hci")


@dataclass(frozen=True, slots=True)
class Place:
    """A machine, the backend that reaches it, and the processes that simulate it."""

    backend: Backend | None
    address: str
    processes: tuple[int, ...]


@dataclass(slots=True)
class Cost:
    """At one rate: CPU ms of this process and of the simulator's while SECONDS went by, and notifications heard."""

    ours: float = 0
    theirs: float = 0
    heard: int = 0


@dataclass(slots=True)
class Result:
    """What was measured of one face. Times in ms."""

    connects: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    costs: dict[int, Cost] = field(default_factory=dict)
    memory: float = 0


# --- the faces -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def place(face: str, rate: int) -> AsyncIterator[Place]:
    """A machine with this face that sends so many samples a second."""
    if face == "backend":
        found: Any = open_backend(seed=7)
        found.treadmill.peripheral.quirk = replace(found.treadmill.peripheral.quirk, sample_every=1000 // rate)
        yield Place(found, found.address, ())
        return
    os.environ["TREADSIM_EVERY"] = str(1000 // rate)
    words = ("--bluez",) if face == "bluez" else ("--hci", "ether:0")
    served = Served("--seed", "7", program="tests.bench.rated", face=words)
    try:
        async with _reached(face, served) as reached:
            yield reached
    finally:
        served.end()


@asynccontextmanager
async def _reached(face: str, served: Served) -> AsyncIterator[Place]:
    processes = (served.process.pid, *_children(served.process.pid))
    if face == "hci":
        async with bumble(served.hci, served.address) as found:
            yield Place(found, served.address, processes)
        return
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = served.bus
    await served.do("closing 0")
    try:
        yield Place(None, served.address, processes)
    finally:
        await close_bus()


def _children(process: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


# --- measuring -----------------------------------------------------------------------------------------------------


class Ear:
    """Counts samples, and wakes whoever waits for an answer."""

    def __init__(self) -> None:
        self.samples = 0
        self.answered = asyncio.Event()

    def heard(self, source: Source, _data: bytes) -> None:
        self.samples += source is Source.TREADMILL_DATA
        if source is Source.CONTROL_POINT:
            self.answered.set()


async def connect(where: Place, ear: Ear, radio: Radio) -> Link:
    return await radio.open(where.address, ear.heard, lambda: None)


async def timed(call: Awaitable[Any]) -> tuple[Any, float]:
    begin = time.perf_counter()
    result = await call
    return result, (time.perf_counter() - begin) * 1000


async def measure_link(where: Place, result: Result) -> None:
    """Connects, and Control Point round trips on the last link."""
    ear, radio = Ear(), Radio(where.backend)
    if where.backend is None:
        await radio.scan(0.5, lambda _found: None)
    for _ in range(CONNECTS):
        link, took = await timed(connect(where, ear, radio))
        result.connects.append(took)
        await link.close()
    link = await connect(where, ear, radio)
    await link.subscribe()
    for _ in range(ROUNDS):
        ear.answered.clear()
        begin = time.perf_counter()
        await link.write(CONTROL, 1)
        result.writes.append((time.perf_counter() - begin) * 1000)
        await ear.answered.wait()
        result.answers.append((time.perf_counter() - begin) * 1000)
    await link.close()


async def measure_rate(where: Place, result: Result, rate: int) -> None:
    """CPU while samples arrive and nothing else happens."""
    ear = Ear()
    link = await connect(where, ear, Radio(where.backend))
    await link.subscribe()
    await asyncio.sleep(1)
    samples, ours, theirs = ear.samples, time.process_time(), _used(where.processes)
    await asyncio.sleep(SECONDS)
    cost = Cost((time.process_time() - ours) * 1000, _used(where.processes) - theirs, ear.samples - samples)
    result.costs[rate] = cost
    result.memory = sum(_memory(process) for process in where.processes or (os.getpid(),))
    await link.close()


def _used(processes: tuple[int, ...]) -> float:
    """CPU ms so far; each of them has one thread."""
    return sum(int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) for process in processes) / 1e6


def _memory(process: int) -> float:
    """Resident MiB."""
    [line] = [one for one in Path(f"/proc/{process}/status").read_text().splitlines() if one.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


async def measure(face: str) -> Result:
    result = Result()
    async with place(face, 2) as where:
        await measure_link(where, result)
    for rate in RATES:
        async with place(face, rate) as where:
            await measure_rate(where, result, rate)
    return result


# --- the table -----------------------------------------------------------------------------------------------------


def each(cost: Callable[[Cost], float], costs: dict[int, Cost]) -> float:
    """What one notification more costs, in microseconds of CPU: from the slowest rate to the fastest."""
    low, high = costs[RATES[0]], costs[RATES[-1]]
    return (cost(high) - cost(low)) * 1000 / max(1, high.heard - low.heard)


def row(face: str, result: Result) -> str:
    percents = [
        f"{sum(which(result.costs[rate]) for which in (ours, theirs)) / SECONDS / 10:.2f}" for rate in RATES
    ]
    cells = [
        face,
        f"{statistics.median(result.connects):.1f} ({max(result.connects):.0f})",
        f"{statistics.median(result.writes):.2f}",
        f"{statistics.median(result.answers) - ANSWER_AFTER:.2f}",
        f"{each(ours, result.costs):.0f} + {each(theirs, result.costs):.0f}",
        " / ".join(percents),
        f"{result.memory:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def ours(cost: Cost) -> float:
    return cost.ours


def theirs(cost: Cost) -> float:
    return cost.theirs


def main() -> None:
    heads = (
        "face", "connect, median (max) ms", "write answered, ms", f"indication, less {ANSWER_AFTER} ms",
        "CPU of one notification, client + simulator, us", f"CPU of both at {' / '.join(map(str, RATES))} Hz, %",
        "simulator's RSS, MiB",
    )
    print(f"| {' | '.join(heads)} |")
    print("|" + "---|" * len(heads))
    for face in FACES:
        print(row(face, asyncio.run(measure(face))), flush=True)


if __name__ == "__main__":
    main()
