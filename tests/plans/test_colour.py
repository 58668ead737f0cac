"""The colour of a walk, each rule of it by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.plans.made import WELL, outcome, stopped
from treadctl.model.answers import UNASKED, Answers, Morning
from treadctl.model.outcome import Outcome, Stop
from treadctl.plans.colour import Colour, judge


def told(**answers: object) -> Outcome:
    return outcome(answers=replace(WELL, **answers))  # type: ignore[arg-type]


def test_a_whole_easy_walk_is_green() -> None:
    assert judge(outcome()).colour is Colour.GREEN
    assert judge(outcome(done=162)).colour is Colour.GREEN  # nine tenths of 180 s
    least = told(effort=4, pain_before=2, pain_after=2, confidence=4, morning=Morning.BETTER)
    assert judge(least).colour is Colour.GREEN


@pytest.mark.parametrize(
    "one",
    [
        outcome(done=161), told(effort=5), told(effort=6), told(pain_after=1), told(pain_before=3, pain_after=3),
        told(pain_before=5, pain_after=5), told(confidence=3), outcome(over_heart=10), stopped(Stop.HEART, done=170),
        stopped(Stop.CHOICE, done=100), stopped(Stop.CHOICE, done=0), stopped(Stop.PAIN, done=130),
    ],
)  # fmt: skip
def test_a_walk_that_was_not_quite_right_is_amber(one: Outcome) -> None:
    assert judge(one).colour is Colour.AMBER
    assert not judge(one).untold


@pytest.mark.parametrize(
    "one",
    [
        told(effort=7), told(pain_before=6, pain_after=6), told(pain_after=2), told(pain_before=2, pain_after=4),
        told(morning=Morning.WORSE), told(confidence=2), stopped(Stop.SAFETY), stopped(Stop.NEAR_FALL),
        stopped(Stop.UNWELL, done=180), stopped(Stop.FALL), stopped(Stop.PAIN, done=125), stopped(Stop.HEART, done=100),
    ],
)  # fmt: skip
def test_a_walk_that_was_too_much_is_red(one: Outcome) -> None:
    assert judge(one).colour is Colour.RED
    assert judge(one).because


@pytest.mark.parametrize("why", [Stop.LINK, Stop.MACHINE, Stop.SLIP])
@pytest.mark.parametrize("done", [0, 90, 161])
def test_a_walk_that_something_else_ended_is_grey(why: Stop, done: int) -> None:
    assert judge(stopped(why, done=done)).colour is Colour.GREY
    assert judge(stopped(why, done=done, answers=UNASKED)).colour is Colour.GREY


def test_a_link_that_was_lost_after_the_walking_changes_nothing() -> None:
    assert judge(stopped(Stop.LINK, done=175)).colour is Colour.GREEN


def test_a_lost_link_does_not_hide_that_it_hurt() -> None:
    assert judge(stopped(Stop.LINK, answers=replace(WELL, pain_after=7))).colour is Colour.RED
    assert judge(outcome(done=90, stops=(Stop.LINK, Stop.FALL))).colour is Colour.RED


def test_a_key_pulled_because_the_link_was_lost_is_no_fault_of_the_walker() -> None:
    assert judge(outcome(done=90, stops=(Stop.LINK, Stop.SAFETY))).colour is Colour.GREY


@pytest.mark.parametrize("missing", ["effort", "pain_before", "pain_after", "confidence", "morning"])
def test_what_was_not_told_is_never_taken_for_good(missing: str) -> None:
    judged = judge(told(**{missing: None}))
    assert judged.colour is Colour.AMBER
    assert judged.untold
    when = "up to 6 days later" if missing == "morning" else "asked only when you walk"
    assert len(judged.because) == 1 and judged.because[0].startswith("not told: ") and when in judged.because[0]


def test_what_was_told_counts_though_the_rest_was_not() -> None:
    assert judge(outcome(answers=Answers(effort=9))).colour is Colour.RED
    assert not judge(outcome(answers=Answers(effort=6))).untold
