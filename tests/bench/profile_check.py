"""How long a profile of 1,000 segments takes to check. Run it: `python tests/bench/profile_check.py`; it is no test.

Budget: 100 ms, for files written out, for repeats, and for one that is wrong in every line.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import timeit
from pathlib import Path
from time import process_time

from treadctl.files.profile import check_profile
from treadctl.files.profile.writing import written
from treadctl.model.errors import InvalidFile
from treadctl.model.person import Level
from treadctl.model.program import Facing, Item, Program, Repeat, Rest, Walk
from treadctl.model.units import Incline, Speed

BUDGET_MS = 100
TIMES = 20
HEAD = "treadctl: 1\nname: Long\nsegments:\n"


def milliseconds(path: Path) -> tuple[float, float]:
    """Processor time of one check: the median and the worst."""

    def check() -> None:
        try:
            check_profile(path)
        except InvalidFile:
            return

    spent = timeit.repeat(check, timer=process_time, number=1, repeat=TIMES)
    return statistics.median(spent) * 1000, max(spent) * 1000


def texts() -> dict[str, str]:
    """Profiles of 1,000 segments, each hard in its own way."""
    steps = tuple(Walk(Facing.FORWARD, 14, Speed(250 + n % 50), Incline(n % 30), "Step", "Go on.") for n in range(500))
    mixed: tuple[Item, ...] = tuple(item for step in steps for item in (step, Rest(10, "Rest", "Rest a little.")))
    nested = (Repeat(10, (Repeat(10, (Repeat(5, (steps[0], Rest(10))),)),)),)
    return {
        "written out": written(Program("Long", mixed, Level.L2)),
        "nested repeats": written(Program("Long", nested, Level.L2)),
        "above its level": written(Program("Long", mixed, Level.L0)),
        "wrong in every line": HEAD + "  - {walk: forwards, for: 10, speed: fast}\n" * 1000,
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts().items():
            path = Path(folder) / "long.yaml"
            path.write_text(text, encoding="utf-8")
            median, worst = milliseconds(path)
            sys.stdout.write(f"{median:6.1f} ms, worst {worst:6.1f} ms  {name}\n")
    sys.stdout.write(f"median of {TIMES}; budget {BUDGET_MS} ms\n")


if __name__ == "__main__":
    main()
