"""A walk in virtual time whose every sound is real: made by espeak-ng once, placed where it would be heard.

`python -m tests.audio.heard FILE.wav` writes the walk of first-steps as a track, `... golden` the fixture anew.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from treadsim.mouth import Mouth, Utterance
from treadsim.trace import Trace
from treadsim.world import Scene, World

from treadctl.control.events import Tone
from treadctl.files.profile import check_profile, find_profile
from treadctl.ftms.control_point import Op
from treadctl.guardian.speakers import Speaker, find_speaker
from treadctl.guardian.track import Clip, Track, samples_of
from treadctl.model.person import UNKNOWN_PERSON
from treadctl.model.units import Incline, Ms, Speed

GOLDEN = Path(__file__).parents[1] / "fixtures" / "first-steps.heard.txt"
PACE = 150


class RealMouth(Mouth):
    """The dry run's loudspeaker with real sound: words take as long as espeak-ng takes, tones take their time."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        program = find_speaker()
        assert program is not None
        self._speaker = Speaker(program, PACE, folder)
        self.track = Track()
        self._clip: Clip | None = None

    def samples(self, text: str) -> bytes:
        return samples_of(self._speaker.render(text, os.environ).path)

    def say(self, now: Ms, said: Utterance) -> None:
        if self._clip is not None and self._current is not None and said.rank < self._current.rank:
            self._clip.cut(now)
        super().say(now, said)

    def tone(self, now: Ms, tone: str) -> None:
        self.track.tone(now, Tone(tone))

    def _next(self, now: Ms) -> None:
        if self._current is None and self._waiting:
            self._current = self._waiting.pop(0)
            text = self._current.text
            self._clip = self.track.put(now, f"say {text}", self.samples(text))
            self._begun, self._until = self._clip.at, self.track.free


@dataclass(frozen=True, slots=True)
class Change:
    """A command that changes what the belt does. `rises`: faster or steeper than what was in force."""

    at: Ms
    text: str
    kind: str
    rises: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """One walk: what sounded, and what the belt was told."""

    track: Track
    trace: Trace
    mouth: RealMouth

    @property
    def said(self) -> list[Clip]:
        return [clip for clip in self.track.clips if clip.what.startswith("say ")]

    @property
    def changes(self) -> list[Change]:
        found, speed, incline = [], 0, 0
        for wire in self.trace.writes:
            if wire.op == Op.START_OR_RESUME:
                found.append(Change(wire.at, "start", "start", True))
                speed = self.trace.setup.record.start_speed or 0
            elif wire.stops:
                found.append(Change(wire.at, "stop", "stop", False))
            elif wire.speed is not None:
                found.append(Change(wire.at, f"{Speed(wire.speed)} km/h", "speed", wire.speed > speed))
                speed = wire.speed
            elif wire.incline is not None:
                found.append(Change(wire.at, f"{Incline(wire.incline)} %", "incline", wire.incline > incline))
                incline = wire.incline
        return found

    def lines(self) -> list[str]:
        """The transcript: begin, length and words of each sound, and between them what the belt was told."""
        told = [(c.at, 1, f"{c.at / 1000:8.1f}       > {c.text}") for c in self.changes]
        sounds = [(c.at, 0, f"{c.at / 1000:8.1f} {c.length / 1000:4.1f}  {c.what}") for c in self.track.clips]
        return [line for _, _, line in sorted(told + sounds)]


@cache
def first_steps() -> Heard:
    """The whole programme, walked by somebody of level 0 on the reference machine."""
    program = check_profile(find_profile("first-steps"))[0]
    with tempfile.TemporaryDirectory() as folder:
        mouth = RealMouth(Path(folder))
        world = World(Scene(program, UNKNOWN_PERSON, calm=True), mouth=mouth)
        world.run()
        assert world.trace.summary is not None and world.trace.summary.finished
    return Heard(mouth.track, world.trace, mouth)


if __name__ == "__main__":
    if sys.argv[1] == "golden":
        GOLDEN.write_text("\n".join(first_steps().lines()) + "\n", encoding="utf-8")
    else:
        first_steps().track.write(Path(sys.argv[1]))
