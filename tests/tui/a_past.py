"""Fourteen weeks of walks for the pictures of history: made in memory, at wall-clock times, in no time zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.plans.made import at
from tests.sessions.made import name_of, walk
from treadctl.clients.past import Found, Past, outcome_of
from treadctl.clients.past_words import Ahead, sums_of
from treadctl.model.answers import Answers, Morning
from treadctl.model.person import Level
from treadctl.plans.colour import judge
from treadctl.plans.levels import LevelUp
from treadctl.sessions.clocks import FUTURE
from treadctl.sessions.figures import Figures, figures_of
from treadctl.sessions.index import Damaged
from treadctl.sessions.session import Session, session_of

NOW = at(0.1)
WEEKS = 14


def _session(day: int, week: int) -> Session:
    begun = datetime.fromtimestamp(at(-7 * week + day), UTC) - timedelta(minutes=7 * day)
    faster = 10 * max(0, (WEEKS - week) // 4)
    return session_of(name_of(begun), walk(begun, speed=100 + faster, heart=101 - (WEEKS - week) // 2))


def _past(figures: Figures, n: int) -> Past:
    told = Answers(3 + 3 * (n % 6 == 4), max(0, 4 - n // 8), 1, 5, Morning.SAME)
    told = replace(told, pain_after=7) if n == 13 else told
    outcome = replace(outcome_of(figures, figures.at or 0), answers=told)
    return Past(figures, figures.at, told, judge(outcome), "", True)


SESSIONS = [_session(day, week) for week in range(WEEKS, 0, -1) if week != 5 for day in (0, 2, 4)[: 2 + week % 2]]
_WALKS = [_past(figures_of(session), n) for n, session in enumerate(SESSIONS)]
PAST = Found(tuple(_WALKS[::-1]), len(_WALKS), (), ())
SUMS = sums_of(PAST, NOW)
AHEAD = Ahead(
    "32 walks, 384 min backward, 1.0 to 1.3 km/h, pain before walking 4 to 1. Next: Thursday, same again.",
    LevelUp(Level.L2, ("2 more walks at level 1", "one walk with 6:00 backward (the longest had 5:30)")),
    walks=frozenset(one.figures.name for one in _WALKS),
)
ONE = (SESSIONS[-1], _WALKS[-1])
_NEWEST = _WALKS[-1]
_CUT = replace(_WALKS[-2], figures=replace(_WALKS[-2].figures, recovered=True, unread=2, finished=False))
TROUBLED = Found(
    (replace(_NEWEST, odd=FUTURE), _CUT, *PAST.walks[2:]), PAST.count,
    (Damaged("20300101T180000Z-00ab12-1", "the first line is not JSON; without it nobody can tell what was walked"),),
    ("The index of your walks cannot be kept (read-only file system), so all that is new is read again each time; no "
     "walk is lost.",),
)  # fmt: skip
"""Everything that can be wrong at once."""
