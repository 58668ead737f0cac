"""The stop path where it begins anew: after a Pause in vain, when wished again, on a new link, after a standstill."""

from __future__ import annotations

import pytest

from tests.control.rig import REFERENCE
from treadctl.control.belt import BeltPicture, Sample
from treadctl.control.ladder import Due, StopLadder, StopWish
from treadctl.control.stopping import SILENT_LINKS, StopPath
from treadctl.model.units import Ms, Speed

WHY, ANOTHER, PAUSE = StopWish("why"), StopWish("another"), StopWish("why", pause=True)
RUNG: Ms = 4900
"""What one rung takes on the reference machine: 3900 + 500 + 500."""


def begun(wish: StopWish = WHY, speed: int = 200) -> StopPath:
    path = StopPath()
    path.begin(0, wish, Speed(speed), REFERENCE, writes=True)
    return path


def at(*samples: tuple[Ms, int], metres: tuple[int, ...] = ()) -> BeltPicture:
    picture = BeltPicture()
    for number, (when, speed) in enumerate(samples):
        picture.observe(Sample(when, Speed(speed), metres[number] if metres else None))
    return picture


def climbed(path: StopPath, until: Ms, speed: int = 200) -> StopPath:
    """A belt that keeps its speed, looked at every half second."""
    for when in range(0, until + 1, 500):
        path.due(when, at((when, speed)), REFERENCE, True)
    return path


def in_vain() -> StopPath:
    """Every rung was tried and had its time."""
    return climbed(begun(), 59_500)


def ladder(path: StopPath) -> StopLadder:
    assert path.ladder is not None
    return path.ladder


def fell(path: StopPath, now: Ms) -> bool:
    """At 1.8 km/h from now on: whether that is a fall, after which no Stop is repeated."""
    assert Due.STOP in path.due(now, at((now, 180)), REFERENCE, True)
    return Due.STOP not in path.due(now + 500, at((now, 180), (now + 500, 180)), REFERENCE, True)


# --- the speed at which it began ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("speed", "falls"), [(200, True), (199, False)])
def test_a_fall_counts_from_the_speed_at_which_the_stop_was_wished(speed: int, falls: bool) -> None:
    assert fell(begun(speed=speed), 500) is falls


@pytest.mark.parametrize(("speed", "falls"), [(200, True), (199, False)])
def test_a_fall_counts_from_the_speed_at_which_the_stop_was_wished_again(speed: int, falls: bool) -> None:
    path = begun(PAUSE)
    path.again(1000, ANOTHER, Speed(speed), REFERENCE)
    assert fell(path, 1500) is falls
    path = in_vain()
    path.again(60_000, ANOTHER, Speed(speed), REFERENCE)
    assert fell(path, 60_500) is falls


@pytest.mark.parametrize(("speed", "falls"), [(200, True), (199, False)])
def test_a_fall_counts_from_the_speed_that_a_burst_of_samples_on_a_new_link_told(speed: int, falls: bool) -> None:
    """How old a burst is nobody knows: it tells that the belt moved, and from where on it has to fall."""
    path = begun()
    path.lose(0, linked=False)
    path.link_up(10_000)
    burst = at(*((10_260 + 10 * number, speed) for number in range(4)))
    assert path.due(10_300, burst, REFERENCE, True) == [Due.CONTROL, Due.CALL_KEY]
    ladder(path).control_answered(10_400, refused=False)
    assert fell(path, 10_800) is falls


# --- Pause, on an empty belt ----------------------------------------------------------------------------------------


def test_pause_is_the_first_rung_until_it_failed() -> None:
    assert not StopPath().pauses and not begun().pauses
    path = begun(PAUSE)
    assert path.pauses and path.due(0, at((0, 200)), REFERENCE, True) == [Due.STOP] and path.pauses
    path.call()
    assert not path.pauses


@pytest.mark.parametrize("speed", [200, None])
def test_a_pause_in_vain_is_followed_by_the_whole_stop(speed: int | None) -> None:
    path = climbed(begun(PAUSE), RUNG - 1)
    assert path.due(RUNG - 1, at((RUNG - 1, 200)), REFERENCE, True) == [] and path.pauses
    picture = BeltPicture() if speed is None else at((RUNG, speed))
    assert path.due(RUNG, picture, REFERENCE, True) == [Due.STOP]
    assert ladder(path).wish == WHY and ladder(path).begun == RUNG and not ladder(path).failed
    assert ladder(path).times()[0] == 2 * RUNG
    assert path.due(RUNG + 500, at((RUNG + 500, 200)), REFERENCE, True) == [Due.STOP]


def test_a_zero_in_the_moment_in_which_the_stop_follows_a_pause_is_a_fall() -> None:
    path = begun(PAUSE)
    path.call()
    assert path.due(500, at((500, 0)), REFERENCE, True) == [Due.STOP]
    assert path.due(1000, at((500, 0), (1000, 100)), REFERENCE, True) == []


def test_a_pause_in_vain_on_a_lost_link_is_no_new_beginning() -> None:
    path = climbed(begun(PAUSE), RUNG - 1)
    path.lost, before = True, path.ladder
    assert Due.CALL_KEY in path.due(RUNG, at((RUNG, 200)), REFERENCE, True)
    assert path.ladder is before


def test_a_pause_in_vain_where_nothing_is_written_writes_no_stop_either() -> None:
    path = begun(PAUSE)
    assert path.due(RUNG, at((RUNG, 200)), REFERENCE, True, may_write=False) == []
    assert ladder(path).begun == RUNG and ladder(path).sent == 0


@pytest.mark.parametrize("speed", [200, 0, None])
def test_a_stop_in_the_middle_of_a_pause_is_a_stop_from_the_beginning(speed: int | None) -> None:
    path = climbed(begun(PAUSE), 1000)
    path.again(1200, PAUSE, None if speed is None else Speed(speed), REFERENCE)
    assert path.pauses and ladder(path).begun == 0
    path.again(1200, ANOTHER, None if speed is None else Speed(speed), REFERENCE)
    assert ladder(path).wish is ANOTHER and ladder(path).begun == 1200 and ladder(path).times()[0] == 1200 + RUNG
    picture = BeltPicture() if speed is None else at((1200, speed))
    assert path.due(1200, picture, REFERENCE, True) == [Due.STOP]


# --- wished again ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("speed", [200, None])
def test_a_stop_that_begins_anew_after_the_last_rung_has_all_its_rungs_and_times(speed: int | None) -> None:
    path = in_vain()
    path.again(60_000, ANOTHER, None if speed is None else Speed(speed), REFERENCE)
    assert ladder(path).wish is ANOTHER and ladder(path).times()[0] == 60_000 + RUNG
    picture = BeltPicture() if speed is None else at((60_000, speed))
    assert path.due(60_000, picture, REFERENCE, True) == [Due.STOP, Due.CALL_KEY]


# --- what comes after -----------------------------------------------------------------------------------------------


def test_a_belt_that_was_left_alone_at_zero_is_stopped_when_its_distance_grows() -> None:
    path = StopPath()
    path.begin(0, WHY, Speed(0), REFERENCE, writes=False)
    assert path.due(0, at((0, 0)), REFERENCE, True) == []
    picture = at((0, 50), (500, 0), (1000, 0), metres=(0, 1, 2))
    assert picture.false_zero and path.due(1000, picture, REFERENCE, True) == [Due.STOP]
    assert ladder(path).begun == 1000


def test_silent_links_are_counted_anew_after_a_standstill() -> None:
    path, still = StopPath(), tuple((when, 0) for when in range(86_000, 90_001, 500))
    for begins in (0, 100_000):
        for number in range(1, SILENT_LINKS + 2):
            when = begins + number * 10_000
            path.begin(when, WHY, None, REFERENCE, writes=True)
            path.lose(when, linked=True)
            left = Due.RELINK in path.due(when + 1000, BeltPicture(), REFERENCE, True)
            assert left is (number <= SILENT_LINKS)
        assert path.settle(90_000 + begins, at(*((when + begins, speed) for when, speed in still)), True) is not None
