"""Nobody asks the time but the clocks: ruff's banned-API rule says so, and a planted breach is caught."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def banned(*paths: Path) -> subprocess.CompletedProcess[str]:
    """What ruff's banned-API rule says of these, by the project's own settings."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251", "--output-format", "concise"]
    config = ["--config", str(ROOT / "pyproject.toml")]
    return subprocess.run([*command, *config, *map(str, paths)], capture_output=True, text=True, cwd=ROOT, check=False)


def test_nothing_but_a_clock_reads_time() -> None:
    result = banned(ROOT / "treadctl", ROOT / "sim")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "import time as t",
        "from time import monotonic",
        "from time import monotonic_ns as now",
        "import datetime\nx = datetime.datetime.now()",
        "from datetime import datetime\nx = datetime.now()",
        "from datetime import datetime as d\nx = d.utcnow()",
        "from datetime import date\nx = date.today()",
        "import asyncio\nasync def f() -> None:\n    await asyncio.sleep(1)",
        "from asyncio import sleep",
    ],
)
@pytest.mark.parametrize("folder", ["treadctl/control", "treadctl/guardian", "treadctl/clients/tui", "sim/treadsim"])
def test_a_planted_look_at_the_clock_is_caught(line: str, folder: str, tmp_path: Path) -> None:
    planted = tmp_path / folder / "planted.py"
    planted.parent.mkdir(parents=True)
    planted.write_text(line + "\n", encoding="utf-8")
    result = banned(planted)
    assert result.returncode == 1
    assert "TID251" in result.stdout
