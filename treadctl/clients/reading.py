"""Speeds as people read them on screens and in lines; what is said is made by the core (`control.cueing.Scale`).

Inside, every speed is 0.01 km/h, and limits are compared so. Sentences are made in km/h by parts that know no settings,
and put into the reader's unit where they are shown (`in_units`). Files, sockets and `--json` keep km/h.
"""

from __future__ import annotations

import re
from decimal import Decimal

from treadctl.model.units import MILE, Speed, Units, figure

__all__ = ["Units", "exactly", "in_units", "limit_words", "speed_words"]

_SPEED = re.compile(r"( *)(?<![\w.,])(\d{1,4}(?:\.\d{1,2})?)(?: to (\d{1,4}(?:\.\d{1,2})?))? km/h\b")
_CUE = re.compile(r"\b((?:faster|slower), to )(\d{1,2}\.\d)(?!\d| ?(?:km/h|mph))", re.IGNORECASE)
"""A cue names a speed without its unit, as it is said."""
_BARE = re.compile(
    r"\b((?:lowest speed is|limit at level \d is|the limit is|becomes|in place of|you are at level \d) \(?)"
    r"(\d{1,4}\.\d{1,2})(?![\d:]| ?(?:%|km/h|mph))"
)
"""Second speeds of sentences of the model that name the unit at their first one only (limits, fitting, editing)."""


def speed_words(speed: int, units: Units) -> str:
    """A measured or wished speed with one decimal, the nearest, as consoles show it."""
    return figure(speed, units)


def exactly(speed: Speed, units: Units) -> str:
    """A speed that was measured or written, with its unit: as fine as it is in km/h, the nearest hundredth in mph."""
    return f"{speed if units is Units.KMH else figure(speed, units, 2)} {units.value}"


def limit_words(speed: int, units: Units) -> str:
    """A speed that must not be passed, with one decimal: rounded down, so that what is read is never above it."""
    return _tenths(10 * speed * 10_000 // MILE if units is Units.MPH else speed // 10)


def _tenths(value: int) -> str:
    return f"{value // 10}.{value % 10}"


def in_units(text: str, units: Units) -> str:
    """A sentence with its km/h in the reader's unit: hundredths, rounded down, because most of them are limits."""
    if units is Units.KMH:
        return text
    text = _CUE.sub(lambda found: found[1] + speed_words(_hundredths(found[2]), units), text)
    text = _BARE.sub(lambda found: found[1] + _mph(found[2]), text)
    return _SPEED.sub(_in_mph, text)


def _in_mph(found: re.Match[str]) -> str:
    """One speed, or a pair of them. Columns of a table stay where they are as far as there is room."""
    space, first, second = found.groups()
    shown = _mph(first)
    lead = (" " + shown).rjust(len(space) + len(first)) if space else shown
    return f"{lead} to {_mph(second)} mph" if second else f"{lead} mph"


def _hundredths(number: str) -> int:
    return int(Decimal(number) * 100)


def _mph(kmh: str) -> str:
    hundredths = _hundredths(kmh) * 1_000_000 // MILE
    return f"{hundredths // 100}.{hundredths % 100:02d}"
