"""What a guardian costs that follows a machine: processor and memory at 1, 4 and 10 samples a second, over two faces.

Run by hand: `python -m tests.bench.guardian` (two minutes). The link is up, the belt stands, and one client attends 4
times a second and reads every snapshot, as the screen does. Budget: 1 % of a core and 45 MB.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bluez.serving import Served
from treadctl.client import connect, greeting
from treadctl.model.api import Attend, Connect, LinkState, Role
from treadctl.paths import Paths, real_paths, simulated_paths

RATES = (1, 4, 10)
SECONDS = 15.0
TICK = os.sysconf("SC_CLK_TCK")
PATCHED = """
import sys
import treadsim.backend
from tests.bench.rated import rated
treadsim.backend.load_quirk = rated
from treadctl.guardian.process import main
sys.exit(main(sys.argv[1:]))
"""


def spent(pid: int) -> tuple[float, float]:
    """Processor seconds so far, and resident MiB."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20


async def follow(paths: Paths, pid: int, address: str) -> tuple[float, float]:
    """Connect, and attend for a while: percent of a core, MiB."""
    client = await connect(paths, greeting(Role.LOCAL, "bench"))
    try:
        client.tell(Connect(address))
        async for _ in client.messages(watch=True):
            if client.snapshot is not None and client.snapshot.link is LinkState.UP:
                break
        await asyncio.sleep(3)
        begin, _ = spent(pid)
        until = asyncio.get_running_loop().time() + SECONDS
        while asyncio.get_running_loop().time() < until:
            client.tell(Attend())
            await asyncio.sleep(0.25)
        end, size = spent(pid)
        return (end - begin) / SECONDS * 100, size
    finally:
        await client.close()


def started(paths: Paths, extra: list[str], code: str | None) -> subprocess.Popen[bytes]:
    ready, theirs = os.pipe()
    begin = ["-P", "-m", "treadctl.guardian"] if code is None else ["-c", code]
    process = subprocess.Popen([sys.executable, *begin, *extra, "--ready", str(theirs)], pass_fds=(theirs,))
    os.close(theirs)
    os.read(ready, 100)
    os.close(ready)
    return process


def main() -> None:
    print("| face | samples a second | % of a core | resident MiB |\n|---|---:|---:|---:|")
    for rate in RATES:
        os.environ["TREADSIM_EVERY"] = str(1000 // rate)
        for face in ("backend", "bluez"):
            percent, size = _backend() if face == "backend" else _bluez()
            print(f"| {face} | {rate} | {percent:.2f} | {size:.0f} |", flush=True)


def _backend() -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        paths = simulated_paths(Path(folder) / "state")
        extra = ["--backend", "sim", "--quirk", "reference", "--state", str(paths.state), "--socket", str(paths.socket)]
        process = started(paths, extra, PATCHED)
        try:
            return asyncio.run(follow(paths, process.pid, ""))
        finally:
            process.terminate()
            process.wait(20)


def _bluez() -> tuple[float, float]:
    served = Served(program="tests.bench.rated")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            place = Path(folder) / name
            place.mkdir(mode=0o700)
            os.environ[name] = str(place)
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = served.bus
        paths = real_paths()
        process = started(paths, [], None)
        try:
            return asyncio.run(follow(paths, process.pid, served.address))
        finally:
            process.terminate()
            process.wait(20)
            served.end()


if __name__ == "__main__":
    main()
