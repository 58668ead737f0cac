"""How long one `Core.step` takes over a whole simulated walk. Run as a script. Budget: median 50 microseconds."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from treadsim.world import dry_run

from treadctl.control.core import Core
from treadctl.control.events import Effect, Input
from treadctl.files.profile import load_profile
from treadctl.model.units import Ms

TOOK: list[int] = []


class TimedCore(Core):
    """The core with a stopwatch around each step."""

    def step(self, now: Ms, item: Input) -> list[Effect]:
        begin = time.perf_counter_ns()
        effects = super().step(now, item)
        TOOK.append(time.perf_counter_ns() - begin)
        return effects


def main() -> None:
    program = load_profile(Path(__file__).parents[2] / "profiles" / "first-steps.yaml")
    for _ in range(5):
        dry_run(program, core=TimedCore)
    took = sorted(nanoseconds / 1000 for nanoseconds in TOOK)
    p99 = took[len(took) * 99 // 100]
    print(f"{len(took)} steps: median {statistics.median(took):.1f} us, p99 {p99:.1f} us, worst {took[-1]:.0f} us")


if __name__ == "__main__":
    main()
