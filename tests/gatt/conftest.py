"""Treadmills on a virtual Bluetooth adapter, in a process of their own, and a computer beside them.

It also makes `bleak_bumble.py` importable, as `tests.gatt.bleak_bumble`.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.bluez.serving import Served, served  # noqa: E402 - after the path
from tests.gatt.bleak_bumble import Backend, backend  # noqa: E402

ETHER = ("--hci", "ether:0")
AGAIN = ("drop", "show", "unmute", "refuse 0", "latency 0")
Beside = Callable[[Served], AbstractAsyncContextManager[Backend]]


@pytest.fixture(scope="module")
def kept() -> Iterator[Served]:
    """A reference machine that several tests use, one after the other."""
    with served("--seed", "7", face=ETHER) as treadmill:
        yield treadmill


@pytest.fixture
async def treadmill(kept: Served) -> Served:
    """The reference machine, with no link and nothing told yet."""
    await kept.do(*AGAIN)
    kept.events.clear()
    return kept


@pytest.fixture
async def computer(treadmill: Served) -> AsyncIterator[Backend]:
    """A computer beside the reference machine."""
    async with backend(treadmill.hci, treadmill.address) as found:
        yield found


@asynccontextmanager
async def alone(quirk: str, *words: str) -> AsyncIterator[tuple[Served, Backend]]:
    """A machine of this kind, and a computer beside it."""
    with served("--quirk", quirk, *words, face=ETHER) as treadmill:
        async with backend(treadmill.hci, treadmill.address) as computer:
            yield treadmill, computer
