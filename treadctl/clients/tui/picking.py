"""What the machine picker knows, and what it asks for: a scan, a link. It never waits on the screen's behalf.

The guardian scans and connects; here is only which machines it has heard, how long it still listens, what went wrong,
and which one is connected. Time is an argument.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from treadctl.clients.found import NAMELESS, NOTHING_FOUND, Sighting, sightings
from treadctl.clients.machines import permission_words
from treadctl.model.api import LinkState, Ms, Scan, Snapshot
from treadctl.model.machine import Record

from .access import Access

SCAN_S = 8
NO_OTHER = "No other treadmill was found."
LAST_WORD: Ms = 1500
"""How long after a scan its last machine, or its failure, may arrive (chosen)."""
NOT_LEARNT = "Not learnt yet, so it may be watched only: press c to commission it, on an empty belt."
SIMULATED = "Simulated: it may be walked on as it is, and learnt for practice with c."


@dataclass(frozen=True, slots=True)
class Linked:
    """The machine that is connected. `driven`: its record is complete; `words` say what it may be used for."""

    address: str
    name: str
    words: str
    driven: bool


class Picking:
    """`link` connects to an address and answers why it came to nothing, empty when it did not."""

    def __init__(self, access: Access, clock: Callable[[], Ms], link: Callable[[str], Awaitable[str]]) -> None:
        self.seen: list[Sighting] = []
        self.chosen = ""
        self.problem = ""
        self.connecting = ""
        self.linked: Linked | None = None
        self._access, self._clock, self._link = access, clock, link
        self._records: Sequence[Record] = ()
        self._until: Ms | None = None
        self._asked = False

    @property
    def looking(self) -> bool:
        """Whether a scan is under way."""
        return self._until is not None

    @property
    def on_linked(self) -> bool:
        """Whether the chosen machine is the one that is connected."""
        return self.linked is not None and self.linked.address == self.chosen

    def seconds_left(self) -> int:
        """Of the scan; 0 when its time is over."""
        return 0 if self._until is None else max(0, -(-(self._until - LAST_WORD - self._clock()) // 1000))

    async def scan(self) -> None:
        """Look again, and forget what was seen before. What was said before the verdict is not of this scan."""
        if self.looking or self.connecting:
            return
        self.problem, self._asked = "", False
        self._show([])
        self._until = self._clock() + SCAN_S * 1000 + LAST_WORD
        self._records = await asyncio.to_thread(self._access.records)
        verdict = await self._access.ask(Scan(SCAN_S))
        self._asked = True
        if not verdict.accepted:
            self._over(verdict.reason)

    def take(self, snapshot: Snapshot) -> None:
        """The newest of what the guardian says."""
        if self.linked is not None and snapshot.link is not LinkState.UP:
            self.linked = None
        if self._until is None or not self._asked:
            return
        if snapshot.link is LinkState.NONE:
            self._over(snapshot.notice or NOTHING_FOUND)
        else:
            self._show(sightings(snapshot.found, self._records))

    def _show(self, seen: list[Sighting]) -> None:
        """The machine that is connected shows itself to nobody, so it is not heard, and is there all the same."""
        here = [one for one in self.seen if self.linked is not None and one.address == self.linked.address]
        self.seen = [*here, *(one for one in seen if one not in here)]
        if self.chosen not in {one.address for one in self.seen} and self.seen:
            self.chosen = self.seen[0].address

    def tick(self) -> None:
        """Time passed: is the scan over?"""
        if self._until is not None and self._clock() >= self._until:
            self._over(self._nothing())

    def _nothing(self) -> str:
        """What there is to say of a scan that ran to its end."""
        if self.linked is not None:
            return "" if len(self.seen) > 1 else NO_OTHER
        return "" if self.seen else NOTHING_FOUND

    def _over(self, problem: str) -> None:
        self._until, self.problem = None, problem

    def move(self, by: int) -> None:
        """Choose another one of the list."""
        if self.seen:
            addresses = [one.address for one in self.seen]
            at = addresses.index(self.chosen) if self.chosen in addresses else 0
            self.chosen = addresses[max(0, min(len(addresses) - 1, at + by))]

    async def connect(self) -> None:
        """Connect to the chosen machine, and find out what may be done with it."""
        wanted = next((one for one in self.seen if one.address == self.chosen), None)
        if wanted is None or self.connecting:
            return
        self._until, self.problem = None, ""
        self.connecting = wanted.yours or wanted.name
        try:
            self.problem = await self._link(wanted.address)
            if not self.problem:
                self._access.choose(wanted.address)
                await self.look_up(wanted.address, self.connecting)
        finally:
            self.connecting = ""

    async def look_up(self, address: str, name: str) -> None:
        """What is remembered of the machine that is connected."""
        self._records = await asyncio.to_thread(self._access.records)
        record = next((one for one in self._records if one.address.upper() == address.upper()), None)
        if record is not None:
            self.linked = Linked(address, name, permission_words(record), record.complete)
        elif self._access.simulated:
            self.linked = Linked(address, name, SIMULATED, True)
        else:
            self.linked = Linked(address, name or NAMELESS, NOT_LEARNT, False)

    async def look_up_again(self) -> None:
        """After commissioning more is known of it."""
        if self.linked is not None:
            await self.look_up(self.linked.address, self.linked.name)
