"""The heart-rate strap that was worn last, on disk. A convenience: what cannot be read counts as none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from treadctl.files.store import load_plain, save_plain
from treadctl.model.errors import InvalidFile


@dataclass(frozen=True, slots=True)
class KeptStrap:
    """A strap by its address, and the name that it gave itself."""

    address: str
    name: str


def load_strap(path: Path) -> KeptStrap | None:
    """The strap that was worn last, or None. Raises nothing."""
    try:
        return load_plain(KeptStrap, path)
    except InvalidFile:
        return None


def remember_strap(path: Path, strap: KeptStrap | None) -> None:
    """From now on this one; None: none. Raises OSError."""
    if strap is None:
        path.unlink(missing_ok=True)
    elif load_strap(path) != strap:
        save_plain(path, strap)
