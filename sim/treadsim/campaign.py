"""The fault campaign: seeded walks by restless people on odd machines with faults, each judged by every invariant.

    python -m treadsim.campaign --hours 100 [--seed 1] [--jobs 2] [--nuisance]

A seed is one walk and says everything about it. A violation is printed with its seed and the fewest faults that still
bring it about. `--nuisance`: no faults but lost and late samples, and nothing may be stopped needlessly.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import Pool

from treadctl.control.core import Core
from treadctl.files.machines import load_quirk, quirk_names
from treadctl.model.errors import ExitCode
from treadctl.model.units import Ms

from .catalogue import CATALOGUE, FOREVER, Family, Kind, Parameter, Spec
from .faults import Fault, Value, fault
from .invariants import Violation, violations
from .people import RestlessWalker, network_wish, random_person, random_program
from .walker import Walker
from .world import Controller, Scene, World

HOUR: Ms = 3_600_000
BATCH = 8
CHUNK: Ms = 20_000
IDLE_CHUNKS = 4
"""A walk in which nothing has moved for so many chunks after its last fault has told all it has to tell."""
BUGS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What a broken controller raises; it is counted, it does not end the campaign."""
STEADY_QUIRKS = ("reference", "split-records")
"""Samples twice a second, and once."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of one seed."""

    seed: int
    virtual: Ms
    found: tuple[Violation, ...]
    faults: tuple[Fault, ...] = ()
    finished: bool = False


# --- one walk --------------------------------------------------------------------------------------------------------


def scene_of(seed: int) -> tuple[Scene, float]:
    """The walk that this seed stands for, and how restless its person is (deeds an hour)."""
    chance = random.Random(seed)
    quirk = load_quirk(chance.choice([*quirk_names(), "reference", "reference", "split-records"]))
    person = random_person(chance)
    program = random_program(chance, person, quirk)
    faults = tuple(sorted(random_fault(chance) for _ in range(chance.choice((0, 1, 1, 1, 2)))))
    unrest = chance.choice((0.0, 0.0, 10.0, 60.0))
    calm = not faults and not unrest and not _odd(quirk.name)
    return Scene(program, person, quirk, faults, seed, calm), unrest


def _odd(quirk: str) -> bool:
    """A machine on which a walk may be refused or stopped."""
    return quirk in ("half-steps", "no-remote-start", "silent-at-zero", "mph-target", "resumes-speed")


def nuisance_scene(seed: int) -> Scene:
    """Nothing goes wrong but that samples are lost and late as they are on the air."""
    chance = random.Random(seed)
    quirk = load_quirk(STEADY_QUIRKS[seed % 2])
    person = random_person(chance)
    row = 3 if quirk.sample_every <= 500 else 1
    faults = (fault("telemetry.lossy", p=0.05, row=row), fault("telemetry.jitter", delay=300 if row == 3 else 0))
    return Scene(random_program(chance, person, quirk), person, quirk, faults, seed, calm=True)


def random_fault(chance: random.Random, names: Sequence[str] = ()) -> Fault:
    """Any fault, or one of these names, at a time when something goes on."""
    spec = chance.choice([s for s in CATALOGUE if not names or s.name in names])
    length = chance.choice((100, 700, 1500, 2500, 4000, 8000, 30_000, FOREVER)) if spec.lasts else FOREVER
    if spec.name in ("process.blocked", "time.suspended", "link.fading") or (spec.name == "link.flap"):
        length = min(length, 60_000)
    given = {p.name: _random_value(chance, p) for p in spec.parameters if chance.random() < 0.5}
    return fault(spec.name, _random_time(chance, spec), length, **given)


def _random_time(chance: random.Random, spec: Spec) -> Ms:
    if spec.family in (Family.MACHINE, Family.DISK) and spec.lasts and chance.random() < 0.4:
        return 0
    return chance.randint(3_000, 330_000)


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
    idle, until = 0, 0
    while not world.over and until < world.limit:
        until += CHUNK
        moved = world.trace.truth[-1] if world.trace.truth else None
        asked = len(world.trace.asks)
        world.run_until(until)
        if chance is not None and chance.random() < 0.1:
            world.network(network_wish(chance))
        still = (world.trace.truth[-1] if world.trace.truth else None) == moved and world.machine.belt.speed == 0
        idle = idle + 1 if still and len(world.trace.asks) == asked else 0
        if idle >= IDLE_CHUNKS and world.now - world.connected_at > last + CHUNK:
            return


def judge(seed: int, nuisance: bool = False, core: type[Controller] = Core) -> Walked:
    """Walk one seed and judge it; where it is wrong, find the fewest faults that still do it."""
    scene, unrest = (nuisance_scene(seed), 0.0) if nuisance else scene_of(seed)
    world = walk(scene, unrest, core)
    found = violations(world.trace)
    summary = world.trace.summary
    if found:
        scene = _minimal(scene, unrest, {one.invariant for one in found}, core)
    return Walked(seed, world.now, tuple(found), scene.faults, summary is not None and summary.finished)


def _minimal(scene: Scene, unrest: float, names: set[str], core: type[Controller]) -> Scene:
    """The same walk with every fault left out that is not needed for one of these violations."""
    for one in scene.faults:
        fewer = replace(scene, faults=tuple(f for f in scene.faults if f is not one))
        if names & {found.invariant for found in violations(walk(fewer, unrest, core).trace)}:
            scene = fewer
    return scene


# --- all of them -----------------------------------------------------------------------------------------------------


def _batch(work: tuple[int, int, bool]) -> tuple[list[Walked], float]:
    first, count, nuisance = work
    before = _cpu()
    walked = [judge(seed, nuisance) for seed in range(first, first + count)]
    return walked, _cpu() - before


def _cpu() -> float:
    times = os.times()
    return times.user + times.system


def _batches(seed: int, nuisance: bool) -> Iterator[tuple[int, int, bool]]:
    first = seed
    while True:
        yield first, BATCH, nuisance
        first += BATCH


def campaign(hours: float, seed: int, jobs: int, nuisance: bool) -> tuple[list[Walked], float]:
    """So many virtual hours from this seed on; what was walked, and the CPU seconds it took."""
    walked: list[Walked] = []
    spent = 0.0
    with Pool(jobs) as pool:
        for results, cpu in _bounded(pool.imap, _batches(seed, nuisance), jobs, hours):
            walked += results
            spent += cpu
    return walked, spent


def _bounded(
    imap: object, batches: Iterable[tuple[int, int, bool]], jobs: int, hours: float
) -> Iterator[tuple[list[Walked], float]]:
    """Rounds of batches until the hours are full: `imap` over an endless list would never come back."""
    assert callable(imap)
    todo, total = iter(batches), 0
    while total < hours * HOUR:
        for results, cpu in imap(_batch, [next(todo) for _ in range(jobs * 2)]):
            total += sum(one.virtual for one in results)
            yield results, cpu


def tell(walked: Sequence[Walked], spent: float, seed: int) -> Iterator[str]:
    """The campaign in lines."""
    virtual = sum(one.virtual for one in walked) / HOUR
    bad = [one for one in walked if one.found]
    yield f"seeds {seed} to {seed + len(walked) - 1}: {len(walked)} walks, {virtual:.1f} virtual hours"
    yield f"{virtual / max(spent, 0.001):.2f} virtual hours per CPU second, all invariants included"
    yield f"{sum(one.finished for one in walked)} finished, {len(bad)} with violations"
    counts = Counter(found.invariant for one in bad for found in {f.invariant: f for f in one.found}.values())
    if counts:
        yield "violations: " + ", ".join(f"{name} x {count}" for name, count in counts.most_common())
    for one in bad:
        with_faults = " ".join(f"--fault '{fault}'" for fault in one.faults) or "no fault"
        yield f"seed {one.seed}: {with_faults}"
        yield from (f"    {found}" for found in one.found)


def main(words: Sequence[str] | None = None) -> int:
    """Exit code 0, or 5 when an invariant was violated."""
    parser = argparse.ArgumentParser(prog="campaign", description="Walk virtual hours with faults; judge every walk.")
    parser.add_argument("--hours", type=float, default=1.0, help="virtual hours (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (default 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--nuisance", action="store_true", help="lost and late samples only: nothing may be stopped")
    asked = parser.parse_args(words)
    walked, spent = campaign(asked.hours, asked.seed, max(1, asked.jobs), asked.nuisance)
    for line in tell(walked, spent, asked.seed):
        sys.stdout.write(line + "\n")
    return int(ExitCode.FAULT if any(one.found for one in walked) else ExitCode.OK)


if __name__ == "__main__":
    sys.exit(main())
