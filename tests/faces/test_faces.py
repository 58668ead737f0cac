"""The simulated treadmill does on each of its faces what the page says, and every difference is explained."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faces import columns, compare
from tests.faces.columns import Column, Difference
from tests.faces.run import on_backend, on_mock_side_by_side
from tests.faces.scenarios import SCENARIOS, title
from tests.faces.table import PAGE, page

WHY = Difference("The mock says so.", "mock.py")
HOW_TO_KEEP = "if this is right: python -m tests.faces.run --face {0} --json tests/faces/{0}.json, then the page"


def changed(face: str, outcomes: dict[str, str]) -> str:
    """What is not as recorded, to be read in a failure."""
    found = columns.changes(Column(face, outcomes), columns.read(columns.place(face)))
    return "\n".join([*found, HOW_TO_KEEP.format(face)] if found else [])


async def test_the_backend_does_what_the_page_says() -> None:
    assert changed("backend", await on_backend(list(SCENARIOS))) == ""


@pytest.mark.needs("dbus-daemon")
def test_the_mock_does_what_the_page_says() -> None:
    assert changed("mock", on_mock_side_by_side(list(SCENARIOS))) == ""


def test_every_difference_is_explained_and_nothing_else_is() -> None:
    found, explained = columns.recorded(), columns.differences()
    assert columns.unexplained(found, explained) == []
    assert columns.outlived(found, explained) == []
    assert [name for name, each in explained.items() if not (each.why.endswith(".") and each.reference)] == []


def test_the_page_is_made_from_what_is_recorded() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(columns.recorded(), columns.differences())


def test_every_column_has_every_scenario_in_the_order_of_the_page() -> None:
    for column in columns.recorded():
        assert list(column.outcomes) == list(SCENARIOS)
        assert bool(column.date and column.kernel and column.bluez) == (column.face == "vm")
    assert len({title(name) for name in SCENARIOS}) == len(SCENARIOS) >= 30


# --- the comparison can tell ---------------------------------------------------------------------------------------


def two(mock: str = "ok", name: str = "row") -> list[Column]:
    """Two columns of two rows."""
    return [Column("backend", {"row": "ok", "other": "1"}), Column("mock", {name: mock, "other": "1"})]


@pytest.mark.parametrize("found", [two("ATT 0x0E"), two("OK"), two(name="a new row")])
def test_a_row_that_differs_needs_an_explanation(found: Sequence[Column]) -> None:
    assert "row" in columns.unexplained(found, {})
    assert "row" not in columns.unexplained(found, {"row": WHY})
    assert columns.outlived(found, {"row": WHY}) == []


def test_an_explanation_of_what_does_not_differ_is_pointed_out() -> None:
    assert columns.unexplained(two(), {}) == []
    assert columns.outlived(two(), {"row": WHY, "gone": WHY}) == ["row", "gone"]


def test_an_explanation_without_its_reference_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "differences.toml"
    path.write_text('[row]\nwhy = "Because."\n', encoding="utf-8")
    with pytest.raises(TypeError):
        columns.differences(path)


def test_the_page_leads_from_a_row_that_differs_to_the_reason() -> None:
    name = next(iter(SCENARIOS))
    said = page([Column("backend", {name: "a|b"}), Column("mock", {name: "c"})], {name: WHY})
    assert f"| [1](#difference-1) | {title(name)} | a\\|b | c |" in said
    assert f"### Difference 1\n\n**{title(name)}.**\nThe mock says so. (mock.py)" in said
    assert "The virtual machine has not been played yet" in said


def written(folder: Path, column: Column) -> str:
    path = folder / "fresh.json"
    path.write_text(column.text(), encoding="utf-8")
    return str(path)


def test_a_fresh_column_is_held_against_the_recorded_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = columns.read(columns.place("backend"))
    assert compare.main([written(tmp_path, recorded)]) == 0
    assert capsys.readouterr().out == ""
    name = next(iter(SCENARIOS))
    other = Column("backend", {**recorded.outcomes, name: "nothing"})
    assert compare.main([written(tmp_path, other)]) == 5
    said = capsys.readouterr().out
    assert f"{name}\n  recorded: {recorded.outcomes[name]}\n  now:      nothing" in said and "1 rows" in said
    fewer = Column("backend", {key: value for key, value in recorded.outcomes.items() if key != name})
    assert compare.main([written(tmp_path, fewer)]) == 5
    assert compare.main([]) == 2


def test_a_column_is_read_as_it_was_written(tmp_path: Path) -> None:
    column = Column("vm", {"row": "“…”"}, "2026-11-22", "6.12", "5.66")
    assert columns.read(Path(written(tmp_path, column))) == column
    (tmp_path / "odd.json").write_text(json.dumps({"face": "vm", "outcomes": {}, "weather": "fine"}), encoding="utf-8")
    with pytest.raises(TypeError):
        columns.read(tmp_path / "odd.json")
