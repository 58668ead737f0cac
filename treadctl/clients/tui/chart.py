"""What was measured, as a chart beside the walk screen where there are columns to spare. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treadctl.clients.reading import speed_words
from treadctl.model.api import Ms, Phase, Snapshot
from treadctl.model.program import Facing

from .blocks import half_blocks
from .canvas import Canvas, Ink
from .view import fresh_speed

if TYPE_CHECKING:  # the walk screen reads no files
    from treadctl.sessions.session import Session

CHART_FROM = 150
"""Columns from which a chart fits beside digits of full size (chosen: they need about 90)."""
HEART_ROWS = 6
"""A line of words and five rows of curve (chosen); with less than three times as much there is none."""
POINTS = 4000
"""More than an hour of one point a second; a chart shows the last minutes."""


@dataclass(frozen=True, slots=True)
class Point:
    """One second of walking. Unknown stays None and leaves a hole."""

    speed: int | None
    target: int | None
    heart: int | None
    facing: Facing | None


class History:
    """The last points of this walk, one for each second of walking time."""

    def __init__(self) -> None:
        self.points: deque[Point] = deque(maxlen=POINTS)
        self._second: Ms | None = None

    def see(self, snapshot: Snapshot) -> None:
        """Take this snapshot in; more than one in the same second count once."""
        if snapshot.phase is Phase.IDLE:
            self.points.clear()
        second = snapshot.walked // 1000
        if second == self._second:
            return
        self._second = second
        speed = snapshot.speed if fresh_speed(snapshot) is not None else None
        self.points.append(Point(speed, snapshot.target, snapshot.heart_rate, snapshot.facing))


def paint_chart(canvas: Canvas, box: tuple[int, int, int, int], history: History) -> None:
    """Measured speed as bars (hatched backward), the target as a line, heart rate below them, newest at the right."""
    x, y, width, height = box
    points = _last(list(history.points), width, canvas.look.calm)
    if height < 6 or not points:
        return
    hearts = [point.heart for point in points if point.heart is not None]
    pulse = HEART_ROWS if hearts and height >= 3 * HEART_ROWS else 0
    top = max([100, *(p.speed or 0 for p in points), *(p.target or 0 for p in points)])
    canvas.put(x, y, "measured speed, and target as a line", Ink.DIM, width)
    start = x if canvas.look.calm else x + width - len(points)
    for n, point in enumerate(points):
        _paint_point(canvas, (start + n, y + 1, height - 2 - pulse), point, top)
    if pulse:
        _paint_pulse(canvas, (start, y + height - 1 - pulse, width, pulse), points, hearts)
    canvas.put(x, y + height - 1, f"last {len(points)} s of walking", Ink.DIM, width)
    words = f"top {speed_words(top, canvas.look.units)} {canvas.look.units.value}"
    canvas.right(x + width, y + height - 1, words, Ink.DIM)


def _last(points: list[Point], width: int, calm: bool) -> list[Point]:
    """The newest that have room. Calm: they fill the box from the left, and half of it is turned over at a time."""
    if not calm:
        return points[-width:]
    half = max(1, width // 2)
    return points[max(0, -(-(len(points) - width) // half)) * half :]


def _paint_pulse(
    canvas: Canvas, box: tuple[int, int, int, int], points: Sequence[Point], hearts: Sequence[int]
) -> None:
    """Heart rate as a line between the tens around it, which stand above it in words."""
    x, y, width, rows = box
    low, high = min(hearts) // 10 * 10, max(hearts) // 10 * 10 + 10
    canvas.put(x, y, f"heart rate, {low} to {high}", Ink.DIM, width)
    pixels = 2 * (rows - 1)
    for n, point in enumerate(points):
        if point.heart is not None:
            level = pixels - 1 - (point.heart - low) * pixels // (high - low + 1)
            canvas.put(x + n, y + 1 + level // 2, "▀▄"[level % 2], Ink.STRONG)


def _paint_point(canvas: Canvas, place: tuple[int, int, int], point: Point, top: int) -> None:
    x, y, rows = place
    if point.speed is not None:
        backward = point.facing is Facing.BACKWARD
        pixels = round(point.speed / top * rows * 2)
        if backward:
            full = round(pixels / 2)
            canvas.fill(x, y + rows - full, 1, full, "▒", ink=Ink.BACKWARD)
        else:
            column = half_blocks(tuple((row >= rows * 2 - pixels,) for row in range(rows * 2)))
            canvas.blit(x, y, column, Ink.FORWARD)
    if point.target is not None:
        level = min(rows * 2 - 1, rows * 2 - round(point.target / top * rows * 2))
        canvas.put(x, y + level // 2, "▀▄"[level % 2], Ink.NEXT)


def paint_whole(canvas: Canvas, box: tuple[int, int, int, int], history: History) -> None:
    """The whole walk in this box: measured speed as bars, hatched backward, and the target as a line."""
    x, y, width, height = box
    points = list(history.points)
    if height < 2 or not points:
        return
    shown = [points[n * len(points) // width] for n in range(width)]
    top = max([100, *(p.speed or 0 for p in points), *(p.target or 0 for p in points)])
    legend = height >= 4
    for n, point in enumerate(shown):
        _paint_point(canvas, (x + n, y, height - (1 if legend else 0)), point, top)
    if legend:
        canvas.put(x, y + height - 1, "measured, hatched backward; the line was the target", Ink.DIM, width)
        words = f"top {speed_words(top, canvas.look.units)} {canvas.look.units.value}"
        if width >= 70:
            canvas.right(x + width, y + height - 1, words, Ink.DIM)


def paint_session(canvas: Canvas, box: tuple[int, int, int, int], session: Session) -> None:
    """The same of a walk that was recorded."""
    samples = session.samples[:: 1 + len(session.samples) // POINTS]
    history = History()
    history.points.extend(Point(one.speed, one.target, one.heart_rate, one.facing) for one in samples)
    paint_whole(canvas, box, history)
