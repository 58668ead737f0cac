"""The list of survivors is kept honest at every test run, without mutating anything: that takes minutes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutation.mutants import Mutant
from tests.mutation.survivors import Change, change_of, known, outlived, unlisted

ROOT = Path(__file__).resolve().parents[2]
ALIVE = Mutant("a.py", "f", killed=False, was='return "x"', now="return None")
CHANGE = Change("a.py", "f", 'return "x"', "return None")


@pytest.mark.parametrize("change", sorted(known()), ids=lambda change: f"{change.function}: {change.now[:40]}")
def test_the_line_of_every_listed_survivor_is_still_there(change: Change) -> None:
    source = " ".join((ROOT / change.file).read_text(encoding="utf-8").split())
    assert " ".join(change.was.split()) in source
    assert change.was != change.now and f"def {change.function.rpartition('.')[2]}(" in source


def test_a_survivor_that_is_listed_is_explained_once() -> None:
    listed = Counter([CHANGE])
    assert change_of(ALIVE) == CHANGE
    assert unlisted([ALIVE], listed) == []
    assert unlisted([ALIVE, ALIVE], listed) == [ALIVE]
    assert unlisted([ALIVE], Counter()) == [ALIVE]


def test_an_entry_whose_mutant_is_killed_is_pointed_out_where_it_was_tried() -> None:
    listed = Counter([CHANGE])
    assert outlived([ALIVE], listed, ["a.py"]) == []
    assert outlived([], listed, ["a.py"]) == [CHANGE]
    assert outlived([], listed, ["b.py"]) == []


def test_an_entry_without_a_reason_explains_nothing(tmp_path: Path) -> None:
    path = tmp_path / "survivors.toml"
    entry = f'[[group]]\nfile = "a.py"\nwhy = "%s"\nmutants = [\n{CHANGE.line()}\n]\n'
    path.write_text(entry % "Equivalent.", encoding="utf-8")
    assert known(path) == Counter([CHANGE])
    path.write_text(entry % " ", encoding="utf-8")
    assert known(path) == Counter()
