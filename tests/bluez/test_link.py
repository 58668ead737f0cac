"""The guardian's own link over bleak's production Linux backend: what only BlueZ does to it."""

from __future__ import annotations

import asyncio

import pytest

from tests.bluez.serving import Served, now_ms
from treadctl.control.events import Source
from treadctl.guardian.failures import LinkFailed
from treadctl.guardian.link import Link
from treadctl.guardian.radio import Radio

pytestmark = pytest.mark.needs("dbus-daemon")


class Ear:
    """What a link told."""

    def __init__(self) -> None:
        self.samples = 0
        self.lost = 0

    def heard(self, source: Source, _data: bytes) -> None:
        self.samples += source is Source.TREADMILL_DATA

    def gone(self) -> None:
        self.lost += 1

    async def doubled(self) -> bool:
        """Whether more arrives than two or three samples in 1.2 s, which is what the machine sends."""
        before = self.samples
        await asyncio.sleep(1.2)
        assert self.samples - before >= 2
        return self.samples - before > 3


async def open_link(treadmill: Served, radio: Radio, ear: Ear) -> Link:
    link = await radio.open(treadmill.address, ear.heard, ear.gone)
    await link.subscribe()
    return link


async def test_a_link_made_anew_after_a_loss_hears_every_sample_once(treadmill: Served) -> None:
    radio, ear = Radio(None), Ear()
    link = await open_link(treadmill, radio, ear)
    assert not await ear.doubled()
    await treadmill.do("drop")
    await treadmill.until(lambda: ear.lost, 1)
    await link.close()
    again = await open_link(treadmill, radio, ear)
    assert not await ear.doubled()
    await again.close()
    assert ear.lost == 1  # our own end is no news


async def test_a_machine_that_bluez_forgot_since_the_scan_is_found_again(treadmill: Served) -> None:
    radio, ear = Radio(None), Ear()
    await radio.scan(0.3, lambda _found: None)
    await treadmill.do("forget")
    link = await open_link(treadmill, radio, ear)
    assert link.alive
    await link.close()


async def test_what_the_machine_says_of_itself_is_read(treadmill: Served) -> None:
    link = await open_link(treadmill, Radio(None), Ear())
    await link.learn(simulated=False)
    assert link.info.name == "treadsim reference" and link.info.speed is not None and link.info.control
    await link.close()


async def test_a_write_that_hangs_is_given_up_in_time_and_refusals_keep_their_code(treadmill: Served) -> None:
    link = await open_link(treadmill, Radio(None), Ear())
    await treadmill.do("refuse 129")
    with pytest.raises(LinkFailed) as refused:
        await link.write(b"\0", 1.0)
    assert refused.value.att == 0x81
    await treadmill.do("jam")
    begin = now_ms()
    with pytest.raises(LinkFailed, match="took over"):
        await link.write(b"\0", 0.3)
    assert now_ms() - begin < 600
    await link.close()


async def test_an_absent_machine_and_a_dark_adapter_are_told_in_a_sentence(treadmill: Served) -> None:
    await treadmill.do("hide")
    with pytest.raises(LinkFailed, match="was not found; wake it up"):
        await Radio(None).open(treadmill.address, Ear().heard, Ear().gone, 0.5)
    await treadmill.do("power-off")
    with pytest.raises(LinkFailed, match="switched off"):
        await Radio(None).scan(0.1, lambda _found: None)
