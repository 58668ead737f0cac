"""Small files, read without surprises and written so that a cut of power leaves the old or the new, never half.

Reading refuses everything that is not a plain file of bounded size: a pipe or a device under a file's name would hang
or never end. This module must not know what the files mean.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from treadctl.model import plain
from treadctl.model.errors import InvalidFile
from treadctl.model.text import safe_text

T = TypeVar("T")

MAX_STATE = 64 * 1024
"""Octets of a state file (person, locks, day). Chosen: a hundred times what treadctl writes."""
MAX_SHOWN_PATH = 300
TEMPORARY = 40
"""Letters of a name that its temporary file keeps: a name that just fits leaves no room for more of them. Chosen."""
PRIVATE = 0o600
PRIVATE_FOLDER = 0o700


class Unreadable(Exception):
    """A file that cannot be read. `str()` is the rest of a sentence; `missing` says that nothing is there at all."""

    def __init__(self, why: str, missing: bool = False) -> None:
        super().__init__(why)
        self.missing = missing


def shown_path(path: Path | str) -> str:
    """A path as it may be printed: a file's name is as hostile as what is in it."""
    return safe_text(str(path), MAX_SHOWN_PATH)


def read_small(path: Path, limit: int) -> bytes:
    """The octets of a plain file of at most `limit` octets. Raises Unreadable; never blocks on a pipe or a device."""
    try:
        _require_plain(os.stat(path))  # before opening: to open a device may already do something
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with os.fdopen(descriptor, "rb") as file:
            _require_plain(os.fstat(descriptor))
            data = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise Unreadable("there is no such file", missing=True) from None
    except OSError as error:
        raise Unreadable(f"it cannot be read ({(error.strerror or 'unknown error').lower()})") from None
    except ValueError:
        raise Unreadable("this cannot be the name of a file", missing=True) from None
    if len(data) > limit:
        raise Unreadable(f"it is larger than {limit // 1024} KiB")
    return data


def _require_plain(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise Unreadable("it is a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("it is a pipe or a device, not a file")


def write_atomic(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, mode 0600, on disk when this returns. Raises OSError, and then the old file stands."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:TEMPORARY]}.", dir=path.parent)
    except OSError as error:
        error.filename = str(path)  # of the other name nobody knows
        raise
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, PRIVATE)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """A rename is on disk only once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def save_plain(path: Path, value: object) -> None:
    """Write a dataclass as JSON, atomically. Raises OSError."""
    write_atomic(path, json.dumps(plain.dump(value), indent=1, ensure_ascii=False).encode() + b"\n")


def load_plain(kind: type[T], path: Path) -> T | None:
    """The dataclass that `save_plain` wrote, or None where nothing was ever saved. Raises InvalidFile."""
    file = shown_path(path)
    try:
        data = read_small(path, MAX_STATE)
    except Unreadable as error:
        if error.missing:
            return None
        raise InvalidFile(file, 1, 1, f"{error}; repair it, or move it away to start anew") from None
    with _told_by_place(file):
        value: T = plain.load(kind, _parsed(data))
        return value


def _parsed(data: bytes) -> Any:
    return json.loads(data.decode("utf-8"))


@contextlib.contextmanager
def _told_by_place(file: str) -> Iterator[None]:
    """Every way in which JSON can be wrong, as one InvalidFile. RecursionError: brackets nested by the thousand."""
    advice = "treadctl wrote this file, so restore it or move it away to start anew"
    try:
        yield
    except json.JSONDecodeError as error:
        raise InvalidFile(file, error.lineno, error.colno, f"this is not JSON; {advice}") from None
    except plain.Malformed as error:
        raise InvalidFile(file, 1, 1, f"{safe_text(str(error), 200)}; {advice}") from None
    except (UnicodeDecodeError, RecursionError):
        raise InvalidFile(file, 1, 1, f"this is not JSON text; {advice}") from None
    except ValueError:  # a number of thousands of digits: json leaves that to int()
        raise InvalidFile(file, 1, 1, f"a number in it is far too long; {advice}") from None
