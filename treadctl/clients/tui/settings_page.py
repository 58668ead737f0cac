"""The settings, each with where it comes from; a key goes through the values of the chosen one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from treadctl.clients.settings import Row
from treadctl.files.config import Source
from treadctl.model.api import Choice

from .canvas import Canvas, Ink, wrapped
from .paint import paint_head, paint_keys
from .view import Local

FIRST_ROW = 4
VALUE, WHERE = 15, 32
NARROW = 60
"""Columns below which it is not said where a setting comes from."""
KEYS = (Choice("left/right", "change"), Choice("backspace", "default"), Choice("b", "back"), Choice("q", "quit"))
READING = "Reading your settings."
TYPED = "This one is written: treadctl config set {} VALUE"
LATER = "What is said changes with the next start of treadctl."
SAID = ("voice", "voice_rate", "units")


def paint_settings(canvas: Canvas, rows: Sequence[Row] | None, chosen: int, said: str, local: Local) -> None:
    """Paint the list, then what the chosen one means. `rows` None: being read; `said`: what came of the last key."""
    paint_head(canvas, None, None, local)
    canvas.put(2, 2, "SETTINGS", Ink.DIM)
    canvas.fill(1, 3, canvas.width - 2, 1, "▄", ink=Ink.PAST_FORWARD)
    if rows is None:
        canvas.put(2, FIRST_ROW, said or READING, Ink.WARN if said else Ink.DIM)
    else:
        for n, row in enumerate(rows):
            _paint_row(canvas, FIRST_ROW + n, row, chosen=n == chosen)
        _paint_words(canvas, FIRST_ROW + len(rows) + 1, rows[chosen], said)
    paint_keys(canvas, canvas.height - 1, KEYS if canvas.width >= NARROW else (KEYS[0], *KEYS[2:]))


def _paint_row(canvas: Canvas, y: int, row: Row, *, chosen: bool) -> None:
    ink = Ink.CHOSEN if chosen else Ink.PLAIN
    if chosen:
        canvas.fill(0, y, canvas.width, 1, " ", ink=ink)
    canvas.put(1, y, "▸" if chosen else " ", ink)
    canvas.put(3, y, row.name.replace("_", " "), ink)
    canvas.put(VALUE, y, row.value or "-", Ink.CHOSEN if chosen else Ink.STRONG, WHERE - VALUE - 1)
    if canvas.width >= NARROW:
        canvas.put(WHERE, y, row.where, ink if chosen or row.source is not Source.DEFAULT else Ink.DIM)


def _paint_words(canvas: Canvas, y: int, row: Row, said: str) -> None:
    """What the chosen one is for; what went wrong comes first."""
    told = [(said, Ink.WARN)] if said else []
    told.append((f"{row.name.replace('_', ' ')}: {row.about}.", Ink.PLAIN))
    if not row.choices:
        told.append((TYPED.format(row.name), Ink.DIM))
    if row.name in SAID:
        told.append((LATER, Ink.DIM))
    for text, ink in told:
        for line in wrapped(text, canvas.width - 4):
            if y < canvas.height - 1:
                canvas.put(2, y, line, ink)
            y += 1


def beside(row: Row, by: int) -> str:
    """The value so many further on, round and round; the same where there is nothing to choose from."""
    if not row.choices:
        return row.value
    at = row.choices.index(row.value) if row.value in row.choices else 0
    return row.choices[(at + by) % len(row.choices)]
