"""Every known machine, commissioned and then walked: what is learnt, and what becomes of a beginner's programme.

    python -P -m treadsim.machines_table > docs/machines.md

The machines are simulated from what was reported of them (`treadctl/machines/*.toml`). Each is walked with what its
commissioning learnt, and without a record where that learnt nothing. Both are judged by the invariants; the table names
a violated one before everything else.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from treadctl.files.quirks import Quirk, hints, load_quirk, quirk_names
from treadctl.model.api import Answer
from treadctl.model.machine import Record
from treadctl.model.person import Level
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Speed, clock

from .commissioned import Commissioned, Met, commissioned
from .invariants import Violation, violations
from .world import DRY_ATTEND, Scene, World

SOURCE_LENGTH = 110
SLOWER = 0.8
"""Chosen: holds and ramps take a tenth of the distance on the reference machine."""
FORWARD, BACKWARD = Facing.FORWARD, Facing.BACKWARD
PROGRAM = Program(
    "First steps",
    (
        Walk(FORWARD, 180, Speed(250), line=1), Walk(BACKWARD, 60, Speed(100), line=2),
        Walk(FORWARD, 120, Speed(250), line=3), Walk(BACKWARD, 60, Speed(100), line=4),
        Walk(FORWARD, 120, Speed(250), line=5), Walk(BACKWARD, 60, Speed(100), line=6),
        Walk(FORWARD, 120, Speed(200), line=7),
    ),
    Level.L0,
)
"""What `profiles/first-steps.yaml` walks, without its words; a test compares them."""
SHORTER = Program(
    "Forward", (Walk(FORWARD, 180, Speed(250), line=1), Walk(FORWARD, 120, Speed(200), line=2)), Level.L0
)
"""The forward part, for a machine on which nobody may walk backward."""


@dataclass(frozen=True, slots=True)
class Row:
    """One machine, its commissioning, what came of the walks on it, and what these did against the invariants."""

    done: Commissioned
    first_steps: str
    forward: str
    walking: tuple[Violation, ...]

    @property
    def quirk(self) -> Quirk:
        return self.done.quirk

    @property
    def broken(self) -> tuple[Violation, ...]:
        """All that was done against the invariants."""
        return (*self.done.broken, *self.walking)


def row(quirk: Quirk) -> Row:
    """Commission it and walk it; the forward part is walked only where the whole was refused."""
    done = commissioned(quirk)
    result, broken = walked(quirk, PROGRAM, done.record)
    if "refused: " not in result:
        return Row(done, result, "", broken)
    forward, more = walked(quirk, SHORTER, done.record)
    return Row(done, result, forward, (*broken, *more))


def walked(quirk: Quirk, program: Program, record: Record | None) -> tuple[str, tuple[Violation, ...]]:
    """What became of this programme on this machine, in a few words, and what it did against the invariants."""
    world = Met(Scene(program, attend_every=DRY_ATTEND), quirk, record)
    world.run()
    broken = tuple(violations(world.trace))
    return _result(world), broken


def _result(world: World) -> str:
    """How it ended; before that, if it came to it, that somebody was told to pull the key."""
    called = any("pull the key" in word.text.lower() for word in world.trace.words)
    return ("called for the key; " if called else "") + _ended(world)


def _ended(world: World) -> str:
    report, summary = world.report(), world.snapshot.summary
    if summary is None:
        refused = [line.text for line in report.timeline if line.kind == "refused"]
        why = refused[-1].removeprefix("Refused: ").split(". ")[0].rstrip(".") if refused else ""  # hints come after
        return f"refused: {why}" if why else f"nothing came of it: {_last(world)}"
    if not summary.finished:
        return f"ended after {clock(report.walked_ms)} of walking: {summary.reason.rstrip('.')}"
    walks = (item for item in world.scene.program.segments if isinstance(item, Walk))
    planned = sum(walk.speed * walk.seconds for walk in walks) / 360
    slower = ", slower than planned" if world.machine.belt.distance_m < planned * SLOWER else ""
    halts = sum(isinstance(ask.intent, Answer) and ask.intent.question == "halted" for ask in world.trace.asks)
    stopped = f", stopped {'once' if halts == 1 else f'{halts} times'} on the way" if halts else ""
    return f"walked to its end in {round(report.wall_ms / 60_000)} min{slower}{stopped}"


def _last(world: World) -> str:
    shot = world.snapshot
    return shot.reason or shot.notice or shot.phase.value


def source(quirk: Quirk) -> str:
    """The begin of the source, as far as it is about the machine."""
    text = " ".join(quirk.source.split())
    first = re.split(r"(?<=[a-z)0-9%])\. (?=[A-Z])", text)[0].rstrip(".")
    return first if len(first) <= SOURCE_LENGTH else first[: first.rindex(" ", 0, SOURCE_LENGTH)].rstrip(",;:") + " …"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _line(one: Row) -> str:
    what = "**VIOLATED " + " ".join(sorted({v.invariant for v in one.broken})) + "** " if one.broken else ""
    forward = "the same" if one.forward == one.first_steps else one.forward
    walk = what + one.first_steps + (f". Forward only: {forward}" if forward else "")
    cells = (f"{one.quirk.title} (`{one.quirk.name}`)", source(one.quirk), one.done.words, walk)
    return "| " + " | ".join(map(_cell, cells)) + " |"


def table(rows: list[Row]) -> str:
    """The page of the documentation."""
    head = ("| machine | source | commissioned | First steps |", "|---|---|---|---|")
    real = [one for one in rows if one.quirk.match is not None]
    kinds = [one for one in rows if one.quirk.match is None]
    told = [f"| {_cell(one.quirk.title)} | {_cell(' '.join(hints(one.quirk)))} |" for one in real if hints(one.quirk)]
    bad = sum(bool(one.broken) for one in rows)
    lines = [
        *_HEAD, f"## {len(real)} machines", "", *head, *map(_line, real), "",
        f"## {len(kinds)} kinds of machine", "", "One peculiarity each, for tests.", "", *head, *map(_line, kinds), "",
        "## What an owner is told", "", "| machine | hints |", "|---|---|", *told, "",
        f"{len(rows)} machines commissioned and walked: {bad} with a violated invariant.",
    ]
    return "\n".join(lines) + "\n"


_HEAD = (
    "# Machines that treadctl knows of",
    "",
    "Made by `python -P -m treadsim.machines_table`; do not edit.",
    "",
    "**Simulated from reports.** None of these machines was here. Each is played by the simulator as its issue, pull",
    "request or capture tells; what no report says is chosen, and the file in `treadctl/machines/` says so. Your own",
    "machine may behave otherwise: only its commissioning counts, and a file here can only take away from it.",
    "",
    "*commissioned*: what the first part of commissioning comes to, with an honest owner beside the empty belt, in",
    "virtual time. *backward*, *backward at its minimum*, *with a spotter*, *not backward*: treadctl drives it.",
    "*guide*: it does not do what treadctl sends, so treadctl tells and a person presses at the console; forward only.",
    "*cannot be driven*: what was learnt is not enough for a walk. *cannot be commissioned*: nothing was learnt; in",
    "quotation marks the last that treadctl said.",
    "",
    "*First steps*: what becomes of `profiles/first-steps.yaml` (three minutes backward at 1.0 km/h, nine forward),",
    "walked with what was learnt, in virtual time with a simulated person. Where it is refused, its forward part is",
    "tried. Commissionings and walks are judged by the invariants (`sim/treadsim/invariants.py`).",
    "",
)


def main() -> int:
    """Print the page."""
    sys.stdout.write(table([row(load_quirk(name)) for name in quirk_names()]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
