"""Presenter clickers and media keys on a real terminal: each stops the belt, confirms a start, and passes the reach
test. What a clicker sends are a keyboard's keys, so a terminal can be typed into as one would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.e2e.terminal import READ_S, TerminalWalk
from tests.e2e.walking import stopped
from treadctl.model.api import Asking, Belt, Phase, Question, Snapshot

CLICKERS = {
    "forward, as page down": "\x1b[6~",
    "back, as page up": "\x1b[5~",
    "slide show, as F5": "\x1b[15~",
    "slide show, as shift+F5": "\x1b[15;2~",
    "black screen, as a full stop": ".",
    "black screen, as b": "b",
    "forward, as an arrow": "\x1b[C",
}
MEDIA = {"play, as kitty's protocol tells it": "\x1b[57430u", "louder": "\x1b[57439u"}
"""Only terminals with that protocol send them, and only where the desktop does not keep them."""
REPEATING = "\x1b[6~" * 12
TWO_KEYS = "\x1b[15~\x1b[6~"
STARTED = (Phase.COUNTDOWN, Phase.STARTING, Phase.HOLDING)
REST_S = 0.5
"""Real time between two presses of a button: by then it was let go."""


class Remote(TerminalWalk):
    """A person who walks on after each stop, and does everything that is no answer with one button."""

    button = " "

    async def _respond(self, question: Question) -> None:
        if question.asking is Asking.CHOICE:
            await asyncio.sleep(READ_S)
            self.type({"facing": "c", "halted": "c", "pain-before": "0"}.get(question.id, "y"))
        elif question.asking is Asking.REACH and question.heard:
            self.type(self.button)
            await asyncio.sleep(REST_S)
        elif question.asking is Asking.CONFIRM and question.heard:
            await self.confirm()

    async def confirm(self) -> None:
        """Press, tone, press, with the button."""
        self.type(self.button)
        await asyncio.sleep(max(0.14, 1.0 / self.rate))
        self.type(self.button)
        await asyncio.sleep(1.0 / self.rate)


@asynccontextmanager
async def a_remote(home: Path, *, prepared: bool = True) -> AsyncIterator[Remote]:
    walk = Remote(home / "remote", prepared=prepared)
    try:
        await walk.open()
        yield walk
    finally:
        await walk.end()


def halted(snapshot: Snapshot) -> bool:
    return snapshot.phase is Phase.HALTED and snapshot.belt is Belt.STILL


@pytest.mark.parametrize("buttons", [CLICKERS, MEDIA], ids=["clickers", "media keys"])
async def test_every_button_starts_by_its_gesture_and_stops_by_one_press(
    own_folders: Path, buttons: dict[str, str]
) -> None:
    async with a_remote(own_folders) as walk:
        for name, button in buttons.items():
            walk.button = button
            await walk.walk_until("walking")
            walk.type(button)
            await walk.until(stopped, 5)
            await walk.until(halted, 15)
            assert walk.display is not None and walk.display.snapshot is not None
            assert walk.display.snapshot.reason == "You pressed stop.", name


@pytest.mark.parametrize("octets", [REPEATING, TWO_KEYS], ids=["repeats itself", "sends two keys"])
async def test_a_clicker_that_repeats_itself_or_sends_two_keys_stops_and_does_not_confirm(
    own_folders: Path, octets: str
) -> None:
    async with a_remote(own_folders) as walk:
        await walk.walk_until("asking")
        await walk.until(lambda s: s.question is not None and s.question.heard, 20)
        for _ in range(2):
            walk.type(octets)
            await asyncio.sleep(0.2)
        with pytest.raises(TimeoutError):
            await walk.until(lambda s: s.phase in STARTED, 1.0)
        await walk.walk_until("walking")
        walk.type(octets)
        await walk.until(stopped, 5)
        await walk.until(halted, 15)


BUTTONS = {"page down": "\x1b[6~", "full stop": ".", "repeats itself": REPEATING, "sends two keys": TWO_KEYS}


@pytest.mark.parametrize("octets", BUTTONS.values(), ids=BUTTONS)
async def test_the_reach_test_is_passed_by_a_button(own_folders: Path, octets: str) -> None:
    """The demo itself asks for it on a day that has none yet."""
    async with a_remote(own_folders, prepared=False) as walk:
        walk.button = octets
        await walk.walk_until("reaching")
        await walk.walk_until("turning")
