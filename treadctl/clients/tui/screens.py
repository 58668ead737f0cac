"""The screens that are always there: home, the treadmills, and the walk with everything around it. They paint; the app
decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from treadctl.clients.evening import Step, following
from treadctl.model.api import Intent

from .canvas import Canvas
from .card_page import paint_card
from .cards import card_of
from .choosing import Choosing, Offer
from .glance import before_the_walk, paint_beside_code
from .home_page import offer_at, paint_all_keys, paint_home
from .look import Letters, Look
from .picker_page import machine_at, paint_picker
from .picking import Picking
from .state import State
from .tiny import fits, paint_tiny
from .view import may_move, message_words
from .walk_page import paint_walk
from .widgets import Page


class Pages(Protocol):
    """The person's own pages. `evening`: the ticks of the first evening; None: there is none."""

    evening: frozenset[Step] | None

    def open_you(self, *, at_once: bool = False) -> None: ...
    def open_plan(self) -> None: ...
    def open_past(self) -> None: ...
    def open_hear(self) -> None: ...


class Desk(Protocol):
    """What the screens need of their app."""

    state: State
    look: Look
    glance: str
    picking: Picking
    choosing: Choosing

    def choose(self, offer: Offer) -> None: ...
    def preview(self, offer: Offer, *, opened: bool = False) -> None: ...
    def walk(self, offer: Offer) -> None: ...
    def open_shared(self, *, again: bool = True) -> None: ...
    def open_settings(self) -> None: ...
    def pick(self) -> None: ...
    def open_straps(self) -> None: ...
    def tell(self, intent: Intent) -> None: ...
    def scan(self) -> None: ...
    def connect(self) -> None: ...
    def commission(self) -> None: ...
    def rehearse(self) -> None: ...
    def go_home(self) -> None: ...
    def finish(self) -> None: ...

    @property
    def pages(self) -> Pages: ...


class PageScreen(Screen[None]):
    """One page over the whole terminal."""

    ALLOW_SELECT = False
    ESCAPE_TO_MINIMIZE = False

    def compose(self) -> ComposeResult:
        yield Page(self._paint_what_fits, self.desk.look)

    @property
    def letters(self) -> bool:
        """Whether letters are typed here: then none of them leaves the program or means anything else."""
        return False

    @property
    def desk(self) -> Desk:
        return cast(Desk, self.app)

    @property
    def page(self) -> Page:
        return self.query_one(Page)

    def paint(self, canvas: Canvas) -> None:
        """Paint the present moment."""
        raise NotImplementedError

    def _paint_what_fits(self, canvas: Canvas) -> None:
        if fits(canvas.width, canvas.height):
            self.paint(canvas)
        else:
            paint_tiny(canvas, self.desk.state)

    def repaint(self) -> None:
        for page in self.query(Page):  # none while it is made or taken down
            page.repaint()


class WalkScreen(PageScreen):
    """From the checklist to the summary: a card while still, the walk while the belt moves. Takes no text."""

    def paint(self, canvas: Canvas) -> None:
        desk = self.desk
        if desk.glance and desk.look.letters is not Letters.ASCII and before_the_walk(desk.state.snapshot):
            paint_beside_code(canvas, desk.glance, lambda card: paint_now(card, desk.state))
        else:
            paint_now(canvas, desk.state)


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


class StillScreen(PageScreen):
    """A page for a belt that is known to be still: keys reach it only then, and else the walk is painted over it."""

    def paint(self, canvas: Canvas) -> None:
        if urgent(self.desk.state):
            paint_now(canvas, self.desk.state)
        else:
            self.paint_still(canvas)

    def paint_still(self, canvas: Canvas) -> None:
        """Paint the page itself."""
        raise NotImplementedError


class HomeScreen(StillScreen):
    """The profiles. `?` puts all keys in their place until the next key."""

    def __init__(self) -> None:
        super().__init__()
        self._all_keys = False

    def paint_still(self, canvas: Canvas) -> None:
        desk = self.desk
        if self._all_keys:
            paint_all_keys(canvas, desk.state.local)
        else:
            paint_home(
                canvas, desk.choosing.offers, desk.choosing.chosen, desk.state.local, desk.picking.linked,
                desk.pages.evening, message_words(desk.state.snapshot),
            )  # fmt: skip

    def on_key(self, event: events.Key) -> None:
        moves = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": 10, "pageup": -10, "home": -1000, "end": 1000}
        if self._all_keys:
            self._all_keys = False
        elif event.character == "?":
            self._all_keys = True
        elif event.key in moves:
            self.desk.choosing.move(moves[event.key])
        else:
            self._act(event.key)
        self.repaint()

    def _act(self, key: str) -> None:
        """A key that leads to another page."""
        desk, offers, pages = self.desk, self.desk.choosing.offers, self.desk.pages
        leads: dict[str, Callable[[], None]] = {
            "o": desk.open_shared, "s": desk.open_settings, "m": desk.pick, "p": pages.open_plan, "h": pages.open_past,
            "y": pages.open_you, "r": desk.rehearse,
        }  # fmt: skip
        if key in {"enter", "v"} and offers and offers[desk.choosing.chosen].program is not None:
            do = desk.choose if key == "enter" else desk.preview
            do(offers[desk.choosing.chosen])
        elif key == "n" and desk.pages.evening is not None:
            self._go_on(following(desk.pages.evening))
        elif key in leads:
            leads[key]()
        elif key == "c" and desk.picking.linked is not None:
            desk.commission()

    def _go_on(self, step: Step | None) -> None:
        """To the next step of the first evening."""
        desk = self.desk
        match step:
            case Step.HEAR:
                desk.pages.open_hear()
            case Step.YOU:
                desk.pages.open_you(at_once=True)
            case Step.TEACH if desk.picking.linked is not None:
                desk.commission()
            case Step.FIND | Step.TEACH:
                desk.pick()
            case Step.REHEARSE:
                desk.rehearse()
            case None:
                pass

    def on_click(self, event: events.Click) -> None:
        choosing = self.desk.choosing
        under = offer_at(choosing.offers or (), choosing.chosen, self.size.height, event.screen_y)
        if under is not None and not self._all_keys:
            choosing.choose(under)
            self.repaint()


class PickerScreen(StillScreen):
    """The treadmills in reach."""

    def paint_still(self, canvas: Canvas) -> None:
        state = self.desk.state
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
        elif event.key == "h":
            desk.open_straps()
        elif event.key in {"b", "escape", "m", "backspace"}:
            desk.go_home()
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        picking = self.desk.picking
        picking.chosen = machine_at(picking, self.size.height, event.screen_y) or picking.chosen
        self.repaint()
