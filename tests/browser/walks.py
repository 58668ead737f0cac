"""A walk on the simulated treadmill with the page beside it: real processes, and a hand that answers and confirms."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from tests.browser.driver import Browser
from treadctl.client import Client, connect, greeting, start_guardian
from treadctl.files.locks import remember_day
from treadctl.keyline import kill
from treadctl.model.api import (
    Answer,
    Asking,
    Attend,
    Belt,
    Connect,
    FastForward,
    Load,
    Phase,
    Press,
    Question,
    Role,
    Said,
    Snapshot,
)
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Speed
from treadctl.paths import Paths, simulated_paths

FORWARD = Program("Page", (Walk(Facing.FORWARD, 600, Speed(200)),))
BACKWARD = Program("Page", (Walk(Facing.BACKWARD, 60, Speed(100)), Walk(Facing.FORWARD, 120, Speed(200))))
LIMIT_S = 60.0
QUICK = 5
ANSWERS = {"pain-before": "0", "begin": "y"}


class PageWalk:
    """`pages` are the addresses by layout, `client` the hand's. Its own snapshots are what is so."""

    def __init__(self, client: Client, paths: Paths) -> None:
        self.client, self.paths = client, paths
        self.pages: dict[str, str] = {}
        self.snapshots: list[tuple[float, Snapshot]] = []
        self.said: list[str] = []
        self.quick = QUICK

    @property
    def guardian(self) -> int:
        assert self.client.welcome is not None
        return self.client.welcome.pid

    @property
    def now(self) -> Snapshot:
        assert self.client.snapshot is not None
        return self.client.snapshot

    async def attend(self) -> None:
        while not self.client.closed:
            self.client.tell(Attend())
            await asyncio.sleep(0.25)

    async def follow(self) -> None:
        """Answer what is asked, as somebody who wants to walk."""
        async for message in self.client.messages():
            if isinstance(message, Said):
                self.said.append(message.text)
            if not isinstance(message, Snapshot):
                continue
            self.snapshots.append((asyncio.get_running_loop().time(), message))
            if message.question is not None:
                await self._respond(message.question)

    async def _respond(self, question: Question) -> None:
        if question.asking is Asking.CHOICE and question.id in ANSWERS:
            self.client.tell(Answer(question.id, ANSWERS[question.id]))
        elif question.asking is Asking.CONFIRM and question.heard and not question.tone:
            for _ in range(2):  # the tone lasts 0.4 s, and the second press has 2 s
                self.client.tell(Press("space"))
                await asyncio.sleep(1.2 / self.quick)

    async def until(self, seen: Callable[[Snapshot], bool], seconds: float = LIMIT_S) -> None:
        async with asyncio.timeout(seconds):
            while self.client.snapshot is None or not seen(self.client.snapshot):  # noqa: ASYNC110 - others read it
                await asyncio.sleep(0.01)

    async def walk(
        self, program: Program, rate: int = 1, *, quick: int = QUICK, visual: bool = False,
        page: bool = False,
    ) -> None:
        """Connect, load and start, faster than life; then at `rate`, at the speed that the programme wants."""
        await self.client.ask(Connect(""))
        await self.until(lambda s: s.belt is Belt.STILL)
        self.quick = quick
        await self.client.ask(FastForward(quick))
        verdict = await self.client.ask(Load(program, visual, page))
        assert verdict.accepted, verdict.reason
        await self.until(lambda s: s.phase is Phase.WALKING and s.reached)
        await self.client.ask(FastForward(rate))


@asynccontextmanager
async def a_page_walk(*words: str, reached: bool = True) -> AsyncIterator[PageWalk]:
    """A guardian, a client that attends, and the pages; all of them ended with the test. `reached`: today already."""
    paths = simulated_paths()
    remember_day(paths.day, datetime.now(UTC).astimezone().date().isoformat(), True, reached)
    guardian = await asyncio.to_thread(start_guardian, paths, backend="sim")
    client = await connect(paths, greeting(Role.LOCAL, "hand"))
    walk = PageWalk(client, paths)
    tasks = [asyncio.ensure_future(walk.attend()), asyncio.ensure_future(walk.follow())]
    page = await asyncio.to_thread(begin_page, paths, words)
    walk.pages = await asyncio.to_thread(addresses, page)
    try:
        yield walk
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.close()
        await asyncio.to_thread(end_page, page)
        kill(guardian.pid, 5)
        await asyncio.to_thread(guardian.wait, 20)


def begin_page(paths: Paths, words: Sequence[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "treadctl", "glance", "--json", "--port", "0", "--socket", str(paths.socket)]
    return subprocess.Popen([*command, *words], stdout=subprocess.PIPE, text=True)


def addresses(page: subprocess.Popen[str]) -> dict[str, str]:
    assert page.stdout is not None
    return dict(json.loads(page.stdout.readline())["addresses"])


def end_page(page: subprocess.Popen[str]) -> None:
    page.send_signal(signal.SIGTERM)
    assert page.wait(10) in (0, -signal.SIGKILL)
    assert page.stdout is not None
    page.stdout.close()


async def shows(browser: Browser, what: Callable[[Browser], bool], seconds: float) -> float:
    """Seconds until the page is like this."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(what, browser):  # noqa: ASYNC110 - the browser tells nobody
            await asyncio.sleep(0.02)
    return loop.time() - begin
