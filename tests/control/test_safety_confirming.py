"""The confirm: press, tone, press; whatever else a person does confirms nothing or undoes it."""

from collections.abc import Callable

import pytest

from tests.control.rig import (
    ME,
    START,
    STOP,
    Rig,
)
from treadctl.control import events as ev
from treadctl.control import prompts
from treadctl.control.arming import REMIND
from treadctl.model import api
from treadctl.model.api import Belt, Phase


def gesture(rig: Rig, gap: int = 900, first: str = "space", second: str = "space", held: bool = False) -> Rig:
    """Two presses and five seconds."""
    rig.press(first, held)
    rig.run(gap)
    rig.press(second, held)
    return rig.run(5000)


# --- what does not confirm ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [0, 20, 150, 399])
def test_double_clicks_within_the_tone_do_not_confirm(gap: int) -> None:
    rig = gesture(Rig().asked(), gap)
    assert rig.shot.phase is Phase.ASKING and rig.writes == []


def test_a_second_press_that_comes_too_late_does_not_confirm() -> None:
    rig = gesture(Rig().asked(), 2500)
    assert rig.shot.phase is Phase.ASKING and rig.writes == []


def test_presses_before_the_question_was_heard_do_not_confirm() -> None:
    rig = gesture(Rig().begin().phase(Phase.ASKING))
    assert rig.shot.phase is Phase.ASKING and rig.writes == []


def test_two_different_keys_do_not_confirm() -> None:
    rig = gesture(Rig().asked(), second="enter")
    assert rig.shot.phase is Phase.ASKING and rig.writes == []


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
def test_escape_and_ctrl_c_do_not_confirm(key: str) -> None:
    rig = gesture(Rig().asked(), first=key, second=key)
    assert rig.shot.phase is Phase.ASKING and rig.writes == []


def test_held_keys_and_pastes_that_the_client_knows_of_do_not_confirm() -> None:
    rig = gesture(Rig().asked(), held=True)
    assert rig.shot.phase is Phase.ASKING and rig.writes == []


def test_a_held_key_that_no_client_knows_of_does_not_confirm() -> None:
    rig = Rig().asked()
    rig.press()
    rig.run(500)
    for _ in range(100):
        rig.press()
        rig.run(33)
    assert rig.shot.phase is Phase.ASKING and rig.writes == []


def test_a_pasted_burst_does_not_confirm() -> None:
    rig = Rig().asked()
    for key in "space and a lot of text":
        rig.press(key)
    rig.run(5000)
    assert rig.shot.phase is Phase.ASKING and rig.writes == []


def test_a_third_press_right_after_the_second_undoes_it() -> None:
    rig = Rig().asked().confirm()
    rig.press()
    rig.run(5000)
    assert rig.shot.phase is Phase.ASKING and rig.writes == [] and rig.heard(prompts.CONFIRM_HINT)


@pytest.mark.parametrize("intent", [api.Stop(), api.Repeat(), api.Abort(), api.Ease()])
def test_a_stop_or_another_mapped_key_between_the_presses_undoes_the_first(intent: api.Intent) -> None:
    rig = Rig().asked()
    rig.press()
    rig.run(500)
    rig.ask(intent, "another")
    rig.run(400)
    rig.press()
    rig.run(5000)
    assert rig.shot.phase is Phase.ASKING and rig.writes == []


@pytest.mark.parametrize("intent", [api.Stop(), api.Repeat(), api.Abort(), api.Ease()])
def test_a_stop_or_another_mapped_key_right_before_the_first_press_restarts_the_quiet(intent: api.Intent) -> None:
    rig = Rig().asked().run(2000)
    rig.ask(intent, "another")
    rig.run(200)
    rig.press()
    rig.run(900)
    rig.press()
    rig.run(2000)
    assert rig.shot.phase is Phase.ASKING and rig.writes == []
    rig.confirm().phase(Phase.COUNTDOWN)


def test_the_confirm_intent_confirms_nothing() -> None:
    rig = Rig().asked()
    reply = rig.ask(api.Confirm())
    assert not reply.accepted and "press, tone, press" in reply.reason
    rig.run(5000)
    assert rig.writes == []


def test_after_a_void_gesture_a_good_one_still_starts() -> None:
    rig = gesture(Rig().asked(), 100)
    rig.confirm().phase(Phase.HOLDING)
    assert rig.count(START) == 1


# --- in time, whatever else wakes the core --------------------------------------------------------------------------


def test_each_number_of_the_countdown_and_the_start_come_at_their_second() -> None:
    rig = Rig().asked()
    rig.confirm().phase(Phase.COUNTDOWN)
    rig.run(137)
    rig.ask(api.Message("hello"))  # from here on no snapshot, heartbeat or sample is due at a second of this countdown
    rig.phase(Phase.HOLDING)
    ticks = [at for at, tone in rig.tones if tone is ev.Tone.TICK]
    starts = [wrote.at for wrote in rig.writes if wrote.data == START]
    assert [at - ticks[0] for at in [*ticks, *starts]] == [0, 1000, 2000, 3000]  # this machine counts itself, too


def test_a_question_that_was_heard_is_asked_again_at_its_time() -> None:
    rig = Rig().begin()
    rig.until(lambda: rig.shot.phase is Phase.ASKING)
    asked = rig.said[-1]
    rig.run(REMIND)
    assert rig.said[-1] == (asked[0] + REMIND, asked[1])


# --- what undoes a confirm ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["space", "x", "escape", "r", "f5"])
def test_any_key_aborts_the_countdown_and_nothing_is_written_to_the_still_belt(key: str) -> None:
    rig = Rig().counting()
    assert rig.press(key) == []
    assert rig.shot.phase is Phase.ASKING
    rig.run(20_000)
    assert rig.count(START) == 0 and rig.count(STOP) == 0


@pytest.mark.parametrize("intent", [api.Stop(), api.Abort(), api.Ease(), api.Repeat(), api.Press("space", held=True)])
def test_whatever_a_person_does_aborts_the_countdown(intent: api.Intent) -> None:
    rig = Rig().counting()
    rig.ask(intent)
    assert rig.shot.phase is Phase.ASKING
    rig.run(20_000)
    assert rig.count(START) == 0 and rig.count(STOP) == 0


def test_pain_in_the_countdown_is_asked_about_and_starts_nothing() -> None:
    rig = Rig().counting()
    rig.ask(api.Pain())
    rig.phase(Phase.HALTED)
    assert rig.shot.question is not None and rig.shot.question.id == "pain"
    rig.run(20_000)
    assert rig.count(START) == 0 and rig.count(STOP) == 0


def test_a_confirm_works_again_after_an_aborted_countdown() -> None:
    rig = Rig().counting()
    rig.press("x")
    rig.confirm().phase(Phase.HOLDING)
    assert rig.count(START) == 1


def test_a_sleeping_host_disarms() -> None:
    rig = Rig().counting()
    rig.feed(ev.Suspended(60_000))
    rig.run(20_000)
    assert rig.count(START) == 0 and rig.shot.phase is Phase.ASKING


def test_a_safety_key_pulled_in_the_countdown_disarms() -> None:
    rig = Rig().counting()
    rig.status(0x03)
    rig.run(20_000)
    assert rig.count(START) == 0 and rig.shot.phase is Phase.ASKING


def test_ending_in_the_countdown_starts_nothing() -> None:
    rig = Rig().counting()
    assert rig.ask(api.End()).accepted
    rig.run(20_000)
    assert rig.shot.phase is Phase.DONE and rig.count(START) == 0


def break_attendance(rig: Rig) -> None:
    rig.attends = False


def close_the_socket(rig: Rig) -> None:
    rig.attends = False
    rig.feed(ev.ClientGone(ME))


def lose_the_keyboard(rig: Rig) -> None:
    rig.keyboard = False


def fall_silent(rig: Rig) -> None:
    rig.sampling = False


def creep(rig: Rig) -> None:
    rig.speed = rig.target = 8


@pytest.mark.parametrize("broken", [break_attendance, close_the_socket, lose_the_keyboard, fall_silent])
def test_no_start_without_attendance_keyboard_and_fresh_samples(broken: Callable[[Rig], None]) -> None:
    rig = Rig().counting()
    broken(rig)
    rig.run(10_000)
    assert rig.count(START) == 0 and rig.count(STOP) == 0


@pytest.mark.parametrize("broken", [break_attendance, close_the_socket, lose_the_keyboard, fall_silent])
def test_a_refused_confirm_says_why_and_asks_again(broken: Callable[[Rig], None]) -> None:
    rig = Rig().asked()
    broken(rig)
    rig.run(2300)
    gesture(rig)
    assert rig.count(START) == 0
    assert rig.shot.phase is Phase.ASKING and rig.heard("Refused: ")


def test_no_start_while_the_belt_s_distance_grows() -> None:
    rig = Rig().asked()
    creep(rig)
    rig.until(lambda: rig.shot.belt is Belt.UNKNOWN)  # a metre more although the speed is told as next to nothing
    assert rig.shot.question is not None and rig.shot.question.heard
    gesture(rig)
    assert rig.count(START) == 0 and rig.heard("Refused: ")


def test_a_belt_that_moves_in_the_countdown_is_stopped_and_not_started() -> None:
    rig = Rig().counting()
    rig.speed = rig.target = 100
    rig.run(1000)
    assert rig.count(START) == 0 and rig.count(STOP) >= 1 and rig.heard("The belt moves. Hold on.")
    rig.phase(Phase.HALTED)
    assert rig.shot.facing is None
