"""A house for every test that wants one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mqtt.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A broker of its own on the loopback, ended with the test."""
    it = House(tmp_path)
    yield it
    it.end()
