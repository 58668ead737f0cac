"""What was commanded and whether the belt does it."""

from treadctl.control.commanded import FIRST_PATIENCE, Commanded, tolerance
from treadctl.model.units import Ms, Speed


def started(speed: int = 80) -> Commanded:
    """Started at 0 with 0.8 km/h; 3 s later the same was written."""
    commanded = Commanded()
    commanded.started(0, Speed(speed))
    commanded.write(3000, Speed(80))
    return commanded


def measure(commanded: Commanded, *speeds: int, begin: Ms = 10_000) -> Commanded:
    for number, speed in enumerate(speeds):
        commanded.measured(begin + number * 500, Speed(speed))
    return commanded


def test_met_means_within_fifteen_hundredths_or_fifteen_percent() -> None:
    assert tolerance(80) == 15 and tolerance(200) == 30 and tolerance(80, 30) == 30


def test_the_first_speed_is_met_by_three_near_samples_in_a_row() -> None:
    assert not measure(started(), 80, 80).first_met
    assert measure(started(), 80, 95, 65).first_met
    assert not measure(started(), 80, 80, 100, 80, 80).first_met


def test_samples_without_a_command_mean_nothing() -> None:
    commanded = measure(Commanded(), 80, 80, 80)
    assert not commanded.first_met and commanded.off(0, Speed(80)) == 0 and commanded.in_force(0) == (0, 0)
    assert not commanded.wrong_unit(0, None)


def test_a_new_session_has_to_meet_its_first_speed_again() -> None:
    commanded = measure(started(), 80, 80, 80)
    commanded.forget_first()
    assert not commanded.first_met


def test_the_first_speed_is_overdue_after_lag_and_patience() -> None:
    commanded = started()
    due = 3000 + commanded.lag + FIRST_PATIENCE
    assert not commanded.first_overdue(due) and commanded.first_overdue(due + 1)
    assert not measure(started(), 80, 80, 80).first_overdue(due + 1)


def test_a_belt_that_is_1_609_times_too_fast_is_known_by_two_samples() -> None:
    assert not measure(started(), 129).wrong_unit(10_500, Speed(129))
    assert measure(started(), 129, 129).wrong_unit(10_500, Speed(129))
    assert not measure(started(), 129, 100, 129).wrong_unit(11_000, Speed(129))


def test_a_belt_that_is_slow_by_the_mile_is_known_when_the_first_speed_is_overdue() -> None:
    commanded = measure(started(), 50, 50, 50)
    assert not commanded.wrong_unit(11_000, Speed(50))
    assert commanded.wrong_unit(20_000, Speed(50))
    assert not commanded.wrong_unit(20_000, Speed(30))
    assert not commanded.wrong_unit(20_000, None)


def test_a_fast_start_speed_that_still_works_is_no_wrong_unit() -> None:
    assert not measure(started(125), 125, 125, 125, begin=3500).wrong_unit(4500, Speed(125))


def test_once_the_first_speed_is_met_no_speed_is_a_unit_fault() -> None:
    assert not measure(started(), 80, 80, 80, 129, 129).wrong_unit(13_000, Speed(129))


def test_a_command_stays_in_force_for_its_lag_and_a_second_and_a_half() -> None:
    commanded = started()
    commanded.write(4000, Speed(200))
    commanded.write(5000, Speed(100))
    assert commanded.in_force(7900) == (100, 200)
    assert commanded.in_force(8001) == (100, 100)


def test_off_target_has_a_sign() -> None:
    commanded = started()
    assert commanded.off(10_000, Speed(110)) == 0
    assert commanded.off(10_000, Speed(111)) == 31
    assert commanded.off(10_000, Speed(49)) == -31
    assert commanded.off(10_000, None) == 0


def test_a_rejected_speed_leaves_the_one_before_it_in_force() -> None:
    commanded = started()
    commanded.write(4000, Speed(100))
    commanded.take_back(4100, 3000)
    assert commanded.current == 80 and commanded.at == 7100
    alone = Commanded()
    alone.write(0, Speed(100))
    alone.take_back(0, 0)
    assert alone.current == 100


def test_an_unknown_result_is_settled_by_the_belt_alone() -> None:
    commanded = started()
    commanded.unknown = True
    assert measure(commanded, 200).unknown
    assert not measure(commanded, 80).unknown


def test_the_console_and_the_standstill_are_adopted() -> None:
    commanded = started()
    commanded.adopt(5000, Speed(60))
    assert commanded.current == 60
    commanded.stopped()
    assert commanded.current is None and not commanded.written


def test_a_first_speed_below_0_8_proves_nothing() -> None:
    commanded = Commanded()
    commanded.started(0, Speed(50))
    commanded.write(0, Speed(50))
    assert not measure(commanded, 50, 50, 50).first_met and not commanded.first_overdue(60_000)
