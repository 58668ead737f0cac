"""One walk's answers are read alone, and taken out: nothing else in the file changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.plans.made import book, outcome
from treadctl.files.answers import add_answers, forget_answers, load_answers
from treadctl.files.book import load_book, load_told, update_book
from treadctl.model.answers import Answers, Morning
from treadctl.model.errors import InvalidFile
from treadctl.model.outcome import Stop
from treadctl.model.plan import Told
from treadctl.plans.book import as_told, remembered

HARD = Answers(effort=8, pain_before=1, pain_after=6, confidence=2, morning=Morning.WORSE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "answers.jsonl"
    for name in ("a-1", "b-1", "a-1", "a-10"):
        add_answers(found, name, replace(HARD, effort=len(name)))
    return found


def test_only_the_lines_of_that_walk_go_and_the_others_stay_octet_by_octet(file: Path) -> None:
    before = file.read_bytes().splitlines(keepends=True)
    forget_answers(file, "a-1")
    assert file.read_bytes() == before[1] + before[3] and file.stat().st_mode & 0o777 == 0o600
    forget_answers(file, "never-1")
    forget_answers(file.with_name("none"), "a-1")
    assert file.read_bytes() == before[1] + before[3]


def test_a_damaged_file_of_answers_is_not_rewritten(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"bent\n")
    before = file.read_bytes()
    with pytest.raises(InvalidFile):
        forget_answers(file, "a-1")
    assert file.read_bytes() == before


def test_some_answers_are_read_without_understanding_every_line(file: Path) -> None:
    assert load_answers(file, {"a-1", "c-1"}) == {"a-1": load_answers(file)["a-1"]}
    odd = b'{"session": "\\u0061-1", "answers": {"effort": 0}}\n{"answers": {"effort": 9}, "session":"b-1"}\n'
    file.write_bytes(file.read_bytes() + odd)
    assert load_answers(file, {"a-1"})["a-1"].effort == 0 and load_answers(file, {"b-1"})["b-1"].effort == 9


def test_a_plan_remembers_what_was_told_of_a_walk_whose_answers_are_gone() -> None:
    before = book(outcome(0, answers=Answers(pain_before=2)), outcome(1))
    name = before.walked[0].outcome.session
    after = remembered(before, name, HARD)
    assert as_told(after, {}).walked[0].outcome.answers == HARD and after.walked[1] == before.walked[1]
    assert as_told(after, {name: Answers(effort=1)}).walked[0].outcome.answers == replace(HARD, effort=1)


def test_the_walkers_words_are_read_without_the_walks_where_there_are_none(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    assert load_told(path) == ()
    update_book(path, lambda _: book(outcome(0)))
    assert load_told(path) == ()
    update_book(path, lambda old: replace(old, told=(Told("s0", Stop.SLIP),)))
    assert load_told(path) == load_book(path).told == (Told("s0", Stop.SLIP),)
    path.write_bytes(b"{")
    assert load_told(path) == ()
    path.unlink()
    path.mkdir()
    with pytest.raises(InvalidFile):
        load_told(path)
