"""`treadsim serve --bluez` as a process: what it tells, and that nothing of it is left when it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from treadsim.address import simulated_address

from tests.bluez.serving import Served, served

needs_bus = pytest.mark.needs("dbus-daemon")


def treadsim(*words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": os.environ["PATH"] if path is None else path}
    return subprocess.run(
        [sys.executable, "-m", "treadsim", *words], capture_output=True, text=True, timeout=20, env=environment,
        input="", check=False,
    )


def left_of(treadmill: Served) -> list[str]:
    """Processes that still have this bus, and its folder."""
    folder = Path(treadmill.bus.removeprefix("unix:path=")).parent
    found = [str(folder)] if folder.exists() else []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [process.parent.name] if str(folder).encode() in process.read_bytes() else []
        except OSError:
            continue
    return found


@needs_bus
def test_it_ends_with_its_parents_pipe_and_leaves_nothing() -> None:
    treadmill = Served()
    assert len(left_of(treadmill)) == 2  # the folder and the daemon
    assert treadmill.end() == 0
    assert left_of(treadmill) == []


@needs_bus
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_by_a_signal_and_leaves_nothing(number: signal.Signals) -> None:
    treadmill = Served()
    treadmill.process.send_signal(number)
    assert treadmill.process.wait(5) == 0
    treadmill.end()
    assert left_of(treadmill) == []


@needs_bus
def test_killed_it_takes_its_message_bus_along() -> None:
    treadmill = Served()
    treadmill.process.kill()
    treadmill.process.wait(5)
    until = time.monotonic() + 5
    while len(left := left_of(treadmill)) > 1 and time.monotonic() < until:
        time.sleep(0.02)
    assert [name for name in left if name.isdigit()] == []
    treadmill.end()
    for folder in left:  # what a killed process cannot clear away
        shutil.rmtree(folder)


@needs_bus
async def test_the_true_belt_is_told_whatever_the_link_does() -> None:
    with served("--seed", "7", "--quirk", "minimum-one") as treadmill:
        assert treadmill.address == simulated_address(7)
        await treadmill.do("console-start")
        await treadmill.until(lambda: treadmill.speed >= 20, 8)
        assert not treadmill.connected
        await treadmill.do("key")
        await treadmill.still(3)
        speeds = [event["speed"] for event in treadmill.told("belt")]
        assert max(speeds) >= 20 and speeds[-1] == 0


@needs_bus
async def test_an_unknown_command_is_answered_with_those_there_are() -> None:
    with served() as treadmill:
        assert treadmill.process.stdin is not None
        treadmill.process.stdin.write("explode\nlatency x\n")
        treadmill.process.stdin.flush()
        await treadmill.until(lambda: len(treadmill.told("unknown")) == 2, 3)
        assert "drop" in treadmill.told("unknown")[0]["known"]


def test_without_dbus_daemon_it_says_what_to_install(tmp_path: Path) -> None:
    ended = treadsim("serve", "--bluez", path=str(tmp_path))
    assert ended.returncode == 4 and "apt install dbus-daemon" in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["serve"], "--bluez"),
        (["serve", "--bluez", "--quirk", "referense"], "did you mean reference"),
        (["serve", "--bluez", "--fault", "link.dropp"], "link.drop"),
        (["serve", "--bluez", "--fault", "link.drop(at=5)"], "telemetry.scaled(at=0s, for=…, factor=1.609)"),
        (["serve", "--bluez", "--fault", "help"], "how they are written"),
        (["serve", "--bluez", "--fault", "disk.full"], "dry-run"),
        (["fly"], "treadsim --help"),
    ],
)
def test_wrong_words_are_answered_with_a_sentence(words: list[str], hint: str) -> None:
    ended = treadsim(*words)
    assert ended.returncode == 2 and hint in ended.stderr and ended.stdout == ""
