"""What a plan offers today: a program and what was changed in it, or until when to wait, and why.

A plan only offers. It never skips ahead, and a week whose gate is shut is walked again; where the level is too low for
it, something easier is offered in the meantime, so that nobody is left without a walk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from treadctl.model.fitting import fitted
from treadctl.model.gates import gate_problems, opened_gates
from treadctl.model.limits import Limits, check, effective_limits
from treadctl.model.outcome import DAY, HOUR, week_begin, week_of
from treadctl.model.person import Attested, Level, Person
from treadctl.model.plan import ANY, AS_WRITTEN, Book, Offered, Plan, PlanWeek, Tuning
from treadctl.model.program import Program, expand
from treadctl.model.text import counted
from treadctl.model.units import clock

from .colour import Colour
from .editing import changes, dose, eased, trimmed, tuned
from .levels import LevelUp, level_up
from .standing import GREENS, REST_WITHIN, Read, Standing, loads, stand
from .steps import next_step

REST_HOURS = (48, 48, 48, 24, 24)
"""By level: two days up to level 2 (soreness is normal in the beginning), one day above."""
MOST_IN_A_WEEK = 5
EASIER = {
    Level.L0: "first-steps", Level.L1: "five-minutes", Level.L2: "walk-plus-10", Level.L3: "four-week-30-w2",
}  # fmt: skip
"""What is offered at a level that is too low for what the plan asks for."""
EASED_PERCENT, EASED_SLOWER = 80, 30
"""After a red walk: a fifth less time and 0.3 km/h slower, without incline. After a gap: a fifth less time."""
WORTH = 60
"""Seconds backward; a week with less room than this is full. Half a walk has to fit, but for the first of a week."""
REMEASURE, PACE_FINDER = 28 * DAY, "pace-finder"

Programs = Mapping[str, Program]
"""Programs by the names of their files."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A walk for today. `changes`: what differs from the profile as it is written; `notes`: what to mind."""

    file: str
    program: Program
    tuning: Tuning
    full: bool
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def as_offered(self) -> Offered:
        return Offered(self.program.name, dose(self.program).total, self.tuning, self.full)


@dataclass(frozen=True, slots=True)
class Wait:
    """No walk today: why, and until when where that is known (wall-clock seconds)."""

    reason: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a plan: the week (from 0), how many of its walks were walked, and why it is walked again."""

    week: int
    walks: int
    again: str = ""


@dataclass(frozen=True, slots=True)
class Today:
    """Everything there is to say today."""

    standing: Standing
    place: Place
    next: Offer | Wait
    up: LevelUp


def today(plan: Plan, book: Book, programs: Programs, person: Person, now: int, locked: str = "") -> Today:
    """What this plan offers now. `programs` holds every profile of the plan and those of EASIER; `locked`: the reason
    of a lock that is shut."""
    standing = stand(book, person.level, now)
    person = replace(person, level=standing.level)
    place = place_in(plan, book, standing, programs, now)
    up = level_up(standing, person, now)
    reason = locked or person.refusal or person.backward_refusal
    if reason:
        return Today(standing, place, Wait(reason), up)
    if standing.locked_until > now:
        return Today(standing, place, Wait("seven days of rest after a fall", standing.locked_until), up)
    found = _the_rest(standing, programs, person, now) or _rest_days(standing, plan.weeks[place.week], now)
    return Today(standing, place, found or _walk(plan, place, standing, programs, person, now), up)


# --- where in the plan ---------------------------------------------------------------------------------------------


def place_in(plan: Plan, book: Book, standing: Standing, programs: Programs, now: int) -> Place:
    """Read the walks since the plan was begun: which week it is, and how far it has come."""
    week = walks = greens = began = 0
    again = ""
    for one in standing.reads:
        if not one.counted or one.at < book.begun:
            continue
        if walks and _over(plan.weeks[week], walks, began, one.at):
            week, again = _after(plan, week, greens, one.walked.outcome.level, programs)
            walks = greens = 0
        if _belongs(plan.weeks[week], one, programs):
            began = began if walks else one.at
            walks, greens = walks + 1, greens + (one.colour is Colour.GREEN)
    if walks and _over(plan.weeks[week], walks, began, now):
        week, again = _after(plan, week, greens, standing.level, programs)
        walks = 0
    return Place(week, walks, again)


def _over(week: PlanWeek, walks: int, began: int, now: int) -> bool:
    return walks >= len(week.walks) or (walks >= week.least and week_of(now) > week_of(began))


def _belongs(week: PlanWeek, one: Read, programs: Programs) -> bool:
    name = one.walked.outcome.profile
    return any(file == ANY or programs[file].name == name for file in (*week.walks, week.instead) if file)


def _after(plan: Plan, week: int, greens: int, level: Level, programs: Programs) -> tuple[int, str]:
    """The week after this one, or this one again and why."""
    if week + 1 == len(plan.weeks):
        return week, "the plan is done; this is its last week again, or start another plan"
    following = plan.weeks[week + 1]
    if greens < following.greens:
        return week, f"the next week opens after {following.greens} green walks in this one ({greens} so far)"
    needed = max((programs[file].level for file in following.walks if file != ANY), default=Level.L0)
    if needed > level:
        return week, f"the next week needs level {needed.value}"
    return week + 1, ""


# --- rest ----------------------------------------------------------------------------------------------------------


def _the_rest(standing: Standing, programs: Programs, person: Person, now: int) -> Offer | None:
    """What is left of a walk that something else interrupted."""
    last = standing.last
    if last is None or last.counted or now - last.at > REST_WITHIN:
        return None
    outcome = last.walked.outcome
    file = next((file for file, program in programs.items() if program.name == outcome.profile), "")
    left = min(outcome.planned.total - outcome.done, standing.week_cap - standing.week_done)
    if not file or left < WORTH or not outcome.done:
        return None
    limits = _limits(person, programs[file])
    whole = tuned(_within(programs[file], limits), last.walked.tuning)
    program = trimmed(whole, left)
    if dose(program).total > left or _refused(program, limits, person):
        return None
    why = f"The rest of the walk that was interrupted ({', '.join(last.judged.because)})."
    return Offer(file, program, last.walked.tuning, last.walked.full, (why, *changes(programs[file], program)))


def _rest_days(standing: Standing, week: PlanWeek, now: int) -> Wait | None:
    """Rest between walks, and enough walks for this week."""
    hours = REST_HOURS[standing.level]
    rested = max((one.at for one in standing.reads if loads(one)), default=None)
    if rested is not None and now - rested < hours * HOUR:
        return Wait(f"{hours} hours of rest between two walks at level {standing.level.value}", rested + hours * HOUR)
    most = min(MOST_IN_A_WEEK, len(week.walks))
    if standing.week_walks >= most:
        enough = "is enough" if standing.week_walks == 1 else "are enough"
        return Wait(f"{counted(standing.week_walks, 'walk')} this week {enough}", week_begin(week_of(now) + 1))
    return None


# --- the walk ------------------------------------------------------------------------------------------------------


def _walk(plan: Plan, place: Place, standing: Standing, programs: Programs, person: Person, now: int) -> Offer | Wait:
    asked = _file(plan.weeks[place.week].walks[place.walks], standing, programs)
    file, notes = _open(asked, standing, programs, person), _notes(plan, place, standing, programs, now)
    if file != asked:
        needs = _shut(programs[asked], standing, person)
        notes = (f"In place of {programs[asked].name}, because {needs}.", *notes)
    written = programs[file]
    limits = _limits(person, written)
    tuning = _tuning(written, limits, standing, person, now)
    whole = tuned(_within(written, limits), tuning)
    program, why = _less(whole, standing)
    room = standing.week_cap - standing.week_done
    if dose(program).total > room:
        if room < WORTH or (standing.week_done and room < dose(program).total // 2):
            return Wait("this week has as much backward walking as it may have", week_begin(week_of(now) + 1))
        program = trimmed(program, room)
        why = (*why, f"Shortened: a week grows by a tenth or 3 minutes, and {clock(room * 1000)} are left of this one.")
    if problem := _refused(program, limits, person):
        return Wait(f"{written.name}: {problem}")
    return Offer(file, program, tuning, program == whole, (*why, *changes(written, program)), notes)


def _file(asked: str, standing: Standing, programs: Programs) -> str:
    """The profile that is asked for; for ANY the one that was walked green last, or that of the level."""
    if asked != ANY:
        return asked
    files = {program.name: file for file, program in programs.items()}
    greens = [one.walked.outcome.profile for one in standing.reads if one.colour is Colour.GREEN]
    known = [files[name] for name in greens if name in files and programs[files[name]].level <= standing.level]
    return known[-1] if known else EASIER[min(standing.level, max(EASIER))]


def _open(asked: str, standing: Standing, programs: Programs, person: Person) -> str:
    """This profile, or that of the level where something about this one is shut."""
    if not _shut(programs[asked], standing, person):
        return asked
    return EASIER[min(standing.level, max(EASIER))]


def _shut(written: Program, standing: Standing, person: Person) -> str:
    """What has to be so before this profile may be walked as it is written, or nothing."""
    if written.level > standing.level:
        return f"it needs level {written.level.value}"
    limits = _limits(person, written)
    return _refused(_within(written, limits), limits, person)


def _tuning(written: Program, limits: Limits, standing: Standing, person: Person, now: int) -> Tuning:
    """How far this profile has been taken, and one step further after enough greens."""
    course = standing.courses.get(written.name)
    if course is None:
        return AS_WRITTEN
    calm = not standing.ease and not standing.shorter and now >= standing.hold_until
    if course.greens < GREENS or not calm:
        return course.tuning
    return next_step(_within(written, limits), course.tuning, limits, hills=Attested.INCLINE in person.attested)


def _less(whole: Program, standing: Standing) -> tuple[Program, tuple[str, ...]]:
    """Easier after a red walk, shorter after a gap."""
    if standing.ease:
        why = f"Easier today: {standing.ease}."
        return eased(whole, EASED_PERCENT, EASED_SLOWER, flat=True), (why,)
    if standing.shorter:
        return eased(whole, EASED_PERCENT, 0, flat=False), (f"Shorter today: {standing.shorter}.",)
    return whole, ()


def _limits(person: Person, program: Program) -> Limits:
    """No machine is known here: its own limits follow when the walk begins."""
    return effective_limits(person, None, program.level)


def _within(program: Program, limits: Limits) -> Program:
    """What these limits allow of it; `changes` tells what became of it."""
    return fitted(program, limits)[0]


def _refused(program: Program, limits: Limits, person: Person) -> str:
    """The first thing that forbids this walk, or nothing."""
    problems = [*check(expand(program), limits), *gate_problems(program, opened_gates(person))]
    return problems[0].text if problems else ""


def _notes(plan: Plan, place: Place, standing: Standing, programs: Programs, now: int) -> tuple[str, ...]:
    week, found = plan.weeks[place.week], []
    if place.again:
        found.append(f"This week once more: {place.again}.")
    if standing.learning:
        found.append("One of the first walks: expect it to feel strange.")
    last = standing.last
    if week.instead and last is not None and last.colour is Colour.GREEN:
        found.append(f"{programs[week.instead].name} may stand in for one walk of this week.")
    measured = [o.at for one in standing.reads for o in [one.walked.outcome] if _is_measure(o.profile, programs)]
    if standing.level >= Level.L1 and now - max(measured, default=0) > REMEASURE and PACE_FINDER in programs:
        found.append(f"{programs[PACE_FINDER].name} is due again: once every four weeks, in place of a walk.")
    return tuple(found)


def _is_measure(profile: str, programs: Programs) -> bool:
    return PACE_FINDER in programs and programs[PACE_FINDER].name == profile
