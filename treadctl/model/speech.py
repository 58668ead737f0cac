"""How long an utterance takes when nobody speaks it aloud: the silent sink's and the simulated world's clock."""

from __future__ import annotations

from .units import Ms

SPEECH_LEAD: Ms = 300
SPEECH_PER_CHARACTER: Ms = 65
"""About 150 words a minute, the default rate of speech (a word is five characters and a space)."""


def utterance_ms(text: str) -> Ms:
    """The time `text` takes to say, ms."""
    return SPEECH_LEAD + SPEECH_PER_CHARACTER * len(text)
