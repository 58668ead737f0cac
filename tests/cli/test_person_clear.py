"""Lifting a lock, as a person does it: what is listed, what is asked, and what no answer lifts."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest

from tests.cli.at_the_terminal import dialogue
from treadctl.cli import main
from treadctl.files.locks import add_lock, load_locks
from treadctl.files.person import load_person
from treadctl.model.locks import Lock
from treadctl.model.person import Concern
from treadctl.paths import real_paths

NOW = date.today()
TODAY, YESTERDAY, WEEK_AGO = NOW.isoformat(), (NOW - timedelta(1)).isoformat(), (NOW - timedelta(7)).isoformat()
TOMORROW = (NOW + timedelta(1)).isoformat()
UNWELL = Lock("unwell", "you felt unwell or nearly fell", since=YESTERDAY)
UNITS = Lock("units:AA:BB:CC:00:00:01", "this machine reads km/h as another unit", since=YESTERDAY)
PAIN = Lock("pain", "it hurt 6 of 10 or more today", TOMORROW, TODAY)


def locked(*locks: Lock) -> None:
    for lock in locks:
        add_lock(real_paths().locks, lock)


def names() -> list[str]:
    return [lock.name for lock in load_locks(real_paths().locks)]


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_the_list_says_what_is_locked_since_when_why_and_what_would_lift_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert said(capsys, "person", "clear")[:2] == (0, "Nothing is locked.\n")
    locked(UNWELL, Lock("fall", "you fell", since=YESTERDAY), PAIN, UNITS, Lock("pain2", "over", YESTERDAY))
    code, out, _ = said(capsys, "person", "clear")
    assert code == 0 and out.splitlines() == [
        f"unwell since {YESTERDAY}: {UNWELL.reason}", f"  not before {TODAY}: treadctl person clear unwell",
        f"fall since {YESTERDAY}: you fell",
        f"  not before {(NOW + timedelta(6)).isoformat()}: treadctl person clear fall",
        f"pain since {TODAY}, until {TOMORROW}: {PAIN.reason}",
        f"  strong pain ends the day: it opens by itself on {TOMORROW}",
        f"{UNITS.name} since {YESTERDAY}: {UNITS.reason}",
        "  only learning the treadmill again opens it: treadctl commission --machine AA:BB:CC:00:00:01",
    ]  # fmt: skip


def test_a_hostile_lock_is_shown_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    locked(Lock("a\x1b[31m", "b\u202e", "9999-01-01\x07", "c\n"))
    _, out, _ = said(capsys, "person", "clear")
    assert "a\\x1b[31m" in out and "b\\u202e" in out and "\x1b" not in out and "\x07" not in out


def test_after_dizziness_a_professional_and_a_good_day_are_needed() -> None:
    locked(UNWELL)
    for professional, well in (("n", None), ("y", "n")):
        with dialogue("person", "clear", "unwell") as one:
            one.answer("Which of these?", "1")
            one.answer("Has a doctor or therapist said", professional)
            if well is not None:
                one.answer("well and steady today?", well)
            code, shown = one.end()
        assert (code, names()) == (6, ["unwell"]) and "Still locked, unwell:" in shown
    with dialogue("person", "clear", "unwell") as one:
        one.answer("Which of these?", "1")
        one.answer("Has a doctor or therapist said", "y")
        one.answer("well and steady today?", "y")
        one.answer("Who said so?", "Dr. Ada")
        code, shown = one.end()
    assert (code, names()) == (0, []) and "Cleared: unwell." in shown
    fact = load_person(real_paths().person).facts[-1]
    assert (fact.what, fact.by) == ("lock cleared: dizzy or faint", "Dr. Ada")


def test_on_the_same_day_nothing_is_asked_and_nothing_lifted() -> None:
    locked(Lock("unwell", "why", since=TODAY))
    with dialogue("person", "clear", "unwell") as one:
        one.answer("Which of these?", "3")
        code, shown = one.end()
    assert (code, names()) == (6, ["unwell"]) and f"not before {TOMORROW}, whatever" in shown


def test_a_lock_without_its_day_counts_from_the_last_change_of_the_file() -> None:
    locked(Lock("fall", "why"))
    with dialogue("person", "clear", "fall") as one:
        code, shown = one.end()
    assert (code, names()) == (6, ["fall"]) and f"fall since {TODAY}" in shown
    assert f"not before {(NOW + timedelta(7)).isoformat()}" in shown


def test_chest_pain_tells_to_call_for_help_before_anything_is_asked() -> None:
    locked(UNWELL)
    with dialogue("person", "clear", "unwell") as one:
        one.answer("Which of these?", "2")
        one.answer("call your emergency number", "n")
        code, shown = one.end()
    assert (code, names()) == (6, ["unwell"]) and "see a doctor first" in shown


def test_a_near_fall_asks_for_its_reason() -> None:
    locked(UNWELL)
    with dialogue("person", "clear", "all") as one:
        one.answer("Which of these?", "5")
        one.answer("Type a number from 1 to 4.", "3")
        one.answer("Do you know why you stumbled", "y")
        one.answer("free of dizziness", "y")
        one.answer("well and steady today?", "y")
        assert one.end()[0] == 0
    assert names() == []


def test_a_fall_that_was_told_as_unwell_is_locked_as_a_fall() -> None:
    locked(UNWELL, UNITS)
    with dialogue("person", "clear", "unwell") as one:
        one.answer("Which of these?", "4")
        code, shown = one.end()
    assert code == 6 and names() == [UNITS.name, "fall"]
    assert load_locks(real_paths().locks)[1].since == YESTERDAY
    assert f"Still locked, fall: not before {(NOW + timedelta(6)).isoformat()}" in shown


def test_after_seven_days_a_fall_is_lifted_and_leaves_its_flag() -> None:
    locked(Lock("fall", "you fell", since=WEEK_AGO))
    with dialogue("person", "clear", "fall") as one:
        one.answer("Has a doctor or therapist said", "y")
        one.answer("well and steady today?", "y")
        one.answer("Who said so?", "Dr. Ada")
        assert one.end()[0] == 0
    person = load_person(real_paths().person)
    assert (names(), person.fell_past_year, person.concerns, person.clinician) == (
        [], True, (Concern.FALL,), "Dr. Ada",
    )  # fmt: skip


def test_what_no_answer_lifts_stays_and_the_others_are_still_asked_for() -> None:
    locked(PAIN, UNITS, UNWELL, Lock("meteor", "of a newer version", since=YESTERDAY))
    with dialogue("person", "clear", "all") as one:
        one.answer("Which of these?", "3")
        one.answer("Do you know why you stumbled", "y")
        one.answer("free of dizziness", "y")
        one.answer("well and steady today?", "y")
        code, shown = one.end()
    assert (code, names()) == (6, ["pain", UNITS.name, "meteor"])
    assert "treadctl commission" in shown and "opens by itself" in shown and "with the version that made it" in shown


def test_whoever_leaves_lifts_nothing_more() -> None:
    locked(UNWELL, Lock("fall", "you fell", since=WEEK_AGO))
    with dialogue("person", "clear", "all") as one:
        one.leave("Which of these?")
        code, shown = one.end()
    assert (code, names(), shown.count("Nobody answered")) == (6, ["unwell", "fall"], 1)


def test_a_lock_that_came_meanwhile_is_not_lifted_with_the_old_one() -> None:
    locked(UNWELL)
    with dialogue("person", "clear", "unwell") as one:
        one.answer("Which of these?", "3")
        locked(Lock("unwell", "again", since=TODAY))
        for question in ("Do you know why", "free of dizziness", "well and steady"):
            one.answer(question, "y")
        code, shown = one.end()
    assert (code, names()) == (6, ["unwell"]) and "changed meanwhile" in shown


@pytest.mark.parametrize("fell", [True, False])
def test_an_unreadable_file_is_kept_and_what_is_remembered_is_locked_again(fell: bool) -> None:
    path = real_paths().locks
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("junk")
    with dialogue("person", "clear", "unreadable") as one:
        one.answer("Have you fallen", "y" if fell else "n")
        one.answer("dizzy, with chest pain", "n")
        one.answer("set aside", "n")
        assert one.end()[0] == 6
    assert names() == ["unreadable"]
    with dialogue("person", "clear", "unreadable") as one:
        one.answer("Have you fallen", "y" if fell else "n")
        one.answer("dizzy, with chest pain", "n")
        one.answer("set aside", "y")
        assert one.end()[0] == 0
    assert names() == (["fall"] if fell else [])
    assert path.with_name("locks.json.damaged").read_text() == "junk"


def test_no_pipe_and_no_flag_lifts_a_lock(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    locked(UNWELL)
    monkeypatch.setattr("sys.stdin", io.StringIO("3\ny\ny\ny\n"))
    assert said(capsys, "person", "clear", "unwell")[0] == 2
    assert said(capsys, "person", "clear", "unwell", "--yes")[0] == 2
    assert names() == ["unwell"]


def test_an_unknown_name_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    locked(UNWELL, UNITS)
    code, _, err = said(capsys, "person", "clear", "fall")
    assert code == 2 and f"unwell, {UNITS.name}" in err
