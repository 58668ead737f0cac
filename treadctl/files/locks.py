"""Locks, rehearsals and today's ticks on disk.

A lock must be on disk before it is spoken, and survive everything: each change replaces the file whole, under a lock
between processes, so that the guardian of one machine cannot undo what another wrote. A file that cannot be read locks
everything. Rehearsals and today's ticks are a convenience the other way round: unreadable means not done yet.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from treadctl.files.store import PRIVATE, PRIVATE_FOLDER, load_plain, save_plain
from treadctl.model.errors import InvalidFile
from treadctl.model.locks import UNREADABLE, Lock


@dataclass(frozen=True, slots=True)
class LockFile:
    """What the lock file holds."""

    locks: tuple[Lock, ...]


@dataclass(frozen=True, slots=True)
class DayFile:
    """What was answered and passed on one day (ISO date). `heard_on`: the last day on which somebody typed the number
    that the voice said, wherever that was; it outlasts the day."""

    day: str
    checked: bool
    reached: bool
    heard_on: str = ""


@dataclass(frozen=True, slots=True)
class OneRehearsal:
    """On this machine (its address) somebody rehearsed, last on this ISO date."""

    address: str
    on: str


@dataclass(frozen=True, slots=True)
class RehearsalFile:
    """On which machines somebody rehearsed."""

    rehearsals: tuple[OneRehearsal, ...]


def load_locks(path: Path) -> tuple[Lock, ...]:
    """All locks, expired ones too; UNREADABLE alone when the file cannot be understood. Raises nothing."""
    try:
        kept = load_plain(LockFile, path)
    except InvalidFile:
        return (UNREADABLE,)
    return kept.locks if kept is not None else ()


def add_lock(path: Path, lock: Lock) -> None:
    """Add a lock, in place of one of the same name. On disk when this returns. Raises OSError."""
    with alone(path):
        others = tuple(kept for kept in _kept(path) if kept.name != lock.name)
        save_plain(path, LockFile((*others, lock)))


def remove_lock(path: Path, name: str) -> bool:
    """Remove the lock of this name; whether there was one. Raises OSError."""
    with alone(path):
        before = _kept(path)
        after = tuple(lock for lock in before if lock.name != name)
        if after != before:
            save_plain(path, LockFile(after))
        return after != before


def set_aside(path: Path, instead: tuple[Lock, ...]) -> Path | None:
    """End the lock of a file that nobody could read: these locks in its place, the file itself under another name.

    At every moment there is a lock file: the damaged one, which locks everything, or the new one. Returns the new name;
    None where an earlier change has put the damaged file aside already. Raises OSError.
    """
    with alone(path):
        found = load_locks(path)
        aside = kept_aside(path) if found == (UNREADABLE,) else None
        others = tuple(lock for lock in found if lock.name not in {UNREADABLE.name, *(one.name for one in instead)})
        save_plain(path, LockFile((*others, *instead)))
        return aside


def kept_aside(path: Path) -> Path:
    """A second name for a damaged file, one that no other file has. Raises OSError."""
    for number in range(1, 1000):
        aside = path.with_name(f"{path.name}.damaged" + (f"-{number}" if number > 1 else ""))
        try:
            os.link(path, aside)
        except FileExistsError:
            if os.path.samefile(path, aside):
                return aside
        else:
            return aside
    raise FileExistsError(errno.EEXIST, "too many damaged files are kept beside it", str(path))


def written_on(path: Path) -> str:
    """The local ISO date on which this file was last written, empty when there is none: no lock in it is younger."""
    try:
        at = path.stat().st_mtime
        return datetime.fromtimestamp(at, tz=UTC).astimezone().date().isoformat()
    except (OSError, ValueError, OverflowError):
        return ""


def _kept(path: Path) -> tuple[Lock, ...]:
    """The locks before a change. A damaged file is kept aside for a look, and its lock stays until it is removed."""
    locks = load_locks(path)
    if locks == (UNREADABLE,) and path.is_file():
        with contextlib.suppress(OSError):
            os.link(path, path.with_name(path.name + ".damaged"))
    return locks


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """One process at a time between reading and replacing `path`. The system drops the lock of a process that dies."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    beside = path.with_name(path.name + ".busy")
    descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def load_day(path: Path, today: str) -> tuple[bool, bool, bool]:
    """Whether today's (ISO date) checklist was answered, its reach test and sound check passed. Raises nothing."""
    kept = _day(path)
    return kept.day == today and kept.checked, kept.day == today and kept.reached, kept.heard_on == today


def ever_heard(path: Path) -> bool:
    """Whether the number that the voice says was ever typed by who heard it. Raises nothing."""
    return bool(_day(path).heard_on)


def remember_day(path: Path, today: str, checked: bool, reached: bool, heard: bool = False) -> None:
    """Keep today's ticks. What was heard elsewhere stays heard. Raises OSError."""
    with alone(path):
        save_plain(path, DayFile(today, checked, reached, today if heard else _day(path).heard_on))


def remember_heard(path: Path, today: str) -> None:
    """Keep that the number was heard today (ISO date): nobody is asked for one again today. Raises OSError."""
    with alone(path):
        save_plain(path, replace(_day(path), heard_on=today))


def _day(path: Path) -> DayFile:
    try:
        return load_plain(DayFile, path) or DayFile("", False, False)
    except InvalidFile:
        return DayFile("", False, False)


def load_rehearsals(path: Path) -> tuple[OneRehearsal, ...]:
    """The machines on which somebody rehearsed; none when the file cannot be understood. Raises nothing."""
    try:
        kept = load_plain(RehearsalFile, path)
    except InvalidFile:
        return ()
    return () if kept is None else kept.rehearsals


def remember_rehearsal(path: Path, address: str, today: str) -> None:
    """Keep that somebody rehearsed on this machine today (ISO date). On disk when this returns. Raises OSError."""
    with alone(path):
        save_plain(path, RehearsalFile((*_elsewhere(path, address), OneRehearsal(address, today))))


def forget_rehearsal(path: Path, address: str) -> None:
    """It is to be rehearsed on this machine again. Raises OSError."""
    if path.exists():
        with alone(path):
            save_plain(path, RehearsalFile(_elsewhere(path, address)))


def _elsewhere(path: Path, address: str) -> tuple[OneRehearsal, ...]:
    return tuple(kept for kept in load_rehearsals(path) if kept.address.upper() != address.upper())
