"""Machines that flood, that lose their link without end, or send anything at all: nothing breaks, nothing rises."""

from __future__ import annotations

import asyncio
import random

import pytest
from treadsim.backend import Backend, open_backend
from treadsim.belt import Button

from tests.guardian.radio import Machine, eventually
from tests.guardian.whole import Whole
from treadctl.control.events import Connect, Lagged, Notified, Reconnect, Source
from treadctl.ftms import uuids
from treadctl.ftms.control_point import Op
from treadctl.model.api import Belt, LinkState, Stop

STOPPING = {Op.REQUEST_CONTROL, Op.STOP_OR_PAUSE, Op.RESET, Op.SET_TARGET_SPEED}
LOWEST = b"\x02\x50\x00"


def only_to_stop(writes: list[bytes]) -> bool:
    """Whether none of these could start a belt or make it faster."""
    return all(data[0] in STOPPING and (data[0] != Op.SET_TARGET_SPEED or data == LOWEST) for data in writes)


def overrun(whole: Whole) -> bool:
    return any(isinstance(item, Lagged) and item.overflow for item in whole.inputs)


def true_speed(backend: Backend) -> float:
    return backend.treadmill.peripheral.belt.speed


@pytest.fixture
def backend() -> Backend:
    return open_backend()


# --- a thousand notifications a second -------------------------------------------------------------------------------


async def test_a_flood_of_samples_neither_locks_out_nor_holds_anything_up(backend: Backend) -> None:
    backend.treadmill.manners.flood = 1000
    whole = Whole(backend)
    await whole.at_rest()
    begin, samples = asyncio.get_running_loop().time(), 0
    whole.inputs.clear()
    await asyncio.sleep(2)
    samples = sum(isinstance(item, Notified) for item in whole.inputs)
    passed = asyncio.get_running_loop().time() - begin
    assert 20 <= samples <= 60 * passed  # one in 20 ms, of a thousand a second
    assert not overrun(whole) and not whole.died
    assert (whole.shown.belt, whole.shown.alarm, whole.writes) == (Belt.STILL, "", [])


async def test_a_belt_that_moves_in_a_flood_is_stopped(backend: Backend) -> None:
    backend.treadmill.manners.flood = 1000
    whole = Whole(backend)
    await whole.at_rest()
    backend.treadmill.peripheral.belt.press(backend.treadmill.now(), Button.START)
    backend.treadmill.arm()
    await eventually(lambda: b"\x08\x01" in whole.writes, 12)
    whole.ask(Stop())
    await whole.until(lambda shown: shown.belt is Belt.STILL and not shown.stop_sent, 15)
    assert not overrun(whole) and true_speed(backend) == 0 and only_to_stop(whole.writes)


async def test_a_burst_of_five_thousand_in_one_turn_of_the_loop_is_no_overflow(backend: Backend) -> None:
    whole = Whole(backend)
    await whole.at_rest()
    client = backend.treadmill.client
    assert client is not None
    for _ in range(5000):
        client.deliver(uuids.TREADMILL_DATA, bytes(4))
    await asyncio.sleep(0.3)
    assert not overrun(whole) and whole.shown.belt is Belt.STILL and whole.writes == []


# --- a link that is lost without end ---------------------------------------------------------------------------------


async def test_a_link_lost_at_rest_is_told_once_and_nobody_tries_again_unasked() -> None:
    whole = Whole(open_backend(faults=("link.flap(at=5s,every=3s)",)))
    await whole.at_rest()
    await whole.until(lambda shown: shown.link is LinkState.NONE)
    await asyncio.sleep(3.5)
    assert "lost" in whole.shown.notice and whole.told_of_loss() == 1
    assert [type(link) for link in whole.links] == [Connect] and whole.writes == []
    assert whole.alarms == set()


async def test_twenty_losses_in_a_row_are_twenty_links_and_no_trace_of_the_old_ones(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("treadsim.backend.LATENCY", 1)
    monkeypatch.setattr("treadsim.backend.CONNECT", 10)
    monkeypatch.setattr("treadctl.guardian.link.SUBSCRIBE_SPACING_S", 0.01)
    whole = Whole(backend)
    for _ in range(20):
        whole.inputs.clear()
        whole.driver.connect("")
        await eventually(lambda: whole.driver.link is not None)
        backend.treadmill.drop_link()
        await eventually(lambda: whole.told_of_loss() == 1)
        assert whole.driver.link is None
    await asyncio.sleep(0.1)
    assert whole.told_of_loss() == 1 and whole.writes == [] and not whole.died
    assert len(whole.driver._chores) == 0


async def test_a_moving_belt_whose_link_is_lost_again_and_again_is_only_ever_stopped() -> None:
    backend = open_backend(faults=("machine.brakes_slowly", "write.drop(op=stop,p=0.5)"), seed=3)
    whole = Whole(backend)
    await whole.at_rest()
    backend.treadmill.peripheral.belt.press(backend.treadmill.now(), Button.START)
    backend.treadmill.arm()
    await eventually(lambda: whole.writes, 12)
    for _ in range(6):
        await eventually(lambda: whole.driver.link is not None, 12)
        await asyncio.sleep(0.4)
        backend.treadmill.drop_link()
    await eventually(lambda: true_speed(backend) == 0 and whole.shown.belt is Belt.STILL, 40)
    assert any(isinstance(link, Reconnect) for link in whole.links)
    assert only_to_stop(whole.writes) and "Connection lost. Pull the key." in whole.alarms


# --- anything at all -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
async def test_notifications_of_random_octets_break_nothing_and_start_nothing(seed: int) -> None:
    machine, chance = Machine(), random.Random(seed)
    whole = Whole(machine.backend())
    whole.driver.connect("")
    await eventually(lambda: whole.driver.link is not None)
    sources = (uuids.TREADMILL_DATA, uuids.STATUS, uuids.TRAINING_STATUS, uuids.CONTROL_POINT)
    for number in range(4000):
        machine.say(chance.choice(sources), chance.randbytes(chance.choice((0, 1, 2, 3, 4, 8, 20, 36, 200))))
        if number % 100 == 0:
            await asyncio.sleep(0.025)
    assert not whole.died and only_to_stop(whole.writes)
    assert sum(isinstance(item, Notified) and item.source is Source.STATUS for item in whole.inputs) > 500


async def test_a_machine_whose_ranges_make_no_sense_is_shown_and_not_driven() -> None:
    machine = Machine()
    for octets in (b"\x50\0\x40", b"\x40\x06\x50\0\x0a\0", b"\xff" * 6, b""):
        machine.values[uuids.SPEED_RANGE] = octets
        whole = Whole(machine.backend())
        whole.driver.connect("")
        await whole.until(lambda shown: shown.link is LinkState.UP)
        assert not whole.died and machine.written == []
        await whole.driver.close(clean=True)


# --- what is old -----------------------------------------------------------------------------------------------------


async def test_an_old_status_told_again_after_the_subscription_does_no_harm_to_a_belt_at_rest() -> None:
    async def replayed(number: int, status: bytes) -> None:
        machine = Machine()
        machine.address = f"F0:00:00:00:{number:02X}:0B"
        machine.replays = {uuids.STATUS: status, uuids.CONTROL_POINT: b"\x80\x07\x01"}
        whole = Whole(machine.backend())
        whole.driver.connect("")
        await eventually(lambda: whole.driver.link is not None)
        for _ in range(36):
            machine.say(uuids.TREADMILL_DATA, bytes(4))
            await asyncio.sleep(0.1)
        assert whole.shown.belt is Belt.STILL and whole.shown.link is LinkState.UP, status
        assert (whole.shown.alarm, whole.shown.reason, machine.written) == ("", "", []), status

    statuses = (b"\x02\x01", b"\x02\x02", b"\x03", b"\x04", b"\x05\x64\0", b"\xff", b"")
    await asyncio.gather(*(replayed(number, status) for number, status in enumerate(statuses)))
