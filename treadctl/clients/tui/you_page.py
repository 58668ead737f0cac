"""About you: the first questions, one a screen, and what follows from the answers in plain words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from treadctl.clients.screening_talk import COUNT, Kind, Talk
from treadctl.model.api import Choice, Plan, Snapshot
from treadctl.model.checkup import Finding, Level

from .canvas import Canvas, Ink, width_of, wrapped
from .card_page import paint_card
from .cards import Card, Mood
from .interview import typed_card
from .paint import paint_head, paint_keys
from .view import Local

FIRST_ROW = 4
YES_NO = (Choice("y", "yes"), Choice("n", "no"))
WRITTEN = (Choice("enter", "that is it"), Choice("backspace", "take one back"))
LEAVE = "backspace takes the last answer back · escape leaves: what makes your walks gentler is kept"
OFFER = (
    f"About you: {COUNT} short questions say how you may walk. Until they are answered everybody begins at level 0."
)
OFFER_KEYS = (Choice("y", "answer them now"), Choice("n", "later"))
LATER = "They stay in a file on this computer that only you can read. Later: y on the first page."
CHANGE = (
    "Answer again whenever something changes (a). For one thing alone: treadctl person set.",
    "Walks in a plan raise your level: it is offered when they show it, and nobody has to take it. A professional who "
    "knows you may set level 1 or 2: treadctl person level 2 --set-by NAME.",
)
TRYING = "Listen: a number is said."
HEARD = (Choice("0-9", "type it"), Choice("n", "I hear none"))
AGAIN, BACK = Choice("r", "another number"), Choice("enter", "back")
READING = "Reading what is known of you."
AROUND = 8
"""Rows of a card that are no sentence. What followed from the last answer gives way to a long question."""
Line = tuple[str, str, str]
"""A label, its value, and why; a sentence where the label and the reason are empty."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The questions under way. `said`: what the last answer leads to; `typed`: what is being written."""

    talk: Talk
    said: str = ""
    typed: str = ""
    problem: str = ""


def paint_offer_of_questions(canvas: Canvas, snapshot: Snapshot | None, local: Local) -> None:
    """At the first opening: the questions are offered, and nobody has to answer them now."""
    card = Card("ABOUT YOU", OFFER, "", OFFER_KEYS, small=(LATER,), near=True)
    paint_card(canvas, card, snapshot, None, local)


def paint_hear(
    canvas: Canvas, found: Finding | None, problem: str, snapshot: Snapshot | None, local: Local, *, asked: bool
) -> None:
    """Is the voice heard? `found` None: a number is being said; `asked`: it was said and waits to be typed."""
    if found is None:
        card = Card("HEAR ME", TRYING, "", (BACK,), near=True)
    elif asked or problem:
        keys = (AGAIN, BACK) if problem else (*HEARD, AGAIN, BACK)
        card = Card("HEAR ME", problem or found.text, "", keys, mood=Mood.ATTENTION, near=True)
    else:
        mood = Mood.ATTENTION if found.level is Level.PROBLEM else Mood.GOOD
        small = (f"What to do: {found.todo}",) if found.todo else ()
        card = Card("HEAR ME", found.text, "", (AGAIN, BACK), small=small, mood=mood, near=True)
    paint_card(canvas, card, snapshot, None, local)


def paint_asking(canvas: Canvas, asking: Asking, snapshot: Snapshot | None, plan: Plan | None, local: Local) -> None:
    """One question. A talk without one has a refusal, and says it."""
    talk, step = asking.talk, asking.talk.step
    if step is None:
        card = Card("ABOUT YOU", talk.refusal or asking.problem, "", (Choice("enter", "back"),), near=True)
        paint_card(canvas, card, snapshot, plan, local)
        return
    title = f"ABOUT YOU, {talk.number} OF {talk.count}"
    if step.kind is Kind.YES:
        said = asking.problem or asking.said
        rows = len(wrapped(step.text, canvas.width - 6)) + len(wrapped(said, canvas.width - 8))
        above = (said,) if said and rows <= canvas.height - AROUND else ()
        card = Card(title, step.text, "", YES_NO, above, (LEAVE,), near=True)
    else:
        card = typed_card(step.text, title, asking.typed, asking.said, asking.problem, WRITTEN)
    paint_card(canvas, card, snapshot, plan, local)


def paint_you(canvas: Canvas, lines: Sequence[Line] | None, top: int, problem: str, local: Local) -> None:
    """What is known and what follows. `lines` None: still being read; `top`: the first row that is shown."""
    paint_head(canvas, None, None, local)
    canvas.put(2, 2, "ABOUT YOU", Ink.DIM)
    canvas.fill(1, 3, canvas.width - 2, 1, "▄", ink=Ink.PAST_FORWARD)
    rows = _rows(lines, problem, canvas.width - 4)
    room = max(1, canvas.height - FIRST_ROW - 2)
    top = min(top, max(0, len(rows) - room))
    for n, row in enumerate(rows[top : top + room]):
        for x, text, ink in row:
            canvas.put(2 + x, FIRST_ROW + n, text, ink)
    if len(rows) > room:
        canvas.right(canvas.width - 2, 2, f"{top + 1} to {min(len(rows), top + room)} of {len(rows)}", Ink.DIM)
    keys = (Choice("a", "answer the questions"), Choice("up/down", "more"), Choice("b", "back"), Choice("q", "quit"))
    paint_keys(canvas, canvas.height - 1, keys if len(rows) > room else (keys[0], *keys[2:]))


def last_top(lines: Sequence[Line] | None, problem: str, size: tuple[int, int]) -> int:
    """The furthest that can be scrolled on a screen of this many columns and rows."""
    return max(0, len(_rows(lines, problem, size[0] - 4)) - max(1, size[1] - FIRST_ROW - 2))


Row = list[tuple[int, str, Ink]]


def _rows(lines: Sequence[Line] | None, problem: str, width: int) -> list[Row]:
    if problem:
        return _sentence(problem, width, Ink.WARN)
    if lines is None:
        return _sentence(READING, width, Ink.DIM)
    labels = max((width_of(label) for label, _, _ in lines), default=0)
    values = max((width_of(value) for label, value, _ in lines if label), default=0)
    found: list[Row] = []
    headed = False
    for label, value, why in lines:
        if not label:
            found += _sentence(value, width, Ink.PLAIN)
            continue
        if not headed:
            found += [[], *_sentence("What follows, and which rule makes it:", width, Ink.DIM)]
            headed = True
        found += _limit(label, value, why, (labels, values, width))
    for text in CHANGE:
        found += [[], *_sentence(text, width, Ink.DIM)]
    return found


def _sentence(text: str, width: int, ink: Ink) -> list[Row]:
    return [[(0, line, ink)] for line in wrapped(text, width)]


def _limit(label: str, value: str, why: str, columns: tuple[int, int, int]) -> list[Row]:
    """One limit: its reason beside it where there is room, else below."""
    labels, values, width = columns
    at = labels + values + 4
    first: Row = [(0, label, Ink.PLAIN), (labels + 2, value, Ink.STRONG)]
    if width - at >= 24:
        reasons = wrapped(why, width - at) or [""]
        return [[*first, (at, reasons[0], Ink.DIM)], *([(at, line, Ink.DIM)] for line in reasons[1:])]
    return [first, *([(2, line, Ink.DIM)] for line in wrapped(why, width - 2))]
