"""Painted rows as an SVG picture: the same octets each time, whatever Textual and the fonts of this computer are.

Blocks are drawn as shapes, without the seams that a font leaves between the rows of a large digit; words stand where
their cells are. The colours are read from the stylesheet of the screens.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import treadctl.clients.tui
from treadctl.clients.tui.canvas import Canvas, Ink, width_of

CELL, LINE = 10, 20
FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
SHEET = Path(treadctl.clients.tui.__file__).with_name("treadctl.tcss")
RULE = re.compile(
    r"^Page(?:\.([\w-]+))? > \.ink--([\w-]+) \{ color: (#\w{6}); background: (#\w{6});(.*)\}$", re.MULTILINE
)
RUNS = re.compile(r"([█▀▄]+)|(▒+)|([^\s█▒▀▄]+(?: [^\s█▒▀▄]+)*)")
HALVES = {"█": (0, LINE), "▀": (0, LINE // 2), "▄": (LINE // 2, LINE // 2)}


@dataclass(frozen=True)
class Colours:
    """Of one ink."""

    text: str
    ground: str
    bold: bool


def colours(theme: str = "normal") -> dict[Ink, Colours]:
    """Every ink of a theme, as the stylesheet says."""
    found = RULE.findall(SHEET.read_text())
    named = {name: (of or "normal") for of, name, *_ in found}
    assert set(named) == {ink.value for ink in Ink}
    return {
        Ink(name): Colours(text, ground, "bold" in rest)
        for of, name, text, ground, rest in found
        if (of or "normal") == theme
    }


def drawing(canvas: Canvas) -> str:
    """The whole picture."""
    inks = colours(canvas.look.theme)
    ground = inks[Ink.PLAIN].ground
    wide, high = canvas.width * CELL, canvas.height * LINE
    shapes: dict[Ink, list[str]] = {}
    hatched: dict[Ink, list[str]] = {}
    grounds, words = [], []
    for y, row in enumerate(canvas.rows()):
        x = 0
        for span in row:
            cells = width_of(span.text)
            if inks[span.ink].ground != ground:
                grounds.append(_rect(x, y, cells, inks[span.ink].ground))
            for found in RUNS.finditer(span.text):
                at = x + width_of(span.text[: found.start()])
                if found[1]:
                    shapes.setdefault(span.ink, []).extend(_blocks(at, y, found[1]))
                elif found[2]:
                    hatched.setdefault(span.ink, []).append(_box(at, y * LINE, len(found[2]), LINE))
                else:
                    words.append(_words(at, y, found[3], span.ink))
            x += cells
    paths = [f'<path class="{ink.value}" d="{"".join(drawn)}"/>' for ink, drawn in shapes.items()]
    paths += [f'<path fill="url(#h-{ink.value})" d="{"".join(drawn)}"/>' for ink, drawn in hatched.items()]
    used = sorted({ink.value for ink in (*shapes, *hatched)} | set(re.findall(r'class="([\w-]+)"', "".join(words))))
    return "\n".join((
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="{FONT}" font-size="16">',
        f"<style>text {{ white-space: pre; }} path {{ shape-rendering: crispEdges; }} {_styles(inks, used)}</style>",
        f"<defs>{''.join(_hatch(ink, inks[ink].text) for ink in hatched)}</defs>",
        f'<rect width="{wide}" height="{high}" fill="{ground}"/>',
        *grounds, *paths, *words, "</svg>", "",
    ))  # fmt: skip


def _styles(inks: dict[Ink, Colours], used: list[str]) -> str:
    rules = []
    for name in used:
        one = inks[Ink(name)]
        rules.append(f".{name} {{ fill: {one.text};{' font-weight: bold;' if one.bold else ''} }}")
    return " ".join(rules)


def _hatch(ink: Ink, colour: str) -> str:
    return (
        f'<pattern id="h-{ink.value}" width="5" height="5" patternUnits="userSpaceOnUse">'
        f'<path d="M0,5L5,0M-1,1L1,-1M4,6L6,4" stroke="{colour}" stroke-width="1.8"/></pattern>'
    )


def _rect(x: int, y: int, cells: int, colour: str) -> str:
    return f'<rect x="{x * CELL}" y="{y * LINE}" width="{cells * CELL}" height="{LINE}" fill="{colour}"/>'


def _box(x: int, top: int, cells: int, height: int) -> str:
    return f"M{x * CELL},{top}h{cells * CELL}v{height}h-{cells * CELL}z"


def _blocks(x: int, y: int, text: str) -> list[str]:
    drawn = []
    for block, group in groupby(text):
        cells = sum(1 for _ in group)
        offset, height = HALVES[block]
        drawn.append(_box(x, y * LINE + offset, cells, height))
        x += cells
    return drawn


def _words(x: int, y: int, text: str, ink: Ink) -> str:
    long = f' textLength="{width_of(text) * CELL}" lengthAdjust="spacingAndGlyphs"' if len(text) > 1 else ""
    return f'<text class="{ink.value}" x="{x * CELL}" y="{y * LINE + 15}"{long}>{html.escape(text, quote=False)}</text>'
