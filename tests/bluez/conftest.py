"""The simulated treadmill that most tests of this folder reach over the mock org.bluez."""

from collections.abc import AsyncIterator

import pytest

from tests.bluez.serving import Served, close_bus, served


@pytest.fixture
async def treadmill(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    with served() as treadmill:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", treadmill.bus)
        await treadmill.do("closing 0", "strap-hide")
        yield treadmill
        await close_bus()
