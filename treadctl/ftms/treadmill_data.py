"""Treadmill Data 2ACD: the belt's own account of itself, several times a second.

One table says which flag announces which fields (FTMS v1.0 section 4.4.1); decoder, encoder and splitter all read it,
and the golden packets of real machines in the tests are the authority over it. Nothing here interprets: units are the
wire's, a field that is absent or marked "not available" is None, and no packet whatever raises. Layouts are computed
once per combination of flags and length, because a packet has to be decoded in a few microseconds on a small host.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import attrgetter
from struct import Struct
from typing import Any, NamedTuple

from treadctl.model.units import Incline, Speed

Octets = bytes | bytearray | memoryview

MORE_DATA = 0x0001
"""Bit 0, the inverted one: set means "no speed here, more notifications of this record follow"."""
RFU_BITS = 0xE000
"""Bits 13 to 15, reserved. Makers announce step counters there; they are kept, never refused."""
MTU_MINIMUM = 23
"""ATT_MTU that every link has (Core specification); a notification carries 3 octets less."""

_U8, _U16, _S16, _U24 = "B", "H", "h", "3s"
_VALUES = {_U8: (0, 0xFF), _U16: (0, 0xFFFF), _S16: (-0x8000, 0x7FFF), _U24: (0, 0xFFFFFF)}
_SIZES = {_U8: 1, _U16: 2, _S16: 2, _U24: 3}
_NO_U8, _NO_U16, _NO_S16, _NO_U24 = (0xFF,), (0xFFFF,), (0x7FFF,), (0xFFFFFF,)
"""Read as "not available": defined by the standard for some fields, used by machines in all of them."""


@dataclass(frozen=True)
class TreadmillData:
    """One Treadmill Data notification, or one record merged from several. None: absent or not available. Wire units.

    Speeds in 0.01 km/h, distance in m, incline in 0.1 %, ramp angle in 0.1 degree, elevation in 0.1 m, energy in kcal
    (per hour, per minute), heart rate in beats a minute, times in s, force in N, power in W. `pace` is for the octets
    only: its unit changed between editions (show speed instead). `met_raw` is 0.1 MET or 1 MET, depending on the maker.

    `missing` names announced fields that the packet was too short for; `trailing` are the octets behind the last
    complete field. Not slotted, unlike its peers: to fill the instance's own dictionary is several times faster than 22
    guarded assignments (measured, tests/bench/decode.py).
    """

    flags: int = 0
    speed: Speed | None = None
    average_speed: Speed | None = None
    distance_m: int | None = None
    incline: Incline | None = None
    ramp_angle: int | None = None
    elevation_gain: int | None = None
    elevation_loss: int | None = None
    pace: int | None = None
    average_pace: int | None = None
    energy_kcal: int | None = None
    energy_per_hour: int | None = None
    energy_per_minute: int | None = None
    heart_rate: int | None = None
    met_raw: int | None = None
    elapsed_s: int | None = None
    remaining_s: int | None = None
    force_n: int | None = None
    power_w: int | None = None
    missing: tuple[str, ...] = ()
    trailing: bytes = b""
    pace_octets: int = 2

    @property
    def more_data(self) -> bool:
        """Whether this is a part of a split record that ends in a later packet."""
        return bool(self.flags & MORE_DATA)

    @property
    def truncated(self) -> bool:
        """Whether the packet ended before everything its flags announce."""
        return bool(self.missing)

    @property
    def rfu_bits(self) -> int:
        """The reserved flag bits that are set."""
        return self.flags & RFU_BITS


# --- the table -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Field:
    """One field: its announcing flag bit, its octets, and what means "not available" (the first of them is sent)."""

    bit: int
    name: str
    form: str
    absent: tuple[int, ...]

    @property
    def octets(self) -> int:
        return _SIZES[self.form]

    @property
    def raw_absent(self) -> tuple[int | bytes, ...]:
        """`absent` as it comes out of unpacking."""
        return tuple(n.to_bytes(3, "little") for n in self.absent) if self.form == _U24 else self.absent

    @property
    def values(self) -> tuple[int, int]:
        """The smallest and largest raw value of this many octets."""
        return _VALUES[self.form]


_TABLE = (
    _Field(0, "speed", _U16, _NO_U16),
    _Field(1, "average_speed", _U16, _NO_U16),
    _Field(2, "distance_m", _U24, _NO_U24),
    _Field(3, "incline", _S16, _NO_S16),
    _Field(3, "ramp_angle", _S16, _NO_S16),
    _Field(4, "elevation_gain", _U16, (0xFFFF, 0x7FFF)),
    _Field(4, "elevation_loss", _U16, (0xFFFF, 0x7FFF)),
    _Field(5, "pace", _U16, _NO_U16),
    _Field(6, "average_pace", _U16, _NO_U16),
    _Field(7, "energy_kcal", _U16, _NO_U16),
    _Field(7, "energy_per_hour", _U16, _NO_U16),
    _Field(7, "energy_per_minute", _U8, _NO_U8),
    _Field(8, "heart_rate", _U8, (0, 0xFF)),
    _Field(9, "met_raw", _U8, _NO_U8),
    _Field(10, "elapsed_s", _U16, _NO_U16),
    _Field(11, "remaining_s", _U16, _NO_U16),
    _Field(12, "force_n", _S16, _NO_S16),
    _Field(12, "power_w", _S16, _NO_S16),
)
"""In wire order. 0x7FFF as elevation: Life Fitness and Matrix send it. Heart rate 0: no reading."""
_NARROW = tuple(
    _Field(f.bit, f.name, _U8, _NO_U8) if f.name in ("pace", "average_pace") else f for f in _TABLE
)
"""The same with the one-octet pace of the 2017 definition; two octets since 2021."""
_KNOWN_BITS = 0x1FFF
_HEADER = 2
_LONGEST = _HEADER + sum(f.octets for f in _TABLE)


def _table(narrow: bool) -> tuple[_Field, ...]:
    return _NARROW if narrow else _TABLE


def _announced(flags: int, table: tuple[_Field, ...] = _TABLE) -> list[_Field]:
    present = flags ^ MORE_DATA
    return [f for f in table if present >> f.bit & 1]


def _octets(chosen: Iterable[_Field]) -> int:
    return sum(f.octets for f in chosen)


# --- decoding ------------------------------------------------------------------------------------------------------


def _incline(raw: int) -> Incline | None:
    """Beyond 100 % it is junk that a machine sent, not an incline."""
    return int.__new__(Incline, raw) if -1000 <= raw <= 1000 else None


_Make = Callable[[Any], int | None]
_speed: _Make = lru_cache(maxsize=1024)(partial(int.__new__, Speed))
"""Two unsigned octets always hold a Speed, so its own check is left out; and a belt repeats its speeds."""
_MAKE: dict[str, _Make] = {
    "speed": _speed,
    "average_speed": _speed,
    "distance_m": lru_cache(maxsize=64)(partial(int.from_bytes, byteorder="little")),
    "incline": _incline,
}
"""What turns an unpacked value into the field's own type, where that is not a plain int."""


class _Layout(NamedTuple):
    """Where everything lies in packets with these flags and this length. A tuple: it is taken apart each time."""

    unpack: Callable[[Octets, int], tuple[int | bytes, ...]]
    names: tuple[str, ...]
    absent: tuple[tuple[int | bytes, ...], ...]
    makes: tuple[_Make | None, ...]
    used: int
    extra: dict[str, tuple[str, ...] | int]


@lru_cache(maxsize=256)
def _layout(flags: int, length: int) -> _Layout:
    """`flags` without reserved bits; `length` counted no further than one octet more than the longest packet."""
    narrow = _is_narrow(flags, length)
    wanted = _announced(flags, _table(narrow))
    fitting: list[_Field] = []
    used = _HEADER
    for field in wanted:
        if used + field.octets > length:
            break
        fitting.append(field)
        used += field.octets
    extra: dict[str, tuple[str, ...] | int] = {}
    if len(fitting) < len(wanted):
        extra["missing"] = tuple(f.name for f in wanted[len(fitting):])
    if narrow:
        extra["pace_octets"] = 1
    return _Layout(
        unpack=Struct("<" + "".join(f.form for f in fitting)).unpack_from,
        names=tuple(f.name for f in fitting),
        absent=tuple(f.raw_absent for f in fitting),
        makes=tuple(_MAKE.get(f.name) for f in fitting),
        used=used,
        extra=extra,
    )


def _is_narrow(flags: int, length: int) -> bool:
    """Paces of one octet, only where that and nothing else explains the length; two are the present definition."""
    wide, narrow = (_HEADER + _octets(_announced(flags, table)) for table in (_TABLE, _NARROW))
    return length == narrow != wide


def decode_treadmill_data(data: Octets) -> TreadmillData:
    """What a Treadmill Data notification says. Never raises: of a short packet every complete field is kept."""
    length = len(data)
    if length < _HEADER:
        return TreadmillData(missing=("flags",), trailing=bytes(data))
    flags = data[0] | data[1] << 8
    counted = length if length <= _LONGEST else _LONGEST + 1
    unpack, names, absents, makes, used, extra = _layout(flags & _KNOWN_BITS, counted)
    decoded = object.__new__(TreadmillData)
    values = decoded.__dict__
    values["flags"] = flags
    # Equally long by construction, and checking that would cost time.
    for name, absent, make, value in zip(names, absents, makes, unpack(data, _HEADER)):  # noqa: B905
        if value not in absent:
            values[name] = value if make is None else make(value)
    if extra:
        values.update(extra)
    if length > used:
        values["trailing"] = bytes(data[used:])
    return decoded


class RecordAssembler:
    """Merges the parts of split records (FTMS v1.0 section 4.1.2): a record ends with the packet that has bit 0 clear.

    A part that announces a field the kept parts already have belongs to a new record, so the kept ones are dropped: the
    end of theirs was lost. Link loss drops them too; call `reset` then. What is kept is bounded by one record.
    """

    def __init__(self) -> None:
        self._kept: TreadmillData | None = None

    def reset(self) -> None:
        """Forget the parts of an unfinished record."""
        self._kept = None

    def feed(self, part: TreadmillData) -> TreadmillData | None:
        """The record that this part completes; None while more has to come, or if it has not even flags."""
        if "flags" in part.missing:
            return None
        if self._kept is not None and not self._kept.flags & part.flags & _KNOWN_BITS & ~MORE_DATA:
            part = _merged(self._kept, part)
        self._kept = part if part.more_data else None
        return None if part.more_data else part


_NAMES = tuple(f.name for f in _TABLE)
_all_of = attrgetter(*_NAMES)


def _merged(first: TreadmillData, last: TreadmillData) -> TreadmillData:
    values: dict[str, object] = {n: v for part in (first, last) for n in _NAMES if (v := getattr(part, n)) is not None}
    values["flags"] = (first.flags | last.flags) & ~MORE_DATA | last.flags & MORE_DATA
    values["missing"] = first.missing + last.missing
    values["trailing"] = last.trailing or first.trailing
    values["pace_octets"] = min(first.pace_octets, last.pace_octets)
    merged = object.__new__(TreadmillData)
    merged.__dict__.update(values)
    return merged


# --- encoding, for the simulated machine ---------------------------------------------------------------------------


def encode_treadmill_data(data: TreadmillData) -> bytes:
    """The notification that says this: fields with a value, and those that `flags` announce, as "not available".

    Speed goes in unless `flags` has the More Data bit. Raises ValueError for a value that its octets cannot carry or
    would read as not available.
    """
    groups = _groups(data, data.flags)
    return _packet(data.flags, groups) + _tail(data)


def split_treadmill_data(data: TreadmillData, mtu: int) -> list[bytes]:
    """The notifications that say this on a link with this ATT_MTU: one if it fits, else parts, the speed in the last.

    Raises ValueError like `encode_treadmill_data`, and for an MTU below 23 or octets that no part can hold.
    """
    if mtu < MTU_MINIMUM:
        raise ValueError(f"an MTU of {mtu} does not exist; the smallest is {MTU_MINIMUM}")
    room, tail = mtu - 3, _tail(data)
    groups = _groups(data, data.flags)
    last = [groups.pop(0)] if not data.more_data else []
    reserved = data.flags & RFU_BITS
    parts = []
    while groups and _HEADER + sum(len(octets) for _, octets in last + groups) + len(tail) > room:
        parts.append(_packet(MORE_DATA, _fitting(groups, room - _HEADER)))
    parts.append(_packet(data.flags & MORE_DATA | reserved, last + groups) + tail)
    if len(parts[-1]) > room:
        raise ValueError(f"{len(tail)} trailing octets do not fit into a notification of {room}")
    return parts


def _fitting(groups: list[tuple[int, bytes]], room: int) -> list[tuple[int, bytes]]:
    """Takes from the front of `groups` what goes into `room` octets; no group is longer than 5, so never nothing."""
    taken: list[tuple[int, bytes]] = []
    while groups and len(groups[0][1]) <= room:
        room -= len(groups[0][1])
        taken.append(groups.pop(0))
    return taken


def _groups(data: TreadmillData, flags: int) -> list[tuple[int, bytes]]:
    """The octets of every announced flag bit, in wire order."""
    if data.more_data and data.speed is not None:
        raise ValueError("a part with the More Data bit carries no speed; the last part does")
    values = _all_of(data)
    given = tuple([value is not None for value in values])
    return [
        (bit, b"".join([_field_octets(field, values[at]) for at, field in fields]))
        for bit, fields in _chosen(flags & _KNOWN_BITS, given, data.pace_octets == 1)
    ]


@lru_cache(maxsize=256)
def _chosen(
    flags: int, given: tuple[bool, ...], narrow: bool
) -> tuple[tuple[int, tuple[tuple[int, _Field], ...]], ...]:
    """The flag bits that `flags` announce or that have a field with a value, each with its fields and their places."""
    table = _table(narrow)
    bits = {f.bit for f in _announced(flags)} | {f.bit for f, there in zip(table, given, strict=True) if there}
    return tuple((bit, tuple((at, f) for at, f in enumerate(table) if f.bit == bit)) for bit in sorted(bits))


def _packet(flags: int, groups: list[tuple[int, bytes]]) -> bytes:
    head = flags & (RFU_BITS | MORE_DATA)
    for bit, _ in groups:
        head |= 1 << bit if bit else 0
    return head.to_bytes(_HEADER, "little") + b"".join(octets for _, octets in groups)


def _tail(data: TreadmillData) -> bytes:
    """Trailing octets of a truncated packet are half a field, and no tail."""
    return b"" if data.truncated else data.trailing


def _field_octets(field: _Field, value: int | None) -> bytes:
    low, high = field.values
    if value is None:
        value = field.absent[0]
    elif not low <= value <= high or value in field.absent:
        raise ValueError(f"{field.name} cannot be {value}: {low} to {high}, and not what means not available")
    return value.to_bytes(field.octets, "little", signed=low < 0)
