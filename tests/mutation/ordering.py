"""A pytest plugin for mutmut's runs: the quickest tests go first, as the first that fails decides."""

from __future__ import annotations

import pytest
from mutmut.state import state


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By the time each took when nothing was mutated; where that is not known yet, as they came."""
    took = state().duration_by_test
    items.sort(key=lambda item: took.get(item.nodeid, 0.0))
