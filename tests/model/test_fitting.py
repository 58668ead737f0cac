"""A program made to fit: never faster, steeper or longer, each edit told, and sound whenever that is possible."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from treadctl.model.fitting import fitted
from treadctl.model.limits import Limits, check, effective_limits, level_limits
from treadctl.model.person import Level, Person
from treadctl.model.program import (
    FLAT,
    Facing,
    InclineSteps,
    Item,
    Program,
    Repeat,
    Rest,
    Walk,
    expand,
    size_problems,
    totals,
)
from treadctl.model.units import Incline, Speed, kmh

L0, L2 = level_limits(Level.L0), level_limits(Level.L2)


def program(*items: Item, level: Level = Level.L4) -> Program:
    return Program("x", items, level)


def back(seconds: int, speed: str = "1.0", slope: Incline | InclineSteps = FLAT, line: int = 7) -> Walk:
    return Walk(Facing.BACKWARD, seconds, kmh(speed), slope, line=line)


def ahead(seconds: int = 60, speed: str = "2.0") -> Walk:
    return Walk(Facing.FORWARD, seconds, kmh(speed), line=3)


def test_a_program_within_the_limits_is_left_alone() -> None:
    one = program(ahead(), back(60), level=Level.L0)
    assert fitted(one, L0) == (one, ())


def test_a_speed_is_lowered_to_the_limit_and_told_with_its_rule() -> None:
    smaller, edits = fitted(program(back(60, "3.0"), level=Level.L0), L0)
    assert smaller.segments == (back(60, "1.2"),)
    assert edits == ("line 7: 3.0 km/h backward becomes 1.2 (level 0 (first))",)


def test_an_incline_is_lowered_also_where_it_changes_in_steps() -> None:
    steps = InclineSteps(Incline(0), Incline(50), 10, 60)
    smaller, edits = fitted(program(back(300, slope=steps), level=Level.L2), L2)
    assert smaller.segments == (back(300, slope=InclineSteps(Incline(0), Incline(30), 10, 60)),)
    assert edits == ("line 7: the incline 5.0 % becomes 3.0 % (level 2 (practised))",)
    assert fitted(program(back(60, slope=steps), level=Level.L0), L0)[0].segments == (back(60),)


def test_downhill_becomes_level() -> None:
    assert fitted(program(ahead(), back(60, slope=Incline(-20)), level=Level.L0), L0)[0].segments[1] == back(60)


def test_a_bout_that_is_too_long_is_shortened_evenly() -> None:
    smaller, edits = fitted(program(back(60), back(60, line=8), level=Level.L0), L0)
    assert smaller.segments == (back(30), back(30, line=8))
    assert edits == ("line 7: 1:00 becomes 0:30 (level 0 (first))", "line 8: 1:00 becomes 0:30 (level 0 (first))")


def test_a_bout_over_the_edge_of_a_repeat_is_seen() -> None:
    """The last walk of one round and the first of the next are one bout."""
    smaller, _ = fitted(program(Repeat(2, (back(60), ahead(), back(60)), 5), level=Level.L0), L0)
    assert check(expand(smaller), L0) == []


def test_a_long_walk_forward_is_left_alone() -> None:
    one = program(ahead(3600), back(60), level=Level.L0)
    assert fitted(one, L0) == (one, ())


def test_repeats_become_fewer_until_the_whole_is_short_enough() -> None:
    smaller, edits = fitted(program(Repeat(9, (back(60), ahead()), 5), level=Level.L0), L0)
    assert smaller.segments == (Repeat(3, (back(60), ahead()), 5),)
    assert edits == ("line 5: 9 repeats become 3 (level 0 (first))",)


def test_what_cannot_be_made_to_fit_stays_refused() -> None:
    many = [part for n in range(6) for part in (back(60, line=n), ahead())]
    assert check(expand(fitted(program(*many, level=Level.L0), L0)[0]), L0) != []


def test_somebody_who_may_not_walk_backward_at_all_is_not_given_a_slower_walk() -> None:
    limits = effective_limits(Person(own_backward_limit=Speed(0)))
    smaller, _ = fitted(program(back(60), level=Level.L0), limits)
    assert smaller.segments == (back(60),)
    assert check(expand(smaller), limits) != []


speeds, slopes = st.integers(50, 900).map(Speed), st.integers(-50, 200).map(Incline)
walks = st.builds(Walk, st.sampled_from(Facing), st.integers(1, 600), speeds, slopes)
leaves = walks | st.builds(Rest, st.integers(1, 60))
blocks = st.builds(Repeat, st.integers(1, 6), st.lists(leaves, min_size=1, max_size=4).map(tuple))
programs = st.lists(leaves | blocks, min_size=1, max_size=5).map(lambda found: program(*found))


@given(programs, st.sampled_from([level_limits(level) for level in Level]))
def test_nothing_ever_becomes_faster_steeper_or_longer(one: Program, limits: Limits) -> None:
    if size_problems(one):
        return
    smaller, edits = fitted(one, limits)
    before, after = totals(expand(one)), totals(expand(smaller))
    for name in ("seconds", "forward", "backward", "turns", "top_forward", "top_backward"):
        assert getattr(after, name) <= getattr(before, name), name
    assert after.top_incline <= max(before.top_incline, 0)
    assert (smaller == one) == (edits == ())


@given(programs, st.sampled_from([level_limits(level) for level in Level]))
def test_what_is_left_over_is_never_a_speed_an_incline_or_a_ceiling(one: Program, limits: Limits) -> None:
    if size_problems(one):
        return
    left = [problem.text for problem in check(expand(fitted(one, limits)[0]), limits)]
    assert not any("km/h" in text or "climbs" in text or "downhill" in text for text in left)


UNEVEN = Program(
    "Uneven",
    (Walk(Facing.BACKWARD, 87, Speed(50)), Repeat(3, (Walk(Facing.BACKWARD, 1, Speed(50)),))),
)


def test_a_walk_that_cannot_be_shorter_makes_the_others_give_more() -> None:
    once, edits = fitted(UNEVEN, level_limits(Level.L0))
    assert once.segments[0] == Walk(Facing.BACKWARD, 57, Speed(50)) and len(edits) == 1
    assert "1:27 becomes 0:57" in edits[0]


@given(programs, st.sampled_from([level_limits(level) for level in Level]))
@example(UNEVEN, level_limits(Level.L0))
def test_to_fit_twice_changes_nothing_more(one: Program, limits: Limits) -> None:
    if size_problems(one):
        return
    once, _ = fitted(one, limits)
    assert fitted(once, limits)[0] == once
