"""The rescue looks before it writes, and never claims a standstill it did not see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from radio import ADDRESS, CONTROL, STOP, Machine

from treadctl.ftms import uuids
from treadctl.guardian.link import Radio
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
