"""The real driver on a real terminal: the stop key leaves while the event loop is held for three seconds."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APP = """
import os, sys, time
from tests.tui.fakes import FakeAccess
from tests.tui.moments import BACKWARD, PLAN, PROGRAM
from treadctl.clients.tui.app import TreadctlApp
from treadctl.clients.tui.clock import monotonic_ms
from textual import constants

assert constants.ESCAPE_DELAY == 0.025, constants.ESCAPE_DELAY
told = int(sys.argv[1])

class Line:
    def press(self, key, held):
        os.write(told, f"{key} {held}\\n".encode())

access = FakeAccess(line=Line())
app = TreadctlApp(access, clock=monotonic_ms, program=PROGRAM, simulated=True)

def hold():
    os.write(told, b"held\\n")
    time.sleep(3)
    os.write(told, b"free\\n")

def begin():
    access.say(PLAN)
    access.say(BACKWARD)
    app.set_timer(0.3, hold)

app.call_later(begin)
app.run()
"""


class Terminal:
    """An app on a pseudo-terminal, and the pipe on which its presses arrive."""

    def __init__(self) -> None:
        self.screen, theirs = pty.openpty()
        self.told, tell = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-c", APP, str(tell)], stdin=theirs, stdout=theirs, stderr=theirs, pass_fds=(tell,),
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "ESCDELAY": "900"},
        )  # fmt: skip
        os.close(theirs)
        os.close(tell)
        self._lines: list[str] = []
        self._rest = b""

    def line(self, limit: float) -> str:
        """The next line that is told, "" when none comes in time. What the app draws is read away."""
        until = time.monotonic() + limit
        while not self._lines and time.monotonic() < until:
            ready, _, _ = select.select([self.screen, self.told], [], [], 0.05)
            if self.screen in ready:
                os.read(self.screen, 65536)
            if self.told in ready:
                *whole, self._rest = (self._rest + os.read(self.told, 4096)).split(b"\n")
                self._lines += [line.decode() for line in whole]
        return self._lines.pop(0) if self._lines else ""

    def type(self, octets: bytes) -> float:
        os.write(self.screen, octets)
        return time.monotonic()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.screen)
        os.close(self.told)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    found = Terminal()
    yield found
    found.close()


@pytest.mark.parametrize(
    ("octets", "key"),
    [(b" ", "space False"), (b"\r", "enter False"), (b"\x1b", "escape False"), (b"\x03", "ctrl+c False"),
     (b"\xff", "replacement_character False"), (b"\x1b[200~never ending", "paste True")],
)  # fmt: skip
def test_a_stop_key_leaves_within_100_ms_while_the_event_loop_is_held(
    terminal: Terminal, octets: bytes, key: str
) -> None:
    assert terminal.line(20) == "held"
    began = terminal.type(octets)
    assert terminal.line(1) == key
    assert time.monotonic() - began < 0.1
    assert terminal.line(5) == "free"


def test_a_mapped_key_on_a_held_loop_stops_as_well(terminal: Terminal) -> None:
    """An ease would wait for the loop; after 600 ms without snapshots the same key is a press."""
    assert terminal.line(20) == "held"
    time.sleep(0.7)
    terminal.type(b"e")
    assert terminal.line(1) == "e False"
