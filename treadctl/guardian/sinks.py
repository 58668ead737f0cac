"""Which sink a guardian gets: whether anybody hears it, and who may count silence as heard."""

from __future__ import annotations

import asyncio
from pathlib import Path

from .speakers import find_player, find_speaker
from .speech import MuteSink, SilentSink, Sink
from .spoken import SpokenSink
from .track import TRACK, TrackSink


def choose_sink(
    loop: asyncio.AbstractEventLoop,
    *,
    simulated: bool,
    rate: int,
    wanted: bool = True,
    transcript: Path | None = None,
    words_per_minute: int = 150,
) -> Sink:
    """The sink for this guardian: the voice, where there is one and it is wanted.

    Silence counts as heard on a simulated backend only; on a real one every utterance then fails. A `transcript` file
    (for tests) takes the place of the voice, and is silence as well; one that is called *.wav is a track.
    """
    speaker, player = find_speaker(), find_player()
    if simulated and transcript is not None and transcript.suffix == TRACK and speaker is not None:
        return TrackSink(loop, speaker, words_per_minute, transcript)
    if wanted and transcript is None and rate == 1 and speaker is not None and player is not None:
        return SpokenSink(loop, speaker, player, words_per_minute, SilentSink(loop) if simulated else None)
    if simulated:
        return SilentSink(loop, transcript)
    if not wanted or transcript is not None:
        return MuteSink(loop, "the voice is switched off")
    missing = "espeak-ng" if speaker is None else "a player (pw-play, paplay or aplay)"
    return MuteSink(loop, f"there is no voice: install {missing}")
