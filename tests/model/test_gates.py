"""Gates: named by the file or shut by what its segments do, and all of them shut until somebody opened them."""

from __future__ import annotations

import pytest

from treadctl.model import plain
from treadctl.model.gates import MEANS, gate_problems, gates_of
from treadctl.model.program import DeadMill, Facing, Gate, InclineSteps, Item, Program, Repeat, Rest, Walk
from treadctl.model.units import Incline, Speed


def walk(facing: Facing, incline: Incline | InclineSteps) -> Walk:
    return Walk(facing, 60, Speed(100), incline)


LEVEL = walk(Facing.BACKWARD, Incline(0))


def test_a_program_on_the_level_that_names_no_gate_has_none() -> None:
    assert gates_of(Program("Plain", (LEVEL, Rest(30), walk(Facing.FORWARD, Incline(20))))) == ()


@pytest.mark.parametrize(
    ("item", "gate"),
    [
        (walk(Facing.BACKWARD, Incline(1)), Gate.INCLINE),
        (walk(Facing.BACKWARD, InclineSteps(Incline(0), Incline(10), 5, 10)), Gate.INCLINE),
        (walk(Facing.BACKWARD, InclineSteps(Incline(10), Incline(0), 5, 10)), Gate.INCLINE),
        (DeadMill(Facing.BACKWARD, 30), Gate.DEAD_MILL),
        (DeadMill(Facing.FORWARD, 30), Gate.DEAD_MILL),
    ],
)
def test_a_segment_shuts_its_gate_though_no_file_names_it_and_inside_repeats_too(item: Item, gate: Gate) -> None:
    assert gates_of(Program("Hidden", (LEVEL, item))) == (gate,)
    assert gates_of(Program("Deep", (Repeat(2, (Repeat(2, (item,)),)),))) == (gate,)


def test_named_gates_and_needed_ones_come_once_each_and_in_one_order() -> None:
    program = Program("Both", (DeadMill(Facing.BACKWARD, 30),), gates=(Gate.DEAD_MILL, Gate.SPOTTER))
    assert gates_of(program) == (Gate.SPOTTER, Gate.DEAD_MILL)


def test_each_gate_that_is_still_shut_is_one_problem_of_the_whole_program() -> None:
    program = Program("Two", (LEVEL,), gates=(Gate.SPOTTER, Gate.CLINICIAN))
    assert [(problem.line, problem.text) for problem in gate_problems(program, {Gate.SPOTTER})] == [
        (0, "it needs the yes of a doctor or therapist who knows you; say so: treadctl person set clinician yes")
    ]
    assert gate_problems(program, set(Gate)) == []


def test_every_gate_says_what_it_asks_for() -> None:
    assert set(MEANS) == set(Gate)


def test_gates_and_words_of_the_author_pass_the_socket() -> None:
    program = Program("Sent", (LEVEL,), dose="daily", note="Slowly.", gates=(Gate.CLINICIAN, Gate.HANDS_FREE))
    assert plain.load(Program, plain.dump(program)) == program


def test_a_program_without_them_is_still_understood() -> None:
    sent = plain.dump(Program("Old", (LEVEL,)))
    for field in ("dose", "note", "gates"):
        del sent[field]
    assert plain.load(Program, sent) == Program("Old", (LEVEL,))
