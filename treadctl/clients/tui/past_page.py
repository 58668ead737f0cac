"""What was walked, as pages: weeks as charts, the list of walks, and one walk with its figures and picture. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from treadctl.clients.history import colour_words, figure_rows, marks_of, when
from treadctl.clients.past import Found, Past
from treadctl.clients.past_words import Ahead, Sums, level_words, milestone_words, plan_words
from treadctl.model.api import Choice
from treadctl.model.text import safe_text
from treadctl.model.units import clock
from treadctl.plans.colour import Colour
from treadctl.sessions.session import Session

from .canvas import Canvas, Ink, width_of, wrapped
from .chart import paint_session
from .paint import paint_head, paint_keys
from .plan_page import MARKS
from .view import Local
from .week_charts import paint_charts

FIRST_ROW = 4
READING = "Reading your walks."
NONE = "No walk is recorded yet. Each one that you walk stands here when it has ended."
BACK = (Choice("b", "back"), Choice("q", "quit"))
WORDS_AT_MOST = 6
"""Rows below the charts, chosen: what does not fit is in treadctl history stats."""
TALLEST = 24
"""Rows of the picture of one walk (chosen)."""


class Part(Enum):
    """Which of the three pages."""

    WEEKS = "weeks"
    WALKS = "walks"
    ONE = "one"


@dataclass(frozen=True, slots=True)
class PastView:
    """What is shown. `found` None: being read, and so with `ahead`. `top`: so many rows of charts are above the screen.

    `one` is the walk that is open; None: being read. `problem`: why something is missing. `read`: so many files, of so
    many that have to be read.
    """

    found: Found | None = None
    sums: Sums | None = None
    ahead: Ahead | None = None
    part: Part = Part.WEEKS
    chosen: int = 0
    top: int = 0
    one: tuple[Session, Past] | None = None
    problem: str = ""
    read: tuple[int, int] = (0, 0)


def paint_past(canvas: Canvas, view: PastView, local: Local) -> None:
    """The page that is open."""
    paint_head(canvas, None, None, local)
    found = view.found
    if view.part is Part.ONE:
        _paint_one(canvas, view)
    elif found is None or view.sums is None:
        _paint_title(canvas, "YOUR WALKS", "")
        done, of = view.read
        reading = f"{READING} New files: {done} of {of}." if of else READING
        _paint_lines(canvas, FIRST_ROW, [(view.problem, Ink.WARN) if view.problem else (reading, Ink.DIM)])
    elif view.part is Part.WALKS:
        _paint_walks(canvas, view, found)
    else:
        _paint_weeks(canvas, view, found, view.sums)
    paint_keys(canvas, canvas.height - 1, keys_of(view))


def keys_of(view: PastView) -> tuple[Choice, ...]:
    """What can be pressed now, the likeliest first."""
    there = view.found is not None and bool(view.found.walks)
    if view.part is Part.ONE or not there:
        return BACK
    word = "open it" if view.part is Part.WALKS else "every walk"
    return (Choice("enter", word), BACK[0], Choice("up/down", "choose" if view.part is Part.WALKS else "more"), BACK[1])


def _paint_title(canvas: Canvas, left: str, right: str) -> None:
    x = canvas.put(2, 2, left, Ink.DIM, canvas.width - 4)
    if canvas.width - x > width_of(right) + 4:
        canvas.right(canvas.width - 2, 2, right, Ink.DIM)
    canvas.fill(1, 3, canvas.width - 2, 1, "▄", ink=Ink.PAST_FORWARD)


Said = tuple[str, Ink]


def _rows(said: Sequence[Said], width: int) -> list[Said]:
    return [(line, ink) for text, ink in said for line in wrapped(text, width)]


def _paint_lines(canvas: Canvas, y: int, said: Sequence[Said]) -> int:
    """Sentences one below the other as far as there is room; answers the row below them."""
    for line, ink in _rows(said, canvas.width - 4):
        if y >= canvas.height - 1:
            return y
        canvas.put(2, y, line, ink)
        y += 1
    return y


def _count(found: Found) -> str:
    return "1 walk" if found.count == 1 else f"{found.count} walks"


def notes_of(found: Found) -> list[Said]:
    """What is to be said of the files."""
    damaged = [f"{safe_text(one.name)} cannot be read and is kept as it is: {one.why}." for one in found.damaged]
    return [(safe_text(text, 400), Ink.WARN) for text in (*found.notes, *damaged)]


# --- weeks ---------------------------------------------------------------------------------------------------------


def _paint_weeks(canvas: Canvas, view: PastView, found: Found, sums: Sums) -> None:
    """The one sentence, the charts, and below them what comes next."""
    _paint_title(canvas, "YOUR WALKS, WEEK BY WEEK", _count(found))
    if not found.walks:
        _paint_lines(canvas, FIRST_ROW, [(NONE, Ink.PLAIN), *notes_of(found)])
        return
    sentence: Said = (READING, Ink.DIM)
    if view.ahead is not None:
        sentence = (safe_text(plan_words(view.ahead, found), 400), Ink.STRONG)
    y = _paint_lines(canvas, FIRST_ROW, [sentence]) + (1 if canvas.height >= 16 else 0)
    below = _below(canvas, view, found, sums)
    room = canvas.height - 1 - y - len(below) - (1 if below else 0)
    paint_charts(canvas, (2, y, canvas.width - 4, room), sums.weeks, view.top)
    for n, (line, ink) in enumerate(below):
        canvas.put(2, canvas.height - 1 - len(below) + n, line, ink)


def _below(canvas: Canvas, view: PastView, found: Found, sums: Sums) -> list[Said]:
    """What is wrong first, then what comes next; less of it on a low screen."""
    ahead = view.ahead or Ahead()
    said = [*([(view.problem, Ink.WARN)] if view.problem else []), *notes_of(found)]
    said += [(safe_text(text, 400), Ink.WARN) for text in (*sums.notes, *ahead.notes) if text not in found.notes]
    said += [(text, Ink.PLAIN) for text in milestone_words(sums.milestones)]
    said += [(text, Ink.NEXT) for text in level_words(ahead.up)]
    most = WORDS_AT_MOST if canvas.height >= 20 else (2 if canvas.height >= 14 else 0)
    return _rows(said, canvas.width - 4)[:most]


# --- every walk ----------------------------------------------------------------------------------------------------


def _paint_walks(canvas: Canvas, view: PastView, found: Found) -> None:
    """The newest first."""
    _paint_title(canvas, "EVERY WALK, THE NEWEST FIRST", _count(found))
    below = _rows(_about(found.walks[view.chosen]) if found.walks else [], canvas.width - 4)[:2]
    below += _rows(notes_of(found), canvas.width - 4)[:2]
    rows = max(1, canvas.height - FIRST_ROW - 2 - len(below))
    first = max(0, min(view.chosen - rows // 2, len(found.walks) - rows))
    for n, one in enumerate(found.walks[first : first + rows]):
        _paint_walk(canvas, FIRST_ROW + n, one, chosen=first + n == view.chosen)
    for n, (line, ink) in enumerate(below):
        canvas.put(2, canvas.height - 1 - len(below) + n, line, ink)


def _about(one: Past) -> list[Said]:
    """Why the chosen walk has its colour, and what is odd about it."""
    why = [] if one.judged is None else [colour_words(one)]
    marks = [f"{mark[:1].upper()}{mark[1:]}." for mark in marks_of(one)]
    return [(safe_text(" ".join((*why, *marks)), 400), Ink.PLAIN)]


def _paint_walk(canvas: Canvas, y: int, one: Past, *, chosen: bool) -> None:
    """When, its colour as a letter, how much backward, how fast, and what it was."""
    ink = Ink.CHOSEN if chosen else (Ink.PLAIN if one.counted else Ink.DIM)
    if chosen:
        canvas.fill(0, y, canvas.width, 1, " ", ink=Ink.CHOSEN)
    canvas.put(1, y, "▸" if chosen else " ", ink)
    x = canvas.put(3, y, f"{when(one.at):16}", ink) + 2
    mark, own = ("?", Ink.DIM) if one.judged is None else MARKS[Colour(one.colour)]
    canvas.put(x, y, mark, ink if chosen else own)
    figures = one.figures
    x = canvas.put(x + 2, y, f"{clock(figures.backward):>6}", ink) + 2
    if canvas.width >= 60:
        top = f"{figures.top_backward / 100:.1f} km/h" if figures.top_backward else "–"
        canvas.put(x, y, top, ink)
        x += 10
    sign = "SIMULATED " if figures.simulated else ""
    odd = " (!)" if one.odd or figures.recovered or figures.unread else ""
    canvas.put(x, y, f"{sign}{safe_text(figures.profile)}{odd}", ink, canvas.width - x - 1)


# --- one walk ------------------------------------------------------------------------------------------------------


def _paint_one(canvas: Canvas, view: PastView) -> None:
    """Figures, colour, and the picture in what is left."""
    if view.one is None:
        _paint_title(canvas, "ONE WALK", "")
        _paint_lines(canvas, FIRST_ROW, [(view.problem, Ink.WARN) if view.problem else (READING, Ink.DIM)])
        return
    session, one = view.one
    _paint_title(canvas, safe_text(one.figures.profile).upper(), when(one.at))
    y = FIRST_ROW
    rows = figure_rows(one)
    for label, value in rows[: max(1, canvas.height - FIRST_ROW - 3)]:
        canvas.right(15, y, label, Ink.DIM)
        canvas.put(18, y, value, Ink.STRONG, canvas.width - 19)
        y += 1
    y = _paint_lines(canvas, y + (1 if canvas.height >= 20 else 0), _about(one))
    picture = min(TALLEST, canvas.height - 2 - y)
    if picture >= 3:
        paint_session(canvas, (2, y + 1, canvas.width - 4, picture - 1), session)
