"""The edges of what octets can say: every smallest and largest value, and packets that fit exactly or not by one.

Octets are written by hand, as in the other tests of the codec. Where only the sentence of a refusal shows what is
refused, the sentence is here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from treadctl.ftms.codec import (
    MORE_DATA,
    HeartRateRange,
    MachineStatus,
    PowerRange,
    RecordAssembler,
    ServiceData,
    TrainingStatus,
    TreadmillData,
    decode_feature,
    decode_incline_range,
    decode_service_data,
    decode_status,
    decode_text,
    decode_treadmill_data,
    encode_feature,
    encode_heart_rate_range,
    encode_incline_range,
    encode_power_range,
    encode_service_data,
    encode_status,
    encode_training_status,
    encode_treadmill_data,
    split_treadmill_data,
)
from treadctl.ftms.control_point import Request, decode_request, encode_incline, encode_response, encode_speed
from treadctl.model.machine import Features, InclineRange, SpeedRange
from treadctl.model.units import Incline, Speed


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


# --- treadmill data --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"force_n": -32768, "power_w": 0x7FFE}, "0010 0100 0080 FE7F"),
        ({"force_n": 0x7FFE, "power_w": -1}, "0010 0100 FE7F FFFF"),
        ({"met_raw": 0}, "0002 0100 00"),
        ({"met_raw": 0xFE}, "0002 0100 FE"),
        ({"heart_rate": 1}, "0001 0100 01"),
        ({"heart_rate": 0xFE}, "0001 0100 FE"),
        ({"elapsed_s": 0}, "0004 0100 0000"),
        ({"elapsed_s": 0xFFFE}, "0004 0100 FEFF"),
        ({"distance_m": 0}, "0400 0100 000000"),
        ({"distance_m": 0xFFFFFE}, "0400 0100 FEFFFF"),
        ({"pace": 0xFE, "pace_octets": 1}, "2000 0100 FE"),
        ({"incline": Incline(-1000), "ramp_angle": 1}, "0800 0100 18FC 0100"),
    ],
)
def test_the_smallest_and_largest_value_of_every_size(values: dict[str, Any], text: str) -> None:
    assert encode_treadmill_data(TreadmillData(speed=Speed(1), **values)) == octets(text)
    decoded = decode_treadmill_data(octets(text))
    assert {name: getattr(decoded, name) for name in values} == values


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"power_w": 0x7FFF}, "power_w cannot be 32767: -32768 to 32767, and not what means not available"),
        ({"met_raw": 0xFF}, "met_raw cannot be 255: 0 to 255, and not what means not available"),
        ({"elapsed_s": 65536}, "elapsed_s cannot be 65536: 0 to 65535, and not what means not available"),
        ({"distance_m": -1}, "distance_m cannot be -1: 0 to 16777215, and not what means not available"),
        ({"flags": MORE_DATA}, "a part with the More Data bit carries no speed; the last part does"),
    ],
)
def test_a_value_one_too_far_is_refused_in_words(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        encode_treadmill_data(TreadmillData(speed=Speed(1), **values))
    assert str(refused.value) == sentence


def test_what_a_whole_record_said_is_not_added_to_the_next() -> None:
    assembler = RecordAssembler()
    assembler.feed(TreadmillData(flags=4, speed=Speed(100), distance_m=5))
    following = TreadmillData(flags=0x0400, speed=Speed(90), elapsed_s=7)
    assert assembler.feed(following) == following


def test_a_merged_record_says_what_was_missing_and_how_wide_its_paces_were() -> None:
    assembler = RecordAssembler()
    assert assembler.feed(decode_treadmill_data(octets("2100 07"))) is None
    assert assembler.feed(decode_treadmill_data(octets("0500 0102"))) is None
    assert assembler.feed(decode_treadmill_data(octets("0004 6400 3C00"))) == TreadmillData(
        flags=0x0424, speed=Speed(100), pace=7, elapsed_s=60, missing=("distance_m",), trailing=b"\x01\x02",
        pace_octets=1,
    )


FULL_20 = TreadmillData(
    speed=Speed(100), average_speed=Speed(97), distance_m=54, incline=Incline(5), ramp_angle=3, elevation_gain=1,
    elevation_loss=2, met_raw=9, elapsed_s=60,
)
"""Two octets of flags and 18 of fields: the 20 that a link of 23 has room for."""


def test_a_record_that_fits_to_the_last_octet_is_not_split() -> None:
    whole = octets("1E06 6400 6100 360000 0500 0300 0100 0200 09 3C00")
    assert len(whole) == 20
    assert split_treadmill_data(FULL_20, 23) == [whole]


def test_a_record_one_octet_too_long_is_split_and_the_first_part_is_filled() -> None:
    record = TreadmillData(**{**vars(FULL_20), "heart_rate": 120})
    assert split_treadmill_data(record, 23) == [
        octets("1F07 6100 360000 0500 0300 0100 0200 78 09 3C00"), octets("0000 6400")
    ]


def test_a_tail_that_no_longer_fits_splits_the_record() -> None:
    record = TreadmillData(**{**vars(FULL_20), "met_raw": None, "elapsed_s": None, "trailing": b"\xaa\xbb\xcc"})
    assert split_treadmill_data(record, 23) == [octets("1E00 6400 6100 360000 0500 0300 0100 0200 AABBCC")]
    record = TreadmillData(**{**vars(record), "trailing": b"\xaa\xbb\xcc\xdd"})
    assert split_treadmill_data(record, 23) == [
        octets("1F00 6100 360000 0500 0300 0100 0200"), octets("0000 6400 AABBCCDD")
    ]


def test_a_part_is_filled_to_the_last_octet() -> None:
    """Averages, distance, incline, elevation and energy are 18 octets; the next field goes into the next part."""
    record = TreadmillData(
        speed=Speed(100), average_speed=Speed(97), distance_m=54, incline=Incline(5), ramp_angle=3, elevation_gain=1,
        elevation_loss=2, energy_kcal=4, energy_per_hour=5, energy_per_minute=6, heart_rate=120, met_raw=9,
    )
    assert split_treadmill_data(record, 23) == [
        octets("9F00 6100 360000 0500 0300 0100 0200 0400 0500 06"), octets("0003 6400 78 09")
    ]
    exact = TreadmillData(**{**vars(record), "pace": 8, "energy_kcal": None, "energy_per_hour": None,
                             "energy_per_minute": None, "power_w": 7, "force_n": 0})
    assert split_treadmill_data(exact, 23) == [
        octets("3F03 6100 360000 0500 0300 0100 0200 0800 78 09"), octets("0010 6400 0000 0700")
    ]


def test_a_part_that_is_split_again_keeps_its_order() -> None:
    part = TreadmillData(
        flags=MORE_DATA, average_speed=Speed(97), distance_m=54, incline=Incline(5), ramp_angle=3, elevation_gain=1,
        elevation_loss=2, energy_kcal=4, energy_per_hour=5, energy_per_minute=6, heart_rate=120, met_raw=9,
    )
    assert split_treadmill_data(part, 23) == [
        octets("9F00 6100 360000 0500 0300 0100 0200 0400 0500 06"), octets("0103 78 09")
    ]


def test_a_tail_fits_to_the_last_octet_and_one_more_does_not() -> None:
    sixteen = TreadmillData(speed=Speed(1), trailing=bytes(16))
    assert split_treadmill_data(sixteen, 23) == [octets("0000 0100") + bytes(16)]
    with pytest.raises(ValueError) as refused:
        split_treadmill_data(TreadmillData(speed=Speed(1), trailing=bytes(17)), 23)
    assert str(refused.value) == "17 trailing octets do not fit into a notification of 20"
    with pytest.raises(ValueError) as refused:
        split_treadmill_data(sixteen, 22)
    assert str(refused.value) == "an MTU of 22 does not exist; the smallest is 23"


# --- what a machine says of itself -----------------------------------------------------------------------------------


def test_four_octets_of_features_are_a_first_word() -> None:
    assert decode_feature(octets("0C160000")) == Features(0x160C, 0)


@pytest.mark.parametrize(
    ("features", "text"), [(Features(0, 0), "00000000 00000000"), (Features(0x160C, 3), "0C160000 03000000")]
)
def test_features_have_eight_octets(features: Features, text: str) -> None:
    assert encode_feature(features) == octets(text)


@pytest.mark.parametrize("text", ["E803 0000 0A00", "18FC 0000 0A00", "0000 E803 0A00"])
def test_an_incline_range_may_reach_a_hundred_percent(text: str) -> None:
    assert decode_incline_range(octets(text)) is not None


@pytest.mark.parametrize("text", ["E903 0000 0A00", "17FC 0000 0A00", "0000 E903 0A00"])
def test_an_incline_range_may_not_reach_further(text: str) -> None:
    assert decode_incline_range(octets(text)) is None


def test_a_wild_increment_is_no_reason_to_drop_an_incline_range() -> None:
    assert decode_incline_range(octets("0000 9600 E903")) == InclineRange(Incline(0), Incline(150), 1001)


def test_the_smallest_and_largest_ranges_have_octets() -> None:
    assert encode_incline_range(InclineRange(Incline(0), Incline(1), 0)) == octets("0000 0100 0000")
    assert encode_incline_range(InclineRange(Incline(0), Incline(1), 0xFFFF)) == octets("0000 0100 FFFF")
    assert encode_heart_rate_range(HeartRateRange(0, 255, 0)) == octets("00 FF 00")
    assert encode_power_range(PowerRange(-32768, 32767, 0)) == octets("0080 FF7F 0000")
    assert encode_power_range(PowerRange(0, 1, 0xFFFF)) == octets("0000 0100 FFFF")


@pytest.mark.parametrize(
    ("encode", "sentence"),
    [
        (lambda: encode_feature(Features(1 << 32, 0)), "feature word 4294967296 is not in 0 to 4294967295"),
        (lambda: encode_feature(Features(0, -1)), "feature word -1 is not in 0 to 4294967295"),
        (
            lambda: encode_incline_range(InclineRange(Incline(0), Incline(1), 65536)),
            "increment 65536 is not in 0 to 65535",
        ),
        (lambda: encode_heart_rate_range(HeartRateRange(-1, 0, 0)), "heart rate range -1 is not in 0 to 255"),
        (lambda: encode_heart_rate_range(HeartRateRange(0, 256, 0)), "heart rate range 256 is not in 0 to 255"),
        (lambda: encode_heart_rate_range(HeartRateRange(0, 0, 256)), "heart rate range 256 is not in 0 to 255"),
        (lambda: encode_power_range(PowerRange(-32769, 0, 0)), "power range -32769 is not in -32768 to 32767"),
        (lambda: encode_power_range(PowerRange(0, 32768, 0)), "power range 32768 is not in -32768 to 32767"),
        (lambda: encode_power_range(PowerRange(0, 0, 65536)), "increment 65536 is not in 0 to 65535"),
        (lambda: encode_training_status(TrainingStatus(256)), "training status 256 is not in 0 to 255"),
        (lambda: encode_training_status(TrainingStatus(1, flags=256)), "training status 256 is not in 0 to 255"),
        (lambda: encode_status(MachineStatus(256)), "status opcode 256 is not in 0 to 255"),
        (lambda: encode_service_data(ServiceData(256, 1)), "flags 256 is not in 0 to 255"),
        (lambda: encode_service_data(ServiceData(1, 65536)), "machine types 65536 is not in 0 to 65535"),
    ],
)
def test_a_number_that_its_octets_cannot_hold_is_refused_by_name(encode: Callable[[], bytes], sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        encode()
    assert str(refused.value) == sentence


def test_a_training_status_without_text_has_no_text_flag() -> None:
    assert encode_training_status(TrainingStatus(0)) == octets("00 00")
    assert encode_training_status(TrainingStatus(255, flags=2)) == octets("02 FF")


def test_an_incline_of_exactly_a_hundred_percent_is_one() -> None:
    assert decode_status(octets("06E803")) == MachineStatus(6, incline=Incline(1000), raw=octets("06E803"))
    assert decode_status(octets("0618FC")) == MachineStatus(6, incline=Incline(-1000), raw=octets("0618FC"))
    assert decode_request(octets("03E803")) == Request(3, octets("E803"), 1000, incline=Incline(1000))


def test_the_reserved_status_0_can_be_sent() -> None:
    assert encode_status(MachineStatus(0)) == octets("00")


def test_machine_types_are_read_little_endian_and_what_follows_is_left() -> None:
    assert decode_service_data(octets("01 0120 FF")) == ServiceData(1, 0x2001)
    assert encode_service_data(ServiceData(0, 0)) == octets("00 0000")


def test_a_name_ends_at_the_first_nul() -> None:
    assert decode_text(b"W2\0Pro\0junk") == "W2"


# --- control point ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encode", "sentence"),
    [
        (
            lambda: encode_incline(Incline(130), InclineRange(Incline(0), Incline(120), 5)),
            "incline 13.0 is outside what this machine can set, 0.0 to 12.0",
        ),
        (
            lambda: encode_speed(Speed(70), SpeedRange(Speed(80), Speed(1600), Speed(10))),
            "speed 0.7 is outside what this machine can set, 0.8 to 16.0",
        ),
    ],
)
def test_what_cannot_be_set_is_refused_by_name(encode: Callable[[], bytes], sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        encode()
    assert str(refused.value) == sentence


def test_requests_keep_their_octets_and_their_number() -> None:
    assert decode_request(octets("02FA00")) == Request(2, octets("FA00"), 250, speed=Speed(250))
    assert decode_request(octets("0D3C00")) == Request(0x0D, octets("3C00"), 60)


def test_a_response_has_room_for_seventeen_octets() -> None:
    assert encode_response(7, 1, bytes(17)) == octets("800701") + bytes(17)
