"""One guardian for each socket, one holder for each machine, however many begin at the same moment (hazard C12)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from treadctl.guardian.holder import claim_machine, claim_socket
from treadctl.paths import runtime_folder, simulated_paths

RUNNERS = 4
ROUNDS = 250
CLAIM = """
import os, sys
from pathlib import Path
from treadctl.guardian.holder import claim_machine, claim_socket
what, place, go, said = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
kept = []
for n in range(int(sys.argv[5])):
    os.read(go, 1)
    claim = claim_socket(Path(place) / str(n)) if what == "socket" else claim_machine(f"{place}-{n}")
    kept.append(claim)
    os.write(said, b"1" if claim is not None else b"0")
os.read(go, 1)  # a claim ends with its process: nobody leaves before all have answered
"""


@pytest.mark.parametrize("what", ["socket", "machine"])
def test_of_processes_that_race_for_a_claim_exactly_one_has_it(what: str, tmp_path: Path) -> None:
    place = str(tmp_path) if what == "socket" else f"test-{os.getpid()}"
    pipes = [os.pipe() for _ in range(RUNNERS)]
    told, tell = os.pipe()
    runners = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, what, place, str(go), str(tell), str(ROUNDS)], pass_fds=(go, tell)
        )
        for go, _ in pipes
    ]
    winners = []
    for _ in range(ROUNDS):
        for _, start in pipes:
            os.write(start, b"x")
        answers = b""
        while len(answers) < RUNNERS:
            answers += os.read(told, RUNNERS - len(answers))
        winners.append(answers.count(b"1"))
    for (_, start), runner in zip(pipes, runners, strict=True):
        os.write(start, b"x")
        assert runner.wait(10) == 0
    for ends in (*pipes, (told, tell)):
        for end in ends:
            os.close(end)
    assert winners == [1] * ROUNDS


@pytest.mark.parametrize("kill", [True, False])
def test_a_claim_ends_with_its_process_however_that_ends(kill: bool, tmp_path: Path) -> None:
    claims: list[tuple[str, Callable[[], object]]] = [
        ("socket", lambda: claim_socket(tmp_path / "0")), ("machine", lambda: claim_machine(f"gone-{os.getpid()}-0")),
    ]
    for what, claim in claims:
        place = str(tmp_path) if what == "socket" else f"gone-{os.getpid()}"
        go, start = os.pipe()
        told, tell = os.pipe()
        runner = subprocess.Popen(
            [sys.executable, "-c", CLAIM, what, place, str(go), str(tell), "2"], pass_fds=(go, tell)
        )
        os.write(start, b"x")
        assert os.read(told, 1) == b"1"
        assert claim() is None
        if kill:
            runner.kill()
        else:
            os.write(start, b"xx")
        runner.wait(10)
        found = claim()
        assert found is not None
        os.close(found) if isinstance(found, int) else found.close()  # type: ignore[attr-defined]
        for end in (go, start, told, tell):
            os.close(end)


def test_of_guardians_started_at_once_one_lives_and_all_report_that_one_is_ready() -> None:
    paths = simulated_paths()
    words = ["--backend", "sim", "--state", str(paths.state), "--socket", str(paths.socket)]
    guardians, readies = [], []
    for _ in range(RUNNERS):
        ready, theirs = os.pipe()
        readies.append(ready)
        guardians.append(
            subprocess.Popen(
                [sys.executable, "-P", "-m", "treadctl.guardian", *words, "--ready", str(theirs)], pass_fds=(theirs,)
            )
        )
        os.close(theirs)
    assert [os.read(ready, 100) for ready in readies] == [b"ready\n"] * RUNNERS
    try:
        alive = [guardian for guardian in guardians if guardian.poll() is None]
        for guardian in guardians:
            if len(alive) > 1 and guardian.pid != int(paths.holder.read_text()):
                assert guardian.wait(10) == 0
        assert [g.pid for g in guardians if g.poll() is None] == [int(paths.holder.read_text())]
    finally:
        for guardian in guardians:
            guardian.terminate()
        assert [guardian.wait(20) for guardian in guardians] == [0] * RUNNERS
        for ready in readies:
            os.close(ready)


def test_a_folder_that_somebody_named_keeps_its_mode_and_that_of_the_sockets_is_private(tmp_path: Path) -> None:
    named = tmp_path / "walks"
    named.mkdir(mode=0o755)
    assert simulated_paths(named).state == named and named.stat().st_mode & 0o777 == 0o755
    made = simulated_paths(tmp_path / "new").state
    assert made.stat().st_mode & 0o777 == 0o700
    sockets = runtime_folder()
    sockets.chmod(0o755)
    assert runtime_folder().stat().st_mode & 0o777 == 0o700


def test_a_folder_is_the_same_for_whoever_works_in_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert simulated_paths(Path("walks")).state == tmp_path / "walks"
