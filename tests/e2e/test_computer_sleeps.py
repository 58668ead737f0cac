"""A computer about to sleep, or with a locked screen, while somebody walks on what is taken for a real machine.

Logind is played by the test, on the bus of the simulated Bluetooth; no computer sleeps here.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "guardian"))

from tests.bluez.real_walk import RealWalk
from tests.bluez.serving import served
from tests.e2e.walking import stopped
from tests.guardian.logind import Logind
from tests.guardian.radio import eventually
from treadctl.model.api import Belt, Phase

pytestmark = pytest.mark.needs("dbus-daemon")
BOTH = {("sleep:shutdown", "delay"), ("idle:handle-lid-switch", "block")}


@asynccontextmanager
async def a_walk(home: Path, denied: set[str] | None = None) -> AsyncIterator[tuple[RealWalk, Logind]]:
    with served() as treadmill:
        logind = Logind(treadmill.bus)
        await logind.open()
        logind.denied = denied or set()
        walk = RealWalk(home / "walk", treadmill)
        try:
            await walk.open()
            yield walk, logind
        finally:
            await walk.end()
            logind.close()


async def test_before_the_computer_sleeps_the_belt_is_stopped_and_measured_still(own_folders: Path) -> None:
    async with a_walk(own_folders) as (walk, logind):
        await walk.walk_until("holding", 60)
        await walk.treadmill.until(lambda: walk.treadmill.speed >= 75, 10)
        assert logind.held == BOTH
        logind.say("PrepareForSleep", True)
        await walk.until(stopped, 5)
        assert logind.held == BOTH  # it sleeps only when the belt is still
        await eventually(lambda: logind.held == set(), 12)
        assert walk.treadmill.speed == 0  # truly; to be measured so it takes a few samples more
        await walk.until(lambda s: s.belt is Belt.STILL and s.phase is Phase.HALTED, 15)
        assert walk.display is not None and walk.display.snapshot is not None
        assert walk.display.snapshot.reason == "The computer is about to sleep."


async def test_a_locked_screen_is_no_keyboard_and_a_denied_inhibitor_no_reason_not_to_walk(own_folders: Path) -> None:
    async with a_walk(own_folders, {"block", "delay"}) as (walk, logind):
        await walk.walk_until("holding", 60)
        assert b"may sleep while you walk" in walk.shown and logind.held == set()
        logind.lock("Lock")
        await walk.until(lambda s: "Keys go elsewhere" in s.caption + s.reason + s.notice, 5)
        walk.type("x")
        await walk.until(stopped, 5)
        await walk.still()
