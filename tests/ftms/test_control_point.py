"""The Control Point: what we can encode, what we cannot, and how anything is read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.ftms.control_point import (
    ATT_CCCD_IMPROPER,
    ATT_IN_PROGRESS,
    ATT_PAIRING,
    Op,
    Request,
    Response,
    Result,
    StopKind,
    decode_request,
    decode_response,
    encode_incline,
    encode_pause,
    encode_request_control,
    encode_reset,
    encode_response,
    encode_speed,
    encode_start,
    encode_stop,
)
from treadctl.model.machine import InclineRange, SpeedRange
from treadctl.model.units import Incline, Speed

SPEEDS = SpeedRange(Speed(80), Speed(1600), Speed(10))
INCLINES = InclineRange(Incline(-30), Incline(120), 5)


def test_the_fixed_requests_have_the_octets_of_the_standard() -> None:
    assert encode_request_control() == b"\x00"
    assert encode_reset() == b"\x01"
    assert encode_start() == b"\x07"
    assert encode_stop() == b"\x08\x01"
    assert encode_pause() == b"\x08\x02"


@pytest.mark.parametrize("speed, octets", [(650, "028A02"), (80, "025000"), (1600, "024006"), (250, "02FA00")])
def test_a_speed_is_sent_little_endian(speed: int, octets: str) -> None:
    assert encode_speed(Speed(speed), SPEEDS) == bytes.fromhex(octets)


def test_opcodes_and_their_parameters_have_the_numbers_of_the_standard() -> None:
    """Copied by hand from table 4.15: opcode and octets of the parameter."""
    sizes = {
        0x00: 0, 0x01: 0, 0x02: 2, 0x03: 2, 0x04: 1, 0x05: 2, 0x06: 1, 0x07: 0, 0x08: 1, 0x09: 2, 0x0A: 2, 0x0B: 2,
        0x0C: 3, 0x0D: 2, 0x0E: 4, 0x0F: 6, 0x10: 10, 0x11: 6, 0x12: 2, 0x13: 1, 0x14: 2,
    }
    assert {int(op) for op in Op} == {*sizes, 0x80}
    for op, octets in sizes.items():
        good, long = (decode_request(bytes((op,)) + b"\x01" * count) for count in (octets, octets + 1))
        assert good is not None and good.known and not good.malformed
        assert long is not None and long.known and long.malformed
    assert [int(result) for result in Result] == [1, 2, 3, 4, 5]


def test_the_octets_that_big_endian_writers_got_wrong() -> None:
    assert encode_speed(Speed(60), SpeedRange(Speed(50), Speed(600), Speed(10))) == bytes.fromhex("023c00")
    assert encode_incline(Incline(10), INCLINES) == bytes.fromhex("030a00")


@pytest.mark.parametrize("incline, octets", [(25, "031900"), (0, "030000"), (120, "037800")])
def test_an_incline_is_sent_little_endian(incline: int, octets: str) -> None:
    assert encode_incline(Incline(incline), INCLINES) == bytes.fromhex(octets)


@pytest.mark.parametrize("speed", [0, 79, 70, 1601, 1610, 65535])
def test_a_speed_outside_the_range_cannot_be_encoded(speed: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        encode_speed(Speed(speed), SPEEDS)


@pytest.mark.parametrize("speed", [81, 85, 1599])
def test_a_speed_between_two_steps_cannot_be_encoded(speed: int) -> None:
    with pytest.raises(ValueError, match="between"):
        encode_speed(Speed(speed), SPEEDS)


def test_the_grid_begins_at_the_minimum_and_not_at_zero() -> None:
    odd = SpeedRange(Speed(83), Speed(600), Speed(10))
    assert encode_speed(Speed(93), odd) == bytes.fromhex("025d00")
    with pytest.raises(ValueError, match="between"):
        encode_speed(Speed(100), odd)


@pytest.mark.parametrize("incline", [-30, -5])
def test_downhill_cannot_be_encoded_even_where_the_machine_could(incline: int) -> None:
    with pytest.raises(ValueError, match="downhill"):
        encode_incline(Incline(incline), INCLINES)


@pytest.mark.parametrize("incline", [-35, 125, 1000])
def test_an_incline_outside_the_range_cannot_be_encoded(incline: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        encode_incline(Incline(incline), INCLINES)


def test_an_incline_between_two_steps_cannot_be_encoded() -> None:
    with pytest.raises(ValueError, match="between"):
        encode_incline(Incline(3), INCLINES)


@pytest.mark.parametrize(
    "speeds",
    [
        SpeedRange(Speed(0), Speed(0), Speed(0)), SpeedRange(Speed(0), Speed(1000), Speed(10)),
        SpeedRange(Speed(100), Speed(1000), Speed(0)), SpeedRange(Speed(1000), Speed(100), Speed(10)),
        SpeedRange(Speed(100), Speed(100), Speed(10)), SpeedRange(Speed(100), Speed(200), Speed(300)),
    ],
)
def test_no_speed_can_be_encoded_for_a_range_that_makes_no_sense(speeds: SpeedRange) -> None:
    for speed in (Speed(0), Speed(100), Speed(1000)):
        with pytest.raises(ValueError, match="makes no sense"):
            encode_speed(speed, speeds)


def test_no_incline_can_be_encoded_for_a_range_that_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="makes no sense"):
        encode_incline(Incline(0), InclineRange(Incline(0), Incline(0), 0))


@pytest.mark.parametrize("plain", [100, 100.0, True, -100, "100", None])
def test_a_plain_number_cannot_be_encoded_as_a_speed(plain: Any) -> None:
    with pytest.raises(ValueError, match="no speed"):
        encode_speed(plain, SPEEDS)


def test_an_incline_cannot_be_encoded_as_a_speed() -> None:
    with pytest.raises(ValueError, match="no speed"):
        encode_speed(Incline(100), SPEEDS)  # type: ignore[arg-type]


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_whatever_speed_is_encoded_lies_in_the_range_and_is_read_back_alike(
    speed: int, low: int, high: int, step: int
) -> None:
    try:
        octets = encode_speed(Speed(speed), SpeedRange(Speed(low), Speed(high), Speed(step)))
    except ValueError:
        return
    assert 0 < low <= speed <= high and (speed - low) % step == 0
    assert decode_request(octets) == Request(2, octets[1:], speed, speed=Speed(speed))


@given(st.integers(1, 500), st.integers(1, 300), st.integers(0, 100))
def test_every_speed_of_a_grid_can_be_encoded_and_is_read_back_alike(low: int, step: int, steps: int) -> None:
    speed = Speed(low + step * steps)
    octets = encode_speed(speed, SpeedRange(Speed(low), Speed(low + step * 100), Speed(step)))
    assert decode_request(octets) == Request(2, octets[1:], int(speed), speed=speed)


@given(st.integers(0, 24))
def test_every_incline_of_the_grid_is_read_back_alike(steps: int) -> None:
    octets = encode_incline(Incline(5 * steps), INCLINES)
    request = decode_request(octets)
    assert request is not None and request.incline == 5 * steps and not request.malformed


# --- responses -------------------------------------------------------------------------------------------------------


def test_a_refusal_is_read() -> None:
    response = decode_response(bytes.fromhex("800203"))
    assert response == Response(2, 3)
    assert not response.ok
    assert (response.request, response.result) == (Op.SET_TARGET_SPEED, Result.INVALID_PARAMETER)


@pytest.mark.parametrize("result", [0, 6, 255])
def test_an_unknown_result_is_kept_and_counts_as_failure(result: int) -> None:
    response = decode_response(bytes((0x80, 7, result)))
    assert response is not None and response.result == result and not response.ok


def test_the_parameter_of_a_response_is_kept() -> None:
    assert decode_response(bytes.fromhex("80130164006400")) == Response(0x13, 1, bytes.fromhex("64006400"))


@pytest.mark.parametrize("text", ["", "80", "8007", "070801", "000001"])
def test_what_is_no_response_reads_as_none(text: str) -> None:
    assert decode_response(bytes.fromhex(text)) is None


def test_a_response_of_the_simulated_machine_has_the_octets_of_the_standard() -> None:
    assert encode_response(Op.SET_TARGET_SPEED, Result.INVALID_PARAMETER) == bytes.fromhex("800203")
    assert encode_response(0x13, 1, b"\x01\x02") == bytes.fromhex("8013010102")


def test_a_response_that_does_not_exist_cannot_be_encoded() -> None:
    with pytest.raises(ValueError, match="at most 17"):
        encode_response(7, 1, bytes(18))
    for op, result in ((256, 1), (7, 256), (-1, 1)):
        with pytest.raises(ValueError, match="range"):
            encode_response(op, result)


# --- requests, as the simulated machine reads them -------------------------------------------------------------------


def test_an_empty_write_is_no_request() -> None:
    assert decode_request(b"") is None


@pytest.mark.parametrize("op", [0x00, 0x01, 0x07])
def test_requests_without_a_parameter(op: int) -> None:
    request = decode_request(bytes((op,)))
    assert request == Request(op) and request.known


def test_stop_and_pause_are_told_apart() -> None:
    assert decode_request(b"\x08\x01") == Request(8, b"\x01", 1, stop=StopKind.STOP)
    assert decode_request(b"\x08\x02") == Request(8, b"\x02", 2, stop=StopKind.PAUSE)


@pytest.mark.parametrize(
    "text", ["0800", "0803", "08FF", "08", "080101", "02", "0264", "02640000", "0700", "03", "0C0000"]
)
def test_a_wrong_parameter_makes_a_request_malformed(text: str) -> None:
    request = decode_request(bytes.fromhex(text))
    assert request is not None and request.malformed
    assert (request.speed, request.incline, request.stop) == (None, None, None)


def test_a_negative_incline_is_read_with_its_sign() -> None:
    request = decode_request(bytes.fromhex("03F1FF"))
    assert request == Request(3, b"\xf1\xff", -15, incline=Incline(-15))


def test_an_incline_beyond_a_hundred_percent_is_malformed() -> None:
    assert decode_request(bytes.fromhex("03E903")) == Request(3, b"\xe9\x03", 1001, malformed=True)
    assert decode_request(bytes.fromhex("0317FC")) == Request(3, b"\x17\xfc", -1001, malformed=True)


@pytest.mark.parametrize(
    "text, number",
    [("05F1FF", -15), ("0678", 120), ("090A00", 10), ("0CE80300", 1000), ("0D3C00", 60), ("1301", 1), ("14B400", 180)],
)
def test_other_targets_are_read_as_one_number(text: str, number: int) -> None:
    request = decode_request(bytes.fromhex(text))
    assert request is not None and request.number == number and not request.malformed


def test_a_target_of_several_numbers_keeps_its_octets() -> None:
    request = decode_request(bytes.fromhex("0E3C007800"))
    assert request == Request(0x0E, bytes.fromhex("3C007800"))


@pytest.mark.parametrize("op", [0x15, 0x7F, 0x80, 0xFF])
def test_an_unknown_request_is_kept_and_not_malformed(op: int) -> None:
    request = decode_request(bytes((op, 1, 2)))
    assert request == Request(op, b"\x01\x02")
    assert not request.known


@given(st.binary(max_size=40))
def test_reading_the_control_point_never_raises(octets: bytes) -> None:
    request, response = decode_request(octets), decode_response(octets)
    assert (request is None) is (octets == b"")
    assert request is None or (request.op, request.parameter) == (octets[0], octets[1:])
    assert response is None or octets[:1] == b"\x80"


def test_att_errors_of_both_generations_are_known_and_never_mean_two_things() -> None:
    assert 0xFD in ATT_CCCD_IMPROPER and 0xFE in ATT_IN_PROGRESS
    assert not ATT_CCCD_IMPROPER & ATT_IN_PROGRESS | ATT_PAIRING & (ATT_CCCD_IMPROPER | ATT_IN_PROGRESS)
