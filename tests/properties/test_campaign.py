"""The campaign: its seeds say everything, its verdict is an exit code, and what it found once stays found."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from treadsim import campaign
from treadsim.campaign import judge, nuisance_scene, random_faults, scene_of, walk
from treadsim.campaign_record import End, Walked, append, tell
from treadsim.faults import parse_fault, parse_faults
from treadsim.invariants import Violation, violations
from treadsim.world import Scene

from treadctl.control.core import Core
from treadctl.control.events import Effect, Input
from treadctl.files.quirks import load_quirk
from treadctl.model import plain
from treadctl.model.person import Person
from treadctl.model.program import Program
from treadctl.model.units import Ms

REGRESSIONS = json.loads((Path(__file__).parent / "regressions.json").read_text(encoding="utf-8"))
"""Walks that once showed a violation (of the core, the simulator or an invariant), written out: what a seed stands for
changes with every fault and every machine that comes to it."""


def scene_from(told: dict[str, Any]) -> Scene:
    person, program = plain.load(Person, told["person"]), plain.load(Program, told["program"])
    return Scene(program, person, load_quirk(told["quirk"]), parse_faults(told["faults"]), told["seed"])


@pytest.mark.parametrize("told", REGRESSIONS, ids=lambda told: str(told["seed"]))
def test_a_walk_that_failed_once_holds_now(told: dict[str, Any]) -> None:
    trace = walk(scene_from(told), told["unrest"]).trace
    assert trace.writes or trace.links
    assert [str(one) for one in violations(trace)] == []


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


def test_most_walks_have_a_pair_of_faults_and_some_have_none_one_or_more() -> None:
    counts = [len(scene_of(seed)[0].faults) for seed in range(300)]
    assert {number: round(counts.count(number) / 30) for number in range(4)} == {0: 1, 1: 3, 2: 5, 3: 1}


def test_half_of_the_pairs_begin_close_together_and_the_others_anywhere() -> None:
    pairs = [random_faults(random.Random(seed), 2, 1_000_000) for seed in range(200)]
    close = sum(two.at - one.at <= 6_000 for one, two in pairs)
    assert 90 <= close <= 125
    assert len({(one.name, two.name) for one, two in pairs}) > 180


def test_nuisance_scenes_lose_as_many_samples_as_the_safety_rules_say() -> None:
    rules = {
        500: ["telemetry.lossy(at=0s,p=0.05,row=3)", "telemetry.jitter(at=0s,delay=300ms)"],
        1000: ["telemetry.lossy(at=0s,p=0.05,row=1)"],
    }
    scenes = [nuisance_scene(seed) for seed in range(20)]
    assert {scene.quirk.sample_every for scene in scenes if scene.quirk} == set(rules)
    for scene in scenes:
        assert scene.quirk is not None and scene.calm
        assert [str(fault) for fault in scene.faults] == rules[scene.quirk.sample_every]


class Broken(Core):
    """Raises in the middle of a walk."""

    def step(self, now: Ms, item: Input) -> list[Effect]:
        if now > 90_000:
            raise ValueError("broken")
        return super().step(now, item)


def test_a_violation_is_told_with_its_seed_and_the_fewest_faults_that_it_needs() -> None:
    seed = next(seed for seed in range(100) if len(scene_of(seed)[0].faults) == 2 and judge(seed).virtual > 100_000)
    one = judge(seed, core=Broken)
    assert len(one.faults) == 2 and one.needed == () and {found.invariant for found in one.found} >= {"I16"}
    lines = list(tell([one], 2.0, nuisance=False))
    assert f"seed {seed}: python3 run.py campaign --seed {seed} --walks 1" in lines
    assert "    needs no fault" in lines and "1 with violations" in lines


def test_a_campaign_is_told_in_figures() -> None:
    pair = parse_faults(("link.drop(at=90s)", "machine.key(at=91s)"))
    walked = [
        Walked(5, 1_800_000, faults=pair, begun=("link.drop", "machine.key"), end=End.STOPPED),
        Walked(6, 1_800_000, end=End.FINISHED),
    ]
    assert list(tell(walked, 2.0, nuisance=False)) == [
        "seeds 5 to 6: 2 walks, 1.0 virtual hours",
        "0.50 virtual hours per CPU second, all invariants included",
        "1 / 0 / 1 / 0 walks with no, one, two, more faults; 2 faults and 1 pairs of them were at work",
        "1 / 1 / 0 walks finished, stopped by a fault, ended otherwise (refused, or by the person)",
        "0 with violations",
    ]


def test_a_record_is_one_more_row_of_the_table(tmp_path: Path) -> None:
    page = tmp_path / "campaign.md"
    page.write_text("| date |\n|---|\n")
    found = (Violation("I6", 1000, "no stop"),)
    append(page, [Walked(5, 3_600_000, found, end=End.STOPPED)], 2.0, nuisance=True)
    cells = [cell.strip() for cell in page.read_text().splitlines()[2].strip("|").split("|")]
    assert cells[2:] == ["nuisance", "5-5", "1.0", "1 / 0 / 0 / 0", "0 / 0", "0 / 1 / 0", "1", "0.50"]


def test_the_page_of_records_ends_with_the_table_that_rows_are_added_to() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "campaign.md").read_text(encoding="utf-8").splitlines()
    assert lines[-1].count("|") == 11


def test_a_campaign_that_finds_something_ends_with_exit_code_5(capsys: pytest.CaptureFixture[str]) -> None:
    assert campaign.main(["--walks", "2", "--seed", "8", "--jobs", "2", "--nuisance"], core=Broken) == 5
    told = capsys.readouterr().out
    assert "seeds 8 to 9: 2 walks" in told
    assert "seed 8: python3 run.py campaign --seed 8 --walks 1 --nuisance\n    needs no fault\n" in told


def test_the_command_walks_on_all_cores_and_the_same_seeds_on_any_number_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert [campaign.main(["--walks", "6", "--seed", "40", "--jobs", jobs]) for jobs in ("1", "2")] == [0, 0]
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("seeds 40 to 45: 6 walks") and told[0] == told[5] and told[4] == "0 with violations"


def test_hours_end_with_the_walk_that_fills_them_however_many_processes_there_are() -> None:
    alone, side_by_side = (campaign.campaign(0.2, 0, 40, jobs, nuisance=False)[0] for jobs in (1, 2))
    assert alone == side_by_side and [one.seed for one in alone] == list(range(40, 40 + len(alone)))
    virtual = [one.virtual for one in alone]
    assert sum(virtual[:-1]) < 720_000 <= sum(virtual)
