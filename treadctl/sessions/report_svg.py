"""The picture of a walk: target and measured speed, directions as bands that are coloured and hatched, incline, heart.

One SVG element for inside a page: colours come from the page's style by class. Pure: laps in, text out; every text that
comes from a file or a device is escaped here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from treadctl.model.program import Facing
from treadctl.model.text import safe_text
from treadctl.model.units import Ms, clock

from .laps import Lap, Point

WIDTH, LEFT, RIGHT, TOP = 760, 46, 10, 22
SPEED, INCLINE, HEART, BETWEEN, FOOT = 190, 60, 90, 26, 24
HEADROOM = 0.5
"""Steps of the scale above the fastest: room for the letters."""
MOST_MARKS = 300
"""Chosen: more ticks than that are a grey bar."""
TIMES_S = (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 86_400)
MOST_TIMES = 9
DEFINITIONS = (
    '<defs><pattern id="back" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="back" width="7" height="7"/><rect class="stripe" width="2.5" height="7"/></pattern></defs>'
)
WAYS = {Facing.FORWARD: ("forth", "F"), Facing.BACKWARD: ("hatch", "B")}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, for the picture: `kind` is "cue" or "alarm"."""

    at: Ms
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """How speeds are read: the unit, one in its hundredths of km/h, and a speed in words."""

    unit: str
    one: float
    words: Callable[[int], str]


class _Panel:
    """One of the panels above each other, which share the time."""

    def __init__(self, top: float, height: float, low: float, high: float, end: Ms) -> None:
        self.top, self.height, self._low, self._high, self._end = top, height, low, high, max(end, 1)

    def x(self, at: Ms) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * at / self._end, 1)

    def y(self, value: float) -> float:
        share = (value - self._low) / ((self._high - self._low) or 1)
        return round(self.top + self.height * (1 - min(max(share, 0), 1)), 1)

    def lines(self, css: str, points: Sequence[tuple[Ms, float | None]], *, steps: bool) -> Iterator[str]:
        """One line for each stretch that is known, with no more corners than it has."""
        for known, run in groupby(points, key=lambda one: one[1] is not None):
            if known:
                yield f'<polyline class="{css}" points="{" ".join(self._corners([*run], steps))}"/>'

    def _corners(self, run: list[tuple[Ms, float | None]], steps: bool) -> Iterator[str]:
        for n, (at, value) in enumerate(run):
            assert value is not None
            before = run[n - 1][1] if n else None
            after = run[n + 1][1] if n + 1 < len(run) else None
            if before == value == after:
                continue
            if steps and before is not None and before != value:
                yield f"{self.x(at)},{self.y(before)}"
            yield f"{self.x(at)},{self.y(value)}"
        if len(run) == 1:
            yield f"{self.x(run[0][0]) + 1},{self.y(run[0][1] or 0)}"


def picture(laps: Sequence[Lap], marks: Sequence[Mark], scale: Scale, told: str) -> str:
    """The element. `told` says in words what it shows, for who does not see it."""
    every = [point for lap in laps for point in lap.points]
    end = laps[-1].end
    slopes = any(point.sample.incline for point in every)
    pulses = [point.pulse for point in every if point.pulse is not None]
    bottom = TOP + SPEED + (BETWEEN + INCLINE if slopes else 0) + (BETWEEN + HEART if pulses else 0)
    parts = [*_speed(every, marks, scale, end)]
    place = TOP + SPEED + BETWEEN
    if slopes:
        parts += _incline(every, place, end)
        place += INCLINE + BETWEEN
    if pulses:
        parts += _heart(every, pulses, place, end)
    return "\n".join((
        f'<svg viewBox="0 0 {WIDTH} {bottom + FOOT}" role="img" aria-labelledby="chart-title chart-told">',
        f'<title id="chart-title">Speed over time</title><desc id="chart-told">{escape(safe_text(told, 600))}</desc>',
        DEFINITIONS, *parts, *_times(bottom, end), "</svg>",
    ))  # fmt: skip


def _speed(every: Sequence[Point], marks: Sequence[Mark], scale: Scale, end: Ms) -> Iterator[str]:
    wished = [*(p.sample.target for p in every), *(p.sample.speed for p in every)]
    top = max((speed for speed in wished if speed), default=100)
    step = next((n for n in (0.5, 1, 2, 5, 10, 100) if top / scale.one / n <= 5), 1000) * scale.one
    steps = int(max(1, -(-top // step)))
    panel = _Panel(TOP, SPEED, 0, (steps + HEADROOM) * step, end)
    yield from _bands(every, panel)
    yield from _grid(panel, [n * step for n in range(steps + 1)], scale.words)
    yield f'<text x="2" y="{TOP - 9}">{escape(scale.unit)}</text>'
    yield from panel.lines("target", [(p.at, p.sample.target) for p in every], steps=True)
    yield from panel.lines("speed", [(p.at, p.sample.speed) for p in every], steps=False)
    yield from _marks(marks, panel)


def _bands(every: Sequence[Point], panel: _Panel) -> Iterator[str]:
    """A band for each stretch of walking, and a dotted one where nothing is known."""
    for (moving, facing), run in groupby(every, key=lambda p: (p.moving, p.facing if p.moving else None)):
        if moving is False or (moving and facing is None):
            continue
        points = [*run]
        begin, end = panel.x(points[0].at - points[0].length), panel.x(points[-1].at)
        css, letter, words = "lost", "", "no speed was measured"
        if facing is not None:
            (css, letter), words = WAYS[facing], facing.value
        length = clock(sum(point.length for point in points))
        rect = f'x="{begin}" y="{TOP}" width="{max(end - begin, 0.5):.1f}" height="{SPEED}"'
        yield f'<rect class="{css}" {rect}><title>{words}, {length}</title></rect>'
        if letter and end - begin > 14:
            yield f'<text class="way" x="{(begin + end) / 2:.1f}" y="{TOP + 14}">{letter}</text>'


def _grid(panel: _Panel, values: Sequence[float], words: Callable[[int], str]) -> Iterator[str]:
    for value in values:
        y = panel.y(value)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text class="value" x="{LEFT - 6}" y="{y + 4}">{words(round(value))}</text>'


def _marks(marks: Sequence[Mark], panel: _Panel) -> Iterator[str]:
    """Cues as short ticks below, alarms as a line with a sign: told apart without colour."""
    base = TOP + SPEED
    for mark in marks[:MOST_MARKS]:
        x, words = panel.x(mark.at), f"<title>{clock(mark.at)} {escape(safe_text(mark.text, 200))}</title>"
        if mark.kind == "alarm":
            yield f'<g class="alarm"><line x1="{x}" x2="{x}" y1="{TOP}" y2="{base}"/>'
            yield f'<text x="{x}" y="{TOP - 3}">!</text>{words}</g>'
        else:
            yield f'<line class="cue" x1="{x}" x2="{x}" y1="{base + 2}" y2="{base + 8}">{words}</line>'


def _incline(every: Sequence[Point], place: float, end: Ms) -> Iterator[str]:
    slopes = [p.sample.incline for p in every if p.sample.incline is not None]
    low, high = min(0, *slopes), max(10, *slopes)
    panel = _Panel(place, INCLINE, low, high, end)
    yield from _grid(panel, sorted({low, 0, high}), lambda value: f"{value / 10:g}")
    yield f'<text x="2" y="{place - 9}">incline, %</text>'
    yield from panel.lines("incline", [(p.at, p.sample.incline) for p in every], steps=True)


def _heart(every: Sequence[Point], pulses: Sequence[int], place: float, end: Ms) -> Iterator[str]:
    low, high = min(pulses) // 20 * 20, -(-max(pulses) // 20) * 20
    panel = _Panel(place, HEART, low, max(high, low + 20), end)
    yield from _grid(panel, [low, (low + max(high, low + 20)) / 2, max(high, low + 20)], str)
    yield f'<text x="2" y="{place - 9}">heart rate, beats a minute</text>'
    yield from panel.lines("heart", [(p.at, p.pulse) for p in every], steps=False)


def _times(bottom: float, end: Ms) -> Iterator[str]:
    step = next((n for n in TIMES_S if end / 1000 / n <= MOST_TIMES), TIMES_S[-1])
    panel = _Panel(TOP, SPEED, 0, 1, end)
    yield f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{TOP + SPEED}" y2="{TOP + SPEED}"/>'
    for second in range(0, end // 1000 + 1, step):
        x = panel.x(second * 1000)
        yield f'<line class="axis" x1="{x}" x2="{x}" y1="{bottom}" y2="{bottom + 5}"/>'
        edge = min(x, WIDTH - RIGHT - 12)
        yield f'<text class="time" x="{edge}" y="{bottom + 19}">{clock(second * 1000)}</text>'
