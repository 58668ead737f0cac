"""The fault campaign: seeded walks by restless people on odd machines with faults, each judged by every invariant.

    python -m treadsim.campaign --hours 100 [--seed 1] [--jobs 2] [--nuisance] [--walks 1] [--write docs/campaign.md]

A seed is one walk and says everything about it. Most walks have a pair of faults: single ones are the matrix's, which
tries them exhaustively. A violation is printed with its seed and the fewest faults that still bring it about.
`--nuisance`: no faults but lost and late samples, and nothing may be stopped needlessly.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing import Pool
from multiprocessing.pool import AsyncResult
from pathlib import Path

from treadctl.control.core import Core
from treadctl.files.quirks import load_quirk
from treadctl.model.errors import ExitCode
from treadctl.model.program import OffTreadmill, Rest, expand, expected_ms
from treadctl.model.units import Ms

from .campaign_record import HOUR, End, Walked, append, tell
from .catalogue import CATALOGUE, FOREVER, UNSEEN, Family, Kind, Parameter, Spec
from .faults import Fault, Value, fault
from .invariants import violations
from .people import RestlessWalker, network_wish, random_person, random_program
from .walker import Walker
from .world import Controller, Scene, World

AHEAD = 64
"""Walks handed out at a time for each process, so that none waits for a long one. They count in the order of their
seeds, so the same are walked however many processes there are; the few that were begun and not needed are dropped."""
MIX = (0, 1, 1, 1, 2, 2, 2, 2, 2, 3)
"""Of ten walks so many have no fault, one, two and three."""
SEEN = tuple(spec for spec in CATALOGUE if spec.name not in UNSEEN)
"""A fault that the core cannot see makes no pair."""
CLOSE: tuple[Ms, Ms] = (-4_000, 6_000)
"""Chosen: so near to the first fault, treadctl is still busy with the one when the other begins."""
PREPARING: Ms = 30_000
"""About what the checklist and the reach test take."""
CHUNK: Ms = 20_000
IDLE_CHUNKS = 4
"""A walk in which nothing has moved for so many chunks, its rests apart, after its last fault has told all."""
BUGS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What a broken controller raises; it is counted, it does not end the campaign."""
QUIRKS = (
    "reference", "half-steps", "minimum-one", "mph-target", "no-remote-start", "resumes-speed", "silent-at-zero",
    "split-records", "start-toggles", "status-only", "reference", "reference", "split-records",
)
"""The kinds of machine; one peculiarity each, and the usual more often. Those of makers have a table of their own."""
STEADY_QUIRKS = ("reference", "split-records")
"""Samples twice a second, and once."""


# --- one walk --------------------------------------------------------------------------------------------------------


def scene_of(seed: int) -> tuple[Scene, float]:
    """The walk that this seed stands for, and how restless its person is (deeds an hour)."""
    chance = random.Random(seed)
    quirk = load_quirk(chance.choice(QUIRKS))
    person = random_person(chance)
    program = random_program(chance, person, quirk)
    faults = random_faults(chance, chance.choice(MIX), PREPARING + expected_ms(expand(program)))
    unrest = chance.choice((0.0, 0.0, 10.0, 60.0))
    calm = not faults and not unrest and not _odd(quirk.name)
    return Scene(program, person, quirk, faults, seed, calm), unrest


def _odd(quirk: str) -> bool:
    """A machine on which a walk may be refused or stopped."""
    return quirk in ("half-steps", "no-remote-start", "silent-at-zero", "mph-target", "resumes-speed")


def nuisance_scene(seed: int) -> Scene:
    """Nothing goes wrong but that samples are lost and late by as much as a walk has to bear.

    2 Hz, 5 % lost, at most three in a row, 300 ms jitter; or 1 Hz, 5 % lost, never two in a row.
    """
    chance = random.Random(seed)
    quirk = load_quirk(STEADY_QUIRKS[seed % 2])
    person = random_person(chance)
    row = 3 if quirk.sample_every <= 500 else 1
    lossy, jitter = fault("telemetry.lossy", p=0.05, row=row), fault("telemetry.jitter", delay=300)
    faults = (lossy, jitter) if row == 3 else (lossy,)
    return Scene(random_program(chance, person, quirk), person, quirk, faults, seed, calm=True)


def random_faults(chance: random.Random, count: int, within: Ms) -> tuple[Fault, ...]:
    """So many faults `within` this time. Every other one after the first comes close to it, the rest anywhere."""
    found: list[Fault] = []
    for _ in range(count):
        close = bool(found) and chance.random() < 0.5
        at = max(0, found[0].at + chance.randint(*CLOSE)) if close else None
        found.append(random_fault(chance, within, at))
    return tuple(sorted(found))


def random_fault(chance: random.Random, within: Ms, at: Ms | None = None) -> Fault:
    """Any fault, at this time or when something goes on."""
    spec = chance.choice(SEEN)
    length = chance.choice((100, 700, 1500, 2500, 4000, 8000, 30_000, FOREVER)) if spec.lasts else FOREVER
    if spec.name in ("process.blocked", "time.suspended", "link.fading") or (spec.name == "link.flap"):
        length = min(length, 60_000)
    given = {p.name: _random_value(chance, p) for p in spec.parameters if chance.random() < 0.5}
    return fault(spec.name, _random_time(chance, spec, within) if at is None else at, length, **given)


def _random_time(chance: random.Random, spec: Spec, within: Ms) -> Ms:
    if spec.family in (Family.MACHINE, Family.DISK) and spec.lasts and chance.random() < 0.4:
        return 0
    return chance.randint(3_000, within)


def _random_value(chance: random.Random, parameter: Parameter) -> Value:
    match parameter.kind:
        case Kind.TIME:
            return chance.choice((50, 300, 900, 1600, 3500, 12_000))
        case Kind.SPEED:
            return chance.choice((10, 20, 50, 100, 300, 800))
        case Kind.SHARE:
            return chance.choice((0.1, 0.3, 0.6, 1.0))
        case Kind.FACTOR:
            return chance.choice((0.5, 0.621, 1.1, 1.609, 2.0))
        case Kind.NUMBER:
            return chance.choice((1, 2, 3, 5, 8))
        case Kind.OP:
            return chance.choice(("any", "stop", "speed", "start", "control"))


def walk(scene: Scene, unrest: float = 0.0, core: type[Controller] = Core) -> World:
    """Walk this scene until nothing new can come of it. A controller that raises is noted in the trace."""
    walker = RestlessWalker(scene.seed, unrest) if unrest else Walker(scene.seed)
    world = World(scene, core=core, walker=walker, diary=False)
    chance = random.Random(scene.seed + 2)
    try:
        _to_its_end(world, chance if unrest else None)
    except BUGS as bug:
        world.broke(f"{type(bug).__name__}: {bug}")
    return world


def _to_its_end(world: World, chance: random.Random | None) -> None:
    last = max((f.at if f.until >= FOREVER else f.until for f in world.scene.faults), default=0)
    segments = expand(world.scene.program)
    standing = sum(segment.seconds for segment in segments if isinstance(segment, Rest | OffTreadmill))
    idle, until, patience = 0, 0, IDLE_CHUNKS + standing * 1000 // CHUNK
    while not world.over and until < world.limit:
        until += CHUNK
        moved = world.trace.truth[-1] if world.trace.truth else None
        asked = len(world.trace.asks)
        world.run_until(until)
        if chance is not None and chance.random() < 0.1:
            world.network(network_wish(chance))
        still = (world.trace.truth[-1] if world.trace.truth else None) == moved and world.machine.belt.speed == 0
        idle = idle + 1 if still and len(world.trace.asks) == asked else 0
        if idle >= patience and world.now - world.connected_at > last + CHUNK:
            return


def judge(seed: int, nuisance: bool = False, core: type[Controller] = Core) -> Walked:
    """Walk one seed and judge it; where it is wrong, find the fewest faults that still do it."""
    scene, unrest = (nuisance_scene(seed), 0.0) if nuisance else scene_of(seed)
    world = walk(scene, unrest, core)
    found = violations(world.trace)
    needed = _minimal(scene, unrest, {one.invariant for one in found}, core).faults if found else ()
    gone = world.now - world.connected_at
    begun = tuple(one.name for one in scene.faults if world.trace.links and one.at <= gone)
    return Walked(seed, world.now, tuple(found), scene.faults, needed, begun, End.of(world.trace))


def _minimal(scene: Scene, unrest: float, names: set[str], core: type[Controller]) -> Scene:
    """The same walk with every fault left out that is not needed for one of these violations."""
    for one in scene.faults:
        fewer = replace(scene, faults=tuple(f for f in scene.faults if f is not one))
        if names & {found.invariant for found in violations(walk(fewer, unrest, core).trace)}:
            scene = fewer
    return scene


# --- all of them -----------------------------------------------------------------------------------------------------


def _timed(seed: int, nuisance: bool, core: type[Controller]) -> tuple[Walked, float]:
    """What came of this seed, and the CPU seconds it took."""
    before = _cpu()
    return judge(seed, nuisance, core), _cpu() - before


def _collect_seldom() -> None:
    """A walk leaves next to no cycles behind, and looking for them takes 3 % of the time (measured)."""
    gc.freeze()
    gc.set_threshold(200_000, 5, 5)


def _cpu() -> float:
    times = os.times()
    return times.user + times.system


def campaign(
    hours: float, walks: int, seed: int, jobs: int, nuisance: bool, core: type[Controller] = Core
) -> tuple[list[Walked], float]:
    """So many virtual hours (or walks, if any) from this seed on; what came of them, and the CPU seconds it took."""
    walked: list[Walked] = []
    spent, total, begun = 0.0, 0, 0
    under_way: deque[AsyncResult[tuple[Walked, float]]] = deque()
    with Pool(jobs, initializer=_collect_seldom) as pool:
        while len(walked) < walks if walks else total < hours * HOUR:
            while len(under_way) < AHEAD * jobs and not (walks and begun == walks):
                under_way.append(pool.apply_async(_timed, (seed + begun, nuisance, core)))
                begun += 1
            one, cpu = under_way.popleft().get()
            walked.append(one)
            spent += cpu
            total += one.virtual
    return walked, spent


def main(words: Sequence[str] | None = None, core: type[Controller] = Core) -> int:
    """Exit code 0, or 5 when an invariant was violated. Tests pass a broken core."""
    parser = argparse.ArgumentParser(prog="campaign", description="Walk virtual hours with faults; judge every walk.")
    parser.add_argument("--hours", type=float, default=1.0, help="virtual hours (default 1)")
    parser.add_argument("--walks", type=int, default=0, help="so many walks instead of hours: 1 repeats one seed")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (default 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--nuisance", action="store_true", help="lost and late samples only: nothing may be stopped")
    parser.add_argument("--write", type=Path, help="append a line about this campaign to the table that ends this file")
    asked = parser.parse_args(words)
    walked, spent = campaign(asked.hours, asked.walks, asked.seed, max(1, asked.jobs), asked.nuisance, core)
    for line in tell(walked, spent, asked.nuisance):
        sys.stdout.write(line + "\n")
    if asked.write is not None:
        append(asked.write, walked, spent, asked.nuisance)
    return int(ExitCode.FAULT if any(one.found for one in walked) else ExitCode.OK)


if __name__ == "__main__":
    sys.exit(main())
