"""The weeks around a day as a calendar: what was walked, and on which days the next walks may come at the soonest.

What lies ahead is a picture of the rules for rest, not a promise: each walk is offered on its own day.
"""

from __future__ import annotations

from dataclasses import dataclass

from treadctl.model.outcome import DAY, HOUR, week_begin, week_of

from .colour import Colour
from .standing import Read
from .today import MOST_IN_A_WEEK, REST_HOURS, Offer, Today

WORST = (Colour.GREY, Colour.GREEN, Colour.AMBER, Colour.RED)


@dataclass(frozen=True, slots=True)
class Day:
    """One day. `at`: its first moment; `colour` of its walk, the worst of several; `due`: the next walk may come."""

    at: int
    colour: Colour | None = None
    today: bool = False
    due: bool = False


def calendar_of(said: Today, walks: int, now: int, *, back: int, ahead: int) -> tuple[tuple[Day, ...], ...]:
    """So many weeks back and ahead, Monday to Sunday each. `walks`: how many walks a week of this plan has."""
    due = _due(said, walks, now, until=week_begin(week_of(now) + ahead + 1))
    colours = _colours(said.standing.reads)
    first, today = week_begin(week_of(now) - back), now // DAY
    days = [
        Day(day * DAY, colours.get(day), day == today, day in due and day not in colours)
        for day in range(first // DAY, first // DAY + 7 * (back + 1 + ahead))
    ]
    return tuple(tuple(days[n : n + 7]) for n in range(0, len(days), 7))


def _colours(reads: tuple[Read, ...]) -> dict[int, Colour]:
    found: dict[int, Colour] = {}
    for one in reads:
        day = one.at // DAY
        found[day] = max(one.colour, found.get(day, Colour.GREY), key=WORST.index)
    return found


def _due(said: Today, walks: int, now: int, until: int) -> set[int]:
    """The soonest days for walks, rest after rest, and no more of them in a week than it has."""
    at = now if isinstance(said.next, Offer) else said.next.until
    found: set[int] = set()
    counts = {week_of(now): said.standing.week_walks}
    while at is not None and at < until:
        week = week_of(at)
        if counts.get(week, 0) >= min(MOST_IN_A_WEEK, walks):
            at = week_begin(week + 1) + at % DAY
            continue
        counts[week] = counts.get(week, 0) + 1
        found.add(at // DAY)
        at += REST_HOURS[said.standing.level] * HOUR
    return found
