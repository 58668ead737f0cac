"""From five places to the stop: keyboard, remote, two pages and a second terminal; the screens' loop is held or free.

Run by hand: `python -P -m tests.bench.stops` (four minutes; `--rigs 6` where other work goes on, and longer). Several
walks are alive at once, each of real processes on the simulated treadmill: screens in a pseudo-terminal, a guardian,
the pages. All get to a moving belt ten times faster than life; then, at rate 1, one after the other is stopped. The
begin is the moment before the octets of the key are written, the request is sent, or the process is started; the end
is the moment before the guardian calls bleak with `08 01`, on the same clock. "Held": the loop of the screens is busy
with Python from before the begin to after the end, for a second at most: so the interpreter is seldom free either.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.bench.stamped import FREE, HELD
from tests.bench.walking import FAST, Rig

SEGMENT = "{walk: forward, for: 60min, speed: 2.0 km/h}"
STOP = "0801"
MISSED_S = 3.0
"""A stop that takes longer, and the belt runs on: then there is something to mend, and nothing to measure."""
BUTTONS = ("\x1b[6~", "\x1b[5~", "b", ".", "\x1b[15~", "\r")
"""What presenters send: page down and up, black screen as b and as a full stop, F5, and enter."""
COLUMNS = ("from", "screens' loop", "n", "p50, ms", "p99", "worst", "budget, p99 / worst")


def second_terminal(rig: Rig) -> int:
    """The whole process; the time before it, ns. Blocks."""
    begin = time.monotonic_ns()
    command = [str(Path(sys.executable).with_name("treadctl")), "stop"]
    nowhere = subprocess.DEVNULL
    subprocess.run(command, env=rig.environment, stdin=nowhere, stdout=nowhere, timeout=30, check=True)
    return begin


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stops from. `act` blocks and answers when it began, ns."""

    name: str
    budget: str
    act: Callable[[Rig], int]
    process: bool = False


PLACES = (
    Place("keyboard: space", "50 / 100", lambda rig: rig.key(" ")),
    Place("remote: page down and others", "50 / 100", lambda rig: rig.key(random.choice(BUTTONS))),
    Place("glance page", "50 / 100", lambda rig: rig.post("hand", "stop")),
    Place("helper's page", "50 / 100", lambda rig: rig.post("spotter", "stop")),
    Place("second terminal: treadctl stop", "150 / -", second_terminal, process=True),
)


async def measure(rig: Rig, place: Place, held: bool) -> float | None:
    """Stop it from there, ms. None: something else had stopped it before, as on a computer that is too busy."""
    assert rig.client is not None
    since, holding = rig.since, 0
    if held:
        rig.client.send_signal(signal.SIGUSR1)
        holding = await rig.stamped(since, HELD)
    await asyncio.sleep(random.uniform(0.0, 0.1))  # a person presses at any moment
    acting = asyncio.ensure_future(asyncio.to_thread(place.act, rig))
    try:
        handed = await rig.stamped(since, STOP, MISSED_S)
    except TimeoutError:
        handed = 0
    if not handed and not acting.done():
        raise RuntimeError(f"{place.name} was not pressed within {MISSED_S:.0f} s: this computer is too busy")
    if not handed and rig.walks:
        raise RuntimeError(f"no stop came from {place.name} (held: {held}): {rig.now}, {rig.tail(since)}")
    if held:
        rig.client.send_signal(signal.SIGUSR2)
        free = await rig.stamped(since, FREE)
    began = await acting
    if handed < began:
        return None
    if held and not holding < began < free:
        raise RuntimeError(f"{place.name}: the loop was not held when it began")
    return (handed - began) / 1e6


async def all_of(rigs: list[Rig], work: Callable[[Rig], Awaitable[None]]) -> None:
    await asyncio.gather(*(work(rig) for rig in rigs))


async def several(rigs: list[Rig], wanted: list[tuple[Place, bool]]) -> dict[tuple[Place, bool], list[float]]:
    """Round after round: all walk, then one after the other is stopped."""
    took: dict[tuple[Place, bool], list[float]] = {}
    await all_of(rigs, Rig.prepare)
    while wanted:
        await all_of(rigs, Rig.walking)
        for rig in rigs[: len(wanted)]:
            place, held = wanted.pop()
            ms = await measure(rig, place, held)
            if ms is None:
                wanted.insert(0, (place, held))
            else:
                took.setdefault((place, held), []).append(ms)
        await all_of(rigs, lambda rig: rig.pace(FAST))
        print(f"{len(wanted)} left", end="\r", file=sys.stderr, flush=True)
    return took


def table(took: dict[tuple[Place, bool], list[float]]) -> None:
    print(f"| {' | '.join(COLUMNS)} |\n|---|---{'|---:' * (len(COLUMNS) - 2)}|")
    for place in PLACES:
        for held in (True, False):
            ms = sorted(took.get((place, held), []))
            if ms:
                p99 = ms[math.ceil(0.99 * len(ms)) - 1]
                figures = f"{len(ms)} | {statistics.median(ms):.1f} | {p99:.1f} | {ms[-1]:.1f}"
                print(f"| {place.name} | {'held' if held else 'free'} | {figures} | {place.budget} |")


async def measured(number: int, each: int, few: int) -> None:
    wanted = []
    for place in PLACES:
        wanted += [(place, True)] * (few if place.process else each) + [(place, False)] * few
    random.shuffle(wanted)
    with tempfile.TemporaryDirectory(prefix="tread-") as folder:
        rigs = []
        for n in range(number):
            home = Path(folder) / str(n)
            home.mkdir()
            rigs.append(Rig(home, SEGMENT))
        # A walk has threads of its own for its pages: a key that waits for one is not pressed yet.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4 * number + 4))
        try:
            table(await several(rigs, wanted))
        finally:
            await all_of(rigs, Rig.end)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -P -m tests.bench.stops", description="From five places to the stop.")
    parser.add_argument("--rigs", type=int, default=12, help="walks that are alive at once")
    parser.add_argument("--each", type=int, default=100, help="stops from each place with the loop held")
    parser.add_argument("--few", type=int, default=30, help="stops with the loop free, and by a process")
    asked = parser.parse_args()
    asyncio.run(measured(asked.rigs, asked.each, asked.few))


if __name__ == "__main__":
    main()
