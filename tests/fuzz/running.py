"""Many fuzzers at once, each a process of its own; what they found is kept, and told so that it can be seen again."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.child import ONCE
from tests.fuzz.targets import CORPUS, target
from tests.fuzz.words import dictionary

ROOT = Path(__file__).resolve().parents[2]
FOUND = Path(__file__).resolve().parent / "found"
MEMORY = Path("/dev/shm")
"""Where there is such a place: thousands of files a second are written."""
FINDING = 5
"""Exit code, as of a walk that was ended by a fault."""
INPUT_LIMIT_S = 10
"""One input may take this long by the clock, on a busy machine; the targets bound the processor's time far closer."""
MEMORY_MB = 512
LINES_TOLD = 25
STARTING_S = 120
"""To import and to read the corpus, on a small busy machine, beyond the time asked for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one target. `kept`: the inputs that did it."""

    name: str
    code: int
    log: str
    kept: tuple[Path, ...]

    @property
    def line(self) -> str:
        """How many inputs were tried, and how much of the code they reached."""
        tried = re.search(r"number_of_executed_units: (\d+)", self.log)
        reached = re.findall(r"cov: (\d+)", self.log)
        how = f"{int(tried[1]):,} inputs" if tried else "ended early"
        return f"{self.name:<15} {how}, {reached[-1] if reached else 0} branches reached"


def fuzz(names: Sequence[str], seconds: int, seed: int, jobs: int, grow: bool) -> int:
    """Fuzz these targets; 0, or 5 when something was found."""
    print(f"fuzzing {len(names)} targets for {seconds} s each, {jobs} at once, seed {seed}", flush=True)
    with ThreadPoolExecutor(jobs) as pool:
        outcomes = list(pool.map(lambda name: _one(name, seconds, seed, grow), names))
    bad = [outcome for outcome in outcomes if outcome.code != 0]
    for outcome in bad:
        _tell(outcome)
    print(f"{len(bad)} of {len(names)} targets have a finding" if bad else "nothing was found")
    return FINDING if bad else 0


def _one(name: str, seconds: int, seed: int, grow: bool) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="treadctl-fuzz-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        new, artifacts = Path(folder) / "new", Path(folder) / "artifacts"
        new.mkdir()
        artifacts.mkdir()
        flags = [f"-max_total_time={seconds}", f"-seed={seed}", "-print_final_stats=1"]
        words = Path(folder) / "words"
        words.write_text(dictionary(name), encoding="ascii")
        flags += [*_limits(name), f"-dict={words}", f"-artifact_prefix={artifacts}/", str(new), *_folders(name)]
        ended = _child(name, flags, seconds + STARTING_S, TMPDIR=folder)
        if grow and ended.returncode == 0:
            _grow(name, new)
        kept = [_keep(name, path) for path in sorted(artifacts.iterdir())]
    outcome = Outcome(name, ended.returncode, ended.stdout, tuple(kept))
    print(outcome.line, flush=True)
    return outcome


def _limits(name: str) -> list[str]:
    sizes = [f"-max_len={target(name).max_length}", f"-rss_limit_mb={MEMORY_MB}"]
    return [*sizes, f"-timeout={INPUT_LIMIT_S}", "-detect_leaks=0"]


def _folders(name: str) -> list[str]:
    return [str(CORPUS / name)] if (CORPUS / name).is_dir() else []


def _child(name: str, flags: Sequence[str], limit: int, **more: str) -> subprocess.CompletedProcess[str]:
    """The fuzzer of one target, to its end. Killed when even its own limits do not end it."""
    command = [*_command(name), *flags]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", **more}
    try:
        return subprocess.run(
            command, cwd=ROOT, env=environment, text=True, errors="replace", stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=limit, check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "the fuzzer did not end", "")


def _command(name: str) -> list[str]:
    return [sys.executable, "-P", "-m", "tests.fuzz.child", name]


def _keep(name: str, artifact: Path) -> Path:
    place = FOUND / name / artifact.name
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(artifact, place)
    return place


def _grow(name: str, new: Path) -> None:
    """Into the corpus, only what reaches a branch that nothing there reaches; how often does not matter."""
    place, again = CORPUS / name, new.parent / "again"
    place.mkdir(parents=True, exist_ok=True)
    again.write_text(f'#!/bin/sh\nexec {shlex.join(_command(name))} "$@"\n', encoding="utf-8")
    again.chmod(0o700)
    flags = ["-merge=1", "-use_counters=0", *_limits(name), str(place), str(new)]
    _child(name, flags, STARTING_S, FUZZ_AGAIN=str(again), TMPDIR=str(new.parent))


def _tell(outcome: Outcome) -> None:
    """The end of the traceback, and how to see it again."""
    lines = outcome.log.splitlines()
    begin = next((n for n, line in enumerate(lines) if "Uncaught Python exception" in line or "ERROR:" in line), 0)
    cause = [line for line in lines[begin:] if not line.startswith(("artifact_prefix", "Base64", "MS:", "0x"))]
    print(f"\n{outcome.name}:\n" + "\n".join(f"    {line}" for line in cause[:LINES_TOLD]))
    for path in outcome.kept:
        print(f"See it again: python3 run.py fuzz {outcome.name} {path.relative_to(ROOT)}")
    if not outcome.kept:
        print(f"No input was kept; run it again alone: python3 run.py fuzz {outcome.name}")


def replay(name: str, path: Path) -> int:
    """One input again, without the fuzzer; 0, or 5 with its traceback. 2 when the file cannot be read."""
    try:
        size = len(path.read_bytes())
    except OSError as error:
        print(f"{path} cannot be read: {error.strerror}", file=sys.stderr)
        return 2
    ended = _child(name, [ONCE, str(path.resolve())], STARTING_S)
    sys.stderr.write(ended.stdout)
    print(f"{name}: {size} octets of {path} do this" if ended.returncode else f"{name}: nothing wrong with {path}")
    return FINDING if ended.returncode else 0
