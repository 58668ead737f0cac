"""The hands at the console do what is said aloud, a moment later; the owner reads the console and answers honestly."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from treadsim.belt import CONSOLE_STEP, Belt, Cause
from treadsim.hands import PRESS_EVERY, REACTION, Hands, Owner
from treadsim.walker import LOOK_AFTER

from treadctl.control.cueing import Scale, set_words
from treadctl.control.procedure import MANUAL, UNITS
from treadctl.control.prompts import LEVEL_BY_HAND, PRESS_START, PRESS_STOP, READ, SPOTTER_STARTS, STOP_AT_CONSOLE
from treadctl.files.quirks import load_quirk
from treadctl.model.api import Answer, Asking, Intent, Press, Question, Snapshot
from treadctl.model.units import NEVER, Ms, Units

SHOT = Snapshot()


def a_belt() -> Belt:
    return Belt(load_quirk("control-locked"))


def acts(hands: Hands, belt: Belt, words: str, begin: Ms, length: Ms) -> Iterator[Ms]:
    """Say this, and let time pass in steps of 100 ms."""
    for now in range(begin, begin + length, 100):
        belt.advance(now)
        hands.step(now, SHOT._replace(caption=words), belt)
        yield now


@pytest.mark.parametrize("words", [PRESS_START, SPOTTER_STARTS])
def test_who_is_told_to_press_start_does_so_within_two_seconds(words: str) -> None:
    belt, hands = a_belt(), Hands(1)
    started = [now for now in acts(hands, belt, words, 0, 5_000) if belt.started]
    assert REACTION[0] <= started[0] <= REACTION[1] + 100


@pytest.mark.parametrize("words", [PRESS_STOP, STOP_AT_CONSOLE])
def test_who_is_told_to_press_stop_does_so_and_lets_the_speed_alone(words: str) -> None:
    belt, hands = a_belt(), Hands(1)
    list(acts(hands, belt, PRESS_START, 0, 10_000))
    list(acts(hands, belt, set_words(400), 10_000, 2_500))
    list(acts(hands, belt, words, 12_500, 10_000))
    assert not belt.started and belt.speed == 0


def test_the_speed_is_set_press_by_press() -> None:
    belt, hands = a_belt(), Hands(1)
    list(acts(hands, belt, PRESS_START, 0, 10_000))
    goals = [(now, belt.goal) for now in acts(hands, belt, set_words(200), 10_000, 20_000)]
    steps = [(now, goal) for (now, goal), (_, before) in zip(goals[1:], goals, strict=False) if goal != before]
    assert steps[-1][1] == 200 and [goal for _, goal in steps] == [100, 120, 140, 160, 180, 200]
    assert all(b - a >= PRESS_EVERY for (a, _), (b, _) in pairwise(steps))
    assert hands.deadline() == NEVER


def test_who_hears_miles_sets_miles() -> None:
    belt, hands = a_belt(), Hands(1)
    list(acts(hands, belt, PRESS_START, 0, 10_000))
    list(acts(hands, belt, set_words(200, Scale(Units.MPH)), 10_000, 20_000))
    assert abs(belt.goal - 193) <= CONSOLE_STEP // 2


def test_a_belt_that_stands_is_not_set() -> None:
    belt, hands = a_belt(), Hands(1)
    list(acts(hands, belt, set_words(200), 0, 5_000))
    assert belt.goal == 0 and hands.deadline() == NEVER


@pytest.mark.parametrize("words", ["", "Faster, to 2.0.", "Belt stopped.", LEVEL_BY_HAND, "Pull the key."])
def test_other_words_are_not_for_the_console(words: str) -> None:
    belt, hands = a_belt(), Hands(1)
    belt.start(0, Cause.CONSOLE)
    list(acts(hands, belt, words, 0, 8_000))
    assert belt.started and hands.deadline() == NEVER


def test_the_hands_say_when_they_press_next() -> None:
    belt, hands = a_belt(), Hands(1)
    hands.step(1_000, SHOT._replace(caption=PRESS_START), belt)
    due = hands.deadline()
    assert 1_000 + REACTION[0] <= due <= 1_000 + REACTION[1] and not belt.started
    hands.step(due, SHOT._replace(caption=PRESS_START), belt)
    assert belt.started and hands.deadline() == NEVER


# --- the owner -------------------------------------------------------------------------------------------------------


def asked(owner: Owner, question: Question) -> list[Intent]:
    """What comes of this question within some seconds."""
    shot = SHOT._replace(question=question)
    return [intent for now in range(100_000, 106_000, 100) for intent in owner.step(now, shot)]


def number(id: str, text: str = "What did the console show?") -> Question:
    return Question(id, text, Asking.NUMBER, heard=True)


@pytest.mark.parametrize(("miles", "shown"), [(False, ("1.0", "2.0")), (True, ("0.6", "1.2"))])
def test_the_owner_reads_what_the_console_shows(miles: bool, shown: tuple[str, str]) -> None:
    belt = a_belt()
    owner = Owner(belt, miles=miles)
    for at, speed in ((0, 100), (20_000, 200)):
        belt.speed = speed
        owner.step(at, SHOT._replace(caption=READ))
        assert owner.deadline() == at + LOOK_AFTER
        owner.step(at + LOOK_AFTER, SHOT._replace(caption=READ))
        owner.step(at + 10_000, SHOT._replace(caption="Faster, to 2.0."))
    assert asked(owner, number("shown-1", "What did the console show the first time?")) == [Answer("shown-1", shown[0])]
    assert asked(owner, number("shown-2", "What did the console show the second time?")) == [
        Answer("shown-2", shown[1])
    ]


def test_the_owner_reads_when_told_and_not_later() -> None:
    belt = a_belt()
    owner = Owner(belt, miles=False)
    belt.speed = 100
    owner.step(0, SHOT._replace(caption=READ))
    owner.step(LOOK_AFTER, SHOT._replace(caption=READ))
    belt.speed = 200
    owner.step(9_000, SHOT._replace(caption=READ))
    assert asked(owner, number("shown-1")) == [Answer("shown-1", "1.0")]


@pytest.mark.parametrize(("miles", "unit"), [(False, "k"), (True, "m")])
def test_the_owner_knows_the_unit_the_lowest_speed_and_the_manual(miles: bool, unit: str) -> None:
    owner = Owner(a_belt(), miles=miles, lowest="0.5")
    assert asked(owner, Question("unit", "Which?", Asking.CHOICE, UNITS, heard=True)) == [Answer("unit", unit)]
    assert asked(owner, number("lowest")) == [Answer("lowest", "0.5")]
    assert asked(owner, Question("manual", "?", Asking.CHOICE, MANUAL, heard=True)) == [Answer("manual", "a")]


def test_the_owner_confirms_as_every_walker_does() -> None:
    owner = Owner(a_belt(), miles=False)
    intents = asked(owner, Question("confirm-forward", "Belt empty?", Asking.CONFIRM, heard=True))
    assert intents and all(isinstance(intent, Press) for intent in intents)
