"""The stop path over lost and new links, without a Supervisor: what is due, and what it remembers."""

from __future__ import annotations

from tests.control.rig import REFERENCE
from treadctl.control.belt import BeltPicture, Sample
from treadctl.control.ladder import Due, StopWish
from treadctl.control.stopping import StopPath
from treadctl.model.units import Ms, Speed

WHY = StopWish("why")


def belt(*samples: tuple[Ms, int]) -> BeltPicture:
    picture = BeltPicture()
    for at, speed in samples:
        picture.observe(Sample(at, Speed(speed)))
    return picture


MOVING = ((0, 200), (500, 200))
AT_REST = tuple((at, 0) for at in range(0, 4001, 500))


def lost() -> StopPath:
    """A link was lost, and a new one came up at 10,000."""
    path = StopPath()
    path.begin(0, WHY, Speed(200), REFERENCE, writes=True)
    path.lose(0, linked=False)
    path.link_up(10_000)
    return path


def test_a_new_path_stops_nothing() -> None:
    path = StopPath()
    assert (path.climbing, path.sent, path.lost, path.looking) == (False, False, False, False)
    assert path.due(0, belt(*MOVING), REFERENCE, True) == [] and path.settle(9000, belt(*AT_REST), True) is None
    path.link_up(0)
    assert not path.looking and path.times() == [None]


def test_a_stop_is_sent_when_it_is_due_for_the_first_time() -> None:
    path = StopPath()
    path.begin(0, WHY, Speed(200), REFERENCE, writes=True)
    assert path.climbing and not path.sent
    assert path.due(0, belt((0, 200)), REFERENCE, True) == [Due.STOP]
    assert path.sent


def test_nothing_is_due_on_a_link_that_is_gone_but_words_and_a_new_link() -> None:
    path = StopPath()
    path.begin(0, WHY, Speed(200), REFERENCE, writes=True)
    path.lose(0, linked=False)
    assert path.lost and path.due(0, belt((0, 200)), REFERENCE, False) == [Due.RELINK]


def test_samples_that_are_gone_leave_the_stop_a_second() -> None:
    path = StopPath()
    path.begin(0, WHY, None, REFERENCE, writes=True)
    path.lose(0, linked=True)
    assert path.due(0, BeltPicture(), REFERENCE, True) == [Due.STOP]
    assert Due.RELINK not in path.due(999, BeltPicture(), REFERENCE, True)
    assert Due.RELINK in path.due(1000, BeltPicture(), REFERENCE, True)


def test_a_hung_stop_is_a_loss() -> None:
    path = StopPath()
    path.hung(0)
    assert not path.lost
    path.begin(0, WHY, Speed(200), REFERENCE, writes=True)
    path.hung(0)
    assert path.lost and Due.RELINK in path.due(0, belt((0, 200)), REFERENCE, True)


def test_a_new_link_is_looked_at_for_a_second_before_anything_is_written() -> None:
    path = lost()
    assert path.looking and not path.climbing and path.times() == [11_000]
    assert path.due(10_999, BeltPicture(), REFERENCE, True) == []
    assert path.due(11_000, BeltPicture(), REFERENCE, True) == [Due.CONTROL, Due.CALL_KEY]
    assert not path.looking and path.climbing and path.times()[0] is None


def test_the_look_waits_for_a_link() -> None:
    path = lost()
    assert path.due(12_000, BeltPicture(), REFERENCE, False) == [] and path.looking
    path.link_down()
    assert not path.looking


def test_a_belt_that_moves_is_stopped_before_the_look_is_over() -> None:
    path = lost()
    assert path.due(10_200, belt((10_200, 10)), REFERENCE, True) == []
    assert path.due(10_300, belt((10_300, 11)), REFERENCE, True) == [Due.CONTROL, Due.CALL_KEY]
    assert path.ladder is not None and path.ladder.writes and path.ladder.wish == StopWish("link lost")
    assert path.times()[1] == 10_300 + 4900  # what one rung takes on this machine: 3900 + 500 + 500
    path.ladder.control_answered(10_400, refused=False)
    assert path.due(10_400, belt((10_400, 200)), REFERENCE, True) == [Due.STOP]


def test_a_belt_at_zero_is_written_nothing_after_the_look_and_trusted_no_more() -> None:
    path = lost()
    assert path.due(11_000, belt((11_000, 10)), REFERENCE, True) == []
    assert path.ladder is not None and not path.ladder.writes and path.ladder.failed
    assert path.due(11_500, belt((11_000, 10), (11_500, 11)), REFERENCE, True) == [Due.STOP, Due.CALL_KEY]


def test_an_old_sample_and_a_lost_link_tell_no_speed() -> None:
    path = StopPath()
    path.begin(0, WHY, Speed(200), REFERENCE, writes=True)
    path.lose(0, linked=True)
    assert Due.RELINK not in path.due(1500, belt((0, 200)), REFERENCE, True)
    path.lose(1501, linked=False)
    assert Due.RELINK in path.due(1501, belt((0, 200)), REFERENCE, True)
    path.lose(1600, linked=False)
    assert Due.RELINK in path.due(1600, belt((1600, 200)), REFERENCE, False)


def test_while_the_speed_falls_no_stop_is_repeated() -> None:
    path = StopPath()
    path.begin(0, WHY, Speed(200), REFERENCE, writes=True)
    path.due(0, belt((0, 200)), REFERENCE, True)
    assert path.due(500, belt((0, 200), (500, 199)), REFERENCE, True) == []
    assert path.due(500, belt((0, 200), (500, 200)), REFERENCE, True) == [Due.STOP]


def test_a_stop_is_over_when_the_belt_was_seen_still_for_so_long_on_a_link() -> None:
    path = StopPath()
    path.begin(1000, WHY, Speed(0), REFERENCE, writes=True)
    path.lost = True
    assert path.settle(3999, belt(*AT_REST), True) is None
    assert path.settle(4000, belt(*AT_REST), False) is None
    assert path.settle(4000, belt(*MOVING, (4000, 0)), True) is None
    assert path.climbing and path.lost
    ladder = path.settle(4000, belt(*AT_REST), True)
    assert ladder is not None and ladder.wish is WHY
    assert not path.climbing and not path.lost
    assert path.settle(4000, belt(*AT_REST), True) is None


def test_a_path_has_the_moments_of_its_ladder() -> None:
    path = StopPath()
    path.begin(0, WHY, Speed(200), REFERENCE, writes=True)
    assert path.ladder is not None and path.times() == [None, *path.ladder.times()]


# --- wished again, and links that stay silent -----------------------------------------------------------------------

ANOTHER = StopWish("another")


def tried_in_vain(until: Ms) -> tuple[StopPath, BeltPicture]:
    """A belt at 2 km/h that took no rung until then."""
    path, picture = StopPath(), belt((0, 200))
    path.begin(0, StopWish("planned", planned=True), Speed(200), REFERENCE, writes=True)
    for at in range(0, until + 1, 500):
        picture.observe(Sample(at, Speed(200)))
        path.due(at, picture, REFERENCE, True)
    return path, picture


def test_a_stop_wished_again_makes_a_planned_one_unplanned_and_climbs_on() -> None:
    path, picture = tried_in_vain(1000)
    before = path.ladder
    path.again(1000, ANOTHER, Speed(200), REFERENCE)
    assert path.ladder is before and before is not None and before.wish is ANOTHER
    path.again(1000, WHY, Speed(200), REFERENCE)
    assert before.wish is ANOTHER and path.due(1001, picture, REFERENCE, True) == []


def test_a_stop_wished_again_after_the_last_rung_begins_anew_and_calls_for_the_key() -> None:
    path, picture = tried_in_vain(60_000)
    before = path.ladder
    path.again(60_000, ANOTHER, Speed(10), REFERENCE)
    assert path.ladder is before  # measured at zero
    path.again(60_000, ANOTHER, Speed(11), REFERENCE)
    again = path.ladder
    assert again is not None and again is not before and again.wish is ANOTHER and again.begun == 60_000
    assert path.due(60_000, picture, REFERENCE, True) == [Due.STOP, Due.CALL_KEY]
    path.again(60_001, WHY, None, REFERENCE)
    assert path.ladder is again


def test_a_silent_belt_whose_rungs_are_used_up_is_stopped_anew() -> None:
    path, _ = tried_in_vain(60_000)
    before = path.ladder
    path.again(60_000, ANOTHER, None, REFERENCE)
    assert path.ladder is not before


def test_the_third_silent_link_is_left_for_a_new_one_and_the_fourth_is_not() -> None:
    path = StopPath()
    for links, relinks in enumerate((True, True, True, False), 1):
        path.begin(links * 10_000, WHY, None, REFERENCE, writes=True)
        path.lose(links * 10_000, linked=True)
        assert (Due.RELINK in path.due(links * 10_000 + 1000, BeltPicture(), REFERENCE, True)) is relinks
    path.settle(90_000, belt(*((at, 0) for at in range(86_000, 90_001, 500))), True)
    path.begin(100_000, WHY, None, REFERENCE, writes=True)
    path.lose(100_000, linked=True)
    assert Due.RELINK in path.due(101_000, BeltPicture(), REFERENCE, True)
