"""What clears a lock, and what no answer clears."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.model.clearing import (
    CHEST_ADVICE,
    FALL,
    Trouble,
    after_clearing,
    clearance,
    fallen,
    over,
    recovered,
    since,
    too_early,
)
from treadctl.model.locks import UNREADABLE, Lock
from treadctl.model.person import Concern, Person

UNWELL = Lock("unwell", "why", since="2026-11-20")


def test_a_fall_is_locked_for_seven_days_whatever_is_answered() -> None:
    found = clearance(Lock("fall", "you fell", since="2026-11-20"))
    assert found.earliest == "2026-11-27" and found.names and len(found.steps) == 2
    assert too_early(found.earliest, "2026-11-26") and not too_early(found.earliest, "2026-11-27")


@given(began=st.dates(date(2000, 1, 1), date(2100, 1, 1)), later=st.integers(0, 6))
def test_no_day_within_the_seven_clears_a_fall(began: date, later: int) -> None:
    lock = Lock("fall", "you fell", since=began.isoformat())
    assert too_early(clearance(lock).earliest, (began + timedelta(days=later)).isoformat())


def test_an_end_of_its_own_that_is_later_counts() -> None:
    assert clearance(Lock("fall", "why", "2026-12-24", "2026-11-20")).earliest == "2026-12-24"


@pytest.mark.parametrize("began", ["", "yesterday", "9999-12-31"])
def test_a_fall_of_which_nobody_knows_the_day_is_always_too_early(began: str) -> None:
    assert too_early(clearance(Lock("fall", "why", since=began)).earliest, "2026-11-22")


def test_a_lock_without_its_day_gets_the_one_on_which_its_file_was_written() -> None:
    assert since(Lock("fall", "why"), "2026-11-21").since == "2026-11-21"
    assert since(Lock("fall", "why", since="2026-11-20"), "2026-11-21").since == "2026-11-20"


@pytest.mark.parametrize("trouble", [Trouble.DIZZY, Trouble.CHEST, Trouble.STUMBLED])
def test_what_ended_a_walk_unwell_is_not_cleared_on_the_same_day(trouble: Trouble) -> None:
    found = clearance(UNWELL, trouble)
    assert found.earliest == "2026-11-21" and len(found.steps) >= 2
    assert all(step.text.endswith("?") and step.no for step in found.steps)


def test_chest_pain_says_to_call_for_help_and_needs_a_doctor_by_name() -> None:
    found = clearance(UNWELL, Trouble.CHEST)
    assert found.advice == CHEST_ADVICE and "emergency number" in found.advice
    assert "doctor examined" in found.steps[0].text and found.names
    assert clearance(UNWELL, Trouble.DIZZY).advice == "" and clearance(UNWELL, Trouble.DIZZY).names
    assert not clearance(UNWELL, Trouble.STUMBLED).names


def test_before_it_is_known_what_it_was_there_is_nothing_to_say_yes_to() -> None:
    assert clearance(UNWELL).steps == () and clearance(UNWELL).earliest == "2026-11-21"


def test_pain_opens_by_itself_and_by_nothing_else() -> None:
    lock = Lock("pain", "it hurt", "2026-11-23")
    assert "opens by itself on 2026-11-23" in clearance(lock).refusal
    assert not over(lock, "2026-11-22") and over(lock, "2026-11-23")


def test_a_treadmill_in_the_wrong_unit_is_opened_by_commissioning_only() -> None:
    assert "treadctl commission --machine AA:BB" in clearance(Lock("units:AA:BB", "why")).refusal


def test_a_lock_of_another_version_is_not_cleared_by_this_one() -> None:
    assert clearance(Lock("meteor", "why")).refusal
    assert clearance(UNREADABLE).refusal == ""


def test_a_fall_told_later_counts_from_the_walk_and_never_shortens_another() -> None:
    assert fallen(UNWELL, ()) == Lock("fall", FALL.reason, since="2026-11-20")
    later = Lock("fall", "why", "2026-12-01", "2026-11-22")
    assert (fallen(UNWELL, (later,)).since, fallen(UNWELL, (later,)).until) == ("2026-11-22", "2026-12-01")
    earlier = Lock("fall", "why", since="2026-11-01")
    assert fallen(UNWELL, (earlier,)).since == "2026-11-20"


def test_what_was_in_an_unreadable_file_comes_back_from_today_on() -> None:
    assert recovered(False, False, "2026-11-22") == ()
    both = recovered(True, True, "2026-11-22")
    assert [lock.name for lock in both] == ["fall", "unwell"]
    assert {lock.since for lock in both} == {"2026-11-22"}


def test_a_cleared_fall_leaves_its_flag_and_who_agreed() -> None:
    known = after_clearing(Person(age=40), Lock("fall", "why"), None, "Dr. Ada", "2026-11-30")
    assert known.fell_past_year and known.concerns == (Concern.FALL,) and known.careful
    assert known.backward_refusal is None and known.clinician == "Dr. Ada"
    assert (known.facts[-1].what, known.facts[-1].by) == ("lock cleared: fall", "Dr. Ada")
    again = after_clearing(known, Lock("fall", "why"), None, "Dr. Ada", "2027-01-30")
    assert again.concerns == (Concern.FALL,)


def test_other_cleared_locks_leave_a_line_only() -> None:
    before = Person(age=40)
    known = after_clearing(before, UNWELL, Trouble.DIZZY, "Dr. Ada", "2026-11-30")
    assert known.facts[-1].what == "lock cleared: dizzy or faint"
    assert (known.concerns, known.fell_past_year, known.clinician) == ((), False, "")
