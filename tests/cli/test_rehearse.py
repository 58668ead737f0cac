"""`treadctl rehearse` from the clip to the reach test, by the keys of a terminal, as lines and as screens."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.cli.processes import treadctl
from tests.e2e.terminal import READ_S, TerminalWalk, opened
from treadctl.control.rehearsal import ENDED, NO_CLIP, SIMULATED
from treadctl.model.api import Question

RATE = 4
"""The window of the reach test is 3 s long: at this rate a robot on a busy machine still meets it."""


class Rehearsing(TerminalWalk):
    """A person beside a still belt. `says` overrules "yes"."""

    def __init__(self, state: Path, *words: str, **says: str) -> None:
        super().__init__(state, rate=RATE)
        self.says = says
        self.command = [sys.executable, "-m", "treadctl", "rehearse", "--sim", "--rate", str(RATE), *words]
        self.command += ["--state", str(state), "--seed", str(os.getpid())]

    async def _respond(self, question: Question) -> None:
        if question.id in self.says:
            await asyncio.sleep(READ_S)
            self.type(self.says[question.id])
        else:
            await super()._respond(question)


def rehearsing(home: Path, *words: str, **says: str) -> AbstractAsyncContextManager[Rehearsing]:
    return opened(Rehearsing(home / "walk", *words, **says))


@pytest.mark.parametrize("words", [(), ("--headless",)], ids=["screens", "lines"])
async def test_it_is_passed_by_the_keys_of_a_terminal(own_folders: Path, words: tuple[str, ...]) -> None:
    async with rehearsing(own_folders, *words) as person:
        last = await person.walk_until("done", 90)
        assert last.reason == SIMULATED and last.summary is not None and last.summary.finished
        if not words:
            await asyncio.sleep(READ_S)
            person.type("\r")
        assert await person.ended() == 0
        shown = person.shown.decode("utf-8", "replace")
        assert ("Did you hear the alarm?" in shown) if words else ("REHEARSAL" in shown)
        assert not (person.state / "rehearsed.json").exists()


async def test_without_the_clip_it_is_refused(own_folders: Path) -> None:
    async with rehearsing(own_folders, "--headless", clip="n") as person:
        assert (await person.walk_until("done", 60)).reason == NO_CLIP
        assert await person.ended() == 6


async def test_a_signal_ends_it_as_interrupted(own_folders: Path) -> None:
    async with rehearsing(own_folders, "--headless") as person:
        await person.until(lambda snapshot: snapshot.question is not None)
        assert person.client is not None
        person.client.terminate()
        assert await person.ended() == 130
        await person.until(lambda snapshot: snapshot.reason == ENDED)


def test_a_real_machine_is_not_rehearsed_on_without_a_terminal() -> None:
    done = treadctl("rehearse", "--headless")
    assert (done.returncode, "needs a terminal" in done.stderr) == (6, True)


def test_the_simulator_s_walker_rehearses_where_there_is_no_terminal() -> None:
    done = treadctl("rehearse", "--sim", "--headless", "--rate", "10", "--seed", "31")
    assert done.returncode == 0 and SIMULATED in done.stdout and "the alarm, for practice" in done.stdout


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--rate", "5"], "add --sim"), (["--quirk", "reference"], "add --sim"),
        (["--sim", "--machine", "AA:BB:CC:DD:EE:FF"], "leave one out"),
    ],
)
def test_wrong_words_are_answered_at_once(words: list[str], wanted: str) -> None:
    done = treadctl("rehearse", *words)
    assert (done.returncode, wanted in done.stderr, done.stdout) == (2, True, "")
