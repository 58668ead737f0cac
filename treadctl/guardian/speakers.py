"""The programs that speak and play: which there are, and a text as a sound file.

Text never reaches a shell or an argument list: it goes to the speaker's standard input.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from treadctl.model.speech import spoken
from treadctl.model.units import Ms

PLAYERS = ("pw-play", "paplay", "aplay", "afplay")
SPEAKERS = ("espeak-ng", "say") if sys.platform == "darwin" else ("espeak-ng",)
"""`say` is the voice of macOS, untested; elsewhere a program of this name is something else."""
RENDER_LIMIT_S = 5


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


class Speaker:
    """Makes sound files of texts, each once, in this folder. For worker threads: it blocks."""

    def __init__(self, program: str, words_per_minute: int, folder: Path) -> None:
        self._program, self._pace, self._folder = program, str(words_per_minute), folder
        self._made: dict[str, Sound] = {}
        self._numbers = itertools.count()

    def render(self, text: str, environment: Mapping[str, str]) -> Sound:
        """Raises OSError and SubprocessError. Two threads that want the same text may both make it: no harm."""
        if text not in self._made:
            path = self._folder / f"{next(self._numbers)}.wav"
            subprocess.run(
                self._command(path), input=spoken(text).encode(), check=True, timeout=RENDER_LIMIT_S,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
            )
            self._made[text] = sound(path)
        return self._made[text]

    def _command(self, path: Path) -> list[str]:
        if Path(self._program).name == "say":
            form = ["--file-format=WAVE", "--data-format=LEI16@22050"]
            return [self._program, "-r", self._pace, "-o", str(path), *form, "-f", "-"]
        # Measured with 1.51: without -z 0.4 s of silence follow the last word, and a rise would wait for them; louder
        # than 90 of 100 some words reach full scale.
        return [self._program, "-v", "en", "-s", self._pace, "-w", str(path), "-z", "-a", "90", "--stdin"]
