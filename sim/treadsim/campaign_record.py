"""What came of a campaign, in words: the lines on the screen, and one line for the record.

It judges nothing. A violation is told with the command that walks its seed again and the fewest faults that it needs.
"""

from __future__ import annotations

import datetime
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from pathlib import Path

from treadctl.control.faults import TABLE, Action
from treadctl.model.units import Ms

from .faults import Fault
from .invariants import Violation
from .trace import Trace

HOUR: Ms = 3_600_000
STOPPING = frozenset(fault.name for fault in TABLE if fault.action >= Action.STOP)
"""The rows of the faults table that stop the belt."""


class End(Enum):
    """How a walk ended."""

    FINISHED = "finished"
    STOPPED = "stopped by a fault"
    OTHERWISE = "ended otherwise"
    """Refused, or ended by the person."""

    @classmethod
    def of(cls, trace: Trace) -> End:
        if trace.summary is not None and trace.summary.finished:
            return cls.FINISHED
        noticed = {note.text.removeprefix("fault: ") for note in trace.noted("notice")}
        return cls.STOPPED if noticed & STOPPING else cls.OTHERWISE


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of one seed. `needed`: the fewest faults that still bring a violation about; `begun`: those at work."""

    seed: int
    virtual: Ms
    found: tuple[Violation, ...] = ()
    faults: tuple[Fault, ...] = ()
    needed: tuple[Fault, ...] = ()
    begun: tuple[str, ...] = ()
    end: End = End.OTHERWISE


def hours(walked: Sequence[Walked]) -> float:
    return sum(one.virtual for one in walked) / HOUR


def mix(walked: Sequence[Walked]) -> str:
    """How many walks had no fault, one, two, and more, as planned."""
    counts = Counter(min(len(one.faults), 3) for one in walked)
    return " / ".join(str(counts[number]) for number in range(4))


def at_work(walked: Sequence[Walked]) -> tuple[int, int]:
    """How many different faults were at work, and how many different pairs of them in one walk."""
    pairs = {pair for one in walked for pair in combinations(sorted(set(one.begun)), 2)}
    return len({name for one in walked for name in one.begun}), len(pairs)


def ends(walked: Sequence[Walked]) -> str:
    counts = Counter(one.end for one in walked)
    return " / ".join(str(counts[end]) for end in End)


def tell(walked: Sequence[Walked], spent: float, nuisance: bool) -> Iterator[str]:
    """The campaign in lines."""
    bad = [one for one in walked if one.found]
    faults, pairs = at_work(walked)
    first, last = walked[0].seed, walked[-1].seed
    yield f"seeds {first} to {last}: {len(walked)} walks, {hours(walked):.1f} virtual hours"
    yield f"{hours(walked) / max(spent, 0.001):.2f} virtual hours per CPU second, all invariants included"
    yield f"{mix(walked)} walks with no, one, two, more faults; {faults} faults and {pairs} pairs of them were at work"
    yield f"{ends(walked)} walks finished, stopped by a fault, ended otherwise (refused, or by the person)"
    yield f"{len(bad)} with violations"
    counts = Counter(name for one in bad for name in {found.invariant for found in one.found})
    if counts:
        yield "violations: " + ", ".join(f"{name} x {count}" for name, count in counts.most_common())
    for one in bad:
        kind = " --nuisance" if nuisance else ""
        yield f"seed {one.seed}: python3 run.py campaign --seed {one.seed} --walks 1{kind}"
        yield "    needs " + (" ".join(f"--fault '{fault}'" for fault in one.needed) or "no fault")
        yield from (f"    {found}" for found in one.found)


def row(walked: Sequence[Walked], spent: float, nuisance: bool, date: str, commit: str) -> str:
    """One line of the table in docs/campaign.md."""
    faults, pairs = at_work(walked)
    cells = (
        date, commit, "nuisance" if nuisance else "faults", f"{walked[0].seed}-{walked[-1].seed}",
        f"{hours(walked):.1f}", mix(walked), f"{faults} / {pairs}", ends(walked),
        str(sum(bool(one.found) for one in walked)), f"{hours(walked) / max(spent, 0.001):.2f}",
    )
    return f"| {' | '.join(cells)} |"


def append(path: Path, walked: Sequence[Walked], spent: float, nuisance: bool) -> None:
    """Add the line of this campaign at the end of this file."""
    today = datetime.datetime.now(datetime.UTC).date()  # noqa: TID251 - says when it was walked; nothing decides by it
    with path.open("a", encoding="utf-8") as page:
        page.write(row(walked, spent, nuisance, today.isoformat(), commit()) + "\n")


def commit() -> str:
    """What was walked: the checkout's commit, with a "+" where files were changed since, or "unknown"."""
    describe = ("git", "describe", "--always", "--abbrev=8", "--dirty=+", "--exclude=*")
    here = Path(__file__).parent
    try:
        told = subprocess.run(describe, cwd=here, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return told.stdout.strip() or "unknown"
