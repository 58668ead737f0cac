"""A quirk under a record takes away and never gives: whatever it says, no record permits more with it than without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.files.habits import Habit
from treadctl.files.quirks import Quirk, commissioned, load_quirk, merged, quirk_names
from treadctl.model.machine import Backward, InclineRange, Manual, Record, SpeedRange, backward_permission
from treadctl.model.units import Incline, Speed

REFERENCE = load_quirk("reference")
GOOD = replace(REFERENCE.record, pause_proven=True)
ALL = [load_quirk(name) for name in quirk_names()]
ORDER = (Backward.NO, Backward.SPOTTER_STARTS, Backward.MINIMUM_ONLY, Backward.YES)


def having(*habits: Habit, **changes: Any) -> Quirk:
    return replace(REFERENCE, habits=frozenset(habits), **changes)


def test_without_a_quirk_a_record_is_what_it_was() -> None:
    assert merged(GOOD, None) is GOOD


def test_the_narrower_range_counts_from_either_side() -> None:
    known = having(speed=SpeedRange(Speed(100), Speed(1000), Speed(20)))
    assert merged(GOOD, known).speed == SpeedRange(Speed(100), Speed(1000), Speed(20))
    narrow = replace(GOOD, speed=SpeedRange(Speed(120), Speed(600), Speed(50)))
    assert merged(narrow, known).speed == narrow.speed


def test_a_range_that_makes_no_sense_gets_no_better() -> None:
    odd = SpeedRange(Speed(80), Speed(1600), Speed(0))
    assert merged(replace(GOOD, speed=odd), REFERENCE).speed == odd


@pytest.mark.parametrize(
    "habit",
    [Habit.INCLINE_RANGE_MISSING, Habit.INCLINE_RANGE_ZERO, Habit.INCLINE_NOT_TOLD, Habit.INCLINE_TOLD_WRONG,
     Habit.INCLINE_FAILS, Habit.INCLINE_STOPS_BELT, Habit.NO_EFFECT],
)
def test_an_incline_that_cannot_be_trusted_is_never_set(habit: Habit) -> None:
    assert GOOD.incline is not None and merged(GOOD, having(habit)).incline is None


def test_an_incline_is_not_set_where_the_quirk_knows_no_motor() -> None:
    assert merged(GOOD, having(incline=None)).incline is None


def test_whole_percents_make_the_steps_coarser() -> None:
    assert merged(GOOD, having(Habit.INCLINE_WHOLE)).incline == InclineRange(Incline(0), Incline(120), 10)


@pytest.mark.parametrize(
    ("habit", "field", "value"),
    [
        (Habit.START_REFUSED, "remote_start", False), (Habit.START_WITHOUT_MOTION, "remote_start", False),
        (Habit.STOP_WITHOUT_EFFECT, "stop_works", False), (Habit.SILENT_AT_STANDSTILL, "samples_at_standstill", False),
        (Habit.TARGET_IN_MPH, "units_read_by_owner", False), (Habit.REPORTS_IN_MPH, "units_read_by_owner", False),
        (Habit.NO_PAUSE, "pause_proven", False), (Habit.STOP_STARTS_PAUSED, "pause_proven", False),
        (Habit.RESUMES_SPEED, "resume_speed", None),
        (Habit.NO_EFFECT, "control", False), (Habit.NEEDS_UNLOCK, "control", False),
        (Habit.NEEDS_KEEP_ALIVE, "control", False), (Habit.SILENT_UNTIL_UNLOCKED, "control", False),
    ],
)
def test_what_a_habit_takes_away(habit: Habit, field: str, value: object) -> None:
    assert getattr(GOOD, field) != value
    assert getattr(merged(GOOD, having(habit)), field) == value


def test_a_late_first_zero_is_silence_at_standstill() -> None:
    assert merged(GOOD, having(first_zero=8000)).samples_at_standstill is False


def test_the_countdown_of_the_machine_is_filled_in_only_where_the_record_has_none() -> None:
    assert merged(replace(GOOD, counts_itself=0), REFERENCE).counts_itself == 4000
    assert merged(replace(GOOD, counts_itself=2500), REFERENCE).counts_itself == 2500


@pytest.mark.parametrize("quirk", ALL, ids=lambda quirk: quirk.name)
def test_what_was_not_measured_stays_unknown(quirk: Quirk) -> None:
    nothing = Record(address="F0", name="x")
    under = merged(nothing, quirk)
    assert under.missing or not under.control
    assert replace(under, control=True, counts_itself=0) == nothing


MAYBE = st.one_of(st.none(), st.booleans())
SPEEDS = st.integers(0, 700).map(Speed)
RECORDS = st.builds(
    Record, address=st.just("F0"), speed=st.one_of(st.none(), st.builds(SpeedRange, SPEEDS, SPEEDS, SPEEDS)),
    incline=st.one_of(
        st.none(), st.builds(InclineRange, st.integers(-30, 30).map(Incline), st.integers(0, 150).map(Incline),
                             st.integers(0, 20)),
    ),
    start_speed=st.one_of(st.none(), SPEEDS), stop_lag=st.one_of(st.none(), st.integers(0, 9000)),
    sample_interval=st.one_of(st.none(), st.integers(100, 3000)), samples_at_standstill=MAYBE, remote_start=MAYBE,
    stop_works=MAYBE, units_read_by_owner=st.booleans(), pause_proven=st.booleans(),
    ramp=st.one_of(st.none(), st.integers(10, 90)), manual=st.one_of(st.none(), st.sampled_from(Manual)),
    rails_facing_away=MAYBE, control=st.booleans(), counts_itself=st.integers(0, 5000),
)
QUIRKS = st.one_of(
    st.sampled_from(ALL), st.frozensets(st.sampled_from(Habit), max_size=4).map(lambda habits: having(*habits)),
)


@given(RECORDS, QUIRKS)
def test_no_quirk_makes_a_record_permit_more(record: Record, quirk: Quirk) -> None:
    under = merged(record, quirk)
    if record.control == under.control:
        assert set(record.missing) <= set(under.missing)
    assert ORDER.index(backward_permission(under)[0]) <= ORDER.index(backward_permission(record)[0])
    for flag in ("control", "remote_start", "stop_works", "units_read_by_owner", "pause_proven"):
        assert not getattr(under, flag) or getattr(record, flag) is True
    if record.speed is not None and record.speed.sane:
        assert under.speed is not None and under.speed.minimum >= record.speed.minimum
        assert under.speed.maximum <= record.speed.maximum and under.speed.increment >= record.speed.increment
    assert merged(under, quirk) == under, "twice is as once"


@pytest.mark.parametrize("quirk", [quirk for quirk in ALL if quirk.match is not None], ids=lambda quirk: quirk.name)
def test_the_record_that_a_machine_brings_is_what_commissioning_finds_with_the_quirk_known(quirk: Quirk) -> None:
    assert quirk.record == commissioned(quirk) == merged(quirk.record, quirk)


@pytest.mark.parametrize(
    ("name", "permission", "words"),
    [
        ("tm11gy", Backward.NO, "units"), ("kingsmith-z1", Backward.NO, "not measured"),
        ("horizon-paragon-x", Backward.NO, "obeys"), ("trx3500", Backward.NO, "obeys"),
        ("horizon-7-4", Backward.NO, "stopped by remote"), ("t318", Backward.NO, "silent"),
        ("reebok-fr30z", Backward.NO, "silent"), ("urevo-e3", Backward.NO, "not measured"),
        ("sole-f80", Backward.SPOTTER_STARTS, "spotter"), ("horizon-omega-z", Backward.YES, ""),
        ("wellfit", Backward.YES, ""), ("sole-f85", Backward.YES, ""),
    ],
)
def test_what_an_honest_commissioning_permits_backward(name: str, permission: Backward, words: str) -> None:
    allowed, reason = backward_permission(load_quirk(name).record)
    assert allowed is permission and words in reason
