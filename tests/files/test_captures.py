"""Capture files: written as they are read, and hostile until checked."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from treadctl.files.captures import (
    MAX_FILE,
    MAX_PACKETS,
    SCHEMA,
    Advertisement,
    Attribute,
    Capture,
    Identity,
    Named,
    Origin,
    Packet,
    load_capture,
    parse,
    render,
)
from treadctl.model.errors import InvalidFile

FULL = Capture(
    origin=Origin.PUBLISHED,
    treadctl="0.1.0",
    date="2026-11-22",
    simulated=True,
    machine=Identity("Mill", "Maker", "Model", "1.2"),
    advertisement=Advertisement(True, True, ("1826",), (Named("1826", bytes.fromhex("010100")),), (0x1234,)),
    seconds=30,
    complete=True,
    why="",
    redacted=("the serial number (2A25): 1",),
    attributes=(
        Attribute("1826", "2acc", 3, ("read",), value=b""),
        Attribute("1826", "2acd", 4, ("notify",), subscribed=True),
        Attribute("180a", "2a29", 9, ("read",), why="not read: the machine did not answer"),
    ),
    heard=(Packet(0, "2acd", b"\x00\x01"), Packet(500, "2acd", b"", "an-id", "a source")),
    written=(Packet(7, "2ad9", b"\x07"),),
)


@pytest.mark.parametrize("capture", [FULL, Capture()])
def test_a_capture_comes_back_as_written(capture: Capture, tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(render(capture), encoding="utf-8")
    assert load_capture(path) == capture


def test_the_file_is_json_with_a_schema_and_a_line_for_each_packet() -> None:
    text = render(FULL)
    assert json.loads(text)["schema"] == SCHEMA
    assert '\n  {"ms": 0, "uuid": "2acd", "data": "0001"},\n' in text
    assert '"is"' not in text


def test_a_capture_of_the_greatest_permitted_length_can_be_read() -> None:
    packets = tuple(Packet(600_000, "2acd", bytes(20)) for _ in range(MAX_PACKETS))
    text = render(Capture(heard=packets)).encode()
    assert len(text) < MAX_FILE
    assert len(parse(text).heard) == MAX_PACKETS


def test_a_capture_that_does_not_say_that_it_is_complete_is_not() -> None:
    assert not parse(json.dumps({"schema": SCHEMA}).encode()).complete


def plain(**changes: Any) -> str:
    """The full capture with other fields."""
    return json.dumps({**json.loads(render(FULL)), **changes})


HOSTILE: list[tuple[str, str]] = [
    ("", "this is not JSON"),
    ("{", "this is not JSON"),
    ("[]", "no capture of the format"),
    ("7", "no capture of the format"),
    ("null", "no capture of the format"),
    ("{}", "no capture of the format"),
    (plain(schema="treadctl.capture/2"), "no capture of the format treadctl.capture/1"),
    (plain(schema=["treadctl.capture/1"]), "no capture of the format"),
    (plain(surprise=1), "has no field 'surprise'"),
    (plain(heard={}), "heard has to be a list"),
    (plain(heard=[{}] * (MAX_PACKETS + 1)), "heard has to be a list of at most 50000"),
    (plain(heard=[7]), "has to be an object"),
    (plain(heard=[{"ms": 0, "uuid": "2acd", "data": "0"}]), "hexadecimal"),
    (plain(heard=[{"ms": 0, "uuid": "2acd", "data": "00" * 513}]), "at most 512 octets"),
    (plain(heard=[{"ms": -1, "uuid": "2acd", "data": ""}]), "before the listening began"),
    (plain(heard=[{"ms": 0.5, "uuid": "2acd", "data": ""}]), "ms has to be"),
    (plain(heard=[{"ms": 0, "uuid": "2" * 37, "data": ""}]), "at most 36 characters"),
    (plain(heard=[{"ms": 0, "uuid": "2acd"}]), "missing"),
    (plain(attributes=[{"service": "1826", "uuid": "2acc"}] * 513), "attributes has to be a list of at most 512"),
    (plain(attributes=[{"service": "1826", "uuid": "2acc", "value": 7}]), "hexadecimal"),
    (plain(attributes=[{"service": "1" * 99, "uuid": "2acc"}]), "at most 36 characters"),
    (plain(machine={"name": "x" * 5000}), "name has to be"),
    (plain(machine={"name": 7}), "name has to be"),
    (plain(advertisement={"services": "1826"}), "has to be a list"),
    (plain(seconds=10**30), "seconds has to be"),
    (plain(origin="heaven"), "one of recorded, published"),
    ('{"schema": ' + "9" * 5000 + "}", "choose a capture file"),
    ("[" * 100_000, "nested by the thousand"),
    ('{"schema": "treadctl.capture/1", "why": ' + "[" * 80 + "]" * 80 + "}", "nested more than"),
    (plain(why="\x1b[2J\u202e"), ""),
]


@pytest.mark.parametrize(("text", "wanted"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_capture_is_refused_in_one_sentence_or_harmless(text: str, wanted: str, tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(text, encoding="utf-8")
    if not wanted:
        load_capture(path)
        return
    with pytest.raises(InvalidFile) as caught:
        load_capture(path)
    assert wanted in str(caught.value)
    assert str(caught.value).startswith(f"{path}:") and "\n" not in str(caught.value)


def test_what_is_no_capture_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    pipe, large, octets = tmp_path / "pipe", tmp_path / "large", tmp_path / "octets"
    os.mkfifo(pipe)
    with large.open("wb") as file:
        file.truncate(MAX_FILE + 1)
    octets.write_bytes(b"\xff\xfe")
    for path, wanted in (
        (tmp_path / "none", "no such file"), (tmp_path, "folder"), (pipe, "a pipe"), (large, "larger than 8192 KiB"),
        (octets, "choose a capture file"),
    ):
        with pytest.raises(InvalidFile, match=wanted):
            load_capture(path)
