"""`python3 run.py fuzz`: every reader of foreign octets, fed by a coverage-guided fuzzer.

    python3 run.py fuzz [TARGET …] [--seconds N] [--seed N] [--jobs N] [--grow]
    python3 run.py fuzz TARGET FILE      one input again, without the fuzzer

It begins with the inputs in tests/fuzz/corpus. Exit code 0: nothing found; 5: something was, and the input that did it
is kept in tests/fuzz/found with the command that shows it again. --grow adds the inputs that reached something new.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(words: Sequence[str]) -> int:
    """Do what the words say; the exit code."""
    sys.path.insert(0, str(ROOT))  # this folder is run as a program, so its own parents are not found
    from tests.fuzz.running import fuzz, replay
    from tests.fuzz.targets import MODULES

    parser = argparse.ArgumentParser(prog="run.py fuzz", description="Fuzz what reads foreign octets.")
    parser.add_argument("targets", metavar="TARGET", nargs="*", help=f"of {', '.join(MODULES)} (default: all)")
    parser.add_argument("--seconds", type=int, default=20, help="for each target (default 20)")
    parser.add_argument("--seed", type=int, default=1, help="the fuzzer's dice (default 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="targets at once (default: one a core)")
    parser.add_argument("--grow", action="store_true", help="keep the inputs that reached something new")
    asked = parser.parse_args(words)
    names = list(asked.targets)
    if len(names) == 2 and names[0] in MODULES and names[1] not in MODULES:
        return replay(names[0], Path(names[1]))
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        parser.error(f"there is no target {unknown[0]!r}; there are {', '.join(MODULES)}")
    if min(asked.seconds, asked.jobs, asked.seed) < 1:
        parser.error("--seconds, --seed and --jobs need a number from 1")
    return fuzz(names or list(MODULES), asked.seconds, asked.seed, asked.jobs, asked.grow)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
