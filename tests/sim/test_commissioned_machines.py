"""Every known machine is commissioned by an honest owner: what is learnt never permits more than is known of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from treadsim.commissioned import LIMITS, Commissioned, Outcome, commissioned

from treadctl.files.habits import IN_MILES, Habit
from treadctl.files.quirks import load_quirk, quirk_names
from treadctl.ftms.control_point import Op
from treadctl.model.api import Press
from treadctl.model.machine import Backward, backward_permission

ORDER = (Backward.NO, Backward.SPOTTER_STARTS, Backward.MINIMUM_ONLY, Backward.YES)
NAMES = quirk_names()
PERMITTED = tuple(name for name in NAMES if backward_permission(load_quirk(name).record)[0] is not Backward.NO)
ONLY_ZEROS = "urevo-e3"
"""What tells only zeros cannot be seen to move, by nobody."""


def part_one(name: str) -> Commissioned:
    return commissioned(load_quirk(name))


def part_two(name: str) -> Commissioned:
    return commissioned(load_quirk(name), 2)


@pytest.mark.parametrize("name", NAMES)
def test_it_ends_with_a_record_or_with_one_sentence(name: str) -> None:
    done = part_one(name)
    assert done.ended and done.reason
    assert done.reason.startswith("Kept. ") is (done.learnt is not None)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_learnt_permits_no_more_than_is_known_of_the_machine(name: str) -> None:
    done, known = part_one(name), load_quirk(name).record
    if done.learnt is not None:
        learnt = backward_permission(done.learnt)[0]
        assert ORDER.index(learnt) <= ORDER.index(backward_permission(known)[0])
        assert not done.learnt.pause_proven and done.learnt.runs_on is None


@pytest.mark.parametrize("name", NAMES)
def test_a_machine_in_miles_is_never_found_to_agree(name: str) -> None:
    quirk, done = load_quirk(name), part_one(name)
    if quirk.habits & IN_MILES:
        assert done.learnt is None or not done.learnt.units_read_by_owner
        assert done.learnt is not None or "miles" in done.reason


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_belt_that_obeys_never_runs_faster_than_is_said(name: str) -> None:
    if load_quirk(name).honest:
        assert part_one(name).fastest <= 220


@pytest.mark.parametrize("name", NAMES)
def test_every_start_has_a_confirm_of_its_own_and_the_belt_stands_at_the_end(name: str) -> None:
    done = part_one(name)
    starts = [wire.at for wire in done.trace.writes if wire.op == Op.START_OR_RESUME]
    for before, at in zip([-1, *starts], starts, strict=False):
        pressed = [ask for ask in done.trace.asks if before < ask.at < at and isinstance(ask.intent, Press)]
        asked = [word.text for word in done.trace.words if word.at < at and "Press, tone, press." in word.text]
        assert len(pressed) >= 2 and asked[-1] == "Belt empty? Press, tone, press."
    assert done.speed == 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", [1, 2])
def test_no_invariant_is_violated_while_a_machine_is_learnt(name: str, part: int) -> None:
    assert [str(found) for found in commissioned(load_quirk(name), part).broken] == []


def test_a_commissioning_is_judged_by_the_limits_of_an_empty_belt() -> None:
    done = part_one("reference")
    assert done.trace.setup.limits is LIMITS and done.trace.setup.limits.forward.value == 200
    fast = [wire._replace(speed=300 if wire.speed == 200 else wire.speed) for wire in done.trace.writes]
    assert {one.invariant for one in replace(done, trace=replace(done.trace, writes=fast)).broken} >= {"I1", "I29"}


def test_only_of_a_machine_that_tells_zeros_alone_it_is_forgiven_that_a_moving_belt_is_said_to_stand() -> None:
    """Until its owner says that it moves, and pulls the key."""
    zeros = part_one(ONLY_ZEROS)
    assert zeros.quirk.has(Habit.ONLY_ZEROS) and zeros.fastest > 0 and zeros.broken == []
    assert {one.invariant for one in replace(zeros, quirk=load_quirk("reference")).broken} == {"I15"}


def found_right(name: str) -> bool:
    """Whether what was learnt is what is known."""
    learnt, known = part_one(name).learnt, load_quirk(name).record
    return learnt is not None and backward_permission(learnt)[0] is backward_permission(known)[0]


MISSED = frozenset({"life-fitness", "mph-target"})
"""They hang up while nothing happens, or want miles."""
DRIFTING = frozenset(name for name in PERMITTED if load_quirk(name).drifts_after)


@pytest.mark.parametrize(
    ("name", "outcome", "words"),
    [
        ("reference", Outcome.BACKWARD, "backward"),
        ("half-steps", Outcome.MINIMUM, "backward at its minimum: this machine's speed steps are coarser"),
        ("sole-f80", Outcome.SPOTTER, "with a spotter: this machine cannot be started by remote"),
        ("xterra", Outcome.GUIDE, "guide"),
        ("horizon-7-4", Outcome.GUIDE, "guide"),  # Stop does nothing
        ("drifts-back", Outcome.GUIDE, "guide"),  # no speed is kept
        ("bowflex-t9", Outcome.NOT_DRIVEN, "cannot be driven: its console shows another speed than it tells"),
        ("urevo-e3", Outcome.NOTHING, "cannot be commissioned: “The belt moves and the machine does not tell it"),
        ("tm11gy", Outcome.NOTHING, "cannot be commissioned: “It ran 1.3 km/h, as a machine does that takes km/h for"),
        ("life-fitness", Outcome.NOTHING, "cannot be commissioned: “The link was lost; wake the treadmill, and begin"),
        ("t318", Outcome.NOTHING, "cannot be commissioned: “It falls silent at standstill"),
    ],
)
def test_what_commissioning_comes_to_in_plain_words(name: str, outcome: Outcome, words: str) -> None:
    done = part_one(name)
    assert done.outcome is outcome and done.words.startswith(words)
    assert (done.record is None) is (outcome is Outcome.NOTHING)


def test_what_is_known_of_a_machine_takes_away_from_what_was_learnt() -> None:
    done = part_one("reference")
    known = replace(done, quirk=replace(done.quirk, habits=frozenset({Habit.STOP_WITHOUT_EFFECT})))
    assert known.outcome is Outcome.NOT_DRIVEN and known.why == "its belt cannot be stopped by remote"
    assert done.learnt is not None
    steep = replace(done, learnt=replace(done.learnt, ramp=90))
    assert steep.words == "not backward: it speeds up faster than 0.6 km/h per second"


def test_the_figures_of_the_reference_machine_are_learnt() -> None:
    known, learnt = load_quirk("reference").record, part_one("reference").learnt
    assert learnt is not None and backward_permission(learnt)[0] is Backward.YES
    assert (learnt.speed, learnt.start_speed, learnt.ramp) == (known.speed, known.start_speed, known.ramp)
    assert learnt.sample_interval == known.sample_interval == 500
    for seen, true in ((learnt.start_lag, known.start_lag), (learnt.lag, known.lag), (learnt.stop_lag, known.stop_lag)):
        assert seen is not None and true is not None and 0 <= seen - true <= 1000


@pytest.mark.parametrize(
    ("name", "figure", "value"),
    [
        ("half-steps", "speed", load_quirk("half-steps").speed), ("minimum-one", "start_speed", 100),
        ("bowflex-t9", "units_read_by_owner", False), ("no-remote-start", "remote_start", False),
        ("control-locked", "control", False), ("qwalkingpad", "start_speed", 50),
        ("split-records", "sample_interval", 1000),
    ],
)  # fmt: skip
def test_the_peculiarity_of_a_machine_is_learnt(name: str, figure: str, value: object) -> None:
    learnt = part_one(name).learnt
    assert learnt is not None and getattr(learnt, figure) == value


def test_most_machines_that_may_be_walked_backward_are_found_to_be_such() -> None:
    missed = {name for name in PERMITTED if not found_right(name)}
    assert missed - DRIFTING == MISSED


# --- part two --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pause", "resumes"),
    [("reference", True, 80), ("resumes-speed", True, 100), ("winfita", False, 80), ("no-remote-start", True, 80),
     ("half-steps", True, 50), ("matrix", True, 80)],
)  # fmt: skip
def test_part_two_learns_the_rest(name: str, pause: bool, resumes: int) -> None:
    done = part_two(name)
    learnt = done.learnt
    assert learnt is not None and learnt.complete, done.reason
    assert (learnt.pause_proven, learnt.resume_speed, learnt.runs_on, learnt.dead_mill_attested) == (
        pause, resumes, True, True,
    )
    assert done.fastest <= 120 and done.speed == 0


@pytest.mark.parametrize("name", ["control-locked", "3g-pro-runner-x"])
def test_part_two_is_refused_where_the_first_did_not_do(name: str) -> None:
    done = part_two(name)
    assert done.learnt is None and done.trace.writes == []
