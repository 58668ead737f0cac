"""`treadctl scan`: what it says of machines, and of every reason why there are none."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bluez.serving import served
from tests.cli.processes import ended_guardians, treadctl
from tests.cli.records import CELLAR, remember
from treadctl.clients.found import sightings, signal_word
from treadctl.model.api import Found

NO_BUS = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"}


def test_the_simulated_treadmill_is_found_at_once_and_in_the_table() -> None:
    done = treadctl("scan", "--sim", "--seconds", "1")
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[1].startswith("  F0:") and "-60 dBm strong" in lines[1]
    assert lines[4].split() == ["address", "name", "signal", "what", "it", "is", "yours"]
    assert "treadmill" in lines[5] and "Sim strap" in lines[6] and lines[6].endswith("heart-rate strap")


def test_a_scan_in_json_is_one_object_with_a_schema() -> None:
    told = json.loads(treadctl("scan", "--sim", "--seconds", "1", "--json").stdout)
    assert (told["schema"], told["ok"], told["problem"], told["connected"]) == ("treadctl.scan/1", True, "", None)
    assert (told["machines"][0]["signal"], told["machines"][0]["remembered"]) == ("strong", None)
    assert [one["kind"] for one in told["machines"]] == ["treadmill"]
    assert [one["name"] for one in told["straps"]] == ["Sim strap"]


def test_without_a_message_bus_it_says_what_to_install() -> None:
    with ended_guardians():
        done = treadctl("scan", "--seconds", "1", **NO_BUS)
        assert (done.returncode, len(done.stderr.splitlines())) == (4, 1)
        assert "apt install dbus bluez" in done.stderr and "--sim" in done.stderr


def test_a_failure_in_json_is_an_object_too() -> None:
    with ended_guardians():
        done = treadctl("scan", "--seconds", "1", "--json", **NO_BUS)
        told = json.loads(done.stdout)
        assert (done.returncode, told["ok"], told["machines"]) == (4, False, [])
        assert told["problem"] and told["problem"] in done.stderr


@pytest.mark.needs("dbus-daemon")
async def test_over_bluez_yours_is_named_and_nothing_and_a_dark_adapter_are_told_apart() -> None:
    with served("--seed", "31") as treadmill, ended_guardians():
        bus = {"DBUS_SYSTEM_BUS_ADDRESS": treadmill.bus}
        remember(replace(CELLAR, address=treadmill.address))
        done = await asyncio.to_thread(treadctl, "scan", "--seconds", "1", **bus)
        assert done.returncode == 0 and done.stdout.splitlines()[-2].endswith("Cellar")
        await treadmill.do("hide")
        done = await asyncio.to_thread(treadctl, "scan", "--seconds", "1", **bus)
        assert done.returncode == 4 and "to one app only" in done.stderr
        await treadmill.do("power-off")
        done = await asyncio.to_thread(treadctl, "scan", "--seconds", "1", **bus)
        assert done.returncode == 4 and "bluetoothctl power on" in done.stderr
        assert treadmill.writes() == [] and not treadmill.connected


@pytest.mark.needs("dbus-daemon")
async def test_a_treadmill_that_treadctl_holds_itself_is_not_called_missing(tmp_path: Path) -> None:
    with served("--seed", "32") as treadmill, ended_guardians():
        bus = {"DBUS_SYSTEM_BUS_ADDRESS": treadmill.bus}
        words = ("capture", "--machine", treadmill.address, "--seconds", "4", "-o", str(tmp_path / "x.json"))
        await asyncio.to_thread(treadctl, *words, **bus)
        done = await asyncio.to_thread(treadctl, "scan", "--seconds", "1", **bus)
        assert (done.returncode, "treadctl is connected to" in done.stdout) == (0, True)


@pytest.mark.needs("dbus-daemon")
async def test_a_link_to_a_belt_that_moves_is_not_disturbed(tmp_path: Path) -> None:
    with served("--seed", "33") as treadmill, ended_guardians():
        bus = {"DBUS_SYSTEM_BUS_ADDRESS": treadmill.bus}
        words = ("capture", "--machine", treadmill.address, "--seconds", "6", "-o", str(tmp_path / "x.json"))
        capturing = asyncio.create_task(asyncio.to_thread(treadctl, *words, **bus))
        await treadmill.until(lambda: treadmill.connected, 20)
        await treadmill.do("console-start")
        await treadmill.until(lambda: treadmill.speed > 0, 10)
        done = await asyncio.to_thread(treadctl, "scan", "--seconds", "1", **bus)
        assert (done.returncode, "a belt may move" in done.stderr) == (6, True)
        await capturing


@pytest.mark.parametrize(("words", "wanted"), [(["--seconds", "0"], "1 to 60"), (["--seconds", "61"], "1 to 60")])
def test_a_scan_has_a_length_that_makes_sense(words: list[str], wanted: str) -> None:
    done = treadctl("scan", *words)
    assert (done.returncode, wanted in done.stderr) == (2, True)


def test_yours_come_first_then_what_is_surely_a_treadmill_then_the_strongest() -> None:
    found = [
        Found("1", "bike", -40, treadmill=False), Found("2", "maybe", -50), Found("3", "far", -90, treadmill=True),
        Found("4", "near", -60, treadmill=True), Found("5", "by name", -30, fitness=False),
        Found("6", "mine", -95, treadmill=None),
    ]
    shown = sightings(found, [replace(CELLAR, address="6")])
    assert [one.name for one in shown] == ["mine", "near", "far", "maybe", "by name", "bike"]
    assert [one.kind for one in shown] == [
        "fitness machine", "treadmill", "treadmill", "fitness machine", "name says so, not sure",
        "no treadmill",
    ]
    assert shown[0].yours == "Cellar"


def test_signal_strength_has_a_word() -> None:
    assert [signal_word(rssi) for rssi in (-40, -65, -66, -80, -81, None)] == [
        "strong", "strong", "fair", "fair", "weak", "unknown",
    ]


def test_a_name_from_the_air_is_shown_escaped() -> None:
    [one] = sightings([Found("AA", "x\x1b[2J\u202ey")], ())
    assert one.name == "x\\x1b[2J\\u202ey"
