"""Before the first time: everything there is to know of a profile, and the briefing in the largest letters that fit.

Pure: an offer and a place in its text in, painted cells out. What the guardian says later, it says by its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from treadctl.model.api import Choice, Plan
from treadctl.model.portrait import (
    ASK_THE_SENDER,
    briefing_of,
    incline_words,
    length_words,
    speed_words,
    way_words,
)
from treadctl.model.program import Program, totals

from .canvas import Canvas, Ink, width_of, wrapped
from .choosing import Offer
from .paint import paint_head, paint_keys, spaced
from .timeline import paint_timeline
from .view import Local

Line = tuple[str, str, Ink]
"""A label or nothing, the words, and their ink."""

LABEL = 11
WIDEST = 110
"""Cells of a line of text: longer ones are hard to read (chosen)."""
NARROW = 60
"""Below this there is no column for the labels: each stands before its words, with a colon."""
FIRST_TIME = "Before the first time"
KEEP = Choice("k", "keep it")
WITHIN = "yes, within your limits"
NOT_MARKED = "not marked as shared: nothing says who it is by, or whether it was changed"
MOST_REFUSALS = 5
"""After the first one (chosen: who has read so many needs no more)."""


def paint_preview(canvas: Canvas, offer: Offer, top: int, local: Local, said: str = "") -> None:
    """Paint the offer from line `top` of its facts on. `said`: what became of the last key, shown first."""
    paint_head(canvas, None, None, local)
    y = _paint_title(canvas, offer)
    picture = _picture_rows(canvas.height)
    if picture and offer.segments:
        plan = Plan(offer.name, offer.segments, offer.length)
        paint_timeline(canvas, (2, y, canvas.width - 4, picture), plan, None)
        y += picture + 1
    end = _paint_briefing(canvas, offer)
    facts = fact_lines(offer, canvas.width, said)
    rows = max(1, end - y)
    top = max(0, min(top, len(facts) - rows))
    for n, (label, words, ink) in enumerate(facts[top : top + rows]):
        canvas.put(2, y + n, label, Ink.DIM)
        canvas.put(2 + LABEL if canvas.width >= NARROW else 2 + width_of(label) + bool(label), y + n, words, ink)
    paint_keys(canvas, canvas.height - 1, keys_of(offer, more=top + rows < len(facts), scrolled=top > 0))


def keys_of(offer: Offer, *, more: bool, scrolled: bool) -> tuple[Choice, ...]:
    """What can be done, the likeliest first."""
    down = (Choice("down", "more"),) if more else (Choice("up", "back up"),) if scrolled else ()
    keep = (KEEP,) if offer.data else ()
    return (Choice("enter", "walk"), Choice("esc", "back"), *down, *keep)


def last_top(offer: Offer, size: tuple[int, int], said: str = "") -> int:
    """The furthest line that the facts can begin at on a screen of this size."""
    canvas = Canvas(*size)
    picture = _picture_rows(canvas.height)
    y = _paint_title(canvas, offer) + (picture + 1 if picture and offer.segments else 0)
    return max(0, len(fact_lines(offer, canvas.width, said)) - max(1, _paint_briefing(canvas, offer) - y))


def _paint_title(canvas: Canvas, offer: Offer) -> int:
    """The name, whether it is the first time, the summary; answers the row below."""
    first = "" if offer.walked else FIRST_TIME
    edge = canvas.right(canvas.width - 2, 1, first, Ink.NEXT) if first and canvas.width >= NARROW else canvas.width - 1
    canvas.put(2, 1, offer.name, Ink.STRONG, edge - 3)
    y = 2
    if canvas.height >= 16 and offer.program is not None:
        for line in wrapped(offer.program.summary, min(WIDEST, canvas.width - 4))[:2]:
            canvas.put(2, y, line)
            y += 1
    return y + (canvas.height >= 20)


def _picture_rows(height: int) -> int:
    """A taller picture on a higher screen; none on the lowest: the words are needed more."""
    return 0 if height < 16 else max(4, min(14, height // 5))


def _paint_briefing(canvas: Canvas, offer: Offer) -> int:
    """The sentence above the keys; answers the row that it begins at."""
    text, width = briefing_of(offer.segments), canvas.width - 4
    picture = canvas.paragraph(text, width, max(3, canvas.height // 4))
    bottom = canvas.height - 2 if canvas.height >= 16 else canvas.height - 1
    if picture is not None:
        canvas.blit(2, bottom - len(picture), picture, Ink.NEXT)
        return bottom - len(picture) - 1
    lines = [spaced(line, width) for line in _halves(text, width)]
    for n, line in enumerate(lines):
        canvas.center(bottom - len(lines) + n, line, Ink.NEXT)
    return bottom - len(lines) - (canvas.height >= 16)


def _halves(text: str, width: int) -> list[str]:
    """Lines short enough to be spread, if two or three of them are enough."""
    lines = wrapped(text, width // 2)
    return lines if len(lines) <= 3 and width >= NARROW - 4 else wrapped(text, width)


# --- the facts -----------------------------------------------------------------------------------------------------


def fact_lines(offer: Offer, width: int, said: str = "") -> list[Line]:
    """Everything, broken into lines for a screen of this width."""
    column = LABEL if width >= NARROW else 0
    found: list[Line] = []
    for label, text, ink in _facts(offer, said):
        room = min(WIDEST, width - 4 - column)
        shown = label if column else f"{label}:"
        first = 0 if column else width_of(shown) + 1
        for n, line in enumerate(_broken(text, room, first)):
            found.append((shown if n == 0 and label else "", line, ink))
    return found


def _broken(text: str, room: int, first: int) -> list[str]:
    """`text` in lines of `room` cells, the first one shorter by `first`."""
    lines = wrapped(f"{'x' * (first - 1)} {text}" if first > 1 else text, room)
    if first > 1 and lines:
        lines[0] = lines[0][first:]
    return lines


def _facts(offer: Offer, said: str) -> Iterator[Line]:
    """What matters most comes first; what is long comes last."""
    if said:
        yield "", said, Ink.GOOD
    yield from _origin(offer)
    more = len(offer.refusals) - 1
    if offer.refusals:
        yield "for you", f"refused: {offer.refusals[0]}", Ink.WARN
        if more > 0:
            yield "", f"and {more} more, below", Ink.WARN
    else:
        yield "for you", WITHIN, Ink.GOOD
    if offer.program is not None:
        yield from _figures(offer)
        yield from _author(offer.program)
    others = [why for why in offer.refusals[1:] if why not in offer.shut]
    for n, why in enumerate(others[:MOST_REFUSALS]):
        yield "" if n else "refused", why, Ink.WARN
    if len(others) > MOST_REFUSALS:
        yield "", f"and {len(others) - MOST_REFUSALS} more", Ink.WARN


def _origin(offer: Offer) -> Iterator[Line]:
    """Of a file from elsewhere: who it is by, and whether anything was changed."""
    if offer.shared is not None:
        yield "shared", str(offer.shared), Ink.STRONG if offer.shared.unchanged else Ink.WARN
        if not offer.shared.unchanged:
            yield "", ASK_THE_SENDER, Ink.WARN
    elif offer.file:
        yield "shared", NOT_MARKED, Ink.WARN


def _figures(offer: Offer) -> Iterator[Line]:
    figures = totals(offer.segments)
    yield "top speed", speed_words(figures), Ink.STRONG
    yield "direction", way_words(figures), Ink.PLAIN
    yield "length", length_words(offer.segments), Ink.PLAIN
    yield "incline", incline_words(figures), Ink.PLAIN
    yield "gates", offer.gates, Ink.PLAIN
    for line in offer.shut:
        if line not in offer.refusals[:1]:
            yield "", line, Ink.WARN
    assert offer.program is not None
    for label, text in (("dose", offer.program.dose), ("note", offer.program.note)):
        if text:
            yield label, text, Ink.NEXT
    for n, line in enumerate(offer.reached):
        yield "" if n else "limits", line, Ink.PLAIN


def _author(program: Program) -> Iterator[Line]:
    yield "level", f"{program.level.value} ({program.level.word})", Ink.PLAIN
    for label, text in (("by", program.author), ("basis", program.basis)):
        if text:
            yield label, text, Ink.PLAIN
