"""A guardian that hangs, crashes or gets a signal, as a real process: what is in its log, and what it does."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.guardian.radio import eventually
from treadctl.client import connect, greeting
from treadctl.guardian.log import LogFile
from treadctl.model.api import Role
from treadctl.paths import Paths, simulated_paths

HOLDABLE = (
    "import signal, sys, time\n"
    "def far_too_long(*_):\n"
    "    time.sleep(2)\n"
    "signal.signal(signal.SIGUSR1, far_too_long)\n"
    "from treadctl.guardian.process import main\n"
    "sys.exit(main(sys.argv[1:]))\n"
)
"""A guardian whose thread, and so its event loop, sleeps at a signal. The product has no such thing."""


@contextmanager
def a_guardian() -> Iterator[tuple[subprocess.Popen[bytes], Paths]]:
    paths = simulated_paths()
    ready, theirs = os.pipe()
    words = ["--backend", "sim", "--state", str(paths.state), "--socket", str(paths.socket), "--ready", str(theirs)]
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDABLE, *words], pass_fds=(theirs,), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )
    os.close(theirs)
    try:
        assert os.read(ready, 100) == b"ready\n"
        yield process, paths
    finally:
        os.close(ready)
        process.kill()
        process.wait()


async def test_a_hung_guardian_writes_where_it_hangs_into_its_log_and_says_how_late_it_was() -> None:
    with a_guardian() as (process, paths):
        client = await connect(paths, greeting(Role.DISPLAY, "watch"))
        await asyncio.sleep(0.5)
        assert "far_too_long" not in paths.log.read_text()
        process.send_signal(signal.SIGUSR1)
        await eventually(lambda: "far_too_long" in paths.log.read_text(), 1.8)  # while it hangs
        assert "Timeout" in paths.log.read_text() and "ms late" not in paths.log.read_text()
        await eventually(lambda: "ms late" in paths.log.read_text(), 5)
        await client.close()


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
async def test_a_crashing_guardian_writes_where_it_was_into_its_log(number: signal.Signals) -> None:
    with a_guardian() as (process, paths):
        await asyncio.sleep(1.0)  # a thread that is still importing can make the dump itself crash half-way
        process.send_signal(number)
        assert await asyncio.to_thread(process.wait, 10) == -number
        said = paths.log.read_text()
        assert "Fatal Python error" in said and "process.py" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
async def test_a_guardian_that_is_asked_to_end_ends_properly(number: signal.Signals) -> None:
    with a_guardian() as (process, paths):
        process.send_signal(number)
        assert await asyncio.to_thread(process.wait, 10) == 0
        assert f"asked to end: {number.name}" in paths.log.read_text()
        assert not paths.socket.exists()


async def test_a_guardian_does_not_care_for_terminals_and_pipes() -> None:
    with a_guardian() as (process, paths):
        client = await connect(paths, greeting(Role.DISPLAY, "watch"))
        for number in (signal.SIGHUP, signal.SIGPIPE, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
            process.send_signal(number)
        await asyncio.sleep(0.2)
        seen = client.snapshot.seq if client.snapshot is not None else -1
        await eventually(lambda: client.snapshot is not None and client.snapshot.seq > seen, 3)
        assert process.poll() is None
        await client.close()


def test_the_log_is_private_and_stays_armed_when_it_rotates(tmp_path: Path) -> None:
    code = (
        "import faulthandler, logging, sys, pathlib\n"
        "from treadctl.guardian import log\n"
        "log.LOG_OCTETS = 2000\n"
        "handler = log.log_to(pathlib.Path(sys.argv[1]))\n"
        "for n in range(100): logging.getLogger('x').warning('line %d', n)\n"
        "handler.alive()\n"
        "import os, signal; os.kill(os.getpid(), signal.SIGABRT)\n"
    )
    path = tmp_path / "guardian.log"
    ended = subprocess.run([sys.executable, "-c", code, str(path)], check=False, capture_output=True)
    assert ended.returncode == -signal.SIGABRT and ended.stderr == b""
    assert (tmp_path / "guardian.log.1").exists()
    assert "Fatal Python error" in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_a_closed_log_is_disarmed(tmp_path: Path) -> None:
    import faulthandler

    log = LogFile(tmp_path / "x.log")
    log.emit(logging.LogRecord("x", logging.INFO, "", 0, "word", None, None))
    log.alive()
    log.close()
    assert not faulthandler.is_enabled()
    faulthandler.enable()
