"""What stays closed until the second part of commissioning has opened it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.control.rig import REFERENCE, B, F, Rig
from treadctl.control.admission import admit
from treadctl.model import api
from treadctl.model.limits import effective_limits
from treadctl.model.machine import LinkInfo, Record
from treadctl.model.person import Level, Person
from treadctl.model.program import DeadMill, Program, Walk
from treadctl.model.units import Speed

REGULAR = Person(level=Level.L4)
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


def test_nothing_is_loaded_that_pushes_an_unattested_belt() -> None:
    rig = Rig(record=FRESH, person=REGULAR).link().still()
    assert not rig.ask(api.Load(PUSHES)).accepted
