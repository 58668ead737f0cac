"""A person in front of the real terminal app: reads what the guardian shows, types into the terminal.

The robot sees snapshots as a display, which can do nothing; everything it does goes through the pty as keys, as a
person's would. There is no other way to confirm a start.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from tests.e2e.walking import Walk
from treadctl.model.api import Asking, Question, Snapshot

HOLDABLE = (
    "import signal, sys, time\n"
    "signal.signal(signal.SIGUSR1, lambda *_: time.sleep(3))\n"
    "from treadctl.cli import main\n"
    "from treadctl.clients.tui.app import TreadctlApp\n"
    "signal.signal(signal.SIGUSR2, lambda *_: setattr(TreadctlApp, 'repaint', lambda self: 1 / 0))\n"
    "sys.exit(main(sys.argv[1:]))\n"
)
"""treadctl whose main thread, and so its event loop, sleeps for 3 s at a signal, and whose screens have a bug at
another."""
TONE_S = 0.4
READ_S = 0.7
"""An answer typed before the question could be read does not count."""
SOON_S = 10.0
"""What is drawn comes within this, or not at all."""
ANSWERS = {"facing": "c", "halted": "e", "pain": "0", "pain-before": "0"}


Walked = TypeVar("Walked", bound="TerminalWalk")


class TerminalWalk(Walk):
    """`treadctl demo` on a terminal of its own, with a robot at the keys."""

    def __init__(self, state: Path, rate: int = 10, prepared: bool = True) -> None:
        super().__init__(state, rate, prepared)
        self.rate = rate
        self.command = [sys.executable, "-c", HOLDABLE, "demo", "--rate", str(rate), "--state", str(state)]
        self.master = -1
        self.shown = b""
        self.told_of_hang_up = True
        """False: as under nohup, or in a session that is not the terminal's, no signal says that it is gone."""

    async def open(self, columns: int = 100, rows: int = 30) -> None:
        """Start it on a terminal of this size and read what it draws."""
        self.master, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        # Where several test processes run side by side, each is told the size of the terminal they were begun on.
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        environment = {**inherited, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        await self.begin(stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=self._own, env=environment)
        os.close(theirs)
        os.set_blocking(self.master, False)
        asyncio.get_running_loop().add_reader(self.master, self._drain)

    def _own(self) -> None:
        """In the child: a session of its own whose controlling terminal is standard input."""
        os.setsid()
        if self.told_of_hang_up:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        else:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _drain(self) -> None:
        try:
            self.shown += os.read(self.master, 65536)
        except OSError:
            asyncio.get_running_loop().remove_reader(self.master)

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    async def shows(self, *words: bytes) -> None:
        """Wait until all of these were drawn, however busy the machine is."""
        try:
            async with asyncio.timeout(SOON_S):
                while not all(word in self.shown for word in words):  # noqa: ASYNC110 - what is drawn tells nobody
                    await asyncio.sleep(0.02)
        except TimeoutError:
            missing = [word for word in words if word not in self.shown]
            raise AssertionError(f"{missing} never came: {self.shown[-2000:]!r}") from None

    async def answer(self, title: str, key: str) -> None:
        """Read the question under this title, then press; nothing drawn before the key counts for the next one."""
        await self.shows(title.encode())
        await asyncio.sleep(READ_S)
        self.shown = b""
        self.type(key)

    async def walk_until(self, wanted: str, seconds: float = 60) -> Snapshot:
        """Answer, press and confirm like a person until phase and facing are `wanted`, as in "walking backward"."""
        assert self.display is not None
        async with asyncio.timeout(seconds):
            async for _ in self.display.messages():
                snapshot = self.display.snapshot
                if snapshot is None:
                    continue
                facing = snapshot.facing.value if snapshot.facing else ""
                if f"{snapshot.phase.value} {facing}".startswith(wanted):
                    return snapshot
                if snapshot.question is not None:
                    await self._respond(snapshot.question)
        raise AssertionError("the guardian closed the connection")

    async def _respond(self, question: Question) -> None:
        if question.asking is Asking.CHOICE:
            await asyncio.sleep(READ_S)
            self.type(ANSWERS.get(question.id, "y"))
        elif question.asking is Asking.REACH and question.heard:
            self.type(" ")
            await asyncio.sleep(0.3)
        elif question.asking is Asking.CONFIRM and question.heard:
            await self.confirm()

    async def confirm(self) -> None:
        """Press, tone, press: not so soon that the second counts as an auto-repeat, which is judged in real time."""
        self.type(" ")
        await asyncio.sleep(max(0.14, (TONE_S + 0.6) / self.rate))
        self.type(" ")
        await asyncio.sleep(1.0 / self.rate)

    async def ended(self) -> int:
        """The exit code, once it ends by itself."""
        assert self.client is not None
        return await asyncio.to_thread(self.client.wait, 20)

    def close_terminal(self) -> None:
        """What closing the window does: the kernel hangs up."""
        asyncio.get_running_loop().remove_reader(self.master)
        os.close(self.master)
        self.master = -1

    async def end(self) -> None:
        if self.master >= 0:
            self.close_terminal()
        await super().end()


@asynccontextmanager
async def opened(walk: Walked) -> AsyncIterator[Walked]:
    """Begun at its terminal, and ended with the test."""
    try:
        await walk.open()
        yield walk
    finally:
        await walk.end()
