"""What a capture must not tell: which unit of a machine it was, and whose. There is no way to leave this out.

Replaced are, wherever they stand: the Bluetooth address (octets or hexadecimal text, either order, any part of three
telling octets), the serial number, the system id; the values of 2A25, 2A23, of the name 2A00 that people can change,
and of the whole User Data Service; in names also digits that look like the number of one unit. Lengths stay as they
are, so that everything else still decodes. This module changes a value in memory; it reads and writes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import AnyStr

from treadctl.files.captures import Advertisement, Attribute, Capture, Identity, Named, Packet

SERIAL, SYSTEM_ID, DEVICE_NAME, USER_DATA = "2a25", "2a23", "2a00", "181c"
WHOLE = {SERIAL: "the serial number (2A25)", SYSTEM_ID: "the system id (2A23)", DEVICE_NAME: "the device name (2A00)"}
PERSONAL = "a value of the User Data Service"
ELSEWHERE = "a part of the address, the serial number or the system id"
UNIT = "digits of a name that look like the number of one unit"
LEAST = 3
"""Telling octets that make a part of the address. Chosen: the half of an address that a maker gives to one unit."""
LEAST_IN_NAMES = 2
DULL = (0x00, 0xFF)
"""Octets that stand in half of all packets, and so tell nothing."""
SHORTEST_SERIAL, LONGEST_SERIAL = 4, 64
"""A shorter one ("1", "N/A") would be found everywhere; of a longer one the beginning is looked for."""
_UNIT_NUMBER = re.compile(r"[0-9A-Fa-f]{4,}(?=[^0-9A-Za-z]*\Z)|[0-9A-Fa-f]{6,}")
_BETWEEN = r"(?:\\x|[-:_. ])?"
"""What people and `safe_text` put between the octets of an address."""
_USUAL_FILLER = b"x#*~=+%$!?&@"


def redact(capture: Capture, address: str) -> Capture:
    """The capture without anything that names the unit or its owner; `redacted` says what that was."""
    eraser = _Eraser(address, _value(capture, SERIAL), _value(capture, SYSTEM_ID))
    clean = replace(
        capture,
        machine=eraser.identity(capture.machine),
        advertisement=eraser.advertisement(capture.advertisement),
        why=eraser.text(capture.why),
        attributes=tuple(eraser.attribute(one) for one in capture.attributes),
        heard=tuple(eraser.packet(one) for one in capture.heard),
    )
    return replace(clean, redacted=eraser.report())


def _value(capture: Capture, uuid: str) -> bytes:
    return next((one.value for one in capture.attributes if one.uuid == uuid and one.value), b"")


class _Eraser:
    """Finds and counts. Everything of one capture goes through one of these."""

    def __init__(self, address: str, serial: bytes, system_id: bytes) -> None:
        octets = bytes.fromhex("".join(re.findall(r"[0-9A-Fa-f]{2}", address)))
        number = serial.strip(b"\0\r\n\t ")[:LONGEST_SERIAL]
        number = number if len(number) >= SHORTEST_SERIAL else b""
        whole = [system_id, system_id[::-1]] if _telling(system_id) >= LEAST else []
        fixed = [*_serial(number), *(_binary(one) for one in whole), *(_hexadecimal(one) for one in whole)]
        parts, words = list(_parts(octets, LEAST)), list(_text_of(number))
        self._in_octets = re.compile(_either([*parts, *fixed]).encode("latin-1"), re.DOTALL)
        self._in_text = re.compile(_either([*parts, *fixed, *words]), re.DOTALL)
        self._in_names = re.compile(_either([*_parts(octets, LEAST_IN_NAMES), *fixed, *words]), re.DOTALL)
        self._filler = _filler(octets + system_id + number.lower() + number.upper())
        self._counts: Counter[str] = Counter()

    def report(self) -> tuple[str, ...]:
        return tuple(f"{what}: {count}" for what, count in sorted(self._counts.items()))

    def text(self, text: str) -> str:
        return self._struck(self._in_text, text, ELSEWHERE)

    def octets(self, data: bytes) -> bytes:
        return self._struck(self._in_octets, data, ELSEWHERE)

    def name(self, text: str) -> str:
        return self._struck(_UNIT_NUMBER, self._struck(self._in_names, text, ELSEWHERE), UNIT)

    def identity(self, machine: Identity) -> Identity:
        maker, model, firmware = (self.text(text) for text in (machine.maker, machine.model, machine.firmware))
        return Identity(self.name(machine.name), maker, model, firmware)

    def advertisement(self, seen: Advertisement) -> Advertisement:
        services = tuple(self.text(uuid) for uuid in seen.services)
        data = tuple(Named(self.text(one.uuid), self.octets(one.data)) for one in seen.service_data)
        return replace(seen, services=services, service_data=data)

    def attribute(self, one: Attribute) -> Attribute:
        service, uuid, why = (self.text(text) for text in (one.service, one.uuid, one.why))
        value = None if one.value is None else self._value(one.uuid, one.service, one.value)
        return replace(one, service=service, uuid=uuid, why=why, value=value)

    def packet(self, one: Packet) -> Packet:
        return replace(one, uuid=self.text(one.uuid), data=self._value(one.uuid, "", one.data))

    def _value(self, uuid: str, service: str, data: bytes) -> bytes:
        """A whole value where all of it is private, else without what was found in it."""
        what = PERSONAL if service == USER_DATA else WHOLE.get(uuid, "")
        if not what or not data:
            return self.octets(data)
        self._counts[what] += 1
        return bytes([self._filler]) * len(data)

    def _struck(self, pattern: re.Pattern[AnyStr], data: AnyStr, what: str) -> AnyStr:
        def filled(found: re.Match[AnyStr]) -> AnyStr:
            length = found.end() - found.start()
            if isinstance(data, str):
                return chr(self._filler) * length
            return bytes([self._filler]) * length

        struck, count = pattern.subn(filled, data)
        if count:
            self._counts[what] += count
        return struck


# --- patterns ------------------------------------------------------------------------------------------------------
# One source for both kinds of text: a character stands for the octet of the same number (Latin-1).


def _either(alternatives: Sequence[str]) -> str:
    """One pattern of many; of none, one that is found nowhere."""
    return "|".join(alternatives) or r"(?!)"


def _parts(octets: bytes, least: int) -> Iterator[str]:
    """Every part of the address with so many telling octets, in either order, as long as it goes on."""
    for order in (octets, octets[::-1]):
        for write in (_one, _two_digits):
            yield from _runs(order, least, write, "" if write is _one else _BETWEEN)


def _runs(octets: bytes, least: int, write: Callable[[int], str], between: str) -> Iterator[str]:
    """For each octet: from there up to the part that must be there, and all of the rest that follows."""
    for start in range(len(octets)):
        shortest = next((end for end in range(start + 1, len(octets) + 1)
                         if _telling(octets[start:end]) >= least), None)
        if shortest is None:
            return
        must = between.join(write(octet) for octet in octets[start:shortest])
        rest = ""
        for octet in reversed(octets[shortest:]):
            rest = f"(?:{between}{write(octet)}{rest})?"
        yield must + rest


def _telling(octets: bytes) -> int:
    return sum(octet not in DULL for octet in octets)


def _binary(octets: bytes) -> str:
    return "".join(map(_one, octets))


def _hexadecimal(octets: bytes) -> str:
    return _BETWEEN.join(map(_two_digits, octets))


def _serial(number: bytes) -> Iterator[str]:
    """The serial number in either case."""
    if number:
        yield "".join(_either_case(chr(octet)) for octet in number)


def _text_of(number: bytes) -> Iterator[str]:
    """The serial number as the text that it is, where that differs from its octets."""
    text = number.decode("utf-8", "ignore")
    if not text.isascii() and len(text) >= SHORTEST_SERIAL:
        yield "".join(map(_either_case, text))


def _one(octet: int) -> str:
    return re.escape(chr(octet))


def _two_digits(octet: int) -> str:
    return "".join(_either_case(digit) for digit in f"{octet:02x}")


def _either_case(one: str) -> str:
    low, high = one.lower(), one.upper()
    return f"[{low}{high}]" if one.isascii() and low != high else re.escape(one)


def _filler(secret: bytes) -> int:
    """An octet that is in no secret and no hexadecimal number, so that nothing new can come about."""
    taken = {*secret, *b"0123456789abcdefABCDEF\\-:_. "}
    free: list[int] = [octet for octet in (*_USUAL_FILLER, *range(256)) if octet not in taken]
    return free[0]
