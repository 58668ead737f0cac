"""The mock org.bluez behaves as real bluetoothd was measured to, row by row, under bleak's unmodified Linux backend."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from tests.bluez.serving import Served, close_bus, now_ms, served
from treadctl.ftms import uuids

pytestmark = pytest.mark.needs("dbus-daemon")

CONTROL, OK = b"\0", b"\x80\0\1"
START, STOP = b"\7", b"\x08\1"


@pytest.fixture(scope="module")
def one_for_all() -> Iterator[Served]:
    with served() as treadmill:
        yield treadmill


@pytest.fixture
async def treadmill(one_for_all: Served, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", one_for_all.bus)
    await one_for_all.renew()
    yield one_for_all
    await close_bus()


class Connected:
    """A plain BleakClient, what it was notified of, and how often it heard that the link is gone."""

    def __init__(self, where: Any, **how: Any) -> None:
        self.client = BleakClient(where, disconnected_callback=self._gone, **how)
        self.heard: dict[str, list[bytes]] = {}
        self.gone: list[int] = []

    def _gone(self, _client: BleakClient) -> None:
        self.gone.append(now_ms())

    async def listen(self, uuid: str) -> list[bytes]:
        """Subscribe; the list fills."""
        heard = self.heard.setdefault(uuid, [])
        await self.client.start_notify(uuid, lambda _sender, data: heard.append(bytes(data)))
        return heard

    async def command(self, data: bytes) -> None:
        await self.client.write_gatt_char(uuids.CONTROL_POINT, data, response=True)

    async def count(self, uuid: str, seconds: float) -> int:
        before = len(self.heard[uuid])
        await asyncio.sleep(seconds)
        return len(self.heard[uuid]) - before


@asynccontextmanager
async def a_client(treadmill: Served, **how: Any) -> AsyncIterator[Connected]:
    connected = Connected(treadmill.address, **how)
    await connected.client.connect()
    try:
        yield connected
    finally:
        await connected.client.disconnect()


async def att_error(call: Any) -> int:
    with pytest.raises(BleakGATTProtocolError) as caught:
        await call
    return int(caught.value.code)


async def test_a_scan_shows_the_treadmill_with_service_data_and_signal_strength(treadmill: Served) -> None:
    found = await BleakScanner.discover(timeout=0.5, return_adv=True, service_uuids=[uuids.FTMS])
    device, advertisement = found[treadmill.address]
    assert device.name == "treadsim reference" and advertisement.rssi == -60
    assert advertisement.service_uuids == [uuids.FTMS] and len(advertisement.service_data[uuids.FTMS]) == 3


async def test_reading_and_subscribing_to_the_wrong_characteristic_fails_as_bluez_fails(treadmill: Served) -> None:
    async with a_client(treadmill) as it:
        assert await att_error(it.command(CONTROL)) == 0xFD  # indications are off
        assert await att_error(it.client.read_gatt_char(uuids.TREADMILL_DATA)) == 0x02
        with pytest.raises(BleakCharacteristicNotFoundError):
            await it.client.read_gatt_char(uuids.HEART_RATE_MEASUREMENT)
        with pytest.raises(BleakDBusError) as caught:
            await it.listen(uuids.FEATURE)
        assert caught.value.dbus_error == "org.bluez.Error.NotSupported"
        assert len(await it.client.read_gatt_char(uuids.SPEED_RANGE)) == 6


async def test_every_att_error_keeps_its_code(treadmill: Served) -> None:
    async with a_client(treadmill) as it:
        await it.listen(uuids.CONTROL_POINT)
        for code in (0x81, 0x80, 0xFE, 0x0E, 0x03, 0x0D, 0x06):
            await treadmill.do(f"refuse {code}")
            assert await att_error(it.command(CONTROL)) == code
        assert it.client.is_connected


async def test_a_control_point_write_is_answered_by_an_indication(treadmill: Served) -> None:
    async with a_client(treadmill) as it:
        heard = await it.listen(uuids.CONTROL_POINT)
        await it.command(CONTROL)
        await treadmill.until(lambda: heard == [OK], 0.5)
        await treadmill.do("mute")
        await it.command(CONTROL)
        assert await it.count(uuids.CONTROL_POINT, 0.5) == 0


async def test_a_read_while_subscribed_is_also_a_notification(treadmill: Served) -> None:
    async with a_client(treadmill) as it:
        heard = await it.listen(uuids.TRAINING_STATUS)
        value = await it.client.read_gatt_char(uuids.TRAINING_STATUS)
        await asyncio.sleep(0.1)
        assert heard == [bytes(value)]


async def test_two_operations_at_once_both_succeed(treadmill: Served) -> None:
    async with a_client(treadmill) as it:
        await it.listen(uuids.CONTROL_POINT)
        both = await asyncio.gather(it.client.read_gatt_char(uuids.FEATURE), it.command(CONTROL))
        assert len(both[0]) == 8
        await asyncio.gather(it.command(CONTROL), it.command(CONTROL), return_exceptions=True)
        assert treadmill.writes() == ["00"] * 3


async def test_the_mtu_is_said_to_be_23(treadmill: Served) -> None:
    async with a_client(treadmill) as it:
        with pytest.warns(UserWarning, match="MTU"):
            assert it.client.mtu_size == 23
        assert it.client.services.get_characteristic(uuids.CONTROL_POINT) is not None


async def test_a_slow_link_is_slow_in_every_direction(treadmill: Served) -> None:
    async with a_client(treadmill) as it:
        heard = await it.listen(uuids.CONTROL_POINT)
        await treadmill.do("latency 100")
        begin = now_ms()
        await it.command(CONTROL)
        assert now_ms() - begin >= 200
        await treadmill.until(lambda: heard, 1)


async def test_when_the_machine_hangs_up_everything_afterwards_says_so(treadmill: Served) -> None:
    async with a_client(treadmill) as it:
        await it.listen(uuids.CONTROL_POINT)
        await treadmill.do("drop")
        await treadmill.until(lambda: it.gone, 1)
        assert not it.client.is_connected
        with pytest.raises(BleakError, match="Service Discovery"):
            await it.command(CONTROL)
        with pytest.raises(BleakError, match="Not connected"):
            await it.listen(uuids.STATUS)
        await it.client.disconnect()
        assert len(it.gone) == 1


async def test_what_is_in_flight_when_the_link_is_lost_fails_as_unlikely_error(treadmill: Served) -> None:
    async with a_client(treadmill) as it:
        await it.listen(uuids.CONTROL_POINT)
        begin = now_ms()
        await treadmill.do("fade")
        assert await att_error(it.command(START)) == 0x0E
        assert now_ms() - begin >= 700 and not it.client.is_connected
        assert treadmill.writes() == []


async def test_a_disconnect_that_was_wanted_is_told_too_and_takes_two_seconds(treadmill: Served) -> None:
    await treadmill.do("closing 2000")
    async with a_client(treadmill) as it:
        begin = now_ms()
        await it.client.disconnect()
        assert it.gone and it.gone[0] - begin >= 1900
        await treadmill.until(lambda: not treadmill.connected, 5)


async def test_after_a_disconnect_a_reconnected_client_begins_anew(treadmill: Served) -> None:
    async with a_client(treadmill) as it:
        await it.listen(uuids.CONTROL_POINT)
        await it.listen(uuids.TREADMILL_DATA)
        await treadmill.do("drop")
        await treadmill.until(lambda: it.gone, 1)
        await it.client.disconnect()
        await it.client.connect()
        assert await it.count(uuids.TREADMILL_DATA, 1.2) == 0
        assert await att_error(it.command(CONTROL)) == 0xFD
        await it.listen(uuids.TREADMILL_DATA)
        assert await it.count(uuids.TREADMILL_DATA, 1.2) == 2


async def test_without_the_disconnect_old_subscriptions_come_back_and_double_the_next_clients(
    treadmill: Served,
) -> None:
    async with a_client(treadmill) as it:
        await it.listen(uuids.CONTROL_POINT)
        await it.listen(uuids.TREADMILL_DATA)
        await treadmill.do("drop")
        await treadmill.until(lambda: it.gone, 1)
        leaked: Any = it.client._backend
        leaked = leaked._bus
        await it.client.connect()
        assert await it.count(uuids.TREADMILL_DATA, 1.2) == 2  # nothing was subscribed
        await it.command(CONTROL)
        await it.client.disconnect()
        async with a_client(treadmill) as other:
            await other.listen(uuids.TREADMILL_DATA)
            assert await other.count(uuids.TREADMILL_DATA, 1.2) == 4
        leaked.disconnect()
        await leaked.wait_for_disconnect()


async def test_a_machine_that_does_not_advertise_lets_connect_time_out(treadmill: Served) -> None:
    found = await BleakScanner.find_device_by_address(treadmill.address, timeout=2)
    assert found is not None
    await treadmill.do("hide")
    with pytest.raises(TimeoutError):
        await BleakClient(found, timeout=1).connect()
    await treadmill.do("show")
    with pytest.raises(BleakError, match="not found"):  # bluetoothd has forgotten it with the failed attempt
        await BleakClient(found, timeout=3).connect()
    async with BleakClient(treadmill.address, timeout=3) as client:
        assert client.is_connected


async def test_an_unknown_address_is_not_found(treadmill: Served) -> None:
    with pytest.raises(BleakDeviceNotFoundError):
        await BleakClient("F0:00:00:00:00:00", timeout=0.5).connect()


async def test_a_cancelled_write_is_carried_out_and_the_next_one_waits_for_it(treadmill: Served) -> None:
    async with a_client(treadmill) as it:
        await it.listen(uuids.CONTROL_POINT)
        await it.command(CONTROL)
        await treadmill.do("latency 150")
        begin = now_ms()
        first = asyncio.ensure_future(it.command(START))
        await asyncio.sleep(0.05)
        first.cancel()
        await it.command(STOP)
        assert now_ms() - begin >= 590
        assert treadmill.writes() == ["00", "07", "0801"]


async def test_an_adapter_that_is_switched_off_ends_the_link_and_every_scan(treadmill: Served) -> None:
    async with a_client(treadmill) as it:
        await treadmill.do("power-off")
        await treadmill.until(lambda: it.gone, 1)
    with pytest.raises(BleakBluetoothNotAvailableError) as caught:
        await BleakScanner.discover(timeout=0.1)
    assert caught.value.reason is BleakBluetoothNotAvailableReason.POWERED_OFF


KILLED = r"""
import asyncio, os, signal, sys
from bleak import BleakClient
async def main():
    client = BleakClient(sys.argv[1])
    await client.connect()
    await client.start_notify(sys.argv[2], lambda *_: None)
    await client.write_gatt_char(sys.argv[2], b"\0", response=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


async def test_a_link_outlives_the_client_that_was_killed(treadmill: Served) -> None:
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED, treadmill.address, uuids.CONTROL_POINT], timeout=20
    )
    assert killed.returncode == -signal.SIGKILL
    assert treadmill.connected
    assert await BleakScanner.discover(timeout=0.4) == []  # it does not advertise
    adapter = await BleakAdapter.get()
    [orphan] = await adapter.get_connected_devices([uuids.FTMS])
    assert orphan.address == treadmill.address
    it = Connected(orphan)
    await it.client.connect()
    assert await att_error(it.command(STOP)) == 0xFD  # the killed one's subscriptions went with it
    await it.listen(uuids.CONTROL_POINT)
    await it.command(STOP)
    assert treadmill.writes() == ["00", "0801", "0801"]
    await it.client.disconnect()
    await treadmill.until(lambda: not treadmill.connected, 5)
    assert [event["up"] for event in treadmill.told("link")] == [True, False]  # one link all the time
