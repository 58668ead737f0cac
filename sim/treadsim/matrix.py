"""The single-fault matrix: every fault of the catalogue, in every state of a walk, at three speeds, exhaustively.

    python -m treadsim.matrix > docs/fault-matrix.md

A walk is brought into a state once and then copied for every fault; each copy is watched until its fault has told what
it has to tell. The table says, worst over the speeds, what treadctl did; a violated invariant is named in it.
"""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Pool

from treadctl.files.quirks import load_quirk
from treadctl.model.api import Phase, Press
from treadctl.model.person import Level, any_walker
from treadctl.model.program import DeadMill, Facing, OffTreadmill, Program, Rest, Walk
from treadctl.model.units import Ms, Speed, kmh

from .campaign import BUGS
from .catalogue import CATALOGUE, Family
from .facts import Facts
from .faults import Fault, fault
from .invariants import violations
from .trace import Trace
from .world import Scene, World

STATES = (
    Phase.CHECKING, Phase.REACHING, Phase.TURNING, Phase.ASKING, Phase.COUNTDOWN, Phase.STARTING, Phase.HOLDING,
    Phase.WALKING, Phase.EASING, Phase.STOPPING, Phase.RESTING, Phase.OFF, Phase.PUSHING,
    Phase.HALTED,
)
SPEEDS = ("1.0", "2.5", "4.0")
"""Backward 1.0, 2.5 and 4.0 km/h: the slowest, the middle and the fastest level."""
LEVELS = (Level.L0, Level.L2, Level.L4)
LASTING: Ms = 6_000
"""Long enough for every limit of the controller (3 s of silence, a rung of the ladder) to pass."""
WATCH: Ms = 25_000
AFTER: Ms = 1_200
"""How long a state has lasted when the fault comes."""
STEP: Ms = 100
SEARCH: Ms = 400_000
WHOLE_WALK = frozenset({"machine.bad_range", "disk.locked"})
"""Faults that are there before the first connection or not at all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What came of one fault in one state at one speed."""

    name: str
    state: Phase
    speed: str
    outcome: str


def program(speed: Speed, level: Level) -> Program:
    """Backward at this speed, a rest, a little forward, and then without the belt: beside it, and pushing it."""
    ahead = Speed(min(int(speed) + 50, 400))
    walks = (Walk(Facing.BACKWARD, 60, speed, line=1), Rest(20, line=2), Walk(Facing.FORWARD, 30, ahead, line=3))
    return Program("Matrix", (*walks, OffTreadmill(20, line=4), DeadMill(Facing.BACKWARD, 30, line=5)), level)


def worlds(speed: str, level: Level) -> Iterator[tuple[Phase, World]]:
    """One walk at this speed, copied in each of its states."""
    scene = Scene(program(kmh(speed), level), any_walker(level), load_quirk("reference"), seed=5)
    world = World(scene, diary=False)
    seen: set[Phase] = set()
    for until in range(STEP, SEARCH, STEP):
        world.run_until(until)
        phase = world.snapshot.phase
        if phase in STATES and phase not in seen and phase is not Phase.HALTED:
            later = copy.deepcopy(world)
            later.run_until(later.now + AFTER)
            seen.add(phase)
            yield phase, later if later.snapshot.phase is phase else copy.deepcopy(world)
    yield Phase.HALTED, _halted(scene)


def _halted(scene: Scene) -> World:
    """A walk that was stopped by a key, with its question open."""
    world = World(scene, diary=False)
    pressed = False
    for until in range(STEP, SEARCH, STEP):
        world.run_until(until)
        if not pressed and world.snapshot.phase is Phase.WALKING:
            pressed = True
            world.does(Press("space"))
        elif pressed and world.snapshot.phase is Phase.HALTED:
            break
    return world


def faults_at(at: Ms) -> Iterator[Fault]:
    """Every fault, beginning then."""
    for spec in CATALOGUE:
        if spec.name not in WHOLE_WALK:
            yield fault(spec.name, at, LASTING)


def try_one(before: World, one: Fault) -> World:
    """A copy of this moment, and what becomes of it with this fault."""
    world = copy.deepcopy(before)
    try:
        world.add(one)
        world.run_until(world.now + (WATCH if one.spec.lasts else WATCH - LASTING))
    except BUGS as bug:
        world.broke(f"{type(bug).__name__}: {bug}")
    return world


def outcome(before: World, after: World) -> str:
    """What treadctl did about it, in a few words."""
    found = sorted({one.invariant for one in violations(after.trace)}, key=lambda name: int(name[1:]))
    if found:
        return "VIOLATED " + " ".join(found)
    trace, since = after.trace, before.now
    if not Facts(trace).runs or Facts(trace).runs[-1].end <= since:
        return "told" if _told(trace, since) else "no effect"
    if any(note.at >= since for note in trace.noted("alarm")):
        return "stop, alarm"
    planned = before.snapshot.phase in (Phase.EASING, Phase.STOPPING)
    if any(wire.stops and wire.at >= since for wire in trace.writes) and not planned:
        return "stop" if _told(trace, since) else "stop planned"
    return "told" if _told(trace, since) else "no effect"


def _told(trace: Trace, since: Ms) -> bool:
    """A fault was noticed."""
    return any(n.at >= since and n.text.startswith("fault: ") for n in trace.noted("notice"))


def cells(work: tuple[str, Level, int]) -> list[Cell]:
    """All faults at one speed, in every second state: the even or the odd ones."""
    speed, level, odd = work
    found = []
    for state, before in worlds(speed, level):
        if STATES.index(state) % 2 == odd:
            for one in faults_at(before.now - before.connected_at):
                found.append(Cell(one.name, state, speed, outcome(before, try_one(before, one))))
    return found


def matrix() -> list[Cell]:
    """Everything; on all cores, in parts of about the same size."""
    parts = [(speed, level, odd) for speed, level in zip(SPEEDS, LEVELS, strict=True) for odd in (0, 1)]
    with Pool(min(len(parts), os.cpu_count() or 1)) as pool:
        return [cell for part in pool.map(cells, parts, chunksize=1) for cell in part]


RANK = ("no effect", "told", "stop planned", "stop", "stop, alarm")
SIGNS = {"no effect": "·", "told": "told", "stop planned": "(stop)", "stop": "stop", "stop, alarm": "alarm"}


def worst(outcomes: Sequence[str]) -> str:
    """Of several speeds: a violation before everything, else the strongest answer."""
    violated = [one for one in outcomes if one.startswith("VIOLATED")]
    return violated[0] if violated else max(outcomes, key=RANK.index)


def table(found: Sequence[Cell]) -> str:
    """The page of the documentation."""
    by: dict[tuple[str, Phase], list[str]] = {}
    for cell in found:
        by.setdefault((cell.name, cell.state), []).append(cell.outcome)
    states = " | ".join(state.value for state in STATES)
    lines = [*_HEAD, f"| fault | {states} |", "|---" * (len(STATES) + 1) + "|"]
    for family in Family:
        for spec in CATALOGUE:
            if spec.family is family and spec.name not in WHOLE_WALK:
                row = [worst(by[spec.name, state]) if (spec.name, state) in by else "" for state in STATES]
                lines.append(f"| `{spec.name}` | " + " | ".join(SIGNS.get(one, f"**{one}**") for one in row) + " |")
    bad = sum(cell.outcome.startswith("VIOLATED") for cell in found)
    lines += ["", f"{len(found)} walks: {bad} with a violated invariant."]
    return "\n".join(lines) + "\n"


_HEAD = (
    "# Every fault in every state",
    "",
    "Made by `python -m treadsim.matrix`; do not edit. Simulated. Each fault of the catalogue begins alone, in each",
    "state of a walk, at backward 1.0, 2.5 and 4.0 km/h; one that lasts, lasts 6 s. Every walk is judged by all",
    "invariants (`sim/treadsim/invariants.py`). A cell says the strongest answer over the three speeds:",
    "",
    "- **alarm**: stop ladder and alarm; **stop**: stop with its reason said; **(stop)**: a stop that somebody wished",
    "- **told**: noticed, no stop needed (held, slowed, said or shown); **·**: nothing to do",
    "",
    "What a fault does is said by `treadctl dry-run demo --fault help`. `machine.bad_range` and `disk.locked` are",
    "there from the begin or not at all: no program is loaded then.",
    "",
)


def main() -> int:
    """Print the table."""
    sys.stdout.write(table(matrix()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
