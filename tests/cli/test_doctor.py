"""`treadctl doctor`: every line says what is so and what to do, and the exit code tells a script what it means."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Variant
from treadsim.bluez_bus import PrivateBus

from tests.bluez.serving import served
from tests.cli.processes import ended_guardians, treadctl
from tests.guardian.logind import Logind
from tests.guardian.radio import eventually
from tests.guardian.test_voice import write_sound
from treadctl.clients import doctor
from treadctl.clients.doctor import colours, exit_code, size_finding
from treadctl.clients.hear import judge, say_digit
from treadctl.guardian import checkup
from treadctl.guardian.checkup import Adapter, adapters, no_bluez, no_bus, read_adapters, voice
from treadctl.model.checkup import Finding, Level
from treadctl.paths import real_paths

NO_BUS = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"}
ON, OFF = Adapter("hci0", "laptop", True, False), Adapter("hci1", "", False, False)
BLOCKED = Adapter("hci2", "", False, True)


def told(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """What was found, by what it is about."""
    return {finding["about"]: finding for finding in json.loads(done.stdout)["findings"]}


# --- the whole command ---------------------------------------------------------------------------------------------


def test_without_a_message_bus_no_treadmill_can_be_reached() -> None:
    done = treadctl("doctor", "--json", **NO_BUS)
    assert done.returncode == json.loads(done.stdout)["exit_code"] == 4
    assert told(done)["message bus"]["level"] == "problem" and "apt install dbus" in told(done)["message bus"]["todo"]
    assert json.loads(done.stdout)["schema"] == "treadctl.doctor/1"


def test_without_a_message_bus_nothing_keeps_the_computer_awake_either() -> None:
    awake = told(treadctl("doctor", "--json", **NO_BUS))["awake"]
    assert (awake["level"], "may fall asleep" in awake["text"]) == ("warning", True)
    assert "switch off automatic sleep" in awake["todo"]


def test_in_words_every_problem_has_its_remedy_below() -> None:
    done = treadctl("doctor", **NO_BUS)
    lines = done.stdout.splitlines()
    for n, line in enumerate(lines):
        if line.startswith(("PROBLEM", "warning")):
            assert lines[n + 1].strip().startswith("do: ")
    assert (done.stderr, "treadctl demo" in lines[-1]) == ("", True)


@pytest.mark.needs("dbus-daemon")
async def test_over_bluez_an_adapter_that_is_on_off_or_not_the_named_one() -> None:
    with served("--seed", "51") as treadmill:
        bus = {"DBUS_SYSTEM_BUS_ADDRESS": treadmill.bus}
        found = told(await asyncio.to_thread(treadctl, "doctor", "--json", **bus))
        assert [found[about]["level"] for about in ("message bus", "bluez", "permission", "adapter")] == ["ok"] * 4
        assert "hci0" in found["adapter"]["text"] and found["awake"]["level"] == "warning"
        await treadmill.do("power-off")
        done = await asyncio.to_thread(treadctl, "doctor", "--json", **bus)
        assert (done.returncode, told(done)["adapter"]["todo"]) == (4, "bluetoothctl power on")
        done = await asyncio.to_thread(treadctl, "doctor", "--json", **bus, TREADCTL_ADAPTER="hci7")
        assert (done.returncode, "there is hci0" in told(done)["adapter"]["text"]) == (4, True)
        assert "hci7 (TREADCTL_ADAPTER)" in told(done)["settings"]["text"]
        assert not treadmill.connected and treadmill.writes() == []


@pytest.mark.needs("dbus-daemon")
async def test_a_bus_without_bluez_says_so_and_no_scan_or_link_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with PrivateBus() as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        found = {finding.about: finding for finding in await checkup._look("")}
    assert found["message bus"].level is Level.OK and found["bluez"].level is Level.PROBLEM
    assert "adapter" not in found


@pytest.mark.needs("dbus-daemon")
async def test_both_inhibitors_are_tried_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with PrivateBus() as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        logind = Logind(bus.address)
        await logind.open()
        found = {finding.about: finding for finding in await checkup._look("")}
        assert (found["awake"].level, len(logind.given)) == (Level.OK, 2)
        await eventually(lambda: not logind.held)
        logind.denied.add("block")
        refused = {finding.about: finding for finding in await checkup._look("")}["awake"]
        assert (refused.level, "says no" in refused.text) == (Level.WARNING, True)
        logind.close()


def test_the_check_writes_nothing_and_loads_no_bluetooth() -> None:
    code = "import sys\nfrom treadctl.guardian.checkup import run_check\nrun_check('')\nprint('bleak' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **NO_BUS}
    )
    assert done.stdout.splitlines()[-1] == "False"
    subprocess.run([sys.executable, "-m", "treadctl.guardian", "--check"], check=True, env={**os.environ, **NO_BUS},
                   stdout=subprocess.DEVNULL)
    assert not real_paths().state.exists()


def test_a_guardian_without_a_link_is_fine_and_one_that_hangs_is_a_problem() -> None:
    with ended_guardians():
        treadctl("scan", "--seconds", "1", **NO_BUS)
        assert told(treadctl("doctor", "--json", **NO_BUS))["guardian"]["level"] == "ok"
        [guardian] = json.loads(treadctl("status", "--json").stdout)["guardians"]
        os.kill(guardian["pid"], signal.SIGSTOP)
        try:
            found = told(treadctl("doctor", "--json", **NO_BUS))["guardian"]
        finally:
            os.kill(guardian["pid"], signal.SIGCONT)
        assert (found["level"], "treadctl stop" in found["todo"]) == ("problem", True)


def test_settings_that_cannot_be_read_are_a_problem_with_its_line(tmp_path: Path) -> None:
    place = real_paths().config
    place.mkdir(parents=True)
    (place / "config.toml").write_text('adaptor = "hci1"\n')
    found = told(treadctl("doctor", "--json", **NO_BUS))["settings"]
    assert found["level"] == "problem" and "did you mean" in found["text"]


def test_a_voice_that_is_switched_off_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(treadctl("doctor", "--json", **NO_BUS, TREADCTL_VOICE="off"))["voice"]
    assert (found["level"], "switched off" in found["text"]) == ("warning", True)


# --- what is said of what is found ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "wanted", "level", "words", "todo"),
    [
        ([], "", Level.PROBLEM, "no Bluetooth adapter", "--sim"),
        ([ON], "", Level.OK, "hci0 (laptop) is switched on and used", ""),
        ([OFF], "", Level.PROBLEM, "hci1 is switched off", "bluetoothctl power on"),
        ([BLOCKED], "", Level.PROBLEM, "blocked", "rfkill unblock bluetooth"),
        ([ON, OFF], "", Level.OK, "hci0 (laptop), of hci0 and hci1, is switched on", ""),
        ([ON, Adapter("hci1", "", True, False)], "", Level.WARNING, "any of them", 'adapter = "hci0"'),
        ([ON, Adapter("hci1", "", True, False)], "hci1", Level.OK, "hci1, which the settings name, is switched on", ""),
        ([ON, OFF], "hci1", Level.PROBLEM, "hci1, which the settings name, is switched off", "power on"),
        ([ON, OFF], "hci9", Level.PROBLEM, "there is hci0 and hci1", "TREADCTL_ADAPTER"),
    ],
)
def test_adapters_in_words(found: list[Adapter], wanted: str, level: Level, words: str, todo: str) -> None:
    [finding] = adapters(found, wanted)
    assert (finding.level, words in finding.text, todo in finding.todo) == (level, True, True)


def test_adapters_are_read_from_what_bluez_tells_and_hostile_names_are_escaped() -> None:
    state = Variant("s", "off-blocked")
    interface = {"Alias": Variant("s", "x\x1b[2J"), "Powered": Variant("b", False), "PowerState": state}
    objects = {"/org/bluez/hci1": {"org.bluez.Adapter1": interface}, "/org/bluez": {}}
    assert read_adapters(objects) == [Adapter("hci1", "x\\x1b[2J", False, True)]


@pytest.mark.parametrize(
    ("error", "installed", "about", "todo"),
    [
        ("org.freedesktop.DBus.Error.AccessDenied", True, "permission", "usermod -aG bluetooth"),
        ("org.freedesktop.DBus.Error.ServiceUnknown", True, "bluez", "systemctl enable --now bluetooth"),
        ("org.freedesktop.DBus.Error.ServiceUnknown", False, "bluez", "apt install bluez"),
        ("", True, "bluez", "restart bluetooth"),
    ],
)
def test_why_bluez_gives_no_answer(error: str, installed: bool, about: str, todo: str) -> None:
    finding = no_bluez(error, installed)
    assert (finding.about, finding.level, todo in finding.todo) == (about, Level.PROBLEM, True)


def test_a_bus_that_lets_nobody_in_is_a_matter_of_permission() -> None:
    assert no_bus(PermissionError()).about == "permission"
    assert no_bus(FileNotFoundError()).about == "message bus"


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Path]:
    """A path with nothing on it yet."""
    folder = tmp_path / "bin"
    folder.mkdir()
    yield folder


def test_a_voice_needs_both_a_speaker_and_a_player(programs: Path) -> None:
    path = {"PATH": str(programs)}
    assert voice(path).todo == "sudo apt install espeak-ng pulseaudio-utils"
    for name, todo in (("espeak-ng", "sudo apt install pulseaudio-utils"), ("aplay", "")):
        shutil.copy("/bin/true", programs / name)
        assert voice(path).todo == todo
    assert voice(path) == Finding("voice", Level.OK, "espeak-ng speaks through aplay.")


@pytest.mark.parametrize(
    ("columns", "rows", "level"),
    [
        (200, 50, Level.OK), (80, 24, Level.OK), (79, 24, Level.WARNING), (80, 23, Level.WARNING),
        (39, 24, Level.PROBLEM), (80, 11, Level.PROBLEM),
    ],
)
def test_a_terminal_is_large_enough_or_not(columns: int, rows: int, level: Level) -> None:
    assert size_finding(columns, rows).level is level


def test_a_terminal_of_few_colours_is_fine_and_a_dumb_one_is_not() -> None:
    assert colours({"TERM": "linux"}, utf8=True).level is Level.OK
    assert colours({"TERM": "xterm-256color"}, utf8=False).level is Level.WARNING
    assert colours({"TERM": "dumb"}, utf8=True).level is Level.PROBLEM


def test_a_full_disk_is_a_warning_and_a_folder_of_somebody_else_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "LOW_DISK", 10**18)
    assert doctor._folder("records", tmp_path / "not" / "there")[0].level is Level.WARNING
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert doctor._folder("records", tmp_path)[0].level is Level.PROBLEM


def test_only_what_keeps_treadmills_out_of_reach_is_exit_4() -> None:
    off, mute = Finding("adapter", Level.PROBLEM, ""), Finding("voice", Level.PROBLEM, "")
    small = Finding("terminal", Level.WARNING, "")
    assert [exit_code(found) for found in ([], [small], [mute, small], [off, mute])] == [0, 0, 5, 4]


# --- somebody hears it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "right"), [("7", True), (" 7\n", True), ("1", False), ("", False)])
def test_who_typed_the_number_that_was_said_has_heard_it(typed: str, right: bool) -> None:
    found = judge(7, typed)
    level = Level.OK if right else Level.PROBLEM
    assert found.level is level and ("turn up the sound" in found.todo) == (level is Level.PROBLEM)


def test_without_a_terminal_nobody_is_asked_what_was_heard() -> None:
    done = treadctl("doctor", "--hear", "--json", **NO_BUS)
    assert told(done)["sound"]["todo"] == "run it in a terminal"


@pytest.mark.parametrize(("player", "why"), [("sleep 3", ""), ("exit 0", "ended before"), ("exit 1", "failed")])
def test_the_number_is_said_aloud_or_it_is_told_why_not(
    player: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker = 'cat > said; cp sound.wav "$6"'
    for name, text in (("espeak-ng", speaker), ("pw-play", player)):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\ncd {tmp_path}\n{text}\n")
        program.chmod(0o755)
    write_sound(tmp_path / "sound.wav", 1500)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    told = say_digit(7)
    assert (tmp_path / "said").read_text() == "Type this number: seven."
    assert why in told if why else told == ""
