"""Starts the walks that end badly beside the other tests: they take most of a minute, nearly all of it waiting."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="session", autouse=True)
def walks(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str] | None]:
    """The process of `endings`, under way since the first test of this folder; None where nobody asks for it."""
    asked = any("test_walks.py" in item.nodeid for item in request.session.items)
    if not asked or shutil.which("dbus-daemon") is None:
        yield None
        return
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bluez.endings"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.terminate()
