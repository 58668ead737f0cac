"""The five ticks of the first evening: each from what is on disk, shown until all are made, and a key to the next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.records import ATTIC, CELLAR
from tests.tui.gallery import OFFERS
from tests.tui.test_person_pages import ANSWERED, Stage, stage
from treadctl.clients.evening import Step, done, following
from treadctl.clients.hear import QUESTION, Trial
from treadctl.clients.tui.canvas import Canvas, plain_text
from treadctl.clients.tui.home_page import paint_home
from treadctl.clients.tui.papers import Papers
from treadctl.clients.tui.person_screens import HearScreen, YouScreen
from treadctl.clients.tui.screens import HomeScreen, PickerScreen
from treadctl.clients.tui.view import Local
from treadctl.files.answers import ASKED, update_asked
from treadctl.files.locks import remember_heard, remember_rehearsal
from treadctl.files.machines import RecordStore
from treadctl.files.person import save_person
from treadctl.model.api import Clear
from treadctl.model.checkup import Finding, Level
from treadctl.model.person import Person
from treadctl.paths import Paths

ALL = frozenset(Step)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths(tmp_path / "run", tmp_path / "state", tmp_path / "data", tmp_path / "config")
    update_asked(found.state / ASKED, lambda asked: replace(asked, you=True))
    return found


def make(paths: Paths, *steps: Step) -> None:
    """Do these steps as the program does."""
    if Step.HEAR in steps:
        remember_heard(paths.day, "2030-01-01")
    if Step.YOU in steps:
        save_person(paths.person, ANSWERED)
    if Step.FIND in steps:
        RecordStore(paths.machines).save(ATTIC)
    if Step.TEACH in steps:
        RecordStore(paths.machines).save(CELLAR)
    if Step.REHEARSE in steps:
        remember_rehearsal(paths.rehearsed, CELLAR.address, "2030-01-01")


def home(evening: frozenset[Step] | None, width: int = 80) -> str:
    canvas = Canvas(width, 24)
    paint_home(canvas, OFFERS, 0, Local(), None, evening)
    return plain_text(canvas.rows()).splitlines()[1]


# --- what is done ----------------------------------------------------------------------------------------------------


def test_on_a_new_computer_nothing_is_done(paths: Paths) -> None:
    assert done(paths) == frozenset()


@pytest.mark.parametrize("step", list(Step))
def test_each_tick_is_made_by_what_is_on_disk(paths: Paths, step: Step) -> None:
    make(paths, step)
    assert set(done(paths)) == ({Step.FIND, Step.TEACH} if step is Step.TEACH else {step})


def test_a_machine_that_was_connected_counts_as_found_before_it_is_learnt(paths: Paths) -> None:
    paths.last_address.parent.mkdir(parents=True, exist_ok=True)
    paths.last_address.write_text(CELLAR.address)
    assert done(paths) == {Step.FIND}


def test_what_cannot_be_read_is_not_done(paths: Paths) -> None:
    make(paths, *Step)
    for path in (paths.person, paths.rehearsed, paths.day):
        path.write_bytes(b"\xff{")
    assert done(paths) == {Step.FIND, Step.TEACH}


# --- on home ---------------------------------------------------------------------------------------------------------


def test_the_five_stand_on_home_with_their_ticks_and_the_key_to_the_next() -> None:
    row = home(frozenset({Step.HEAR, Step.YOU}))
    assert "✓ hear me  ✓ about you  ▸ find  · teach  · rehearse" in row and "n  next" in row


def test_a_narrow_home_counts_them_and_names_the_next() -> None:
    assert "2 of 5 ticks" in home(frozenset({Step.HEAR, Step.YOU}), 40)
    assert "next: find" in home(frozenset({Step.HEAR, Step.YOU}), 40)


def test_they_go_when_all_are_done_and_a_demo_has_none() -> None:
    assert home(ALL).strip() == home(None).strip() == ""


def test_a_simulated_home_has_no_first_evening(tmp_path: Path) -> None:
    paths = Paths(tmp_path, tmp_path, tmp_path, tmp_path, "sim-1")
    assert Papers(paths, lambda: 0, lambda: "2030-01-08").evening() is None


# --- the key ---------------------------------------------------------------------------------------------------------


class Heard(Papers):
    """A computer on which the voice says seven."""

    def hear(self) -> Trial:
        return Trial(Finding("sound", Level.OK, QUESTION), 7)


async def at_home(on: Stage) -> None:
    await on.until(lambda: isinstance(on.app.screen, HomeScreen) and on.app.pages.evening is not None)


async def test_n_says_a_number_first_and_then_asks_about_you(paths: Paths) -> None:
    async with stage(paths, papers=Heard) as on:
        await at_home(on)
        await on.press("n")
        await on.at(HearScreen)
        await on.until(lambda: "I hear none" in on.text)
        await on.press("4")
        await on.until(lambda: "turn up the sound" in on.text)
        assert done(paths) == frozenset()
        await on.press("7", "r")
        await on.until(lambda: "I hear none" in on.text)
        await on.press("x", "7")
        await on.until(lambda: done(paths) == {Step.HEAR} and "I hear none" not in on.text)
        assert Clear() in on.access.told, "the guardian reads it, and asks nobody again today"
        await on.press("enter")
        await on.until(lambda: on.app.pages.evening == frozenset({Step.HEAR}))
        await on.press("n")
        await on.at(YouScreen)


async def test_a_voice_that_says_nothing_is_told_and_takes_no_number(paths: Paths) -> None:
    class Broken(Papers):
        def hear(self) -> Trial:
            return Trial(Finding("sound", Level.PROBLEM, "Nothing was played: no player.", "install one"))

    async with stage(paths, papers=Broken) as on:
        await at_home(on)
        await on.press("n")
        await on.at(HearScreen)
        await on.until(lambda: "What to do: install one" in on.text)
        await on.press("7")
        assert done(paths) == frozenset()


async def test_a_tick_that_cannot_be_kept_is_told(paths: Paths) -> None:
    paths.day.mkdir(parents=True)
    async with stage(paths, papers=Heard) as on:
        await at_home(on)
        await on.press("n")
        await on.until(lambda: "I hear none" in on.text)
        await on.press("7")
        await on.until(lambda: on.app.screen.problem)  # type: ignore[attr-defined]
        assert "could not be kept" in on.app.screen.problem  # type: ignore[attr-defined]


@pytest.mark.parametrize("made", [(Step.HEAR, Step.YOU), (Step.HEAR, Step.YOU, Step.FIND)])
async def test_n_leads_to_the_treadmills_until_one_is_found_and_connected(paths: Paths, made: tuple[Step, ...]) -> None:
    make(paths, *made)
    async with stage(paths) as on:
        await at_home(on)
        await on.press("n")
        await on.at(PickerScreen)


async def test_n_rehearses_last(paths: Paths) -> None:
    make(paths, *(ALL - {Step.REHEARSE}))
    async with stage(paths) as on:
        await at_home(on)
        await on.press("n")
        await on.until(lambda: on.app.state.local.rehearsing)


async def test_with_all_ticks_n_does_nothing(paths: Paths) -> None:
    make(paths, *Step)
    async with stage(paths) as on:
        await at_home(on)
        await on.press("n")
        assert isinstance(on.app.screen, HomeScreen)


def test_a_person_who_was_not_asked_is_no_tick(paths: Paths) -> None:
    save_person(paths.person, Person())
    assert following(done(paths) | {Step.HEAR}) is Step.YOU
