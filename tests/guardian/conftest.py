"""Closes what the benches of this folder opened."""

from collections.abc import AsyncIterator

import pytest

from tests.guardian.radio import OPEN_BENCHES
from tests.guardian.whole import Whole


@pytest.fixture(autouse=True)
async def benches_closed() -> AsyncIterator[None]:
    """No link and no claim on a machine outlives its test."""
    yield
    while OPEN_BENCHES:
        bench: object = OPEN_BENCHES.pop()
        if isinstance(bench, Whole):
            await bench.strap.close()
        await bench.driver.close(clean=False)  # type: ignore[attr-defined]
