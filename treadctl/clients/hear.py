"""`treadctl doctor --hear`: a digit is spoken, and whoever heard it types it.

The first of the five ticks of a first evening. A sound that nobody hears is no voice, whatever its programs say.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from treadctl.files.locks import remember_heard
from treadctl.model.checkup import Finding, Level
from treadctl.model.errors import TreadctlError
from treadctl.model.text import safe_text
from treadctl.paths import real_paths

from .clock import today

LIMIT_S = 30.0
QUESTION = "Which number did you hear?"
LOUDER = "turn up the sound, choose the right loudspeaker, and try again"


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


@dataclass(frozen=True, slots=True)
class Trial:
    """A number that was said, to be typed; without `digit` nothing was played, and `found` says why."""

    found: Finding
    digit: int | None = None


def say_number() -> Trial:
    """Say a number that nobody foresees. Takes seconds."""
    digit = secrets.randbelow(10)
    why = say_digit(digit)
    if why:
        todo = "see what treadctl doctor says of the voice"
        return Trial(Finding("sound", Level.PROBLEM, f"Nothing was played: {why}.", todo))
    return Trial(Finding("sound", Level.OK, QUESTION), digit)


def judge(digit: int, typed: str) -> Finding:
    """What an answer says of the sound."""
    if typed.strip() == str(digit):
        return Finding("sound", Level.OK, "You heard the number.")
    return Finding("sound", Level.PROBLEM, f"The number was {digit}: what you do not hear cannot warn you.", LOUDER)


def answered(day: Path, today: str, digit: int, typed: str) -> Finding:
    """The same; who heard it ticks the first evening, and is asked for no number before a walk today. Raises OSError.

    `day` is the file of the day's ticks, where the check before a walk is kept as well.
    """
    found = judge(digit, typed)
    if found.level is Level.OK:
        remember_heard(day, today)
    return found


def hear_me() -> Finding:
    """Say a number and ask for it. Where it cannot be kept it is asked for once more: no reason to call it unheard."""
    if not sys.stdin.isatty():
        return Finding("sound", Level.PROBLEM, "Nobody can type here what was heard.", "run it in a terminal")
    trial = say_number()
    if trial.digit is None:
        return trial.found
    try:
        typed = input(f"{QUESTION} ")
    except EOFError:
        typed = ""
    try:
        return answered(real_paths().day, today(), trial.digit, typed)
    except (TreadctlError, OSError):
        return judge(trial.digit, typed)
