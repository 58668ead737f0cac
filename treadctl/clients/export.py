"""`treadctl export`: walks as files for other programs, one file each, and what each format cannot hold.

Each file is written whole or not at all, and none that is there already is touched.
"""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from treadctl.files.sessions import writing_since
from treadctl.files.store import shown_path, write_atomic
from treadctl.model.errors import ExitCode, InvalidFile, UsageError, unusable
from treadctl.model.text import safe_text
from treadctl.sessions.export import LOSSES, Form, Undated, exported
from treadctl.sessions.finding import being_recorded, between, find
from treadctl.sessions.session import read_session

if TYPE_CHECKING:
    from treadctl.paths import Paths

MOST_TOLD = 10
"""Files of which it is said why they were left out; the rest is counted."""
OF_ONE_FILE = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.EISDIR, errno.EFBIG)
"""What a disk says to one file only: to its name, as on a stick of another system, or to its size."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Which walks, as what, and where to."""

    form: Form
    folder: Path
    session: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(slots=True)
class _Done:
    """What became of them so far."""

    made: int = 0
    there: int = 0
    problems: list[str] = field(default_factory=list)


def run_export(paths: Paths, ask: Ask) -> int:
    """Write them. Raises UsageError, Refused; a walk that cannot be read is told and left out (exit 3)."""
    files = _wanted(paths, ask)
    if ask.folder.exists() and not ask.folder.is_dir():
        raise UsageError(f"{shown_path(ask.folder)} is a file; name a folder.")
    done = _Done()
    try:
        for file in files:
            _export(file, ask, done)
    except OSError as error:  # the folder would say the same of every file that is still to come
        if done != _Done():
            _told(ask, done)
        raise unusable(error) from None
    return _told(ask, done)


def _export(file: Path, ask: Ask, done: _Done) -> None:
    """One of them. Raises OSError where the folder would not have the others either."""
    place = ask.folder / f"{file.stem}.{ask.form.value}"
    try:
        if place.exists():
            done.there += 1
            return
        write_atomic(place, exported(read_session(file), ask.form))
        done.made += 1
    except InvalidFile as error:
        done.problems.append(str(error).splitlines()[0])
    except Undated as error:
        done.problems.append(f"{shown_path(file)}: {error}")
    except OSError as error:
        if error.errno not in OF_ONE_FILE:
            raise
        done.problems.append(f"{shown_path(place)} cannot be written ({os.strerror(error.errno).lower()})")


def _wanted(paths: Paths, ask: Ask) -> list[Path]:
    """The walks that have ended; that one has not is said. Raises UsageError, Refused."""
    since, dated = writing_since(paths.runtime), ask.since is not None or ask.until is not None
    if ask.session and dated:
        raise UsageError("One walk was named, and --since or --until names many; leave one of them out.")
    if not dated:
        return [find(paths.sessions, ask.session, since, "export")]
    files = between(paths.sessions, ask.since, ask.until)
    if not files:
        raise UsageError("No walk was recorded on those days; widen --since and --until.")
    ended = [file for file in files if not being_recorded(file, since)]
    if len(ended) < len(files):
        print("Left out: the walk that is being recorded just now; export it when it has ended.", file=sys.stderr)
    return ended


def _told(ask: Ask, done: _Done) -> int:
    problems = done.problems
    for problem in problems[:MOST_TOLD]:
        print(f"Left out: {safe_text(problem, 300)}", file=sys.stderr)
    if len(problems) > MOST_TOLD:
        print(f"And {len(problems) - MOST_TOLD} more.", file=sys.stderr)
    parts = [f"{_files(done.made)} written to {_named(ask.folder)}"]
    if done.there:
        parts.append(f"{_files(done.there)} there already, left as {'it is' if done.there == 1 else 'they are'}")
    if problems:
        parts.append(f"{len(problems)} left out")
    print(f"{'; '.join(parts)}.")
    if done.made:
        print(LOSSES[ask.form])
    return int(ExitCode.INVALID_FILE if problems else ExitCode.OK)


def _named(folder: Path) -> str:
    """A folder at the end of a sentence, where "." would be no name."""
    return shown_path(folder if folder.name not in ("", "..") else folder.resolve())


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def day(option: str, text: str) -> date | None:
    """A date as it is typed. Raises UsageError."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{option} '{safe_text(text)}' is no date; write it like 2026-01-31.") from None
