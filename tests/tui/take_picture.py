"""Take the picture of the walk screen that the documentation shows: `python tests/tui/take_picture.py docs/walk.svg`.

Textual exports the screen as text in a font that the reader may not have, with seams between the rows of a large digit.
So blocks become rectangles here, and every word is placed where its cells are.
"""

from __future__ import annotations

import asyncio
import html
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.tui.fakes import FakeAccess, FakeLine
from tests.tui.moments import BACKWARD, FORWARD, PLAN, PROGRAM
from treadctl.clients.tui.app import TreadctlApp
from treadctl.clients.tui.clock import monotonic_ms

CELL_WIDTH = 12.2
CELL_HEIGHT = 24.4
TEXT = re.compile(r'<text class="([^"]+)" x="([\d.]+)" y="([\d.]+)"[^>]*line-(\d+)\)">([^<]*)</text>')
RUNS = re.compile(r"(█+)|(▒+)|(▀+)|(▄+)|([^\s█▒▀▄]+(?: [^\s█▒▀▄]+)*)")
HALVES = {"█": (0.0, 1.0), "▒": (0.0, 1.0), "▀": (0.0, 0.5), "▄": (0.5, 0.5)}
HATCH = (
    '<defs><pattern id="checks" width="4" height="4" patternUnits="userSpaceOnUse">'
    '<path d="M0,4L4,0M-1,1L1,-1M3,5L5,3" stroke="white" stroke-width="1.6"/></pattern>'
    '<mask id="hatch"><rect width="100%" height="100%" fill="url(#checks)"/></mask></defs>'
)


async def screen(size: tuple[int, int]) -> str:
    """Textual's own picture of the walk screen in the middle of a backward bout."""
    access = FakeAccess(FakeLine())
    app = TreadctlApp(access, clock=monotonic_ms, wish=PROGRAM, simulated=True)
    async with app.run_test(size=size) as pilot:
        for message in (PLAN, FORWARD, BACKWARD):
            access.say(message)
            await pilot.pause(0.3)
        return app.export_screenshot(title="treadctl demo")


def redrawn(svg: str) -> str:
    """The same picture without foreign fonts and without seams."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace")
    svg = TEXT.sub(lambda found: _cells(*found.groups()), svg)
    return svg.replace("</style>", "</style>\n" + HATCH, 1)


def _cells(style: str, x: str, y: str, line: str, text: str) -> str:
    drawn = []
    top = 1.5 + int(line) * CELL_HEIGHT
    for found in RUNS.finditer(html.unescape(text).replace("\xa0", " ")):
        left = float(x) + found.start() * CELL_WIDTH
        wide = len(found.group()) * CELL_WIDTH
        if found.group(5):
            words = html.escape(found.group()).replace(" ", "&#160;")
            drawn.append(f'<text class="{style}" x="{left:.1f}" y="{y}" textLength="{wide:.1f}">{words}</text>')
            continue
        offset, part = HALVES[found.group()[0]]
        mask = ' mask="url(#hatch)"' if found.group(2) else ""
        drawn.append(
            f'<rect class="{style}" x="{left:.1f}" y="{top + offset * CELL_HEIGHT:.2f}" width="{wide + 0.2:.1f}" '
            f'height="{part * CELL_HEIGHT + 0.3:.2f}" shape-rendering="crispEdges"{mask}/>'
        )
    return "".join(drawn)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(redrawn(asyncio.run(screen((100, 30)))))
