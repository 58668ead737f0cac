"""A guardian's place filled by a list: what the app tells is kept, and tests say what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from treadctl.client import Message
from treadctl.clients.tui.choosing import Downloads, Offer
from treadctl.clients.tui.keys import Sender
from treadctl.model.api import Attend, Intent, Snapshot, Verdict
from treadctl.model.errors import TreadctlError
from treadctl.model.machine import Record
from treadctl.model.program import Program


class FakeLine:
    """The input thread's line; `works` False: nothing gets through."""

    def __init__(self, works: bool = True) -> None:
        self.works = works
        self.presses: list[tuple[str, bool]] = []

    def press(self, key: str, held: bool) -> bool:
        if self.works:
            self.presses.append((key, held))
        return self.works


class FakeAccess:
    """An access whose guardian is the test."""

    def __init__(self, line: FakeLine | None = None, refusal: str = "", error: TreadctlError | None = None) -> None:
        self.told: list[Intent] = []
        self.asked: list[Intent] = []
        self.beats: list[bool] = []
        self.rescues = 0
        self.forced = 0
        self.closed = False
        self.rescue_ends = asyncio.Event()
        self.rescue_ends.set()
        self.refusal = refusal
        self.error = error
        self.simulated = False
        self.chosen = self.holds = ""
        self.learnt: tuple[Record, ...] = ()
        self._line = line
        self._seq = 0
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()

    @property
    def keys(self) -> Sender | None:
        return self._line

    async def open(self) -> None:
        if self.error is not None:
            raise self.error

    def tell(self, intent: Intent) -> None:
        if isinstance(intent, Attend):
            self.beats.append(intent.keyboard)
        else:
            self.told.append(intent)

    async def ask(self, intent: Intent) -> Verdict:
        self.asked.append(intent)
        return Verdict(1, not self.refusal, self.refusal)

    async def messages(self) -> AsyncIterator[Message]:
        while (message := await self._inbox.get()) is not None:
            yield message

    def say(self, message: Message) -> None:
        """The guardian sends this; snapshots are numbered as it does."""
        if isinstance(message, Snapshot):
            self._seq += 1
            message = message._replace(seq=self._seq)
        self._inbox.put_nowait(message)

    def hang_up(self) -> None:
        """The guardian is gone."""
        self._inbox.put_nowait(None)

    async def rescue(self) -> str:
        self.rescues += 1
        await self.rescue_ends.wait()
        return "Stop was sent, and the belt stands still."

    async def force_stop(self) -> str:
        self.forced += 1
        await self.rescue_ends.wait()
        return "The process that held the treadmill did not answer and was ended."

    def address(self) -> str:
        return self.chosen

    def choose(self, address: str) -> None:
        self.chosen = address

    def held(self) -> str:
        return self.holds

    def records(self) -> Sequence[Record]:
        return self.learnt

    async def close(self) -> None:
        self.closed = True


class FakeShelf:
    """A shelf that is filled by the test; `refuses` is said where something is to be kept."""

    def __init__(
        self, offers: tuple[Offer, ...] = (), downloads: Downloads | None = None, refuses: TreadctlError | None = None
    ) -> None:
        self.on_it, self.sent, self.refuses = offers, downloads or Downloads("~/Downloads"), refuses
        self.kept: list[Offer] = []
        self.reads = 0

    def offers(self) -> tuple[Offer, ...]:
        self.reads += 1
        return self.on_it

    def offer(self, program: Program) -> Offer:
        return next(one for one in self.on_it if one.program == program)

    def downloads(self) -> Downloads:
        return self.sent

    def keep(self, offer: Offer) -> Path:
        if self.refuses is not None:
            raise self.refuses
        self.kept.append(offer)
        return Path("/own/profiles/kept.yaml")


class FakeClock:
    """Milliseconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1_000_000

    def __call__(self) -> int:
        return self.now
