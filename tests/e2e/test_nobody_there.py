"""Is anybody at the keys: terminals that freeze, are detached or lose the focus; screens that are halted or ended.

The real terminal app with its guardian and the simulated belt. A frozen connection is a terminal that is read no more.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.terminal import HOLDABLE, TerminalWalk
from tests.e2e.walking import alive, stopped
from treadctl.model.api import ATTENDANCE_LIMIT, Phase

CI_S = 1.5
"""What a shared machine with busy cores may add."""
QUERY, ANSWER = b"\x1b[5n", b"\x1b[0n"
EASED = (Phase.EASING, Phase.STOPPING, Phase.HALTED)


class AnsweringWalk(TerminalWalk):
    """At a terminal that answers the query, until the test says otherwise."""

    answering = True
    asked = 0

    def _drain(self) -> None:
        before = len(self.shown)
        super()._drain()
        new = self.shown[max(0, before - len(QUERY) + 1):].count(QUERY)
        self.asked += new
        if self.answering and new:
            os.write(self.master, ANSWER * new)


@asynccontextmanager
async def a_terminal(home: Path, rate: int = 10) -> AsyncIterator[AnsweringWalk]:
    walk = AnsweringWalk(home / "terminal", rate=rate)
    try:
        await walk.open()
        yield walk
    finally:
        await walk.end()


async def test_answers_of_a_terminal_disturb_neither_a_confirm_nor_a_walk(own_folders: Path) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("walking backward")
        before = walk.asked
        assert before >= 2
        with pytest.raises(TimeoutError):
            await walk.until(lambda s: stopped(s) or s.phase in EASED, 1.5)
        assert walk.asked > before


async def test_a_terminal_that_freezes_eases_the_belt_to_a_stop_while_facing_away(own_folders: Path) -> None:
    async with a_terminal(own_folders, rate=5) as walk:
        await walk.walk_until("walking backward", 100)
        walk.answering, begin = False, time.monotonic()
        await walk.until(lambda s: stopped(s) or s.phase in EASED, 12)
        assert 1.5 < time.monotonic() - begin < 2.25 + 3.0 + 1.5 + CI_S
        assert walk.client is not None and walk.client.poll() is None
        await walk.until(lambda s: "Keys go elsewhere" in s.caption, 5)
        await walk.still(30)


async def test_a_window_that_loses_the_focus_eases_the_belt_to_a_stop_while_facing_away(own_folders: Path) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("walking backward")
        walk.type("\x1b[O")
        await walk.until(lambda s: stopped(s) or s.phase in EASED, 5)
        await walk.until(lambda s: "Keys go elsewhere" in s.caption, 5)
        await walk.still(30)


# --- signals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
async def test_a_signal_to_the_screens_stops_the_belt_at_once(own_folders: Path, number: signal.Signals) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("walking")
        assert walk.client is not None
        walk.client.send_signal(number)
        assert await walk.until(stopped, 5) <= 0.25 + CI_S
        await walk.still()
        assert alive(walk.guardian)
        if number is not signal.SIGINT:  # that one stops, as ctrl+c does, and stays
            code = await asyncio.to_thread(walk.client.wait, 10)
            assert code == (130 if number is not signal.SIGHUP else -signal.SIGHUP)
        else:
            assert walk.client.poll() is None


async def test_ctrl_z_is_a_stop_key_and_halting_the_screens_is_refused(own_folders: Path) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("walking")
        assert walk.client is not None
        walk.client.send_signal(signal.SIGTSTP)
        with pytest.raises(TimeoutError):
            await walk.until(stopped, 1.0)
        assert _state_of(walk.client.pid) != "T"
        walk.type("\x1a")
        assert await walk.until(stopped, 5) < 1.0 + CI_S
        assert _state_of(walk.client.pid) != "T"


async def test_screens_that_were_halted_stop_the_belt_and_have_their_keys_when_they_go_on(own_folders: Path) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("walking")
        assert walk.client is not None
        threads = len(os.listdir(f"/proc/{walk.client.pid}/task"))
        walk.client.send_signal(signal.SIGSTOP)
        assert await walk.until(stopped, 10) <= ATTENDANCE_LIMIT / 1000 + 0.25 + CI_S
        await walk.still()
        walk.client.send_signal(signal.SIGCONT)
        await walk.walk_until("walking", 60)  # every key of it arrived, and once
        assert len(os.listdir(f"/proc/{walk.client.pid}/task")) == threads  # nobody else reads keys
        walk.type("x")
        assert await walk.until(stopped, 5) < 1.0 + CI_S


def _state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


# --- a guardian that hangs -----------------------------------------------------------------------------------------


async def test_screens_whose_guardian_hangs_call_for_the_key_and_end_it(own_folders: Path) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("walking")
        walk.shown, begin = b"", time.monotonic()
        os.kill(walk.guardian, signal.SIGSTOP)
        await _until(lambda: b"\a" in walk.shown, 5)
        assert time.monotonic() - begin < 1.0 + 0.5 + CI_S
        await _until(lambda: not alive(walk.guardian), 5)
        try:
            await _until(lambda: b"did not answer and was" in walk.shown, 10)  # the box may break the line here
        except TimeoutError:
            raise AssertionError(walk.shown[-6000:].decode("utf-8", "replace")) from None
        walk.type("q")
        assert walk.client is not None
        assert await asyncio.to_thread(walk.client.wait, 10) == 5


async def _until(true: Any, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  (a terminal sets no event)
            await asyncio.sleep(0.02)


# --- tmux ----------------------------------------------------------------------------------------------------------


class TmuxWalk(AnsweringWalk):
    """The same in a pane of a real tmux of its own, looked at by a client on a terminal that the test plays."""

    def __init__(self, state: Path, config: str, prepared: bool) -> None:
        super().__init__(state, rate=5, prepared=prepared)
        self.socket = state.parent / "tmux"
        settings = state.parent / "tmux.conf"
        settings.write_text(config)
        inner = shlex.join([*self.command[:1], "-c", HOLDABLE, *self.command[3:]])
        self.command = ["tmux", "-S", str(self.socket), "-f", str(settings), "new-session", "-s", "walk", inner]

    def tmux(self, *words: str) -> str:
        command = ["tmux", "-S", str(self.socket), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout

    async def end(self) -> None:
        await super().end()
        command = ["tmux", "-S", str(self.socket), "kill-server"]
        await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=10, check=False)


@asynccontextmanager
async def in_tmux(
    home: Path, monkeypatch: pytest.MonkeyPatch, config: str = "", prepared: bool = True
) -> AsyncIterator[TmuxWalk]:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    walk = TmuxWalk(home / "walk", config, prepared)
    try:
        await walk.open()
        yield walk
    finally:
        await walk.end()


@pytest.mark.needs("tmux")
async def test_a_detached_tmux_eases_the_belt_to_a_stop_while_facing_away(
    own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with in_tmux(own_folders, monkeypatch) as walk:
        await walk.walk_until("walking backward", 100)
        walk.tmux("detach-client", "-s", "walk")
        begin = time.monotonic()
        await walk.until(lambda s: stopped(s) or s.phase in EASED, 10)
        assert time.monotonic() - begin < 1.0 + 3.0 + 0.5 + CI_S
        await walk.until(lambda s: "Keys go elsewhere" in s.caption, 5)
        await walk.still(30)


@pytest.mark.needs("tmux")
async def test_another_window_of_tmux_has_the_keys(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with in_tmux(own_folders, monkeypatch) as walk:
        await walk.walk_until("walking forward", 60)
        await asyncio.sleep(1.5)
        walk.shown = b""
        walk.tmux("split-window", "-t", "walk", "sleep 60")
        await _until(lambda: b"tmux pane" in walk.shown, 5)
        walk.tmux("last-pane", "-t", "walk")
        walk.tmux("copy-mode", "-t", "walk")
        await asyncio.sleep(1.5)
        walk.tmux("send-keys", "-t", "walk", "-X", "cancel")
        walk.type("x")
        assert await walk.until(stopped, 5) < 1.0 + CI_S


@pytest.mark.needs("tmux")
@pytest.mark.parametrize(("config", "told"), [("", True), ("set -g focus-events on\n", False)])
async def test_tmux_that_hides_the_focus_is_told_before_the_walk(
    own_folders: Path, monkeypatch: pytest.MonkeyPatch, config: str, told: bool
) -> None:
    async with in_tmux(own_folders, monkeypatch, config, prepared=False) as walk:
        await walk.until(lambda s: s.phase is Phase.CHECKING and s.question is not None, 30)
        await asyncio.sleep(2.5)
        assert (b"tmux hides" in walk.shown) is told
