"""History on the screen: weeks, every walk, one walk; with damaged files, without an index, at every size."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.plans.made import at
from tests.sessions.made import answers as told_of
from tests.sessions.made import name_of, walk, years
from tests.tui.a_past import AHEAD, ONE, PAST, SUMS, TROUBLED
from tests.tui.moments import BACKWARD, CHECKING, PROGRAM, READY
from tests.tui.test_person_pages import Stage, stage
from treadctl.clients import room
from treadctl.clients.past import Found
from treadctl.clients.past_words import Sums, sums_of
from treadctl.clients.room import little_room
from treadctl.clients.tui.canvas import Canvas, plain_text
from treadctl.clients.tui.cards import card_of
from treadctl.clients.tui.papers import Papers
from treadctl.clients.tui.past_page import Part, PastView, paint_past
from treadctl.clients.tui.past_screen import PastScreen
from treadctl.clients.tui.screens import HomeScreen, WalkScreen
from treadctl.clients.tui.view import Local
from treadctl.files.person import save_person
from treadctl.model.person import Level, Person
from treadctl.paths import Paths
from treadctl.sessions.index import NAME

pytestmark = pytest.mark.usefixtures("in_utc")

COUNT = 6
BEGIN = datetime.fromtimestamp(at(-21), UTC)
"""So long ago that nobody is asked for a morning."""
SIZES = ((40, 12), (80, 24), (200, 60))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths(tmp_path / "run", tmp_path / "state", tmp_path / "data", tmp_path / "config")
    save_person(found.person, Person(Level.L0, age=40, screened="2030-01-01"))
    names = years(found.sessions, COUNT, 2.0, BEGIN)
    (found.data / "answers.jsonl").write_bytes(told_of(names))
    return found


async def press(on: Stage, *keys: str) -> None:
    """At once: nothing here asks for patience."""
    await on.pilot.press(*keys)
    await on.pilot.pause()


@asynccontextmanager
async def on_history(paths: Paths, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Stage]:
    """The page of the weeks, when everything is read."""
    async with stage(paths, 0.1, size) as on:
        await on.at(HomeScreen)
        await press(on, "h")
        await on.at(PastScreen)
        await on.until(lambda: "6 walks, 72 min" in on.text)
        yield on


async def test_h_leads_from_home_to_the_weeks_and_b_back(paths: Paths) -> None:
    async with on_history(paths) as on:
        assert "minutes backward" in on.text and "For level 1 still" in on.text
        await press(on, "b")
        await on.at(HomeScreen)


async def test_every_walk_is_listed_and_one_is_opened(paths: Paths) -> None:
    async with on_history(paths) as on:
        await press(on, "enter")
        assert "EVERY WALK, THE NEWEST FIRST" in on.text and on.text.count("12:00") == COUNT
        await press(on, "down", "enter")
        await on.until(lambda: "measured, hatched backward" in on.text)
        assert "12:00 of 12:00 planned" in on.text and "effort 3" in on.text
        await press(on, "b")
        assert "EVERY WALK" in on.text
        await press(on, "escape")
        assert "WEEK BY WEEK" in on.text


async def test_the_index_deleted_under_a_running_screen_is_made_anew(paths: Paths) -> None:
    async with on_history(paths) as on:
        await press(on, "enter")
        (paths.state / NAME).unlink()
        await press(on, "enter")
        await on.until(lambda: "measured, hatched backward" in on.text)
        await press(on, "b", "b", "b")
        await on.at(HomeScreen)
        await press(on, "h")
        await on.until(lambda: "6 walks" in on.text and (paths.state / NAME).exists())
        (paths.state / NAME).write_bytes(b"no index at all" * 99)
        await press(on, "b")
        await on.at(HomeScreen)
        await press(on, "h")
        await on.until(lambda: "was damaged and was made anew" in on.text and "6 walks" in on.text)


async def test_a_walk_deleted_under_a_running_screen_is_named(paths: Paths) -> None:
    async with on_history(paths) as on:
        await press(on, "enter")
        newest = name_of(BEGIN + timedelta(days=10, minutes=35), 5)
        (paths.sessions / f"{newest}.jsonl").unlink()
        await press(on, "enter")
        await on.until(lambda: f"No recorded walk is named '{newest}'" in on.text)
        await press(on, "b", "down", "enter")
        await on.until(lambda: "measured, hatched backward" in on.text)


async def test_a_damaged_file_and_a_home_that_cannot_be_written_are_said(paths: Paths) -> None:
    (paths.sessions / "bent.jsonl").write_bytes(b"\xff" * 99)
    (paths.state / NAME).mkdir(parents=True)
    async with on_history(paths) as on:
        assert "cannot be kept" in on.text and "bent cannot be read and is kept as it is" in on.text


async def test_a_walk_of_a_time_that_cannot_be_is_among_the_others(paths: Paths) -> None:
    whole = walk(BEGIN, number=80).replace(BEGIN.isoformat().encode(), b"0001-01-01T00:00:00+23:59", 1)
    (paths.sessions / "odd.jsonl").write_bytes(whole)
    async with stage(paths) as on:
        await on.at(HomeScreen)
        await press(on, "h")
        await on.at(PastScreen)
        await on.until(lambda: "1 walk is left out of the weeks" in on.text)
        await press(on, "enter")
        assert on.text.count("12:00") == COUNT + 1


async def test_while_the_belt_may_move_the_walk_is_painted_over_and_keys_stop(paths: Paths) -> None:
    async with on_history(paths) as on:
        await on.say(READY, BACKWARD)
        await on.at(WalkScreen)
        assert "next turn round" in on.text.lower() or "ease" in on.text
        await press(on, "h")
        assert isinstance(on.app.screen, WalkScreen)


READS = 1500


class Slow(Papers):
    """Fifteen seconds of reading. `asked` counts how often the page was told how far it is."""

    asked = 0

    def past(self, watch: Callable[[int, int], None]) -> tuple[Found, Sums]:
        for _ in range(READS):
            Slow.asked += 1
            watch(400, 3650)
            time.sleep(0.01)
        return super().past(watch)


async def test_how_far_reading_is_can_be_seen_and_leaving_the_page_ends_it(paths: Paths) -> None:
    async with stage(paths, papers=Slow) as on:
        await press(on, "h")
        await on.until(lambda: "New files: 400 of 3650." in on.text)
        await press(on, "b")
        await on.at(HomeScreen)
    assert Slow.asked < READS, "it was read to its end"


async def test_without_a_walk_it_says_what_will_stand_here(paths: Paths) -> None:
    for path in paths.sessions.iterdir():
        path.unlink()
    async with stage(paths) as on:
        await press(on, "h")
        await on.until(lambda: "No walk is recorded yet" in on.text)


def shown(view: PastView, size: tuple[int, int]) -> str:
    canvas = Canvas(*size)
    paint_past(canvas, view, Local())
    return plain_text(canvas.rows())


@pytest.mark.parametrize("size", SIZES)
def test_the_sentence_comes_first_at_every_size(size: tuple[int, int]) -> None:
    text = shown(PastView(PAST, SUMS, AHEAD), size)
    assert " ".join(text.split()).index("32 walks, 384 min backward") < text.index("minutes backward")


def test_a_large_screen_shows_every_chart_and_a_small_one_goes_through_them() -> None:
    large = shown(PastView(PAST, SUMS, AHEAD), (200, 60))
    titles = (
        "minutes backward", "metres backward", "bouts", "speed at effort 0-4", "pain before", "heart rate backward",
        "heart rate forward", "Green Amber Red",
    )  # fmt: skip
    assert all(title in large for title in titles)
    seen = "".join(shown(PastView(PAST, SUMS, AHEAD, top=top), (80, 24)) for top in range(9))
    assert all(title in seen for title in titles)


@pytest.mark.parametrize("size", SIZES)
def test_a_walk_that_is_odd_has_a_sign_in_the_list_and_its_reason_below(size: tuple[int, int]) -> None:
    view = PastView(TROUBLED, sums_of(TROUBLED, at(0.1)), AHEAD, Part.WALKS)
    text = shown(view, size)
    assert text.count("(!)") == 2 or size[0] == 40
    assert "time in the future" in " ".join(text.split())


@pytest.mark.parametrize("size", [(1, 1), (10, 3), (40, 6), *SIZES])
def test_no_size_is_too_small_to_paint(size: tuple[int, int]) -> None:
    for part in Part:
        for view in (PastView(), PastView(PAST, SUMS, AHEAD, part, one=ONE), PastView(TROUBLED, SUMS, None, part)):
            assert len(shown(view, size).splitlines()) <= size[1]


# --- room on the disk ----------------------------------------------------------------------------------------------


def test_too_little_room_is_said_with_the_folder(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    assert little_room(paths) == ""
    monkeypatch.setattr(room, "LOW_DISK", 10**18)
    said = little_room(paths)
    assert str(paths.data) in said and "a full disk ends the recording" in said and "walk itself goes on" in said
    assert little_room(replace(paths, data=paths.data / "not" / "there"))


def test_too_little_room_stands_beside_the_checklist() -> None:
    card = card_of(CHECKING, None, Local(beginning=False, room="Only 12 MB are free for /home."))
    assert card is not None and "Only 12 MB are free for /home." in card.small


async def test_it_is_looked_for_when_a_walk_is_chosen(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LOW_DISK", 10**18)
    async with stage(paths) as on:
        on.app._show_plan(PROGRAM)
        await on.until(lambda: "MB are free" in on.app.state.local.room)
        await on.say(CHECKING)
        await on.at(WalkScreen)
        assert "MB are free" in on.text
