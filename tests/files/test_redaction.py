"""A capture that is sent away names neither the unit nor its owner, however the machine writes that down."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.files.captures import Advertisement, Attribute, Capture, Identity, Named, Packet, parse, render
from treadctl.files.redaction import redact

ADDRESS = "C4:DE:E2:1A:2B:3C"
OCTETS = bytes.fromhex("c4dee21a2b3c")
SERIAL = b"SN-20481632"
HARMLESS = bytes.fromhex("8c0458020000000000000b00000000d901")


def runs(octets: bytes) -> Iterator[bytes]:
    """Every part of an address that tells something: three octets that are neither 00 nor FF."""
    for begin in range(len(octets)):
        for end in range(begin + 1, len(octets) + 1):
            if sum(octet not in (0, 255) for octet in octets[begin:end]) >= 3:
                yield octets[begin:end]


def told(data: Any) -> Iterator[bytes]:
    """Every text of a file as octets, hexadecimal ones also as what they stand for."""
    if isinstance(data, str):
        yield data.encode()
        if re.fullmatch(r"(?:[0-9a-f]{2})+", data):
            yield bytes.fromhex(data)
    elif isinstance(data, dict):
        for name, value in data.items():
            yield from told(value) if name not in ("schema", "date", "treadctl", "redacted", "properties") else ()
    elif isinstance(data, list):
        for value in data:
            yield from told(value)


def survivors(capture: Capture, address: bytes, serial: bytes) -> list[tuple[bytes, bytes]]:
    """What is left of an address and a serial number in the file that this capture makes, and where."""
    found = []
    for text in told(json.loads(render(capture))):
        digits = re.sub(rb"\\x|[-:_. ]", b"", text).lower()
        for run in (*runs(address), *runs(address[::-1])):
            if run in text or run.hex().encode() in digits:
                found.append((run, text))
        if len(serial) >= 4 and serial.lower() in text.lower():
            found.append((serial, text))
    return found


def a_capture(name: str = "", values: tuple[bytes, ...] = (), serial: bytes = SERIAL, **more: Any) -> Capture:
    """A capture with these values in everything that holds octets."""
    said = (Attribute("180a", "2a25", value=serial), *(Attribute("1826", "2acc", value=value) for value in values))
    heard = tuple(Packet(ms, "2acd", value) for ms, value in enumerate(values))
    data = tuple(Named("1826", value) for value in values)
    return Capture(machine=Identity(name), attributes=said, heard=heard, advertisement=Advertisement(
        seen=True, service_data=data), **more)


separators = st.sampled_from(["", ":", "-", "_", ".", " ", "\\x"])


@st.composite
def hiding(draw: st.DrawFn, address: bytes, serial: bytes) -> bytes:
    """Octets that hold an address, a part of it or a serial number in some way, among others."""
    begin = draw(st.integers(0, len(address) - 1))
    part = address[begin: draw(st.integers(begin + 1, len(address)))]
    part = part[::-1] if draw(st.booleans()) else part
    digits = draw(separators).join(f"{octet:02x}" for octet in part)
    shown = (digits.upper() if draw(st.booleans()) else digits).encode()
    middle = draw(st.sampled_from([part, shown, serial, serial.upper(), serial.lower(), part + part, shown + serial]))
    return draw(st.binary(max_size=8)) + middle + draw(st.binary(max_size=8))


@st.composite
def indiscreet(draw: st.DrawFn) -> tuple[Capture, str, bytes]:
    """A capture that tells everything, with the address and the serial number it tells."""
    address = draw(st.binary(min_size=6, max_size=6))
    serial = draw(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)).encode()
    values = tuple(draw(st.lists(hiding(address, serial), min_size=1, max_size=4)))
    name = "Mill " + draw(hiding(address, serial)).decode("ascii", "ignore")
    capture = a_capture(name, values, serial, why=f"dev_{'_'.join(f'{octet:02X}' for octet in address)} is gone")
    system_id = address[:2:-1] + b"\xff\xfe" + address[2::-1]
    more = (*capture.attributes, Attribute("180a", "2a23", value=system_id))
    clean = redact(Capture(**{**{n: getattr(capture, n) for n in capture.__slots__}, "attributes": more}),
                   ":".join(f"{octet:02X}" for octet in address))
    return clean, address.hex(), serial


@given(indiscreet())
def test_no_part_of_an_address_and_no_serial_number_survives(found: tuple[Capture, str, bytes]) -> None:
    clean, address, serial = found
    assert survivors(clean, bytes.fromhex(address), serial) == []


@pytest.mark.parametrize(
    "value",
    [
        OCTETS, OCTETS[::-1], OCTETS[3:], OCTETS[:3], OCTETS[::-1][2:5], b"C4:DE:E2:1A:2B:3C", b"c4dee21a2b3c",
        b"3C2B1AE2DEC4", b"1a-2b-3c", b"dev_C4_DE_E2", b"\\x1a\\x2b\\x3c", SERIAL, SERIAL.lower(), b"no " + SERIAL,
    ],
)  # fmt: skip
def test_what_names_the_unit_is_replaced_and_the_length_stays(value: bytes) -> None:
    clean = redact(a_capture(values=(b"<<" + value + b">>",)), ADDRESS)
    assert survivors(clean, OCTETS, SERIAL) == []
    assert [len(one.data) for one in clean.heard] == [len(value) + 4]
    assert clean.heard[0].data[:2] == b"<<" and clean.heard[0].data[-2:] == b">>"
    assert clean.redacted == ("a part of the address, the serial number or the system id: 3",
                              "the serial number (2A25): 1")


def test_what_tells_nothing_of_the_unit_stays_as_it_is() -> None:
    capture = a_capture("Walker FR30z", (HARMLESS, OCTETS[:2], b"SN-2048"), serial=b"")
    clean = redact(capture, ADDRESS)
    assert (clean.heard, clean.machine, clean.redacted) == (capture.heard, capture.machine, ())


@pytest.mark.parametrize("serial", [b"1", b"N/A", b"\0\0\0\0\0\0", b"   "])
def test_a_serial_number_that_is_none_does_not_eat_the_packets(serial: bytes) -> None:
    values = (HARMLESS, b"1 N/A    ", bytes(20))
    clean = redact(a_capture(values=values, serial=serial), "00:00:00:00:12:34")
    assert tuple(one.data for one in clean.heard) == values
    assert clean.attributes[0].value == b"x" * len(serial)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("KS-HD-Z1D", "KS-HD-Z1D"), ("FS-8F3A", "FS-xxxx"), ("Mill 20481632", "Mill xxxxxxxx"), ("Fit_1a2", "Fit_1a2"),
        ("FS-5D0E7A-T", "FS-xxxxxx-T"), ("FS-8F3A ", "FS-xxxx "), ("T 2B:3C two", "T xxxxx two"), ("Omega", "Omega"),
    ],
)  # fmt: skip
def test_digits_of_a_name_that_look_like_a_unit_are_replaced(name: str, shown: str) -> None:
    assert redact(a_capture(name), ADDRESS).machine.name == shown


@pytest.mark.parametrize(("service", "uuid"), [("1800", "2a00"), ("180a", "2a25"), ("180a", "2a23"), ("181c", "2a8a")])
def test_values_that_are_private_are_replaced_as_a_whole(service: str, uuid: str) -> None:
    clean = redact(Capture(attributes=(Attribute(service, uuid, value=b"Anna's"),)), ADDRESS)
    assert clean.attributes[0].value == b"xxxxxx"
    assert len(clean.redacted) == 1


def test_a_system_id_is_found_elsewhere_even_where_it_holds_no_address() -> None:
    system_id = bytes.fromhex("0102030405060708")
    attributes = (Attribute("180a", "2a23", value=system_id),)
    heard = (Packet(0, "fff1", b"<" + system_id[::-1] + b">"), Packet(1, "fff1", system_id.hex().encode()))
    clean = redact(Capture(attributes=attributes, heard=heard), ADDRESS)
    assert [one.data for one in clean.heard] == [b"<xxxxxxxx>", b"x" * 16]


def test_the_filler_is_in_no_secret_so_that_nothing_new_comes_about() -> None:
    clean = redact(a_capture(values=(b"<xxxx>",), serial=b"xxxx"), "78:23:2A:7E:3D:2B")
    assert clean.heard[0].data == b"<%%%%>"


def test_a_redacted_capture_is_a_capture() -> None:
    clean = redact(a_capture("FS-8F3A", (OCTETS,)), ADDRESS)
    assert parse(render(clean).encode()) == clean
