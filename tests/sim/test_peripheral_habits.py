"""Every habit that was reported of a machine, played by the simulated server: octets by hand, one test a habit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from treadsim.belt import Button
from treadsim.peripheral import AttError, Peripheral, characteristics

from tests.sim.test_peripheral import ALL, CONTROL, PAUSE, RESET, SPEED_1, START, STOP, Client, walking
from treadctl.files.habits import Habit
from treadctl.files.quirks import Answers, Packets, Quirk, load_quirk
from treadctl.ftms import uuids
from treadctl.ftms.codec import decode_treadmill_data
from treadctl.model.units import Speed

REFERENCE = load_quirk("reference")
SPEED_2, INCLINE_1, INCLINE_HALF = b"\x02\xC8\x00", b"\x03\x0A\x00", b"\x03\x05\x00"


def having(*habits: Habit, **changes: Any) -> Quirk:
    return replace(REFERENCE, habits=frozenset(habits), **changes)


def speeds(client: Client) -> list[int]:
    return [int(record.speed or 0) for record in client.records()]


# --- Request Control -------------------------------------------------------------------------------------------------


def test_the_first_request_for_control_is_refused_and_obeyed_on_every_link() -> None:
    client = Client(having(Habit.CONTROL_REFUSED_FIRST))
    assert [client.ask(CONTROL), client.ask(CONTROL)] == [4, 1]
    client.machine.disconnect(client.now)
    client.machine.connect(client.now)
    client.machine.subscribe(client.now, uuids.CONTROL_POINT)
    assert [client.ask(CONTROL), client.ask(START)] == [4, 1]


def test_a_machine_that_shows_answers_by_status_still_refuses_the_first_request() -> None:
    client = Client(having(Habit.CONTROL_REFUSED_FIRST, Habit.ECHOES_STATUS, answers=Answers.STATUS))
    assert [client.ask(CONTROL), client.ask(CONTROL), client.ask(START)] == [4, 0, 0]
    assert client.of(uuids.STATUS) == [b"\x04"]


def test_control_that_is_never_answered_is_there_all_the_same() -> None:
    client = Client(having(Habit.CONTROL_UNANSWERED))
    assert [client.ask(CONTROL), client.ask(START)] == [0, 1]


def test_control_comes_with_the_second_request() -> None:
    client = Client(having(Habit.CONTROL_TWICE))
    assert [client.ask(CONTROL), client.ask(START), client.ask(CONTROL), client.ask(START)] == [1, 5, 1, 1]


def test_without_control_there_is_silence_where_the_standard_wants_a_refusal() -> None:
    client = Client(having(Habit.SILENT_WITHOUT_CONTROL))
    assert [client.ask(START), client.ask(STOP), client.ask(CONTROL), client.ask(START)] == [0, 0, 1, 1]


# --- nothing obeys ---------------------------------------------------------------------------------------------------


def test_a_silent_machine_answers_reads_and_nothing_else() -> None:
    client = Client(having(Habit.SILENT_UNTIL_UNLOCKED))
    assert [client.ask(CONTROL), client.ask(START)] == [0, 0]
    client.wait(20_000)
    assert client.heard == [] and client.machine.belt.speed == 0
    assert client.machine.read(client.now, uuids.SPEED_RANGE) == bytes.fromhex("5000 4006 0a00")


@pytest.mark.parametrize("habit", [Habit.NO_EFFECT, Habit.NEEDS_UNLOCK])
def test_a_locked_machine_answers_success_and_does_nothing(habit: Habit) -> None:
    client = Client(having(habit))
    client.machine.belt.press(0, Button.START)
    client.wait(10_000)
    assert [client.ask(op) for op in (CONTROL, SPEED_2, STOP, PAUSE, RESET)] == [1] * 5
    client.wait(10_000)
    assert client.machine.belt.speed == 80


def test_a_machine_that_wants_start_every_second_forgets_everything_else() -> None:
    client = Client(having(Habit.NEEDS_KEEP_ALIVE))
    client.ask(CONTROL)
    client.ask(START)
    client.wait(20_000)
    assert [client.ask(SPEED_2), client.ask(STOP)] == [1, 1]
    client.wait(5000)
    assert client.machine.belt.speed == 80
    client.ask(START)
    client.ask(SPEED_2)
    client.wait(5000)
    assert client.machine.belt.speed == 200


# --- Start, Stop and Pause -------------------------------------------------------------------------------------------


def test_success_to_a_start_that_moves_nothing() -> None:
    client = Client(having(Habit.START_WITHOUT_MOTION))
    assert [client.ask(CONTROL), client.ask(START)] == [1, 1]
    client.wait(20_000)
    assert client.machine.belt.distance_m == 0


def test_a_belt_that_starts_when_something_connects_says_nothing_of_it() -> None:
    client = Client(having(Habit.STARTS_AT_CONNECT))
    client.wait(5000)
    assert speeds(client)[-1] == 80 and client.of(uuids.STATUS) == []


def test_a_stop_without_effect_is_answered_with_success() -> None:
    client = walking(having(Habit.STOP_WITHOUT_EFFECT))
    assert [client.ask(STOP), client.ask(RESET)] == [1, 1]
    client.wait(10_000)
    assert client.machine.belt.speed == 80


def test_the_same_stop_is_answered_with_success_and_with_failure() -> None:
    client = walking(having(Habit.STOP_ANSWER_VARIES))
    assert [client.ask(STOP), client.ask(STOP), client.ask(STOP)] == [1, 4, 1]
    client.wait(10_000)
    assert client.machine.belt.speed == 0


def test_stop_starts_a_paused_belt() -> None:
    client = walking(having(Habit.STOP_STARTS_PAUSED))
    client.ask(PAUSE)
    client.wait(10_000)
    assert client.machine.belt.speed == 0
    assert client.ask(STOP) == 1
    client.wait(10_000)
    assert client.machine.belt.speed == 80


def test_pause_is_not_supported_where_there_is_none() -> None:
    client = walking(having(Habit.NO_PAUSE))
    assert client.ask(PAUSE) == 2
    client.wait(5000)
    assert client.machine.belt.speed == 80


# --- speed -----------------------------------------------------------------------------------------------------------


def test_a_speed_in_the_spin_up_makes_it_hang_up() -> None:
    client = Client(having(Habit.SPIN_UP_DROPS_LINK))
    client.ask(CONTROL)
    client.ask(START)
    assert not client.machine.hangs_up(client.now)
    client.ask(SPEED_1)
    assert client.machine.hangs_up(client.now)
    client.machine.disconnect(client.now)
    assert not client.machine.hangs_up(client.now)
    client.machine.connect(client.now)
    client.wait(10_000)
    assert not client.machine.hangs_up(client.now) and client.machine.belt.speed == 80


def test_a_speed_after_the_spin_up_is_taken() -> None:
    client = walking(having(Habit.SPIN_UP_DROPS_LINK))
    assert client.ask(SPEED_1) == 1 and not client.machine.hangs_up(client.now)


def test_a_machine_without_a_workout_hangs_up_after_its_time_and_not_while_the_belt_runs() -> None:
    client = Client(having(idle_limit=60_000))
    client.wait(50_000)
    client.ask(CONTROL)
    client.ask(START)
    client.wait(120_000)
    assert not client.machine.hangs_up(client.now)
    client.ask(STOP)
    client.wait(59_000)
    assert not client.machine.hangs_up(client.now)
    client.wait(10_000)
    assert client.machine.hangs_up(client.now)


def test_a_speed_goes_back_to_one_km_h_three_seconds_after_its_command() -> None:
    client = walking(having(drifts_after=3000, drifts_to=Speed(100)))
    client.ask(SPEED_2)
    client.wait(1400 + 3000 - 200)
    assert client.machine.belt.goal == 200
    client.wait(5000)
    assert client.machine.belt.speed == 100
    client.ask(STOP)
    client.wait(20_000)
    assert client.machine.belt.speed == 0


def test_every_command_only_speeds_it_up() -> None:
    client = walking(having(Habit.ONLY_FASTER))
    client.ask(SPEED_2)
    client.wait(5000)
    client.ask(SPEED_1)
    client.wait(5000)
    assert client.machine.belt.speed == 200


def test_a_machine_in_miles_reads_and_tells_miles() -> None:
    client = walking(having(Habit.TARGET_IN_MPH, Habit.REPORTS_IN_MPH))
    client.ask(SPEED_1)
    client.wait(10_000)
    assert client.machine.belt.speed == 161 and speeds(client)[-1] == 100


def test_a_range_without_an_increment_is_told_as_zero() -> None:
    assert Client(having(Habit.RANGE_WITHOUT_INCREMENT)).machine.read(0, uuids.SPEED_RANGE).hex() == "500040060000"


def test_a_command_right_after_another_is_lost_without_an_answer() -> None:
    client = Client(having(commands_apart=400))
    assert [client.ask(CONTROL), client.ask(START)] == [1, 0]
    client.wait(400)
    assert client.ask(START) == 1
    client.wait(5000)
    assert client.machine.belt.speed > 0


# --- incline ---------------------------------------------------------------------------------------------------------


def test_half_a_percent_is_refused_where_only_whole_ones_are_taken() -> None:
    client = walking(having(Habit.INCLINE_WHOLE))
    assert [client.ask(INCLINE_HALF), client.ask(INCLINE_1)] == [3, 1]


def test_an_incline_fails_where_there_is_no_motor() -> None:
    client = walking(having(Habit.INCLINE_FAILS, incline=None))
    assert client.ask(INCLINE_1) == 4


def test_an_incline_is_taken_only_while_the_belt_runs() -> None:
    client = Client(having(Habit.INCLINE_ONLY_RUNNING))
    assert [client.ask(CONTROL), client.ask(INCLINE_1), client.ask(START), client.ask(INCLINE_1)] == [1, 4, 1, 1]


def test_an_incline_stops_the_belt() -> None:
    client = walking(having(Habit.INCLINE_STOPS_BELT))
    assert client.ask(INCLINE_1) == 1
    client.wait(10_000)
    assert client.machine.belt.speed == 0 and client.machine.belt.incline == 10


def test_a_missing_incline_range_is_no_characteristic_and_an_empty_one_is_zeros() -> None:
    missing = having(Habit.INCLINE_RANGE_MISSING)
    assert uuids.INCLINE_RANGE not in {row.uuid for row in characteristics(missing)}
    with pytest.raises(AttError):
        Peripheral(missing).read(0, uuids.INCLINE_RANGE)
    assert Peripheral(having(Habit.INCLINE_RANGE_ZERO)).read(0, uuids.INCLINE_RANGE) == bytes(6)


@pytest.mark.parametrize(
    ("quirk", "told"),
    [
        (having(Habit.INCLINE_NOT_TOLD), None),
        (having(Habit.INCLINE_TOLD_WRONG, incline_factor=Decimal(0), incline_offset=820), 820),
        (having(Habit.INCLINE_TOLD_WRONG, incline_offset=-60), -50),
        (having(Habit.INCLINE_TOLD_WRONG, incline_factor=Decimal("6.25")), 62),
        (having(Habit.INCLINE_TOLD_WRONG, incline_factor=Decimal(500)), 1000),
        (having(Habit.INCLINE_TOLD_WRONG, incline=None, incline_offset=30), 30),
    ],
)
def test_what_is_told_of_one_percent(quirk: Quirk, told: int | None) -> None:
    client = walking(quirk)
    client.ask(INCLINE_1)
    client.wait(5000)
    assert client.records()[-1].incline == told


# --- what it tells ---------------------------------------------------------------------------------------------------


def test_the_first_zero_comes_late_and_then_zeros_go_on() -> None:
    client = walking(having(first_zero=8000))
    client.ask(STOP)
    client.wait(30_000)
    times = [at for at, uuid, data in client.heard if uuid == uuids.TREADMILL_DATA]
    zeros = [at for at, uuid, data in client.heard if uuid == uuids.TREADMILL_DATA and data[2:4] == bytes(2)]
    assert max(after - before for before, after in pairwise(times)) == 8000
    assert zeros[-1] - zeros[-2] == 500


def test_a_machine_that_was_never_started_tells_zeros_at_once() -> None:
    client = Client(having(first_zero=8000))
    client.wait(2000)
    assert speeds(client) == [0] * 4


def test_every_so_many_samples_one_tells_zero_while_the_belt_runs() -> None:
    client = walking(having(drops_out=10))
    client.heard.clear()
    client.wait(20_000)
    assert speeds(client).count(0) == 4 and speeds(client).count(80) == 36


def test_only_zeros_are_told_whatever_the_belt_does() -> None:
    client = walking(having(Habit.ONLY_ZEROS))
    assert client.machine.belt.distance_m > 3
    assert {(r.speed, r.distance_m, r.elapsed_s) for r in client.records()} == {(0, 0, 0)}


def test_a_speed_goes_on_being_told_while_the_belt_is_paused() -> None:
    client = walking(having(Habit.SPEED_WHILE_PAUSED))
    client.ask(PAUSE)
    client.wait(10_000)
    assert client.machine.belt.speed == 0 and speeds(client)[-1] == 80
    client.ask(STOP)
    client.wait(1000)
    assert speeds(client)[-1] == 0


def test_a_distance_that_is_always_zero() -> None:
    assert walking(having(Habit.DISTANCE_ZERO)).records()[-1].distance_m == 0


@pytest.mark.parametrize(("octets", "length"), [(2, 16), (3, 17)])
def test_steps_are_counted_behind_reserved_bit_13(octets: int, length: int) -> None:
    client = walking(having(steps=octets, incline=None))
    packet = client.of(uuids.TREADMILL_DATA)[-1]
    record = decode_treadmill_data(packet)
    assert packet[:2] == b"\x84\x24" and len(packet) == length
    assert record.speed == 80 and len(record.trailing) == octets
    assert int.from_bytes(record.trailing, "little") == int(client.machine.belt.distance_m / 0.5)


def test_a_record_that_is_too_long_is_cut_off_as_a_matrix_cuts_it() -> None:
    client = walking(having(packets=Packets.CUT))
    packet = client.of(uuids.TREADMILL_DATA)[-1]
    record = decode_treadmill_data(packet)
    assert packet[:2] == b"\x9E\x1B" and len(packet) == 20
    assert record.truncated and record.speed == 80 and record.distance_m and record.incline == 0


def test_an_old_stop_is_told_to_everybody_who_subscribes() -> None:
    client = Client(having(Habit.REPLAYS_STATUS))
    client.wait(1000)
    assert client.of(uuids.STATUS) == [b"\x02\x01"]


def test_a_subscription_right_after_another_is_lost() -> None:
    machine = Peripheral(having(subscriptions_apart=30))
    machine.connect(0)
    for at, uuid in zip((0, 20, 50, 80), ALL, strict=True):
        machine.subscribe(at, uuid)
    assert machine._subscribed == {ALL[0], ALL[2], ALL[3]}


def test_constant_features_and_training_status_are_told_as_captured() -> None:
    machine = Peripheral(load_quirk("yesoul-w2-pro"))
    assert machine.read(0, uuids.FEATURE).hex() == "4512000001000000"
    assert machine.read(0, uuids.TRAINING_STATUS).hex() == "010d" and machine.read(0, uuids.FIRMWARE) == b"V357"
    client = walking(load_quirk("horizon-omega-z"))
    assert client.of(uuids.TRAINING_STATUS)
    fixed = walking(replace(load_quirk("yesoul-w2-pro")))
    assert fixed.of(uuids.TRAINING_STATUS) == []
    assert Peripheral(load_quirk("domyos-tc")).read(0, uuids.TRAINING_STATUS) == b""


def test_the_control_point_of_some_machines_notifies() -> None:
    rows = {row.uuid: row.properties for row in characteristics(having(answers=Answers.NOTIFICATION))}
    assert rows[uuids.CONTROL_POINT] == ("write", "notify")
    assert Client(having(answers=Answers.NOTIFICATION)).ask(CONTROL) == 1


def test_an_answer_may_come_before_the_write_is_complete() -> None:
    client = Client("reebok-fr30z")
    client.machine.write(0, uuids.CONTROL_POINT, CONTROL)
    client.wait(28)
    assert client.of(uuids.CONTROL_POINT) == [b"\x80\x00\x01"]
