"""The corners of the ramp, the Supervisor, the watch and the tally that a walk does not come by."""

from dataclasses import replace

import pytest

from tests.control.rig import PRACTISED, REFERENCE, B, F, Rig
from treadctl.control.aftermath import Halt, WhatNow
from treadctl.control.control_point import Cleared, Outcome, Result
from treadctl.control.engine import Engine
from treadctl.control.events import Attended, Effect
from treadctl.control.faults import NAMES, TABLE, Action, View, Watch
from treadctl.control.ladder import StopWish
from treadctl.control.ramp import InclineStep, Ramp, SpeedStep
from treadctl.control.supervisor import Supervisor
from treadctl.control.tally import Tally
from treadctl.ftms.control_point import Op
from treadctl.model.api import Summary
from treadctl.model.limits import BACKSTOP, effective_limits, level_limits
from treadctl.model.machine import LinkInfo
from treadctl.model.person import UNKNOWN_PERSON, Level
from treadctl.model.units import Incline, Speed

LIMITS = effective_limits(PRACTISED, REFERENCE)


def ramp() -> Ramp:
    """Facing the console at 0.8 km/h, first speed met."""
    it = Ramp(LIMITS)
    it.reach, it.slope, it.facing = REFERENCE.speed, REFERENCE.incline, F
    it.commanded.started(0, Speed(80))
    it.commanded.write(0, Speed(80))
    for now in (500, 1000, 1500):
        it.commanded.measured(now, Speed(80))
    return it


# --- the ramp -------------------------------------------------------------------------------------------------------


def test_without_a_wish_or_a_machine_there_is_no_step() -> None:
    it = ramp()
    assert it.target() is None and it.next(9000, None) is None and it.unannounced(9000) is None and it.times() == []
    it.wish(Speed(200), Incline(0))
    it.reach = it.slope = None
    assert it.target() is None and it.next(9000, None) is None
    it.adopt_console(9000, Speed(50))
    assert it.ceiling is None and not it.lower_ceiling(20)


def test_the_smallest_limit_wins_and_its_reason_is_kept() -> None:
    it = ramp()
    it.wish(Speed(700), Incline(0))
    assert it.target() == 550 and "level 2" in it.lowered
    it.facing = None
    assert it.target() == 250 and it.ceiling is None  # nobody knows: the limits of backward
    it.facing = F
    it.commanded.write(1000, Speed(200))
    assert it.lower_ceiling(20) and it.target() == 180 and "eased" in it.lowered


def test_a_wish_is_snapped_down_and_never_below_the_minimum() -> None:
    it = ramp()
    it.wish(Speed(129), Incline(0))
    assert it.target() == 120
    it.wish(Speed(30), Incline(0))
    assert it.target() == 80


def test_nothing_above_0_8_is_wished_before_the_first_speed_is_met() -> None:
    it = ramp()
    it.commanded.forget_first()
    it.wish(Speed(200), Incline(0))
    assert it.target() == 80 and "first speed" in it.lowered


def test_the_first_write_is_the_minimum() -> None:
    it = ramp()
    it.commanded.started(3000, Speed(80))
    it.wish(Speed(200), Incline(20))
    assert it.next(4000, None) == SpeedStep(Speed(80), "hold at the minimum")
    assert it.unannounced(4000) is None


def test_what_speaks_against_a_rise_never_speaks_against_a_fall() -> None:
    it = ramp()
    it.commanded.write(2000, Speed(200))
    it.incline = Incline(20)
    it.wish(Speed(100), Incline(0))
    assert it.next(2400, "stale") == SpeedStep(Speed(180), "fall")
    it.wish(Speed(200), Incline(0))
    assert it.next(10_000, "stale") == InclineStep(Incline(15), "less incline")


def test_a_rise_without_its_words_is_refused_with_that_reason() -> None:
    it = ramp()
    it.wish(Speed(200), Incline(0))
    assert it.next(9000, None) is None and it.refused == "not announced"
    assert it.next(9000, "stale") is None and it.refused == "stale"
    assert it.unannounced(9000) == ("speed", 200)
    it.said.say(9000, "speed", 200, 1)
    assert it.unannounced(9100) is None
    it.said.heard(10_000, 1)
    assert it.next(11_999, None) is None
    assert it.next(12_000, None) == SpeedStep(Speed(100), "rise")


def test_a_climb_waits_for_its_words_and_for_the_speed() -> None:
    it = ramp()
    it.wish(Speed(80), Incline(10))
    assert it.next(9000, None) is None and it.unannounced(9000) == ("incline", 10)
    it.said.say(9000, "incline", 10, 1)
    it.said.heard(10_000, 1)
    assert it.next(12_000, "stale") is None
    assert it.next(12_000, None) == InclineStep(Incline(5), "more incline")
    it.commanded.write(12_500, Speed(80))
    assert it.next(12_900, None) is None
    it.commanded.write(12_500, Speed(100))  # still above the wish: nothing to announce
    assert it.unannounced(13_000) is None


def test_a_hill_above_the_limit_is_climbed_to_the_limit_only() -> None:
    it = ramp()
    it.facing = B
    it.wish(Speed(80), Incline(100))
    assert it.unannounced(9000) == ("incline", 30)


def test_a_machine_without_an_incline_has_none_to_announce() -> None:
    it = ramp()
    it.slope = None
    it.wish(Speed(80), Incline(10))
    assert it.unannounced(9000) is None and it.next(9000, None) is None


def test_an_unknown_console_speed_is_not_adopted() -> None:
    it = ramp()
    it.adopt_console(9000, None)
    it.adopt_console(9000, Speed(80))
    assert it.ceiling is None
    it.adopt_console(9000, Speed(47))
    assert it.ceiling == 80


# --- the Supervisor -------------------------------------------------------------------------------------------------


def test_without_a_link_or_a_record_nothing_is_armed() -> None:
    it = Supervisor(LIMITS)
    assert "no link" in (it.arm(0, F, "me") or "") and not it.armed and it.minimum is None
    it.link_up(0, LinkInfo("AA"), None)
    assert "not commissioned" in (it.arm(0, F, "me") or "") and it.level() and not it.machine_counts
    it.start()
    assert it.decide(0, False).cleared is None


def test_nothing_is_armed_while_a_stop_is_under_way_or_a_fault_holds() -> None:
    rig = Rig().link().still()
    it = rig.core._sup
    rig.feed(Attended("me"))
    it.path.lost = True
    assert it.arm(rig.now, F, "me") == "a stop is under way"
    it.path.lost = False
    it.host(overflow=True)
    it.look(rig.now)
    assert it.arm(rig.now, F, "me") == "inbox full"


def test_a_stop_of_what_is_at_rest_is_left_alone() -> None:
    rig = Rig().link().still()
    assert not rig.core._sup.stop(rig.now, StopWish("x")) and not rig.core._sup.stopping


def test_a_wish_is_not_carried_out_while_the_link_is_being_looked_at() -> None:
    rig = Rig().walking()
    rig.unlink()
    rig.link()
    it = rig.core._sup
    it.commanded.write(0, Speed(200))
    it.wish(Speed(100), Incline(0))
    assert not it.stopping and it.lost and it.decide(rig.now, False).cleared is None


def test_outcomes_of_what_nobody_waits_for_change_nothing() -> None:
    it = Supervisor(LIMITS)
    for op in Op:
        it.outcome(0, Outcome(Cleared(op, b""), Result.ACCEPTED, 1))
    it.outcome(0, Outcome(Cleared(Op.STOP_OR_PAUSE, b""), Result.REJECTED, 5))
    assert it.decide(0, False).cleared is None and not it.commanded.unknown


def test_a_program_of_an_unknown_start_speed_is_too_fast_at_once() -> None:
    it = Supervisor(LIMITS)
    it.link_up(0, LinkInfo("AA"), replace(REFERENCE, lag=None, start_speed=None))
    assert it.lookout.start_allowed(it) == 20 and it.commanded.lag == 1500


def test_at_minimum_is_given_up_on_after_the_lag_and_two_seconds() -> None:
    it = Supervisor(LIMITS)
    assert not it.at_minimum(0)
    it.link_up(0, LinkInfo("AA"), REFERENCE)
    assert not it.at_minimum(0)
    it.commanded.write(0, Speed(80))
    assert not it.at_minimum(3400) and it.at_minimum(3401)
    it.commanded.write(4000, Speed(100))
    assert not it.at_minimum(60_000)


# --- the faults table -----------------------------------------------------------------------------------------------


def test_every_fault_has_a_name_of_its_own_and_names_its_hazards() -> None:
    assert len(NAMES) == len(TABLE)
    assert all(fault.hazards for fault in TABLE)
    assert all(len(fault.spoken.split()) <= 8 for fault in TABLE)


def test_whatever_stops_the_belt_says_why() -> None:
    assert all(fault.spoken for fault in TABLE if fault.action >= Action.EASE)


def test_nothing_is_wrong_with_a_belt_at_rest() -> None:
    watch = Watch()
    assert watch.step(0, View()) == [] and watch.worst is Action.NONE and watch.reasons() == ()
    assert watch.deadline(0) is None


def test_the_worst_fault_comes_first_and_lasts_as_long_as_its_condition() -> None:
    watch = Watch()
    view = View(engaged=True, link_up=True, keyboard=False, overflow=True)
    assert [fault.name for fault in watch.step(0, view)] == ["inbox full", "keys go elsewhere"]
    assert watch.step(1, view) == [] and watch.worst.name == "LOCKOUT"
    assert watch.deadline(1) == 3000 and watch.deadline(3001) is None
    assert [fault.name for fault in watch.step(3000, view)] == ["keys gone, facing away"]
    assert watch.step(3001, View()) == [] and watch.worst is Action.NONE


def test_a_condition_that_stops_in_between_begins_anew() -> None:
    watch, lost = Watch(), View(engaged=True, link_up=True, keyboard=False)
    watch.step(0, lost)
    watch.step(2000, View(engaged=True, link_up=True))
    watch.step(2500, lost)
    assert watch.step(5400, lost) == [] and watch.step(5500, lost)


def moving(view: View) -> View:
    view.engaged = view.link_up = True
    return view


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("link lost", View(engaged=True)), ("link lost", View(lost=True)),
        ("samples lost", moving(View(silence=3001))), ("samples stale", View(sample_age=1501)),
        ("safety key", moving(View(safety_key=True))), ("unit", moving(View(unit_ratio=True))),
        ("bout too long", moving(View(bout_over=BACKSTOP + 1))), ("host slept", moving(View(slept=501))),
        ("controller late", View(late=251)), ("nobody attends", moving(View(attendance_age=1))),
        ("result unknown", moving(View(unknown_result=True))),
        ("too fast", moving(View(speed=Speed(31), allowed=30))),
        ("above the limit", moving(View(over_limit_samples=2))),
    ],
)
def test_a_fault_begins_with_its_condition(name: str, view: View) -> None:
    assert name in [fault.name for fault in Watch().step(0, view)]


# --- after a stop, and the tally ------------------------------------------------------------------------------------


def test_pain_is_asked_first_then_the_facing_then_what_now() -> None:
    halt = Halt("why", pain=True)
    assert halt.question().id == "pain" and halt.answer("pain", "4") is WhatNow.ASK
    assert halt.question().id == "facing" and halt.answer("facing", "a") is WhatNow.ASK and halt.facing is B
    assert [choice.key for choice in halt.question().choices] == ["f", "e", "u", "d"]
    assert halt.answer("halted", "f") is WhatNow.HOME


def test_a_tally_that_was_never_opened_writes_nothing() -> None:
    out: list[Effect] = []
    tally = Tally(out)
    tally.event(0, "x")
    tally.sample(5000, None, target=None, incline=None, heart_rate=None, facing=None, segment=None)
    tally.close(0, Summary(False, "", 0, 0, 0, 0, 0, 0, Speed(0)))
    tally.walked(Engine((), Speed(80)), None)
    assert out == [] and tally.deadline() is None and not tally.open


def test_an_unknown_person_is_a_beginner() -> None:
    assert effective_limits(UNKNOWN_PERSON).backward == level_limits(Level.L0).backward
