"""What is known of a person's walks and of their plan: read, asked of `treadctl.plans`, and written where it changes.

The commands and the pages of plans say the same because both ask here. It starts nothing: a walk that is offered goes
the way of every other. A walk on a simulated treadmill counts only among the files of simulated treadmills.
"""

from __future__ import annotations

import calendar
from dataclasses import replace

from treadctl.files import answers, book
from treadctl.files.locks import load_locks
from treadctl.files.person import load_person, update_person
from treadctl.files.plans import find_plan, load_plan, programs_of, shipped_plans
from treadctl.files.profile.writing import written
from treadctl.files.sessions import Recorded, recorded, writing_since
from treadctl.files.store import write_atomic
from treadctl.model.answers import UNASKED
from treadctl.model.clearing import over
from treadctl.model.errors import Refused
from treadctl.model.gates import gate_problems, opened_gates
from treadctl.model.outcome import Outcome, dose_of
from treadctl.model.person import Level, Person, with_level
from treadctl.model.plan import Book, Plan
from treadctl.model.program import expand, size_problems
from treadctl.paths import Paths, is_simulated
from treadctl.plans.book import as_told, entered, seen_at
from treadctl.plans.standing import read
from treadctl.plans.today import EASIER, PACE_FINDER, Offer, Programs, Today, today
from treadctl.sessions.times import read_as

from .known import Followed, Known, day_of, missing

BY_THE_PLAN = "plan"
"""Who changed the level, in the person's own notes."""


def wall_of(iso: str) -> int:
    """A recorded time (ISO 8601) as wall-clock seconds here. Raises ValueError."""
    found = read_as(iso)
    if found is None:
        raise ValueError(f"{iso} is no time of a walk")
    return calendar.timegm(found.astimezone().timetuple())


# --- the book ------------------------------------------------------------------------------------------------------


def up_to_date(paths: Paths, person: Person, now: int) -> tuple[Book, list[str]]:
    """The book with every session recorded since, and sentences about those that cannot be read.

    A session that is being written is not in it yet: half a walk that is entered once would stay half for ever.
    """
    damaged: list[str] = []

    def read_on(before: Book) -> Book:
        known = frozenset(one.outcome.session for one in before.walked)
        found, told = recorded(paths.sessions, known, writing_since(paths.runtime))
        damaged[:] = told
        after = seen_at(before, person.level, now)
        for one in found:
            counts = one.simulated == is_simulated(paths.socket)
            if counts and (outcome := _outcome(one, person.level)) is not None:
                after = entered(after, outcome)
        return after

    kept = book.update_book(paths.state / book.NAME, read_on)
    return as_told(kept, answers.load_answers(paths.data / answers.NAME)), damaged


def _outcome(one: Recorded, level: Level) -> Outcome | None:
    """A recorded session as an outcome; None without a usable time or program."""
    try:
        at = wall_of(one.started)
    except ValueError:
        return None
    if size_problems(one.program):
        return None
    said = replace(UNASKED, pain_before=one.pain_before, pain_after=one.pain)
    planned = dose_of(expand(one.program))
    return Outcome(one.session, at, one.program.name, level, planned, one.done, one.stops, one.over_heart, said)


def locked(paths: Paths, now: int) -> str:
    """The reason of a lock on the person; locks of machines are those machines' business."""
    day = day_of(now).isoformat()
    shut = [lock for lock in load_locks(paths.locks) if not lock.name.startswith("units:") and not over(lock, day)]
    return shut[0].reason if shut else ""


# --- plans ---------------------------------------------------------------------------------------------------------


def all_plans(person: Person) -> list[tuple[Plan, str]]:
    """Every plan, and what keeps this person from its first week, or nothing. Raises InvalidFile."""
    return [(plan, shut(plan, person)) for plan in map(load_plan, shipped_plans())]


def shut(plan: Plan, person: Person) -> str:
    """What keeps this person from the first week of a plan, or nothing."""
    programs = programs_of(plan)
    first = [programs[file] for file in plan.weeks[0].walks if file in programs]
    level = min((program.level for program in first), default=Level.L0)
    if level > person.level:
        return f"it needs level {level.value}"
    problems = [problem.text for program in first for problem in gate_problems(program, opened_gates(person))]
    return problems[0] if problems else ""


def start(paths: Paths, name: str, now: int) -> Plan:
    """Follow this plan from today on. Raises InvalidFile, Refused."""
    plan, person = find_plan(name), load_person(paths.person)
    if needs := shut(plan, person):
        raise Refused(f"{plan.name} cannot be started yet: {needs}; treadctl plan list shows the others.")
    book.update_book(paths.state / book.NAME, lambda old: replace(old, plan=plan.file, begun=now, offered=None))
    return plan


def known(paths: Paths, now: int) -> Known:
    """All of it, with today's offer written down where a plan is followed. Raises InvalidFile, OSError."""
    person = load_person(paths.person)
    found, notes = up_to_date(paths, person, now)
    if not found.plan:
        return Known(person, found, tuple(read(found.walked)), notes=tuple(notes))
    plan = find_plan(found.plan)
    programs = _programs(plan, found)
    said = today(plan, found, programs, person, now, locked(paths, now))
    if said.standing.level < person.level:
        notes.append(_lowered(paths, said, now))
        person = load_person(paths.person)
    run = _kept(paths, said)
    return Known(person, found, said.standing.reads, Followed(plan, said, programs, run), tuple(notes))


def raise_level(paths: Paths, before: Known, now: int) -> Known:
    """Take the level that is offered. Raises Refused."""
    up = None if before.followed is None else before.followed.today.up
    if up is None or not up.offered or up.level is None:
        raise Refused(f"No level is offered now: {missing(up)}.")
    set_level(paths, up.level, now, now)
    after = known(paths, now)
    return replace(after, notes=(f"Level {up.level.value} ({up.level.word}) from today.", *after.notes))


def set_level(paths: Paths, level: Level, since: int, now: int) -> None:
    """The person's level as the plan says, in their file and in the book."""
    day = day_of(now).isoformat()
    update_person(paths.person, lambda person: with_level(person, level, BY_THE_PLAN, day))
    book.update_book(paths.state / book.NAME, lambda old: replace(old, level=level, level_since=since))


def _programs(plan: Plan, found: Book) -> Programs:
    return programs_of(plan, PACE_FINDER, *EASIER.values(), *_walked_files(plan, found))


def _walked_files(plan: Plan, found: Book) -> list[str]:
    """For a plan that asks for any profile: the shipped ones that were walked."""
    if plan.profiles:
        return []
    walked = {one.outcome.profile for one in found.walked}
    every = {file: program for other in map(load_plan, shipped_plans()) for file, program in programs_of(other).items()}
    return [file for file, program in every.items() if program.name in walked]


def _lowered(paths: Paths, said: Today, now: int) -> str:
    """The rules lower the level: in the person's file too, because a walk without a plan reads only that."""
    level, why = said.standing.level, said.standing.why
    set_level(paths, level, said.standing.level_since, now)
    return f"Level {level.value} again: {why}. Nothing is lost: it is offered again when the walks show it."


def _kept(paths: Paths, said: Today) -> str:
    """What `treadctl run` is told to walk: a profile's name, or the file of a copy; nothing where none is offered."""
    offer = said.next
    if not isinstance(offer, Offer):
        return ""
    book.update_book(paths.state / book.NAME, lambda old: replace(old, offered=offer.as_offered))
    if not offer.changes:
        return offer.file
    path = paths.state / "plan" / f"{offer.file}.yaml"
    write_atomic(path, written(offer.program).encode())
    return str(path)
