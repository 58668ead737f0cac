"""`treadsim serve --hci` as a process: what it says when it cannot, and that it gives Linux a working adapter."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tomllib
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from bumble.device import Device, Peer
from bumble.hci import Address, LeFeatureMask, OwnAddressType
from bumble.transport.common import StreamPacketSink, StreamPacketSource
from treadsim.cli import BUMBLE, main

from tests.bluez.serving import Served, served
from tests.gatt.bleak_bumble import backend
from tests.gatt.conftest import ETHER, ROOT
from tests.gatt.ear import Ear, linked
from treadctl.ftms import uuids
from treadctl.guardian.radio import Radio
from treadctl.model.api import Found

NEVER_KEPT = (
    LeFeatureMask.LL_PRIVACY, LeFeatureMask.LE_EXTENDED_ADVERTISING, LeFeatureMask.LE_PERIODIC_ADVERTISING,
)
NEW_ADAPTER = b"\xff\x00"
"""What is written to /dev/vhci to make an adapter."""


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["--hci", "ether:many"], 2, "ether:PORT"),
        (["--hci", "nonsense"], 2, "'nonsense' is no HCI transport"),
        (["--hci", "usb"], 2, "'usb' is no HCI transport"),
        (["--hci", "tcp-server:_:9000"], 2, "127.0.0.1:PORT"),
        (["--hci", "vhci:/dev/null/none"], 4, "could not be opened"),
        (["--hci", "tcp-client:127.0.0.1:1"], 4, "could not be opened"),
        (["--hci", "ether:0", "--bluez"], 2, "not allowed with"),
        (["--hci", "ether:0", "--fault", "disk.full"], 2, "dry-run"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    words: list[str], code: int, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *words]) == code
    said = capsys.readouterr()
    assert said.out == "" and hint in said.err and len(said.err.splitlines()) == 1


def test_without_bumble_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "bumble", None)
    assert main(["serve", "--hci", "ether:0"]) == 4
    said, extras = capsys.readouterr().err, tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert extras["project"]["optional-dependencies"]["gatt"] == [BUMBLE]
    assert "needs Bumble" in said and f"{sys.executable} -m pip install {BUMBLE}" in said


def test_it_ends_by_a_signal_at_any_moment() -> None:
    treadmill = Served(face=ETHER)
    treadmill.process.send_signal(signal.SIGTERM)
    assert treadmill.process.wait(5) == 0
    treadmill.end()


@asynccontextmanager
async def kernel(terminal: int) -> AsyncIterator[Device]:
    """What Linux does with /dev/vhci, on a terminal: a host with a public address, as BlueZ has one."""
    loop = asyncio.get_running_loop()
    made = asyncio.Event()

    class Source(StreamPacketSource):
        def data_received(self, data: bytes) -> None:
            if data == NEW_ADAPTER:
                made.set()
            else:
                super().data_received(data)

    reading, source = await loop.connect_read_pipe(Source, os.fdopen(os.dup(terminal), "rb", 0))
    writing, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(os.dup(terminal), "wb", 0))
    async with asyncio.timeout(5):
        await made.wait()
    device = Device.with_hci("hci0", Address("F0:00:00:00:00:01"), source, StreamPacketSink(writing))
    await device.power_on()
    try:
        yield device
    finally:
        reading.close()
        writing.close()


async def test_linux_gets_an_adapter_that_connects_with_its_public_address_and_promises_only_what_it_keeps() -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    with served("--seed", "7", face=("--hci", f"vhci:{os.ttyname(theirs)}")) as treadmill:
        async with kernel(ours) as linux:
            assert linux.public_address == Address("02:00:00:00:00:01/P")
            for promise in NEVER_KEPT:
                assert not linux.host.supports_le_features(promise)
            address = Address(treadmill.address, Address.RANDOM_DEVICE_ADDRESS)
            link = await linux.connect(address, own_address_type=OwnAddressType.PUBLIC)
            peer = Peer(link)
            async with asyncio.timeout(5):
                services = await peer.discover_services()
            assert "1826" in [service.uuid.to_hex_str() for service in services]
            await link.disconnect()
            await treadmill.until(lambda: not treadmill.connected, 2)
    os.close(ours)
    os.close(theirs)


async def test_on_a_controller_that_bumble_opens_it_is_a_machine_too_and_ends_with_that_controller(
    capfd: pytest.CaptureFixture[str]
) -> None:
    with served("--seed", "7", face=ETHER) as ether, served("--seed", "8", face=("--hci", ether.hci)) as treadmill:
        async with backend(ether.hci, treadmill.address) as computer:
            seen: list[Found] = []
            await Radio(computer).scan(0.5, seen.append)
            assert {one.address for one in seen} == {ether.address, treadmill.address}
            link = await linked(computer, Ear(), subscribed=False)
            await treadmill.until(lambda: treadmill.connected, 2)
            assert await link.read(uuids.FEATURE) is not None and not ether.connected
            await link.close()
        ether.process.kill()
        assert await asyncio.to_thread(treadmill.process.wait, 5) == 4
    assert "The Bluetooth controller is gone" in capfd.readouterr().err
