"""Change the safety code a line at a time; the tests have to notice. Run it: `python3 run.py mutate [TARGET ...]`.

For every file: how many mutants its tests killed. It passes (exit code 0) when that are at least 90 % and every
survivor is explained in `survivors.toml`; otherwise 5, with the unexplained ones as diffs. It takes some minutes for
each target and runs behind everything else on this host.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from tests.mutation.mutants import Mutant, Target
from tests.mutation.survivors import change_of, known, outlived, unlisted
from tests.mutation.workshop import Broken, try_all

LEAST_PERCENT = 90
TARGETS = (
    Target(
        "limits", ("treadctl/model/limits.py",), ("tests/model", "tests/control/test_what_part_two_permits.py"),
    ),
    Target(
        "codec",
        (
            "treadctl/ftms/codec.py", "treadctl/ftms/treadmill_data.py", "treadctl/ftms/machine_data.py",
            "treadctl/ftms/control_point.py",
        ),
        ("tests/ftms",),
    ),
    Target(
        "control_point", ("treadctl/control/control_point.py",),
        ("tests/control/test_control_point_procedures.py", "tests/control/test_control_point_outcomes.py"),
    ),
    Target(
        "supervisor",
        (
            "treadctl/control/supervisor.py", "treadctl/control/lookout.py", "treadctl/control/start.py",
            "treadctl/control/stopping.py",
        ),
        (
            "tests/control/test_supervisor_boundaries.py", "tests/control/test_supervisor_beyond_a_walk.py",
            "tests/control/test_supervisor_decides.py", "tests/control/test_supervisor_stops.py",
            "tests/control/test_stop_path.py", "tests/control/test_stop_path_boundaries.py",
            "tests/control/test_ramp_and_supervisor.py", "tests/control/test_rarely_walked_branches.py",
            "tests/control/test_safety_link_and_attendance.py",
        ),
    ),
)


def main(words: Sequence[str]) -> int:
    """Try every mutant of the named targets, or of all. Exit code 0, 2 (usage) or 5."""
    options = arguments(words)
    os.nice(10)
    codes = [judged(target, options.children) for target in TARGETS if target.name in (options.target or names())]
    return max(codes)


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("run.py mutate", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("target", nargs="*", metavar="TARGET", help=f"any of {', '.join(names())}; all without")
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1, help="mutants tried at the same time")
    options = parser.parse_args(words)
    if strange := set(options.target) - set(names()):
        parser.error(f"no such target: {', '.join(sorted(strange))}; there are {', '.join(names())}")
    return options


def names() -> list[str]:
    return [target.name for target in TARGETS]


def judged(target: Target, children: int) -> int:
    """Try one target and say how it went."""
    began = monotonic()
    print(f"{target.name}: mutating, and running {' '.join(target.tests)}", flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="treadctl-mutants-") as place:
            mutants = try_all(target, Path(place), children)
    except Broken as trouble:
        print(f"{target.name}: {trouble}")
        return 5
    good = report(target, mutants)
    print(f"{target.name}: {'passed' if good else 'FAILED'} in {monotonic() - began:.0f} s", flush=True)
    return 0 if good else 5


def report(target: Target, mutants: list[Mutant]) -> bool:
    """The score of every file, then what is not explained. Whether this passes."""
    listed, alive = known(), [mutant for mutant in mutants if not mutant.killed]
    scores = [scored(file, [mutant for mutant in mutants if mutant.file == file]) for file in target.files]
    strange = unlisted(alive, listed)
    for mutant in strange:
        print(f"\n{mutant.diff}\n{change_of(mutant).line()}")
    if strange:
        print(f"\n{len(strange)} unexplained: test what they change, or explain them in tests/mutation/survivors.toml")
    for change in outlived(alive, listed, target.files):
        print(f"take off the list, it is killed or gone ({change.file}):\n{change.line()}")
    return all(scores) and not strange


def scored(file: str, mutants: list[Mutant]) -> bool:
    killed, every = sum(mutant.killed for mutant in mutants), len(mutants)
    if not every:
        print(f"{file}: nothing in it to mutate")
        return True
    print(f"{file}: {killed} of {every} mutants killed, {100 * killed / every:.1f} %; {LEAST_PERCENT} % are needed")
    return 100 * killed >= LEAST_PERCENT * every


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
