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

from tests.bluez.serving import Served
from tests.bluez.small_disk import SmallDisk
from tests.e2e.terminal import TerminalWalk
from tests.e2e.walking import alive
from treadctl.client import connect, greeting
from treadctl.clients.tui.preview_page import FIRST_TIME
from treadctl.files.locks import remember_day, remember_rehearsal
from treadctl.files.machines import RecordStore
from treadctl.files.quirks import load_quirk
from treadctl.keyline import kill
from treadctl.model.api import Role
from treadctl.model.errors import NoMachine
from treadctl.paths import Paths

PROFILE = """treadctl: 1
name: Real
summary: A walk for the tests of what is killed.
level: 0
author: treadctl
license: CC0-1.0
basis: Made for a test.
segments:
"""
FORWARD = ("{walk: forward, for: 3min, speed: 2.0 km/h}",)
SPEAKER = """#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = -w ] && out=$2; shift; done
cat >/dev/null
printf 'RIFF\\310\\000\\000\\000WAVEfmt ' >"$out"
printf '\\020\\000\\000\\000\\001\\000\\001\\000\\042\\126\\000\\000' >>"$out"
printf '\\104\\254\\000\\000\\002\\000\\020\\000data\\244\\000\\000\\000' >>"$out"
head -c 164 /dev/zero >>"$out"
"""
PLAYER = "#!/bin/sh\nexec sleep 0.05\n"
"""Stand-ins: a voice that is heard to the end, and quickly."""
STOP = "0801"
BEGIN_S = 40.0
"""From the first process to a guardian that answers: two seconds, unless many walks begin at once."""


class RealWalk(TerminalWalk):
    """`treadctl run` at a terminal of its own, on one treadmill of `treadsim serve --bluez`."""

    begin_s = BEGIN_S

    def __init__(
        self, home: Path, treadmill: Served, segments: tuple[str, ...] = FORWARD, disk: SmallDisk | None = None
    ) -> None:
        super().__init__(home, rate=1, prepared=False)
        self.treadmill, self.disk = treadmill, disk
        self.environment = {**os.environ, **_folders(home), "DBUS_SYSTEM_BUS_ADDRESS": treadmill.bus}
        self.environment["TMPDIR"] = str(home)  # what is killed cannot clear away after itself
        self.environment["PATH"] = f"{_voice(home)}:{os.environ['PATH']}"
        if disk is not None:
            disk.open(home)
        runtime, state, data, config = (Path(self.environment[name]) / "treadctl" for name in DIRECTORIES)
        if disk is not None:
            state, data, config = disk.seen(state), disk.seen(data), disk.seen(config)
        self.paths = Paths(runtime, state, data, config)
        for folder in (runtime, state, data, config):
            folder.mkdir(mode=0o700)
        RecordStore(self.paths.machines).save(replace(load_quirk("reference").record, address=treadmill.address))
        today = datetime.now(UTC).astimezone().date().isoformat()
        remember_day(self.paths.day, today, True, True, True)
        remember_rehearsal(self.paths.rehearsed, treadmill.address, today)
        profile = home / "real.yaml"
        profile.write_text(PROFILE + "".join(f"  - {segment}\n" for segment in segments), encoding="utf-8")
        self.command = [sys.executable, "-m", "treadctl", "run", str(profile), "--machine", treadmill.address]
        if disk is not None:
            self.command = [*disk.inside, *self.command]
        self._guardian = 0

    async def open(self, columns: int = 100, rows: int = 30) -> None:
        await super().open(columns, rows)
        if "--headless" not in self.command:
            await self._read_the_preview()

    async def _read_the_preview(self) -> None:
        """A profile that was never walked is shown first."""
        async with asyncio.timeout(self.begin_s):
            while FIRST_TIME.encode() not in self.shown:  # noqa: ASYNC110 - what a terminal shows tells nobody
                await asyncio.sleep(0.05)
        self.type("\r")

    async def begin(self, **how: Any) -> None:
        environment = {**how.pop("env"), **self.environment}
        self.client = subprocess.Popen(self.command, text=True, env=environment, **how)  # noqa: ASYNC220
        async with asyncio.timeout(self.begin_s):
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

    async def treadctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command of the same person, in another terminal."""
        return await asyncio.to_thread(
            subprocess.run, [sys.executable, "-m", "treadctl", *words], env=self.environment, capture_output=True,
            text=True, timeout=40, stdin=subprocess.DEVNULL, start_new_session=True,  # as another terminal has one
        )

    async def end(self) -> None:
        """Whatever is left, by its own number."""
        await super().end()
        if self._guardian and alive(self._guardian):
            kill(self._guardian, 5)


DIRECTORIES = ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")


def _folders(home: Path) -> dict[str, str]:
    """All but the sockets lie in a folder that may be a disk of its own."""
    (home / "run").mkdir(mode=0o700)
    (home / "disk").mkdir(mode=0o700)
    kept = {name: home / "disk" / name for name in DIRECTORIES[1:]}
    for folder in kept.values():
        folder.mkdir(mode=0o700)
    found = {DIRECTORIES[0]: home / "run", **kept, "HOME": home}
    return {name: str(folder) for name, folder in found.items()}


def _voice(home: Path) -> Path:
    folder = home / "bin"
    folder.mkdir()
    for name, script in (("espeak-ng", SPEAKER), ("pw-play", PLAYER)):
        (folder / name).write_text(script, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


@asynccontextmanager
async def a_real_walk(
    home: Path, segments: tuple[str, ...] = FORWARD, disk: SmallDisk | None = None
) -> AsyncIterator[RealWalk]:
    """A walk and its treadmill, which may lose replies, both ended with the test."""
    treadmill = await asyncio.to_thread(Served, program="tests.bluez.swallowing")
    try:
        walk = RealWalk(home, treadmill, segments, disk)
        try:
            yield walk
        finally:
            await walk.end()
    finally:
        await asyncio.to_thread(treadmill.end)
        if disk is not None:
            disk.close()
