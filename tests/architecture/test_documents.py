"""What the documents point at exists."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

from treadctl.clients.words import STANDING_SENTENCE
from treadctl.model import limits
from treadctl.model.units import Speed

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = tuple(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs" / "how-to").glob("*.md")))
DECISIONS = tuple(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs" / "decisions").glob("*.md")))
FOR_PEOPLE = tuple(
    f"docs/{name}.md"
    for name in ("first-evening", "first-real-walk", "bluetooth", "safety-manual", "commissioning", "for-professionals")
)
DOCUMENTS = (
    *("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/README.md", "docs/walkthrough.md"),
    *HOW_TO, *DECISIONS, *FOR_PEOPLE,
)  # fmt: skip
SAYS = re.compile(r'"([^"\n]+(?:\n[^"\n]+)?)"')


def names_in(path: Path) -> set[str]:
    """What a module defines at its top."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def places(text: str) -> list[tuple[str, list[str]]]:
    """Each `file`: `name`, `name` of a text."""
    found = re.findall(r"`((?:treadctl|sim)/[\w/]+\.py)`((?:[:,] `\w+`)*)", text)
    return [(file, re.findall(r"`(\w+)`", names)) for file, names in found]


def test_every_place_the_walkthrough_names_exists() -> None:
    found = places((ROOT / "docs/walkthrough.md").read_text(encoding="utf-8"))
    assert len(found) > 15
    missing = [(file, name) for file, names in found for name in names if name not in names_in(ROOT / file)]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_a_document_names_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([^)#:]+)\)", text)
    named = re.findall(r"`((?:treadctl|sim|docs|tests|requirements)/[\w/.-]*)`", text)
    folder = (ROOT / document).parent
    missing = [path for path in linked if not (folder / path).exists()]
    assert missing + [path for path in named if not (ROOT / path).exists()] == []


def test_the_map_leads_to_every_page() -> None:
    text = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / path).resolve() for path in re.findall(r"\]\(([^)#:]+)\)", text)}
    pages = {path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "decisions"}
    assert pages - linked == {ROOT / "docs/README.md"}
    listed = re.findall(r"\((0[^)]+)\)", (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in (ROOT / "docs/decisions").glob("0*.md"))


def test_the_limits_of_the_safety_manual_are_those_of_the_program() -> None:
    text = (ROOT / "docs/safety-manual.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+?) \| (\d[^\n]*) \|$", text, re.MULTILINE)
    assert {name: cells.split(" | ") for name, cells in rows} == {
        "speed, km/h": [str(Speed(value)) for value in limits.BACKWARD_SPEED],
        "at a time, min": [str(seconds // 60) for seconds in limits.BOUT_SECONDS],
        "in one walk, min": [str(seconds // 60) for seconds in limits.BACKWARD_SECONDS],
        "uphill, % (never downhill)": [str(tenths // 10) for tenths in limits.BACKWARD_INCLINE],
        "turn-arounds": [str(turns) for turns in limits.TURNS],
        "**forward**, km/h": [str(Speed(value)) for value in limits.FORWARD_SPEED],
    }
    assert f"**{limits.HARD_BACKWARD} km/h** is the ceiling" in text
    assert f"**{limits.CAREFUL_BACKWARD} km/h** from" in text
    assert all(sentence in " ".join(text.replace("> ", "").split()) for sentence in STANDING_SENTENCE.split(". "))


@functools.cache
def said() -> str:
    """Every text in treadctl, one a line, with nothing in the place of what is put in at run time."""
    found = []
    for path in (ROOT / "treadctl").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(" ".join(node.value.split()))
    return "\n".join(found)


@pytest.mark.parametrize("document", FOR_PEOPLE)
def test_what_a_page_has_treadctl_say_is_what_it_says(document: str) -> None:
    text = re.sub(r"^```.*?^```$", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    quoted = [" ".join(words.split()) for words in SAYS.findall(text)]
    wrong = [words for words in quoted if any(part.strip() not in said() for part in words.split("…"))]
    assert quoted and wrong == []


@pytest.mark.parametrize("page", ["docs/first-evening.md", "docs/home-assistant.md", "docs/README.md"])
def test_a_page_for_beginners_says_how_treadctl_is_found_before_it_calls_it(page: str) -> None:
    before, found, _ = (ROOT / page).read_text(encoding="utf-8").partition("source .venv/bin/activate")
    assert found and not re.search(r"^treadctl ", before, re.MULTILINE)
