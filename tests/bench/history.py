"""Ten years of walks: to list them, open one, read all anew. `python -m tests.bench.history [FOLDER]`; no test.

Budgets: of 3,650 and of 10,000 sessions, list and open one in 200 ms each; read 3,650 anew in under a minute. Each walk
has 1,200 samples; 3,650 of them are 580 MB, 10,000 are 1.6 GB. FOLDER keeps them for the next run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

from tests.sessions.made import answers, years
from treadctl.clients.clock import wall_s
from treadctl.clients.history import opened
from treadctl.clients.past import find
from treadctl.clients.past_words import sums_of
from treadctl.paths import Paths, real_paths

YEARS_10, MOST = 3650, 10_000
TIMES = 11
BEGIN = datetime(2016, 11, 1, 17, 0, tzinfo=UTC)
BUDGET_MS, REBUILD_S = 200, 60


def home(root: Path) -> Paths:
    """A person's folders below this one, for us and for the processes that we start."""
    for name in ("runtime", "state", "data", "config"):
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.environ[f"XDG_{name.upper()}_{'DIR' if name == 'runtime' else 'HOME'}"] = str(folder)
    return real_paths()


def filled(root: Path, count: int) -> Paths:
    """With so many walks in ten years and what was told of each; made once."""
    paths = home(root / str(count))
    if not paths.sessions.is_dir() or len(os.listdir(paths.sessions)) != count:
        names = years(paths.sessions, count, 3650 / count, BEGIN)
        (paths.data / "answers.jsonl").write_bytes(answers(names))
    return paths


def told(what: str, spent: list[tuple[float, float]], budget: float) -> None:
    """Milliseconds of wall clock and of processor time: medians, and the worst wall clock."""
    wall, worked = (statistics.median(one[n] for one in spent) * 1000 for n in (0, 1))
    worst = max(one[0] for one in spent) * 1000
    sys.stdout.write(f"{wall:8.0f} ms, worst {worst:6.0f}, processor {worked:6.0f}  (budget {budget:.0f})  {what}\n")
    sys.stdout.flush()


def in_process(do: Callable[[], object], times: int = TIMES) -> list[tuple[float, float]]:
    spent = []
    for _ in range(times):
        began, worked = perf_counter(), process_time()
        do()
        spent.append((perf_counter() - began, process_time() - worked))
    return spent


def as_process(*words: str) -> list[tuple[float, float]]:
    """The whole command, from its start to its end."""
    spent = []
    for _ in range(TIMES):
        began, before = perf_counter(), os.times()
        command = [sys.executable, "-P", "-m", "treadctl", *words]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        after = os.times()
        worked = after.children_user + after.children_system - before.children_user - before.children_system
        spent.append((perf_counter() - began, worked))
    return spent


def measured(paths: Paths, count: int) -> None:
    now = wall_s()
    told(f"{count} sessions read anew", in_process(lambda: find(paths, now, limit=0, anew=True), 1), REBUILD_S * 1000)
    middle = find(paths, now, limit=count // 2).walks[-1].figures.name
    told("list the newest 20, in a process that runs", in_process(lambda: find(paths, now, limit=20)), BUDGET_MS)
    told("open one, in a process that runs", in_process(lambda: opened(paths, middle, now)), BUDGET_MS)
    told("treadctl history list", as_process("history", "list"), BUDGET_MS)
    told("treadctl history show SESSION", as_process("history", "show", middle), BUDGET_MS)
    told("every walk joined and summed up, as the screen does",
         in_process(lambda: sums_of(find(paths, now), now), 3), 1000)  # fmt: skip
    kilobytes = (paths.state / "history.sqlite").stat().st_size // 1000
    sys.stdout.write(f"index: {kilobytes} kB\n")


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        for count in (YEARS_10, MOST):
            measured(filled(root, count), count)


if __name__ == "__main__":
    main()
