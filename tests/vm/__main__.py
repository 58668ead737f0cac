"""`python3 run.py vm`: treadctl's wheel, a real kernel and the real bluetoothd in an emulated machine of its own.

Builds the guest (most of it is kept), runs every check of `tests/vm/guest` in it, and prints what they say. Exit code
0: all passed, and the guest's kernel met no bug; 5: not so; 4: the machine cannot run here, and why. What the checks
leave behind lies in a folder that is named at the end.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import platform
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # not this folder: its names must not pass for others

from tests.vm import machine  # noqa: E402
from tests.vm.building import build  # noqa: E402
from tests.vm.debian import CannotBuild  # noqa: E402

CANNOT = 4
LIMIT_S = 900
"""Chosen: three times as long as all checks take with two idle cores."""
PROGRAMS = {
    machine.QEMU: "qemu-system-x86", "apt-get": "apt", "dpkg-deb": "dpkg", "tar": "tar", "zstd": "zstd",
}
"""What a host needs, and the Debian package that has it."""


def main() -> int:
    """Build, run, and say how it ended."""
    options = _options()
    missing = cannot_run()
    if missing:
        print(f"vm: {missing}")
        return CANNOT
    cache = _cache()
    if options.fresh:
        shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "one-at-a-time").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        begin = time.monotonic()
        try:
            guest = build(cache, say)
        except CannotBuild as error:
            print(f"vm: {error}")
            return CANNOT
        versions = ", ".join(" ".join(pair) for pair in guest.versions.items())
        say(f"built in {time.monotonic() - begin:.0f} s: {versions}")
        out = cache / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        out.chmod(0o777)  # whoever the checks are in the guest, they may write here
        outcome = machine.run(guest, out, options.only, options.limit)
    return _tell(outcome, out)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py vm", description="treadctl on a real kernel and a real bluetoothd.")
    parser.add_argument("--only", metavar="WORD", default="", help="only checks with this in their names")
    parser.add_argument("--limit", metavar="S", type=float, default=LIMIT_S, help=f"seconds (default: {LIMIT_S})")
    parser.add_argument("--fresh", action="store_true", help="make everything anew, Debian's packages too")
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


def _tell(outcome: machine.Outcome, out: Path) -> int:
    say(f"what the checks left behind is in {out}")
    for line in outcome.troubles:
        say(f"kernel: {line}")
    ended = f"FAILED: {outcome.wrong}" if outcome.wrong else "passed"
    say(f"{ended} ({outcome.seconds:.0f} s in the machine)")
    return machine.FAILED if outcome.wrong else machine.PASSED


if __name__ == "__main__":
    sys.exit(main())
