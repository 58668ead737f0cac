"""A session file read whole: whole, torn, shuffled, bent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.model import plain
from treadctl.model.api import Summary
from treadctl.model.errors import InvalidFile
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.records import Closed, Entry, EventEntry, Opened, SampleEntry
from treadctl.model.units import Speed
from treadctl.sessions.session import read_session, session_of

SLOW = Speed(100)
PROGRAM = Program("One", (Walk(Facing.BACKWARD, 60, SLOW),))
OPENED = Opened("a-1", "2030-01-07T17:00:00+00:00", "0.1.0", "Mill", False, PROGRAM)
SAMPLES = tuple(SampleEntry(at * 1000, SLOW, SLOW, None, at / 4, Facing.BACKWARD, 90, 0) for at in range(1, 6))
EVENT = EventEntry(2500, "say", "Backward in five")
CLOSED = Closed(6000, Summary(True, "", 5000, 0, 5000, 0.0, 1.25, 1, SLOW))


def lines(*entries: Entry) -> list[bytes]:
    return [json.dumps(plain.dump(entry), separators=(",", ":")).encode() for entry in entries]


def octets(written: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in written)


WHOLE = lines(OPENED, *SAMPLES[:2], EVENT, *SAMPLES[2:], CLOSED)


def test_a_whole_session(tmp_path: Path) -> None:
    (tmp_path / "a-1.jsonl").write_bytes(octets(WHOLE))
    session = read_session(tmp_path / "a-1.jsonl")
    assert (session.name, session.opened, session.samples, session.events) == ("a-1", OPENED, SAMPLES, (EVENT,))
    assert (session.closed, session.recovered, session.unread) == (CLOSED, False, 0)


def test_a_torn_session_is_recovered_and_loses_its_torn_line_only() -> None:
    session = session_of("a-1", octets(WHOLE[:-1])[:-10])
    assert (session.recovered, session.unread, session.samples) == (True, 1, SAMPLES[:-1])


def test_a_shuffled_session_is_put_in_order() -> None:
    session = session_of("a-1", octets([WHOLE[0], *reversed(WHOLE[1:])]))
    assert (session.samples, session.closed, session.unread) == (SAMPLES, CLOSED, 0)


@given(st.data())
def test_a_flipped_bit_costs_one_line_at_most(data: st.DataObject) -> None:
    body = bytearray(octets(WHOLE[1:]))
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= 1 << data.draw(st.integers(0, 7))
    session = session_of("a-1", WHOLE[0] + b"\n" + bytes(body))
    assert len(session.samples) >= len(SAMPLES) - 2  # a line's end may be what was hit: then two lines are one
    assert len({*session.samples} & {*SAMPLES}) >= len(SAMPLES) - 2


@pytest.mark.parametrize("data", [b"", b"\n", b"{}", b"not json", octets(WHOLE[1:])], ids=repr)
def test_without_a_first_line_the_file_is_refused_with_its_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a-1.jsonl"
    path.write_bytes(data)
    with pytest.raises(InvalidFile, match=r"a-1\.jsonl.*without its first line"):
        read_session(path)


def test_a_file_with_nothing_in_it_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "a-1.jsonl").touch()
    with pytest.raises(InvalidFile, match="it is empty; without its first line"):
        read_session(tmp_path / "a-1.jsonl")


def test_a_program_that_is_too_large_is_not_expanded() -> None:
    program = Program("Bomb", (Walk(Facing.FORWARD, 10**6, SLOW),))
    with pytest.raises(plain.Malformed, match="minutes"):
        session_of("a-1", octets(lines(Opened("a", "", "", "", False, program))))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"gone\.jsonl"):
        read_session(tmp_path / "gone.jsonl")
