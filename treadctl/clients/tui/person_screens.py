"""The screens for what is asked of a person. They paint, and keep what was said in threads.

What was answered is never lost: it is written after each answer, one after another, and leaving waits for it. Nothing
here can move a belt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar, cast

from textual import events

from treadctl.clients.hear import Trial
from treadctl.clients.known import Due, Words, session_of
from treadctl.clients.screening_talk import NOT_YET, Kind, Talk
from treadctl.model.answers import Interview, interview_after
from treadctl.model.api import Clear, Intent, Ms, Summary
from treadctl.model.checkup import Finding
from treadctl.model.errors import TreadctlError

from .after_page import After, paint_after
from .canvas import Canvas
from .card_page import paint_card
from .interview import LONGEST, Patience, question_card
from .keys import key_name
from .papers import Papers, You
from .screens import Desk, StillScreen
from .you_page import Asking, last_top, paint_asking, paint_hear, paint_offer_of_questions, paint_you

T = TypeVar("T")

AWAY = {"escape", "b"}
MOVES = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": 10, "pageup": -10, "home": -1000, "end": 1000}
LOOK_AGAIN_S, LOOKS = 1.0, 6
"""Chosen: the guardian writes the end of a walk within a second, on a disk that is not full."""
UNKNOWN_YET = "This walk is not in your book yet; treadctl plan history shows it later."
SKIP_WORDS = "- skips it · it is asked once"
HEARD_KEYS = frozenset("0123456789n")
REREAD = Clear()
"""Lifts nothing: the guardian reads person and locks again."""


class PersonDesk(Desk, Protocol):
    """What these screens need of their app besides."""

    def tell(self, intent: Intent) -> None: ...
    def finish(self) -> None:
        """Home, or the end where one walk was asked for."""


class InTurn:
    """Blocking work in threads, one piece after another, and to its end whatever becomes of the screen."""

    def __init__(self, failed: Callable[[str], None]) -> None:
        self._failed = failed
        self._last: asyncio.Task[None] | None = None

    def do(self, work: Callable[[], T], then: Callable[[T], None] = lambda _: None) -> None:
        """`then` is called with what came of it, on the loop; of a failure `failed` hears one sentence."""
        self._last = asyncio.ensure_future(self._do(self._last, work, then))

    async def _do(self, before: asyncio.Task[None] | None, work: Callable[[], T], then: Callable[[T], None]) -> None:
        if before is not None:
            await before
        try:
            found = await asyncio.to_thread(work)
        except TreadctlError as error:
            self._failed(str(error).splitlines()[0])
        except OSError as error:
            self._failed(f"It could not be kept ({error.strerror or error}); free some disk space.")
        else:
            then(found)

    async def settle(self) -> None:
        """Wait until all of it is done."""
        if self._last is not None:
            await self._last


class PersonScreen(StillScreen):
    """A page that reads and keeps something. `problem` is the newest failure in one sentence."""

    def __init__(self, papers: Papers) -> None:
        super().__init__()
        self.papers = papers
        self.problem = ""
        self.patience = Patience()
        self.turn = InTurn(self._failed)

    @property
    def person_desk(self) -> PersonDesk:
        return cast(PersonDesk, self.app)

    def on_mount(self, event: events.Mount) -> None:
        self.patience.ask(ms_of(event))

    async def on_unmount(self) -> None:
        await self.turn.settle()

    def _failed(self, sentence: str) -> None:
        self.problem = sentence
        if self.is_attached:
            self.repaint()


def ms_of(event: events.Event) -> Ms:
    return round(event.time * 1000)


class AfterScreen(PersonScreen):
    """The questions after a walk, and what follows from it."""

    def __init__(self, papers: Papers, summary: Summary, *, simulated: bool) -> None:
        super().__init__(papers)
        self._after = After(summary, interview_after(summary))
        self._before: list[Interview] = []
        self._simulated = simulated
        self._looks = 0

    def paint_still(self, canvas: Canvas) -> None:
        state = self.desk.state
        shown = replace(self._after, problem=self.problem)
        paint_after(canvas, shown, state.snapshot, state.plan, state.local, state.history)

    def on_key(self, event: events.Key) -> None:
        interview, key = self._after.interview, key_name(event.key)
        if interview.question is None:
            if event.key == "enter":
                self.person_desk.finish()
        elif event.key == "backspace" and self._before:
            self._ask(self._before.pop(), event)
        elif key in {c.key for c in interview.question.choices} and self.patience.accepts(key, ms_of(event)):
            self._before.append(interview)
            self._ask(interview.answer(key), event)
        self.repaint()

    def _ask(self, interview: Interview, event: events.Key) -> None:
        """The next question; what was said so far is written."""
        self._after = replace(self._after, interview=interview)
        self.patience.ask(ms_of(event))
        session, told = session_of(self._after.summary), interview.answers
        self.turn.do(lambda: self.papers.keep_answers(session, told, self._simulated))
        if interview.question is None:
            if interview.slip:
                self.turn.do(lambda: self.papers.keep_slip(session, self._simulated))
            self._look()

    def _look(self) -> None:
        session = session_of(self._after.summary)
        self.turn.do(lambda: self.papers.words(session), self._found)

    def _found(self, words: Words | None) -> None:
        """What follows; once more a little later while the guardian still writes the end of this walk."""
        self._looks += 1
        self._after = replace(self._after, words=words)
        if words is not None:
            self.person_desk.tell(REREAD)
        elif self._looks < LOOKS and self.is_attached:
            self.set_timer(LOOK_AGAIN_S, self._look)
        else:
            self.problem = UNKNOWN_YET
        if self.is_attached:
            self.repaint()


class MorningScreen(PersonScreen):
    """How the morning after the last walk was; asked once."""

    def __init__(self, papers: Papers, due: Due) -> None:
        super().__init__(papers)
        self._due = due

    def paint_still(self, canvas: Canvas) -> None:
        state = self.desk.state
        card = question_card(self._due.question, "GOOD MORNING", self.problem, SKIP_WORDS)
        paint_card(canvas, card, state.snapshot, None, state.local)

    def on_key(self, event: events.Key) -> None:
        key = key_name(event.key)
        if key in {c.key for c in self._due.question.choices} and self.patience.accepts(key, ms_of(event)):
            self.turn.do(lambda: self.papers.keep_morning(self._due, key))
            self.desk.go_home()


class HearScreen(PersonScreen):
    """Is the voice heard? A number is said when the page opens; whoever types it has heard it."""

    def __init__(self, papers: Papers) -> None:
        super().__init__(papers)
        self._trial: Trial | None = None
        self._digit: int | None = None

    def on_mount(self, event: events.Mount) -> None:
        super().on_mount(event)
        self._say()

    def _say(self) -> None:
        self.problem, self._trial, self._digit = "", None, None
        self.turn.do(self.papers.hear, self._said)

    def paint_still(self, canvas: Canvas) -> None:
        found = None if self._trial is None else self._trial.found
        asked = self._digit is not None
        paint_hear(canvas, found, self.problem, self.desk.state.snapshot, self.desk.state.local, asked=asked)

    def _said(self, trial: Trial) -> None:
        self._trial, self._digit = trial, trial.digit
        if self.is_attached:
            self.repaint()

    def _judged(self, found: Finding) -> None:
        self._said(Trial(found))
        self.person_desk.tell(REREAD)  # before a walk nobody asks for a number again today

    def on_key(self, event: events.Key) -> None:
        if event.key in {"enter", *AWAY}:
            self.desk.go_home()
        elif event.key == "r" and self._trial is not None:
            self._say()
            self.repaint()
        elif self._digit is not None and event.key in HEARD_KEYS:
            digit, self._digit = self._digit, None
            self.turn.do(lambda: self.papers.heard(digit, event.key), self._judged)


class OfferScreen(PersonScreen):
    """The first questions are offered, once."""

    def paint_still(self, canvas: Canvas) -> None:
        paint_offer_of_questions(canvas, self.desk.state.snapshot, self.desk.state.local)

    def on_key(self, event: events.Key) -> None:
        if event.key not in {"y", "n", "escape", "enter"} or not self.patience.accepts(event.key, ms_of(event)):
            return
        self.turn.do(self.papers.you_offered)
        if event.key == "y":
            self.desk.pages.open_you(at_once=True)
        else:
            self.desk.go_home()


class YouScreen(PersonScreen):
    """What is known of the walker; the questions, one at a time."""

    def __init__(self, papers: Papers, *, at_once: bool) -> None:
        super().__init__(papers)
        self._you: You | None = None
        self._asking = Asking(Talk()) if at_once else None
        self._top = 0

    def on_mount(self, event: events.Mount) -> None:
        super().on_mount(event)
        self._read()

    @property
    def letters(self) -> bool:
        """Whether letters are typed here: then none of them leaves the program."""
        step = None if self._asking is None else self._asking.talk.step
        return step is not None and step.kind in {Kind.NAME, Kind.SPEED}

    def paint_still(self, canvas: Canvas) -> None:
        state = self.desk.state
        if self._asking is not None:
            asking = replace(self._asking, problem=self._asking.problem or self.problem)
            paint_asking(canvas, asking, state.snapshot, None, state.local)
        else:
            lines = None if self._you is None else self._you.lines
            paint_you(canvas, lines, self._top, self.problem, state.local)

    def _read(self) -> None:
        self.turn.do(self.papers.you, self._have)

    def _have(self, you: You) -> None:
        self._you = you
        if self.is_attached:
            self.repaint()

    def on_key(self, event: events.Key) -> None:
        if self._asking is not None:
            self._answer(self._asking, event)
        elif event.key == "a":
            self.problem, self._asking = "", Asking(Talk())
            self.patience.ask(ms_of(event))
        elif event.key in MOVES:
            lines = None if self._you is None else self._you.lines
            furthest = last_top(lines, self.problem, (self.size.width, self.size.height))
            self._top = max(0, min(furthest, self._top + MOVES[event.key]))
        elif event.key in {*AWAY, "backspace"}:
            self.desk.go_home()
        self.repaint()

    def _answer(self, asking: Asking, event: events.Key) -> None:
        step = asking.talk.step
        if event.key == "escape" or step is None:
            self._over(NOT_YET if step is not None else asking.talk.refusal)
        elif step.kind is Kind.YES and event.key in {"y", "n"}:
            if self.patience.accepts(event.key, ms_of(event)):
                self._take(asking, event.key, event)
        elif event.key == "backspace":
            self._back(asking, event)
        elif step.kind is not Kind.YES and event.key == "enter":
            if self.patience.accepts(event.key, ms_of(event)):
                self._take(asking, asking.typed, event)
        elif step.kind is not Kind.YES and event.character is not None and event.is_printable:
            self._asking = replace(asking, typed=(asking.typed + event.character)[:LONGEST], problem="")

    def _back(self, asking: Asking, event: events.Key) -> None:
        """Take back a letter; where there is none, the last answer."""
        if asking.typed:
            self._asking = replace(asking, typed=asking.typed[:-1])
        elif asking.talk.number > 1:
            self._asking = Asking(asking.talk.back())
            self.patience.ask(ms_of(event))

    def _take(self, asking: Asking, text: str, event: events.Key) -> None:
        """An answer: what makes walks gentler counts at once, all of it after the last one."""
        try:
            said = asking.talk.answer(text)
        except ValueError as error:
            self._asking = replace(asking, typed="", problem=str(error))
            return
        talk, given = asking.talk, asking.talk.given
        self._asking = Asking(talk, said)
        self.patience.ask(ms_of(event))
        self.turn.do(lambda: self.papers.tighten(given))
        if talk.step is None and not talk.refusal:
            if talk.understood:
                self.turn.do(lambda: self.papers.screen(given))
            self._over("" if talk.understood else NOT_YET)

    def _over(self, problem: str) -> None:
        """Back to what is known, read anew, also by the guardian."""
        self._asking, self._top = None, 0
        self.problem = problem
        self._read()
        self.turn.do(lambda: None, lambda _: self.person_desk.tell(REREAD))
