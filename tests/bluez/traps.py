"""The page of traps: what machines and Bluetooth do to a client, what treadctl does about it, and what holds that.

    python -m tests.bluez.traps > docs/traps.md

Made from the catalogue `traps.toml` beside this file. `test_traps.py` holds the catalogue, the tests and the page
together; this module only reads and writes.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CATALOGUE = HERE / "traps.toml"
PAGE = HERE.parents[1] / "docs" / "traps.md"


@dataclass(frozen=True, slots=True)
class Trap:
    """One trap. `unheld`: why no test can hold a part of it."""

    id: str
    trap: str
    answer: str
    tests: tuple[str, ...] = ()
    unheld: str = ""

    @property
    def group(self) -> str:
        return self.id[0]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All of them, and the ids there have to be."""

    traps: tuple[Trap, ...]
    listed: tuple[str, ...]
    groups: dict[str, str]


def load(path: Path = CATALOGUE) -> Catalogue:
    """The catalogue. A key that is unknown or missing is a TypeError."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    traps = tuple(_trap(id, fields) for id, fields in data["traps"].items())
    return Catalogue(traps, tuple(data["listed"]), data["groups"])


def _trap(id: str, fields: dict[str, Any]) -> Trap:
    fields["tests"] = tuple(fields.get("tests", ()))
    return Trap(id, **fields)


_HEAD = (
    "# Traps between treadctl and the belt",
    "",
    "Made by `python -m tests.bluez.traps > docs/traps.md`; do not edit. What is held here is held against simulated",
    "machines, and against a mock of BlueZ that behaves as the real one was measured to; no radio has been tested yet.",
    "",
    "Each of these was seen on a real machine or a real Bluetooth stack, here or by the authors of other programs, or",
    "stands in the standard.",
    "",
)


def page(catalogue: Catalogue) -> str:
    """The whole document."""
    lines = [*_HEAD]
    for group, name in catalogue.groups.items():
        lines += [f"## {name}", ""]
        for trap in catalogue.traps:
            if trap.group == group:
                lines += [*_section(trap), ""]
    return "\n".join(lines).rstrip() + "\n"


def _section(trap: Trap) -> Iterator[str]:
    yield f"### {trap.id}"
    yield ""
    yield f"**{trap.trap}**"
    yield ""
    yield trap.answer
    if trap.unheld:
        yield ""
        yield f"Not held by a test: {trap.unheld}"
    if trap.tests:
        yield ""
        yield from (f"- {_readable(test)}" for test in trap.tests)


def _readable(place: str) -> str:
    """A node id as the sentence that its name is, and its file."""
    file, _, name = place.partition("::")
    name, _, parameter = name.partition("[")
    words = name.removeprefix("test_").replace("_", " ")
    return f"{words}{f' ({parameter[:-1]})' if parameter else ''} · `{file}`"


def main() -> int:
    """Print the page."""
    sys.stdout.write(page(load()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
