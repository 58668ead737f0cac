"""What a guardian knows of a machine it has connected to: its record for this firmware, over the quirk of its kind."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from treadsim.backend import open_backend

from treadctl.control.events import Context, Learn, Learnt
from treadctl.files.config import Settings
from treadctl.files.locks import add_lock, load_locks
from treadctl.files.machines import RecordStore
from treadctl.files.quirks import load_quirk, merged
from treadctl.guardian.guardian import Guardian
from treadctl.guardian.radio import Radio
from treadctl.model.errors import ExitCode
from treadctl.model.locks import Lock
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


async def learnt(paths: Paths, record: Record, monkeypatch: pytest.MonkeyPatch) -> Learnt:
    """What the disk says of a record that commissioning hands to the guardian."""
    guardian = Guardian(Context("known", "0"), paths, Settings(), Radio(open_backend(seed=7)), 60)
    answers: asyncio.Future[Learnt] = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(guardian._shell, "accept", answers.set_result)
    try:
        guardian.learn(Learn(record))
        async with asyncio.timeout(20):
            return await answers
    finally:
        monkeypatch.undo()
        guardian.exit(ExitCode.OK)
        await guardian.ended()


async def test_a_learnt_record_is_on_disk_as_measured_and_counts_with_its_quirk(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine known to take miles stays locked, whatever its owner read."""
    add_lock(paths.locks, Lock(f"units:{ADDRESS}", "wrong units"))
    miles = replace(GOOD, name="JFTM-T202")
    counting = (await learnt(paths, miles, monkeypatch)).record
    assert counting == merged(miles, load_quirk("jftm-t202")) and not counting.units_read_by_owner
    assert RecordStore(paths.machines).load(ADDRESS) == miles and load_locks(paths.locks)
    assert (await learnt(paths, GOOD, monkeypatch)) == Learnt(GOOD)
    assert not load_locks(paths.locks)


async def test_what_cannot_be_written_is_not_learnt_and_says_so(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    paths.machines.parent.mkdir(parents=True, exist_ok=True)
    paths.machines.write_text("no folder")
    answer = await learnt(paths, GOOD, monkeypatch)
    assert answer.record is None and "cannot be written (File exists); free some disk space" in answer.why
