"""The heart-rate strap's own link, beside the treadmill's and never in its way.

It has a task, a BleakClient and limits of its own. While the treadmill's link is made or anybody scans it does nothing,
and it gives up what it is doing when that begins; it scans only while no belt may move. What it sends is thinned out
before it reaches the inbox. Whatever goes wrong is one sentence in the snapshot: what follows from it is the core's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic

from treadctl.control.events import Input, Notified, Source, StrapIs
from treadctl.ftms import uuids
from treadctl.model.api import Belt, LinkState, Phase, Snapshot, Strap
from treadctl.model.units import Ms

from .clock import pause
from .failures import LinkFailed, bounded
from .radio import Radio, Worn

FIND_S, CONNECT_S, SUBSCRIBE_S, CLOSE_S = 5.0, 20.0, 3.0, 3.0
"""Chosen. A strap that was just lost is waited for as long as bluetoothd waits: meanwhile no scan is needed, and after
it bluetoothd has forgotten the strap."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
"""Between attempts, doubled each time."""
LOOK_S = 0.5
SILENT_S = 15.0
"""Chosen: straps send once a second; a link that says nothing for so long is no link."""
EVERY: Ms = 240
"""At most four a second reach the core: no inbox is filled by that, and no strap sends more on purpose."""
FLOOD = 100
"""Notifications within a second; chosen far above what any strap sends, and far below what makes a loop late."""
LONGEST = 64
"""Octets of a measurement; more than the largest packet of a strap that is believed at all."""
QUIET = frozenset({Phase.IDLE, Phase.CHECKING, Phase.TURNING, Phase.ASKING, Phase.RESTING, Phase.HALTED, Phase.DONE})
"""No belt is about to start: a scan is in nobody's way."""
UNHEARD = "The heart-rate strap is not heard: wet it, put it on, and close the other app or watch that holds it."
LATER = "The heart-rate strap is not there; it is looked for again when the belt stands still."
DEAF = "The device that was chosen sends no heart rate; choose another one."
MUTE = "The heart-rate strap says nothing; take it off and put it on again."
FLOODS = "The heart-rate strap sends far too much, so it is left alone for a minute; change its battery."
GONE = "The link to the heart-rate strap is lost; it is looked for."

log = logging.getLogger(__name__)


class StrapLink:
    """At most one strap at a time. `busy`: the treadmill's link is being made, or somebody scans; `kept` is told
    address and name of a strap that is worn."""

    def __init__(
        self, radio: Radio, accept: Callable[[Input], None], now: Callable[[], Ms], *, busy: Callable[[], bool],
        kept: Callable[[str, str], None] = lambda _address, _name: None,
    ) -> None:
        self._radio, self._accept, self._now, self._busy, self._kept = radio, accept, now, busy, kept
        self._may_scan = True
        self._scanning = self._up = self._worn_once = False
        self._who = ""
        self._wearing: asyncio.Task[None] | None = None
        self._attempt: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    # --- what is wished ------------------------------------------------------------------------------------------

    def wear(self, who: str) -> None:
        """From now on this strap (an address, or the begin of a name); empty: none."""
        self._end()
        self._who, self._worn_once = who, False
        self._accept(StrapIs(Strap("", who, LinkState.CONNECTING) if who else None))
        if who:
            self._wearing = _chore(self._wear(self._attempt))

    def stand_aside(self) -> None:
        """The treadmill's link is being made, or somebody scans: what is under way ends. A link that stands may stay:
        it is in nobody's way."""
        if self._attempt is not None and not self._up:
            self._attempt.cancel()

    def see(self, snapshot: Snapshot) -> None:
        """The newest snapshot: may the belt move, or is it about to?"""
        still = snapshot.belt is Belt.STILL or snapshot.link in (LinkState.NONE, LinkState.FAILED)
        self._may_scan = still and snapshot.phase in QUIET
        if self._scanning and not self._may_scan:
            self.stand_aside()

    async def close(self) -> None:
        """Disconnect, within a limit of its own."""
        self._end()
        if self._attempt is not None:
            await asyncio.wait({self._attempt}, timeout=CLOSE_S)
        await self._closed()

    def _end(self) -> None:
        for task in (self._wearing, self._attempt):
            if task is not None:
                task.cancel()

    # --- one attempt after the other -------------------------------------------------------------------------------

    async def _wear(self, before: asyncio.Task[None] | None) -> None:
        """Connect, and again after each loss, for as long as this strap is worn. `before`: the last strap's."""
        if before is not None:
            await asyncio.wait({before})
        wait = FIRST_PAUSE_S
        while True:
            await self._closed()
            while self._busy():
                await pause(LOOK_S)
            self._attempt = _chore(self._once())
            await asyncio.wait({self._attempt})
            why, lasted = self._ended(self._attempt)
            if why == DEAF:
                self._accept(StrapIs(Strap("", self._who, LinkState.FAILED, why)))
                return
            wait = LONGEST_PAUSE_S if why == FLOODS else FIRST_PAUSE_S if lasted else wait
            await pause(wait)
            wait = min(2 * wait, LONGEST_PAUSE_S)

    def _ended(self, attempt: asyncio.Task[None]) -> tuple[str, bool]:
        """Why it has ended, told; and whether the next one may follow soon: there was a link, or it stood aside."""
        up, self._up = self._up, False
        error = None if attempt.cancelled() else attempt.exception()
        why = str(error) if isinstance(error, LinkFailed) else ""
        if why and why != DEAF:
            state = LinkState.LOST if self._worn_once else LinkState.CONNECTING
            self._accept(StrapIs(Strap("", self._who, state, why)))
        return why, up or attempt.cancelled()

    async def _once(self) -> None:
        """One link, from the search to its end. Raises LinkFailed, which is its only end but to be cancelled."""
        worn = await self._find()
        over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        client = self._radio.strap_client(worn, lambda: _settle(over, GONE), CONNECT_S)
        try:
            ear = await self._open(client, worn, over)
            self._up = self._worn_once = True
            self._who = worn.address
            self._accept(StrapIs(Strap(worn.address, worn.name, LinkState.UP)))
            self._kept(worn.address, worn.name)
            raise LinkFailed(await ear.until_over())
        finally:
            self._closing = _chore(_close(client))

    async def _find(self) -> Worn:
        may_scan = self._scanning = self._may_scan
        try:
            found = await self._radio.find_strap(self._who, FIND_S, scan=may_scan)
        finally:
            self._scanning = False
        if found is None:
            raise LinkFailed(UNHEARD if may_scan else LATER)
        return found

    async def _open(self, client: BleakClient, worn: Worn, over: asyncio.Future[str]) -> _Ear:
        """Connect and listen. Raises LinkFailed."""
        try:
            await bounded(client.connect(), CONNECT_S, "it did not answer")
            measurement = _measurement(client)
            if measurement is None:
                raise LinkFailed(DEAF)
            ear = _Ear(self._accept, self._now, over)
            await bounded(client.start_notify(measurement, ear.hear), SUBSCRIBE_S, "it did not subscribe")
        except LinkFailed as failed:
            log.info("strap: %s", failed)
            self._radio.forget(worn.address)  # as bluetoothd does with whom it could not connect to
            if str(failed) == DEAF:
                raise
            raise LinkFailed(UNHEARD) from failed
        return ear

    async def _closed(self) -> None:
        """The last link is down, or its time for that is over: a link that is made meanwhile would be lost with it."""
        if self._closing is not None:
            await asyncio.wait({self._closing})


class _Ear:
    """What one link hears, thinned out. It ends by a loss, by silence, or by a flood."""

    def __init__(self, accept: Callable[[Input], None], now: Callable[[], Ms], over: asyncio.Future[str]) -> None:
        self._accept, self._now, self._over = accept, now, over
        self._passed: Ms = -EVERY
        self._second: tuple[Ms, int] = (0, 0)
        self._heard = 0

    def hear(self, _sender: BleakGATTCharacteristic, data: bytearray) -> None:
        if self._over.done():
            return
        now = self._now()
        self._heard += 1
        begin, count = self._second
        self._second = (now, 1) if now - begin >= 1000 else (begin, count + 1)
        if self._second[1] > FLOOD:
            _settle(self._over, FLOODS)
        elif now - self._passed >= EVERY:
            self._passed = now
            self._accept(Notified(Source.HEART_RATE, bytes(data[:LONGEST])))

    async def until_over(self) -> str:
        """Why this link has ended, or is worth nothing."""
        while True:
            heard = self._heard
            await asyncio.wait({self._over}, timeout=SILENT_S)
            if self._over.done():
                return self._over.result()
            if self._heard == heard:
                return MUTE


def _measurement(client: BleakClient) -> BleakGATTCharacteristic | None:
    """The first characteristic that tells a heart rate."""
    every = sorted(client.services.characteristics.items())
    return next((one for _, one in every if one.uuid.lower() == uuids.HEART_RATE_MEASUREMENT), None)


def _settle(over: asyncio.Future[str], why: str) -> None:
    if not over.done():
        over.set_result(why)


async def _close(client: BleakClient) -> None:
    """After a loss, too, or later notifications arrive twice."""
    try:
        await bounded(client.disconnect(), CLOSE_S, "Closing took too long")
    except LinkFailed as failed:
        log.info("strap: %s", failed)


def _chore(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.ensure_future(work)
    task.add_done_callback(_report)
    return task


def _report(task: asyncio.Task[None]) -> None:
    """A bug must not vanish. What failed as links fail is told in the snapshot."""
    if not task.cancelled() and task.exception() is not None and not isinstance(task.exception(), LinkFailed):
        log.error("the strap's link failed", exc_info=task.exception())
