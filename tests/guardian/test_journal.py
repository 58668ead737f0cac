"""What is on disk after a walk, and what happens to the walk when the disk does not want."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from treadctl.control.events import Context, Tick
from treadctl.control.replay import digest
from treadctl.guardian.journal import QUEUE_LINES, TRACES_KEPT, Journal, Lines
from treadctl.model.api import Summary
from treadctl.model.program import Program
from treadctl.model.records import Closed, EventEntry, Opened
from treadctl.model.units import Speed

OPENED = Opened("20261121T100000Z-abc-1", "", "0.1.0", "Test", True, Program("demo", ()))
CLOSED = Closed(9, Summary(True, "", 0, 0, 0, 0.0, 0.0, 0, Speed(0)))


class Kept:
    """A journal in a folder of its own, and what it told."""

    def __init__(self, home: Path) -> None:
        self.sessions, self.traces = home / "sessions", home / "traces"
        self.told: list[str] = []
        self.journal = Journal(self.sessions, self.traces, self.told.append)

    def lines(self, folder: Path) -> list[dict[str, Any]]:
        """All lines of the only file there."""
        self.journal.close()
        [file] = folder.glob("*.jsonl")
        return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture
def kept(own_folders: Path) -> Kept:
    return Kept(own_folders)


def test_a_session_is_one_file_from_opened_to_closed_with_the_wall_clock_filled_in(kept: Kept) -> None:
    for entry in (OPENED, EventEntry(5, "say", "x"), CLOSED, EventEntry(7, "late")):
        kept.journal.entry(entry)
    lines = kept.lines(kept.sessions)
    assert [line["is"] for line in lines] == ["Opened", "EventEntry", "Closed"]
    assert lines[0]["started"].endswith("+00:00")


def test_files_are_private_and_never_written_over(kept: Kept) -> None:
    kept.journal.entry(OPENED)
    kept.lines(kept.sessions)
    [file] = kept.sessions.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        Lines(file)


def test_a_trace_begins_with_its_context_and_keeps_a_digest_for_every_input(kept: Kept) -> None:
    kept.journal.begin(Context("20261121T100000Z-abc", "0.1.0"))
    kept.journal.step(12, Tick(), [])
    first, second = kept.lines(kept.traces)
    assert first["is"] == "Context"
    assert second == {"now": 12, "input": {"is": "Tick"}, "digest": digest([])}


def test_the_last_twenty_traces_are_kept(kept: Kept) -> None:
    kept.traces.mkdir(parents=True)
    for number in range(25):
        (kept.traces / f"2020{number:02d}.jsonl").touch()
    kept.journal.begin(Context("20261121T100000Z-abc", "0.1.0"))
    kept.journal.close()
    left = sorted(path.name for path in kept.traces.iterdir())
    assert len(left) == TRACES_KEPT and left[0] == "202006.jsonl" and left[-1].startswith("20261121")


def test_a_session_id_cannot_leave_its_folder(kept: Kept) -> None:
    kept.journal.entry(Opened("../../x", "", "0.1.0", "", True, Program("demo", ())))
    assert kept.lines(kept.sessions)[0]["session"] == "../../x"


def test_a_blocked_disk_holds_nobody_and_what_it_cost_is_written_down(kept: Kept) -> None:
    kept.journal.begin(Context("20261121T100000Z-abc", "0.1.0"))
    kept.journal.entry(OPENED)
    free = threading.Event()
    kept.journal.run(lambda: free.wait(10) or None)  # type: ignore[arg-type]
    for now in range(QUEUE_LINES):
        kept.journal.step(now, Tick(), [])
    kept.journal.entry(EventEntry(1, "stop"))  # the session has room where the trace has none
    free.set()
    lines = kept.lines(kept.traces)
    dropped = [line["dropped"] for line in lines if "dropped" in line]
    assert sum(dropped) > 0 and sum(dropped) + len(lines) - 1 - len(dropped) == QUEUE_LINES
    assert any("dropped" in text for text in kept.told)
    assert '"stop"' in next(kept.sessions.iterdir()).read_text()


def test_a_disk_that_fails_is_told_once_and_again_when_it_works(kept: Kept) -> None:
    kept.sessions.touch()  # a file where the folder should be
    for _ in range(3):
        kept.journal.entry(OPENED)
    done = threading.Event()
    kept.journal.run(lambda: None, done.set)
    assert done.wait(5)
    kept.journal.close()
    assert len([text for text in kept.told if text.startswith("Nothing can be recorded")]) == 1


def test_work_for_the_disk_is_reported_done_even_when_it_failed(kept: Kept) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device")

    done = threading.Event()
    kept.journal.run(fail, done.set)
    assert done.wait(5)
    kept.journal.close()
    assert kept.told[0].startswith("Nothing can be recorded (No space left on device)")


def test_a_trace_is_on_disk_long_before_anything_else_is_written(kept: Kept) -> None:
    begun = threading.Event()
    kept.journal.begin(Context("20261121T100000Z-abc", "0.1.0"))
    kept.journal.run(lambda: None, begun.set)
    assert begun.wait(5)
    time.sleep(0.2)  # the thread rests again
    kept.journal.step(12, Tick(), [])
    limit = time.monotonic() + 10
    while time.monotonic() < limit and not any(b"Tick" in path.read_bytes() for path in kept.traces.glob("*")):
        time.sleep(0.05)
    assert time.monotonic() < limit
    kept.journal.close()


def test_a_drive_is_not_asked_to_keep_what_it_has_kept(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    lines = Lines(own_folders / "lines")
    lines.append([1])
    for _ in range(3):
        lines.sync()
    assert len(synced) == 1
    lines.append([2])
    lines.sync()
    assert len(synced) == 2
    lines.close()


def test_a_disk_that_stays_full_is_told_once(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept(own_folders)
    kept.journal.begin(Context("20261121T100000Z-abc", "0.1.0"))
    kept.journal.entry(OPENED)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for number in range(3):
        done = threading.Event()
        kept.journal.run(lambda: None, done.set)
        assert done.wait(5)
        monkeypatch.setattr(Lines, "append", full)
        kept.journal.step(number, Tick(), [])
        kept.journal.entry(EventEntry(number, "say", "x"))
    kept.journal.close()
    assert [text[:7] for text in kept.told] == ["Nothing"]
