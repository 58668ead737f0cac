"""A walk on a treadmill that treadctl takes for a real one: the real terminal app, guardian and Bluetooth backend.

What makes the machine drivable is its complete record in this walk's own state folder; what confirms a start is a
person's gesture, typed into a pty. Every walk has folders, a voice and a message bus of its own, so many run at once.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bluez.serving import Served, now_ms, served
from tests.e2e.terminal import TerminalWalk
from tests.e2e.walking import alive
from treadctl.client import connect, greeting
from treadctl.files.locks import remember_day
from treadctl.files.machines import RecordStore, load_quirk
from treadctl.keyline import kill
from treadctl.model.api import Role
from treadctl.model.errors import NoMachine
from treadctl.paths import Paths

PROFILE = """treadctl: 1
name: Real
summary: A forward walk for the tests of what is killed.
level: 0
author: treadctl
license: CC0-1.0
basis: Made for a test.
segments:
  - {walk: forward, for: 3min, speed: 2.0 km/h}
"""
SPEAKER = """#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = -w ] && out=$2; shift; done
cat >/dev/null; : >"$out"
"""
PLAYER = "#!/bin/sh\nexec sleep 0.05\n"
"""Stand-ins: a voice that is heard to the end, and quickly."""
STOP = "0801"


class RealWalk(TerminalWalk):
    """`treadctl run` at a terminal of its own, on one treadmill of `treadsim serve --bluez`."""

    def __init__(self, home: Path, treadmill: Served) -> None:
        super().__init__(home, rate=1, prepared=False)
        self.treadmill = treadmill
        self.environment = {**os.environ, **_folders(home), "DBUS_SYSTEM_BUS_ADDRESS": treadmill.bus}
        self.environment["TMPDIR"] = str(home)  # what is killed cannot clear away after itself
        self.environment["PATH"] = f"{_voice(home)}:{os.environ['PATH']}"
        runtime, state, data, config = (Path(self.environment[name]) / "treadctl" for name in DIRECTORIES)
        self.paths = Paths(runtime, state, data, config)
        for folder in (self.paths.runtime, self.paths.state):
            folder.mkdir(mode=0o700)
        RecordStore(self.paths.machines).save(replace(load_quirk("reference").record, address=treadmill.address))
        remember_day(self.paths.day, datetime.now(UTC).astimezone().date().isoformat(), True, True)
        profile = home / "real.yaml"
        profile.write_text(PROFILE, encoding="utf-8")
        self.command = [sys.executable, "-m", "treadctl", "run", str(profile), "--machine", treadmill.address]
        self._guardian = 0

    async def begin(self, **how: Any) -> None:
        environment = {**how.pop("env"), **self.environment}
        self.client = subprocess.Popen(self.command, text=True, env=environment, **how)  # noqa: ASYNC220
        async with asyncio.timeout(20):
            while self.display is None:
                try:
                    self.display = await connect(self.paths, greeting(Role.DISPLAY, "watch"))
                except NoMachine:
                    await asyncio.sleep(0.05)
        assert self.display.welcome is not None
        self._guardian = self.display.welcome.pid

    @property
    def guardian(self) -> int:
        return self._guardian

    async def to_the_moving_belt(self) -> None:
        """Answer and confirm until the belt truly moves at its lowest speed."""
        await self.open()
        await self.walk_until("holding", 45)
        await self.treadmill.until(lambda: self.treadmill.speed >= 75, 10)

    async def treadctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command of the same person, in another terminal."""
        return await asyncio.to_thread(
            subprocess.run, [sys.executable, "-m", "treadctl", *words], env=self.environment, capture_output=True,
            text=True, timeout=40, stdin=subprocess.DEVNULL,
        )

    async def stop_bytes(self, since: int, seconds: float) -> float:
        """Until a stop reached the machine; seconds from `since`."""
        def stops() -> list[int]:
            return [e["at"] for e in self.treadmill.told("write") if e["data"] == STOP and e["at"] >= since]

        await self.treadmill.until(stops, seconds)
        return (stops()[0] - since) / 1000

    async def drawn(self, text: bytes, since: int, seconds: float) -> float:
        """Until this is on the terminal; seconds from `since`."""
        await self.treadmill.until(lambda: text in self.shown, seconds)
        return (now_ms() - since) / 1000

    async def end(self) -> None:
        """Whatever is left, by its own number."""
        await super().end()
        if self._guardian and alive(self._guardian):
            kill(self._guardian, 5)


DIRECTORIES = ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")


def _folders(home: Path) -> dict[str, str]:
    for name in DIRECTORIES:
        (home / name).mkdir(mode=0o700)
    return {name: str(home / name) for name in DIRECTORIES} | {"HOME": str(home)}


def _voice(home: Path) -> Path:
    folder = home / "bin"
    folder.mkdir()
    for name, script in (("espeak-ng", SPEAKER), ("pw-play", PLAYER)):
        (folder / name).write_text(script, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


@asynccontextmanager
async def a_real_walk(home: Path) -> AsyncIterator[RealWalk]:
    """A walk and its treadmill, both ended with the test."""
    with served() as treadmill:
        walk = RealWalk(home, treadmill)
        try:
            yield walk
        finally:
            await walk.end()
