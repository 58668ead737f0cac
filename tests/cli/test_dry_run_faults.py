"""`treadctl dry-run --fault`: how the process ends when a fault ended the walk, and what is said to a wrong fault."""

from __future__ import annotations

import json

import pytest

from treadctl.cli import main


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    "spec",
    ["link.drop(at=75s,for=2s)", "link.drop(at=75s)", "telemetry.off(at=75s)", "disk.locked", "machine.bad_range"],
)
def test_a_walk_that_a_fault_ended_or_forbade_is_exit_5_although_it_was_lived_through(
    spec: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(capsys, "dry-run", "demo", "--fault", spec)
    assert code == 5
    assert "the fault was lived through" in out and "BAD" not in out
    assert out.splitlines()[-1].startswith("ended by a fault: ")


@pytest.mark.parametrize("spec", ["telemetry.lossy", "write.twice", "machine.console_stop(at=75s)", "time.wall(at=9s)"])
def test_a_walk_that_was_finished_in_spite_of_a_fault_is_exit_0(
    spec: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(capsys, "dry-run", "demo", "--fault", spec)
    assert code == 0
    assert out.splitlines()[-1].startswith("passed: ")


def test_json_tells_the_verdict_and_the_end_apart(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "dry-run", "demo", "--json", "--fault", "link.drop(at=75s,for=2s)")
    told = json.loads(out)
    assert (code, told["ok"], told["ended_by_fault"]) == (5, True, True)


def test_a_failed_verdict_is_exit_5_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "dry-run", "demo", "--quirk", "mph-target")
    assert code == 5 and out.splitlines()[-1].startswith("FAILED: ")


@pytest.mark.parametrize("spec", ["link.dorp", "link.drop(at=5)", "machine.jump(by=x)", "\x1b[2J", "", "help"])
def test_a_wrong_fault_is_one_sentence_the_whole_list_and_exit_2(
    spec: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(capsys, "dry-run", "demo", "--fault", spec)
    sentence, *listed = err.splitlines()
    assert (code, out) == (2, "") and sentence.startswith(("There is no fault", "The fault"))
    assert any("link.drop(at=0s, for=…)" in line for line in listed) and len(listed) > 75
    assert "\x1b" not in err and "Traceback" not in err
