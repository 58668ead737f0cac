"""The heart-rate strap over bleak's production Linux backend, beside a link to the treadmill that notices nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from treadsim.strap import NAME

from tests.bluez.serving import Served, now_ms
from tests.bluez.test_link import Ear, open_link
from tests.guardian.radio import eventually
from treadctl.control.events import Input, Notified, StrapIs
from treadctl.ftms.heart_rate import decode_heart_rate
from treadctl.guardian import strap as its
from treadctl.guardian.link import Link
from treadctl.guardian.radio import Radio
from treadctl.guardian.strap import StrapLink
from treadctl.model.api import LinkState, Strap

pytestmark = pytest.mark.needs("dbus-daemon")
STOP = b"\x08\x01"
SOON_S = 1.0


class Both:
    """A link to the treadmill and one to the strap, of one process."""

    def __init__(self, treadmill: Served) -> None:
        self.treadmill, self.radio, self.ear = treadmill, Radio(None), Ear()
        self.told: list[Input] = []
        self.busy = False
        self.strap = StrapLink(self.radio, self.told.append, now_ms, busy=lambda: self.busy)
        self.link: Link | None = None

    async def open(self) -> Both:
        self.link = await open_link(self.treadmill, self.radio, self.ear)
        return self

    async def stopped(self) -> bool:
        """A stop is answered by the machine's host in time, over a link that nobody has lost."""
        assert self.link is not None
        await self.link.write(STOP, SOON_S)
        return self.link.alive and self.ear.lost == 0

    @property
    def beats(self) -> list[int | None]:
        found = [decode_heart_rate(item.data) for item in self.told if isinstance(item, Notified)]
        return [None if one is None else one.bpm for one in found]

    @property
    def now(self) -> Strap | None:
        return next((item.strap for item in reversed(self.told) if isinstance(item, StrapIs)), None)

    async def until(self, state: LinkState, why: str = "") -> None:
        await eventually(lambda: self.now is not None and self.now.link is state and why in self.now.why, 10)


@pytest.fixture
async def both(treadmill: Served, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Both]:
    monkeypatch.setattr(its, "FIND_S", 1.0)
    monkeypatch.setattr(its, "FIRST_PAUSE_S", 0.1)
    await treadmill.do("strap-show")
    both = await Both(treadmill).open()
    yield both
    await both.strap.close()
    assert both.link is not None
    await both.link.close()


async def test_a_strap_is_found_by_name_worn_and_heard_beside_the_treadmill(both: Both) -> None:
    both.strap.wear(NAME)
    await both.until(LinkState.UP)
    await eventually(lambda: len(both.beats) >= 2)
    assert all(rate is not None and 60 <= rate <= 80 for rate in both.beats)
    assert not await both.ear.doubled() and await both.stopped()


async def test_a_strap_that_was_lost_is_worn_again_without_a_scan_and_heard_once(both: Both) -> None:
    both.strap.wear(NAME)
    await both.until(LinkState.UP)
    both.strap._may_scan = False
    await both.treadmill.do("strap-hide")
    await both.until(LinkState.LOST)
    assert await both.stopped()
    await both.treadmill.do("strap-show")
    await both.until(LinkState.UP)
    both.told.clear()
    await asyncio.sleep(2.2)
    assert 1 <= len(both.beats) <= 4 and both.ear.lost == 0


async def test_a_connection_to_a_strap_that_never_comes_about_holds_nothing_up(both: Both) -> None:
    await both.treadmill.do("strap-sleep")
    both.strap.wear(NAME)
    await both.until(LinkState.CONNECTING)
    await asyncio.sleep(1.5)
    assert await both.stopped() and not await both.ear.doubled()


async def test_while_a_strap_is_waited_for_the_treadmills_link_is_made_anew(both: Both) -> None:
    await both.treadmill.do("strap-sleep")
    both.strap.wear(NAME)
    await asyncio.sleep(1.5)
    await both.treadmill.do("drop")
    await eventually(lambda: both.ear.lost == 1)
    both.busy = True
    both.strap.stand_aside()
    assert both.link is not None
    await both.link.close()
    await both.open()
    both.ear.lost = 0
    assert await both.stopped() and not await both.ear.doubled()


async def test_a_strap_that_floods_is_let_go_and_the_treadmill_is_heard_as_before(both: Both) -> None:
    await both.treadmill.do("strap-flood 500")
    both.strap.wear(NAME)
    await both.until(LinkState.LOST, "too much")
    assert await both.stopped() and len(both.beats) < 10
    await eventually(lambda: not both.treadmill.told("strap")[-1]["up"])
