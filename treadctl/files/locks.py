"""Locks and today's ticks on disk.

A lock must be on disk before it is spoken, and survive everything: each change replaces the file whole, under a lock
between processes, so that the guardian of one machine cannot undo what another wrote. A file that cannot be read locks
everything. Today's ticks are a convenience the other way round: unreadable means not answered yet.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
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
    """What was answered and passed on one day (ISO date)."""

    day: str
    checked: bool
    reached: bool


def load_locks(path: Path) -> tuple[Lock, ...]:
    """All locks, expired ones too; UNREADABLE alone when the file cannot be understood. Raises nothing."""
    try:
        kept = load_plain(LockFile, path)
    except InvalidFile:
        return (UNREADABLE,)
    return kept.locks if kept is not None else ()


def add_lock(path: Path, lock: Lock) -> None:
    """Add a lock, in place of one of the same name. On disk when this returns. Raises OSError."""
    with _alone(path):
        others = tuple(kept for kept in _kept(path) if kept.name != lock.name)
        save_plain(path, LockFile((*others, lock)))


def remove_lock(path: Path, name: str) -> bool:
    """Remove the lock of this name; whether there was one. Raises OSError."""
    with _alone(path):
        before = _kept(path)
        after = tuple(lock for lock in before if lock.name != name)
        if after != before:
            save_plain(path, LockFile(after))
        return after != before


def _kept(path: Path) -> tuple[Lock, ...]:
    """The locks before a change. A damaged file is kept aside for a look, and its lock stays until it is removed."""
    locks = load_locks(path)
    if locks == (UNREADABLE,) and path.is_file():
        with contextlib.suppress(OSError):
            os.link(path, path.with_name(path.name + ".damaged"))
    return locks


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time between reading and replacing. The system drops the lock of a process that dies."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    beside = path.with_name(path.name + ".busy")
    descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def load_day(path: Path, today: str) -> tuple[bool, bool]:
    """Whether today's (ISO date) checklist was answered and its reach test passed. Raises nothing."""
    try:
        kept = load_plain(DayFile, path)
    except InvalidFile:
        return False, False
    if kept is None or kept.day != today:
        return False, False
    return kept.checked, kept.reached


def remember_day(path: Path, today: str, checked: bool, reached: bool) -> None:
    """Keep today's ticks. Raises OSError."""
    save_plain(path, DayFile(today, checked, reached))
