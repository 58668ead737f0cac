"""A demo walk as real processes: a headless client, its guardian, and a display that watches them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from treadctl.client import Client, connect, greeting
from treadctl.files.locks import remember_day
from treadctl.keyline import kill
from treadctl.model.api import Belt, Phase, Role, Snapshot
from treadctl.model.errors import NoMachine
from treadctl.paths import Paths, is_simulated, sockets

LIMIT_S = 60.0


class Walk:
    """One walk. `client` is the headless process, `display` watches without being able to do anything."""

    def __init__(self, state: Path, rate: int = 10, prepared: bool = True) -> None:
        self.state = state
        state.mkdir(mode=0o700)
        if prepared:  # the checklist was answered and the reach test passed earlier today
            remember_day(state / "day.json", datetime.now(UTC).astimezone().date().isoformat(), True, True)
        self.command = [sys.executable, "-m", "treadctl", "demo", "--headless", "--rate", str(rate)]
        self.command += ["--seed", str(zlib.crc32(str(state).encode()))]  # the seed makes the address: one holder each
        self.command += ["--state", str(state)]
        self.client: subprocess.Popen[str] | None = None
        self.display: Client | None = None
        self.read_already = ""
        """Lines that a test has read already."""

    async def begin(self, **how: Any) -> None:
        """Start it and watch."""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **how}
        self.client = subprocess.Popen(self.command, text=True, **streams)  # noqa: ASYNC220  (it takes a millisecond)
        async with asyncio.timeout(LIMIT_S):
            while not (found := [path for path in sockets() if is_simulated(path)]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            folder = found[0].parent
            paths = Paths(folder, folder, folder, folder, found[0].stem)
            while self.display is None:
                try:
                    self.display = await connect(paths, greeting(Role.DISPLAY, "watch"))
                except NoMachine:  # its name is there a moment before it accepts
                    await asyncio.sleep(0.02)

    @property
    def guardian(self) -> int:
        assert self.display is not None and self.display.welcome is not None
        return self.display.welcome.pid

    async def until(self, seen: Callable[[Snapshot], bool], seconds: float = LIMIT_S) -> float:
        """Real seconds until a snapshot is like this."""
        assert self.display is not None
        begin = time.monotonic()
        async with asyncio.timeout(seconds):
            async for _ in self.display.messages():
                if self.display.snapshot is not None and seen(self.display.snapshot):
                    return time.monotonic() - begin
        raise AssertionError("the guardian closed the connection")

    async def walking(self) -> None:
        """Until the belt runs at more than its lowest speed."""
        await self.until(lambda s: s.phase is Phase.WALKING and s.belt is Belt.MOVING)

    async def still(self, seconds: float = 15.0) -> float:
        """Until the belt was stopped and stands."""
        moving = (Phase.WALKING, Phase.EASING)
        return await self.until(lambda s: s.belt is Belt.STILL and s.phase not in moving, seconds)

    def out(self) -> str:
        """What the headless client printed, once it has ended."""
        assert self.client is not None
        return self.read_already + self.client.communicate(timeout=LIMIT_S)[0]

    def lines(self, folder: str) -> list[dict[str, Any]]:
        """All lines of the only session or trace."""
        [file] = (self.state / folder).glob("*.jsonl")
        return [json.loads(line) for line in file.read_text().splitlines()]

    async def end(self) -> None:
        """Whatever a test left behind, by its own number."""
        if self.display is not None:
            await self.display.close()
            kill(self.guardian, 5)
        if self.client is not None:
            self.client.send_signal(signal.SIGKILL)
            self.client.wait()
            if self.client.stdout is not None:
                self.client.stdout.close()


@asynccontextmanager
async def a_walk(home: Path, **how: Any) -> AsyncIterator[Walk]:
    """A walk that is ended with the test."""
    walk = Walk(home / "walk", **how)
    try:
        yield walk
    finally:
        await walk.end()


def stopped(snapshot: Snapshot) -> bool:
    """Whether the stop has been written."""
    return snapshot.stop_sent or snapshot.phase in (Phase.STOPPING, Phase.HALTED, Phase.DONE)


def run(*words: str, limit: float = 30) -> subprocess.CompletedProcess[str]:
    """treadctl with these words, to its end."""
    command = [sys.executable, "-m", "treadctl", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False, stdin=subprocess.DEVNULL)


def alive(pid: int) -> bool:
    """Whether this process still runs."""
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
    except (ProcessLookupError, FileNotFoundError):  # it may end between the two
        return False
