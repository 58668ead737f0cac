"""`treadctl commission` from the first question to the record, by the keys of a terminal, as lines and as screens."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.cli.processes import treadctl
from tests.e2e.terminal import READ_S, TerminalWalk, opened
from treadctl.files.machines import RecordStore
from treadctl.model.api import Asking, Belt, Phase, Question

ANSWERS = {"unit": "k", "manual": "a", "keep": "k"}
CONSOLE = {"shown-1": "1.0", "shown-2": "2,0"}
"""What the reference machine's console shows at the two speeds; a comma is a point."""


class Learning(TerminalWalk):
    """A person beside the belt, with a keyboard."""

    def __init__(self, state: Path, *words: str) -> None:
        super().__init__(state)
        self.command = [sys.executable, "-m", "treadctl", "commission", "--sim", "--rate", "10", *words]
        self.command += ["--state", str(state), "--seed", str(os.getpid())]
        self._typed: set[str] = set()

    async def _respond(self, question: Question) -> None:
        if question.asking is Asking.NUMBER and question.id not in self._typed:
            self._typed.add(question.id)
            await asyncio.sleep(READ_S)
            for key in CONSOLE[question.id]:
                self.type(key)
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.2)
            self.type("\r")
        elif question.asking is Asking.CHOICE:
            await asyncio.sleep(READ_S)
            self.type(ANSWERS.get(question.id, "y"))
        elif question.asking is Asking.CONFIRM and question.heard:
            await self.confirm()


def learning(home: Path, *words: str) -> AbstractAsyncContextManager[Learning]:
    return opened(Learning(home / "walk", *words))


@pytest.mark.parametrize("words", [(), ("--headless",)], ids=["screens", "lines"])
async def test_a_machine_is_learnt_by_the_keys_of_a_terminal(own_folders: Path, words: tuple[str, ...]) -> None:
    async with learning(own_folders, *words) as person:
        last = await person.walk_until("done", 90)
        assert last.reason.startswith("Kept.")
        [record] = RecordStore(person.state / "machines").all()
        assert record.complete and record.units_read_by_owner
        if not words:
            await asyncio.sleep(READ_S)
            person.type("\r")
        assert await person.ended() == 0
        shown = person.shown.decode("utf-8", "replace")
        assert ("Keep what was learnt?" in shown) if words else ("COMMISSIONING, EMPTY BELT" in shown)


@pytest.mark.parametrize("words", [(), ("--headless",)], ids=["screens", "lines"])
async def test_any_key_stops_the_empty_belt(own_folders: Path, words: tuple[str, ...]) -> None:
    async with learning(own_folders, *words) as person:
        await person.until(lambda snapshot: snapshot.question is not None)
        await person.walk_until("walking", 60)
        person.type("5")  # a digit, too: numbers are typed at standstill only
        await person.until(lambda snapshot: snapshot.phase is Phase.DONE and snapshot.belt is Belt.STILL, 30)
        assert not RecordStore(person.state / "machines").all()


async def test_a_signal_at_standstill_ends_it_as_interrupted_and_nothing_is_learnt(own_folders: Path) -> None:
    async with learning(own_folders, "--headless") as person:
        await person.until(lambda snapshot: snapshot.question is not None)
        assert person.client is not None
        person.client.terminate()
        assert await person.ended() == 130
        assert not RecordStore(person.state / "machines").all()


def test_a_real_machine_is_not_learnt_without_a_terminal() -> None:
    done = treadctl("commission", "--headless")
    assert (done.returncode, "needs a terminal" in done.stderr) == (6, True)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--part", "3"], "invalid choice"), (["--rate", "5"], "add --sim"), (["--quirk", "reference"], "add --sim"),
        (["--sim", "--machine", "AA:BB:CC:DD:EE:FF"], "leave one out"),
    ],
)
def test_wrong_words_are_answered_at_once(words: list[str], wanted: str) -> None:
    done = treadctl("commission", *words)
    assert (done.returncode, wanted in done.stderr, done.stdout) == (2, True, "")
