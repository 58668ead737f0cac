"""What the screens ask a person, and the plan: which page comes when, what is kept, and what is shown at every size."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.plans.made import WELL, at
from tests.tui.fakes import FakeAccess
from tests.tui.moments import BACKWARD, DONE, IDLE, READY
from treadctl.clients.clock import monotonic_ms
from treadctl.clients.planning import known, start
from treadctl.clients.tui.app import TreadctlApp
from treadctl.clients.tui.canvas import plain_text
from treadctl.clients.tui.interview import SAME, YOUNG, Patience
from treadctl.clients.tui.papers import Papers
from treadctl.clients.tui.person_screens import AfterScreen, MorningScreen, OfferScreen, YouScreen
from treadctl.clients.tui.plan_screen import PlanScreen
from treadctl.clients.tui.profile_screens import PreviewScreen
from treadctl.clients.tui.screens import HomeScreen, PageScreen, WalkScreen
from treadctl.clients.tui.widgets import Page
from treadctl.files import answers, book
from treadctl.files.answers import load_answers
from treadctl.files.book import load_book
from treadctl.files.person import load_person, save_person
from treadctl.files.profile import find_profile, load_profile
from treadctl.model import plain
from treadctl.model.answers import Answers, Morning
from treadctl.model.api import Clear, Connect
from treadctl.model.outcome import Stop
from treadctl.model.person import Concern, Level, Person
from treadctl.model.records import Closed, Opened
from treadctl.paths import Paths

pytestmark = pytest.mark.usefixtures("in_utc")

SIZES = ((40, 12), (80, 24), (200, 60))
FIRST = load_profile(find_profile("first-minute"))
ANSWERED = Person(Level.L0, age=40, screened="2030-01-01")
assert DONE.summary is not None
WALKED = DONE._replace(simulated=False, summary=replace(DONE.summary, file="s-0.jsonl", backward=60_000, pain_before=2))
PAUSE = (max(YOUNG, SAME) + 50) / 1000


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths(tmp_path / "run", tmp_path / "state", tmp_path / "data", tmp_path / "config")
    save_person(found.person, ANSWERED)
    return found


def record(paths: Paths, day: float, session: str = "s-0") -> None:
    assert WALKED.summary is not None
    paths.sessions.mkdir(parents=True, exist_ok=True)
    started = datetime.fromtimestamp(at(day), UTC).isoformat()
    entries = [Opened(session, started, "0", "Mill", False, FIRST), Closed(1, WALKED.summary)]
    lines = [json.dumps(plain.dump(entry), separators=(",", ":")) + "\n" for entry in entries]
    (paths.sessions / f"{session}.jsonl").write_text("".join(lines))


class Stage:
    """The app with a person's files; `press` waits as long as a person reads."""

    def __init__(self, app: TreadctlApp, access: FakeAccess, pilot: Pilot[int]) -> None:
        self.app, self.access, self.pilot = app, access, pilot

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.pause(PAUSE)
            await self.pilot.press(key)

    async def write(self, text: str) -> None:
        await self.pilot.press(*text)

    async def say(self, *messages: object) -> None:
        for message in messages:
            self.access.say(message)  # type: ignore[arg-type]
        await self.until(self.access._inbox.empty)

    async def until(self, true: Callable[[], object], tries: int = 200) -> None:
        for _ in range(tries):
            await self.pilot.pause(0.02)
            if true():
                return
        raise AssertionError(f"never came true; shown: {self.text}")

    async def at(self, screen: type[PageScreen]) -> None:
        await self.until(lambda: isinstance(self.app.screen, screen) and self.app.screen.query(Page) and self.text)

    @property
    def text(self) -> str:
        assert isinstance(self.app.screen, PageScreen)
        return " ".join(plain_text(self.app.screen.page.rows).split())


@asynccontextmanager
async def stage(
    paths: Paths, day: float = 0.1, size: tuple[int, int] = (80, 24), papers: type[Papers] = Papers
) -> AsyncIterator[Stage]:
    access = FakeAccess()
    app = TreadctlApp(access, clock=monotonic_ms, papers=papers(paths, lambda: at(day), lambda: "2030-01-08"))
    async with app.run_test(size=size) as pilot:
        found = Stage(app, access, pilot)
        await found.until(lambda: app.talk.open)
        yield found


def told(paths: Paths) -> Answers:
    return load_answers(paths.data / answers.NAME).get("s-0", Answers())


# --- after the walk ------------------------------------------------------------------------------------------------


async def finished(on: Stage) -> None:
    await on.say(READY, BACKWARD, WALKED)
    await on.at(WalkScreen)
    await on.until(lambda: "I am off" in on.text)


async def test_questions_come_only_after_a_key_says_i_am_off(paths: Paths) -> None:
    record(paths, 0)
    async with stage(paths) as on:
        await finished(on)
        await on.press("3")
        assert isinstance(on.app.screen, WalkScreen)
        await on.press("enter")
        await on.at(AfterScreen)
        assert "AFTER THE WALK, 1 OF 3" in on.text
        await on.press("x", "3", "1", "5")
        await on.until(lambda: "1 walk, 1 min backward" in on.text)
        await on.press("enter")
        await on.at(HomeScreen)
    assert told(paths) == Answers(effort=3, pain_before=2, pain_after=1, confidence=5)


async def test_a_stop_by_accident_can_be_said_and_is_kept(paths: Paths) -> None:
    assert WALKED.summary is not None
    by_hand = replace(WALKED.summary, finished=False, reason="You pressed stop.")
    async with stage(paths) as on:
        await on.say(READY, BACKWARD, WALKED._replace(summary=by_hand))
        await on.until(lambda: "I am off" in on.text)
        await on.press("enter", "3", "1", "5")
        assert "AFTER THE WALK, 4 OF 4" in on.text and "no, by accident" in on.text
        await on.press("n")
        await on.until(lambda: load_book(paths.state / book.NAME).told)
    assert [told.stop for told in load_book(paths.state / book.NAME).told] == [Stop.SLIP]


class OnASlowDisk(Papers):
    def keep_answers(self, session: str, told: Answers, simulated: bool) -> None:
        time.sleep(0.5)
        super().keep_answers(session, told, simulated)


async def test_what_was_answered_is_kept_when_the_program_is_left_in_the_middle(paths: Paths) -> None:
    async with stage(paths, papers=OnASlowDisk) as on:
        await finished(on)
        await on.press("enter", "8")
        await on.pilot.press("q")
    assert told(paths) == Answers(effort=8, pain_before=2)


async def test_an_answer_can_be_taken_back_and_a_skip_is_no_answer(paths: Paths) -> None:
    record(paths, 0)
    async with stage(paths) as on:
        await finished(on)
        await on.press("enter", "8", "backspace", "2", "minus", "minus")
        await on.until(lambda: "1 walk" in on.text)
    assert told(paths) == Answers(effort=2, pain_before=2)


async def test_of_a_simulated_walk_nothing_comes_among_the_persons_files(paths: Paths) -> None:
    async with stage(paths) as on:
        await on.say(READY, BACKWARD, WALKED._replace(simulated=True))
        await on.until(lambda: "I am off" in on.text)
        await on.press("enter", "8", "1", "5")
        await on.pilot.press("q")
    assert not (paths.data / answers.NAME).exists()


async def test_an_alarm_is_painted_over_the_questions_and_keys_answer_nothing(paths: Paths) -> None:
    async with stage(paths) as on:
        await finished(on)
        await on.press("enter")
        await on.at(AfterScreen)
        await on.say(BACKWARD._replace(alarm="Belt is moving. Pull the key."))
        await on.press("3")
        assert isinstance(on.app.screen, WalkScreen) and "ALARM" in on.text
    assert told(paths) == Answers()


async def test_where_nobody_walked_nothing_is_asked(paths: Paths) -> None:
    assert WALKED.summary is not None
    async with stage(paths) as on:
        await on.say(READY, WALKED._replace(summary=replace(WALKED.summary, walked=0)))
        await on.until(lambda: "done" in on.text)
        await on.press("enter")
        await on.at(HomeScreen)


def test_a_held_key_answers_one_question_only() -> None:
    patience = Patience()
    patience.ask(0)
    assert not patience.accepts("3", YOUNG - 1)
    assert not patience.accepts("3", YOUNG + 400), "it repeats"
    assert patience.accepts("4", YOUNG + 450)
    assert not patience.accepts("4", YOUNG + 450 + SAME - 1)
    assert patience.accepts("4", YOUNG + 450 + 2 * SAME)


# --- before the list -----------------------------------------------------------------------------------------------


async def test_the_morning_after_is_asked_before_the_list_and_once(paths: Paths) -> None:
    record(paths, 0)
    async with stage(paths, 1) as on:
        await on.at(MorningScreen)
        await on.press("x", "w")
        await on.at(HomeScreen)
    assert told(paths).morning is Morning.WORSE
    async with stage(paths, 1) as on:
        await on.until(lambda: on.app.choosing.offers is not None)
        assert isinstance(on.app.screen, HomeScreen)


async def test_the_first_questions_are_offered_once_and_never_forced(paths: Paths) -> None:
    save_person(paths.person, Person())
    async with stage(paths) as on:
        await on.at(OfferScreen)
        await on.press("n")
        await on.at(HomeScreen)
    async with stage(paths) as on:
        await on.until(lambda: on.app.choosing.offers is not None)
        assert isinstance(on.app.screen, HomeScreen)
        await on.press("y")
        await on.at(YouScreen)
        await on.until(lambda: "not answered yet: press a" in on.text)


# --- about you -----------------------------------------------------------------------------------------------------


async def test_the_questions_are_answered_and_the_guardian_reads_anew(paths: Paths) -> None:
    save_person(paths.person, Person())
    async with stage(paths) as on:
        await on.at(OfferScreen)
        await on.press("y")
        await on.at(YouScreen)
        await on.write("44")
        await on.press("enter", "y")
        await on.until(lambda: load_person(paths.person).concerns == (Concern.FALL,))
        await on.press(*["n"] * 9, "y")
        await on.say(IDLE)
        await on.write("q")
        assert on.app.is_running
        await on.press("backspace")
        await on.write("Dr Quick f")
        assert on.app.is_running and "Dr Quick f_" in _name(on)
        await on.press("enter", "n")
        await on.write("4.5")
        await on.press("enter", "y")
        await on.until(lambda: load_person(paths.person).screened)
        await on.until(lambda: Clear() in on.access.told)
        assert "up to 1.2 km/h" in on.text
    person = load_person(paths.person)
    assert (person.age, person.clinician, person.comfortable_forward) == (44, "Dr Quick f", 450)


def _name(on: Stage) -> str:
    screen = on.app.screen
    assert isinstance(screen, YouScreen) and screen._asking is not None
    return screen._asking.typed + "_"


async def test_who_leaves_in_the_middle_is_not_freer_than_they_said(paths: Paths) -> None:
    save_person(paths.person, Person())
    async with stage(paths) as on:
        await on.at(OfferScreen)
        await on.press("y")
        await on.at(YouScreen)
        await on.write("abc")
        await on.press("enter")
        assert "whole years" in on.text
        await on.write("70")
        await on.press("enter", "y", "escape")
        await on.until(lambda: "count as not answered" in on.text)
    person = load_person(paths.person)
    assert (person.age, person.concerns, person.screened) == (70, (Concern.FALL,), "")


# --- the plan ------------------------------------------------------------------------------------------------------


async def test_a_plan_is_started_after_a_yes_and_offers_its_walk_like_any_profile(paths: Paths) -> None:
    async with stage(paths) as on:
        await on.press("p")
        await on.at(PlanScreen)
        await on.until(lambda: "Starter" in on.text)
        await on.press("enter", "n")
        assert not book.load_book(paths.state / book.NAME).plan
        await on.press("enter", "y")
        await on.until(lambda: "STARTER, week 1" in on.text)
        assert "Today: First minute: 1:00 backward" in on.text and "For level 1 still" in on.text
        await on.press("enter")
        await on.at(PreviewScreen)
        await on.press("enter")
        await on.until(lambda: Connect("") in on.access.asked)
        assert on.app.state.plan is not None and on.app.state.plan.name == "First minute"
    assert book.load_book(paths.state / book.NAME).plan == "starter"


async def test_a_plan_out_of_reach_says_what_it_needs_and_is_not_started(paths: Paths) -> None:
    async with stage(paths) as on:
        await on.press("p")
        await on.until(lambda: isinstance(on.app.screen, PlanScreen) and "Starter" in on.text)
        await on.press("end", "enter", "y")
        assert "cannot be started yet" in on.text and not book.load_book(paths.state / book.NAME).plan


async def test_a_level_is_offered_and_taken_only_with_a_yes(paths: Paths) -> None:
    start(paths, "starter", at(0) - 60)
    known(paths, at(0) - 30)
    for n, day in enumerate((0, 2, 4, 7, 9, 11)):
        record(paths, day, f"s-{n}")
        answers.add_answers(paths.data / answers.NAME, f"s-{n}", WELL)
        _long(paths, f"s-{n}")
    async with stage(paths, 14) as on:
        await on.press("p")
        await on.until(lambda: isinstance(on.app.screen, PlanScreen) and "is open to you" in on.text)
        await on.press("l", "n")
        assert load_person(paths.person).level is Level.L0
        await on.press("l", "y")
        await on.until(lambda: "from today" in on.text)
        assert Clear() in on.access.told
    assert load_person(paths.person).level is Level.L1


def _long(paths: Paths, session: str) -> None:
    """As if it had been the walk of three minutes."""
    file = paths.sessions / f"{session}.jsonl"
    first, last = (json.loads(line) for line in file.read_text().splitlines())
    first["program"] = plain.dump(load_profile(find_profile("first-steps")))
    last["summary"]["backward"] = 180_000
    file.write_text(json.dumps(first, separators=(",", ":")) + "\n" + json.dumps(last, separators=(",", ":")) + "\n")


@pytest.mark.parametrize("size", SIZES)
async def test_every_page_is_shown_at_every_size(paths: Paths, size: tuple[int, int]) -> None:
    start(paths, "starter", at(0) - 60)
    record(paths, 0)
    async with stage(paths, 1, size) as on:
        await on.at(MorningScreen)
        assert "ANY KEY STOPS" not in on.text and "skip" in on.text
        await on.press("s")
        await on.at(HomeScreen)
        await on.press("p")
        await on.until(lambda: "No walk now" in on.text and "[·]" in on.text)
        assert "back" in on.text
        await on.press("b", "y")
        await on.until(lambda: "Age 40." in on.text)
        assert "answer the questions" in on.text


async def test_a_damaged_file_is_said_and_nothing_is_lost(paths: Paths) -> None:
    paths.state.mkdir(parents=True)
    (paths.state / book.NAME).write_text('{"plan":7}')
    async with stage(paths) as on:
        await on.press("p")
        await on.until(lambda: "restore it" in on.text)
        await on.press("b")
        await on.at(HomeScreen)
    assert (paths.state / book.NAME).read_text() == '{"plan":7}'
