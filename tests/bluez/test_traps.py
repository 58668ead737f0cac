"""Every known trap is answered, and by tests that exist; the page of them is what the catalogue makes.

Each check is a function of a catalogue, so that a spoilt one can be shown to be caught.
"""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bluez.traps import PAGE, Catalogue, Trap, load, page

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = re.compile(r"[A-Z\"`0-9].*[.]")
Check = Callable[[Catalogue, frozenset[str]], Iterator[str]]


def every_listed_trap_is_there_once(catalogue: Catalogue, _tests: frozenset[str]) -> Iterator[str]:
    ids = [trap.id for trap in catalogue.traps]
    yield from (f"{id} is listed and not in the catalogue" for id in catalogue.listed if id not in ids)
    yield from (f"{id} is in the catalogue and not listed" for id in ids if id not in catalogue.listed)
    yield from (f"{id} has no group" for id in ids if id[0] not in catalogue.groups)


def every_trap_is_told_in_sentences(catalogue: Catalogue, _tests: frozenset[str]) -> Iterator[str]:
    for trap in catalogue.traps:
        told = [trap.trap, trap.answer, *([trap.unheld] if trap.unheld else [])]
        yield from (f"{trap.id}: {text[:40]!r} is no sentence" for text in told if not SENTENCE.fullmatch(text))


def every_trap_is_held(catalogue: Catalogue, _tests: frozenset[str]) -> Iterator[str]:
    yield from (f"{trap.id} has neither a test nor the line that says why not"
                for trap in catalogue.traps if not (trap.tests or trap.unheld))


def every_named_test_exists(catalogue: Catalogue, tests: frozenset[str]) -> Iterator[str]:
    known = tests | {test.partition("[")[0] for test in tests}
    for trap in catalogue.traps:
        yield from (f"{trap.id}: there is no test {test}" for test in trap.tests if test not in known)


CHECKS: tuple[Check, ...] = (
    every_listed_trap_is_there_once, every_trap_is_told_in_sentences, every_trap_is_held, every_named_test_exists,
)


@pytest.fixture(scope="module")
def collected() -> frozenset[str]:
    """The node ids that pytest collects from the files that the catalogue names."""
    files = sorted({test.partition("::")[0] for trap in load().traps for test in trap.tests})
    there = [file for file in files if (ROOT / file).is_file()]
    command = [sys.executable, "-P", "-m", "pytest", "--collect-only", "-q", "--continue-on-collection-errors", *there]
    environment = {**os.environ, "PYTEST_ADDOPTS": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False)
    return frozenset(line for line in done.stdout.splitlines() if line.startswith("tests/") and "::" in line)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_catalogue_of_traps_holds(check: Check, collected: frozenset[str]) -> None:
    assert list(check(load(), collected)) == []


def test_the_page_of_traps_is_what_the_catalogue_makes() -> None:
    remake = "remake it: python -m tests.bluez.traps > docs/traps.md"
    assert PAGE.read_text(encoding="utf-8") == page(load()), remake


# --- each check is seen to catch something ---------------------------------------------------------------------------

GOOD = Catalogue(
    traps=(
        Trap("B1", "It hangs.", "It is given up.", ("tests/a.py::test_a", "tests/a.py::test_b[x]")),
        Trap("D2", "It lies.", "It is not believed.", unheld="Nobody can."),
    ),
    listed=("B1", "D2"),
    groups={"B": "Library", "D": "Discovery"},
)
TESTS = frozenset({"tests/a.py::test_a", "tests/a.py::test_b[x]", "tests/a.py::test_b[y]"})


def spoilt(**fields: object) -> Catalogue:
    """The good catalogue with other fields in its first trap."""
    changed = dataclasses.replace(GOOD.traps[0], **fields)  # type: ignore[arg-type]
    return dataclasses.replace(GOOD, traps=(changed, GOOD.traps[1]))


SPOILT: list[tuple[Check, Catalogue]] = [
    (every_listed_trap_is_there_once, dataclasses.replace(GOOD, traps=GOOD.traps[:1])),
    (every_listed_trap_is_there_once, dataclasses.replace(GOOD, listed=("B1",))),
    (every_listed_trap_is_there_once, dataclasses.replace(GOOD, groups={"B": "Library"})),
    (every_trap_is_told_in_sentences, spoilt(trap="it hangs")),
    (every_trap_is_told_in_sentences, spoilt(answer="")),
    (every_trap_is_told_in_sentences, spoilt(unheld="nobody can")),
    (every_trap_is_held, spoilt(tests=())),
    (every_named_test_exists, spoilt(tests=("tests/a.py::test_gone",))),
    (every_named_test_exists, spoilt(tests=("tests/a.py::test_b[z]",))),
]


@pytest.mark.parametrize(("check", "catalogue"), SPOILT)
def test_a_spoilt_catalogue_is_caught(check: Check, catalogue: Catalogue) -> None:
    assert list(check(catalogue, TESTS))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_good_catalogue_is_let_alone(check: Check) -> None:
    assert list(check(GOOD, TESTS)) == []


def test_the_page_tells_trap_answer_and_tests() -> None:
    made = page(GOOD)
    assert "### B1\n\n**It hangs.**\n\nIt is given up.\n\n- a · `tests/a.py`\n- b (x) · `tests/a.py`\n" in made
    assert "Not held by a test: Nobody can." in made and "## Discovery" in made
