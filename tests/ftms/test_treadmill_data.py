"""Treadmill Data: layouts, sentinels, pace widths, split records, and what the simulated machine may send."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from treadctl.ftms.codec import (
    MORE_DATA,
    RFU_BITS,
    RecordAssembler,
    TreadmillData,
    decode_treadmill_data,
    encode_treadmill_data,
    split_treadmill_data,
)
from treadctl.model.units import Incline, Speed


def decoded(text: str) -> TreadmillData:
    return decode_treadmill_data(bytes.fromhex(text))


# The layout once more, by hand from FTMS v1.0 section 4.4.1 and not from the code: flag bit, field, octets, signed.
LAYOUT = (
    (1, "average_speed", 2, False), (2, "distance_m", 3, False), (3, "incline", 2, True), (3, "ramp_angle", 2, True),
    (4, "elevation_gain", 2, False), (4, "elevation_loss", 2, False), (5, "pace", 2, False),
    (6, "average_pace", 2, False), (7, "energy_kcal", 2, False), (7, "energy_per_hour", 2, False),
    (7, "energy_per_minute", 1, False), (8, "heart_rate", 1, False), (9, "met_raw", 1, False),
    (10, "elapsed_s", 2, False), (11, "remaining_s", 2, False), (12, "force_n", 2, True), (12, "power_w", 2, True),
)


# --- examples worked out by hand -------------------------------------------------------------------------------------


def test_speed_alone() -> None:
    assert decoded("0000 E803") == TreadmillData(speed=Speed(1000))


def test_a_negative_incline() -> None:
    assert decoded("0800 2C01 F1FF 0000") == TreadmillData(
        flags=8, speed=Speed(300), incline=Incline(-15), ramp_angle=0
    )


def test_a_distance_that_needs_24_bits() -> None:
    assert decoded("0C00 5802 A08601 3200 FF7F") == TreadmillData(
        flags=0x0C, speed=Speed(600), distance_m=100_000, incline=Incline(50)
    )


def test_more_data_and_nothing_yet_is_legal() -> None:
    part = decoded("0100")
    assert part == TreadmillData(flags=1)
    assert part.more_data and not part.truncated and part.speed is None


def test_two_paces_of_two_octets() -> None:
    data = decoded("6000 0000 0000 0000")
    assert data == TreadmillData(flags=0x60, speed=Speed(0), pace=0, average_pace=0)
    assert data.pace_octets == 2


def test_two_paces_of_one_octet_are_recognised_by_the_length() -> None:
    data = decoded("6000 0A00 07 08")
    assert data == TreadmillData(flags=0x60, speed=Speed(10), pace=7, average_pace=8, pace_octets=1)


def test_a_split_capture_of_a_matrix_becomes_one_record() -> None:
    assembler = RecordAssembler()
    assert assembler.feed(decoded("9F00 6100 360000 0000 FF7F 0000 FFFF 0500 6E00 02")) is None
    assert assembler.feed(decoded("001F 7100 00 02 CC00 3C06 FF7F 1A00")) == TreadmillData(
        flags=0x1F9E, speed=Speed(113), average_speed=Speed(97), distance_m=54, incline=Incline(0), elevation_gain=0,
        energy_kcal=5, energy_per_hour=110, energy_per_minute=2, met_raw=2, elapsed_s=204, remaining_s=1596, power_w=26,
    )


# --- one field at a time ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bit", range(1, 13))
def test_each_flag_announces_its_fields_in_their_order_and_size(bit: int) -> None:
    group = [row for row in LAYOUT if row[0] == bit]
    body = b"".join((n + 1).to_bytes(size, "little") for n, (_, _, size, _) in enumerate(group))
    packet = (1 << bit).to_bytes(2, "little") + b"\x64\x00" + body
    expected: dict[str, Any] = {name: n + 1 for n, (_, name, _, _) in enumerate(group)}
    assert decode_treadmill_data(packet) == TreadmillData(flags=1 << bit, speed=Speed(100), **expected)


def test_a_packet_with_every_field_is_read_in_wire_order() -> None:
    body = b"".join((40 + n).to_bytes(size, "little") for n, (_, _, size, _) in enumerate(LAYOUT))
    data = decode_treadmill_data(b"\xfe\x1f" + b"\x64\x00" + body)
    assert len(body) == 32
    assert [getattr(data, name) for _, name, _, _ in LAYOUT] == [40 + n for n in range(len(LAYOUT))]
    assert data.trailing == b"" and not data.truncated


@pytest.mark.parametrize("row", LAYOUT, ids=[name for _, name, _, _ in LAYOUT])
def test_the_marks_for_not_available_read_as_none(row: tuple[int, str, int, bool]) -> None:
    bit, name, size, signed = row
    group = [r for r in LAYOUT if r[0] == bit]
    mark = b"\xff\x7f" if signed else b"\xff" * size
    body = b"".join(mark if n == name else b"\x01" + bytes(s - 1) for _, n, s, _ in group)
    data = decode_treadmill_data((1 << bit).to_bytes(2, "little") + b"\x64\x00" + body)
    assert getattr(data, name) is None
    assert [getattr(data, n) for _, n, _, _ in group if n != name] == [1] * (len(group) - 1)


def test_0x7fff_as_elevation_reads_as_none_because_two_makers_send_it() -> None:
    data = decoded("1000 6400 FF7F FF7F")
    assert (data.elevation_gain, data.elevation_loss, data.truncated) == (None, None, False)


def test_a_speed_of_all_ones_is_unknown_and_not_655_kmh() -> None:
    assert decoded("0000 FFFF").speed is None


def test_a_heart_rate_of_zero_is_no_reading() -> None:
    assert decoded("0001 6400 00").heart_rate is None


@pytest.mark.parametrize("raw, expected", [("E803", 1000), ("18FC", -1000), ("E903", None), ("17FC", None)])
def test_an_incline_beyond_a_hundred_percent_is_junk(raw: str, expected: int | None) -> None:
    data = decoded(f"0800 6400 {raw} 0100")
    assert (data.incline, data.ramp_angle) == (expected, 1)


# --- short, long and reserved ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "84"])
def test_a_packet_without_flags_says_nothing_and_does_not_raise(text: str) -> None:
    data = decoded(text)
    assert data == TreadmillData(missing=("flags",), trailing=bytes.fromhex(text))
    assert data.truncated


def test_a_short_packet_keeps_every_complete_field_and_names_the_rest() -> None:
    data = decoded("8404 6400 0A0000 05")
    assert (data.speed, data.distance_m, data.energy_kcal) == (100, 10, None)
    assert data.missing == ("energy_kcal", "energy_per_hour", "energy_per_minute", "elapsed_s")
    assert data.trailing == b"\x05"


@pytest.mark.parametrize("length", [n for n in range(36) if n != 34])
def test_every_cut_of_a_full_packet_keeps_a_prefix_of_its_fields(length: int) -> None:
    full = b"\xfe\x1f" + bytes(range(1, 35))
    whole, cut = decode_treadmill_data(full), decode_treadmill_data(full[:length])
    assert cut.truncated
    if length >= 2:
        names = ["speed", *(name for _, name, _, _ in LAYOUT)]
        kept = [name for name in names if name not in cut.missing]
        assert kept == names[: len(kept)]
        assert all(getattr(cut, name) == getattr(whole, name) for name in kept)


def test_a_full_packet_of_34_octets_has_narrow_paces() -> None:
    data = decode_treadmill_data(b"\xfe\x1f" + bytes(range(1, 33)))
    assert (data.pace_octets, data.truncated, data.trailing) == (1, False, b"")
    assert (data.pace, data.average_pace, data.energy_kcal) == (0x10, 0x11, 0x1312)


def test_octets_behind_the_last_field_are_kept_and_reserved_bits_too() -> None:
    data = decoded("00E0 6400 AABBCC")
    assert (data.rfu_bits, data.trailing, data.speed) == (0xE000, b"\xaa\xbb\xcc", 100)
    assert not data.truncated


def test_the_longest_packet_with_a_tail_is_read_too() -> None:
    full = b"\xfe\x3f" + bytes(34)
    assert decode_treadmill_data(full + bytes(3)).trailing == bytes(3)
    assert decode_treadmill_data(full + bytes(4)).trailing == bytes(4)


def test_paces_are_two_octets_wherever_the_length_does_not_say_otherwise() -> None:
    assert decoded("6020 6400 0100 0200 AA").pace_octets == 2
    assert decoded("6020 6400 0100 02").pace_octets == 2
    assert decoded("2000 6400 01").pace_octets == 1
    assert decoded("0004 6400 0100").pace_octets == 2


# --- split records ---------------------------------------------------------------------------------------------------


def test_a_whole_record_passes_the_assembler_unchanged() -> None:
    data = decoded("8404 6400 0A0000 0500 0000 00 3C00")
    assert RecordAssembler().feed(data) is data


def test_a_lost_ending_does_not_mix_two_records() -> None:
    assembler = RecordAssembler()
    assert assembler.feed(TreadmillData(flags=MORE_DATA | 4, distance_m=10)) is None
    assert assembler.feed(TreadmillData(flags=MORE_DATA | 4 | 2, distance_m=99, average_speed=Speed(5))) is None
    record = assembler.feed(TreadmillData(flags=0x0400, speed=Speed(100), elapsed_s=7))
    assert record == TreadmillData(
        flags=0x0406, speed=Speed(100), distance_m=99, average_speed=Speed(5), elapsed_s=7
    )


def test_a_whole_record_after_a_lost_ending_stands_alone() -> None:
    assembler = RecordAssembler()
    assembler.feed(TreadmillData(flags=MORE_DATA | 4, distance_m=10))
    whole = TreadmillData(flags=4, speed=Speed(100), distance_m=11)
    assert assembler.feed(whole) == whole


def test_a_reset_drops_the_part_that_was_kept() -> None:
    assembler = RecordAssembler()
    assembler.feed(TreadmillData(flags=MORE_DATA | 4, distance_m=10))
    assembler.reset()
    assert assembler.feed(TreadmillData(speed=Speed(100))) == TreadmillData(speed=Speed(100))


def test_a_packet_without_flags_neither_ends_nor_spoils_a_record() -> None:
    assembler = RecordAssembler()
    assembler.feed(TreadmillData(flags=MORE_DATA | 4, distance_m=10))
    assert assembler.feed(decoded("07")) is None
    record = assembler.feed(TreadmillData(speed=Speed(100)))
    assert record is not None and (record.speed, record.distance_m) == (100, 10)


def test_three_parts_become_one_record() -> None:
    assembler = RecordAssembler()
    assert assembler.feed(TreadmillData(flags=MORE_DATA | 4, distance_m=10)) is None
    assert assembler.feed(TreadmillData(flags=MORE_DATA | 2, average_speed=Speed(50), trailing=b"\x01")) is None
    record = assembler.feed(TreadmillData(speed=Speed(100)))
    assert record == TreadmillData(
        flags=6, speed=Speed(100), average_speed=Speed(50), distance_m=10, trailing=b"\x01"
    )


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_the_assembler_takes_anything_and_keeps_no_more_than_one_record(packets: list[bytes]) -> None:
    assembler = RecordAssembler()
    for packet in packets:
        record = assembler.feed(decode_treadmill_data(packet))
        assert record is None or not record.more_data
        assert record is None or len(record.missing) <= 18


# --- properties ------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=64))
@example(b"")
@example(b"\xff" * 64)
@example(b"\xfe\x1f" + b"\xff" * 34)
def test_decoding_never_raises_and_loses_no_octet(packet: bytes) -> None:
    data = decode_treadmill_data(packet)
    assert data.flags == (int.from_bytes(packet[:2], "little") if len(packet) >= 2 else 0)
    assert packet.endswith(data.trailing)
    assert data.more_data is bool(data.flags & 1)
    if data.more_data:
        assert data.speed is None
    if data.missing and "flags" not in data.missing:
        assert len(data.trailing) <= 2


@given(st.binary(max_size=64))
def test_no_number_that_comes_out_is_a_float(packet: bytes) -> None:
    data = decode_treadmill_data(packet)
    for field in dataclasses.fields(TreadmillData):
        assert getattr(data, field.name) is None or isinstance(getattr(data, field.name), (int, tuple, bytes))


def _values(name: str, size: int, signed: bool) -> st.SearchStrategy[int | None]:
    bits = 8 * size
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 2) if signed else (0, (1 << bits) - 2)
    if name == "incline":
        low, high = -1000, 1000
    if name == "heart_rate":
        low = 1
    numbers = st.integers(low, high)
    if name.startswith("elevation"):
        numbers = numbers.filter(lambda n: n != 0x7FFF)
    return st.none() | numbers


@st.composite
def records(draw: st.DrawFn) -> TreadmillData:
    """Any record a machine can say in full, with the flags its values need."""
    values: dict[str, Any] = {n: draw(_values(n, size, signed)) for _, n, size, signed in LAYOUT}
    flags = 0
    for bit, name, _, _ in LAYOUT:
        flags |= (1 << bit) if values[name] is not None else 0
    for name, kind in (("average_speed", Speed), ("incline", Incline)):
        values[name] = None if values[name] is None else kind(values[name])
    return TreadmillData(flags=flags, speed=Speed(draw(st.integers(0, 0xFFFE))), **values)


@given(records())
def test_what_is_encoded_is_decoded_again(record: TreadmillData) -> None:
    assert decode_treadmill_data(encode_treadmill_data(record)) == record


@given(records(), st.integers(23, 60))
def test_a_record_split_for_any_mtu_is_assembled_again(record: TreadmillData, mtu: int) -> None:
    parts = split_treadmill_data(record, mtu)
    assert all(len(part) <= mtu - 3 for part in parts)
    assembler = RecordAssembler()
    fed = [assembler.feed(decode_treadmill_data(part)) for part in parts]
    assert fed == [None] * (len(parts) - 1) + [record]


@given(records(), st.integers(1, 7), st.binary(max_size=4))
def test_reserved_bits_and_tail_survive_the_round_trip(record: TreadmillData, bits: int, tail: bytes) -> None:
    record = dataclasses.replace(record, flags=record.flags | bits << 13, trailing=tail, pace=None, average_pace=None)
    record = dataclasses.replace(record, flags=record.flags & ~0x60)
    assert decode_treadmill_data(encode_treadmill_data(record)) == record


# --- encoding --------------------------------------------------------------------------------------------------------


def test_the_encoder_sets_the_flags_its_values_need() -> None:
    data = TreadmillData(speed=Speed(600), distance_m=100_000, incline=Incline(50))
    assert encode_treadmill_data(data) == bytes.fromhex("0C00 5802 A08601 3200 FF7F")


def test_the_encoder_marks_announced_fields_without_a_value_as_not_available() -> None:
    data = TreadmillData(flags=0x0180, speed=Speed(100))
    assert encode_treadmill_data(data) == bytes.fromhex("8001 6400 FFFF FFFF FF 00")


def test_narrow_paces_are_sent_as_one_octet() -> None:
    data = TreadmillData(speed=Speed(10), pace=7, average_pace=8, pace_octets=1)
    assert encode_treadmill_data(data) == bytes.fromhex("6000 0A00 07 08")


def test_a_part_has_no_speed() -> None:
    assert encode_treadmill_data(TreadmillData(flags=MORE_DATA | 4, distance_m=1)) == bytes.fromhex("0500 010000")
    with pytest.raises(ValueError, match="More Data"):
        encode_treadmill_data(TreadmillData(flags=MORE_DATA, speed=Speed(1)))


def test_half_a_field_of_a_truncated_packet_is_not_sent_on() -> None:
    cut = decoded("0004 6400 07")
    assert encode_treadmill_data(cut) == bytes.fromhex("0004 6400 FFFF")


@pytest.mark.parametrize(
    "wrong",
    [
        {"distance_m": -1}, {"distance_m": 1 << 24}, {"distance_m": (1 << 24) - 1}, {"heart_rate": 0},
        {"heart_rate": 255}, {"elapsed_s": 0xFFFF}, {"elevation_gain": 0x7FFF}, {"power_w": 0x7FFF},
        {"force_n": -32769}, {"power_w": 0x8000}, {"ramp_angle": 0x8000}, {"average_pace": 0x10000},
        {"pace": 300, "pace_octets": 1}, {"speed": Speed(0xFFFF)},
    ],
)
def test_a_value_that_its_octets_cannot_say_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        encode_treadmill_data(TreadmillData(**{"speed": Speed(1), **wrong}))


def test_a_record_that_fits_is_one_notification() -> None:
    data = TreadmillData(speed=Speed(100), distance_m=5)
    assert split_treadmill_data(data, 23) == [encode_treadmill_data(data)]


def test_a_split_puts_the_speed_last_and_the_flags_where_their_fields_are() -> None:
    data = decode_treadmill_data(b"\x9e\x1f" + b"\x64\x00" + bytes(range(1, 29)))
    parts = [decode_treadmill_data(part) for part in split_treadmill_data(data, 23)]
    assert [part.more_data for part in parts] == [True, False]
    assert [part.speed for part in parts] == [None, 100]
    assert not parts[0].flags & parts[1].flags


def test_a_part_can_be_split_further_and_stays_a_part() -> None:
    data = TreadmillData(flags=MORE_DATA | 0x1F9E)
    parts = [decode_treadmill_data(part) for part in split_treadmill_data(data, 23)]
    assert len(parts) == 2 and all(part.more_data for part in parts)


def test_reserved_bits_and_tail_go_with_the_last_part() -> None:
    data = decode_treadmill_data(b"\x9e\x3f" + b"\x64\x00" + bytes(range(1, 29)) + b"\xaa\xbb\xcc")
    parts = [decode_treadmill_data(part) for part in split_treadmill_data(data, 23)]
    assert [part.flags & RFU_BITS for part in parts] == [0] * (len(parts) - 1) + [0x2000]
    assert parts[-1].trailing == b"\xaa\xbb\xcc"


def test_an_impossible_mtu_and_a_tail_that_fits_nowhere_are_refused() -> None:
    with pytest.raises(ValueError, match="MTU"):
        split_treadmill_data(TreadmillData(speed=Speed(1)), 22)
    with pytest.raises(ValueError, match="trailing"):
        split_treadmill_data(TreadmillData(speed=Speed(1), trailing=bytes(17)), 23)
