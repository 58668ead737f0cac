"""The simulated year: a hundred walkers follow plans for 52 weeks, and every rule is looked after from outside.

`python -P -m tests.plans.year > docs/year.md` makes the page. Fifty of the walks go through the simulated treadmill.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from treadsim.world import DRY_ATTEND, Scene, World

from tests.once import once
from tests.plans.life import Life, Step, year
from tests.plans.rules import RULES
from tests.plans.walkers import KINDS, Kind
from treadctl.files.quirks import load_quirk
from treadctl.model.outcome import DAY
from treadctl.plans.colour import Colour
from treadctl.plans.editing import dose
from treadctl.plans.standing import read
from treadctl.plans.today import Offer

PAGE = Path(__file__).resolve().parents[2] / "docs" / "year.md"
ON_THE_BELT = 50
ALMOST = 2
"""Seconds: a bout may end in the middle of one."""

HEAD = """# A simulated year of plans

A hundred walkers who do not exist follow plans for 52 weeks. What comes of each walk is drawn from a crude model of the
walker (`tests/plans/walkers.py`), so nothing here says how fast a person learns. What the page shows is that the rules
hold whatever comes: each is worked out a second time from the walks alone (`tests/plans/rules.py`).

Made by `.venv/bin/python -P -m tests.plans.year > docs/year.md`; a test holds that it is what the program makes.

## The walkers
"""
COLUMNS = (
    "walkers", "how many", "walks", "green", "amber", "red", "grey", "levels up", "levels down", "level at the end",
    "minutes backward in the best week", "days of the longest wait",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Belted:
    """One walk on the simulated treadmill: seconds backward that were asked for and walked."""

    program: str
    asked: int
    walked: int
    finished: bool


def page(lives: Sequence[Life], belted: Sequence[Belted]) -> str:
    return "\n".join([HEAD, *_kinds(lives), *_rules(lives), *_belt(belted), *_plans(lives)]) + "\n"


def _kinds(lives: Sequence[Life]) -> Iterator[str]:
    yield _row(COLUMNS)
    yield _row(["---"] * len(COLUMNS))
    for kind in KINDS:
        yield _kind(kind, [life for life in lives if life.walker.kind == kind])


def _kind(kind: Kind, lives: Sequence[Life]) -> str:
    colours = Counter(one.colour for life in lives for one in read(life.book.walked))
    ups = sum(offered is not None for life in lives for *_, offered in life.levels)
    downs = sum(offered is None for life in lives for *_, offered in life.levels)
    ends = Counter(life.person.level for life in lives)
    cells = (
        kind.name, len(lives), sum(len(life.steps) for life in lives), *(colours[colour] for colour in Colour),
        ups, downs, ", ".join(f"{n} at {level.value}" for level, n in sorted(ends.items())),
        _range([best_week(life) // 60 for life in lives]), max(longest_wait(life) for life in lives),
    )  # fmt: skip
    return _row(cells)


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _range(values: Sequence[int]) -> str:
    return f"{min(values)} to {max(values)}"


def best_week(life: Life) -> int:
    """Seconds backward in the longest week."""
    sums: Counter[int] = Counter()
    for walked in life.book.walked:
        sums[(walked.outcome.at - life.looks[0][0]) // (7 * DAY)] += walked.outcome.done
    return max(sums.values())


def longest_wait(life: Life) -> int:
    """Days between the first time that nothing was offered and the last before something was."""
    longest, since = 0, None
    for now, said in life.looks:
        if isinstance(said.next, Offer):
            since = None
        else:
            since = since if since is not None else now
            longest = max(longest, now - since)
    return longest // DAY


def _rules(lives: Sequence[Life]) -> Iterator[str]:
    looked: Counter[str] = Counter()
    broken = {rule.__name__: [text for life in lives for text in rule(life, looked)] for rule in RULES}
    yield from ("", "## The rules", "", "| rule | broken |", "|---|---|")
    yield from (f"| {name.replace('_', ' ')} | {len(found)} |" for name, found in broken.items())
    yield from ("", f"Looked at: {', '.join(f'{count} {name}' for name, count in looked.items())}.")


def _belt(belted: Sequence[Belted]) -> Iterator[str]:
    whole = sum(one.finished and abs(one.asked - one.walked) <= ALMOST for one in belted)
    names = Counter(one.program for one in belted)
    yield from ("", "## On the simulated treadmill", "")
    yield f"{len(belted)} of the walks, evenly spread over all of them, were walked on the simulated reference machine"
    yield f"as they were offered: {whole} were finished with the backward time that was asked for."
    yield from ("", f"They were: {', '.join(f'{name} ({count})' for name, count in sorted(names.items()))}.")


def _plans(lives: Sequence[Life]) -> Iterator[str]:
    begun = Counter(name for life in lives for name in life.plans)
    yield from ("", "## The plans", "", "| plan | begun |", "|---|---|")
    yield from (f"| {name} | {count} |" for name, count in sorted(begun.items()))


def sampled(lives: Sequence[Life]) -> list[Step]:
    """So many walks with backward walking, evenly spread."""
    steps = [step for life in lives for step in life.steps if step.walked.outcome.planned.total]
    return steps[:: len(steps) // ON_THE_BELT][:ON_THE_BELT]


@cache
def belted() -> tuple[Belted, ...]:
    return once("belted", lambda: tuple(_on_the_belt(step, seed) for seed, step in enumerate(sampled(year()))))


def _on_the_belt(step: Step, seed: int) -> Belted:
    program = step.offer.program
    scene = Scene(program, step.person, load_quirk("reference"), seed=seed, attend_every=DRY_ATTEND)
    world = World(scene, diary=False, evidence=False)
    world.run()
    summary = world.snapshot.summary
    walked = 0 if summary is None else round(summary.backward / 1000)
    return Belted(program.name, dose(program).total, walked, summary is not None and summary.finished)


def main() -> int:
    """Print the page."""
    sys.stdout.write(page(year(), belted()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
