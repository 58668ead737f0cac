"""Which programs were walked on this computer, and when last: what home shows, and what decides about a preview.

Only the first and the last line of a session are read, so that years of them stay quick. Nothing that was walked is
judged here, and what cannot be understood is passed over: at worst a preview is shown once more.
"""

from __future__ import annotations

import os
from pathlib import Path

from treadctl.files.sessions import SUFFIX, ends
from treadctl.model import plain
from treadctl.model.portrait import Fingerprint, fingerprint
from treadctl.model.program import size_problems
from treadctl.model.records import Closed, Opened

MOST_SESSIONS = 1000
"""The newest so many are looked at. Chosen: years of walking, read in a second."""


def last_walked(folder: Path) -> dict[Fingerprint, str]:
    """For each program that moved somebody, when that began last: ISO 8601 in UTC."""
    found: dict[Fingerprint, str] = {}
    for name in _newest(folder):
        if (one := _session(folder / name)) is not None:
            found.setdefault(*one)
    return found


def _newest(folder: Path) -> list[str]:
    """Names of session files begin with their time."""
    try:
        return sorted((name for name in os.listdir(folder) if name.endswith(SUFFIX)), reverse=True)[:MOST_SESSIONS]
    except OSError:
        return []


def _session(path: Path) -> tuple[Fingerprint, str] | None:
    """The program of a session in which somebody walked, and when it began."""
    try:
        first, last = ends(path)
        opened, closed = plain.parse(Opened, first), plain.parse(Closed, last)
    except (OSError, plain.Malformed):
        return None
    if not closed.summary.walked or size_problems(opened.program):
        return None
    return fingerprint(opened.program), opened.started
