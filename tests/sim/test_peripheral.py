"""The simulated server keeps the rules of the standard's Control Point, and breaks them exactly where a quirk says so.

Requests are written as octets by hand: what the codec makes of them is tested elsewhere.
"""

from __future__ import annotations

import pytest
from treadsim.belt import Button
from treadsim.faults import Fault, parse_faults
from treadsim.peripheral import AttError, Peripheral

from treadctl.files.quirks import Quirk, load_quirk, quirk_names
from treadctl.ftms import uuids
from treadctl.ftms.codec import RecordAssembler, TreadmillData, decode_treadmill_data

CONTROL, SPEED_1, START, STOP, PAUSE, RESET = b"\x00", b"\x02\x64\x00", b"\x07", b"\x08\x01", b"\x08\x02", b"\x01"
ALL = (uuids.TREADMILL_DATA, uuids.STATUS, uuids.TRAINING_STATUS, uuids.CONTROL_POINT)


class Client:
    """A client that waits for answers: `ask` gives the result octet of the indication, 0 if there is none."""

    def __init__(self, quirk: str | Quirk = "reference", faults: tuple[Fault, ...] = ()) -> None:
        self.machine = Peripheral(load_quirk(quirk) if isinstance(quirk, str) else quirk, faults)
        self.now = 0
        self.heard: list[tuple[int, str, bytes]] = []
        self.machine.connect(0)
        for uuid in ALL:
            self.machine.subscribe(0, uuid, patient=True)

    def wait(self, ms: int) -> None:
        end = self.now + ms
        while (due := self.machine.deadline()) <= end and not self.machine.hangs_up(self.now):
            self._step(due)
        self._step(end)

    def _step(self, now: int) -> None:
        self.now = now
        self.heard += [(out.at, out.uuid, out.data) for out in self.machine.step(now)]

    def ask(self, data: bytes) -> int:
        begin = len(self.heard)
        self.machine.write(self.now, uuids.CONTROL_POINT, data)
        self.wait(100)
        answers = [octets for _, uuid, octets in self.heard[begin:] if uuid == uuids.CONTROL_POINT]
        assert all(octets[:2] == bytes((0x80, data[0])) for octets in answers)
        return answers[0][2] if answers else 0

    def of(self, uuid: str) -> list[bytes]:
        return [data for _, heard, data in self.heard if heard == uuid]

    def records(self) -> list[TreadmillData]:
        assembler = RecordAssembler()
        parts = (assembler.feed(decode_treadmill_data(data)) for data in self.of(uuids.TREADMILL_DATA))
        return [record for record in parts if record is not None]


def walking(quirk: str | Quirk = "reference", faults: tuple[Fault, ...] = ()) -> Client:
    """In control, and past the start ramp (at 20 s)."""
    client = Client(quirk, faults)
    client.ask(CONTROL)
    client.ask(START)
    client.wait(20_000 - client.now)
    return client


def test_a_walk_from_request_control_to_standstill() -> None:
    client = walking()
    assert client.ask(SPEED_1) == 1
    client.wait(10_000)
    assert client.records()[-1].speed == 100
    assert client.ask(STOP) == 1
    client.wait(10_000)
    assert client.records()[-1].speed == 0
    assert client.of(uuids.STATUS) == []


def test_every_operation_but_request_control_needs_permission() -> None:
    client = Client()
    assert [client.ask(op) for op in (RESET, SPEED_1, b"\x03\x00\x00", START, STOP, PAUSE)] == [5] * 6
    assert client.ask(CONTROL) == 1
    assert client.ask(START) == 1


def test_a_write_with_indications_off_is_an_att_error_and_does_nothing() -> None:
    machine = Peripheral(load_quirk("reference"))
    machine.connect(0)
    with pytest.raises(AttError) as caught:
        machine.write(0, uuids.CONTROL_POINT, CONTROL)
    assert caught.value.code == 0xFD


def test_a_second_procedure_before_the_first_is_answered_is_discarded() -> None:
    client = walking()
    client.machine.write(client.now, uuids.CONTROL_POINT, b"\x02\xC8\x00")
    with pytest.raises(AttError) as caught:
        client.machine.write(client.now + 59, uuids.CONTROL_POINT, b"\x02\x2C\x01")
    assert caught.value.code == 0xFE
    client.machine.write(client.now + 60, uuids.CONTROL_POINT, b"\x02\x96\x00")
    client.wait(10_000)
    assert client.machine.belt.speed == 150


def test_start_on_a_started_belt_and_stop_on_a_stopped_one_fail() -> None:
    client = Client()
    client.ask(CONTROL)
    assert client.ask(STOP) == 4
    assert client.ask(START) == 1
    assert client.ask(START) == 4
    client.wait(10_000)
    assert client.ask(START) == 4
    assert client.ask(STOP) == 1
    assert client.ask(STOP) == 1, "while it brakes, a repeated stop is welcome"
    client.wait(10_000)
    assert client.ask(STOP) == 4


@pytest.mark.parametrize(
    ("request_octets", "result"),
    [
        (b"\x02\x4F\x00", 3),  # below the minimum
        (b"\x02\x00\x00", 3),  # zero is no target
        (b"\x02\x41\x06", 3),  # 16.01 km/h
        (b"\x02\x64", 3),
        (b"\x08\x03", 3),
        (b"\x03\x79\x00", 3),  # 12.1 %
        (b"\x03\xFB\xFF", 3),  # -0.5 %
        (b"\x04\x01", 2),
        (b"\x05\x64\x00", 2),
        (b"\x15", 2),
        (b"\xFF\x01", 2),
    ],
)
def test_what_the_machine_cannot_do_is_answered_by_the_standard(request_octets: bytes, result: int) -> None:
    client = walking()
    assert client.ask(request_octets) == result
    client.wait(5000)
    assert client.machine.belt.speed == 80 and client.machine.belt.incline == 0


def test_a_speed_for_a_belt_that_was_not_started_fails() -> None:
    client = Client()
    client.ask(CONTROL)
    assert client.ask(SPEED_1) == 4
    client.ask(START)
    assert client.ask(SPEED_1) == 4, "nor in the countdown"


def test_incline_is_refused_without_a_motor_and_absent_from_its_data() -> None:
    client = walking("minimum-one")
    assert client.ask(b"\x03\x0A\x00") == 2
    assert client.records()[-1].incline is None
    with pytest.raises(AttError):
        client.machine.read(client.now, uuids.INCLINE_RANGE)


def test_reset_stops_the_belt_zeroes_the_time_and_ends_permission() -> None:
    client = walking()
    assert client.ask(RESET) == 1
    assert client.ask(STOP) == 5
    client.wait(10_000)
    assert client.machine.belt.speed == 0


def test_permission_and_subscriptions_end_with_the_link_and_the_belt_goes_on() -> None:
    client = walking()
    client.machine.disconnect(client.now)
    client.machine.connect(client.now + 1000)
    with pytest.raises(AttError):
        client.machine.write(client.now + 1000, uuids.CONTROL_POINT, STOP)
    client.machine.subscribe(client.now + 1000, uuids.CONTROL_POINT)
    client.now += 1000
    assert client.ask(STOP) == 5
    assert client.machine.belt.speed == 80


def test_samples_come_twice_a_second_also_at_standstill() -> None:
    client = Client()
    client.wait(10_000)
    assert [at for at, uuid, _ in client.heard if uuid == uuids.TREADMILL_DATA] == list(range(500, 10_001, 500))
    assert all(record.speed == 0 for record in client.records())


def test_one_short_sample_is_as_a_horizon_would_send_it() -> None:
    client = Client()
    client.wait(500)
    assert client.of(uuids.TREADMILL_DATA) == [bytes.fromhex("8c04 0000 000000 0000 ff7f 0000 ffff ff 0000")]


def test_a_full_record_is_split_for_an_mtu_of_23_with_the_speed_last() -> None:
    client = walking("split-records")
    parts = client.of(uuids.TREADMILL_DATA)
    assert all(len(part) <= 20 for part in parts)
    assert {part[0] & 1 for part in parts} == {0, 1}
    record = client.records()[-1]
    assert record.speed == 80 and record.distance_m and record.elapsed_s and record.power_w == 0


def test_the_console_and_the_key_are_told_by_status_and_the_client_s_own_doing_is_not() -> None:
    client = walking()
    client.machine.belt.press(client.now, Button.FASTER)
    client.wait(1000)
    client.machine.belt.press(client.now, Button.STOP)
    client.wait(5000)
    client.machine.belt.press(client.now, Button.START)
    client.wait(10_000)
    client.machine.belt.pull_key(client.now)
    client.wait(1000)
    assert client.of(uuids.STATUS) == [b"\x05\x64\x00", b"\x02\x01", b"\x04", b"\x03"]


def test_training_status_follows_the_belt() -> None:
    client = walking()
    client.ask(STOP)
    client.wait(10_000)
    assert client.of(uuids.TRAINING_STATUS) == [b"\x00\x0E", b"\x00\x0D", b"\x00\x01"]
    assert client.machine.read(client.now, uuids.TRAINING_STATUS) == b"\x00\x01"


def test_reads_are_what_the_machine_file_says() -> None:
    machine = Peripheral(load_quirk("reference"))
    assert machine.read(0, uuids.SPEED_RANGE) == bytes.fromhex("5000 4006 0a00")
    assert machine.read(0, uuids.INCLINE_RANGE) == bytes.fromhex("0000 7800 0500")
    assert machine.read(0, uuids.FEATURE) == bytes.fromhex("0c120000 03000000")
    with pytest.raises(AttError) as caught:
        machine.read(0, uuids.TREADMILL_DATA)
    assert caught.value.code == 2


def test_an_empty_write_and_a_write_elsewhere_are_att_errors() -> None:
    client = Client()
    for uuid, data, code in ((uuids.CONTROL_POINT, b"", 0x0D), (uuids.STATUS, START, 0x03)):
        with pytest.raises(AttError) as caught:
            client.machine.write(client.now, uuid, data)
        assert caught.value.code == code


def test_a_client_that_slept_gets_no_backlog_of_samples() -> None:
    client = Client()
    assert len(client.machine.step(3_600_000)) <= 1


OBEDIENT = [name for name in quirk_names() if (quirk := load_quirk(name)).record.stop_works and quirk.record.stop_lag]


@pytest.mark.parametrize("name", OBEDIENT)
def test_every_quirk_stops_within_the_lag_of_its_record(name: str) -> None:
    client = Client(name)
    client.ask(CONTROL)
    client.wait(1000)
    client.ask(CONTROL)
    client.wait(1000)
    client.ask(START)
    if not client.machine.quirk.record.remote_start:
        client.machine.belt.press(client.now, Button.START)
    client.wait(20_000)
    assert client.machine.belt.speed > 0
    client.ask(STOP)
    lag = client.machine.quirk.record.stop_lag
    assert lag is not None
    client.wait(lag)
    assert client.machine.belt.speed == 0


def test_a_target_read_as_miles_runs_1_6_times_too_fast_and_says_so() -> None:
    client = walking("mph-target")
    client.ask(SPEED_1)
    client.wait(10_000)
    assert client.machine.belt.speed == 161 and client.records()[-1].speed == 160


def test_a_machine_that_reads_miles_tells_the_console_s_target_in_miles_too() -> None:
    client = walking("mph-target")
    client.machine.belt.press(client.now, Button.FASTER)
    client.wait(1000)
    assert client.of(uuids.STATUS) == [b"\x05\x3E\x00"]  # 1.0 km/h is 0.62 miles an hour


def test_a_second_start_stops_a_machine_that_toggles_and_it_answers_success() -> None:
    client = walking("start-toggles")
    assert client.ask(START) == 1
    client.wait(10_000)
    assert client.machine.belt.speed == 0
    assert client.ask(STOP) == 1


def test_a_machine_that_never_indicates_answers_by_status() -> None:
    client = walking("status-only")
    assert client.ask(SPEED_1) == 0
    client.ask(STOP)
    assert client.of(uuids.STATUS) == [b"\x04", b"\x05\x64\x00", b"\x02\x01"]


def test_a_machine_that_falls_silent_sends_no_final_zero() -> None:
    client = walking("silent-at-zero")
    client.ask(STOP)
    client.wait(20_000)
    assert client.machine.belt.speed == 0
    assert min(int(record.speed or 0) for record in client.records()) > 0


def test_a_machine_without_remote_start_refuses_it() -> None:
    client = Client("no-remote-start")
    client.ask(CONTROL)
    assert client.ask(START) == 4


@pytest.mark.parametrize(
    ("spec", "speed"), [
        ("machine.key(at=21s)", 0), ("machine.console_stop(at=21s)", 0),
        ("machine.console_faster(at=21s,by=0.2)", 100), ("machine.jump(at=21s)", 180),
    ],
)
def test_a_fault_moves_the_belt_when_its_time_has_come(spec: str, speed: int) -> None:
    client = walking(faults=parse_faults([spec]))
    assert client.machine.belt.speed == 80
    client.wait(20_000)
    assert client.machine.belt.speed == speed


def test_a_deaf_machine_does_not_obey_and_goes_on_telling() -> None:
    deaf = walking(faults=parse_faults(["machine.deaf(at=21s)"]))
    deaf.wait(2000)
    deaf.heard.clear()
    assert deaf.ask(STOP) == 0
    deaf.wait(5000)
    assert (deaf.machine.belt.speed, len(deaf.records())) == (80, 10)


def test_lost_control_is_visible() -> None:
    client = walking(faults=parse_faults(["machine.control_lost(at=21s)"]))
    client.wait(2000)
    assert client.of(uuids.STATUS) == [b"\xFF"] and client.ask(SPEED_1) == 5
