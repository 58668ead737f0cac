"""`python -m treadctl.guardian --hear DIGIT`: say one digit aloud, as in a sound check before a walk, and end.

Clients have no voice of their own, so `treadctl doctor --hear` starts this. It touches no treadmill and keeps nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from treadctl.control.prompts import NUMBERS, SOUND
from treadctl.model.errors import ExitCode

from .clock import monotonic_s
from .speakers import Speaker, find_player, find_speaker
from .spoken import TOO_EARLY

SCHEMA = "treadctl.hear/1"
PACE = 150


def run_hear(digit: int) -> int:
    """Print as JSON why nothing was played, empty when it was. Returns 0."""
    sys.stdout.write(json.dumps({"schema": SCHEMA, "why": _say(SOUND.format(NUMBERS[digit]))}) + "\n")
    return int(ExitCode.OK)


def _say(text: str) -> str:
    speaker, player = find_speaker(), find_player()
    if speaker is None or player is None:
        return "there is no voice"
    with tempfile.TemporaryDirectory(prefix="treadctl-hear-") as folder:
        try:
            made = Speaker(speaker, PACE, Path(folder)).render(text, os.environ)
            begun = monotonic_s()
            subprocess.run(
                [player, str(made.path)], check=True, timeout=made.length / 1000 + 5, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
        except (OSError, subprocess.SubprocessError) as error:
            return f"the voice failed: {type(error).__name__}"
        early = (monotonic_s() - begun) * 1000 < made.length * TOO_EARLY
    return "the player ended before it could have played anything" if early else ""
