"""What was walked on this computer, read from the two ends of each session."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

from treadctl.files.walked import MOST_SESSIONS, last_walked
from treadctl.model import plain
from treadctl.model.api import Summary
from treadctl.model.portrait import fingerprint
from treadctl.model.program import Facing, Program, Rest, Walk
from treadctl.model.records import Closed, EventEntry, Opened
from treadctl.model.units import Speed

WALK = Walk(Facing.BACKWARD, 60, Speed(100))
PROGRAM = Program("First steps", (WALK,))


def write(folder: Path, name: str, program: Program = PROGRAM, walked: int | None = 60_000) -> Path:
    """A session; `walked` None: it was cut off."""
    day = f"2030-01-{int(name[:2]):02}T17:00:00+00:00"
    entries: list[object] = [Opened(name, day, "0.1.0", "Mill", False, program), EventEntry(1, "start", "x" * 20_000)]
    if walked is not None:
        entries.append(Closed(9, Summary(True, "", walked, 0, walked, 0.0, 0.0, 1, Speed(100))))
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(plain.dump(entry)) + "\n" for entry in entries))
    return path


def test_the_newest_walk_of_a_program_counts(tmp_path: Path) -> None:
    for name in ("07-a", "09-b", "08-c"):
        write(tmp_path, name)
    assert last_walked(tmp_path) == {fingerprint(PROGRAM): "2030-01-09T17:00:00+00:00"}


def test_nothing_is_known_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert last_walked(tmp_path / "none") == {}


def test_a_session_in_which_nobody_walked_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, "07-a", walked=0)
    write(tmp_path, "08-b", walked=None)
    assert last_walked(tmp_path) == {}


def test_the_same_name_with_other_movements_is_another_walk_and_other_words_are_not() -> None:
    faster = replace(PROGRAM, segments=(replace(WALK, speed=Speed(110)),))
    longer = replace(PROGRAM, segments=(WALK, Rest(30)))
    said = replace(PROGRAM, segments=(replace(WALK, say="Small steps.", name="Out", line=9),), summary="Other.")
    assert len({fingerprint(program) for program in (PROGRAM, faster, longer, replace(PROGRAM, name="Two"))}) == 4
    assert fingerprint(said) == fingerprint(PROGRAM)


def test_a_damaged_file_hides_no_other(tmp_path: Path) -> None:
    write(tmp_path, "05-a")
    (tmp_path / "06-b.jsonl").write_bytes(b"\xff" * 10_000)
    (tmp_path / "07-c.jsonl").write_bytes(b"")
    (tmp_path / "08-d.jsonl").mkdir()
    os.mkfifo(tmp_path / "09-e.jsonl")  # read as one would, it would hang
    huge = write(tmp_path, "10-f")
    huge.write_bytes(b'{"is":"Opened"' + b" " * 3_000_000)
    assert list(last_walked(tmp_path).values()) == ["2030-01-05T17:00:00+00:00"]


def test_only_the_newest_are_looked_at(tmp_path: Path) -> None:
    write(tmp_path, "01-a")
    for n in range(MOST_SESSIONS):
        (tmp_path / f"2-{n:05}.jsonl").write_bytes(b"")
    assert last_walked(tmp_path) == {}
