"""What is done to a walk: every way it can come to a bad end that processes and terminals can, and what people do then.

A way gets the walk at its moment and returns when the clock of its judgement begins: the deed itself, or, where nobody
is left who could notice, the command of the person who comes. None of them has a say in the verdict.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from tests.bluez.real_walk import RealWalk
from tests.bluez.serving import now_ms
from treadctl.keyline import kill

NOTICE_S = 1.5
"""A person presses this long after the screen froze: it shows that after 1.0 s."""
PRESSES = 4
WALK_ON_S = 3.0
"""How long a walk has to go on with a full disk before anybody presses a key."""


class Scene:
    """One walk at its moment. `dead_at`: when the guardian could record no more (ms), None while it can."""

    def __init__(self, walk: RealWalk, lots: Random) -> None:
        self.walk, self.lots = walk, lots
        self.dead_at: int | None = None
        self.disk_full_at: int | None = None
        self.said: list[tuple[int, str]] = []
        self.others: list[subprocess.Popen[bytes]] = []

    def kill_guardian(self) -> None:
        self.dead_at = now_ms()
        kill(self.walk.guardian, 1)

    def kill_both(self) -> None:
        """In one breath: frozen first, or the one that lives a moment longer would stop the belt."""
        assert self.walk.client is not None
        self.dead_at = now_ms()
        for number in (signal.SIGSTOP, signal.SIGKILL):
            os.kill(self.walk.guardian, number)
            os.kill(self.walk.client.pid, number)

    def freeze_guardian(self) -> None:
        self.dead_at = now_ms()
        os.kill(self.walk.guardian, signal.SIGSTOP)

    async def stop_command(self) -> None:
        ended = await self.walk.treadctl("stop")
        self.said.append((now_ms(), ended.stdout))

    def key(self) -> None:
        self.walk.type(" ")

    def end(self) -> None:
        for process in self.others:
            process.kill()
            process.wait()


Deed = Callable[[Scene], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Way:
    """A deed by its name in the report. `small_disk`: it needs a disk that can be full. `told_of_hang_up` False:
    the screens ignore SIGHUP, as under nohup."""

    name: str
    deed: Deed
    small_disk: bool = False
    told_of_hang_up: bool = True


async def screens_killed(scene: Scene) -> int:
    assert scene.walk.client is not None
    begin = now_ms()
    scene.walk.client.kill()
    return begin


async def screens_frozen(scene: Scene) -> int:
    assert scene.walk.client is not None
    begin = now_ms()
    scene.walk.client.send_signal(signal.SIGSTOP)
    return begin


async def terminal_closed(scene: Scene) -> int:
    begin = now_ms()
    scene.walk.close_terminal()
    return begin


async def guardian_killed(scene: Scene) -> int:
    begin = now_ms()
    scene.kill_guardian()
    return begin


async def guardian_frozen(scene: Scene) -> int:
    """The screen says that the controller hangs, and the person presses, again and again."""
    begin = now_ms()
    scene.freeze_guardian()
    await asyncio.sleep(NOTICE_S)
    for _ in range(PRESSES):
        scene.key()
        await asyncio.sleep(0.5)
    return begin


async def guardian_frozen_then_stop(scene: Scene) -> int:
    begin = now_ms()
    scene.freeze_guardian()
    await scene.stop_command()
    return begin


async def both_killed_then_stop(scene: Scene) -> int:
    """Nobody is left. Some time later somebody says `treadctl stop`, and from then on it counts."""
    scene.kill_both()
    await asyncio.sleep(scene.lots.uniform(0.0, 3.0))
    begin = now_ms()
    await scene.stop_command()
    return begin


async def both_killed_then_started(scene: Scene) -> int:
    """Nobody is left. Some time later treadctl is started again: its guardian looks for the orphan first."""
    scene.kill_both()
    await asyncio.sleep(scene.lots.uniform(0.0, 3.0))
    begin = now_ms()
    scene.others.append(_new_guardian(scene.walk))
    return begin


async def disk_full(scene: Scene) -> int:
    """The walk goes on; some time later the person presses stop, and from then on it counts."""
    assert scene.walk.disk is not None
    scene.disk_full_at = now_ms()
    scene.walk.disk.fill(scene.walk.guardian)
    await asyncio.sleep(WALK_ON_S)
    begin = now_ms()
    scene.key()
    return begin


async def link_lost(scene: Scene) -> int:
    begin = now_ms()
    await scene.walk.treadmill.do("drop")
    return begin


async def link_jammed(scene: Scene) -> int:
    """Nothing comes through and nobody is told: a write hangs, the samples are gone, the link says that it is up."""
    await scene.walk.treadmill.do("jam")
    begin = now_ms()
    scene.key()
    return begin


async def write_hangs(scene: Scene) -> int:
    """bluetoothd never answers the next WriteValue."""
    await scene.walk.treadmill.do("swallow WriteValue")
    begin = now_ms()
    scene.key()
    return begin


async def connect_hangs(scene: Scene) -> int:
    """The link is lost, and bluetoothd never answers the first Connect."""
    await scene.walk.treadmill.do("swallow Connect")
    begin = now_ms()
    await scene.walk.treadmill.do("drop")
    return begin


async def subscribe_hangs(scene: Scene) -> int:
    """The guardian is killed, and bluetoothd never answers the rescue's first StartNotify."""
    await scene.walk.treadmill.do("swallow StartNotify")
    begin = now_ms()
    scene.kill_guardian()
    return begin


WAYS = (
    Way("screens killed", screens_killed),
    Way("screens frozen", screens_frozen),
    Way("terminal closed", terminal_closed),
    Way("terminal closed under nohup", terminal_closed, told_of_hang_up=False),
    Way("guardian killed", guardian_killed),
    Way("guardian frozen, keys pressed", guardian_frozen),
    Way("guardian frozen, treadctl stop", guardian_frozen_then_stop),
    Way("both killed, treadctl stop", both_killed_then_stop),
    Way("both killed, started again", both_killed_then_started),
    Way("disk full, key pressed", disk_full, small_disk=True),
    Way("link lost", link_lost),
    Way("link jammed, key pressed", link_jammed),
    Way("write hangs, key pressed", write_hangs),
    Way("link lost, connect hangs", connect_hangs),
    Way("guardian killed, subscribe hangs", subscribe_hangs),
)


def _new_guardian(walk: RealWalk) -> subprocess.Popen[bytes]:
    """What the first client after a crash starts, as the same person."""
    command = [sys.executable, "-P", "-m", "treadctl.guardian"]
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(
        command, env=walk.environment, cwd="/", start_new_session=True, stdin=nowhere, stdout=nowhere, stderr=nowhere
    )
