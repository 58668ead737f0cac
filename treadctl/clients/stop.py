"""`treadctl stop`: stop every belt of this user, from any terminal. The fastest command, so it imports next to nothing.

It asks; a guardian that does not answer in time is ended, and its machine is looked at and stopped by a rescue. So is a
link that a crash left open. It needs no profile, no settings, no event loop and no terminal.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from treadctl.keyline import kill, send_stop
from treadctl.model.errors import ExitCode, Refused
from treadctl.paths import is_simulated, real_paths, sockets

from .streams import tell

ANSWER_LIMIT_S = 0.3
"""Chosen: a guardian answers within milliseconds; one that takes longer than this hangs, and the belt runs on."""
KILL_LIMIT_S = 1.0
RESCUE_LIMIT_S = 30.0
"""Longer than the rescue's own limits together: it always speaks first."""


def run_stop() -> int:
    """Stop all belts. Returns 0, or the exit code of the worst that happened."""
    codes, asked = [], list[Path]()
    real_guardian = False
    for socket in _sockets():
        answer = send_stop(socket, ANSWER_LIMIT_S)
        if answer.pid is None:
            continue  # left over from a guardian that is gone
        if answer.answered:
            real_guardian |= not is_simulated(socket)
            asked.append(socket)
            tell(f"Stop asked of {_whose(socket)}. {answer.reason}".strip())
        else:
            codes.append(_end(socket, answer.pid))
        codes.append(ExitCode.OK)
    if not real_guardian:
        codes += _rescue_orphan()
    if not codes:
        tell("Nothing to stop: treadctl holds no treadmill. If a belt moves, pull the key.")
    if any(_without_a_treadmill(socket) for socket in asked):
        tell("No treadmill is connected there; nothing was stopped. If a belt moves, pull the key.")
    return int(max(codes, default=ExitCode.OK))


def _sockets() -> list[Path]:
    """Raises Refused where they cannot be looked for."""
    try:
        return sockets()
    except Refused as error:
        raise Refused(f"{error} If the belt moves, pull the key.") from None


def _without_a_treadmill(socket: Path) -> bool:
    """Whether the guardian that was asked knows of no belt. Looked at after every stop: it may take a second."""
    from treadctl.model.api import Footer, LinkState, Phase  # noqa: PLC0415  (no stop waits for it)

    from .status import look  # noqa: PLC0415  (as above)

    seen = look(socket)
    if seen is None or seen.snapshot is None:
        return False
    snapshot = seen.snapshot
    nobody = snapshot.link not in (LinkState.CONNECTING, LinkState.UP, LinkState.LOST)
    return nobody and snapshot.footer is Footer.NOTHING and snapshot.phase is Phase.IDLE


def _whose(socket: Path) -> str:
    return "the simulated treadmill" if is_simulated(socket) else "the treadmill"


def _end(socket: Path, pid: int) -> ExitCode:
    """A guardian that hangs: nothing of it may come in the way of the rescue."""
    if not kill(pid, KILL_LIMIT_S):
        print("The process that holds the belt hangs and cannot be ended. Pull the key.", file=sys.stderr)
        return ExitCode.FAULT
    tell(f"The process that held {_whose(socket)} did not answer and was ended.")
    return ExitCode.OK


def _rescue_orphan() -> list[ExitCode]:
    """Look at the machine whose link was never closed, if there is one."""
    last = real_paths().last_address
    try:
        address = last.read_text(encoding="utf-8").strip()
    except OSError:
        return []
    command = [sys.executable, "-P", "-m", "treadctl.guardian", "--rescue", address]
    tell("Looking at the treadmill that a crash left connected. If the belt moves, pull the key.")
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, timeout=RESCUE_LIMIT_S, check=False, start_new_session=True
        )
        report = json.loads(done.stdout)
        tell(report["report"])
        return [ExitCode(report["code"])]
    except (OSError, ValueError, KeyError, subprocess.SubprocessError):
        print("The rescue failed. If the belt moves, pull the key.", file=sys.stderr)
        return [ExitCode.FAULT]
