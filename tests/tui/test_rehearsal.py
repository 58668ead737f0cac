"""A rehearsal on the screens: every card says that the belt stays still, and no treadmill is no obstacle."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.tui.fakes import FakeAccess
from tests.tui.moments import READY
from tests.tui.test_app import Stage
from treadctl.clients.clock import monotonic_ms
from treadctl.clients.headless import _Walk
from treadctl.clients.tui.app import TreadctlApp
from treadctl.clients.tui.cards import REHEARSED, card_of
from treadctl.clients.tui.view import REHEARSAL, Local
from treadctl.model.api import (
    Answer,
    Asking,
    Belt,
    Choice,
    Connect,
    Footer,
    Intent,
    LinkState,
    Phase,
    Press,
    Question,
    Rehearse,
    Snapshot,
    Verdict,
)
from treadctl.model.errors import ExitCode
from treadctl.paths import Paths

UP = READY._replace(phase=Phase.IDLE, program="", to_walk=0, left=0)
ALONE = UP._replace(
    link=LinkState.FAILED, belt=Belt.UNKNOWN, footer=Footer.NOTHING, machine="", speed=None, sample_age=None,
    notice="No treadmill answers.",
)
YES_NO = (Choice("y", "yes"), Choice("n", "no"))
CLIP = Question("clip", "Is the key clipped?", Asking.CHOICE, YES_NO, heard=True)
MOMENTS = (
    UP._replace(phase=Phase.CHECKING, question=CLIP),
    UP._replace(phase=Phase.TURNING, caption="Feet on the side rails."),
    UP._replace(phase=Phase.ASKING, question=Question("confirm", "Facing away? Press, tone, press.", Asking.CONFIRM)),
    UP._replace(phase=Phase.REACHING, question=Question("press", "Press your stop key.", Asking.REACH, heard=True)),
)
PRACTISING = Local(rehearsing=True, beginning=False)


@asynccontextmanager
async def rehearsing(moment: Snapshot, access: FakeAccess | None = None) -> AsyncIterator[Stage]:
    """The app as `treadctl rehearse` starts it; what the link came to is said by `moment`."""
    access = access or FakeAccess()
    app = TreadctlApp(access, clock=monotonic_ms, wish=Rehearse())
    async with app.run_test(size=(100, 30)) as pilot:
        on = Stage(app, access, pilot)
        await on.until(lambda: app.talk.open and any(isinstance(asked, Connect) for asked in access.asked))
        await on.say(moment)
        yield on


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.phase.value)
def test_every_card_says_that_it_is_practice_and_the_belt_stays_still(moment: Snapshot) -> None:
    card = card_of(moment, None, PRACTISING)
    assert card is not None and card.title == REHEARSAL


def test_the_alarm_is_the_real_card_and_says_nothing_of_a_belt_that_is_not_there() -> None:
    alarm = MOMENTS[3]._replace(alarm="This is the alarm, for practice.")
    card = card_of(alarm, None, PRACTISING)
    assert card is not None and (card.title, card.action) == ("ALARM", "Belt stopped.")
    alone = card_of(ALONE._replace(phase=Phase.REACHING, alarm="The alarm."), None, PRACTISING)
    assert alone is not None and alone.action == ""
    walk = card_of(ALONE._replace(phase=Phase.REACHING, alarm="The alarm."), None, Local(beginning=False))
    assert walk is not None and walk.action.startswith("Belt unknown")


def test_its_end_is_a_sentence_and_no_figures_of_a_walk() -> None:
    card = card_of(UP._replace(phase=Phase.DONE, reason="Rehearsed."), None, PRACTISING)
    assert card is not None and (card.title, card.sentence, card.figures) == (REHEARSED, "Rehearsed.", ())


async def test_it_connects_and_begins() -> None:
    async with rehearsing(UP) as on:
        await on.until(lambda: on.access.asked[-1:] == [Rehearse()])
        assert REHEARSAL in on.text


async def test_where_no_treadmill_answers_it_goes_on_without() -> None:
    async with rehearsing(ALONE) as on:
        await on.until(lambda: on.access.asked[-1:] == [Rehearse()])
        assert "REFUSED" not in on.text


class Held(FakeAccess):
    """The guardian does not leave the machine that it is linked to."""

    async def ask(self, intent: Intent) -> Verdict:
        if isinstance(intent, Connect):
            self.asked.append(intent)
            return Verdict(1, False, "linked to another one")
        return await super().ask(intent)


async def test_beside_another_treadmill_it_does_not_begin() -> None:
    access = Held()
    app = TreadctlApp(access, clock=monotonic_ms, wish=Rehearse())
    async with app.run_test(size=(100, 30)) as pilot:
        on = Stage(app, access, pilot)
        app.state.snapshot = UP
        await on.until(lambda: app.state.local.refused == "linked to another one")
        assert Rehearse() not in access.asked and app.talk.exit_code == ExitCode.NO_MACHINE


async def test_home_has_a_key_for_it() -> None:
    access = FakeAccess()
    app = TreadctlApp(access, clock=monotonic_ms)
    async with app.run_test(size=(100, 30)) as pilot:
        on = Stage(app, access, pilot)
        await on.until(lambda: app.talk.open)
        await on.say(UP)
        await pilot.press("r")
        await on.until(lambda: bool(access.asked))
        await on.say(UP)
        await on.until(lambda: access.asked[-1:] == [Rehearse()])


# --- plain lines -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("snapshot", "meaning"),
    [
        (ALONE._replace(phase=Phase.CHECKING, question=CLIP), Answer("clip", "y")),
        (UP._replace(phase=Phase.CHECKING, question=CLIP), Answer("clip", "y")),
        (UP._replace(phase=Phase.CHECKING, question=CLIP, belt=Belt.UNKNOWN, link=LinkState.UP), Press("y")),
        (None, Press("y")),
    ],
)
def test_a_question_is_answered_where_no_belt_can_move_and_else_the_key_stops(
    snapshot: Snapshot | None, meaning: Intent, tmp_path: Path
) -> None:
    walk = _Walk(Paths(tmp_path, tmp_path, tmp_path, tmp_path), Rehearse(), None, 1, "")
    assert walk._meaning("y", held=False, snapshot=snapshot) == meaning
