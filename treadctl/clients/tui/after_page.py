"""After the walk: a few questions, then one picture, five figures and one sentence. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from treadctl.clients.known import Words
from treadctl.model.answers import Interview, after_walk
from treadctl.model.api import Choice, Footer, Plan, Snapshot, Summary
from treadctl.plans.colour import Colour

from .canvas import Canvas, Ink, width_of, wrapped
from .card_page import paint_card
from .cards import figures
from .chart import History, paint_whole
from .interview import question_card
from .paint import paint_foot, paint_head, paint_keys
from .view import Local

BACK = "backspace takes the last answer back · q ends here, and what you said is kept"
KEYS = (Choice("enter", "done"), Choice("q", "quit"))
INKS = {Colour.GREEN: Ink.GOOD, Colour.AMBER: Ink.WARN, Colour.RED: Ink.ALARM, Colour.GREY: Ink.DIM}
READING = "Reading your walks."
TALLEST = 40
"""Rows of the picture (chosen)."""


@dataclass(frozen=True, slots=True)
class After:
    """What is shown after one walk. `words` None: still being found out; `problem`: why something is missing."""

    summary: Summary
    interview: Interview
    words: Words | None = None
    problem: str = ""


def paint_after(canvas: Canvas, after: After, snapshot: Snapshot | None, plan: Plan | None, local: Local,
                history: History) -> None:  # fmt: skip
    """The question that is open, else the summary."""
    question = after.interview.question
    if question is None:
        _paint_summary(canvas, after, snapshot, plan, local, history)
        return
    asked = len(after_walk(after.summary))
    title = f"AFTER THE WALK, {asked - len(after.interview.left) + 1} OF {asked}"
    paint_card(canvas, question_card(question, title, after.problem, BACK), snapshot, plan, local)


def _paint_summary(
    canvas: Canvas, after: After, snapshot: Snapshot | None, plan: Plan | None, local: Local, history: History
) -> None:
    """From below: the foot, the keys, the sentence and the verdict, the figures; the picture takes what is left."""
    width, height = canvas.width, canvas.height
    paint_head(canvas, snapshot, plan, local)
    paint_foot(canvas, height - 1, 1, snapshot or Snapshot(footer=Footer.NOTHING), local)
    paint_keys(canvas, height - 2, KEYS)
    airy = height >= 16
    lines = _lines(after, width - 6)
    words = height - 2 - len(lines) - (1 if airy else 0)
    rows = max(0, min(6, words - 2 - (1 if airy else 0)))
    top = words - rows - (1 if airy else 0)
    title, ink = ("WALK FINISHED", Ink.GOOD) if after.summary.finished else ("WALK ENDED", Ink.NEXT)
    canvas.center(1, title, ink)
    if top - 3 >= 3:
        picture = min(TALLEST, top - 4)
        paint_whole(canvas, (3, top - 1 - picture, width - 6, picture), history)
    _paint_figures(canvas, top, figures(after.summary)[:rows])
    for n, (text, colour) in enumerate(lines):
        canvas.center(words + n, text, colour)


def _lines(after: After, width: int) -> list[tuple[str, Ink]]:
    """Sentence and verdict, broken at words; where nothing is known, why."""
    if after.words is None:
        text, ink = (after.problem, Ink.WARN) if after.problem else (READING, Ink.DIM)
        return [(line, ink) for line in wrapped(text, width)]
    words = after.words
    ink = Ink.DIM if words.colour is None else INKS[words.colour]
    said = [(words.sentence, Ink.STRONG), (words.verdict, ink), *([(after.problem, Ink.WARN)] if after.problem else [])]
    return [(line, ink) for text, ink in said for line in wrapped(text, width)]


def _paint_figures(canvas: Canvas, y: int, shown: tuple[tuple[str, str], ...]) -> None:
    if not shown:
        return
    label = max(width_of(name) for name, _ in shown)
    x = max(1, (canvas.width - label - 3 - max(width_of(value) for _, value in shown)) // 2)
    for n, (name, value) in enumerate(shown):
        canvas.right(x + label, y + n, name, Ink.DIM)
        canvas.put(x + label + 3, y + n, value, Ink.STRONG)
