"""The page of the faces: what every scenario comes to on each, and why where they differ.

    python -m tests.faces.table > docs/faces.md

Made from the recorded columns and `differences.toml` beside this file; `test_faces.py` holds them together.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .columns import ABSENT, Column, Difference, differences, differing, recorded
from .scenarios import SCENARIOS, title

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faces.md"
SAME = "="
_HEAD = """# The faces of the simulated treadmill

Made by `python -m tests.faces.table > docs/faces.md`; do not edit. Everything here is *simulated*: no real machine was
on the other end.

The same simulated treadmill can be reached in three ways, and what a test shows is worth as much as the way it was
reached. So the same scenarios are played on all three, over the same production code, and told letter by letter:

- **backend**: bleak's own classes, with the treadmill inside the process (`treadctl demo`, most tests);
- **mock**: bleak's production Linux backend, a real `dbus-daemon`, and a mock of bluetoothd (`treadsim serve --bluez`);
- **vm**: bleak's production Linux backend, the real bluetoothd and a real kernel over an emulated controller, in a
  virtual machine (`python3 run.py vm`). Where it differs from the others, it is right.
"""
_LEGEND = f"""
`{SAME}` is the same as in the column to the left. Where columns differ, the number leads to why. At every test run
*backend* and *mock* are played anew and have to be as recorded here; *vm* at every `python3 run.py vm`.
"""


def page(columns: Sequence[Column], explained: Mapping[str, Difference]) -> str:
    """The whole document."""
    found = differing(columns)
    lines = [_HEAD, *_measured(columns), _LEGEND, *_table(columns, found), "", "## Where they differ", ""]
    for name in found:
        lines += [*_reason(name, found.index(name) + 1, explained), ""]
    return "\n".join(lines)


def _measured(columns: Sequence[Column]) -> Iterator[str]:
    vm = next((column for column in columns if column.face == "vm"), None)
    if vm is None:
        yield "The virtual machine has not been played yet: its column is absent."
    else:
        yield f"The column *vm* was played on {vm.date} with Linux {vm.kernel} and BlueZ {vm.bluez}."


def _table(columns: Sequence[Column], found: Sequence[str]) -> Iterator[str]:
    yield f"| | scenario | {' | '.join(column.face for column in columns)} |"
    yield f"|---|---|{'---|' * len(columns)}"
    for name in SCENARIOS:
        number = found.index(name) + 1 if name in found else 0
        link = f"[{number}](#difference-{number})" if number else ""
        yield f"| {link} | {_plain(title(name))} | {' | '.join(_cells(columns, name))} |"


def _cells(columns: Sequence[Column], name: str) -> Iterator[str]:
    left = None
    for column in columns:
        said = column.outcomes.get(name, ABSENT)
        yield SAME if said == left else _plain(said)
        left = said


def _plain(text: str) -> str:
    """Text that Markdown leaves as it is, within a table."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _reason(name: str, number: int, explained: Mapping[str, Difference]) -> Iterator[str]:
    yield f"### Difference {number}"
    yield ""
    yield f"**{title(name)}.**"
    if name in explained:
        yield f"{explained[name].why} ({explained[name].reference})"
    else:
        yield "Not explained."


def main() -> int:
    """Print the page."""
    sys.stdout.write(page(recorded(), differences()))
    return 0


__all__ = ["PAGE", "page"]

if __name__ == "__main__":
    sys.exit(main())
