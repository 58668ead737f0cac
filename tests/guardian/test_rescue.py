"""The rescue looks before it writes, and never claims a standstill it did not see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from tests.guardian.radio import ADDRESS, CONTROL, STOP, Machine, eventually
from treadctl.ftms import uuids
from treadctl.guardian import rescue as module
from treadctl.guardian.radio import Radio
from treadctl.guardian.rescue import Report, rescue
from treadctl.model.errors import ExitCode


def sample(hundredths: int) -> bytes:
    return b"\x00\x00" + hundredths.to_bytes(2, "little")


async def rescued(machine: Machine, speeds: Iterable[int]) -> Report:
    """A rescue of this machine while it sends these speeds, ten a second."""
    task = asyncio.ensure_future(rescue(Radio(machine.backend()), ADDRESS))
    for speed in speeds:
        await asyncio.sleep(0.1)
        if machine.clients:
            machine.say(uuids.TREADMILL_DATA, sample(speed))
            if machine.written:
                machine.say(uuids.CONTROL_POINT, b"\x80" + machine.written[-1][:1] + b"\x01")
        if task.done():
            break
    return await task


@pytest.fixture(autouse=True)
def a_short_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A belt at rest is watched for 1 s in place of 8."""
    monkeypatch.setattr(module, "START_WATCH_S", 1.0)


async def test_nothing_is_written_to_a_belt_measured_still() -> None:
    machine = Machine()
    report = await rescued(machine, [0] * 30)
    assert machine.written == [] and report.code == ExitCode.OK
    assert machine.log == ["connect", "disconnect"]


async def test_a_moving_belt_is_stopped_and_watched_to_standstill() -> None:
    machine = Machine()
    report = await rescued(machine, [100] * 12 + [0] * 30)
    assert machine.written == [CONTROL, STOP]
    assert report.code == ExitCode.OK and "stands still" in report.text


async def test_a_belt_that_just_begins_to_move_counts_as_moving() -> None:
    machine = Machine()
    await rescued(machine, [0, 0, 0, 0, 0, 20] + [0] * 40)
    assert machine.written in ([], [CONTROL, STOP])


async def test_one_sample_at_rest_is_no_silence_and_nothing_is_written() -> None:
    machine = Machine()
    report = await rescued(machine, [0])
    assert machine.written == [] and report.code == ExitCode.OK


async def test_a_belt_is_not_called_still_when_the_link_is_lost_meanwhile() -> None:
    machine = Machine()
    task = asyncio.ensure_future(rescued(machine, [0] * 30))
    await asyncio.sleep(0.8)
    machine.client.drop()
    report = await task
    assert report.code == ExitCode.NO_MACHINE and "pull the key" in report.text and machine.written == []


async def test_a_belt_that_was_started_just_before_is_stopped_when_it_moves() -> None:
    machine = Machine()
    report = await rescued(machine, [0] * 8 + [20, 60, 80, 80, 80, 80] + [0] * 30)
    assert machine.written == [CONTROL, STOP] and report.code == ExitCode.OK


async def test_one_sample_of_a_moving_belt_is_enough_to_stop_it() -> None:
    machine = Machine()
    task = asyncio.ensure_future(rescue(Radio(machine.backend()), ADDRESS))
    await eventually(lambda: machine.clients and uuids.CONTROL_POINT in machine.client.callbacks)
    machine.say(uuids.TREADMILL_DATA, sample(80))
    await eventually(lambda: machine.written == [CONTROL], 0.3)
    task.cancel()


@pytest.mark.parametrize("deaf", [uuids.TREADMILL_DATA, uuids.CONTROL_POINT])
async def test_a_belt_is_stopped_though_a_subscription_hangs(deaf: str) -> None:
    machine = Machine()
    machine.deaf.add(deaf)
    task = asyncio.ensure_future(rescue(Radio(machine.backend()), ADDRESS))
    await eventually(lambda: machine.written == [CONTROL, STOP], 5)
    task.cancel()


async def test_a_silent_belt_is_stopped_and_not_called_still() -> None:
    machine = Machine()
    task = asyncio.ensure_future(rescue(Radio(machine.backend()), ADDRESS))
    await asyncio.sleep(3.8)
    assert machine.written == [CONTROL, STOP]
    assert not task.done()
    task.cancel()


async def test_stop_is_sent_even_when_control_is_refused() -> None:
    machine = Machine()
    machine.refuses[CONTROL] = 0x80
    await rescued(machine, [100] * 10 + [0] * 30)
    assert machine.written == [CONTROL, STOP]


async def test_a_stop_that_cannot_be_written_calls_for_the_key() -> None:
    machine = Machine()
    machine.refuses[STOP] = 0x80
    report = await rescued(machine, [100] * 40)
    assert report.code == ExitCode.FAULT and "Pull the key" in report.text


async def test_a_machine_that_cannot_be_reached_calls_for_the_key() -> None:
    machine = Machine()
    machine.connect_error = TimeoutError()
    report = await rescue(Radio(machine.backend()), ADDRESS)
    assert report.code == ExitCode.NO_MACHINE and "pull the key" in report.text
