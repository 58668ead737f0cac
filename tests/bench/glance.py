"""From a press on the glance page to the stop: how long, and how large the page is.

Run by hand: `.venv/bin/python -P -m tests.bench.glance [RUNS]` (chromium is needed; a run takes a quarter of a minute).
The begin is the browser's own stamp of the press, the end the arrival of the first snapshot that says "stop sent" at
another client. The guardian hands the octets to bleak before it publishes that, so the figure is never too small.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.browser.driver import PHONE, a_browser
from tests.browser.walks import FORWARD, a_page_walk
from tests.conftest import DIRECTORIES
from treadctl.clients.glance.gate import View
from treadctl.clients.glance.page import Pages

BUDGET_MS = 100
PRESSED = (
    "addEventListener('pointerdown', e => { window.pressed = performance.timeOrigin + e.timeStamp; }, {capture: true})"
)


async def one() -> float:
    """Milliseconds."""
    async with a_page_walk() as walk:
        with a_browser(PHONE) as browser:
            await asyncio.to_thread(browser.go, walk.pages["hand"])
            await asyncio.to_thread(browser.run, PRESSED)
            await walk.walk(FORWARD)
            clicking = asyncio.ensure_future(asyncio.to_thread(browser.click, "stop"))
            while not walk.now.stop_sent:  # noqa: ASYNC110 - a millisecond is finer than the figure
                await asyncio.sleep(0.001)
            seen = time.time() * 1000
            await clicking
            return seen - float(await asyncio.to_thread(browser.run, "return window.pressed"))


async def several(runs: int) -> None:
    took = []
    for _ in range(runs):
        took.append(await one())
        print(f"{took[-1]:.1f} ms", flush=True)
    print(f"page: {len(Pages().of(View.HAND)) / 1000:.1f} kB; press to stop over {runs} runs: median "
          f"{statistics.median(took):.1f} ms, worst {max(took):.1f} ms (budget {BUDGET_MS} ms)")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tread-") as home:
        for name in DIRECTORIES:
            os.environ[name] = str(Path(home) / name.lower())
            Path(os.environ[name]).mkdir(mode=0o700)
        asyncio.run(several(int(sys.argv[1]) if len(sys.argv) > 1 else 10))


if __name__ == "__main__":
    main()
