"""The FIT container: messages to octets and back, no more of it than workouts and recorded walks need.

From the FIT SDK's public description of the protocol: a header with the length, definition messages that say which
fields a local message has, data messages, a CRC. A file is hostile until read: every length is checked before it is
used, and a wrong sum is refused. This module must not know what a workout or a walk is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from treadctl.files.misfit import Misfit

MAX_VALUES = 200_000
"""Messages and their fields. Chosen: a thousand steps have a tenth of it, and reading so many takes a moment."""
HEADER = 14
PROTOCOL, PROTOCOL_2, PROFILE_VERSION = 0x10, 0x20, 2105
"""Protocol 1.0, and 2.0 where a file has developers' fields: nothing newer is used. The profile version is that of the
description followed here."""
STRING = 0x07
ENUM = 0x00
UINT16, UINT32 = 0x84, 0x86
UINT32Z = 0x8C
SINT8, UINT8, SINT16, BYTES = 0x01, 0x02, 0x83, 0x0D
_SIGNED = frozenset({SINT8, SINT16, 0x85})
_SIZES = {ENUM: 1, 0x01: 1, 0x02: 1, 0x83: 2, UINT16: 2, 0x85: 4, UINT32: 4, 0x0A: 1, 0x8B: 2, UINT32Z: 4, 0x0D: 1}
_INVALID = {ENUM: 0xFF, 0x02: 0xFF, UINT16: 0xFFFF, UINT32: 0xFFFF_FFFF, 0x0A: 0, 0x8B: 0, UINT32Z: 0}

Value = int | str
Field = tuple[int, int, Value | bytes]
"""Field number, base type, value; of a developer's field its number among them."""
_NIBBLES = (
    0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401, 0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01,
    0x8801, 0x4400,
)  # fmt: skip
"""CRC-16/ARC (polynomial 0x8005 reflected), four bits at a time."""


def _of_octet(octet: int) -> int:
    half = _NIBBLES[octet & 15]
    return (half >> 4) ^ _NIBBLES[(half ^ octet >> 4) & 15]


_TABLE = tuple(map(_of_octet, range(256)))
"""The same for eight bits: a walk of an hour has a hundred thousand octets."""


@dataclass(frozen=True, slots=True)
class Message:
    """One data message: its global number, and the fields that have a value, by number."""

    number: int
    fields: Mapping[int, Value]


@dataclass(frozen=True, slots=True)
class _Definition:
    number: int
    big: bool
    fields: tuple[tuple[int, int, int], ...]
    extra: int

    @property
    def size(self) -> int:
        return sum(size for _, size, _ in self.fields) + self.extra


def crc(data: bytes) -> int:
    """The FIT sum over these octets."""
    value = 0
    for octet in data:
        value = (value >> 8) ^ _TABLE[(value ^ octet) & 0xFF]
    return value


# --- writing -------------------------------------------------------------------------------------------------------


def encode(messages: Iterable[tuple[int, Sequence[Field]] | tuple[int, Sequence[Field], Sequence[Field]]]) -> bytes:
    """A whole file of messages: number, (field number, base type, value) of each field, and of each developer's field.

    A description is written only where it differs from the one before. There is one developer: number 0.
    """
    body, described, protocol = bytearray(), b"", PROTOCOL
    for number, fields, *more in messages:
        extra = more[0] if more else ()
        protocol = PROTOCOL_2 if extra else protocol
        if (description := _definition(number, fields, extra)) != described:
            body += description
            described = description
        body += b"\x00" + b"".join(_octets(base, value) for _, base, value in (*fields, *extra))
    head = bytes((HEADER, protocol)) + PROFILE_VERSION.to_bytes(2, "little") + len(body).to_bytes(4, "little") + b".FIT"
    whole = head + crc(head).to_bytes(2, "little") + bytes(body)
    return whole + crc(whole).to_bytes(2, "little")


def _definition(number: int, fields: Sequence[Field], extra: Sequence[Field]) -> bytes:
    sizes = b"".join(bytes((field, len(_octets(base, value)), base)) for field, base, value in fields)
    head = b"\x60" if extra else b"\x40"
    more = bytes((len(extra),)) if extra else b""
    of_developer = b"".join(bytes((field, len(_octets(base, value)), 0)) for field, base, value in extra)
    return head + b"\x00\x00" + number.to_bytes(2, "little") + bytes((len(fields),)) + sizes + more + of_developer


def _octets(base: int, value: Value | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode() + b"\x00"
    return value.to_bytes(_SIZES[base], "little", signed=base in _SIGNED)


# --- reading -------------------------------------------------------------------------------------------------------


def decode(data: bytes) -> list[Message]:
    """All data messages of a file. Raises Misfit, and nothing else, for any octets."""
    body = _body(data)
    return list(_messages(body))


def _body(data: bytes) -> bytes:
    """What lies between the header and the sum."""
    if len(data) < 14 or data[0] not in (12, 14) or data[8:12] != b".FIT":
        raise Misfit(1, "this is no FIT file; export it again from the app it came from")
    length = int.from_bytes(data[4:8], "little")
    end = data[0] + length
    if end + 2 != len(data):
        raise Misfit(1, "the file is longer or shorter than it says; copy it again")
    if crc(data) != 0:
        raise Misfit(1, "the file's own sum is wrong, so something in it was changed or lost; copy it again")
    return data[data[0] : end]


def _messages(body: bytes) -> Iterator[Message]:
    known: dict[int, _Definition] = {}
    at = count = 0
    while at < len(body):
        head, at, count = body[at], at + 1, count + 1
        local = (head >> 5) & 3 if head & 0x80 else head & 15
        if not head & 0x80 and head & 0x40:
            known[local], at = _defined(body, at, extra=bool(head & 0x20))
            continue
        definition = known.get(local)
        if definition is None or at + definition.size > len(body):
            raise Misfit(1, "a message in the file is cut off or was never described; export it again")
        count += len(definition.fields)
        if count > MAX_VALUES:
            raise Misfit(1, f"it has more than {MAX_VALUES} values; no workout is so long")
        yield Message(definition.number, _fields(definition, body[at : at + definition.size]))
        at += definition.size


def _defined(body: bytes, at: int, *, extra: bool) -> tuple[_Definition, int]:
    """The definition message that begins at `at`, and where it ends. `extra`: developers' fields, which are skipped."""
    head = body[at : at + 5]
    if len(head) < 5 or head[1] > 1:
        raise Misfit(1, "a description in the file is cut off; export it again")
    big = head[1] == 1
    fields, at = _triples(body, at + 5, head[4])
    skipped = 0
    if extra:
        count = body[at : at + 1]
        more, at = _triples(body, at + 1, count[0] if count else 1)
        skipped = sum(size for _, size, _ in more)
    return _Definition(int.from_bytes(head[2:4], "big" if big else "little"), big, fields, skipped), at


def _triples(body: bytes, at: int, count: int) -> tuple[tuple[tuple[int, int, int], ...], int]:
    end = at + 3 * count
    if end > len(body):
        raise Misfit(1, "a description in the file is cut off; export it again")
    return tuple((body[n], body[n + 1], body[n + 2]) for n in range(at, end, 3)), end


def _fields(definition: _Definition, data: bytes) -> dict[int, Value]:
    """The values that are there. Lists of numbers and types that no workout has are passed over."""
    found: dict[int, Value] = {}
    at = 0
    for field, size, base in definition.fields:
        octets, at = data[at : at + size], at + size
        if base == STRING:
            if text := octets.split(b"\x00", 1)[0].decode("utf-8", "replace"):
                found[field] = text
        elif _SIZES.get(base) == size and base not in _SIGNED:
            value = int.from_bytes(octets, "big" if definition.big else "little")
            if value != _INVALID.get(base):
                found[field] = value
    return found
