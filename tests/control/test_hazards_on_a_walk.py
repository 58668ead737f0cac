"""Hazards that no smaller test shows: a whole simulated walk, one thing broken in its middle, and what came of it.

Each walk is judged by all invariants, and by what the hazard's own answer has to be.
"""

from __future__ import annotations

import itertools

import pytest
from treadsim.faults import fault
from treadsim.invariants import violations
from treadsim.world import Scene, World

from tests.control.rig import CONTROL, RESET, START, STOP, B, F, Rig
from treadctl.control.belt import BeltPicture, Sample
from treadctl.model import api
from treadctl.model.api import Belt, Phase
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Ms, Speed

THERE_AND_BACK = Program("p", (Walk(F, 60, Speed(200), line=1), Walk(B, 40, Speed(100), line=2)))
FOREVER: Ms = 1 << 40
LONGEST_WAIT: Ms = 400_000
STEP: Ms = 100


class Broken:
    """A walk brought to a phase, then broken. `since`: when; what is asked for is what happened from then on."""

    def __init__(self, phase: Phase, facing: Facing | None = None, after: Ms = 3000) -> None:
        self.world = World(Scene(THERE_AND_BACK))
        until = next(at for at in range(STEP, LONGEST_WAIT, STEP) if self._reached(at, phase, facing)) + after
        self.world.run_until(until)
        self.since = self.world.now

    def _reached(self, at: Ms, phase: Phase, facing: Facing | None) -> bool:
        self.world.run_until(at)
        shot = self.world.snapshot
        return shot.phase is phase and (facing is None or shot.facing is facing)

    def by(self, name: str, length: Ms = FOREVER, wait: Ms = 60_000, **given: int) -> Broken:
        """This fault now, and so much time afterwards. No invariant may be violated."""
        self.world.add(fault(name, self.since - self.world.connected_at, length, **given))
        self.world.run_until(self.since + wait)
        assert [str(one) for one in violations(self.world.trace)] == []
        return self

    @property
    def written(self) -> list[bytes]:
        return [wire.data for wire in self.world.trace.writes if wire.at >= self.since]

    @property
    def stopped_after(self) -> Ms:
        """From the break to the first Stop."""
        return next(wire.at for wire in self.world.trace.writes if wire.at >= self.since and wire.stops) - self.since

    @property
    def alarmed(self) -> bool:
        return any(note.at >= self.since for note in self.world.trace.noted("alarm"))

    @property
    def shots(self) -> list[tuple[Ms, api.Snapshot]]:
        return [(shot.at, shot.shot) for shot in self.world.trace.shots if shot.at >= self.since]

    def said(self, words: str) -> list[Ms]:
        """How long after the break something with these words was begun."""
        return [word.at - self.since for word in self.world.trace.words if word.at >= self.since and words in word.text]

    def noticed(self, name: str) -> list[Ms]:
        """When this row of the faults table began."""
        return [note.at - self.since for note in self.world.trace.noted("notice")
                if note.at >= self.since and note.text == f"fault: {name}"]


# --- link -----------------------------------------------------------------------------------------------------------


def test_a_fading_link_holds_the_speed_before_it_is_lost() -> None:
    walk = Broken(Phase.WALKING, F, after=1000).by("link.fading", 20_000)
    assert walk.noticed("samples stale")[0] < walk.stopped_after and walk.alarmed


def test_an_adapter_that_goes_and_comes_back_is_an_alarm_and_then_only_a_stop() -> None:
    walk = Broken(Phase.WALKING, B).by("link.adapter", 1000, wait=30_000)
    assert walk.said("Pull the key.")[0] == 0 and walk.alarmed
    assert set(walk.written) == {CONTROL, STOP} and walk.stopped_after <= 3000


def test_the_key_is_called_for_as_long_as_the_machine_refuses_a_link() -> None:
    walk = Broken(Phase.WALKING, B).by("link.refuse", n=40)
    calls = walk.said("ull the key.")
    assert len(calls) > 10 and all(later - call <= 2100 for call, later in itertools.pairwise(calls))
    assert set(walk.written) <= {CONTROL, STOP}


def burst(*times: Ms) -> BeltPicture:
    belt = BeltPicture()
    for at in times:
        belt.observe(Sample(at, Speed(100)))
    return belt


def test_samples_that_come_all_at_once_are_not_fresh() -> None:
    assert burst(0, 500, 1000, 1500).fresh(1500)
    assert not burst(0, 3000, 3010, 3020, 3030).fresh(3030)  # four within 50 ms: how old the last one is, nobody knows
    assert burst(3000, 3010, 3020, 3030, 3530).fresh(3530)


def test_a_burst_of_old_samples_lets_no_more_rise_than_its_first_one() -> None:
    """Of the first nobody can know that more follow in the same moment."""
    rig = Rig().walking(Program("faster", (Walk(F, 40, Speed(100)), Walk(F, 60, Speed(300)))))
    rig.until(lambda: rig.speeds[-1].speed == 140)
    rig.sampling = False
    rig.run(2500)
    written = len(rig.speeds)
    for _ in range(6):  # what the stack held back, all in one moment
        rig.sample()
    rig.run(1400)
    assert len(rig.speeds) <= written + 1
    rig.sampling = True
    rig.until(lambda: rig.speeds[-1].speed == 300)


# --- treadmill ------------------------------------------------------------------------------------------------------


def test_a_machine_that_starts_on_request_control_is_stopped_and_gets_no_start() -> None:
    walk = Broken(Phase.ASKING, after=STEP).by("machine.starts_on_control", wait=30_000)
    assert CONTROL in walk.written and STOP in walk.written and START not in walk.written


def test_a_machine_whose_stop_toggles_is_never_started_by_a_stop() -> None:
    walk = Broken(Phase.ASKING, after=STEP)
    walk.world.does(api.Stop())
    walk.by("machine.toggles", wait=3000)
    walk.world.does(api.Stop())
    walk.world.network(api.Stop("network"))
    walk.world.run_until(walk.world.now + 2000)
    assert STOP not in walk.written and walk.world.machine.belt.speed == 0


def test_a_machine_that_speeds_up_when_told_to_slow_down_is_stopped() -> None:
    walk = Broken(Phase.WALKING, F, after=15_000).by("machine.inverted", wait=50_000)
    slower = next(wire.at - walk.since for wire in walk.world.trace.writes if wire.at >= walk.since and wire.speed)
    assert walk.stopped_after - slower <= 4000 and walk.said("Stopping.")


def test_a_zero_told_of_a_moving_belt_is_stopped_and_never_called_stopped() -> None:
    walk = Broken(Phase.WALKING, B).by("telemetry.zero", 10_000, wait=9_000)
    assert walk.noticed("false zero") and walk.stopped_after <= 8000
    moving = [shot for at, shot in walk.shots if at < walk.since + walk.stopped_after]
    assert moving and all(shot.belt is not Belt.STILL for shot in moving)


@pytest.mark.parametrize("phase", [Phase.CHECKING, Phase.TURNING, Phase.ASKING])
def test_a_speed_told_of_a_standing_belt_keeps_every_start_shut(phase: Phase) -> None:
    walk = Broken(phase, after=STEP).by("telemetry.ghost", 6000, wait=6000)
    assert START not in walk.written and walk.said("The belt moves.")
    assert all(shot.facing is None for _, shot in walk.shots)


def test_a_machine_that_falls_silent_after_the_stop_is_never_called_stopped() -> None:
    walk = Broken(Phase.STOPPING, after=0).by("telemetry.off")
    assert all(shot.belt is not Belt.STILL for _, shot in walk.shots)
    assert not walk.said("Belt stopped") and walk.said("Pull the key.")[-1] >= 57_000
    assert set(walk.written) <= {CONTROL, STOP, RESET}


def test_a_run_that_the_machine_ended_is_not_started_again_by_itself() -> None:
    rig = Rig().walking().run(3000)
    rig.obeys, rig.target = False, 0
    rig.phase(Phase.HALTED)
    rig.obeys = True
    rig.run(120_000)
    assert rig.count(START) == 1 and rig.shot.phase is Phase.HALTED and rig.speed == 0


# --- other parties --------------------------------------------------------------------------------------------------


def test_another_program_that_takes_over_is_stopped_and_not_fought() -> None:
    walk = Broken(Phase.WALKING, B).by("machine.other_client", speed=300, wait=10_000)
    assert walk.stopped_after <= 100 and set(walk.written) == {CONTROL, STOP} and walk.written.count(CONTROL) == 1
