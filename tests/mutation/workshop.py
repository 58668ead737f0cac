"""Where mutants are made and tried: a private copy of the checkout, in which mutmut runs. The checkout is only read.

mutmut leaves decorated functions alone, so in the copy a property is a method with a property beside it and a cached
function has no cache: what they do stays the same, and they are mutated like everything else. Random tests are left
out: a mutant has to be killed at every run or at none.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

from tests.mutation.mutants import Mutant, Target

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("treadctl", "sim", "tests", "profiles", "pyproject.toml")
PROPERTY = "property_"
"""Begins the name of what was a property."""
KILLED = frozenset({"killed", "timeout", "segfault"})
ALIVE = frozenset({"survived", "no tests"})
PYTEST = ("-m", "not hypothesis", "-p", "tests.mutation.ordering", "--timeout", "20")


class Broken(Exception):
    """mutmut did not come to a result; `str()` says what to look at."""


def try_all(target: Target, place: Path, children: int) -> list[Mutant]:
    """Every mutant of this target, tried in `place`, an empty folder."""
    copy_checkout(target, place)
    log = place / "mutmut.log"
    command = [sys.executable, "-c", "from mutmut.__main__ import cli; cli()", "run", "--max-children", str(children)]
    environment = {**os.environ, "PYTHONPATH": str(place / "sim"), "PYTHONHASHSEED": "0"}
    with log.open("wb") as out:
        done = subprocess.run(command, cwd=place, env=environment, stdout=out, stderr=out, check=False)
    if done.returncode != 0:
        last = log.read_text(encoding="utf-8", errors="replace").replace("\r", "\n").strip().splitlines()[-20:]
        raise Broken("mutmut failed; its last lines:\n    " + "\n    ".join(last))
    return list(results(target, place))


def copy_checkout(target: Target, place: Path) -> None:
    """What the tests need, with mutmut told what to do and every function of the target in reach of it."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, place / name)
    for file in target.files:
        path = place / file
        path.write_text(undecorated(path.read_text(encoding="utf-8")), encoding="utf-8")
    with (place / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write(settings(target))


def undecorated(source: str) -> str:
    """Properties and cached functions as plain ones."""
    beside = rf"\1\2 = property(lambda self: self.{PROPERTY}\2())\n\n\1def {PROPERTY}\2(self)"
    source = re.sub(r"^( +)@property\n +def (\w+)\(self\)", beside, source, flags=re.MULTILINE)
    return re.sub(r"^ *@lru_cache\(.*\)\n", "", source, flags=re.MULTILINE)


def settings(target: Target) -> str:
    """mutmut's table. Five seconds to begin with: a busy host is no timeout."""
    return f"""
[tool.mutmut]
source_paths = ["treadctl"]
only_mutate = {json.dumps(target.files)}
also_copy = ["profiles"]
pytest_add_cli_args_test_selection = {json.dumps(target.tests)}
pytest_add_cli_args = {json.dumps(PYTEST)}
timeout_constant = 5.0
timeout_multiplier = 8.0
use_setproctitle = false
use_git_change_detection = false
"""


def results(target: Target, place: Path) -> Iterator[Mutant]:
    """What mutmut wrote down, file by file."""
    with chdir(place):
        for file in target.files:
            meta = Path("mutants", f"{file}.meta")
            found = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"] if meta.exists() else {}
            for key, code in found.items():
                yield result(file, key, status_by_exit_code[code])


def result(file: str, key: str, status: str) -> Mutant:
    if status in KILLED:
        return Mutant(file, function_of(key), killed=True)
    if status not in ALIVE:
        raise Broken(f"mutant {key} was not judged ({status}); run it again")
    diff = get_diff_for_mutant(key, path=file).replace(PROPERTY, "")
    return Mutant(file, function_of(key), False, changed(diff, "-"), changed(diff, "+"), diff)


def function_of(key: str) -> str:
    """`Class.method` or `function`, out of mutmut's `module.xǁClassǁmethod__mutmut_1` or `module.x_function__...`."""
    mangled = key.rpartition(".")[2].partition("__mutmut_")[0]
    return mangled[2:].replace("ǁ", ".").replace(PROPERTY, "")


def changed(diff: str, sign: str) -> str:
    """The lines that a diff takes away ("-") or adds ("+"), as one."""
    lines = (line[1:].strip() for line in diff.splitlines()[2:] if line.startswith(sign))
    return " ".join(lines)
