"""What treadctl keeps of a person, their locks and today: private, whole or not at all, and careful when damaged."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from treadctl.files.locks import add_lock, ever_heard, load_day, load_locks, remember_day, remember_heard, remove_lock
from treadctl.files.person import load_person, save_person
from treadctl.files.store import write_atomic
from treadctl.files.strap import KeptStrap, load_strap, remember_strap
from treadctl.model.errors import InvalidFile
from treadctl.model.locks import UNREADABLE, Lock
from treadctl.model.person import UNKNOWN_PERSON, Level, Person
from treadctl.model.units import Speed

FALL = Lock("fall", "a fall was reported", "2026-11-29")
UNITS = Lock("units:AA:BB", "this machine may show miles")
DAMAGED = [
    "", "{", "null", "[]", "7", '"text"', '{"is": "Other"}', '{"locks": [1]}', '{"x": 1}', "NaN", "\x00",
    "[" * 60_000, "[" * 100_000, "9" * 5000,
]  # fmt: skip


def test_nobody_saved_is_nobody_known(tmp_path: Path) -> None:
    assert load_person(tmp_path / "person.json") == UNKNOWN_PERSON


def test_a_person_comes_back_as_saved(tmp_path: Path) -> None:
    person = Person(Level.L2, 70, fell_past_year=True, own_backward_limit=Speed(150))
    save_person(tmp_path / "deep" / "person.json", person)
    assert load_person(tmp_path / "deep" / "person.json") == person


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_person_is_an_error_and_never_nobody(tmp_path: Path, text: str) -> None:
    path = tmp_path / "person.json"
    path.write_text(text)
    with pytest.raises(InvalidFile) as caught:
        load_person(path)
    assert str(caught.value).startswith(f"{path}:{caught.value.line}:{caught.value.column}: ")
    assert "\n" not in str(caught.value)


def test_files_are_private_and_leave_nothing_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "state" / "person.json"
    save_person(path, UNKNOWN_PERSON)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert os.listdir(path.parent) == ["person.json"]


def test_a_file_that_was_open_to_all_is_private_after_saving(tmp_path: Path) -> None:
    path = tmp_path / "person.json"
    path.write_text("x")
    path.chmod(0o666)
    save_person(path, UNKNOWN_PERSON)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    (target / "inner").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        write_atomic(target, b"new")
    assert sorted(os.listdir(tmp_path)) == ["folder"]
    assert (target / "inner").is_dir()


def test_a_folder_that_takes_no_file_is_told_with_the_name_of_the_file_that_was_meant() -> None:
    with pytest.raises(OSError, match=r"'/proc/walk\.html'"):
        write_atomic(Path("/proc/walk.html"), b"")


def test_no_lock_file_means_no_lock(tmp_path: Path) -> None:
    assert load_locks(tmp_path / "locks.json") == ()


def test_locks_add_up_and_go_by_name(tmp_path: Path) -> None:
    path = tmp_path / "state" / "locks.json"
    add_lock(path, FALL)
    add_lock(path, UNITS)
    assert load_locks(path) == (FALL, UNITS)
    assert remove_lock(path, "fall") is True
    assert remove_lock(path, "fall") is False
    assert load_locks(path) == (UNITS,)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_lock_of_the_same_name_is_replaced(tmp_path: Path) -> None:
    later = Lock("fall", "another fall", "2027-01-01")
    add_lock(tmp_path / "locks.json", FALL)
    add_lock(tmp_path / "locks.json", later)
    assert load_locks(tmp_path / "locks.json") == (later,)


@pytest.mark.parametrize("text", DAMAGED)
def test_an_unreadable_lock_file_locks_everything(tmp_path: Path, text: str) -> None:
    (tmp_path / "locks.json").write_text(text)
    assert load_locks(tmp_path / "locks.json") == (UNREADABLE,)


def test_a_folder_or_a_pipe_in_place_of_the_lock_file_locks_everything(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert load_locks(tmp_path) == (UNREADABLE,)
    assert load_locks(tmp_path / "pipe") == (UNREADABLE,)


def test_a_new_lock_does_not_heal_a_damaged_file_and_keeps_it_for_a_look(tmp_path: Path) -> None:
    path = tmp_path / "locks.json"
    path.write_text("damaged")
    add_lock(path, FALL)
    assert load_locks(path) == (UNREADABLE, FALL)
    assert (tmp_path / "locks.json.damaged").read_text() == "damaged"
    assert remove_lock(path, UNREADABLE.name) is True
    assert load_locks(path) == (FALL,)


def test_a_damaged_file_can_be_cleared(tmp_path: Path) -> None:
    path = tmp_path / "locks.json"
    path.write_text("damaged")
    assert remove_lock(path, UNREADABLE.name) is True
    assert load_locks(path) == ()


def test_no_lock_is_lost_when_many_add_at_once(tmp_path: Path) -> None:
    path = tmp_path / "locks.json"
    locks = [Lock(f"lock {number}", "chosen") for number in range(24)]
    threads = [threading.Thread(target=add_lock, args=(path, lock)) for lock in locks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(load_locks(path)) == set(locks)


@given(data=st.binary())
@example(data=json.dumps({"is": "LockFile", "locks": [{"is": "Lock", "name": "a", "reason": "b"}]}).encode())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_octets_as_a_lock_file_are_locks_or_a_lock_of_everything(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "locks.json").write_bytes(data)
    assert load_locks(tmp_path / "locks.json") in ((UNREADABLE,), (Lock("a", "b"),))


def test_ticks_hold_for_their_day_only(tmp_path: Path) -> None:
    path = tmp_path / "day.json"
    remember_day(path, "2026-11-22", checked=True, reached=False, heard=True)
    assert load_day(path, "2026-11-22") == (True, False, True)
    assert load_day(path, "2026-11-23") == (False, False, False)


def test_who_heard_the_number_anywhere_has_heard_it_for_today_and_for_the_first_evening(tmp_path: Path) -> None:
    """One file for both: the first evening and `doctor --hear` write it as the check before a walk does."""
    path, other = tmp_path / "day.json", tmp_path / "other.json"
    assert not ever_heard(path)
    remember_heard(path, "2026-11-22")
    assert load_day(path, "2026-11-22") == (False, False, True) and ever_heard(path)
    remember_day(path, "2026-11-22", checked=True, reached=True)
    assert load_day(path, "2026-11-22") == (True, True, True), "a guardian that did not know of it takes nothing away"
    remember_day(path, "2026-11-23", checked=True, reached=False)
    assert load_day(path, "2026-11-23") == (True, False, False) and ever_heard(path), "asked anew, and ticked for ever"
    remember_day(other, "2026-11-22", checked=True, reached=True, heard=True)
    assert ever_heard(other)


@pytest.mark.parametrize("text", [None, *DAMAGED])
def test_ticks_that_cannot_be_read_were_not_made(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "day.json").write_text(text)
    assert load_day(tmp_path / "day.json", "2026-11-22") == (False, False, False)


def test_the_strap_worn_last_is_kept_forgotten_and_a_damaged_file_means_none(tmp_path: Path) -> None:
    path, strap = tmp_path / "strap.json", KeptStrap("AA:BB:CC:DD:EE:FF", "Belt")
    assert load_strap(path) is None
    remember_strap(path, strap)
    written = path.stat().st_mtime_ns
    remember_strap(path, strap)
    assert load_strap(path) == strap and path.stat().st_mtime_ns == written
    path.write_text("{")
    assert load_strap(path) is None
    remember_strap(path, None)
    remember_strap(path, None)
    assert not path.exists()
