"""A shared file says who it is by, and one octet changed anywhere in it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from treadctl.files.profile import parse_profile, shipped_profiles
from treadctl.files.sharing import MOST_LISTED, by_line, look, look_at, shared_in, shared_text

PROGRAM = parse_profile(
    "treadctl: 1\nname: Some walk\nsegments:\n  - {walk: backward, for: 1min, speed: 1.0 km/h}\n", "some.yaml"
)
TEXT = shared_text(PROGRAM, "Anna")


def state(text: str) -> str:
    return str(look(text))


def test_a_shared_file_is_by_somebody_and_unchanged() -> None:
    assert state(TEXT) == "by Anna, unchanged"


def test_a_shared_file_is_the_same_programme() -> None:
    again = parse_profile(TEXT, "some.yaml")
    assert (again.name, len(again.segments)) == (PROGRAM.name, 1)


@pytest.mark.parametrize("other", ["#", "1", "x", "A", " ", "\n", "\r"])
def test_one_character_changed_anywhere_shows(other: str) -> None:
    for place, now in enumerate(TEXT):
        changed = TEXT[:place] + other + TEXT[place + 1 :]
        if other != now:
            assert "CHANGED since shared" in state(changed), (place, now)


def test_one_character_more_or_less_anywhere_shows() -> None:
    for place in range(len(TEXT)):
        assert "CHANGED since shared" in state(TEXT[:place] + TEXT[place + 1 :]), place
        for more in ("7", "\r"):
            assert "CHANGED since shared" in state(TEXT[:place] + more + TEXT[place:]), place


def test_line_ends_and_a_byte_order_mark_of_another_system_are_no_change() -> None:
    assert state("\ufeff" + TEXT.replace("\n", "\r\n")) == "by Anna, unchanged"


def test_another_name_on_the_same_file_shows() -> None:
    assert state(TEXT.replace("Anna", "Otto")) == "by Otto, CHANGED since shared"


def test_a_profile_that_was_never_shared_says_nothing() -> None:
    assert [look(path.read_text(encoding="utf-8")) for path in shipped_profiles()] == [None] * len(shipped_profiles())


def test_whose_name_is_hostile_is_shown_safely() -> None:
    assert by_line("An\x1b[31mna\n\u202eX") == "An\\x1b[31mna \\u202eX"
    assert str(look(TEXT.replace("by Anna", "by \x1b[31m"))).startswith("by \\x1b[31m, CHANGED")


def test_shared_files_of_a_folder_are_found_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "b.yml").write_text(TEXT.replace("1.0", "1.2"), encoding="utf-8")
    (tmp_path / "c.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "d.yaml").write_bytes(b"\xff\xfe" + TEXT.encode())
    (tmp_path / "e.yaml").mkdir()
    (tmp_path / "f.yaml").symlink_to("/dev/zero")
    assert {path.name: one.unchanged for path, one in shared_in(tmp_path)} == {"a.yaml": True, "b.yml": False}
    assert shared_in(tmp_path / "nowhere") == []


def test_no_more_than_a_screen_of_shared_files_is_listed(tmp_path: Path) -> None:
    for number in range(MOST_LISTED + 5):
        (tmp_path / f"{number}.yaml").write_text(TEXT, encoding="utf-8")
    assert len(shared_in(tmp_path)) == MOST_LISTED


def test_a_file_that_cannot_be_read_is_no_shared_file(tmp_path: Path) -> None:
    assert look_at(tmp_path / "missing.yaml") is None
