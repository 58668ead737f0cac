"""What the screens know, and when they stop trusting it."""

from __future__ import annotations

from dataclasses import replace

from tests.tui.moments import BACKWARD, CHECKING, CONFIRM, DONE, IDLE, PLAN, READY
from treadctl.clients.tui.state import State
from treadctl.clients.tui.view import Away
from treadctl.model.api import Goodbye, Said, Verdict


def state(*moments: object) -> State:
    found = State(simulated=True)
    for moment in moments:
        found.take(moment, 0)  # type: ignore[arg-type]
    return found


def test_no_snapshot_for_a_second_means_that_the_controller_hangs() -> None:
    found = state(BACKWARD)
    found.tick(1000)
    assert not found.local.hung
    found.tick(1001)
    assert found.local.hung
    found.take(BACKWARD, 1200)
    assert not found.local.hung


def test_a_loop_that_was_held_itself_does_not_take_the_controller_for_hung_at_once() -> None:
    found = state(BACKWARD)
    for now in (250, 500, 5000):
        found.tick(now)
        assert not found.local.hung
    found.tick(5250)
    assert found.local.hung


def test_keys_go_elsewhere_for_as_long_as_anything_says_so() -> None:
    found = state(BACKWARD)
    found.keyboard(False)
    found.keyboard(False)
    found.keyboard(False, Away.TMUX)
    assert found.local.away == (Away.FOCUS, Away.TMUX)
    found.keyboard(True)
    assert not found.local.keyboard
    found.keyboard(True, Away.TMUX)
    assert found.local.keyboard
    found.keyboard(False, Away.TERMINAL)
    found.key()
    assert found.local.keyboard


def test_it_matters_where_the_keys_go_from_the_checklist_to_the_summary() -> None:
    assert [state(moment).in_session for moment in (IDLE, CHECKING, BACKWARD, DONE)] == [False, True, True, False]
    assert not state().in_session


def test_before_the_first_snapshot_nothing_hangs() -> None:
    found = state()
    found.tick(60_000)
    assert not found.local.hung


def test_leaving_is_possible_only_at_standstill() -> None:
    assert state().may_leave
    assert state(READY).may_leave
    assert not state(BACKWARD).may_leave


def test_a_lost_controller_may_be_left_only_after_the_rescue() -> None:
    found = state(BACKWARD)
    found.close("gone")
    assert found.local.moving_then and not found.may_leave
    found.rescued("Stop was sent.")
    assert found.may_leave


def test_the_first_reason_of_a_lost_controller_stays() -> None:
    found = state(READY, Goodbye("A newer treadctl has taken over."))
    found.close("The socket closed.")
    assert found.local.closed == "A newer treadctl has taken over."


def test_after_the_tone_the_same_key_is_awaited_until_it_is_too_late() -> None:
    question = CONFIRM.question
    assert question is not None
    toning = CONFIRM._replace(question=replace(question, tone=True))
    found = state(CONFIRM)
    found.take(toning, 100)
    found.tick(499)
    assert not found.local.tone_over
    found.tick(500)
    assert found.local.tone_over
    found.take(toning, 600)
    assert found.local.tone_over
    found.take(CONFIRM, 2500)
    assert not found.local.tone_over


def test_an_answer_is_not_taken_before_its_question_could_be_read() -> None:
    found = state()
    found.take(CHECKING, 1000)
    assert not found.accepts_answer("check-2", 1200)
    assert found.accepts_answer("check-2", 1300)
    assert not found.accepts_answer("another", 5000)


def test_answers_of_the_checklist_stay_on_the_screen() -> None:
    found = state(CHECKING)
    found.answered("y")
    assert found.local.answered == (("Is the safety key clipped at the side of your waistband?", "yes"),)
    found.begin("again")
    assert not found.local.answered


def test_a_caption_of_the_guardian_fills_a_snapshot_without_one() -> None:
    found = state(Said("Stopping soon.", "segment"), BACKWARD._replace(caption=""))
    assert found.snapshot is not None and found.snapshot.caption == "Stopping soon."
    found.take(BACKWARD._replace(caption=""), 60_000)
    assert found.snapshot.caption == ""


def test_a_new_walk_has_begun_when_its_first_phase_arrives() -> None:
    found = state(DONE)
    found.begin("Connecting.")
    found.take(DONE, 10)
    assert found.local.beginning
    found.take(CHECKING, 20)
    assert not found.local.beginning


def test_a_refused_fast_forward_changes_no_rate() -> None:
    found = state(IDLE, PLAN)
    found.forwarded(Verdict(1, False, "no"), 10)
    assert found.local.rate == 1
    found.forwarded(Verdict(1, True), 10)
    assert found.local.rate == 10
