"""The screen of the plan: reads it in a thread, asks before anything is changed, and hands a walk on. Moves no belt.

A walk that is offered goes the way of every profile; a changed copy is seen before it is walked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from textual import events

from treadctl.clients.known import Known
from treadctl.model.plan import Plan
from treadctl.plans.today import Offer as Walk

from .canvas import Canvas
from .papers import Papers
from .person_screens import AWAY, MOVES, REREAD, PersonScreen, ms_of
from .plan_page import PlanView, paint_plan

MOST_ROWS = 60
"""Chosen: more rows than a plan has to say."""


class PlanScreen(PersonScreen):
    """The plan that is followed, or the list of plans."""

    def __init__(self, papers: Papers) -> None:
        super().__init__(papers)
        self._view = PlanView(now=papers.now)
        self._confirmed: Callable[[], None] = lambda: None

    def on_mount(self, event: events.Mount) -> None:
        super().on_mount(event)
        self._read()

    def paint_still(self, canvas: Canvas) -> None:
        paint_plan(canvas, replace(self._view, problem=self.problem), self.desk.state.local)

    def _read(self) -> None:
        self.turn.do(lambda: (self.papers.known(), self.papers.plans()), lambda both: self._have(*both))

    def _have(self, known: Known, plans: tuple[tuple[Plan, str], ...]) -> None:
        """Reading it may have lowered the level, which the guardian has to know."""
        self._view = replace(self._view, known=known, plans=plans, now=self.papers.now)
        self.person_desk.tell(REREAD)
        if self.is_attached:
            self.repaint()

    def on_key(self, event: events.Key) -> None:
        view = self._view
        followed = None if view.known is None else view.known.followed
        listing = view.known is not None and (view.listing or followed is None)
        if view.confirm:
            self._confirm(event)
        elif event.key in {*AWAY, "backspace"}:
            self._leave(listing=listing and followed is not None)
        elif listing and view.plans:
            self._list_key(event)
        elif view.known is not None:
            self._plan_key(event, view.known)
        self.repaint()

    def _leave(self, *, listing: bool) -> None:
        self.problem = ""
        if listing:
            self._view = replace(self._view, listing=False)
        else:
            self.desk.go_home()

    def _list_key(self, event: events.Key) -> None:
        view = self._view
        if event.key in MOVES:
            self.problem = ""
            chosen = max(0, min(len(view.plans) - 1, view.chosen + MOVES[event.key]))
            self._view = replace(view, chosen=chosen)
        elif event.key == "enter":
            plan, needs = view.plans[view.chosen]
            if needs:
                self.problem = f"{plan.name} cannot be started yet: {needs}."
                return
            following = view.known.followed if view.known is not None else None
            instead = f" in place of {following.plan.name}; your walks are kept" if following is not None else ""
            self._ask(f"Follow {plan.name} from today on{instead}?", event, lambda: self._start(plan.file))

    def _plan_key(self, event: events.Key, known: Known) -> None:
        followed = known.followed
        if followed is None:
            return
        up = followed.today.up
        if event.key == "enter" and isinstance(followed.today.next, Walk):
            self._walk(followed.today.next)
        elif event.key in MOVES:
            self._view = replace(self._view, top=max(0, min(MOST_ROWS, self._view.top + MOVES[event.key])))
        elif event.key == "l" and up.offered and up.level is not None:
            text = f"Take level {up.level.value} ({up.level.word})? Nobody has to, and any later day will do."
            self._ask(text, event, lambda: self.turn.do(lambda: self.papers.level_up(known), self._raised))
        elif event.key == "o":
            self._view = replace(self._view, listing=True)

    def _walk(self, walk: Walk) -> None:
        """The way of every profile: a changed copy is seen before it is walked."""
        choose = self.desk.preview if walk.changes else self.desk.choose
        self.turn.do(lambda: self.papers.offer(walk), lambda offer: choose(offer) if self.is_current else None)

    def _ask(self, text: str, event: events.Key, confirmed: Callable[[], None]) -> None:
        self._view = replace(self._view, confirm=text)
        self._confirmed = confirmed
        self.patience.ask(ms_of(event))

    def _confirm(self, event: events.Key) -> None:
        if event.key not in {"y", "n", "escape"} or not self.patience.accepts(event.key, ms_of(event)):
            return
        self._view = replace(self._view, confirm="")
        if event.key == "y":
            self._confirmed()

    def _start(self, file: str) -> None:
        self._view = replace(self._view, listing=False)
        self.turn.do(lambda: self.papers.start(file), lambda _: self._read())

    def _raised(self, known: Known) -> None:
        self._have(known, self._view.plans)
