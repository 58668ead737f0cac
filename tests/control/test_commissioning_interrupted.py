"""Commissioning broken off: the belt stands, nothing is learnt, and nothing of it is left behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.control.bench import ADDRESS, KNOWN, Bench
from tests.control.deeds import asleep, ease, end, escape, hung, key, killed, pain, quits, safety_key, stop, unlinked
from tests.control.rig import CONTROL, START, STOP
from treadctl.control.aftermath import units_lock
from treadctl.control.events import Learn, Remember, Tone
from treadctl.model import api
from treadctl.model.errors import ExitCode
from treadctl.model.locks import Lock
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Ms, Speed

PAUSE = b"\x08\x02"
WALK = Program("walk", (Walk(Facing.FORWARD, 60, Speed(150)),))
BOTH = Program("both", (Walk(Facing.FORWARD, 60, Speed(150)), Walk(Facing.BACKWARD, 40, Speed(100))))
NOTHING = "Nothing was learnt."
LOCKED = (units_lock(ADDRESS), units_lock("BB"), Lock("pain", "it hurt", "2099-01-01"))


# --- it can be interrupted -------------------------------------------------------------------------------------------


DEEDS = (key, escape, stop, pain, ease, end, killed, hung, unlinked, safety_key, asleep, quits)
MOVING_FROM, MOVING_TO = 33_000, 98_000
"""On this bench, part one: after the first motion, before the last Stop."""


@pytest.mark.parametrize("at", range(MOVING_FROM, MOVING_TO, 9_100))
@pytest.mark.parametrize("deed", DEEDS)
def test_whatever_interrupts_a_moving_belt_stops_it_and_nothing_is_learnt(
    deed: Callable[[Bench], None], at: Ms
) -> None:
    bench = Bench(locks=LOCKED).begin_commissioning()
    bench.until(lambda: bench.now >= at)
    assert bench.speed > 0
    stops = bench.count(STOP)
    deed(bench)
    bench.done(60_000)
    assert bench.stands and bench.learnt is None and bench.of(Remember) == [] and bench.core._keeping._locks == LOCKED
    assert bench.count(STOP) > stops and bench.shot.reason.endswith(NOTHING) and bench.shot.question is None
    bench.run(30_000)
    assert bench.speed == 0 and bench.of(Learn) == []


@pytest.mark.parametrize("at", [*range(4_000, 30_000, 2_600), *range(102_000, 116_000, 2_000)])
@pytest.mark.parametrize("deed", [end, unlinked, quits])
def test_a_commissioning_that_is_ended_at_standstill_has_learnt_nothing(deed: Callable[[Bench], None], at: Ms) -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.now >= at)
    deed(bench)
    bench.done(30_000)
    assert bench.stands or not bench.linked or deed is quits
    assert bench.learnt is None and NOTHING in bench.shot.reason
    bench.owner = False
    asked, reason = bench.shot.question, bench.shot.reason
    assert asked is None and not bench.ask(api.Answer("keep", "k")).accepted
    bench.ask(api.End())
    bench.unlink()
    assert bench.run(5_000).of(Learn) == [] and bench.shot.reason == reason


@pytest.mark.parametrize("deed", [end, unlinked])
def test_what_was_to_be_kept_cannot_be_kept_after_the_end(deed: Callable[[Bench], None]) -> None:
    bench = Bench(says={"keep": "?"}).begin_commissioning()
    bench.until(lambda: bench.answered[-1:] == ["keep"])
    deed(bench)
    assert bench.shot.phase is api.Phase.DONE and bench.shot.question is None
    assert not bench.ask(api.Answer("keep", "k")).accepted and bench.of(Learn) == []


def test_a_belt_that_moves_by_itself_while_the_owner_thinks_takes_everything_with_it() -> None:
    bench = Bench(says={"keep": "?"}).begin_commissioning()
    bench.until(lambda: bench.answered[-1:] == ["keep"])
    bench.owner = False
    bench.target = 100
    bench.until(lambda: bench.shot.belt is api.Belt.MOVING)
    assert bench.writes[-1].data == STOP
    assert not bench.ask(api.Answer("keep", "k")).accepted
    bench.done()
    assert bench.learnt is None and bench.shot.reason.endswith(NOTHING) and bench.shot.question is None


@pytest.mark.parametrize("at", [14_500, 19_000, 24_000, 27_900])
@pytest.mark.parametrize("deed", [key, stop, pain, ease])
def test_what_comes_between_the_confirm_and_its_start_undoes_it(deed: Callable[[Bench], None], at: Ms) -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.now >= at)
    bench.owner = False
    bench._press_at = None
    deed(bench)
    bench.run(30_000)
    assert bench.count(START) == 0 and bench.shot.phase in (api.Phase.ASKING, api.Phase.TURNING)
    bench.owner = True
    learnt = bench.done().learnt
    assert learnt is not None and learnt.complete and bench.count(START) == 1


def test_pain_stops_at_once_because_there_is_nobody_to_ease() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.now >= 60_000)
    bench.ask(api.Pain())
    assert bench.writes[-1].data == STOP and bench.writes[-1].at == bench.now


def test_a_key_right_before_the_planned_stop_is_a_stop_of_somebody() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.count(STOP) == 1)
    bench.owner = False
    bench.press("x")
    bench.done()
    assert bench.learnt is None and bench.shot.reason == f"You pressed stop. {NOTHING}"


def test_what_stopped_it_first_stays_the_reason() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.now >= 60_000)
    bench.owner = False
    bench.press("x")
    bench.pull_key()
    bench.done()
    assert bench.shot.reason == f"You pressed stop. {NOTHING}"


def test_the_tone_of_a_stop_sounds() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.now >= 60_000)
    bench.press("x")
    assert bench.tones[-1][1] is Tone.STOP
    bench.done()
    assert bench.commissioning.exit_code is ExitCode.OK


def test_a_fault_is_told_by_the_exit_code() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.now >= 60_000)
    bench.pull_key()
    bench.done()
    assert bench.commissioning.exit_code is ExitCode.FAULT


def test_a_link_that_comes_back_in_the_middle_only_stops_and_keeps_the_limit_of_an_empty_belt() -> None:
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.now >= 60_000)
    bench.unlink()
    bench.until(lambda: bench.linked)
    assert bench.core._sup.ramp.limits.forward.value == 200
    before = len(bench.writes)
    bench.done()
    assert {wrote.data for wrote in bench.writes[before:]} == {CONTROL, STOP} and bench.learnt is None


# --- what it leaves behind -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", [key, end, unlinked])
@pytest.mark.parametrize("at", [12_000, 60_000])
def test_nothing_of_a_broken_off_commissioning_is_left_in_the_supervisor(deed: Callable[[Bench], None], at: Ms) -> None:
    """Or a known machine would be walked with the range, the incline and the limits of an empty belt."""
    bench = Bench(record=KNOWN, told=KNOWN.speed).begin_commissioning()
    bench.until(lambda: bench.now >= at)
    deed(bench)
    if deed is key and at < MOVING_FROM:
        bench.ask(api.End())
    bench.done(60_000)
    sup = bench.core._sup
    if bench.linked:
        assert sup.record == KNOWN and sup.ramp.reach == KNOWN.speed and sup.ramp.slope == KNOWN.incline
    assert not sup.armed and not sup.empty
    bench.owner = False
    bench.load(WALK)
    assert sup.record == KNOWN and sup.ramp.slope == KNOWN.incline and sup.ramp.limits.forward.value == 400


def test_an_empty_belt_is_no_leave_to_walk_on_a_machine_that_is_not_known() -> None:
    bench = Bench(says={"keep": "d"}).commissioned()
    assert not bench.ask(api.Load(WALK)).accepted
    reason = bench.core._sup.arming_refusal(bench.now)
    assert reason is not None and "not commissioned" in reason


def test_a_walk_after_a_broken_off_commissioning_rises_by_its_own_steps() -> None:
    bench = Bench(record=KNOWN, told=KNOWN.speed).begin_commissioning()
    bench.until(lambda: bench.now >= 60_000)
    bench.ask(api.Stop())
    bench.done().owner = False
    before = len(bench.speeds)
    bench.walking(WALK).run(30_000)
    written = [wrote.speed or 0 for wrote in bench.speeds[before:]]
    assert written[:3] == [80, 100, 120] and max(written) == 150


def test_a_tilted_deck_is_levelled_before_a_walk_after_a_broken_off_commissioning() -> None:
    bench = Bench(record=KNOWN, told=KNOWN.speed).begin_commissioning()
    bench.until(lambda: bench.now >= 60_000)
    bench.ask(api.Stop())
    bench.done().owner = False
    bench.incline = bench.slope = 20
    bench.begin(WALK)
    bench.ready().confirm().run(1_000)
    assert bench.inclines and bench.inclines[-1].incline == 0
