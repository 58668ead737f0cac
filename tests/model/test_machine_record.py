"""What a machine must have shown: every row of the table in docs/commissioning.md, and what a record lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from treadctl.model.machine import (
    Backward,
    Features,
    InclineRange,
    Manual,
    Record,
    SpeedRange,
    backward_permission,
)
from treadctl.model.units import Incline, Speed

GOOD = Record(
    speed=SpeedRange(Speed(120), Speed(1600), Speed(20)), start_speed=Speed(120), stop_lag=6000, sample_interval=1500,
    samples_at_standstill=True, remote_start=True, stop_works=True, units_read_by_owner=True, ramp=60,
    manual=Manual.ALLOWS, rails_facing_away=True,
)
"""Every value exactly at its boundary."""


def speeds(minimum: int, increment: int) -> SpeedRange:
    return SpeedRange(Speed(minimum), Speed(1600), Speed(increment))


def test_a_machine_at_every_boundary_may_be_walked_backward() -> None:
    assert backward_permission(GOOD) == (Backward.YES, "")


@pytest.mark.parametrize(
    "change, permission, words",
    [
        ({"speed": speeds(120, 21)}, Backward.MINIMUM_ONLY, "coarser than 0.2"),
        ({"remote_start": False}, Backward.SPOTTER_STARTS, "spotter presses start"),
        ({"stop_lag": 6001}, Backward.NO, "longer than 6 s"),
        ({"speed": speeds(121, 20)}, Backward.NO, "lowest speed is above 1.2"),
        ({"start_speed": Speed(121)}, Backward.NO, "starts faster than 1.2"),
        ({"sample_interval": 1501}, Backward.NO, "1.5 s apart"),
        ({"samples_at_standstill": False}, Backward.NO, "silent at standstill"),
        ({"stop_works": False}, Backward.NO, "cannot be stopped"),
        ({"rails_facing_away": False}, Backward.NO, "no rail"),
        ({"manual": Manual.FORBIDS}, Backward.NO, "manual forbids"),
        ({"manual": Manual.SILENT}, Backward.YES, ""),
        ({"ramp": 61}, Backward.NO, "faster than 0.6"),
        ({"speed": speeds(120, 0)}, Backward.NO, "makes no sense"),
        ({"speed": SpeedRange(Speed(100), Speed(50), Speed(10))}, Backward.NO, "makes no sense"),
        ({"remote_start": False, "stop_lag": 7000}, Backward.NO, "longer than 6 s"),
        ({"speed": speeds(120, 50), "samples_at_standstill": False}, Backward.NO, "silent at standstill"),
    ],
)
def test_the_table_of_the_safety_rules(change: dict[str, Any], permission: Backward, words: str) -> None:
    found, reason = backward_permission(replace(GOOD, **change))
    assert found is permission
    assert words in reason


@pytest.mark.parametrize(
    "field, words",
    [
        ("speed", "speed range"), ("start_speed", "start speed"), ("stop_works", "stop"), ("stop_lag", "stop lag"),
        ("sample_interval", "sample interval"), ("samples_at_standstill", "samples at standstill"),
        ("remote_start", "start"), ("manual", "manual"), ("rails_facing_away", "rails"), ("ramp", "ramp"),
    ],
)
def test_whatever_was_not_measured_permits_nothing_and_is_named(field: str, words: str) -> None:
    unmeasured: dict[str, Any] = {field: None}
    record = replace(GOOD, **unmeasured)
    assert not record.complete
    permission, reason = backward_permission(record)
    assert permission is Backward.NO and words in reason and "not measured yet" in reason


def test_units_that_the_owner_did_not_read_are_not_measured() -> None:
    record = replace(GOOD, units_read_by_owner=False)
    assert record.missing == ("units read off the console",)
    assert backward_permission(record)[0] is Backward.NO


def test_an_empty_record_names_everything() -> None:
    assert len(Record().missing) == 11
    assert GOOD.complete and GOOD.missing == ()


@pytest.mark.parametrize(
    "low, high, step, sane",
    [(50, 2000, 10, True), (0, 2000, 10, False), (50, 50, 10, False), (50, 60, 10, True), (50, 60, 11, False),
     (50, 2000, 0, False), (2000, 50, 10, False)],
)
def test_a_speed_range_makes_sense_or_not(low: int, high: int, step: int, sane: bool) -> None:
    assert SpeedRange(Speed(low), Speed(high), Speed(step)).sane is sane


@pytest.mark.parametrize(
    "low, high, step, sane",
    [(0, 150, 5, True), (-30, 150, 5, True), (0, 0, 5, False), (10, 150, 5, False), (0, 150, 0, False),
     (0, 150, -5, False), (0, 10, 11, False)],
)
def test_an_incline_range_makes_sense_or_not(low: int, high: int, step: int, sane: bool) -> None:
    assert InclineRange(Incline(low), Incline(high), step).sane is sane


def test_target_features_are_read_off_their_bits() -> None:
    assert (Features(0, 1).speed_target, Features(0, 1).incline_target) == (True, False)
    assert (Features(0, 2).speed_target, Features(0, 2).incline_target) == (False, True)
    assert (Features(3, 0).speed_target, Features(3, 0).incline_target) == (False, False)
