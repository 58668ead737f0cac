"""treadctl that says when: `python -P -m tests.bench.stamped screens|guardian ...` takes what the real one takes.

Every octet that is handed to bleak, every change of the clock's rate, and every hold of the screens' event loop is
written to the file that STAMPS names, with the time of CLOCK_MONOTONIC in ns. The screens start such a guardian, too;
where TREADSIM_EVERY is set, its simulated machine sends a sample every so many ms.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

STAMPS = "TREADCTL_STAMPS"
PAINTS = "TREADCTL_PAINTS"
HOLD_S = 1.0
HELD, FREE, RATE = "held", "free", "rate"


def stamp(word: str) -> None:
    """One line, written at once."""
    with open(os.environ[STAMPS], "ab", buffering=0) as file:
        file.write(f"{time.monotonic_ns()} {word}\n".encode())


def guardian(words: list[str]) -> int:
    """A guardian that says what it hands to bleak, before it does."""
    import treadsim.backend
    from bleak import BleakClient

    from tests.bench.rated import rated as sampling
    from treadctl.guardian import process
    from treadctl.guardian.clock import Clock

    handing, rating = BleakClient.write_gatt_char, Clock.run_at

    async def handed(self: BleakClient, characteristic: Any, data: Any, **how: Any) -> None:
        stamp(bytes(data).hex())
        await handing(self, characteristic, data, **how)

    def rated(self: Clock, rate: int) -> None:
        rating(self, rate)
        stamp(f"{RATE}{rate}")

    if "TREADSIM_EVERY" in os.environ:
        vars(treadsim.backend).update(load_quirk=sampling)
    setattr(BleakClient, "write_gatt_char", handed)  # noqa: B010 - mypy does not let a method be replaced
    setattr(Clock, "run_at", rated)  # noqa: B010
    return process.main(words)


def screens(words: list[str]) -> int:
    """The terminal app. SIGUSR1 holds its event loop with work for a second, SIGUSR2 ends that.

    While the clock runs fast nothing is drawn, unless PAINTS says so: it would take most of the processor for nothing.
    """
    from treadctl import cli, client
    from treadctl.clients.tui.app import TreadctlApp

    held, painting = [False], TreadctlApp.repaint

    def hold(*_: object) -> None:
        held[0] = True
        stamp(HELD)
        until = time.monotonic() + HOLD_S
        while held[0] and time.monotonic() < until:
            sum(range(100))  # as a layout does: it holds the interpreter's lock, too
        stamp(FREE)

    def detached(arguments: Sequence[str], **how: Any) -> subprocess.Popen[bytes]:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **how}
        command = [sys.executable, "-P", "-m", __spec__.name, "guardian", *arguments]
        return subprocess.Popen(command, start_new_session=True, cwd="/", **streams)

    def repaint(self: TreadctlApp) -> None:
        if self.state.local.rate == 1 or PAINTS in os.environ:
            painting(self)

    signal.signal(signal.SIGUSR1, hold)
    signal.signal(signal.SIGUSR2, lambda *_: held.__setitem__(0, False))
    vars(client).update(_detached=detached)
    setattr(TreadctlApp, "repaint", repaint)  # noqa: B010
    return cli.main(words)


if __name__ == "__main__":
    sys.exit({"guardian": guardian, "screens": screens}[sys.argv[1]](sys.argv[2:]))
