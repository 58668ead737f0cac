"""The two screens: home with its profiles, and the walk with everything around it. They paint; the app decides."""

from __future__ import annotations

from typing import Protocol, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from .canvas import Canvas
from .card_page import paint_card
from .cards import card_of
from .home_page import Offer, offer_at, paint_home
from .picker_page import machine_at, paint_picker
from .picking import Picking
from .state import State
from .view import may_move
from .walk_page import paint_walk
from .widgets import Page


class Desk(Protocol):
    """What the screens need of their app."""

    state: State
    ascii_only: bool
    picking: Picking

    def choose(self, offer: Offer) -> None: ...
    def pick(self) -> None: ...
    def scan(self) -> None: ...
    def connect(self) -> None: ...
    def commission(self) -> None: ...
    def go_home(self) -> None: ...


class PageScreen(Screen[None]):
    """One page over the whole terminal."""

    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False

    def compose(self) -> ComposeResult:
        yield Page(self.paint, ascii_only=self.desk.ascii_only)

    @property
    def desk(self) -> Desk:
        return cast(Desk, self.app)

    @property
    def page(self) -> Page:
        return self.query_one(Page)

    def paint(self, canvas: Canvas) -> None:
        """Paint the present moment."""
        raise NotImplementedError

    def repaint(self) -> None:
        for page in self.query(Page):  # none while it is made or taken down
            page.repaint()


class WalkScreen(PageScreen):
    """From the checklist to the summary: a card while still, the walk while the belt moves. Takes no text."""

    def paint(self, canvas: Canvas) -> None:
        paint_now(canvas, self.desk.state)


def paint_now(canvas: Canvas, state: State) -> None:
    """What has to be seen now, whichever screen it is on."""
    card = card_of(state.snapshot, state.plan, state.local)
    if card is not None:
        paint_card(canvas, card, state.snapshot, state.plan, state.local)
    elif state.snapshot is not None:
        paint_walk(canvas, state.snapshot, state.plan, state.local, state.history)


def urgent(state: State) -> bool:
    """Whether a list has to wait: the belt may move, so keys stop it, or there is an alarm."""
    return state.snapshot is not None and (may_move(state.snapshot) or bool(state.snapshot.alarm))


class HomeScreen(PageScreen):
    """The profiles. Keys reach it only while the belt is known to be still."""

    def __init__(self, offers: tuple[Offer, ...] | None) -> None:
        super().__init__()
        self.offers = offers
        self.chosen = 0

    def paint(self, canvas: Canvas) -> None:
        if urgent(self.desk.state):
            paint_now(canvas, self.desk.state)
        else:
            paint_home(canvas, self.offers, self.chosen, self.desk.state.local, self.desk.picking.linked)

    def offer(self, offers: tuple[Offer, ...]) -> None:
        """The profiles have been read."""
        self.offers = offers
        self.repaint()

    def on_key(self, event: events.Key) -> None:
        moves = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": 10, "pageup": -10, "home": -1000, "end": 1000}
        if event.key in moves and self.offers:
            self._move(self.chosen + moves[event.key])
        elif event.key == "enter":
            self._take()
        elif event.key == "m":
            self.desk.pick()
        elif event.key == "c" and self.desk.picking.linked is not None:
            self.desk.commission()

    def on_click(self, event: events.Click) -> None:
        under = offer_at(self.offers or (), self.chosen, self.size.height, event.screen_y)
        if under is not None:
            self._move(under)

    def _move(self, to: int) -> None:
        self.chosen = max(0, min(len(self.offers or ()) - 1, to))
        self.repaint()

    def _take(self) -> None:
        if self.offers and self.offers[self.chosen].program is not None:
            self.desk.choose(self.offers[self.chosen])


class PickerScreen(PageScreen):
    """The treadmills in reach. Keys reach it only while the belt is known to be still."""

    def paint(self, canvas: Canvas) -> None:
        state = self.desk.state
        if urgent(state):
            paint_now(canvas, state)
        else:
            paint_picker(canvas, self.desk.picking, state.snapshot, state.local)

    def on_key(self, event: events.Key) -> None:
        desk, picking = self.desk, self.desk.picking
        moves = {"down": 1, "j": 1, "up": -1, "k": -1, "home": -1000, "end": 1000}
        if picking.connecting:
            return
        if event.key in moves:
            picking.move(moves[event.key])
        elif event.key == "enter" and picking.on_linked:
            desk.go_home()
        elif event.key == "enter":
            desk.connect()
        elif event.key == "r":
            desk.scan()
        elif event.key == "c" and picking.linked is not None:
            desk.commission()
        elif event.key in {"b", "escape", "m", "backspace"}:
            desk.go_home()
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        picking = self.desk.picking
        picking.chosen = machine_at(picking, self.size.height, event.screen_y) or picking.chosen
        self.repaint()
