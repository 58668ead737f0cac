"""What takes long to make is made once in a test run: the first process makes it, the others wait and read it."""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

shared: Path | None = None
"""The folder of this run, set where several processes share it."""


def once(name: str, make: Callable[[], T]) -> T:
    """What `make` makes. It has to be the same in every process, and to survive being pickled."""
    if shared is None:
        return make()
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = shared / f"{name}.pickle"
        if not path.exists():
            path.write_bytes(pickle.dumps(make()))
        found: T = pickle.loads(path.read_bytes())
    return found
