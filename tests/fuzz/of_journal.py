"""What a walk leaves on disk, under fuzzing: session files and traces, torn anywhere and changed in any way.

The first octet of an input picks session or trace, the second where the session is torn; the rest is the file. A line
is an entry or it is none: nothing is read that does not stand there, and a torn file holds the begin of the whole.
"""

from __future__ import annotations

import json
from typing import Any

from tests.fuzz.files import cpu_bounded, parsed
from treadctl.control.replay import Mismatch, replay
from treadctl.model import plain
from treadctl.model.records import Entry, Opened, SampleEntry
from treadctl.sessions.session import session_of

MAX_LENGTH = 4096
CPU_LIMIT_S = 2.0


def run(data: bytes) -> None:
    """Raises AssertionError, or whatever a reader raises beside Malformed, for a finding."""
    if len(data) < 2:
        return
    with cpu_bounded(CPU_LIMIT_S):
        if data[0] % 2 == 0:
            _session(data[2:], data[1])
        else:
            _trace(data[2:])


def entries(data: bytes) -> list[Any]:
    """The entries of a session file, as history reads them: a line that is none is passed over."""
    found = []
    for line in data.split(b"\n"):
        try:
            found.append(plain.parse(Entry, line))
        except plain.Malformed:
            continue
    return found


def _session(data: bytes, torn: int) -> None:
    whole = entries(data)
    lines = [said for line in data.split(b"\n") if isinstance(said := parsed(line), dict)]
    said = [line for line in lines if line.get("is") in ("Opened", "SampleEntry", "EventEntry", "Closed")]
    assert len(whole) <= len(said)
    waiting = iter(said)
    for entry in whole:
        dumped = plain.dump(entry)
        assert any(_same(line, dumped) for line in waiting), "an entry that stands nowhere in the file"
        if isinstance(entry, SampleEntry):
            assert entry.speed is None or entry.speed >= 0
        assert plain.parse(Entry, json.dumps(dumped)) == entry
    left = data[: len(data) * torn // 256]
    sound = entries(left[: left.rfind(b"\n") + 1])
    assert sound == whole[: len(sound)]
    assert entries(left)[: len(sound)] == sound, "what tore the last line is no matter of those before it"
    _read_whole(data, whole)


def _read_whole(data: bytes, whole: list[Any]) -> None:
    """Read after the walk: what stands behind the first line is there once, in order of time, or it is refused."""
    try:
        session = session_of("x", data)
    except plain.Malformed:
        return
    times = [one.at for one in session.samples], [one.at for one in session.events]
    assert all(found == sorted(found) for found in times)
    behind = [one for one in whole if not isinstance(one, Opened)]
    assert {*session.samples, *session.events} <= {*behind} or b"\r" in data
    assert len(session.samples) + len(session.events) + (session.closed is not None) <= len(behind) or b"\r" in data


def _same(line: dict[str, Any], dumped: dict[str, Any]) -> bool:
    return all(name in dumped and (dumped[name] == value or _near(dumped[name], value)) for name, value in line.items())


def _near(read: Any, written: Any) -> bool:
    """A whole number read into a float, or an object that left its class out."""
    if isinstance(read, float) and isinstance(written, int):
        return read == float(written)
    if isinstance(read, dict) and isinstance(written, dict):
        return _same(written, read)
    if isinstance(read, list) and isinstance(written, list) and len(read) == len(written):
        return all(one == two or _near(one, two) for one, two in zip(read, written, strict=True))
    return False


def _trace(data: bytes) -> None:
    lines = [said for line in data.split(b"\n") if isinstance(said := parsed(line), dict)]
    try:
        found = replay(lines)
    except plain.Malformed:
        return
    assert all(isinstance(one, Mismatch) and 2 <= one.line <= len(lines) for one in found)
    assert replay(lines) == found, "the same trace has to give the same answer"
