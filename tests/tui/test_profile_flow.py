"""From home to a walk: the preview before the first time, and files that somebody shared."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.tui.fakes import FakeShelf
from tests.tui.moments import BACKWARD, IDLE, PLAN, PROGRAM, READY, SEGMENTS
from tests.tui.test_app import Stage, stage
from treadctl.clients.tui.choosing import Downloads, Offer
from treadctl.clients.tui.home_page import ALL_KEYS
from treadctl.clients.tui.profile_screens import PreviewScreen, SharedScreen
from treadctl.clients.tui.screens import HomeScreen, WalkScreen
from treadctl.files.sharing import Shared
from treadctl.model.api import Load
from treadctl.model.errors import Refused

NEW = Offer("New one", PROGRAM, SEGMENTS, 0, 900_000, 180_000)
OLD = replace(NEW, name="Old one", walked="today")
BROKEN = Offer("broken", None, (), refusal="broken.yaml:1:1: no")
SENT = replace(NEW, name="Sent one", shared=Shared("Anna", True), file="a.yaml", data=b"text")


def shelf(**how: Any) -> FakeShelf:
    return FakeShelf((OLD, NEW, BROKEN), Downloads("~/Downloads", True, (BROKEN, SENT)), **how)


async def at_home(on: Stage) -> None:
    await on.say(IDLE)
    await on.until(lambda: "New one" in on.text)


async def loaded(on: Stage) -> None:
    await on.until(lambda: isinstance(on.app.screen, WalkScreen))
    await on.say(READY)
    await on.until(lambda: Load(PROGRAM) in on.access.asked)


async def test_a_profile_that_was_walked_before_goes_straight_on() -> None:
    async with stage(home=True, shelf=shelf()) as on:
        await at_home(on)
        await on.pilot.press("enter")
        await loaded(on)


async def test_before_the_first_time_the_preview_comes_first_and_asks_for_nothing() -> None:
    async with stage(home=True, shelf=shelf()) as on:
        await at_home(on)
        await on.pilot.press("down", "enter")
        await on.until(lambda: isinstance(on.app.screen, PreviewScreen))
        await on.pilot.pause(0.3)
        assert on.access.asked == []
        await on.pilot.press("enter")
        await loaded(on)


@pytest.mark.parametrize("key", ["escape", "b", "backspace"])
async def test_back_from_the_preview_leads_to_the_same_line_of_home(key: str) -> None:
    async with stage(home=True, shelf=shelf()) as on:
        await at_home(on)
        await on.pilot.press("down", "v")
        await on.until(lambda: isinstance(on.app.screen, PreviewScreen))
        await on.pilot.press(key)
        await on.until(lambda: isinstance(on.app.screen, HomeScreen))
        assert "▸ New one" in on.text
        assert on.access.asked == []


async def test_the_preview_can_be_seen_at_any_time_and_keys_of_no_meaning_leave_it_there() -> None:
    async with stage(home=True, shelf=shelf()) as on:
        await at_home(on)
        await on.pilot.press("v")
        await on.until(lambda: isinstance(on.app.screen, PreviewScreen))
        await on.pilot.press("x", "k", "v", "o", "question_mark", "tab", "r", "space", "down", "end", "home", "pageup")
        assert isinstance(on.app.screen, PreviewScreen) and "Old one" in on.text
        assert on.access.asked == []


async def test_a_programme_named_on_the_command_line_has_its_preview_before_the_first_time_too() -> None:
    async with stage(shelf=FakeShelf((NEW,)), preview=True) as on:
        await on.until(lambda: isinstance(on.app.screen, PreviewScreen))
        await on.say(IDLE)
        assert on.access.asked == []
        await on.pilot.press("enter")
        await loaded(on)


async def test_a_programme_named_on_the_command_line_that_was_walked_before_goes_straight_on() -> None:
    async with stage(shelf=FakeShelf((OLD,)), preview=True) as on:
        await on.until(lambda: on.access.asked)
        await loaded(on)


async def test_back_from_the_preview_of_a_named_programme_ends_the_program() -> None:
    async with stage(shelf=FakeShelf((NEW,)), preview=True) as on:
        await on.until(lambda: isinstance(on.app.screen, PreviewScreen))
        await on.say(IDLE)
        await on.pilot.press("escape")
    assert on.app.return_value == 0 and on.access.asked == []


async def test_what_cannot_be_read_has_no_preview() -> None:
    async with stage(home=True, shelf=shelf()) as on:
        await at_home(on)
        await on.pilot.press("end", "v", "enter")
        assert isinstance(on.app.screen, HomeScreen) and on.access.asked == []


async def test_a_walk_that_begins_elsewhere_is_shown_over_a_preview_and_keys_stop() -> None:
    async with stage(home=True, shelf=shelf()) as on:
        await at_home(on)
        await on.pilot.press("v")
        await on.until(lambda: isinstance(on.app.screen, PreviewScreen))
        await on.say(PLAN, BACKWARD)
        await on.until(lambda: isinstance(on.app.screen, WalkScreen))
        await on.pilot.press("enter", "escape")
        assert on.presses[-2:] == ["enter", "escape"]


async def test_the_question_mark_shows_all_keys_until_the_next_one() -> None:
    async with stage(home=True, shelf=shelf()) as on:
        await at_home(on)
        await on.pilot.press("question_mark")
        await on.until(lambda: "any key  back" in on.text)
        assert all(key.label in on.text for key in ALL_KEYS)
        await on.pilot.press("m")  # closes, and does nothing else
        await on.until(lambda: "New one" in on.text)


# --- files that were shared ------------------------------------------------------------------------------------------


async def opened(on: Stage) -> None:
    await at_home(on)
    await on.pilot.press("o")
    await on.until(lambda: isinstance(on.app.screen, SharedScreen) and "Sent one" in on.text)


async def test_a_shared_file_is_shown_before_it_is_walked_whatever_was_walked_before() -> None:
    files = shelf()
    files.sent = Downloads("~/Downloads", True, (replace(SENT, walked="today"),))
    async with stage(home=True, shelf=files) as on:
        await opened(on)
        await on.pilot.press("enter")
        await on.until(lambda: isinstance(on.app.screen, PreviewScreen))
        assert "by Anna, unchanged" in on.text and "top speed" in on.text
        await on.pilot.press("enter")
        await loaded(on)


async def test_a_shared_file_is_kept_once_a_key_says_so_and_the_way_back_leads_through_the_list() -> None:
    files = shelf()
    async with stage(home=True, shelf=files) as on:
        await opened(on)
        await on.pilot.press("down", "enter")
        await on.until(lambda: isinstance(on.app.screen, PreviewScreen))
        assert files.kept == []
        await on.pilot.press("k")
        await on.until(lambda: "Kept as kept.yaml among your own profiles" in on.text)
        assert files.kept == [SENT]
        await on.pilot.press("escape")
        await on.until(lambda: isinstance(on.app.screen, SharedScreen) and "▸ Sent one" in on.text)
        reads = files.reads
        await on.pilot.press("escape")
        await on.until(lambda: isinstance(on.app.screen, HomeScreen) and files.reads > reads)


async def test_a_file_that_cannot_be_kept_says_why() -> None:
    async with stage(home=True, shelf=shelf(refuses=Refused("The disk is full; make room."))) as on:
        await opened(on)
        await on.pilot.press("down", "enter")
        await on.until(lambda: isinstance(on.app.screen, PreviewScreen))
        await on.pilot.press("k")
        await on.until(lambda: "The disk is full; make room." in on.text)


async def test_a_broken_file_cannot_be_opened() -> None:
    async with stage(home=True, shelf=shelf()) as on:
        await opened(on)
        await on.pilot.press("enter", "k")
        assert isinstance(on.app.screen, SharedScreen) and "broken.yaml:1:1: no" in on.text


async def test_looking_again_finds_what_came_meanwhile() -> None:
    files = shelf()
    files.sent = Downloads("~/Downloads")
    async with stage(home=True, shelf=files) as on:
        await at_home(on)
        await on.pilot.press("o")
        await on.until(lambda: "There is no profile in ~/Downloads" in on.text)
        await on.pilot.press("enter", "up", "down", "k")
        assert isinstance(on.app.screen, SharedScreen)
        files.sent = Downloads("~/Downloads", True, (SENT,))
        await on.pilot.press("r")
        await on.until(lambda: "Sent one" in on.text)


async def test_a_slow_folder_does_not_hold_the_screen() -> None:
    """The heartbeats go on: reading is in a thread."""
    waiting = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Slow(FakeShelf):
        def downloads(self) -> Downloads:
            asyncio.run_coroutine_threadsafe(waiting.wait(), loop).result(10)
            return super().downloads()

    async with stage(home=True, shelf=Slow((OLD, NEW))) as on:
        await at_home(on)
        await on.pilot.press("o")
        await on.until(lambda: "Looking into your downloads." in on.text)
        beats = len(on.access.beats)
        await on.pilot.pause(0.6)
        assert len(on.access.beats) > beats
        waiting.set()
        await on.until(lambda: "There is no profile" in on.text)


# --- from the house -------------------------------------------------------------------------------------------------


async def test_a_profile_that_the_house_offers_is_chosen_once_and_starts_nothing() -> None:
    async with stage(home=True, shelf=shelf()) as on:
        await at_home(on)
        await on.say(IDLE._replace(preselected="New one"))
        await on.until(lambda: "▸ New one" in on.text)
        await on.pilot.press("up")
        await on.say(IDLE._replace(preselected="New one"))
        assert "▸ Old one" in on.text and on.access.asked == [] and isinstance(on.app.screen, HomeScreen)


async def test_who_stands_there_and_has_chosen_is_not_overruled_by_the_house() -> None:
    async with stage(home=True, shelf=shelf()) as on:
        await at_home(on)
        await on.pilot.press("down", "up")
        await on.say(IDLE._replace(preselected="New one"))
        assert "▸ Old one" in on.text
        on.app.go_home()  # the list is opened anew
        await on.until(lambda: "▸ New one" in on.text)


async def test_a_profile_that_nobody_has_changes_nothing() -> None:
    async with stage(home=True, shelf=shelf()) as on:
        await at_home(on)
        await on.say(IDLE._replace(preselected="\\x1b[31mNo such"))
        await on.pilot.press("enter")
        await loaded(on)


async def test_a_message_from_the_house_is_shown_as_one_and_read_as_plain_text() -> None:
    async with stage(home=True, shelf=shelf()) as on:
        await at_home(on)
        await on.say(IDLE._replace(message="[b]Dinner[/b] is ready"))
        await on.until(lambda: "Message: [b]Dinner[/b] is ready" in on.text)
        await on.pilot.press("enter")
        await loaded(on)
        await on.say(BACKWARD._replace(message="Dinner is ready"))
        await on.until(lambda: "Message: Dinner is ready" in on.text)
        await on.say(BACKWARD._replace(message="Dinner is ready", notice="No voice: none."))
        await on.until(lambda: "No voice: none." in on.text and "Dinner" not in on.text)
