"""The command line as a person meets it: every wrong word is one sentence, an exit code, and no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from treadctl import __version__
from treadctl.cli import main
from treadctl.clients.words import STANDING_SENTENCE

ROOT = Path(__file__).resolve().parents[2]


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of these words."""
    try:
        code = main(words)
    except SystemExit as end:
        code = int(end.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["dmeo"], "did you mean treadctl demo?"),
        (["dryrun"], "did you mean treadctl dry-run?"),
        (["zzzz"], "there are: demo, tui, run"),
        (["run"], "PROFILE; see treadctl run --help."),
        (["run", "demo", "--bogus"], "treadctl run does not know '--bogus'"),
        (["run", "demo", "--rate", "2"], "--rate is for the simulated treadmill only"),
        (["run", "demo", "--quirk", "mph-target"], "--quirk is for the simulated treadmill only"),
        (["run", "demo", "--fault", "x"], "--fault is for the simulated treadmill only"),
        (["demo", "--rate", "0"], "--rate 0 is not possible"),
        (["demo", "--rate", "11"], "--rate 11 is not possible"),
        (["demo", "--rate", "fast"], "invalid int value: 'fast'"),
        (["profile"], "see treadctl profile --help."),
        (["profile", "chekc"], "see treadctl profile --help."),
        (["profile", "check"], "PROFILE; see treadctl profile check --help."),
        (["dry-run", "demo", "--svg", "profiles/demo.yaml"], "give a name that ends in .svg"),
        (["dry-run", "demo", "--svg", "no/such/folder/x.svg"], "there is no folder no/such/folder"),
        (["dry-run", "demo", "--quirk", "nosuch"], "There is no simulated treadmill 'nosuch'; there are: reference,"),
        (["run", "demo", "--sim", "--headless", "--quirk", "nosuch"], "treadmill 'nosuch'; there are: reference,"),
        (["commission", "--sim", "--quirk", "nosuch"], "treadmill 'nosuch'; there are: reference,"),
        (["capture", "--sim", "--quirk", "nosuch"], "treadmill 'nosuch'; there are: reference,"),
        (["dry-run", "demo", "--quirk", "horizon"], "did you mean horizon-7-4, horizon-omega-z or horizon-paragon-x?"),
        (["run", "demo", "--sim", "--quirk", "refrence"], "There is no simulated treadmill 'refrence'; did you mean"),
        (["run", "demo", "--sim", "--quirk", ""], "There is no simulated treadmill ''; there are: reference,"),
        (["--sim"], "treadctl does not know '--sim'; see treadctl --help."),
        (["status", "--jso"], "treadctl status does not know '--jso'"),
    ],
)
def test_wrong_words_are_one_sentence_and_exit_2(
    words: list[str], wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(capsys, *words)
    assert (code, out) == (2, "")
    assert wanted in err
    assert len(err.splitlines()) == 1


def test_a_state_that_is_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "file"
    place.touch()
    code, _, err = said(capsys, "demo", "--headless", "--state", str(place))
    assert (code, "is a file; give a folder" in err) == (2, True)


@pytest.mark.parametrize("words", [["--help"], ["demo", "--help"], ["run", "-h"], ["stop", "-h"], ["profile", "-h"]])
def test_every_help_carries_the_standing_sentence(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, *words)
    assert code == 0
    assert STANDING_SENTENCE in " ".join(out.split())


def test_readme_and_help_say_the_same_standing_sentence() -> None:
    assert STANDING_SENTENCE in " ".join((ROOT / "README.md").read_text(encoding="utf-8").replace(">", "").split())


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--version") == (0, f"treadctl {__version__}\n", "")


def test_python_m_treadctl_is_the_same_command() -> None:
    command = [sys.executable, "-m", "treadctl", "--version"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, f"treadctl {__version__}\n")


def test_wrong_words_after_stop_do_not_keep_it_from_stopping(capsys: pytest.CaptureFixture[str]) -> None:
    plain = said(capsys, "stop")
    code, _, err = said(capsys, "stop", "--now", "please")
    assert code == plain[0]
    assert "these were not used: --now please" in err


def test_a_bug_is_one_sentence_and_exit_70(tmp_path: Path) -> None:
    """A module that breaks when it is loaded stands for every bug there will ever be."""
    code, err = _run_with_broken_module(tmp_path, {})
    assert code == 70
    assert err.startswith("This is a bug in treadctl (ZeroDivisionError: oops\\x1b[31m)")
    assert len(err.splitlines()) == 1


def test_debug_shows_the_traceback_of_a_bug(tmp_path: Path) -> None:
    code, err = _run_with_broken_module(tmp_path, {"TREADCTL_DEBUG": "1"})
    assert code == 1
    assert "Traceback" in err


def _run_with_broken_module(tmp_path: Path, more: dict[str, str]) -> tuple[int, str]:
    (tmp_path / "yaml.py").write_text("raise ZeroDivisionError('oops\\x1b[31m')\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), **more}
    command = [sys.executable, "-m", "treadctl", "profile", "check", "demo"]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return result.returncode, result.stderr


def test_a_closed_pipe_is_no_traceback() -> None:
    command = f"{sys.executable} -m treadctl profile list | true"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert result.stderr == ""


# --- profiles ------------------------------------------------------------------------------------------------------


def test_a_shipped_profile_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, "profile", "check", "first-steps")
    assert (code, err) == (0, "")
    assert out.startswith("first-steps: right. level 0 (first)")


def test_one_wrong_profile_does_not_hide_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("treadctl: 1\nname: X\nsegments:\n  - {walk: backward, for: 1min, speed: 20 km/h}\n")
    code, out, _ = said(capsys, "profile", "check", str(wrong), "demo")
    assert code == 3
    assert f"{wrong}:4:" in out
    assert "demo: right" in out


def test_a_profile_check_in_json_is_one_object_with_a_schema(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "profile", "check", "--json", "demo", "nosuch")
    told = json.loads(out)
    assert (code, told["schema"], told["ok"]) == (3, "treadctl.profile-check/1", False)
    assert [one["ok"] for one in told["profiles"]] == [True, False]


def test_every_shipped_profile_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "profile", "list")
    assert code == 0
    assert {path.stem for path in (ROOT / "profiles").glob("*.yaml")} <= set(out.split())


def test_show_writes_out_the_turn_arounds(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "profile", "show", "demo")
    assert out.count("turn round, face away") == 1
    assert out.count("turn round, face the console") == 1


@pytest.mark.parametrize("words", [["run"], ["dry-run"], ["profile", "show"]])
def test_a_missing_profile_is_exit_3_and_nothing_starts(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, *words, "first-stps")
    assert (code, out) == (3, "")
    assert "did you mean first-steps" in err


# --- dry run -------------------------------------------------------------------------------------------------------


def test_a_dry_run_tells_what_is_said_and_ends_with_a_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, "dry-run", "demo")
    assert (code, err) == (0, "")
    assert "Next: turn round." in out
    assert out.splitlines()[-1].startswith("passed: ")


def test_a_dry_run_in_json_is_one_object_and_the_same_every_time(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (said(capsys, "dry-run", "demo", "--json")[1] for _ in range(2))
    told = json.loads(first)
    assert (told["schema"], told["ok"]) == ("treadctl.dry-run/1", True)
    assert first == second


def test_a_dry_run_that_ends_badly_fails_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "dry-run", "demo", "--quirk", "mph-target")
    assert code == 5
    assert out.splitlines()[-1].startswith("FAILED: ")


def test_a_machine_that_cannot_walk_it_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, "dry-run", "demo", "--quirk", "half-steps")
    assert (code, out) == (6, "")
    assert "walks 1.0 km/h backward; the limit is 0.5" in err


def test_a_machine_that_commissioning_cannot_learn_is_refused_with_what_is_known_of_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = said(capsys, "dry-run", "demo", "--quirk", "jftm-t202")
    assert (code, out) == (6, "") and "units read off the console. It reads speeds as miles an hour" in err


def test_a_profile_above_its_own_level_is_exit_3_and_not_walked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("treadctl: 1\nname: X\nsegments:\n  - {walk: backward, for: 1min, speed: 3 km/h}\n")
    code, out, err = said(capsys, "dry-run", str(wrong))
    assert (code, out) == (3, "")
    assert err.startswith(f"{wrong}:4:")


def test_the_picture_of_a_dry_run_is_an_svg_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "walk.svg"
    assert said(capsys, "dry-run", "demo", "--svg", str(place))[0] == 0
    assert place.read_text(encoding="utf-8").startswith("<svg ")


def test_a_dry_run_as_a_whole_process_takes_less_than_ten_seconds() -> None:
    """The budget is 1 s and is measured by a benchmark; this only notices that something went badly wrong."""
    command = [sys.executable, "-m", "treadctl", "dry-run", "first-steps"]
    assert subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0


# --- packaging -----------------------------------------------------------------------------------------------------


def test_the_command_and_the_groups_are_what_pyproject_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"]["treadctl"] == "treadctl.cli:main"
    assert set(project["entry-points"]) == {"treadctl.backends", "treadctl.worlds", "treadctl.walkers"}
