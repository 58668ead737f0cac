"""Home: the profiles, what each asks of a walker, and whether the limits allow it; below, the chosen one as a picture.

Pure: offers and a choice in, painted cells out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from treadctl.model.api import Choice, Ms, Plan
from treadctl.model.program import Program, Segment
from treadctl.model.units import clock

from .canvas import Canvas, Ink, fitted, wrapped
from .paint import paint_head, paint_keys
from .picking import Linked
from .timeline import paint_timeline
from .view import Local, plan_words

FIRST_ROW = 4
KEYS = (Choice("up/down", "choose"), Choice("enter", "walk"), Choice("m", "treadmill"), Choice("q", "quit"))
LEARN = Choice("c", "commission")


@dataclass(frozen=True, slots=True)
class Offer:
    """One profile. `refusal`: why it may not be walked today, empty when it may; `program` None: it cannot be read."""

    name: str
    program: Program | None
    segments: tuple[Segment, ...]
    level: int = 0
    length: Ms = 0
    backward: Ms = 0
    refusal: str = ""


def paint_home(
    canvas: Canvas, offers: Sequence[Offer] | None, chosen: int, local: Local, linked: Linked | None = None
) -> None:
    """Paint the list with the chosen profile's preview. `offers` None: still being read. `linked`: the machine."""
    paint_head(canvas, None, None, local)
    if linked is not None and canvas.width >= 60:
        words = linked.name if linked.driven else f"{linked.name}: not learnt yet"
        canvas.right(canvas.width - 1, 0, words, Ink.DIM if linked.driven else Ink.WARN)
    _paint_columns(canvas)
    if offers is None:
        canvas.center(FIRST_ROW + 1, "Reading the profiles.", Ink.DIM)
        return
    preview = 7 if canvas.height >= 20 else (3 if canvas.height >= 14 else 2)
    rows = max(1, canvas.height - FIRST_ROW - preview - 2)
    first = max(0, min(chosen - rows // 2, len(offers) - rows))
    for n, offer in enumerate(offers[first : first + rows]):
        _paint_offer(canvas, FIRST_ROW + n, offer, chosen=first + n == chosen)
    if 0 <= chosen < len(offers):
        _paint_preview(canvas, canvas.height - preview - 1, preview, offers[chosen])
    if not offers:
        canvas.center(FIRST_ROW + 1, "There are no profiles; treadctl is not installed whole.", Ink.WARN)
    paint_keys(canvas, canvas.height - 1, KEYS if linked is None or linked.driven else (*KEYS[:-1], LEARN, KEYS[-1]))


def offer_at(offers: Sequence[Offer], chosen: int, height: int, y: int) -> int | None:
    """The offer under row `y`, for a mouse click."""
    preview = 7 if height >= 20 else (3 if height >= 14 else 2)
    rows = max(1, height - FIRST_ROW - preview - 2)
    index = max(0, min(chosen - rows // 2, len(offers) - rows)) + y - FIRST_ROW
    return index if FIRST_ROW <= y < FIRST_ROW + rows and index < len(offers) else None


def _columns(width: int) -> tuple[int, int, int, int]:
    """Where level, length, backward and verdict begin; 0: no room."""
    if width < 60:
        return 0, width - 8, 0, 0
    name = max(20, min(44, width // 3))
    return name + 2, name + 10, name + 20, name + 31


def _paint_columns(canvas: Canvas) -> None:
    level, length, backward, verdict = _columns(canvas.width)
    canvas.put(2, 2, "PROFILE", Ink.DIM)
    for x, word in ((level, "level"), (length, "length"), (backward, "backward"), (verdict, "for you")):
        if x:
            canvas.put(x, 2, word, Ink.DIM)
    canvas.fill(1, 3, canvas.width - 2, 1, "▄", ink=Ink.PAST_FORWARD)


def _paint_offer(canvas: Canvas, y: int, offer: Offer, *, chosen: bool) -> None:
    level, length, backward, verdict = _columns(canvas.width)
    ink = Ink.CHOSEN if chosen else (Ink.DIM if offer.refusal else Ink.PLAIN)
    if chosen:
        canvas.fill(0, y, canvas.width, 1, " ", ink=Ink.CHOSEN)
    canvas.put(1, y, "▸" if chosen else " ", ink)
    canvas.put(3, y, offer.name, ink, (level or length) - 5)
    if offer.program is not None:
        canvas.put(length, y, clock(offer.length), ink)
    if level and offer.program is not None:
        canvas.put(level, y, f"L{offer.level}", ink)
        canvas.put(backward, y, clock(offer.backward), ink)
    if verdict:
        shown = "no: " + offer.refusal if offer.refusal else "yes"
        plain = Ink.WARN if offer.refusal else Ink.GOOD
        canvas.put(verdict, y, fitted(shown, canvas.width - verdict - 1), Ink.CHOSEN if chosen else plain)


def _paint_preview(canvas: Canvas, y: int, height: int, offer: Offer) -> None:
    """Why not, or what it is; its picture where there is room."""
    width = canvas.width - 4
    if offer.refusal:
        text, ink = f"Refused: {offer.refusal}.".replace("..", "."), Ink.WARN
    else:
        text, ink = (offer.program.summary if offer.program else "") or plan_words(offer.segments), Ink.PLAIN
    lines = wrapped(text, width)[: 2 if height > 2 else 1]
    for n, line in enumerate(lines):
        canvas.put(2, y + n, line, ink)
    if height >= 7 and offer.segments:
        canvas.put(2, y + 2, plan_words(offer.segments), Ink.DIM, width)
        plan = Plan(offer.name, offer.segments, offer.length)
        paint_timeline(canvas, (2, y + 3, width, 4), plan, None)
