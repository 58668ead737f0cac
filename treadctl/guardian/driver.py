"""Carries out what the core wants of the link, and tells it what came of it. It decides nothing.

Two write slots: a stop never waits for a procedure of ours. A write that cannot begin at once is reported as failed and
not kept for later; the core decides again. A reconnect is made only when the core asks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine
from dataclasses import replace
from pathlib import Path
from socket import socket
from typing import Any

from treadctl.control.events import (
    Input,
    LinkDown,
    LinkUp,
    Seen,
    Urgency,
    Write,
    WriteDone,
    WriteFailed,
)
from treadctl.ftms.control_point import ATT_BUSY
from treadctl.model.api import Found
from treadctl.model.machine import LinkInfo, Record

from .clock import Clock, pause
from .failures import LinkFailed
from .holder import claim_machine
from .intake import Intake
from .link import CLOSE_LIMIT_S, EVERYTHING, NEWS, TO_STOP, Link
from .pulse import watch
from .radio import Radio

WRITE_LIMIT_S = 1.0
"""A stop whose own write has not completed by then goes straight to a new link: this one has had its second."""
RECONNECT_FOR_S = 60.0
RECONNECT_FIND_S = 3.0
RECONNECT_PAUSE_S = 0.3
"""Chosen: a belt that runs on is looked for at once and for a minute, and the pause leaves the radio air."""
RECONNECT_CLOSE_S = CLOSE_LIMIT_S
"""A link that still stood needs 1.9 to 2.8 s to go down (real bluetoothd, measured). Who does not wait for that joins
it, subscribes on it, and loses it: that costs a second more than it saves. A lost link is closed in milliseconds."""

log = logging.getLogger(__name__)
Accept = Callable[[Input], None]


class Driver:
    """The link as the core sees it: at most one at a time."""

    def __init__(
        self,
        radio: Radio,
        accept: Accept,
        clock: Clock,
        *,
        record: Callable[[LinkInfo], Awaitable[Record | None]],
        recorded: Callable[[], Collection[str]] = tuple,
        mark: Callable[[str | None], None] = lambda _address: None,
        hints: Callable[[LinkInfo], tuple[str, ...]] = lambda _info: (),
    ) -> None:
        """`record` is what is known of a machine, `recorded` (which may block) the addresses that something is known
        of, `mark` is told of the open link, and `hints` is what its owner should know of its kind."""
        self._radio, self._accept, self._clock = radio, accept, clock
        self._record, self._recorded, self._mark, self._hints = record, recorded, mark, hints
        self._link: Link | None = None
        self._intake: Intake | None = None
        self._watching: asyncio.Task[None] | None = None
        self._claim: tuple[str, socket] | None = None
        self._slots: dict[Urgency, asyncio.Task[None]] = {}
        self._seeking: asyncio.Task[None] | None = None
        self._again: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._scanning: asyncio.Task[None] | None = None
        self._known: dict[str, LinkInfo] = {}
        self._first: asyncio.Task[None] | None = None
        self._chores: set[asyncio.Task[None]] = set()

    @property
    def link(self) -> Link | None:
        return self._link

    @property
    def seeking(self) -> bool:
        """Whether a link is being made."""
        return self._seeking is not None and not self._seeking.done()

    @property
    def busy(self) -> bool:
        """Whether a link is being made, or somebody scans."""
        return self.seeking or (self._scanning is not None and not self._scanning.done())

    # --- effects -----------------------------------------------------------------------------------------------

    def write(self, write: Write) -> None:
        """Hand it over now, or say that it could not begin."""
        link = self._link
        if link is None:
            self._accept(WriteFailed(write.id, "there is no link to the treadmill"))
        elif write.urgency in self._slots:
            why = f"another {write.urgency.value} is still being written"
            self._accept(WriteFailed(write.id, why, ATT_BUSY))
        else:
            task = self._slots[write.urgency] = self._chore(self._write(link, write))
            task.add_done_callback(lambda done: self._slot_free(write.urgency, done))

    def first(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """No link is made before this has ended: an orphan of a crash is looked at before anything else."""
        self._first = self._chore(work)
        return self._first

    def connect(self, address: str) -> None:
        """Make a link; `LinkUp` or `LinkDown` follows."""
        self._seek(self._connect(address))

    def reconnect(self, address: str) -> None:
        """A new link, at once and for a minute; whatever is left of the old one goes first.

        Asked again meanwhile (the write hangs, then the samples are gone), the attempt that is under way goes on: one
        that begins anew would join the link that is still going down.
        """
        if self._again is None or self._again.done() or self._again.cancelling():
            self._again = self._seek(self._reconnect(address))

    def scan(self, seconds: int) -> None:
        if self._scanning is None or self._scanning.done():
            self._scanning = self._chore(self._scan(seconds))

    def drop(self) -> None:
        """End the link as if it were lost."""
        self._lost()

    def close(self, clean: bool) -> asyncio.Task[None]:
        """Disconnect. `clean`: the belt is known to be still, so nothing is left to rescue.

        Asked again meanwhile, it is the same end: whoever comes next would join a link that is still going down.
        """
        if self._seeking is not None:
            self._seeking.cancel()
        if clean:
            self._mark(None)
        link = self._take_link()
        if link is not None or self._closing is None or self._closing.done():
            self._closing = self._chore(self._leave(link))
        return self._closing

    # --- what happens ------------------------------------------------------------------------------------------

    async def _write(self, link: Link, write: Write) -> None:
        """The slot is free before the core hears of the end: it may write the next one at once."""
        att: int | None = None
        told: WriteDone | WriteFailed = WriteDone(write.id)
        try:
            await link.write(write.data, WRITE_LIMIT_S)
        except LinkFailed as failed:
            att, told = failed.att, WriteFailed(write.id, str(failed), failed.att)
        self._slot_free(write.urgency, asyncio.current_task())
        self._accept(told)
        if att is not None:
            self._chore(_cure(link, att))

    def _slot_free(self, urgency: Urgency, task: asyncio.Task[None] | None) -> None:
        if self._slots.get(urgency) is task:
            del self._slots[urgency]

    async def _connect(self, address: str) -> None:
        if self._first is not None:
            await asyncio.wait({self._first})
        try:
            await self._leave(self._take_link())
            await self._make(address, reading=True)
        except LinkFailed as failed:
            self._release()
            self._accept(LinkDown(str(failed)))

    async def _reconnect(self, address: str) -> None:
        old = self._take_link()
        if old is not None:
            # On the same link a hanging write cannot be overtaken; closing may hang as well, so it has its limit.
            await old.close(RECONNECT_CLOSE_S)
        give_up = self._clock.now() + int(RECONNECT_FOR_S * 1000)
        why = ""
        while self._clock.now() < give_up:
            try:
                await self._make(address, reading=False, find_limit=RECONNECT_FIND_S)
                return
            except LinkFailed as failed:
                why = str(failed)
                await pause(RECONNECT_PAUSE_S)
        self._accept(LinkDown(f"No new link for a minute: {why}"))

    async def _make(self, address: str, *, reading: bool, find_limit: float = 10.0) -> None:
        """One attempt. A link made only to stop is not asked what it is: it was known before."""
        intake = Intake(self._accept, self._clock.now)
        if address:
            self._hold(address)
        link = await self._radio.open(address, intake.take, self._lost, find_limit)
        try:
            self._hold(link.address)
            if reading or link.address not in self._known:
                await link.learn(self._radio.simulated)
                self._known[link.address] = link.info
            link.info = self._known[link.address]
            await link.subscribe(EVERYTHING if reading else TO_STOP)
            record = await self._record(self._known[link.address])
        except BaseException:  # a cancelled attempt closes, too: the link would outlive us
            await link.close()
            raise
        if not link.alive:
            await link.close()
            raise LinkFailed("The treadmill ended the connection at once; close other apps connected to it.")
        self._link, self._intake = link, intake
        self._mark(link.address)
        info = self._known[link.address]
        self._accept(LinkUp(replace(info, hints=self._hints(info)), record))
        intake.begin()
        if not reading:
            self._chore(_listen_on(link))
        self._watching = self._chore(watch(link, intake, lambda: not self._slots, self._lost))

    def _lost(self, why: str = "The link to the treadmill is lost.") -> None:
        link = self._take_link()
        if link is None:
            return  # the attempt that is under way notices by itself
        self._accept(LinkDown(why))
        self._chore(link.close())

    async def _scan(self, seconds: int) -> None:
        try:
            recorded = {address.upper() for address in await asyncio.to_thread(self._recorded)}
            await self._radio.scan(seconds, self._seen, recorded)
        except LinkFailed as failed:
            log.warning("scan: %s", failed)
            if self._link is None and not self.seeking:  # else there is a link, or an attempt that speaks for itself
                self._accept(LinkDown(str(failed)))

    def _seen(self, found: Found) -> None:
        self._accept(Seen(found))

    # --- housekeeping --------------------------------------------------------------------------------------------

    def _seek(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        if self._seeking is not None:
            self._seeking.cancel()
        self._seeking = self._chore(work)
        return self._seeking

    def _take_link(self) -> Link | None:
        """The link, which is no longer ours: its unfinished writes do not block the slots of the next one."""
        link, self._link = self._link, None
        self._slots.clear()
        if self._intake is not None:
            self._intake.close()
        if self._watching is not None:
            self._watching.cancel()
        return link

    async def _leave(self, link: Link | None) -> None:
        if link is not None:
            await link.close()
        self._release()

    def _hold(self, address: str) -> None:
        if self._claim is not None and self._claim[0] == address.upper():
            return
        claim = claim_machine(address)
        if claim is None:
            raise LinkFailed("Another treadctl on this computer holds this treadmill; stop it with: treadctl stop.")
        self._release()
        self._claim = (address.upper(), claim)

    def _release(self) -> None:
        if self._claim is not None:
            self._claim[1].close()
            self._claim = None

    def _chore(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)
        task.add_done_callback(_report)
        return task


async def _listen_on(link: Link) -> None:
    """The rest of what a machine tells, on a link that was made to stop its belt: no stop waits for it."""
    try:
        await link.subscribe(NEWS)
    except LinkFailed as failed:
        log.warning("%s", failed)


async def _cure(link: Link, att: int) -> None:
    """What a refused write asks of the link. The write itself is not repeated: the core decides anew."""
    try:
        await link.cure(att)
    except LinkFailed as failed:
        log.warning("%s", failed)


def _report(task: asyncio.Task[None]) -> None:
    """A bug in a task must not vanish: it goes to the log with its traceback."""
    if not task.cancelled() and task.exception() is not None:
        log.error("a task of the link failed", exc_info=task.exception())


def mark_file(path: Path) -> Callable[[str | None], None]:
    """Writes the address of the open link to `path`, and removes it after a clean close. Blocks: not on the loop."""

    def mark(address: str | None) -> None:
        if address is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(address + "\n", encoding="utf-8")

    return mark
