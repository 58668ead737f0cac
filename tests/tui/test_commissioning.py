"""Learning a machine on the screens: the empty belt is on every one of them, and a number is typed key by key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.tui.fakes import FakeAccess
from tests.tui.moments import BACKWARD, FORWARD, READY
from tests.tui.test_app import Stage
from treadctl.clients.clock import monotonic_ms
from treadctl.clients.headless import _number_asked
from treadctl.clients.numbers import LONGEST, typed, types
from treadctl.clients.tui.app import TreadctlApp
from treadctl.clients.tui.canvas import Canvas, plain_text
from treadctl.clients.tui.card_page import paint_card
from treadctl.clients.tui.cards import card_of
from treadctl.clients.tui.keys import Typed, meaning_of
from treadctl.clients.tui.view import EMPTY_BELT, Local
from treadctl.model.api import Answer, Asking, Belt, Choice, Commission, Connect, Phase, Press, Question, Snapshot
from treadctl.model.errors import ExitCode
from treadctl.model.units import kmh

UP = READY._replace(phase=Phase.IDLE, program="", to_walk=0, left=0)
NUMBER = UP._replace(
    phase=Phase.CHECKING,
    question=Question("shown-1", "What did the console show?", Asking.NUMBER, detail="In km/h.", heard=True),
)
SECOND = NUMBER._replace(question=replace(NUMBER.question, id="shown-2"))  # type: ignore[type-var]
REPORT = "starts by remote: yes · stop from 2 km/h, s: 3.8 · samples at standstill: yes"
KEEP = UP._replace(
    phase=Phase.CHECKING,
    question=Question(
        "keep", "Keep what was learnt?", Asking.CHOICE, (Choice("k", "keep it"), Choice("d", "drop it")), REPORT, True
    ),
)
KEPT = UP._replace(phase=Phase.DONE, reason="Kept. Backward: yes.")
LEARNING = Local(commissioning=True, beginning=False)


@asynccontextmanager
async def learning(refusal: str = "") -> AsyncIterator[Stage]:
    """The app as `treadctl commission` starts it, with the link up."""
    access = FakeAccess(refusal=refusal)
    app = TreadctlApp(access, clock=monotonic_ms, wish=Commission(2))
    async with app.run_test(size=(100, 30)) as pilot:
        on = Stage(app, access, pilot)
        await on.until(lambda: app.talk.open and any(isinstance(asked, Connect) for asked in access.asked))
        await on.say(UP)
        yield on


async def press(on: Stage, moment: Snapshot, *keys: str, apart: float = 0.15) -> None:
    """Keys at this moment, once it could be read: an earlier key was meant for what stood there before."""
    await on.say(moment)
    await on.pilot.pause(0.35)
    for key in keys:
        await on.say(moment)  # a guardian says so four times a second, and an old snapshot decides nothing
        await on.pilot.press(key)
        await on.pilot.pause(apart)


async def test_it_connects_and_asks_for_the_part_it_was_told_to() -> None:
    async with learning() as on:
        await on.until(lambda: on.access.asked[-1:] == [Commission(2)])
        assert EMPTY_BELT in on.text


async def test_a_refusal_is_shown_and_is_the_exit_code() -> None:
    async with learning("not today") as on:
        await on.until(lambda: "REFUSED" in on.text)
        assert on.app.talk.exit_code == ExitCode.NO_MACHINE  # here the link itself is refused


async def test_a_number_is_typed_shown_large_corrected_and_sent_with_enter() -> None:
    async with learning() as on:
        await press(on, NUMBER, "1", "comma", "9", "backspace", "0")
        await on.until(lambda: on.app.state.local.typed == "1.0" and "take one back" in on.text)
        assert "In km/h." in on.text
        assert not any(isinstance(told, (Press, Answer)) for told in on.access.told)
        await press(on, NUMBER, "enter")
        await on.until(lambda: Answer("shown-1", "1.0") in on.access.told)
        assert on.app.state.local.typed == ""


async def test_a_pasted_or_held_enter_sends_no_number() -> None:
    async with learning() as on:
        await press(on, NUMBER, "1")
        on.app._type(Typed("shown-1", "enter"), True)
        assert (on.access.told, on.app.state.local.typed) == ([], "1")
        on.app._type(Typed("shown-1", "2"), True)  # digits that arrive together come so over a slow line
        assert on.app.state.local.typed == "12"


async def test_enter_without_a_number_sends_nothing() -> None:
    async with learning() as on:
        await press(on, NUMBER, "enter")
        assert on.access.told == []


async def test_the_next_question_begins_with_nothing_typed() -> None:
    async with learning() as on:
        await press(on, NUMBER, "2")
        await on.until(lambda: on.app.state.local.typed == "2")
        await on.say(SECOND)
        await on.until(lambda: on.app.state.local.typed == "")


async def test_other_keys_are_presses_also_while_a_number_is_asked_for() -> None:
    async with learning() as on:
        await press(on, NUMBER, "space", "x")
        await on.until(lambda: on.presses == ["space", "x"])


async def test_what_was_learnt_is_a_table_and_its_answer_ends_it() -> None:
    async with learning() as on:
        await on.say(KEEP)
        await on.until(lambda: "stop from 2 km/h, s   3.8" in on.text)
        assert "keep it" in on.text and EMPTY_BELT in on.text
        await press(on, KEEP, "k")
        await on.until(lambda: Answer("keep", "k") in on.access.told)
        await on.say(KEPT)
        await on.until(lambda: "COMMISSIONING ENDED" in on.text)
        await on.pilot.press("enter")
        await on.until(lambda: on.app._exit)
        assert on.app.return_value == ExitCode.OK


@pytest.mark.parametrize("moment", [NUMBER, KEEP, UP._replace(phase=Phase.CHECKING), UP._replace(phase=Phase.TURNING)])
def test_the_empty_belt_stands_on_every_card(moment: object) -> None:
    card = card_of(moment, None, LEARNING)  # type: ignore[arg-type]
    assert card is not None and card.title == EMPTY_BELT


def test_while_the_empty_belt_moves_its_speed_is_read_off_the_console_and_not_here() -> None:
    running = FORWARD._replace(caption="Read the console. Remember the speed.", next=None)
    card = card_of(running, None, LEARNING)
    assert card is not None and card.sentence == "Read the console. Remember the speed."
    canvas = Canvas(100, 30)
    paint_card(canvas, card, running, None, LEARNING)
    text = plain_text(canvas.rows())
    assert "2.5" not in text and EMPTY_BELT in text
    stopping = card_of(running._replace(stop_sent=True), None, LEARNING)
    assert stopping is not None and stopping.sentence.startswith("Stopping")
    assert card_of(FORWARD, None, Local(beginning=False)) is None


def test_a_number_in_lines_is_typed_only_while_the_belt_is_still() -> None:
    assert _number_asked(NUMBER) == NUMBER.question
    for moving in (NUMBER._replace(belt=Belt.MOVING), NUMBER._replace(belt=Belt.UNKNOWN), KEEP, UP, None):
        assert _number_asked(moving) is None


# --- keys ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["1", "full_stop", "comma", "backspace", "enter"])
def test_while_the_belt_may_move_no_key_is_part_of_a_number(key: str) -> None:
    assert meaning_of(key, NUMBER, fresh=True) == Typed("shown-1", key)
    for moving in (NUMBER._replace(belt=Belt.MOVING, speed=kmh("1.0")), NUMBER._replace(belt=Belt.UNKNOWN)):
        assert meaning_of(key, moving, fresh=True) is None
    assert meaning_of(key, NUMBER, fresh=False) is None
    assert meaning_of(key, BACKWARD, fresh=True) is None


def test_a_number_has_digits_one_point_and_six_characters() -> None:
    text = ""
    for key in ("comma", "1", "2", ".", "full_stop", "5", "x", "-", "6", "7", "8"):
        text = typed(text, key)
    assert text == "12.567" and len(text) == LONGEST
    assert typed(text, "backspace") == "12.56" and typed("", "backspace") == ""
    assert not types("space") and not types("escape") and not types("minus")
