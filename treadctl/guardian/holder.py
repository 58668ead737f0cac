"""Who may own what: one guardian for each socket, one holder for each machine, across all users of the computer.

Both claims end with the process, however it ends; nothing here has to be cleaned up after a crash.
"""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path


def claim_socket(lock: Path) -> int | None:
    """The lock file's descriptor, to be kept open; None when another guardian lives."""
    descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())  # valid for as long as the lock is held
    return descriptor


def claim_machine(address: str) -> socket.socket | None:
    """A bound abstract socket, to be kept; None when another process of this computer holds the machine.

    Abstract names have no owner and no file: they hold across users and vanish with the process (Linux).
    """
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim.bind(f"\0treadctl-machine-{address.upper()}")
    except OSError:
        claim.close()
        return None
    return claim
