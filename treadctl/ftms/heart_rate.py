"""Heart Rate Measurement 2A37: what a strap sends (Heart Rate Service v1.0 section 3.1).

A strap taken off keeps sending its last value, so `contact` matters as much as the number where the strap can tell.
"""

from __future__ import annotations

from dataclasses import dataclass

_WIDE, _CONTACT, _CONTACT_SUPPORTED, _ENERGY, _INTERVALS = 0x01, 0x02, 0x04, 0x08, 0x10
_U16_MAX = 0xFFFF


@dataclass(frozen=True, slots=True)
class HeartRate:
    """One measurement. `bpm` None: no reading. `contact` None: this strap cannot tell.

    `energy_kj` accumulates and sticks at 65535. `rr_1024` are beat intervals in 1/1024 s, oldest first.
    """

    bpm: int | None
    contact: bool | None = None
    energy_kj: int | None = None
    rr_1024: tuple[int, ...] = ()


def decode_heart_rate(data: bytes | bytearray | memoryview) -> HeartRate | None:
    """The measurement in a notification; None when even the heart rate is missing. Never raises."""
    octets = bytes(data)
    if not octets:
        return None
    flags, at = octets[0], 1
    width = 2 if flags & _WIDE else 1
    if len(octets) < at + width:
        return None
    bpm = int.from_bytes(octets[at : at + width], "little")
    at += width
    contact = bool(flags & _CONTACT) if flags & _CONTACT_SUPPORTED else None
    words = [int.from_bytes(octets[n : n + 2], "little") for n in range(at, len(octets) - 1, 2)]
    energy = words.pop(0) if flags & _ENERGY and words else None
    return HeartRate(bpm or None, contact, energy, tuple(words) if flags & _INTERVALS else ())


def encode_heart_rate(measured: HeartRate) -> bytes:
    """The notification that says this. Raises ValueError for a number that 16 bits cannot hold."""
    bpm = measured.bpm or 0
    flags = _WIDE if bpm > 0xFF else 0
    if measured.contact is not None:
        flags |= _CONTACT_SUPPORTED | (_CONTACT if measured.contact else 0)
    words = [] if measured.energy_kj is None else [measured.energy_kj]
    flags |= _ENERGY if words else 0
    flags |= _INTERVALS if measured.rr_1024 else 0
    words += measured.rr_1024
    if not all(0 <= number <= _U16_MAX for number in (bpm, *words)):
        raise ValueError("a heart rate, its energy and its intervals go from 0 to 65535")
    head = bytes((flags,)) + bpm.to_bytes(2 if flags & _WIDE else 1, "little")
    return head + b"".join(word.to_bytes(2, "little") for word in words)
