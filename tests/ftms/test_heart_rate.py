"""Heart Rate Measurement: wide and narrow, with and without contact, energy and intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.ftms.heart_rate import HeartRate, decode_heart_rate, encode_heart_rate


@pytest.mark.parametrize(
    "text, expected",
    [
        ("0048", HeartRate(72)),
        ("014800", HeartRate(72)),
        ("012C01", HeartRate(300)),
        ("0248", HeartRate(72)),
        ("0448", HeartRate(72, contact=False)),
        ("0648", HeartRate(72, contact=True)),
        ("0000", HeartRate(None)),
        ("08480A00", HeartRate(72, energy_kj=10)),
        ("0848FFFF", HeartRate(72, energy_kj=65535)),
        ("18480A0000040008", HeartRate(72, energy_kj=10, rr_1024=(1024, 2048))),
        ("10480004", HeartRate(72, rr_1024=(1024,))),
    ],
)
def test_measurements_are_read_by_their_flags(text: str, expected: HeartRate) -> None:
    assert decode_heart_rate(bytes.fromhex(text)) == expected


@pytest.mark.parametrize("text", ["", "00", "0148"])
def test_a_measurement_without_its_heart_rate_is_none(text: str) -> None:
    assert decode_heart_rate(bytes.fromhex(text)) is None


@pytest.mark.parametrize(
    "text, expected",
    [
        ("0848", HeartRate(72)), ("08480A", HeartRate(72)), ("104800", HeartRate(72)),
        ("1048000400", HeartRate(72, rr_1024=(1024,))),
    ],
)
def test_a_short_measurement_keeps_what_is_complete(text: str, expected: HeartRate) -> None:
    assert decode_heart_rate(bytes.fromhex(text)) == expected


def test_octets_that_no_flag_announces_are_no_intervals() -> None:
    assert decode_heart_rate(bytes.fromhex("00480004")) == HeartRate(72)


def test_reserved_flags_are_ignored() -> None:
    assert decode_heart_rate(bytes.fromhex("E048")) == HeartRate(72)


@given(st.binary(max_size=40))
def test_reading_never_raises(data: bytes) -> None:
    measured = decode_heart_rate(data)
    assert measured is None or measured.bpm is None or 0 < measured.bpm <= 0xFFFF


_U16 = st.integers(0, 0xFFFF)


@given(
    st.builds(
        HeartRate,
        bpm=st.none() | st.integers(1, 0xFFFF),
        contact=st.none() | st.booleans(),
        energy_kj=st.none() | _U16,
        rr_1024=st.lists(_U16, max_size=8).map(tuple),
    )
)
def test_what_is_encoded_is_decoded_again(measured: HeartRate) -> None:
    assert decode_heart_rate(encode_heart_rate(measured)) == measured


@pytest.mark.parametrize(
    "wrong", [HeartRate(70000), HeartRate(-1), HeartRate(70, rr_1024=(65536,)), HeartRate(70, energy_kj=-1)]
)
def test_numbers_that_16_bits_cannot_hold_are_refused(wrong: HeartRate) -> None:
    with pytest.raises(ValueError, match="65535"):
        encode_heart_rate(wrong)
