"""A whole guardian whose every sound goes into one file: what the core says is what a loudspeaker would have played."""

from __future__ import annotations

import asyncio
import os
import wave
from itertools import pairwise
from pathlib import Path

import pytest

from tests.e2e.walking import a_walk

RATE = 10


@pytest.mark.needs("espeak-ng")
async def test_the_demo_leaves_a_track_without_overlaps_in_which_every_rise_was_announced(own_folders: Path) -> None:
    """For somebody who set miles: the settings are the person's own around a simulated treadmill, too."""
    track, settings = own_folders / "demo.wav", own_folders / "config" / "treadctl" / "config.toml"
    settings.parent.mkdir()
    settings.write_text('units = "mph"\n')
    async with a_walk(own_folders, rate=RATE) as walk:
        await walk.begin(env={**os.environ, "TREADCTL_VOICE_FILE": str(track)})
        out = walk.out()
        assert "Finished. Walked 2:20" in out
        lines = [line.split(maxsplit=2) for line in await _written(track)]
        writes = [line for line in walk.lines("sessions") if line.get("kind") == "write"]
    sounds = [(float(begin), float(length), what) for begin, length, what in lines]
    assert all(begin + length <= later + 0.002 for (begin, length, _), (later, _, _) in pairwise(sounds))
    said = [what.removeprefix("say ") for _, _, what in sounds if what.startswith("say ")]
    shown = [line.strip('"') for line in out.splitlines() if line.startswith('"')]
    assert said == shown[: len(said)] and len(shown) - len(said) <= 1, "what is cut off at the very end may be missing"
    speeds = [what for what in said if "aster, to" in what or "lower, to" in what]
    assert speeds and all(what.endswith(" mph.") for what in speeds)
    for what in ("tone faster", "tone turn", "tone stop", "tone tick", "tone confirm", "tone heard"):
        assert what in {sound[2] for sound in sounds}
    assert writes
    with wave.open(str(track)) as audio:
        assert abs(audio.getnframes() / audio.getframerate() - sum(sounds[-1][:2])) < 0.01


async def _written(track: Path) -> list[str]:
    """The lines beside the track, written when the guardian ends, as it does soon after its client."""
    text = track.with_suffix(".txt")
    async with asyncio.timeout(20):
        while not text.exists():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return text.read_text().splitlines()
