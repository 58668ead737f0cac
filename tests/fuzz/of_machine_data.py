"""Everything else a machine or a strap sends, under fuzzing: the first octet of an input picks its reader.

Besides never raising, what was read has to come back the same from its encoder, and no speed is ever negative. The last
rows are the other direction: what the client can encode for a belt, from any numbers and any range.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from treadctl.ftms import codec, control_point, heart_rate
from treadctl.model.machine import InclineRange, SpeedRange
from treadctl.model.text import is_hidden
from treadctl.model.units import Incline, Speed

MAX_LENGTH = 600
"""An ATT value has at most 512 octets."""


def _feature(data: bytes) -> None:
    read = codec.decode_feature(data)
    assert (read is None) == (len(data) < 4)
    if read is not None:
        again = codec.encode_feature(read)
        assert again == (data[:8] if len(data) >= 8 else data[:4] + bytes(4))


def _range(decode: Callable[[bytes], Any], encode: Callable[[Any], bytes], octets: int, signed: int) -> Any:
    """A check of one of the ranges: so many octets a number, the first `signed` of them with a sign."""

    def check(data: bytes) -> None:
        read = decode(data)
        if read is None:
            steep = octets == 2 and signed and any(abs(number) > 1000 for number in _numbers(data, 2, signed)[:2])
            assert len(data) < 2 * octets or steep
            return
        whole = data[: 3 * octets] if len(data) >= 3 * octets else data[: 2 * octets] + bytes(octets)
        assert [read.minimum, read.maximum, read.increment] == _numbers(whole, octets, signed)
        assert encode(read) == whole

    return check


def _numbers(data: bytes, octets: int, signed: int) -> list[int]:
    cut = [data[at : at + octets] for at in range(0, 3 * octets, octets)]
    return [int.from_bytes(piece, "little", signed=number < signed) for number, piece in enumerate(cut)]


def _speed_range(data: bytes) -> None:
    read = codec.decode_speed_range(data)
    if read is not None:
        assert all(isinstance(one, Speed) and one >= 0 for one in (read.minimum, read.maximum, read.increment))
    _range(codec.decode_speed_range, codec.encode_speed_range, 2, 0)(data)


def _training(data: bytes) -> None:
    read = codec.decode_training_status(data)
    assert (read is None) == (len(data) < 2)
    if read is not None:
        assert (read.flags, read.status) == (data[0], data[1])
        assert not any(is_hidden(character) for character in read.text) and len(read.text) <= 80
        assert codec.decode_training_status(codec.encode_training_status(read)) == read


def _status(data: bytes) -> None:
    read = codec.decode_status(data)
    assert (read is None) == (not data)
    if read is None:
        return
    assert (read.opcode, read.raw) == (data[0], data)
    assert sum(one is not None for one in (read.speed, read.incline, read.control)) <= 1
    assert read.speed is None or 0 <= read.speed == int.from_bytes(data[1:3], "little")
    assert (read.speed is not None) == (data[0] == codec.StatusEvent.SPEED_CHANGED and len(data) >= 3)
    again = codec.decode_status(codec.encode_status(read))
    assert again is not None and replace(again, raw=b"") == replace(read, raw=b"")


def _response(data: bytes) -> None:
    read = control_point.decode_response(data)
    assert (read is not None) == (len(data) >= 3 and data[0] == control_point.Op.RESPONSE)
    if read is not None:
        assert read.ok == (data[2] == 1)
        if len(read.parameter) <= control_point.PARAMETER_MAX:
            assert control_point.encode_response(read.request, read.result, read.parameter) == data


def _request(data: bytes) -> None:
    read = control_point.decode_request(data)
    assert (read is None) == (not data)
    if read is None:
        return
    assert bytes((read.op,)) + read.parameter == data
    meant = [one for one in (read.speed, read.incline, read.stop) if one is not None]
    assert len(meant) <= 1 and not (meant and read.malformed) and (read.known or not read.malformed)
    assert read.speed is None or 0 <= read.speed == int.from_bytes(data[1:3], "little")


def _heart_rate(data: bytes) -> None:
    read = heart_rate.decode_heart_rate(data)
    wide = bool(data) and data[0] & 1
    assert (read is None) == (len(data) < (3 if wide else 2))
    if read is not None:
        assert read.bpm is None or 0 < read.bpm == int.from_bytes(data[1 : 3 if wide else 2], "little")
        assert len(read.rr_1024) <= len(data) // 2
        assert heart_rate.decode_heart_rate(heart_rate.encode_heart_rate(read)) == read


def _service_data(data: bytes) -> None:
    read = codec.decode_service_data(data)
    assert (read is None) == (not data)
    if read is not None:
        assert codec.encode_service_data(read) == data[:3].ljust(3, b"\0")


def _text(data: bytes) -> None:
    read = codec.decode_text(data)
    assert len(read) <= 80 and not any(is_hidden(character) for character in read)
    assert codec.decode_text(read.encode()) == read


def _set_speed(data: bytes) -> None:
    """Eight octets: a range and a speed. What is encoded lies in the range, on its grid, and reads as that speed."""
    if len(data) < 8:
        return
    speed, *span = (Speed(int.from_bytes(data[at : at + 2], "little")) for at in range(0, 8, 2))
    try:
        octets = control_point.encode_speed(speed, SpeedRange(*span))
    except ValueError:
        return
    low, high, step = span
    assert 0 < low <= speed <= high and step > 0 and (speed - low) % step == 0
    read = control_point.decode_request(octets)
    assert read is not None and read.speed == speed and not read.malformed


def _set_incline(data: bytes) -> None:
    """Eight octets: an incline, a range and a step, each within 100 %."""
    if len(data) < 8:
        return
    incline, low, high = (int.from_bytes(data[at : at + 2], "little", signed=True) % 2001 - 1000 for at in (0, 2, 4))
    step = int.from_bytes(data[6:8], "little")
    try:
        octets = control_point.encode_incline(Incline(incline), InclineRange(Incline(low), Incline(high), step))
    except ValueError:
        return
    assert 0 <= incline <= high and low <= 0 and (incline - low) % step == 0
    read = control_point.decode_request(octets)
    assert read is not None and read.incline == incline


CHECKS: tuple[Callable[[bytes], None], ...] = (
    _feature, _speed_range, _range(codec.decode_incline_range, codec.encode_incline_range, 2, 2),
    _range(codec.decode_heart_rate_range, codec.encode_heart_rate_range, 1, 0),
    _range(codec.decode_power_range, codec.encode_power_range, 2, 2),
    _training, _status, _response, _request, _heart_rate, _service_data, _text, _set_speed, _set_incline,
)  # fmt: skip


def run(data: bytes) -> None:
    """Raises AssertionError, or whatever a decoder raises, for a finding."""
    if data:
        CHECKS[data[0] % len(CHECKS)](data[1:])
