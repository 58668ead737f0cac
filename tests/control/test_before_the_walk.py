"""Checklist, briefing and reach test: nothing is written, and nobody walks backward without a stop key in reach."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.control.rig import Rig
from tests.control.test_prompts_and_questions import Mouth
from treadctl.control.beginning import NOT_STILL, SILENT
from treadctl.control.events import Priority, Say
from treadctl.control.preparation import CHECKLIST, PAINFUL, Handling, Preparation, Step, briefing
from treadctl.control.prompts import NO_REACH, REACH_AGAIN, REACH_FIRST, REACH_NOW
from treadctl.control.reach import REACH_PAUSE, REACH_TURN, REACH_WITHIN
from treadctl.control.script import RETRY
from treadctl.model.answers import PAIN_BEFORE
from treadctl.model.api import Asking, Load
from treadctl.model.program import DeadMill, Facing, OffTreadmill, Program, Segment, Walk, expected_ms, totals
from treadctl.model.units import Ms, Speed

FORWARD = (Walk(Facing.FORWARD, 60, Speed(200)),)
BACKWARD = (Walk(Facing.BACKWARD, 60, Speed(100)),)
SPOKEN = "This programme starts, stops and changes speed by itself."
WALK = Program("walk", FORWARD)


@dataclass
class Prepared:
    """A preparation and its voice. The briefing that is spoken at its begin is left out of `said`."""

    mouth: Mouth
    it: Preparation

    @property
    def said(self) -> list[str]:
        return [words for words in self.mouth.said if words != SPOKEN]

    def answers(self, *choices: str) -> None:
        for choice in choices:
            question = self.it.question()
            assert question is not None and self.it.answer(0, question.id, choice)
        self.it.step(0)

    def heard(self, now: Ms) -> None:
        self.it.spoken(now, self.mouth.id)

    def painless(self) -> Prepared:
        """The question about pain before the walk is answered with none."""
        self.answers("0")
        return self

    def reaching(self) -> Ms:
        """Begun; the first instruction was heard at 2 s and "press now" ended when this says."""
        self.answers("0", "y")
        self.heard(2000)
        self.it.step(2000 + REACH_TURN)
        self.heard(8000)
        return 8000


def prepare(
    segments: tuple[Segment, ...] = BACKWARD, *, checked: bool = True, reached: bool = False, belt: bool = True,
    spotter: bool = False,
) -> Prepared:
    mouth = Mouth()
    made = Preparation(mouth.voice, segments, spotter=spotter, checked=checked, reached=reached, belt=belt)
    return Prepared(mouth, made)


def test_the_checklist_is_asked_line_by_line_and_then_the_briefing() -> None:
    prepared = prepare(FORWARD, checked=False)
    for check in CHECKLIST:
        question = prepared.it.question()
        assert question is not None and (question.id, question.asking) == (check.id, Asking.CHOICE)
        prepared.answers("y")
    assert prepared.it.question() == PAIN_BEFORE
    prepared.answers("1")
    assert prepared.mouth.said == [SPOKEN]
    assert prepared.mouth.effects[-1] == Say(1, SPOKEN, Priority.TECHNIQUE)  # gives way to the first prompt
    question = prepared.it.question()
    assert question is not None and question.id == "begin" and "forward up to 2.0 km/h" in question.detail
    prepared.answers("y")
    assert prepared.it.step_now is Step.READY and prepared.it.newly_checked and prepared.it.question() is None
    assert prepared.it.pain_before == 1


@pytest.mark.parametrize("much", ["6", "9", "s"])
def test_with_much_pain_no_walk_begins(much: str) -> None:
    prepared = prepare(FORWARD)
    prepared.answers(much)
    assert prepared.it.step_now is Step.REFUSED and prepared.it.reason == f"Refused: {PAINFUL}."
    assert prepared.mouth.said == []


def test_the_spoken_briefing_tells_who_starts_the_belt() -> None:
    mouth = Mouth()
    made = Preparation(mouth.voice, FORWARD, spotter=False, checked=True, reached=True, belt=True,
                       handling=Handling(True, True, True))
    Prepared(mouth, made).painless()
    assert mouth.said == ["You start, stop and set the speed at the console."]


def test_before_a_belt_is_pushed_pain_is_asked_and_nothing_is_said_of_starting_by_itself() -> None:
    prepared = prepare((DeadMill(Facing.BACKWARD, 30),), belt=False, spotter=True)
    prepared.answers("y", "0")
    assert prepared.it.step_now is Step.BRIEFING and prepared.mouth.said == []


def test_who_only_steps_off_beside_a_helper_is_asked_for_no_pain() -> None:
    prepared = prepare((OffTreadmill(10),), belt=False, spotter=True)
    prepared.answers("y")
    assert prepared.it.step_now is Step.BRIEFING


def test_one_no_refuses_and_says_what_would_help() -> None:
    prepared = prepare(FORWARD, checked=False)
    prepared.answers("y", "n")
    assert prepared.it.step_now is Step.REFUSED
    assert prepared.it.reason.startswith("Refused: put on closed shoes that hold first")


@pytest.mark.parametrize(
    ("handling", "says", "hides"),
    [
        (Handling(), "This programme starts, stops and changes speed by itself", "link"),
        (Handling(start=True), "Start is pressed at the console; it stops and changes speed by itself", "It starts"),
        (Handling(True, True, True), "You start, stop and set the speed at the console", "link"),
        (Handling(runs_on=True), "If the link is lost, this belt runs on. Pull the key then.", "may run on"),
        (Handling(runs_on=None), "this belt may run on: nobody has tried. Pull the key then.", "belt runs on"),
    ],
)
def test_the_briefing_says_who_does_what_and_what_a_lost_link_means(handling: Handling, says: str, hides: str) -> None:
    told = briefing(totals(FORWARD), expected_ms(FORWARD), handling)
    assert says in told and hides not in told


def test_a_program_without_a_belt_says_nothing_of_links() -> None:
    off = (OffTreadmill(60),)
    assert "link" not in briefing(totals(off), expected_ms(off), Handling(runs_on=None))


def test_a_no_to_the_briefing_ends_it() -> None:
    prepared = prepare(FORWARD).painless()
    prepared.answers("n")
    assert prepared.it.step_now is Step.REFUSED


def test_what_was_not_asked_is_not_answered() -> None:
    prepared = prepare(FORWARD).painless()
    assert not prepared.it.answer(0, "clip", "y") and not prepared.it.answer(0, "begin", "x")
    prepared.answers("y")
    assert not prepared.it.answer(0, "begin", "y")


def test_today_s_checklist_is_not_asked_twice_but_the_helper_is() -> None:
    question = prepare(FORWARD, spotter=True).it.question()
    assert question is not None and question.id == "spotter"


def test_a_program_without_a_belt_needs_no_checklist_and_no_reach_test() -> None:
    prepared = prepare((OffTreadmill(60),), checked=False, belt=False)
    prepared.answers("y")
    assert prepared.it.step_now is Step.READY


def test_the_reach_test_wants_the_stop_key_twice() -> None:
    prepared = prepare()
    now = prepared.reaching()
    prepared.it.press(now + 2999, False)
    assert prepared.it.step_now.value == "reach"
    prepared.it.step(now + 2999 + REACH_PAUSE)
    assert prepared.said == [REACH_FIRST, REACH_NOW, REACH_AGAIN]
    prepared.heard(now + 7000)
    prepared.it.press(now + 8000, False)
    assert prepared.it.step_now is Step.READY and prepared.it.newly_reached
    prepared.it.press(now + 9000, False)


def test_forward_walking_and_a_passed_day_need_no_reach_test() -> None:
    for prepared in (prepare(FORWARD), prepare(reached=True)):
        prepared.answers("0", "y")
        assert prepared.it.step_now is Step.READY


def test_a_press_that_comes_after_three_seconds_fails_the_reach_test() -> None:
    prepared = prepare()
    now = prepared.reaching()
    assert prepared.it.deadline() == now + REACH_WITHIN + 1
    prepared.it.press(now + REACH_WITHIN + 1, False)
    prepared.it.step(now + REACH_WITHIN + 1)
    assert prepared.it.step_now is Step.REACH_FAILED and prepared.said[-1] == NO_REACH
    question = prepared.it.question()
    assert question is not None and question.detail == NO_REACH


def test_presses_before_the_window_and_held_keys_do_not_count() -> None:
    prepared = prepare()
    prepared.answers("0", "y")
    prepared.it.press(100, False)
    now = 2000
    prepared.heard(now)
    prepared.it.press(now + 100, False)
    prepared.it.step(now + REACH_TURN)
    prepared.it.press(now + REACH_TURN + 100, False)
    prepared.heard(8000)
    prepared.it.press(8100, True)
    assert prepared.mouth.tones == []
    prepared.it.step(8000 + REACH_WITHIN + 1)
    assert prepared.it.step_now is Step.REACH_FAILED


def test_a_failed_reach_test_can_be_tried_again_or_refuses() -> None:
    prepared = prepare()
    now = prepared.reaching()
    prepared.it.step(now + REACH_WITHIN + 1)
    assert prepared.it.answer(20_000, "reach-failed", "a") and prepared.it.step_now.value == "reach"
    prepared.it.step(20_000)
    prepared.heard(22_000)
    prepared.it.step(22_000 + REACH_TURN)
    prepared.heard(30_000)
    prepared.it.step(30_000 + REACH_WITHIN + 1)
    prepared.answers("e")
    assert prepared.it.step_now is Step.REFUSED and prepared.it.reason == NO_REACH


def test_an_instruction_that_could_not_be_spoken_is_said_again() -> None:
    prepared = prepare()
    prepared.answers("0", "y")
    assert prepared.it.deadline() is None
    prepared.it.failed(1000, 99)
    prepared.it.failed(1000, prepared.mouth.id)
    prepared.it.step(1000 + RETRY)
    assert prepared.said == [REACH_FIRST, REACH_FIRST]
    prepared.heard(8000)
    prepared.it.step(8000 + REACH_TURN)
    prepared.it.failed(13_000, prepared.mouth.id)
    prepared.it.step(13_000 + RETRY)
    assert prepared.mouth.said[-2:] == [REACH_NOW, REACH_NOW]
    prepared.it.spoken(20_000, 99)
    assert prepared.it.deadline() is None


def test_outside_the_reach_test_words_and_presses_mean_nothing() -> None:
    prepared = prepare(FORWARD).painless()
    prepared.it.spoken(0, 1)
    prepared.it.failed(0, 1)
    prepared.it.press(0, False)
    prepared.it.step(0)
    assert prepared.it.step_now is Step.BRIEFING


def test_a_treadmill_that_tells_nothing_is_not_waited_for_in_vain() -> None:
    rig = Rig().link()
    rig.sampling = False
    rig.run(9_000)
    assert rig.ask(Load(WALK)).reason == NOT_STILL
    rig.run(2_000)
    assert rig.ask(Load(WALK)).reason == SILENT
