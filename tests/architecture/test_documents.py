"""What the documents point at exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/walkthrough.md")


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
