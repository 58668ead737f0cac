"""The dead mill: the belt is switched off and stays so, or nobody pushes it."""

from tests.control.test_prompts_and_questions import Mouth, answer
from treadctl.control.deadmill import OFF_WITHIN, DeadMillScript, Mill
from treadctl.control.script import RETRY


def switched_off(linked: bool = True) -> tuple[Mouth, DeadMillScript]:
    mouth = Mouth()
    mill = DeadMillScript(0, mouth.voice, linked)
    mill.step(0, linked)
    mill.spoken(2000, mouth.id)
    mill.step(2000, linked)
    mill.step(10_000, False)
    return mouth, mill


def asking() -> tuple[Mouth, DeadMillScript]:
    mouth, mill = switched_off()
    mill.answer("y")
    mill.step(11_000, False)
    mill.spoken(13_000, mouth.id)
    mill.step(19_000, False)
    mill.step(19_001, False)
    return mouth, mill


def test_the_link_has_to_be_gone_and_the_display_dark() -> None:
    mouth, mill = switched_off()
    assert mouth.said == ["Step off. Switch the treadmill off."]
    question = mill.question(10_000)
    assert mill.state is Mill.DARK and question is not None and question.text == "Is the display dark?"


def test_without_a_machine_it_is_asked_that_nothing_drives_the_belt() -> None:
    mouth, mill = switched_off(linked=False)
    question = mill.question(10_000)
    assert mouth.said == ["Step off."] and question is not None and question.text == "Does nothing drive the belt?"
    mill.answer("y")
    mill.step(11_000, False)
    assert mouth.said[-1] == "Step on, face away."


def test_a_link_that_stays_for_a_minute_refuses() -> None:
    mouth = Mouth()
    mill = DeadMillScript(0, mouth.voice, True)
    mill.step(0, True)
    mill.spoken(2000, mouth.id)
    mill.step(2000, True)
    assert mill.deadline(2000) == OFF_WITHIN
    mill.step(OFF_WITHIN - 1, True)
    assert mill.state.value == "switch off" and mill.question(0) is None
    mill.step(OFF_WITHIN, True)
    assert mill.state is Mill.REFUSED and "still on" in mill.reason
    mill.answer("y")
    assert mill.state is Mill.REFUSED


def test_a_display_that_is_not_dark_refuses() -> None:
    _, mill = switched_off()
    mill.answer("n")
    assert mill.state is Mill.REFUSED and "may still drive" in mill.reason


def test_the_gesture_alone_starts_the_clock() -> None:
    mouth, mill = asking()
    assert mill.state.value == "asking" and mill.confirm is not None
    assert "Key out. Step on, face away." in mouth.said
    mill.spoken(22_000, mouth.id)
    question = mill.question(23_000)
    assert question is not None and question.heard
    done = answer(mill.confirm, 23_000)
    assert mill.deadline(done - 1) == done
    mill.step(done - 1, False)
    assert mill.state.value == "asking"
    mill.step(done, False)
    assert mill.state is Mill.READY and mill.question(done) is None


def test_a_prompt_or_question_that_was_not_heard_is_said_again() -> None:
    mouth = Mouth()
    mill = DeadMillScript(0, mouth.voice, True)
    mill.step(0, True)
    mill.failed(100, mouth.id)
    assert mill.deadline(100) == 100 + RETRY
    mouth, mill = asking()
    mill.failed(20_000, mouth.id)
    mill.step(20_000 + RETRY, False)
    assert mouth.said[-1] == mouth.said[-2]
