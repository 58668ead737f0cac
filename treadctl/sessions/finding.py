"""Which session is meant: by the name of its file, a part of it, "last", a date, or the path of a file.

Names are looked at and not files, so that ten years of walks cost one listing of a folder. A name begins with the time
of the guardian's start in UTC; days are the reader's own.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from treadctl.files.sessions import SUFFIX, ends
from treadctl.files.store import shown_path
from treadctl.model import plain
from treadctl.model.errors import Refused, UsageError
from treadctl.model.records import Closed, Opened
from treadctl.model.text import safe_text

from .times import began

LAST = "last"
STAMP = "%Y%m%dT%H%M%SZ"
STAMP_LENGTH = 16
MOST_NAMED = 8
NO_FILE = "There is no session file {}; treadctl history names the walks that there are."
NO_WALK = "No walk was recorded in {}; what a simulated walk left with --state DIR is found with --state DIR here, too."
RECORDING = "This walk is being recorded just now; {} it when it has ended."


def names(folder: Path) -> list[str]:
    """The names of all sessions of a folder without their ending, oldest first; none of one that is not there."""
    try:
        found = os.listdir(folder)
    except OSError:
        return []
    return sorted(name.removesuffix(SUFFIX) for name in found if name.endswith(SUFFIX))


def find(folder: Path, word: str, since: float | None = None, do: str = "show") -> Path:
    """The file of the session that `word` names; "last" is the newest that has ended.

    Raises UsageError, which says what there is, and Refused for one that is being recorded, which says `do` it later.
    `since`: `files.sessions.writing_since`.
    """
    if word in ("", LAST):
        ended = (name for name in reversed(names(folder)) if not being_recorded(_file(folder, name), since))
        word = next(ended, "")
    file = _found(folder, word)
    refuse_recording(file, since, do)
    return file


def being_recorded(file: Path, since: float | None) -> bool:
    """Whether a guardian that lives since then may still be writing this session: it has no end yet."""
    if since is None:
        return False
    try:
        if file.stat().st_mtime < since:
            return False
        plain.parse(Closed, ends(file)[1])
    except plain.Malformed:
        return True
    except OSError:
        return False
    return False


def refuse_recording(file: Path, since: float | None, do: str) -> None:
    """Raises Refused."""
    if being_recorded(file, since):
        raise Refused(RECORDING.format(do))


def _found(folder: Path, word: str) -> Path:
    """Raises UsageError."""
    if word.endswith(SUFFIX) and Path(word).is_file():
        return Path(word)
    every = names(folder)
    if "/" in word:
        raise UsageError(NO_FILE.format(shown_path(word)))
    if not every:
        raise UsageError(NO_WALK.format(shown_path(folder)))
    if word in ("", LAST):
        return _file(folder, every[-1])
    wanted = word.removesuffix(SUFFIX)
    if wanted in every:
        return _file(folder, wanted)
    found = _of_day(every, wanted) or [name for name in every if wanted in name]
    if len(found) == 1:
        return _file(folder, found[0])
    if not found and word.endswith(SUFFIX):
        raise UsageError(NO_FILE.format(shown_path(word)))
    if not found:
        raise UsageError(f"No recorded walk is named '{safe_text(word)}'; the newest is {safe_text(every[-1])}.")
    named = ", ".join(safe_text(name) for name in found[-MOST_NAMED:])
    raise UsageError(f"'{safe_text(word)}' names {len(found)} walks; give one of these: {named}.")


def between(folder: Path, since: date | None, until: date | None) -> list[Path]:
    """The sessions of these days, both included; those whose day nobody knows are among them."""
    found = []
    for name in names(folder):
        day = day_of(folder, name)
        if day is None or ((since is None or day >= since) and (until is None or day <= until)):
            found.append(_file(folder, name))
    return found


def day_of(folder: Path, name: str) -> date | None:
    """The reader's day on which it began: by its name, or by its first line where a name says nothing."""
    day = _named_day(name)
    if day is not None:
        return day
    opened = opened_of(_file(folder, name))
    begin = None if opened is None else began(opened.started)
    return None if begin is None else begin.astimezone().date()


def opened_of(path: Path) -> Opened | None:
    """The first line alone; None where it cannot be read."""
    try:
        opened: Opened = plain.parse(Opened, ends(path)[0])
    except (OSError, plain.Malformed):
        return None
    return opened


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}{SUFFIX}"


def _of_day(every: list[str], word: str) -> list[str]:
    try:
        wanted = date.fromisoformat(word)
    except ValueError:
        return []
    if not date.min < wanted < date.max:
        return []
    near = tuple(f"{wanted + timedelta(days=n):%Y%m%d}" for n in (-1, 0, 1))
    return [name for name in every if name.startswith(near) and _named_day(name) == wanted]


def _named_day(name: str) -> date | None:
    try:
        return datetime.strptime(name[:STAMP_LENGTH], STAMP).replace(tzinfo=UTC).astimezone().date()
    except (ValueError, OverflowError):
        return None
