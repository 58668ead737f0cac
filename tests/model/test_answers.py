"""What the walker says at standstill, one key an answer."""

from __future__ import annotations

import pytest

from treadctl.model.answers import (
    ACCIDENT,
    AFTER_WALK,
    BY_HAND,
    MEANT,
    PAIN_BEFORE,
    UNASKED,
    Answers,
    Interview,
    Morning,
    after_walk,
    answered,
    interview_after,
    morning_question,
)
from treadctl.model.api import Asking, Question, Summary
from treadctl.model.units import Speed


def test_three_questions_are_asked_after_the_walk_one_key_each() -> None:
    interview = Interview(answered(UNASKED, "pain-before", "2"))
    for key in ("4", "3", "5"):
        assert interview.question is not None and interview.question.asking is Asking.CHOICE
        interview = interview.answer(key)
    assert interview.question is None
    assert interview.answers == Answers(effort=4, pain_before=2, pain_after=3, confidence=5)


def summary(reason: str, *, finished: bool = False) -> Summary:
    return Summary(finished, reason, 60_000, 0, 60_000, 0.0, 16.0, 1, Speed(100), pain_before=2)


@pytest.mark.parametrize("reason", sorted(BY_HAND))
def test_a_walk_that_a_hand_ended_is_asked_for_the_accident_last(reason: str) -> None:
    interview = interview_after(summary(reason))
    for key in ("4", "3", "5"):
        assert interview.question is not MEANT
        interview = interview.answer(key)
    assert interview.question is MEANT
    with pytest.raises(ValueError, match="answers no question"):
        interview.answer("x")
    assert interview.answer(ACCIDENT).slip and not interview.answer("y").slip and not interview.answer("-").slip
    assert interview.answer(ACCIDENT).answers == Answers(effort=4, pain_before=2, pain_after=3, confidence=5)


def test_a_walk_that_ended_otherwise_is_not() -> None:
    assert after_walk(summary("Connection lost. Feet on the rails. Press stop.")) == AFTER_WALK
    assert after_walk(summary("You pressed stop.", finished=True)) == AFTER_WALK


def test_what_is_skipped_stays_unknown() -> None:
    interview = Interview()
    for _ in AFTER_WALK:
        interview = interview.answer("-")
    assert (interview.answers, interview.question) == (UNASKED, None)
    with pytest.raises(ValueError, match="nothing is asked"):
        interview.answer("1")


def test_sharp_pain_and_all_you_had_are_ten() -> None:
    assert answered(UNASKED, "pain-before", "s").pain_before == 10
    assert answered(UNASKED, "pain-after", "s").pain_after == 10
    assert answered(UNASKED, "effort", "m").effort == 10


def test_pain_before_the_walk_cannot_be_skipped() -> None:
    with pytest.raises(ValueError, match="answers no question"):
        answered(UNASKED, "pain-before", "-")


@pytest.mark.parametrize(("id", "key"), [("effort", "x"), ("confidence", "0"), ("pain", "1"), ("morning", "x")])
def test_a_key_that_is_no_choice_is_refused(id: str, key: str) -> None:
    with pytest.raises(ValueError, match=r"answers no question|is no morning"):
        answered(UNASKED, id, key)


@pytest.mark.parametrize("question", [PAIN_BEFORE, *AFTER_WALK], ids=lambda question: question.id)
def test_every_choice_that_is_offered_is_taken(question: Question) -> None:
    for choice in question.choices:
        said = answered(UNASKED, question.id, choice.key)
        assert (said == UNASKED) is (choice.label == "skip")


@pytest.mark.parametrize(
    ("walked", "today", "text"),
    [
        ("2026-11-17", "2026-11-18", "Morning after Tuesday: worse, same, better?"),
        ("2026-11-22", "2026-11-28", "Morning after Sunday: worse, same, better?"),
        ("2026-11-22", "2026-11-22", None), ("2026-11-22", "2026-11-29", None), ("2026-11-22", "2026-11-21", None),
        ("", "2026-11-22", None), ("2026-11-22", "soon", None),
    ],
)  # fmt: skip
def test_the_morning_after_is_asked_for_within_the_week(walked: str, today: str, text: str | None) -> None:
    question = morning_question(walked, today)
    assert (None if question is None else question.text) == text


def test_the_morning_is_one_key() -> None:
    question = morning_question("2026-11-17", "2026-11-18")
    assert question is not None
    said = [answered(UNASKED, "morning", choice.key).morning for choice in question.choices]
    assert said == [Morning.WORSE, Morning.SAME, Morning.BETTER, None]


@pytest.mark.parametrize("wrong", [(11,), (None, -1), (None, None, 11), (None, None, None, 0), (None, None, None, 6)])
def test_a_number_off_its_scale_is_no_answer(wrong: tuple[int | None, ...]) -> None:
    with pytest.raises(ValueError, match=" is "):
        Answers(*wrong)  # type: ignore[arg-type]  # the morning is not among them
