"""A storm of messages on everything that the bridge listens to, while somebody walks: `python3 -P -m tests.mqtt.storm`.

The same walk, with the same dice, is walked twice in real processes at the speed of life: once in peace, once in the
storm. Nothing may start, resume, get faster or steeper, and every command goes to the belt at the same time of the walk
as in peace.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.walking import Walk
from tests.mqtt.crafted import crafted
from tests.mqtt.house import NODE, PROFILES, Ear, House
from tests.mqtt.walks import walked
from treadctl.clients.mqtt.topics import Topics

MINE = Topics(NODE)
NETWORK = "mqtt"
AT_ONCE = 500
MESSAGES = 100_000
TOLERANCE_MS = 250
"""Of a command's time in the walk: chosen as the time of a snapshot; two walks in peace differ by less."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of one walk. `written`: every command that went to the belt, with its ms since the session began;
    `asked`: what the core was asked for from the network."""

    written: Sequence[tuple[int, str]]
    top: int
    incline: int
    starts: int
    asked: dict[str, int]
    ignored: dict[str, int]
    sent: int
    ended: str


async def one_walk(house: House, home: Path, messages: int, seed: int, rate: int) -> Walked:
    """Walk to the end, `messages` of them on the way."""
    lots = random.Random(seed)
    async with walked(house, home, rate=rate) as (walk, running), house.ear((MINE.of("state"),)) as ear:
        await ear.until(lambda ear: any(state["phase"] == "checking" or state["program"] for state in ear.states()), 60)
        await _blow(ear, lots, messages)
        await ear.until(lambda _: "The guardian has ended." in running.lines, 180)
        ended = walk.out().splitlines()[-3:]
        ignored = {why.value: count for why, count in running.bridge.orders.ignored.items()}
        return _judged(walk, ignored, messages, " ".join(ended))


async def _blow(ear: Ear, lots: random.Random, messages: int) -> None:
    """As fast as the broker takes them. None of them is a stop: the walk has to come to its end."""
    storm = crafted(MINE, lots, PROFILES, stops=False)
    for n in range(messages):
        topic, payload, retained = next(storm)
        await ear.client.publish(topic, payload, retain=retained and topic != MINE.stop)
        if n % AT_ONCE == 0:
            await asyncio.sleep(0.2)


def _judged(walk: Walk, ignored: dict[str, int], sent: int, ended: str) -> Walked:
    asked = Counter[str]()
    for line in walk.lines("traces"):
        item = line.get("input", {})
        if item.get("is") == "Asked" and item["client"].startswith(NETWORK):
            asked[item["intent"]["is"]] += 1
    session = walk.lines("sessions")
    samples = [line for line in session if line["is"] == "SampleEntry"]
    events = [line for line in session if line["is"] == "EventEntry"]
    return Walked(
        [(event["at"], event["text"]) for event in events if event["kind"] == "write"],
        max(line["speed"] or 0 for line in samples), max(line["incline"] or 0 for line in samples),
        sum(event["kind"] == "start" for event in events), dict(asked), ignored, sent, ended,
    )  # fmt: skip


def problems(peace: Walked, storm: Walked) -> list[str]:
    """What differs, or is worse."""
    found = []
    if set(storm.asked) - {"Stop", "Message", "Preselect"}:
        found.append(f"the network asked for {sorted(storm.asked)}")
    for name in ("top", "incline", "starts"):
        if getattr(storm, name) > getattr(peace, name):
            found.append(f"{name} is {getattr(storm, name)}, in peace {getattr(peace, name)}")
    if [what for _, what in peace.written] != [what for _, what in storm.written]:
        found.append("other commands, or in another order")
    elif worst(peace, storm) > TOLERANCE_MS:
        found.append(f"a command came {worst(peace, storm)} ms apart")
    return found


def worst(peace: Walked, storm: Walked) -> int:
    """The largest difference in time since the first command, ms."""
    def since(one: Walked) -> list[int]:
        return [at - one.written[0][0] for at, _ in one.written]

    return max((abs(a - b) for a, b in zip(since(peace), since(storm), strict=False)), default=0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.mqtt.storm")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--rate", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        results = []
        for name, count in (("peace", 0), ("again", 0), ("storm", asked.messages)):
            home = Path(folder) / name
            for part in ("", "runtime", "state", "data", "config", "cache"):
                (home / part).mkdir(mode=0o700, parents=True, exist_ok=True)
                if part:
                    os.environ[f"XDG_{part.upper()}_{'DIR' if part == 'runtime' else 'HOME'}"] = str(home / part)
            house = House(home)
            house.start()
            begun = time.monotonic()
            try:
                results.append(asyncio.run(one_walk(house, home, count, asked.seed, asked.rate)))
            finally:
                house.end()
            print(f"{name}: {results[-1]} in {time.monotonic() - begun:.0f} s", flush=True)
    peace, again, storm = results
    found = problems(peace, storm)
    print(f"two walks in peace differ by {worst(peace, again)} ms at most, in the storm by {worst(peace, storm)} ms")
    print("\n".join(found) or "nothing started, resumed, got faster or steeper, and nothing came at another time")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
