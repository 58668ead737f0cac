"""An hour's walk at four samples a second: processor, memory minute by minute, and what it leaves on the disk.

Run by hand: `python -P -m tests.bench.hour` (eleven minutes; `--rate 1` for an hour in real time). Real processes: the
screens in a pseudo-terminal, the guardian, which records, and the simulated machine in its process. First some minutes
in real time, for the processor and the size of the trace. Then the whole hour, by default ten times faster than life:
it has the same samples, steps, announcements and lines of the session, so what grows with them is the same; heartbeats
and frames, which live in real time, are a tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.guardian import resident, spent
from tests.bench.stamped import PAINTS
from tests.bench.walking import FAST, Rig
from treadctl.model.api import Phase

MINUTES = 60
SAMPLE_EVERY = "250"
AN_HOUR = (
    "repeat: 3\n    segments:\n      - {walk: forward, for: 1120s, speed: 2.0 km/h}\n"
    "      - {walk: backward, for: 60s, speed: 1.0 km/h}",
    "{walk: forward, for: 60s, speed: 2.0 km/h}",
)
SETTLED = 5
"""Minutes after which everything has been loaded once."""
A_YEAR = 365
TRACES = 20
MINUTE_MS = 60_000
TURN_S = 300.0
"""A minute of walking may have a turn-around in it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """At a walked minute: processor seconds and resident MiB of guardian and screens, octets of the files."""

    minute: int
    guardian_s: float
    screens_s: float
    guardian: float
    screens: float
    session: int
    trace: int


def mark(rig: Rig, minute: int) -> Mark:
    assert rig.client is not None
    ours, screens = rig.guardian, rig.client.pid
    sizes = (_size(rig, "sessions"), _size(rig, "traces"))
    return Mark(minute, spent(ours), spent(screens), resident(ours), resident(screens), *sizes)


def _size(rig: Rig, folder: str) -> int:
    return sum(path.stat().st_size for path in (rig.state / folder).glob("*.jsonl"))


async def walked(rig: Rig, minutes: int) -> list[Mark]:
    """A mark at each minute that was walked, from the first step on, the last one at the end of the walk."""
    marks: list[Mark] = []
    while len(marks) <= minutes:
        async with asyncio.timeout(TURN_S):
            while not _has_walked(rig, len(marks)):  # noqa: ASYNC110 - what is asked meanwhile takes the news
                await asyncio.sleep(0.05)
        marks.append(mark(rig, len(marks)))
        print(marks[-1], file=sys.stderr, flush=True)
    return marks


def _has_walked(rig: Rig, minutes: int) -> bool:
    now = rig.now
    return now is not None and (now.phase is Phase.DONE or now.walked >= max(1, minutes * MINUTE_MS))


def slope(values: Sequence[float]) -> float:
    """By least squares, for each step."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    over = sum((n - middle) * (value - mean) for n, value in enumerate(values))
    return over / sum((n - middle) ** 2 for n in range(len(values)))


def costs(marks: list[Mark]) -> str:
    """Processor seconds for each walked minute."""
    first, last = marks[0], marks[-1]
    minutes = last.minute - first.minute
    guardian, screens = last.guardian_s - first.guardian_s, last.screens_s - first.screens_s
    return f"{guardian / minutes:.2f} | {screens / minutes:.2f}"


def memory(name: str, values: list[float]) -> str:
    """At its begin, when everything was loaded, and at the end; and how it grew from then to then."""
    settled = values[min(SETTLED, len(values) - 2) :]
    grows = f"{slope(settled) * 1024:+.1f} KiB a minute"
    return f"| {name} | {values[0]:.1f} | {settled[0]:.1f} | {values[-1]:.1f} | {max(values):.1f} | {grows} |"


def files(real: list[Mark], hour: list[Mark]) -> str:
    """What lies on the disk after the hour, and after an hour like it every day of a year."""
    session = hour[-1].session / 1e6
    trace = (real[-1].trace - real[0].trace) / real[-1].minute * MINUTES / 1e6
    return (
        f"an hour: session.jsonl {session:.2f} MB, trace.jsonl {trace:.1f} MB in real time "
        f"({hour[-1].trace / 1e6:.1f} MB at the faster rate); a year of it, one a day: "
        f"{A_YEAR * session:.0f} MB of sessions, {TRACES * trace:.0f} MB of the last {TRACES} traces"
    )


async def one(rate: int, minutes: int, folder: Path) -> list[Mark]:
    """Walk."""
    rig = Rig(folder, *AN_HOUR, rate=rate, TREADSIM_EVERY=SAMPLE_EVERY, **{PAINTS: "1"})
    try:
        await rig.prepare()
        return await walked(rig, minutes)
    finally:
        await rig.end()


async def measured(rate: int, real: int) -> None:
    with tempfile.TemporaryDirectory(prefix="tread-") as folder:
        homes = [Path(folder) / name for name in ("real", "hour")]
        for home in homes:
            home.mkdir()
        real_time = await one(1, real, homes[0])
        print(
            f"| processor seconds for each walked minute | guardian | screens |\n|---|---:|---:|\n"
            f"| {real} minutes in real time | {costs(real_time)} |"
        )
        marks = await one(rate, MINUTES, homes[1])
        print(f"| {MINUTES} minutes at rate {rate} | {costs(marks)} |\n")
        print("| resident MiB | first step | 5 min | end | most | growth after 5 min |\n|---|---:|---:|---:|---:|---:|")
        print(memory("guardian", [one.guardian for one in marks]))
        print(memory("screens", [one.screens for one in marks]))
        print("\n" + files(real_time, marks))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -P -m tests.bench.hour", description="What an hour's walk costs.")
    parser.add_argument("--rate", type=int, default=FAST, help="how many times faster than life the hour is walked")
    parser.add_argument("--minutes", type=int, default=4, help="minutes in real time, for the processor")
    asked = parser.parse_args()
    asyncio.run(measured(asked.rate, asked.minutes))


if __name__ == "__main__":
    main()
