"""Plan files: what the shipped ones say, and that every mistake is told at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from treadctl.files.plans import find_plan, load_plan, programs_of, shipped_plans
from treadctl.files.profile import shipped_profiles
from treadctl.model.errors import InvalidFile
from treadctl.model.plan import ANY
from treadctl.plans.today import EASIER, PACE_FINDER

NAMES = ["30-days", "balance-10", "flex-4", "four-week-30", "knee-6", "regular", "self-powered", "six-week", "starter"]
GOOD = """treadctl-plan: 1
name: Mine
weeks:
  - {walks: [first-steps, one-in-ten], least: 1}
"""


def test_nine_plans_are_shipped() -> None:
    assert [path.stem for path in shipped_plans()] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_profile_that_a_plan_names_is_shipped_and_no_week_asks_for_more_than_level_4(name: str) -> None:
    plan = find_plan(name)
    shipped = {path.stem for path in shipped_profiles()}
    assert set(plan.profiles) <= shipped
    assert set(programs_of(plan)) == set(plan.profiles)
    assert plan.summary
    assert plan.basis


@pytest.mark.parametrize("name", NAMES)
def test_no_later_week_asks_for_a_lower_level_than_an_earlier_one(name: str) -> None:
    plan = find_plan(name)
    programs = programs_of(plan)
    levels = [max((programs[file].level for file in week.walks if file != ANY), default=0) for week in plan.weeks]
    assert levels == sorted(levels)


def test_what_is_offered_in_place_of_something_else_is_of_its_level_and_has_no_gate() -> None:
    programs = programs_of(find_plan("starter"), *EASIER.values(), PACE_FINDER)
    for level, file in EASIER.items():
        assert programs[file].level == level
        assert programs[file].gates == ()


def test_the_weeks_are_those_of_the_table() -> None:
    lengths = {name: len(find_plan(name).weeks) for name in NAMES}
    assert lengths == {
        "starter": 3, "regular": 4, "knee-6": 6, "four-week-30": 4, "six-week": 6, "flex-4": 4, "balance-10": 5,
        "self-powered": 4, "30-days": 5,
    }  # fmt: skip
    assert find_plan("starter").weeks[0].walks[:2] == ("first-minute", "first-steps-2")
    assert [week.greens for week in find_plan("four-week-30").weeks] == [0, 2, 2, 2]
    assert [week.instead for week in find_plan("knee-6").weeks] == ["", "", "", "", "incline-steps", "incline-steps"]


def test_a_plan_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD + "  - {walks: [any], least: 1, repeat: 2}\n")
    plan = load_plan(path)
    assert (plan.file, plan.name, len(plan.weeks), plan.profiles) == ("mine", "Mine", 3, ("first-steps", "one-in-ten"))


WRONG = [
    (GOOD.replace("treadctl-plan: 1", "treadctl-plan: 2"), 1, 16, "is no plan this treadctl can read"),
    (GOOD.replace("treadctl-plan: 1\n", ""), 1, 1, "the key treadctl-plan is missing"),
    (GOOD.replace("name: Mine\n", ""), 1, 1, "the key name is missing"),
    (GOOD.replace("name: Mine", "nane: Mine"), 2, 1, "did you mean name?"),
    (GOOD.replace("name: Mine", f"name: {'x' * 81}"), 2, 7, "81 characters"),
    (GOOD.replace("name: Mine", "name: [a]"), 2, 7, "one value has to stand here"),
    (GOOD.replace("first-steps", "first-step"), 4, 14, "did you mean first-steps?"),
    (GOOD.replace("first-steps", "../../etc/passwd"), 4, 14, "there is no profile named"),
    (GOOD.replace("first-steps", "{a: b}"), 4, 14, "one profile's name has to stand here"),
    (GOOD.replace("least: 1", "least: 3"), 4, 47, "whole number from 1 to 2"),
    (GOOD.replace("least: 1", "least: 0"), 4, 47, "whole number from 1 to 2"),
    (GOOD.replace(", least: 1", ""), 4, 5, "the key least is missing"),
    (GOOD.replace("least: 1", "least: 1, speed: 9 km/h"), 4, 50, "'speed' is no key here"),
    (GOOD.replace("[first-steps, one-in-ten]", "[]"), 4, 6, "needs a list of 1 to 7"),
    (GOOD.replace("[first-steps, one-in-ten]", f"[{', '.join(['any'] * 8)}]"), 4, 6, "needs a list of 1 to 7"),
    (GOOD.replace("least: 1", "least: 1, repeat: 53"), 4, 58, "whole number from 1 to 52"),
    (GOOD + "  - {walks: [any], least: 1, repeat: 52}\n", 3, 1, "at most 52"),
    (GOOD.replace("{walks: [first-steps, one-in-ten], least: 1}", "first-steps"), 4, 5, "made of keys and values"),
    (GOOD.replace("weeks:", "weeks: &a"), 3, 8, "are not allowed"),
    ("- a\n", 1, 1, "begin it with treadctl-plan: 1"),
    (GOOD + "---\n" + GOOD, 5, 1, "second document"),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), WRONG)
def test_every_mistake_is_told_at_its_place(tmp_path: Path, text: str, line: int, column: int, words: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InvalidFile) as told:
        load_plan(path)
    assert (told.value.line, told.value.column) == (line, column), str(told.value)
    assert words in str(told.value)


def test_a_plan_that_is_not_there_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="did you mean starter"):
        find_plan("stater")
    with pytest.raises(InvalidFile, match="no such file"):
        load_plan(tmp_path / "none.yaml")
