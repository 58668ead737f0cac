"""The real driver on a real terminal: the stop key leaves while the event loop is held for three seconds."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

QUERY = b"\x1b[5n"
ROOT = Path(__file__).resolve().parents[2]
APP = """
import os, sys, time
from tests.tui.fakes import FakeAccess
from tests.tui.moments import BACKWARD, PLAN, PROGRAM
from treadctl.clients.tui.app import TreadctlApp
from treadctl.clients.clock import monotonic_ms
from textual import constants

assert constants.ESCAPE_DELAY == 0.025, constants.ESCAPE_DELAY
told = int(sys.argv[1])

class Line:
    def press(self, key, held):
        os.write(told, f"{key} {held}\\n".encode())

class Beating(FakeAccess):
    def tell(self, intent):
        before = self.beats[-1:]
        super().tell(intent)
        if sys.argv[2:] and self.beats[-1:] != before:
            os.write(told, f"keyboard {self.beats[-1]}\\n".encode())
        if held_once and app.state.snapshot is not None:
            self.say(app.state.snapshot)

held_once = []
access = Beating(line=Line())
app = TreadctlApp(access, clock=monotonic_ms, wish=PROGRAM, simulated=True)

def hold():
    os.write(told, b"held\\n")
    time.sleep(3)
    os.write(told, b"free\\n")

def begin():
    access.say(PLAN)
    access.say(BACKWARD)
    if sys.argv[2:] == ["beats"]:
        held_once.append(1)
        os.write(told, b"begun\\n")
    else:
        app.set_timer(0.3, hold)

app.call_later(begin)
app.run()
"""


class Terminal:
    """An app on a pseudo-terminal, and the pipe on which its presses arrive."""

    def __init__(self, *words: str) -> None:
        self.screen, theirs = pty.openpty()
        self.told, tell = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-c", APP, str(tell), *words],
            stdin=theirs, stdout=theirs, stderr=theirs, pass_fds=(tell,),
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "ESCDELAY": "900"},
        )  # fmt: skip
        os.close(theirs)
        os.close(tell)
        self.answer: Callable[[int], bytes] | None = None
        self.asked = 0
        self.drawn = b""
        self._lines: list[str] = []
        self._rest = b""

    def line(self, limit: float) -> str:
        """The next line that is told, "" when none comes in time. What the app draws is read away."""
        until = time.monotonic() + limit
        while not self._lines and time.monotonic() < until:
            ready, _, _ = select.select([self.screen, self.told], [], [], 0.05)
            if self.screen in ready:
                self._look(os.read(self.screen, 65536))
            if self.told in ready:
                *whole, self._rest = (self._rest + os.read(self.told, 4096)).split(b"\n")
                self._lines += [line.decode() for line in whole]
        return self._lines.pop(0) if self._lines else ""

    def _look(self, drawn: bytes) -> None:
        """A terminal emulator: it answers each query, if the test wants it to."""
        self.drawn += drawn
        while self.answer is not None and self.drawn.count(QUERY) > self.asked:
            self.asked += 1
            for part in self.answer(self.asked).split(b"|"):  # in so many writes
                os.write(self.screen, part)
                time.sleep(0.01)

    def words(self, seconds: float) -> list[str]:
        """All that is told in this time."""
        until, found = time.monotonic() + seconds, []
        while (left := until - time.monotonic()) > 0:
            found.append(self.line(left))
        return [word for word in found if word]

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


# --- is the terminal there -----------------------------------------------------------------------------------------


@pytest.fixture
def beating() -> Iterator[Terminal]:
    """An app whose belt moves, which tells when its heartbeats begin to say something else of the keyboard."""
    found = Terminal("beats")
    yield found
    found.close()


def test_answers_whole_or_in_parts_or_between_keys_are_no_keys(beating: Terminal) -> None:
    ways = (b"\x1b[0n", b"\x1b[|0n", b"\x1b[0|n", b"\x1b|[0n", b"e\x1b[0ne")
    beating.answer = lambda n: ways[n % len(ways)]
    told = beating.words(9)
    assert beating.asked >= len(ways)
    assert [word for word in told if word not in {"begun", "keyboard True"}] == []
    beating.type(b"x")
    assert beating.line(1) == "x False"


def test_a_terminal_that_stops_answering_has_lost_the_keyboard_until_it_answers_again(beating: Terminal) -> None:
    beating.answer = lambda n: b"\x1b[0n"
    assert beating.words(4) == ["keyboard True", "begun"] or beating.asked >= 2
    beating.answer, frozen = None, time.monotonic()
    assert beating.line(5) == "keyboard False"
    assert 1.5 < time.monotonic() - frozen < 5
    assert beating.words(1) == []
    assert "the terminal is silent" in beating.drawn.decode("utf-8", "replace")
    beating.answer = lambda n: b"\x1b[0n"
    assert beating.line(9) == "keyboard True"


def test_a_terminal_that_never_answered_is_not_taken_for_lost(beating: Terminal) -> None:
    told, until = beating.words(8), time.monotonic() + 20
    while beating.drawn.count(QUERY) < 2 and time.monotonic() < until:
        told += beating.words(1)
    assert beating.drawn.count(QUERY) >= 2
    assert [word for word in told if word != "begun"] in ([], ["keyboard True"])
    beating.type(b" ")
    assert beating.line(1) == "space False"


def test_lost_focus_is_told_by_the_terminal(beating: Terminal) -> None:
    while beating.line(10) != "begun":
        pass
    beating.words(1)
    beating.type(b"\x1b[O")
    assert beating.line(2) == "keyboard False"
    beating.type(b"\x1b[I")
    assert beating.line(2) == "keyboard True"
