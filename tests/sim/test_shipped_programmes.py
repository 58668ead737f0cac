"""Every programme that comes with treadctl, walked in virtual time on the reference machine and on three others."""

from __future__ import annotations

import pytest
from treadsim.world import dry_run

from treadctl.files.profile import check_profile, find_profile, shipped_profiles
from treadctl.files.quirks import load_quirk
from treadctl.model.gates import gates_of
from treadctl.model.limits import check, effective_limits
from treadctl.model.person import any_walker
from treadctl.model.program import Gate, Program, Walk, expand

NAMES = [path.stem for path in shipped_profiles()]
MACHINES = ("reference", "sole-f85", "tunturi-t80", "resumes-speed")
"""With incline in halves of a percent; in whole ones only; whose second Start stops the belt; that starts again at its
last speed, and has no incline."""
LEVEL_ONLY = "resumes-speed"
UPHILL = "technogym-myrun"
"""For what needs an incline, in the place of the machine that has none."""


def _program(name: str) -> Program:
    return check_profile(find_profile(name))[0]


def _machines(program: Program) -> list[str]:
    """The four on which it is walked. What has no belt segment is the same on all of them, so one is enough."""
    if not any(isinstance(segment, Walk) for segment in expand(program)):
        return [MACHINES[0]]
    uphill = Gate.INCLINE in gates_of(program)
    return [UPHILL if uphill and machine == LEVEL_ONLY else machine for machine in MACHINES]


WALKS = [(name, machine) for name in NAMES for machine in _machines(_program(name))]


@pytest.mark.parametrize(("name", "machine"), WALKS)
def test_a_shipped_programme_is_walked_to_its_end_and_all_eight_verdicts_are_good(name: str, machine: str) -> None:
    program = _program(name)
    person = any_walker(program.level)
    record = load_quirk(machine).record
    assert check(expand(program), effective_limits(person, record, program.level), record) == []
    report = dry_run(program, person=person, quirk=machine)
    assert len(report.verdicts) == 8
    assert [verdict for verdict in report.verdicts if not verdict.ok] == []
    assert report.exit_code == 0


def test_only_what_goes_uphill_is_refused_on_the_machine_without_an_incline() -> None:
    record = load_quirk(LEVEL_ONLY).record
    refused: dict[str, str] = {}
    for name in NAMES:
        program = _program(name)
        found = check(expand(program), effective_limits(any_walker(program.level), record, program.level), record)
        refused |= {name: found[0].text.split("(")[1]} if found else {}
    why = "this machine has no incline that treadctl may set)"
    assert refused == dict.fromkeys(["cardio-steady", "incline-20", "incline-steps"], why)
