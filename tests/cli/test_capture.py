"""`treadctl capture`: where the recording goes, what is said of it, and that nothing is written to the machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.bluez.serving import served
from tests.cli.processes import ended_guardians, treadctl
from treadctl.files.captures import load_capture


def test_a_recording_goes_where_it_is_told_to_and_says_what_was_taken_out(tmp_path: Path) -> None:
    place = tmp_path / "mine.json"
    done = treadctl("capture", "--sim", "--seconds", "2", "-o", str(place))
    capture = load_capture(place)
    assert (done.returncode, done.stderr, capture.simulated, capture.complete) == (0, "", True, True)
    lines = done.stdout.splitlines()
    assert "at the console" in lines[1] and "writes nothing" in lines[1]
    assert lines[-1].endswith(f"It is in {place}.") and ("Taken out" in lines[-1] or "Nothing in it" in lines[-1])


def test_nothing_is_ever_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    root = Path(__file__).resolve().parents[2]
    for _ in range(2):
        assert treadctl("capture", "--sim", "--seconds", "1", PYTHONPATH=f"{root}:{root}/sim").returncode == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 2 and names[0].startswith("treadctl-capture-") and names[0].endswith("-2.json")
    done = treadctl("capture", "--sim", "--seconds", "1", "-o", names[0], PYTHONPATH=f"{root}:{root}/sim")
    assert (done.returncode, "is there already" in done.stderr, done.stdout) == (2, True, "")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--seconds", "0"], "1 to 600"), (["--seconds", "601"], "1 to 600"),
        (["-o", "no/such/folder/x.json"], "There is no folder"), (["--quirk", "reference"], "add --sim"),
        (["--sim", "--machine", "AA:BB:CC:DD:EE:FF"], "leave one out"),
    ],
)
def test_wrong_words_are_answered_before_anything_is_connected(words: list[str], wanted: str) -> None:
    done = treadctl("capture", *words)
    assert (done.returncode, wanted in done.stderr, done.stdout) == (2, True, "")


def test_no_machine_is_one_sentence_and_exit_4(tmp_path: Path) -> None:
    with ended_guardians():
        bus = "unix:path=/nonexistent/bus"
        done = treadctl("capture", "--seconds", "1", "-o", str(tmp_path / "x"), DBUS_SYSTEM_BUS_ADDRESS=bus)
        assert (done.returncode, len(done.stderr.splitlines()), list(tmp_path.iterdir())) == (4, 1, [])


@pytest.mark.needs("dbus-daemon")
async def test_the_belt_may_be_driven_at_the_console_and_nothing_is_written(tmp_path: Path) -> None:
    with served("--seed", "41") as treadmill, ended_guardians():
        place, bus = tmp_path / "x.json", {"DBUS_SYSTEM_BUS_ADDRESS": treadmill.bus}
        words = ("capture", "--machine", treadmill.address, "--seconds", "8", "-o", str(place))
        capturing = asyncio.create_task(asyncio.to_thread(treadctl, *words, **bus))
        await treadmill.until(lambda: treadmill.connected, 20)
        await asyncio.sleep(1)
        await treadmill.do("console-start")
        await treadmill.until(lambda: treadmill.speed > 0, 10)
        await treadmill.do("console-stop")
        done = await capturing
        assert (done.returncode, treadmill.writes()) == (0, [])
        assert treadmill.address.lower().replace(":", "") not in place.read_text().lower()
        assert "5 of 8 s" in done.stdout


@pytest.mark.needs("dbus-daemon")
async def test_what_had_come_before_the_link_was_lost_is_kept_and_said_not_to_be_whole(tmp_path: Path) -> None:
    with served("--seed", "42") as treadmill, ended_guardians():
        place, bus = tmp_path / "x.json", {"DBUS_SYSTEM_BUS_ADDRESS": treadmill.bus}
        words = ("capture", "--machine", treadmill.address, "--seconds", "20", "-o", str(place))
        capturing = asyncio.create_task(asyncio.to_thread(treadctl, *words, **bus))
        await treadmill.until(lambda: treadmill.connected, 20)
        await asyncio.sleep(4)
        await treadmill.do("hide", "drop")
        done = await capturing
        assert (done.returncode, load_capture(place).complete) == (0, False)
        assert "It is not whole" in done.stdout and treadmill.writes() == []
