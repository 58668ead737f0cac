"""A whole programme as a picture of characters: height is speed, and direction is shown by hatching, letter and colour.

Pure: segments in, lines out; nothing is printed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from treadctl.model.program import DeadMill, Facing, OffTreadmill, Rest, Segment, Turn, Walk, incline_of
from treadctl.model.units import Speed, clock

from .tui.timeline import Piece, pieces

ROWS = 6
"""Of the picture itself. Chosen: tall enough to tell 1.0 from 1.2 km/h, short enough for a small terminal."""
AXIS = 6
"""Columns of the speeds on the left."""
FORWARD_INK, BACKWARD_INK, PLAIN = "\x1b[36m", "\x1b[33m", "\x1b[0m"
LETTERS = "F forward, B backward, R rest, D push the belt, O beside the treadmill, | turn round"


@dataclass(frozen=True, slots=True)
class Look:
    """What the terminal can show: columns for all, colours, and more than ASCII."""

    width: int = 80
    colour: bool = False
    blocks: bool = True


def picture(segments: Sequence[Segment], look: Look) -> list[str]:
    """The lines of the picture, top to bottom, with its letters, inclines, times and legend."""
    width = max(20, look.width - AXIS)
    parts = [part for part in pieces(tuple(segments), width) if part.end > part.begin or isinstance(part.segment, Turn)]
    top = max((s.speed for s in segments if isinstance(s, Walk)), default=0)
    lines = [_axis(row, top) + _row(parts, row, top, width, look) for row in range(ROWS, 0, -1)] if top else []
    lines.append(" " * AXIS + _letters(parts, width, look))
    if any(isinstance(s, Walk) and incline_of(s) for s in segments) and (inclines := _inclines(parts, width)).strip():
        lines.append(f"{'%':>{AXIS - 1}} {inclines}")
    lines.append(" " * AXIS + _times(segments, width))
    return [*(line.rstrip() for line in lines), LETTERS]


def _axis(row: int, top: int) -> str:
    """The speed that a bar of this height reaches, at the top and half way."""
    shown = str(Speed(top * row // ROWS)) if row in (ROWS, ROWS // 2) else ""
    return f"{shown:>{AXIS - 1}} "


def _row(parts: Sequence[Piece], row: int, top: int, width: int, look: Look) -> str:
    cells = [" "] * width
    for part in parts:
        for column in range(part.begin, min(part.end, width)):
            cells[column] = _cell(part.segment, row, top, look)
    return "".join(cells)


def _cell(segment: Segment, row: int, top: int, look: Look) -> str:
    """One character: full is forward, hatched is backward."""
    if isinstance(segment, Walk):
        reached = max(1, round(segment.speed * ROWS / top)) >= row
        backward = segment.facing is Facing.BACKWARD
    elif isinstance(segment, DeadMill):
        reached, backward = row == 1, segment.facing is Facing.BACKWARD
    else:
        return " "
    if not reached:
        return " "
    sign = ("▒" if backward else "█") if look.blocks else ("/" if backward else "#")
    return _inked(sign, BACKWARD_INK if backward else FORWARD_INK, look)


def _inked(sign: str, ink: str, look: Look) -> str:
    return f"{ink}{sign}{PLAIN}" if look.colour else sign


def _letters(parts: Sequence[Piece], width: int, look: Look) -> str:
    """A letter below the middle of each piece, a bar at each turn."""
    cells = [" "] * (width + 1)
    for part in parts:
        if isinstance(part.segment, Turn):
            cells[part.begin] = "|"
    for part in parts:
        if not isinstance(part.segment, Turn):
            cells[(part.begin + part.end - 1) // 2] = _letter(part.segment, look)
    return "".join(cells)


def _letter(segment: Segment, look: Look) -> str:
    match segment:
        case Walk(facing=Facing.BACKWARD):
            return _inked("B", BACKWARD_INK, look)
        case Walk():
            return _inked("F", FORWARD_INK, look)
        case Rest():
            return "R"
        case DeadMill():
            return "D"
        case OffTreadmill():
            return "O"
        case Turn():
            return "|"


def _inclines(parts: Sequence[Piece], width: int) -> str:
    """The incline of each piece that has room for it, in whole percent where it is one."""
    line = [" "] * width
    for part in parts:
        if not isinstance(part.segment, Walk):
            continue
        text = f"{incline_of(part.segment) / 10:g}"
        if part.end - part.begin > len(text):
            line[part.begin : part.begin + len(text)] = list(text)
    return "".join(line)


def _times(segments: Sequence[Segment], width: int) -> str:
    """Begin, middle and end, in minutes without turns."""
    seconds = sum(s.seconds for s in segments if not isinstance(s, Turn))
    middle, end = clock(seconds * 500), clock(seconds * 1000)
    line = f"{'0:00':<{width // 2}}{middle}"
    return f"{line:<{max(len(line) + 1, width - len(end))}}{end}"
