"""Edited copies: more, less, easier, and what is told of it; on every shipped profile that has backward walking."""

from __future__ import annotations

from functools import cache

import pytest

from treadctl.files.profile import load_profile, parse_profile, shipped_profiles
from treadctl.files.profile.writing import written
from treadctl.model.limits import check, effective_limits, level_limits
from treadctl.model.person import Level, Person
from treadctl.model.plan import Tuning
from treadctl.model.program import Facing, Program, Rest, Turn, Walk, bouts, expand, totals
from treadctl.plans.editing import SHORTEST, changes, dose, eased, trimmed, tuned
from treadctl.plans.steps import next_step, one_step


@cache
def shipped(name: str) -> Program:
    return next(load_profile(path) for path in shipped_profiles() if path.stem == name)


BACKWARD = [path.stem for path in shipped_profiles() if dose(load_profile(path)).total]


def backward_bouts(program: Program) -> list[int]:
    found = [bout for bout in bouts(expand(program)) if bout[0].facing is Facing.BACKWARD]
    return [sum(walk.seconds for walk in bout) for bout in found]


def test_five_minutes_become_six_by_filling_the_short_bout() -> None:
    longer = tuned(shipped("five-minutes"), Tuning(total=60))
    assert backward_bouts(longer) == [120, 120, 120]
    assert changes(shipped("five-minutes"), longer) == ("Backward 6:00 in all in place of 5:00.",)


def test_where_every_bout_is_full_a_new_one_follows_after_a_rest() -> None:
    longer = tuned(shipped("five-minutes"), Tuning(total=120))
    assert backward_bouts(longer) == [120, 120, 120, 60]
    segments = expand(longer)
    added = [n for n, s in enumerate(segments) if isinstance(s, Walk) and s.facing is Facing.BACKWARD][-1]
    assert isinstance(segments[added - 1], Rest)
    assert sum(isinstance(s, Turn) for s in segments) == totals(expand(shipped("five-minutes"))).turns


def test_a_longer_bout_takes_its_time_from_another() -> None:
    assert sorted(backward_bouts(tuned(shipped("alternate-2x2"), Tuning(bout=60)))) == [60, 120, 120, 180]
    assert tuned(shipped("low-stance"), Tuning(bout=60)) == shipped("low-stance")  # one bout has nobody to take from


def test_speed_and_incline_change_backward_walking_only() -> None:
    before, after = shipped("walk-plus-10"), tuned(shipped("walk-plus-10"), Tuning(speed=20, incline=10))
    assert (dose(after).speed - dose(before).speed, dose(after).incline) == (20, 10)
    assert [s for s in expand(after) if isinstance(s, Walk) and s.facing is Facing.FORWARD] == [
        s for s in expand(before) if isinstance(s, Walk) and s.facing is Facing.FORWARD
    ]


@pytest.mark.parametrize("name", BACKWARD)
@pytest.mark.parametrize("share", [10, 35, 50, 80, 99])
def test_a_shortened_walk_is_short_enough_and_has_no_bout_that_is_not_worth_its_start(name: str, share: int) -> None:
    program = shipped(name)
    asked = dose(program).total * share // 100
    shorter = trimmed(program, asked)
    assert dose(shorter).total <= max(asked, SHORTEST)
    assert dose(shorter).bout <= dose(program).bout
    assert min(backward_bouts(shorter)) >= min(SHORTEST, *backward_bouts(program))
    assert check(expand(shorter), level_limits(program.level)) == []


def test_a_walk_that_is_short_enough_is_not_touched() -> None:
    assert trimmed(shipped("five-minutes"), 300) is shipped("five-minutes")
    assert tuned(shipped("alternate-2x2"), Tuning()) is shipped("alternate-2x2")


def test_an_eased_walk_is_shorter_slower_and_flat() -> None:
    easier = eased(shipped("incline-steps"), 80, 30, flat=True)
    assert dose(easier).total == 480
    assert dose(easier).speed == dose(shipped("incline-steps")).speed - 30
    assert dose(easier).incline == 0


def test_easing_does_not_go_below_what_a_belt_can_do() -> None:
    assert dose(eased(shipped("first-steps"), 80, 30, flat=True)).speed == 80


@pytest.mark.parametrize("name", BACKWARD)
def test_every_profile_can_be_taken_step_by_step_to_its_limits(name: str) -> None:
    """Until nothing is left: each step is one step, allowed, told, and can be written and read again."""
    program, tuning = shipped(name), Tuning()
    limits = level_limits(program.level)
    for _ in range(200):
        following = next_step(program, tuning, limits, hills=True)
        if following == tuning:
            return
        before, after = tuned(program, tuning), tuned(program, following)
        assert one_step(dose(before), dose(after))
        assert check(expand(after), limits) == []
        assert changes(before, after)
        again = parse_profile(written(after), "copy")
        assert dose(again) == dose(after)
        tuning = following
    pytest.fail("it goes on for ever")


def test_without_a_word_for_hills_there_is_no_incline() -> None:
    program, tuning = shipped("walk-plus-10"), Tuning()
    limits = level_limits(program.level)
    for _ in range(100):
        tuning = next_step(program, tuning, limits, hills=False)
    assert dose(tuned(program, tuning)).incline == 0
    hill = next_step(program, tuning, limits, hills=True)
    assert dose(tuned(program, hill)).incline == 10
    assert dose(tuned(program, tuning)).speed - dose(tuned(program, hill)).speed == 30


@pytest.mark.parametrize(
    ("person", "name", "step"),
    [
        (Person(level=Level.L1, age=40), "walk-plus-5", 10), (Person(level=Level.L2, age=40), "walk-plus-10", 20),
        (Person(level=Level.L2, age=65), "walk-plus-10", 10),
    ],
)  # fmt: skip
def test_beginners_and_older_walkers_go_faster_in_smaller_steps(person: Person, name: str, step: int) -> None:
    program, tuning = shipped(name), Tuning()
    limits = effective_limits(person, None, program.level)
    for _ in range(50):
        following = next_step(program, tuning, limits, hills=False)
        if following.speed:
            assert following.speed == step
            return
        tuning = following
    pytest.fail("it never goes faster")
