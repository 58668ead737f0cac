"""The campaign: its seeds say everything, its verdict is an exit code, and what it found once stays found."""

from __future__ import annotations

import subprocess
import sys

import pytest
from treadsim.campaign import Walked, judge, nuisance_scene, scene_of, tell, walk
from treadsim.faults import parse_fault
from treadsim.invariants import violations

REGRESSIONS = (1, 4, 10, 22, 33, 37, 57, 61, 68, 1000, 1002, 1013, 1033, 1082, 1205, 1229, 1237, 2006, 2052, 2133, 2206)
"""Seeds that once showed a violation (of the core, the simulator or an invariant)."""


@pytest.mark.parametrize("seed", REGRESSIONS)
def test_a_seed_that_failed_once_holds_now(seed: int) -> None:
    assert [str(one) for one in judge(seed).found] == []


@pytest.mark.parametrize("seed", range(40, 56))
def test_a_sample_of_the_campaign_holds(seed: int) -> None:
    assert [str(one) for one in judge(seed).found] == []


@pytest.mark.parametrize("seed", range(12))
def test_lost_and_late_samples_stop_nobody(seed: int) -> None:
    assert [str(one) for one in judge(seed, nuisance=True).found] == []


def test_the_same_seed_is_the_same_walk() -> None:
    scene, unrest = scene_of(7)
    assert scene_of(7) == (scene, unrest)
    assert walk(scene, unrest).trace.writes == walk(scene, unrest).trace.writes


def test_a_fault_of_a_scene_can_be_written_down_and_read_again() -> None:
    faults = [fault for seed in range(60) for fault in scene_of(seed)[0].faults]
    assert faults and [parse_fault(str(fault)) for fault in faults] == faults


def test_nuisance_scenes_lose_as_many_samples_as_the_safety_rules_say() -> None:
    assert [fault.name for fault in nuisance_scene(0).faults] == ["telemetry.lossy", "telemetry.jitter"]


def test_a_violation_is_told_with_its_seed_and_its_faults() -> None:
    scene, _ = scene_of(10)
    found = violations(walk(scene).trace)[:0]
    lines = list(tell([Walked(10, 3_600_000, tuple(found), scene.faults, True)], 2.0, 10))
    assert lines[0] == "seeds 10 to 10: 1 walks, 1.0 virtual hours" and "0.50 virtual hours" in lines[1]


def test_the_command_walks_on_all_cores_and_ends_with_its_verdict() -> None:
    command = [sys.executable, "-m", "treadsim.campaign", "--hours", "0.2", "--seed", "7", "--jobs", "2", "--nuisance"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 with violations" in done.stdout
