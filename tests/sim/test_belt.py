"""The simulated belt: lags, ramps and counters as a stop-watch beside a treadmill would find them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from treadsim.belt import Belt, Button, Cause, Change, Did

from treadctl.files.habits import Habit
from treadctl.files.quirks import load_quirk
from treadctl.model.units import Speed, percent

REFERENCE = load_quirk("reference")


def walking(speed: int = 80) -> Belt:
    """A belt that was started at 0 and runs steadily at `speed` at 60 s."""
    belt = Belt(REFERENCE)
    belt.start(0, Cause.COMMAND)
    belt.set_speed(10_000, speed, Cause.COMMAND)
    belt.advance(60_000)
    assert belt.speed == speed
    belt.changes.clear()
    belt.news.clear()
    return belt


def first_time(belt: Belt, begin: int, wanted: float, up: bool) -> int:
    """When the belt first reaches this speed, stepped at 10 ms."""
    now = begin
    while (belt.speed < wanted) if up else (belt.speed > wanted):
        now += 10
        belt.advance(now)
        assert now < begin + 60_000
    return now - begin


def test_nothing_moves_for_four_seconds_after_start_and_then_it_ramps_to_the_start_speed() -> None:
    belt = Belt(REFERENCE)
    belt.start(0, Cause.COMMAND)
    belt.advance(4000)
    assert belt.counting is False and belt.speed == 0
    belt.advance(5000)
    assert belt.speed == pytest.approx(50)
    belt.advance(60_000)
    assert belt.speed == 80


def test_a_rise_begins_after_the_command_lag_and_takes_half_a_km_h_a_second() -> None:
    belt = walking()
    belt.set_speed(60_000, 180, Cause.COMMAND)
    belt.advance(61_400)
    assert belt.speed == 80
    assert first_time(belt, 61_400, 180, up=True) == pytest.approx(2000, abs=20)


def test_a_stop_from_two_km_h_takes_the_lag_that_the_record_says() -> None:
    belt = walking(200)
    belt.stop(60_000, Cause.COMMAND)
    assert first_time(belt, 60_000, 0, up=False) == pytest.approx(REFERENCE.record.stop_lag, abs=20)


def test_a_stop_in_the_countdown_means_that_nothing_ever_moves() -> None:
    belt = Belt(REFERENCE)
    belt.start(0, Cause.COMMAND)
    belt.stop(3999, Cause.COMMAND)
    belt.advance(60_000)
    assert belt.distance_m == 0 and not belt.started


def test_a_stop_after_a_rise_wins_although_the_rise_comes_through_first() -> None:
    belt = walking()
    belt.set_speed(60_000, 300, Cause.COMMAND)
    belt.stop(60_500, Cause.COMMAND)
    belt.advance(70_000)
    assert [change.after for change in belt.changes] == [300, 0] and belt.speed == 0


def test_distance_is_the_area_under_the_speed() -> None:
    belt = Belt(REFERENCE)
    belt.start(0, Cause.COMMAND)
    belt.advance(4000 + 1600 + 3_600_000)
    assert belt.distance_m == pytest.approx(800 + 0.4 / 3.6 * 1.6, abs=0.01)


def test_looking_often_or_seldom_makes_no_difference() -> None:
    often, seldom = Belt(REFERENCE), Belt(REFERENCE)
    for belt, step in ((often, 7), (seldom, 30_000)):
        belt.start(0, Cause.COMMAND)
        belt.set_speed(9000, 250, Cause.COMMAND)
        belt.stop(20_000, Cause.COMMAND)
        for now in range(20_000, 30_001, step):
            belt.advance(now)
        belt.advance(30_000)
    assert often.distance_m == pytest.approx(seldom.distance_m, abs=1e-6)
    assert often.changes == seldom.changes


def test_elapsed_time_counts_only_motion_and_survives_a_stop() -> None:
    belt = walking()
    belt.stop(60_000, Cause.COMMAND)
    belt.advance(100_000)
    assert belt.elapsed_ms == pytest.approx(56_000 + 1400 + 1000, abs=50)
    belt.reset(100_000)
    assert belt.elapsed_ms == 0


def test_the_incline_motor_takes_its_time_also_at_standstill() -> None:
    belt = Belt(REFERENCE)
    belt.set_incline(0, percent(3), Cause.COMMAND)
    belt.advance(2000)
    assert belt.incline == pytest.approx(10)
    belt.advance(6000)
    assert belt.incline == 30


def test_the_safety_key_stops_without_lag_and_the_belt_will_not_start_without_it() -> None:
    belt = walking(200)
    belt.set_speed(60_000, 300, Cause.COMMAND)
    belt.pull_key(60_100)
    assert first_time(belt, 60_100, 0, up=False) == pytest.approx(2500, abs=20)
    belt.start(70_000, Cause.COMMAND)
    belt.advance(80_000)
    assert belt.speed == 0
    belt.insert_key(80_000)
    belt.start(80_000, Cause.COMMAND)
    belt.advance(90_000)
    assert belt.speed == 80


def test_console_keys_act_at_once_and_are_told() -> None:
    belt = walking()
    belt.press(60_000, Button.FASTER)
    belt.press(60_000, Button.FASTER)
    belt.press(61_000, Button.STOP)
    assert [(news.did, news.value) for news in belt.news] == [(Did.SPEED, 100), (Did.SPEED, 120), (Did.STOPPED, 0)]
    assert belt.changes[-1] == Change(61_000, 120, 0, Cause.CONSOLE)


def test_the_console_goes_no_slower_than_the_minimum() -> None:
    belt = walking()
    belt.press(60_000, Button.SLOWER)
    belt.advance(70_000)
    assert belt.speed == 80


def test_speed_keys_in_the_countdown_do_nothing() -> None:
    belt = Belt(REFERENCE)
    belt.start(0, Cause.COMMAND)
    belt.press(2000, Button.FASTER)
    belt.advance(3900)
    assert belt.speed == 0
    belt.advance(20_000)
    assert belt.speed == 80


def test_the_firmware_timer_stops_the_belt() -> None:
    belt = Belt(replace(REFERENCE, timer=30_000))
    belt.start(0, Cause.COMMAND)
    belt.advance(60_000)
    assert belt.speed == 0 and belt.changes[-1].cause is Cause.TIMER and belt.changes[-1].at == 34_000


def test_a_machine_that_resumes_starts_at_its_last_speed() -> None:
    belt = Belt(replace(REFERENCE, habits=frozenset({Habit.RESUMES_SPEED})))
    belt.start(0, Cause.COMMAND)
    belt.set_speed(10_000, 250, Cause.COMMAND)
    belt.stop(20_000, Cause.COMMAND)
    belt.start(40_000, Cause.COMMAND)
    belt.advance(60_000)
    assert belt.speed == 250


def test_a_second_start_and_a_speed_for_a_belt_at_rest_do_nothing() -> None:
    belt = Belt(REFERENCE)
    belt.set_speed(0, 300, Cause.COMMAND)
    belt.advance(10_000)
    assert belt.speed == 0
    belt.start(10_000, Cause.COMMAND)
    belt.start(13_000, Cause.COMMAND)
    belt.advance(14_100)
    assert belt.speed > 0


def test_a_runaway_belt_moves_without_being_told() -> None:
    belt = Belt(REFERENCE)
    belt.run_away(1000, Speed(300))
    belt.advance(20_000)
    assert belt.speed == 300 and belt.changes[-1].cause is Cause.ITSELF
