"""Man pages and completions say what the parsers say, and real shells complete with them."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.manual import ROOT, SHARE, pages, synopsis, verbs, whole

BASH = """
source "$1"
complete -p treadctl >/dev/null || exit 1
COMP_LINE=$2; read -r -a COMP_WORDS <<<"$2"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_shtab_treadctl treadctl "${COMP_WORDS[COMP_CWORD]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
LIMIT_S = 20
CASES = (
    ("treadctl prof", {"profile"}),
    ("treadctl profile sh", {"show", "share"}),
    ("treadctl run first-s", {"first-steps", "first-steps-2"}),
    ("treadctl run first-steps --qu", {"--quirk"}),
    ("treadctl dry-run demo --quirk horizon-o", {"horizon-omega-z"}),
    ("treadctl plan start star", {"starter"}),
    ("treadctl person level --set", {"--set-by"}),
)
"""What is typed, and everything that is offered."""


def test_every_page_is_what_the_parsers_make_of_it_today() -> None:
    made = pages()
    old = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    assert old == [], "make them anew: .venv/bin/python -P -m tests.architecture.manual"
    assert set(made) == {path for path in SHARE.rglob("*") if path.is_file()}


def test_the_man_page_has_every_command_with_its_own_words() -> None:
    page = (SHARE / "man/man1/treadctl.1").read_text(encoding="utf-8").replace("\\-", "-")
    lines = [synopsis(one) for one in list(verbs(whole("treadctl")))[1:]]
    assert len(lines) > 30
    assert [line for line in lines if f'.SS "{line}"\n' not in page] == []
    assert {"treadctl person level N [--set-by NAME]", "treadctl scan [--seconds N] [--sim] [--json]"} <= set(lines)
    for words in ("is the emergency stop", ".B 130\nInterrupted while nothing moved.", ".I TREADCTL_DEBUG\n"):
        assert words in page


@pytest.mark.needs("mandoc")
def test_a_reader_of_man_pages_finds_nothing_wrong_but_the_missing_date() -> None:
    files = [str(path) for path in (SHARE / "man/man1").iterdir()]
    done = subprocess.run(["mandoc", "-Tlint", *files], capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []


@pytest.mark.parametrize(("line", "offered"), CASES)
def test_bash_completes_a_line(line: str, offered: set[str]) -> None:
    words = ["bash", "--norc", "-c", BASH, "bash", str(SHARE / "bash-completion/completions/treadctl"), line]
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT_S, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.split()) == offered


@pytest.mark.needs("fish")
def test_fish_completes_the_same_lines() -> None:
    file = SHARE / "fish/vendor_completions.d/treadctl.fish"
    asked = "".join(f'complete -C "{line}"; echo ---;' for line, _ in CASES)
    words = ["fish", "--no-config", "-c", f"source '{file}'; {asked}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT_S, check=True, cwd=ROOT)
    answers = [{line.split("\t")[0] for line in part.splitlines() if line} for part in done.stdout.split("---")]
    assert answers[:-1] == [offered for _, offered in CASES]


@pytest.mark.needs("zsh")
def test_zsh_completes_a_line_as_it_is_typed() -> None:
    with _zsh() as terminal:
        begin = f"fpath=({SHARE}/zsh/site-functions $fpath); autoload -Uz compinit; compinit -u -D; echo rea''dy\n"
        os.write(terminal, begin.encode())
        assert "ready\r\n" in _until(terminal, "ready\r\n")
        os.write(terminal, b"treadctl prof\t\t")
        assert "write one file to send" in _until(terminal, "show what")
        os.write(terminal, b"\x15treadctl run --quirk horizon-o\t")
        assert "horizon-omega-z" in _until(terminal, "horizon-omega-z")


@contextlib.contextmanager
def _zsh() -> Iterator[int]:
    """An interactive one; what it is typed into."""
    terminal, end = pty.openpty()
    words, environment = ["zsh", "-f", "-i"], {**os.environ, "TERM": "dumb"}
    zsh = subprocess.Popen(words, stdin=end, stdout=end, stderr=end, start_new_session=True, env=environment)
    os.close(end)
    try:
        yield terminal
    finally:
        zsh.kill()
        zsh.wait(LIMIT_S)
        os.close(terminal)


def _until(terminal: int, words: str) -> str:
    """What the terminal shows until these words come, or LIMIT_S are over."""
    shown, end = "", time.monotonic() + LIMIT_S
    while words not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 4096).decode("utf-8", "replace")
    return shown


def test_what_is_installed_here_has_the_pages_too() -> None:
    assert (Path(sys.prefix) / "share/man/man1/treadctl.1").exists()
