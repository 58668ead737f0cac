"""The computer's sleep, lid and lock, with logind played by the test on a bus of its own. Not a real suspend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from dbus_fast import Message
from dbus_fast.aio import MessageBus
from treadsim.bluez_bus import PrivateBus

from tests.guardian.logind import MANAGER, PATH, Logind
from tests.guardian.radio import eventually
from treadctl.control.events import Asked, Input
from treadctl.guardian import inhibitor
from treadctl.guardian.inhibitor import Inhibitor
from treadctl.model.api import Belt, LinkState, Phase, Snapshot, Stop

pytestmark = pytest.mark.needs("dbus-daemon")

WALKING = Snapshot(phase=Phase.WALKING, belt=Belt.MOVING, link=LinkState.UP)
CHECKING = Snapshot(phase=Phase.CHECKING, belt=Belt.STILL, link=LinkState.UP)
STILL = Snapshot(phase=Phase.HALTED, belt=Belt.STILL, link=LinkState.UP)
IDLE = Snapshot()
BOTH = {("sleep:shutdown", "delay"), ("idle:handle-lid-switch", "block")}


class Here:
    """An inhibitor, what it told, and its logind."""

    def __init__(self, logind: Logind, address: str) -> None:
        self.logind, self.address = logind, address
        self.inputs: list[Input] = []
        self.ends: list[str] = []
        self.warning = ""
        self.it = Inhibitor(self.inputs.append, self.ends.append, self._warn)

    def _warn(self, text: str) -> None:
        self.warning = text

    async def until_held(self, wanted: set[tuple[str, str]], seconds: float = 20.0) -> None:
        await eventually(lambda: self.logind.held == wanted, seconds)

    async def never(self, true: object) -> None:
        """A while in which it would have come true."""
        for _ in range(15):
            await asyncio.sleep(0.02)
            assert callable(true) and not true()


@asynccontextmanager
async def here(monkeypatch: pytest.MonkeyPatch, *, logind: bool = True, running: bool = True) -> AsyncIterator[Here]:
    with PrivateBus() as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        played = Logind(bus.address)
        if logind:
            await played.open()
        found = Here(played, bus.address)
        task = asyncio.ensure_future(found.it.run())
        try:
            if running and logind:
                await eventually(lambda: bool(found.it._session), 8.0)
            yield found
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            found.it.close()
            if logind:
                played.close()
            await asyncio.sleep(0.02)


async def test_sleep_and_lid_are_inhibited_from_the_checklist_to_the_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    async with here(monkeypatch) as on:
        assert on.logind.held == set()
        for snapshot in (CHECKING, WALKING, STILL):
            on.it.see(snapshot)
            await on.until_held(BOTH)
        assert len(on.logind.given) == 2
        on.it.see(Snapshot(phase=Phase.DONE, belt=Belt.STILL, link=LinkState.UP))
        await on.until_held(set())


async def test_a_belt_that_may_move_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    async with here(monkeypatch) as on:
        on.it.see(Snapshot(belt=Belt.UNKNOWN, link=LinkState.LOST))
        await on.until_held(BOTH)
        on.it.see(IDLE)
        await on.until_held(set())


async def test_before_a_sleep_the_belt_is_stopped_and_then_the_sleep_is_let_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inhibitor, "SLEEP_LIMIT_S", 60)
    async with here(monkeypatch) as on:
        on.it.see(WALKING)
        await on.until_held(BOTH)
        on.logind.say("PrepareForSleep", True)
        await eventually(lambda: bool(on.inputs))
        assert on.inputs == [Asked("host", 0, Stop("The computer is about to sleep."))]
        on.it.see(WALKING)
        await on.never(lambda: on.logind.held != BOTH)  # it still moves
        on.it.see(STILL)
        await on.until_held(set())
        on.it.see(CHECKING)
        await on.never(lambda: on.logind.held)
        on.logind.say("PrepareForSleep", False)
        await on.until_held(BOTH)
        assert len(on.inputs) == 1


async def test_with_a_belt_at_rest_a_sleep_is_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async with here(monkeypatch) as on:
        on.it.see(CHECKING)
        await on.until_held(BOTH)
        on.logind.say("PrepareForSleep", True)
        await on.until_held(set())


async def test_a_belt_that_does_not_stop_holds_a_sleep_up_for_so_long_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inhibitor, "SLEEP_LIMIT_S", 0.3)
    async with here(monkeypatch) as on:
        on.it.see(WALKING)
        await on.until_held(BOTH)
        on.logind.say("PrepareForSleep", True)
        await on.until_held(set())


async def test_a_shutdown_ends_the_guardian_which_stops_the_belt_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async with here(monkeypatch) as on:
        on.it.see(WALKING)
        await on.until_held(BOTH)
        on.logind.say("PrepareForShutdown", False)
        on.logind.say("PrepareForShutdown", True)
        await eventually(lambda: bool(on.ends))
        assert on.ends == ["the computer shuts down"]
        assert on.logind.held == BOTH


@pytest.mark.parametrize(
    ("denied", "held", "words"),
    [
        ({"delay", "block"}, set(), "may sleep while you walk"),
        ({"block"}, {("sleep:shutdown", "delay")}, "Leave the lid open"),
    ],
)
async def test_a_denied_inhibitor_is_a_warning_before_the_walk_and_none_on_it(
    monkeypatch: pytest.MonkeyPatch, denied: set[str], held: set[tuple[str, str]], words: str
) -> None:
    async with here(monkeypatch) as on:
        on.logind.denied = denied
        assert on.warning == ""
        on.it.see(CHECKING)
        await eventually(lambda: words in on.warning)
        assert on.logind.held == held
        on.it.see(WALKING)
        assert on.warning == ""
        on.it.see(STILL)
        assert words in on.warning
        on.it.see(IDLE)
        assert on.warning == ""


async def test_without_logind_it_is_a_warning_and_when_it_comes_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inhibitor, "AGAIN_S", 0.2)
    async with here(monkeypatch, logind=False) as on:
        on.it.see(CHECKING)
        await eventually(lambda: "may sleep" in on.warning)
        await on.logind.open()
        await on.until_held(BOTH)
        await eventually(lambda: on.warning == "")
        on.logind.close()
        on.logind.given.clear()


async def test_without_a_message_bus_it_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus")
    warnings: list[str] = []
    it = Inhibitor(lambda _: None, lambda _: None, warnings.append)
    it.see(CHECKING)
    task = asyncio.ensure_future(it.run())
    await eventually(lambda: bool(warnings))
    assert "may sleep" in warnings[0] and not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_logind_that_does_not_answer_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inhibitor, "CALL_LIMIT_S", 0.3)
    monkeypatch.setattr(inhibitor, "AGAIN_S", 0.2)
    async with here(monkeypatch) as on:
        on.logind.silent = True
        on.it.see(CHECKING)
        await eventually(lambda: "may sleep" in on.warning)
        on.logind.silent = False
        await on.until_held(BOTH)
        await eventually(lambda: on.warning == "")


# --- the lock ------------------------------------------------------------------------------------------------------


async def test_a_locked_session_is_seen_and_a_key_shows_that_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    async with here(monkeypatch) as on:
        on.logind.lock("Lock")
        await eventually(lambda: on.it.locked)
        on.logind.lock("Unlock")
        await eventually(lambda: not on.it.locked)
        on.logind.hint(True)
        await eventually(lambda: on.it.locked)
        on.it.key()
        assert not on.it.locked


async def test_the_session_is_that_of_the_client_that_came_last(monkeypatch: pytest.MonkeyPatch) -> None:
    async with here(monkeypatch) as on:
        on.logind.hints[on.logind.sessions["c7"]] = True
        on.it.follow("c7")
        await eventually(lambda: on.it.locked)
        on.logind.hint(False, "c7")
        await eventually(lambda: not on.it.locked)
        on.logind.lock("Lock", "auto")
        await on.never(lambda: on.it.locked)
        on.it.follow("unheard of")  # then the user's own screen
        await eventually(lambda: on.it._session == on.logind.sessions["auto"])


async def test_what_somebody_else_says_in_the_name_of_logind_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with here(monkeypatch) as on:
        stranger = await MessageBus(bus_address=on.address).connect()
        on.it.see(WALKING)
        await on.until_held(BOTH)
        assert on.it._bus is not None
        lie = Message.new_signal(PATH, MANAGER, "PrepareForShutdown", "b", [True])
        lie.destination = on.it._bus.unique_name
        await stranger.send(lie)
        await on.never(lambda: on.ends)
        stranger.disconnect()
        await asyncio.sleep(0.02)
