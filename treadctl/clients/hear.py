"""`treadctl doctor --hear`: a digit is spoken, and whoever heard it types it.

The first of the five ticks of a first evening. A sound that nobody hears is no voice, whatever its programs say.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys

from treadctl.model.checkup import Finding, Level
from treadctl.model.text import safe_text

LIMIT_S = 30.0
LOUDER = "turn up the sound, choose the right loudspeaker, and try again: treadctl doctor --hear"


def say_digit(digit: int) -> str:
    """Speak it as a guardian would, in a process that may. Returns why nothing was played, empty when it was."""
    command = [sys.executable, "-P", "-m", "treadctl.guardian", "--hear", str(digit)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S, check=True, cwd="/"
        )
        return safe_text(str(json.loads(done.stdout)["why"]), 200)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return "the voice could not be tried"


def judge(digit: int, typed: str) -> Finding:
    """What an answer says of the sound."""
    if typed.strip() == str(digit):
        return Finding("sound", Level.OK, "You heard the number.")
    return Finding("sound", Level.PROBLEM, f"The number was {digit}: what you do not hear cannot warn you.", LOUDER)


def hear_me() -> Finding:
    """Say a number and ask for it."""
    if not sys.stdin.isatty():
        return Finding("sound", Level.PROBLEM, "Nobody can type here what was heard.", "run it in a terminal")
    digit = secrets.randbelow(10)
    why = say_digit(digit)
    if why:
        return Finding("sound", Level.PROBLEM, f"Nothing was played: {why}.", "see the line about the voice")
    try:
        return judge(digit, input("Which number did you hear? "))
    except EOFError:
        return judge(digit, "")
