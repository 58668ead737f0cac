"""Whatever is killed, hung or closed while somebody walks, the true belt comes to a stand: the verdict of `endings`."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.bluez.endings import ENDINGS

pytestmark = [pytest.mark.needs("dbus-daemon"), pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def came_of_it(walks: subprocess.Popen[str] | None) -> dict[str, str]:
    """What was wrong with each walk; empty: nothing."""
    assert walks is not None
    said, _ = walks.communicate(timeout=150)
    found: dict[str, str] = json.loads(said)
    return found


@pytest.mark.parametrize("ending", [ending.__name__ for ending in ENDINGS])
def test_the_belt_stands_still_in_the_end(ending: str, came_of_it: dict[str, str]) -> None:
    assert came_of_it[ending] == "", came_of_it[ending]
