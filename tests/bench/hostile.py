"""What it takes to refuse hostile workouts, in time and memory. Run it: `python -m tests.bench.hostile`; it is no test.

Budget: each in less than 1 s of processor time, the whole process within 256 MB.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.files.hostile_workouts import write_all

BUDGET_S, BUDGET_MB = 1.0, 256
SHOWN = 8


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(path) for path in write_all(Path(folder))]
        command = [sys.executable, "-P", "-m", "tests.files.hostile_workouts", *paths]
        found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    slowest = sorted(found["files"], key=lambda one: one[2], reverse=True)
    for path, told, seconds in slowest[:SHOWN]:
        sys.stdout.write(f"{seconds * 1000:7.1f} ms  {Path(path).name}: {'refused' if told else 'READ'}\n")
    opened = [path for path, told, _ in found["files"] if not told]
    megabytes = found["peak_kib"] / 1024
    sys.stdout.write(
        f"{len(slowest)} files, {len(opened)} of them read; worst {slowest[0][2]:.2f} s (budget {BUDGET_S} s), "
        f"peak {megabytes:.0f} MB (budget {BUDGET_MB} MB)\n"
    )


if __name__ == "__main__":
    main()
