"""The verdict on a run in the virtual machine must not be kinder than what happened; on events written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bluez.serving import Event
from tests.vm import __main__ as command
from tests.vm import machine, verdict
from tests.vm.building import Guest
from tests.vm.verdict import Row

WALK: list[Event] = [
    {"at": 0, "is": "write", "data": "00"}, {"at": 10, "is": "write", "data": "07"},
    {"at": 5000, "is": "belt", "speed": 80, "goal": 80}, {"at": 9000, "is": "write", "data": "0801"},
    {"at": 12_000, "is": "belt", "speed": 0, "goal": 0},
]


def test_a_walk_with_a_stop_for_every_start_is_right() -> None:
    assert verdict.walked(WALK, starts=1) == []


@pytest.mark.parametrize(
    ("events", "starts", "wrong"),
    [
        (WALK, 2, "1 starts were written instead of 2"),
        ([e for e in WALK if e.get("data") != "0801"], 1, "a walk was not ended by a stop"),
        ([e for e in WALK if e.get("speed") != 80], 1, "the belt did not truly move"),
        (WALK[:-1], 1, "the belt moves"),
    ],
)
def test_what_is_wrong_with_a_walk_is_said(events: list[Event], starts: int, wrong: str) -> None:
    assert wrong in verdict.walked(events, starts)


def test_a_stop_counts_only_after_the_deed() -> None:
    assert verdict.stopped(WALK, since=8000) == []
    assert verdict.stopped(WALK, since=9001) == ["no stop reached the machine"]


def test_nothing_but_a_stop_may_be_written_after_the_deed() -> None:
    assert verdict.stopped(WALK, since=5) == ["more than a stop reached the machine: 07"]


def test_a_belt_that_never_spoke_does_not_count_as_still() -> None:
    assert verdict.stood_at([]) is None
    assert "the belt moves" in verdict.stopped([{"at": 1, "is": "write", "data": "0801"}], since=0)


def test_figures_are_taken_from_trace_and_session_by_one_clock() -> None:
    trace: list[Row] = [
        {"is": "Context"},
        {"now": 100, "input": {"is": "Asked", "intent": {"is": "Connect"}}},
        {"now": 400, "input": {"is": "LinkUp"}},
        {"now": 1000, "input": {"is": "Asked", "intent": {"is": "Load"}}},
        {"now": 3025, "input": {"is": "Notified", "source": "2ad9"}},
    ]
    session: list[Row] = [{"is": "Opened"}, *({"is": "EventEntry", "kind": "write", "at": at} for at in (500, 2000))]
    assert verdict.figures(trace, session) == verdict.Figures(300, (25,))
    with pytest.raises(ValueError, match="does not hold it"):
        verdict.figures([], session)


@pytest.mark.parametrize(
    "line",
    ["[1.0] BUG: kernel NULL pointer dereference", "[1.0] kernel BUG at lib/list_debug.c:51!", "[1.0] Oops: 0002",
     "[1.0] WARNING: CPU: 1 PID: 7 at net/bluetooth/hci_core.c", "[1.0] Kernel panic - not syncing: Fatal exception",
     "[1.0] list_del corruption, 00->next is LIST_POISON1", "[1.0] watchdog: BUG: soft lockup - CPU#0 stuck"],
)
def test_a_kernel_that_met_a_bug_fails_the_run(line: str) -> None:
    assert machine.troubles(["[0.9] Bluetooth: Core ver 2.22", line]) == (line,)
    assert "met a bug" in machine.Outcome(0, (line,), 10.0).wrong


def test_ordinary_words_of_a_kernel_are_no_trouble() -> None:
    said = ["RAS: Correctable Errors collector initialized.", "acpi: fail to add MMCONFIG information", "debug: on"]
    assert machine.troubles(said) == ()


@pytest.mark.parametrize(
    ("outcome", "wrong"),
    [
        (machine.Outcome(0, (), 10.0), ""),
        (machine.Outcome(5, (), 10.0), "the check failed"),
        (machine.Outcome(None, (), 10.0), "the guest ended before its check did"),
        (machine.Outcome(None, (), 10.0, late=True), "the time was over before the check was"),
    ],
)
def test_only_checks_that_came_to_their_end_and_passed_count(outcome: machine.Outcome, wrong: str) -> None:
    assert outcome.wrong == wrong


def test_the_emulator_is_never_told_to_use_the_processors_own_virtualisation() -> None:
    for real_time in (False, True):
        words = machine.command(Guest(Path("k"), Path("i"), {}), Path("out"), "vm/guest/walk", real_time)
        assert words[words.index("-accel") + 1].startswith("tcg,")
        assert not any("kvm" in word for word in words)
        assert "CHECK=vm/guest/walk" in words[words.index("-append") + 1].split()
        assert words[words.index("-nic") + 1] == "none"


def test_a_name_that_no_check_has_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["run.py vm", "--only", "no-such-check"])
    assert command.main() == machine.FAILED


def test_every_check_of_the_folder_is_run() -> None:
    assert [Path(check).name for check in command.found()] == ["faces", "losses", "walk"]


def test_a_host_without_the_emulator_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "/nowhere")
        assert "apt install apt dpkg qemu-system-x86 tar zstd" in command.cannot_run()
        patch.setattr("platform.machine", lambda: "aarch64")
        assert "needs Linux on x86-64" in command.cannot_run()
