"""A rise is covered only by its own words, heard to the end, begun long enough ago and not out of date."""

from treadctl.control.announcements import GOES_ON, VALID, Announcements
from treadctl.control.cueing import CUE_LEAD


def said(target: int = 200, heard: int | None = 1500) -> Announcements:
    announcements = Announcements()
    announcements.say(0, "speed", target, 7)
    if heard is not None:
        announcements.heard(heard, 7)
    return announcements


def test_nothing_covers_what_was_never_said() -> None:
    nothing = Announcements()
    assert not nothing.covers(0, "speed", 1) and not nothing.pending(0, "speed", 1)
    assert nothing.lead_over("speed") is None


def test_words_that_were_not_heard_to_the_end_cover_nothing() -> None:
    assert not said(heard=None).covers(5000, "speed", 200)
    other = said(heard=None)
    other.heard(1500, 8)
    assert not other.covers(5000, "speed", 200)


def test_a_rise_waits_three_seconds_from_the_beginning_of_its_words() -> None:
    assert not said().covers(CUE_LEAD - 1, "speed", 200)
    assert said().covers(CUE_LEAD, "speed", 200)
    assert said().lead_over("speed") == CUE_LEAD


def test_words_cover_what_they_name_and_less_but_not_more_and_nothing_else() -> None:
    assert said().covers(4000, "speed", 150)
    assert not said().covers(4000, "speed", 201)
    assert not said().covers(4000, "incline", 200)


def test_words_go_out_of_date() -> None:
    assert said().covers(1500 + VALID, "speed", 200)
    assert not said().covers(1501 + VALID, "speed", 200)


def test_each_step_of_a_ramp_carries_its_words_on() -> None:
    announcements = said()
    announcements.goes_on(13_000, "speed", 1000)
    assert announcements.covers(13_000 + GOES_ON, "speed", 200)
    assert not announcements.covers(13_001 + GOES_ON, "speed", 200)
    announcements.goes_on(13_000, "speed", 5000)
    assert announcements.covers(23_000, "speed", 200)


def test_words_are_pending_until_they_are_out_of_date() -> None:
    assert said(heard=None).pending(VALID - 1, "speed", 200)
    assert not said(heard=None).pending(VALID, "speed", 200)
    assert said().pending(1500 + VALID, "speed", 200) and not said().pending(1501 + VALID, "speed", 200)
    assert not said().pending(0, "speed", 201)


def test_a_standstill_forgets_all_words() -> None:
    announcements = said()
    announcements.clear()
    assert not announcements.covers(4000, "speed", 200)
