"""What a guardian costs while somebody walks: processor and memory at 1, 4 and 10 samples a second, over every face.

Run by hand: `python -m tests.bench.guardian` (six minutes; dbus-daemon and treadctl[gatt] are needed), and
`python -m tests.bench.guardian --vm` for the real bluetoothd in the virtual machine (what `run.py vm` needs). A walk is
under way, and one client attends 4 times a second and reads every snapshot, as the screen does. Budget: 1 % of a core
and 45 MB.

Other work on the same cores makes everything slower, and an emulated processor is slower anyway; a fixed piece of
Python that is run beside each measurement is so as well. In the virtual machine an instruction takes a nanosecond.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.bluez.real_walk import PLAYER, SPEAKER
from tests.bluez.serving import ROOT, Served
from treadctl.client import Client, connect, greeting
from treadctl.files.locks import remember_day
from treadctl.files.machines import RecordStore
from treadctl.files.quirks import load_quirk
from treadctl.model.api import (
    Answer,
    Asking,
    Attend,
    Belt,
    Connect,
    LinkState,
    Load,
    Phase,
    Press,
    Question,
    Role,
    Snapshot,
)
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Speed
from treadctl.paths import Paths, private_folder, real_paths, simulated_paths

RATES = (1, 4, 10)
SECONDS = 15.0
SETTLED_S = 5.0
READY_S = 120.0
PROGRAM = Program("Bench", (Walk(Facing.FORWARD, 600, Speed(200)),))
ANSWERS = {"facing": "c"}
TURNS, PIECES = 100_000, 9
"""Of the fixed piece: some 10 ms on a fast processor. Its median counts, because other work may be in between."""
SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket"
IN_THE_GUEST = "bench/guardian_in_the_guest"
COLUMNS = ("face", "samples a second", "% of a core", "the piece, ms", "pieces a minute", "resident MiB")


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time as a part of the time that passed, resident MiB, and the processor seconds of the fixed piece."""

    part: float
    size: float
    piece: float

    def row(self, face: str, rate: int) -> str:
        pieces = 60 * self.part / self.piece
        cells = (face, rate, f"{self.part * 100:.2f}", f"{self.piece * 1000:.1f}", f"{pieces:.0f}", f"{self.size:.0f}")
        return f"| {' | '.join(map(str, cells))} |"


def piece() -> float:
    """Processor seconds of a fixed piece of Python."""
    took = []
    for _ in range(PIECES):
        begin = time.process_time()
        total = 0
        for number in range(TURNS):
            total += number % 7
        took.append(time.process_time() - begin)
    return statistics.median(took)


def spent(pid: int) -> float:
    """Processor seconds of all its threads so far, those that ended too, to the nanosecond: clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid << 3) | 2)


def resident(pid: int) -> float:
    """MiB."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


# --- the walk --------------------------------------------------------------------------------------------------------


class Walker:
    """A client that answers, presses and attends as a person's does."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def attend(self) -> None:
        while True:
            self._client.tell(Attend())
            await asyncio.sleep(0.25)

    async def read(self) -> None:
        async for _ in self._client.messages():
            pass

    async def until(self, seen: Callable[[Snapshot], bool]) -> None:
        """Answer whatever is asked until a snapshot is like this."""
        async with asyncio.timeout(READY_S):
            async for _ in self._client.messages():
                snapshot = self._client.snapshot
                if snapshot is not None and seen(snapshot):
                    return
                if snapshot is not None and snapshot.question is not None:
                    await self._respond(snapshot.question)
        raise RuntimeError("the guardian closed the connection")

    async def _respond(self, question: Question) -> None:
        if question.asking is Asking.CHOICE:
            self._client.tell(Answer(question.id, ANSWERS.get(question.id, "y")))
            await asyncio.sleep(0.5)
        elif question.asking is Asking.CONFIRM and question.heard:
            for _ in range(2):
                self._client.tell(Press("space"))
                await asyncio.sleep(1)


async def follow(paths: Paths, pid: int, address: str) -> Cost:
    """Walk for a while."""
    client = await connect(paths, greeting(Role.LOCAL, "bench"))
    walker = Walker(client)
    attending = asyncio.ensure_future(walker.attend())
    try:
        client.tell(Connect(address))
        await walker.until(lambda s: s.link is LinkState.UP and s.belt is Belt.STILL)
        loaded = await client.ask(Load(PROGRAM))
        if not loaded.accepted:
            raise RuntimeError(loaded.reason)
        await walker.until(lambda s: s.phase is Phase.WALKING and s.reached)
        reading = asyncio.ensure_future(walker.read())
        await asyncio.sleep(SETTLED_S)
        begin, since = spent(pid), time.monotonic()
        await asyncio.sleep(SECONDS)
        part = (spent(pid) - begin) / (time.monotonic() - since)
        reading.cancel()
        if client.snapshot is None or client.snapshot.phase is not Phase.WALKING:
            raise RuntimeError("the walk ended before it was measured")
        return Cost(part, resident(pid), piece())
    finally:
        attending.cancel()
        await client.close()


# --- the faces -------------------------------------------------------------------------------------------------------


def backend() -> Cost:
    """The simulated machine in the guardian's process."""
    with _simulated() as (paths, words):
        return _measured(paths, [*words, "--quirk", "reference"], "")


def bluez() -> Cost:
    """The mock org.bluez behind bleak's own Linux backend."""
    with _served("--bluez") as served:
        return _real(served, served.bus)


def hci() -> Cost:
    """A GATT server of Bumble, reached by Bumble in the guardian's process."""
    with _served("--hci", "ether:0") as served, _simulated() as (paths, words):
        _known(paths, served.address)
        os.environ.update(TREADSIM_HCI=served.hci, TREADSIM_ADDRESS=served.address)
        try:
            return _measured(paths, words, served.address)
        finally:
            del os.environ["TREADSIM_HCI"], os.environ["TREADSIM_ADDRESS"]


def bluetoothd() -> Cost:
    """In the virtual machine: the same GATT server on an adapter that the kernel takes for a real one."""
    with _served("--hci", "vhci") as served:
        return _real(served, SYSTEM_BUS)


FACES = {"backend": backend, "mock org.bluez": bluez, "Bumble": hci}


@contextmanager
def _served(*face: str) -> Iterator[Served]:
    served = Served(program="tests.bench.rated", face=face)
    try:
        yield served
    finally:
        served.end()


@contextmanager
def _simulated() -> Iterator[tuple[Paths, list[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        paths = simulated_paths(Path(folder) / "state")
        yield paths, ["--backend", "sim", "--state", str(paths.state), "--socket", str(paths.socket)]


def _real(served: Served, bus: str) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            place = Path(folder) / name
            place.mkdir(mode=0o700)
            os.environ[name] = str(place)
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus
        paths = real_paths()
        _known(paths, served.address)
        return _measured(paths, [], served.address)


def _known(paths: Paths, address: str) -> None:
    """There is a record of this machine, so that it may be driven."""
    for folder in (paths.runtime, paths.state, paths.data):
        private_folder(folder)
    RecordStore(paths.machines).save(replace(load_quirk("reference").record, address=address))


def _measured(paths: Paths, words: list[str], address: str) -> Cost:
    private_folder(paths.state)
    remember_day(paths.day, datetime.now(UTC).astimezone().date().isoformat(), True, True, True)
    environment = {**os.environ, "PATH": f"{_voice(paths.state)}:{os.environ['PATH']}"}
    ready, theirs = os.pipe()
    program = "tests.bench.guarding" if words else "treadctl.guardian"
    command = [sys.executable, "-m", program, *words, "--ready", str(theirs)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=(theirs,))
    os.close(theirs)
    os.read(ready, 100)
    os.close(ready)
    try:
        return asyncio.run(follow(paths, process.pid, address))
    finally:
        process.terminate()
        process.wait(30)


def _voice(folder: Path) -> Path:
    """Stand-ins that are heard to the end, and quickly."""
    for name, script in (("espeak-ng", SPEAKER), ("pw-play", PLAYER)):
        (folder / name).write_text(script, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


# --- the table -------------------------------------------------------------------------------------------------------


def table(faces: dict[str, Callable[[], Cost]]) -> None:
    """Measure and print."""
    print(f"| {' | '.join(COLUMNS)} |\n|---{'|---:' * (len(COLUMNS) - 1)}|")
    for name, face in faces.items():
        for rate in RATES:
            os.environ["TREADSIM_EVERY"] = str(1000 // rate)
            print(face().row(name, rate), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.guardian", description="What a guardian costs.")
    parser.add_argument("--vm", action="store_true", help="over the real bluetoothd, in the virtual machine")
    if not parser.parse_args().vm:
        table(FACES)
        return 0
    print(f"on this computer the piece takes {piece() * 1000:.1f} ms", flush=True)
    return subprocess.run([sys.executable, "-P", "tests/vm", "--run", IN_THE_GUEST], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
