"""Closes what the benches of this folder opened."""

from collections.abc import AsyncIterator

import pytest

from tests.guardian.radio import OPEN_BENCHES


@pytest.fixture(autouse=True)
async def benches_closed() -> AsyncIterator[None]:
    """No link and no claim on a machine outlives its test."""
    yield
    while OPEN_BENCHES:
        await OPEN_BENCHES.pop().driver.close(clean=False)
