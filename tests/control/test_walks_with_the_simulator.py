"""The core with the simulated treadmill and the simulated walker: whole walks on machines of several characters."""

from __future__ import annotations

from itertools import pairwise

import pytest
from treadsim.report import Report
from treadsim.world import dry_run

from tests.control.rig import THERE_AND_BACK, B, F
from treadctl.control.core import Core
from treadctl.control.events import Effect, Input, Write
from treadctl.ftms.control_point import Op
from treadctl.model.program import Program, Rest, Walk
from treadctl.model.units import Ms, Speed

WITH_REST = Program("rest", (Walk(F, 40, Speed(150)), Rest(15), Walk(B, 45, Speed(120)), Walk(F, 40, Speed(200))))


def walked(
    program: Program = THERE_AND_BACK, *, quirk: str = "reference", seed: int = 0
) -> tuple[Report, list[tuple[Ms, bytes]]]:
    """The report, and what was written when."""
    writes: list[tuple[Ms, bytes]] = []

    class Recorded(Core):
        def step(self, now: Ms, item: Input) -> list[Effect]:
            effects = super().step(now, item)
            writes.extend((now, e.data) for e in effects if isinstance(e, Write))
            return effects

    return dry_run(program, quirk=quirk, seed=seed, core=Recorded), writes


def speed_of(data: bytes) -> int:
    return int.from_bytes(data[1:], "little")


@pytest.mark.parametrize("program", [THERE_AND_BACK, WITH_REST])
@pytest.mark.parametrize("quirk", ["reference", "split-records", "half-steps", "minimum-one"])
def test_a_walk_without_faults_is_finished_and_nobody_is_surprised(program: Program, quirk: str) -> None:
    if quirk == "minimum-one":
        program = Program("p", (Walk(F, 40, Speed(150)), Walk(B, 40, Speed(110))))
    if quirk == "half-steps":
        program = Program("p", (Walk(F, 60, Speed(250)),))
    report, _ = walked(program, quirk=quirk)
    assert report.ok, [verdict for verdict in report.verdicts if not verdict.ok]


@pytest.mark.parametrize("seed", range(5))
def test_every_walker_gets_through(seed: int) -> None:
    assert walked(seed=seed)[0].ok


def test_what_is_written_on_a_whole_walk_keeps_the_rules_of_the_ramp() -> None:
    _, writes = walked(WITH_REST)
    _judge(writes)


def _judge(writes: list[tuple[Ms, bytes]]) -> None:
    """Of any run: small rises, a second apart, never zero, never above the limit of level 0 forward."""
    moves = [(at, data) for at, data in writes if data[0] in (Op.SET_TARGET_SPEED, Op.START_OR_RESUME)]
    for (before_at, before), (at, data) in pairwise(moves):
        if data[0] != Op.SET_TARGET_SPEED:
            continue
        start = before[0] == Op.START_OR_RESUME
        last = 80 if start else speed_of(before)
        assert 80 <= speed_of(data) <= 400 and speed_of(data) - last <= 20
        assert speed_of(data) <= last or at - before_at >= 1000
