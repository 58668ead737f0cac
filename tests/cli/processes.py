"""treadctl run as a person runs it, and what is left of its guardians ended with the test."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from treadctl.keyline import kill


def treadctl(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """These words to their end, without a terminal; `more` goes into the environment."""
    command = [sys.executable, "-m", "treadctl", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, **more},
    )


def treadctl_on_a_terminal(*words: str, size: tuple[int, int] = (80, 24), **more: str) -> tuple[int, str]:
    """These words to their end on a terminal of so many columns and rows: exit code, and all that was shown there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    command = [sys.executable, "-m", "treadctl", *words]
    environment = {**os.environ, "TERM": "xterm-256color", **more}
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    ) as process:
        os.close(theirs)
        with open(ours, "rb", buffering=0) as shown:
            text = b"".join(iter(lambda: _octets(shown.fileno()), b""))
        return process.wait(60), text.decode("utf-8", "replace")


def _octets(descriptor: int) -> bytes:
    """What comes next; nothing once nobody holds the other end."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


@contextmanager
def ended_guardians() -> Iterator[None]:
    """A real guardian lives on for half a minute: not longer than the test."""
    try:
        yield
    finally:
        for one in json.loads(treadctl("status", "--json").stdout)["guardians"]:
            assert kill(one["pid"], 5)
