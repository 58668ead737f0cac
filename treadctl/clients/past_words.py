"""The past summed up, and the words for it: shared by the pages and the plain lines. Pure, and quick to load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from treadctl.plans.levels import LevelUp
from treadctl.sessions.weeks import Milestone, Week, milestones, weeks_of

from .known import missing
from .past import Found, left_out

APART = "{} on a {} treadmill {} not counted here."


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the plan's rules say: the sentence, the level that comes next, and what they had to tell.

    `walks`: the names of those that the plan counts, which keeps what was deleted.
    """

    sentence: str = ""
    up: LevelUp | None = None
    notes: tuple[str, ...] = ()
    walks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sums:
    """The past in weeks and milestones. `notes`: what could not be counted, and why."""

    weeks: tuple[Week, ...]
    milestones: tuple[Milestone, ...]
    notes: tuple[str, ...]


def sums_of(found: Found, now: int) -> Sums:
    """All walks summed up."""
    walks = [walk for one in found.walks if (walk := one.walk) is not None]
    apart = [one.figures.simulated for one in found.walks if not one.counted]
    notes = left_out(found.walks)
    if apart:
        kind = "simulated" if apart[0] else "real"
        many = len(apart) > 1
        notes.append(APART.format(f"{len(apart)} walks" if many else "1 walk", kind, "are" if many else "is"))
    return Sums(weeks_of(walks, now), milestones(walks), tuple(notes))


def plan_words(ahead: Ahead, found: Found) -> str:
    """The plan's sentence; named as the plan's where that counts other walks than are recorded here."""
    here = {one.figures.name for one in found.walks if one.counted}
    return f"In your plan: {ahead.sentence}" if ahead.sentence and here != ahead.walks else ahead.sentence


def day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def milestone_words(found: Sequence[Milestone]) -> list[str]:
    """The last one that was reached, and the next."""
    reached = [one for one in found if one.at is not None]
    following = [one for one in found if one.at is None]
    words = [f"Reached: {metres_words(one.metres)} backward in all, on {day(one.at or 0)}." for one in reached[-1:]]
    return [*words, *(f"Next milestone: {metres_words(one.metres)} backward in all." for one in following)]


def metres_words(metres: float) -> str:
    named = {21_097.5: "half a marathon (21.1 km)", 42_195.0: "a marathon (42.2 km)"}
    return named.get(metres, f"{metres / 1000:.0f} km")


def level_words(up: LevelUp | None) -> list[str]:
    """What the next level still needs."""
    if up is None:
        return []
    if up.level is None:
        return [f"Level: {missing(up)}."]
    if up.offered:
        return [f"Level {up.level.value} ({up.level.word}) is open to you, and nobody has to take it."]
    return [f"For level {up.level.value} still: {missing(up)}."]
