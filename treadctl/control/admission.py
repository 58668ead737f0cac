"""May this program be walked: by this person, on this machine, today? The refusal says the reason and what would help.

A file is judged by its own level elsewhere; here it is judged by everything that is known, and again by the Supervisor
at run time. Nothing is clamped: a program above the limits is refused with its line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from treadctl.model.gates import gate_problems, gates_of, opened_gates
from treadctl.model.limits import Limits, check, effective_limits
from treadctl.model.locks import Lock
from treadctl.model.machine import LinkInfo, Record
from treadctl.model.person import Person
from treadctl.model.program import DeadMill, Gate, Program, Segment, Walk, expand, size_problems

NOT_ATTESTED = (
    "nobody has said that this machine's manual allows pushing its belt while it is switched off; "
    "treadctl commission --part 2 asks for it"
)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A program that may be walked, expanded, with the limits it was judged by. `spotter`: a helper stands beside."""

    program: Program
    segments: tuple[Segment, ...]
    limits: Limits
    spotter: bool = False


def needs_belt(segments: Sequence[Segment]) -> bool:
    """Whether a machine has to be driven for this."""
    return any(isinstance(segment, Walk) for segment in segments)


def locked(locks: Sequence[Lock], address: str, today: str) -> Lock | None:
    """The first lock that holds today for this machine. Anything unclear counts as locked."""
    for lock in locks:
        elsewhere = lock.name.startswith("units:") and lock.name != f"units:{address}"
        over = bool(lock.until and today) and today >= lock.until
        if not elsewhere and not over:
            return lock
    return None


def admit(program: Program, person: Person, info: LinkInfo | None, record: Record | None) -> Admitted | str:
    """The admitted program, or the sentence that refuses it."""
    if person.refusal is not None:
        return f"Refused: {person.refusal}."
    problems = size_problems(program)
    if problems:
        return f"Refused: {problems[0].text}."
    segments = expand(program)
    belt = needs_belt(segments)
    machine = machine_refusal(info, record) if belt else None
    if machine is not None:
        return machine
    pushes = any(isinstance(segment, DeadMill) for segment in segments)
    if belt and pushes and record is not None and not record.dead_mill_attested:
        return f"Refused: {NOT_ATTESTED}."
    limits = effective_limits(person, record if belt else None, program.level)
    shut = gate_problems(program, opened_gates(person, record if belt else None))
    if shut:
        return f"Refused: {shut[0].text}."
    found = check(segments, limits, record if belt else None)
    if found:
        where = f"line {found[0].line} " if found[0].line else "it "
        return f"Refused: {where}{found[0].text}."
    helped = (belt or pushes) and (limits.careful or Gate.SPOTTER in gates_of(program))
    return Admitted(program, segments, limits, spotter=helped)


def commission_refusal(part: int, info: LinkInfo | None, record: Record | None, today: str) -> str | None:
    """Why this part of commissioning cannot begin: the second one is for another day, on a machine that is known."""
    if info is None:
        return "Refused: no machine is connected; connect one first."
    if part not in (1, 2):
        return "Refused: commissioning has the parts 1 and 2."
    if part == 2 and (record is None or not record.complete or not record.control):
        return "Refused: the first part comes first, on a machine that obeys."
    if part == 2 and record is not None and record.learnt == today:
        return "Refused: the second part is for another day; walk forward first."
    return None


def machine_refusal(info: LinkInfo | None, record: Record | None) -> str | None:
    """Why no belt may be driven: no link, no complete record, no remote start or stop, ranges that make no sense."""
    if info is None:
        return "Refused: no machine is connected; connect one first."
    if record is None or not record.complete:
        missing = "" if record is None else ": " + ", ".join(record.missing)
        refused = f"Refused: this machine is not commissioned{missing}; commission it first."
        return " ".join((refused, *info.hints))  # which say why that may come to nothing
    return _drive_refusal(info, record) if record.control else None


def _drive_refusal(info: LinkInfo, record: Record) -> str | None:
    """Of a machine that obeys: stop has to work, and its ranges to make sense and to be those it was learnt with."""
    if not record.stop_works:
        return "Refused: this machine's belt cannot be stopped by remote."
    assert record.speed is not None
    if not record.speed.sane or (record.incline is not None and not record.incline.sane):
        return "Refused: this machine's ranges make no sense; commission it again."
    if info.speed is not None and info.speed.sane and info.speed != (record.told or record.speed):
        return "Refused: this machine tells another speed range than it was commissioned with; commission it again."
    return None
