"""What the walker said of each walk: one line a walk in a file beside the sessions, and a later line wins.

A line cut off at the end was never confirmed and counts as not said. Any other line that cannot be understood is an
error: a walk that hurt must not become one of which nobody said anything.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from treadctl.files.locks import alone
from treadctl.files.store import PRIVATE, Unreadable, load_plain, read_small, save_plain, shown_path, write_atomic
from treadctl.model import plain
from treadctl.model.answers import UNASKED, Answered, Answers
from treadctl.model.errors import InvalidFile
from treadctl.model.text import safe_text

NAME = "answers.jsonl"
"""In the folder of the data, beside the sessions."""
MOST = 4 * 1024 * 1024
"""Octets; chosen: a walk a day for fifty years, with a new line for the morning after each."""

_SESSION = b'"session": "'


def load_answers(path: Path, only: Collection[str] | None = None) -> dict[str, Answers]:
    """The answers of every session, by its name; `only`: of these, for which not every line is understood. Raises
    InvalidFile."""
    file = shown_path(path)
    try:
        lines = read_small(path, MOST).split(b"\n")[:-1]
    except Unreadable as error:
        if error.missing:
            return {}
        raise InvalidFile(file, 1, 1, f"{error}; repair it, or move it away to start anew") from None
    wanted = None if only is None else {name.encode("utf-8", "replace") for name in only}
    numbered = enumerate(lines, 1)
    found = (_line(file, number, line) for number, line in numbered if line and (wanted is None or _of(line, wanted)))
    return {one.session: one.answers for one in found}


def _of(line: bytes, wanted: Collection[bytes]) -> bool:
    """Whether this line may be of one of these sessions, by a look at where treadctl writes the name."""
    name = line.partition(_SESSION)[2].partition(b'"')[0]
    return name in wanted or not name or b"\\" in name


def _line(file: str, number: int, line: bytes) -> Answered:
    try:
        one: Answered = plain.parse(Answered, line)
    except plain.Malformed as error:
        advice = "treadctl wrote this file, so restore it or take the line out"
        raise InvalidFile(file, number, 1, f"{safe_text(str(error), 200)}; {advice}") from None
    return one


def add_answers(path: Path, session: str, answers: Answers) -> None:
    """Write down what was said of this session, on disk when this returns. Raises OSError."""
    with alone(path):
        _append(path, Answered(session, answers))


def update_answers(path: Path, session: str, change: Callable[[Answers], Answers]) -> None:
    """Add to what was said of this session before. Raises InvalidFile, OSError."""
    with alone(path):
        _append(path, Answered(session, change(load_answers(path).get(session, UNASKED))))


def forget_answers(path: Path, session: str) -> None:
    """Take every line of this session out; all others stay octet by octet. Raises InvalidFile, OSError."""
    if not path.exists():
        return
    with alone(path):
        if session not in load_answers(path):
            return
        lines = read_small(path, MOST).splitlines(keepends=True)
        kept = [line for line in lines if not line.endswith(b"\n") or _line("", 0, line).session != session]
        write_atomic(path, b"".join(kept))


def _append(path: Path, one: Answered) -> None:
    text = json.dumps(plain.dump(one), ensure_ascii=False) + "\n"
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE)
    try:
        _end_cut_line(descriptor)
        os.write(descriptor, text.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _end_cut_line(descriptor: int) -> None:
    """A line that a cut of power left without its end is taken away, so that it does not spoil the next one."""
    size = os.fstat(descriptor).st_size
    data = os.pread(descriptor, size, 0) if 0 < size <= MOST else b""
    if data and not data.endswith(b"\n"):
        os.ftruncate(descriptor, data.rfind(b"\n") + 1)


# --- what was asked ------------------------------------------------------------------------------------------------

ASKED = "asked.json"
"""In the folder of the state."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked only once. `morning`: the session whose morning was asked for; `you`: the first questions were
    offered."""

    morning: str = ""
    you: bool = False


def load_asked(path: Path) -> Asked:
    """Nothing asked where nothing was kept. Raises nothing: the worst is a question that comes twice."""
    try:
        return load_plain(Asked, path) or Asked()
    except InvalidFile:
        return Asked()


def update_asked(path: Path, change: Callable[[Asked], Asked]) -> None:
    """Raises OSError."""
    with alone(path):
        save_plain(path, change(load_asked(path)))
