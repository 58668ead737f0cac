"""The whole walk of first-steps as it is heard: every word and tone with its time, and nothing changes unannounced.

Virtual time, real sound: each phrase is made by espeak-ng once and placed where it is said. The golden transcript holds
for any version of espeak-ng that takes about as long; `python -m tests.audio.heard golden` writes it anew.
"""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from tests.audio.heard import GOLDEN, Heard, first_steps
from treadctl.control import prompts
from treadctl.control.cueing import QUIET_AFTER, REMIND_EVERY
from treadctl.guardian import tones
from treadctl.guardian.track import WIDTH, Clip
from treadctl.model.program import Walk
from treadctl.model.units import Ms

pytestmark = pytest.mark.needs("espeak-ng", "sox")
SHIFT: Ms = 500
"""Another espeak-ng may speak this much faster or slower before somebody has to look."""
LONGEST: Ms = 4_000
"""From the end of a cue to what it announced; after that it is no longer in mind."""
STEP: Ms = 5_000
"""Between the steps of one ramp at most, from Start to motion, and from the end of an ease to its stop: one cue covers
them all."""


@pytest.fixture(scope="module")
def heard() -> Heard:
    return first_steps()


@pytest.fixture(scope="module")
def track(heard: Heard, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("track") / "walk.wav"
    heard.track.write(path)
    return path


def parsed(line: str) -> tuple[float, str]:
    """Begin, and what it is, without its length."""
    begin, rest = line.split(maxsplit=1)
    return float(begin), re.sub(r"^\d+\.\d  ", "", rest)


def test_the_transcript_is_the_golden_one(heard: Heard) -> None:
    golden = [parsed(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
    now = [parsed(line) for line in heard.lines()]
    assert [what for _, what in now] == [what for _, what in golden]
    assert max(abs(a - b) for (a, _), (b, _) in zip(now, golden, strict=True)) * 1000 <= SHIFT


def announcing(heard: Heard) -> list[tuple[Clip, Ms, str]]:
    """Every change that is no step of a ramp that goes on already, with the words that were heard before it."""
    found, before = [], -10_000
    for change in heard.changes:
        if change.at - before > STEP:
            cue = [clip for clip in heard.said if clip.at <= change.at and announces(clip.what, change.kind)][-1]
            found.append((cue, change.at, change.text))
        before = change.at
    return found


def announces(words: str, kind: str) -> bool:
    about = {"start": prompts.NUMBERS[1:6], "stop": (prompts.STOPPING_SOON,)}
    texts = about.get(kind, ("Faster", "Slower", prompts.STOPPING_SOON))
    return words.removeprefix("say ").startswith(texts)


def test_no_speed_changes_without_its_cue_having_ended_and_none_long_after_it(heard: Heard) -> None:
    delays = [(at - (cue.at + cue.length), text) for cue, at, text in announcing(heard)]
    assert len(delays) == 7 * 3  # of seven walks: start, rise, ease
    assert min(delays)[0] > 0 and max(delays)[0] <= LONGEST, (min(delays), max(delays))


def test_the_cue_of_a_rise_names_where_it_ends(heard: Heard) -> None:
    rises = [change for change in heard.changes if change.kind == "speed" and change.rises]
    for change in rises:
        if change.text == "0.8 km/h":  # what the belt starts with
            continue
        cue = [clip for clip in heard.said if clip.at <= change.at and announces(clip.what, "speed")][-1]
        named = re.search(r"Faster, to ([\d.]+)\.", cue.what)
        assert named is not None and float(named[1]) >= float(change.text.split()[0])


def moving(heard: Heard) -> list[tuple[Ms, Ms]]:
    """From each first motion to the stop that follows."""
    starts = [clip.at for clip in heard.said if clip.what.removeprefix("say ") in prompts.STEP_ON.values()]
    stops = [change.at for change in heard.changes if change.kind == "stop"]
    return [(at, min(stop for stop in stops if stop > at)) for at in starts]


def test_a_minute_of_walking_has_at_most_five_utterances(heard: Heard) -> None:
    assert len(moving(heard)) == 7
    for begin, end in moving(heard):
        times = [clip.at for clip in heard.said if begin <= clip.at < end]
        most = max(sum(at <= other < at + 60_000 for other in times) for at in times)
        assert most <= 5, times


def test_a_technique_cue_comes_once_a_minute_at_most_and_not_after_a_change(heard: Heard) -> None:
    own = {segment.say for segment in heard.trace.setup.segments if isinstance(segment, Walk)} - {""}
    cues = [clip.at for clip in heard.said if clip.what.removeprefix("say ") in own | set(prompts.REMINDERS)]
    assert cues and all(later - at >= REMIND_EVERY for at, later in pairwise(cues))
    changes = [change.at for change in heard.changes]
    assert not [at for at in cues if any(0 <= at - change < QUIET_AFTER for change in changes)]


# --- the sound itself ------------------------------------------------------------------------------------------------


def test_the_words_can_be_read_back_out_of_the_file(heard: Heard, track: Path) -> None:
    """Told apart by their samples alone: silence, then one of the sounds that there are, then silence."""
    known = {clip.samples: clip.what for clip in heard.track.clips}
    audio = track.read_bytes()[44:]
    at, found = 0, []
    while (at := sounding(audio, at)) < len(audio):
        here = [(start, samples) for samples in known for start in (at - lead(samples),) if start >= 0
                and audio[start : start + len(samples)] == samples]
        assert here, f"unknown sound at {at / WIDTH / tones.RATE:.1f} s"
        start, samples = max(here, key=lambda one: len(one[1]))
        found.append((1000 * start // WIDTH // tones.RATE, known[samples]))
        at = start + len(samples)
    cut = {clip.what for clip in heard.track.clips if clip.what.startswith(f"say {prompts.BY_ITSELF}")}
    assert [what for _, what in found] == [clip.what for clip in heard.track.clips]
    assert all(abs(at - clip.at) <= 1 for (at, _), clip in zip(found, heard.track.clips, strict=True)) and cut


def sounding(audio: bytes, at: int) -> int:
    """The next octet pair that is not silent, from here on."""
    found = re.compile(rb"(?:\x00\x00)*").match(audio, at)
    assert found is not None
    return found.end()


def lead(samples: bytes) -> int:
    """How many octets of silence a sound begins with."""
    return sounding(samples, 0)


def test_no_two_sounds_overlap_and_none_is_clipped(heard: Heard, track: Path) -> None:
    clips = heard.track.clips
    assert all(a.at + a.length <= b.at + 1 for a, b in pairwise(clips))
    told = subprocess.run(["sox", str(track), "-n", "stats"], capture_output=True, text=True, check=True).stderr
    figures = {name.strip(): float(value) for name, value in re.findall(r"^(\w[\w ]*?)  +(-?[\d.]+)$", told, re.M)}
    assert figures["Pk lev dB"] < -0.5 and figures["Flat factor"] == 0
    assert figures["Length s"] > 900
