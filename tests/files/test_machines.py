"""Machine files and records: data about machines, read strictly and kept safely."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from treadctl.files.machines import Answers, Packets, RecordStore, load_quirk, parse_quirk, quirk_names
from treadctl.model.errors import InvalidFile, UsageError
from treadctl.model.machine import Backward, Record, backward_permission
from treadctl.model.units import Speed, kmh

ADDRESS = "F0:00:00:AA:BB:CC"
MINIMAL = """
title = "T"
source = "S"
device = "D"
speed = {minimum = 0.8, maximum = 16, increment = 0.1}
belt = {start_speed = 0.8, start_delay = 4, lag = 1.4, acceleration = 0.5, braking = 0.8}
"""


@pytest.mark.parametrize("name", quirk_names())
def test_every_shipped_machine_loads_says_its_source_and_brings_a_complete_record(name: str) -> None:
    quirk = load_quirk(name)
    assert quirk.name == name and quirk.title and len(quirk.source) > 40
    assert quirk.speed.sane and (quirk.incline is None or quirk.incline.sane)
    assert quirk.record.complete


def test_the_reference_machine_is_the_one_that_was_agreed() -> None:
    quirk = load_quirk("reference")
    assert quirk_names()[0] == "reference"
    assert (quirk.speed.minimum, quirk.speed.maximum, quirk.speed.increment) == (80, 1600, 10)
    assert quirk.incline is not None and (quirk.incline.maximum, quirk.incline.increment) == (120, 5)
    assert (quirk.start_delay, quirk.start_speed, quirk.lag) == (4000, kmh("0.8"), 1400)
    assert (quirk.acceleration, quirk.braking, quirk.sample_every) == (50, 80, 500)
    assert quirk.samples_at_standstill and quirk.answers is Answers.INDICATION and quirk.packets is Packets.SHORT


def test_the_record_follows_from_the_personality() -> None:
    record = load_quirk("reference").record
    assert record.stop_lag == 1400 + 2500
    assert record.counts_itself == 4000 and record.start_lag == 4000
    assert backward_permission(record) == (Backward.YES, "")


@pytest.mark.parametrize(
    ("name", "permission"),
    [
        ("minimum-one", Backward.YES),
        ("split-records", Backward.YES),
        ("mph-target", Backward.YES),
        ("half-steps", Backward.MINIMUM_ONLY),
        ("no-remote-start", Backward.SPOTTER_STARTS),
        ("silent-at-zero", Backward.NO),
    ],
)
def test_what_a_quirk_permits_backward(name: str, permission: Backward) -> None:
    assert backward_permission(load_quirk(name).record)[0] is permission


def test_a_machine_that_resumes_its_speed_has_an_unknown_resume_speed() -> None:
    assert load_quirk("resumes-speed").record.resume_speed is None
    assert load_quirk("reference").record.resume_speed == kmh("0.8")


def test_an_unknown_machine_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UsageError, match="did you mean reference"):
        load_quirk("referense")


def test_a_name_cannot_leave_the_folder_of_machines() -> None:
    with pytest.raises(UsageError):
        load_quirk("../machines/reference")


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (MINIMAL.replace("title", "titel"), "titel"),
        (MINIMAL.replace("lag = 1.4", "lagg = 1.4"), "lagg"),
        (MINIMAL.replace("lag = 1.4", "lag = -1"), "time"),
        (MINIMAL.replace("start_speed = 0.8", "start_speed = -0.8"), "speed"),
        (MINIMAL.replace("start_speed = 0.8", "start_speed = nan"), "repair"),
        (MINIMAL.replace("braking = 0.8", "braking = 0"), "rate"),
        (MINIMAL.replace('device = "D"', ""), "device"),
        (MINIMAL + "[wire]\nanswers = 'loudly'\n", "loudly"),
        (MINIMAL + "[wire]\nremote_start = 1\n", "true"),
        ("= = =", "TOML"),
    ],
)
def test_a_broken_machine_file_is_refused_in_one_sentence(broken: str, words: str) -> None:
    with pytest.raises(InvalidFile, match=words) as caught:
        parse_quirk(broken, "mine")
    assert str(caught.value).startswith("mine.toml:") and "\n" not in str(caught.value)


def test_decimal_fractions_are_exact() -> None:
    assert parse_quirk(MINIMAL.replace("start_speed = 0.8", "start_speed = 6.49"), "m").start_speed == Speed(649)


def test_a_saved_record_comes_back_equal(tmp_path: Path) -> None:
    record = replace(load_quirk("reference").record, address=ADDRESS)
    RecordStore(tmp_path / "machines").save(record)
    assert RecordStore(tmp_path / "machines").load(ADDRESS) == record


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
