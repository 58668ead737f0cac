"""Scenarios: to find the treadmill, connect to it, read what it is, and subscribe; with a plain BleakClient."""

from __future__ import annotations

import asyncio
import warnings

from bleak.backends.device import BLEDevice

from treadctl.ftms import uuids

from .face import FIND_S, Face, a_client, connected, outcome, state_of
from .registry import ABSENT_S, SHORT_S, scenario

# --- finding and connecting -----------------------------------------------------------------------------------------


@scenario
async def scan_by_service(face: Face) -> str:
    """A scan for the Fitness Machine Service shows name, services and service data."""
    found = await face.find()
    if found is None:
        return "not found"
    services = [uuids.short(uuid) for uuid in sorted(found[1].service_uuids)]
    data = {uuids.short(uuid): value.hex(" ") for uuid, value in found[1].service_data.items()}
    return f"{found[0].name}; services {', '.join(services)}; data {data.get('1826', 'none')}"


@scenario
async def scan_for_another_service(face: Face) -> str:
    """A scan for the Heart Rate Service."""
    return "not found" if await face.find(uuids.HEART_RATE, SHORT_S) is None else "found"


@scenario
async def scan_while_connected(face: Face) -> str:
    """A scan while a client is connected."""
    async with connected(face):
        return "not found" if await face.find(seconds=SHORT_S) is None else "found"


@scenario
async def connect_by_address(face: Face) -> str:
    """Connect by an address that no scan has shown before, twice."""
    said = []
    for _ in range(2):
        async with connected(face) as client:
            said.append("connected" if client.bleak.is_connected else "not connected")
    return ", ".join(said)


@scenario
async def connect_to_an_unknown_address(face: Face) -> str:
    """Connect by the address of nobody."""
    return await outcome(a_client(face, "F0:00:00:00:00:00", SHORT_S).bleak.connect())


@scenario
async def connect_to_a_machine_that_went_silent(face: Face) -> str:
    """Connect to a machine that went silent after the scan; when it is back, by what the scan found and by address."""
    found = await face.find()
    if found is None:
        return "not found"
    await face.do("hide")
    said = [await _connect(face, found[0], ABSENT_S)]
    await asyncio.sleep(SHORT_S)
    await face.do("show")
    return "; ".join([*said, await _connect(face, found[0]), await _connect(face, face.address)])


async def _connect(face: Face, where: BLEDevice | str, limit: float = FIND_S) -> str:
    client = a_client(face, where, limit)
    said = await outcome(client.bleak.connect())
    await client.leave()
    return said


@scenario
async def two_clients_at_once(face: Face) -> str:
    """A second client connects while the first is there, and leaves again."""
    found = await face.find()
    if found is None:
        return "not found"
    async with connected(face) as first:
        second = a_client(face, found[0], SHORT_S)
        joined = await outcome(second.bleak.connect())
        if joined != "ok":
            return f"{joined}; the first is {state_of(first)}"
        await second.bleak.disconnect()
        await face.comes(lambda: first.told)
        return f"it joins the link; when it leaves, the first is {state_of(first)}"


@scenario
async def forgotten_by_the_host(face: Face) -> str:
    """The host removes the machine from its list after the scan; connect by what the scan found, then by address."""
    found = await face.find()
    if found is None:
        return "not found"
    removed = await outcome(a_client(face, found[0]).bleak.unpair())
    await asyncio.sleep(SHORT_S)
    return f"removed: {removed}; {await _connect(face, found[0])}; {await _connect(face, face.address)}"


# --- reading ---------------------------------------------------------------------------------------------------------


@scenario
async def table_of_characteristics(face: Face) -> str:
    """The characteristics of the Fitness Machine Service and what they can do."""
    async with connected(face) as client:
        service = client.bleak.services.get_service(uuids.FTMS)
        rows = [] if service is None else service.characteristics
        return "; ".join(sorted(f"{uuids.short(row.uuid)} {' '.join(sorted(row.properties))}" for row in rows))


@scenario
async def read_what_it_can_do(face: Face) -> str:
    """Read feature, speed range and incline range."""
    async with connected(face) as client:
        return "; ".join([await client.read(u) for u in (uuids.FEATURE, uuids.SPEED_RANGE, uuids.INCLINE_RANGE)])


@scenario
async def read_who_made_it(face: Face) -> str:
    """Read maker, model and firmware."""
    async with connected(face) as client:
        known = (uuids.MANUFACTURER, uuids.MODEL, uuids.FIRMWARE)
        return "; ".join([bytes(await client.bleak.read_gatt_char(uuid)).decode() for uuid in known])


@scenario
async def read_what_cannot_be_read(face: Face) -> str:
    """Read Treadmill Data, which only notifies."""
    async with connected(face) as client:
        return await outcome(client.read(uuids.TREADMILL_DATA))


@scenario
async def read_what_is_not_there(face: Face) -> str:
    """Read a characteristic that the machine does not have."""
    async with connected(face) as client:
        return await outcome(client.read(uuids.HEART_RATE_MEASUREMENT))


@scenario
async def read_while_subscribed(face: Face) -> str:
    """Read Training Status while subscribed to it: notifications."""
    async with connected(face, uuids.TRAINING_STATUS) as client:
        value = await client.read(uuids.TRAINING_STATUS)
        await face.comes(lambda: client.heard[uuids.TRAINING_STATUS], SHORT_S)
        return f"read {value}; notified {[data.hex(' ') for data in client.heard[uuids.TRAINING_STATUS]]}"


@scenario
async def mtu(face: Face) -> str:
    """`mtu_size` after connecting."""
    async with connected(face) as client:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            size = client.bleak.mtu_size
        return f"{size}{', with a warning' if caught else ''}"


# --- subscribing -----------------------------------------------------------------------------------------------------


@scenario
async def subscribe_and_stop(face: Face) -> str:
    """Subscribe to Treadmill Data, stop, subscribe again."""
    async with connected(face, uuids.TREADMILL_DATA) as client:
        first = await client.samples()
        await client.bleak.stop_notify(uuids.TREADMILL_DATA)
        between = await client.samples()
        await client.listen(uuids.TREADMILL_DATA)
        return f"{first}; {between}; {await client.samples()}"


@scenario
async def subscribe_to_what_only_reads(face: Face) -> str:
    """Subscribe to a characteristic that can only be read."""
    async with connected(face) as client:
        return await outcome(client.listen(uuids.FEATURE))
