"""The real terminal app on a real terminal, with its guardian and the simulated belt: a robot types, the belt obeys."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.e2e.terminal import TerminalWalk
from tests.e2e.walking import alive, stopped
from tests.guardian.radio import eventually
from treadctl.files import answers
from treadctl.files.answers import load_answers
from treadctl.model.api import ATTENDANCE_LIMIT, Belt, Phase, Snapshot

SLACK_S = 0.25
"""Budget: handed over within 250 ms of a death, or of the attendance limit."""
CI_S = 0.5
"""What a shared machine with two busy cores may add to what this test sees of it."""

STARTED = (Phase.COUNTDOWN, Phase.STARTING, Phase.HOLDING)


@asynccontextmanager
async def a_terminal(home: Path, *, told: bool = True, **how: int) -> AsyncIterator[TerminalWalk]:
    walk = TerminalWalk(home / "terminal")
    walk.told_of_hang_up = told
    try:
        await walk.open(**how)
        yield walk
    finally:
        await walk.end()


def halted(snapshot: Snapshot) -> bool:
    return snapshot.phase is Phase.HALTED and snapshot.belt is Belt.STILL


async def test_space_in_the_middle_of_a_backward_bout_stops_the_belt(own_folders: Path) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("walking backward")
        walk.type(" ")
        assert await walk.until(stopped, 5) < 1.0
        await walk.until(halted, 15)
        assert walk.display is not None and walk.display.snapshot is not None
        assert walk.display.snapshot.facing is None
        assert walk.display.snapshot.reason == "You pressed stop."


async def test_the_stop_key_does_not_wait_for_a_held_event_loop(own_folders: Path) -> None:
    """The loop of the screens sleeps for 3 s; attendance would stop the belt only after 2 s."""
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("walking")
        assert walk.client is not None
        walk.client.send_signal(signal.SIGUSR1)
        await asyncio.sleep(0.3)
        walk.type("x")
        assert await walk.until(stopped, 5) < 1.0
        await walk.still()
        assert walk.display is not None and walk.display.snapshot is not None
        assert walk.display.snapshot.reason == "You pressed stop."


async def test_killing_the_screens_stops_the_belt_at_once(own_folders: Path) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("walking backward")
        assert walk.client is not None
        walk.client.kill()
        assert await walk.until(stopped, 5) <= SLACK_S + CI_S
        await walk.still()
        assert alive(walk.guardian)


async def test_screens_that_hang_stop_the_belt_when_their_attendance_lapses(own_folders: Path) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("walking")
        assert walk.client is not None
        walk.client.send_signal(signal.SIGSTOP)
        took = await walk.until(stopped, 10)
        assert 1.0 <= took <= ATTENDANCE_LIMIT / 1000 + SLACK_S + CI_S
        await walk.still()


@pytest.mark.parametrize("told", [True, False], ids=["told by a signal", "as under nohup"])
async def test_closing_the_terminal_of_the_screens_stops_the_belt(own_folders: Path, told: bool) -> None:
    async with a_terminal(own_folders, told=told) as walk:
        await walk.walk_until("walking")
        walk.close_terminal()
        assert await walk.until(stopped, 5) <= SLACK_S + CI_S
        await walk.still()
        assert alive(walk.guardian)


VOID = {
    "a double click": "  ", "Esc": "\x1b", "ctrl+c": "\x03", "a paste": "\x1b[200~   \x1b[201~", "a held key": " " * 40,
}


async def test_double_clicks_escape_pastes_and_held_keys_confirm_nothing(own_folders: Path) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("asking")
        for name, keys in VOID.items():
            await walk.until(lambda s: s.question is not None and s.question.heard, 20)
            walk.type(keys)
            with pytest.raises(TimeoutError):
                await walk.until(lambda s: s.phase in STARTED, 1.0)
            assert walk.display is not None and walk.display.snapshot is not None, name
            assert walk.display.snapshot.phase is Phase.ASKING, name


async def test_any_key_aborts_the_countdown(own_folders: Path) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("countdown")
        walk.type("k")
        await walk.until(lambda s: s.phase is Phase.ASKING, 3)
        with pytest.raises(TimeoutError):
            await walk.until(lambda s: s.belt is Belt.MOVING, 2.0)


def kept(walk: TerminalWalk) -> tuple[int | None, ...]:
    (told,) = load_answers(walk.state / answers.NAME).values()
    return told.effort, told.pain_after, told.confidence


async def test_a_whole_demo_is_walked_at_the_keyboard_and_ends_with_questions_and_figures(own_folders: Path) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("done", 110)
        assert walk.display is not None and walk.display.snapshot is not None
        summary = walk.display.snapshot.summary
        assert summary is not None and summary.finished and summary.backward > 39_000
        assert b"SIMULATED" in walk.shown
        await walk.answer("I am off", "\r")
        for n, key in enumerate("315", 1):  # effort, pain and confidence
            await walk.answer(f"AFTER THE WALK, {n} OF 3", key)
        await walk.shows(b"WALK FINISHED")
        await eventually(lambda: kept(walk) == (3, 1, 5))
        walk.type("\r")
        assert walk.client is not None
        assert await asyncio.to_thread(walk.client.wait, 10) == 0


async def test_a_crash_of_the_screens_is_one_sentence_and_stops_the_belt(own_folders: Path) -> None:
    async with a_terminal(own_folders) as walk:
        await walk.walk_until("walking")
        assert walk.client is not None
        walk.client.send_signal(signal.SIGUSR2)
        assert await walk.until(stopped, 5) < 1.0
        await walk.still()
        assert await asyncio.to_thread(walk.client.wait, 10) == 70
        await asyncio.sleep(0.2)
        assert b"The screens of treadctl crashed" in walk.shown
        assert b"Traceback" not in walk.shown
        assert "ZeroDivisionError" in (walk.state / "screens-crash.log").read_text()
