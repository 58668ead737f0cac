"""What a document shows in a terminal is what happens there: its files are written, its commands run in an empty home.

A block "yaml NAME" is a file; in a block "console" a line after "$ " is a command, and what follows is what it prints.
A line "..." stands for any number of lines, within a line it stands for the rest of a word or more.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("docs/writing-profiles.md",)
BLOCK = re.compile(r"^```(yaml (?P<file>\S+)|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
MORE = "..."


def scenes(text: str) -> list[tuple[str, str]]:
    """In order: (name, content) of a file, and (command after "$ ", what it prints)."""
    found = []
    for block in BLOCK.finditer(text):
        if block["file"]:
            found.append((block["file"], block["text"]))
            continue
        commands = re.split(r"^\$ ", block["text"], flags=re.MULTILINE)[1:]
        found += [(f"$ {command}", shown) for command, _, shown in (one.partition("\n") for one in commands)]
    return found


def prints(shown: str, printed: str) -> bool:
    """Whether this was printed, "..." being whatever there is."""
    inside = re.escape(MORE)
    parts = [
        ".*" if line == MORE else re.escape(line).replace(inside, "[^\n]*") + "\n" for line in shown.splitlines()
    ]
    return re.fullmatch("".join(parts), printed, re.DOTALL) is not None


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_of_a_document_prints_what_it_shows(document: str, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name, words in (("treadctl", ' -m treadctl "$@"'), ("python3", ' "$@"')):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\nexec '{sys.executable}'{words}\n", encoding="utf-8")
        (tmp_path / "bin" / name).chmod(0o700)
    place = tmp_path / "empty"
    place.mkdir()
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    found = scenes((ROOT / document).read_text(encoding="utf-8"))
    assert sum(name.startswith("$ ") for name, _ in found) > 10
    for name, text in found:
        if not name.startswith("$ "):
            (place / name).write_text(text, encoding="utf-8")
            continue
        done = subprocess.run(
            ["/bin/sh", "-c", name[2:]], cwd=place, env=environment, text=True, timeout=60, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        assert prints(text, done.stdout), f"{name}\n{done.stdout}"


def test_a_document_that_shows_something_else_is_seen() -> None:
    assert prints("one\n...\nthree\n", "one\ntwo\n2\nthree\n") and prints("...\n", "") and prints("", "")
    assert prints("in ... s\n", "in 1.5 s\n") and not prints("in ... s\n", "in 1\n2 s\n")
    assert not prints("one\n", "one\ntwo\n") and not prints("", "one\n") and not prints("one\n...\n", "two\n")
