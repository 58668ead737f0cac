"""treadctl run as a person runs it, and what is left of its guardians ended with the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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


@contextmanager
def ended_guardians() -> Iterator[None]:
    """A real guardian lives on for half a minute: not longer than the test."""
    try:
        yield
    finally:
        for one in json.loads(treadctl("status", "--json").stdout)["guardians"]:
            assert kill(one["pid"], 5)
