"""The guardian's link over bleak's production Linux backend, against what bluetoothd and machines do to a client.

Which of the known traps each test holds: traps.toml beside this file.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.bluez.serving import Served, close_bus, now_ms, served
from treadctl.control.events import (
    Input,
    LinkDown,
    LinkUp,
    Notified,
    Seen,
    Source,
    Urgency,
    Write,
    WriteDone,
    WriteFailed,
)
from treadctl.guardian.clock import Clock
from treadctl.guardian.driver import Driver
from treadctl.guardian.failures import NO_BLUETOOTH
from treadctl.guardian.radio import Radio
from treadctl.model.machine import LinkInfo, Record

pytestmark = pytest.mark.needs("dbus-daemon")

T = TypeVar("T", bound=Input)
CONTROL, STOP, FASTER = b"\0", b"\x08\1", b"\2\x64\0"
OK = b"\x80\0\1"


class Guard:
    """A driver on the platform's Bluetooth, and everything it told."""

    def __init__(self, treadmill: Served, adapter: str = "", names: tuple[str, ...] = ()) -> None:
        self.treadmill = treadmill
        self.told: list[Input] = []
        radio = Radio(None, adapter, lambda name: name in names)
        clock = Clock(asyncio.get_running_loop())
        self.driver = Driver(radio, self.told.append, clock, record=self._record)

    async def _record(self, info: LinkInfo) -> Record | None:
        return None

    async def hears(self, kind: type[T], seconds: float = 5) -> T:
        """The first of this kind that was not asked for yet."""
        await self.treadmill.until(lambda: any(isinstance(item, kind) for item in self.told), seconds)
        found = next(item for item in self.told if isinstance(item, kind))
        self.told.remove(found)
        return found

    async def connected(self) -> LinkInfo:
        self.driver.connect(self.treadmill.address)
        return (await self.hears(LinkUp, 8)).info

    async def written(self, number: int, data: bytes) -> WriteDone | WriteFailed:
        self.driver.write(Write(number, data, Urgency.STOP if data == STOP else Urgency.PROCEDURE))
        await self.treadmill.until(lambda: any(isinstance(one, (WriteDone, WriteFailed)) for one in self.told), 4)
        [end] = [one for one in self.told if isinstance(one, (WriteDone, WriteFailed))]
        self.told.remove(end)
        return end

    def heard(self, source: Source) -> list[bytes]:
        return [item.data for item in self.told if isinstance(item, Notified) and item.source is source]

    async def answered(self, times: int) -> None:
        await self.treadmill.until(lambda: len(self.heard(Source.CONTROL_POINT)) == times, 3)

    async def close(self) -> None:
        await self.driver.close(clean=True)


@pytest.fixture
async def guard(treadmill: Served) -> AsyncIterator[Guard]:
    guard = Guard(treadmill)
    yield guard
    await guard.close()


# --- a machine as it should be, and a little otherwise ---------------------------------------------------------------


async def test_a_whole_conversation_warns_of_nothing_and_echoes_nothing(guard: Guard) -> None:
    info = await guard.connected()
    assert info.control and info.speed is not None
    assert guard.heard(Source.TRAINING) == []  # it was read, and not while it was subscribed
    for number, data in enumerate((CONTROL, STOP), 1):
        assert await guard.written(number, data) == WriteDone(number)
        await guard.answered(number)
    assert guard.heard(Source.CONTROL_POINT)[0] == OK and guard.treadmill.writes() == ["00", "0801"]


async def test_a_control_point_that_takes_commands_only_is_written_to_without_response(guard: Guard) -> None:
    await guard.treadmill.do("commands-only")
    await guard.connected()
    assert await guard.written(1, CONTROL) == WriteDone(1)
    await guard.treadmill.until(lambda: guard.heard(Source.CONTROL_POINT) == [OK], 2)


async def test_a_machine_that_shows_its_services_twice_is_driven_by_the_first(guard: Guard) -> None:
    await guard.treadmill.do("twice")
    await guard.connected()
    assert await guard.written(1, CONTROL) == WriteDone(1)
    await guard.treadmill.until(lambda: guard.heard(Source.CONTROL_POINT) == [OK], 2)
    before = len(guard.heard(Source.TREADMILL_DATA))
    await asyncio.sleep(1.2)
    assert 1 <= len(guard.heard(Source.TREADMILL_DATA)) - before <= 3  # each sample once


@pytest.mark.parametrize("quirk", ["kingsmith-mc21", "horizon-omega-z"])
async def test_a_machine_that_loses_close_subscriptions_and_one_that_notifies_its_answers_are_heard(
    quirk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served("--quirk", quirk) as treadmill:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", treadmill.bus)
        await treadmill.do("closing 0")
        guard = Guard(treadmill)
        await guard.connected()
        for number, data in ((1, CONTROL), (2, STOP)):  # refused by one, not answered by the other
            assert await guard.written(number, data) == WriteDone(number)
            await asyncio.sleep(0.5)
        await guard.treadmill.until(lambda: guard.heard(Source.TREADMILL_DATA), 3)
        assert quirk == "kingsmith-mc21" or guard.heard(Source.CONTROL_POINT)
        await guard.close()
        await close_bus()


async def test_a_lost_subscription_of_the_answers_is_made_again_after_the_refusal(guard: Guard) -> None:
    await guard.connected()
    await guard.treadmill.do("lose-answers")
    refused = await guard.written(1, CONTROL)
    assert isinstance(refused, WriteFailed) and refused.att == 0xFD
    await asyncio.sleep(0.5)
    assert await guard.written(2, CONTROL) == WriteDone(2)
    await guard.treadmill.until(lambda: guard.heard(Source.CONTROL_POINT) == [OK], 2)


# --- pairing ---------------------------------------------------------------------------------------------------------


async def test_a_machine_that_wants_to_be_paired_is_paired_with(guard: Guard) -> None:
    await guard.treadmill.do("want-pairing")
    await guard.connected()
    assert await guard.written(1, CONTROL) == WriteDone(1)


async def test_a_machine_that_refuses_to_be_paired_is_told_in_a_sentence(guard: Guard) -> None:
    await guard.treadmill.do("want-pairing", "refuse-pairing")
    guard.driver.connect(guard.treadmill.address)
    why = (await guard.hears(LinkDown)).why
    assert f"bluetoothctl pair {guard.treadmill.address}" in why
    await guard.treadmill.until(lambda: not guard.treadmill.connected, 4)


async def test_a_write_that_wants_pairing_in_the_middle_is_refused_and_the_next_one_passes(guard: Guard) -> None:
    await guard.connected()
    await guard.treadmill.do("want-pairing")
    refused = await guard.written(1, STOP)
    assert isinstance(refused, WriteFailed) and refused.att == 0x05  # no hung write: no new link is made for it
    await asyncio.sleep(0.6)
    assert await guard.written(2, STOP) == WriteDone(2)


# --- finding ---------------------------------------------------------------------------------------------------------


async def test_a_machine_that_does_not_name_its_service_is_found_by_name_and_connected_to(treadmill: Served) -> None:
    await treadmill.do("no-service")
    stranger, acquainted = Guard(treadmill), Guard(treadmill, names=("treadsim reference",))
    stranger.driver.scan(1)
    await asyncio.sleep(1.5)
    assert stranger.told == []
    acquainted.driver.scan(1)
    found = (await acquainted.hears(Seen)).found
    assert (found.address, found.fitness, found.treadmill, found.known) == (treadmill.address, False, None, False)
    await asyncio.sleep(1.5)
    assert (await stranger.connected()).control
    await stranger.close()


async def test_service_data_are_not_required(treadmill: Served) -> None:
    await treadmill.do("no-service-data")
    guard = Guard(treadmill)
    guard.driver.scan(1)
    found = (await guard.hears(Seen)).found
    assert (found.fitness, found.treadmill) == (True, None)


async def test_the_adapter_of_the_settings_is_used_and_a_missing_one_is_named(treadmill: Served) -> None:
    right, wrong = Guard(treadmill, "hci0"), Guard(treadmill, "hci9")
    await right.connected()
    await right.close()
    wrong.driver.scan(1)
    assert "There is no Bluetooth adapter hci9" in (await wrong.hears(LinkDown)).why
    wrong.driver.connect(treadmill.address)
    assert "There is no Bluetooth adapter hci9" in (await wrong.hears(LinkDown)).why


# --- a link that is dead and does not say so -------------------------------------------------------------------------


async def test_a_jammed_link_is_called_lost_though_it_says_that_it_is_up(guard: Guard) -> None:
    await guard.connected()
    await guard.treadmill.do("jam")
    assert "does not answer any more" in (await guard.hears(LinkDown, 12)).why
    assert guard.treadmill.writes() == []


async def test_a_bluetoothd_that_crashed_is_noticed_and_told(guard: Guard) -> None:
    await guard.connected()
    link = guard.driver.link
    await guard.treadmill.do("crash")
    await asyncio.sleep(1)
    assert link is not None and link.alive  # nobody is told: the silence has to be noticed
    assert (await guard.hears(LinkDown, 12)).why == NO_BLUETOOTH
    guard.driver.connect(guard.treadmill.address)
    assert "Bluetooth" in (await guard.hears(LinkDown, 15)).why


async def test_a_message_bus_that_died_ends_the_link_at_once(guard: Guard) -> None:
    await guard.connected()
    os.kill(_daemon(guard.treadmill), signal.SIGKILL)
    await guard.hears(LinkDown, 3)
    guard.driver.connect(guard.treadmill.address)
    assert (await guard.hears(LinkDown, 15)).why == NO_BLUETOOTH


def _daemon(treadmill: Served) -> int:
    folder = Path(treadmill.bus.removeprefix("unix:path=")).parent
    processes = [one for one in Path("/proc").glob("[0-9]*/cmdline") if str(folder).encode() in _read(one)]
    [daemon] = [int(one.parent.name) for one in processes if b"dbus-daemon" in _read(one)]
    return daemon


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


# --- writes and storms -----------------------------------------------------------------------------------------------


async def test_a_write_that_was_given_up_is_carried_out_and_the_stop_comes_after_it(guard: Guard) -> None:
    await guard.connected()
    await guard.written(1, CONTROL)
    await guard.treadmill.do("latency 700")
    given_up = await guard.written(2, FASTER)
    assert isinstance(given_up, WriteFailed) and given_up.att is None and "took over 1 s" in given_up.why
    await guard.written(3, STOP)
    await guard.treadmill.until(lambda: len(guard.treadmill.writes()) == 3, 5)
    assert guard.treadmill.writes() == ["00", FASTER.hex(), STOP.hex()]


async def test_a_flood_is_thinned_and_a_stop_passes_through_it(guard: Guard) -> None:
    await guard.connected()
    await guard.treadmill.do("flood 1000")
    begin = now_ms()
    await asyncio.sleep(2)
    samples, passed = len(guard.heard(Source.TREADMILL_DATA)), (now_ms() - begin) / 1000
    assert 20 <= samples <= 60 * passed
    for number, data in enumerate((CONTROL, STOP), 1):
        assert await guard.written(number, data) == WriteDone(number)
        await guard.answered(number)  # no answer is dropped
    await guard.treadmill.do("flood 0")


async def test_twenty_links_in_a_row_hear_every_sample_once(guard: Guard) -> None:
    for _ in range(20):
        await guard.connected()
        await guard.treadmill.do("drop")
        await guard.hears(LinkDown)
    await guard.connected()
    guard.told.clear()
    await asyncio.sleep(1.2)
    assert 1 <= len(guard.heard(Source.TREADMILL_DATA)) <= 3
