"""The plan that is followed and the walks of it, as one private JSON file; a change replaces it whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from treadctl.files.locks import alone
from treadctl.files.store import Unreadable, read_small, shown_path, write_atomic
from treadctl.model import plain
from treadctl.model.errors import InvalidFile
from treadctl.model.plan import Book, Told
from treadctl.model.text import safe_text

NAME = "plan.json"
"""In the folder of the state."""
MOST = 8 * 1024 * 1024
"""Octets; chosen: a walk a day for twenty years."""


def load_book(path: Path) -> Book:
    """The book, an empty one where none was kept. Raises InvalidFile: a past that hurt must not become none."""
    file = shown_path(path)
    try:
        book: Book = plain.parse(Book, read_small(path, MOST), "the file")
    except Unreadable as error:
        if error.missing:
            return Book()
        raise InvalidFile(file, 1, 1, f"{error}; repair it, or move it away to start anew") from None
    except plain.Malformed as error:
        advice = "treadctl wrote this file, so restore it or move it away to start anew"
        raise InvalidFile(file, 1, 1, f"{safe_text(str(error), 200)}; {advice}") from None
    return book


def load_told(path: Path) -> tuple[Told, ...]:
    """The walker's own words on why walks stopped, without reading all walks where there are none. Raises
    InvalidFile."""
    try:
        if b'"Told"' not in read_small(path, MOST):
            return ()
    except Unreadable:
        pass  # said in full below
    return load_book(path).told


def update_book(path: Path, change: Callable[[Book], Book]) -> Book:
    """Read, change and write in one piece, mode 0600. Raises InvalidFile, OSError."""
    with alone(path):
        before = load_book(path)
        after = change(before)
        if after != before:
            write_atomic(path, json.dumps(plain.dump(after), ensure_ascii=False).encode() + b"\n")
        return after
