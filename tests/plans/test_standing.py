"""What follows from the past: colours in a row, gaps, weeks, rest and levels, each rule of it by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.plans.made import HARD, MONDAY, TOO_MUCH, at, book, outcome, stopped
from treadctl.model.answers import UNASKED
from treadctl.model.outcome import DAY, Outcome, Stop, week_begin, week_of
from treadctl.model.person import Level, Person
from treadctl.model.plan import Book, Tuning, Walked
from treadctl.plans.book import as_told, entered, seen_at, with_word
from treadctl.plans.colour import Colour
from treadctl.plans.levels import level_up
from treadctl.plans.standing import Course, read, stand

STEPS = "First steps"


def course(past: Book, day: float) -> Course:
    return stand(past, past.level, at(day)).courses[STEPS]


# --- in a row ------------------------------------------------------------------------------------------------------


def test_two_greens_a_day_apart_count_and_two_on_one_day_do_not() -> None:
    assert course(book(outcome(0), outcome(2)), 4).greens == 2
    assert course(book(outcome(0), outcome(0.5)), 4).greens == 1


def test_whatever_is_not_green_begins_the_count_anew() -> None:
    for answers in (HARD, TOO_MUCH, UNASKED):
        past = book(outcome(0), outcome(2), outcome(4, answers=answers), outcome(6))
        assert course(past, 8).greens == 1


def test_a_grey_walk_leaves_the_count_as_it_was() -> None:
    assert course(book(outcome(0), stopped(Stop.LINK, 2), outcome(4)), 6).greens == 2


def test_a_shortened_walk_is_no_step_on_the_way() -> None:
    past = book(outcome(0), outcome(2))
    past = replace(past, walked=(past.walked[0], replace(past.walked[1], full=False)))
    assert course(past, 4).greens == 1


def test_a_new_dose_is_counted_by_itself() -> None:
    more = Tuning(total=60)
    past = book(outcome(0), outcome(2))
    past = replace(past, walked=(*past.walked, Walked(outcome(4), more, full=True)))
    assert (course(past, 6).tuning, course(past, 6).greens) == (more, 1)


def test_two_ambers_hold_for_a_week_and_three_go_a_step_back() -> None:
    hard = [outcome(day, answers=HARD) for day in (0, 2, 4)]
    assert stand(book(*hard[:1]), Level.L0, at(5)).hold_until == 0
    assert stand(book(*hard[:2]), Level.L0, at(5)).hold_until == at(2 + 7)
    more = Tuning(total=60)
    past = book(*hard)
    past = replace(past, walked=(past.walked[0], *(replace(one, tuning=more) for one in past.walked[1:])))
    assert course(replace(past, walked=past.walked[:2]), 6).tuning == more
    assert course(past, 6).tuning == Tuning()


def test_where_there_is_no_step_to_take_back_a_tenth_goes() -> None:
    assert course(book(*(outcome(day, answers=HARD) for day in (0, 2, 4))), 6).tuning == Tuning(total=-60)


def test_three_walks_of_which_nothing_was_told_take_nothing_away() -> None:
    silent = book(*(outcome(day, answers=UNASKED) for day in (0, 2, 4, 6)))
    assert course(silent, 8).tuning == Tuning()
    assert stand(silent, Level.L0, at(8)).hold_until == 0


def test_after_a_red_walk_the_next_one_is_easier_and_only_that_one() -> None:
    assert "effort 8" in stand(book(outcome(0, answers=TOO_MUCH)), Level.L0, at(2)).ease
    assert stand(book(outcome(0, answers=TOO_MUCH), outcome(2)), Level.L0, at(4)).ease == ""


# --- levels lost ---------------------------------------------------------------------------------------------------


def test_a_second_red_walk_within_14_days_costs_a_level_once() -> None:
    reds = (outcome(0, answers=TOO_MUCH), outcome(14, answers=TOO_MUCH))
    now = stand(book(*reds, level=Level.L2), Level.L2, at(16))
    assert (now.level, now.level_since, now.why) == (Level.L1, at(14), "two red walks within 14 days")
    after = replace(book(*reds, level=Level.L1), level_since=now.level_since)
    assert stand(after, Level.L1, at(16)).level is Level.L1


def test_two_red_walks_further_apart_cost_nothing() -> None:
    reds = (outcome(0, answers=TOO_MUCH), outcome(7), outcome(14.1, answers=TOO_MUCH))
    assert stand(book(*reds, level=Level.L2), Level.L2, at(16)).level is Level.L2


def test_red_walks_of_another_level_are_over() -> None:
    reds = (outcome(0, answers=TOO_MUCH), outcome(6, answers=TOO_MUCH))
    assert stand(book(*reds, level=Level.L2, since=1), Level.L2, at(8)).level is Level.L2


@pytest.mark.parametrize(("days", "level", "shorter", "greens"), [(7, 2, False, 2), (8, 2, False, 0), (13, 2, False, 0),
                         (14, 2, True, 0), (27, 2, True, 0), (28, 1, True, 0)])  # fmt: skip
def test_a_gap_costs_what_was_practised(days: int, level: int, shorter: bool, greens: int) -> None:
    now = stand(book(outcome(0), outcome(2), level=Level.L2), Level.L2, at(2 + days))
    assert (now.level, bool(now.shorter), now.courses[STEPS].greens) == (level, shorter, greens)


def test_after_28_days_learning_begins_anew() -> None:
    walks = [outcome(day) for day in range(0, 12, 2)]
    assert stand(book(*walks), Level.L0, at(12)).learning == 0
    assert stand(book(*walks), Level.L0, at(10 + 28)).learning == 5
    assert stand(book(*walks, outcome(40)), Level.L0, at(42)).learning == 4


def test_a_walk_that_was_over_before_its_first_step_ends_no_gap() -> None:
    past = book(outcome(0), stopped(Stop.LINK, 20, done=0), level=Level.L2)
    assert stand(past, Level.L2, at(28)).level is Level.L1


def test_level_0_is_the_lowest() -> None:
    assert stand(book(outcome(0)), Level.L0, at(40)).level is Level.L0


# --- weeks ---------------------------------------------------------------------------------------------------------


def test_a_week_begins_on_monday() -> None:
    assert week_begin(week_of(MONDAY)) == MONDAY
    assert week_of(MONDAY + 7 * DAY - 1) == week_of(MONDAY) == week_of(MONDAY - 1) + 1


def test_the_first_week_may_have_two_whole_walks_of_the_level() -> None:
    assert stand(book(), Level.L0, at(0)).week_cap == 480
    assert stand(book(), Level.L2, at(0)).week_cap == 1800


@pytest.mark.parametrize(("best", "cap"), [(60, 240), (1800, 1980), (1801, 1981), (2400, 2640)])
def test_a_week_grows_by_a_tenth_or_three_minutes(best: int, cap: int) -> None:
    past = book(outcome(0, total=best), outcome(7, total=50), outcome(14, total=40))
    assert stand(past, Level.L0, at(21)).week_cap == cap
    assert stand(past, Level.L0, at(28)).week_cap == 50 + 180


def test_minutes_of_a_grey_walk_count_for_the_week() -> None:
    now = stand(book(stopped(Stop.LINK, 0, done=90)), Level.L0, at(1))
    assert (now.week_done, now.week_walks) == (90, 0)


# --- the rest of a walk --------------------------------------------------------------------------------------------


def test_the_rest_of_an_interrupted_walk_makes_it_whole() -> None:
    rest = outcome(0.02, total=90)
    reads = read(book(stopped(Stop.LINK, 0), rest).walked)
    assert [(one.colour, one.walked.outcome.done, one.walked.outcome.planned.total) for one in reads] == [
        (Colour.GREEN, 180, 180)
    ]


def test_a_rest_that_is_interrupted_too_waits_for_its_own_rest() -> None:
    parts = (stopped(Stop.LINK, 0, done=60), stopped(Stop.MACHINE, 0.02, total=120, done=60), outcome(0.04, total=60))
    assert [one.colour for one in read(book(*parts[:2]).walked)] == [Colour.GREY]
    assert [one.colour for one in read(book(*parts).walked)] == [Colour.GREEN]


def test_two_days_later_it_is_another_walk() -> None:
    assert len(read(book(stopped(Stop.LINK, 0), outcome(2)).walked)) == 2


def test_what_hurt_in_the_first_part_is_not_made_whole() -> None:
    assert read(book(outcome(0, done=90, stops=(Stop.LINK, Stop.UNWELL)), outcome(0.02)).walked)[0].colour is Colour.RED


# --- levels offered ------------------------------------------------------------------------------------------------

FIVE = tuple(outcome(day) for day in (0, 2, 4, 7, 9))


def missing(past: Book, day: float, person: Person) -> tuple[str, ...]:
    return level_up(stand(past, person.level, at(day)), person, at(day)).missing


def test_a_level_is_offered_when_nothing_is_missing() -> None:
    up = level_up(stand(book(*FIVE), Level.L0, at(11)), Person(), at(11))
    assert (up.offered, up.level) == (True, Level.L1)


@pytest.mark.parametrize(
    ("walks", "words"),
    [
        (FIVE[:4], "1 more walk at level 0"),
        ((*FIVE[:3], outcome(7, answers=HARD), outcome(9, answers=HARD)), "3 green walks among the last 4 (2 so far)"),
        (tuple(replace(one, planned=replace(one.planned, total=120), done=120) for one in FIVE), "3:00 backward"),
    ],
)
def test_what_is_missing_for_a_level_is_said(walks: tuple[Outcome, ...], words: str) -> None:
    found = missing(book(*walks), 11, Person())
    assert len(found) == 1
    assert words in found[0]


def test_level_1_and_above_take_14_days() -> None:
    walks = tuple(outcome(day, total=360) for day in (0, 2, 4, 7, 9))
    past, person = book(*walks, level=Level.L1, since=-1), Person(level=Level.L1)
    assert missing(past, 12, person) == ("1 more days at level 1",)
    assert missing(past, 13, person) == ()


def test_walks_of_another_level_do_not_count() -> None:
    assert "4 more walks" in missing(book(*FIVE, since=8.5), 11, Person())[0]


@pytest.mark.parametrize("person", [Person(level=Level.L2, age=65), Person(level=Level.L2, fell_past_year=True),
                                    Person(level=Level.L4)])  # fmt: skip
def test_some_levels_are_the_highest(person: Person) -> None:
    walks = tuple(outcome(day, total=1800) for day in (0, 2, 4, 7, 9))
    up = level_up(stand(book(*walks, level=person.level), person.level, at(20)), person, at(20))
    assert (up.level, up.offered) == (None, False)
    assert "highest" in up.missing[0]


def test_a_lost_link_costs_nothing_on_the_way_to_a_level() -> None:
    lost = tuple(stopped(Stop.LINK, day + 1, done=50) for day in (0, 2, 4, 7))
    walks = sorted((*FIVE, *lost), key=lambda one: one.at)
    assert missing(book(*walks), 11, Person()) == ()


# --- the book ------------------------------------------------------------------------------------------------------


def test_a_walk_that_was_offered_is_known_by_name_and_length() -> None:
    past = replace(book(), offered=None)
    assert not entered(past, outcome()).walked[0].full


def test_a_word_takes_back_a_key_and_never_a_fall() -> None:
    past = book(stopped(Stop.CHOICE), stopped(Stop.SAFETY, 2), stopped(Stop.FALL, 4))
    for one in past.walked:
        past = with_word(past, one.outcome.session, Stop.SLIP)
    stops = [one.outcome.stops for one in as_told(past, {}).walked]
    assert stops == [(Stop.SLIP,), (Stop.SLIP,), (Stop.FALL,)]


def test_pain_told_on_the_belt_stays_when_less_is_told_afterwards() -> None:
    past = book(outcome(answers=replace(UNASKED, pain_after=5)))
    session = past.walked[0].outcome.session
    told = as_told(past, {session: replace(UNASKED, pain_after=1, effort=3)}).walked[0].outcome.answers
    assert (told.pain_after, told.effort) == (5, 3)


def test_a_level_set_by_another_hand_counts_from_now() -> None:
    past = book(level=Level.L1, since=-20)
    assert seen_at(past, Level.L1, at(3)) == past
    assert seen_at(past, Level.L2, at(3)).level_since == at(3)
