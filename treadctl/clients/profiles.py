"""`treadctl profile …`: what a profile says, and whether it is right, in plain words or JSON.

A file is judged here by the level it declares itself; person, machine and day are the guardian's business. This module
reads and prints, and must not start anything.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from treadctl.files.profile import check_profile, find_profile, shipped_profiles
from treadctl.model.errors import ExitCode, InvalidFile, Refused
from treadctl.model.plain import dump
from treadctl.model.program import (
    DeadMill,
    OffTreadmill,
    Program,
    Rest,
    Segment,
    Turn,
    Walk,
    expand,
    expected_ms,
    incline_of,
    totals,
)
from treadctl.model.text import safe_text
from treadctl.model.units import clock
from treadctl.paths import real_paths


def sound_program(name: str) -> Program:
    """The profile of this name or file, judged by its own level. Raises InvalidFile with every problem, one a line."""
    return check_profile(find_profile(name, own_profiles()))[0]


def own_profiles() -> Path | None:
    """The folder for the user's own profiles, found by bare name after the shipped ones."""
    try:
        return real_paths().config / "profiles"
    except Refused:
        return None


@dataclass(frozen=True, slots=True)
class Checked:
    """One profile and what is to say about it; `program` None: it could not be read or is wrong."""

    name: str
    program: Program | None
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def run_check(names: Sequence[str], *, as_json: bool) -> int:
    """Check every profile, also after a wrong one. Exit code 0, or 3 if any is wrong."""
    checked = [_check(name) for name in names]
    wrong = any(one.program is None for one in checked)
    if as_json:
        _print_json("treadctl.profile-check/1", ok=not wrong, profiles=[_checked_json(one) for one in checked])
    else:
        for one in checked:
            _print_checked(one)
    return int(ExitCode.INVALID_FILE if wrong else ExitCode.OK)


def _check(name: str) -> Checked:
    try:
        path = find_profile(name, own_profiles())
        program, found = check_profile(path)
    except InvalidFile as error:
        return Checked(name, None, problems=tuple(str(error).splitlines()))
    return Checked(name, program, warnings=tuple(f"{path}:{max(one.line, 1)}:1: {one.text}" for one in found))


def _checked_json(one: Checked) -> dict[str, object]:
    return {
        "profile": one.name,
        "ok": one.program is not None,
        "problems": list(one.problems),
        "warnings": list(one.warnings),
        "totals": None if one.program is None else dump(totals(expand(one.program))),
    }


def _print_checked(one: Checked) -> None:
    for problem in one.problems:
        print(safe_text(problem, 1000))
    for warning in one.warnings:
        print(safe_text(f"{warning} (a warning)", 1000))
    if one.program is not None:
        print(f"{safe_text(one.name)}: right. {_figures(one.program)}")


def _figures(program: Program) -> str:
    """A program in one line."""
    segments = expand(program)
    figures = totals(segments)
    words = [
        f"level {program.level.value} ({program.level.word})",
        f"about {clock(expected_ms(segments))} min",
        f"{clock(figures.backward * 1000)} backward up to {figures.top_backward} km/h",
        f"{figures.turns} turn-arounds",
    ]
    return ", ".join(words)


def run_list(*, as_json: bool) -> int:
    """Every profile treadctl ships with. A broken one is listed with what is wrong, and does not hide the others."""
    listed = [(path, _check(str(path))) for path in shipped_profiles()]
    if as_json:
        _print_json("treadctl.profile-list/1", profiles=[{"name": p.stem, **_checked_json(one)} for p, one in listed])
    else:
        for path, one in listed:
            _print_listed(path, one)
    return int(ExitCode.OK)


def _print_listed(path: Path, one: Checked) -> None:
    if one.program is None:
        print(f"{path.stem:16} cannot be walked: {safe_text(one.problems[0], 1000)}")
        return
    print(f"{path.stem:16} {_figures(one.program)}")
    if one.program.summary:
        print(f"{'':16} {safe_text(one.program.summary, 200)}")


def run_show(name: str, *, as_json: bool) -> int:
    """One profile, segment by segment, as it will be walked."""
    program = sound_program(name)
    segments = expand(program)
    if as_json:
        _print_json("treadctl.profile/1", program=dump(program), segments=dump(segments), totals=dump(totals(segments)))
        return int(ExitCode.OK)
    print(safe_text(program.name))
    for text in (program.summary, _figures(program), program.basis):
        if text:
            print(f"  {safe_text(text, 400)}")
    for segment in segments:
        print(f"  {_line(segment)}")
    return int(ExitCode.OK)


def _line(segment: Segment) -> str:
    """One segment as a line of the table."""
    match segment:
        case Turn(to=to):
            return f"{'':>6}  turn round, face {'the console' if to.value == 'forward' else 'away'}"
        case Walk():
            what = f"{segment.facing.value:9} {segment.speed!s:>5} km/h {incline_of(segment)!s:>5} %"
        case Rest():
            what = "rest on the side rails"
        case DeadMill():
            what = f"push the switched-off belt, facing {segment.facing.value}"
        case OffTreadmill():
            what = "beside the treadmill"
    words = "  ".join(safe_text(text, 200) for text in (segment.name, segment.say) if text)
    return f"{clock(segment.seconds * 1000):>6}  {what}  {words}".rstrip()


def _print_json(schema: str, **fields: object) -> None:
    print(json.dumps({"schema": schema, **fields}, ensure_ascii=False))
