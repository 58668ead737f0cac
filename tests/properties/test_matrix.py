"""Every fault of the catalogue alone, in every state, at three speeds; and the page that says what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from treadsim.catalogue import CATALOGUE
from treadsim.matrix import LEVELS, SPEEDS, STATES, WHOLE_WALK, matrix, table, worst

PAGE = Path(__file__).parents[2] / "docs" / "fault-matrix.md"


@pytest.mark.timeout(600)
def test_no_single_fault_in_any_state_violates_an_invariant() -> None:
    """All of them at all speeds, and the page is what came of it.

    One test, because the walks take a minute of CPU time, and side by side each process would walk them anew.
    """
    cells = matrix()
    assert [cell for cell in cells if cell.outcome.startswith("VIOLATED")] == []
    names = {spec.name for spec in CATALOGUE} - WHOLE_WALK
    assert {(cell.name, cell.state, cell.speed) for cell in cells} == {
        (name, state, speed) for name in names for state in STATES for speed in SPEEDS
    }
    assert len(SPEEDS) == len(LEVELS) == 3
    made = table(cells)
    assert PAGE.read_text(encoding="utf-8") == made, "remake it: python -m treadsim.matrix > docs/fault-matrix.md"


def test_a_violation_is_the_worst_of_all_outcomes() -> None:
    assert worst(["stop", "VIOLATED I6", "no effect"]) == "VIOLATED I6"
    assert worst(["told", "stop, alarm", "stop"]) == "stop, alarm"
