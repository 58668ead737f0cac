"""Records what the connected machine is and what it sends, into a file that can be sent along with a bug report.

It writes nothing to the machine, pairs with nothing and subscribes to nothing: what the link hears anyway is written
down. Values are read as soon and as long as the belt is measured still, and no more after one that got no answer: a
read that hangs holds up a stop that is written behind it. A machine may want encryption for a value: then the read
fails here, and whether anything comes of that is the platform's business. Redaction and the file are done on the
disk's thread.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from treadctl import __version__
from treadctl.control.events import Captured
from treadctl.files.captures import (
    MAX_ATTRIBUTES,
    MAX_OCTETS,
    MAX_PACKETS,
    MAX_VALUE,
    Advertisement,
    Attribute,
    Capture,
    Identity,
    Packet,
    render,
)
from treadctl.files.redaction import USER_DATA, redact
from treadctl.files.store import shown_path, write_atomic
from treadctl.ftms import uuids
from treadctl.model.units import Ms

from .clock import pause, today
from .failures import LinkFailed
from .link import Link

LOST = "The link to the treadmill was lost; this is what had come until then."
FULL = f"There was more than {MAX_PACKETS} packets or {MAX_OCTETS // 1_000_000} MB; this is the beginning."
LOOK_AGAIN_S = 0.25
"""Chosen: the belt is measured a few times a second."""
NOT_STILL = "not read: the belt was not known to stand still"
NO_ANSWER = "not read: the machine did not answer"
NO_ANSWER_BEFORE = "not read: the machine did not answer to another read"
PRIVATE = "not read: what this service holds is about a person"
GONE = "not read: the link was lost"

log = logging.getLogger(__name__)
OnDisk = Callable[[Callable[[], None], Callable[[], None]], None]
"""Do the first on the disk's thread; then, whatever became of it, call the second."""


class Tape:
    """Takes down what a link hears (`link.Tap`), until it is over, full, or the link is gone."""

    def __init__(self, now: Callable[[], Ms]) -> None:
        self._now, self._began = now, now()
        self._room = MAX_OCTETS
        self.packets: list[Packet] = []
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Why; "" when its time was over."""

    def heard(self, uuid: str, data: bytes) -> None:
        if self.ended.done():
            return
        packet = Packet(self._now() - self._began, uuids.short(uuid), data[:MAX_VALUE])
        self._room -= packet.size
        if len(self.packets) == MAX_PACKETS or self._room < 0:
            self.end(FULL)
        else:
            self.packets.append(packet)

    def gone(self) -> None:
        self.end(LOST)

    def end(self, why: str = "") -> None:
        if not self.ended.done():
            self.ended.set_result(why)


async def record(
    link: Link, seen: Advertisement, seconds: int, *, now: Callable[[], Ms], still: Callable[[], bool]
) -> Capture:
    """What this link shows in so many seconds: notifications, every characteristic, and values while it is `still`."""
    tape = link.tap = Tape(now)
    reading = asyncio.ensure_future(_read(link, tape, still))
    try:
        await asyncio.wait({tape.ended}, timeout=seconds)
        tape.end()
        attributes = await reading
    finally:
        reading.cancel()
        link.tap = None
    info, why = link.info, tape.ended.result()
    return Capture(
        treadctl=__version__,
        date=today(),
        simulated=info.simulated,
        machine=Identity(info.name, info.maker, info.model, info.firmware),
        advertisement=seen,
        seconds=seconds,
        complete=not why,
        why=why,
        attributes=attributes,
        heard=tuple(tape.packets),
    )


async def _read(link: Link, tape: Tape, still: Callable[[], bool]) -> tuple[Attribute, ...]:
    """The characteristics, one after the other; what was read already, or is heard anyway, is not read again."""
    found: list[Attribute] = []
    answers = True
    for one in link.attributes()[:MAX_ATTRIBUTES]:
        if "read" in one.properties and not one.subscribed and one.value is None:
            while not still() and not tape.ended.done():
                await pause(LOOK_AGAIN_S)
            why = _reason_not_to(one, tape, still, answers)
            one = replace(one, why=why) if why else await _value(link, one)  # noqa: PLW2901 - the same one, with more
            answers = answers and one.why != NO_ANSWER
        found.append(one)
    return tuple(found)


def _reason_not_to(one: Attribute, tape: Tape, still: Callable[[], bool], answers: bool) -> str:
    if one.service == USER_DATA:
        return PRIVATE
    if tape.ended.done() and tape.ended.result() == LOST:
        return GONE
    if not answers:
        return NO_ANSWER_BEFORE
    return "" if still() else NOT_STILL


async def _value(link: Link, one: Attribute) -> Attribute:
    try:
        return replace(one, value=(await link.read_handle(one.handle))[:MAX_VALUE])
    except LinkFailed as failed:
        if failed.att is not None:
            return replace(one, why=f"not read: the machine refused with error 0x{failed.att:02X}")
        return replace(one, why=NO_ANSWER if failed.__cause__ is None else f"not read: {failed}")


def save(folder: Path, capture: Capture, address: str) -> Path:
    """Write it, redacted, under a name of its own. Returns where. Raises OSError."""
    clean = redact(capture, address)
    name = f"{clean.date}-{_slug(clean.machine.model or clean.machine.name)}"
    path, number = folder / f"{name}.json", 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.json"
    write_atomic(path, render(clean).encode("utf-8"))
    return path


def _slug(text: str) -> str:
    """A machine's own words as a part of a file name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:40].strip("-") or "treadmill"


class Recorder:
    """The guardian's captures: one at a time, each in a task of its own, the answer in `accept`."""

    def __init__(
        self, folder: Path, on_disk: OnDisk, accept: Callable[[Captured], None], *, now: Callable[[], Ms],
        still: Callable[[], bool],
    ) -> None:
        """`accept` is called on the loop or on the disk's thread."""
        self._folder, self._on_disk, self._accept, self._now, self._still = folder, on_disk, accept, now, still
        self._task: asyncio.Task[None] | None = None

    def begin(self, link: Link | None, seen: Advertisement, seconds: int) -> None:
        """Begin one; `Captured` follows."""
        if link is None:
            self._accept(Captured(why="No treadmill is connected; connect one first."))
        elif self._task is not None and not self._task.done():
            self._accept(Captured(why="A capture is under way; wait until it has ended."))
        else:
            self._task = asyncio.ensure_future(self._run(link, seen, seconds))
            self._task.add_done_callback(self._done)

    def close(self) -> None:
        """Let go of one that is under way."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self, link: Link, seen: Advertisement, seconds: int) -> None:
        capture = await record(link, seen, seconds, now=self._now, still=self._still)
        said: list[Captured] = []
        late = Captured(why="The disk is too slow for the capture; try again.")
        self._on_disk(
            lambda: said.append(self._saved(capture, link.address)), lambda: self._accept(said[0] if said else late)
        )

    def _saved(self, capture: Capture, address: str) -> Captured:
        try:
            return Captured(file=str(save(self._folder, capture, address)))
        except OSError as error:
            where = shown_path(self._folder)
            return Captured(why=f"The capture cannot be written to {where} ({error.strerror}); free some disk space.")

    def _done(self, task: asyncio.Task[None]) -> None:
        """A bug must not leave a client waiting, nor vanish."""
        if not task.cancelled() and task.exception() is not None:
            log.error("a capture failed", exc_info=task.exception())
            self._accept(Captured(why="The capture failed; the guardian's log says where."))
