"""The plan: a calendar, what today offers and why, and what the next level needs; or the plans there are. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from treadctl.clients.known import Followed, Known, missing
from treadctl.model.api import Choice
from treadctl.model.outcome import dose_of
from treadctl.model.plan import Plan
from treadctl.model.program import expand
from treadctl.model.text import counted, safe_text
from treadctl.model.units import clock
from treadctl.plans.colour import Colour
from treadctl.plans.days import Day, calendar_of
from treadctl.plans.levels import LevelUp
from treadctl.plans.today import Offer

from .canvas import Canvas, Ink, wrapped
from .paint import paint_head, paint_keys
from .view import Local

FIRST_ROW = 4
CELL = 4
LABEL = 8
WEEK_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MARKS = {
    Colour.GREEN: ("G", Ink.GOOD), Colour.AMBER: ("A", Ink.WARN), Colour.RED: ("R", Ink.ALARM),
    Colour.GREY: ("x", Ink.DIM),
}  # fmt: skip
LEGEND = "G green  A amber  R red  x not counted  w walk, soonest  · rest  [ ] today"
SHORT_LEGEND = "w walk · rest [ ] today"
READING = "Reading your walks."
NO_PLAN = "No plan is followed. A plan offers one walk at a time, and goes on when the walks went well."
BACK = (Choice("b", "back"), Choice("q", "quit"))
YES_NO = (Choice("y", "yes"), Choice("n", "no"))


@dataclass(frozen=True, slots=True)
class PlanView:
    """What is shown. `known` None: being read. `listing`: the list of plans, with `chosen` in it. `confirm`: a question
    that y answers; `problem`: why something is missing; `top`: so many rows of what is said are above the screen."""

    known: Known | None = None
    now: int = 0
    plans: tuple[tuple[Plan, str], ...] = ()
    listing: bool = False
    chosen: int = 0
    confirm: str = ""
    problem: str = ""
    top: int = 0


def paint_plan(canvas: Canvas, view: PlanView, local: Local) -> None:
    """The followed plan, or the list of plans."""
    paint_head(canvas, None, None, local)
    followed = None if view.known is None else view.known.followed
    if view.known is None or (view.problem and not view.listing):
        _paint_title(canvas, "YOUR PLAN", "")
        _paint_lines(canvas, FIRST_ROW, [(view.problem, Ink.WARN) if view.problem else (READING, Ink.DIM)])
    elif followed is None or view.listing:
        _paint_list(canvas, view, followed)
    else:
        _paint_followed(canvas, view, view.known, followed)
    _paint_bottom(canvas, view, followed)


def keys_of(view: PlanView, followed: Followed | None) -> tuple[Choice, ...]:
    """What can be pressed now, the likeliest first."""
    if view.confirm:
        return YES_NO
    if view.known is None:
        return BACK
    if followed is None or view.listing:
        return (Choice("enter", "start it"), Choice("up/down", "choose"), *BACK)
    keys = [Choice("enter", "walk it")] if isinstance(followed.today.next, Offer) else []
    up = followed.today.up
    keys += [Choice("l", f"take level {up.level.value}")] if up.offered and up.level is not None else []
    return (*keys, BACK[0], Choice("o", "other plans"), BACK[1])


def _paint_bottom(canvas: Canvas, view: PlanView, followed: Followed | None) -> None:
    y = canvas.height - 1
    if view.confirm:
        lines = wrapped(view.confirm, canvas.width - 4)[: max(1, canvas.height - FIRST_ROW)]
        top = y - 1 - len(lines)
        canvas.fill(0, top - 1, canvas.width, len(lines) + 2, " ", ink=Ink.PLAIN)
        for n, line in enumerate(lines):
            canvas.center(top + n, line, Ink.NEXT)
    paint_keys(canvas, y, keys_of(view, followed))


def _paint_title(canvas: Canvas, left: str, right: str) -> None:
    x = canvas.put(2, 2, left, Ink.DIM, canvas.width - 4)
    if canvas.width - x > len(right) + 4:
        canvas.right(canvas.width - 2, 2, right, Ink.DIM)
    canvas.fill(1, 3, canvas.width - 2, 1, "▄", ink=Ink.PAST_FORWARD)


Said = tuple[str, Ink]


def _paint_lines(canvas: Canvas, y: int, said: Sequence[Said]) -> int:
    """Sentences one below the other as far as there is room; answers the row below them."""
    for text, ink in said:
        for line in wrapped(text, canvas.width - 4):
            if y >= canvas.height - 1:
                return y
            canvas.put(2, y, line, ink)
            y += 1
    return y


# --- the plans there are -------------------------------------------------------------------------------------------


def _paint_list(canvas: Canvas, view: PlanView, followed: Followed | None) -> None:
    _paint_title(canvas, "PLANS", "walks backward a week")
    below = _about(view, followed)
    room = sum(len(wrapped(text, canvas.width - 4)) for text, _ in below)
    rows = max(2, min(len(view.plans), canvas.height - FIRST_ROW - 2 - room))
    first = max(0, min(view.chosen - rows // 2, len(view.plans) - rows))
    for n, (plan, needs) in enumerate(view.plans[first : first + rows]):
        mark = followed is not None and plan.file == followed.plan.file
        _paint_row(canvas, FIRST_ROW + n, plan, needs, (first + n == view.chosen, mark))
    _paint_lines(canvas, FIRST_ROW + min(rows, len(view.plans)) + 1, below)


def _paint_row(canvas: Canvas, y: int, plan: Plan, needs: str, marks: tuple[bool, bool]) -> None:
    chosen, followed = marks
    ink = Ink.CHOSEN if chosen else (Ink.DIM if needs else Ink.PLAIN)
    if chosen:
        canvas.fill(0, y, canvas.width, 1, " ", ink=Ink.CHOSEN)
    canvas.put(1, y, "▸" if chosen else " ", ink)
    weeks = f"{_weeks(plan)}, {_a_week(plan)}"
    end = canvas.right(canvas.width - 2, y, weeks, ink)
    note = " (followed)" if followed else " (not yet)" if needs and canvas.width >= 60 else ""
    canvas.put(3, y, f"{plan.name}{note}", ink, end - 4)


def _weeks(plan: Plan) -> str:
    return "1 week" if len(plan.weeks) == 1 else f"{len(plan.weeks)} weeks"


def _a_week(plan: Plan) -> str:
    """How many walks a week, as the weeks have it."""
    least = min(week.least for week in plan.weeks)
    most = max(len(week.walks) for week in plan.weeks)
    return f"{least} a week" if least == most else f"{least} to {most} a week"


def _about(view: PlanView, followed: Followed | None) -> list[Said]:
    """The chosen plan in words."""
    found: list[Said] = []
    if view.problem:
        found.append((view.problem, Ink.WARN))
    if view.plans and not view.confirm:
        plan, needs = view.plans[view.chosen]
        found.append((plan.summary, Ink.PLAIN))
        found += [(f"Not yet: {needs}.", Ink.WARN)] if needs else []
        found += [(f"From: {plan.basis}", Ink.DIM)] if plan.basis else []
    if followed is None:
        found.append((NO_PLAN, Ink.DIM))
    return found


# --- the plan that is followed -------------------------------------------------------------------------------------


def _paint_followed(canvas: Canvas, view: PlanView, known: Known, followed: Followed) -> None:
    said, plan = followed.today, followed.plan
    left = f"{safe_text(plan.name).upper()}, week {said.place.week + 1} of {len(plan.weeks)}"
    walks = counted(said.place.walks, "walk")
    level = f"level {said.standing.level.value}"
    _paint_title(canvas, left, f"{walks} this week, {level}" if canvas.width >= 60 else level)
    y = _paint_calendar(canvas, _weeks_of(followed, view.now, canvas.height))
    lines: list[Said] = [*((note, Ink.WARN) for note in known.notes), *_today_lines(followed)]
    lines.append((_minutes(followed), Ink.PLAIN))
    lines.append(_level_line(said.up))
    history = _history(known)
    lines += [("", Ink.DIM), *history] if history else []
    _paint_window(canvas, y + (1 if canvas.height >= 16 else 0), lines, view.top)


def _paint_window(canvas: Canvas, y: int, said: Sequence[Said], top: int) -> None:
    """As many rows as there is room for, from the row `top` on, and whether there are more."""
    rows = [(line, ink) for text, ink in said for line in wrapped(text, canvas.width - 4) or [""]]
    room = max(1, canvas.height - 1 - y)
    top = max(0, min(top, len(rows) - room))
    for n, (line, ink) in enumerate(rows[top : top + room]):
        canvas.put(2, y + n, line, ink)
    if top:
        canvas.put(canvas.width - 1, y, "↑", Ink.DIM)
    if len(rows) > top + room:
        canvas.put(canvas.width - 1, y + room - 1, "↓", Ink.DIM)


def _weeks_of(followed: Followed, now: int, height: int) -> tuple[tuple[Day, ...], ...]:
    """As many weeks as there is room for, this one always."""
    week = followed.plan.weeks[followed.today.place.week]
    back, ahead = (0, 0) if height < 14 else (1, 1) if height < 22 else (2, 1) if height < 30 else (6, 2)
    return calendar_of(followed.today, len(week.walks), now, back=back, ahead=ahead)


def _paint_calendar(canvas: Canvas, weeks: tuple[tuple[Day, ...], ...]) -> int:
    """One cell a day, one row a week; answers the row below it."""
    y = FIRST_ROW
    for n, name in enumerate(WEEK_DAYS):
        canvas.put(3 + LABEL + n * CELL, y, name, Ink.DIM)
    for week in weeks:
        y += 1
        canvas.put(2, y, datetime.fromtimestamp(week[0].at, UTC).strftime("%d %b"), Ink.DIM, LABEL)
        for n, day in enumerate(week):
            _paint_day(canvas, 3 + LABEL + n * CELL, y, day)
    y += 1
    if canvas.height >= 14:
        canvas.put(2, y, LEGEND if canvas.width >= len(LEGEND) + 3 else SHORT_LEGEND, Ink.DIM, canvas.width - 3)
        y += 1
    return y


def _paint_day(canvas: Canvas, x: int, y: int, day: Day) -> None:
    """The letter says it, the colour says it again."""
    mark, ink = MARKS[day.colour] if day.colour is not None else ("w", Ink.NEXT) if day.due else ("·", Ink.DIM)
    if day.today:
        canvas.put(x - 1, y, "[ ]", Ink.STRONG)
    canvas.put(x, y, mark, ink)


def _today_lines(followed: Followed) -> list[Said]:
    said = followed.today.next
    if not isinstance(said, Offer):
        until = "" if said.until is None else f", from {_moment(said.until)}"
        return [(f"No walk now: {safe_text(said.reason, 200)}{until}.", Ink.STRONG)]
    asked = dose_of(expand(said.program))
    changed = ", changed for today" if said.changes else ""
    figures = f"{clock(asked.total * 1000)} backward, up to {asked.speed} km/h"
    lines = [(f"Today: {safe_text(said.program.name)}{changed}: {figures}.", Ink.STRONG)]
    lines += [(safe_text(text, 300), Ink.NEXT) for text in said.changes]
    return [*lines, *((safe_text(text, 300), Ink.PLAIN) for text in said.notes)]


def _minutes(followed: Followed) -> str:
    standing = followed.today.standing
    done, cap = clock(standing.week_done * 1000), clock(max(standing.week_cap, standing.week_done) * 1000)
    return f"This week: {done} backward, of {cap} at most."


def _level_line(up: LevelUp) -> Said:
    if up.level is None:
        return f"Level: {missing(up)}.", Ink.DIM
    if up.offered:
        return f"Level {up.level.value} ({up.level.word}) is open to you: l takes it, and nobody has to.", Ink.GOOD
    return f"For level {up.level.value} still: {missing(up)}.", Ink.DIM


def _history(known: Known) -> list[Said]:
    """The last walks, the newest first."""
    lines: list[Said] = [("The last walks:", Ink.DIM)] if known.reads else []
    for one in list(known.reads)[::-1][:20]:
        outcome = one.walked.outcome
        mark, ink = MARKS[one.colour]
        why = f": {', '.join(one.judged.because)}" if one.judged.because else ""
        day = datetime.fromtimestamp(outcome.at, UTC).strftime("%d %b")
        done = clock(outcome.done * 1000)
        lines.append((f"{day}  {mark}  {done}  {safe_text(outcome.profile)}{safe_text(why, 200)}", ink))
    return lines


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%A %d %b %H:%M")
