"""Treadmill Data 2ACD under fuzzing: any packets in any order, judged by a second decoder that was written apart.

An input is a run of packets, each behind one octet with its length. The second decoder is slow and plain on purpose: it
walks the standard's fields (FTMS v1.0 section 4.4.1) one after the other and shares nothing with the first.
"""

from __future__ import annotations

from collections.abc import Iterator

from treadctl.ftms.treadmill_data import (
    MTU_MINIMUM,
    RecordAssembler,
    TreadmillData,
    decode_treadmill_data,
    encode_treadmill_data,
    split_treadmill_data,
)
from treadctl.model.units import Incline, Speed

MAX_LENGTH = 96
"""Room for a record in several parts; more packets only cost time."""
FIELDS = (
    (0, "speed", 2, False), (1, "average_speed", 2, False), (2, "distance_m", 3, False), (3, "incline", 2, True),
    (3, "ramp_angle", 2, True), (4, "elevation_gain", 2, False), (4, "elevation_loss", 2, False), (5, "pace", 2, False),
    (6, "average_pace", 2, False), (7, "energy_kcal", 2, False), (7, "energy_per_hour", 2, False),
    (7, "energy_per_minute", 1, False), (8, "heart_rate", 1, False), (9, "met_raw", 1, False),
    (10, "elapsed_s", 2, False), (11, "remaining_s", 2, False), (12, "force_n", 2, True), (12, "power_w", 2, True),
)  # fmt: skip
"""Flag bit, name, octets, signed."""
ANNOUNCING = 0x1FFE
"""Flag bits 1 to 12: each announces fields. Bit 0 is the inverted one."""
NAMES = tuple(name for _, name, _, _ in FIELDS)


def packets(data: bytes) -> Iterator[bytes]:
    """The packets of one input; the last one may be cut short."""
    while data:
        length, data = data[0], data[1:]
        yield data[:length]
        data = data[length:]


def run(data: bytes) -> None:
    """Raises AssertionError, or whatever a decoder raises, for a finding."""
    assembler = RecordAssembler()
    kept: list[TreadmillData] = []
    for packet in packets(data):
        part = decode_treadmill_data(packet)
        _is_what_the_packet_says(packet, part)
        _comes_back_the_same(packet, part)
        record = assembler.feed(part)
        if len(packet) < 2:
            assert record is None
            continue
        if any(each.flags & part.flags & ANNOUNCING for each in kept):
            kept.clear()  # the end of that record was lost
        kept.append(part)
        assert (record is None) == part.more_data
        if record is not None:
            _holds_what_came(record, kept)
            kept.clear()


def _is_what_the_packet_says(packet: bytes, part: TreadmillData) -> None:
    assert part == decode_treadmill_data(bytearray(packet)) == decode_treadmill_data(memoryview(packet))
    values, missing, trailing = _plainly(packet, part.pace_octets)
    assert {name: value for name in NAMES if (value := getattr(part, name)) is not None} == values
    assert (part.missing, part.trailing) == (missing, trailing)
    for speed in (part.speed, part.average_speed):
        assert speed is None or (isinstance(speed, Speed) and 0 <= speed < 0xFFFF)
    assert part.incline is None or (isinstance(part.incline, Incline) and abs(part.incline) <= 1000)
    assert part.truncated == bool(missing) and part.more_data == bool(len(packet) > 1 and packet[0] & 1)


def _plainly(packet: bytes, pace_octets: int) -> tuple[dict[str, int], tuple[str, ...], bytes]:
    """Values, missing names and trailing octets of a packet, read as the standard is written."""
    if len(packet) < 2:
        return {}, ("flags",), packet
    flags = int.from_bytes(packet[:2], "little") ^ 1
    values: dict[str, int] = {}
    missing: list[str] = []
    at = 2
    for bit, name, octets, signed in FIELDS:
        size = pace_octets if name in ("pace", "average_pace") else octets
        if not flags >> bit & 1:
            continue
        if missing or at + size > len(packet):
            missing.append(name)
            continue
        value = int.from_bytes(packet[at : at + size], "little", signed=signed)
        at += size
        if not _means_nothing(name, value, size, signed):
            values[name] = value
    return values, tuple(missing), packet[at:]


def _means_nothing(name: str, value: int, size: int, signed: bool) -> bool:
    """"Not available" as the standard and the machines write it."""
    largest = (1 << 8 * size - signed) - 1
    zero = name == "heart_rate" and value == 0
    wall = name == "incline" and abs(value) > 1000
    return value == largest or zero or wall or (name.startswith("elevation") and value == 0x7FFF)


def _comes_back_the_same(packet: bytes, part: TreadmillData) -> None:
    """A whole packet is encoded to itself where every field has a value, and always to what means the same."""
    if part.truncated:
        return
    again = encode_treadmill_data(part)
    assert len(again) == len(packet) and decode_treadmill_data(again) == part
    announced = [name for bit, name, _, _ in FIELDS if (part.flags ^ 1) >> bit & 1]
    if all(getattr(part, name) is not None for name in announced):
        assert again == packet
    if not part.more_data and not part.trailing:
        pieces = split_treadmill_data(part, MTU_MINIMUM)
        assert all(len(piece) <= MTU_MINIMUM - 3 for piece in pieces)
        whole = RecordAssembler()
        *unfinished, last = [whole.feed(decode_treadmill_data(piece)) for piece in pieces]
        assert last == part and not any(unfinished)


def _holds_what_came(record: TreadmillData, parts: list[TreadmillData]) -> None:
    """All values of its parts and no other; so its speed is that of the packet that ended it."""
    assert not record.more_data
    for name in NAMES:
        came = [value for part in parts if (value := getattr(part, name)) is not None]
        assert [getattr(record, name)] == (came or [None])
