"""Scenarios: what is written to the Control Point, what is answered, and what the belt does."""

from __future__ import annotations

import asyncio

from treadctl.ftms import uuids
from treadctl.ftms.codec import decode_treadmill_data

from .face import Client, Face, connected, outcome, state_of
from .registry import CONTROL, FASTER, MOVES_S, START, STOP, scenario

REQUESTS = 40
"""The machine answers 60 ms after a write, and a slow computer often comes later with the next one."""
REFUSALS = (0x80, 0x81, 0xFD, 0xFE, 0x03, 0x06, 0x0D, 0x0E)


# --- the Control Point -----------------------------------------------------------------------------------------------


@scenario
async def write_with_indications_off(face: Face) -> str:
    """Write to the Control Point with its indications off."""
    async with connected(face) as client:
        return await client.ask(CONTROL)


@scenario
async def request_control(face: Face) -> str:
    """Request Control."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        return await client.ask(CONTROL)


@scenario
async def start_without_permission(face: Face) -> str:
    """Start, without having requested control."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        return await client.ask(START)


@scenario
async def unknown_request(face: Face) -> str:
    """An operation code that does not exist."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        await client.ask(CONTROL)
        return await client.ask(b"\x7f")


@scenario
async def malformed_requests(face: Face) -> str:
    """Set Target Speed one octet short; no octets at all."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        await client.ask(CONTROL)
        return f"{await client.ask(FASTER[:2])}; {await client.ask(b'')}"


@scenario
async def att_errors(face: Face) -> str:
    """ATT errors 80 81 FD FE 03 06 0D 0E to a write, and the link after them."""
    said = []
    async with connected(face, uuids.CONTROL_POINT) as client:
        for code in REFUSALS:
            await face.do(f"refuse {code}")
            said.append(await client.ask(CONTROL))
        await face.do("refuse 0")
        return f"{'; '.join(said)}; {state_of(client)}; {await client.ask(CONTROL)}"


@scenario
async def no_indication(face: Face) -> str:
    """The write is taken and never answered; the next one is."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        await face.do("mute")
        said = await client.ask(CONTROL)
        await face.do("unmute")
        return f"{said}; {await client.ask(CONTROL)}"


@scenario
async def procedure_in_progress(face: Face) -> str:
    """Request after request, none of them waiting for an answer: the first refusal."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        await face.do("latency 0")
        for _ in range(REQUESTS):
            said = await outcome(client.write(CONTROL))
            if said != "ok":
                return said
        return "none"


@scenario
async def two_operations_at_once(face: Face) -> str:
    """A read and a write at the same time."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        read, wrote = await asyncio.gather(outcome(client.read(uuids.FEATURE)), outcome(client.write(CONTROL)))
        return f"read {read}; write {wrote}"


@scenario
async def cancelled_write(face: Face) -> str:
    """A write is cancelled on its way, another one follows: what reaches the machine."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        await client.ask(CONTROL)
        await face.do("latency 300")
        first = asyncio.ensure_future(client.write(START))
        await asyncio.sleep(0.1)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        second = await outcome(client.write(STOP))
        await face.comes(lambda: len(face.world.writes()) > 2)
        return f"cancelled; {second}; arrived {', '.join(face.world.writes())}"


# --- the belt --------------------------------------------------------------------------------------------------------


@scenario
async def walk(face: Face) -> str:
    """Request Control, Start, Set Target Speed 1.20, Stop, and the speed in Treadmill Data after each."""
    async with connected(face, uuids.TREADMILL_DATA, uuids.CONTROL_POINT) as client:
        said = [await client.ask(CONTROL)]
        for request, speed in ((START, 80), (FASTER, 120), (STOP, 0)):
            answer = await client.ask(request)
            reached = await face.comes(lambda speed=speed: _speed(client) == speed, MOVES_S)  # type: ignore[misc]
            said.append(f"{answer} {speed / 100:.2f} {'reached' if reached else 'not reached'}")
        return "; ".join(said)


def _speed(client: Client) -> int | None:
    heard = client.heard[uuids.TREADMILL_DATA]
    return decode_treadmill_data(heard[-1]).speed if heard else None


@scenario
async def console_keys(face: Face) -> str:
    """Start and stop at the console: Machine Status."""
    async with connected(face, uuids.STATUS, uuids.TREADMILL_DATA) as client:
        await face.do("console-start")
        await face.comes(lambda: _speed(client) == 80, MOVES_S)
        await face.do("console-stop")
        await face.comes(lambda: _speed(client) == 0, MOVES_S)
        status = ", ".join(data.hex(" ") for data in client.heard[uuids.STATUS])
        return f"status {status}; the belt {'stands' if _speed(client) == 0 else 'moves'}"
