"""A plan: weeks of programs, and the book of what was walked of it. What follows from both is `treadctl.plans`."""

from __future__ import annotations

from dataclasses import dataclass

from .outcome import Outcome, Stop
from .person import Level


@dataclass(frozen=True, slots=True)
class PlanWeek:
    """The walks of one week in their order, by the names of their profile files; ANY is a profile of the own level.

    `least`: so many of them make a week; `greens`: so many green walks of the week before open this one; `instead`: a
    profile that may stand in for one of them after a green walk.
    """

    walks: tuple[str, ...]
    least: int
    greens: int = 0
    instead: str = ""


ANY = "any"


@dataclass(frozen=True, slots=True)
class Plan:
    """Weeks in order. `file` is the name by which it is chosen."""

    file: str
    name: str
    weeks: tuple[PlanWeek, ...]
    summary: str = ""
    basis: str = ""

    @property
    def profiles(self) -> tuple[str, ...]:
        """Every profile it names, once."""
        named = [name for week in self.weeks for name in (*week.walks, week.instead) if name not in ("", ANY)]
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True, slots=True)
class Tuning:
    """How far a person has got beyond a profile as it is written: seconds, 0.01 km/h, 0.1 %. Below 0: gone back."""

    total: int = 0
    bout: int = 0
    speed: int = 0
    incline: int = 0


AS_WRITTEN = Tuning()


@dataclass(frozen=True, slots=True)
class Walked:
    """One walk in the book. `full`: it was the profile with this tuning, neither shortened nor eased; only such walks
    move a profile on."""

    outcome: Outcome
    tuning: Tuning = AS_WRITTEN
    full: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """What was offered last: a walk of this name and length is taken to be it."""

    profile: str
    total: int
    tuning: Tuning
    full: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Why a walk stopped, as the walker says, where the record cannot know: a slip, or that it was enough."""

    session: str
    stop: Stop


@dataclass(frozen=True, slots=True)
class Book:
    """Everything the plan knows of the past. `level`, `level_since`: the person's level as last seen, and since when.

    Times are wall-clock seconds. The walks are in the order of time.
    """

    plan: str = ""
    begun: int = 0
    level: Level = Level.L0
    level_since: int = 0
    walked: tuple[Walked, ...] = ()
    offered: Offered | None = None
    told: tuple[Told, ...] = ()
