"""What a link told, for tests that listen to one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.gatt.bleak_bumble import Backend
from treadctl.control.events import Source
from treadctl.guardian.link import Link
from treadctl.guardian.radio import Radio


class Ear:
    """All notifications in order, and how often the link was lost."""

    def __init__(self) -> None:
        self.heard: list[tuple[Source, bytes]] = []
        self.lost = 0

    def hear(self, source: Source, data: bytes) -> None:
        self.heard.append((source, data))

    def gone(self) -> None:
        self.lost += 1

    def of(self, source: Source) -> list[bytes]:
        return [data for its, data in self.heard if its is source]

    async def until(self, true: Callable[[], object], seconds: float = 20) -> None:
        """Wait until this is so. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110 - notifications change it
                await asyncio.sleep(0.01)


async def linked(computer: Backend, ear: Ear, subscribed: bool = True) -> Link:
    """The guardian's own link to the machine."""
    link = await Radio(computer).open("", ear.hear, ear.gone)
    if subscribed:
        await link.subscribe()
    return link
