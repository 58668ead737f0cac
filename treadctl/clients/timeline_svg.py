"""A whole programme as an SVG picture: speed steps, inclines, direction by hatching, letter and colour, and the cues.

Pure: a program in, text out. Words from the file are escaped and nothing in the picture loads or runs anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from treadctl.model.program import (
    DeadMill,
    Facing,
    OffTreadmill,
    Program,
    Rest,
    Segment,
    Turn,
    Walk,
    expand,
    incline_of,
)
from treadctl.model.text import safe_text
from treadctl.model.units import Incline, Speed, clock

WIDTH, LEFT, RIGHT = 960, 76, 20
TOP, CHART = 60, 200
TURN_WIDTH = 6
CUE_LINE = 18
MOST_CUES = 40
_STYLE = (
    "text{font:13px sans-serif;fill:#1a1a1a}.t{font-size:18px;font-weight:bold}.f{fill:#2b7bba}.b{fill:url(#h)}"
    ".o{fill:#999}.i{fill:none;stroke:#7a3db8;stroke-width:2;stroke-dasharray:6 3}.c{fill:#1a1a1a}.n{fill:#fff;"
    "font-size:10px;text-anchor:middle}.m{text-anchor:middle}.a{stroke:#666;stroke-width:1}"
)
_HATCH = (
    '<defs><pattern id="h" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="8" height="8" fill="#f6c667"/><rect width="3" height="8" fill="#a65d00"/></pattern></defs>'
)


def drawing(program: Program) -> str:
    """The picture of a sound program."""
    segments = expand(program)
    places = list(_places(segments))
    cues = [(x, s) for x, _, s in places if not isinstance(s, Turn) and s.say]
    height = TOP + CHART + 70 + CUE_LINE * min(len(cues), MOST_CUES + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">',
        f"<title>{_shown(program.name)}</title><style>{_STYLE}</style>{_HATCH}",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/><text class="t" x="{LEFT}" y="28">'
        f"{_shown(program.name)}</text>",
        *_chart(places),
        *_inclines(places),
        *_axes(segments),
        *_cues(cues),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _shown(text: str) -> str:
    return escape(safe_text(text, 200))


def _places(segments: Sequence[Segment]) -> Iterator[tuple[float, float, Segment]]:
    """Each segment with its left edge and width; time has what the turns leave of the width."""
    turns = sum(isinstance(s, Turn) for s in segments)
    seconds = sum(s.seconds for s in segments if not isinstance(s, Turn)) or 1
    room, x = max(1, WIDTH - LEFT - RIGHT - TURN_WIDTH * turns), float(LEFT)
    for segment in segments:
        wide = TURN_WIDTH if isinstance(segment, Turn) else segment.seconds * room / seconds
        yield x, wide, segment
        x += wide


def _chart(places: Sequence[tuple[float, float, Segment]]) -> Iterator[str]:
    top = max((s.speed for _, _, s in places if isinstance(s, Walk)), default=1)
    base = TOP + CHART
    for x, wide, segment in places:
        match segment:
            case Turn():
                yield f'<line class="a" x1="{x + wide / 2:.1f}" x2="{x + wide / 2:.1f}" y1="{TOP}" y2="{base}"/>'
                continue
            case Walk(facing=facing, speed=speed):
                high, kind = CHART * 0.9 * speed / top, "b" if facing is Facing.BACKWARD else "f"
                letter = "B" if facing is Facing.BACKWARD else "F"
                told = f"{facing.value} {speed} km/h"
            case DeadMill(facing=facing):
                high, kind, letter, told = 12.0, "b", "D", f"push the belt, {facing.value}"
            case Rest():
                high, kind, letter, told = 6.0, "o", "R", "rest"
            case OffTreadmill():
                high, kind, letter, told = 6.0, "o", "O", "beside the treadmill"
        words = _shown(f"{clock(segment.seconds * 1000)} {told} {segment.name}".rstrip())
        yield (
            f'<rect class="{kind}" x="{x:.1f}" y="{base - high:.1f}" width="{max(wide - 0.5, 0.5):.1f}" '
            f'height="{high:.1f}"><title>{words}</title></rect>'
        )
        if wide > 12:
            yield f'<text class="m" x="{x + wide / 2:.1f}" y="{base + 16}">{letter}</text>'


def _inclines(places: Sequence[tuple[float, float, Segment]]) -> Iterator[str]:
    """A dashed line, only where anything climbs."""
    walks = [(x, wide, incline_of(s)) for x, wide, s in places if isinstance(s, Walk)]
    steepest = max((slope for _, _, slope in walks), default=Incline(0))
    if steepest <= 0:
        return
    corners = ((edge, _y(slope, steepest)) for x, wide, slope in walks for edge in (x, x + wide))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    yield f'<polyline class="i" points="{points}"/>'
    yield f'<text x="{WIDTH - RIGHT - 130}" y="{TOP - 10}">- - incline, top {steepest} %</text>'


def _y(slope: int, steepest: int) -> float:
    return TOP + CHART - CHART * 0.9 * max(slope, 0) / steepest


def _axes(segments: Sequence[Segment]) -> Iterator[str]:
    top = max((s.speed for s in segments if isinstance(s, Walk)), default=Speed(0))
    seconds = sum(s.seconds for s in segments if not isinstance(s, Turn))
    base = TOP + CHART
    yield f'<line class="a" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>'
    yield f'<text x="8" y="{TOP + CHART * 0.1 + 5:.0f}">{top} km/h</text>'
    yield f'<text x="{LEFT}" y="{base + 36}">0:00</text>'
    yield f'<text x="{WIDTH - RIGHT - 40}" y="{base + 36}">{clock(seconds * 1000)}</text>'
    legend = "F forward (plain) · B backward (hatched) · R rest · D push · O beside · thin line: turn round"
    yield f'<text x="{LEFT + 80}" y="{base + 36}">{legend}</text>'


def _cues(cues: Sequence[tuple[float, Segment]]) -> Iterator[str]:
    """A number where each one is said, and the words below."""
    y = TOP + CHART + 62
    for number, (x, segment) in enumerate(cues[:MOST_CUES], 1):
        assert not isinstance(segment, Turn)
        yield f'<circle class="c" cx="{x + 8:.1f}" cy="{TOP - 6}" r="8"/>'
        yield f'<text class="n" x="{x + 8:.1f}" y="{TOP - 2}">{number}</text>'
        yield f'<text x="{LEFT}" y="{y}">{number}  {_shown(segment.say)}</text>'
        y += CUE_LINE
    if len(cues) > MOST_CUES:
        yield f'<text x="{LEFT}" y="{y}">and {len(cues) - MOST_CUES} more</text>'
