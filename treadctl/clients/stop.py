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
from treadctl.model.errors import ExitCode
from treadctl.paths import is_simulated, real_paths, sockets

ANSWER_LIMIT_S = 0.3
"""Design, section 9: a guardian that does not answer a stop within 300 ms hangs."""
KILL_LIMIT_S = 1.0
RESCUE_LIMIT_S = 30.0
"""Longer than the rescue's own limits together: it always speaks first."""


def run_stop() -> int:
    """Stop all belts. Returns 0, or the exit code of the worst that happened."""
    codes = []
    real_guardian = False
    for socket in sockets():
        answer = send_stop(socket, ANSWER_LIMIT_S)
        if answer.pid is None:
            continue  # left over from a guardian that is gone
        if answer.answered:
            real_guardian |= not is_simulated(socket)
            print(f"Stop asked of {_whose(socket)}. {answer.reason}".strip())
        else:
            codes.append(_end(socket, answer.pid))
        codes.append(ExitCode.OK)
    if not real_guardian:
        codes += _rescue_orphan()
    if not codes:
        print("Nothing to stop: treadctl holds no treadmill. If a belt moves, pull the key.")
    return int(max(codes, default=ExitCode.OK))


def _whose(socket: Path) -> str:
    return "the simulated treadmill" if is_simulated(socket) else "the treadmill"


def _end(socket: Path, pid: int) -> ExitCode:
    """A guardian that hangs: nothing of it may come in the way of the rescue."""
    if not kill(pid, KILL_LIMIT_S):
        print("The process that holds the belt hangs and cannot be ended. Pull the key.", file=sys.stderr)
        return ExitCode.FAULT
    print(f"The process that held {_whose(socket)} did not answer and was ended.")
    return ExitCode.OK


def _rescue_orphan() -> list[ExitCode]:
    """Look at the machine whose link was never closed, if there is one."""
    last = real_paths().last_address
    try:
        address = last.read_text(encoding="utf-8").strip()
    except OSError:
        return []
    command = [sys.executable, "-P", "-m", "treadctl.guardian", "--rescue", address]
    print("Looking at the treadmill that a crash left connected. If the belt moves, pull the key.", flush=True)
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, timeout=RESCUE_LIMIT_S, check=False, start_new_session=True
        )
        report = json.loads(done.stdout)
        print(report["report"])
        return [ExitCode(report["code"])]
    except (OSError, ValueError, KeyError, subprocess.SubprocessError):
        print("The rescue failed. If the belt moves, pull the key.", file=sys.stderr)
        return [ExitCode.FAULT]
