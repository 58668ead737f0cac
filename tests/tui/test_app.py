"""The app with a guardian played by the test: which screen comes when, and what leaves when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual import events
from textual.app import ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input

from tests.tui.fakes import FakeAccess, FakeLine, FakeShelf
from tests.tui.moments import (
    ALL,
    BACKWARD,
    CHECKING,
    CONFIRM,
    DONE,
    FORWARD,
    IDLE,
    LOST,
    PLAN,
    PROGRAM,
    READY,
    SEGMENTS,
)
from treadctl.clients.clock import monotonic_ms
from treadctl.clients.tui.app import TreadctlApp
from treadctl.clients.tui.canvas import plain_text
from treadctl.clients.tui.choosing import Offer
from treadctl.clients.tui.look import Letters, Look
from treadctl.clients.tui.screens import HomeScreen, PageScreen, WalkScreen
from treadctl.clients.tui.widgets import Page
from treadctl.model.api import (
    Acknowledge,
    Answer,
    Connect,
    Ease,
    End,
    FastForward,
    Goodbye,
    Load,
    Pain,
    Phase,
    Press,
    Repeat,
)
from treadctl.model.errors import NoMachine

SIZES = ((40, 12), (80, 24), (120, 40), (200, 50))
OFFERS = (
    Offer("First steps", PROGRAM, SEGMENTS, 0, 900_000, 180_000, walked="today"),
    Offer("Hills", PROGRAM, SEGMENTS, 3, 900_000, 180_000, "line 12 needs level 3"),
    Offer("Broken [red]", None, (), refusal="broken.yaml:1:1: no"),
)


class Stage:
    """The app on a stage: say what the guardian says, look at what is shown."""

    def __init__(self, app: TreadctlApp, access: FakeAccess, pilot: Pilot[int]) -> None:
        self.app, self.access, self.pilot = app, access, pilot

    async def say(self, *messages: Any) -> None:
        for message in messages:
            self.access.say(message)
        await self.until(self.access._inbox.empty)

    async def until(self, true: Callable[[], object], tries: int = 100) -> None:
        for _ in range(tries):
            await self.pilot.pause(0.02)
            if true():
                return
        raise AssertionError(f"never came true; shown: {self.text}")

    @property
    def text(self) -> str:
        assert isinstance(self.app.screen, PageScreen)
        return plain_text(self.app.screen.page.rows)

    @property
    def presses(self) -> list[str]:
        return [intent.key for intent in self.access.told if isinstance(intent, Press)]


@asynccontextmanager
async def stage(size: tuple[int, int] = (80, 24), *, home: bool = False, **how: Any) -> AsyncIterator[Stage]:
    shelf = how.pop("shelf", None) or FakeShelf(OFFERS)
    preview = how.pop("preview", False)
    access = FakeAccess(**how)
    app = TreadctlApp(
        access, clock=monotonic_ms, wish=None if home else PROGRAM, shelf=shelf, preview=preview, simulated=True
    )
    async with app.run_test(size=size) as pilot:
        found = Stage(app, access, pilot)
        await found.until(lambda: app.talk.open or how.get("error"))
        yield found


@pytest.mark.parametrize("size", SIZES)
async def test_every_moment_is_shown_at_every_size_without_an_error(size: tuple[int, int]) -> None:
    async with stage(size) as on:
        await on.say(PLAN)
        for moment in ALL.values():
            await on.say(moment)
            await on.pilot.pause()
            lines = on.text.splitlines()
            assert "SIMULATED" in lines[0]
            assert on.app.export_screenshot()


async def test_the_screen_is_there_before_the_guardian() -> None:
    class Slow(FakeAccess):
        async def open(self) -> None:
            await asyncio.Event().wait()

    app = TreadctlApp(Slow(), clock=monotonic_ms, wish=PROGRAM, simulated=True)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert isinstance(app.screen, WalkScreen)
        shown = plain_text(app.screen.page.rows)
        assert "SIMULATED" in shown and "not an emergency stop" in shown


async def test_the_programme_is_loaded_once_the_belt_was_measured_still() -> None:
    async with stage() as on:
        await on.until(lambda: on.access.asked)
        assert on.access.asked == [Connect("")]
        await on.say(IDLE)
        assert on.access.asked == [Connect("")]
        await on.say(READY)
        await on.until(lambda: len(on.access.asked) == 2)
        assert on.access.asked[1] == Load(PROGRAM)


async def test_a_refusal_is_shown_in_full_and_ends_with_its_exit_code() -> None:
    async with stage((120, 40), refusal="Refused: the guardian says no.") as on:
        await on.until(lambda: on.app.state.local.refused)
        assert on.app.talk.exit_code == 4
        await on.say(IDLE)
        await on.pilot.press("q")
    assert on.app.return_value == 4


async def test_no_guardian_is_one_sentence_and_exit_code_four() -> None:
    async with stage((200, 50), error=NoMachine("No adapter was found; plug one in.")) as on:
        await on.until(lambda: "ENDED" in on.text or on.app.state.local.closed)
        assert on.app.state.local.closed == "No adapter was found; plug one in."
        await on.pilot.press("q")
    assert on.app.return_value == 4


async def test_heartbeats_leave_four_times_a_second() -> None:
    async with stage() as on:
        before = len(on.access.beats)
        await on.pilot.pause(1.1)
        assert 3 <= len(on.access.beats) - before <= 6


async def test_a_window_without_the_keyboard_says_so_in_its_heartbeats() -> None:
    async with stage() as on:
        await on.say(FORWARD)
        on.app.post_message(events.AppBlur())
        await on.until(lambda: on.access.beats[-1:] == [False])
        assert "Keys go elsewhere" in on.text
        on.app.post_message(events.AppFocus())
        await on.until(lambda: on.access.beats[-1:] == [True])


# --- stopping --------------------------------------------------------------------------------------------------------


class Dialog(ModalScreen[None]):
    """A dialog that wants to be typed into: none of ours does, but the stop must not depend on that."""

    def compose(self) -> ComposeResult:
        yield Input()


@pytest.mark.parametrize("key", ["space", "enter", "escape", "ctrl+c", "y", "q", "ctrl+q", "x", "tab"])
async def test_a_key_stops_with_any_dialog_in_front_while_the_belt_may_move(key: str) -> None:
    async with stage() as on:
        await on.say(PLAN, BACKWARD)
        on.app.push_screen(Dialog())
        await on.until(lambda: isinstance(on.app.focused, Input))
        on.access.say(BACKWARD)
        await on.pilot.press(key)
        assert on.presses == [key]
        assert isinstance(on.app.focused, Input) and on.app.focused.value == ""
        assert on.app.is_running


@pytest.mark.parametrize("home", [True, False])
async def test_space_stops_on_the_home_screen_too(home: bool) -> None:
    async with stage(home=home) as on:
        await on.say(IDLE._replace(link=READY.link))
        assert isinstance(on.app.screen, HomeScreen) is home
        await on.pilot.press("space")
        assert on.presses == ["space"]


async def test_the_second_net_is_silent_when_the_input_thread_has_sent_the_press() -> None:
    line = FakeLine()
    async with stage(line=line) as on:
        await on.say(PLAN, BACKWARD)
        await on.pilot.press("space")
        assert line.presses == [("space", False)]
        assert on.presses == []


async def test_a_press_that_the_line_lost_goes_through_the_second_net() -> None:
    async with stage(line=FakeLine(works=False)) as on:
        await on.say(PLAN, BACKWARD)
        await on.pilot.press("space")
        assert on.presses == ["space"]


async def test_a_click_on_the_lower_third_stops() -> None:
    async with stage() as on:
        await on.say(PLAN, BACKWARD)
        for row, expected in ((5, []), (20, ["click"])):
            on.app.post_message(events.MouseDown(None, 40, row, 0, 0, 1, False, False, False, 40, row))
            await on.pilot.pause(0.1)
            assert on.presses == expected


async def test_a_paste_stops_and_types_nothing() -> None:
    async with stage() as on:
        await on.say(PLAN, BACKWARD)
        on.app.post_message(events.Paste("yyyy"))
        await on.until(lambda: on.presses)
        assert on.presses == ["paste"]
        on.access.told.clear()
        await on.say(CONFIRM)
        on.app.post_message(events.Paste("  "))
        await on.pilot.pause(0.1)
        assert on.access.told == []


async def test_mapped_keys_are_told_and_stop_nothing() -> None:
    async with stage() as on:
        await on.say(PLAN, BACKWARD)
        await on.pilot.press("minus", "e", "p", "r")
        assert on.access.told == [Ease(), Ease(), Pain(), Repeat()]
        await on.pilot.press("f")
        await on.until(lambda: on.app.state.local.rate == 10)
        assert FastForward(10) in on.access.asked
        await on.until(lambda: "x10" in on.text)


# --- answering and leaving -------------------------------------------------------------------------------------------


async def test_an_answer_is_told_once_and_not_before_it_could_be_read() -> None:
    async with stage() as on:
        await on.say(PLAN, CHECKING)
        await on.pilot.press("y")
        assert on.access.told == []
        await on.pilot.pause(0.35)
        on.access.say(CHECKING)
        await on.pilot.pause(0.05)
        await on.pilot.press("y")
        assert on.access.told == [Answer("check-2", "y")]
        assert on.presses == []


async def test_quitting_is_impossible_while_the_belt_may_move() -> None:
    async with stage() as on:
        await on.say(PLAN, BACKWARD)
        await on.pilot.press("q", "ctrl+q")
        assert on.app.is_running
        assert on.presses == ["q", "ctrl+q"]


async def test_quitting_at_standstill_ends_the_session() -> None:
    async with stage() as on:
        await on.say(PLAN, CHECKING)
        await on.pilot.press("q")
        assert End() in on.access.told
    assert on.app.return_value == 0
    assert on.access.closed


async def test_the_summary_decides_the_exit_code() -> None:
    summary = DONE.summary
    assert summary is not None
    async with stage() as on:
        await on.say(PLAN, CHECKING, DONE._replace(summary=replace(summary, exit_code=5)))
        await on.pilot.press("enter")
    assert on.app.return_value == 5


async def test_an_alarm_can_be_silenced_and_its_key_still_stops() -> None:
    async with stage() as on:
        await on.say(PLAN, LOST)
        await on.pilot.press("a")
        assert on.access.told == [Press("a"), Acknowledge()]


# --- the guardian fails ----------------------------------------------------------------------------------------------


async def test_a_guardian_that_sends_nothing_for_a_second_is_an_alarm_and_a_key_stops_without_it() -> None:
    async with stage((120, 40)) as on:
        on.access.rescue_ends.clear()
        await on.say(PLAN, BACKWARD)
        await on.until(lambda: on.app.state.local.hung)
        await on.until(lambda: on.access.forced)  # nobody has to press anything: the walker faces away
        await on.pilot.press("space", "space")
        assert on.presses == ["space", "space"]
        await on.pilot.pause(0.6)
        assert on.access.forced == 1
        await on.say(BACKWARD)
        assert not on.app.state.local.hung


async def test_a_guardian_that_hangs_at_standstill_is_not_ended() -> None:
    async with stage((120, 40)) as on:
        await on.say(PLAN, CHECKING)
        await on.until(lambda: on.app.state.local.hung)
        await on.pilot.press("space")
        assert on.access.forced == 0


async def test_a_guardian_that_was_ended_because_it_hung_is_not_rescued_a_second_time() -> None:
    async with stage((120, 40)) as on:
        on.access.rescue_ends.clear()
        await on.say(PLAN, BACKWARD)
        await on.until(lambda: on.access.forced)
        on.access.hang_up()
        await on.until(lambda: on.app.state.local.closed)
        assert on.access.rescues == 0 and not on.app.state.local.rescued
        on.access.rescue_ends.set()
        await on.until(lambda: on.app.state.local.rescued)
        assert "was ended" in (on.app.state.local.closed or "") and on.access.rescues == 0


async def test_a_lost_guardian_while_the_belt_may_move_is_rescued_once() -> None:
    async with stage() as on:
        await on.say(PLAN, BACKWARD)
        on.access.hang_up()
        await on.until(lambda: on.app.state.local.rescued)
        assert on.access.rescues == 1
        await on.pilot.pause(0.5)
        assert on.access.rescues == 1
        await on.pilot.press("q")
    assert on.app.return_value == 5


async def test_nobody_leaves_before_the_rescue_has_ended() -> None:
    async with stage() as on:
        on.access.rescue_ends.clear()
        await on.say(PLAN, BACKWARD)
        on.access.hang_up()
        await on.until(lambda: on.access.rescues)
        await on.pilot.press("q", "ctrl+q", "enter")
        assert on.app.is_running and on.app.return_value is None


async def test_a_lost_guardian_at_standstill_is_no_alarm() -> None:
    async with stage() as on:
        await on.say(PLAN, READY, Goodbye("Another version of treadctl took over."))
        on.access.hang_up()
        await on.until(lambda: on.app.state.local.closed)
        await on.pilot.pause(0.3)
        assert on.access.rescues == 0
        assert "NO CONTROLLER" in on.text.replace("   ", "|").replace(" ", "").replace("|", " ")


# --- home ------------------------------------------------------------------------------------------------------------


async def test_home_offers_profiles_and_walks_the_chosen_one() -> None:
    async with stage(home=True) as on:
        await on.until(lambda: "Hills" in on.text)
        assert "Broken [red]" in on.text
        await on.say(IDLE)
        await on.pilot.press("down", "down", "enter")
        assert isinstance(on.app.screen, HomeScreen)  # what cannot be read cannot be walked
        await on.pilot.press("up", "up", "enter")
        await on.until(lambda: on.access.asked)
        assert isinstance(on.app.screen, WalkScreen)
        await on.say(READY)
        await on.until(lambda: Load(PROGRAM) in on.access.asked)


async def test_after_the_summary_home_comes_back() -> None:
    async with stage(home=True) as on:
        await on.say(IDLE, PLAN, CHECKING)
        await on.until(lambda: isinstance(on.app.screen, WalkScreen))
        await on.say(DONE)
        await on.pilot.press("enter")
        await on.until(lambda: isinstance(on.app.screen, HomeScreen) and "Hills" in on.text)
        assert on.access.asked == []  # the key that closed the summary begins no other walk


async def test_a_walk_that_somebody_else_began_is_shown_at_once() -> None:
    async with stage(home=True) as on:
        await on.say(PLAN, BACKWARD)
        await on.until(lambda: isinstance(on.app.screen, WalkScreen))


async def test_only_changed_rows_are_painted_again() -> None:
    async with stage() as on:
        await on.say(PLAN, BACKWARD)
        await on.pilot.pause()
        assert isinstance(on.app.screen, PageScreen)
        page = on.app.screen.page
        regions: list[Region] = []
        page.refresh = lambda *found, **how: regions.extend(found)  # type: ignore[assignment,method-assign]
        on.app.state.take(BACKWARD._replace(heart_rate=97), monotonic_ms())
        page.repaint()
        assert [region.height for region in regions] == [1]


async def test_phases_that_need_the_whole_screen_get_it() -> None:
    async with stage() as on:
        for name, moment in ALL.items():
            await on.say(PLAN, moment)
            await on.pilot.pause()
            assert ("NEXT" in on.text) <= (name in {"forward", "backward", "soon", "silent"})
            assert moment.phase is not Phase.LOST or "PULL" in on.text.replace(" ", "")


async def test_a_heartbeat_that_comes_while_the_screens_are_taken_down_is_no_crash() -> None:
    async with stage() as on:
        await on.say(PLAN, CHECKING)
        kept = on.app._screen_stacks[on.app.current_mode][:]
        on.app._screen_stacks[on.app.current_mode].clear()
        on.app._beat()
        on.app._screen_stacks[on.app.current_mode].extend(kept)


async def test_a_screen_whose_page_is_not_there_yet_is_not_painted_and_breaks_nothing() -> None:
    async with stage() as on:
        screen = on.app.screen
        assert isinstance(screen, PageScreen)
        await screen.query(Page).remove()
        screen.repaint()
        await screen.mount(Page(screen.paint, Look(Letters.ASCII)))
        screen.repaint()
