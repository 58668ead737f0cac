"""Holds a freshly played column against the recorded one of the same face.

    python -m tests.faces.compare FRESH.json

Exit code 0 where every row is as it was, else 5, with the rows that changed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from . import columns

CHANGED = 5
USAGE = 2


def main(words: Sequence[str]) -> int:
    """Compare, and say what changed."""
    if len(words) != 1:
        print("usage: python -m tests.faces.compare FRESH.json", file=sys.stderr)
        return USAGE
    fresh = columns.read(Path(words[0]))
    old = columns.place(fresh.face)
    if not old.exists():
        print(f"There is no recorded column {fresh.face} yet; read the fresh one, and keep it as {old}.")
        return CHANGED
    changed = columns.changes(fresh, columns.read(old))
    for line in changed:
        print(line)
    if changed:
        print(f"{len(changed)} rows are not as recorded. If that is right: keep the fresh file as {old.name}, explain")
        print("new differences in differences.toml, and make the page: python -m tests.faces.table > docs/faces.md")
    return CHANGED if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
