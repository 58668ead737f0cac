"""A bug in the simulated machine must not leave a client waiting: Bumble does not answer when a handler fails."""

from __future__ import annotations

import asyncio

import pytest
from bumble.att import ATT_Error
from bumble.device import Device, Peer
from bumble.hci import Address, OwnAddressType
from bumble.host import Host
from treadsim.bluez_air import Air
from treadsim.channel import Channel
from treadsim.gatt import Gatt
from treadsim.gatt_link import Adapter, Ether
from treadsim.peripheral import Peripheral

from treadctl.files.quirks import load_quirk

MACHINE, COMPUTER = "F0:00:00:00:00:01", "F0:00:00:00:00:02"


class Buggy(Air):
    """It cannot be read."""

    def read(self, uuid: str) -> bytes:
        raise ZeroDivisionError(uuid)


async def test_a_bug_behind_a_request_becomes_an_att_error_and_is_told() -> None:
    ether, told = Ether(), list[dict[str, object]]()
    machine, adapter = Adapter(ether), Adapter(ether)
    air = Buggy(Peripheral(load_quirk("reference")), Channel(()), told.append)
    gatt = Gatt(air, MACHINE, Host(machine, machine))
    await gatt.open()
    serving = asyncio.ensure_future(gatt.serve())
    computer = Device(address=Address(COMPUTER), host=Host(adapter, adapter))
    await computer.power_on()
    link = await computer.connect(
        Address(MACHINE, Address.RANDOM_DEVICE_ADDRESS), own_address_type=OwnAddressType.RANDOM
    )
    peer = Peer(link)
    await peer.discover_services()
    await peer.discover_characteristics()
    [feature] = [one for service in peer.services for one in service.characteristics if one.uuid.to_hex_str() == "2ACC"]
    async with asyncio.timeout(2):
        with pytest.raises(ATT_Error) as refused:
            await feature.read_value()
    assert refused.value.error_code == 0x0E
    assert [event["is"] for event in told if "error" in event] == ["bug"]
    await link.disconnect()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    air.close()
