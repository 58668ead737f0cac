"""On a treadmill that treadctl takes for a real one nobody walks backward before a rehearsal, which writes nothing."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.bluez.real_walk import RealWalk
from tests.bluez.serving import Served
from treadctl.files.locks import load_rehearsals

pytestmark = pytest.mark.needs("dbus-daemon")
BACKWARD = ("{walk: backward, for: 32s, speed: 1.0 km/h}",)
LIMIT_S = 150.0
ENDED_S = 40


async def ended(walk: RealWalk) -> tuple[int, str]:
    """The exit code of the command at the terminal, and all that was shown there, blanks and ends of lines as one."""
    assert walk.client is not None
    code = await asyncio.to_thread(walk.client.wait, ENDED_S)
    shown, walk.shown = walk.shown, b""
    walk.close_terminal()
    return code, " ".join(shown.decode("utf-8", "replace").split())


@pytest.mark.timeout(400)
async def test_the_first_walk_backward_waits_for_it(own_folders: Path, treadmill: Served) -> None:
    walk = RealWalk(own_folders / "w", treadmill, BACKWARD)
    walk.paths.rehearsed.unlink()
    run = [*walk.command, "--headless"]
    try:
        walk.command = run
        await walk.open()
        code, shown = await ended(walk)
        assert code == 6 and "nobody has rehearsed on this treadmill" in shown

        walk.command = [sys.executable, "-m", "treadctl", "rehearse", "--headless", "--machine", treadmill.address]
        await walk.open()
        assert (await walk.walk_until("done", LIMIT_S)).reason.startswith("Rehearsed. It counts for this treadmill")
        assert (await ended(walk))[0] == 0
        assert [kept.address for kept in load_rehearsals(walk.paths.rehearsed)] == [treadmill.address]
        assert treadmill.writes() == []

        walk.command = run
        await walk.open()
        await walk.walk_until("asking", LIMIT_S)
    finally:
        await walk.end()
