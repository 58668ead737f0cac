"""What 1,000 virtual hours with faults found (seeds 100000 to 117855), each in as few steps as show it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.control.hand import Hand
from tests.control.rig import CONTROL, REFERENCE, START, STOP, F, Rig, backward
from tests.control.test_hand_starts import WALK, ByHand
from treadctl.control.events import Tone
from treadctl.control.ladder import Due, StopLadder, StopWish
from treadctl.control.prompts import LOOK, PRESS_START, REACH_FIRST
from treadctl.model import api
from treadctl.model.api import Phase
from treadctl.model.machine import SpeedRange
from treadctl.model.program import Program, Walk
from treadctl.model.units import Ms, Speed

LONG = Program("long", (Walk(F, 200, Speed(250)),))


@pytest.mark.parametrize("octets", [(0x03,), (0x02, 0x01), (0x04,)], ids=["safety key", "stopped", "started"])
def test_a_key_pulled_or_a_console_used_between_the_two_presses_undoes_them(octets: tuple[int, ...]) -> None:
    rig = Rig().asked()
    rig.press()
    rig.run(300)
    rig.status(*octets)
    rig.run(600)
    rig.press()
    rig.run(1000)
    assert rig.shot.phase is Phase.ASKING and CONTROL not in [wrote.data for wrote in rig.writes]


def test_what_no_belt_can_run_is_no_measurement_and_counts_as_silence() -> None:
    rig = Rig().walking(LONG)
    rig.sampling = False
    rig.run(1600)
    before = len(rig.speeds)
    for _ in range(8):
        rig.run(500)
        rig.sample(40_521)
    assert rig.shot.speed is None and rig.heard("Connection lost")
    assert len(rig.speeds) == before and rig.count(STOP)


@pytest.mark.parametrize(("speed", "counts"), [(3000, True), (3001, False)])
def test_thirty_kilometres_an_hour_is_still_a_measurement(speed: int, counts: bool) -> None:
    rig = Rig().link()
    rig.sample(speed)
    assert (rig.core._sup.belt.sample is not None) is counts


def _minus_in_the_ramp() -> Rig:
    """The belt is on its way up; the console is set to a speed that was one of ours a moment ago."""
    rig = Rig().walking(LONG)
    rig.until(lambda: rig.speeds[-1].speed == 160)
    rig.status(0x05, 140, 0)
    return rig


def test_a_minus_at_the_console_in_the_middle_of_a_rise_ends_the_rise() -> None:
    rig = _minus_in_the_ramp()
    rig.speed = rig.target = 140
    before = len(rig.speeds)
    rig.run(10_000)
    assert rig.shot.ceiling == 140 and len(rig.speeds) == before


def test_a_late_echo_of_our_own_step_holds_the_rise_only_until_the_belt_has_passed_it() -> None:
    rig = _minus_in_the_ramp()
    before = len(rig.speeds)
    rig.run(1500)
    assert len(rig.speeds) == before
    rig.until(lambda: rig.speeds[-1].speed == 250)
    assert rig.shot.ceiling is None


def test_a_console_that_is_faster_holds_also_below_what_the_program_wishes() -> None:
    rig = Rig().walking(LONG)
    rig.until(lambda: rig.speeds[-1].speed == 120)
    rig.target = 200
    rig.status(0x05, 200, 0)
    before = len(rig.speeds)
    rig.run(8000)
    assert rig.shot.held and len(rig.speeds) == before


def test_where_to_face_is_not_said_again_while_the_belt_is_not_measured_still() -> None:
    rig = Rig().begin()
    rig.until(lambda: bool(rig.heard("Face the console")))
    rig.sampling = False
    rig.run(4000)
    rig.ask(api.Repeat())
    assert rig.said[-1][1] == LOOK


def test_a_stop_that_somebody_wanted_during_the_look_is_not_begun_anew_after_it() -> None:
    hand = Hand().walking(250)
    hand.sup.link_down()
    hand.now += 1000
    hand.link()
    assert hand.sup.stop(hand.now, StopWish("from the shell"))
    stop, ladder = hand.command(), hand.sup.path.ladder
    assert stop is not None and stop.data == STOP and ladder is not None
    ladder.accepted = True
    hand.sample(240, after=1100)
    assert hand.command() is None and hand.sup.path.ladder is ladder and ladder.failed


def test_a_stop_that_was_turned_away_and_answered_all_the_same_is_not_sent_again() -> None:
    ladder = StopLadder(0, StopWish("x"), Speed(100), REFERENCE)
    assert ladder.step(0, Speed(100), False, True) == [Due.STOP]
    ladder.turned_away(30)
    ladder.accepted = True
    assert ladder.step(200, Speed(100), False, True) == []
    ladder = StopLadder(0, StopWish("x"), Speed(100), REFERENCE)
    ladder.step(0, Speed(100), False, True)
    ladder.turned_away(30)
    assert ladder.step(200, Speed(100), False, True) == [Due.STOP]


@pytest.mark.parametrize(
    ("minimum", "increment", "first"),
    [(80, 10, 80), (50, 10, 80), (50, 50, 100), (60, 50, 60), (100, 10, 100), (96, 10, 96), (30, 30, 90)],
)
def test_the_first_speed_to_be_met_is_one_that_the_machine_can_be_set_to(
    minimum: int, increment: int, first: int
) -> None:
    span = SpeedRange(Speed(minimum), Speed(1200), Speed(increment))
    hand = Hand(replace(REFERENCE, speed=span)).link()
    hand.sup.wish(Speed(300), hand.sup.ramp.incline)
    assert hand.sup.ramp.target() == first


def test_a_machine_with_coarse_steps_rises_above_its_lowest_speed() -> None:
    coarse = SpeedRange(Speed(50), Speed(1200), Speed(50))
    rig = Rig(record=replace(REFERENCE, speed=coarse, told=coarse))
    rig.walking(LONG).until(lambda: rig.speeds[-1].speed == 250)
    assert START in [wrote.data for wrote in rig.writes]


def test_a_bout_backward_goes_on_after_an_echo() -> None:
    """A machine that echoes late must not be slowed by its own echo."""
    rig = backward()
    wait: Ms = 3000
    rig.until(lambda: rig.speeds[-1].speed == 100)
    rig.status(0x05, 90, 0)
    rig.run(wait)
    assert rig.shot.ceiling is None and not rig.shot.held


# --- the second thousand (seeds 400000 to 416383) -------------------------------------------------------------------


def test_an_ease_while_the_belt_eases_already_is_a_ceiling_for_afterwards() -> None:
    rig = Rig().walking(LONG)
    rig.until(lambda: rig.speeds[-1].speed == 200)
    rig.ask(api.Pain())
    rig.until(lambda: rig.shot.phase is Phase.EASING)
    current = rig.core._sup.commanded.current
    assert current is not None
    rig.ask(api.Ease())
    assert rig.core._sup.ramp.ceiling == current - 20


def test_a_minus_at_the_console_below_the_machine_s_own_lowest_speed_holds_it_there() -> None:
    rig = Rig().starting(LONG)
    rig.until(lambda: rig.shot.phase is Phase.HOLDING and bool(rig.speeds))
    rig.run(3_000)
    rig.status(0x05, 50, 0)
    rig.run(40_000)
    assert rig.core._sup.ramp.ceiling == 80 and {wrote.speed for wrote in rig.speeds} == {80}
    rig.ask(api.Resume())
    rig.run(20_000)
    assert max(wrote.speed or 0 for wrote in rig.speeds) > 80


def test_nobody_is_told_to_press_start_before_the_supervisor_allows_it() -> None:
    """Request Control hangs and the samples stop: a hand that pressed now would start a belt that nobody sees."""
    bench = ByHand(WALK)
    bench.answers = False
    bench.loaded().until(lambda: any(tone is Tone.CONFIRM for _, tone in bench.tones))
    bench.run(300)
    bench.sampling = False
    bench.until(lambda: bench.count(CONTROL) == 1)
    bench.run(5_000)
    assert not bench.heard(PRESS_START) and bench.count(START) == 0 and bench.speed == 0


def test_the_reach_test_is_not_said_again_to_a_belt_that_nobody_has_measured_for_a_while() -> None:
    rig = Rig(reached=False).begin().phase(Phase.REACHING)
    rig.until(lambda: bool(rig.heard(REACH_FIRST)))
    rig.sampling = False
    rig.run(5_000)
    rig.ask(api.Repeat())
    assert rig.said[-1][1] == LOOK
