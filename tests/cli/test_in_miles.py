"""With miles set, every command reads them to a person; what programs and files read keeps km/h."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.at_the_terminal import dialogue
from tests.cli.records import CELLAR, remember
from tests.cli.test_plan import paths, say_today, walk
from tests.plans.made import at
from treadctl.cli import main
from treadctl.clients.planning import all_plans, start
from treadctl.clients.reading import Units, exactly
from treadctl.clients.status import Seen, _words
from treadctl.files.person import save_person
from treadctl.files.profile import find_profile, load_profile
from treadctl.model.api import Belt, Snapshot
from treadctl.model.person import Level, Person
from treadctl.model.units import Speed
from treadctl.paths import Paths

__all__ = ["paths"]


@pytest.fixture(autouse=True)
def miles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREADCTL_UNITS", "mph")


def out(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (("machines", "show", "cellar"), ("0.50 to 9.94 mph, in steps of 0.06 mph", "from 1.24 mph", "0.50 mph")),
        (("profile", "show", "demo"), ("1.24 mph",)),
        (("profile", "list"), ("backward up to 0.62 mph",)),
        (("profile", "check", "demo"), ("backward up to 0.62 mph",)),
        (("plan", "list"), ()),
        (("person", "set", "backward-limit", "1.0km/h"), ("own backward limit: 0.62 mph.",)),
    ],
)
def test_no_line_for_a_person_has_kilometres(
    words: tuple[str, ...], read: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    remember(CELLAR)
    said = out(capsys, *words)
    assert "km/h" not in said and all(one in said for one in read), said


def test_why_a_machine_is_not_walked_on_backward_is_in_miles(capsys: pytest.CaptureFixture[str]) -> None:
    assert CELLAR.speed is not None
    remember(replace(CELLAR, start_speed=Speed(150)))
    for words in (("machines", "list"), ("machines", "show", "cellar")):
        assert "it starts faster than 0.74 mph" in out(capsys, *words)


@pytest.mark.parametrize("words", [("machines", "show", "cellar", "--json"), ("profile", "list", "--json")])
def test_what_programs_read_is_the_same_with_and_without_miles(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(CELLAR)
    told = json.loads(out(capsys, *words))
    monkeypatch.delenv("TREADCTL_UNITS")
    assert json.loads(out(capsys, *words)) == told


@pytest.mark.usefixtures("in_utc")
def test_a_plan_offers_its_walk_in_miles(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    save_person(paths.person, Person(Level.L1))
    start(paths, all_plans(Person(Level.L1))[0][0].file, at(0))
    walk(paths, 0, load_profile(find_profile("first-steps")))
    said = say_today(paths, 3, capsys)
    assert re.search(r"backward, up to \d\.\d\d mph\)", said) and "km/h" not in said


def test_the_status_is_read_in_miles() -> None:
    shot = Snapshot(belt=Belt.MOVING, speed=Speed(241), reason="The limit is 1.2 km/h.")
    assert "belt moving, 1.50 mph" in _words(Seen(1, None, shot), Units.MPH)
    assert "The limit is 0.74 mph." in _words(Seen(1, None, shot), Units.MPH)
    assert "belt moving, 2.41 km/h" in _words(Seen(1, None, shot), Units.KMH)


def test_a_written_speed_is_read_as_it_was_written() -> None:
    assert exactly(Speed(250), Units.KMH) == "2.5 km/h" and exactly(Speed(241), Units.MPH) == "1.50 mph"


def test_a_profile_is_asked_for_in_miles_and_its_file_names_its_own_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with dialogue("profile", "new", "mine.yaml") as person:
        person.answer("What shall it be called?", "My first")
        person.answer("For which level is it", "0")
        person.answer("How many times backward, 1 to 3?", "2")
        person.answer("How long backward each time", "45s")
        person.answer("How fast backward (such as 0.6 mph)?", "1 mph")
        person.answer("At this level backward is 0.74 mph at most.", "0.74 mph")
        person.answer("How fast forward (such as 1.5 mph)?", "1.5 mph")
        person.answer("Who made it?", "Me")
        code, shown = person.end()
    assert code == 0, shown
    written = shown[shown.index("Who made it"):]
    assert "forward up to 1.49 mph" in written.replace("\r\n", " ") and "km/h" not in written
    assert "1.19 km/h" in (tmp_path / "mine.yaml").read_text(encoding="utf-8")
