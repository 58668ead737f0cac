"""One profile as one file to send: who it is by, and a checksum that shows whether anything was changed since.

The checksum goes over every character of the file but its own line, so that not even a comment can change unseen. It is
no signature: whoever changes a file on purpose can make a new one, and the file says so. Two lines mark a shared file,
and one of them is enough to be taken for one: a broken mark reads as changed, never as "not shared". This module must
not judge what the profile does.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from treadctl.files.profile.events import MAX_OCTETS
from treadctl.files.profile.writing import written
from treadctl.files.store import Unreadable, read_small
from treadctl.model.program import Program
from treadctl.model.text import MAX_NAME, safe_text

DIGITS = 40
"""Hexadecimal digits of SHA-256 that are kept: 160 bits, and a line that fits a terminal."""
MOST_LISTED = 20
MOST_LOOKED_AT = 200
"""Files of a folder that are looked into, the newest first. Chosen: a Downloads folder may hold thousands."""

_BY = re.compile(r"# A treadctl profile, shared by (.*)")
_SUM = re.compile(rf"# Checksum: ([0-9a-f]{{{DIGITS}}})")
_FOR_EDITORS = "# yaml-language-server:"
"""This line names another file, and a shared file stands alone."""
_NO_PROOF = "# The checksum shows whether anything was changed since; it does not prove who wrote it."


@dataclass(frozen=True, slots=True)
class Shared:
    """What a shared file says of itself: `by` is safe to show and empty where that line is broken."""

    by: str
    unchanged: bool

    def __str__(self) -> str:
        by = f"by {self.by}" if self.by else "by somebody"
        return f"{by}, unchanged" if self.unchanged else f"{by}, CHANGED since shared"


def shared_text(program: Program, by: str) -> str:
    """The file to send. `by` is one line, safe to show and not empty."""
    lines = [line for line in written(program).splitlines() if not line.startswith(_FOR_EDITORS)]
    head, tail = f"# A treadctl profile, shared by {by}\n", "\n".join((_NO_PROOF, *lines, ""))
    return f"{head}# Checksum: {_checksum(head + tail)}\n{tail}"


def look(text: str) -> Shared | None:
    """What this text of a file says of its sharing, None where it was never shared."""
    plain = _plain(text)
    lines = plain.split("\n")
    by = next((match for line in lines[:3] if (match := _BY.fullmatch(line))), None)
    place = next((n for n, line in enumerate(lines[:3]) if _SUM.fullmatch(line)), None)
    if by is None and place is None:
        return None
    name = safe_text(by[1]) if by else ""
    if by is None or place is None:
        return Shared(name, unchanged=False)
    rest = "\n".join((*lines[:place], *lines[place + 1 :]))
    return Shared(name, lines[place] == f"# Checksum: {_checksum(rest)}")


def checksum_of(text: str) -> str:
    """The checksum of this text of a file: of a shared one that which its own line should have."""
    lines = _plain(text).split("\n")
    place = next((n for n, line in enumerate(lines[:3]) if _SUM.fullmatch(line)), None)
    return _checksum("\n".join(lines if place is None else (*lines[:place], *lines[place + 1 :])))


def look_at(path: Path) -> Shared | None:
    """The same for a file; None for one that cannot be read, which whoever opens it is told."""
    try:
        return look(read_small(path, MAX_OCTETS).decode("utf-8"))
    except (Unreadable, UnicodeDecodeError):
        return None


def shared_in(folder: Path) -> list[tuple[Path, Shared]]:
    """The shared profiles in a folder, the newest first; a folder that is not there has none."""
    found = ((path, look_at(path)) for path in newest(folder))
    return [(path, shared) for path, shared in found if shared is not None][:MOST_LISTED]


def newest(folder: Path) -> list[Path]:
    """The files of a folder that are profiles by their name, the newest first; none of a folder that is not there."""
    dated = sorted(_dated(folder), key=lambda one: one[0], reverse=True)
    return [path for _, path in dated[:MOST_LOOKED_AT]]


def _dated(folder: Path) -> Iterator[tuple[float, Path]]:
    try:
        for path in folder.iterdir():
            if path.suffix in (".yaml", ".yml") and path.is_file():
                yield path.stat().st_mtime, path
    except OSError:
        return


def by_line(name: str) -> str:
    """A name as it may stand in a shared file: one line, nothing hidden, not too long."""
    return safe_text(" ".join(name.split()), MAX_NAME)


def _plain(text: str) -> str:
    """Mail and other systems change a byte order mark and every line's end; neither says anything."""
    text = text.removeprefix("\ufeff")
    every = "\r\n" in text and text.count("\n") == text.count("\r\n") == text.count("\r")
    return text.replace("\r\n", "\n") if every else text


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
