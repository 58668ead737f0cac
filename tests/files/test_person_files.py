"""The person's file over time, the answers, and lock files that nobody can read."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from treadctl.files.answers import add_answers, load_answers
from treadctl.files.locks import add_lock, load_locks, set_aside, written_on
from treadctl.files.person import load_person, replace_damaged, save_person, update_person
from treadctl.model.answers import Answers, Morning
from treadctl.model.errors import InvalidFile
from treadctl.model.locks import UNREADABLE, Lock
from treadctl.model.person import UNKNOWN_PERSON, Attested, Concern, Level, Person, noted
from treadctl.model.units import Speed

OLD = {
    "is": "Person", "level": 2, "age": 70, "fell_past_year": True, "neurological_or_vestibular": False,
    "guardian_consents": False, "comfortable_forward": 450, "needs_heart_rate": True, "own_backward_limit": 150,
    "own_forward_limit": None,
}  # fmt: skip
"""As the version before this one wrote it."""
FALL = Lock("fall", "you fell", since="2026-11-20")


def test_a_person_of_an_older_version_still_loads(tmp_path: Path) -> None:
    (tmp_path / "person.json").write_text(json.dumps(OLD))
    assert load_person(tmp_path / "person.json") == Person(
        Level.L2, 70, fell_past_year=True, comfortable_forward=Speed(450), needs_heart_rate=True,
        own_backward_limit=Speed(150),
    )  # fmt: skip


def test_everything_that_is_known_comes_back_as_saved(tmp_path: Path) -> None:
    person = noted(Person(
        Level.L1, 40, concerns=(Concern.FALL, Concern.SLEEPY), clinician="Dr. Ada", screened="2026-11-22",
        attested=(Attested.HANDS_FREE,),
    ), "2026-11-22", "level 1", "Ada")  # fmt: skip
    save_person(tmp_path / "person.json", person)
    assert load_person(tmp_path / "person.json") == person


@pytest.mark.parametrize(
    "more", [{"weight": 70}, {"concerns": ["ghosts"]}, {"age": 300}, {"age": -1}, {"level": 5}, {"facts": [{"on": 1}]}]
)
def test_what_this_version_does_not_know_is_an_error_and_never_nobody(tmp_path: Path, more: dict[str, object]) -> None:
    (tmp_path / "person.json").write_text(json.dumps({**OLD, **more}))
    with pytest.raises(InvalidFile) as caught:
        load_person(tmp_path / "person.json")
    assert "\n" not in str(caught.value)


def test_two_changes_at_once_are_both_kept(tmp_path: Path) -> None:
    path = tmp_path / "person.json"

    def change(number: int) -> None:
        update_person(path, lambda old: noted(old, "2026-11-22", f"{number}"))

    changes = [threading.Thread(target=change, args=(number,)) for number in range(20)]
    for one in changes:
        one.start()
    for one in changes:
        one.join()
    assert {fact.what for fact in load_person(path).facts} == {str(number) for number in range(20)}


def test_a_change_of_a_damaged_file_is_refused_and_leaves_it(tmp_path: Path) -> None:
    (tmp_path / "person.json").write_text("junk")
    with pytest.raises(InvalidFile):
        update_person(tmp_path / "person.json", lambda old: old)
    assert (tmp_path / "person.json").read_text() == "junk"


def test_damaged_files_are_kept_aside_one_beside_the_other(tmp_path: Path) -> None:
    path = tmp_path / "person.json"
    for number in (1, 2):
        path.write_text(f"junk {number}")
        replace_damaged(path, UNKNOWN_PERSON)
        assert load_person(path) == UNKNOWN_PERSON
    assert (tmp_path / "person.json.damaged").read_text() == "junk 1"
    assert (tmp_path / "person.json.damaged-2").read_text() == "junk 2"


# --- locks ---------------------------------------------------------------------------------------------------------


def test_a_lock_of_an_older_version_still_locks(tmp_path: Path) -> None:
    old = {"is": "LockFile", "locks": [{"is": "Lock", "name": "unwell", "reason": "why", "until": ""}]}
    (tmp_path / "locks.json").write_text(json.dumps(old))
    assert load_locks(tmp_path / "locks.json") == (Lock("unwell", "why"),)


def test_an_unreadable_lock_file_makes_way_for_what_was_said_instead(tmp_path: Path) -> None:
    path = tmp_path / "locks.json"
    path.write_text("junk")
    assert set_aside(path, (FALL,)) == tmp_path / "locks.json.damaged"
    assert load_locks(path) == (FALL,) and (tmp_path / "locks.json.damaged").read_text() == "junk"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_locks_that_came_after_the_damage_stay(tmp_path: Path) -> None:
    path = tmp_path / "locks.json"
    path.write_text("junk")
    add_lock(path, Lock("pain", "it hurt", "2026-11-23"))
    assert load_locks(path)[0] == UNREADABLE
    assert set_aside(path, (FALL,)) is None
    assert load_locks(path) == (Lock("pain", "it hurt", "2026-11-23"), FALL)


def test_the_day_of_a_lock_file_is_that_of_its_last_change(tmp_path: Path) -> None:
    assert written_on(tmp_path / "none") == ""
    add_lock(tmp_path / "locks.json", FALL)
    os.utime(tmp_path / "locks.json", (1_700_000_000, 1_700_000_000))
    assert written_on(tmp_path / "locks.json") in {"2023-11-14", "2023-11-15"}


# --- answers -------------------------------------------------------------------------------------------------------


def test_a_later_line_for_the_same_walk_wins(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    assert load_answers(path) == {}
    add_answers(path, "a", Answers(effort=3))
    add_answers(path, "b", Answers())
    add_answers(path, "a", Answers(effort=3, morning=Morning.WORSE))
    assert load_answers(path) == {"a": Answers(effort=3, morning=Morning.WORSE), "b": Answers()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_line_cut_off_by_a_cut_of_power_was_not_said_and_spoils_none(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    add_answers(path, "a", Answers(effort=3))
    with path.open("a") as file:
        file.write('{"is": "Answered", "sess')
    assert load_answers(path) == {"a": Answers(effort=3)}
    add_answers(path, "b", Answers(effort=4))
    assert load_answers(path) == {"a": Answers(effort=3), "b": Answers(effort=4)}


@pytest.mark.parametrize("line", ["junk", "{}", '{"session": "a", "answers": {"effort": 12}}', '{"session": 1}'])
def test_any_other_line_that_cannot_be_read_is_an_error_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "answers.jsonl"
    add_answers(path, "a", Answers(effort=3))
    with path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(InvalidFile) as caught:
        load_answers(path)
    assert f"{path}:2:1: " in str(caught.value)
