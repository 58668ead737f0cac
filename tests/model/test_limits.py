"""The limits: every number of their table written out once more, each boundary, each reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.model.limits import (
    HARD_BACKWARD,
    HARD_FORWARD,
    Limits,
    check,
    effective_limits,
    hold_ms,
    level_limits,
    short_segments,
    snapped,
    step_up,
)
from treadctl.model.machine import InclineRange, Manual, Record, SpeedRange
from treadctl.model.person import UNKNOWN_PERSON, Level, Person
from treadctl.model.program import DeadMill, Facing, Item, OffTreadmill, Program, Repeat, Rest, Turn, Walk, expand
from treadctl.model.units import Incline, Speed

# level: backward, bout s, session s, incline, turns, heart share, forward. By hand, not from the code.
TABLE = {
    Level.L0: (120, 60, 240, 0, 6, 76, 400),
    Level.L1: (180, 120, 480, 0, 6, 76, 500),
    Level.L2: (250, 300, 900, 30, 8, 76, 550),
    Level.L3: (320, 600, 1440, 60, 8, 80, 600),
    Level.L4: (400, 900, 1800, 100, 10, 85, 650),
}
LEVELS = pytest.mark.parametrize("level", list(Level), ids=lambda level: level.name)

MACHINE = Record(
    speed=SpeedRange(Speed(80), Speed(1600), Speed(10)), incline=InclineRange(Incline(0), Incline(120), 5),
    start_speed=Speed(80), stop_lag=4000, sample_interval=500, samples_at_standstill=True, remote_start=True,
    stop_works=True, units_read_by_owner=True, ramp=50, manual=Manual.ALLOWS, rails_facing_away=True,
    runs_on=True, lag=1400,
)


def walk(facing: Facing, speed: int, seconds: int = 60, incline: int = 0, line: int = 5) -> Walk:
    return Walk(facing, seconds, Speed(speed), Incline(incline), line=line)


def backward(speed: int = 80, seconds: int = 60, incline: int = 0, line: int = 5) -> Walk:
    return walk(Facing.BACKWARD, speed, seconds, incline, line)


def forward(speed: int = 250, seconds: int = 60, incline: int = 0, line: int = 5) -> Walk:
    return walk(Facing.FORWARD, speed, seconds, incline, line)


def problems(limits: Limits, *segments: Item, record: Record | None = None) -> list[str]:
    return [f"{p.line}: {p.text}" for p in check(expand(Program("t", segments)), limits, record)]


# --- the table, cell by cell -----------------------------------------------------------------------------------------


@LEVELS
def test_the_table_of_the_safety_rules(level: Level) -> None:
    limits = effective_limits(Person(level, age=40))
    speed, bout, session, incline, turns, share, ahead = TABLE[level]
    assert limits.backward.value == speed
    assert limits.bout.value == bout
    assert limits.session.value == session
    assert limits.backward_incline.value == incline
    assert limits.turns.value == turns
    assert limits.forward.value == ahead
    assert limits.heart is not None and limits.heart.value == share * 180 // 100


@LEVELS
def test_backward_speed_is_allowed_at_the_limit_and_refused_one_hundredth_above(level: Level) -> None:
    limit = TABLE[level][0]
    assert not problems(level_limits(level), backward(limit))
    (refusal,) = problems(level_limits(level), backward(limit + 1))
    assert refusal.startswith("5: walks ")


@LEVELS
def test_forward_speed_is_allowed_at_the_limit_and_refused_one_hundredth_above(level: Level) -> None:
    limit = TABLE[level][6]
    assert not problems(level_limits(level), forward(limit))
    assert len(problems(level_limits(level), forward(limit + 1))) == 1


@LEVELS
def test_a_bout_is_allowed_at_its_cap_and_refused_one_second_above(level: Level) -> None:
    cap = TABLE[level][1]
    assert not problems(level_limits(level), backward(seconds=cap))
    assert not problems(level_limits(level), backward(seconds=cap), Rest(30), backward(seconds=cap))
    (refusal,) = problems(level_limits(level), backward(seconds=cap - 1, line=7), backward(seconds=2, line=8))
    assert refusal.startswith("7: ") and "in one bout" in refusal


@LEVELS
def test_a_session_is_allowed_at_its_cap_and_refused_one_second_above(level: Level) -> None:
    cap, bout = TABLE[level][2], TABLE[level][1]
    full: list[Item] = [item for _ in range(cap // bout) for item in (backward(seconds=bout), Rest(30))]
    rest: list[Item] = [backward(seconds=cap % bout), Rest(30)] if cap % bout else []
    assert not problems(level_limits(level), *full, *rest)
    (refusal,) = problems(level_limits(level), *full, *rest, backward(seconds=1))
    assert refusal.startswith("0: ") and "backward in all" in refusal


@LEVELS
def test_backward_incline_is_allowed_at_the_limit_and_refused_a_tenth_above(level: Level) -> None:
    limit = TABLE[level][3]
    assert not problems(level_limits(level), backward(incline=limit))
    (refusal,) = problems(level_limits(level), backward(incline=limit + 1))
    assert "climbs" in refusal


@LEVELS
def test_turns_are_allowed_at_the_limit_and_refused_one_above(level: Level) -> None:
    pairs = TABLE[level][4] // 2
    there_and_back = Repeat(pairs, (forward(seconds=20), backward(seconds=15)))
    assert not problems(level_limits(level), there_and_back, forward(seconds=20))
    (refusal,) = problems(level_limits(level), there_and_back, forward(seconds=20), backward(seconds=15))
    assert refusal.startswith("0: turns round")


def test_forward_incline_is_gentle_at_first_and_flat_at_level_0() -> None:
    assert [level_limits(level).forward_incline.value for level in Level] == [0, 30, 60, 100, 150]
    (refusal,) = problems(level_limits(Level.L1), forward(incline=31))
    assert "climbs 3.1 % forward" in refusal


@LEVELS
def test_nobody_goes_downhill(level: Level) -> None:
    for step in (backward(incline=-1), forward(incline=-1)):
        (refusal,) = problems(level_limits(level), step)
        assert "downhill" in refusal


def test_before_the_person_is_known_everyone_is_level_0() -> None:
    assert UNKNOWN_PERSON.level is Level.L0
    assert effective_limits(UNKNOWN_PERSON) == replace(level_limits(Level.L0))


# --- the hard ceilings -----------------------------------------------------------------------------------------------


def test_the_hard_ceilings_are_5_backward_and_8_forward() -> None:
    assert (HARD_BACKWARD, HARD_FORWARD) == (500, 800)


@pytest.mark.parametrize(
    "step, words", [(backward(501), "hard ceiling backward is 5.0"), (forward(801), "forward is 8.0")]
)
def test_a_speed_above_the_hard_ceiling_names_it(step: Walk, words: str) -> None:
    (refusal,) = problems(level_limits(Level.L4), step)
    assert words in refusal


@given(
    st.builds(
        Person, level=st.sampled_from(Level), age=st.none() | st.integers(13, 100), fell_past_year=st.booleans(),
        neurological_or_vestibular=st.booleans(), comfortable_forward=st.none() | st.integers(0, 2000).map(Speed),
        own_backward_limit=st.none() | st.integers(0, 65535).map(Speed),
        own_forward_limit=st.none() | st.integers(0, 65535).map(Speed),
    ),
    st.none() | st.sampled_from(Level),
    st.none() | st.builds(
        SpeedRange, st.integers(0, 300).map(Speed), st.integers(0, 65535).map(Speed), st.integers(0, 100).map(Speed)
    ),
)
def test_nothing_raises_a_limit(person: Person, declared: Level | None, speeds: SpeedRange | None) -> None:
    record = None if speeds is None else replace(MACHINE, speed=speeds)
    limits = effective_limits(person, record, declared)
    own = level_limits(person.level)
    assert limits.backward.value <= min(own.backward.value, HARD_BACKWARD)
    assert limits.forward.value <= min(own.forward.value, HARD_FORWARD)
    assert limits.bout.value <= own.bout.value and limits.session.value <= own.session.value
    assert limits.turns.value <= own.turns.value and limits.backward_incline.value <= own.backward_incline.value
    assert limits.level <= person.level and (declared is None or limits.level <= declared)
    assert limits.backward.reason and limits.forward.reason
    if person.careful:
        assert limits.backward.value <= 200 and limits.level <= Level.L2
    if person.comfortable_forward is not None:
        assert limits.backward.value * 2 <= person.comfortable_forward


# --- the person ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "person",
    [
        Person(Level.L4, age=65), Person(Level.L4, fell_past_year=True),
        Person(Level.L4, age=40, neurological_or_vestibular=True),
    ],
)
def test_older_fallen_or_flagged_walk_at_most_2_kmh_backward_at_level_2(person: Person) -> None:
    limits = effective_limits(person)
    assert person.careful and limits.careful
    assert limits.level is Level.L2
    assert (limits.backward.value, limits.bout.value, limits.forward.value) == (200, 300, 550)
    assert "65 or older" in limits.backward.reason
    (refusal,) = problems(limits, backward(201))
    assert "65 or older" in refusal


def test_at_64_without_flags_nobody_is_careful() -> None:
    limits = effective_limits(Person(Level.L4, age=64))
    assert not limits.careful and limits.backward.value == 400


def test_a_careful_beginner_keeps_the_lower_limit_of_the_level() -> None:
    assert effective_limits(Person(Level.L0, age=80)).backward.value == 120


@pytest.mark.parametrize("comfortable, limit", [(300, 150), (301, 150), (299, 149), (900, 400), (0, 0)])
def test_backward_is_at_most_half_of_the_comfortable_forward_speed(comfortable: int, limit: int) -> None:
    limits = effective_limits(Person(Level.L4, comfortable_forward=Speed(comfortable)))
    assert limits.backward.value == limit
    assert limits.forward.value == 650


def test_half_of_the_comfortable_speed_is_the_reason_given() -> None:
    limits = effective_limits(Person(Level.L4, comfortable_forward=Speed(300)))
    (refusal,) = problems(limits, backward(151))
    assert "half of your comfortable forward speed" in refusal and "1.5" in refusal


def test_an_own_limit_lowers_and_never_raises() -> None:
    lower = effective_limits(Person(Level.L2, own_backward_limit=Speed(100), own_forward_limit=Speed(300)))
    assert (lower.backward.value, lower.forward.value) == (100, 300)
    assert lower.backward.reason == lower.forward.reason == "your own limit"
    higher = effective_limits(Person(Level.L2, own_backward_limit=Speed(500), own_forward_limit=Speed(800)))
    assert (higher.backward.value, higher.forward.value) == (250, 550)


@pytest.mark.parametrize(
    "person, refused",
    [
        (Person(age=12, guardian_consents=True), True), (Person(age=13), True), (Person(age=17), True),
        (Person(age=13, guardian_consents=True), False), (Person(age=18), False), (Person(), False),
    ],
)
def test_under_13_nobody_walks_and_under_18_a_guardian_consents(person: Person, refused: bool) -> None:
    assert (person.refusal is not None) is refused


@pytest.mark.parametrize(
    "level, age, beats", [(Level.L0, 40, 136), (Level.L3, 40, 144), (Level.L4, 40, 153), (Level.L2, 60, 126)]
)
def test_the_heart_rate_cap_is_a_share_of_208_less_0_7_a_year(level: Level, age: int, beats: int) -> None:
    heart = effective_limits(Person(level, age=age)).heart
    assert heart is not None and heart.value == beats


def test_without_an_age_there_is_no_heart_rate_cap_to_compute() -> None:
    assert effective_limits(Person(Level.L2)).heart is None


# --- the profile's level ---------------------------------------------------------------------------------------------


def test_a_profile_lowers_the_level_and_never_raises_it() -> None:
    lowered = effective_limits(Person(Level.L4), profile_level=Level.L1)
    assert lowered.level is Level.L1 and lowered.backward.value == 180
    assert "the profile says so" in lowered.backward.reason
    assert effective_limits(Person(Level.L1), profile_level=Level.L4).level is Level.L1


def test_a_refusal_names_the_level_that_would_allow_it() -> None:
    (refusal,) = problems(level_limits(Level.L1), backward(250))
    assert refusal == "5: walks 2.5 km/h backward, which needs level 2; the limit at level 1 is 1.8"


def test_a_speed_that_no_level_allows_names_no_level() -> None:
    (refusal,) = problems(level_limits(Level.L4), backward(450))
    assert "needs level" not in refusal and "the limit is 4.0 (level 4 (advanced))" in refusal


# --- the machine -----------------------------------------------------------------------------------------------------


def test_the_machine_lowers_both_speeds() -> None:
    slow = replace(MACHINE, speed=SpeedRange(Speed(80), Speed(200), Speed(10)))
    limits = effective_limits(Person(Level.L4), slow)
    assert (limits.backward.value, limits.forward.value) == (200, 200)
    assert "top speed" in limits.backward.reason and "top speed" in limits.forward.reason


def test_a_machine_that_may_not_be_walked_backward_leaves_forward_alone() -> None:
    limits = effective_limits(Person(Level.L4), replace(MACHINE, manual=Manual.FORBIDS))
    assert (limits.backward.value, limits.forward.value) == (0, 650)
    (refusal,) = problems(limits, backward(80))
    assert "manual forbids" in refusal


def test_a_machine_that_was_never_commissioned_permits_nothing_backward() -> None:
    limits = effective_limits(Person(Level.L4), Record())
    assert limits.backward.value == 0 and "not measured yet" in limits.backward.reason


def test_steps_coarser_than_0_2_permit_only_the_minimum_backward() -> None:
    coarse = replace(MACHINE, speed=SpeedRange(Speed(100), Speed(1600), Speed(50)))
    limits = effective_limits(Person(Level.L4), coarse)
    assert limits.backward.value == 100 and "coarser" in limits.backward.reason


def test_coarse_steps_count_also_where_a_spotter_has_to_start() -> None:
    coarse = replace(MACHINE, speed=SpeedRange(Speed(100), Speed(1600), Speed(50)), remote_start=False)
    assert effective_limits(Person(Level.L4), coarse).backward.value == 100


def test_a_silent_manual_means_level_2_at_most() -> None:
    limits = effective_limits(Person(Level.L4), replace(MACHINE, manual=Manual.SILENT))
    assert limits.level is Level.L2 and limits.backward.value == 250
    (refusal,) = problems(limits, backward(300))
    assert "manual does not mention" in refusal and "needs level" not in refusal


def test_the_incline_of_the_machine_is_a_limit_and_without_one_it_is_zero() -> None:
    gentle = replace(MACHINE, incline=InclineRange(Incline(0), Incline(20), 5))
    assert effective_limits(Person(Level.L4), gentle).backward_incline.value == 20
    flat = effective_limits(Person(Level.L4), replace(MACHINE, incline=None))
    assert (flat.backward_incline.value, flat.forward_incline.value) == (0, 0)
    assert "no incline" in flat.backward_incline.reason


def test_a_speed_below_the_minimum_is_refused_and_never_raised() -> None:
    assert not problems(level_limits(Level.L0), backward(80), record=MACHINE)
    (refusal,) = problems(level_limits(Level.L0), backward(79), record=MACHINE)
    assert "lowest speed is 0.8" in refusal


@pytest.mark.parametrize("speed, settable", [(129, 120), (120, 120), (80, 80), (79, 79), (2000, 1600)])
def test_speeds_snap_down_to_what_the_machine_can_be_set_to(speed: int, settable: int) -> None:
    assert snapped(Speed(speed), MACHINE) == settable
    assert snapped(Speed(speed), Record()) == speed


# --- order, ramps, holds ---------------------------------------------------------------------------------------------


def test_no_belt_segment_may_follow_a_dead_mill() -> None:
    mill = DeadMill(Facing.BACKWARD, 45)
    assert not problems(level_limits(Level.L0), forward(), mill, Rest(30), OffTreadmill(10))
    (refusal,) = problems(level_limits(Level.L0), mill, forward(line=8))
    assert refusal.startswith("8: ") and "dead mill" in refusal


def test_rises_are_gentler_backward_at_the_first_two_levels() -> None:
    assert [step_up(Facing.BACKWARD, level) for level in Level] == [10, 10, 20, 20, 20]
    assert [step_up(Facing.FORWARD, level) for level in Level] == [20] * 5


def test_the_belt_is_held_longer_for_a_walker_who_faces_away_or_whose_facing_is_unknown() -> None:
    assert (hold_ms(Facing.FORWARD), hold_ms(Facing.BACKWARD), hold_ms(None)) == (10_000, 15_000, 15_000)


def test_a_walk_too_short_for_hold_ramp_and_steady_walking_is_warned_of() -> None:
    limits = level_limits(Level.L0)
    # backward from 0.8 to 1.2: 15 s hold, 4 s ramp at 0.1 a second, 15 s steady
    assert not short_segments([backward(120, 34)], limits, Speed(80))
    (warning,) = short_segments([backward(120, 33, line=4)], limits, Speed(80))
    assert warning.line == 4 and "34 s" in warning.text
    # forward at the minimum: 10 s hold, 15 s steady
    assert not short_segments([forward(80, 25)], limits, Speed(80))
    assert len(short_segments([forward(80, 24)], limits, Speed(80))) == 1


def test_only_the_first_walk_of_a_bout_needs_a_hold() -> None:
    assert not short_segments([forward(80, 30), forward(100, 5)], level_limits(Level.L0), Speed(80))


def test_limits_are_found_by_facing() -> None:
    limits = level_limits(Level.L2)
    assert (limits.speed(Facing.FORWARD), limits.speed(Facing.BACKWARD)) == (limits.forward, limits.backward)
    assert limits.incline(Facing.FORWARD) is limits.forward_incline
    assert limits.incline(Facing.BACKWARD) is limits.backward_incline


def test_a_turn_counts_for_no_time() -> None:
    segments = (forward(seconds=20), Turn(Facing.BACKWARD), backward(seconds=60))
    assert not check(segments, level_limits(Level.L0))
