"""Draws a card over the whole screen: its sentence as large as it fits, then what to do, then the keys. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from treadctl.model.api import Choice, Footer, Plan, Snapshot

from .blocks import half_blocks
from .canvas import Canvas, Ink, width_of, wrapped
from .cards import Card, Mood
from .paint import KEY_GAP, key_width, paint_foot, paint_head, paint_key, paint_keys, paint_sentence
from .timeline import paint_timeline
from .view import Local

_MOOD_INK = {Mood.CALM: Ink.STRONG, Mood.ATTENTION: Ink.NEXT, Mood.ALARM: Ink.ALARM, Mood.GOOD: Ink.GOOD}


AMPLE = 16
"""Rows of a screen on which there is room for small print below, and air."""
AIRY = 40
"""Rows of a screen on which sentence and action stand apart."""
LARGE_KEYS = (100, 40)
"""Columns and rows from which the keys are block letters too."""
NEAR_ROWS = 14
"""Four lines of block letters: more of them are slower to read at the console than plain text (tried)."""


def paint_card(canvas: Canvas, card: Card, snapshot: Snapshot | None, plan: Plan | None, local: Local) -> None:
    """Paint the card: head, title and small print above, sentence and action in the middle, keys and truth below."""
    width, height = canvas.width, canvas.height
    shown = snapshot or Snapshot(footer=Footer.NOTHING)
    large = card.mood is Mood.ALARM or shown.footer is Footer.ANY_KEY
    foot = 3 if height >= 24 and large else 1
    if card.mood is Mood.ALARM:
        canvas.fill(0, 1, width, height - foot - 1, "█", ink=Ink.ALARM)
        canvas.fill(2, 2, width - 4, height - foot - 3, " ", ink=Ink.PLAIN)
    paint_head(canvas, snapshot, plan, local)
    paint_foot(canvas, height - foot, foot, shown, local)
    bottom = height - foot - (1 if height >= 20 or card.mood is Mood.ALARM else 0)
    bottom = _paint_small(canvas, bottom, card, plan, shown)
    large_keys = not card.near and width >= LARGE_KEYS[0] and height >= LARGE_KEYS[1]
    bottom = _paint_large(canvas, bottom, card.keys) if large_keys else _paint_choices(canvas, bottom, card.keys)
    top = _paint_title(canvas, card)
    if _too_much(canvas, card, bottom - top):
        _paint_tight(canvas, top, bottom + 1, card)
        return
    top = _paint_lines(canvas, top, bottom - 2, card)
    _paint_middle(canvas, (3, top, width - 6, max(1, bottom - top)), card)


def _paint_title(canvas: Canvas, card: Card) -> int:
    ink = _MOOD_INK[card.mood]
    if canvas.height < AMPLE:
        canvas.center(1, f" {card.title} ", ink)
        return 2
    picture = canvas.paragraph(card.title, canvas.width - 8, 3)
    top = 3 if card.mood is Mood.ALARM else 2
    if canvas.height < 30 or picture is None or card.near:
        canvas.center(top, card.title, ink)
        return top + 2
    canvas.blit(4, top, picture, ink)
    return top + 4


def _too_much(canvas: Canvas, card: Card, rows: int) -> bool:
    """Whether what has to be read is more than a small screen holds with the small print and air around it."""
    if canvas.height >= AMPLE or card.number or card.figures or card.mood is Mood.ALARM:
        return False
    above = min(max(0, (rows - 2) // 2), sum(len(wrapped(line, canvas.width - 8)) for line in card.lines))
    action = 1 + len(wrapped(card.action, canvas.width - 6)) if card.action else 0
    return len(wrapped(card.sentence, canvas.width - 6)) + action + above + (1 if above else 0) > rows


def _paint_tight(canvas: Canvas, top: int, bottom: int, card: Card) -> None:
    """Sentence and action alone, from edge to edge."""
    width = canvas.width - 2
    action = len(wrapped(card.action, width)) if card.action else 0
    y = top + paint_sentence(canvas, (1, top, width, bottom - top - action), card.sentence, _MOOD_INK[card.mood])
    if action:
        paint_sentence(canvas, (1, y, width, action), card.action, Ink.PLAIN, large=False)


def _paint_lines(canvas: Canvas, top: int, bottom: int, card: Card) -> int:
    """The small print above the sentence; the newest of it, each whole, when there is too much."""
    room = max(0, (bottom - top) // 2)
    lines = _newest([wrapped(line, canvas.width - 8) for line in card.lines], room)
    for n, line in enumerate(lines):
        canvas.center(top + n, line, Ink.GOOD if line.startswith("✓") else Ink.PLAIN)
    return top + len(lines) + (1 if lines else 0)


def _newest(entries: list[list[str]], room: int) -> list[str]:
    """As many of the last ones as fit whole; of one that is too long by itself the begin."""
    found: list[str] = []
    for entry in reversed(entries):
        if len(found) + len(entry) > room:
            break
        found = entry + found
    if found or not room or not entries:
        return found
    cut = entries[-1][:room]
    return [*cut[:-1], f"{cut[-1]}…"]


def _paint_small(canvas: Canvas, bottom: int, card: Card, plan: Plan | None, snapshot: Snapshot) -> int:
    """The programme's picture, then the print at the bottom; answers the row above them."""
    if canvas.height >= AMPLE:
        lines = [part for line in card.small for part in wrapped(line, canvas.width - 8)]
        bottom -= len(lines)
        for n, line in enumerate(lines):
            canvas.center(bottom + n, line, Ink.DIM)
        bottom -= 1 if lines else 0
    if card.picture and plan is not None and canvas.height >= 20:
        rows = 3 if canvas.height < 36 else 5
        bottom -= rows
        paint_timeline(canvas, (2, bottom, canvas.width - 4, rows), plan, snapshot)
        bottom -= 1
    return bottom


def _paint_choices(canvas: Canvas, bottom: int, keys: Sequence[Choice]) -> int:
    """Every key is shown: in one line, else one under another, else in as many lines as it takes."""
    if not keys:
        return bottom
    lines = _lines_of(keys, canvas.width - 4)
    if len(lines) > 1 and len(keys) <= canvas.height // 3:
        return _paint_list(canvas, bottom, keys)
    start = bottom - len(lines)
    for n, line in enumerate(lines):
        paint_keys(canvas, start + n, line)
    return start - 1


def _paint_large(canvas: Canvas, bottom: int, keys: Sequence[Choice]) -> int:
    """Keys that are read from afar: one under another in block letters; small ones where they do not fit so."""
    drawn = [canvas.paragraph(f"{choice.key}: {choice.label}", canvas.width - 8, 3, large=False) for choice in keys]
    if not drawn or None in drawn or 4 * len(drawn) > canvas.height // 3:
        return _paint_choices(canvas, bottom, keys)
    pictures = [picture for picture in drawn if picture is not None]
    left = min(len(line) - len(line.lstrip()) for picture in pictures for line in picture)
    start = bottom - 4 * len(pictures)
    for n, picture in enumerate(pictures):
        own = min(len(line) - len(line.lstrip()) for line in picture)
        canvas.blit(4 + left, start + 4 * n, [line[own:] for line in picture], Ink.PLAIN)
    return start - 1


def _lines_of(keys: Sequence[Choice], width: int) -> list[list[Choice]]:
    lines: list[list[Choice]] = [[]]
    for choice in keys:
        if lines[-1] and sum(key_width(c) + KEY_GAP for c in [*lines[-1], choice]) > width:
            lines.append([])
        lines[-1].append(choice)
    return lines


def _paint_list(canvas: Canvas, bottom: int, keys: Sequence[Choice]) -> int:
    start, widest = bottom - len(keys), max(key_width(choice) for choice in keys)
    for n, choice in enumerate(keys):
        paint_key(canvas, max(2, (canvas.width - widest) // 2), start + n, choice)
    return start - 1


def _paint_middle(canvas: Canvas, box: tuple[int, int, int, int], card: Card) -> None:
    """Number, sentence, action and figures, together in the middle of what is left."""
    x, y, width, height = box
    ink = _MOOD_INK[card.mood]
    if card.number:
        words = len(wrapped(card.sentence, width)) + (2 if card.action else 0) + 1
        used = _paint_number(canvas, (x, y, width, height - words), card.number, ink)
        y, height, ink = y + used, height - used, Ink.STRONG
    below = len(card.figures) + (1 if card.figures else 0)
    sentence, action = _share(canvas, card, width, max(1, height - below))
    y += max(0, (height - below - sentence - (action + 2 if action else 0)) // 2)
    paint_sentence(canvas, (x, y, width, sentence), card.sentence, ink, large=not card.near)
    y += sentence + (2 if canvas.height >= AIRY else 1)
    if action:
        paint_sentence(canvas, (x, y, width, action), card.action, Ink.PLAIN, large=False)
    _paint_figures(canvas, y, box[1] + box[3], card)


def _share(canvas: Canvas, card: Card, width: int, height: int) -> tuple[int, int]:
    """Rows for sentence and action: the sentence in block letters first, then the action, then a larger sentence."""
    limit = NEAR_ROWS if card.near else height
    if not card.action:
        return _rows_of(canvas, card.sentence, width, min(limit, height), large=not card.near), 0
    least = _rows_of(canvas, card.sentence, width, min(limit, max(1, height - 2)), large=False)
    block = bool(card.number) or canvas.paragraph(card.sentence, width, least, large=False) is not None
    action = _rows_of(canvas, card.action, width, min(7, max(1, height - least - 1)) if block else 2, large=False)
    room = max(1, height - action - 1)
    return _rows_of(canvas, card.sentence, width, min(limit, room), large=not card.near), action


def _rows_of(canvas: Canvas, text: str, width: int, rows: int, *, large: bool) -> int:
    """How many of at most `rows` rows `text` takes, as large as it fits."""
    picture = canvas.paragraph(text, width, rows, large=large)
    return len(picture) if picture is not None else max(1, min(rows, len(wrapped(text, width))))


def _paint_number(canvas: Canvas, box: tuple[int, int, int, int], text: str, ink: Ink) -> int:
    """The number over the upper part of the box; answers the rows it took."""
    x, y, width, height = box
    pixels = 2 * max(4, min(height - 1, height * 4 // 5 if height > 12 else height))
    while pixels > 8 and canvas.number_width(text, pixels) > width:
        pixels -= 2
    wide = canvas.number_width(text, pixels)
    canvas.blit(x + (width - wide) // 2, y, half_blocks(canvas.number(text, pixels)), ink)
    return pixels // 2 + 1


def _paint_figures(canvas: Canvas, y: int, end: int, card: Card) -> None:
    """As many as there are rows before `end`."""
    if not card.figures:
        return
    label = max(width_of(name) for name, _ in card.figures)
    widest = label + 3 + max(width_of(value) for _, value in card.figures)
    x = max(1, (canvas.width - widest) // 2)
    for n, (name, value) in enumerate(card.figures[: max(0, end - y)]):
        canvas.right(x + label, y + n, name, Ink.DIM)
        canvas.put(x + label + 3, y + n, value, Ink.STRONG)
