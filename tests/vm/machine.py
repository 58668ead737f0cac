"""The emulated machine: how it is started, watched and ended, and what its kernel's words are worth.

Always the software emulator, never the processor's own virtualisation: there are hosts whose /dev/kvm opens and then
hangs with a stock kernel, and a guest that hangs is paused, not ended. Hence a limit on everything. The machine has no
disk and no network; what lasts it writes into one shared folder.
"""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.vm.building import Guest

QEMU = "qemu-system-x86_64"
KERNEL_LOG, BLUETOOTHD_LOG, EXIT_CODE = "kernel.log", "bluetoothd.log", "exit_code"
PASSED, FAILED = 0, 5
WORDS = ("console=ttyS0", "loglevel=7", "oops=panic", "panic=-1", "mitigations=off")
"""A kernel that oopses ends the machine at once."""
TROUBLE = re.compile(
    r"BUG:|BUG at|Oops|WARNING:|Kernel panic|general protection|Call Trace|corruption|soft lockup|stalls on|refcount_t"
)
"""What a kernel says when it met a bug of its own."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: the checks' own exit code (None: they did not come to their end) and what the kernel said."""

    code: int | None
    troubles: tuple[str, ...]
    seconds: float
    late: bool = False

    @property
    def wrong(self) -> str:
        """Why it failed; empty when it passed."""
        if self.late:
            return "the time was over before the checks were"
        if self.troubles:
            return f"the guest's kernel met a bug: {self.troubles[0]}"
        if self.code is None:
            return "the guest ended before its checks did"
        return "" if self.code == PASSED else "a check failed"


def troubles(lines: Iterable[str]) -> tuple[str, ...]:
    """The kernel's lines that tell of a bug in it."""
    return tuple(line.strip() for line in lines if TROUBLE.search(line))


def command(guest: Guest, out: Path, only: str, processors: int = 2) -> list[str]:
    """The emulator with all its words. The guest's first serial line is the kernel's, the second that of the checks."""
    append = " ".join([*WORDS, f"ONLY={only}" if only else ""]).strip()
    return [
        QEMU, "-accel", "tcg,thread=multi", "-cpu", "max,la57=off", "-smp", str(processors), "-m", "1024",
        "-nodefaults", "-nic", "none", "-display", "none", "-no-reboot",
        "-kernel", str(guest.kernel), "-initrd", str(guest.initrd), "-append", append,
        "-serial", f"file:{out / KERNEL_LOG}", "-serial", "stdio",
        "-virtfs", f"local,path={out},mount_tag=out,security_model=none,id=out",
    ]


def run(guest: Guest, out: Path, only: str, limit_s: float) -> Outcome:
    """Start it, print what the checks say, and wait for its end, but never longer than `limit_s`."""
    begin = time.monotonic()
    with subprocess.Popen(
        command(guest, out, only), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace",
    ) as machine:
        late = threading.Event()

        def end() -> None:
            late.set()
            machine.kill()

        limit = threading.Timer(limit_s, end)
        limit.start()
        try:
            for line in machine.stdout or ():
                print(f"  {line.rstrip()}", flush=True)
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
