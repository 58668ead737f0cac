"""What links do on real Bluetooth layers: they drop, fade, jam and come back, and faults travel on them."""

from __future__ import annotations

import asyncio

import pytest

from tests.bluez.serving import Served, now_ms
from tests.gatt.bleak_bumble import Backend, backend
from tests.gatt.conftest import alone
from tests.gatt.ear import Ear, linked
from treadctl.control.events import Source
from treadctl.guardian.failures import LinkFailed
from treadctl.guardian.radio import Radio

CONTROL = b"\x00"


@pytest.mark.parametrize("end", ["drop", "fade"])
async def test_a_lost_link_is_told_once_and_a_new_one_hears_every_sample_once(
    treadmill: Served, computer: Backend, end: str
) -> None:
    ear = Ear()
    link = await linked(computer, ear)
    await treadmill.do(end)
    await ear.until(lambda: ear.lost, 3)
    assert not link.alive
    await treadmill.until(lambda: not treadmill.connected, 2)
    await link.close()
    again = await linked(computer, ear)
    ear.heard.clear()
    await asyncio.sleep(0.9)
    assert 1 <= len(ear.of(Source.TREADMILL_DATA)) <= 2  # two a second
    await again.close()
    assert ear.lost == 1  # our own end is no news


async def test_a_write_in_flight_fails_when_the_link_is_lost(treadmill: Served, computer: Backend) -> None:
    ear = Ear()
    link = await linked(computer, ear)
    await treadmill.do("fade")
    with pytest.raises(LinkFailed):
        await link.write(CONTROL, 3)
    assert treadmill.writes() == [] and ear.lost == 1 and not link.alive
    await link.close()


async def test_a_jammed_link_hangs_writes_and_a_new_one_works(treadmill: Served, computer: Backend) -> None:
    ear = Ear()
    link = await linked(computer, ear)
    await treadmill.do("jam")
    begin = now_ms()
    with pytest.raises(LinkFailed, match="took over"):
        await link.write(CONTROL, 0.3)
    assert now_ms() - begin < 2000 and link.alive and ear.lost == 0
    await link.close()
    again = await linked(computer, ear)
    await again.write(CONTROL, 1)
    await again.close()


async def test_a_muted_machine_takes_a_command_and_never_answers(treadmill: Served, computer: Backend) -> None:
    ear = Ear()
    link = await linked(computer, ear)
    await treadmill.do("mute")
    await link.write(CONTROL, 1)
    await treadmill.until(lambda: treadmill.writes() == ["00"], 2)
    await ear.until(lambda: ear.of(Source.TREADMILL_DATA), 2)
    assert ear.of(Source.CONTROL_POINT) == []
    await link.close()


async def test_an_attempt_that_was_given_up_does_not_stand_in_the_way_of_the_next(
    treadmill: Served, computer: Backend
) -> None:
    await treadmill.do("hide")
    await asyncio.sleep(0.2)
    ear = Ear()
    with pytest.raises(LinkFailed, match="does not answer"):
        await Radio(computer).open("", ear.hear, ear.gone, 0.3)
    await treadmill.do("show")
    link = await linked(computer, ear)
    assert link.alive
    await treadmill.until(lambda: treadmill.connected, 2)
    await link.close()


async def test_a_computer_that_vanishes_leaves_the_machine_to_the_next(treadmill: Served) -> None:
    async with backend(treadmill.hci, treadmill.address) as first:
        link = await linked(first, Ear())
        await treadmill.until(lambda: treadmill.connected, 2)
        first.vanish()
        await treadmill.until(lambda: not treadmill.connected, 2)
        await link.close(0.1)
    async with backend(treadmill.hci, treadmill.address) as second:
        again = await linked(second, Ear())
        await treadmill.until(lambda: treadmill.connected, 2)
        await again.close()


async def test_a_machine_whose_first_attempts_fail_is_reached_at_last() -> None:
    async with alone("reference", "--fault", "link.refuse(at=100ms,n=1)") as (treadmill, computer):
        ear = Ear()
        await linked(computer, ear, subscribed=False)
        await ear.until(lambda: ear.lost, 2)
        with pytest.raises(LinkFailed):
            await linked(computer, ear)
        link = await linked(computer, ear)
        assert link.alive
        await treadmill.until(lambda: [event["up"] for event in treadmill.told("link")] == [True, False, True], 2)
        await link.close()


async def test_a_zombie_link_swallows_even_the_discovery_of_services() -> None:
    async with alone("reference", "--fault", "link.zombie(at=0s)") as (treadmill, computer):
        ear = Ear()
        with pytest.raises(LinkFailed, match="does not answer"):
            await Radio(computer).open("", ear.hear, ear.gone, 0.5)
        await treadmill.until(lambda: treadmill.told("link"), 2)  # there was one
