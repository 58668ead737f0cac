"""What was asked of the belt's speed in one run: every target written, from what, and what the console made of it.

Looked at by the invariants about commands; judges nothing itself.
"""

from __future__ import annotations

from treadctl.model.program import Facing
from treadctl.model.units import Ms

from .facts import Facts, Run
from .trace import Wire

FALL = 20
"""0.2 km/h: less is no proof that the belt slows."""
ROUNDING = 15
"""0.15 km/h, or half a step of the machine: a target told higher by no more may be our own, as it rounded it."""


def speeds(facts: Facts, run: Run) -> list[Wire]:
    """The target speeds of a run before its first stop."""
    stop = facts.first_stop(run)
    end = run.end if stop is None else min(stop.at, run.end)
    return [w for w in facts.trace.writes if w.speed is not None and run.start.at <= w.at <= end]


def console_raises(facts: Facts, run: Run) -> list[tuple[Ms, int]]:
    """When the console made it faster within the limits, and how fast: facing it, that is the walker's own wish."""
    if run.facing is not Facing.FORWARD:
        return []
    found, written = [], speeds(facts, run)
    reach = facts.trace.setup.record.speed
    rounding = max(ROUNDING, 0 if reach is None else reach.increment // 2)
    for note in facts.notes(run.start.at, min(run.end, facts.trace.end), "status"):
        before = next((w.speed or 0 for w in reversed(written) if w.at <= note.at), minimum(facts))
        if note.text == "SPEED_CHANGED" and before + rounding < note.number <= facts.trace.setup.limits.forward.value:
            found.append((note.at, note.number))
    return found


def changes(facts: Facts, run: Run) -> list[tuple[Wire, int]]:
    """The target speeds of a run, each with what was in force before: written, or set higher at the console."""
    found, before, since = [], minimum(facts), run.start.at
    raised = console_raises(facts, run)
    for wire in speeds(facts, run):
        by_hand = [speed for at, speed in raised if since <= at <= wire.at]
        before = by_hand[-1] if by_hand else before
        found.append((wire, before))
        before, since = before if facts.refused(wire) else wire.speed or 0, wire.at
    return found


def rises(facts: Facts, run: Run) -> list[tuple[Wire, int]]:
    """The rises of a run: what was written, and from where."""
    return [(wire, before) for wire, before in changes(facts, run) if (wire.speed or 0) > before]


def minimum(facts: Facts) -> int:
    reach = facts.trace.setup.record.speed
    return 0 if reach is None else int(reach.minimum)


def slows(facts: Facts, wire: Wire) -> bool:
    """The lowest speed, to a belt that is seen running faster: a rung. One at rest it may start."""
    seen = facts.last_sample(wire.at)
    return wire.speed == minimum(facts) and seen is not None and seen.speed > minimum(facts) + FALL


def first_speed(facts: Facts) -> int:
    """The first speed to be met: 0.8 km/h, or the next that the machine can be set to, up to 1.0; else its lowest."""
    reach = facts.trace.setup.record.speed
    settable = [] if reach is None else range(reach.minimum, 101, max(1, reach.increment))
    return next((speed for speed in settable if speed >= 80), max(80, minimum(facts)))


def way(run: Run | None) -> Facing:
    return (run.facing if run is not None else None) or Facing.BACKWARD
