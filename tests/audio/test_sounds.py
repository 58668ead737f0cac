"""Words and tones as sound: how long, how loud, how high, against what the clocks and the rules take them for."""

from __future__ import annotations

import math
import os
import struct
import subprocess
from itertools import combinations, groupby, pairwise
from pathlib import Path

import pytest

from tests.audio.heard import PACE
from tests.control.test_prompt_catalogue import texts
from tests.once import once
from treadctl.control.cueing import Scale, set_words, speed_words
from treadctl.control.events import Tone
from treadctl.control.prompts import NUMBERS
from treadctl.guardian import tones
from treadctl.guardian.speakers import Speaker, find_speaker
from treadctl.guardian.track import samples_of
from treadctl.model.speech import utterance_ms
from treadctl.model.units import Ms, Speed, Units

pytestmark = pytest.mark.needs("espeak-ng")
LONGER: Ms = 400
"""The estimate may be so much longer than the words on the average."""
FULL_SCALE = 32767


def values(samples: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(samples) // 2}h", samples)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The whole catalogue, by text."""
    return once("catalogue", lambda: _spoken(tmp_path_factory.mktemp("words")))


def _spoken(folder: Path) -> dict[str, bytes]:
    program = find_speaker()
    assert program is not None
    speaker = Speaker(program, PACE, folder)
    scales = (Scale(), Scale(Units.MPH), Scale(Units.MPH, 2))
    speeds = {words(Speed(n), scale) for n in (80, 110, 250) for scale in scales for words in (_faster, set_words)}
    every = {*texts().values(), *speeds}
    return {text: samples_of(speaker.render(text, os.environ).path) for text in every}


def _faster(speed: Speed, scale: Scale) -> str:
    return speed_words(speed, 0, scale)


def length(samples: bytes) -> Ms:
    return 1000 * len(samples) // 2 // tones.RATE


def test_no_estimate_is_shorter_than_the_words_and_none_much_longer(spoken: dict[str, bytes]) -> None:
    left = {text: utterance_ms(text) - length(samples) for text, samples in spoken.items()}
    assert min(left.values()) >= 0, min(left, key=lambda text: left[text])
    assert max(left.values()) <= 2 * LONGER and sum(left.values()) / len(left) <= LONGER


def test_a_number_of_the_countdown_is_over_before_the_next(spoken: dict[str, bytes]) -> None:
    assert max(length(spoken[number]) for number in NUMBERS[1:6]) + tones.length(Tone.TICK) < 900


def test_words_come_at_once_and_no_silence_follows_them(spoken: dict[str, bytes]) -> None:
    for text, samples in spoken.items():
        loud = [n for n, value in enumerate(values(samples)) if abs(value) > 300]
        begin, end = 1000 * loud[0] // tones.RATE, length(samples) - 1000 * loud[-1] // tones.RATE
        assert begin < 120 and end < 150, text


def test_no_word_and_no_tone_is_clipped(spoken: dict[str, bytes]) -> None:
    made = [*spoken.values(), *(tones.frames(tone) for tone in tones.TONES)]
    assert max(max(map(abs, values(samples))) for samples in made) < FULL_SCALE * 0.95


@pytest.mark.parametrize("tone", tones.TONES)
def test_an_earcon_lies_between_300_hertz_and_one_kilohertz_and_is_as_long_as_it_says(tone: Tone) -> None:
    samples = values(tones.frames(tone))
    assert abs(1000 * len(samples) // tones.RATE - tones.length(tone)) <= 2
    power = {hertz: _power(samples, hertz) for hertz in range(100, 1100, 20)}
    assert 300 <= max(power, key=lambda hertz: power[hertz]) < 1000


def rhythm(samples: bytes) -> tuple[Ms, ...]:
    """How long it sounds and how long it is silent in turn, as it is measured in steps of 10 ms."""
    loud = [max(map(abs, part)) > FULL_SCALE * 0.1 for part in _parts(values(samples), tones.RATE // 100)]
    last = max(n for n, sounds in enumerate(loud) if sounds)
    return tuple(10 * len(list(same)) for _, same in groupby(loud[: last + 1]))


def _parts(numbers: tuple[int, ...], size: int) -> list[tuple[int, ...]]:
    return [numbers[n : n + size] for n in range(0, len(numbers), size)]


def test_no_earcon_is_mistaken_for_another_by_who_hears_no_pitch() -> None:
    """As many sounds and pauses, none of them twice as long as in the other: that is the same rhythm."""
    heard = {tone: rhythm(tones.frames(tone) * (3 if tone is Tone.ALARM else 1)) for tone in tones.TONES}
    alike = [
        (one, other) for one, other in combinations(heard, 2) if len(heard[one]) == len(heard[other])
        and all(max(a, b) < 2 * min(a, b) for a, b in zip(heard[one], heard[other], strict=True))
    ]
    assert alike == [] and len(heard[Tone.HEART]) == 7, heard


def _power(samples: tuple[int, ...], hertz: int) -> float:
    """Goertzel's: how much of this pitch there is."""
    turn, one, two = 2 * math.cos(2 * math.pi * hertz / tones.RATE), 0.0, 0.0
    for value in samples:
        one, two = value + turn * one - two, one
    return one * one + two * two - turn * one * two


@pytest.mark.needs("sox")
def test_the_alarm_is_a_square_wave_of_520_hertz_and_the_loudest_of_all(tmp_path: Path) -> None:
    tones.write_tone(Tone.ALARM, tmp_path / "alarm.wav")
    only = ["trim", "0.05", "0.4", "stat"]
    told = subprocess.run(
        ["sox", str(tmp_path / "alarm.wav"), "-n", *only], capture_output=True, text=True, check=True
    ).stderr
    figures = {line.split(":")[0]: line.split()[-1] for line in told.splitlines() if ":" in line}
    rms, peak = float(figures["RMS     amplitude"]), float(figures["Maximum amplitude"])
    assert rms / peak > 0.98, "a sine would have 0.71"
    crossings = values(tones.frames(Tone.ALARM))[1102:9922]
    assert abs(sum((a < 0) != (b < 0) for a, b in pairwise(crossings)) / 0.8 - 520) < 5
    louder = max(max(map(abs, values(tones.frames(tone)))) for tone in tones.TONES if tone is not Tone.ALARM)
    assert max(crossings) > 1.5 * louder
