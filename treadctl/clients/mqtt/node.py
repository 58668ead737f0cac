"""Who this treadmill is to the house: an id, random once, and the only process that uses it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from treadctl.files.locks import alone
from treadctl.files.store import Unreadable, read_small, shown_path, write_atomic
from treadctl.model.errors import InvalidFile, Refused, unusable

from .topics import ID

FILE = "node"
LOCK = "mqtt.lock"
OCTETS_MAX = 256


def node_id(state: Path) -> str:
    """The id that is kept in this folder, made with the first call. Raises InvalidFile, Refused."""
    path = state / FILE
    try:
        with alone(path):
            with contextlib.suppress(Unreadable):
                return _checked(path, read_small(path, OCTETS_MAX))
            made = f"treadctl_{secrets.token_hex(4)}"
            write_atomic(path, f"{made}\n".encode())
            return made
    except OSError as error:
        raise unusable(error) from None


def _checked(path: Path, data: bytes) -> str:
    found = data.decode("ascii", "replace").strip()
    if not ID.fullmatch(found):
        why = "this is no id of a node; restore it, or remove it to become a new one"
        raise InvalidFile(shown_path(path), 1, 1, why)
    return found


@contextlib.contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Two bridges of one id would throw each other off the broker. Raises Refused."""
    try:
        descriptor = os.open(state / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unusable(error) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Refused("Another treadctl mqtt runs already; end that one first.") from None
    finally:
        os.close(descriptor)
