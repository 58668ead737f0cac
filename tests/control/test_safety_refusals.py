"""Machines, programs, persons and days that are refused."""

from dataclasses import replace

import pytest

from tests.control.rig import (
    PRACTISED,
    REFERENCE,
    THERE_AND_BACK,
    B,
    F,
    Rig,
)
from treadctl.control import events as ev
from treadctl.control.admission import machine_refusal
from treadctl.model import api
from treadctl.model.api import Phase
from treadctl.model.locks import UNREADABLE, Lock
from treadctl.model.machine import InclineRange, LinkInfo, Manual, Record, SpeedRange
from treadctl.model.person import Level, Person
from treadctl.model.program import OffTreadmill, Program, Walk
from treadctl.model.units import Incline, Speed

# --- machines and programs that are refused -------------------------------------------------------------------------


FORWARD = Program("forward", (Walk(F, 60, Speed(150)),))
BACKWARD = Program("backward", (Walk(B, 50, Speed(100), line=3),))


def refusal(record: Record | None, program: Program = FORWARD, person: Person = PRACTISED) -> str:
    rig = Rig(record=record, person=person).link().still()
    reply = rig.ask(api.Load(program))
    rig.run(5000)
    assert not reply.accepted and rig.writes == [] and rig.shot.phase is Phase.IDLE
    return reply.reason


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (None, "not commissioned"),
        (Record(), "not commissioned: speed range"),
        (replace(REFERENCE, stop_lag=None), "stop lag"),
        (replace(REFERENCE, units_read_by_owner=False), "units read off the console"),
        (replace(REFERENCE, stop_works=False), "cannot be stopped by remote"),
        (replace(REFERENCE, speed=SpeedRange(Speed(0), Speed(1600), Speed(10))), "make no sense"),
        (replace(REFERENCE, incline=InclineRange(Incline(5), Incline(5), 0)), "make no sense"),
    ],
)
def test_a_machine_without_a_complete_record_is_refused(record: Record | None, words: str) -> None:
    assert words in refusal(record)


@pytest.mark.parametrize(
    "record",
    [
        replace(REFERENCE, manual=Manual.FORBIDS), replace(REFERENCE, rails_facing_away=False),
        replace(REFERENCE, stop_lag=6001), replace(REFERENCE, sample_interval=1501), replace(REFERENCE, ramp=61),
        replace(REFERENCE, samples_at_standstill=False), replace(REFERENCE, start_speed=Speed(121)),
    ],
)
def test_a_machine_on_which_nobody_walks_backward_refuses_backward_only(record: Record) -> None:
    assert "line 3 walks 1.0 km/h backward" in refusal(record, BACKWARD)
    assert Rig(record=record).link().still().ask(api.Load(FORWARD)).accepted


def test_a_machine_that_now_tells_another_range_is_refused() -> None:
    rig = Rig()
    rig.feed(ev.LinkUp(LinkInfo("AA", speed=SpeedRange(Speed(50), Speed(900), Speed(10))), REFERENCE))
    rig.linked = True
    assert "another speed range" in rig.still().ask(api.Load(FORWARD)).reason


@pytest.mark.parametrize(
    ("program", "person", "words"),
    [
        (Program("p", (Walk(B, 50, Speed(130), line=7),)), Person(), "line 7 walks 1.3 km/h backward"),
        (Program("p", (Walk(B, 61, Speed(100), line=7),)), Person(), "line 7"),
        (Program("p", (Walk(F, 50, Speed(70)),)), Person(), "it walks 0.7 km/h forward"),
        (Program("p", ()), Person(), "no segment"),
        (FORWARD, Person(age=12), "under 13"),
    ],
)
def test_a_program_above_the_limits_is_refused_with_its_line(program: Program, person: Person, words: str) -> None:
    assert words in refusal(REFERENCE, program, person)


def test_a_program_is_refused_while_nothing_is_known_or_another_is_walked() -> None:
    assert "no machine is connected" in Rig().ask(api.Load(FORWARD)).reason
    assert "not measured still" in Rig().link().ask(api.Load(FORWARD)).reason
    assert "under way" in Rig().load().ask(api.Load(FORWARD)).reason
    assert "not measured still" in lost_and_ended().ask(api.Load(Program("o", (OffTreadmill(9),)))).reason


def lost_and_ended() -> Rig:
    rig = Rig().link().still()
    rig.speed = rig.target = 100
    rig.obeys = False
    rig.run(1000)
    rig.unlink()
    return rig


@pytest.mark.parametrize(
    ("lock", "held"),
    [
        (UNREADABLE, True), (Lock("fall", "you fell"), True), (Lock("units:AA", "units"), True),
        (Lock("units:BB", "units"), False), (Lock("pain", "it hurt", "2026-02-01"), True),
        (Lock("pain", "it hurt", "2026-01-31"), False),
    ],
)
def test_a_lock_refuses_on_its_machine_until_its_day(lock: Lock, held: bool) -> None:
    reply = Rig(locks=(lock,)).link().still().ask(api.Load(FORWARD))
    assert reply.accepted is not held and (not held or lock.reason in reply.reason)


def test_a_slow_walker_of_an_unknown_machine_is_told_so() -> None:
    assert THERE_AND_BACK.level == Level.L0
    assert "line 3" in refusal(replace(REFERENCE, manual=Manual.FORBIDS), BACKWARD, Person())


def test_a_refusal_says_what_is_known_of_this_kind_of_machine() -> None:
    info = LinkInfo("AA", hints=("It reads speeds as miles an hour.",))
    assert (machine_refusal(info, None) or "").endswith("commission it first. It reads speeds as miles an hour.")
    assert (machine_refusal(LinkInfo("AA"), None) or "").endswith("commission it first.")
