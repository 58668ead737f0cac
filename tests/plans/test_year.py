"""The simulated year: the rules hold in a hundred lives, the rules can see, and the page is what the program makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.plans.life import Life, Step, year
from tests.plans.rules import RULES, Rule
from tests.plans.year import PAGE, belted, longest_wait, page
from treadctl.model.outcome import HOUR, Stop
from treadctl.model.person import Level
from treadctl.plans.editing import tuned
from treadctl.plans.levels import LevelUp
from treadctl.plans.today import Offer, Wait

Levels = list[tuple[int, Level, Level, LevelUp | None]]
pytestmark = pytest.mark.timeout(600)


def broken(rule: Rule, life: Life) -> list[str]:
    return list(rule(life, Counter()))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__.replace("_", " "))
def test_the_rule_holds_in_every_life(rule: Rule) -> None:
    looked: Counter[str] = Counter()
    assert [(life.walker.number, text) for life in year() for text in rule(life, looked)] == []
    assert sum(looked.values()) > 100


def test_a_hundred_walkers_of_every_kind() -> None:
    assert len(year()) == 100
    assert {life.walker.number for life in year()} == set(range(1, 101))


def test_whoever_walks_well_and_says_so_gets_somewhere() -> None:
    for life in year():
        if life.walker.kind.tells and not life.person.careful:
            assert any(offered for *_, offered in life.levels), life.walker
        assert longest_wait(life) <= 14


def test_the_elderly_stay_at_level_2_and_the_silent_where_they_are() -> None:
    careful = [life for life in year() if life.person.careful]
    assert careful
    assert all(life.person.level <= Level.L2 for life in careful)
    silent = [life for life in year() if not life.walker.kind.tells]
    assert silent
    assert all(life.person.level is Level.L0 and len(life.steps) > 50 for life in silent)


def test_the_walks_on_the_simulated_treadmill_were_whole() -> None:
    assert len(belted()) == 50
    assert [one for one in belted() if not one.finished or abs(one.asked - one.walked) > 2] == []


def test_the_page_is_what_the_program_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(year(), belted())


# --- the rules can see ---------------------------------------------------------------------------------------------


def _life() -> Life:
    """One that has steps, levels and lost walks."""
    return next(life for life in year() if life.walker.kind.name == "bad link" and len(life.levels) > 2)


def _steps(life: Life, change: Callable[[list[Step]], list[Step]]) -> Life:
    steps = change(list(life.steps))
    return replace(life, steps=steps, book=replace(life.book, walked=tuple(step.walked for step in steps)))


def _longer(steps: list[Step]) -> list[Step]:
    return [replace(s, walked=replace(s.walked, outcome=replace(s.walked.outcome, done=9999))) for s in steps]


def _sooner(steps: list[Step]) -> list[Step]:
    first = steps[0].walked.outcome.at
    return [
        replace(s, walked=replace(s.walked, outcome=replace(s.walked.outcome, at=first + n * 7 * HOUR)))
        for n, s in enumerate(steps)
    ]


def _beginners(steps: list[Step]) -> list[Step]:
    return [replace(s, person=replace(s.person, level=Level.L0)) for s in steps]


def _more_of_everything(steps: list[Step]) -> list[Step]:
    found = []
    for n, step in enumerate(steps):
        more = replace(step.offer.tuning, speed=10 * n, total=60 * (n % 3))
        found.append(replace(step, offer=replace(step.offer, program=tuned(step.offer.program, more))))
    return found


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("no_week_above_the_weekly_cap", _longer), ("rest_between_walks", _sooner), ("five_walks_a_week", _sooner),
        ("nothing_above_the_caps", _beginners), ("one_thing_at_a_time", _more_of_everything),
    ],
)  # fmt: skip
def test_a_rule_sees_a_life_that_breaks_it(rule: str, change: Callable[[list[Step]], list[Step]]) -> None:
    by_name = {one.__name__: one for one in RULES}
    assert broken(by_name[rule], _life()) == []
    assert broken(by_name[rule], _steps(_life(), change))


def test_the_rule_of_levels_sees_a_level_for_nothing_and_one_lost_for_nothing() -> None:
    levels_by_the_rules = next(rule for rule in RULES if rule.__name__ == "levels_by_the_rules")
    life = _life()
    early: Levels = [(life.steps[1].walked.outcome.at, before, after, up) for _, before, after, up in life.levels[:1]]
    assert broken(levels_by_the_rules, replace(life, levels=early))
    lost: Levels = [(life.steps[5].walked.outcome.at, Level.L1, Level.L0, None)]
    assert broken(levels_by_the_rules, replace(life, levels=lost))


def test_the_rule_of_waiting_sees_who_is_stuck() -> None:
    nobody_is_stuck = next(rule for rule in RULES if rule.__name__ == "nobody_is_stuck")
    life = _life()
    shut = [
        (now, replace(said, next=Wait("never")) if isinstance(said.next, Offer) else said) for now, said in life.looks
    ]
    assert broken(nobody_is_stuck, replace(life, looks=shut))


def test_somebody_fell_and_somebody_lost_the_link() -> None:
    stops = {stop for life in year() for walked in life.book.walked for stop in walked.outcome.stops}
    assert {Stop.FALL, Stop.LINK, Stop.MACHINE, Stop.SLIP, Stop.CHOICE} <= stops
