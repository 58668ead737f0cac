"""Gates: what has to be so before a program may be walked, beyond its level. All are shut until a person opened them.

A file names gates, and what its segments do shuts others: no file can leave one out. Only a person's own word, the yes
of a clinician and a machine's manual open them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from .machine import Record
from .person import Person
from .program import DeadMill, Facing, Gate, InclineSteps, Item, Problem, Program, Repeat, Walk

MEANS = {
    Gate.SPOTTER: "somebody who stands beside you all the time and can pull the key",
    Gate.CLINICIAN: "the yes of a doctor or therapist who knows you",
    Gate.INCLINE: "your word that walking backward on the level goes well",
    Gate.DEAD_MILL: "the maker's word that the belt may be pushed, switched off or without a motor",
    Gate.HANDS_FREE: "your word that you can walk backward with a hand off the rails",
}
"""What each gate asks for, to be put after "it needs"."""


def gates_of(program: Program) -> tuple[Gate, ...]:
    """The gates that the file names and those that its segments need, in the order of `Gate`."""
    needed = {*program.gates, *_needed(program.segments)}
    return tuple(gate for gate in Gate if gate in needed)


def gate_problems(program: Program, opened: Collection[Gate]) -> list[Problem]:
    """One problem of the whole program for each of its gates that is still shut."""
    shut = [gate for gate in gates_of(program) if gate not in opened]
    return [Problem(0, f"it needs {MEANS[gate]}; say so: treadctl person set {gate.value} yes") for gate in shut]


def opened_gates(person: Person, record: Record | None = None) -> frozenset[Gate]:
    """What this person opened, and this machine: pushing its belt is its maker's to allow."""
    own = {Gate(word.value) for word in person.attested}
    clinician = {Gate.CLINICIAN} if person.clinician else set()
    pushes = {Gate.DEAD_MILL} if record is not None and record.dead_mill_attested else set()
    return frozenset(own | clinician | pushes)


def _needed(items: Sequence[Item]) -> Iterator[Gate]:
    for item in items:
        match item:
            case Repeat():
                yield from _needed(item.segments)
            case DeadMill():
                yield Gate.DEAD_MILL
            case Walk(facing=Facing.BACKWARD) if _climbs(item):
                yield Gate.INCLINE


def _climbs(walk: Walk) -> bool:
    slope = walk.incline
    return max(slope.start, slope.end) > 0 if isinstance(slope, InclineSteps) else slope > 0
