"""A walker's year: the plan is opened, a walk is walked, the morning after is told. All of it is kept to be judged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

from tests.once import once
from tests.plans.walkers import Walker, walkers
from treadctl.files.plans import find_plan, programs_of
from treadctl.model.outcome import DAY, HOUR, Stop
from treadctl.model.person import Level, Person
from treadctl.model.plan import Book, Plan, Walked
from treadctl.model.program import Program
from treadctl.plans.colour import Colour, judge
from treadctl.plans.editing import dose
from treadctl.plans.levels import LevelUp
from treadctl.plans.today import EASIER, Offer, Today, Wait, today

DAYS = 52 * 7
FIRST_DAY = datetime(2030, 1, 7)
"""A Monday."""
EPOCH = datetime(1970, 1, 1)
NEXT_PLANS = (
    ("starter",), ("regular",), ("six-week", "flex-4", "four-week-30", "knee-6", "balance-10", "30-days"),
    ("four-week-30", "six-week", "30-days"), ("four-week-30", "30-days"),
)  # fmt: skip
"""What a walker turns to at each level when a plan is done."""
CURIOUS = 0.1
ACCEPTS = 0.6
"""The share of level-ups that are accepted each time they are offered."""


@dataclass(frozen=True, slots=True)
class Step:
    """One walk of the year, with everything that was known before it."""

    offer: Offer
    today: Today
    walked: Walked
    person: Person


@dataclass(slots=True)
class Life:
    """One walker's year. `looks`: each time the plan was asked, and what it said."""

    walker: Walker
    person: Person
    book: Book
    plan: Plan
    steps: list[Step] = field(default_factory=list)
    looks: list[tuple[int, Today]] = field(default_factory=list)
    levels: list[tuple[int, Level, Level, LevelUp | None]] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)


@cache
def plan_named(name: str) -> Plan:
    return find_plan(name)


@cache
def programs_for(name: str) -> dict[str, Program]:
    return programs_of(plan_named(name), "pace-finder", *EASIER.values())


def lived(walker: Walker) -> Life:
    """A whole year."""
    began = int((FIRST_DAY - EPOCH).total_seconds())
    life = Life(walker, walker.kind.person, Book("starter", began, Level.L0, began), plan_named("starter"))
    life.plans.append("starter")
    for day in range(DAYS):
        if walker.comes(day) and _looks(life, began + day * DAY):
            _visit(life, began + day * DAY + walker.minute() * 60)
    return life


def _looks(life: Life, now: int) -> bool:
    """A walker who was told until when to wait does, and nobody walks two days running, but for one time in ten."""
    if not life.looks:
        return True
    then, said = life.looks[-1]
    told = isinstance(said.next, Wait) and said.next.until is not None and now < said.next.until - DAY
    walked = isinstance(said.next, Offer) and now - then < DAY
    return not (told or walked) or life.walker.dice.random() < CURIOUS


def _visit(life: Life, now: int) -> None:
    """The plan is opened; the walk is walked, and its rest if something interrupted it."""
    for _ in range(4):
        said = _opened(life, now)
        if not isinstance(said.next, Offer):
            return
        _walk(life, said, now)
        now += 20 * 60
        if judge(life.book.walked[-1].outcome).colour is not Colour.GREY or life.walker.dice.random() < 0.3:
            return


def _opened(life: Life, now: int) -> Today:
    said = _asked(life, now)
    if said.standing.level < life.person.level:
        life.levels.append((now, life.person.level, said.standing.level, None))
        life.person = replace(life.person, level=said.standing.level)
        life.book = replace(life.book, level=said.standing.level, level_since=said.standing.level_since)
    if said.up.offered and life.walker.dice.random() < ACCEPTS:
        assert said.up.level is not None
        life.levels.append((now, life.person.level, said.up.level, said.up))
        life.person = replace(life.person, level=said.up.level)
        life.book = replace(life.book, level=said.up.level, level_since=now)
        said = _asked(life, now)
    if "the plan is done" in said.place.again:
        choice = NEXT_PLANS[life.person.level]
        life.plan = plan_named(choice[int(life.walker.dice.random() * len(choice))])
        life.book = replace(life.book, plan=life.plan.file, begun=now)
        life.plans.append(life.plan.file)
        said = _asked(life, now)
    life.looks.append((now, said))
    return said


def _asked(life: Life, now: int) -> Today:
    locked = "you fell; seven days at least" if _locked(life, now) else ""
    return today(life.plan, _as_told(life.book, now), programs_for(life.plan.file), life.person, now, locked)


def _locked(life: Life, now: int) -> bool:
    """Cleared ten days after a fall: the lock is not the plan's business, the seven days are."""
    falls = [one.outcome.at for one in life.book.walked if Stop.FALL in one.outcome.stops]
    return any(now - at < 3 * DAY for at in falls)


def _as_told(book: Book, now: int) -> Book:
    """The morning after is told on the next day only."""
    if not book.walked or now - book.walked[-1].outcome.at > 8 * HOUR:
        return book
    *before, last = book.walked
    answers = replace(last.outcome.answers, morning=None)
    return replace(book, walked=(*before, replace(last, outcome=replace(last.outcome, answers=answers))))


def _walk(life: Life, said: Today, now: int) -> None:
    offer = said.next
    assert isinstance(offer, Offer)
    session = f"{life.walker.number}-{len(life.steps)}"
    asked = dose(offer.program)
    outcome = life.walker.walk(session, now, offer.program.name, life.person.level, asked)
    walked = Walked(outcome, offer.tuning, offer.full)
    life.steps.append(Step(offer, said, walked, life.person))
    life.book = replace(life.book, walked=(*life.book.walked, walked), offered=offer.as_offered)


@cache
def year() -> list[Life]:
    """All hundred years."""
    return once("year", lambda: [lived(walker) for walker in walkers()])
