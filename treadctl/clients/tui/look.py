"""How the screens look for this reader on this terminal: unit, characters, colours, and how much may move. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum

from treadctl.clients.reading import Units
from treadctl.files.config import Settings
from treadctl.model.api import Ms

CALM_EVERY: Ms = 1000
"""With reduced motion a figure changes at most so often (chosen: a second hand's pace)."""


class Letters(Enum):
    """Which characters this terminal can draw."""

    ALL = "all"
    CONSOLE = "console"
    """A Linux console: its font has 256 or 512 glyphs; of ours only the blocks are in all of them."""
    ASCII = "ascii"


@dataclass(frozen=True, slots=True)
class Look:
    """What a page is painted with. `theme` is a class of `treadctl.tcss`; `calm`: reduced motion."""

    letters: Letters = Letters.ALL
    units: Units = Units.KMH
    theme: str = "normal"
    calm: bool = False


def look_of(settings: Settings, encoding: str, term: str) -> Look:
    """What was set, on a terminal with this encoding and this name (TERM)."""
    letters = Letters.ALL
    if encoding.lower().replace("-", "") not in {"utf8", "utf16", "cp437"}:
        letters = Letters.ASCII
    elif term.partition("-")[0] == "linux":
        letters = Letters.CONSOLE
    return worn(Look(letters), settings)


def worn(look: Look, settings: Settings) -> Look:
    """The same terminal with other settings."""
    return Look(look.letters, Units(settings.units), settings.theme, settings.motion == "reduced")


_PLAIN = {
    "–": "-", "—": "-", "·": ".", "…": "~", "↑": "^", "↓": "v", "→": ">", "✓": "+", "▸": ">", "“": '"', "”": '"',
    "‘": "'", "’": "'",
}  # fmt: skip
_BLOCKS = {"█": "#", "▀": '"', "▄": "_", "▒": ":"}


def drawable(text: str, letters: Letters) -> str:
    """`text` in characters that this terminal has, each as wide as before; what has no likeness becomes "?"."""
    if letters is Letters.ALL or text.isascii():
        return text
    return "".join(c if c.isascii() else _likeness(c, letters) for c in text)


def _likeness(character: str, letters: Letters) -> str:
    if character in _BLOCKS:
        return character if letters is Letters.CONSOLE else _BLOCKS[character]
    if character in _PLAIN:
        return _PLAIN[character]
    base = unicodedata.normalize("NFKD", character)[0]
    if unicodedata.combining(character):
        return ""
    wide = unicodedata.east_asian_width(character) in "WF"
    return (base if base.isascii() and base.isprintable() else "?") + ("?" if wide else "")


class Pace:
    """With reduced motion: when to paint again. What has to be seen at once never waits."""

    def __init__(self) -> None:
        self._moment: Hashable = None
        self._painted: Ms | None = None

    def due(self, now: Ms, moment: Hashable) -> bool:
        """Whether `moment`, which names what must be seen at once, is a new one, or a second has gone."""
        if moment == self._moment and self._painted is not None and now - self._painted < CALM_EVERY:
            return False
        self._moment, self._painted = moment, now
        return True
