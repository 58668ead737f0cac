"""What is killed, hung or closed must not leave a belt running. Real processes, real signals, real time."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.walking import Walk, a_walk, alive, run, stopped
from treadctl.client import connect, greeting, start_guardian
from treadctl.model.api import ATTENDANCE_LIMIT, SNAPSHOT_EVERY, SNAPSHOT_LOST, Connect, LinkState, Role
from treadctl.paths import real_paths, simulated_paths

SLACK_S = 0.25
"""Budget: handed over within 250 ms of the death, or of the attendance limit."""
CI_S = 1.0
"""What a shared machine with busy cores may add to what this test sees of it."""


async def _walking(walk: Walk) -> None:
    await walk.begin()
    await walk.walking()


async def test_killing_the_client_stops_the_belt_at_once(own_folders: Path) -> None:
    async with a_walk(own_folders) as walk:
        await _walking(walk)
        assert walk.client is not None
        walk.client.kill()
        assert await walk.until(stopped, 5) <= SLACK_S
        await walk.still()


async def test_a_client_that_hangs_stops_the_belt_when_its_attendance_lapses(own_folders: Path) -> None:
    async with a_walk(own_folders) as walk:
        await _walking(walk)
        assert walk.client is not None
        walk.client.send_signal(signal.SIGSTOP)
        took = await walk.until(stopped, 10)
        assert took <= ATTENDANCE_LIMIT / 1000 + SLACK_S
        assert took >= 1.0
        await walk.still()


@pytest.mark.parametrize("told", [True, False], ids=["told by a signal", "as under nohup"])
async def test_closing_the_terminal_stops_the_belt_at_once_and_the_guardian_lives_on(
    own_folders: Path, told: bool
) -> None:
    async with a_walk(own_folders) as walk:
        ours, theirs = pty.openpty()
        await walk.begin(stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=_own_terminal if told else _no_hang_up)
        os.close(theirs)
        reading = asyncio.get_running_loop().run_in_executor(None, _drain, ours)
        await walk.walking()
        os.close(ours)  # what a terminal window does when it is closed: the kernel sends HUP
        assert await walk.until(stopped, 5) <= SLACK_S + 0.25
        await walk.still()
        assert alive(walk.guardian)
        await reading


def _own_terminal() -> None:
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _no_hang_up() -> None:
    os.setsid()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _drain(terminal: int) -> None:
    """Read what is printed, or the writer would wait; a few times a second so that the close is not held up."""
    import select

    try:
        while True:
            if select.select([terminal], [], [], 0.1)[0] and not os.read(terminal, 65536):
                return
    except OSError:
        return


async def test_stop_stops_the_belt_while_the_client_hangs(own_folders: Path) -> None:
    async with a_walk(own_folders) as walk:
        await _walking(walk)
        assert walk.client is not None
        walk.client.send_signal(signal.SIGSTOP)
        begin = time.monotonic()
        ended = await asyncio.to_thread(run, "stop")
        assert ended.returncode == 0 and "Stop asked" in ended.stdout
        await walk.until(stopped, 1)
        assert time.monotonic() - begin < 1.9  # well before the attendance limit would have done it
        await walk.still()


async def test_stop_ends_a_guardian_that_hangs(own_folders: Path) -> None:
    async with a_walk(own_folders) as walk:
        await _walking(walk)
        os.kill(walk.guardian, signal.SIGSTOP)
        begin = time.monotonic()
        ended = await asyncio.to_thread(run, "stop")
        assert "did not answer and was ended" in ended.stdout
        assert time.monotonic() - begin < 2.5
        assert not alive(walk.guardian)


async def test_a_killed_guardian_is_noticed_by_its_client(own_folders: Path) -> None:
    async with a_walk(own_folders) as walk:
        await _walking(walk)
        begin = time.monotonic()
        os.kill(walk.guardian, signal.SIGKILL)
        assert await asyncio.to_thread(_said, walk, "The guardian is gone") - begin < 1.0 + CI_S
        assert "pull the key" in walk.out()
        assert walk.client is not None and walk.client.returncode == 5


async def test_a_guardian_that_hangs_is_noticed_by_its_client_which_ends_it(own_folders: Path) -> None:
    async with a_walk(own_folders) as walk:
        await _walking(walk)
        begin = time.monotonic()
        os.kill(walk.guardian, signal.SIGSTOP)
        took = await asyncio.to_thread(_said, walk, "The guardian hangs") - begin
        assert SNAPSHOT_LOST / 1000 - SNAPSHOT_EVERY / 1000 - 0.1 <= took < 1.2 + CI_S
        assert "did not answer and was ended" in walk.out()
        assert walk.client is not None and walk.client.returncode == 5
        assert not alive(walk.guardian)


def _said(walk: Walk, words: str) -> float:
    """When the client has printed this. Raises AssertionError when it ends without."""
    assert walk.client is not None and walk.client.stdout is not None
    for line in walk.client.stdout:
        if words in line:
            assert "pull the key" in line
            walk.read_already += line
            return time.monotonic()
    raise AssertionError(f"never said: {words}")


async def test_a_client_whose_own_loop_was_held_does_not_take_its_guardian_for_hung(own_folders: Path) -> None:
    paths = simulated_paths()
    guardian = start_guardian(paths, backend="sim")
    client = await connect(paths, greeting(Role.DISPLAY, "watch"))
    until = time.monotonic() + 4
    async for _ in client.messages(watch=True):
        if time.monotonic() > until:
            break
        if client.snapshot is not None and client.snapshot.seq % 5 == 4:
            time.sleep(1.3)  # noqa: ASYNC251  (the loop is to be held)
    assert not client.hung and time.monotonic() > until
    await client.close()
    guardian.terminate()
    assert await asyncio.to_thread(guardian.wait, 20) == 0


async def test_a_terminated_guardian_stops_the_belt_before_it_ends(own_folders: Path) -> None:
    async with a_walk(own_folders) as walk:
        await _walking(walk)
        os.kill(walk.guardian, signal.SIGTERM)
        assert await walk.until(stopped, 5) <= SLACK_S
        walk.out()
        events = [entry for entry in walk.lines("sessions") if entry["is"] == "EventEntry"]
        assert any("0801" in entry["text"] for entry in events)
        assert [entry["speed"] for entry in walk.lines("sessions") if entry["is"] == "SampleEntry"][-1] <= 10
        assert walk.lines("sessions")[-1]["is"] == "Closed"


async def test_an_interrupted_client_stops_the_belt_and_ends_the_session(own_folders: Path) -> None:
    async with a_walk(own_folders) as walk:
        await _walking(walk)
        assert walk.client is not None
        walk.client.send_signal(signal.SIGINT)
        assert await walk.until(stopped, 5) <= SLACK_S
        walk.out()
        assert walk.lines("sessions")[-1]["is"] == "Closed"


async def test_a_guardian_ends_some_time_after_its_last_client(own_folders: Path) -> None:
    paths = simulated_paths()
    guardian = start_guardian(paths, backend="sim", linger=1)
    client = await connect(paths, greeting(Role.DISPLAY, "watch"))
    await asyncio.sleep(1.5)
    assert guardian.poll() is None
    await client.close()
    assert await asyncio.to_thread(guardian.wait, 20) == 0
    assert not paths.socket.exists()


async def test_a_stop_where_no_treadmill_is_connected_is_said_to_have_stopped_nothing(own_folders: Path) -> None:
    paths = simulated_paths()
    guardian = start_guardian(paths, backend="sim")
    client = await connect(paths, greeting(Role.LOCAL, "test"))
    ended = await asyncio.to_thread(run, "stop")
    assert ended.returncode == 0 and "No treadmill is connected there; nothing was stopped." in ended.stdout
    assert (await client.ask(Connect())).accepted
    async with asyncio.timeout(10):
        async for _ in client.messages():
            if client.snapshot is not None and client.snapshot.link is LinkState.UP:
                break
    ended = await asyncio.to_thread(run, "stop")
    assert "Stop asked" in ended.stdout and "nothing was stopped" not in ended.stdout
    await client.close()
    guardian.terminate()
    assert await asyncio.to_thread(guardian.wait, 20) == 0


async def test_a_second_guardian_leaves_the_socket_to_the_first(own_folders: Path) -> None:
    paths = simulated_paths()
    first = start_guardian(paths, backend="sim")
    second = start_guardian(paths, backend="sim")
    assert await asyncio.to_thread(second.wait, 10) == 0
    client = await connect(paths, greeting(Role.DISPLAY, "watch"))
    assert client.welcome is not None and client.welcome.pid == first.pid
    await client.close()
    first.terminate()
    assert await asyncio.to_thread(first.wait, 20) == 0


async def test_without_bluetooth_the_guardian_says_what_to_install(
    own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus")
    paths = real_paths()
    guardian = start_guardian(paths)
    client = await connect(paths, greeting(Role.LOCAL, "test"))
    assert (await client.ask(Connect())).accepted
    async with asyncio.timeout(10):
        async for _ in client.messages():
            seen = client.snapshot
            if seen is not None and seen.link is LinkState.FAILED and "install" in seen.reason + seen.notice:
                break
    await client.close()
    guardian.terminate()
    assert await asyncio.to_thread(guardian.wait, 30) == 0


def test_stop_with_nothing_to_stop_says_so(own_folders: Path) -> None:
    ended = run("stop")
    assert ended.returncode == 0 and ended.stdout.startswith("Nothing to stop")


def test_stop_looks_for_the_machine_of_a_guardian_that_crashed(
    own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus")
    last = real_paths().last_address
    last.parent.mkdir(parents=True, exist_ok=True)
    last.write_text("F0:00:00:00:00:01\n")
    ended = run("stop")
    assert ended.returncode == 4 and "pull the key" in ended.stdout and last.exists()
