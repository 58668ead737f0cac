"""A dry run as one picture: height is the true belt speed, hatched is backward, the line is the target.

Standalone SVG: no script, no font file, no outside reference. Text is escaped, because names come from files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from treadctl.model.program import Facing
from treadctl.model.text import safe_text
from treadctl.model.units import clock

if TYPE_CHECKING:
    from .report import Point, Report

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 960, 300, 48, 44, 36
SPEED_STEP = 50
"""A grid line every 0.5 km/h."""
STYLE = """
text { font: 13px sans-serif; fill: #222 } .title { font-size: 17px; font-weight: bold } .grid { stroke: #ddd }
.forward { fill: #9ecae1 } .backward { fill: url(#hatch) } .target { fill: none; stroke: #d95f02; stroke-width: 1.5 }
"""
HATCH = (
    '<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="8" height="8" fill="#fdd0a2"/><rect width="4" height="8" fill="#a63603"/></pattern>'
)


def draw(report: Report) -> str:
    """The SVG of a whole dry run."""
    frame = _Frame(report)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{_text(report.program)}</title><style>{STYLE}</style><defs>{HATCH}</defs>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text class="title" x="{LEFT}" y="20">{_text(report.program)}</text>',
        f'<text x="{LEFT}" y="37">{_text(_subtitle(report))}</text>',
        *frame.grid(),
        *(frame.area(stretch) for stretch in _stretches(report.samples)),
        frame.target(report.samples),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _subtitle(report: Report) -> str:
    result = "walked well" if report.ok else "FAILED: " + ", ".join(v.name for v in report.verdicts if not v.ok)
    return f"simulated ({report.quirk}), {clock(report.wall_ms)} in all, height is km/h, hatched is backward: {result}"


def _text(text: str) -> str:
    return escape(safe_text(text, 200))


def _stretches(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Points with the same facing, each stretch reaching to the begin of the next."""
    stretch: list[Point] = []
    for point in points:
        if stretch and point.facing is not stretch[-1].facing:
            yield [*stretch, point]
            stretch = []
        stretch.append(point)
    if stretch:
        yield stretch


class _Frame:
    """Where a moment and a speed lie on the page."""

    def __init__(self, report: Report) -> None:
        self._long = max(report.wall_ms, 1000)
        top = max((max(p.speed, p.target or 0) for p in report.samples), default=0)
        self._high = (top // SPEED_STEP + 1) * SPEED_STEP

    def x(self, at_ms: int) -> str:
        return f"{LEFT + at_ms / self._long * (WIDTH - LEFT - 12):.1f}"

    def y(self, speed: int) -> str:
        return f"{HEIGHT - BOTTOM - speed / self._high * (HEIGHT - TOP - BOTTOM):.1f}"

    def grid(self) -> Iterator[str]:
        for speed in range(0, self._high + 1, SPEED_STEP):
            yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - 12}" y1="{self.y(speed)}" y2="{self.y(speed)}"/>'
            yield f'<text x="{LEFT - 8}" y="{self.y(speed)}" text-anchor="end" dy="4">{speed / 100:.1f}</text>'
        for minute in range(0, self._long // 60_000 + 1, max(1, self._long // 600_000)):
            yield f'<text x="{self.x(minute * 60_000)}" y="{HEIGHT - 14}" text-anchor="middle">{minute} min</text>'

    def area(self, stretch: Sequence[Point]) -> str:
        steps = [f"{self.x(p.at_ms)},{self.y(p.speed)}" for p in stretch]
        begin, end = self.x(stretch[0].at_ms), self.x(stretch[-1].at_ms)
        outline = " ".join([f"{begin},{self.y(0)}", *steps, f"{end},{self.y(0)}"])
        kind = "backward" if stretch[0].facing is Facing.BACKWARD else "forward"
        return f'<polygon class="{kind}" points="{outline}"/>'

    def target(self, points: Sequence[Point]) -> str:
        moves = []
        for before, point in pairwise(points):
            if before.target is not None:
                moves.append(f"M{self.x(before.at_ms)} {self.y(before.target)}H{self.x(point.at_ms)}")
        return f'<path class="target" d="{"".join(moves)}"/>'
