"""Earcons as WAV files, made here so that no sound has to be shipped. Rhythm and direction tell them apart, not pitch.

All lie under 1 kHz, where old ears still hear; the alarm is a 520 Hz square wave, the band that old ears keep. It is
one beat here, and is repeated until somebody acknowledges it.
"""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

from treadctl.control.events import Tone
from treadctl.model.units import Ms

RATE = 22_050
LOUDNESS, ALARM_LOUDNESS = 0.3, 0.5
"""Of full scale. Words reach nearly all of it and have an RMS of a tenth; a tone of this height sounds as loud."""
FADE: Ms = 20
"""Chosen, because a tone that begins or ends abruptly clicks."""
ALARM_HZ = 520

Note = tuple[int, Ms]
"""Frequency (0: silence) and length."""
TONES: dict[Tone, tuple[Note, ...]] = {
    Tone.FASTER: ((440, 70), (0, 50), (523, 70), (0, 50), (659, 70), (0, 50), (784, 90)),
    Tone.SLOWER: ((659, 260), (0, 80), (440, 340)),
    Tone.TURN: ((523, 80), (0, 60), (523, 240), (0, 120), (523, 80), (0, 60), (523, 240)),
    Tone.STOP: ((330, 900),),
    Tone.HEARD: ((880, 60), (0, 50), (880, 60)),
    Tone.VOID: ((330, 140), (0, 120), (330, 140), (0, 120), (330, 140)),
    Tone.HEART: ((349, 110), (0, 90), (349, 110), (0, 450), (349, 110), (0, 90), (349, 110)),
    Tone.TICK: ((700, 40),),
    Tone.CONFIRM: ((600, 400),),
    Tone.ALARM: ((ALARM_HZ, 500), (0, 250)),
}
"""By rhythm: four quick, two long, short-long twice, one very long, two very short, three even, two low heartbeats with
a pause between; the tick and the 0.4 s of the confirm stand alone. Nothing below 330 Hz, which small loudspeakers do
not give."""


def length(tone: Tone) -> Ms:
    """How long it sounds once, ms."""
    return sum(ms for _, ms in TONES.get(tone, ()))


def frames(tone: Tone) -> bytes:
    """The tone as 16-bit mono samples."""
    return b"".join(_note(hertz, ms, square=tone is Tone.ALARM) for hertz, ms in TONES[tone])


def write_tone(tone: Tone, path: Path) -> None:
    """The tone as a 16-bit mono WAV file."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(frames(tone))


def _note(hertz: int, ms: Ms, square: bool) -> bytes:
    count = RATE * ms // 1000
    fade = RATE * FADE // 1000
    values = []
    for n in range(count):
        swing = LOUDNESS * math.sin(2 * math.pi * hertz * n / RATE)
        if square:
            swing = math.copysign(ALARM_LOUDNESS, swing)
        edge = min(1.0, n / fade, (count - 1 - n) / fade)
        values.append(int(swing * edge * 32767))
    return struct.pack(f"<{count}h", *values)
