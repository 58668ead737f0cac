"""What stays closed until the second part of commissioning has opened it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.control.rig import REFERENCE, B, F, Rig
from treadctl.control.admission import admit
from treadctl.model import api
from treadctl.model.limits import effective_limits
from treadctl.model.machine import LinkInfo, Record
from treadctl.model.person import Level, Person, any_walker
from treadctl.model.program import DeadMill, Gate, OffTreadmill, Program, Walk
from treadctl.model.units import Incline, Speed

REGULAR = any_walker(Level.L4)
PUSHES = Program("pushes", (Walk(F, 60, Speed(200)), DeadMill(B, 30)), level=Level.L2)
FRESH = replace(REFERENCE, runs_on=None, dead_mill_attested=False)


@pytest.mark.parametrize(("record", "most"), [(FRESH, 200), (replace(FRESH, runs_on=True), 400),
                                              (replace(FRESH, runs_on=False), 400)])
def test_faster_than_two_backward_needs_to_know_what_a_lost_link_does(record: Record, most: int) -> None:
    limit = effective_limits(REGULAR, record).backward
    assert limit.value == most and ("part 2" in limit.reason) is (most == 200)
    assert effective_limits(REGULAR, record).forward.value == 650


def test_a_dead_mill_on_a_machine_needs_its_manual_attested() -> None:
    info = LinkInfo("AA", speed=REFERENCE.told)
    refused = admit(PUSHES, REGULAR, info, FRESH)
    assert isinstance(refused, str) and "switched off" in refused and "--part 2" in refused
    assert not isinstance(admit(PUSHES, REGULAR, info, replace(FRESH, dead_mill_attested=True)), str)


def test_a_dead_mill_without_a_belt_segment_needs_no_machine() -> None:
    only = Program("only", (DeadMill(B, 30),), level=Level.L2)
    assert not isinstance(admit(only, REGULAR, None, None), str)


def test_a_belt_that_nothing_drives_is_pushed_once_the_person_has_read_its_manual() -> None:
    only = Program("only", (DeadMill(B, 30),), level=Level.L2)
    refused = admit(only, replace(REGULAR, attested=()), None, None)
    assert isinstance(refused, str) and "treadctl person set dead-mill yes" in refused


def test_a_machine_s_manual_is_not_opened_by_a_word_about_another_machine() -> None:
    info = LinkInfo("AA", speed=REFERENCE.told)
    assert isinstance(admit(PUSHES, REGULAR, info, FRESH), str)
    own = replace(REGULAR, attested=())
    assert not isinstance(admit(PUSHES, own, info, replace(FRESH, dead_mill_attested=True)), str)


@pytest.mark.parametrize("gate", [Gate.SPOTTER, Gate.CLINICIAN, Gate.HANDS_FREE, Gate.INCLINE])
def test_a_gate_that_is_shut_refuses_with_what_opens_it(gate: Gate) -> None:
    info = LinkInfo("AA", speed=REFERENCE.told)
    program = Program("gated", (Walk(F, 60, Speed(200)),), level=Level.L2, gates=(gate,))
    refused = admit(program, Person(level=Level.L4), info, REFERENCE)
    assert isinstance(refused, str) and refused.endswith(f"treadctl person set {gate.value} yes.")
    admitted = admit(program, REGULAR, info, REFERENCE)
    assert not isinstance(admitted, str) and admitted.spotter is (gate is Gate.SPOTTER)


def test_uphill_backward_needs_a_word_of_its_own_although_the_file_does_not_say_so() -> None:
    hill = Program("hill", (Walk(B, 90, Speed(100), Incline(10)),), level=Level.L2)
    refused = admit(hill, Person(level=Level.L2), LinkInfo("AA", speed=REFERENCE.told), REFERENCE)
    assert isinstance(refused, str) and "on the level" in refused


def test_a_careful_person_has_a_helper_on_the_belt_and_beside_a_pushed_one_but_not_for_stretching() -> None:
    careful = replace(REGULAR, age=70)
    for segment, helped in ((DeadMill(B, 30), True), (OffTreadmill(60), False)):
        admitted = admit(Program("p", (segment,), level=Level.L2), careful, None, None)
        assert not isinstance(admitted, str) and admitted.spotter is helped


def test_nothing_is_loaded_that_pushes_an_unattested_belt() -> None:
    rig = Rig(record=FRESH, person=REGULAR).link().still()
    assert not rig.ask(api.Load(PUSHES)).accepted
