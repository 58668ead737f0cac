"""The silent loudspeaker keeps the order of the guardian's voice and its time."""

from __future__ import annotations

from treadsim.mouth import NOTICE, SAFETY, Mouth, Utterance

from treadctl.model.speech import TOO_MUCH, WAITING, utterance_ms
from treadctl.model.units import NEVER

COUNTDOWN, SEGMENT, TECHNIQUE = 2, 3, 4


def run(mouth: Mouth) -> list[tuple[int, int, str]]:
    """When each utterance ended, its id, and why if it was not heard."""
    told = []
    while (due := mouth.deadline()) < NEVER:
        told += [(due, ended.utterance.id, ended.why) for ended in mouth.step(due)]
    return told


def test_words_take_their_time_one_after_the_other() -> None:
    mouth, first, second = Mouth(), utterance_ms("Belt stopped."), utterance_ms("Feet on the side rails.")
    mouth.say(1000, Utterance(1, "Belt stopped.", SEGMENT))
    mouth.say(1000, Utterance(2, "Feet on the side rails.", SEGMENT))
    assert run(mouth) == [(1000 + first, 1, ""), (1000 + first + second, 2, "")]


def test_the_higher_priority_interrupts_and_what_was_interrupted_was_not_heard() -> None:
    mouth = Mouth()
    mouth.say(0, Utterance(1, "Small steps.", TECHNIQUE))
    mouth.say(500, Utterance(2, "Next: rest.", SEGMENT))
    assert run(mouth) == [(500, 1, "interrupted"), (500 + utterance_ms("Next: rest."), 2, "")]


def test_what_comes_on_top_of_what_can_be_heard_is_refused() -> None:
    mouth = Mouth()
    for id in range(WAITING + 3):
        mouth.say(0, Utterance(id, "x", SEGMENT))
    assert [(one.utterance.id, one.why) for one in mouth.step(0)] == [(17, TOO_MUCH), (18, TOO_MUCH)]


def test_the_lower_priority_waits() -> None:
    mouth = Mouth()
    for id, rank in ((1, SEGMENT), (2, TECHNIQUE), (3, SEGMENT)):
        mouth.say(0, Utterance(id, "x", rank))
    assert [id for _, id, _ in run(mouth)] == [1, 3, 2]


def test_a_notice_voids_what_matters_less_and_gives_way_to_a_safety_call() -> None:
    mouth = Mouth()
    mouth.say(0, Utterance(1, "Next: rest.", SEGMENT))
    mouth.say(100, Utterance(2, "No heart rate.", NOTICE))
    mouth.say(200, Utterance(3, "Pull the key.", SAFETY))
    assert [(id, why) for _, id, why in run(mouth)] == [(1, "interrupted"), (2, "interrupted"), (3, "")]


def test_a_call_that_is_being_said_or_waits_is_not_said_once_more() -> None:
    mouth = Mouth()
    for id, text in enumerate(("Connection lost.", "Pull the key.", "Pull the key.", "Connection lost.")):
        mouth.say(0, Utterance(id, text, SAFETY))
    assert [(id, why) for _, id, why in run(mouth)] == [(2, "interrupted"), (3, "interrupted"), (0, ""), (1, "")]


def test_a_safety_call_voids_what_waits() -> None:
    mouth = Mouth()
    mouth.say(0, Utterance(1, "one", COUNTDOWN))
    mouth.say(0, Utterance(2, "Next: rest.", SEGMENT))
    mouth.say(100, Utterance(3, "Pull the key.", SAFETY))
    assert [(id, why) for _, id, why in run(mouth)] == [(2, "interrupted"), (1, "interrupted"), (3, "")]
