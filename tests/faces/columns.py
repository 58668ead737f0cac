"""The recorded columns of the table, and the explanations of where they differ. Reads and compares; plays nothing."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
FACES = ("backend", "mock", "vm")
DIFFERENCES = HERE / "differences.toml"
ABSENT = "not played"


@dataclass(frozen=True, slots=True)
class Column:
    """What every scenario came to on one face. The rest is known of the virtual machine only."""

    face: str
    outcomes: Mapping[str, str]
    date: str = ""
    kernel: str = ""
    bluez: str = ""

    def text(self) -> str:
        """As it is recorded."""
        about = {name: getattr(self, name) for name in ("face", "date", "kernel", "bluez") if getattr(self, name)}
        return json.dumps({**about, "outcomes": dict(self.outcomes)}, indent=1, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class Difference:
    """Why a row's columns differ, in one sentence, and what shows it."""

    why: str
    reference: str


def read(path: Path) -> Column:
    """One column. A key that is unknown or missing is a TypeError."""
    return Column(**json.loads(path.read_text(encoding="utf-8")))


def place(face: str) -> Path:
    """Where this face's column is recorded."""
    return HERE / f"{face}.json"


def recorded() -> list[Column]:
    """The columns that there are, in the order of the page."""
    return [read(place(face)) for face in FACES if place(face).exists()]


def differences(path: Path = DIFFERENCES) -> dict[str, Difference]:
    """The explanations, by row."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Difference(**fields) for name, fields in table.items()}


def differing(columns: Sequence[Column]) -> list[str]:
    """The rows that are not the same in every column."""
    rows = dict.fromkeys(name for column in columns for name in column.outcomes)
    return [name for name in rows if len({column.outcomes.get(name, ABSENT) for column in columns}) > 1]


def unexplained(columns: Sequence[Column], explained: Mapping[str, Difference]) -> list[str]:
    """Rows that differ without a sentence on why."""
    return [name for name in differing(columns) if name not in explained]


def outlived(columns: Sequence[Column], explained: Mapping[str, Difference]) -> list[str]:
    """Explanations of rows that do not differ any more, or are not there."""
    found = differing(columns)
    return [name for name in explained if name not in found]


def changes(fresh: Column, old: Column) -> list[str]:
    """What is not as it was recorded, a line a row."""
    rows = dict.fromkeys((*old.outcomes, *fresh.outcomes))
    return [
        f"{name}\n  recorded: {old.outcomes.get(name, ABSENT)}\n  now:      {fresh.outcomes.get(name, ABSENT)}"
        for name in rows if old.outcomes.get(name) != fresh.outcomes.get(name)
    ]
