"""Every hazard is answered: by tests that exist, or by a line that says why not by software; every fault by a hazard.

Each check is a function of a catalogue, so that a spoilt one can be shown to be caught.
"""

from __future__ import annotations

import ast
import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.architecture.hazards import PAGE, Catalogue, Hazard, load, page
from tests.once import once
from treadctl.control.faults import TABLE, Fault, When

ROOT = Path(__file__).resolve().parents[2]
WORLD = "H"
"""The group of what can happen to the walker. What every cause leads to is one of these."""
SENTENCE = re.compile(r"[A-Z\"`].*[.]")


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What there is beside the catalogue: the faults table, the tests pytest collects, the program's files."""

    table: Sequence[Fault]
    tests: frozenset[str]
    root: Path


Check = Callable[[Catalogue, Evidence], Iterator[str]]


def every_listed_hazard_is_there(catalogue: Catalogue, _evidence: Evidence) -> Iterator[str]:
    ids = [hazard.id for hazard in catalogue.hazards]
    yield from (f"{id} is listed and not in the catalogue" for id in catalogue.listed if id not in ids)
    yield from (f"{id} is in the catalogue and not listed" for id in ids if id not in catalogue.listed)
    yield from (f"{id} has no group" for id in ids if id[0] not in catalogue.groups)


def every_hazard_is_answered(catalogue: Catalogue, _evidence: Evidence) -> Iterator[str]:
    for hazard in catalogue.hazards:
        if not (hazard.tests or hazard.unseen or hazard.unbuilt):
            yield f"{hazard.id} has neither a test nor the line that says why not"
        if hazard.unseen and "mitigated by " not in hazard.unseen:
            yield f"{hazard.id} is not visible to software and does not say what it is mitigated by"


def every_hazard_is_told_in_sentences(catalogue: Catalogue, _evidence: Evidence) -> Iterator[str]:
    for hazard in catalogue.hazards:
        if hazard.cause.endswith(".") or not all(map(SENTENCE.fullmatch, (hazard.seen, hazard.happens))):
            yield f"{hazard.id}: cause is a heading without a full stop, seen and happens are sentences with one"


def every_cause_leads_to_what_happens_to_a_walker(catalogue: Catalogue, _evidence: Evidence) -> Iterator[str]:
    ends = {hazard.id for hazard in catalogue.hazards if hazard.group == WORLD}
    for hazard in catalogue.hazards:
        if set(hazard.leads_to) - ends or bool(hazard.leads_to) == (hazard.group == WORLD):
            yield f"{hazard.id} leads to {', '.join(hazard.leads_to) or 'nothing'}; a cause leads to some of {WORLD}"
    reached = {id for hazard in catalogue.hazards for id in hazard.leads_to}
    yield from (f"nothing leads to {id}" for id in sorted(ends - reached))


def every_named_test_exists(catalogue: Catalogue, evidence: Evidence) -> Iterator[str]:
    known = evidence.tests | {test.partition("[")[0] for test in evidence.tests}
    for hazard in catalogue.hazards:
        yield from (f"{hazard.id}: there is no test {test}" for test in hazard.tests if test not in known)
        yield from (f"{hazard.id}: there is no {one}" for one in hazard.proofs if not _defined(evidence.root, one))


def every_unbuilt_feature_is_unbuilt(catalogue: Catalogue, evidence: Evidence) -> Iterator[str]:
    used = {feature for hazard in catalogue.hazards for feature, _ in hazard.unbuilt}
    unknown = sorted(used - set(catalogue.features))
    yield from (f"{name} is not among the features that may be unbuilt" for name in unknown)
    for name, files in catalogue.features.items():
        found = [path for pattern in files for path in evidence.root.glob(pattern)]
        if found:
            yield f"{name} is there ({found[0].name}): give its hazards tests, and take it off the list"
        if name not in used:
            yield f"no hazard waits for {name}: take it off the list"


def every_fault_names_known_hazards(catalogue: Catalogue, evidence: Evidence) -> Iterator[str]:
    for fault in evidence.table:
        unknown = sorted(set(fault.hazards) - set(catalogue.listed))
        if unknown or not fault.hazards:
            yield f"the fault {fault.name!r} names {', '.join(unknown) or 'no hazard'}; name those of hazards.toml"


CHECKS: tuple[Check, ...] = (
    every_listed_hazard_is_there, every_hazard_is_answered, every_hazard_is_told_in_sentences,
    every_cause_leads_to_what_happens_to_a_walker, every_named_test_exists, every_unbuilt_feature_is_unbuilt,
    every_fault_names_known_hazards,
)


def _defined(root: Path, place: str) -> bool:
    """Whether this file::function is there; what pytest does not collect is looked up in the source."""
    file, _, name = place.partition("::")
    if not (root / file).is_file():
        return False
    body = ast.parse((root / file).read_text(encoding="utf-8")).body
    return any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name for node in body)


def collected(files: Sequence[str]) -> frozenset[str]:
    """The node ids that pytest collects from these files."""
    there = [file for file in files if (ROOT / file).is_file()]
    command = [sys.executable, "-P", "-m", "pytest", "--collect-only", "-q", "--continue-on-collection-errors", *there]
    environment = {**os.environ, "PYTEST_ADDOPTS": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False)
    return frozenset(line for line in done.stdout.splitlines() if line.startswith("tests/") and "::" in line)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    files = {test.partition("::")[0] for hazard in load().hazards for test in hazard.tests}
    return Evidence(TABLE, once("evidence", lambda: collected(sorted(files))), ROOT)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_catalogue_of_hazards_holds(check: Check, evidence: Evidence) -> None:
    assert list(check(load(), evidence)) == []


def test_the_page_of_hazards_is_what_catalogue_and_faults_make() -> None:
    made = page(load(), TABLE)
    remake = "remake it: python -m tests.architecture.hazards > docs/hazards.md"
    assert PAGE.read_text(encoding="utf-8") == made, remake


# --- each check is seen to catch something ---------------------------------------------------------------------------

GOOD = Catalogue(
    hazards=(
        Hazard("H1", "Too fast", "The speed.", "Stop.", tests=("tests/a.py::test_a", "tests/a.py::test_b[x]")),
        Hazard("A1", "The link is lost", "Silence.", "Stop.", ("H1",), unseen="mitigated by the key."),
        Hazard("A2", "The link is gone", "Silence.", "Stop.", ("H1",), unbuilt=(("mqtt", "all of it"),)),
    ),
    listed=("H1", "A1", "A2"),
    groups={"H": "Walker", "A": "Link"},
    features={"mqtt": ("treadctl/**/*mqtt*",)},
)
ROW = Fault("link lost", When.ALWAYS, lambda _view: True, TABLE[0].action, "Lost.", ("A1",))
TESTS = frozenset({"tests/a.py::test_a", "tests/a.py::test_b[x]", "tests/a.py::test_b[y]"})


def spoilt(id: str, **fields: object) -> Catalogue:
    """The good catalogue with other fields in one hazard."""
    changed = (dataclasses.replace(one, **fields) if one.id == id else one for one in GOOD.hazards)  # type: ignore[arg-type]
    return dataclasses.replace(GOOD, hazards=tuple(changed))


SPOILT: list[tuple[Check, Catalogue]] = [
    (every_listed_hazard_is_there, dataclasses.replace(GOOD, hazards=GOOD.hazards[:2])),
    (every_listed_hazard_is_there, dataclasses.replace(GOOD, listed=("H1", "A1"))),
    (every_hazard_is_answered, spoilt("H1", tests=())),
    (every_hazard_is_answered, spoilt("A1", unseen="nothing can be done.")),
    (every_hazard_is_told_in_sentences, spoilt("A1", cause="The link is lost.")),
    (every_hazard_is_told_in_sentences, spoilt("A1", seen="silence")),
    (every_hazard_is_told_in_sentences, spoilt("A1", happens="")),
    (every_cause_leads_to_what_happens_to_a_walker, spoilt("A1", leads_to=("A2",))),
    (every_cause_leads_to_what_happens_to_a_walker, spoilt("A1", leads_to=())),
    (every_named_test_exists, spoilt("H1", tests=("tests/a.py::test_gone",))),
    (every_named_test_exists, spoilt("H1", tests=("tests/a.py::test_b[z]",))),
    (every_named_test_exists, spoilt("A1", proofs=("tests/architecture/hazards.py::nothing_of_the_kind",))),
    (every_named_test_exists, spoilt("A1", proofs=("tests/gone.py::main",))),
    (every_unbuilt_feature_is_unbuilt, spoilt("A2", unbuilt=(("teleport", "all of it"),), tests=("x",))),
    (every_unbuilt_feature_is_unbuilt, dataclasses.replace(GOOD, features={"mqtt": ("treadctl/**/*driver*",)})),
    (every_unbuilt_feature_is_unbuilt, dataclasses.replace(GOOD, hazards=GOOD.hazards[:2])),
    (every_fault_names_known_hazards, dataclasses.replace(GOOD, listed=("H1", "A2"))),
]


@pytest.mark.parametrize(("check", "catalogue"), SPOILT)
def test_a_spoilt_catalogue_is_caught(check: Check, catalogue: Catalogue) -> None:
    assert list(check(catalogue, Evidence((ROW,), TESTS, ROOT)))


def test_a_fault_that_names_no_hazard_is_caught() -> None:
    row = dataclasses.replace(ROW, hazards=())
    assert list(every_fault_names_known_hazards(GOOD, Evidence((row,), TESTS, ROOT)))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_good_catalogue_is_let_alone(check: Check) -> None:
    catalogue = dataclasses.replace(GOOD, features={"mqtt": ("treadctl/**/no such file",)})
    assert list(check(catalogue, Evidence((ROW,), TESTS, ROOT))) == []


def test_the_page_tells_rows_tests_and_lines_of_a_hazard() -> None:
    made = page(GOOD, (ROW,))
    assert "| link lost | always | STOP | at once |" in made and "- Faults: *link lost*" in made
    assert "  - b (x) · `tests/a.py`" in made and "- Not visible to software: mitigated by the key." in made
    assert "- Not built yet: mqtt (all of it)" in made and "Comes of [A1](#a1), [A2](#a2)." in made
