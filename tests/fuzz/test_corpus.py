"""Every input of the fuzzers' corpus again, without a fuzzer; and that corpus and program around it are sound."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import running
from tests.fuzz.of_small_files import left_behind
from tests.fuzz.targets import CORPUS, MODULES, corpus, target

ROOT = Path(__file__).resolve().parents[2]
MOST_FILES, MOST_OCTETS = 450, 400 * 1024


@pytest.mark.parametrize("name", MODULES)
def test_no_input_of_the_corpus_is_a_finding(name: str) -> None:
    run, paths = target(name).run, corpus(name)
    assert paths, "a target without any input to begin with"
    for path in paths:
        try:
            run(path.read_bytes())
        except BaseException as error:
            error.add_note(f"See it again: python3 run.py fuzz {name} {path.relative_to(ROOT)}")
            raise
    assert left_behind() == []


def test_the_corpus_stays_small_and_belongs_to_targets() -> None:
    paths = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert {path.parent for path in paths} == {CORPUS / name for name in MODULES}
    assert len(paths) < MOST_FILES and sum(path.stat().st_size for path in paths) < MOST_OCTETS


def fuzz(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "tests/fuzz", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_one_input_can_be_seen_again() -> None:
    path = corpus("machine-data")[0].relative_to(ROOT)
    ended = fuzz("machine-data", str(path))
    assert (ended.returncode, ended.stdout) == (0, f"machine-data: nothing wrong with {path}\n")


def test_a_finding_is_exit_5_with_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "input"
    bad.write_bytes(b"\0")
    monkeypatch.setattr(running, "_command", lambda _name: [sys.executable, "-c", "assert False, 'found'"])
    assert running.replay("machine-data", bad) == 5
    out, err = capsys.readouterr()
    assert out == f"machine-data: 1 octets of {bad} do this\n" and "AssertionError: found" in err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("no-such-target",), "there are treadmill-data"),
        (("machine-data", "no/such/file"), "cannot be read"),
        (("--seconds", "0"), "a number from 1"),
    ],
)
def test_wrong_words_are_answered_with_a_sentence(words: tuple[str, ...], hint: str) -> None:
    ended = fuzz(*words)
    assert ended.returncode == 2 and hint in ended.stderr and "Traceback" not in ended.stderr
