"""What a person reads when a limit refuses something: every reason and every sentence, word for word.

Copied by hand, with the numbers as they are written for people. The boundaries that only a sentence shows are here too.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from treadctl.model.limits import Limit, Limits, check, effective_limits, level_limits, short_segments
from treadctl.model.machine import InclineRange, Manual, Record, SpeedRange
from treadctl.model.person import Level, Person
from treadctl.model.program import DeadMill, Facing, Item, Program, Rest, Walk, expand
from treadctl.model.units import Incline, Speed

CAREFUL = "65 or older, a fall in the past year, or a flag"
SILENT = "this machine's manual does not mention walking backward"
MACHINE = Record(
    speed=SpeedRange(Speed(80), Speed(1600), Speed(10)), incline=InclineRange(Incline(0), Incline(120), 5),
    start_speed=Speed(80), stop_lag=4000, sample_interval=500, samples_at_standstill=True, remote_start=True,
    stop_works=True, units_read_by_owner=True, ramp=50, manual=Manual.ALLOWS, rails_facing_away=True, runs_on=True,
)
EXPERT = Person(Level.L4)


def backward(speed: int = 80, seconds: int = 60, incline: int = 0, line: int = 5) -> Walk:
    return Walk(Facing.BACKWARD, seconds, Speed(speed), Incline(incline), line=line)


def forward(speed: int = 250, seconds: int = 60, incline: int = 0, line: int = 5) -> Walk:
    return Walk(Facing.FORWARD, seconds, Speed(speed), Incline(incline), line=line)


def refusals(limits: Limits, *segments: Item, record: Record | None = None) -> list[str]:
    return [f"{p.line}: {p.text}" for p in check(expand(Program("t", segments)), limits, record)]


# --- reasons ---------------------------------------------------------------------------------------------------------


def test_every_limit_of_a_level_gives_the_level_as_its_reason() -> None:
    why = "level 2 (practised), because the profile says so"
    limits = effective_limits(EXPERT, profile_level=Level.L2)
    assert limits == Limits(
        Level.L2, forward=Limit(550, why), backward=Limit(250, why), bout=Limit(300, why), session=Limit(900, why),
        backward_incline=Limit(30, why), forward_incline=Limit(60, why), turns=Limit(8, why),
    )


def test_of_two_reasons_for_the_same_level_the_earlier_is_given() -> None:
    silent = replace(MACHINE, manual=Manual.SILENT)
    by_flag = effective_limits(Person(Level.L4, age=70), silent, Level.L2)
    assert by_flag.bout.reason == f"level 2 (practised), because {CAREFUL}"
    by_manual = effective_limits(EXPERT, silent, Level.L2)
    assert by_manual.bout.reason == f"level 2 (practised), because {SILENT}"
    own = effective_limits(Person(Level.L2, age=70), silent, Level.L2)
    assert own.bout.reason == "level 2 (practised)"


def test_the_reasons_of_a_slow_and_gentle_machine() -> None:
    gentle = replace(
        MACHINE, speed=SpeedRange(Speed(80), Speed(200), Speed(10)), incline=InclineRange(Incline(0), Incline(20), 5)
    )
    limits = effective_limits(EXPERT, gentle)
    assert limits.forward == limits.backward == Limit(200, "this machine's top speed")
    assert limits.forward_incline == limits.backward_incline == Limit(20, "this machine's steepest incline")


def test_the_reason_on_a_flat_machine() -> None:
    limits = effective_limits(EXPERT, replace(MACHINE, incline=None))
    assert limits.forward_incline == Limit(0, "this machine has no incline that treadctl may set")


def test_the_reason_of_half_the_comfortable_speed_and_of_the_heart() -> None:
    limits = effective_limits(Person(Level.L4, age=40, comfortable_forward=Speed(300)))
    assert limits.backward == Limit(150, "half of your comfortable forward speed")
    assert limits.heart == Limit(153, "85 % of 208 - 0.7 x age")


@pytest.mark.parametrize("needed", [False, True])
def test_whether_the_heart_rate_is_needed_goes_along_with_the_limits(needed: bool) -> None:
    assert effective_limits(Person(needs_heart_rate=needed)).heart_needed is needed


@pytest.mark.parametrize(("level", "age", "beats"), [(Level.L0, 34, 139), (Level.L3, 33, 147), (Level.L4, 30, 158)])
def test_the_heart_rate_cap_is_rounded_down(level: Level, age: int, beats: int) -> None:
    """139.992, 147.92 and 158.95 beats: the ages at which a little more would be one beat more."""
    heart = effective_limits(Person(level, age=age)).heart
    assert heart is not None and heart.value == beats


def test_steps_of_exactly_0_2_are_fine_enough_for_backward() -> None:
    fine = replace(MACHINE, speed=SpeedRange(Speed(80), Speed(1600), Speed(20)))
    assert effective_limits(EXPERT, fine).backward.value == 400


# --- too fast --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "step", "text"),
    [
        (
            level_limits(Level.L4), backward(501),
            "5: walks 5.01 km/h backward; the hard ceiling backward is 5.0 km/h, so write a lower speed",
        ),
        (
            level_limits(Level.L4), backward(500),
            "5: walks 5.0 km/h backward; the limit is 4.0 (level 4 (advanced)), so write that or less",
        ),
        (
            level_limits(Level.L4), forward(801),
            "5: walks 8.01 km/h forward; the hard ceiling forward is 8.0 km/h, so write a lower speed",
        ),
        (
            level_limits(Level.L4), forward(800),
            "5: walks 8.0 km/h forward; the limit is 6.5 (level 4 (advanced)), so write that or less",
        ),
        (
            level_limits(Level.L0), forward(500),
            "5: walks 5.0 km/h forward, which needs level 1; the limit at level 0 is 4.0",
        ),
        (
            effective_limits(EXPERT, replace(MACHINE, manual=Manual.FORBIDS)), backward(80),
            "5: walks 0.8 km/h backward, which is not allowed here: its manual forbids walking backward",
        ),
        (
            effective_limits(Person(own_backward_limit=Speed(1))), backward(80),
            "5: walks 0.8 km/h backward; the limit is 0.01 (your own limit), so write that or less",
        ),
    ],
)
def test_a_speed_above_its_limit(limits: Limits, step: Walk, text: str) -> None:
    assert refusals(limits, step) == [text]


def test_a_speed_below_what_the_machine_can_be_set_to() -> None:
    assert refusals(level_limits(Level.L0), backward(79, line=3), record=MACHINE) == [
        "3: walks 0.79 km/h backward, and this machine's lowest speed is 0.8; write that or more"
    ]


# --- too steep, too long, too often ----------------------------------------------------------------------------------


def test_each_facing_has_an_incline_of_its_own() -> None:
    assert refusals(level_limits(Level.L1), forward(incline=30)) == []
    assert refusals(level_limits(Level.L1), backward(incline=1, line=4)) == [
        "4: climbs 0.1 % backward; the limit is 0.0 % (level 1 (beginner))"
    ]


def test_downhill() -> None:
    assert refusals(level_limits(Level.L1), forward(incline=-5, line=6)) == [
        "6: goes downhill (-0.5 %); treadctl never does, so write 0 % or more"
    ]


def test_a_bout_too_long() -> None:
    assert refusals(level_limits(Level.L4), backward(seconds=901, line=2)) == [
        "2: walks 15:01 backward in one bout; the limit is 15:00 (level 4 (advanced)), so put a rest or forward "
        "walking between"
    ]


def test_a_session_too_long() -> None:
    bouts = (backward(seconds=900), Rest(30), backward(seconds=900), Rest(30), backward(seconds=5))
    assert refusals(level_limits(Level.L4), *bouts) == [
        "0: walks 30:05 backward in all; the limit is 30:00 (level 4 (advanced))"
    ]


def test_too_many_turns() -> None:
    there_and_back = (forward(seconds=20), backward(seconds=15)) * 4
    assert refusals(level_limits(Level.L1), *there_and_back) == [
        "0: turns round 7 times; the limit is 6 (level 1 (beginner))"
    ]


def test_a_walk_after_the_dead_mill() -> None:
    assert refusals(level_limits(Level.L0), DeadMill(Facing.BACKWARD, 45), Rest(30), forward(line=8)) == [
        "8: walks on the belt after a dead mill; put the dead mill at the end"
    ]


def test_a_warning_of_a_short_walk_gives_the_seconds_that_would_do() -> None:
    """Forward from 0.8 to 5.81: 10 s hold, 25.05 s ramp, 15 s of walking."""
    (warning,) = short_segments([forward(581, 50, line=4)], level_limits(Level.L2), Speed(80))
    assert warning.line == 4
    assert warning.text == "lasts 50 s, and hold, ramp and 15 s of walking need 51 s; make it longer"
    assert short_segments([forward(581, 51)], level_limits(Level.L2), Speed(80)) == []
