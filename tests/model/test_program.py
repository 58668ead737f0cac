"""Programs: counted before they are unrolled, turns put in, incline steps cut, and figures added up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.model.program import (
    DeadMill,
    Facing,
    InclineSteps,
    Item,
    OffTreadmill,
    Program,
    Repeat,
    Rest,
    Turn,
    Walk,
    bouts,
    expand,
    expected_ms,
    incline_of,
    size,
    size_problems,
    totals,
)
from treadctl.model.units import Incline, Speed


def forward(seconds: int = 60, speed: int = 250, line: int = 0) -> Walk:
    return Walk(Facing.FORWARD, seconds, Speed(speed), line=line)


def backward(seconds: int = 60, speed: int = 100, line: int = 0) -> Walk:
    return Walk(Facing.BACKWARD, seconds, Speed(speed), line=line)


def program(*segments: Item) -> Program:
    return Program("test", segments)


def climb(start: int, end: int, step: int, every: int, seconds: int = 240) -> Walk:
    steps = InclineSteps(Incline(start), Incline(end), step, every)
    return Walk(Facing.BACKWARD, seconds, Speed(120), steps, name="Hill", say="Up we go.", line=9)


# --- turns -----------------------------------------------------------------------------------------------------------


def test_a_change_of_facing_puts_a_turn_before_the_walk_with_its_line() -> None:
    out, back = forward(line=3), backward(line=4)
    assert expand(program(out, back)) == (out, Turn(Facing.BACKWARD, 4), back)


def test_the_same_facing_needs_no_turn() -> None:
    assert expand(program(forward(), forward(speed=300))) == (forward(), forward(speed=300))


def test_the_first_walk_needs_no_turn_whichever_way_it_goes() -> None:
    assert expand(program(backward())) == (backward(),)


def test_a_turn_comes_after_the_rest_that_stands_between() -> None:
    segments = expand(program(forward(), Rest(30), backward()))
    assert [type(s) for s in segments] == [Walk, Rest, Turn, Walk]


def test_a_rest_between_walks_of_one_facing_makes_no_turn() -> None:
    assert [type(s) for s in expand(program(backward(), Rest(30), backward()))] == [Walk, Rest, Walk]


def test_repeats_are_unrolled_with_a_turn_at_every_seam() -> None:
    segments = expand(program(Repeat(2, (forward(), backward()))))
    assert [type(s) for s in segments] == [Walk, Turn, Walk, Turn, Walk, Turn, Walk]
    assert [s.to for s in segments if isinstance(s, Turn)] == [Facing.BACKWARD, Facing.FORWARD, Facing.BACKWARD]


def test_a_facing_has_an_other() -> None:
    assert Facing.FORWARD.other is Facing.BACKWARD and Facing.BACKWARD.other is Facing.FORWARD


# --- incline steps ---------------------------------------------------------------------------------------------------


def test_incline_steps_become_one_walk_each_and_speak_once() -> None:
    walks = expand(program(climb(0, 20, 10, 60)))
    assert [(w.seconds, incline_of(w)) for w in walks if isinstance(w, Walk)] == [(60, 0), (60, 10), (120, 20)]
    assert [w.say for w in walks if isinstance(w, Walk)] == ["Up we go.", "", ""]
    assert all(isinstance(w, Walk) and (w.name, w.line, w.speed) == ("Hill", 9, 120) for w in walks)


def test_incline_steps_may_go_down_and_end_exactly_at_their_end() -> None:
    walks = expand(program(climb(25, 0, 10, 60)))
    assert [incline_of(w) for w in walks if isinstance(w, Walk)] == [25, 15, 5, 0]


def test_steps_that_do_not_fit_into_the_walk_are_left_out() -> None:
    walks = expand(program(climb(0, 100, 10, 60, seconds=130)))
    assert [(w.seconds, incline_of(w)) for w in walks if isinstance(w, Walk)] == [(60, 0), (60, 10), (10, 20)]


def test_steps_from_an_incline_to_itself_are_one_walk() -> None:
    assert len(expand(program(climb(10, 10, 5, 30)))) == 1


@given(
    st.integers(0, 150), st.integers(0, 150), st.integers(1, 50), st.integers(1, 300), st.integers(1, 900)
)
def test_steps_keep_the_length_and_count_of_the_walk(start: int, end: int, step: int, every: int, seconds: int) -> None:
    walk = climb(start, end, step, every, seconds)
    plan = program(walk)
    walks = [w for w in expand(plan) if isinstance(w, Walk)]
    assert sum(w.seconds for w in walks) == seconds
    assert all(w.seconds > 0 and min(start, end) <= incline_of(w) <= max(start, end) for w in walks)
    assert size(plan.segments) == (len(walks), seconds, 0)
    assert incline_of(walks[0]) == start


# --- size ------------------------------------------------------------------------------------------------------------


def test_a_thousand_segments_are_allowed_and_one_more_is_not() -> None:
    assert not size_problems(program(Repeat(1000, (Rest(1),))))
    (problem,) = size_problems(program(Repeat(1001, (Rest(1),), line=7)))
    assert problem.line == 7 and "1001 segments" in problem.text


def test_four_hours_are_allowed_and_one_second_more_is_not() -> None:
    assert not size_problems(program(Rest(4 * 3600)))
    (problem,) = size_problems(program(Rest(4 * 3600 + 1)))
    assert "240 are allowed" in problem.text


def test_four_nested_repeats_are_allowed_and_a_fifth_is_not() -> None:
    item: Item = Rest(1)
    for line in (5, 4, 3, 2):
        item = Repeat(2, (item,), line)
    assert not size_problems(program(item))
    (problem,) = size_problems(program(Repeat(1, (item,), 1)))
    assert problem.line == 5 and "nested 5 deep" in problem.text


def test_nothing_at_all_is_no_program() -> None:
    (problem,) = size_problems(program())
    assert problem.line == 0 and "no segment" in problem.text


def test_a_bomb_of_repeats_is_counted_and_never_unrolled() -> None:
    item: Item = Rest(1)
    for _ in range(30):
        item = Repeat(10**9, (item,))
    count, seconds, depth = size((item,))
    assert count == seconds == 10**270 and depth == 30
    assert len(size_problems(program(item))) == 3


def test_a_program_too_large_is_not_expanded() -> None:
    with pytest.raises(AssertionError):
        expand(program(Rest(5 * 3600)))


@pytest.mark.parametrize(
    "build",
    [
        lambda: forward(seconds=0), lambda: backward(seconds=-60), lambda: Rest(0), lambda: OffTreadmill(-1),
        lambda: DeadMill(Facing.BACKWARD, 0), lambda: Repeat(0, (Rest(1),)), lambda: Repeat(10**9, ()),
        lambda: InclineSteps(Incline(0), Incline(10), 0, 60), lambda: InclineSteps(Incline(0), Incline(10), 5, 0),
    ],
)
def test_times_and_counts_are_at_least_one(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        build()


_ITEMS: st.SearchStrategy[Item] = st.recursive(
    st.builds(Rest, st.integers(1, 60))
    | st.builds(forward, st.integers(1, 300))
    | st.builds(backward, st.integers(1, 300))
    | st.builds(climb, st.integers(0, 50), st.integers(0, 50), st.integers(1, 20), st.integers(1, 90)),
    lambda inner: st.builds(Repeat, st.integers(1, 4), st.lists(inner, min_size=1, max_size=3).map(tuple)),
    max_leaves=6,
)


@given(st.lists(_ITEMS, min_size=1, max_size=4))
def test_counting_agrees_with_unrolling(items: list[Item]) -> None:
    plan = program(*items)
    if size_problems(plan):
        return
    segments = expand(plan)
    flat = [s for s in segments if not isinstance(s, Turn)]
    count, seconds, _ = size(plan.segments)
    assert (len(flat), sum(s.seconds for s in flat)) == (count, seconds)
    assert totals(segments).seconds == seconds


@given(st.lists(_ITEMS, min_size=1, max_size=4))
def test_facing_never_changes_without_a_turn_and_no_turn_is_superfluous(items: list[Item]) -> None:
    plan = program(*items)
    facing: Facing | None = None
    for segment in expand(plan) if not size_problems(plan) else ():
        if isinstance(segment, Turn):
            assert facing is not None and segment.to is facing.other
            facing = segment.to
        elif isinstance(segment, Walk):
            assert facing in (None, segment.facing)
            facing = segment.facing


# --- figures ---------------------------------------------------------------------------------------------------------


def test_the_figures_of_a_program() -> None:
    hill = Walk(Facing.BACKWARD, 90, Speed(150), Incline(30))
    segments = expand(program(forward(120), backward(60), hill, Rest(30), backward(40, 120), forward(60, 300)))
    figures = totals(segments)
    assert (figures.seconds, figures.forward, figures.backward) == (400, 180, 190)
    assert (figures.longest_backward, figures.turns) == (150, 2)
    assert (figures.top_forward, figures.top_backward, figures.top_incline) == (300, 150, 30)
    assert expected_ms(segments) == 400_000 + 2 * 45_000


def test_the_figures_of_a_program_without_walking_are_zero() -> None:
    figures = totals(expand(program(DeadMill(Facing.BACKWARD, 45), OffTreadmill(60))))
    assert (figures.seconds, figures.turns, figures.top_backward, figures.longest_backward) == (105, 0, 0, 0)


def test_a_standstill_of_any_kind_ends_a_bout() -> None:
    segments = expand(program(backward(10), backward(20), Rest(5), backward(30), forward(40), OffTreadmill(5)))
    assert [[w.seconds for w in bout] for bout in bouts(segments)] == [[10, 20], [30], [40]]


def test_a_second_more_than_four_hours_is_told_as_more_than_four_hours() -> None:
    (problem,) = size_problems(program(Rest(14_401)))
    assert problem.text == "it lasts 241 minutes; at most 240 are allowed, so shorten it"
