"""A sink that writes instead of sounding: all that would be heard of a walk in one WAV file, each thing at its time.

For rehearsing a programme and for tests, on a simulated backend only. As from a loudspeaker one thing is heard at a
time, words take as long as the speaker takes, and what is interrupted is cut off. The file is written at the end, with
a line for each sound beside it.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from treadctl.control.events import Tone
from treadctl.model.units import Ms

from . import tones
from .speakers import Speaker
from .speech import Done
from .spoken import LATE_S

TRACK = ".wav"
"""A transcript of such a name is a track."""
LATE: Ms = int(1000 * LATE_S)
WIDTH = 2
"""Octets of a sample: 16 bits, one channel, as speaker and tones make them."""


@dataclass(slots=True)
class Clip:
    """Something that sounds from `at` on (ms)."""

    at: Ms
    what: str
    samples: bytes

    @property
    def length(self) -> Ms:
        return 1000 * len(self.samples) // WIDTH // tones.RATE

    def cut(self, now: Ms) -> None:
        self.samples = self.samples[: WIDTH * max(0, (now - self.at) * tones.RATE // 1000)]


class Track:
    """One loudspeaker's clips in the order of their begin; `free` is when it is silent again."""

    def __init__(self) -> None:
        self.clips: list[Clip] = []

    @property
    def free(self) -> Ms:
        return self.clips[-1].at + self.clips[-1].length if self.clips else 0

    def put(self, now: Ms, what: str, samples: bytes) -> Clip:
        """As soon as the loudspeaker is free."""
        self.clips.append(Clip(max(now, self.free), what, samples))
        return self.clips[-1]

    def tone(self, now: Ms, tone: Tone) -> None:
        """Left out when it would come too late."""
        if tone is not Tone.QUIET and self.free - now <= LATE:
            self.put(now, f"tone {tone.value}", tones.frames(tone))

    def write(self, path: Path) -> None:
        """The WAV file, and its lines beside it. Raises OSError."""
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(WIDTH)
            out.setframerate(tones.RATE)
            for clip in self.clips:
                gap = clip.at * tones.RATE // 1000 - out.getnframes()
                out.writeframes(bytes(WIDTH * max(0, gap)) + clip.samples)
        path.with_suffix(".txt").write_text("".join(
            f"{clip.at / 1000:.3f} {clip.length / 1000:.3f} {clip.what}\n" for clip in self.clips
        ), encoding="utf-8")


def samples_of(path: Path) -> bytes:
    """What a speaker made. Raises SubprocessError where it is not of the form that a track is written in."""
    with wave.open(str(path), "rb") as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (tones.RATE, 1, WIDTH):
            raise subprocess.SubprocessError("another form of sound")
        return file.readframes(file.getnframes())


class TrackSink:
    """The sink. The alarm sounds once here, as long as it may last."""

    def __init__(self, loop: asyncio.AbstractEventLoop, speaker: str, words_per_minute: int, path: Path) -> None:
        self._loop, self._path = loop, path
        self._folder = tempfile.TemporaryDirectory(prefix="treadctl-track-")
        self._speaker = Speaker(speaker, words_per_minute, Path(self._folder.name))
        self._since = loop.time()
        self._track = Track()
        self._said: Clip | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def _now(self) -> Ms:
        return int((self._loop.time() - self._since) * 1000)

    def begin(self, text: str, done: Done) -> None:
        self._task = self._loop.create_task(self._begin(text, done))

    async def _begin(self, text: str, done: Done) -> None:
        try:
            made = await asyncio.to_thread(self._speaker.render, text, {})
            samples = samples_of(made.path)
        except (OSError, subprocess.SubprocessError) as error:
            done(f"the voice failed: {type(error).__name__}")
            return
        now = self._now
        self._said = self._track.put(now, f"say {text}", samples)
        self._timer = self._loop.call_later((self._track.free - now) / 1000, self._end, done)

    def _end(self, done: Done) -> None:
        self._said = None
        done("")

    def cut(self) -> None:
        for waiting in (self._task, self._timer):
            if waiting is not None:
                waiting.cancel()
        if self._said is not None:
            self._said.cut(self._now)
            self._said = None

    def tone(self, tone: Tone) -> None:
        self._track.tone(self._now, tone)

    def prepare(self, texts: tuple[str, ...]) -> None:
        return

    def environment(self, audio: Mapping[str, str]) -> None:
        return

    def close(self) -> None:
        self.cut()
        self._track.write(self._path)
        self._folder.cleanup()
