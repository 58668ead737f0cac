"""Takes the pictures of the glance page that docs/phone-and-helper.md shows, from a walk that really runs.

Run by hand: `.venv/bin/python -P -m tests.browser.take_pictures FOLDER` (chromium is needed; it takes two minutes). No
test compares them, because fonts differ from machine to machine.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.browser.driver import PHONE, TABLET, Browser, a_browser
from tests.browser.walks import BACKWARD, PageWalk, a_page_walk, shows
from tests.conftest import DIRECTORIES
from treadctl.model.api import Asking, Belt, Snapshot

SEEN_S = 10.0
SIZES = {"hand": PHONE, "wall": TABLET, "spotter": PHONE}


class Camera:
    """A browser for each layout, and the folder for the pictures."""

    def __init__(self, stack: ExitStack, folder: Path, walk: PageWalk) -> None:
        self._folder = folder
        self.browsers: dict[str, Browser] = {}
        for layout, size in SIZES.items():
            self.browsers[layout] = stack.enter_context(a_browser(size))
            self.browsers[layout].go(walk.pages[layout])
            self.browsers[layout].run("document.getElementById('sound').hidden = true")

    async def take(self, name: str, *layouts: str) -> None:
        for layout in layouts:
            picture = await asyncio.to_thread(self.browsers[layout].picture)
            (self._folder / f"glance-{layout}-{name}.png").write_bytes(picture)


async def take_all(folder: Path) -> None:
    async with a_page_walk() as walk:
        with ExitStack() as stack:
            camera = await asyncio.to_thread(Camera, stack, folder, walk)
            walking = asyncio.ensure_future(walk.walk(BACKWARD, rate=2))
            testing = asyncio.ensure_future(_tested(walk, camera))
            await _until(walk, lambda s: s.question is not None and s.question.asking is Asking.CONFIRM)
            await camera.take("asked", "hand", "wall")
            await asyncio.gather(testing, walking)
            await shows(camera.browsers["wall"], lambda b: b.text("big") == "1.0", SEEN_S)
            await camera.take("backward", "hand", "wall", "spotter")
            await _until(walk, lambda s: s.next is not None and s.next.left < 12_000)
            await asyncio.sleep(0.5)
            await camera.take("soon", "hand", "wall", "spotter")
            await asyncio.to_thread(camera.browsers["hand"].click, "stop")
            await shows(camera.browsers["hand"], lambda b: b.text("stopword") == "STOP SENT", SEEN_S)
            await camera.take("stop-sent", "hand", "wall")
            await _until(walk, lambda s: s.belt is Belt.STILL)
            await shows(camera.browsers["hand"], lambda b: b.text("stopword") == "STOPPED", SEEN_S)
            await camera.take("stopped", "hand", "wall")
    async with a_page_walk() as walk:
        with ExitStack() as stack:
            camera = await asyncio.to_thread(Camera, stack, folder, walk)
            walking = asyncio.ensure_future(walk.walk(BACKWARD))
            await _tested(walk, camera)
            await walking
            os.kill(walk.guardian, signal.SIGSTOP)
            await shows(camera.browsers["hand"], lambda b: "late" in b.classes(), SEEN_S)
            await camera.take("late", "hand", "wall")
            await shows(camera.browsers["hand"], lambda b: "lost" in b.classes(), SEEN_S)
            await asyncio.sleep(1)
            await camera.take("lost", "hand", "wall")


async def _tested(walk: PageWalk, camera: Camera) -> None:
    """The helper's stop is tried, because its page is open."""
    await _until(walk, lambda s: s.question is not None and s.question.id == "helper-page")
    await camera.take("tested", "spotter")
    await asyncio.to_thread(camera.browsers["spotter"].click, "stop")


async def _until(walk: PageWalk, seen: Callable[[Snapshot], bool]) -> None:
    await walk.until(seen)
    await asyncio.sleep(0.3)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tread-") as home:
        for name in DIRECTORIES:  # as every test: nothing of the person's is touched
            os.environ[name] = str(Path(home) / name.lower())
            Path(os.environ[name]).mkdir(mode=0o700)
        asyncio.run(take_all(folder))


if __name__ == "__main__":
    main()
