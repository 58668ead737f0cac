"""How a text is read out, and how long that takes when nobody speaks it aloud.

The silent sink's and the simulated world's clock, and what every speaker is given: numbers and units as words, so that
no speaker has to guess what "1.0." or "km/h" is.
"""

from __future__ import annotations

import re

from .units import Ms

SPEECH_LEAD: Ms = 300
SPEECH_PER_CHARACTER: Ms = 62
PAUSE_OF_COMMA: Ms = 340
PAUSE_OF_STOP: Ms = 440
"""Measured on 2026-11-22 with espeak-ng 1.51 at 150 words a minute, the default: 191 texts, the whole catalogue, its
speeds in both units and the words of the shipped programmes, from 0.33 s ("eight") to 6.36 s. These figures are never
shorter than any of them, 0.29 s longer on the average and 0.74 s at the most; without the pauses they were up to 0.83 s
shorter.
"""
WAITING = 16
"""Chosen: more than a turn-around has utterances; what comes on top is reported as failed."""
TOO_MUCH = "too much to say"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
UNITS = (
    (r"\bkm/h\b", "kilometres an hour"), (r"\bmph\b", "miles an hour"), (r"\s*%", " percent"),
)
DECIMAL = re.compile(r"(?<![\d.])(\d{1,3})\.(\d{1,2})(?![\d.]*\d)")


def spoken(text: str) -> str:
    """The same text as it is read out: "1.2" is "one point two", "km/h" is "kilometres an hour"."""
    for unit, words in UNITS:
        text = re.sub(unit, words, text)
    return DECIMAL.sub(_decimal, text)


def _decimal(found: re.Match[str]) -> str:
    """Digits one by one after the point, as a speed is said; more than one before it are the speaker's to read."""
    whole, part = found[1], found[2]
    before = DIGITS[int(whole)] if len(whole) == 1 else whole
    return f"{before} point {' '.join(DIGITS[int(digit)] for digit in part)}"


def utterance_ms(text: str) -> Ms:
    """The time `text` takes to say, ms. Nobody waits for the pause after the last word."""
    words = spoken(text)
    inner = words.rstrip(".?!")
    pauses = PAUSE_OF_COMMA * len(re.findall(r"[,;:]", inner)) + PAUSE_OF_STOP * len(re.findall(r"[.?!]", inner))
    return SPEECH_LEAD + SPEECH_PER_CHARACTER * len(words) + pauses
