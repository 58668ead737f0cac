"""Scenarios: treadctl's own radio, link and driver, as production runs them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from treadctl.control.events import Input, LinkDown, LinkUp, Notified, Source, Urgency, Write, WriteDone, WriteFailed
from treadctl.guardian.clock import Clock
from treadctl.guardian.driver import Driver
from treadctl.guardian.failures import LinkFailed
from treadctl.guardian.link import Link
from treadctl.model.api import Found
from treadctl.model.machine import LinkInfo, Record

from .face import Cannot, Face, named, outcome, rate, times
from .registry import ABSENT_S, CONTROL, SHORT_S, STOP, scenario

WRITE_S = 1.0
"""As the driver writes."""
CLOSES_S = 3.5
LINKED_S = 10.0


@dataclass(slots=True)
class Ear:
    """What a link told."""

    answers: list[bytes] = field(default_factory=list)
    samples: list[bytes] = field(default_factory=list)
    lost: list[None] = field(default_factory=list)

    def heard(self, source: Source, data: bytes) -> None:
        if source is Source.TREADMILL_DATA:
            self.samples.append(data)
        elif source is Source.CONTROL_POINT:
            self.answers.append(data)

    def gone(self) -> None:
        self.lost.append(None)


@asynccontextmanager
async def a_link(face: Face, ear: Ear) -> AsyncIterator[Link]:
    """An open link that listens to everything."""
    link = await face.radio().open(face.address, ear.heard, ear.gone, LINKED_S)
    try:
        await link.subscribe()
        yield link
    finally:
        with suppress(Cannot):
            await face.do("drop")
        await face.comes(lambda: not link.alive)
        await link.close()


async def said_by(face: Face, call: Awaitable[object]) -> str:
    """What the call came to, without the address, which is another one on each face."""
    return (await outcome(call)).replace(face.address, "ADDRESS")


@scenario
async def radio_scans(face: Face) -> str:
    """`Radio.scan`: the machines that it reports."""
    found: list[Found] = []
    await face.radio().scan(SHORT_S * face.patience, found.append)
    return ", ".join(sorted({each.name for each in found if each.address == face.address})) or "nothing"


@scenario
async def link_opens_and_works(face: Face) -> str:
    """`Link`: open, learn, subscribe, write."""
    ear = Ear()
    async with a_link(face, ear) as link:
        await link.learn(simulated=True)
        await link.write(CONTROL, WRITE_S)
        await face.comes(lambda: ear.answers)
        info = link.info
        told = f"{info.name}, {info.maker}, {info.model}, {info.firmware}"
        return f"{told}; control {info.control}; {[a.hex(' ') for a in ear.answers]}; {await rate(ear.samples)}"


@scenario
async def link_without_an_address(face: Face) -> str:
    """`Radio.open` without an address: the only machine there is."""
    link = await face.radio().open("", Ear().heard, Ear().gone, LINKED_S)
    same = link.address.upper() == face.address.upper()
    await link.close()
    return "the machine" if same else "another one"


@scenario
async def link_to_a_silent_machine(face: Face) -> str:
    """`Radio.open` for a machine that does not advertise."""
    await face.do("hide")
    ear = Ear()
    return await said_by(face, face.radio().open(face.address, ear.heard, ear.gone, ABSENT_S * face.patience))


@scenario
async def link_to_a_machine_that_went_silent(face: Face) -> str:
    """`Radio.open` for a machine that went silent after the scan, and when it is back."""
    radio, ear = face.radio(), Ear()
    await radio.scan(SHORT_S * face.patience, lambda _found: None)
    await face.do("hide")
    absent = await said_by(face, radio.open(face.address, ear.heard, ear.gone, ABSENT_S * face.patience))
    await face.do("show")
    link = await radio.open(face.address, ear.heard, ear.gone, LINKED_S)
    again = "alive" if link.alive else "not alive"
    await link.close()
    return f"{absent}; {again}"


@scenario
async def link_close(face: Face) -> str:
    """`Link.close`: is it at once, is it told as a loss, has the machine a link afterwards."""
    loop, ear = asyncio.get_running_loop(), Ear()
    link = await face.radio().open(face.address, ear.heard, ear.gone, LINKED_S)
    begin = loop.time()
    await link.close(CLOSES_S * face.patience)
    lasted = "more than a second" if loop.time() - begin > 1 else "at once"
    await face.comes(lambda: not face.world.linked())
    return f"{lasted}; {times(ear.lost)}; {'a link' if face.world.linked() else 'no link'} afterwards"


@scenario
async def link_write_is_refused(face: Face) -> str:
    """`Link.write` that the machine refuses with ATT error 81."""
    async with a_link(face, Ear()) as link:
        await face.do("refuse 129")
        try:
            await link.write(CONTROL, WRITE_S)
        except LinkFailed as failed:
            return f"{named(failed)} att {failed.att}"
        finally:
            await face.do("refuse 0")
        return "ok"


@scenario
async def link_write_hangs(face: Face) -> str:
    """`Link.write` to a machine that has fallen mute."""
    ear = Ear()
    async with a_link(face, ear) as link:
        await face.do("jam")
        said = await outcome(link.write(CONTROL, WRITE_S))
        return f"{said}; {'alive' if link.alive else 'not alive'}; {times(ear.lost)}"


@scenario
async def link_is_lost_and_made_anew(face: Face) -> str:
    """A `Link` that is lost: told, a write, a read; then a new one, and how often it hears each sample."""
    ear = Ear()
    async with a_link(face, ear) as link:
        await face.do("drop")
        await face.comes(lambda: ear.lost)
        said = f"{times(ear.lost)}; {await outcome(link.write(STOP, WRITE_S))}"
        await link.close()
        new = Ear()
        async with a_link(face, new):
            return f"{said}; {await rate(new.samples)}; the old one: {await rate(ear.samples)}"


@scenario
async def link_with_the_adapter_off(face: Face) -> str:
    """`Radio.open` with the adapter switched off."""
    await face.do("power-off")
    await asyncio.sleep(SHORT_S)  # till everybody has heard of it
    return await said_by(face, face.radio().open(face.address, Ear().heard, Ear().gone, ABSENT_S * face.patience))


# --- the guardian's driver -------------------------------------------------------------------------------------------


class Driven:
    """A driver, and what it told the core, without the samples."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.inputs: list[Input] = []
        self.samples: list[bytes] = []
        self.driver = Driver(face.radio(), self._accept, Clock(asyncio.get_running_loop()), record=_record)

    def _accept(self, item: Input) -> None:
        if isinstance(item, Notified):
            self.samples += [item.data] if item.source is Source.TREADMILL_DATA else []
        else:
            self.inputs.append(item)

    async def next(self, number: int) -> None:
        """Until so many inputs have come."""
        await self.face.comes(lambda: len(self.inputs) >= number, LINKED_S)

    def said(self) -> str:
        return "; ".join(_said(item) for item in self.inputs).replace(self.face.address, "ADDRESS")


async def _record(info: LinkInfo) -> Record | None:
    return Record(info.address)


def _said(item: Input) -> str:
    match item:
        case LinkUp(info=info):
            return f"LinkUp {info.name}"
        case LinkDown(why=why):
            return f"LinkDown {why}"
        case WriteDone(id=number):
            return f"WriteDone {number}"
        case WriteFailed(id=number, why=why):
            return f"WriteFailed {number} {why}"
    return type(item).__name__


@scenario
async def driver_walks(face: Face) -> str:
    """The guardian's driver: connect, write, lose the link, reconnect, write, close."""
    told = Driven(face)
    told.driver.connect(face.address)
    await told.next(1)
    told.driver.write(Write(1, CONTROL, Urgency.PROCEDURE))
    await told.next(2)
    await face.do("drop")
    await told.next(3)
    told.driver.reconnect(face.address)
    await told.next(4)
    told.driver.write(Write(2, STOP, Urgency.STOP))
    await told.next(5)
    samples = await rate(told.samples)
    await told.driver.close(clean=True)
    return f"{told.said()}; {samples}; {'a link' if face.world.linked() else 'no link'} afterwards"


@scenario
async def driver_when_another_holds_it(face: Face) -> str:
    """The guardian's driver, while another treadctl of this computer has the machine."""
    first, second = Driven(face), Driven(face)
    first.driver.connect(face.address)
    await first.next(1)
    second.driver.connect(face.address)
    await second.next(1)
    await first.driver.close(clean=True)
    return f"{first.said()}; the other: {second.said()}"
