"""One step further with a profile: time first, then longer bouts, then speed, then incline, and never two at once.

The hands on the rails, which come between bouts and speed, are the walker's own business: treadctl cannot see them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from treadctl.model.limits import Limits, check
from treadctl.model.outcome import Dose
from treadctl.model.person import Level
from treadctl.model.plan import Tuning
from treadctl.model.program import Program, expand, size_problems

from .editing import FIRST_INCLINE_SLOWER, dose, tuned

LEAST_TOTAL, TOTAL_SHARE = 60, 10
"""A tenth more in all, at least a minute."""
LEAST_STEP = 30
"""Seconds; what is left below a limit may be less than a step, but not less than this."""
BOUT, BOUT_PRACTISED = 30, 60
SPEED, SPEED_PRACTISED = 10, 20
INCLINE = 10


def next_step(program: Program, tuning: Tuning, limits: Limits, *, hills: bool) -> Tuning:
    """The tuning one step on, or the same where these limits leave none. `program` is within them as it is written.

    `hills`: the walker has said that walking backward uphill may be tried.
    """
    before = dose(tuned(program, tuning))
    for candidate in _candidates(tuning, before, limits, hills=hills):
        after = tuned(program, candidate)
        allowed = not size_problems(after) and not check(expand(after), limits)
        if allowed and one_step(before, dose(after)):
            return candidate
    return tuning


def _candidates(tuning: Tuning, before: Dose, limits: Limits, *, hills: bool) -> Iterator[Tuning]:
    practised = limits.level >= Level.L2
    room = limits.session.value - before.total
    for total in (most_more(before.total), LEAST_TOTAL):
        if room >= LEAST_STEP:
            yield replace(tuning, total=tuning.total + min(total, room))
    for bout in (BOUT_PRACTISED, BOUT) if practised else (BOUT,):
        yield replace(tuning, bout=tuning.bout + bout)
    speed = SPEED_PRACTISED if practised and not limits.careful else SPEED
    for faster in sorted({speed, SPEED}, reverse=True):
        yield replace(tuning, speed=tuning.speed + faster)
    if hills:
        slower = 0 if before.incline else FIRST_INCLINE_SLOWER
        yield replace(tuning, incline=tuning.incline + INCLINE, speed=tuning.speed - slower)


def most_more(total: int) -> int:
    """Seconds: a tenth, in whole ten seconds, and at least a minute."""
    return max(LEAST_TOTAL, total // TOTAL_SHARE // 10 * 10)


def one_step(before: Dose, after: Dose) -> bool:
    """Whether exactly one of the four was raised, and by no more than a step. The first hill is walked slower."""
    if after.total - before.total > most_more(before.total) or after.bout - before.bout > BOUT_PRACTISED:
        return False
    raised = [after.total > before.total, after.bout > before.bout, after.speed > before.speed]
    lowered = after.total < before.total or after.bout < before.bout
    hill = after.incline > before.incline
    slower = after.speed < before.speed and not (hill and not before.incline)
    return sum((*raised, hill)) == 1 and not lowered and not slower
