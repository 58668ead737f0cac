"""The test of the tests: every broken controller is caught, every invariant catches one, and the good core is not."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from treadsim.faults import parse_faults
from treadsim.invariants import INVARIANTS, violations
from treadsim.world import Scene, World

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("known_bad", HERE / "known_bad.py")
assert spec is not None and spec.loader is not None
known_bad = importlib.util.module_from_spec(spec)
sys.modules["known_bad"] = known_bad
spec.loader.exec_module(known_bad)
ROOT = HERE.parents[1]


@pytest.mark.parametrize("bad", known_bad.KNOWN_BAD, ids=lambda bad: bad.name)
def test_a_broken_controller_is_caught(bad: known_bad.KnownBad) -> None:  # type: ignore[name-defined]
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


@pytest.mark.parametrize("program", [known_bad.WALK, known_bad.NAMED], ids=["plain", "hostile name"])
def test_the_core_itself_walks_the_same_scene_without_a_violation(program: object) -> None:
    world = World(Scene(program, calm=True), diary=False)  # type: ignore[arg-type]
    world.run(known_bad.UNTIL)
    assert violations(world.trace) == []


def test_lost_and_late_samples_stop_nothing() -> None:
    faults = parse_faults(("telemetry.lossy(p=0.05)", "telemetry.jitter(delay=300ms)"))
    world = World(Scene(known_bad.WALK, faults=faults, calm=True), diary=False)
    world.run(known_bad.UNTIL)
    assert violations(world.trace) == []
