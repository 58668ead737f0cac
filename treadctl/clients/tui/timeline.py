"""The whole programme as one picture: height is speed, hatched is backward, a gap is a turn-around, a mark is now.

Pure: plan and position in, cells on a canvas out.
"""

from __future__ import annotations

from dataclasses import dataclass

from treadctl.model.api import Ms, Plan, Snapshot
from treadctl.model.program import DeadMill, Facing, Segment, Turn, Walk

from .blocks import half_blocks
from .canvas import Canvas, Ink

LEGEND = "height = speed, hatched = backward, ^ = now"


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment's columns on the picture, `begin` to `end` (exclusive). A turn has one column or none."""

    index: int
    segment: Segment
    begin: int
    end: int


def pieces(segments: tuple[Segment, ...], width: int) -> tuple[Piece, ...]:
    """Columns in proportion to time; each turn is a gap of one column where there is room for gaps."""
    gap = 1 if width >= 4 * len(segments) else 0
    gaps = gap * sum(isinstance(s, Turn) for s in segments)
    total = sum(s.seconds for s in segments if not isinstance(s, Turn)) or 1
    found = []
    seconds = shift = 0
    for index, segment in enumerate(segments):
        begin = seconds * (width - gaps) // total + shift
        if isinstance(segment, Turn):
            shift += gap
        else:
            seconds += segment.seconds
        found.append(Piece(index, segment, begin, seconds * (width - gaps) // total + shift))
    return tuple(found)


def cursor(parts: tuple[Piece, ...], segment: int | None, left: Ms) -> int | None:
    """The column of now, None before the programme began."""
    if segment is None or not 0 <= segment < len(parts):
        return None
    piece = parts[segment]
    if isinstance(piece.segment, Turn) or piece.segment.seconds == 0:
        return piece.begin
    done = 1 - min(1.0, max(0.0, left / (piece.segment.seconds * 1000)))
    return min(piece.begin + int(done * (piece.end - piece.begin)), max(piece.begin, piece.end - 1))


def paint_timeline(canvas: Canvas, box: tuple[int, int, int, int], plan: Plan, snapshot: Snapshot | None) -> None:
    """Draw the programme in `box` (x, y, width, height). With three rows or more the last one carries the mark."""
    x, y, width, height = box
    marked = height >= 2
    bars = height - 1 if marked else height
    parts = pieces(plan.segments, width)
    now = None if snapshot is None else cursor(parts, snapshot.segment, snapshot.segment_left)
    top = max((s.speed for s in plan.segments if isinstance(s, Walk)), default=1) or 1
    for piece in parts:
        for column in range(piece.begin, piece.end):
            past = now is not None and column < now
            _paint_column(canvas, (x + column, y, bars), piece.segment, top, past)
    if marked:
        _paint_mark(canvas, (x, y + bars, width), now)
    elif now is not None:
        canvas.put(x + now, y, "█", Ink.CURSOR)


def _paint_column(canvas: Canvas, place: tuple[int, int, int], segment: Segment, top: int, past: bool) -> None:
    """One column from the bottom up. A backward bar is hatched in whole cells: hatching has no half block."""
    x, y, rows = place
    if isinstance(segment, Walk) and segment.facing is Facing.FORWARD:
        pixels = max(1, round(segment.speed / top * rows * 2))
        column = half_blocks(tuple((row >= rows * 2 - pixels,) for row in range(rows * 2)))
        canvas.blit(x, y, column, Ink.PAST_FORWARD if past else Ink.FORWARD)
    elif isinstance(segment, (Walk, DeadMill)):
        full = max(1, round(segment.speed / top * rows)) if isinstance(segment, Walk) else 1
        canvas.fill(x, y + rows - full, 1, full, "▒", ink=Ink.PAST_BACKWARD if past else Ink.BACKWARD)
    elif not isinstance(segment, Turn):
        canvas.put(x, y + rows - 1, "·", Ink.REST)


def _paint_mark(canvas: Canvas, line: tuple[int, int, int], now: int | None) -> None:
    x, y, width = line
    if now is not None:
        canvas.put(x + now, y, "^", Ink.CURSOR)
    legend = LEGEND if now is not None else LEGEND.removesuffix(", ^ = now")
    room = width - (now or 0) if (now or 0) < width // 2 else now or 0
    if room > len(legend) + 6:
        at = x + width - len(legend) if (now or 0) < width // 2 else x
        canvas.put(at, y, legend, Ink.DIM)
