"""What a document shows in a terminal is what happens there: its files are written, its commands run in an empty home.

What counts as a command, and which are only understood, stands in `commands`. All run in this process where they can: a
new one for each would cost more than the commands do.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from treadsim.cli import parser as treadsim_parser

from tests.architecture.commands import (
    NOT_RUN,
    ROOT,
    How,
    Scene,
    calls,
    documents,
    goes_on,
    plain,
    scenes,
    why_not_run,
)
from treadctl.cli import main, parsers
from treadctl.model.errors import UsageError

MORE = "..."
LIMIT_S = 60
SHELL = re.compile(r"[|&;<>$`*]")
"""What only a shell understands."""
ALL = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in documents()}


def prints(shown: str, printed: str) -> bool:
    """Whether this was printed, "..." being whatever there is."""
    inside = re.escape(MORE)
    lines = [
        ".*" if line == MORE else re.escape(line).replace(inside, "[^\n]*") + "\n" for line in shown.splitlines()
    ]
    return re.fullmatch("".join(lines), printed, re.DOTALL) is not None


# --- what is run -----------------------------------------------------------------------------------------------------


@pytest.fixture
def place(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to type commands in, with treadctl on the path, nobody at the keyboard, and 80 columns."""
    here = own_folders / "here"
    (own_folders / "bin").mkdir()
    for name, words in (("treadctl", ' -m treadctl "$@"'), ("python3", ' "$@"')):
        (own_folders / "bin" / name).write_text(f"#!/bin/sh\nexec '{sys.executable}'{words}\n", encoding="utf-8")
        (own_folders / "bin" / name).chmod(0o700)
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("PATH", f"{own_folders / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("COLUMNS", "80")
    with Path(os.devnull).open(encoding="utf-8") as nobody:
        monkeypatch.setattr(sys, "stdin", nobody)
        yield here


def typed(command: str) -> tuple[int, str]:
    """The exit code, and all that was printed."""
    [words, *more] = calls(command)
    if words[0] != "treadctl" or more or SHELL.search(command):
        done = subprocess.run(
            ["/bin/sh", "-c", command], text=True, timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        return done.returncode, done.stdout
    octets = io.BytesIO()
    printed = io.TextIOWrapper(octets, encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = main(words[1:])
    return code, octets.getvalue().decode()


def to_do(name: str) -> list[Scene]:
    """What of a document is done here."""
    found = [scene for scene in scenes(ALL[name]) if scene.how is not How.TEXT]
    return [scene for scene in found if scene.how is not How.BLOCK or not why_not_run(scene.what)]


@pytest.mark.parametrize("name", [name for name in ALL if to_do(name)])
@pytest.mark.usefixtures("in_utc")
def test_every_command_of_a_document_does_what_it_shows(name: str, place: Path) -> None:
    for scene in to_do(name):
        if scene.how is How.FILE:
            (place / scene.what).write_text(scene.text, encoding="utf-8")
            continue
        code, printed = typed(scene.what)
        if scene.how is How.CONSOLE:
            assert prints(scene.text, printed), f"{scene.what}\n{printed}"
        else:
            assert code == 0, f"{scene.what} ended with {code}\n{printed}"


def test_what_is_run_is_most_of_what_needs_no_treadmill_and_no_person() -> None:
    ways = [scene.how for name in ALL for scene in to_do(name)]
    assert ways.count(How.CONSOLE) > 15 and ways.count(How.BLOCK) > 5 and ways.count(How.FILE) > 2


def test_no_reason_is_left_over_for_not_running_a_command() -> None:
    blocks = [plain(scene.what) for text in ALL.values() for scene in scenes(text) if scene.how is How.BLOCK]
    assert [why for pattern, why in NOT_RUN if not any(re.match(pattern, line) for line in blocks)] == []


# --- what is only understood -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_every_command_that_a_document_names_exists(name: str) -> None:
    wrong = []
    for scene in scenes(ALL[name]):
        if scene.how is not How.FILE:
            wrong += [f"{scene.what}: {why}" for words in calls(scene.what) if (why := misunderstood(scene, words))]
    assert wrong == []


def misunderstood(scene: Scene, words: list[str]) -> str:
    """Why nothing here knows these words; empty: something does, or they are another program's."""
    if not words or words[0] not in {"treadctl", "treadsim"}:
        return "" if _is_there(words) else "there is no such module or file"
    parser: argparse.ArgumentParser = treadsim_parser()
    if words[0] == "treadctl":
        command = next((word for word in words[1:] if not word.startswith("-")), None)
        parser, names = parsers(command)
        if command is not None and command not in names:
            return f"there is no command {command}"
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            parser.parse_args(words[1:])
    except UsageError as error:
        named = scene.how is How.TEXT and not any(word.startswith("-") for word in words)
        return "" if "required" in str(error) and (goes_on(scene.what) or named) else str(error)
    except SystemExit:
        return ""
    return ""


def _is_there(words: list[str]) -> bool:
    """The module after -m, and every file of this project that is named."""
    module = words[words.index("-m") + 1] if "-m" in words[:-1] else ""
    own = module.split(".")[0] in {"treadctl", "treadsim", "tests"} and not module.endswith(".")
    files = [word for word in words if word.startswith("tests/")]
    return (not own or find_spec(module) is not None) and all((ROOT / file).exists() for file in files)


# --- the checks themselves -------------------------------------------------------------------------------------------


def test_a_document_that_shows_something_else_is_seen() -> None:
    assert prints("one\n...\nthree\n", "one\ntwo\n2\nthree\n") and prints("...\n", "") and prints("", "")
    assert prints("in ... s\n", "in 1.5 s\n") and not prints("in ... s\n", "in 1\n2 s\n")
    assert not prints("one\n", "one\ntwo\n") and not prints("", "one\n") and not prints("one\n...\n", "two\n")


def test_a_command_that_nothing_knows_is_seen() -> None:
    text = "`treadctl profile shwo x`, `treadctl stop`, `treadctl person heart-rate yes`, `treadctl run`\n"
    found = [scene for scene in scenes(text) if any(misunderstood(scene, words) for words in calls(scene.what))]
    assert [scene.what for scene in found] == ["treadctl profile shwo x", "treadctl person heart-rate yes"]
    assert [scene.what for scene in scenes("```\n$ x\ntreadctl stop   # now\n```\n")] == ["treadctl stop"]
    assert why_not_run("python3 run.py scan") == why_not_run("treadctl scan --seconds 3") != ""
    assert not why_not_run("treadctl scan --sim") and not why_not_run("python3 run.py status")
