"""What comes amid something else: a console in a countdown, a lost link in a stop, pain before a start."""

from dataclasses import replace

import pytest

from tests.control.rig import CONTROL, REFERENCE, RESET, START, STOP, F, Rig, backward
from treadctl.control import events as ev
from treadctl.control import prompts
from treadctl.ftms.control_point import Op
from treadctl.model import api
from treadctl.model.api import Phase
from treadctl.model.program import Program, Rest, Walk
from treadctl.model.units import Speed

LONG = Program("long", (Walk(F, 200, Speed(200)),))
STOPS = Program("stops", (Walk(F, 60, Speed(150)), Rest(20), Walk(F, 60, Speed(150))))


@pytest.mark.parametrize("octets", [(0x02, 0x01), (0x04,), (0x05, 0x50, 0x00)])
def test_whoever_uses_the_console_in_the_countdown_takes_the_confirm_back(octets: tuple[int, ...]) -> None:
    rig = Rig().counting()
    rig.status(*octets)
    rig.run(8000)
    assert rig.count(START) == 0 and rig.shot.phase is Phase.ASKING


def ghost() -> Rig:
    """A belt that moved by itself, was stopped, and is at zero for a second."""
    rig = Rig().link().still()
    rig.feed(ev.Attended("me"))
    rig.speed = rig.target = 80
    rig.run(600)
    assert rig.count(STOP) == 1
    rig.target = 0
    return rig.until(lambda: rig.speed == 0).run(1000)


def test_a_link_that_goes_in_the_middle_of_a_stop_is_made_anew_and_looked_at_before_anything_is_written() -> None:
    rig = ghost()
    rig.unlink()
    rig.run(600)
    assert rig.of(ev.Reconnect) and rig.heard(prompts.LINK_LOST)
    rig.run(10_000)
    before = len(rig.writes)
    rig.link().run(8000)
    assert rig.writes[before:] == [] and rig.shot.alarm == "" and rig.shot.belt is api.Belt.STILL


def test_quitting_in_the_middle_of_a_stop_waits_for_the_standstill() -> None:
    rig = ghost()
    rig.feed(ev.Quit("SIGTERM"))
    assert not rig.of(ev.Exit)
    rig.run(5000)
    assert rig.of(ev.Exit)


def test_a_stop_key_on_a_belt_that_ignored_every_rung_climbs_them_again() -> None:
    rig = Rig().walking(LONG)
    rig.deaf_to = {Op.STOP_OR_PAUSE, Op.SET_TARGET_SPEED, Op.RESET}
    rig.press()
    rig.run(15_000)
    assert rig.count(RESET) == 1
    assert rig.press() == [STOP]
    rig.run(15_000)
    assert rig.count(RESET) == 2


def test_a_belt_that_nothing_was_heard_of_since_the_computer_woke_gets_a_new_link() -> None:
    rig = backward()
    rig.sampling = False
    rig.feed(ev.Suspended(5000))
    rig.run(6000)
    assert rig.count(STOP) >= 1 and rig.of(ev.Reconnect) and rig.shot.footer is api.Footer.NO_LINK


def test_links_that_stay_silent_are_not_made_anew_for_ever() -> None:
    rig = backward()
    rig.sampling = False
    for _ in range(8):
        rig.run(8000)
        rig.unlink()
        rig.link()
    assert len(rig.of(ev.Reconnect)) < 14
    made = len(rig.of(ev.Reconnect))
    rig.run(60_000)
    assert len(rig.of(ev.Reconnect)) == made and rig.heard("Pull the key.")


def test_who_acknowledged_another_alarm_still_hears_the_call_for_the_key() -> None:
    rig = Rig().walking(LONG)
    rig.deaf_to = {Op.STOP_OR_PAUSE, Op.SET_TARGET_SPEED, Op.RESET}
    rig.speed = rig.target = 480
    rig.run(1000)
    assert rig.shot.alarm
    rig.ask(api.Acknowledge())
    rig.run(8000)
    assert rig.heard("Pull the key.") and rig.shot.alarm == prompts.PULL_KEY


def test_pain_before_the_belt_moves_stops_the_start() -> None:
    rig = Rig(record=replace(REFERENCE, start_speed=Speed(100))).starting(LONG)
    rig.ask(api.Pain())
    rig.run(500)
    assert rig.count(STOP) == 1
    rig.phase(Phase.HALTED)
    assert rig.speed == 0


def test_a_console_that_speeds_up_during_an_ease_ends_the_ease_in_a_stop() -> None:
    rig = Rig().walking(LONG)
    rig.until(lambda: rig.speed == 200).run(3000)
    rig.ask(api.Pain())
    rig.run(300)
    rig.target = 250
    rig.status(0x05, 250, 0)
    rig.run(300)
    assert rig.count(STOP) == 1


def test_a_planned_stop_that_failed_is_asked_about_and_the_facing_is_unknown() -> None:
    rig = Rig().walking(STOPS)
    rig.deaf_to = {Op.STOP_OR_PAUSE}
    rig.until(lambda: rig.count(STOP) >= 1).run(9000)
    rig.deaf_to.clear()
    rig.target = 0
    rig.phase(Phase.HALTED)
    assert rig.shot.facing is None and rig.shot.question is not None and rig.shot.reason.startswith("The belt did not")


def test_a_stop_key_during_a_planned_stop_makes_it_an_unplanned_one() -> None:
    rig = Rig().walking(STOPS)
    rig.until(lambda: rig.count(STOP) == 1)
    rig.press()
    rig.phase(Phase.HALTED)
    assert rig.shot.facing is None and rig.shot.reason == "You pressed stop."


def test_the_echo_of_our_own_stop_is_no_ceiling() -> None:
    rig = Rig().walking(STOPS)
    rig.until(lambda: rig.count(STOP) == 1)
    rig.status(0x05, 0, 0)
    assert rig.core._sup.ramp.ceiling is None


def test_an_echo_that_the_machine_rounded_is_ours() -> None:
    rig = Rig().walking(LONG)
    rig.until(lambda: rig.speeds[-1].speed == 200).run(5000)
    rig.status(0x05, 193, 0)
    assert rig.core._sup.ramp.ceiling is None and not rig.shot.held


def test_a_console_that_is_faster_and_then_slower_than_the_program_holds_no_more() -> None:
    rig = Rig().walking(LONG)
    rig.until(lambda: rig.speed == 200).run(4000)
    for speed, held in ((300, True), (250, True), (120, False)):
        rig.target = speed
        rig.status(0x05, speed & 0xFF, speed >> 8)
        rig.run(1000)
        assert rig.shot.held is held
    assert rig.shot.ceiling == 120


def test_a_write_that_failed_on_the_old_link_says_nothing_about_the_new_one() -> None:
    rig = backward()
    rig.answers = rig.obeys = False
    rig.press()
    hung = [effect for effect in rig.of(ev.Write) if isinstance(effect, ev.Write)][-1].id
    rig.unlink()
    rig.link()
    asked = rig.count(CONTROL)
    rig.until(lambda: rig.count(CONTROL) > asked)
    made = len(rig.of(ev.Reconnect))
    rig.feed(ev.WriteFailed(hung, "too late"))
    rig.run(200)
    assert rig.core._sup.stopping and len(rig.of(ev.Reconnect)) == made


def test_a_slow_belt_on_a_new_link_is_not_called_too_fast() -> None:
    rig = backward()
    rig.unlink()
    rig.run(500)
    rig.link().run(1500)
    assert rig.count(STOP) >= 1 and not rig.heard("Too fast")


def test_a_belt_that_crawls_is_said_to_slow_once_and_nothing_rises_meanwhile() -> None:
    rig = Rig().walking(LONG)
    rig.until(lambda: rig.speed == 200).run(3000)
    rig.obeys = False
    rig.target = rig.speed = 140
    rises = len(rig.speeds)
    for n in range(20):
        rig.speed = rig.target = 140 - 4 * (n % 2)
        rig.run(500)
    assert len(rig.heard("The belt slows down.")) == 1 and len(rig.speeds) == rises


def test_pain_at_the_question_what_now_is_asked_about() -> None:
    rig = Rig().walking(LONG)
    rig.press()
    rig.phase(Phase.HALTED)
    rig.ask(api.Pain())
    rig.run(300)
    assert rig.shot.question is not None and rig.shot.question.id == "pain"


def test_a_false_zero_before_any_motion_was_told_is_a_moving_belt() -> None:
    rig = Rig().starting(LONG)
    for n in range(24):
        rig.speed = rig.target = 0
        rig.metres = n / 4
        rig.run(1000)
    assert not rig.heard(prompts.NOT_STARTED) and rig.count(STOP) >= 1


def test_before_anything_was_commanded_a_target_speed_says_nothing() -> None:
    rig = Rig().link().still()
    ramp = rig.core._sup.ramp
    ramp.console_set(rig.now, Speed(300))
    assert ramp.raised is None and ramp.ceiling is None


def test_a_told_speed_between_the_program_s_and_the_belt_s_changes_nothing() -> None:
    ramp = Rig().walking(LONG).core._sup.ramp
    ramp.commanded.write(0, Speed(200))
    ramp.commanded.write(100_000, Speed(150))
    ramp.console_set(100_100, Speed(165))
    assert ramp.raised is None and ramp.ceiling is None
