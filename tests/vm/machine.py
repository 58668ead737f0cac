"""The emulated machines: how they are started, watched and ended, and what their kernel's words are worth.

Always the software emulator, never the processor's own virtualisation: there are hosts whose /dev/kvm opens and then
hangs with a stock kernel, and a guest that hangs is paused, not ended. Hence a limit on everything. A machine has no
disk and no network; what lasts it writes into one shared folder.

Its time is counted in instructions, a nanosecond each, and waiting takes none: a walk of two minutes is over when its
instructions are, and a host that is busy makes nothing late in it. Only one processor can be had that way.
"""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.vm.building import Guest

QEMU = "qemu-system-x86_64"
KERNEL_LOG, BLUETOOTHD_LOG, EXIT_CODE = "kernel.log", "bluetoothd.log", "exit_code"
PASSED, FAILED = 0, 5
WORDS = ("console=ttyS0", "loglevel=7", "oops=panic", "panic=-1", "mitigations=off")
"""A kernel that oopses ends the machine at once."""
COUNTED = ("-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-smp", "1")
REAL_TIME = ("-accel", "tcg,thread=multi", "-smp", "2")
PROCESSOR = "Nehalem,+rdrand"
"""The emulator is slower at the instructions of newer ones, which nothing here needs."""
TROUBLE = re.compile(
    r"BUG:|BUG at|Oops|WARNING:|Kernel panic|general protection|Call Trace|corruption|soft lockup|stalls on|refcount_t"
)
"""What a kernel says when it met a bug of its own."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: the check's own exit code (None: it did not come to its end) and what the kernel said."""

    code: int | None
    troubles: tuple[str, ...]
    seconds: float
    late: bool = False

    @property
    def wrong(self) -> str:
        """Why it failed; empty when it passed."""
        if self.late:
            return "the time was over before the check was"
        if self.troubles:
            return f"the guest's kernel met a bug: {self.troubles[0]}"
        if self.code is None:
            return "the guest ended before its check did"
        return "" if self.code == PASSED else "the check failed"


def troubles(lines: Iterable[str]) -> tuple[str, ...]:
    """The kernel's lines that tell of a bug in it."""
    return tuple(line.strip() for line in lines if TROUBLE.search(line))


def command(guest: Guest, out: Path, check: str, real_time: bool = False) -> list[str]:
    """The emulator with all its words. The guest's first serial line is the kernel's, the second that of the check.

    `check` is a program in the checkout's `tests`.
    """
    return [
        QEMU, *(REAL_TIME if real_time else COUNTED), "-cpu", PROCESSOR, "-m", "1024",
        "-nodefaults", "-nic", "none", "-display", "none", "-no-reboot",
        "-kernel", str(guest.kernel), "-initrd", str(guest.initrd), "-append", " ".join([*WORDS, f"CHECK={check}"]),
        "-serial", f"file:{out / KERNEL_LOG}", "-serial", "stdio",
        "-virtfs", f"local,path={out},mount_tag=out,security_model=none,id=out",
    ]


def run_all(
    guest: Guest, out: Path, checks: Sequence[str], limit_s: float, real_time: bool = False
) -> dict[str, Outcome]:
    """A machine for each check, all at once; one after the other where a machine has to keep up with the clock.

    What a check leaves behind goes to a folder with its name in `out`.
    """

    def one(check: str) -> Outcome:
        folder = out / Path(check).name
        folder.mkdir()
        folder.chmod(0o777)  # whoever the check is in the guest, it may write here
        return run(command(guest, folder, check, real_time), folder, limit_s)

    with ThreadPoolExecutor(1 if real_time else len(checks)) as machines:
        return dict(zip(checks, machines.map(one, checks), strict=True))


def run(words: Sequence[str], out: Path, limit_s: float) -> Outcome:
    """Start it, print what the check says, and wait for its end, but never longer than `limit_s`."""
    begin = time.monotonic()
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    ) as machine:
        late = threading.Event()

        def end() -> None:
            late.set()
            machine.kill()

        limit = threading.Timer(limit_s, end)
        limit.start()
        try:
            for line in machine.stdout or ():
                print(f"  {out.name}: {line.rstrip()}", flush=True)
        finally:
            limit.cancel()
            machine.kill()
    return Outcome(_code(out), troubles(_lines(out / KERNEL_LOG)), time.monotonic() - begin, late.is_set())


def _code(out: Path) -> int | None:
    try:
        return int((out / EXIT_CODE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
