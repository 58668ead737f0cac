"""Scenarios: the link ends, by the machine, the air, the adapter or a kill, and what comes after."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Any

from bleak import BleakAdapter

from treadctl.ftms import uuids

from .face import FAILURES, Cannot, Face, a_client, connected, named, outcome, state_of
from .registry import CONTROL, SHORT_S, STOP, scenario


@scenario
async def machine_hangs_up(face: Face) -> str:
    """The machine hangs up: callback, and `is_connected`."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        await face.do("drop")
        await face.comes(lambda: client.told)
        return state_of(client)


@scenario
async def calls_after_the_end(face: Face) -> str:
    """Read, write, subscribe, stop_notify and disconnect after the machine hung up."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        control = client.bleak.services.get_characteristic(uuids.CONTROL_POINT)
        await face.do("drop")
        await face.comes(lambda: client.told)
        said = [await outcome(client.read(uuids.FEATURE)), await outcome(client.write(STOP))]
        said.append(await outcome(client.listen(uuids.STATUS)))
        said.append(await outcome(client.bleak.write_gatt_char(control or "", STOP, response=True)))
        said.append(await outcome(client.bleak.disconnect()))
        return "; ".join([*said, state_of(client)])


@scenario
async def link_fades(face: Face) -> str:
    """Out of range with a write on its way: the write, callback, and `is_connected`."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        await face.do("fade")
        said = await outcome(client.write(CONTROL))
        await face.comes(lambda: client.told)
        return f"{said}; {state_of(client)}; arrived {', '.join(face.world.writes()) or 'nothing'}"


@scenario
async def machine_falls_mute(face: Face) -> str:
    """The machine stops answering with the link up: a write for one second, callback, and `is_connected`."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        await face.do("jam")
        said = await outcome(asyncio.wait_for(client.write(CONTROL), SHORT_S * face.patience))
        return f"{said}; {state_of(client)}"


@scenario
async def wanted_disconnect(face: Face) -> str:
    """A disconnect that was asked for: callback, and the machine's side."""
    client = a_client(face)
    await client.bleak.connect()
    said = await outcome(client.bleak.disconnect())
    await face.comes(lambda: not face.world.linked())
    return f"{said}; {state_of(client)}; the machine {'has a link' if face.world.linked() else 'has no link'}"


@scenario
async def new_client_after_a_loss(face: Face) -> str:
    """After a loss disconnect(), then a new client: what it hears unasked, a write, and what it hears subscribed."""
    async with connected(face, uuids.TREADMILL_DATA, uuids.CONTROL_POINT) as old:
        await face.do("drop")
        await face.comes(lambda: old.told)
        await old.bleak.disconnect()
        async with connected(face) as new:
            unasked = f"{await old.samples()} for the old"
            write = await new.ask(CONTROL)
            await new.listen(uuids.CONTROL_POINT)
            await new.listen(uuids.TREADMILL_DATA)
            return f"{unasked}; {write}; {await new.ask(CONTROL)}; {await new.samples()}"


@scenario
async def same_client_without_disconnect(face: Face) -> str:
    """After a loss connect() again on the same client without disconnect(): what it hears, a write, the next client."""
    async with connected(face, uuids.TREADMILL_DATA, uuids.CONTROL_POINT) as client:
        await face.do("drop")
        await face.comes(lambda: client.told)
        backend: Any = client.bleak._backend
        leaked = getattr(backend, "_bus", None)
        await client.bleak.connect()
        try:
            said = f"{await client.samples()}; {await client.ask(CONTROL)}"
            await client.leave()
            async with connected(face, uuids.TREADMILL_DATA) as other:
                return f"{said}; then {await other.samples()}"
        finally:
            if leaked is not None:
                leaked.disconnect()
                await leaked.wait_for_disconnect()


@scenario
async def adapter_switched_off(face: Face) -> str:
    """The adapter is switched off: callback, `is_connected`, and a scan."""
    async with connected(face, uuids.CONTROL_POINT) as client:
        await face.do("power-off")
        await face.comes(lambda: client.told)
        await asyncio.sleep(SHORT_S)  # till everybody has heard of it
        try:
            scan = "not found" if await face.find(seconds=SHORT_S) is None else "found"
        except FAILURES as error:
            scan = named(error)
        return f"{state_of(client)}; scan {scan}"


KILLED = r"""
import asyncio, os, signal, sys
from bleak import BleakClient
async def main():
    client = BleakClient(sys.argv[1], timeout=60)
    await client.connect()
    await client.start_notify(sys.argv[2], lambda *_: None)
    await client.write_gatt_char(sys.argv[2], b"\0", response=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


@scenario
async def client_is_killed(face: Face) -> str:
    """The process that has the link is killed: the link, and who joins it by get_connected_devices()."""
    if face.backend is not None:
        raise Cannot("no other process reaches this treadmill")
    program = (sys.executable, "-c", KILLED, face.address, uuids.CONTROL_POINT)
    child = await asyncio.create_subprocess_exec(*program)
    if await child.wait() != -signal.SIGKILL:
        return "the other process did not connect"
    stays = await face.comes(face.world.linked, SHORT_S) and not await face.comes(lambda: not face.world.linked())
    orphans = await (await BleakAdapter.get()).get_connected_devices([uuids.FTMS])
    client = a_client(face, next(iter(orphans), ""))
    joined = await outcome(client.bleak.connect())
    first = await client.ask(STOP)
    await client.listen(uuids.CONTROL_POINT)
    second = await client.ask(STOP)
    await client.leave()
    return f"the link {'stays' if stays else 'ends'}; {len(orphans)} connected; {joined}; {first}; {second}"
