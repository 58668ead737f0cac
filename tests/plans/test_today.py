"""What a plan offers: its weeks and gates, rest days, easier and shorter walks, and never nothing for ever."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.plans.made import TOO_MUCH, at, book, outcome
from treadctl.files.plans import find_plan, programs_of
from treadctl.model.outcome import Outcome, Stop, week_begin, week_of
from treadctl.model.person import Attested, Level, Person
from treadctl.model.plan import Book
from treadctl.model.program import Program
from treadctl.model.units import Speed
from treadctl.plans.book import entered
from treadctl.plans.editing import dose
from treadctl.plans.today import EASIER, PACE_FINDER, Offer, Today, Wait, today

L2 = Person(level=Level.L2, age=40)
PROGRAMS: dict[str, dict[str, Program]] = {}


def asked(name: str, past: Book, day: float, person: Person = Person(), locked: str = "") -> Today:  # noqa: B008 - frozen
    if name not in PROGRAMS:
        PROGRAMS[name] = programs_of(find_plan(name), PACE_FINDER, *EASIER.values())
    return today(find_plan(name), past, PROGRAMS[name], person, at(day), locked)


def offered(said: Today) -> Offer:
    assert isinstance(said.next, Offer), said.next
    return said.next


def waits(said: Today) -> Wait:
    assert isinstance(said.next, Wait), said.next
    return said.next


def walk(plan: str, file: str, day: float, **more: object) -> Outcome:
    """A whole walk of this plan's profile as it is written."""
    asked(plan, book(), 0)
    program = PROGRAMS[plan][file]
    planned = dose(program)
    return replace(outcome(day, profile=program.name, planned=planned, done=planned.total), **more)  # type: ignore[arg-type]


def followed(*walks: Outcome, level: Level = Level.L0, since: float = -30) -> Book:
    return book(*(replace(one, level=level) for one in walks), level=level, since=since)


# --- weeks ---------------------------------------------------------------------------------------------------------


def test_the_starter_begins_with_the_first_minute() -> None:
    said = asked("starter", book(), 0)
    assert (offered(said).file, offered(said).changes) == ("first-minute", ())
    assert (said.place.week, said.place.walks) == (0, 0)


def test_a_week_goes_on_walk_by_walk_and_the_next_one_after_it() -> None:
    first = [walk("starter", "first-minute", 0), walk("starter", "first-steps-2", 2), walk("starter", "one-in-ten", 4)]
    assert offered(asked("starter", followed(*first[:1]), 2)).file == "first-steps-2"
    said = asked("starter", followed(*first), 7)
    assert (said.place.week, offered(said).file) == (1, "first-steps")


def test_a_week_that_lacks_one_walk_may_be_enough() -> None:
    two = [walk("starter", "first-minute", 0), walk("starter", "first-steps-2", 2)]
    assert asked("starter", followed(*two), 4).place.week == 0
    assert asked("starter", followed(*two), 7).place.week == 1
    assert asked("starter", followed(*two[:1]), 7).place.week == 0


def test_a_week_that_needs_a_level_is_not_skipped_to_and_not_waited_for() -> None:
    walks = [walk("starter", "first-steps", day) for day in (7, 9, 11)]
    first = [walk("starter", "first-minute", 0), walk("starter", "first-steps-2", 2)]
    said = asked("starter", followed(*first, *walks), 14)
    assert (said.place.week, said.place.again) == (1, "the next week needs level 1")
    assert offered(said).file == "first-steps"
    assert asked("starter", followed(*first, *walks), 14, Person(level=Level.L1)).place.week == 2


def test_a_gate_of_greens_holds_the_next_week() -> None:
    def week(*answers: bool) -> list[Outcome]:
        return [walk("four-week-30", "four-week-30-w1", 2 * n, done=720 if ok else 540) for n, ok in enumerate(answers)]

    person = Person(level=Level.L3, age=40)
    shut = asked("four-week-30", followed(*week(True, False, False), level=Level.L3), 7, person)
    assert (shut.place.week, "2 green walks" in shut.place.again) == (0, True)
    assert asked("four-week-30", followed(*week(True, False, True), level=Level.L3), 7, person).place.week == 1


def test_a_plan_that_is_done_goes_on_with_its_last_week() -> None:
    person = Person(level=Level.L1, age=40, attested=(Attested.SPOTTER,))
    walks = [walk("balance-10", "ten-for-balance", 7 * week + day) for week in range(6) for day in (0, 2)]
    said = asked("balance-10", followed(*walks, level=Level.L1), 42, person)
    assert said.place.week == 4
    assert "the plan is done" in said.place.again
    assert isinstance(said.next, Offer)


def test_walks_before_the_plan_was_begun_do_not_move_it_on() -> None:
    past = replace(followed(walk("starter", "first-minute", 0)), begun=at(1))
    assert asked("starter", past, 7).place.walks == 0


# --- rest ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "hours"), [(Level.L0, 48), (Level.L2, 48), (Level.L3, 24)])
def test_rest_comes_between_two_walks(level: Level, hours: int) -> None:
    past, person = followed(walk("starter", "one-in-ten", 0), level=level), Person(level=level, age=40)
    said = waits(asked("starter", past, hours / 24 - 0.01, person))
    assert said.until == at(hours / 24)
    assert isinstance(asked("starter", past, hours / 24, person).next, Offer)


def test_a_week_has_no_more_walks_than_its_plan() -> None:
    past = followed(*(walk("starter", "one-in-ten", day) for day in (0, 2, 4)))
    said = waits(asked("starter", past, 6))
    assert (said.until, "enough" in said.reason) == (week_begin(week_of(at(7))), True)


def test_a_full_week_says_until_when() -> None:
    """A level 2 walker with 6 minutes a week may have 9: one walk of 10 is shortened, a second one waits."""
    before = walk("regular", "walk-plus-5", -7, done=300)
    short = offered(asked("regular", followed(before, level=Level.L2), 0, L2))
    assert (dose(short.program).total, short.full) == (300, True)
    past = followed(before, replace(walk("regular", "walk-plus-5", 0), session="a"), level=Level.L2)
    later = asked("regular", past, 2, L2)
    assert dose(offered(later).program).total == 480 - 300
    assert not offered(later).full
    assert any("Shortened" in text for text in offered(later).changes)
    two = walk("regular", "walk-plus-5", 0), walk("regular", "walk-plus-5", 2, done=170)
    assert waits(asked("regular", followed(before, *two, level=Level.L2), 4, L2)).until == week_begin(week_of(at(7)))


def test_seven_days_of_rest_follow_a_fall_whatever_is_cleared() -> None:
    past = followed(outcome(0, done=30, stops=(Stop.FALL,)))
    assert waits(asked("starter", past, 6.9)).until == at(7)
    assert isinstance(asked("starter", past, 7).next, Offer)


def test_a_lock_and_a_stop_question_come_first() -> None:
    assert waits(asked("starter", book(), 0, locked="you fell")).reason == "you fell"
    assert "under 13" in waits(asked("starter", book(), 0, Person(age=12))).reason


# --- easier, shorter, further --------------------------------------------------------------------------------------


def test_two_greens_move_one_thing_one_step() -> None:
    person = Person(level=Level.L1, age=40, attested=(Attested.SPOTTER,))
    one = walk("balance-10", "ten-for-balance", 0)
    past = followed(one, replace(one, at=at(2), session="b"), level=Level.L1)
    said = offered(asked("balance-10", past, 7, person))
    assert said.changes == ("Backward 7:00 in all in place of 6:00.",)
    assert (said.tuning.total, said.full) == (60, True)


def test_the_next_book_knows_the_walk_that_was_offered() -> None:
    said = offered(asked("starter", book(), 0))
    past = replace(book(), offered=said.as_offered)
    assert entered(past, walk("starter", "first-minute", 0)).walked[0].full
    assert not entered(past, walk("starter", "first-steps-2", 0)).walked[0].full


def test_after_a_red_walk_everything_is_easier() -> None:
    said = offered(asked("starter", followed(walk("starter", "first-steps", 0, answers=TOO_MUCH)), 2))
    assert not said.full
    assert dose(said.program).speed == 80
    assert "effort 8" in said.changes[0]


def test_after_two_weeks_the_walk_is_shorter() -> None:
    said = offered(asked("starter", followed(walk("starter", "one-in-ten", 0), walk("starter", "first-steps", 2)), 17))
    assert dose(said.program).total < dose(PROGRAMS["starter"][said.file]).total or said.file == "first-minute"
    assert not said.full or said.file == "first-minute"


def test_an_interrupted_walk_offers_its_rest_on_the_same_day() -> None:
    past = followed(walk("starter", "first-steps", 0, done=80, stops=(Stop.LINK,)))
    said = offered(asked("starter", past, 0.02))
    assert dose(said.program).total <= 100
    assert "The rest of the walk that was interrupted" in said.changes[0]


def test_less_than_half_a_walk_is_no_reason_to_wait() -> None:
    past = followed(walk("starter", "first-steps", 0, done=10, stops=(Stop.LINK,)))
    assert isinstance(asked("starter", past, 1.1).next, Offer)
    past = followed(walk("starter", "first-steps", 0, done=100, stops=(Stop.LINK,)))
    assert isinstance(asked("starter", past, 1.1).next, Wait)


# --- people --------------------------------------------------------------------------------------------------------


def test_whoever_may_not_do_what_a_plan_asks_for_is_offered_something_else() -> None:
    said = offered(asked("knee-6", followed(level=Level.L2), 0, L2))
    assert said.file == "walk-plus-10"
    assert "clinician" in said.notes[0]
    knows = replace(L2, clinician="Dr A")
    assert offered(asked("knee-6", followed(level=Level.L2), 0, knows)).file == "knee-care-10"


def test_an_older_walker_is_offered_a_slower_copy_and_smaller_steps() -> None:
    person = Person(level=Level.L2, age=70, comfortable_forward=Speed(300))
    said = offered(asked("regular", followed(level=Level.L2), 0, person))
    assert dose(said.program).speed <= 150
    past = followed(level=Level.L2)
    for week in range(3):
        past = entered(past, walk("regular", "walk-plus-5", 7 * week))
    assert asked("regular", past, 21, person).up.level is None


def test_any_green_profile_is_the_one_that_went_well_last() -> None:
    programs = programs_of(find_plan("30-days"), "walk-plus-5", *EASIER.values())
    past = followed(walk("regular", "walk-plus-5", 0), level=Level.L2)
    said = today(find_plan("30-days"), past, programs, L2, at(2))
    assert isinstance(said.next, Offer)
    assert said.next.file == "walk-plus-5"
    assert offered(asked("30-days", book(), 0)).file == "first-steps"


def test_the_plan_says_what_may_stand_in_and_what_is_due() -> None:
    walks = [walk("knee-6", "knee-care-10", 7 * week + day) for week in range(4) for day in (0, 2, 4)]
    person = replace(L2, clinician="Dr A", attested=(Attested.INCLINE,))
    notes = offered(asked("knee-6", followed(*walks, level=Level.L2), 28, person)).notes
    assert any("may stand in" in note for note in notes)
    assert any("due again" in note for note in notes)


def test_a_stopped_walk_of_choice_is_no_reason_for_its_rest() -> None:
    past = followed(walk("starter", "first-steps", 0, done=80, stops=(Stop.CHOICE,)))
    assert isinstance(asked("starter", past, 0.02).next, Wait)


