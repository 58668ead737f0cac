"""The address as a code: what is drawn is the code, and the screen makes room for it."""

from __future__ import annotations

import segno

from tests.tui.moments import PLAN
from treadctl.clients.glance.qr import QUIET, rows
from treadctl.clients.tui.canvas import Canvas, Ink, plain_text
from treadctl.clients.tui.card_page import paint_card
from treadctl.clients.tui.cards import card_of
from treadctl.clients.tui.glance import before_the_walk, paint_beside_code
from treadctl.clients.tui.view import Local
from treadctl.model.api import Phase, Snapshot

ADDRESS = "http://192.168.178.123:8470/AbCdEfGhIjKlMnOpQrStUv/"


def test_the_code_is_drawn_square_by_square() -> None:
    """Written out from what each half block shows, apart from the table that drew it."""
    upper = {"█": 0, "▀": 0, "▄": 1, " ": 1}
    lower = {"█": 0, "▀": 1, "▄": 0, " ": 1}
    squares = [[half[c] for c in line] for line in rows(ADDRESS) for half in (upper, lower)]
    expected = [list(row) for row in segno.make(ADDRESS, error="l", micro=False).matrix_iter(border=QUIET)]
    assert squares[: len(expected)] == expected
    assert all(len(line) == len(expected[0]) for line in rows(ADDRESS))


def _painted(width: int, height: int) -> str:
    canvas = Canvas(width, height)
    snapshot = Snapshot(phase=Phase.CHECKING)
    card = card_of(snapshot, PLAN, Local())
    assert card is not None
    paint_beside_code(canvas, ADDRESS, lambda left: paint_card(left, card, snapshot, PLAN, Local()))
    return plain_text(canvas.rows())


def test_a_usual_terminal_shows_the_card_and_the_code() -> None:
    shown = _painted(80, 24)
    for line in rows(ADDRESS):
        assert line.rstrip() in shown
    assert "Page for phone or tablet" in shown


def test_a_small_terminal_shows_the_card_alone() -> None:
    assert "Page for phone" not in _painted(60, 24) + _painted(80, 16)


def test_the_code_is_shown_only_before_the_walk() -> None:
    assert before_the_walk(None) and before_the_walk(Snapshot(phase=Phase.CHECKING))
    assert not before_the_walk(Snapshot(phase=Phase.ASKING)) and not before_the_walk(Snapshot(phase=Phase.WALKING))


def test_what_stands_beside_the_code_keeps_its_inks() -> None:
    canvas = Canvas(80, 24)
    paint_beside_code(canvas, ADDRESS, lambda left: left.center(5, "here", Ink.ALARM))
    assert ("here", Ink.ALARM) in [(span.text, span.ink) for span in canvas.rows()[5]]
