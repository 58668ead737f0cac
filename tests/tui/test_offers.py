"""The profiles that home offers, and what it says of those that may not be walked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from treadctl.clients.tui.choosing import Offer
from treadctl.clients.tui.profiles import OWN, Profiles, _ago
from treadctl.files.person import save_person
from treadctl.files.profile import load_profile, shipped_profiles
from treadctl.files.sharing import shared_text
from treadctl.model.errors import Refused
from treadctl.model.person import Attested, Level, Person
from treadctl.paths import Paths

FAST = """treadctl: 1
name: "[bold]Fast[/bold]"
summary: Too fast for most.
level: 3
author: a test
license: CC0-1.0
basis: "A test."
segments:
  - {walk: backward, for: 3min, speed: 3.0 km/h}
"""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    (tmp_path / OWN).mkdir()
    return Paths(tmp_path, tmp_path, tmp_path, tmp_path)


def shelf(paths: Paths) -> Profiles:
    return Profiles(paths, paths.data / "Downloads", "2026-05-20")


def offers(paths: Paths) -> tuple[Offer, ...]:
    return shelf(paths).offers()


def test_shipped_profiles_for_beginners_may_be_walked_by_anybody(paths: Paths) -> None:
    found = {offer.name: offer for offer in offers(paths)}
    assert not found["First steps"].refusal
    assert found["First steps"].backward == 180_000


def test_an_own_profile_above_the_level_is_offered_after_all_that_may_be_walked_with_its_reason(paths: Paths) -> None:
    (paths.config / OWN / "fast.yaml").write_text(FAST)
    found = offers(paths)
    place = next(n for n, offer in enumerate(found) if offer.name == "[bold]Fast[/bold]")
    assert "3.0 km/h backward" in found[place].refusal
    assert all(offer.refusal for offer in found[place:])


def test_a_broken_file_is_offered_with_what_is_wrong(paths: Paths) -> None:
    (paths.config / OWN / "broken.yaml").write_text("treadctl: 1\nsegmets: []\n")
    broken = next(offer for offer in offers(paths) if offer.name == "broken")
    assert broken.program is None
    assert "broken.yaml:" in broken.refusal


def test_a_person_who_may_not_walk_is_told_so_for_every_profile(paths: Paths) -> None:
    save_person(paths.person, Person(age=12))
    assert all(offer.refusal for offer in offers(paths))


def test_an_unreadable_person_refuses_everything(paths: Paths) -> None:
    paths.person.write_text("{")
    assert all(offer.refusal for offer in offers(paths))


def test_a_shut_gate_refuses_and_says_what_it_needs_until_it_is_open(paths: Paths) -> None:
    found = {offer.name: offer for offer in offers(paths)}["Ten gentle sessions"]
    assert found.short == "spotter" and "stands beside you" in found.refusal
    assert found.gates == "spotter (shut)" and found.shut == (found.refusal,)
    save_person(paths.person, Person(level=Level.L2, age=40, screened="2026-01-01", attested=(Attested.SPOTTER,)))
    found = {offer.name: offer for offer in offers(paths)}["Ten gentle sessions"]
    assert not found.refusal and found.gates == "spotter (open)"


def test_a_level_that_is_missing_is_named_in_short(paths: Paths) -> None:
    found = {offer.name: offer for offer in offers(paths)}["Five minutes"]
    assert found.short == "level 1" and "the limit is 1:00 (level 0 (first))" in found.refusal


@pytest.mark.parametrize(
    ("started", "words"),
    [
        ("2026-05-20T10:00:00+00:00", "today"), ("2026-05-19T10:00:00+00:00", "yesterday"),
        ("2026-05-07T10:00:00+00:00", "13 days ago"), ("2026-05-06T10:00:00+00:00", "2026-05-06"),
        ("2026-05-30T10:00:00+00:00", "2026-05-30"), ("never", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_last_walk_is_told_by_the_calendar(started: str, words: str) -> None:
    assert _ago(started, "2026-05-20") == words


# --- files from elsewhere --------------------------------------------------------------------------------------------


@pytest.fixture
def downloads(paths: Paths) -> Path:
    folder = paths.data / "Downloads"
    folder.mkdir()
    return folder


def save(folder: Path, name: str, text: str, at: int = 0) -> None:
    path = folder / name
    path.write_text(text)
    os.utime(path, (1_700_000_000 + at, 1_700_000_000 + at))


SLOW = FAST.replace("3.0 km/h", "1.0 km/h").replace("level: 3", "level: 0").replace("3min", "30s")
SHARED = shared_text(load_profile(next(path for path in shipped_profiles() if path.stem == "first-minute")), "Anna")


def test_the_newest_download_is_first_and_its_marks_are_read(paths: Paths, downloads: Path) -> None:
    save(downloads, "a.yaml", SHARED, 1)
    save(downloads, "b.yml", SHARED.replace("1.0 km/h", "1.1 km/h"), 3)
    save(downloads, "c.yaml", SLOW, 2)
    save(downloads, "compose.yaml", "services: {}\n", 4)
    save(downloads, "d.txt", SHARED, 5)
    found = shelf(paths).downloads()
    assert [(one.name, one.shared and one.shared.unchanged) for one in found.found] == [
        ("First minute", False), ("[bold]Fast[/bold]", None), ("First minute", True),
    ]  # fmt: skip
    assert found.others == 1 and found.there


def test_what_cannot_be_read_says_where_and_what_to_do(paths: Paths, downloads: Path) -> None:
    save(downloads, "wrong.yaml", "treadctl: 1\nname: x\nsegmets: []\n", 3)
    save(downloads, "large.yaml", "# treadctl\n" * 50_000, 2)
    save(downloads, "\x1b[31m" + "n" * 180 + "\u202egpj.yaml", "treadctl: 1\nname: \x01\n", 1)
    wrong, large, hostile = shelf(paths).downloads().found
    assert "wrong.yaml:3:1: unknown key 'segmets'; did you mean 'segments'? Ask whoever" in wrong.refusal
    assert "large.yaml: it is larger than 256 KiB." in large.refusal
    place = hostile.refusal.split()[0]
    assert place.isprintable() and place.endswith(".yaml:2:7:") and len(place) < 40
    assert all(one.program is None and not one.data for one in (wrong, large, hostile))


def test_neither_a_pipe_nor_a_device_is_opened(paths: Paths, downloads: Path) -> None:
    os.mkfifo(downloads / "pipe.yaml")
    (downloads / "zero.yaml").symlink_to("/dev/zero")
    (downloads / "gone.yaml").symlink_to("/nowhere")
    (downloads / "folder.yaml").mkdir()
    save(downloads, "a.yaml", SHARED)
    assert [one.name for one in shelf(paths).downloads().found] == ["First minute"]


def test_a_folder_that_is_not_there_is_no_failure(paths: Paths) -> None:
    found = shelf(paths).downloads()
    assert not found.there and found.found == ()


def test_a_kept_file_is_what_was_shown_whatever_became_of_it_since(paths: Paths, downloads: Path) -> None:
    save(downloads, "a.yaml", SLOW)
    shown = shelf(paths).downloads().found[0]
    save(downloads, "a.yaml", FAST)
    place = shelf(paths).keep(shown)
    assert place == paths.config / OWN / "bold-fast-bold.yaml"
    assert place.read_text() == SLOW and place.stat().st_mode & 0o777 == 0o600
    assert "[bold]Fast[/bold]" in {offer.name for offer in offers(paths)}


def test_keeping_overwrites_nothing_and_keeps_the_same_only_once(paths: Paths, downloads: Path) -> None:
    save(downloads, "a.yaml", SLOW)
    shown = shelf(paths).downloads().found[0]
    (paths.config / OWN / "bold-fast-bold.yaml").write_text("mine")
    (paths.config / OWN / "bold-fast-bold-2.yaml").symlink_to("/nowhere")
    place = shelf(paths).keep(shown)
    assert place.name == "bold-fast-bold-3.yaml" and shelf(paths).keep(shown) == place
    assert (paths.config / OWN / "bold-fast-bold.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("First minute", "first-minute-2"), ("../../x", "x"), ("\x1b[31m", "31m"), ("日本", "shared"),
        ("n" * 80, "n" * 60),
    ],
)  # fmt: skip
def test_a_kept_file_never_takes_the_name_of_a_shipped_one_nor_leaves_the_folder(
    paths: Paths, name: str, file: str
) -> None:
    offer = Offer(name, None, (), data=b"x")
    assert shelf(paths).keep(offer) == paths.config / OWN / f"{file}.yaml"


def test_a_folder_that_cannot_be_used_is_one_sentence(paths: Paths) -> None:
    (paths.config / OWN).rmdir()
    (paths.config / OWN).write_text("a file")
    with pytest.raises(Refused, match="cannot be used"):
        shelf(paths).keep(Offer("x", None, (), data=b"x"))
