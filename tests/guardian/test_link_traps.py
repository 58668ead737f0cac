"""The link against machines with the manners that real ones were seen to have (tests/bluez/traps.toml)."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from bleak.exc import BleakDBusError, BleakError, BleakGATTProtocolError

from tests.guardian.radio import ADDRESS, ALL, CONTROL, FASTER, STOP, Bench, Client, Machine, eventually
from treadctl.control.events import LinkDown, LinkUp, Notified, Source, Urgency, Write, WriteDone, WriteFailed
from treadctl.files.config import Settings
from treadctl.ftms import uuids
from treadctl.guardian import link as link_module
from treadctl.guardian import process, pulse
from treadctl.guardian.failures import REFUSED, LinkFailed, att_code, sentence
from treadctl.guardian.link import Link
from treadctl.guardian.radio import Radio

PAIRING = "wants to be paired: pair it in the system's Bluetooth settings"


async def a_link(machine: Machine, adapter: str = "") -> Link:
    return await Radio(machine.backend(), adapter).open(ADDRESS, lambda _source, _data: None, lambda: None)


async def connected(machine: Machine) -> Bench:
    bench = Bench(machine)
    bench.driver.connect(ADDRESS)
    await bench.until(LinkUp)
    return bench


# --- subscriptions ---------------------------------------------------------------------------------------------------


async def test_samples_are_subscribed_first_and_nothing_follows_within_a_tenth_of_a_second() -> None:
    machine = Machine()
    await connected(machine)
    order = [uuid for _, uuid in machine.subscribed]
    assert order == [uuids.TREADMILL_DATA, uuids.STATUS, uuids.TRAINING_STATUS, uuids.CONTROL_POINT]
    assert all(later - sooner >= 0.099 for (sooner, _), (later, _) in pairwise(machine.subscribed))


async def test_on_a_link_made_to_stop_the_answers_come_before_the_news_and_are_as_far_apart() -> None:
    machine = Machine()
    bench = await connected(machine)
    machine.client.drop()
    machine.subscribed.clear()
    bench.driver.reconnect(ADDRESS)
    await eventually(lambda: len(machine.subscribed) == 4)
    assert [uuid for _, uuid in machine.subscribed][:2] == [uuids.TREADMILL_DATA, uuids.CONTROL_POINT]
    assert all(later - sooner >= 0.099 for (sooner, _), (later, _) in pairwise(machine.subscribed))


async def test_a_control_point_that_notifies_where_it_should_indicate_is_heard() -> None:
    machine = Machine()
    machine.properties[uuids.CONTROL_POINT] = ["write", "notify"]
    bench = await connected(machine)
    machine.say(uuids.CONTROL_POINT, b"\x80\0\1")
    assert await bench.until(Notified) == Notified(Source.CONTROL_POINT, b"\x80\0\1")


async def test_a_control_point_that_tells_nothing_can_be_written_to_all_the_same() -> None:
    machine = Machine()
    machine.properties[uuids.CONTROL_POINT] = ["write"]
    bench = await connected(machine)
    assert uuids.CONTROL_POINT not in [uuid for _, uuid in machine.subscribed]
    bench.driver.write(Write(1, STOP, Urgency.STOP))
    await bench.until(WriteDone)


async def test_treadmill_data_that_cannot_be_subscribed_to_are_none() -> None:
    machine = Machine()
    machine.properties[uuids.TREADMILL_DATA] = ["read"]
    bench = Bench(machine)
    bench.driver.connect(ADDRESS)
    assert "sends no treadmill data" in (await bench.until(LinkDown)).why


async def test_what_is_subscribed_is_never_read() -> None:
    machine = Machine()
    link = await a_link(machine)
    await link.subscribe()
    assert await link.read(uuids.TRAINING_STATUS) is None and await link.read(uuids.FEATURE) is not None
    await link.answers()
    assert machine.read == [uuids.FEATURE, uuids.FEATURE]
    await link.close()


async def test_the_first_service_of_two_alike_is_used() -> None:
    machine = Machine()
    machine.twice = True
    bench = await connected(machine)
    machine.say(uuids.TREADMILL_DATA, bytes(4))
    bench.driver.write(Write(1, CONTROL, Urgency.PROCEDURE))
    await bench.until(WriteDone)
    assert [item.source for item in bench.inputs if isinstance(item, Notified)] == [Source.TREADMILL_DATA]
    assert len(machine.subscribed) == 4


@pytest.mark.parametrize("code", [0xFD, 0x81])
async def test_a_lost_subscription_of_the_answers_is_renewed_once_after_the_refusal_that_shows_it(code: int) -> None:
    machine = Machine()
    bench = await connected(machine)
    machine.subscribed.clear()
    machine.refuses[STOP] = code
    bench.driver.write(Write(1, STOP, Urgency.STOP))
    assert (await bench.until(WriteFailed)).att == code  # at once: the ladder counts on it
    await eventually(lambda: machine.subscribed)
    assert machine.subscribed[0][1] == uuids.CONTROL_POINT and "unsubscribe" in machine.log
    for number in (2, 3):
        bench.driver.write(Write(number, STOP, Urgency.STOP))
        await bench.until(WriteFailed)
    await asyncio.sleep(0.2)
    assert len(machine.subscribed) == 1 and len(machine.written) == 3


@pytest.mark.parametrize("code", [0xFE, 0x80])
async def test_a_machine_that_is_busy_keeps_its_subscriptions(code: int) -> None:
    machine = Machine()
    bench = await connected(machine)
    machine.refuses[FASTER] = code
    bench.driver.write(Write(1, FASTER, Urgency.PROCEDURE))
    assert (await bench.until(WriteFailed)).att == code
    await asyncio.sleep(0.15)
    assert len(machine.subscribed) == 4


# --- writes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "response"),
    [
        (["write", "indicate"], True),
        (["write", "write-without-response", "indicate"], True),
        (["write-without-response", "notify"], False),
        (["indicate"], True),
    ],
)
async def test_a_write_waits_for_its_response_wherever_the_machine_gives_one(
    properties: Any, response: bool
) -> None:
    machine = Machine()
    machine.properties[uuids.CONTROL_POINT] = properties
    bench = await connected(machine)
    bench.driver.write(Write(1, STOP, Urgency.STOP))
    await bench.until(WriteDone)
    assert machine.responses == [response]


async def test_an_answer_that_comes_before_its_write_is_done_is_passed_on() -> None:
    machine = Machine()
    bench = await connected(machine)
    machine.hangs.add(CONTROL)
    bench.driver.write(Write(1, CONTROL, Urgency.PROCEDURE))
    await eventually(lambda: machine.written)
    machine.say(uuids.CONTROL_POINT, b"\x80\0\1")
    assert await bench.until(Notified) == Notified(Source.CONTROL_POINT, b"\x80\0\1")
    assert isinstance(await bench.until(WriteFailed), WriteFailed)


async def test_a_write_that_ends_with_its_link_is_no_refusal_of_the_machine() -> None:
    machine = Machine()
    link = await a_link(machine)

    async def lost(self: Client, *_arguments: Any, **_more: Any) -> None:
        self.drop()
        raise BleakGATTProtocolError(0x0E)

    type(machine.client).write_gatt_char = lost  # type: ignore[method-assign]
    with pytest.raises(LinkFailed, match="lost in the middle of a write") as failed:
        await link.write(STOP, 1.0)
    assert failed.value.att is None


# --- pairing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locked", [uuids.FEATURE, uuids.TREADMILL_DATA, uuids.CONTROL_POINT])
async def test_a_machine_that_wants_to_be_paired_is_paired_with_once_and_asked_again(locked: str) -> None:
    machine = Machine()
    machine.locked = {locked}
    await connected(machine)
    assert machine.log.count("pair") == 1
    assert machine.subscribed[0][1] == uuids.TREADMILL_DATA and len(machine.subscribed) == 4


@pytest.mark.parametrize("pairing", ["fails", "hangs", None])
async def test_a_machine_that_does_not_let_itself_be_paired_is_told_in_a_sentence(
    pairing: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "PAIR_LIMIT_S", 0.2)
    machine = Machine()
    machine.locked, machine.pairing = {uuids.CONTROL_POINT}, pairing
    bench = Bench(machine)
    bench.driver.connect(ADDRESS)
    why = (await bench.until(LinkDown)).why
    assert PAIRING in why and ADDRESS in why
    assert machine.log.count("pair") == 1 and machine.log[-1] == "disconnect"


async def test_what_need_not_be_known_is_not_known_when_pairing_fails_and_nobody_is_asked_twice() -> None:
    machine = Machine()
    machine.locked, machine.pairing = {uuids.FEATURE, uuids.SPEED_RANGE}, "fails"
    bench = Bench(machine)
    bench.driver.connect(ADDRESS)
    assert (await bench.until(LinkUp)).info.speed is None
    assert machine.log.count("pair") == 1


async def test_a_write_that_wants_pairing_fails_at_once_and_the_next_one_passes() -> None:
    machine = Machine()
    bench = await connected(machine)
    machine.locked = {uuids.CONTROL_POINT}
    bench.driver.write(Write(1, STOP, Urgency.STOP))
    failed = await bench.until(WriteFailed)
    assert failed.att == 0x05 and PAIRING in failed.why and machine.written == []
    await eventually(lambda: "pair" in machine.log and not machine.locked)
    bench.driver.write(Write(2, STOP, Urgency.STOP))
    assert await bench.until(WriteDone) == WriteDone(2)


async def test_who_is_refused_after_pairing_is_not_asked_to_pair_again() -> None:
    machine = Machine()
    bench = await connected(machine)
    machine.locked, machine.pairing = {uuids.CONTROL_POINT}, "fails"
    for number in (1, 2, 3):
        bench.driver.write(Write(number, STOP, Urgency.STOP))
        assert (await bench.until(WriteFailed)).att == 0x05
        await eventually(lambda: "pair" in machine.log)
    assert machine.log.count("pair") == 1


def test_what_bluez_calls_not_paired_is_an_att_error_and_no_hung_write() -> None:
    error = BleakDBusError("org.bluez.Error.NotPermitted", ["Not paired"])
    assert att_code(error) == 0x05 and PAIRING in sentence(error)
    assert att_code(BleakDBusError("org.bluez.Error.NotPermitted", ["Something else"])) is None
    for code in (0x05, 0x08, 0x0C, 0x0F):
        assert PAIRING in sentence(BleakGATTProtocolError(code))
    assert "0x0D" in sentence(BleakGATTProtocolError(0x0D))


# --- connections -----------------------------------------------------------------------------------------------------


async def test_every_connection_has_a_client_of_its_own_and_the_old_one_is_disconnected_first() -> None:
    machine = Machine()
    bench = await connected(machine)
    for _ in range(3):
        machine.client.drop()
        bench.driver.reconnect(ADDRESS)
        await bench.until(LinkUp)
    assert len(machine.clients) == 4 and len(set(map(id, machine.clients))) == 4
    assert machine.log == ["connect", "disconnect"] * 3 + ["connect"]


@pytest.mark.parametrize(
    "error",
    [
        BleakDBusError("org.bluez.Error.Failed", ["Software caused connection abort"]),
        BleakDBusError("org.bluez.Error.Failed", ["le-connection-abort-by-local"]),
        BleakDBusError("org.bluez.Error.InProgress", ["In Progress"]),
        BleakDBusError("org.bluez.Error.NotAvailable", ["Operation currently not available"]),
    ],
)
async def test_a_machine_that_another_app_holds_is_told_in_a_sentence(error: BleakDBusError) -> None:
    machine = Machine()
    machine.connect_error = error
    with pytest.raises(LinkFailed) as failed:
        await a_link(machine)
    assert str(failed.value) == REFUSED and "close other apps" in REFUSED
    assert machine.log == ["connect", "disconnect"]


async def test_a_machine_that_does_not_answer_is_told_in_a_sentence() -> None:
    machine = Machine()
    machine.connect_error = TimeoutError()
    with pytest.raises(LinkFailed, match="wake it up, come closer, and close other apps"):
        await a_link(machine)


@pytest.mark.parametrize("error", [KeyError("/org/bluez/hci0"), AssertionError(), RuntimeError("no loop")])
async def test_what_bleak_never_says_it_raises_ends_an_attempt_and_not_the_driver(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    machine = Machine()
    bench = await connected(machine)
    machine.connect_error = error
    machine.client.drop()
    await bench.until(LinkDown)
    bench.driver.reconnect(ADDRESS)
    await eventually(lambda: machine.log.count("connect") >= 3)
    machine.connect_error = None
    await bench.until(LinkUp)
    assert "unexpected from bleak" in caplog.text


async def test_scanner_and_client_use_the_adapter_of_the_settings() -> None:
    machine = Machine()
    radio = Radio(machine.backend(), "hci1")
    await radio.scan(0, lambda _found: None)
    link = await radio.open(ADDRESS, lambda _source, _data: None, lambda: None)
    assert machine.options == [("scanner", {"adapter": "hci1"}), ("client", {"adapter": "hci1"})]
    await link.close()
    options = process._options([])
    assert process._radio(options, Settings(adapter="hci1"))._bluez == {"adapter": "hci1"}
    assert process._radio(options, Settings())._bluez == {}


def test_an_adapter_that_is_not_there_is_named() -> None:
    told = sentence(BleakError("adapter 'hci9' not found"))
    assert told == ("There is no Bluetooth adapter hci9; plug it in, or choose another one with the setting adapter.")


# --- what it says of itself ------------------------------------------------------------------------------------------


async def test_strings_end_at_their_nul_and_the_firmware_is_found_where_some_makers_put_it() -> None:
    machine = Machine((*ALL, uuids.MANUFACTURER, uuids.MODEL, uuids.SOFTWARE))
    machine.values = {uuids.MANUFACTURER: b"ACME\0\0junk", uuids.MODEL: b"T1 \0", uuids.SOFTWARE: b"1.7\0"}
    link = await a_link(machine)
    await link.learn(simulated=False)
    assert (link.info.maker, link.info.model, link.info.firmware) == ("ACME", "T1", "1.7")
    await link.close()


async def test_ranges_of_three_octets_and_the_wrong_way_round_are_no_ranges_to_drive_by() -> None:
    machine = Machine((*ALL, uuids.INCLINE_RANGE))
    machine.values = {uuids.SPEED_RANGE: b"\x50\0\x40", uuids.INCLINE_RANGE: b"\x64\0\0\0\x05\0"}
    link = await a_link(machine)
    await link.learn(simulated=False)
    assert link.info.speed is None and link.info.incline is not None and not link.info.incline.sane
    machine.values[uuids.SPEED_RANGE] = b"\x40\x06\x50\0\x0a\0"
    await link.learn(simulated=False)
    assert link.info.speed is not None and not link.info.speed.sane
    await link.close()


# --- is anybody there ------------------------------------------------------------------------------------------------


async def test_a_link_that_says_nothing_and_answers_nothing_is_called_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "SILENT_S", 0.1)
    monkeypatch.setattr(link_module, "READ_LIMIT_S", 0.1)
    machine = Machine()
    bench = await connected(machine)
    machine.mute = True
    why = (await bench.until(LinkDown)).why
    assert "does not answer any more, though its link says that it is up" in why
    await eventually(lambda: machine.log[-1] == "disconnect")
    assert machine.written == [] and bench.driver.link is None


async def test_a_silent_machine_that_answers_is_let_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "SILENT_S", 0.05)
    machine = Machine()
    bench = await connected(machine)
    machine.read.clear()
    await eventually(lambda: len(machine.read) >= 3)
    machine.unreadable = True  # an ATT error is an answer, too
    machine.read.clear()
    await eventually(lambda: len(machine.read) >= 3)
    assert bench.inputs == [] and bench.driver.link is not None


async def test_nothing_is_asked_of_a_machine_that_is_heard_or_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "SILENT_S", 0.1)
    machine = Machine()
    bench = await connected(machine)
    machine.read.clear()
    for _ in range(8):
        machine.say(uuids.TREADMILL_DATA, bytes(4))
        await asyncio.sleep(0.05)
    machine.hangs.add(STOP)
    bench.driver.write(Write(1, STOP, Urgency.STOP))
    await asyncio.sleep(0.5)
    assert machine.read == []


async def test_a_machine_with_nothing_to_read_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "SILENT_S", 0.05)
    machine = Machine((uuids.TREADMILL_DATA, uuids.CONTROL_POINT))
    bench = await connected(machine)
    await asyncio.sleep(0.3)
    assert bench.inputs == [] and bench.driver.link is not None
