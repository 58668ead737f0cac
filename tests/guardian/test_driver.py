"""The link as the core sees it: two write slots, one connection at a time, and a sentence for every failure."""

from __future__ import annotations

import asyncio

import pytest
from bleak.exc import BleakDBusError

from tests.guardian.radio import ADDRESS, CONTROL, FASTER, STOP, Bench, Machine, eventually
from treadctl.control.events import LinkDown, LinkUp, Notified, Seen, Source, Urgency, Write, WriteDone, WriteFailed
from treadctl.ftms import uuids
from treadctl.guardian.failures import LinkFailed, sentence
from treadctl.guardian.holder import claim_machine
from treadctl.guardian.radio import Radio

STILL = bytes.fromhex("00000000")


async def test_a_write_that_was_taken_is_reported_by_its_number() -> None:
    bench = await Bench(Machine()).connected()
    bench.driver.write(Write(7, CONTROL, Urgency.PROCEDURE))
    assert await bench.until(WriteDone) == WriteDone(7)
    assert bench.machine.written == [CONTROL]


async def test_stop_is_sent_while_another_write_hangs() -> None:
    bench = await Bench(Machine()).connected()
    bench.machine.hangs.add(FASTER)
    bench.driver.write(Write(1, FASTER, Urgency.PROCEDURE))
    await asyncio.sleep(0.05)
    bench.driver.write(Write(2, STOP, Urgency.STOP))
    assert await bench.until(WriteDone, 0.1) == WriteDone(2)


async def test_a_write_that_hangs_is_given_up_after_one_second() -> None:
    bench = await Bench(Machine()).connected()
    bench.machine.hangs.add(STOP)
    begin = asyncio.get_running_loop().time()
    bench.driver.write(Write(1, STOP, Urgency.STOP))
    failed = await bench.until(WriteFailed)
    assert failed.id == 1 and failed.att is None
    assert 0.9 < asyncio.get_running_loop().time() - begin < 1.4


async def test_a_write_that_cannot_begin_is_reported_and_not_kept() -> None:
    bench = await Bench(Machine()).connected()
    bench.machine.hangs.add(FASTER)
    bench.driver.write(Write(1, FASTER, Urgency.PROCEDURE))
    bench.driver.write(Write(2, CONTROL, Urgency.PROCEDURE))
    assert (await bench.until(WriteFailed, 0.1)).id == 2
    await bench.until(WriteFailed, 2)
    assert bench.machine.written == [FASTER]


async def test_without_a_link_a_write_fails_at_once() -> None:
    bench = Bench(Machine())
    bench.driver.write(Write(1, STOP, Urgency.STOP))
    assert bench.inputs == [WriteFailed(1, "there is no link to the treadmill")]


async def test_the_machines_error_code_reaches_the_core() -> None:
    bench = await Bench(Machine()).connected()
    bench.machine.refuses[STOP] = 0xFD
    bench.driver.write(Write(3, STOP, Urgency.STOP))
    assert (await bench.until(WriteFailed)).att == 0xFD


async def test_a_loss_is_told_once_and_the_dead_client_is_closed_too() -> None:
    bench = await Bench(Machine()).connected()
    bench.machine.client.drop()
    await bench.until(LinkDown)
    await asyncio.sleep(0.01)
    assert bench.machine.log == ["connect", "disconnect"]
    assert bench.inputs == []


async def test_closing_as_asked_is_no_loss() -> None:
    bench = await Bench(Machine()).connected()
    await bench.driver.close(clean=True)
    await asyncio.sleep(0.01)
    assert bench.inputs == [] and bench.marks[-1] is None


async def test_the_open_link_is_marked_and_stays_marked_after_an_unclean_close() -> None:
    bench = await Bench(Machine()).connected()
    await bench.driver.close(clean=False)
    assert bench.marks == [ADDRESS]


async def test_reconnecting_is_tried_within_half_a_second_with_a_new_client() -> None:
    bench = await Bench(Machine()).connected()
    bench.machine.client.drop()
    await bench.until(LinkDown)
    begin = asyncio.get_running_loop().time()
    bench.driver.reconnect(ADDRESS)
    await bench.until(LinkUp)
    assert asyncio.get_running_loop().time() - begin < 0.6  # two subscriptions, 100 ms apart
    assert len(bench.machine.clients) == 2 and bench.machine.written == []


async def test_reconnecting_goes_on_while_the_machine_refuses() -> None:
    bench = await Bench(Machine()).connected()
    bench.machine.connect_error = TimeoutError()
    bench.machine.client.drop()
    bench.driver.reconnect(ADDRESS)
    await asyncio.sleep(0.8)
    bench.machine.connect_error = None
    await bench.until(LinkUp)
    assert bench.machine.log.count("connect") >= 3


async def test_a_new_link_is_made_only_when_the_old_one_is_down() -> None:
    """bluetoothd takes two seconds for it, and shows the machine as connected till then."""
    bench = await Bench(Machine()).connected()
    bench.machine.closing_s = 1.5
    bench.driver.reconnect(ADDRESS)
    await bench.until(LinkUp)
    assert bench.machine.log == ["connect", "disconnect", "is down", "connect"]
    bench.machine.closing_s = 0.0


async def test_a_reconnect_that_is_asked_for_again_goes_on() -> None:
    bench = await Bench(Machine()).connected()
    bench.machine.closing_s = 0.3
    bench.driver.reconnect(ADDRESS)
    await asyncio.sleep(0.1)
    bench.driver.reconnect(ADDRESS)
    await bench.until(LinkUp)
    assert bench.machine.log == ["connect", "disconnect", "is down", "connect"]
    bench.machine.closing_s = 0.0


async def test_a_reconnect_that_was_called_off_can_be_asked_for_again() -> None:
    bench = await Bench(Machine()).connected()
    bench.driver.reconnect(ADDRESS)
    await asyncio.sleep(0.01)
    bench.driver.close(clean=False)
    bench.driver.reconnect(ADDRESS)
    await bench.until(LinkUp)
    assert bench.driver.link is not None


async def test_a_stop_does_not_wait_for_news_on_a_new_link() -> None:
    bench = await Bench(Machine()).connected()
    bench.machine.deaf.add(uuids.STATUS)
    bench.machine.client.drop()
    bench.driver.reconnect(ADDRESS)
    await bench.until(LinkUp, 1.0)
    assert {uuids.TREADMILL_DATA, uuids.CONTROL_POINT} <= bench.machine.client.callbacks.keys()
    bench.machine.deaf.clear()
    await eventually(lambda: uuids.TRAINING_STATUS in bench.machine.client.callbacks)


async def test_a_stop_slot_of_the_old_link_does_not_block_the_new_one() -> None:
    bench = await Bench(Machine()).connected()
    bench.machine.hangs.add(STOP)
    bench.driver.write(Write(1, STOP, Urgency.STOP))
    await asyncio.sleep(0.01)
    bench.machine.hangs.clear()
    bench.driver.reconnect(ADDRESS)
    await bench.until(LinkUp)
    bench.driver.write(Write(2, STOP, Urgency.STOP))
    assert await bench.until(WriteDone, 0.1) == WriteDone(2)


async def test_the_core_hears_of_the_link_before_anything_else() -> None:
    machine = Machine()
    bench = Bench(machine)
    bench.driver.connect("")
    await asyncio.sleep(0.15)
    machine.say(uuids.TREADMILL_DATA, STILL)  # older than the link: would pass for a fresh sample
    machine.say(uuids.STATUS, b"\x01")
    await bench.until(Notified)
    machine.say(uuids.TREADMILL_DATA, STILL)
    assert [type(item) for item in bench.inputs] == [LinkUp, Notified]
    assert bench.inputs[1] == Notified(Source.TREADMILL_DATA, STILL)


async def test_what_the_machine_does_not_say_stays_unknown_and_its_name_is_made_safe() -> None:
    machine = Machine()
    machine.unreadable = True
    bench = Bench(machine)
    bench.driver.connect("")
    info = (await bench.until(LinkUp)).info
    assert (info.speed, info.incline, info.maker, info.control) == (None, None, "", True)
    assert info.name == "Test\\x1bmill"


async def test_a_machine_without_control_point_is_linked_and_cannot_be_written_to() -> None:
    machine = Machine((uuids.TREADMILL_DATA,))
    bench = Bench(machine)
    bench.driver.connect("")
    assert (await bench.until(LinkUp)).info.control is False
    bench.driver.write(Write(1, STOP, Urgency.STOP))
    assert "console" in (await bench.until(WriteFailed)).why


async def test_a_device_without_treadmill_data_is_refused_and_closed() -> None:
    bench = Bench(Machine((uuids.CONTROL_POINT,)))
    bench.driver.connect("")
    assert "FTMS" in (await bench.until(LinkDown)).why
    assert bench.machine.log[-1] == "disconnect"


async def test_a_machine_that_somebody_else_holds_is_left_alone() -> None:
    claim = claim_machine(ADDRESS)
    assert claim is not None
    with claim:
        bench = Bench(Machine())
        bench.driver.connect(ADDRESS)
        assert "holds this treadmill" in (await bench.until(LinkDown)).why
    assert bench.machine.log == []


async def test_a_machine_is_free_again_after_the_close() -> None:
    bench = await Bench(Machine()).connected()
    assert claim_machine(ADDRESS) is None
    await bench.driver.close(clean=True)
    again = claim_machine(ADDRESS)
    assert again is not None
    again.close()


async def test_who_asks_for_the_close_again_waits_for_the_same_end() -> None:
    bench = await Bench(Machine()).connected()
    bench.machine.closing_s = 0.3
    bench.driver.close(clean=False)
    await bench.driver.close(clean=True)
    assert bench.machine.log == ["connect", "disconnect", "is down"]
    bench.machine.closing_s = 0.0


async def test_a_scan_reports_what_it_sees_with_a_safe_name() -> None:
    bench = Bench(Machine())
    bench.driver.scan(0)
    assert (await bench.until(Seen)).found.name == "Test\\x1bmill"


async def test_a_failed_scan_does_not_call_a_living_link_down() -> None:
    bench = await Bench(Machine()).connected()
    scanner = bench.driver._radio.backend.scanner  # type: ignore[union-attr]

    async def broken(self: object) -> None:
        raise TimeoutError

    scanner.start = broken  # type: ignore[method-assign]
    bench.driver.scan(0)
    await asyncio.sleep(0.05)
    assert bench.inputs == []


async def test_without_bluetooth_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus")
    with pytest.raises(LinkFailed, match="install and start dbus and bluez") as failed:
        await Radio().open(ADDRESS, lambda _source, _data: None, lambda: None)
    assert "\n" not in str(failed.value) and failed.value.exit_code == 4


async def test_no_link_is_made_before_what_has_to_come_first_is_done() -> None:
    bench, done = Bench(Machine()), asyncio.Event()

    async def look() -> None:
        await done.wait()

    bench.driver.first(look())
    bench.driver.connect(ADDRESS)
    await asyncio.sleep(0.1)
    assert bench.inputs == []
    done.set()
    assert isinstance(await bench.until(LinkUp), LinkUp)


def test_an_adapter_that_goes_dark_in_the_middle_is_told_as_switched_off() -> None:
    assert "switched off" in sentence(BleakDBusError("org.bluez.Error.NotReady", ["Resource Not Ready"]))


@pytest.mark.parametrize(
    "error", [PermissionError(13, "denied"), BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", ["no"])]
)
def test_who_may_not_use_bluetooth_is_told_how_to_be_allowed(error: Exception) -> None:
    assert "usermod -aG bluetooth" in sentence(error)
