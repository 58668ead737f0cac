"""A capture over bleak's production Linux backend: what it records there, and that it leaves the machine alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.bluez.serving import Served, close_bus, now_ms, served
from treadctl.files.captures import parse, render
from treadctl.files.redaction import redact
from treadctl.guardian.capture import record
from treadctl.guardian.radio import Radio

pytestmark = pytest.mark.needs("dbus-daemon")


@pytest.fixture
async def treadmill(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    with served() as treadmill:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", treadmill.bus)
        yield treadmill
        await close_bus()


async def test_a_capture_over_bluez_has_the_advertisement_the_characteristics_and_each_sample_once(
    treadmill: Served,
) -> None:
    heard: list[bytes] = []
    radio = Radio(None)
    link = await radio.open(treadmill.address, lambda _source, data: heard.append(data), lambda: None)
    await link.subscribe()
    heard.clear()
    seen = radio.advertisement(link.address)
    capture = await record(link, seen, 3, now=now_ms, still=lambda: True)
    await asyncio.sleep(0)
    await link.close()
    assert parse(render(redact(capture, link.address)).encode()).complete
    assert seen.seen and seen.named and seen.services == ("1826",)
    values = {one.uuid: one for one in capture.attributes}
    assert values["2acc"].value and values["2ad4"].value and values["2a24"].value
    assert all(one.value is None for one in capture.attributes if one.subscribed)
    assert len(capture.heard) >= 4 and [one.data for one in capture.heard] == heard
    assert {one.uuid for one in capture.heard} == {"2acd"}  # nothing that was read passes for news
