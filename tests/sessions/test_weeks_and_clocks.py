"""Walks by week, milestones, and walks whose times cannot be right."""

from __future__ import annotations

from dataclasses import replace

from tests.plans.made import MONDAY
from tests.sessions.made import BEGIN, name_of, walk
from treadctl.model.answers import Answers
from treadctl.model.outcome import DAY, WEEK
from treadctl.model.units import Speed
from treadctl.sessions.clocks import FUTURE, OVERLAPS, UNKNOWN, UNSET, in_time, odd_times
from treadctl.sessions.figures import Figures, figures_of
from treadctl.sessions.session import session_of
from treadctl.sessions.weeks import Walk, Week, milestones, weeks_of

FIGURES = figures_of(session_of(name_of(BEGIN), walk(BEGIN)))
NOW = MONDAY + 30 * DAY


def one(day: float, effort: int | None = 3, pain: int | None = 1, colour: str = "green", **more: object) -> Walk:
    figures = replace(FIGURES, **more)  # type: ignore[arg-type]
    return Walk(figures, MONDAY + int(day * DAY), Answers(effort, pain), colour)


# --- weeks ---------------------------------------------------------------------------------------------------------


def test_a_week_sums_its_walks_and_weighs_its_means() -> None:
    walks = [one(0, pain=4), one(6.9, pain=1, colour="red", forward=0, backward=240_000, heart_backward=120.0)]
    (week,) = weeks_of(walks, MONDAY + DAY)
    assert (week.begin, week.walks, week.backward, week.bouts) == (MONDAY, 2, 960_000, 8)
    assert week.backward_m == round(2 * FIGURES.backward_m, 1) and week.pain_before == 2.5
    assert FIGURES.heart_backward is not None and week.heart_forward == FIGURES.heart_forward
    assert week.heart_backward == round((3 * FIGURES.heart_backward + 120) / 4, 1)
    assert dict(week.colours) == {"green": 1, "red": 1}


def test_a_speed_counts_as_easy_up_to_effort_four_and_not_when_nothing_was_told() -> None:
    walks = [
        one(0, effort=4, top_backward=Speed(110)), one(1, effort=5, top_backward=Speed(150)),
        one(2, effort=None, top_backward=Speed(140)),
    ]  # fmt: skip
    assert weeks_of(walks, MONDAY)[0].easy_speed == 110
    assert weeks_of(walks[1:], MONDAY)[0].easy_speed is None


def test_a_week_without_a_walk_is_there_too_and_what_is_not_known_stays_unknown() -> None:
    weeks = weeks_of([one(0), one(15)], MONDAY + 22 * DAY)
    assert [week.walks for week in weeks] == [1, 0, 1, 0]
    assert weeks[1] == Week(MONDAY + WEEK) and not weeks_of([], NOW)


def test_milestones_are_reached_by_the_walk_that_passes_them_and_the_next_is_named() -> None:
    walks = [one(day, backward_m=600.0) for day in (4, 0, 2)]
    found = milestones(walks)
    assert [(stone.metres, stone.at) for stone in found] == [(1000.0, MONDAY + 2 * DAY), (2000.0, None)]
    assert milestones([one(0, backward_m=3e6)])[-1].at is not None


# --- times that cannot be right ------------------------------------------------------------------------------------


def begun(at: int | None, name: str = "a-1", **more: object) -> Figures:
    return replace(FIGURES, at=at, name=name, length=1_200_000, **more)  # type: ignore[arg-type]


def test_the_future_the_seventies_and_no_time_at_all_are_odd() -> None:
    walks = [begun(NOW + DAY, "f-1"), begun(3600, "s-1"), begun(None, "u-1"), begun(NOW - DAY, "g-1")]
    assert odd_times(walks, NOW) == {"f-1": FUTURE, "s-1": UNSET, "u-1": UNKNOWN}
    assert [walk.name for walk in sorted(walks, key=in_time)] == ["u-1", "s-1", "g-1", "f-1"]


def test_one_hour_of_summer_time_is_not_the_future() -> None:
    assert odd_times([begun(NOW + 3600)], NOW) == {}


def test_two_at_the_same_time_stand_in_the_order_of_their_names_and_the_second_is_odd() -> None:
    walks = [begun(NOW - DAY, "b-1"), begun(NOW - DAY, "a-1")]
    assert odd_times(walks, NOW) == {"b-1": OVERLAPS}
    assert [walk.name for walk in sorted(walks, key=in_time)] == ["a-1", "b-1"]


def test_a_clock_that_was_put_back_shows_in_the_numbers_of_one_guardian() -> None:
    first, second = begun(NOW - DAY, "a-1"), begun(NOW - 2 * DAY, "a-2")
    assert odd_times([first, second], NOW) == {"a-1": OVERLAPS}
    assert odd_times([first, begun(NOW - DAY + 1200, "a-2")], NOW) == {}


def test_simulated_hours_may_be_short_and_so_overlap() -> None:
    assert odd_times([begun(NOW - DAY, "a-1", simulated=True), begun(NOW - DAY + 60, "b-1", simulated=True)], NOW) == {}
