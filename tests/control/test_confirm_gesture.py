"""Press, tone, press: nothing else confirms."""

import pytest

from treadctl.control.confirm import GUARD_MS, QUIET_MS, TONE_MS, WINDOW_MS, ConfirmGesture, Gesture
from treadctl.model.units import Ms

READY = QUIET_MS


def heard() -> ConfirmGesture:
    gesture = ConfirmGesture()
    gesture.heard(0)
    return gesture


def press(gesture: ConfirmGesture, now: Ms, key: str = "space", held: bool = False, client: str = "me") -> Gesture:
    return gesture.press(now, key, held, client)


def second(gesture: ConfirmGesture, after_tone: Ms, key: str = "space", client: str = "me") -> Gesture:
    assert press(gesture, READY) is Gesture.TONE
    return press(gesture, READY + TONE_MS + after_tone, key, client=client)


@pytest.mark.parametrize("after_tone", [0, 1, 600, WINDOW_MS])
def test_press_tone_press_confirms_once_the_guard_is_over(after_tone: Ms) -> None:
    gesture = heard()
    assert second(gesture, after_tone) is Gesture.NOTHING
    at = READY + TONE_MS + after_tone
    assert gesture.deadline() == at + GUARD_MS
    assert gesture.step(at + GUARD_MS - 1) is Gesture.NOTHING
    assert gesture.step(at + GUARD_MS) is Gesture.ACCEPTED
    assert gesture.client == "me"


def test_a_press_before_the_question_was_heard_is_nothing() -> None:
    gesture = ConfirmGesture()
    assert press(gesture, 5000) is Gesture.NOTHING and gesture.deadline() is None and not gesture.begun


def test_a_press_in_the_quiet_restarts_the_quiet() -> None:
    gesture = heard()
    assert press(gesture, READY - 1) is Gesture.NOTHING
    assert press(gesture, READY + 500) is Gesture.NOTHING
    assert gesture.deadline() == READY + 500 + QUIET_MS
    assert press(gesture, READY + 500 + QUIET_MS) is Gesture.TONE and gesture.begun


@pytest.mark.parametrize("at", [1, 50, TONE_MS - 1])
def test_a_double_click_within_the_tone_does_not_confirm(at: Ms) -> None:
    gesture = heard()
    press(gesture, READY)
    assert press(gesture, READY + at) is Gesture.VOID
    assert gesture.step(READY + 5000) is Gesture.NOTHING


def test_two_different_keys_do_not_confirm() -> None:
    assert second(heard(), 500, key="enter") is Gesture.VOID


def test_the_same_key_of_two_people_does_not_confirm() -> None:
    assert second(heard(), 500, client="other") is Gesture.VOID


def test_a_second_press_that_comes_too_late_does_not_confirm() -> None:
    assert second(heard(), WINDOW_MS + 1) is Gesture.VOID
    gesture = heard()
    press(gesture, READY)
    assert gesture.deadline() == READY + TONE_MS + WINDOW_MS + 1
    assert gesture.step(READY + TONE_MS + WINDOW_MS) is Gesture.NOTHING
    assert gesture.step(READY + TONE_MS + WINDOW_MS + 1) is Gesture.VOID


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
def test_escape_and_ctrl_c_never_confirm(key: str) -> None:
    gesture = heard()
    assert press(gesture, READY, key) is Gesture.VOID
    gesture = heard()
    press(gesture, READY)
    assert press(gesture, READY + TONE_MS + 500, key) is Gesture.VOID


def test_a_held_key_never_confirms() -> None:
    assert press(heard(), READY, held=True) is Gesture.VOID
    gesture = heard()
    press(gesture, READY)
    assert press(gesture, READY + TONE_MS + 500, held=True) is Gesture.VOID


@pytest.mark.parametrize("delay", [250, 500, 660])
@pytest.mark.parametrize("every", [25, 33, 50, 100, 250])
def test_an_auto_repeating_key_does_not_confirm_even_where_no_client_can_tell(delay: Ms, every: Ms) -> None:
    gesture = heard()
    press(gesture, READY)
    accepted = False
    for now in range(READY + delay, READY + delay + 3000, every):
        accepted |= gesture.step(now) is Gesture.ACCEPTED
        press(gesture, now)
    assert not accepted


def test_a_pasted_burst_does_not_confirm() -> None:
    gesture = heard()
    for now in range(READY, READY + 40):
        press(gesture, now, "abcdef"[now % 6])
    assert gesture.step(READY + 5000) is not Gesture.ACCEPTED
    assert not gesture.ready(READY + 5000)


@pytest.mark.parametrize("key", ["space", "x"])
def test_any_press_in_the_guard_after_the_second_undoes_it(key: str) -> None:
    gesture = heard()
    second(gesture, 600)
    assert press(gesture, READY + TONE_MS + 600 + GUARD_MS - 1, key) is Gesture.VOID
    assert gesture.step(READY + 9000) is Gesture.NOTHING


def test_a_press_just_before_the_first_voids_it() -> None:
    gesture = ConfirmGesture()
    press(gesture, READY - 100)  # before the question was heard: it changes nothing but this
    gesture.heard(-QUIET_MS)
    assert press(gesture, READY) is Gesture.VOID


def test_the_window_is_shown_while_it_is_open() -> None:
    gesture = heard()
    assert gesture.ready(READY) and not gesture.toning(READY)
    press(gesture, READY)
    assert gesture.toning(READY + TONE_MS) and not gesture.toning(READY + TONE_MS + WINDOW_MS + 1)
