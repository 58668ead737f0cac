"""`treadctl plan`: from the first look at the list to a level that is offered, with the files of a person's own."""

from __future__ import annotations

import json
import os
import socket
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.plans.made import WELL, at
from treadctl.cli import main
from treadctl.clients import plan as client
from treadctl.clients.planning import up_to_date
from treadctl.files import answers, book
from treadctl.files.locks import add_lock
from treadctl.files.person import load_person, save_person
from treadctl.files.profile import check_profile, find_profile, load_profile
from treadctl.model import plain
from treadctl.model.api import Summary
from treadctl.model.errors import InvalidFile, Refused
from treadctl.model.locks import Lock
from treadctl.model.outcome import Stop
from treadctl.model.person import Level, Person
from treadctl.model.program import Program
from treadctl.model.records import Closed, EventEntry, Opened
from treadctl.model.units import Speed
from treadctl.paths import Paths
from treadctl.plans.editing import dose

pytestmark = pytest.mark.usefixtures("in_utc")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths(tmp_path / "run", tmp_path / "state", tmp_path / "data", tmp_path / "config")
    for folder in (found.runtime, found.state, found.sessions, found.config):
        folder.mkdir(parents=True)
    return found


def walk(paths: Paths, day: float, program: Program, *, share: float = 1, key: bool = False, told: bool = True) -> str:
    """As the guardian records it, and as the walker tells it afterwards."""
    session = f"s-{day}"
    started = datetime.fromtimestamp(at(day), UTC).isoformat()
    backward = int(dose(program).total * 1000 * share)
    summary = Summary(share == 1, "", backward, 0, backward, 0.0, 1.0, 1, Speed(100))
    entries = [Opened(session, started, "0", "Mill", False, program), Closed(1, summary)]
    if key:
        entries.insert(1, EventEntry(1, "stop", "You pressed stop."))
    text = "".join(json.dumps(plain.dump(entry), separators=(",", ":")) + "\n" for entry in entries)
    (paths.sessions / f"{session}.jsonl").write_text(text)
    if told:
        answers.add_answers(paths.data / answers.NAME, session, WELL)
    return session


def say_today(paths: Paths, day: float, capsys: pytest.CaptureFixture[str], *, level_up: bool = False) -> str:
    capsys.readouterr()
    client.run_today(paths, at(day), level_up=level_up, as_json=False)
    return capsys.readouterr().out


def run_line(said: str) -> str:
    return said.split("treadctl run ")[1].splitlines()[0]


def test_the_list_says_what_each_plan_needs(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    client.run_start(paths, "starter", at(0))
    client.run_list(paths, as_json=False)
    said = capsys.readouterr().out
    assert "starter        Starter, 3 weeks  (followed)" in said
    assert "Not yet: it needs level 2." in said
    client.run_list(paths, as_json=True)
    listed = json.loads(capsys.readouterr().out)
    assert [one["file"] for one in listed["plans"] if one["followed"]] == ["starter"]


def test_a_plan_that_is_out_of_reach_is_not_started(paths: Paths) -> None:
    with pytest.raises(Refused, match="needs level 2"):
        client.run_start(paths, "knee-6", at(0))
    save_person(paths.person, Person(level=Level.L2, age=40))
    with pytest.raises(Refused, match="clinician"):
        client.run_start(paths, "knee-6", at(0))
    with pytest.raises(InvalidFile, match="did you mean starter"):
        client.run_start(paths, "stater", at(0))


def test_without_a_plan_today_says_how_to_begin(paths: Paths) -> None:
    with pytest.raises(Refused, match="treadctl plan start NAME"):
        client.run_today(paths, at(0), level_up=False, as_json=False)


def test_the_first_weeks_end_with_a_level_that_nobody_has_to_take(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    client.run_start(paths, "starter", at(0))
    for day in (0, 2, 4, 7, 9, 11):
        said = say_today(paths, day, capsys)
        walk(paths, day, load_profile(_file(run_line(said))))
    said = say_today(paths, 14, capsys)
    assert "Level 1 is open to you. Nobody has to" in said
    assert load_person(paths.person).level is Level.L0
    assert "Level 1 (beginner) from today." in say_today(paths, 14, capsys, level_up=True)
    person = load_person(paths.person)
    assert (person.level, person.facts[-1].by) == (Level.L1, "plan")
    with pytest.raises(Refused, match="more walks at level 1"):
        client.run_today(paths, at(14), level_up=True, as_json=False)


def _file(run: str) -> Path:
    return find_profile(run)


def test_a_changed_copy_is_a_sound_profile_and_says_what_was_changed(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    client.run_start(paths, "starter", at(0))
    walk(paths, 0, load_profile(find_profile("first-minute")), share=1)
    answers.add_answers(paths.data / answers.NAME, "s-0", replace(WELL, effort=9))
    said = say_today(paths, 2, capsys)
    assert "Easier today: the last walk was red (effort 9)." in said
    program, _ = check_profile(Path(run_line(said)))
    assert dose(program).speed < dose(load_profile(find_profile("first-steps-2"))).speed
    walk(paths, 2, program)
    kept = book.load_book(paths.state / book.NAME)
    assert [one.full for one in kept.walked] == [False]
    say_today(paths, 4, capsys)
    assert [one.full for one in book.load_book(paths.state / book.NAME).walked] == [False, False]


def test_two_red_walks_lower_the_level_in_the_persons_file_too(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    save_person(paths.person, Person(level=Level.L1, age=40))
    client.run_start(paths, "starter", at(-1))
    say_today(paths, -1, capsys)
    for day in (0, 2):
        walk(paths, day, load_profile(find_profile("first-steps")))
        answers.add_answers(paths.data / answers.NAME, f"s-{day}", replace(WELL, effort=9))
    assert "Level 0 again: two red walks within 14 days." in say_today(paths, 4, capsys)
    assert load_person(paths.person).level is Level.L0
    assert "Level 0 again" not in say_today(paths, 4, capsys)


def test_one_walk_is_not_told_as_several(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    client.run_start(paths, "starter", at(0))
    say_today(paths, 0, capsys)
    walk(paths, 0, load_profile(find_profile("first-minute")))
    assert "week 1 of 3, 1 walk done." in say_today(paths, 3, capsys)
    client.run_history(paths, at(3), because=None, as_json=False)
    assert ": 1 walk, 1:00 backward" in capsys.readouterr().out


def test_a_lock_comes_before_every_offer(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    client.run_start(paths, "starter", at(0))
    add_lock(paths.locks, Lock("units:AA", "this machine reads miles"))
    assert "Today: " in say_today(paths, 0, capsys)
    add_lock(paths.locks, Lock("fall", "you fell"))
    assert "No walk now: you fell" in say_today(paths, 0, capsys)
    assert "run" not in say_today(paths, 0, capsys)


def test_the_word_of_the_walker_makes_a_pressed_key_a_slip(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    client.run_start(paths, "starter", at(0))
    say_today(paths, 0, capsys)
    walk(paths, 0, load_profile(find_profile("first-minute")), share=0.2, key=True)
    client.run_history(paths, at(0.1), because=None, as_json=False)
    assert "amber" in capsys.readouterr().out
    client.run_history(paths, at(0.1), because="slip", as_json=False)
    said = capsys.readouterr().out
    assert "grey" in said
    assert "ended by something else (slip)" in said
    assert book.load_book(paths.state / book.NAME).told[0].stop is Stop.SLIP


def test_a_walk_of_which_nothing_was_told_says_what_is_missing(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    client.run_start(paths, "starter", at(0))
    walk(paths, 0, load_profile(find_profile("first-minute")), told=False)
    capsys.readouterr()
    client.run_history(paths, at(1), because=None, as_json=True)
    (one,) = json.loads(capsys.readouterr().out)["walks"]
    assert one["colour"] == "amber"
    assert "not told: " in one["because"][0]


def test_simulated_sessions_are_nobodys_walks(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    client.run_start(paths, "starter", at(0))
    walk(paths, 0, load_profile(find_profile("first-minute")))
    file = next(paths.sessions.glob("*.jsonl"))
    file.write_text(file.read_text().replace('"simulated":false', '"simulated":true'))
    client.run_history(paths, at(1), because=None, as_json=False)
    assert "No walk is recorded yet." in capsys.readouterr().out


def test_a_walk_that_is_under_way_is_not_half_a_walk_for_ever(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    client.run_start(paths, "starter", at(0))
    walk(paths, 0, load_profile(find_profile("first-minute")))
    file = next(paths.sessions.glob("*.jsonl"))
    whole = file.read_text()
    file.write_text(whole.splitlines()[0] + "\n")
    paths.holder.write_text("1")
    os.utime(paths.holder, (1, 1))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as guardian:
        guardian.bind(str(paths.socket))
        guardian.listen()
        client.run_history(paths, at(1), because=None, as_json=False)
        assert "No walk is recorded yet." in capsys.readouterr().out
        file.write_text(whole)
        client.run_history(paths, at(1), because=None, as_json=False)
    assert "1:00 of  1:00" in capsys.readouterr().out


def test_pain_before_the_walk_is_known_from_the_record_when_nothing_was_told_afterwards(paths: Paths) -> None:
    client.run_start(paths, "starter", at(0))
    walk(paths, 0, load_profile(find_profile("first-minute")), told=False)
    file = next(paths.sessions.glob("*.jsonl"))
    first, last = file.read_text().splitlines()
    event = json.dumps(plain.dump(EventEntry(1, "answer", "pain-before: 3")), separators=(",", ":"))
    file.write_text("\n".join((first, event, last)) + "\n")
    found, _ = up_to_date(paths, load_person(paths.person), at(1))
    assert found.walked[0].outcome.answers.pain_before == 3
    answers.add_answers(paths.data / answers.NAME, "s-0", WELL)
    found, _ = up_to_date(paths, load_person(paths.person), at(1))
    assert found.walked[0].outcome.answers.pain_before == 0


def test_among_the_files_of_a_simulated_treadmill_its_walks_count(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    simulated = replace(paths, name="sim-1")
    client.run_start(simulated, "starter", at(0))
    walk(simulated, 0, load_profile(find_profile("first-minute")))
    client.run_history(simulated, at(1), because=None, as_json=False)
    assert "No walk is recorded yet." in capsys.readouterr().out
    file = next(paths.sessions.glob("*.jsonl"))
    file.write_text(file.read_text().replace('"simulated":false', '"simulated":true'))
    client.run_history(simulated, at(1), because=None, as_json=False)
    assert "First minute" in capsys.readouterr().out


def test_the_book_is_private_and_a_damaged_one_is_no_empty_one(paths: Paths) -> None:
    client.run_start(paths, "starter", at(0))
    path = paths.state / book.NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text('{"is":"Book","plan":7}')
    with pytest.raises(InvalidFile, match="restore it or move it away"):
        client.run_today(paths, at(0), level_up=False, as_json=False)


def test_the_command_line_knows_the_four_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("list", "start", "today", "history"):
        with pytest.raises(SystemExit):
            main(["plan", verb, "--help"])
        assert f"treadctl plan {verb}" in capsys.readouterr().out
