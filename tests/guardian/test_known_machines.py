"""What a guardian knows of a machine it has connected to: its record for this firmware, over the quirk of its kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from treadsim.backend import open_backend

from treadctl.control.events import Context
from treadctl.files.config import Settings
from treadctl.files.machines import RecordStore
from treadctl.files.quirks import load_quirk
from treadctl.guardian.guardian import Guardian
from treadctl.guardian.radio import Radio
from treadctl.model.errors import ExitCode
from treadctl.model.machine import LinkInfo, Record
from treadctl.paths import Paths

ADDRESS = "F0:00:00:AA:BB:CC"
GOOD = replace(load_quirk("reference").record, address=ADDRESS, firmware="")


async def known(paths: Paths, info: LinkInfo, quirk: str = "reference") -> Record | None:
    """What the guardian finds out about this machine."""
    guardian = Guardian(Context("known", "0"), paths, Settings(), Radio(open_backend(quirk=quirk, seed=7)), 60)
    try:
        return await guardian._record(info)
    finally:
        guardian.exit(ExitCode.OK)
        await guardian.ended()


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "run", tmp_path / "state", tmp_path / "data", tmp_path / "config")


async def test_a_record_counts_for_its_firmware_only(paths: Paths) -> None:
    RecordStore(paths.machines).save(replace(GOOD, firmware="V1"))
    assert await known(paths, LinkInfo(ADDRESS, firmware="V1")) == replace(GOOD, firmware="V1")
    assert await known(paths, LinkInfo(ADDRESS, firmware="V2")) is None
    assert await known(paths, LinkInfo(ADDRESS)) is None


async def test_a_known_machine_s_quirk_lies_under_its_record(paths: Paths) -> None:
    RecordStore(paths.machines).save(GOOD)
    assert await known(paths, LinkInfo(ADDRESS, "T318")) == replace(GOOD, incline=None, samples_at_standstill=False)
    locked = await known(paths, LinkInfo(ADDRESS, "TRX3500 of the club"))
    assert locked is not None and not locked.control and not locked.stop_works and locked.complete


async def test_a_hostile_name_finds_no_quirk_and_changes_nothing(paths: Paths) -> None:
    RecordStore(paths.machines).save(GOOD)
    assert await known(paths, LinkInfo(ADDRESS, "\x1b[2J[*]" * 500)) == GOOD


async def test_the_record_that_a_simulated_machine_brings_lies_over_its_quirk_too(paths: Paths) -> None:
    quirk = load_quirk("tm11gy")
    backend = open_backend(quirk="tm11gy", seed=7)
    found = await known(paths, LinkInfo(backend.address, "TM11GY", firmware="1", simulated=True), "tm11gy")
    assert found == replace(quirk.record, address=backend.address)
    assert found is not None and not found.complete
