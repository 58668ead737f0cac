"""What commissioning comes to on every known machine: the simulated one, an honest owner, virtual time.

The one source of what the pages of machines claim. What was learnt, with the quirk laid under it, is also the record
that the machine is walked with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import cache

from treadctl.files.habits import IN_MILES, Habit
from treadctl.files.quirks import Quirk, merged
from treadctl.model.api import Phase
from treadctl.model.limits import Limit, Limits
from treadctl.model.machine import STOP_LAG_MAX, Backward, Record, backward_permission
from treadctl.model.person import Level
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Ms, Speed

from .facts import Facts
from .hands import Owner
from .invariants import INVARIANTS, Violation
from .trace import Trace
from .world import Scene, World

LONGEST: Ms = 600_000
"""No part takes five minutes; one that takes ten has got stuck."""
ANOTHER_DAY = "2026-01-01"
FASTEST = Speed(200)
"""Stop is timed from 2 km/h , as at commissioning; nothing is faster, and nothing backward or on a slope."""
PLAN = Program("An empty belt", (Walk(Facing.FORWARD, 60, FASTEST),))
EMPTY = "nobody is on the belt"
NONE = Limit(0, EMPTY)
LIMITS = Limits(Level.L0, Limit(FASTEST, EMPTY), NONE, NONE, NONE, NONE, NONE, NONE)
OF_A_WALK = ("I4 a rise of ", "I5 started for forward, and the words ")
"""What a walk has and an empty belt has not: the small steps spare a person, and the ramp is measured in a large one,
announced and held for as any; and the question before a start names the empty belt instead of a facing. Besides, I31
has a plan to be finished and judges calm walks only, which no commissioning is."""
SEEN = "I15"
"""Whether what is claimed is so: of a machine that tells only zeros nobody can know."""


class Outcome(Enum):
    """What treadctl does with a machine once it was commissioned. The value is what the pages say."""

    BACKWARD = "backward"
    MINIMUM = "backward at its minimum"
    SPOTTER = "with a spotter"
    FORWARD = "not backward"
    GUIDE = "guide"
    NOT_DRIVEN = "cannot be driven"
    NOTHING = "cannot be commissioned"


PERMITS = {
    Backward.YES: Outcome.BACKWARD, Backward.MINIMUM_ONLY: Outcome.MINIMUM, Backward.SPOTTER_STARTS: Outcome.SPOTTER,
    Backward.NO: Outcome.FORWARD,
}
UNITS = "units read off the console"
ANOTHER_SPEED = "its console shows another speed than it tells"


class Met(World):
    """A world in which treadctl knows this of the machine; None: it was never commissioned."""

    def __init__(self, scene: Scene, quirk: Quirk, known: Record | None) -> None:
        super().__init__(replace(scene, quirk=quirk if known is None else replace(quirk, record=known)))
        if known is None:
            self._air.record = None


@dataclass(frozen=True, slots=True)
class Commissioned:
    """One part of commissioning on one machine. `reason`: the last that treadctl said about it. `learnt`: as measured.

    `ended`: it came to an end of its own. `speed`: of the true belt at the end, `fastest` in all of it.
    """

    quirk: Quirk
    learnt: Record | None
    reason: str
    ended: bool
    speed: float
    fastest: float
    trace: Trace

    @property
    def record(self) -> Record | None:
        """What counts from now on: what was learnt, with all that is known of the machine."""
        return None if self.learnt is None else merged(self.learnt, self.quirk)

    @property
    def outcome(self) -> Outcome:
        record = self.record
        if record is None:
            return Outcome.NOTHING
        if not record.complete or (record.control and not record.stop_works):
            return Outcome.NOT_DRIVEN
        return PERMITS[backward_permission(record)[0]] if record.control else Outcome.GUIDE

    @property
    def why(self) -> str:
        """Why no more than that; empty where there is no more, and for a guide, which is always for the same reason."""
        record = self.record
        if record is None:
            return f"“{self.reason}”"
        if not record.complete:
            return ", ".join(ANOTHER_SPEED if name == UNITS else f"no {name}" for name in record.missing)
        return backward_permission(record)[1] if record.control else ""

    @property
    def words(self) -> str:
        """Both."""
        return f"{self.outcome.value}: {self.why}" if self.why else self.outcome.value

    @property
    def broken(self) -> list[Violation]:
        """What this commissioning did against the invariants, but for `OF_A_WALK`."""
        facts, blind = Facts(self.trace), self.quirk.has(Habit.ONLY_ZEROS)
        found = (
            Violation(invariant.name, wrong.at, wrong.text)
            for invariant in INVARIANTS if not (blind and invariant.name == SEEN)
            for check in invariant.checks for wrong in check(facts)
        )
        return [one for one in found if not f"{one.invariant} {one.text}".startswith(OF_A_WALK)]


@cache
def commissioned(quirk: Quirk, part: int = 1) -> Commissioned:
    """This part in virtual time, once for all who ask. The second knows what the first one learnt on another day."""
    first = None if part == 1 else commissioned(quirk).record
    known = None if first is None else replace(first, learnt=ANOTHER_DAY)
    world = Met(Scene(PLAN, quirk=quirk, commission=part), quirk, known)
    world.walker = Owner(world.machine.belt, miles=bool(quirk.habits & IN_MILES))
    world.run(LONGEST)
    shot, learnt = world.snapshot, world.learnt
    _judge_as_empty(world, known or (quirk.record if learnt is None else merged(learnt, quirk)), part)
    reason = shot.reason.removeprefix("Nothing was learnt: ").removesuffix(" Nothing was learnt.")
    return Commissioned(
        quirk, learnt, reason[:1].upper() + reason[1:], shot.phase is Phase.DONE, world.machine.belt.speed,
        max((truth.speed for truth in world.trace.truth), default=0), world.trace,
    )


def _judge_as_empty(world: World, record: Record, part: int) -> None:
    """An empty belt has limits of its own. While its stop lag is measured, a stop may take the longest that does."""
    trace = world.trace
    record = replace(record, stop_lag=STOP_LAG_MAX) if part == 1 else record
    trace.setup = replace(trace.setup, limits=LIMITS, record=record)
