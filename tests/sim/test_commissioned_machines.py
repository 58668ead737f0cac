"""Every known machine is commissioned by an honest owner: what is learnt never permits more than is known of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import pytest
from treadsim.facts import Facts
from treadsim.hands import Owner
from treadsim.invariants import BY_NAME, Violation
from treadsim.world import ADDRESS, Scene, World

from treadctl.files.habits import IN_MILES
from treadctl.files.quirks import Quirk, load_quirk, quirk_names
from treadctl.ftms.control_point import Op
from treadctl.model.api import Phase
from treadctl.model.machine import Backward, Record, backward_permission
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Ms, Speed

LONGEST: Ms = 600_000
ORDER = (Backward.NO, Backward.SPOTTER_STARTS, Backward.MINIMUM_ONLY, Backward.YES)
NAMES = quirk_names()
PERMITTED = tuple(name for name in NAMES if backward_permission(load_quirk(name).record)[0] is not Backward.NO)
HOLDS = ("I6", "I8", "I9", "I10", "I11", "I12", "I13", "I15", "I16", "I18", "I20", "I25", "I26")
"""The others judge a walk: by the limits of its person, and by rises in steps."""
ONLY_ZEROS = "urevo-e3"
"""What tells only zeros cannot be seen to move, by nobody."""


@dataclass(frozen=True, slots=True)
class Done:
    """One commissioning: how it ended, and how fast the belt truly was."""

    world: World
    top: float

    @property
    def reason(self) -> str:
        return self.world.snapshot.reason

    @property
    def learnt(self) -> Record | None:
        return self.world.learnt


def commissioned(quirk: Quirk, part: int = 1) -> Done:
    """Commissioned in virtual time. For part two the machine was learnt before, as an honest owner would have."""
    program = Program("none", (Walk(Facing.FORWARD, 60, Speed(200)),))
    world = World(Scene(program, quirk=quirk, commission=part))
    known = replace(quirk.record, address=ADDRESS, learnt="2026-01-01")
    world._air.record = known if part == 2 else None
    world.walker = Owner(world.machine.belt, miles=bool(quirk.habits & IN_MILES))
    top = 0.0
    while not world.over and world.now < LONGEST and world.now < world._end_at:
        world.run_until(world.now + 100 if world._next_time() <= world.now + 100 else world._next_time())
        top = max(top, world.machine.belt.speed)
    return Done(world, top)


@lru_cache
def part_one(name: str) -> Done:
    return commissioned(load_quirk(name))


@pytest.mark.parametrize("name", NAMES)
def test_it_ends_with_a_record_or_with_one_sentence(name: str) -> None:
    done = part_one(name)
    assert done.world.snapshot.phase is Phase.DONE and done.world.now < LONGEST
    if done.learnt is None:
        assert done.reason.endswith("Nothing was learnt.") or done.reason.startswith("Nothing was learnt: ")
    else:
        assert done.reason.startswith("Kept. ")


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
        assert part_one(name).top <= 220


@pytest.mark.parametrize("name", NAMES)
def test_every_start_has_a_confirm_of_its_own_and_the_belt_stands_at_the_end(name: str) -> None:
    done = part_one(name)
    trace = done.world.trace
    starts = [wire.at for wire in trace.writes if wire.op == Op.START_OR_RESUME]
    for before, at in zip([-1, *starts], starts, strict=False):
        pressed = [ask for ask in trace.asks if before < ask.at < at and type(ask.intent).__name__ == "Press"]
        assert len(pressed) >= 2
    assert name == ONLY_ZEROS or done.world.machine.belt.speed == 0


def broken(done: Done) -> list[Violation]:
    facts = Facts(done.world.trace)
    return [found for name in HOLDS for found in BY_NAME[name].violations(facts)]


def found_right(name: str) -> bool:
    """Whether what was learnt is what is known."""
    learnt, known = part_one(name).learnt, load_quirk(name).record
    return learnt is not None and backward_permission(learnt)[0] is backward_permission(known)[0]


MISSED = frozenset({"life-fitness", "mph-target", "wellfit"})
"""They hang up while nothing happens, want miles, or every confirm twice."""
DRIFTING = frozenset(name for name in PERMITTED if load_quirk(name).drifts_after)


@pytest.mark.parametrize("name", sorted({*PERMITTED} - MISSED - DRIFTING))
def test_no_invariant_of_an_empty_belt_is_violated(name: str) -> None:
    """On the others somebody starts at the console what the judge takes for a machine that starts itself."""
    assert found_right(name)
    assert [str(found) for found in broken(part_one(name))] == []


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
    done = commissioned(load_quirk(name), 2)
    learnt = done.learnt
    assert learnt is not None and learnt.complete, done.reason
    assert (learnt.pause_proven, learnt.resume_speed, learnt.runs_on, learnt.dead_mill_attested) == (
        pause, resumes, True, True,
    )
    assert done.top <= 120 and done.world.machine.belt.speed == 0


@pytest.mark.parametrize("name", ["control-locked", "3g-pro-runner-x"])
def test_part_two_is_refused_where_the_first_did_not_do(name: str) -> None:
    done = commissioned(load_quirk(name), 2)
    assert done.learnt is None and done.world.trace.writes == []
