"""Makes `radio.py` of this folder importable as a plain module, and closes what its benches opened."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
async def benches_closed() -> AsyncIterator[None]:
    """No link and no claim on a machine outlives its test."""
    yield
    from radio import OPEN_BENCHES

    while OPEN_BENCHES:
        await OPEN_BENCHES.pop().driver.close(clean=False)
