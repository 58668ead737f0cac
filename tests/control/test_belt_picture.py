"""What is known of the belt: silence is unknown, and standstill has to be measured."""

from treadctl.control.belt import LOST_MS, BeltPicture, Sample
from treadctl.model.api import Belt
from treadctl.model.units import Incline, Ms, Speed


def picture(*speeds: int, every: Ms = 1000, **fields: int) -> BeltPicture:
    belt = BeltPicture()
    for number, speed in enumerate(speeds):
        belt.observe(Sample(number * every, Speed(speed), fields.get("distance_m")))
    return belt


def test_nothing_is_known_before_the_first_sample() -> None:
    belt = BeltPicture()
    assert belt.state(0) is Belt.UNKNOWN and belt.speed is None and belt.age(5) is None
    assert not belt.fresh(0) and belt.deadline() is None and not belt.falling


def test_one_zero_is_no_standstill() -> None:
    assert picture(0).state(0) is Belt.UNKNOWN


def test_standstill_takes_three_samples_and_three_seconds() -> None:
    assert picture(0, 0, 0, 0).state(3000) is Belt.STILL
    assert picture(0, 0, 0).state(2000) is Belt.UNKNOWN  # three samples, two seconds
    assert picture(0, 0, every=3000).state(3000) is Belt.UNKNOWN  # three seconds, two samples


def test_a_tenth_of_a_kmh_counts_as_zero_and_more_as_motion() -> None:
    assert picture(10, 10, 10, 10).still(3000)
    assert picture(0, 0, 0, 11).state(3000) is Belt.MOVING


def test_motion_in_between_begins_the_count_anew() -> None:
    assert picture(0, 0, 0, 20, 0, 0, 0).state(6000) is Belt.UNKNOWN
    assert picture(0, 0, 0, 20, 0, 0, 0, 0).state(7000) is Belt.STILL


def test_a_growing_distance_is_motion_whatever_the_speed_says() -> None:
    belt = BeltPicture()
    for second in range(8):
        belt.observe(Sample(second * 1000, Speed(0), second))
    assert belt.state(7000) is Belt.UNKNOWN
    assert belt.distance_m == 7


def test_a_distance_that_falls_back_to_zero_or_jumps_is_not_counted() -> None:
    belt = BeltPicture()
    for second, distance in enumerate((500, 0, 3, 203, None, 204)):
        belt.observe(Sample(second * 1000, Speed(0), distance))
    assert belt.distance_m == 3


def test_a_moving_incline_is_no_standstill() -> None:
    belt = BeltPicture()
    for second in range(4):
        belt.observe(Sample(second * 1000, Speed(0), None, Incline(0 if second < 3 else 5)))
    assert belt.state(3000) is Belt.UNKNOWN and belt.incline == 5


def test_standstill_that_nobody_watched_proves_nothing() -> None:
    belt = picture(0, 0, 0)
    belt.observe(Sample(2000 + LOST_MS + 1, Speed(0)))
    assert belt.state(2000 + LOST_MS + 1) is Belt.UNKNOWN


def test_silence_makes_a_still_belt_and_a_moving_belt_unknown() -> None:
    assert picture(0, 0, 0, 0).state(3000 + LOST_MS) is Belt.STILL
    assert picture(0, 0, 0, 0).state(3001 + LOST_MS) is Belt.UNKNOWN
    assert picture(100).state(LOST_MS + 1) is Belt.UNKNOWN
    assert picture(100).deadline() == LOST_MS + 1


def test_a_sample_is_stale_after_a_second_and_a_half() -> None:
    assert picture(0).fresh(1500) and not picture(0).fresh(1501)
    assert picture(0).age(400) == 400


def test_falling_compares_the_last_two_samples() -> None:
    assert picture(100, 90).falling and not picture(90, 100).falling and not picture(90, 90).falling
