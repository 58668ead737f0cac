"""Scripts, confirm questions and the countdown: nobody is asked to confirm what was not heard."""

from dataclasses import replace

import pytest

from treadctl.control.arming import COUNT_STEP, PARK, REMIND, ConfirmQuestion, Countdown, Progress
from treadctl.control.confirm import QUIET_MS
from treadctl.control.cueing import Voice, confirm_question
from treadctl.control.events import Effect, Play, Say, Tone
from treadctl.control.prompts import CONFIRM_HINT, FEET, ON_THE_FLOOR
from treadctl.control.script import FEET_TIME, GIVE_UP, RETRY, TURN_TIME, Prompt, Script, turn_prompts
from treadctl.model.limits import Limits, level_limits
from treadctl.model.person import Level
from treadctl.model.program import Facing, Walk
from treadctl.model.units import Ms, kmh

TEXT = "Facing away? Press, tone, press."


class Mouth:
    """A voice whose utterances a test can count."""

    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self.voice = Voice(self.effects)

    @property
    def said(self) -> list[str]:
        return [e.text for e in self.effects if isinstance(e, Say)]

    @property
    def id(self) -> int:
        return [e.id for e in self.effects if isinstance(e, Say)][-1]

    @property
    def tones(self) -> list[Tone]:
        return [e.tone for e in self.effects if isinstance(e, Play)]


# --- scripts -------------------------------------------------------------------------------------------------------


def test_a_script_says_one_prompt_after_the_other_with_time_to_do_it() -> None:
    mouth = Mouth()
    script = Script(mouth.voice, [Prompt("one", 5000), Prompt("two")])
    script.step(0)
    script.step(100)
    assert mouth.said == ["one"] and not script.done
    script.spoken(1000, mouth.id)
    assert script.deadline() == 6000
    script.step(5999)
    assert mouth.said == ["one"]
    script.step(6000)
    assert mouth.said == ["one", "two"]
    script.spoken(7000, mouth.id)
    script.step(7000)
    assert script.done and script.deadline() is None
    script.step(8000)
    script.spoken(8000, mouth.id)
    assert mouth.said == ["one", "two"]


def test_a_prompt_that_was_not_heard_is_said_again_and_never_skipped() -> None:
    mouth = Mouth()
    script = Script(mouth.voice, [Prompt("one")])
    script.step(0)
    script.failed(500, mouth.id)
    script.failed(500, 99)
    script.spoken(600, 99)
    script.step(500 + RETRY - 1)
    assert mouth.said == ["one"]
    script.step(500 + RETRY)
    assert mouth.said == ["one", "one"]
    script.step(500 + RETRY + GIVE_UP)
    assert mouth.said == ["one"] * 3 and not script.done


# --- turning ----------------------------------------------------------------------------------------------------------


def turn(to: Facing, facing: Facing | None, limits: Limits) -> list[str]:
    return [prompt.text for prompt in turn_prompts(Walk(to, 60, kmh(1)), facing, 0, limits)]


PRACTISED = level_limits(Level.L2)
GOAL = {Facing.BACKWARD: "Back to the console, hands along the rail.",
        Facing.FORWARD: "Face the console, hands along the rail."}


def test_left_there_and_right_back_so_that_the_cord_of_the_key_does_not_wind() -> None:
    there, back = turn(Facing.BACKWARD, Facing.FORWARD, PRACTISED), turn(Facing.FORWARD, Facing.BACKWARD, PRACTISED)
    assert there == [GOAL[Facing.BACKWARD], "Turn left.", FEET] and back == [GOAL[Facing.FORWARD], "Turn right.", FEET]


@pytest.mark.parametrize("to", Facing)
def test_from_a_facing_that_nobody_knows_only_the_goal_is_named(to: Facing) -> None:
    assert turn(to, None, level_limits(Level.L0)) == [GOAL[to], FEET]
    assert turn(to, to, level_limits(Level.L0)) == [FEET]


def test_who_is_new_older_or_unsteady_is_offered_to_turn_on_the_floor() -> None:
    for limits in (level_limits(Level.L0), replace(PRACTISED, careful=True)):
        assert turn(Facing.BACKWARD, Facing.FORWARD, limits)[1:3] == ["Turn left.", ON_THE_FLOOR]
    assert ON_THE_FLOOR not in turn(Facing.BACKWARD, Facing.FORWARD, level_limits(Level.L1))


def test_the_time_to_turn_comes_after_the_last_word_of_it() -> None:
    floor = turn_prompts(Walk(Facing.BACKWARD, 60, kmh(1)), Facing.FORWARD, 0, level_limits(Level.L0))
    assert [prompt.time for prompt in floor] == [0, 0, TURN_TIME, FEET_TIME]


# --- confirm questions ----------------------------------------------------------------------------------------------


def asked(mouth: Mouth, heard: bool = True) -> ConfirmQuestion:
    question = ConfirmQuestion(0, mouth.voice, TEXT)
    if heard:
        question.spoken(2000, mouth.id)
    return question


def answer(question: ConfirmQuestion, at: Ms) -> Ms:
    question.press(at, "space", False, "me")
    question.press(at + 900, "space", False, "me")
    return at + 1200


def test_a_question_is_confirmed_by_the_gesture() -> None:
    mouth = Mouth()
    question = asked(mouth)
    done = answer(question, 2000 + QUIET_MS)
    assert mouth.tones == [Tone.CONFIRM]
    assert question.step(done - 1) is Progress.OPEN
    assert question.step(done) is Progress.ACCEPTED
    assert mouth.tones[-1] is Tone.HEARD and question.client == "me"


def test_a_question_names_what_is_confirmed() -> None:
    assert confirm_question(Facing.BACKWARD).startswith("Facing away?")
    assert confirm_question(Facing.FORWARD).startswith("Facing the console?")


def test_a_question_that_was_not_heard_cannot_be_confirmed() -> None:
    mouth = Mouth()
    question = asked(mouth, heard=False)
    question.spoken(2000, 99)
    done = answer(question, 5000)
    assert question.step(done) is Progress.OPEN and mouth.tones == []
    assert not question.shown(done).heard


def test_a_question_that_could_not_be_spoken_is_asked_again() -> None:
    mouth = Mouth()
    question = asked(mouth, heard=False)
    question.failed(500, 99)
    question.failed(500, mouth.id)
    question.step(500 + RETRY)
    assert mouth.said == [TEXT, TEXT]


def test_a_void_gesture_says_how_and_the_hint_has_to_be_heard_first() -> None:
    mouth = Mouth()
    question = asked(mouth)
    question.press(3000, "space", True, "me")
    assert mouth.tones == [Tone.VOID] and mouth.said[-1] == CONFIRM_HINT
    done = answer(question, 6000)
    assert question.step(done) is Progress.OPEN
    question.spoken(8000, mouth.id)
    assert question.step(answer(question, 9000)) is Progress.ACCEPTED


def test_a_key_that_is_stuck_is_told_how_once_at_a_time() -> None:
    mouth = Mouth()
    question = asked(mouth)
    for at in range(3000, 6000, 33):
        question.press(at, "space", True, "me")
    assert mouth.tones == [Tone.VOID] and mouth.said == [TEXT, CONFIRM_HINT]
    question.spoken(6000, mouth.id)
    for at in range(6000, 9000, 33):
        question.press(at, "space", True, "me")
    assert mouth.tones == [Tone.VOID] * 2 and mouth.said[1:] == [CONFIRM_HINT] * 2


def test_a_question_is_asked_again_every_twenty_seconds_but_not_into_a_gesture() -> None:
    mouth = Mouth()
    question = asked(mouth)
    question.step(REMIND - 1)
    assert mouth.said == [TEXT]
    question.step(REMIND)
    assert mouth.said == [TEXT, TEXT]
    question.spoken(REMIND + 2000, mouth.id)
    question.press(2 * REMIND - 100, "space", False, "me")
    question.step(2 * REMIND)
    assert mouth.said == [TEXT, TEXT] and question.shown(2 * REMIND).tone


def test_a_question_is_parked_after_three_minutes_and_the_next_press_asks_it_anew() -> None:
    mouth = Mouth()
    question = asked(mouth)
    question.step(PARK)
    assert question.parked and "Parked" in question.shown(PARK).detail
    said = len(mouth.said)
    question.step(PARK + 10 * REMIND)
    assert len(mouth.said) == said
    question.press(PARK + 300_000, "space", False, "me")
    assert not question.parked and mouth.said[-1] == TEXT and mouth.tones == []
    assert question.step(PARK + 300_900) is Progress.OPEN


def test_a_parked_question_waits_for_nothing() -> None:
    mouth = Mouth()
    question = asked(mouth, heard=False)
    assert question.deadline(0) == REMIND
    question.step(PARK)
    assert question.deadline(PARK) is None


def test_a_stop_that_came_by_another_way_voids_a_gesture_or_restarts_the_quiet_before_one() -> None:
    mouth = Mouth()
    question = asked(mouth)
    question.disturbed(2500)
    assert mouth.tones == [] and not question.shown(2500 + QUIET_MS - 1).heard
    question.press(2500 + QUIET_MS, "space", False, "me")
    question.disturbed(4000)
    assert mouth.tones == [Tone.CONFIRM, Tone.VOID]
    question.press(4300, "space", False, "me")
    assert question.step(6000) is Progress.OPEN


# --- the countdown --------------------------------------------------------------------------------------------------


def test_the_countdown_says_each_number_at_its_second() -> None:
    mouth = Mouth()
    countdown = Countdown(0, mouth.voice, 3)
    assert mouth.said == ["three"] and countdown.left == 3 and countdown.deadline() == COUNT_STEP
    assert not countdown.step(999)
    assert not countdown.step(1000)
    assert not countdown.step(2000)
    assert mouth.said == ["three", "two", "one"] and mouth.tones == [Tone.TICK] * 3
    assert not countdown.step(3000), "nobody has heard it to its end"
    countdown.spoken(mouth.id)
    assert countdown.step(3000) and countdown.left == 0
