"""Every branch of `control` and `ftms` is taken by their own tests; others are named here.

The tests run once more in a process of their own, without the random ones: a branch that is only sometimes taken is not
tested. What counts as a branch, and what is left out, stands in pyproject.toml under `tool.coverage`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTEST = ("-m", "pytest", "-q", "-p", "no:xdist", "-m", "not hypothesis")
WHOLE_WALKS = ("tests/control/test_walks_with_the_simulator.py", "tests/control/test_hazards_on_a_walk.py")
"""Slow, and about more than these packages: what only they take is not tested either."""


def untaken(folder: Path, root: Path, *tests: str) -> dict[str, list[str]]:
    """By file: the lines and branches that these tests of `root` do not take. They have to pass."""
    data, report = folder / "data", folder / "report.json"
    environment = {**os.environ, "COVERAGE_FILE": str(data), "COVERAGE_CORE": "ctrace"}
    run = [sys.executable, "-P", "-m", "coverage", "run", *PYTEST, *tests]
    done = subprocess.run(run, cwd=root, env=environment, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    tell = [sys.executable, "-P", "-m", "coverage", "json", "--fail-under=0", "-q", "-o", str(report)]
    subprocess.run(tell, cwd=root, env=environment, check=True, timeout=60)
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    assert files, "nothing was measured; look at tool.coverage in pyproject.toml"
    return {name: missing for name, file in sorted(files.items()) if (missing := missing_of(file))}


def missing_of(file: dict[str, list[int] | list[list[int]]]) -> list[str]:
    """Lines as "12", branches as "12 to 14"; the end of a function is "exit"."""
    lines = [str(line) for line in file["missing_lines"]]
    ways = [way for way in file["missing_branches"] if isinstance(way, list)]
    return lines + [f"{start} to {'exit' if end < 0 else end}" for start, end in ways]


@pytest.mark.timeout(600)
def test_every_branch_of_control_and_ftms_is_taken(tmp_path: Path) -> None:
    without = [f"--ignore={path}" for path in WHOLE_WALKS]
    assert untaken(tmp_path, ROOT, "tests/control", "tests/ftms", *without) == {}


PLANTED = """
def sign(number: int) -> str:
    if number < 0:
        return "-"
    return "+"


def kind(number: int | str) -> None:
    match number:
        case int():
            print("whole")
        case str():
            print("text")


def twice(words: list[str]) -> None:
    for word in words:
        if word:
            print(word)
"""
TESTS = """
from treadctl.control.planted import kind, sign, twice


def test_all() -> None:
    sign(1)
    kind(1)
    kind("a")
    twice(["a"])
"""


def test_a_planted_branch_that_no_test_takes_is_named(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "treadctl" / "control").mkdir(parents=True)
    (root / "treadctl" / "ftms").mkdir()
    (root / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for package in ("treadctl", "treadctl/control", "treadctl/ftms"):
        (root / package / "__init__.py").write_text("", encoding="utf-8")
    (root / "treadctl/control/planted.py").write_text(PLANTED, encoding="utf-8")
    (root / "test_planted.py").write_text(TESTS, encoding="utf-8")
    found = untaken(tmp_path, root, "test_planted.py")
    assert found == {"treadctl/control/planted.py": ["4", "3 to 4", "18 to 17"]}
