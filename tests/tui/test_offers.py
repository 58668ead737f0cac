"""The profiles that home offers, and what it says of those that may not be walked."""

from __future__ import annotations

from pathlib import Path

import pytest

from treadctl.clients.tui.profiles import OWN, offers
from treadctl.files.person import save_person
from treadctl.model.person import Person
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


def test_shipped_profiles_for_beginners_may_be_walked_by_anybody(paths: Paths) -> None:
    found = {offer.name: offer for offer in offers(paths)}
    assert not found["First steps"].refusal
    assert found["First steps"].backward == 180_000


def test_an_own_profile_above_the_level_is_offered_last_with_its_reason(paths: Paths) -> None:
    (paths.config / OWN / "fast.yaml").write_text(FAST)
    last = offers(paths)[-1]
    assert last.name == "[bold]Fast[/bold]"
    assert "3.0 km/h backward" in last.refusal


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
