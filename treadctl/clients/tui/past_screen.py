"""The screen of what was walked: reads it in a thread, and opens one walk. It changes nothing and moves no belt."""

from __future__ import annotations

from dataclasses import replace

from textual import events

from treadctl.clients.past import Found, Past
from treadctl.clients.past_words import Ahead, Sums
from treadctl.model.errors import TreadctlError
from treadctl.sessions.session import Session

from .canvas import Canvas
from .papers import Papers
from .past_page import Part, PastView, paint_past
from .person_screens import AWAY, MOVES, PersonScreen
from .week_charts import MEASURES


class Left(TreadctlError):
    """Nobody looks at this page any more."""


class PastScreen(PersonScreen):
    """Weeks first, then every walk, then one."""

    def __init__(self, papers: Papers) -> None:
        super().__init__(papers)
        self._view = PastView()
        self._read = (0, 0)
        self._left = False

    def on_mount(self, event: events.Mount) -> None:
        super().on_mount(event)
        self.turn.do(lambda: self.papers.past(self._watch), lambda both: self._have(*both))
        self.turn.do(self._ahead, self._have_ahead)

    async def on_unmount(self) -> None:
        """Nothing is being kept here: what is still to be read is read another time."""
        self._left = True

    def _watch(self, done: int, of: int) -> None:
        """In the thread that reads: the next heartbeat shows it."""
        if self._left:
            raise Left("The page was left before everything was read.")
        self._read = (done, of)

    def _ahead(self) -> Ahead:
        return Ahead() if self._left else self.papers.ahead()

    def paint_still(self, canvas: Canvas) -> None:
        shown = replace(self._view, problem=self.problem, read=self._read)
        paint_past(canvas, shown, self.desk.state.local)

    def _have(self, found: Found, sums: Sums) -> None:
        self._show(replace(self._view, found=found, sums=sums))

    def _have_ahead(self, ahead: Ahead) -> None:
        self._show(replace(self._view, ahead=ahead))

    def _have_one(self, session: Session, one: Past) -> None:
        """Unless something else was opened meanwhile."""
        view = self._view
        chosen = None if view.found is None else view.found.walks[view.chosen].figures.name
        if view.part is Part.ONE and chosen == session.name:
            self._show(replace(view, one=(session, one)))

    def _show(self, view: PastView) -> None:
        self._view = view
        if self.is_attached:
            self.repaint()

    def on_key(self, event: events.Key) -> None:
        view = self._view
        if event.key in {*AWAY, "backspace"}:
            self._back(view)
        elif view.found is not None and view.found.walks:
            self._go(view, view.found, event.key)
        self.repaint()

    def _back(self, view: PastView) -> None:
        """From one walk to the list, from the list to the weeks, from there home."""
        self.problem = ""
        if view.part is Part.WEEKS:
            self.desk.go_home()
        else:
            self._view = replace(view, part=Part.WALKS if view.part is Part.ONE else Part.WEEKS, one=None)

    def _go(self, view: PastView, found: Found, key: str) -> None:
        if key in MOVES and view.part is Part.WALKS:
            self._view = replace(view, chosen=max(0, min(len(found.walks) - 1, view.chosen + MOVES[key])))
        elif key in MOVES and view.part is Part.WEEKS:
            self._view = replace(view, top=max(0, min(len(MEASURES), view.top + MOVES[key])))
        elif key == "enter" and view.part is Part.WEEKS:
            self._view = replace(view, part=Part.WALKS)
        elif key == "enter" and view.part is Part.WALKS:
            name = found.walks[view.chosen].figures.name
            self._view = replace(view, part=Part.ONE, one=None)
            self.turn.do(lambda: self.papers.session(name), lambda both: self._have_one(*both))
