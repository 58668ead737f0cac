"""The guardian's radio and link on real ATT: the simulated GATT server in one process, a Bumble host in this one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import Any

import pytest
from bumble.att import ATT_Error
from bumble.device import Peer
from bumble.gatt_client import CharacteristicProxy
from bumble.hci import Address, OwnAddressType

from tests.bluez.serving import Served
from tests.gatt.bleak_bumble import Backend
from tests.gatt.ear import Ear, linked
from treadctl.control.events import Source
from treadctl.ftms import uuids
from treadctl.ftms.codec import decode_treadmill_data
from treadctl.guardian.failures import LinkFailed
from treadctl.guardian.radio import Radio
from treadctl.model.api import Found

CONTROL, START, STOP = b"\x00", b"\x07", b"\x08\x01"
NINETY = b"\x02\x5a\x00"
"""0.90 km/h."""


async def test_a_scan_shows_the_machine_with_name_service_and_service_data(
    treadmill: Served, computer: Backend
) -> None:
    found: list[Found] = []
    await Radio(computer).scan(0.4, found.append)
    assert {(one.address, one.name, one.fitness) for one in found} == {(treadmill.address, "treadsim reference", True)}
    scanner = computer.scanner(None, None)
    await scanner.start()
    await asyncio.sleep(0.3)
    await scanner.stop()
    _, advertised = scanner.seen_devices[treadmill.address]
    assert advertised.service_data == {uuids.FTMS: b"\x01\x01\x00"}  # available, a treadmill


async def test_what_the_machine_says_of_itself_is_read(computer: Backend) -> None:
    link = await linked(computer, Ear(), subscribed=False)
    await link.learn(simulated=True)
    assert (link.info.name, link.info.maker) == ("treadsim reference", "treadsim")
    assert link.info.speed is not None and link.info.incline is not None and link.info.control
    await link.close()


async def test_a_walk_start_set_speed_and_stop_over_real_att(treadmill: Served, computer: Backend) -> None:
    ear = Ear()
    link = await linked(computer, ear)
    for number, written in enumerate((CONTROL, START), 1):
        await link.write(written, 1)
        await ear.until(partial(answered, ear, number))
    await ear.until(lambda: treadmill.speed > 0, 9)
    await link.write(NINETY, 1)
    await ear.until(lambda: speeds(ear)[-1] == 90, 6)
    await ear.until(lambda: treadmill.speed == 90)
    await link.write(STOP, 1)
    await ear.until(lambda: speeds(ear)[-1] == 0, 6)
    await ear.until(lambda: treadmill.speed == 0)
    assert treadmill.writes() == ["00", "07", "025a00", "0801"]
    assert ear.of(Source.CONTROL_POINT) == [bytes.fromhex(f"80{op}01") for op in ("00", "07", "02", "08")]
    await link.close()


def answered(ear: Ear, often: int) -> bool:
    return len(ear.of(Source.CONTROL_POINT)) == often


def speeds(ear: Ear) -> list[int | None]:
    return [decode_treadmill_data(data).speed for data in ear.of(Source.TREADMILL_DATA)]


async def test_a_command_before_the_subscription_and_a_malformed_one_are_att_errors(
    treadmill: Served, computer: Backend
) -> None:
    link = await linked(computer, Ear(), subscribed=False)
    assert await refusal(link.write(CONTROL, 1)) == 0xFD
    await link.subscribe(((Source.CONTROL_POINT, uuids.CONTROL_POINT),))
    assert await refusal(link.write(b"", 1)) == 0x0D
    await treadmill.do("refuse 129")
    assert await refusal(link.write(CONTROL, 1)) == 0x81
    await link.write(CONTROL, 1)
    assert await refusal(link.write(CONTROL, 1)) == 0xFE  # the answer to the first is still due
    await link.close()


async def refusal(call: Awaitable[None]) -> int | None:
    with pytest.raises(LinkFailed) as refused:
        await call
    return refused.value.att


async def test_a_subscription_is_a_cccd_of_the_right_kind_and_can_be_read_back(computer: Backend) -> None:
    link = await computer.device.connect(Address(computer.address), own_address_type=OwnAddressType.RANDOM)
    peer = Peer(link)
    await peer.discover_services()
    await peer.discover_characteristics()
    [control] = [one for one in found(peer) if one.uuid.to_hex_str() == "2AD9"]
    await control.discover_descriptors()
    [cccd] = control.descriptors
    assert await cccd.read_value() == b"\x00\x00"
    for octets, code in ((b"\x01\x00", 0x13), (b"\x02", 0x0D)):  # it indicates, and does not notify
        with pytest.raises(ATT_Error) as refused:
            await cccd.write_value(octets, with_response=True)
        assert refused.value.error_code == code
    await cccd.write_value(b"\x02\x00", with_response=True)
    assert await cccd.read_value() == b"\x02\x00"
    await control.write_value(CONTROL, with_response=True)
    await cccd.write_value(b"\x00\x00", with_response=True)
    with pytest.raises(ATT_Error) as refused:
        await control.write_value(CONTROL, with_response=True)
    assert refused.value.error_code == 0xFD


def found(peer: Peer) -> list[CharacteristicProxy[Any]]:
    return [one for service in peer.services for one in service.characteristics]
