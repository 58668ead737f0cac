"""The programs that speak and play: which there are, and a text as a sound file.

Text never reaches a shell or an argument list: it goes to the speaker's standard input.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from treadctl.model.speech import spoken
from treadctl.model.units import Ms

from .clock import monotonic_s

PLAYERS = ("pw-play", "paplay", "aplay", "afplay")
SPEAKERS = ("espeak-ng", "say") if sys.platform == "darwin" else ("espeak-ng",)
"""`say` is the voice of macOS, untested; elsewhere a program of this name is something else."""
RENDER_LIMIT_S = 5
FOLDER = "treadctl-voice-"
"""What is rendered lies in a folder of this name and the process's number."""
LONG_S = 0.25
"""Chosen: ten times what espeak-ng takes (measured); a speaker that takes longer is looked after meanwhile."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound file and how long it lasts."""

    path: Path
    length: Ms


def find_speaker(path: str | None = None) -> str | None:
    """The program that speaks, None when there is none. `path` as in PATH."""
    return next((found for found in (shutil.which(name, path=path) for name in SPEAKERS) if found), None)


def find_player(path: str | None = None) -> str | None:
    """The program that plays sound files, None when there is none."""
    return next((found for found in (shutil.which(name, path=path) for name in PLAYERS) if found), None)


def sound(path: Path) -> Sound:
    """This file as a sound. Raises SubprocessError when nothing is in it: then the speaker did not speak."""
    try:
        with wave.open(str(path), "rb") as file:
            length = 1000 * file.getnframes() // file.getframerate()
    except (wave.Error, EOFError) as error:
        raise subprocess.SubprocessError("no sound") from error
    if length == 0:
        raise subprocess.SubprocessError("no sound")
    return Sound(path, length)


class Folder:
    """Where sounds are made. The folder is made when it is first needed: where there is no room for it an utterance
    fails, and the guardian still begins and looks after the belt.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._lock = threading.Lock()

    def __truediv__(self, name: str) -> Path:
        """Raises OSError."""
        with self._lock:
            if self._path is None:
                self._path = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-"))
            return self._path / name

    def remove(self) -> None:
        if self._path is not None:
            shutil.rmtree(self._path, ignore_errors=True)


class Speaker:
    """Makes sound files of texts, each once, in this folder. For worker threads: it blocks."""

    def __init__(self, program: str, words_per_minute: int, folder: Path | Folder) -> None:
        self._program, self._pace, self._folder = program, str(words_per_minute), folder
        self._made: dict[str, Sound] = {}
        self._numbers = itertools.count()

    def render(
        self, text: str, environment: Mapping[str, str], meanwhile: Callable[[], bool] = lambda: True
    ) -> Sound:
        """`meanwhile` is called now and then while it takes long; False ends the speaker. Raises OSError and
        SubprocessError. Two threads that want the same text may both make it: no harm."""
        if text not in self._made:
            path = self._folder / f"{next(self._numbers)}.wav"
            with subprocess.Popen(
                self._command(path), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=environment,
            ) as speaker:
                try:
                    _wait_for(speaker, spoken(text).encode(errors="replace"), meanwhile)
                finally:
                    speaker.kill()
            if speaker.returncode != 0:
                raise subprocess.SubprocessError(self._program)
            self._made[text] = sound(path)
        return self._made[text]

    def _command(self, path: Path) -> list[str]:
        if Path(self._program).name == "say":
            form = ["--file-format=WAVE", "--data-format=LEI16@22050"]
            return [self._program, "-r", self._pace, "-o", str(path), *form, "-f", "-"]
        # Measured with 1.51: without -z 0.4 s of silence follow the last word, and a rise would wait for them; louder
        # than 90 of 100 some words reach full scale.
        return [self._program, "-v", "en", "-s", self._pace, "-w", str(path), "-z", "-a", "90", "--stdin"]


def _wait_for(speaker: subprocess.Popen[bytes], text: bytes, meanwhile: Callable[[], bool]) -> None:
    """Until it has spoken. Raises SubprocessError for one that hangs, or that nobody wants to hear any more."""
    begun, unsent = monotonic_s(), text or None
    while True:
        try:
            speaker.communicate(unsent, timeout=LONG_S)
        except subprocess.TimeoutExpired:
            unsent = None  # what is on its way is not given again
            if monotonic_s() - begun >= RENDER_LIMIT_S or not meanwhile():
                raise
        else:
            return
