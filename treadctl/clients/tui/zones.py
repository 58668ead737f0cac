"""Time in heart-rate zones, beside the walk where the terminal is wide enough. Pure."""

from __future__ import annotations

from treadctl.clients.heart_words import cap_words
from treadctl.model.api import Snapshot
from treadctl.model.heart import ZONE_NAMES
from treadctl.model.units import clock

from .canvas import Canvas, Ink

ZONES_FROM = 200
"""Columns."""
ROWS = len(ZONE_NAMES) + 2
"""A row for each zone, one for the cap, and one of air."""
CHART_LEFT = 12
"""Rows that a chart needs to say anything."""
NAME_WIDE, TIME_WIDE = 14, 7


def zone_rows(canvas_width: int, height: int, snapshot: Snapshot) -> int:
    """How many rows of a panel of this height go to the zones; 0: there are none, or there is no room."""
    return ROWS if snapshot.zones and canvas_width >= ZONES_FROM and height >= ROWS + CHART_LEFT else 0


def paint_zones(canvas: Canvas, box: tuple[int, int, int, int], snapshot: Snapshot) -> None:
    """One row a zone: its name, its time, its share as a bar; the one of now stands out."""
    x, y, width, _ = box
    canvas.put(x, y + 1, cap_words(snapshot), Ink.DIM, width)
    whole = max(1, sum(snapshot.zones))
    bar = width - NAME_WIDE - TIME_WIDE - 2
    for n, (name, spent) in enumerate(zip(ZONE_NAMES, snapshot.zones, strict=False)):
        here = n == snapshot.zone
        row = y + 2 + n
        canvas.put(x, row, f"{'▸' if here else ' '} {name}", Ink.STRONG if here else Ink.PLAIN, NAME_WIDE + 1)
        canvas.right(x + NAME_WIDE + TIME_WIDE, row, clock(spent), Ink.STRONG if here else Ink.PLAIN)
        canvas.fill(x + NAME_WIDE + TIME_WIDE + 2, row, bar * spent // whole, 1, "▄", ink=Ink.NEXT if here else Ink.DIM)
