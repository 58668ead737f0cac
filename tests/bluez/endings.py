"""Whatever is killed, hung or closed while somebody walks, the true belt comes to a stand. Real processes throughout.

Only the machine and the voice are stand-ins. All walks run at once, because each has to wait for its own countdown;
each is then judged by itself, on what `treadsim` says of its true belt.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bluez.real_walk import STOP, RealWalk, a_real_walk
from tests.bluez.serving import now_ms
from tests.e2e.walking import alive
from treadctl.client import start_guardian
from treadctl.keyline import kill

AT_ONCE_S = 0.25
"""Budget: a client killed -> stop handed over."""
RESCUE_S = 3.0
"""Budget: the rescue over an orphaned link."""
BUSY_S = 1.0
"""What two cores with many walks at once may add."""
BELT_S = 6.0
"""Command lag and braking from the lowest speed, and a little."""


async def killed_screens(walk: RealWalk) -> None:
    assert walk.client is not None
    begin = now_ms()
    walk.client.kill()
    assert await walk.stop_bytes(begin, 5) <= AT_ONCE_S + BUSY_S
    await walk.treadmill.still(BELT_S)
    assert alive(walk.guardian)


async def closed_terminal(walk: RealWalk) -> None:
    begin = now_ms()
    walk.close_terminal()
    assert await walk.stop_bytes(begin, 5) <= AT_ONCE_S + BUSY_S
    await walk.treadmill.still(BELT_S)
    assert alive(walk.guardian)


async def killed_guardian(walk: RealWalk) -> None:
    """The screens notice within a second, shout, and run the rescue once: it attaches by address and stops."""
    walk.shown = b""
    begin = now_ms()
    kill(walk.guardian, 1)
    assert await walk.drawn(b"The controller closed the connection.", begin, 3) <= 1.0 + BUSY_S
    assert await walk.stop_bytes(begin, 10) <= 1.0 + RESCUE_S + BUSY_S
    await walk.treadmill.still(BELT_S)
    assert len(walk.treadmill.told("link")) == 1  # over the link that outlived its guardian
    await walk.treadmill.until(lambda: not walk.treadmill.connected, 5)
    assert walk.treadmill.writes(begin) == ["00", STOP]
    assert walk.client is not None and walk.client.poll() is None
    await walk.drawn(b"Stop was sent, and the belt stands still.", begin, 5)
    assert not walk.paths.last_address.exists()


async def killed_both_then_stop(walk: RealWalk) -> None:
    assert walk.client is not None
    kill(walk.guardian, 1)
    walk.client.kill()
    await asyncio.sleep(1.0)
    assert walk.treadmill.connected and walk.treadmill.speed >= 75  # nobody is left who could stop it
    begin = now_ms()
    ended = await walk.treadctl("stop")
    assert await walk.stop_bytes(begin, 1) <= RESCUE_S + BUSY_S
    await walk.treadmill.still(BELT_S)
    assert ended.returncode == 0 and "the belt stands still" in ended.stdout


async def killed_both_then_started_again(walk: RealWalk) -> None:
    """A new guardian looks for an orphaned link and stops its belt, before any client asks for anything."""
    assert walk.client is not None
    kill(walk.guardian, 1)
    walk.client.kill()
    begin = now_ms()
    guardian = await asyncio.to_thread(_guardian_of, walk)
    try:
        assert await walk.stop_bytes(begin, 10) <= RESCUE_S + 2 * BUSY_S
        await walk.treadmill.still(BELT_S)
        assert walk.treadmill.writes(begin) == ["00", STOP]
    finally:
        guardian.kill()
        guardian.wait()


async def hung_guardian(walk: RealWalk) -> None:
    os.kill(walk.guardian, signal.SIGSTOP)
    begin = now_ms()
    ended = await walk.treadctl("stop")
    assert "did not answer and was ended" in ended.stdout and not alive(walk.guardian)
    assert await walk.stop_bytes(begin, 10) <= RESCUE_S + 2 * BUSY_S
    await walk.treadmill.still(BELT_S)


async def lost_link(walk: RealWalk) -> None:
    """Reconnected, and only to stop."""
    begin = now_ms()
    await walk.treadmill.do("drop")
    assert await walk.stop_bytes(begin, 10) <= RESCUE_S + 2 * BUSY_S
    await walk.treadmill.still(BELT_S)
    assert set(walk.treadmill.writes(begin)) == {"00", STOP}


async def jammed_link(walk: RealWalk) -> None:
    """Writes hang and samples are gone, and nobody says that the link is down: a new link is made, to stop."""
    begin = now_ms()
    await walk.treadmill.do("jam")
    walk.type(" ")
    assert await walk.stop_bytes(begin, 20) <= 1.0 + 2.0 + RESCUE_S + 2 * BUSY_S
    await walk.treadmill.still(BELT_S)


ENDINGS: tuple[Callable[[RealWalk], Awaitable[None]], ...] = (
    killed_screens, closed_terminal, killed_guardian, killed_both_then_stop, killed_both_then_started_again,
    hung_guardian, lost_link, jammed_link,
)


def _guardian_of(walk: RealWalk) -> subprocess.Popen[bytes]:
    """A new guardian of the same person."""
    before = dict(os.environ)
    os.environ.update(walk.environment)
    try:
        return start_guardian(walk.paths)
    finally:
        os.environ.clear()
        os.environ.update(before)


async def _to_its_end(ending: Callable[[RealWalk], Awaitable[None]], home: Path, delay: float) -> None:
    await asyncio.sleep(delay)
    async with a_real_walk(home) as walk:
        await walk.to_the_moving_belt()
        await ending(walk)


async def _walk_all(folder: Path) -> dict[str, str]:
    walks = (_to_its_end(ending, folder / str(n), n * 0.3) for n, ending in enumerate(ENDINGS))
    came = await asyncio.gather(*walks, return_exceptions=True)
    return {ending.__name__: _words(wrong) for ending, wrong in zip(ENDINGS, came, strict=True)}


def _words(wrong: BaseException | None) -> str:
    return "" if wrong is None else "".join(traceback.format_exception(wrong))


def main() -> None:
    """Walk them all and print what was wrong with each, by name."""
    with tempfile.TemporaryDirectory(prefix="tread-") as folder:
        print(json.dumps(asyncio.run(_walk_all(Path(folder)))))


if __name__ == "__main__":
    main()
