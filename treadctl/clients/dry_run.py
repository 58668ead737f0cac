"""`treadctl dry-run`: ask the simulated world to walk a programme, and tell what happened to the walker.

The world is handed in: this module, as every client, can reach neither core nor simulator. It decides nothing; the
verdicts are the world's own. Nothing here moves a belt.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from treadctl.files.quirks import check_quirk, hints, load_quirk
from treadctl.model.errors import ExitCode, Refused, UsageError
from treadctl.model.limits import check, effective_limits
from treadctl.model.person import Person, any_walker
from treadctl.model.program import Facing, Program, Walk, expand
from treadctl.model.text import safe_text
from treadctl.model.units import Ms, clock


class Line(Protocol):
    """One thing that happened, `at_ms` after the begin."""

    @property
    def at_ms(self) -> Ms: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...


class Verdict(Protocol):
    """One question about the walk, and whether it went well."""

    @property
    def name(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def text(self) -> str: ...


class Point(Protocol):
    """The belt at one moment (0.01 km/h), and how the walker really faced."""

    @property
    def at_ms(self) -> Ms: ...
    @property
    def speed(self) -> int: ...
    @property
    def target(self) -> int | None: ...
    @property
    def facing(self) -> Facing: ...


class Report(Protocol):
    """What the world tells after a walk. `walked_ms` on the moving belt, `wall_ms` in all: both virtual time.

    `ok`: every verdict about the walker is good; `exit_code`: the session's own, 0 when the walker ended it.
    """

    @property
    def ok(self) -> bool: ...
    @property
    def timeline(self) -> Sequence[Line]: ...
    @property
    def verdicts(self) -> Sequence[Verdict]: ...
    @property
    def samples(self) -> Sequence[Point]: ...
    def svg(self) -> str: ...
    @property
    def walked_ms(self) -> Ms: ...
    @property
    def wall_ms(self) -> Ms: ...
    @property
    def exit_code(self) -> int: ...


class World(Protocol):
    """Walks a program in virtual time."""

    def __call__(
        self, program: Program, *, person: Person, quirk: str, faults: tuple[str, ...], seed: int
    ) -> Report: ...


@dataclass(frozen=True, slots=True)
class Ask:
    """How to walk, and how to tell it."""

    quirk: str
    faults: tuple[str, ...] = ()
    seed: int = 0
    as_json: bool = False
    svg: Path | None = None


def run_dry_run(world: World, program: Program, ask: Ask) -> int:
    """Walk and tell. Exit code 0, or 5 when a verdict failed or a fault ended the session, however well that went.

    Raises Refused where the machine cannot do it.
    """
    _check_words(ask)
    person = any_walker(program.level)
    _check_machine(program, person, ask.quirk)
    report = world(program, person=person, quirk=ask.quirk, faults=ask.faults, seed=ask.seed)
    if ask.svg is not None:
        _write(ask.svg, report.svg())
    if ask.as_json:
        print(json.dumps(_plain(program, ask, report), ensure_ascii=False))
    else:
        _tell(program, report)
    return int(ExitCode.FAULT if not report.ok or _ended_by_fault(report) else ExitCode.OK)


def _ended_by_fault(report: Report) -> bool:
    """A session that ends with any other code than 0 was ended by something: here that is a fault, even a lost link."""
    return report.exit_code != ExitCode.OK


def _check_words(ask: Ask) -> None:
    """Everything the person named is looked at before the walk, not after it."""
    check_quirk(ask.quirk)
    if ask.svg is not None and ask.svg.suffix.lower() != ".svg":
        raise UsageError(f"--svg {ask.svg} would overwrite something else; give a name that ends in .svg.")
    if ask.svg is not None and not ask.svg.parent.is_dir():
        raise UsageError(f"--svg {ask.svg}: there is no folder {ask.svg.parent}; make it first.")


def _check_machine(program: Program, person: Person, quirk: str) -> None:
    """A sound profile that this machine cannot walk is refused, not failed."""
    machine = load_quirk(quirk)
    record = machine.record
    if record.missing and any(isinstance(segment, Walk) for segment in expand(program)):
        never = f"Refused: commissioning cannot learn of the simulated '{quirk}': {', '.join(record.missing)}."
        raise Refused(" ".join((never, *hints(machine))))
    problems = check(expand(program), effective_limits(person, record, program.level), record)
    if problems:
        lines = [f"Refused on the simulated '{quirk}': line {one.line} {one.text}" for one in problems]
        raise Refused("\n".join(lines))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--svg {path} could not be written ({error.strerror}); give another place.") from error


def _tell(program: Program, report: Report) -> None:
    print(f"{safe_text(program.name)}, on the simulated treadmill with the simulated walker")
    for line in report.timeline:
        print(f"{clock(line.at_ms):>6}  {line.kind:10} {safe_text(line.text, 200)}")
    for verdict in report.verdicts:
        words = f": {safe_text(verdict.text, 400)}" if verdict.text else ""
        print(f"{'good' if verdict.ok else 'BAD':>6}  {verdict.name}{words}")
    length = f"{clock(report.walked_ms)} on the moving belt, {clock(report.wall_ms)} in all, simulated"
    how = "ended by a fault" if _ended_by_fault(report) else "passed"
    print(f"{how if report.ok else 'FAILED'}: {length}")


def _plain(program: Program, ask: Ask, report: Report) -> dict[str, object]:
    return {
        "schema": "treadctl.dry-run/1",
        "ok": report.ok,
        "ended_by_fault": _ended_by_fault(report),
        "program": program.name,
        "quirk": ask.quirk,
        "faults": list(ask.faults),
        "seed": ask.seed,
        "walked_ms": report.walked_ms,
        "wall_ms": report.wall_ms,
        "timeline": [{"at_ms": line.at_ms, "kind": line.kind, "text": line.text} for line in report.timeline],
        "verdicts": [{"name": one.name, "ok": one.ok, "text": one.text} for one in report.verdicts],
        "samples": [[one.at_ms, one.speed, one.target, one.facing.value] for one in report.samples],
    }
