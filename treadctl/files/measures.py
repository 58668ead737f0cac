"""Speeds, durations and inclines as people write them: text to the integers of the model, and nothing guessed.

A unit is required: "2" may be km/h, mph or minutes, and a guess would move a belt. Every function raises ValueError
with one sentence that says what to write instead. This module must not clamp or snap anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from treadctl.model.limits import FORWARD_INCLINE, HARD_FORWARD
from treadctl.model.program import MAX_SECONDS
from treadctl.model.text import quoted
from treadctl.model.units import Incline, Speed, kmh, mph, percent

NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
"""ASCII digits only, no sign, no exponent: int() and float() also take 2_5, 1e3, nan and other scripts' digits."""
MAX_INTEGER_DIGITS = 12


@dataclass(frozen=True, slots=True)
class _Quantity:
    noun: str
    units: tuple[str, ...]
    example: str
    aside: str = ""


_SPEED = _Quantity("speed", ("km/h", "mph"), "2.5 km/h")
_INCLINE = _Quantity("incline", ("%",), "2 %")
_DURATION = _Quantity("length of time", ("s", "min", "h"), "90s", " or 1:30")


def speed(text: str) -> Speed:
    """"2.5 km/h" or "1.5 mph", above 0 and at most 655 km/h. mph is rounded to 0.01 km/h."""
    number, unit = _number_and_unit(text, _SPEED)
    if number == 0:
        raise ValueError(f"{quoted(text)} is no walking speed; write a rest segment, such as {{rest: 30s}}")
    if number > 600:
        raise ValueError(f"{quoted(text)} is no walking speed; treadctl walks up to {HARD_FORWARD} km/h")
    if number != round(number, 2):
        raise ValueError(f"{quoted(text)} is finer than 0.01; write {round(number, 2).normalize():f} {unit}")
    return kmh(number) if unit == "km/h" else mph(number)


def incline(text: str) -> Incline:
    """"2 %" or "0.5 %", never below 0."""
    number, _ = _number_and_unit(text, _INCLINE)
    if number > 100:
        raise ValueError(f"{quoted(text)} is a wall; treadctl climbs up to {Incline(FORWARD_INCLINE[-1])} %")
    if number != round(number, 1):
        raise ValueError(f"{quoted(text)} is finer than 0.1 %; write {round(number, 1)} %")
    return percent(number)


def incline_step(text: str) -> int:
    """An incline above zero, in 0.1 %."""
    step = incline(text)
    if step == 0:
        raise ValueError("a step of 0 % never arrives; write 0.5 % or more")
    return int(step)


_CLOCK = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-9]{2})")
_PARTS = re.compile(rf"(?:({NUMBER})\s*h\s*)?(?:({NUMBER})\s*min\s*)?(?:({NUMBER})\s*s)?")


def duration(text: str) -> int:
    """"90s", "2min", "1.5min", "2min 30s", "1h", "1:30" or "1:00:00" in whole seconds, 1 s to 4 h."""
    seconds = _clock_seconds(text) if ":" in text else _unit_seconds(text)
    if seconds == 0:
        raise ValueError(f"{quoted(text)} lasts no time; write 1s or more")
    if seconds > MAX_SECONDS:
        raise ValueError(f"{quoted(text)} is too long; a whole program lasts at most {MAX_SECONDS // 3600} hours")
    return seconds


def _clock_seconds(text: str) -> int:
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"{quoted(text)} is no length of time; write minutes and seconds, such as 1:30 or 0:45")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    if seconds >= 60 or (match[1] and minutes >= 60):
        raise ValueError(f"{quoted(text)} has 60 or more after a colon; write less there, such as 1:30")
    return hours * 3600 + minutes * 60 + seconds


def _unit_seconds(text: str) -> int:
    match = _PARTS.fullmatch(text)
    if match is None or not any(match.groups()):
        _number_and_unit(text, _DURATION)  # says what is wrong with it
        raise ValueError(f"{quoted(text)} is no length of time; write it such as 90s, 2min 30s or 1:30")
    hours, minutes, seconds = (Decimal(part or 0) for part in match.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if total != int(total):
        raise ValueError(f"{quoted(text)} is finer than a second; write {int(total) or 1}s")
    return int(total)


def whole_number(text: str, least: int, most: int, noun: str) -> int:
    """ASCII digits between `least` and `most`."""
    if not re.fullmatch(rf"[0-9]{{1,{MAX_INTEGER_DIGITS}}}", text) or not least <= int(text) <= most:
        raise ValueError(f"{quoted(text)} is no {noun}; write a whole number from {least} to {most}")
    return int(text)


def _number_and_unit(text: str, kind: _Quantity) -> tuple[Decimal, str]:
    units = "|".join(re.escape(unit) for unit in kind.units)
    match = re.fullmatch(rf"({NUMBER})\s*({units})", text, re.ASCII)
    if match is None:
        raise ValueError(_diagnosis(text, kind))
    return Decimal(match[1]), match[2]


def _diagnosis(text: str, kind: _Quantity) -> str:
    """Why this text is no number with its unit, and what to write instead."""
    unit = kind.units[0]
    gap = "" if unit == "s" else " "
    if not text:
        return f"no {kind.noun} is written here; write one such as {kind.example}"
    if re.fullmatch(NUMBER, text):
        return f"{quoted(text)} has no unit; write {text}{gap}{unit}{_minutes_too(text, kind)}"
    if re.fullmatch(rf"[-\u2212]\s*{NUMBER}.*", text):
        return f"{quoted(text)} is negative; {_NEGATIVE[kind.noun]}"
    if comma := re.fullmatch(r"([0-9]{1,9}),([0-9]{1,9})\s*(.*)", text):
        rest = comma[3] if comma[3] in kind.units else unit
        return f"{quoted(text)} has a comma; write {comma[1]}.{comma[2]}{gap}{rest} with a point"
    if other := re.fullmatch(rf"({NUMBER})\s*([^0-9.].*)", text):
        return f"{quoted(other[2])} is no unit of {kind.noun} here; {_with_unit(other[1], other[2], kind)}"
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?\s*[%a-z/]+", text):
        return f"{quoted(text)} has too many digits; write a number of a few digits, such as {kind.example}"
    return f"{quoted(text)} is no {kind.noun}; write a number and its unit, such as {kind.example}{kind.aside}"


_NEGATIVE = {
    "speed": "no belt runs backward, so write walk: backward and a speed above 0",
    "incline": "treadctl never walks downhill, so write 0 % or more",
    "length of time": "write 1s or more",
}


def _minutes_too(number: str, kind: _Quantity) -> str:
    return f" or {number}min" if kind is _DURATION else ""


_UNIT_SLIPS = {
    "km/h": ("kmh", "kph", "km", "kmph", "km/hr", "km / h"),
    "mph": ("mi/h", "miles/h", "miles"),
    "%": ("percent", "pct", "per cent"),
    "min": ("m", "mins", "minute", "minutes", "min."),
    "s": ("sec", "secs", "second", "seconds", "s."),
    "h": ("hr", "hrs", "hour", "hours"),
}
"""What people write instead. "5m" is taken for minutes: a profile has no distances."""


def _with_unit(number: str, unit: str, kind: _Quantity) -> str:
    """The same number with the unit that was meant, or the units there are where that cannot be known."""
    slip = unit.strip().lower()
    meant = next((u for u in kind.units if slip == u or slip in _UNIT_SLIPS[u]), None)
    if meant is None:
        return f"write it in {' or '.join(kind.units)}, such as {kind.example}"
    return f"write {number}{'' if kind is _DURATION else ' '}{meant}"
