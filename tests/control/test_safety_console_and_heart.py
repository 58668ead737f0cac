"""What others do: somebody else sets the speed, the belt answers the wrong way, and the walker's heart."""

from dataclasses import replace

import pytest

from tests.control.rig import PRACTISED, REFERENCE, STOP, B, F, Rig, backward
from treadctl.control import events as ev
from treadctl.control.commanded import Commanded
from treadctl.control.heart import Heart
from treadctl.ftms.control_point import Op
from treadctl.ftms.heart_rate import HeartRate, encode_heart_rate
from treadctl.model import api
from treadctl.model.api import Phase
from treadctl.model.person import UNKNOWN_PERSON, Person
from treadctl.model.program import Program, Walk
from treadctl.model.units import Ms, Speed

LONG = Program("long", (Walk(F, 200, Speed(200)),))
AGED = Person(age=48, needs_heart_rate=True)
"""Level 0 and 48 years: 76 % of 174.4, a cap of 132."""


def walking(person: Person = UNKNOWN_PERSON) -> Rig:
    rig = Rig(person=person).walking(LONG)
    return rig.until(lambda: rig.speed == 200).run(3100)


def console(rig: Rig, speed: int) -> None:
    """Somebody sets this speed at the console, and the machine says so."""
    rig.target = speed
    rig.status(0x05, speed & 0xFF, speed >> 8)


# --- a speed that is not ours ---------------------------------------------------------------------------------------


def test_a_higher_speed_from_the_console_within_the_limits_holds_the_walk_until_a_local_resume() -> None:
    rig = walking()
    console(rig, 300)
    before, left = len(rig.writes), rig.shot.segment_left
    rig.run(20_000)
    assert rig.speed == 300 and len(rig.writes) == before
    assert rig.heard("Faster at the console. Resume or stop.") and rig.shot.phase is Phase.WALKING
    assert abs(rig.shot.segment_left - left) <= 600
    assert rig.ask(api.Resume()).accepted
    rig.until(lambda: rig.speed == 200)
    assert [wrote.speed for wrote in rig.writes[before:]] == [280, 260, 240, 220, 200]


def test_a_held_walk_can_still_be_stopped_eased_and_ended_by_pain() -> None:
    rig = walking()
    console(rig, 300)
    assert rig.run(3000).press() == [STOP]
    for intent, slowest in ((api.Ease(), 280), (api.Pain(), 80)):
        rig = walking()
        console(rig, 300)
        rig.run(3000).ask(intent)
        rig.run(12_000)
        assert min(wrote.speed or 0 for wrote in rig.speeds[-3:]) <= slowest


def test_a_higher_speed_from_elsewhere_facing_away_stops_in_the_same_step() -> None:
    rig = backward()
    before = len(rig.writes)
    console(rig, 120)
    assert [wrote.data for wrote in rig.writes[before:]] == [STOP]
    assert rig.heard("Not our speed. Stopping.")


def test_a_speed_above_the_limits_from_the_console_stops_in_the_same_step() -> None:
    rig = walking()
    before = len(rig.writes)
    console(rig, 450)
    assert [wrote.data for wrote in rig.writes[before:]] == [STOP]


def test_an_intermediate_speed_told_on_the_way_down_is_nobody_else_s() -> None:
    rig = Rig().walking(Program("down", (Walk(F, 60, Speed(300)), Walk(F, 60, Speed(100)))))
    rig.until(lambda: rig.speeds[-1].speed == 260 and len(rig.speeds) > 12)
    rig.status(0x05, 0x1F, 0x01)  # 2.87
    assert not rig.heard("Faster at") and not rig.heard("Not our speed")


def test_the_belt_that_starts_right_after_the_console_spoke_is_said_to_be_the_console_s() -> None:
    rig = Rig().link().still()
    rig.feed(ev.Attended("me"))
    rig.status(0x04)
    rig.speed = rig.target = 80
    rig.run(600)
    assert rig.heard("Started at the console. Hold on.") and rig.count(STOP) >= 1 and rig.shot.facing is None
    later = Rig().link().still()
    later.status(0x04)
    later.run(6000)
    later.speed = later.target = 80
    later.run(600)
    assert later.heard("The belt moves. Hold on.")


def test_a_belt_that_slows_by_itself_is_said_while_it_slows() -> None:
    rig = walking()
    rig.target = 0
    rig.run(2100)
    assert rig.heard("The belt slows down.") and rig.count(STOP) == 0
    rig.until(lambda: bool(rig.heard("The belt stopped by itself.")))


def test_control_that_is_lost_to_another_app_is_asked_for_once_and_its_refusal_calls_for_the_key() -> None:
    rig = walking()
    rig.deaf_to = {Op.STOP_OR_PAUSE}
    rig.results = {Op.REQUEST_CONTROL: 5, Op.STOP_OR_PAUSE: 5}
    rig.deaf_to.clear()
    rig.status(0xFF)
    rig.run(1000)
    assert rig.count(STOP) >= 1 and rig.heard("Pull the key.")
    rig.run(10_000)
    assert sum(wrote.data == b"\x00" for wrote in rig.writes) == 2  # one to start, one to stop


# --- a belt that answers the wrong way ------------------------------------------------------------------------------


def test_a_belt_that_gains_speed_on_a_slower_command_is_stopped_before_it_is_much_too_fast() -> None:
    rig = Rig(record=replace(REFERENCE, lag=500)).walking(LONG)
    rig.until(lambda: rig.speed == 200).run(3000)
    rig.ask(api.Ease())
    rig.until(lambda: rig.speeds[-1].speed == 180)
    rig.target = 225
    rig.run(3000)
    assert rig.heard("The belt gains speed. Stopping.") and rig.count(STOP) >= 1


def test_a_gain_counts_only_when_the_slower_command_had_its_time() -> None:
    it = Commanded()
    it.lag = 1000
    it.write(0, Speed(200))
    it.write(5000, Speed(180))
    for at, speed in ((5500, 200), (6499, 230), (6500, 190), (7000, 209)):
        it.measured(at, Speed(speed))
    assert not it.inverted
    it.measured(7500, Speed(210))
    assert it.inverted
    it.stopped()
    assert not it.inverted


@pytest.mark.parametrize("then", ["rise", "console"])
def test_what_speeds_up_on_purpose_afterwards_is_no_gain(then: str) -> None:
    it = Commanded()
    it.lag = 1000
    it.write(0, Speed(200))
    it.write(5000, Speed(180))
    it.measured(6600, Speed(180))
    if then == "rise":
        it.write(7000, Speed(200))
    else:
        it.adopt(7000, Speed(200))
    it.measured(9000, Speed(200))
    assert not it.inverted


# --- the heart ------------------------------------------------------------------------------------------------------


def beat(rig: Rig, rate: int, for_ms: Ms) -> None:
    """A strap that sends this rate once a second."""
    for _ in range(for_ms // 1000):
        rig.feed(ev.Notified(ev.Source.HEART_RATE, encode_heart_rate(HeartRate(rate, True))))
        rig.run(1000)


def test_a_heart_rate_above_the_cap_eases_a_step_after_ten_seconds_and_to_a_stop_after_thirty() -> None:
    rig = walking(AGED)
    beat(rig, 132, 12_000)
    assert not rig.heard("Heart rate high")
    beat(rig, 133, 9_000)
    assert not rig.heard("Heart rate high")
    beat(rig, 133, 3_000)
    assert rig.heard("Heart rate high. Slower.") and rig.shot.ceiling == 180
    beat(rig, 133, 20_000)
    assert rig.heard("Heart rate high. Stopping.")
    rig.phase(Phase.HALTED)


def test_a_heart_that_calms_down_in_time_is_not_stopped() -> None:
    rig = walking(AGED)
    beat(rig, 140, 20_000)
    beat(rig, 120, 15_000)
    assert rig.heard("Heart rate high. Slower.") and not rig.heard("Stopping.") and rig.shot.phase is Phase.WALKING


def test_without_an_age_there_is_no_cap() -> None:
    rig = walking()
    beat(rig, 200, 40_000)
    assert not rig.heard("Heart")


def test_a_lost_strap_is_said_and_stops_only_who_needs_it() -> None:
    for person, stops in ((AGED, True), (PRACTISED, False)):
        rig = walking(person)
        beat(rig, 100, 3_000)
        rig.run(7_000)
        assert rig.heard("No heart rate.")
        rig.run(61_000)
        assert bool(rig.heard("No heart rate. Stopping.")) is stops


def test_what_no_heart_does_is_no_reading() -> None:
    heart = Heart()
    for measured in (None, HeartRate(None), HeartRate(29), HeartRate(231), HeartRate(80, contact=False)):
        heart.strap(0, measured)
    heart.machine(0, None)
    heart.machine(0, 250)
    assert heart.rate is None and not heart.lost(99_999) and heart.deadline() is None


def test_the_treadmill_s_own_value_counts_where_no_strap_tells_one() -> None:
    heart = Heart()
    heart.machine(0, 90)
    assert heart.rate == 90 and heart.deadline() == 5001
    heart.strap(1000, HeartRate(100))
    heart.machine(2000, 140)
    assert heart.rate == 100 and not heart.above(2000, 132) and not heart.above(2000, None)
    heart.machine(6001, 140)
    assert heart.above(6001, 132) and not heart.above(6001, 140)
    assert heart.lost(11_002) and not heart.above(11_002, 132)


def test_facing_away_a_high_heart_rate_eases_as_well() -> None:
    rig = Rig(person=AGED).walking(Program("back", (Walk(B, 50, Speed(100)),)))
    beat(rig, 140, 12_000)
    assert rig.heard("Heart rate high. Slower.")


def test_a_held_walk_says_so_again_every_twenty_seconds_and_shows_it() -> None:
    rig = walking()
    console(rig, 300)
    rig.run(45_000)
    times = rig.heard("Faster at the console. Resume or stop.")
    assert len(times) == 3 and rig.shot.held
    rig.ask(api.Resume())
    rig.run(600)
    assert not rig.shot.held
