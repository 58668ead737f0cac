"""One file has all the words that are spoken: few of them, always the same, none anywhere else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from treadctl.control import prompts
from treadctl.control.faults import TABLE

CONTROL = Path(prompts.__file__).parent
PARTS = {"NEXT", "REFUSED", "NUMBERS", "TURN_ROUND", "REST_NEXT", "SWITCH_OFF_NEXT", "STEP_OFF_NEXT", "END_NEXT"}
SPEAKS = {"say", "Say", "Prompt"}
"""Whoever is given a text to be heard: `voice.say(...)`, `Prompt(...)` of a script, `Say(...)` of the procedure."""
OTHER_WORDS = ("halt", "pause", "break", "relax", "turn around", "turnaround", "treadle", "accelerate", "decelerate")
"""For what has a word already: stop, rest, turn round, faster, slower."""


def texts() -> dict[str, str]:
    """All sentences, by name. A number stands where one will be."""
    found: dict[str, str] = {}
    for name, value in vars(prompts).items():
        if not name.isupper() or name in {"LONGER", "BRIEFING"}:
            continue
        several = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
        found |= {f"{name} {n}": text.replace("{}", "1.2") for n, text in enumerate(several)}
    return found


def words(text: str) -> list[str]:
    return re.findall(r"[\w'.-]*\w", text)


def test_no_sentence_has_more_than_eight_words_but_those_that_are_named() -> None:
    longer = {text for text in texts().values() if len(words(text)) > 8}
    assert longer <= set(prompts.LONGER)


def test_what_is_named_as_longer_is_not_said_while_the_belt_moves() -> None:
    spoken_on_the_belt = {fault.spoken for fault in TABLE} | set(prompts.REMINDERS)
    assert not spoken_on_the_belt & set(prompts.LONGER)


@pytest.mark.parametrize("other", OTHER_WORDS)
def test_a_thing_has_one_word(other: str) -> None:
    assert not [text for text in texts().values() if re.search(rf"\b{other}", text.lower())]


def test_sentences_end_and_begin_as_such_and_no_two_names_say_the_same() -> None:
    whole = {name: text for name, text in texts().items() if name.split()[0] not in PARTS}
    unended = {name for name, text in whole.items() if not text.endswith((".", "?"))}
    assert {name.split()[0] for name in unended} == {"BY_ITSELF", "START_BY_HAND", "ALL_BY_HAND", "REFUSALS"}
    assert len(set(whole.values())) == len(whole)


def test_what_the_faults_table_says_is_in_the_catalogue() -> None:
    assert {fault.spoken for fault in TABLE} - {""} <= set(texts().values())


def test_nothing_but_the_catalogue_has_words_that_are_spoken() -> None:
    elsewhere = []
    for file in sorted(CONTROL.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in SPEAKS:
                elsewhere += [f"{file.name}: {words}" for argument in node.args for words in _words(argument)]
    assert elsewhere == []


def _name(function: ast.expr) -> str:
    return str(getattr(function, "attr", getattr(function, "id", "")))


def _words(argument: ast.expr) -> list[str]:
    """Literals that are sentences; punctuation in an f-string around words of the catalogue is none."""
    constants = (part.value for part in ast.walk(argument) if isinstance(part, ast.Constant))
    return [value for value in constants if isinstance(value, str) and re.search(r"[a-z]{2}", value)]
