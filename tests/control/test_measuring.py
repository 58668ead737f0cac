"""What samples show: gaps, intervals, speeds, lags, ramps; and that what they do not show stays unknown."""

from __future__ import annotations

import pytest

from treadctl.control.belt import Sample
from treadctl.control.measuring import (
    WINDOW,
    first_after_gap,
    first_change,
    interval,
    largest_gap,
    steady,
    steepest,
    to_zero,
    top,
)
from treadctl.model.units import Ms, Speed


def of(*pairs: tuple[Ms, int]) -> list[Sample]:
    """Samples from (time, speed)."""
    return [Sample(at, Speed(speed)) for at, speed in pairs]


def ramp(rate: int, every: Ms = 500, count: int = 12) -> list[Sample]:
    """A rise of so many 0.01 km/h per s."""
    return of(*((number * every, number * every * rate // 1000) for number in range(count)))


def test_nothing_is_known_of_no_samples() -> None:
    assert largest_gap([], 0, 1000) is None and interval([]) is None and top([]) is None and steady([], 0) is None
    assert first_change([], 0) is None and steepest([]) is None and to_zero([], 0) is None
    assert first_after_gap([]) is None


def test_a_gap_counts_from_the_begin_and_to_the_end() -> None:
    seen = of((1000, 0), (1500, 0), (2700, 0))
    assert largest_gap(seen, 1000, 2700) == 1200
    assert largest_gap(seen, 0, 2700) == 1200 and largest_gap(seen, -900, 2700) == 1900
    assert largest_gap(seen, 1000, 4000) == 1300
    assert largest_gap(seen, 1000, 1000) == 0
    assert largest_gap(seen, 3000, 4000) is None and largest_gap(seen, 1001, 2699) == 1199


@pytest.mark.parametrize(("lost", "expected"), [(1, 1000), (2, 2000)])
def test_one_lost_sample_in_twenty_does_not_make_a_machine_slow(lost: int, expected: Ms) -> None:
    times, now = [0], 0
    for number in range(20):
        now += 2000 if number < lost else 1000
        times.append(now)
    assert interval(of(*((at, 0) for at in times))) == expected


def test_the_interval_is_the_longest_between_a_few_neighbours() -> None:
    assert interval(of((0, 0))) is None
    assert interval(of((0, 0), (500, 0), (1600, 0), (2000, 0))) == 1100


def test_the_top_is_the_highest_speed() -> None:
    assert top(of((0, 80), (500, 96), (1000, 90))) == 96


@pytest.mark.parametrize(
    ("speeds", "found"),
    [((100, 100, 100), 100), ((100, 105, 103), 103), ((100, 106, 103), None), ((100, 100), None), ((0, 0, 0), 0),
     ((98, 99, 100, 101, 102), 100)],
)  # fmt: skip
def test_three_samples_that_agree_are_steady(speeds: tuple[int, ...], found: int | None) -> None:
    assert steady(of(*enumerate(speeds)), 0) == found


def test_only_the_samples_since_then_have_to_agree() -> None:
    seen = of((0, 50), (500, 90), (1000, 100), (1500, 100), (2000, 101))
    assert steady(seen, 1000) == 100 and steady(seen, 500) is None and steady(seen, 1001) is None


def test_a_lag_lasts_until_the_first_change_of_more_than_rounding() -> None:
    seen = of((0, 100), (500, 105), (1000, 106), (1500, 120))
    assert first_change(seen, 0) == 1000
    assert first_change(seen, 400) == 600 and first_change(seen, 500) == 1000
    assert first_change(seen, -1) is None and first_change(of((0, 100), (500, 100)), 0) is None
    assert first_change(of((0, 100), (500, 80)), 0) == 500


@pytest.mark.parametrize("rate", [20, 50, 60, 80])
@pytest.mark.parametrize("every", [100, 250, 500, 900, 1000, 1500])
def test_a_ramp_is_measured_over_about_a_second_at_any_interval(rate: int, every: Ms) -> None:
    found = steepest(ramp(rate, every))
    assert found is not None and abs(found - rate) <= 1


def test_rounding_between_neighbours_is_no_ramp() -> None:
    assert steepest(of((0, 80), (500, 100), (1000, 100), (1500, 100), (2000, 100))) == 20
    assert steepest(of((0, 80), (500, 100))) is None
    assert steepest(of((0, 80), (WINDOW - 1, 100))) is None and steepest(of((0, 80), (2 * WINDOW + 200, 100))) is None


def test_a_fall_is_no_ramp() -> None:
    assert steepest(of((0, 100), (1000, 50))) == -50


def test_a_stop_lasts_until_the_speed_is_zero_for_good() -> None:
    seen = of((0, 200), (500, 100), (1000, 0), (1500, 40), (2000, 10), (2500, 0))
    assert to_zero(seen, 0) == 2000 and to_zero(seen, 500) == 1500
    assert to_zero(seen[:4], 0) is None and to_zero(of((0, 0)), 0) is None
    assert to_zero(of((0, 200), (500, 11), (1000, 10)), 0) == 1000


def test_the_speed_after_the_longest_gap_tells_whether_the_belt_ran_on() -> None:
    assert first_after_gap(of((0, 100), (500, 100), (2000, 90), (2500, 0))) == 90
    assert first_after_gap(of((0, 100), (500, 100), (2000, 0), (2500, 0))) == 0
    assert first_after_gap(of((0, 100))) is None
