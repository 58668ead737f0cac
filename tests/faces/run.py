"""Plays every scenario on one face and says what happened, as JSON.

    python -m tests.faces.run --face mock --json tests/faces/mock.json

`backend` plays all of them side by side, each on a treadmill of its own; `mock` in some processes, because there is one
system bus for each; `vm` one after the other, in the virtual machine of `tests/vm`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from bleak.exc import BleakError

from .backend_face import backend_face
from .bluez_face import Told, mock_face, vm_face
from .columns import FACES, Column
from .face import FAILURES, Cannot, Face, named
from .scenarios import SCENARIOS

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 60.0
"""For one scenario; none of them needs 20 s on an idle computer."""
JOBS = 6
"""Chosen: they wait for most of the time."""


async def play(face: Face, name: str) -> str:
    """What this scenario comes to here."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    try:
        async with asyncio.timeout(LIMIT_S * face.patience):
            said = await SCENARIOS[name](face)
    except Cannot as cannot:
        said = f"cannot: {cannot}"
    except (*FAILURES, AssertionError) as error:  # bleak asserts what it hopes of bluetoothd
        said = f"breaks off: {named(error)}"
    print(f"{face.name}: {name}: {said} [{loop.time() - begin:.1f} s]", file=sys.stderr, flush=True)
    return said


async def on_backend(names: Sequence[str]) -> dict[str, str]:
    """Side by side."""
    said = await asyncio.gather(*(play(backend_face(), name) for name in names))
    return dict(zip(names, said, strict=True))


async def on_bluez(
    face: Face, told: Told, names: Iterable[str], say: Callable[[str], object] = lambda _said: None
) -> dict[str, str]:
    """One after the other, each on a treadmill that is as it was at its begin."""
    outcomes = {}
    for name in names:
        await told.anew()
        outcomes[name] = await play(face, name)
        say(outcomes[name])
    await told.anew()
    return outcomes


def on_mock(names: Iterable[str], say: Callable[[str], object] = lambda _said: None) -> dict[str, str]:
    """In this process. Raises Cannot."""
    with mock_face() as (face, told):
        return asyncio.run(on_bluez(face, told, names, say))


def on_mock_side_by_side(names: Iterable[str]) -> dict[str, str]:
    """In some processes, each of which takes the next scenario that waits. Raises Cannot."""
    waiting, outcomes = deque(names), dict.fromkeys(names, "")
    with ThreadPoolExecutor(JOBS) as pool:
        for ended in [pool.submit(_served, waiting, outcomes) for _ in range(JOBS)]:
            ended.result()
    return outcomes


def _served(waiting: deque[str], outcomes: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tests.faces.run", "--face", "mock", "--asked"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process, suppress(IndexError):
        assert process.stdin is not None and process.stdout is not None
        while True:
            name = waiting.popleft()
            process.stdin.write(name + "\n")
            process.stdin.flush()
            said = process.stdout.readline()
            if not said:
                raise Cannot(f"the process that played {name} ended; its standard error says why")
            outcomes[name] = json.loads(said)


def _as_asked() -> int:
    """Play on the mock what stdin names, line by line."""
    on_mock((line.strip() for line in sys.stdin), lambda said: print(json.dumps(said), flush=True))
    return 0


def bluez_version() -> str:
    """bluetoothd's own word for it."""
    for program in ("bluetoothctl", "/usr/libexec/bluetooth/bluetoothd", "/usr/lib/bluetooth/bluetoothd"):
        try:
            done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
        except OSError:
            continue
        if done.returncode == 0:
            return done.stdout.split()[-1]
    return "unknown"


def measure(options: argparse.Namespace) -> Column:
    """One column of the table. Raises Cannot."""
    names = options.only or list(SCENARIOS)
    if options.face == "backend":
        return Column("backend", asyncio.run(on_backend(names)))
    if options.face == "mock":
        return Column("mock", on_mock_side_by_side(names))
    with vm_face() as (face, told):
        said = asyncio.run(on_bluez(face, told, names))
    return Column("vm", said, datetime.now(UTC).date().isoformat(), platform.release(), bluez_version())


def main(words: Sequence[str] | None = None) -> int:
    """Do it, and say it to a file or to stdout."""
    parser = argparse.ArgumentParser(prog="python -m tests.faces.run", description="Play the scenarios on one face.")
    parser.add_argument("--face", choices=FACES, required=True)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the column goes (default: stdout)")
    parser.add_argument("--only", nargs="+", choices=list(SCENARIOS), metavar="NAME", help="these scenarios only")
    parser.add_argument("--asked", action="store_true", help="mock: play what stdin names, for this program itself")
    options = parser.parse_args(words)
    if options.asked:
        return _as_asked()
    try:
        column = measure(options)
    except (Cannot, BleakError) as error:
        print(f"{options.face}: {error}", file=sys.stderr)
        return 4
    if options.json is None:
        print(column.text(), end="")
    else:
        options.json.write_text(column.text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
