"""Units: integers in the wire's own steps; no float, no negative speed, no number that fills the memory."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.model.speech import SPEECH_LEAD, SPEECH_PER_CHARACTER, utterance_ms
from treadctl.model.units import Incline, Speed, clock, kmh, mph, percent, snap_down, soonest


@pytest.mark.parametrize("number", [-1, -100, 65536, 10**30])
def test_no_speed_is_negative_or_wider_than_16_bits(number: int) -> None:
    with pytest.raises(ValueError, match="no speed"):
        Speed(number)


@pytest.mark.parametrize("number", [-1001, 1001])
def test_no_incline_is_beyond_a_hundred_percent(number: int) -> None:
    with pytest.raises(ValueError, match="no incline"):
        Incline(number)


@pytest.mark.parametrize("kind", [Speed, Incline])
@pytest.mark.parametrize("number", [6.5, 100.0, "100", Decimal(100)])
def test_a_unit_is_made_of_integers_only(kind: Any, number: Any) -> None:
    with pytest.raises(TypeError):
        kind(number)


def test_the_ends_of_the_units_exist() -> None:
    assert (Speed(0), Speed(65535), Incline(-1000), Incline(1000)) == (0, 65535, -1000, 1000)


def test_arithmetic_gives_plain_integers_that_have_to_be_checked_again() -> None:
    assert type(Speed(100) - Speed(200)) is int
    with pytest.raises(ValueError, match="-100 is no speed"):
        Speed(Speed(100) - Speed(200))


@pytest.mark.parametrize("hundredths, shown", [(0, "0.0"), (250, "2.5"), (255, "2.55"), (1000, "10.0"), (5, "0.05")])
def test_a_speed_is_shown_with_as_many_decimals_as_it_needs(hundredths: int, shown: str) -> None:
    assert str(Speed(hundredths)) == shown
    assert f"{Speed(hundredths)}" == shown
    assert repr(Speed(hundredths)) == f"Speed({hundredths})"


def test_an_incline_is_shown_with_one_decimal() -> None:
    assert (str(Incline(-15)), str(Incline(0)), repr(Incline(25))) == ("-1.5", "0.0", "Incline(25)")


@pytest.mark.parametrize(
    "text, hundredths", [("6.5", 650), ("6.55", 655), ("0.005", 0), ("0.015", 2), ("655.35", 65535)]
)
def test_kmh_round_and_never_truncate(text: str, hundredths: int) -> None:
    assert kmh(text) == hundredths
    assert type(kmh(text)) is Speed


@given(st.integers(0, 65535))
def test_no_hundredth_is_lost_between_text_and_wire(hundredths: int) -> None:
    assert kmh(f"{hundredths // 100}.{hundredths % 100:02d}") == hundredths
    assert kmh(str(Speed(hundredths))) == hundredths


def test_miles_and_percent() -> None:
    assert (mph("1"), mph("2.5"), percent("1.5"), percent("-0.25")) == (161, 402, 15, -2)


@pytest.mark.parametrize("convert", [kmh, mph, percent])
@pytest.mark.parametrize(
    "text", ["nan", "sNaN", "inf", "-Infinity", "abc", "", "1e7", "1e999999999", "-1e999999999", "655360", "-500"]
)
def test_what_is_no_measure_is_a_value_error_at_once(convert: Any, text: str) -> None:
    with pytest.raises(ValueError, match="no "):
        convert(text)


def test_a_float_is_no_measure() -> None:
    with pytest.raises(TypeError, match="float"):
        kmh(6.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value, minimum, increment, snapped",
    [(250, 80, 10, 250), (259, 80, 10, 250), (80, 80, 10, 80), (79, 80, 10, 79), (100, 85, 10, 95), (123, 0, 0, 123)],
)
def test_a_value_snaps_down_to_the_grid_of_the_machine(value: int, minimum: int, increment: int, snapped: int) -> None:
    assert snap_down(value, minimum, increment) == snapped


@given(st.integers(0, 5000), st.integers(0, 500), st.integers(1, 100))
def test_snapping_never_raises_a_value(value: int, minimum: int, increment: int) -> None:
    snapped = snap_down(value, minimum, increment)
    assert snapped <= value
    assert value < minimum or (snapped >= minimum and (snapped - minimum) % increment == 0)


@pytest.mark.parametrize(
    "ms, shown", [(0, "0:00"), (41_000, "0:41"), (720_000, "12:00"), (-5, "0:00"), (59_600, "1:00")]
)
def test_times_are_shown_as_minutes_and_seconds(ms: int, shown: str) -> None:
    assert clock(ms) == shown


@pytest.mark.parametrize("unit", [Speed(65535), Incline(-1000)])
def test_units_survive_a_process_boundary(unit: Speed | Incline) -> None:
    again = pickle.loads(pickle.dumps(unit))
    assert again == unit and type(again) is type(unit)


def test_a_longer_utterance_takes_longer() -> None:
    assert utterance_ms("") == SPEECH_LEAD
    assert utterance_ms("Belt stopped.") == SPEECH_LEAD + 13 * SPEECH_PER_CHARACTER


def test_what_was_due_does_not_hide_what_is_due_next() -> None:
    assert soonest(1000, 5000, 1000, 0, None, 3000) == 3000
    assert soonest(1000, 1000, None) is None and soonest(0) is None
