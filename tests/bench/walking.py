"""A walk for measuring: treadctl's screens at a terminal of their own, their guardian and its pages, real processes.

The screens and the guardian are those of `stamped`, so that what happened when is known on one clock. A robot answers,
presses and confirms through the terminal, and the helper's page is tested and seen, as in a walk with a helper.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.stamped import RATE, STAMPS
from tests.bluez.serving import ROOT
from tests.e2e.terminal import READ_S, TerminalWalk
from treadctl.client import connect, greeting
from treadctl.clients.tui.preview_page import FIRST_TIME
from treadctl.model.api import Asking, Belt, Phase, Question, Role, Snapshot
from treadctl.model.errors import NoMachine
from treadctl.paths import SOCKET_SUFFIX, Paths

PROFILE = """treadctl: 1
name: Bench
summary: A walk that is measured.
level: 0
author: treadctl
license: CC0-1.0
basis: Made for a measurement.
segments:
"""
FAST = 10
PATIENCE_S = 20.0
READY_S = 90.0
PAGE_EVERY_S = 0.7
"""As the helper's page does it."""
STARTED = (Phase.HOLDING, Phase.WALKING)
ANSWERS = {"facing": "c", "halted": "c", "pain-before": "0", "pain": "0"}


class Rig(TerminalWalk):
    """One walk of these segments, that goes on after every stop."""

    begin_s = READY_S

    def __init__(self, home: Path, *segments: str, rate: int = FAST, **environment: str) -> None:
        super().__init__(home / "state", rate=rate)
        self.home = home
        self.stamps = home / "stamps"
        self.stamps.touch()
        profile = home / "bench.yaml"
        profile.write_text(PROFILE + "".join(f"  - {segment}\n" for segment in segments), encoding="utf-8")
        screens = [sys.executable, "-P", "-m", "tests.bench.stamped", "screens", "run", str(profile), "--sim"]
        self.command = [*screens, "--rate", str(rate), "--state", str(self.state)]
        self.environment = {
            **os.environ, "XDG_RUNTIME_DIR": str(home / "run"), "HOME": str(home), "PYTHONPATH": str(ROOT),
            STAMPS: str(self.stamps), "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment,
        }  # fmt: skip
        (home / "run").mkdir(mode=0o700)
        self.page: subprocess.Popen[str] | None = None
        self.addresses: dict[str, str] = {}
        self.now: Snapshot | None = None
        self.since = 0
        """So many octets of the stamps were there before the clock's rate was changed last."""
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    # --- its processes ----------------------------------------------------------------------------------------------

    async def begin(self, **how: object) -> None:
        how["env"] = self.environment
        self.client = subprocess.Popen(self.command, text=True, **how)  # type: ignore[call-overload]  # noqa: ASYNC220
        folder = self.home / "run" / "treadctl"
        async with asyncio.timeout(READY_S):
            while self.display is None:
                found = list(folder.glob(f"*{SOCKET_SUFFIX}"))
                if found:
                    name = found[0].name.removesuffix(SOCKET_SUFFIX)
                    await self._watch(Paths(folder, folder, folder, folder, name))
                await asyncio.sleep(0.05)

    async def _watch(self, paths: Paths) -> None:
        try:
            self.display = await connect(paths, greeting(Role.DISPLAY, "watch"))
        except NoMachine:
            return
        words = [sys.executable, "-m", "treadctl", "glance", "--json", "--port", "0", "--socket", str(paths.socket)]
        self.page = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=self.environment)  # noqa: ASYNC220
        assert self.page.stdout is not None
        line = await asyncio.to_thread(self.page.stdout.readline)
        self.addresses = json.loads(line)["addresses"]

    async def prepare(self) -> None:
        """Open everything; the helper's page is there before the questions come, so that it is tested, too."""
        await self.open()
        self._tasks = [asyncio.ensure_future(work) for work in (self._read(), self._be_seen(), self._act())]
        async with asyncio.timeout(READY_S):
            while FIRST_TIME.encode() not in self.shown:  # noqa: ASYNC110 - what a terminal shows tells nobody
                await asyncio.sleep(0.05)
        self.type("\r")

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.page is not None:
            self.page.send_signal(signal.SIGTERM)
            self.page.wait(10)
            assert self.page.stdout is not None
            self.page.stdout.close()
        await super().end()

    # --- the person --------------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        assert self.display is not None
        async for _ in self.display.messages():
            self.now = self.display.snapshot
            self._news.set()
        self._news.set()

    async def _act(self) -> None:
        """Answer and confirm whenever something is asked."""
        while True:
            self._news.clear()
            await self._news.wait()
            if self.now is not None and self.now.question is not None:
                await self._respond(self.now.question)

    async def _respond(self, question: Question) -> None:
        if question.id == "helper-page":
            await asyncio.to_thread(self.post, "spotter", "stop")
        elif question.asking is Asking.CHOICE:
            await asyncio.sleep(READ_S)
            self.type(ANSWERS.get(question.id, "y"))
            await asyncio.sleep(0.1)
        else:
            await super()._respond(question)

    async def _be_seen(self) -> None:
        while True:
            await asyncio.to_thread(self.post, "spotter", "attend")
            await asyncio.sleep(PAGE_EVERY_S)

    @property
    def walks(self) -> bool:
        """Whether the belt moves under the walker, by the newest snapshot."""
        return self.now is not None and self.now.phase in STARTED and self.now.belt is Belt.MOVING

    async def walking(self) -> None:
        """Until the belt moves, at rate 1."""
        try:
            async with asyncio.timeout(READY_S):
                while not self.walks:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)  # what is asked meanwhile takes the news
        except TimeoutError:
            raise RuntimeError(f"it never walked: {self.now}") from None
        await self.pace(1)

    async def pace(self, rate: int) -> None:
        """By the key for it."""
        self.since = self.stamps.stat().st_size
        self.type("f")
        await self.stamped(self.since, f"{RATE}{rate}")

    # --- what is measured --------------------------------------------------------------------------------------------

    async def stamped(self, since: int, word: str, limit: float = PATIENCE_S) -> int:
        """When this was first stamped after the first `since` octets, ns. Raises TimeoutError."""
        async with asyncio.timeout(limit):
            while True:
                found = [int(at) for at, what in self.tail(since) if what == word]
                if found:
                    return found[0]
                await asyncio.sleep(0.001)

    def tail(self, since: int) -> list[tuple[str, str]]:
        """All stamps after the first `since` octets."""
        with self.stamps.open("rb") as file:
            file.seek(since)
            whole = [line.decode() for line in file.readlines() if line.endswith(b"\n")]
        return [(at, what) for at, what in map(str.split, whole)]

    def post(self, page: str, what: str) -> int:
        """What the page's script sends; the time before it, ns. Blocks."""
        begin = time.monotonic_ns()
        url = urlsplit(self.addresses[page])
        head = f"POST {url.path}{what} HTTP/1.1\r\nHost: {url.netloc}\r\nOrigin: http://{url.netloc}\r\n"
        with socket.create_connection((url.hostname, url.port or 80), 5) as line:
            line.sendall(f"{head}Content-Length: 0\r\n\r\n".encode())
            while line.recv(4096):
                pass
        return begin

    def key(self, octets: str) -> int:
        begin = time.monotonic_ns()
        self.type(octets)
        return begin
