"""Recorded sessions read back as facts: of whole walks, of walks that stopped, and of files that were cut off."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from treadctl.files.sessions import STOPS, recorded, writing_since
from treadctl.model import plain
from treadctl.model.api import Summary
from treadctl.model.outcome import Stop
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.records import Closed, Entry, EventEntry, Opened, SampleEntry
from treadctl.model.units import Speed

PROGRAM = Program("First steps", (Walk(Facing.BACKWARD, 60, Speed(100)),))
NONE_KNOWN: frozenset[str] = frozenset()


def opened(**more: object) -> Opened:
    started = str(more.get("started", "2030-01-07T17:00:00+00:00"))
    return Opened("a-1", started, "0.1.0", "Mill", simulated=bool(more.get("simulated")), program=PROGRAM)


def closed(backward: int = 60_000) -> Closed:
    return Closed(90_000, Summary(True, "", backward, 0, backward, 0.0, 16.0, 1, Speed(100)))


def sample(second: int, facing: Facing | None, speed: int | None) -> SampleEntry:
    shown = None if speed is None else Speed(speed)
    return SampleEntry(second * 1000, shown, shown, None, 0.0, facing, None, 0)


def write(folder: Path, entries: Sequence[Entry], name: str = "a-1", tail: bytes = b"") -> None:
    lines = [json.dumps(plain.dump(entry), separators=(",", ":")).encode() + b"\n" for entry in entries]
    (folder / f"{name}.jsonl").write_bytes(b"".join(lines) + tail)


def test_a_whole_walk(tmp_path: Path) -> None:
    write(tmp_path, [opened(), sample(1, Facing.BACKWARD, 100), EventEntry(2, "stop", "planned"), closed(59_900)])
    (one,), damaged = recorded(tmp_path, NONE_KNOWN)
    assert (one.session, one.program, one.done, one.stops, one.simulated) == ("a-1", PROGRAM, 59, (), False)
    assert damaged == []


@pytest.mark.parametrize(
    ("event", "stop"),
    [
        (EventEntry(1, "fault", "link lost"), Stop.LINK), (EventEntry(1, "fault", "host slept"), Stop.MACHINE),
        (EventEntry(1, "fault", "safety key"), Stop.SAFETY), (EventEntry(1, "stop", "You pressed stop."), Stop.CHOICE),
        (EventEntry(1, "answer", "halted: u"), Stop.UNWELL), (EventEntry(1, "fault", "pain"), Stop.PAIN),
    ],
)  # fmt: skip
def test_what_stopped_a_walk_is_found(tmp_path: Path, event: EventEntry, stop: Stop) -> None:
    write(tmp_path, [opened(), event, event, closed(30_000)])
    assert recorded(tmp_path, NONE_KNOWN)[0][0].stops == (stop,)


def test_every_fault_that_is_named_here_is_in_the_table() -> None:
    from treadctl.control.faults import NAMES, TABLE, Action

    assert set(STOPS) <= NAMES
    ends = {fault.name for fault in TABLE if fault.action >= Action.EASE}
    assert ends - set(STOPS) == {"bout too long", "started at the console"}


def test_heart_and_pain_are_read_from_the_events(tmp_path: Path) -> None:
    pain = [EventEntry(n, "answer", f"pain: {told}") for n, told in enumerate(("2", "4", "3"))]
    write(tmp_path, [opened(), EventEntry(0, "fault", "heart rate high"), *pain, closed()])
    one = recorded(tmp_path, NONE_KNOWN)[0][0]
    assert (one.over_heart, one.pain, one.stops) == (10, 4, ())
    write(tmp_path, [opened(), EventEntry(0, "answer", "pain: s"), closed()])
    assert recorded(tmp_path, NONE_KNOWN)[0][0].pain == 10


def test_a_session_that_was_cut_off_is_nobodys_fault_and_its_seconds_count(tmp_path: Path) -> None:
    samples = [sample(n, Facing.BACKWARD, 100) for n in range(20)]
    others = [sample(20, Facing.FORWARD, 100), sample(21, Facing.BACKWARD, 0), sample(22, Facing.BACKWARD, None)]
    write(tmp_path, [opened(), *samples, *others], tail=b'{"is":"SampleEntry","at":23')
    one = recorded(tmp_path, NONE_KNOWN)[0][0]
    assert (one.done, one.stops) == (20, (Stop.MACHINE,))


def test_damaged_files_are_told_and_hide_nothing(tmp_path: Path) -> None:
    write(tmp_path, [opened(), closed()])
    (tmp_path / "b.jsonl").write_bytes(b"")
    (tmp_path / "c.jsonl").write_bytes(b'{"is":"Opened"}\n')
    (tmp_path / "d.jsonl").write_bytes(b"[" * 100_000)
    (tmp_path / "e.jsonl").mkdir()
    found, damaged = recorded(tmp_path, NONE_KNOWN)
    assert [one.session for one in found] == ["a-1"]
    assert len(damaged) == 4


def test_known_sessions_are_not_read_again_and_no_folder_is_no_session(tmp_path: Path) -> None:
    write(tmp_path, [opened(), closed()])
    assert recorded(tmp_path, frozenset({"a-1"})) == ([], [])
    assert recorded(tmp_path / "none", NONE_KNOWN) == ([], [])


def test_sessions_come_in_the_order_of_time(tmp_path: Path) -> None:
    write(tmp_path, [opened(started="2030-01-09T10:00:00+00:00"), closed()], "a")
    write(tmp_path, [opened(started="2030-01-07T10:00:00+00:00"), closed()], "b")
    assert [one.session for one in recorded(tmp_path, NONE_KNOWN)[0]] == ["b", "a"]


def test_that_somebody_fell_and_what_hurt_before_the_walk_is_found(tmp_path: Path) -> None:
    told = [EventEntry(1, "answer", "pain-before: 2"), EventEntry(1, "answer", "pain-before: 4")]
    write(tmp_path, [opened(), *told, EventEntry(2, "answer", "halted: d"), closed(30_000)])
    (one,), _ = recorded(tmp_path, NONE_KNOWN)
    assert (one.stops, one.pain_before, one.pain) == ((Stop.FALL,), 4, None)


def test_no_pain_is_more_than_ten(tmp_path: Path) -> None:
    write(tmp_path, [opened(), EventEntry(1, "answer", "pain: 99"), closed(30_000)])
    assert recorded(tmp_path, NONE_KNOWN)[0][0].pain == 10


def test_a_session_that_is_being_written_is_left_alone_until_it_has_an_end(tmp_path: Path) -> None:
    write(tmp_path, [opened(), sample(1, Facing.BACKWARD, 100)], "now")
    write(tmp_path, [], "begun")
    write(tmp_path, [opened(), sample(1, Facing.BACKWARD, 100)], "before", b'{"is":"Samp')
    since = (tmp_path / "now.jsonl").stat().st_mtime - 60
    os.utime(tmp_path / "before.jsonl", (since - 1, since - 1))
    found, damaged = recorded(tmp_path, NONE_KNOWN, since)
    assert [one.session for one in found] == ["before"], "what an earlier guardian left behind was cut off"
    assert damaged == []
    write(tmp_path, [opened(), sample(1, Facing.BACKWARD, 100), closed(60_000)], "now")
    found, _ = recorded(tmp_path, NONE_KNOWN, since)
    assert {one.session: one.done for one in found} == {"before": 1, "now": 60}


def test_a_guardian_that_lives_is_told_from_the_socket_of_a_dead_one(tmp_path: Path) -> None:
    assert writing_since(tmp_path) is None
    (tmp_path / "guardian.lock").write_text("1")
    os.utime(tmp_path / "guardian.lock", (1000, 1000))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.bind(str(tmp_path / "guardian.sock"))
        line.listen()
        assert writing_since(tmp_path) == 1000
    assert writing_since(tmp_path) is None
