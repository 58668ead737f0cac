"""The stop ladder: what is due, and when, until the belt is measured still."""

from dataclasses import replace

from tests.control.rig import REFERENCE
from treadctl.control.ladder import Due, StopLadder, StopWish, rung_ms
from treadctl.model.machine import Record
from treadctl.model.units import Ms, Speed

WISH = StopWish("test")
RUNG = 2000


class Climb:
    """A ladder with its times. The machine has no record: a rung takes 2 s."""

    def __init__(self, speed: int | None = 200, writes: bool = True) -> None:
        self.ladder = StopLadder(0, WISH, None if speed is None else Speed(speed), None, writes)

    def at(self, now: Ms, speed: int | None = 200, falling: bool = False, may_write: bool = True) -> list[Due]:
        return self.ladder.step(now, None if speed is None else Speed(speed), falling, may_write)


def test_a_rung_takes_the_recorded_lag_one_sample_and_half_a_second_but_two_seconds_at_least() -> None:
    assert rung_ms(None) == 2000
    assert rung_ms(replace(REFERENCE, stop_lag=None)) == 2000
    assert rung_ms(replace(REFERENCE, stop_lag=300, sample_interval=500)) == 2000
    assert rung_ms(replace(REFERENCE, stop_lag=4000, sample_interval=500)) == 5000
    assert rung_ms(replace(REFERENCE, stop_lag=4000, sample_interval=None)) == 5500


def test_stop_is_due_at_once_and_again_at_half_a_second_and_a_second() -> None:
    climb = Climb()
    assert climb.at(0) == [Due.STOP]
    assert climb.at(499) == [] and 500 in climb.ladder.times()
    assert climb.at(500) == [Due.STOP]
    assert climb.at(999) == []
    assert climb.at(1000) == [Due.STOP]
    assert climb.at(1500) == []


def test_stop_is_not_repeated_after_a_success() -> None:
    climb = Climb()
    climb.at(0)
    climb.ladder.accepted = True
    assert climb.at(500) == climb.at(1000) == []
    assert climb.ladder.times() == [RUNG]


def test_stop_is_not_repeated_while_the_speed_falls() -> None:
    climb = Climb()
    climb.at(0)
    assert climb.at(500, 195, falling=True) == []
    assert climb.at(1000, 180) == []  # fallen by 0.2: proof enough


def test_stop_is_not_repeated_at_measured_zero() -> None:
    climb = Climb(None)
    climb.at(0, None)
    assert climb.at(500, 0) == []


def test_stop_is_repeated_when_only_noise_fell_before() -> None:
    climb = Climb()
    climb.at(0)
    assert climb.at(500, 195) == [Due.STOP]


def test_the_key_is_called_for_after_the_failed_rung_and_every_two_seconds() -> None:
    climb = Climb()
    for now in (0, 500, 1000):
        climb.at(now)
    assert climb.at(RUNG - 1) == [] and not climb.ladder.failed
    assert climb.at(RUNG) == [Due.RESET, Due.CALL_KEY] and climb.ladder.failed
    assert climb.at(RUNG + 1999) == [] and climb.ladder.times() == [RUNG + 2000]
    assert climb.at(RUNG + 2000) == [Due.CALL_KEY]


def test_the_call_ends_at_measured_zero_and_goes_on_in_silence() -> None:
    climb = Climb()
    climb.at(0)
    assert Due.CALL_KEY in climb.at(RUNG, None)
    assert Due.CALL_KEY in climb.at(RUNG + 2000, None)
    assert climb.at(RUNG + 4000, 10) == []


def test_a_belt_that_falls_is_given_time() -> None:
    climb = Climb()
    climb.at(0)
    assert all(climb.at(now, 200 - now // 50, falling=True) == [] for now in range(500, 9500, 500))


def test_a_belt_that_only_fell_to_a_lower_speed_was_not_stopped() -> None:
    climb = Climb()
    climb.at(0)
    climb.at(500, 80, falling=True)
    assert climb.at(2499, 80) == []
    assert climb.at(2500, 80) == [Due.RESET, Due.CALL_KEY]


def test_a_belt_that_speeds_up_has_to_fall_from_its_new_speed() -> None:
    climb = Climb()
    climb.at(0)
    climb.at(900, 250)
    assert Due.CALL_KEY in climb.at(RUNG, 235)


def test_a_belt_measured_at_zero_gets_no_stop_until_it_moves_after_all() -> None:
    climb = Climb(0, writes=False)
    assert climb.at(0, 0) == climb.at(1000, 0) == climb.at(5000, 10) == []
    assert climb.at(6000, 30) == [Due.STOP]
    assert climb.at(6500, 30) == [Due.STOP]
    assert climb.at(8000, 30) == [Due.STOP, Due.CALL_KEY]
    assert climb.at(8001, 30) == [Due.RESET]


def test_a_stop_that_the_machine_was_too_busy_for_is_tried_again_every_hundred_ms_for_a_second() -> None:
    climb = Climb()
    for now in range(0, 1000, 100):
        assert climb.at(now) == [Due.STOP]
        climb.ladder.turned_away(now)
        assert climb.at(now + 99) == []
    climb.at(1001)
    climb.ladder.turned_away(1002)
    assert climb.at(1200) == []


def test_a_stop_that_may_not_be_written_now_is_due_as_soon_as_it_may() -> None:
    climb = Climb()
    assert climb.at(0, may_write=False) == []
    assert climb.at(1200) == [Due.STOP]
    assert climb.at(1250) == []  # no burst: the repeats count from the first
    assert climb.at(1700) == [Due.STOP]


def test_control_regained_begins_the_stops_anew_without_a_burst() -> None:
    climb = Climb()
    climb.at(0)
    climb.at(500, 150, falling=True)
    climb.ladder.need_control()
    assert climb.at(600, 150) == [Due.CONTROL]
    assert climb.at(650, 150) == []
    climb.ladder.control_answered(660, refused=False)
    assert climb.at(660, 150) == [Due.STOP]
    assert climb.at(700, 150) == []
    assert climb.at(1160, 150) == [Due.STOP]


def test_control_is_requested_only_once_and_its_refusal_calls_for_the_key() -> None:
    climb = Climb()
    climb.ladder.need_control()
    assert climb.at(0) == [Due.CONTROL]
    climb.ladder.control_answered(50, refused=True)
    assert climb.at(50) == [Due.STOP, Due.CALL_KEY]
    climb.ladder.need_control()
    assert Due.CONTROL not in climb.at(600)


def test_a_stop_waits_three_tenths_of_a_second_for_control_that_is_never_answered() -> None:
    climb = Climb()
    climb.ladder.need_control()
    assert climb.at(0) == [Due.CONTROL]
    assert climb.at(299) == []
    assert climb.at(300) == [Due.STOP]


def test_a_new_link_after_a_loss_calls_for_the_key_at_once() -> None:
    climb = Climb()
    climb.ladder.no_trust()
    assert climb.at(0, None) == [Due.STOP, Due.CALL_KEY]


def test_a_silent_link_is_given_up_only_if_it_stays_silent() -> None:
    climb = Climb()
    climb.at(0, None)
    climb.ladder.relink(10, 1010)
    assert Due.RELINK not in climb.at(1009, None)
    assert Due.RELINK in climb.at(1010, None)
    climb.ladder.relink(2000, 3000)
    assert Due.RELINK not in climb.at(3000, 150)
    assert Due.RELINK not in climb.at(3100, None)


def test_a_lost_link_is_made_anew_at_once_and_calls_for_the_key_every_two_seconds() -> None:
    climb = Climb()
    climb.ladder.relink(0, 0)
    assert climb.at(0, None, may_write=False) == [Due.RELINK]
    assert climb.at(1999, None, may_write=False) == []
    assert climb.at(2000, None, may_write=False) == [Due.CALL_KEY]
    assert climb.at(4000, None, may_write=False) == [Due.CALL_KEY]


def rungs(record: Record, speed: int) -> list[Due]:
    """What a belt that does not slow down gets after the stops, rung by rung."""
    ladder = StopLadder(0, WISH, Speed(speed), record)
    ladder.accepted = True
    found: list[Due] = []
    for now in range(0, 30_000, 100):
        found += [due for due in ladder.step(now, Speed(speed), False, True) if due is not Due.CALL_KEY]
    return found


def test_after_a_failed_stop_come_lowest_speed_pause_and_reset_each_once() -> None:
    assert rungs(replace(REFERENCE, pause_proven=True), 250) == [Due.STOP, Due.SLOWEST, Due.PAUSE, Due.RESET]


def test_pause_is_left_out_where_it_was_not_proved() -> None:
    assert rungs(replace(REFERENCE, pause_proven=False), 250) == [Due.STOP, Due.SLOWEST, Due.RESET]


def test_the_lowest_speed_is_left_out_where_it_would_not_be_slower() -> None:
    assert rungs(replace(REFERENCE, pause_proven=False), 100) == [Due.STOP, Due.RESET]


def test_nothing_is_written_while_the_speed_falls() -> None:
    ladder = StopLadder(0, WISH, Speed(400), REFERENCE)
    assert ladder.step(0, Speed(400), False, True) == [Due.STOP]
    for now in range(500, 8000, 500):
        assert ladder.step(now, Speed(400 - now // 25), True, True) == []


def test_each_rung_has_its_own_time() -> None:
    ladder = StopLadder(0, WISH, Speed(250), None)
    ladder.accepted = True
    ladder.step(0, Speed(250), False, True)
    assert Due.RESET in ladder.step(RUNG, Speed(250), False, True)
    assert Due.RESET not in ladder.step(2 * RUNG, Speed(250), False, True)


def test_a_hung_write_asks_for_a_new_link_once() -> None:
    climb = Climb()
    climb.at(0)
    climb.ladder.hung(1000)
    assert Due.RELINK in climb.at(1000)
    assert Due.RELINK not in climb.at(1100)
