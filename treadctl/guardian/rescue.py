"""Look at a belt that nobody controls, and stop it unless it is measured still. Needs no core, no voice and no client.

On Linux the link outlives the process that made it, so a killed guardian leaves a belt that nobody can see in a scan.
The order is always the same: subscribe, look at two samples or for one second; measured still, write nothing;
moving or silent, Request Control and Stop. A belt that is still may have been started a moment ago, so it is watched
for as long as machines take from Start to motion. It never starts anything.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum

from treadctl.control.events import Source
from treadctl.ftms import codec, control_point
from treadctl.model.errors import ExitCode
from treadctl.model.units import Speed

from .failures import LinkFailed
from .holder import claim_machine
from .link import ANSWERS, SAMPLES, Link
from .radio import Radio

LOOK_SAMPLES = 2
LOOK_S = 1.0
FIND_S = 2.0
"""Budget: the whole rescue over an orphaned link takes 3 s at most."""
SUBSCRIBE_S = 1.0
"""Chosen, because it takes 0.1 s where it works. Where it hangs, samples may come all the same, and Stop may work."""
WRITE_S = 1.0
RESPONSE_S = 1.0
START_WATCH_S = 8.0
"""A machine counts 3 to 6 s from Start to motion, and answers commands 1.4 s late (measured machines)."""
STILL_BELOW = Speed(10)
"""0.1 km/h or less is a belt at rest: some machines never tell 0."""
WATCH_S = 10.0
"""Chosen: the slowest machine that may be walked on takes 6 s to stop."""


class Found(Enum):
    """What the rescue saw and did."""

    STILL = "The belt is still; nothing was sent."
    STOPPED = "Stop was sent, and the belt stands still."
    UNCONFIRMED = "Stop was sent, but the belt was not seen to stand still. Pull the key."
    NO_STOP = "The belt may move and Stop could not be sent. Pull the key."


@dataclass(frozen=True, slots=True)
class Report:
    """The end of a rescue: one sentence and an exit code."""

    text: str
    code: int


class _Watcher:
    """Speeds as they come, whole records only."""

    def __init__(self) -> None:
        self._assembler = codec.RecordAssembler()
        self.speeds: asyncio.Queue[Speed] = asyncio.Queue()
        self.responses: asyncio.Queue[bytes] = asyncio.Queue()

    def heard(self, source: Source, data: bytes) -> None:
        if source is Source.CONTROL_POINT:
            self.responses.put_nowait(data)
        if source is not Source.TREADMILL_DATA:
            return
        sample = self._assembler.feed(codec.decode_treadmill_data(data))
        if sample is not None and sample.speed is not None:
            self.speeds.put_nowait(sample.speed)

    async def look(self) -> bool:
        """Whether the belt is measured still: two samples say so, or the one that came in time; silence does not.

        One that moves decides at once. Two samples a second are common, so the second may come just too late.
        """
        seen = 0
        try:
            async with asyncio.timeout(LOOK_S):
                while seen < LOOK_SAMPLES:
                    if await self.speeds.get() > STILL_BELOW:
                        return False
                    seen += 1
        except TimeoutError:
            return seen > 0
        return True

    async def watch_start(self) -> bool:
        """Whether a belt that was measured still stays so, for as long as a Start may take to show."""
        try:
            async with asyncio.timeout(START_WATCH_S):
                while await self.speeds.get() <= STILL_BELOW:
                    pass
        except TimeoutError:  # silence after rest is no motion
            return True
        return False

    async def watch_stop(self) -> bool:
        """Whether two samples in a row show standstill within the time a belt may take."""
        try:
            async with asyncio.timeout(WATCH_S):
                still = 0
                while still < LOOK_SAMPLES:
                    still = still + 1 if await self.speeds.get() <= STILL_BELOW else 0
        except TimeoutError:
            return False
        return True


async def rescue(radio: Radio, address: str) -> Report:
    """Connect to `address`, look, stop if need be, disconnect."""
    claim = claim_machine(address) if address else None
    if address and claim is None:
        return Report("Another treadctl on this computer holds this treadmill; stop it with: treadctl stop.",
                      ExitCode.NO_MACHINE)
    watcher = _Watcher()
    try:
        link = await radio.open(address, watcher.heard, lambda: None, FIND_S)
    except LinkFailed as failed:
        return Report(f"{failed} If the belt moves, pull the key.", ExitCode.NO_MACHINE)
    else:
        try:
            await _subscribe(link, SAMPLES)
            still, _ = await asyncio.gather(watcher.look(), _subscribe(link, ANSWERS))
            found = await _stop(link, watcher, still)
        except LinkFailed as failed:
            return Report(f"{failed} If the belt moves, pull the key.", ExitCode.NO_MACHINE)
        finally:
            await link.close()
    finally:
        if claim is not None:
            claim.close()
    return _report(found)


async def rescue_over(link: Link) -> Report:
    """The same over a link that is open and subscribed: for a guardian whose core broke. Raises LinkFailed."""
    watcher = _Watcher()
    link.divert(watcher.heard)
    return _report(await _stop(link, watcher, await watcher.look()))


def _report(found: Found) -> Report:
    return Report(found.value, ExitCode.OK if found in (Found.STILL, Found.STOPPED) else ExitCode.FAULT)


async def _subscribe(link: Link, wanted: tuple[tuple[Source, str], ...]) -> None:
    """Listen, if that can be had: a belt that cannot be seen or does not answer is stopped all the same."""
    try:
        await link.subscribe(wanted, SUBSCRIBE_S)
    except LinkFailed:
        if not link.alive:
            raise


async def _stop(link: Link, watcher: _Watcher, still: bool) -> Found:
    if still and await watcher.watch_start():
        if not link.alive:
            raise LinkFailed("The link was lost while the belt was being watched.")
        return Found.STILL
    await _attempt(link, watcher, control_point.encode_request_control())
    if not await _attempt(link, watcher, control_point.encode_stop()):
        return Found.NO_STOP
    return Found.STOPPED if await watcher.watch_stop() else Found.UNCONFIRMED


async def _attempt(link: Link, watcher: _Watcher, data: bytes) -> bool:
    """Write, and wait a little for the machine's answer: a request on top of an open one may be refused."""
    try:
        await link.write(data, WRITE_S)
    except LinkFailed:
        return False
    try:
        async with asyncio.timeout(RESPONSE_S):
            await watcher.responses.get()
    except TimeoutError:
        pass
    return True
