"""Machines that are not like the standard, on real ATT: what they send and how they answer reaches the link."""

from __future__ import annotations

import asyncio

from tests.gatt.conftest import alone
from tests.gatt.ear import Ear, linked
from treadctl.control.events import Source
from treadctl.ftms import uuids
from treadctl.guardian.radio import Radio
from treadctl.model.api import Found

CONTROL = b"\x00"


async def test_a_machine_that_splits_its_records_sends_every_part_in_order() -> None:
    async with alone("split-records") as (_, computer):
        ear = Ear()
        link = await linked(computer, ear)
        await ear.until(lambda: len(ear.of(Source.TREADMILL_DATA)) >= 2, 5)
        assert [data[0] & 1 for data in ear.of(Source.TREADMILL_DATA)[:2]] == [1, 0]  # the last part has the speed
        assert all(len(data) <= 20 for data in ear.of(Source.TREADMILL_DATA))
        await link.close()


async def test_a_machine_that_answers_through_its_status_only_indicates_nothing() -> None:
    async with alone("status-only") as (treadmill, computer):
        ear = Ear()
        link = await linked(computer, ear)
        for written in (CONTROL, b"\x07", b"\x08\x01"):
            await link.write(written, 1)
        await ear.until(lambda: len(ear.of(Source.STATUS)) == 2, 3)
        assert ear.of(Source.STATUS) == [b"\x04", b"\x02\x01"] and ear.of(Source.CONTROL_POINT) == []
        await treadmill.until(lambda: treadmill.writes() == ["00", "07", "0801"], 2)
        await link.close()


async def test_a_machine_that_notifies_its_answers_where_it_should_indicate_is_heard() -> None:
    async with alone("bh") as (_, computer):
        ear = Ear()
        link = await linked(computer, ear)
        await link.write(CONTROL, 1)
        await ear.until(lambda: ear.of(Source.CONTROL_POINT) == [b"\x80\x00\x01"], 2)
        await link.close()


async def test_a_machine_that_hides_its_service_is_seen_by_its_address_and_shows_it_on_the_link() -> None:
    async with alone("hidden") as (treadmill, computer):
        seen: list[Found] = []
        await Radio(computer).scan(0.4, seen.append, [treadmill.address])
        assert {one.fitness for one in seen} == {False}
        ear = Ear()
        link = await linked(computer, ear)
        await asyncio.sleep(0)
        assert await link.read(uuids.FEATURE) is not None
        await link.close()
