"""Habits that a link shows, through bleak's public classes."""

from __future__ import annotations

import asyncio

from bleak import BleakClient
from treadsim.backend import open_backend

from tests.sim.test_backend import CONTROL, START, connected, on_fast_loop
from treadctl.ftms import uuids


async def lost(client: BleakClient, within: int) -> bool:
    """Whether the link ends within so many seconds of the loop's time."""
    for _ in range(within * 10):
        if not client.is_connected:
            return True
        await asyncio.sleep(0.1)
    return False


@on_fast_loop
async def test_a_gym_s_machine_hangs_up_on_who_does_not_walk() -> None:
    async with connected(open_backend(quirk="life-fitness", seed=1)) as client:
        assert not await lost(client, 29)
        assert await lost(client, 3)


@on_fast_loop
async def test_a_machine_hangs_up_on_a_speed_in_its_spin_up_and_can_be_had_again() -> None:
    backend = open_backend(quirk="kingsmith-ph4", seed=1)
    async with connected(backend) as client:
        await client.start_notify(uuids.CONTROL_POINT, lambda *_: None)
        for octets in (CONTROL, START, b"\x02\x64\x00"):
            await asyncio.sleep(0.5)
            await client.write_gatt_char(uuids.CONTROL_POINT, octets, response=True)
        assert await lost(client, 1)
    async with connected(backend) as client:
        assert not await lost(client, 10)
        assert backend.treadmill.peripheral.belt.speed > 0, "and its belt goes on"


@on_fast_loop
async def test_a_machine_without_a_name_has_none() -> None:
    async with connected(open_backend(quirk="horizon-omega-z", seed=1)) as client:
        assert client.name == ""
        point = client.services.get_characteristic(uuids.CONTROL_POINT)
        assert point is not None and point.properties == ["write", "notify"]
