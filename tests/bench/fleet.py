"""Many nodes on one real Mosquitto: `python3 -P -m tests.bench.fleet [--nodes 50 100 200] [--seconds 20]`.

The nodes are generators of what a bridge publishes while somebody walks (the same payloads, twice a second, a quarter
of them also cues), on a connection each, all in one process; they are not 200 guardians. Told for each number: messages
a second through the broker, the way from a node to the table in ms, and what broker and table keep in memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import resource
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from treadctl.clients.fleet.run import Watch
from treadctl.clients.mqtt.broker import Access, Broker, connected
from treadctl.clients.mqtt.discovery import discovery
from treadctl.clients.mqtt.topics import Topics, state
from treadctl.model.api import Belt, LinkState, Phase, Snapshot
from treadctl.model.program import Facing
from treadctl.model.units import Speed

EVERY_S = 0.5
CUES_IN = 4
PROFILES = tuple(f"Profile number {n}" for n in range(31))
"""As many as treadctl ships with."""


@dataclass(frozen=True, slots=True)
class Figures:
    nodes: int
    rate: float
    p50: float
    p99: float
    broker_mib: float
    table_mib: float
    table_cpu: float
    broker_cpu: float
    lost: int


def walking(n: int, lots: random.Random) -> Snapshot:
    return Snapshot(
        seq=n, now=int(time.time() * 1000) % 10**9, phase=Phase.WALKING, belt=Belt.MOVING, link=LinkState.UP,
        facing=lots.choice(list(Facing)), speed=Speed(lots.randrange(80, 300)), target=Speed(120),
        program="Retro 5 x 1", distance_m=n / 10, walked=n * 500, segment=3, segment_left=33_000, machine="Treadmill",
    )  # fmt: skip


async def one_node(broker: Broker, mine: Topics, lots: random.Random, until: float) -> int:
    """Publish until then; how many states."""
    await broker.publish(discovery(mine, mine.node, "1.0", PROFILES))
    await broker.publish(mine.availability(True))
    await asyncio.sleep(lots.random() * EVERY_S)
    n = 0
    while time.monotonic() < until:
        n += 1
        told = state(mine.node, walking(n, lots), None)
        await broker.publish(mine.state({**told, "clock_ms": time.monotonic_ns() / 1e6}))
        if n % CUES_IN == 0:
            await broker.publish(mine.cue("segment", "Backward. Hold the rail."))
        await asyncio.sleep(EVERY_S)
    return n


def nodes(access: Access, count: int, seconds: float, sent: multiprocessing.Queue[int]) -> None:
    """The process of all nodes."""
    async def work() -> None:
        lots = random.Random(count)
        async with AsyncExitStack() as stack:
            brokers = []
            for n in range(count):
                mine = Topics(f"treadctl_{n:08x}")
                brokers.append((mine, await stack.enter_async_context(connected(access, mine.node))))
            until = time.monotonic() + seconds
            done = await asyncio.gather(*(one_node(broker, mine, lots, until) for mine, broker in brokers))
            sent.put(sum(done))
            await asyncio.sleep(1.0)

    asyncio.run(work())


class Timed(Watch):
    """The table's own client, which also notes how old a state is when it has been taken in."""

    def __init__(self, way: Access) -> None:
        super().__init__(way)
        self.ages: list[float] = []

    async def _listen(self, broker: Broker) -> None:
        async for came in broker.messages():
            self.fleet.hear(came.topic, came.payload, came.at)
            if came.topic.endswith("/state") and not came.retained:
                self.ages.append(time.monotonic_ns() / 1e6 - json.loads(came.payload)["clock_ms"])


def table(access: Access, seconds: float, figures: multiprocessing.Queue[tuple[list[float], float, float]]) -> None:
    """The process of the table."""
    watch = Timed(access)

    async def work() -> None:
        await watch.during(asyncio.sleep(seconds))

    asyncio.run(work())
    used = resource.getrusage(resource.RUSAGE_SELF)
    figures.put((watch.ages, resident(os.getpid()), used.ru_utime + used.ru_stime))


def resident(pid: int) -> float:
    """MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(count: int, seconds: float) -> Figures:
    from tests.mqtt.house import House  # not at the top: what it loads would count as the table's memory

    how = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        house = House(Path(folder))
        house.start()
        try:
            sent: multiprocessing.Queue[int] = how.Queue()
            seen: multiprocessing.Queue[tuple[list[float], float, float]] = how.Queue()
            whole = seconds + 6 + count / 20
            looking = how.Process(target=table, args=(house.access(), whole, seen))
            walking_ = how.Process(target=nodes, args=(house.access(), count, seconds, sent))
            looking.start()
            walking_.start()
            states = sent.get(timeout=whole + 60)
            broker_mib, broker_cpu = resident(house.pid), cpu_s(house.pid)
            ages, table_mib, table_cpu = seen.get(timeout=whole + 60)
            for process in (looking, walking_):
                process.join(30)
        finally:
            house.end()
    ages.sort()
    rate = states / seconds
    lost = states - len(ages)
    return Figures(
        count, rate, ages[len(ages) // 2], ages[int(len(ages) * 0.99)], broker_mib, table_mib,
        100 * table_cpu / whole, 100 * broker_cpu / seconds, lost,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.bench.fleet")
    parser.add_argument("--nodes", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    print("| nodes | states a second | p50, ms | p99, ms | broker, MiB | broker, % of a core | table, MiB | "
          "table, % of a core | lost |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for count in asked.nodes:
        one = measured(count, asked.seconds)
        print(f"| {one.nodes} | {one.rate:.0f} | {one.p50:.1f} | {one.p99:.1f} | {one.broker_mib:.1f} | "
              f"{one.broker_cpu:.1f} | {one.table_mib:.1f} | {one.table_cpu:.1f} | {one.lost} |", flush=True)


if __name__ == "__main__":
    main()
