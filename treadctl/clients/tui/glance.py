"""The address of the glance page beside a card, as a code that a phone reads. Pure but for the making of the code."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from treadctl.model.api import Phase, Snapshot

from .canvas import Canvas, Ink

CARD_MIN = 40
"""Columns in which every card can still be read."""
GAP = 2
WORDS = "Page for phone or tablet"


def before_the_walk(snapshot: Snapshot | None) -> bool:
    """While people still have their hands free for a phone."""
    return snapshot is None or snapshot.phase in (Phase.IDLE, Phase.CHECKING)


def paint_beside_code(canvas: Canvas, address: str, paint: Callable[[Canvas], None]) -> None:
    """Paint a card in what the code leaves of the width; the card alone where that is too little."""
    code = _code(address)
    wide = len(code[0])
    left = Canvas(canvas.width - wide - GAP, canvas.height, canvas.look)
    if left.width < CARD_MIN or canvas.height < len(code) + 3:
        paint(canvas)
        return
    paint(left)
    for y, row in enumerate(left.rows()):
        x = 0
        for span in row:
            x = canvas.put(x, y, span.text, span.ink)
    canvas.put(left.width + GAP, 1, WORDS, Ink.DIM)
    for y, line in enumerate(code, 2):
        canvas.put(left.width + GAP, y, line, Ink.STRONG)


@cache
def _code(address: str) -> tuple[str, ...]:
    from treadctl.clients.glance.qr import rows  # noqa: PLC0415 - its library is not for the first frame

    return rows(address)
