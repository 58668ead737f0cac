"""Full disks, closed streams, folders that cannot be used, terminals that can show nothing: a sentence, and no bug.

root may read and write everything, so what cannot be used here is below a file: that holds for everybody.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.processes import treadctl, treadctl_on_a_terminal
from treadctl.paths import real_paths

NO_BUS = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"}


def shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`treadctl` in a line of shell, with streams as only a shell makes them."""
    text = line.replace("treadctl", f"{sys.executable} -m treadctl")
    return subprocess.run(
        ["bash", "-c", text], capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **more}
    )


@pytest.fixture
def nowhere(tmp_path: Path) -> str:
    """A path below a file, where nothing can ever be."""
    (tmp_path / "file").touch()
    return str(tmp_path / "file" / "below")


@pytest.mark.parametrize("command", ["status", "scan", "doctor", "demo --headless", "profile list", "machines list"])
def test_a_runtime_folder_that_cannot_be_made_is_one_sentence(command: str, nowhere: str) -> None:
    done = treadctl(*command.split(), XDG_RUNTIME_DIR=nowhere, **NO_BUS)
    told = done.stdout + done.stderr
    assert "bug in treadctl" not in told and "[Errno" not in told
    if command not in ("profile list", "doctor"):
        assert (done.returncode, len(done.stderr.splitlines())) == (6, 1)
        assert nowhere in done.stderr and "not a directory" in done.stderr and "; make it" in done.stderr


def test_a_stop_that_finds_no_folder_of_sockets_says_pull_the_key(nowhere: str) -> None:
    done = treadctl("stop", XDG_RUNTIME_DIR=nowhere)
    assert (done.returncode, "bug" in done.stderr, "pull the key" in done.stderr) == (6, False, True)


@pytest.mark.parametrize("words", [("demo", "--headless"), ("commission", "--sim", "--headless")])
def test_a_state_folder_that_cannot_be_made_is_one_sentence(words: tuple[str, ...], nowhere: str) -> None:
    done = treadctl(*words, "--state", nowhere)
    assert (done.returncode, len(done.stderr.splitlines()), nowhere in done.stderr) == (6, 1, True)


def test_a_guardian_that_cannot_keep_its_files_says_so_without_numbers_of_errors(nowhere: str) -> None:
    done = treadctl("scan", "--seconds", "1", XDG_STATE_HOME=nowhere)
    assert (done.returncode, "[Errno" in done.stderr) == (6, False)
    assert nowhere in done.stderr and "not a directory" in done.stderr and "; make it" in done.stderr


def test_records_that_cannot_be_read_are_no_bug() -> None:
    folder = real_paths().machines
    folder.parent.mkdir(parents=True)
    folder.symlink_to(folder.name)  # a link to itself
    done = treadctl("machines", "list")
    assert (done.returncode in (0, 6), "bug" in done.stderr) == (True, False)


@pytest.mark.parametrize("stream", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_bug(stream: str) -> None:
    done = shell(f"treadctl profile list {stream}")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_under_the_output_is_one_sentence() -> None:
    done = shell("treadctl profile list > /dev/full")
    assert (done.returncode, len(done.stderr.splitlines()), "no space left" in done.stderr) == (6, 1, True)


@pytest.mark.parametrize("streams", ["| true", "> /dev/full", ">&-"])
def test_a_stop_goes_on_although_nobody_can_read_what_it_says(streams: str) -> None:
    last = real_paths().last_address
    last.parent.mkdir(parents=True, exist_ok=True)
    last.write_text("F0:00:00:00:00:01\n", encoding="utf-8")
    done = shell(f"treadctl stop {streams}; echo code ${{PIPESTATUS[0]}} >&2", **NO_BUS)
    assert done.stderr.splitlines()[-1] == "code 4"  # the rescue's own: it was tried


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_shows_no_screens_is_refused_with_the_way_out(term: str) -> None:
    code, shown = treadctl_on_a_terminal("demo", TERM=term)
    assert (code, "TERM" in shown, "--headless" in shown) == (2, True, True)


def test_without_a_terminal_only_what_helps_is_offered() -> None:
    for words in (("tui",), ("tui", "--sim"), ("demo",), ("commission", "--sim"), ("run", "demo")):
        done = treadctl(*words)
        assert (done.returncode, len(done.stderr.splitlines()), "in a terminal" in done.stderr) == (2, 1, True)


def test_a_fault_that_does_not_exist_is_a_usage_error_and_help_lists_them_all() -> None:
    wrong = treadctl("run", "demo", "--sim", "--headless", "--fault", "nope")
    assert (wrong.returncode, wrong.stderr) == (2, treadctl("dry-run", "demo", "--fault", "nope").stderr)
    asked = treadctl("run", "demo", "--sim", "--headless", "--fault", "help")
    assert (asked.returncode, "link.drop(" in asked.stderr) == (2, True)
