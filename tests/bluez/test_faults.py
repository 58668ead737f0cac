"""`treadsim serve --bluez --fault`: faults of link, write, indication, telemetry and machine reach bleak through BlueZ.

Every fault is walked with in virtual time elsewhere; here one or two of each family show that the mock's air has them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from bleak import BleakClient
from bleak.exc import BleakError, BleakGATTProtocolError

from tests.bluez.serving import Served, close_bus, now_ms, served
from treadctl.ftms import uuids
from treadctl.ftms.codec import decode_treadmill_data

pytestmark = pytest.mark.needs("dbus-daemon")

CONTROL, START, STOP = b"\0", b"\7", b"\x08\1"


class Faulty:
    """A treadmill with these faults, a plain BleakClient that listens to it, and what came."""

    def __init__(self, treadmill: Served) -> None:
        self.treadmill = treadmill
        self.samples: list[tuple[int, bytes]] = []
        self.answers: list[bytes] = []
        self.lost = 0
        self.client = BleakClient(treadmill.address, disconnected_callback=self._gone)

    def _gone(self, _client: BleakClient) -> None:
        self.lost += 1

    async def listen(self) -> None:
        await self.client.start_notify(uuids.CONTROL_POINT, lambda _, data: self.answers.append(bytes(data)))
        await self.client.start_notify(
            uuids.TREADMILL_DATA, lambda _, data: self.samples.append((now_ms(), bytes(data)))
        )

    async def command(self, data: bytes, seconds: float = 2.0) -> None:
        async with asyncio.timeout(seconds):
            await self.client.write_gatt_char(uuids.CONTROL_POINT, data, response=True)

    async def sampled(self, count: int) -> list[bytes]:
        """The next samples."""
        before = len(self.samples)
        await self.treadmill.until(lambda: len(self.samples) >= before + count, 1.0 + count)
        return [data for _, data in self.samples[before:]]




@asynccontextmanager
async def faulty(monkeypatch: pytest.MonkeyPatch, *specs: str) -> AsyncIterator[Faulty]:
    words = [word for spec in specs for word in ("--fault", spec)]
    with served(*words) as treadmill:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", treadmill.bus)
        await treadmill.do("closing 0")
        it = Faulty(treadmill)
        try:
            await it.client.connect()
            await it.listen()
            yield it
        finally:
            await it.client.disconnect()
            await close_bus()


# --- the link ------------------------------------------------------------------------------------------------------


async def test_a_dropped_link_is_lost_and_made_again_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faulty(monkeypatch, "link.drop(at=1s,for=1s)") as it:
        await it.treadmill.until(lambda: it.lost, 3)
        await it.client.disconnect()
        begin = now_ms()
        async with BleakClient(it.treadmill.address):
            assert now_ms() - begin > 500


async def test_a_link_is_refused_as_often_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faulty(monkeypatch, "link.refuse(at=1s,n=1)") as it:
        await it.treadmill.until(lambda: it.lost, 3)
        await it.client.disconnect()
        with pytest.raises(BleakError):
            await BleakClient(it.treadmill.address).connect()
        async with BleakClient(it.treadmill.address) as again:
            assert again.is_connected


async def test_a_zombie_link_says_that_it_is_up_and_nothing_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faulty(monkeypatch, "link.zombie(at=1500ms)") as it:
        await asyncio.sleep(1.6)
        before = len(it.samples)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await it.client.read_gatt_char(uuids.FEATURE)
        with pytest.raises(TimeoutError):
            await it.command(CONTROL, 0.5)
        assert it.client.is_connected and not it.lost and len(it.samples) - before <= 1


async def test_an_adapter_that_is_gone_takes_the_link_along_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faulty(monkeypatch, "link.adapter(at=1s,for=3s)") as it:
        await it.treadmill.until(lambda: it.lost, 3)
        await it.client.disconnect()
        with pytest.raises(BleakError, match=r"connection abort|No powered|NotReady"):
            await BleakClient(it.treadmill.address).connect()
        await it.treadmill.until(lambda: [one["on"] for one in it.treadmill.told("adapter")] == [False, True], 8)
        await asyncio.sleep(0.2)  # the bus has to bring it, too
        async with BleakClient(it.treadmill.address) as again:
            assert again.is_connected


# --- writes and their answers --------------------------------------------------------------------------------------


async def test_a_write_of_one_kind_hangs_and_what_follows_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faulty(monkeypatch, "write.hang(op=start)") as it:
        await it.command(CONTROL)
        with pytest.raises(TimeoutError):
            await it.command(START, 0.5)
        with pytest.raises(TimeoutError):
            await it.command(STOP, 0.5)
        assert it.treadmill.writes() == [CONTROL.hex()]


async def test_a_dropped_write_is_taken_and_never_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faulty(monkeypatch, "write.drop(op=stop)") as it:
        await it.command(CONTROL)
        await it.command(STOP)
        assert it.treadmill.writes() == [CONTROL.hex()]


@pytest.mark.parametrize(("spec", "code"), [("write.busy", 0xFE), ("write.error(code=14)", 0x0E)])
async def test_a_write_fails_with_its_att_error(monkeypatch: pytest.MonkeyPatch, spec: str, code: int) -> None:
    async with faulty(monkeypatch, spec) as it:
        with pytest.raises(BleakGATTProtocolError) as caught:
            await it.command(CONTROL)
        assert caught.value.code == code and it.treadmill.writes() == []


async def test_two_writes_arrive_in_the_wrong_order(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faulty(monkeypatch, "write.swapped") as it:
        await it.command(CONTROL)
        await it.command(STOP)
        await it.treadmill.until(lambda: len(it.treadmill.writes()) == 2, 3)
        assert it.treadmill.writes() == [STOP.hex(), CONTROL.hex()]


async def test_a_write_that_arrives_twice_is_carried_out_twice_and_an_answer_comes_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with faulty(monkeypatch, "write.twice", "indication.late(delay=1s)") as it:
        begin = now_ms()
        await it.command(CONTROL)
        assert it.treadmill.writes() == [CONTROL.hex()] * 2
        await it.treadmill.until(lambda: it.answers, 3)
        assert now_ms() - begin >= 1000


@pytest.mark.parametrize(
    ("spec", "answers"),
    [
        ("indication.missing", []),
        ("indication.wrong_op", [b"\x80\1\1"]),
        ("indication.result(code=5)", [b"\x80\0\5"]),
    ],
)
async def test_an_answer_is_what_the_fault_makes_of_it(
    monkeypatch: pytest.MonkeyPatch, spec: str, answers: list[bytes]
) -> None:
    async with faulty(monkeypatch, spec) as it:
        await it.command(CONTROL)
        await asyncio.sleep(0.4)
        assert it.answers == answers


# --- samples, and the machine itself -------------------------------------------------------------------------------


async def test_samples_stay_away_for_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faulty(monkeypatch, "telemetry.off(at=1500ms,for=1500ms)") as it:
        await it.treadmill.until(lambda: len(it.samples) > 2 and it.samples[-1][0] - it.samples[-2][0] > 1400, 6)
        gaps = [two - one for (one, _), (two, _) in pairwise(it.samples)]
        assert sum(gap > 1400 for gap in gaps) == 1


async def test_samples_of_a_standing_belt_tell_a_ghost_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faulty(monkeypatch, "telemetry.ghost(speed=1.5)") as it:
        assert [decode_treadmill_data(data).speed for data in await it.sampled(2)] == [150, 150]
        assert it.treadmill.speed == 0


async def test_a_belt_that_starts_by_itself_truly_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faulty(monkeypatch, "machine.self_start(at=1s,speed=1)") as it:
        await it.treadmill.until(lambda: it.treadmill.speed >= 50, 8)
