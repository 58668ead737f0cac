"""A grid of character cells with an ink each: what every screen is painted on before a terminal is involved.

Text put here is safe to show by construction: control, escape and bidi characters become visible escapes, and nothing
is ever parsed as markup. Pure; a test reads the rows as plain text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from treadctl.clients.reading import in_units
from treadctl.model.text import safe_text

from .blocks import Pixels, coarse_number, number, paragraph
from .look import Letters, Look, drawable


class Ink(Enum):
    """What a cell means; `treadctl.tcss` decides the colours (component class `ink--<value>`)."""

    PLAIN = "plain"
    DIM = "dim"
    STRONG = "strong"
    DIGITS = "digits"
    FORWARD = "forward"
    BACKWARD = "backward"
    REST = "rest"
    PAST_FORWARD = "past-forward"
    PAST_BACKWARD = "past-backward"
    CURSOR = "cursor"
    NEXT = "next"
    WARN = "warn"
    ALARM = "alarm"
    ALARM_BAR = "alarm-bar"
    STOP = "stop"
    GOOD = "good"
    KEY = "key"
    BADGE = "badge"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring cells of one ink."""

    text: str
    ink: Ink


Row = tuple[Span, ...]

def width_of(text: str) -> int:
    """Cells that `text` takes in a terminal."""
    return sum(_cells(c) for c in text)


def _cells(character: str) -> int:
    if character < "\u0300":
        return 1
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Canvas:
    """`width` x `height` cells. Whatever falls outside is cut off; nothing raises. `look`: for whom and on what."""

    def __init__(self, width: int, height: int, look: Look | None = None) -> None:
        self.width, self.height = max(0, width), max(0, height)
        self.look = look or Look()
        self._cells = [[" "] * self.width for _ in range(self.height)]
        self._inks = [[Ink.PLAIN] * self.width for _ in range(self.height)]

    def put(self, x: int, y: int, text: str, ink: Ink = Ink.PLAIN, limit: int | None = None) -> int:
        """Write `text` at column `x` of row `y`, at most `limit` cells of it; answers the column after it."""
        room = self.width - x if limit is None else min(limit, self.width - x)
        shown = fitted(safe_text(self.words(text), 4 * max(1, self.width)), room)
        for character in shown:
            cells = _cells(character)
            if cells:
                self._set(x, y, character, ink)
            if cells == 2:
                self._set(x + 1, y, "", ink)
            x += cells
        return x

    def words(self, text: str) -> str:
        """A sentence in the reader's unit."""
        return in_units(text, self.look.units)

    def paragraph(
        self, text: str, width: int, rows: int, *, lowered: bool = False, large: bool = True
    ) -> tuple[str, ...] | None:
        """`blocks.paragraph` in the reader's unit; None in ASCII too, where letters of half blocks cannot be read."""
        if self.look.letters is Letters.ASCII:
            return None
        return paragraph(self.words(text), width, rows, lowered=lowered, large=large)

    def number(self, text: str, pixels: int) -> Pixels:
        """Digits of so many pixels, of whole cells in ASCII."""
        return (coarse_number if self.look.letters is Letters.ASCII else number)(text, pixels)

    def number_width(self, text: str, pixels: int) -> int:
        """Cells that it takes."""
        drawn = self.number(text, pixels)
        return len(drawn[0]) if drawn else 0

    def right(self, end: int, y: int, text: str, ink: Ink = Ink.PLAIN) -> int:
        """Write `text` so that it ends before column `end`; answers the column it begins at."""
        text = self.words(text)
        start = max(0, end - width_of(text))
        self.put(start, y, text, ink, end - start)
        return start

    def center(self, y: int, text: str, ink: Ink = Ink.PLAIN, left: int = 0, right: int | None = None) -> None:
        """Write `text` in the middle between two columns."""
        end, text = self.width if right is None else right, self.words(text)
        self.put(left + max(0, (end - left - width_of(text)) // 2), y, text, ink, end - left)

    def fill(self, x: int, y: int, width: int, height: int, character: str, *, ink: Ink) -> None:
        """Fill a rectangle with one character."""
        for row in range(y, y + height):
            for column in range(x, x + width):
                self._set(column, row, character, ink)

    def blit(self, x: int, y: int, picture: Sequence[str], ink: Ink) -> None:
        """Draw rows of blocks; their spaces leave what is there."""
        for dy, line in enumerate(picture):
            for dx, character in enumerate(line):
                if character != " ":
                    self._set(x + dx, y + dy, character, ink)

    def _set(self, x: int, y: int, character: str, ink: Ink) -> None:
        if 0 <= x < self.width and 0 <= y < self.height:
            self._cells[y][x] = character
            self._inks[y][x] = ink

    def rows(self) -> tuple[Row, ...]:
        """The painted rows, neighbouring cells of one ink together, in characters that the terminal has."""
        return tuple(self._spans(cells, inks) for cells, inks in zip(self._cells, self._inks, strict=True))

    def _spans(self, cells: list[str], inks: list[Ink]) -> Row:
        spans = []
        at = 0
        for ink, group in groupby(inks):
            length = sum(1 for _ in group)
            spans.append(Span(drawable("".join(cells[at : at + length]), self.look.letters), ink))
            at += length
        return tuple(spans)


def plain_text(rows: Sequence[Row]) -> str:
    """The rows as text, for tests and screen readers."""
    return "\n".join("".join(span.text for span in row).rstrip() for row in rows)


def fitted(text: str, room: int) -> str:
    """`text` cut to `room` cells, with an ellipsis when something is missing."""
    if width_of(text) <= room:
        return text
    kept = ""
    for character in text:
        if width_of(kept) + _cells(character) > room - 1:
            break
        kept += character
    return kept + "…" if room > 0 else ""


def wrapped(text: str, width: int) -> list[str]:
    """`text` broken at spaces into lines of at most `width` cells (a longer word is cut)."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(lines[-1]) + 1 + width_of(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(fitted(word, width))
    return lines
