"""The person's own file: level, age, flags, limits and what was said when, as treadctl saved them.

Nobody saved yet means: everybody is level 0. A file that is there but cannot be read is an error, never "nobody": with
it the flags would be gone that make the limits smaller. A field that this version does not know is an error for the
same reason; a field that an older version did not write yet has its first value, so old files load. This module must
not decide what a person may do.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from treadctl.files.locks import alone, kept_aside
from treadctl.files.store import load_plain, save_plain
from treadctl.model.person import UNKNOWN_PERSON, Person


def load_person(path: Path) -> Person:
    """The person saved there, UNKNOWN_PERSON where none was. Raises InvalidFile when the file cannot be understood."""
    person = load_plain(Person, path)
    return UNKNOWN_PERSON if person is None else person


def save_person(path: Path, person: Person) -> None:
    """Write the person, mode 0600, atomically. Raises OSError."""
    save_plain(path, person)


def update_person(path: Path, change: Callable[[Person], Person]) -> Person:
    """Read, change and write in one piece, so that two processes lose nothing. Raises InvalidFile, OSError."""
    with alone(path):
        before = load_person(path)
        after = change(before)
        if after != before:
            save_person(path, after)
        return after


def replace_damaged(path: Path, person: Person) -> Path:
    """Put a person in the place of a file that nobody can read; the new name of the old file. Raises OSError."""
    with alone(path):
        aside = kept_aside(path)
        save_person(path, person)
        return aside
