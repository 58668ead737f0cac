"""The test of the tests: every broken controller is caught, every invariant catches one, and the good core is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from treadsim.faults import parse_faults
from treadsim.invariants import INVARIANTS, violations
from treadsim.world import Scene, World

from tests.properties import known_bad
from tests.properties.bent import NAMED, UNTIL, WALK
from treadctl.model.program import Program

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("bad", known_bad.KNOWN_BAD, ids=lambda bad: bad.name)
def test_a_broken_controller_is_caught(bad: known_bad.KnownBad) -> None:
    found = known_bad.caught(bad)
    assert set(bad.caught_by) <= {one.invariant for one in found}, [str(one) for one in found]


def test_there_are_enough_of_them_and_each_names_its_incident() -> None:
    assert len(known_bad.KNOWN_BAD) >= 20
    assert all(bad.core.__doc__ for bad in known_bad.KNOWN_BAD)


def test_every_invariant_that_the_world_can_see_catches_one() -> None:
    seen = {one.name for one in INVARIANTS if one.checks}
    assert seen == {name for bad in known_bad.KNOWN_BAD for name in bad.caught_by}


def test_every_other_invariant_says_where_it_is_proved() -> None:
    for one in INVARIANTS:
        assert one.checks or (ROOT / one.elsewhere).is_file(), one.name
        assert not one.elsewhere or (ROOT / one.elsewhere).is_file(), one.elsewhere


@pytest.mark.parametrize("program", [WALK, NAMED], ids=["plain", "hostile name"])
def test_the_core_itself_walks_the_same_scene_without_a_violation(program: Program) -> None:
    world = World(Scene(program, calm=True), diary=False)
    world.run(UNTIL)
    assert violations(world.trace) == []


def test_lost_and_late_samples_stop_nothing() -> None:
    faults = parse_faults(("telemetry.lossy(p=0.05)", "telemetry.jitter(delay=300ms)"))
    world = World(Scene(WALK, faults=faults, calm=True), diary=False)
    world.run(UNTIL)
    assert violations(world.trace) == []
