"""`treadctl status`: what every guardian of this user sees, once, as words or one JSON object. It asks for nothing."""

from __future__ import annotations

import json as codec
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from treadctl.keyline import peer
from treadctl.model import plain
from treadctl.model.api import Hello, Role, Snapshot, ToClient, Welcome
from treadctl.model.errors import ExitCode
from treadctl.model.text import safe_text
from treadctl.model.units import clock
from treadctl.paths import sockets

from .reading import Units, exactly, in_units
from .settings import shown_units

SCHEMA = "treadctl/status/1"
LIMIT_S = 1.0
"""A guardian publishes four times a second; one that says nothing for this long hangs."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One guardian: `welcome` and `snapshot` are None where it did not answer."""

    pid: int
    welcome: Welcome | None = None
    snapshot: Snapshot | None = None


def run_status(json: bool = False) -> int:
    """Print what is going on. Returns 0, or 5 when a guardian hangs."""
    seen = [found for path in sockets() if (found := look(path)) is not None]
    if json:
        print(codec.dumps({"schema": SCHEMA, "guardians": [_plain(one) for one in seen]}))
    else:
        units = shown_units()
        print("\n".join(_words(one, units) for one in seen) or "Idle: treadctl holds no treadmill.")
    hangs = any(one.snapshot is None for one in seen)
    if hangs:
        print("A guardian does not answer. If the belt moves, pull the key; then: treadctl stop", file=sys.stderr)
    return int(ExitCode.FAULT if hangs else ExitCode.OK)


def look(path: Path) -> Seen | None:
    """What the guardian at this socket says; None when nobody is there."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with line:
        line.settimeout(LIMIT_S)
        try:
            line.connect(str(path))
        except OSError:
            return None
        pid = peer(line)
        hello = plain.dump(Hello(Role.DISPLAY, name=f"status-{os.getpid()}"))
        try:
            line.sendall(codec.dumps(hello).encode() + b"\n")
            return _read(line, pid)
        except (OSError, ValueError):
            return Seen(pid)


def _read(line: socket.socket, pid: int) -> Seen:
    """Read until the first snapshot. Raises OSError when none comes."""
    welcome = None
    with line.makefile("rb") as lines:
        for text in lines:
            message = _message(text)
            if isinstance(message, Welcome):
                welcome = message
            if isinstance(message, Snapshot):
                return Seen(pid, welcome, message)
    return Seen(pid, welcome)


def _message(text: bytes) -> ToClient | None:
    """One message of the guardian; None for what this version does not understand."""
    try:
        message: ToClient = plain.parse(ToClient, text, "a message of the guardian")
    except plain.Malformed:
        return None
    return message


def _plain(seen: Seen) -> dict[str, Any]:
    return {
        "pid": seen.pid,
        "answers": seen.snapshot is not None,
        "version": seen.welcome.version if seen.welcome else None,
        "simulated": seen.welcome.simulated if seen.welcome else None,
        "snapshot": plain.dump(seen.snapshot) if seen.snapshot else None,
    }


def _words(seen: Seen, units: Units) -> str:
    snapshot = seen.snapshot
    if snapshot is None:
        return f"Guardian {seen.pid} does not answer."
    machine = safe_text(snapshot.machine) or "no treadmill"
    speed = "speed unknown" if snapshot.speed is None else exactly(snapshot.speed, units)
    parts = [
        ("SIMULATED " if snapshot.simulated else "") + machine,
        f"link {snapshot.link.value}",
        f"belt {snapshot.belt.value}, {speed}",
        snapshot.phase.value,
    ]
    if snapshot.program:
        parts.append(f"{safe_text(snapshot.program)}, {clock(snapshot.walked)} of {clock(snapshot.to_walk)} walked")
    if snapshot.reason:
        parts.append(in_units(safe_text(snapshot.reason, 200), units))
    return "; ".join(parts) + f"\n  {snapshot.footer.value}"
