"""What one link tells, on its way to the core: nothing before the link is told of, and no flood.

Status and answers are always passed on, each of them. Of Treadmill Data the core needs the newest: a machine that sends
a thousand a second would only fill the inbox. The first few of a burst pass all the same, because the core trusts no
burst: samples that were held up somewhere arrive together. Records travel whole, so that no half of one is ever merged
with a half of another, however old.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from treadctl.control.belt import BURST, BURST_MS
from treadctl.control.events import Notified, Source
from treadctl.ftms.codec import MORE_DATA
from treadctl.model.units import Ms

EVERY: Ms = 20
"""Chosen: fifty records a second are ten times what machines send, and a delay that no rule here can feel. So far apart
they are no burst to the core."""
PART: Ms = 500
"""Chosen: all parts of a record leave the machine at once. What is this much older belongs to a record whose end is
lost."""
PARTS_MAX = 8
"""A record has at most 36 octets: two parts on the smallest link. More are no record."""
EARLY_MAX = 64
"""Told while the link is still being made; chosen far above what a machine replays after a subscription."""


class Intake:
    """One for each link. `accept` gets what the core is to hear, `now` is the loop's time in ms."""

    def __init__(self, accept: Callable[[Notified], None], now: Callable[[], Ms]) -> None:
        self._accept, self._now = accept, now
        self._early: deque[Notified] | None = deque(maxlen=EARLY_MAX)
        self._closed = False
        self._parts: list[bytes] = []
        self._part_at: Ms = 0
        self._waiting: list[bytes] = []
        self._passed: deque[Ms] = deque(maxlen=BURST)
        self._timer: asyncio.TimerHandle | None = None
        self.heard = 0
        """How many notifications came, of whichever kind."""

    def take(self, source: Source, data: bytes) -> None:
        """A notification has arrived."""
        self.heard += 1
        if self._closed:
            return
        if source is Source.TREADMILL_DATA:
            if self._early is None:  # a sample kept for later would pass for a fresh one
                self._part(data)
        elif self._early is None:
            self._accept(Notified(source, data))
        else:
            self._early.append(Notified(source, data))

    def begin(self) -> None:
        """The core knows of the link now."""
        early, self._early = self._early or (), None
        for item in early:
            self._accept(item)

    def close(self) -> None:
        """The link is gone: what is still on its way here is news of the past."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()

    # --- Treadmill Data -------------------------------------------------------------------------------------------

    def _part(self, data: bytes) -> None:
        now = self._now()
        if len(data) < 2:
            return  # not even flags
        if now - self._part_at > PART:
            self._parts.clear()
        self._parts.append(data)
        self._part_at = now
        if data[0] & MORE_DATA:
            del self._parts[:-PARTS_MAX]
            return
        self._waiting, self._parts = self._parts, []
        self._schedule(now)

    def _schedule(self, now: Ms) -> None:
        """Pass it on at once, or in a burst at the next beat; a newer one takes its place meanwhile."""
        if self._timer is not None:
            return
        if len(self._passed) < BURST or now - self._passed[0] >= BURST_MS:
            self._pass(now)
        else:
            self._timer = asyncio.get_running_loop().call_later(EVERY / 1000, self._beat)

    def _beat(self) -> None:
        self._timer = None
        if self._waiting:
            self._pass(self._now())
            self._timer = asyncio.get_running_loop().call_later(EVERY / 1000, self._beat)

    def _pass(self, now: Ms) -> None:
        waiting, self._waiting = self._waiting, []
        self._passed.append(now)
        for data in waiting:
            self._accept(Notified(Source.TREADMILL_DATA, data))
