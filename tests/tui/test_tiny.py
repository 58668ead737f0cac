"""A terminal too small for any page: what is on it, the most important first."""

from __future__ import annotations

import pytest

from tests.tui.gallery import screens
from tests.tui.moments import BACKWARD, CHECKING, COUNTDOWN, HALTED, LOST, PLAN, SENT, SILENT
from treadctl.clients.tui.canvas import Canvas, plain_text
from treadctl.clients.tui.card_page import paint_card
from treadctl.clients.tui.cards import card_of
from treadctl.clients.tui.look import Look
from treadctl.clients.tui.state import State
from treadctl.clients.tui.tiny import LEAST, fits, paint_tiny
from treadctl.clients.tui.view import Local
from treadctl.control.preparation import YES_NO, Handling, briefing
from treadctl.control.prompts import NO_REACH
from treadctl.control.reach import CHOICES
from treadctl.files.profile import check_profile, find_profile
from treadctl.model.answers import PAIN_BEFORE
from treadctl.model.api import Asking, Question, Snapshot
from treadctl.model.program import expand, expected_ms, totals


def shown(snapshot: Snapshot | None, width: int = 20, height: int = 5) -> list[str]:
    state, canvas = State(simulated=snapshot is not None), Canvas(width, height, Look())
    if snapshot is not None:
        state.take(snapshot, 0)
    paint_tiny(canvas, state)
    return [line.strip() for line in plain_text(canvas.rows()).splitlines()]


def test_the_least_terminal_is_forty_by_twelve() -> None:
    assert fits(40, 12) and not fits(39, 12) and not fits(40, 11)


@pytest.mark.parametrize(
    ("snapshot", "first", "second"),
    [
        (BACKWARD, "ANY KEY STOPS", "↓ BACKWARD 1.0 km/h"),
        (SENT, "STOP SENT", "STOP SENT 0.6 km/h"),
        (COUNTDOWN, "THE BELT IS STILL", "BELT STARTS IN 4"),
        (HALTED, "THE BELT IS STILL", "A question waits."),
    ],
)
def test_how_to_stop_comes_first_then_the_belt_then_that_it_is_too_small(
    snapshot: Snapshot, first: str, second: str
) -> None:
    assert shown(snapshot) == [first, second, "Too small: 20x5.", "Make it 40x12.", "SIMULATED"]


def test_an_old_speed_is_none() -> None:
    assert shown(SILENT)[1:3] == ["↓ BACKWARD speed", "unknown"]


def test_an_alarm_stands_above_everything_but_the_key() -> None:
    assert shown(LOST) == ["NO LINK: PULL THE", "KEY", "Connection lost.", "Pull the key.", "↓ BACKWARD speed"]
    assert shown(LOST, 30, 1) == ["NO LINK: PULL THE KEY"]


def test_before_there_is_a_controller_it_says_only_that_it_is_too_small() -> None:
    assert shown(None)[:3] == ["NO MACHINE CONNECTED", "Too small: 20x5.", "Make it 40x12."]


def test_no_size_breaks_it() -> None:
    for width in range(1, 45):
        for height in range(1, 14):
            assert len(shown(LOST, width, height)) <= height


# --- and the smallest that the pages are made for ---------------------------------------------------------------------


def page(name: str) -> str:
    canvas = Canvas(40, 12, Look())
    screens()[name](canvas)
    return plain_text(canvas.rows())


def test_on_the_one_row_for_it_a_warning_stands_instead_of_what_comes_next() -> None:
    assert "Keys go elsewhere: click into this" in page("card-keys-elsewhere")
    assert "NEXT  turn round" in page("walk-backward")


def test_small_print_is_whole_or_begins_at_its_begin() -> None:
    assert "✓ Do you feel well: no" in page("card-checklist")
    assert "Pain, against the days before…" in page("morning")


def test_why_a_profile_is_refused_takes_the_rows_of_its_dose() -> None:
    assert "backward, which needs level 2; you" in page("home-refused")


def test_every_key_of_home_keeps_its_first_words() -> None:
    shown = page("home-keys")
    for words in ("walk it", "preview", "your plan", "about you", "treadmills", "rehearse", "s  settings", "q  quit"):
        assert words in shown, shown


# --- the smallest one that the pages are made for --------------------------------------------------------------------

ANSWERED = Local(beginning=False, answered=(("Do you feel well: no dizziness, no chest pain, no alcohol?", "yes"),) * 2)
DEMO = expand(check_profile(find_profile("demo"))[0])
BRIEFING = briefing(totals(DEMO), expected_ms(DEMO), Handling(runs_on=True))
BEFORE_A_START = (
    Question("begin", "Begin?", Asking.CHOICE, YES_NO, BRIEFING),
    PAIN_BEFORE,
    Question("reach-failed", "Try again, or end?", Asking.CHOICE, CHOICES, NO_REACH),
)


def on_a_small_card(question: Question) -> str:
    """Its words in order."""
    canvas = Canvas(*LEAST)
    snapshot = CHECKING._replace(question=question)
    card = card_of(snapshot, PLAN, ANSWERED)
    assert card is not None
    paint_card(canvas, card, snapshot, PLAN, ANSWERED)
    return " ".join(plain_text(canvas.rows()).split())


@pytest.mark.parametrize("question", BEFORE_A_START, ids=lambda question: question.id)
def test_what_has_to_be_read_before_a_start_is_whole_on_the_smallest_screen(question: Question) -> None:
    text = on_a_small_card(question)
    assert question.detail in text and question.text in text
    assert all(choice.label in text for choice in question.choices)


def test_what_is_cut_off_is_seen_to_be() -> None:
    text = on_a_small_card(Question("begin", "Begin?", Asking.CHOICE, YES_NO, "one more word " * 40))
    assert "… Begin?" in text and "B E L T" in text
