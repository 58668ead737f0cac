"""The person's own file: level, age, flags and limits, as treadctl saved them.

Nobody saved yet means: everybody is level 0. A file that is there but cannot be read is an error, never "nobody": with
it the flags would be gone that make the limits smaller. This module must not decide what a person may do.
"""

from __future__ import annotations

from pathlib import Path

from treadctl.files.store import load_plain, save_plain
from treadctl.model.person import UNKNOWN_PERSON, Person


def load_person(path: Path) -> Person:
    """The person saved there, UNKNOWN_PERSON where none was. Raises InvalidFile when the file cannot be understood."""
    person = load_plain(Person, path)
    return UNKNOWN_PERSON if person is None else person


def save_person(path: Path, person: Person) -> None:
    """Write the person, mode 0600, atomically. Raises OSError."""
    save_plain(path, person)
