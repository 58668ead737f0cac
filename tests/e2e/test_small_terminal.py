"""A terminal that is made too small in the middle of a walk: it says so, any key stops, and no question is answered
that nobody can read."""

from __future__ import annotations

import asyncio
import fcntl
import struct
import termios
from pathlib import Path

from tests.e2e.terminal import READ_S, TerminalWalk, opened
from tests.e2e.walking import stopped
from treadctl.model.api import Belt, Phase, Snapshot


def resize(walk: TerminalWalk, columns: int, rows: int) -> None:
    """As a terminal emulator does it: the kernel tells whoever runs there."""
    walk.shown = b""
    fcntl.ioctl(walk.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def asks_which_way(snapshot: Snapshot) -> bool:
    question = snapshot.question
    return snapshot.phase is Phase.HALTED and question is not None and question.id == "facing"


async def test_a_terminal_too_small_says_so_and_stops_and_takes_no_answer_until_it_can_be_read(
    own_folders: Path,
) -> None:
    async with opened(TerminalWalk(own_folders / "small")) as walk:
        await walk.walk_until("walking")
        resize(walk, 20, 5)
        await walk.shows(b"ANY KEY STOPS", b"FORWARD", b"km/h", b"Too small: 20x5.", b"Make it 40x12.", b"SIMULATED")
        await walk.until(lambda s: s.phase is Phase.WALKING and s.belt is Belt.MOVING, 5)
        walk.type("x")
        await walk.until(stopped, 2)
        await walk.until(asks_which_way, 20)
        await walk.shows(b"A question waits.")
        await asyncio.sleep(READ_S)
        walk.type("c")
        await asyncio.sleep(READ_S)
        assert walk.display is not None and walk.display.snapshot is not None
        assert asks_which_way(walk.display.snapshot)
        resize(walk, 100, 30)
        await walk.shows(b"away from it")
        await asyncio.sleep(READ_S)
        walk.type("c")
        await walk.until(lambda s: s.question is not None and s.question.id == "halted", 10)
