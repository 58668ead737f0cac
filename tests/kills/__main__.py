"""`python3 run.py kills`: kill, freeze and starve real processes while somebody walks; the belt has to stop.

The terminal app in a pty, its guardian, and the simulated treadmill behind a message bus of its own, all as processes,
many walks side by side because each has to wait for its own countdown. Each walk comes to an end of its own at a moment
drawn by lot; the seed is printed, and gives the same moments again. Exit code 0 when every belt stood, else 5.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # not this folder: its names must not pass for others

from tests.bluez.real_walk import RealWalk, a_real_walk  # noqa: E402
from tests.bluez.small_disk import SmallDisk, can_be_made  # noqa: E402
from tests.kills import report  # noqa: E402
from tests.kills.judge import Verdict, judge  # noqa: E402
from tests.kills.person import Moment, Person, draw  # noqa: E402
from tests.kills.ways import WAYS, Scene, Way  # noqa: E402
from treadctl.model.errors import TreadctlError  # noqa: E402

JOBS = 21
"""Chosen for two cores: a walk needs a tenth of one while it walks, and most of one for its first second."""
APART_S = 0.4
"""Walks begin so far apart, or their processes would all start at once."""
ATTEMPTS = 3
"""A busy machine may be too slow for a walk to begin: then it is walked again, and counted."""
FAILED = 5
DISK = "The full disk is a tmpfs in a namespace of its own."
NO_DISK = "No namespaces here: for the full disk the guardian may write no file any further (EFBIG instead of ENOSPC)."


class NotReached(Exception):
    """The walk did not come to its moment."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One walk, drawn beforehand."""

    way: Way
    moment: Moment
    lots: Random


def main() -> int:
    """Walk all walks and say what came of each."""
    options = _options()
    seed = options.seed if options.seed is not None else Random().randrange(1 << 32)
    plans = _plans(options.each, seed, options.only)
    real_disk = can_be_made()
    what = f"--each {options.each} --seed {seed} --jobs {options.jobs}"
    print(f"kills: {len(plans)} walks, {what}. {DISK if real_disk else NO_DISK}", flush=True)
    verdicts = asyncio.run(_walk_all(plans, options.jobs, real_disk, options.story))
    print(report.table(verdicts))
    held = all(verdict.held for verdict in verdicts)
    again = sum(verdict.attempts for verdict in verdicts)
    if again:
        print(f"kills: {again} walks did not come to their moment and were walked again")
    if options.write is not None:
        marked = f"{what}{', ' + options.note if options.note else ''}"
        report.write(options.write, report.section(verdicts, marked, DISK if real_disk else NO_DISK))
    print(f"kills: {'every belt stood' if held else 'FAILED'} (seed {seed})")
    return 0 if held else FAILED


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py kills", description="Real processes die; the simulated belt stops.")
    parser.add_argument("--each", type=int, default=10, help="walks for each way (default: 10)")
    parser.add_argument("--seed", type=int, help="the moments of an earlier run (default: new ones)")
    parser.add_argument("--jobs", type=int, default=JOBS, help=f"walks side by side (default: {JOBS})")
    parser.add_argument("--only", metavar="WORD", default="", help="only ways with this in their names")
    parser.add_argument("--story", action="store_true", help="what truly happened, also where it held")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the results into this page")
    parser.add_argument("--note", default="", help="a word on the circumstances, for the page")
    return parser.parse_args()


def _plans(each: int, seed: int, only: str) -> list[Plan]:
    """The same for the same seed, whatever runs beside it. The longest begin first, so that none is waited for."""
    ways = [way for way in WAYS if only in way.name]
    plans = []
    for n in range(each):
        for way in ways:
            lots = Random(f"{seed}/{way.name}/{n}")
            plans.append(Plan(way, draw(lots), lots))
    return sorted(plans, key=lambda plan: len(plan.moment.part.segments), reverse=True)


async def _walk_all(plans: list[Plan], jobs: int, real_disk: bool, story: bool) -> list[Verdict]:
    # As many threads as could ever wait for a process: in a queue for one, a command would begin late.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4 * jobs))
    free, turn = asyncio.Semaphore(jobs), asyncio.Lock()
    done: list[Verdict] = []

    async def one(plan: Plan, folder: Path) -> None:
        async with free:
            async with turn:
                await asyncio.sleep(APART_S)
            verdict = await _walk(plan, folder, real_disk)
        done.append(verdict)
        print(report.line(len(done), len(plans), verdict), flush=True)
        for told in verdict.story if story or not verdict.held else ():
            print(f"          {told}", flush=True)

    with tempfile.TemporaryDirectory(prefix="tread-", ignore_cleanup_errors=True) as folder:
        await asyncio.gather(*(one(plan, Path(folder) / str(n)) for n, plan in enumerate(plans)))
    order = {way.name: n for n, way in enumerate(WAYS)}
    return sorted(done, key=lambda verdict: order[verdict.way])


async def _walk(plan: Plan, home: Path, real_disk: bool) -> Verdict:
    """One walk to its end and its verdict. What breaks here is no proof, so it counts as failed."""
    verdict = Verdict(plan.way.name, plan.moment.part.name)
    for attempt in range(ATTEMPTS):
        disk = SmallDisk(real_disk) if plan.way.small_disk else None
        try:
            async with a_real_walk(home.with_name(f"{home.name}-{attempt}"), plan.moment.part.segments, disk) as walk:
                await _to_the_deed(plan, verdict, walk)
                return verdict
        except NotReached:
            verdict.attempts += 1
        except (OSError, RuntimeError, AssertionError, TreadctlError) as error:
            verdict.wrong.append(f"the walk itself broke: {traceback.format_exception_only(error)[-1].strip()}")
            return verdict
    verdict.wrong.append(f"its moment was not reached in {ATTEMPTS} walks")
    return verdict


async def _to_the_deed(plan: Plan, verdict: Verdict, walk: RealWalk) -> None:
    """Raises NotReached: then nothing was done to anybody, and the walk says nothing."""
    scene = Scene(walk, plan.lots)
    person = Person(walk)
    try:
        try:
            walk.told_of_hang_up = plan.way.told_of_hang_up
            await walk.open(80, 24)
            person.begin()
            where = await person.to(plan.moment)
        except (TimeoutError, TreadctlError) as error:
            raise NotReached from error
        verdict.moment = f"{plan.moment.part.name}: {where}"
        person.hands_off()
        walk.shown = b""
        begin = await plan.way.deed(scene)
        await judge(verdict, walk, person, scene, begin)
    finally:
        scene.end()
        await person.end()


if __name__ == "__main__":
    sys.exit(main())
