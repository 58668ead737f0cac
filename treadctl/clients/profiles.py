"""`treadctl profile check|list`: which profiles there are, and whether they are right, in plain words or JSON.

A file is judged here by the level it declares itself; person, machine and day are the guardian's business. This module
reads and prints, and must not start anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from treadctl.clients.reading import in_units
from treadctl.clients.settings import shown_units
from treadctl.files.profile import check_profile, find_profile, shipped_profiles
from treadctl.files.sharing import shared_in
from treadctl.files.store import shown_path
from treadctl.model.errors import ExitCode, InvalidFile, Refused
from treadctl.model.gates import gates_of
from treadctl.model.plain import dump
from treadctl.model.portrait import backward_words, dose_and_note, turn_arounds
from treadctl.model.program import Program, expand, expected_ms, totals
from treadctl.model.text import safe_text
from treadctl.model.units import clock
from treadctl.paths import downloads_folder, real_paths


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
        print_json("treadctl.profile-check/1", ok=not wrong, profiles=[_checked_json(one) for one in checked])
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
        print(f"{safe_text(one.name)}: right. {in_units(figures_line(one.program), shown_units())}")


def figures_line(program: Program) -> str:
    """A program in one line."""
    segments = expand(program)
    figures = totals(segments)
    words = [
        f"level {program.level.value} ({program.level.word})",
        f"about {clock(expected_ms(segments))} min",
        backward_words(figures),
        turn_arounds(figures.turns),
    ]
    gates = [gate.value for gate in gates_of(program)]
    return ", ".join([*words, *([f"gates: {', '.join(gates)}"] if gates else [])])


def run_list(*, as_json: bool) -> int:
    """Every profile treadctl ships with, the user's own, and shared ones in Downloads. A broken one is listed with what
    is wrong, and does not hide the others."""
    folder = own_profiles()
    own = sorted(folder.glob("*.yaml")) if folder is not None else []
    listed = [(path, _check(str(path))) for path in (*shipped_profiles(), *own)]
    downloads = shared_in(downloads_folder())
    if as_json:
        found = [{"name": path.stem, **_checked_json(one)} for path, one in listed]
        shared = [{"file": str(path), "by": one.by, "unchanged": one.unchanged} for path, one in downloads]
        print_json("treadctl.profile-list/1", profiles=found, downloads=shared)
        return int(ExitCode.OK)
    units = shown_units()
    for line in (line for path, one in listed for line in _listed(path, one)):
        print(in_units(line, units))
    for path, one_shared in downloads:
        print(f"In your Downloads: {shown_path(path)}, shared {one_shared}")
    return int(ExitCode.OK)


def _listed(path: Path, one: Checked) -> Iterator[str]:
    name = safe_text(path.stem)
    if one.program is None:
        yield f"{name:16} cannot be walked: {safe_text(one.problems[0], 1000)}"
        return
    yield f"{name:16} {figures_line(one.program)}"
    for words in (one.program.summary, dose_and_note(one.program)):
        if words:
            yield f"{'':16} {safe_text(words, 600)}"


def print_json(schema: str, **fields: object) -> None:
    """One object on stdout."""
    print(json.dumps({"schema": schema, **fields}, ensure_ascii=False))
