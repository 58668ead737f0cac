"""The calendar: what was walked on which day, and when the next walks may come at the soonest."""

from __future__ import annotations

from itertools import pairwise

from tests.plans.made import HARD, TOO_MUCH, at, book, outcome, stopped
from treadctl.files.plans import find_plan, programs_of
from treadctl.model.outcome import DAY, Outcome, Stop
from treadctl.model.person import Level, Person
from treadctl.plans.colour import Colour
from treadctl.plans.days import Day, calendar_of
from treadctl.plans.today import EASIER, PACE_FINDER, today

PLAN = find_plan("starter")
PROGRAMS = programs_of(PLAN, PACE_FINDER, *EASIER.values())


def days(*walks: Outcome, now: float, back: int = 1, ahead: int = 1) -> list[Day]:
    said = today(PLAN, book(*walks), PROGRAMS, Person(Level.L0, age=40), at(now))
    weeks = calendar_of(said, len(PLAN.weeks[said.place.week].walks), at(now), back=back, ahead=ahead)
    assert all(len(week) == 7 for week in weeks) and len(weeks) == back + 1 + ahead
    return [day for week in weeks for day in week]


def test_each_day_has_the_colour_of_its_walk_and_today_is_marked() -> None:
    found = days(outcome(0), outcome(2, answers=HARD), stopped(Stop.LINK, 4), now=5)
    assert [day.colour for day in found[7:12]] == [Colour.GREEN, None, Colour.AMBER, None, Colour.GREY]
    assert [n for n, day in enumerate(found) if day.today] == [12]
    assert found[0].at == at(0) // DAY * DAY - 7 * DAY


def test_of_two_walks_on_a_day_the_worse_is_shown() -> None:
    found = days(outcome(0), outcome(0.1, answers=TOO_MUCH), now=1)
    assert found[7].colour is Colour.RED


def test_ahead_stand_the_soonest_days_after_rest_and_no_more_than_a_week_has() -> None:
    found = days(outcome(0), now=1)
    assert next(n - 7 for n, day in enumerate(found) if day.due) == 2
    walks = len(PLAN.weeks[0].walks)
    for week in (found[7:14], found[14:21]):
        assert sum(day.due or day.colour is not None for day in week) == walks, "rest alone would leave room for four"
    due = [n for n, day in enumerate(found) if day.due]
    assert all(later - before >= 2 for before, later in pairwise(due))


def test_nothing_is_due_while_a_lock_has_no_end() -> None:
    said = today(PLAN, book(), PROGRAMS, Person(Level.L0, age=40), at(0), locked="you fell")
    weeks = calendar_of(said, 3, at(0), back=0, ahead=1)
    assert not any(day.due for week in weeks for day in week)
