"""Between the guardian and the pages: one client of the role `display`, found again whenever it is lost.

It forwards what is seen and takes a stop on its way. Where the guardian does not take a stop in time, `treadctl stop`
does it: that ends a guardian which hangs and looks for a belt that was left alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from treadctl.client import Client, connect, greeting, stop_from_outside
from treadctl.model.api import Goodbye, Plan, Role, Said, Snapshot, Stop
from treadctl.model.errors import TreadctlError
from treadctl.paths import SOCKET_SUFFIX, Paths

from . import shown
from .shown import Told

NAME = "glance"
AGAIN_S = 0.5
"""Chosen: looking for a guardian costs a connect to a socket that is not there."""
STOP_LIMIT_S = 0.3
"""As `treadctl stop`: a guardian that does not answer for so long is not waited for."""
NOBODY = "treadctl does not run. Start it at the laptop."
LOST = "treadctl is gone."

Tell = Callable[[str, Told], None]


class Hub:
    """`find` lists the sockets to try. Everything that is seen goes to `tell`, by the name of its event."""

    def __init__(self, find: Callable[[], Sequence[Path]]) -> None:
        self._find = find
        self.tell: Tell = lambda _name, _told: None
        self._client: Client | None = None
        self._stopping: asyncio.Task[str] | None = None
        self._moved = False
        self._plan: Told | None = None
        self._state: Told | None = None
        self._seen = 0.0

    # --- what is seen -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """For as long as the pages are served."""
        while True:
            client = await self._attach()
            if client is not None:
                await self._follow(client)
            self._client = self._plan = self._state = None
            self.tell("none", self._nobody())
            await _pause(AGAIN_S)

    async def _attach(self) -> Client | None:
        for path in self._find():
            folder = path.parent
            paths = Paths(folder, folder, folder, folder, path.name.removesuffix(SOCKET_SUFFIX))
            with contextlib.suppress(TreadctlError):
                self._client = await connect(paths, greeting(Role.DISPLAY, NAME))
                return self._client
        return None

    async def _follow(self, client: Client) -> None:
        """Until the guardian is gone, or hangs."""
        async for message in client.messages(watch=True):
            self._take(message)
        await client.close()

    def _take(self, message: Snapshot | Plan | Said | Goodbye) -> None:
        match message:
            case Snapshot():
                self._seen = asyncio.get_running_loop().time()
                self._moved = not shown.safe(message)
                self._state = shown.state(message, _ms(self._seen), 0)
                self.tell("state", self._state)
            case Plan():
                self._plan = shown.plan(message)
                self.tell("plan", self._plan)
            case Said():
                self.tell("said", shown.said(message))
            case Goodbye():
                pass  # the last snapshot said whether the belt stands still

    def now(self) -> list[tuple[str, Told]]:
        """What a page that has just come has to know: nothing that is old."""
        if self._client is None:
            return [("none", self._nobody())]
        known = [("plan", self._plan), ("state", self._state)]
        return [(name, told) for name, told in known if told is not None]

    def _nobody(self) -> Told:
        return {"why": LOST if self._moved else NOBODY, "moved": self._moved}

    # --- what is asked ----------------------------------------------------------------------------------------------

    async def stop(self, why: str) -> str:
        """Stop the belt; empty when the guardian took it, else what became of it."""
        if self._client is not None and not self._client.closed:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_LIMIT_S):
                    verdict = await self._client.ask(Stop(why))
                if verdict.accepted:
                    return ""
        return await self._stop_from_outside()

    async def _stop_from_outside(self) -> str:
        """Once at a time, however often it is asked for."""
        if self._stopping is None or self._stopping.done():
            self._stopping = asyncio.ensure_future(asyncio.to_thread(stop_from_outside))
        return await asyncio.shield(self._stopping)


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


async def _pause(seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()
