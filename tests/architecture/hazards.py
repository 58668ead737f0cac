"""The page of hazards: what can go wrong, which row of the faults table and which tests answer it.

    python -m tests.architecture.hazards > docs/hazards.md

Made from the catalogue `hazards.toml` beside this file and from the faults table itself. `test_hazards.py` holds the
catalogue, the table, the tests and the page together; this module only reads and writes.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from treadctl.control.faults import TABLE, Fault

HERE = Path(__file__).resolve().parent
CATALOGUE = HERE / "hazards.toml"
PAGE = HERE.parents[1] / "docs" / "hazards.md"
KEPT = frozenset({"Stop", "Start", "Pause", "Reset", "Bluetooth"})
"""Names keep their capital after a colon."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """One hazard, as the catalogue has it."""

    id: str
    cause: str
    seen: str
    happens: str
    leads_to: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()
    unseen: str = ""
    unbuilt: tuple[tuple[str, str], ...] = ()

    @property
    def group(self) -> str:
        return self.id[0]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All of them. `listed`: the ids there have to be; `features`: what may be called unbuilt, and the files of it."""

    hazards: tuple[Hazard, ...]
    listed: tuple[str, ...]
    groups: dict[str, str]
    features: dict[str, tuple[str, ...]]


def load(path: Path = CATALOGUE) -> Catalogue:
    """The catalogue. A key that is unknown or missing is a TypeError."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    hazards = tuple(_hazard(id, fields) for id, fields in data["hazards"].items())
    features = {name: tuple(files) for name, files in data["unbuilt"].items()}
    return Catalogue(hazards, tuple(data["listed"]), data["groups"], features)


def _hazard(id: str, fields: dict[str, Any]) -> Hazard:
    lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    unbuilt = tuple(fields.get("unbuilt", {}).items())
    return Hazard(id, **{**fields, **lists, "unbuilt": unbuilt})


# --- the page --------------------------------------------------------------------------------------------------------

_HEAD = (
    "# Hazards and what answers them",
    "",
    "Made by `python -m tests.architecture.hazards > docs/hazards.md`; do not edit. What is told here of belts is",
    "*simulated*: no real machine has been measured yet.",
    "",
    "The first part is the faults table of the program itself: what is watched while a belt may move. The second part",
    "goes through every hazard: its cause, what software can see of it, what then happens, and the tests that show it.",
    "What no software can see says so, and what stands in for it. Every fault, alone in every state of a walk:",
    "[fault-matrix.md](fault-matrix.md).",
    "",
)
_ACTIONS = (
    "The worst action wins. A row acts once its condition has held for its time. **STOP** and **LOCKOUT** begin the",
    "stop ladder: Stop, the lowest speed, Pause where it was proved, Reset, a new link, and \"Pull the key\".",
    "",
)


def page(catalogue: Catalogue, table: Sequence[Fault]) -> str:
    """The whole document."""
    lines = [*_HEAD, "## The faults table", "", *_ACTIONS, *_table(table), ""]
    for group, name in catalogue.groups.items():
        lines += [f"## {group}. {name}", ""]
        for hazard in catalogue.hazards:
            if hazard.group == group:
                lines += [*_section(hazard, catalogue.hazards, table), ""]
    return "\n".join([*lines, *_unbuilt(catalogue)]) + "\n"


def _table(table: Sequence[Fault]) -> Iterator[str]:
    yield "| condition | watched | action | after | ends | said | answers |"
    yield "|---|---|---|---|---|---|---|"
    for fault in table:
        after = f"{fault.after / 1000:g} s" if fault.after else "at once"
        said = f"\"{fault.spoken}\"" if fault.spoken else ""
        name = f"{fault.name}: {fault.what}" if fault.what else fault.name
        yield (f"| {name} | {fault.when.value} | {fault.action.name} | {after} | {fault.clearing.value} | {said} "
               f"| {_links(fault.hazards)} |")


def _links(ids: Iterable[str]) -> str:
    return ", ".join(f"[{id}](#{id.lower()})" for id in ids)


def _section(hazard: Hazard, hazards: Sequence[Hazard], table: Sequence[Fault]) -> Iterator[str]:
    rows = [f"*{fault.name}*" for fault in table if hazard.id in fault.hazards]
    causes = [other.id for other in hazards if hazard.id in other.leads_to]
    yield f"### {hazard.id}"
    yield ""
    yield f"**{hazard.cause}.**"
    if hazard.leads_to:
        yield f"Leads to {_links(hazard.leads_to)}."
    if causes:
        yield f"Comes of {_links(causes)}."
    yield ""
    yield f"- Software sees: {_lower(hazard.seen)}"
    yield f"- Then: {_lower(hazard.happens)}"
    if rows:
        yield f"- Faults: {', '.join(rows)}"
    yield from _evidence(hazard)


def _lower(sentence: str) -> str:
    """A sentence after a colon."""
    kept = sentence.split(maxsplit=1)[0].rstrip(";,") in KEPT
    return sentence if kept else sentence[:1].lower() + sentence[1:]


def _evidence(hazard: Hazard) -> Iterator[str]:
    if hazard.unseen:
        yield f"- Not visible to software: {hazard.unseen}"
    for feature, what in hazard.unbuilt:
        yield f"- Not built yet: {feature} ({what})"
    if hazard.tests:
        yield "- Tests:"
        yield from (f"  - {_readable(test)}" for test in hazard.tests)
    if hazard.proofs:
        yield "- Walked with real processes by `python3 run.py kills`:"
        yield from (f"  - {_readable(proof)}" for proof in hazard.proofs)


def _readable(place: str) -> str:
    """A node id as the sentence that its name is, and its file."""
    file, _, name = place.partition("::")
    name, _, parameter = name.partition("[")
    words = name.removeprefix("test_").replace("_", " ")
    return f"{words}{f' ({parameter[:-1]})' if parameter else ''} · `{file}`"


def _unbuilt(catalogue: Catalogue) -> Iterator[str]:
    yield "## Not built yet"
    yield ""
    for feature in catalogue.features:
        waiting = [hazard.id for hazard in catalogue.hazards if feature in dict(hazard.unbuilt)]
        yield f"- {feature}: {_links(waiting)}"


def main() -> int:
    """Print the page."""
    sys.stdout.write(page(load(), TABLE))
    return 0


if __name__ == "__main__":
    sys.exit(main())
