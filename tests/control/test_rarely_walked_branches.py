"""What hardly ever happens on a walk, once each: silence while something waits, ends that come twice, last checks."""

from __future__ import annotations

from dataclasses import replace

from tests.control.rig import LOWEST, PRACTISED, REFERENCE, RESET, STOP, B, F, Rig
from treadctl.control import events as ev
from treadctl.control.ladder import Due, StopLadder, StopWish
from treadctl.control.ramp import Ramp
from treadctl.control.stopping import StopPath
from treadctl.model import api
from treadctl.model.limits import effective_limits
from treadctl.model.program import DeadMill, Program, Walk
from treadctl.model.records import Closed
from treadctl.model.units import Speed

MILL = Program("mill", (DeadMill(B, 30, say="Push."),))
PAUSE = b"\x08\x02"


# --- silence while something waits -----------------------------------------------------------------------------------


def test_the_prompts_of_a_turn_wait_while_nothing_is_known_of_the_belt() -> None:
    rig = Rig().begin()
    assert rig.shot.phase is api.Phase.TURNING
    rig.sampling = False
    rig.run(30_000)
    assert rig.shot.phase is api.Phase.TURNING
    rig.sampling = True
    rig.phase(api.Phase.ASKING)


def test_the_reach_test_waits_while_nothing_is_known_of_the_belt() -> None:
    rig = Rig(reached=False).begin(Program("back", (Walk(B, 50, Speed(100)),)))
    rig.phase(api.Phase.REACHING)
    rig.sampling = False
    rig.run(4000)
    said = len(rig.said)
    rig.run(30_000)
    assert len(rig.said) == said and rig.shot.phase is api.Phase.REACHING


# --- ends that come twice --------------------------------------------------------------------------------------------


def done() -> Rig:
    rig = Rig().load()
    assert rig.ask(api.End()).accepted
    assert rig.shot.phase is api.Phase.DONE
    return rig


def test_an_end_after_the_end_changes_nothing() -> None:
    rig = done()
    reason = rig.shot.reason
    assert rig.ask(api.End()).accepted
    assert rig.shot.phase is api.Phase.DONE and rig.shot.reason == reason


def test_a_session_that_is_over_is_not_closed_again_when_treadctl_is_asked_to_end() -> None:
    rig = done()
    reason = rig.shot.reason
    rig.feed(ev.Quit("TERM"))
    assert rig.of(ev.Exit) == [ev.Exit(0)] and rig.shot.reason == reason
    closed = [e for e in rig.of(ev.Journal) if isinstance(e, ev.Journal) and isinstance(e.entry, Closed)]
    assert len(closed) == 1


def test_words_that_nobody_waits_for_are_heard_by_nobody() -> None:
    rig = Rig().load()
    before = rig.shot
    rig.feed(ev.Spoken(9999))
    assert rig.shot.phase is before.phase and rig.shot.question == before.question


def test_an_abort_disturbs_the_question_before_the_dead_mill() -> None:
    rig = Rig(person=PRACTISED)
    assert rig.ask(api.Load(MILL)).accepted
    assert rig.ask(api.Answer("pain-before", "0")).accepted and rig.ask(api.Answer("begin", "y")).accepted
    rig.until(lambda: rig.shot.question is not None and rig.shot.question.id == "dark")
    assert rig.ask(api.Answer("dark", "y")).accepted
    rig.until(lambda: rig.shot.question is not None and rig.shot.question.heard)
    rig.press()
    rig.run(900)
    assert rig.ask(api.Abort()).accepted
    rig.press()
    rig.run(3000)
    assert not rig.heard("Push.")


# --- the stop path ---------------------------------------------------------------------------------------------------


def test_a_stop_that_fails_goes_on_to_pause_where_it_was_proved_and_then_to_reset() -> None:
    rig = Rig(record=replace(REFERENCE, pause_proven=True), person=PRACTISED)
    rig.walking(Program("fast", (Walk(F, 90, Speed(300)),)))
    rig.until(lambda: rig.speed == 300)
    rig.deaf_to = {8, 2, 1}
    rig.press()
    rig.run(60_000)
    since = [wrote.data for wrote in rig.writes]
    assert since[since.index(STOP):] == [STOP, STOP, STOP, LOWEST, PAUSE, RESET]


def test_the_rungs_of_a_ladder_that_may_not_write_are_not_climbed() -> None:
    ladder = StopLadder(0, StopWish("why"), Speed(0), REFERENCE, writes=False)
    assert [due for now in range(0, 60_000, 500) for due in ladder.step(now, None, False, True)
            if due is not Due.CALL_KEY] == []


def test_losing_a_link_on_which_nothing_was_stopped_only_says_so() -> None:
    path = StopPath()
    path.hung(0)
    assert not path.lost
    path.lose(0, linked=True)
    assert path.lost and not path.climbing and path.times() == [None]


# --- the last checks -------------------------------------------------------------------------------------------------


def test_a_console_speed_is_no_ceiling_of_a_facing_that_nobody_knows() -> None:
    ramp = Ramp(effective_limits(PRACTISED, REFERENCE))
    ramp.reach, ramp.slope = REFERENCE.speed, REFERENCE.incline
    ramp.commanded.started(0, Speed(80))
    ramp.commanded.write(0, Speed(200))
    ramp.console_set(60_000, Speed(100))
    assert ramp.commanded.current == 200
    ramp.facing = F
    assert ramp.ceiling is None
    ramp.console_set(60_000, Speed(100))
    assert ramp.ceiling == ramp.commanded.current == 100


# --- without a session -----------------------------------------------------------------------------------------------


def test_a_belt_that_moves_before_any_program_is_spoken_of_and_heard_by_nobody() -> None:
    rig = Rig().link().still()
    rig.speed = rig.target = 80
    rig.run(6000)
    assert rig.heard("The belt moves.") and rig.count(STOP) == 1
    assert rig.shot.phase is api.Phase.IDLE
