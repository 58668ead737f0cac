"""A terminal too small for any page: how to stop, what the belt does, and that it is too small. Pure.

Every key stops there as everywhere; but a question that cannot be read is not answered.
"""

from __future__ import annotations

from treadctl.clients.reading import Units
from treadctl.model.api import Footer, Phase, Snapshot

from .canvas import Canvas, Ink, wrapped
from .paint import SIMULATED, foot_ink
from .state import State
from .view import direction, footer_words, fresh_speed, is_simulated, may_move

LEAST = (40, 12)
"""Columns and rows of the smallest terminal that the pages are made for."""


def fits(width: int, height: int) -> bool:
    """Whether there is room for the pages."""
    return width >= LEAST[0] and height >= LEAST[1]


def paint_tiny(canvas: Canvas, state: State) -> None:
    """In the order of importance, as many rows as there are."""
    snapshot, local = state.snapshot, state.local
    shown = snapshot or Snapshot(footer=Footer.NOTHING)
    foot = footer_words(shown, local)
    said = [(foot, foot_ink(foot, shown)), (shown.alarm, Ink.ALARM), (_belt(shown, canvas.look.units), Ink.STRONG)]
    small = [(f"Too small: {canvas.width}x{canvas.height}.", Ink.WARN), (f"Make it {LEAST[0]}x{LEAST[1]}.", Ink.WARN)]
    badge = [(SIMULATED.strip(), Ink.BADGE)] if is_simulated(snapshot, local) else []
    lines = [(line, ink) for text, ink in [*said, *small, *badge] for line in wrapped(text, canvas.width) if line]
    for y, (line, ink) in enumerate(lines[: canvas.height]):
        canvas.center(y, line, ink)


def _belt(snapshot: Snapshot, units: Units) -> str:
    """What it does, or what is waited for."""
    if snapshot.phase is Phase.COUNTDOWN:
        return f"BELT STARTS IN {snapshot.countdown}"
    if may_move(snapshot):
        speed = fresh_speed(snapshot, units)
        return f"{direction(snapshot)[0]} " + ("speed unknown" if speed is None else f"{speed} {units.value}")
    return "A question waits." if snapshot.question is not None else ""
