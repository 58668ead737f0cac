"""Machine records on disk: one for each machine and firmware, and none that cannot be trusted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from treadctl.files.machines import RecordStore
from treadctl.files.quirks import load_quirk
from treadctl.model.machine import Record
from treadctl.model.plain import dump

ADDRESS = "F0:00:00:AA:BB:CC"


def test_a_saved_record_comes_back_equal(tmp_path: Path) -> None:
    record = replace(load_quirk("reference").record, address=ADDRESS)
    RecordStore(tmp_path / "machines").save(record)
    assert RecordStore(tmp_path / "machines").load(ADDRESS, "1") == record


def test_a_record_is_readable_by_its_owner_only_and_leaves_no_other_file(tmp_path: Path) -> None:
    RecordStore(tmp_path).save(Record(address=ADDRESS))
    files = list(tmp_path.iterdir())
    assert len(files) == 1 and files[0].stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"is": "Lock"}', '{"speed": -1}', '{"surprise": 1}', "[" * 100_000])
def test_a_record_that_cannot_be_read_counts_as_none(tmp_path: Path, text: str) -> None:
    store = RecordStore(tmp_path)
    store.save(Record(address=ADDRESS))
    next(tmp_path.iterdir()).write_text(text)
    assert store.load(ADDRESS) is None


def test_a_record_under_another_machine_s_name_is_not_believed(tmp_path: Path) -> None:
    store = RecordStore(tmp_path)
    store.save(Record(address=ADDRESS))
    text = next(tmp_path.iterdir()).read_text()
    next(tmp_path.iterdir()).write_text(text.replace("AA:BB:CC", "AA:BB:DD"))
    assert store.load(ADDRESS) is None


@pytest.mark.parametrize("address", ["../../evil", "a/b", "x" * 900, "\x00", "é" * 9])
def test_no_address_leads_out_of_the_folder(tmp_path: Path, address: str) -> None:
    store = RecordStore(tmp_path / "inner")
    store.save(Record(address=address))
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "inner"]
    assert store.load(address) == Record(address=address)


def test_an_unknown_machine_has_no_record(tmp_path: Path) -> None:
    assert RecordStore(tmp_path).load(ADDRESS) is None


# --- firmware --------------------------------------------------------------------------------------------------------


def test_a_machine_with_another_firmware_than_its_record_has_none(tmp_path: Path) -> None:
    store = RecordStore(tmp_path)
    store.save(Record(ADDRESS, "old", "V1"))
    assert store.load(ADDRESS, "V1") == Record(ADDRESS, "old", "V1")
    assert store.load(ADDRESS, "V2") is None and store.load(ADDRESS, "v1") is None and store.load(ADDRESS) is None


def test_a_record_without_firmware_is_for_a_machine_that_tells_none(tmp_path: Path) -> None:
    store = RecordStore(tmp_path)
    store.save(Record(ADDRESS))
    assert store.load(ADDRESS) == Record(ADDRESS)
    assert store.load(ADDRESS, "V1") is None


def test_both_firmwares_are_remembered_and_forgotten_together(tmp_path: Path) -> None:
    store, other = RecordStore(tmp_path), Record("F0:00:00:AA:BB:CD")
    records = [Record(ADDRESS), Record(ADDRESS, firmware="V1"), Record(ADDRESS, firmware="../V2")]
    for record in [*records, other]:
        store.save(record)
    assert set(store.all()) == {*records, other}
    assert store.forget(ADDRESS) and store.all() == (other,)
    assert not store.forget(ADDRESS)


def test_forgetting_one_machine_leaves_another_whose_address_begins_alike(tmp_path: Path) -> None:
    store = RecordStore(tmp_path)
    store.save(Record("F0:00", firmware="1"))
    store.save(Record("F0:00:11", firmware="1"))
    store.forget("F0:00")
    assert store.all() == (Record("F0:00:11", firmware="1"),)


def test_a_record_that_cannot_be_read_is_forgotten_too(tmp_path: Path) -> None:
    store = RecordStore(tmp_path)
    store.save(Record(ADDRESS, firmware="V1"))
    next(tmp_path.iterdir()).write_text("{")
    assert store.all() == ()
    assert store.forget(ADDRESS) and list(tmp_path.iterdir()) == []


def test_a_record_in_another_one_s_place_is_not_listed(tmp_path: Path) -> None:
    store = RecordStore(tmp_path)
    store.save(Record(ADDRESS, firmware="V1"))
    text = next(tmp_path.iterdir()).read_text()
    (tmp_path / "f0-00-00-aa-bb-dd.json").write_text(text)
    next(path for path in tmp_path.iterdir() if "@" in path.name).write_text(text.replace("V1", "V2"))
    assert store.all() == () and store.load(ADDRESS, "V1") is None and store.load(ADDRESS, "V2") is None


def test_an_older_record_that_knows_fewer_fields_is_still_read(tmp_path: Path) -> None:
    old = dump(replace(load_quirk("reference").record, address=ADDRESS, firmware=""))
    for later in ("control", "told", "runs_on", "learnt"):
        del old[later]
    (tmp_path / "f0-00-00-aa-bb-cc.json").write_text(json.dumps(old))
    record = RecordStore(tmp_path).load(ADDRESS)
    assert record is not None and record.complete and record.control


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    store = RecordStore(tmp_path / "none")
    assert store.all() == () and not store.forget(ADDRESS)
