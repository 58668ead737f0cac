"""The next level: offered when the walks have shown it, with what is still missing, and never forced."""

from __future__ import annotations

from dataclasses import dataclass

from treadctl.model.limits import BACKWARD_SECONDS, CAREFUL
from treadctl.model.outcome import DAY
from treadctl.model.person import Level, Person
from treadctl.model.text import counted
from treadctl.model.units import clock

from .colour import Colour
from .standing import Read, Standing, is_whole

WALKS = 5
LAST, OF_THEM = 4, 3
"""So many of the last four walks are green."""
DAYS = 14
"""At level 1 and above."""
SHARE = 3, 4
"""Of the level's backward time, in one walk."""


@dataclass(frozen=True, slots=True)
class LevelUp:
    """The level after this one: offered when nothing is missing; None: there is none for this person, `missing` says
    why."""

    level: Level | None
    missing: tuple[str, ...]

    @property
    def offered(self) -> bool:
        return self.level is not None and not self.missing


def level_up(standing: Standing, person: Person, now: int) -> LevelUp:
    """What the next level is, and what is still missing for it."""
    if standing.level is Level.L4:
        return LevelUp(None, ("level 4 is the highest",))
    if person.careful and standing.level >= Level.L2:
        return LevelUp(None, (f"level 2 is the highest for this person ({CAREFUL})",))
    return LevelUp(Level(standing.level + 1), tuple(_missing(standing, now)))


def _missing(standing: Standing, now: int) -> list[str]:
    here = [one for one in standing.reads if one.counted and one.at >= standing.level_since]
    greens = sum(one.colour is Colour.GREEN for one in here[-LAST:])
    found = []
    if len(here) < WALKS:
        found.append(f"{counted(WALKS - len(here), 'more walk')} at level {standing.level.value}")
    if greens < OF_THEM:
        found.append(f"{OF_THEM} green walks among the last {LAST} ({greens} so far)")
    if standing.level >= Level.L1 and (days := (now - standing.level_since) // DAY) < DAYS:
        found.append(f"{DAYS - days} more days at level {standing.level.value}")
    needed = BACKWARD_SECONDS[standing.level] * SHARE[0] // SHARE[1]
    reached = max((_reached(one) for one in here), default=0)
    if reached < needed:
        found.append(f"one walk with {clock(needed * 1000)} backward (the longest had {clock(reached * 1000)})")
    return found


def _reached(one: Read) -> int:
    """Seconds backward of a walk; one that was whole but for its last seconds counts as planned."""
    outcome = one.walked.outcome
    return max(outcome.done, outcome.planned.total) if is_whole(one) else outcome.done
