"""Weeks as small charts side by side: one column or more a week, as many weeks as there is room for. Pure.

What is walked backward is hatched; colours of walks are letters; a week without a walk stays empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from treadctl.plans.colour import Colour
from treadctl.sessions.weeks import EASY, Week

from .canvas import Canvas, Ink
from .plan_page import MARKS

NARROWEST, LOWEST, HIGHEST, GAP = 34, 5, 22, 4
"""Cells of one chart, and between two (chosen: twelve weeks can be told apart, and two stand beside each other)."""
WIDEST_WEEK = 4
STACK = (Colour.RED, Colour.AMBER, Colour.GREEN, Colour.GREY)
"""From the bottom up: what matters most is never cut off."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One chart. `words` makes a value readable; `line`: it is no sum, and its scale begins near its least."""

    title: str
    value: Callable[[Week], float | None]
    words: Callable[[float], str]
    line: bool = False


MEASURES = (
    Measure("minutes backward", lambda week: week.backward / 60_000 or None, lambda value: f"{value:.0f}"),
    Measure(f"speed at effort 0-{EASY}", lambda week: week.easy_speed, lambda v: f"{v / 100:.1f} km/h", line=True),
    Measure("pain before, 0 to 10", lambda week: week.pain_before, lambda value: f"{value:.1f}", line=True),
    None,
    Measure("metres backward", lambda week: week.backward_m or None, lambda value: f"{value:.0f}"),
    Measure("bouts", lambda week: week.bouts or None, lambda value: f"{value:.0f}"),
    Measure("heart rate backward", lambda week: week.heart_backward, lambda value: f"{value:.0f}", line=True),
    Measure("heart rate forward", lambda week: week.heart_forward, lambda value: f"{value:.0f}", line=True),
)
"""In the order in which they are shown; None: the colours of the walks."""


def paint_charts(canvas: Canvas, box: tuple[int, int, int, int], weeks: Sequence[Week], top: int) -> None:
    """As many charts as there is room for, from row `top` of them on."""
    x, y, width, height = box
    across = max(1, min(4, (width + GAP) // (NARROWEST + GAP)))
    wide = (width - GAP * (across - 1)) // across
    rows = -(-len(MEASURES) // across)
    down = max(1, min(rows, (height + 1) // (LOWEST + 1)))
    high = min(HIGHEST, (height + 1) // down - 1)
    first = min(top, rows - down) * across
    if high < 3:
        return
    for n, measure in enumerate(MEASURES[first : first + across * down]):
        place = (x + n % across * (wide + GAP), y + n // across * (high + 1), wide, high)
        _paint_chart(canvas, place, measure, weeks)
    if first:
        canvas.put(canvas.width - 1, y, "↑", Ink.DIM)
    if first + across * down < len(MEASURES):
        canvas.put(canvas.width - 1, y + height - 1, "↓", Ink.DIM)


def _paint_chart(
    canvas: Canvas, box: tuple[int, int, int, int], measure: Measure | None, weeks: Sequence[Week]
) -> None:
    x, y, width, height = box
    step = max(1, min(WIDEST_WEEK, width // max(1, len(weeks))))
    shown = weeks[-(width // step) :]
    low = height < LOWEST
    inner = (x, y + 1, step, height - (1 if low else 2))
    if measure is None:
        canvas.put(x, y, "walks: Green Amber Red x not counted", Ink.DIM, width)
        _paint_letters(canvas, inner, shown)
    else:
        _paint_measure(canvas, inner, measure, shown)
        _paint_head(canvas, (x, y, width), measure, shown)
    if not low:
        canvas.put(x, y + height - 1, _date(shown[0]), Ink.DIM)
        end = _date(shown[-1])
        if width >= 2 * len(end) + 2:
            canvas.right(x + min(width, max(step * len(shown), 2 * len(end) + 2)), y + height - 1, end, Ink.DIM)


def _date(week: Week) -> str:
    return f"{datetime.fromtimestamp(week.begin, UTC):%Y-%m-%d}"


def _paint_head(canvas: Canvas, place: tuple[int, int, int], measure: Measure, weeks: Sequence[Week]) -> None:
    """The name, and between which values it was."""
    x, y, width = place
    end = canvas.put(x, y, measure.title, Ink.DIM, width)
    values = [value for week in weeks if (value := measure.value(week)) is not None]
    if not values:
        canvas.right(x + width, y, "not known", Ink.DIM)
        return
    least, most = measure.words(min(values)), measure.words(max(values))
    words = f"{least.removesuffix(' km/h')} to {most}" if measure.line and least != most else most
    if len(words) < x + width - end:
        canvas.right(x + width, y, words, Ink.PLAIN)


def _paint_measure(
    canvas: Canvas, box: tuple[int, int, int, int], measure: Measure, weeks: Sequence[Week]
) -> None:
    """Bars from 0, hatched; of a line a mark between its least and its most."""
    x, y, step, rows = box
    values = [measure.value(week) for week in weeks]
    known = [value for value in values if value is not None]
    if not known:
        return
    least, most = (min(known), max(known)) if measure.line else (0.0, max(known))
    wide = max(1, step - 1)
    for n, value in enumerate(values):
        if value is None:
            continue
        if measure.line:
            pixels = 2 * rows
            level = pixels - 1 - round((value - least) / (most - least or 1) * (pixels - 1))
            canvas.put(x + n * step, y + level // 2, "▀▄"[level % 2] * wide, Ink.STRONG)
        else:
            full = max(1, round(value / most * rows))
            canvas.fill(x + n * step, y + rows - full, wide, full, "▒", ink=Ink.BACKWARD)


def _paint_letters(canvas: Canvas, box: tuple[int, int, int, int], weeks: Sequence[Week]) -> None:
    """A letter for each walk, the worst at the bottom."""
    x, y, step, rows = box
    for n, week in enumerate(weeks):
        counts = dict(week.colours)
        letters = [MARKS[colour] for colour in STACK for _ in range(counts.get(colour.value, 0))]
        for up, (letter, ink) in enumerate(letters[:rows]):
            canvas.put(x + n * step, y + rows - 1 - up, letter, ink)
