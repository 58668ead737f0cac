"""The simulated person does what a screen says, as slowly as people do, and never before."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from treadsim.walker import Walker

from treadctl.model.api import Answer, Asking, Choice, Footer, Intent, Press, Question, Snapshot
from treadctl.model.program import Facing
from treadctl.model.units import NEVER

YES_NO = (Choice("y", "yes"), Choice("n", "no"))
AWAY = "Facing away? Press, tone, press."
CONSOLE = "Facing the console? Press, tone, press."


def confirm(text: str = CONSOLE, heard: bool = True, tone: bool = False) -> Snapshot:
    return Snapshot(question=Question("q", text, Asking.CONFIRM, (), "", heard, tone))


def choice(id: str, *choices: Choice) -> Snapshot:
    return Snapshot(question=Question(id, "?", Asking.CHOICE, choices))


def watch(walker: Walker, snapshot: Snapshot, begin: int, end: int) -> list[tuple[int, Intent]]:
    """The same screen from `begin` to `end`, looked at four times a second and at every deadline."""
    done, now = [], begin
    while now <= end:
        done += [(now, intent) for intent in walker.step(now, snapshot)]
        due = walker.deadline()
        now = min(now + 250, due) if due > now else now + 250
    return done


@pytest.mark.parametrize("seed", range(20))
def test_a_question_is_read_before_it_is_answered(seed: int) -> None:
    acts = watch(Walker(seed), choice("clip", *YES_NO), 0, 3000)
    assert [intent for _, intent in acts] == [Answer("clip", "y")]
    assert 900 <= acts[0][0] <= 2200


def test_the_number_on_the_page_behind_is_read_off_it() -> None:
    digits = tuple(Choice(str(n), str(n)) for n in range(1, 10))
    acts = watch(Walker(3), choice("screen", *digits)._replace(number=7), 0, 3000)
    assert [intent for _, intent in acts] == [Answer("screen", "7")]


@pytest.mark.parametrize("seed", range(20))
def test_the_confirm_gesture_waits_for_the_question_and_for_the_tone(seed: int) -> None:
    walker = Walker(seed)
    assert watch(walker, confirm(heard=False), 0, 10_000) == []
    first = watch(walker, confirm(), 10_000, 11_000)
    assert [intent for _, intent in first] == [Press("space")] and first[0][0] >= 10_400
    tone_from = first[0][0]
    second = watch(walker, confirm(tone=True), tone_from, tone_from + 2000)
    assert [intent for _, intent in second] == [Press("space")]
    assert 900 <= second[0][0] - tone_from <= 1600


def test_a_press_that_nothing_came_of_is_tried_again_but_not_hammered() -> None:
    presses = watch(Walker(1), confirm(), 0, 30_000)
    times = [at for at, _ in presses]
    assert 3 <= len(times) <= 7 and min(b - a for a, b in pairwise(times)) >= 4000


@pytest.mark.parametrize("seed", range(20))
def test_turning_takes_time_and_comes_before_the_answer(seed: int) -> None:
    walker = Walker(seed)
    acts = watch(walker, confirm(AWAY), 0, 7000)
    assert walker.facing is Facing.BACKWARD
    assert acts and acts[0][0] >= 3400 + 400


def test_the_walker_turns_when_told_and_is_between_two_facings_meanwhile() -> None:
    walker, told = Walker(3), Snapshot(caption="Back to the console, hands along the rail.")
    states = []
    for now in range(0, 7000, 50):
        walker.step(now, told)
        states.append((walker.turning(now), walker.facing))
    assert states[0] == (False, Facing.FORWARD) and (True, Facing.FORWARD) in states
    assert states[-1] == (False, Facing.BACKWARD)


@pytest.mark.parametrize(
    ("words", "facing"),
    [
        ("Face the console, hands along the rail.", Facing.FORWARD),
        ("Back to the console, hands along the rail.", Facing.BACKWARD),
        ("Feet on the side rails.", Facing.BACKWARD),
        ("Faster, to 2.5.", Facing.BACKWARD),
    ],
)
def test_only_words_about_the_facing_turn_the_walker(words: str, facing: Facing) -> None:
    walker = Walker(0)
    watch(walker, Snapshot(caption="Back to the console, hands along the rail."), 0, 8000)
    watch(walker, Snapshot(caption=words), 8000, 16_000)
    assert walker.facing is facing


def test_the_reach_test_is_done_facing_away_and_once_for_each_time_it_is_asked() -> None:
    walker = Walker(0)
    question = Question("reach", "Press your stop key now.", Asking.REACH, (), "Face away, both hands on the rails.")
    closed, opened = Snapshot(question=question), Snapshot(question=replace(question, heard=True))
    assert watch(walker, closed, 0, 8000) == [] and walker.facing is Facing.BACKWARD
    assert len(watch(walker, opened, 8000, 10_000)) == 1
    assert watch(walker, closed, 10_000, 12_000) == []
    assert len(watch(walker, opened, 12_000, 14_000)) == 1


def test_the_walker_says_truly_which_way_it_faces() -> None:
    walker = Walker(0)
    question = choice("facing", Choice("c", "the console"), Choice("a", "away from it"))
    assert watch(walker, question, 0, 3000)[0][1] == Answer("facing", "c")
    watch(walker, confirm(AWAY, heard=False), 3000, 10_000)
    assert watch(walker, question, 10_000, 13_000)[0][1] == Answer("facing", "a")


def test_the_walker_has_no_pain_and_carries_on_until_it_has_had_enough() -> None:
    walker = Walker(0)
    pain = choice("pain", *(Choice(str(n), str(n)) for n in range(10)))
    assert watch(walker, pain, 0, 3000)[0][1] == Answer("pain", "0")
    halted = choice("halted", Choice("c", "carry on"), Choice("e", "end"))
    answers = []
    for n in range(1, 5):
        answers += [intent for _, intent in watch(walker, halted, n * 10_000, n * 10_000 + 3000)]
        watch(walker, Snapshot(), n * 10_000 + 3000, n * 10_000 + 4000)
    assert answers == [Answer("halted", key) for key in "ccee"]


def test_the_key_is_pulled_once_when_the_alarm_says_so_and_not_before_a_hand_is_there() -> None:
    walker, alarm = Walker(0), Snapshot(alarm="Pull the key.", footer=Footer.NO_LINK)
    pulled = []
    for now in range(0, 10_000, 50):
        walker.step(now, Snapshot() if now < 2000 else alarm)
        if walker.pulls_key(now):
            pulled.append(now)
    assert len(pulled) == 1 and 3000 <= pulled[0] <= 4600


def test_an_answer_is_dropped_when_the_question_has_gone() -> None:
    walker = Walker(0)
    walker.step(0, choice("clip", *YES_NO))
    assert watch(walker, Snapshot(), 100, 5000) == [] and walker.deadline() == NEVER


def test_the_same_seed_is_the_same_person() -> None:
    def life(seed: int) -> list[tuple[int, Intent]]:
        walker = Walker(seed)
        return watch(walker, confirm(AWAY), 0, 20_000) + watch(walker, choice("x", *YES_NO), 20_000, 25_000)

    assert life(5) == life(5) and life(5) != life(6)
