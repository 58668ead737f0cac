"""A number that is typed key by key: digits and one point, at most six characters. The same on screens and in lines."""

from __future__ import annotations

LONGEST = 6
_POINTS = frozenset({".", ",", "full_stop", "comma"})
"""A comma is the point of half the world's keyboards."""
_DIGITS = frozenset("0123456789")


def types(key: str) -> bool:
    """Whether this key (in Textual's names) belongs to a number that is being typed."""
    return key in _DIGITS or key in _POINTS or key in {"backspace", "enter"}


def typed(text: str, key: str) -> str:
    """What stands there after this key; what does not fit changes nothing."""
    if key == "backspace":
        return text[:-1]
    if len(text) >= LONGEST:
        return text
    if key in _DIGITS:
        return text + key
    return text + "." if key in _POINTS and "." not in text and text else text
