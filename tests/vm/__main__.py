"""`python3 run.py vm`: treadctl's wheel, a real kernel and the real bluetoothd in emulated machines of their own.

Builds the guest (most of it is kept), runs every check of `tests/vm/guest` in a machine of its own, and prints what
they say. Exit code 0: all passed, and no guest's kernel met a bug; 5: not so; 4: the machine cannot run here, and why.
What the checks leave behind lies in a folder that is named at the end.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # not this folder: its names must not pass for others

from tests.vm import machine  # noqa: E402
from tests.vm.building import Guest, build  # noqa: E402
from tests.vm.debian import CannotBuild  # noqa: E402

CANNOT = 4
CHECKS = "vm/guest"
LIMIT_S = 900
"""For one machine; chosen: five times as long as the slowest takes with the others beside it on two cores."""
PROGRAMS = {
    machine.QEMU: "qemu-system-x86", "apt-get": "apt", "dpkg-deb": "dpkg", "tar": "tar", "zstd": "zstd",
}
"""What a host needs, and the Debian package that has it."""


def main() -> int:
    """Build, run, and say how it ended."""
    options = _options()
    checks = [options.run] if options.run else [check for check in found() if options.only in check]
    if not checks:
        print(f"vm: there is no such check; there are: {', '.join(map(_name, found()))}")
        return machine.FAILED
    missing = cannot_run()
    if missing:
        print(f"vm: {missing}")
        return CANNOT
    try:
        with ready(options.fresh) as (guest, out):
            outcomes = machine.run_all(guest, out, checks, options.limit, options.real_time)
    except CannotBuild as error:
        print(f"vm: {error}")
        return CANNOT
    return tell(outcomes, out)


def found() -> list[str]:
    """Every check, as a path in the checkout's `tests`."""
    names = sorted(path.name for path in (ROOT / "tests" / CHECKS).iterdir() if path.is_file())
    return [f"{CHECKS}/{name}" for name in names]


@contextmanager
def ready(fresh: bool = False) -> Iterator[tuple[Guest, Path]]:
    """The guest, and an empty folder for what is left behind; nobody else runs one meanwhile. Raises CannotBuild."""
    cache = _cache()
    if fresh:
        shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "one-at-a-time").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        begin = time.monotonic()
        guest = build(cache, say)
        versions = ", ".join(" ".join(pair) for pair in guest.versions.items())
        say(f"built in {time.monotonic() - begin:.0f} s: {versions}")
        out = cache / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        yield guest, out


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py vm", description="treadctl on a real kernel and a real bluetoothd.")
    parser.add_argument("--only", metavar="WORD", default="", help="only checks with this in their names")
    parser.add_argument("--run", metavar="FILE", default="", help="this program of tests/ instead of the checks")
    parser.add_argument("--limit", metavar="S", type=float, default=LIMIT_S, help=f"seconds (default: {LIMIT_S})")
    parser.add_argument("--fresh", action="store_true", help="make everything anew, Debian's packages too")
    parser.add_argument("--real-time", action="store_true", help="two processors that keep up with the clock: slow")
    return parser.parse_args()


def cannot_run() -> str:
    """One sentence on why the machine cannot run here; empty when it can."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return "the virtual machine needs Linux on x86-64 (Debian 12 is what it was tried on)."
    missing = " ".join(sorted({package for program, package in PROGRAMS.items() if shutil.which(program) is None}))
    return f"the virtual machine needs programs that are not here; try: sudo apt install {missing}" if missing else ""


def say(text: str) -> None:
    print(f"vm: {text}", flush=True)


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "treadctl-vm"


def tell(outcomes: dict[str, machine.Outcome], out: Path) -> int:
    """How it ended; the exit code."""
    say(f"what was left behind is in {out}")
    for check, outcome in outcomes.items():
        for line in outcome.troubles:
            say(f"{_name(check)}: kernel: {line}")
        ended = f"FAILED: {outcome.wrong}" if outcome.wrong else "passed"
        say(f"{_name(check)}: {ended} ({outcome.seconds:.0f} s)")
    return machine.FAILED if any(outcome.wrong for outcome in outcomes.values()) else machine.PASSED


def _name(check: str) -> str:
    return Path(check).name


if __name__ == "__main__":
    sys.exit(main())
