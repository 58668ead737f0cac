"""Traps of decoding that no other test holds; `tests/bluez/traps.toml` lists them all."""

from __future__ import annotations

import pytest

from treadctl.ftms.codec import RecordAssembler, TreadmillData, decode_treadmill_data
from treadctl.ftms.control_point import encode_speed
from treadctl.model.machine import SpeedRange
from treadctl.model.units import Speed


def decoded(text: str) -> TreadmillData:
    return decode_treadmill_data(bytes.fromhex(text))


def test_flags_are_read_anew_in_every_packet_and_a_field_that_left_stays_away() -> None:
    assembler = RecordAssembler()
    packets = ("0400 6400 0A0000", "0401 6400 0B0000 69", "0408 6400 0C0000 3B00", "0000 6400")
    records = [record for text in packets if (record := assembler.feed(decoded(text))) is not None]
    assert [(r.speed, r.distance_m, r.heart_rate, r.remaining_s) for r in records] == [
        (100, 10, None, None), (100, 11, 105, None), (100, 12, None, 59), (100, None, None, None),
    ]


def test_the_highest_flag_bit_is_no_sign_and_moves_no_field() -> None:
    assert decoded("8085 6400 1B00 FFFF FF 69 8A00") == TreadmillData(
        flags=0x8580, speed=Speed(100), energy_kcal=27, heart_rate=105, elapsed_s=138
    )


@pytest.mark.parametrize(("text", "speed"), [("0000 0000", 0), ("0000 0100", 1), ("0000 1400", 20)])
def test_a_speed_below_the_lowest_that_can_be_set_is_a_measurement_all_the_same(text: str, speed: int) -> None:
    assert decoded(text).speed == speed
    with pytest.raises(ValueError, match="outside what this machine can set"):
        encode_speed(Speed(speed), SpeedRange(Speed(80), Speed(1600), Speed(1)))
