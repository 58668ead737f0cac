"""On which machines somebody rehearsed: private, whole or not at all, and a damaged file means on none."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from tests.files.test_small_files import DAMAGED
from treadctl.files.locks import OneRehearsal, forget_rehearsal, load_rehearsals, remember_rehearsal


def test_nothing_saved_is_nothing_rehearsed(tmp_path: Path) -> None:
    assert load_rehearsals(tmp_path / "rehearsed.json") == ()


def test_a_rehearsal_comes_back_with_its_day_and_beside_others(tmp_path: Path) -> None:
    path = tmp_path / "state" / "rehearsed.json"
    remember_rehearsal(path, "AA:BB", "2026-11-20")
    remember_rehearsal(path, "CC:DD", "2026-11-21")
    assert load_rehearsals(path) == (OneRehearsal("AA:BB", "2026-11-20"), OneRehearsal("CC:DD", "2026-11-21"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_later_one_on_the_same_machine_takes_the_place_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "rehearsed.json"
    remember_rehearsal(path, "AA:BB", "2026-11-20")
    remember_rehearsal(path, "aa:bb", "2026-11-22")
    assert load_rehearsals(path) == (OneRehearsal("aa:bb", "2026-11-22"),)


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_file_means_not_rehearsed_and_the_next_one_mends_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rehearsed.json"
    path.write_text(text)
    assert load_rehearsals(path) == ()
    remember_rehearsal(path, "AA:BB", "2026-11-20")
    assert load_rehearsals(path) == (OneRehearsal("AA:BB", "2026-11-20"),)


def test_none_is_lost_when_many_are_kept_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rehearsed.json"
    threads = [threading.Thread(target=remember_rehearsal, args=(path, f"AA:{n:02}", "2026-11-20")) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {kept.address for kept in load_rehearsals(path)} == {f"AA:{n:02}" for n in range(16)}


def test_what_is_forgotten_of_one_machine_is_kept_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "rehearsed.json"
    forget_rehearsal(path, "AA:BB")
    assert not path.exists()
    for address in ("AA:BB", "CC:DD"):
        remember_rehearsal(path, address, "2026-11-20")
    forget_rehearsal(path, "aa:bb")
    assert load_rehearsals(path) == (OneRehearsal("CC:DD", "2026-11-20"),)
