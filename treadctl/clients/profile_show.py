"""`treadctl profile show`: what a profile will do to whoever walks it, as figures, a picture and a table.

Of a shared file the first lines say who it is by, whether it was changed, and the worst it can do. Nothing is judged
here that `model.limits` does not judge, and nothing is walked.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from treadctl.clients.profiles import own_profiles, print_json
from treadctl.clients.reading import in_units
from treadctl.clients.settings import shown_units
from treadctl.clients.streams import encoding
from treadctl.clients.timeline import Look, picture
from treadctl.clients.timeline_svg import drawing
from treadctl.files.person import load_person
from treadctl.files.profile import check_profile, find_profile, judge, load_profile, shipped_profiles, warnings_of
from treadctl.files.profile.writing import written
from treadctl.files.sharing import Shared, look_at
from treadctl.files.store import shown_path
from treadctl.model.errors import ExitCode, InvalidFile, Refused, UsageError, unusable
from treadctl.model.fitting import fitted
from treadctl.model.gates import gate_problems, gates_of, opened_gates
from treadctl.model.limits import Limits, effective_limits, level_limits
from treadctl.model.plain import dump
from treadctl.model.portrait import (
    ASK_THE_SENDER,
    gate_words,
    incline_words,
    length_words,
    reached,
    speed_words,
    way_words,
)
from treadctl.model.program import (
    DeadMill,
    Gate,
    OffTreadmill,
    Problem,
    Program,
    Rest,
    Segment,
    Turn,
    Walk,
    expand,
    expected_ms,
    incline_of,
    size_problems,
    totals,
)
from treadctl.model.text import safe_text
from treadctl.model.units import clock
from treadctl.paths import real_paths

MOST_PROBLEMS = 5
WIDEST = 100
"""Columns of a picture. Chosen: a wider one is harder to read, not easier."""


@dataclass(frozen=True, slots=True)
class Ask:
    """How to show a profile."""

    as_json: bool = False
    svg: Path | None = None
    fit: bool = False
    output: Path | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A profile that was read and is right, and what its file says of its sharing."""

    program: Program
    shared: Shared | None


def opened(name: str) -> Opened:
    """The profile of this name or file, judged by its own level. Raises InvalidFile."""
    path = find_profile(name, own_profiles())
    return Opened(check_profile(path)[0], look_at(path))


def run_show(name: str, ask: Ask) -> int:
    """One profile as it will be walked; with `fit`, as it would be walked within this person's limits."""
    check_places(ask)
    if ask.fit:
        path = find_profile(name, own_profiles())
        one = Opened(load_profile(path), look_at(path))
        program, edits = within_my_limits(one.program)
        _tell_edits(edits, warnings_of(program) if edits else (), ask)
        one = Opened(program, one.shared)
    else:
        one = opened(name)
    if ask.svg is not None:
        write_new(ask.svg, drawing(one.program).encode(), over=True)
    if ask.output is not None:
        write_new(ask.output, for_an_editor(written(one.program)).encode())
    if ask.as_json:
        _print_json(one)
        return int(ExitCode.OK)
    units = shown_units()
    for line in (*card(one), "", *_about(one.program), *_drawn(one.program), "", *_table(one.program)):
        print(in_units(line, units))
    return int(ExitCode.OK)


def check_places(ask: Ask) -> None:
    """Everything that was named is looked at before anything is done."""
    if ask.output is not None and not ask.fit:
        raise UsageError("--output writes the edited profile; add --fit-to-my-limits, or leave it out.")
    if ask.svg is not None and ask.svg.suffix.lower() != ".svg":
        raise UsageError(f"--svg {ask.svg} would overwrite something else; give a name that ends in .svg.")


def write_new(path: Path, data: bytes, *, over: bool = False) -> None:
    """Write a file; `over`: also where one is already. Raises UsageError for a taken name or a folder that is missing,
    Refused for a place that cannot be used."""
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {shown_path(path.parent)}; make it first.")
    try:
        with path.open("wb" if over else "xb") as file:
            file.write(data)
    except FileExistsError:
        raise UsageError(f"{shown_path(path)} is already there and is not overwritten; give another name.") from None
    except OSError as error:
        raise unusable(error) from None


def for_an_editor(text: str) -> str:
    """The text of a profile with the schema named where it lies on this computer, as an editor beside no schema needs
    it. Without a plain path it stays as it is."""
    path = str(shipped_profiles()[0].parent / "profile-v1.schema.json")
    return text.replace("$schema=./profile-v1.schema.json", f"$schema={path}", 1) if path.isprintable() else text


# --- the person's limits -------------------------------------------------------------------------------------------


def within_my_limits(program: Program) -> tuple[Program, tuple[str, ...]]:
    """The program made to fit whoever is known here, and each edit. Raises Refused where no edit makes it fit."""
    limits = _mine(program)
    smaller, edits = fitted(program, limits)
    problems = judge(smaller, limits)
    if problems:
        lines = "; ".join(f"line {one.line} {one.text}" if one.line else f"it {one.text}" for one in problems[:3])
        raise Refused(f"It cannot be made to fit your limits by lowering and shortening: {lines}.")
    return smaller, edits


def _mine(program: Program) -> Limits:
    return effective_limits(load_person(real_paths().person), None, program.level)


def _tell_edits(edits: Sequence[str], warnings: Sequence[Problem], ask: Ask) -> None:
    stream, units = sys.stderr if ask.as_json else sys.stdout, shown_units()
    for edit in edits:
        print(in_units(f"edit: {safe_text(edit, 300)}", units), file=stream)
    for warning in warnings:
        print(in_units(f"line {warning.line} now {safe_text(warning.text, 300)} (a warning)", units), file=stream)
    if not edits:
        print("Nothing had to be edited: it is within your limits.", file=stream)
    elif ask.output is None:
        print("Nothing is kept of that unless you say where: --output FILE", file=stream)


# --- what comes first ----------------------------------------------------------------------------------------------


def introduce(name: str) -> Opened:
    """The profile about to be walked. Of a shared file the card comes first, and a person at a terminal says go."""
    one = opened(name)
    if one.shared is None:
        return one
    units = shown_units()
    for line in card(one):
        print(in_units(line, units))
    if sys.stdin.isatty() and sys.stdout.isatty():
        from treadctl.clients import asking  # noqa: PLC0415  (termios, which a profile in a pipe does without)

        if not asking.yes("Open it?"):
            raise Refused("Not opened: nothing was started; look at it with treadctl profile show.")
    return one


def card(one: Opened) -> list[str]:
    """What whoever opens a file should know before anything else."""
    segments = expand(one.program)
    figures, opened_by_me = totals(segments), _opened_by_me()
    lines = [safe_text(one.program.name)]
    if one.shared is not None:
        lines.append(f"  shared     {one.shared}")
        if not one.shared.unchanged:
            lines.append(f"             {ASK_THE_SENDER}")
    incline = f", incline {incline_words(figures)}" if figures.top_incline else ""
    return [
        *lines,
        f"  top speed  {speed_words(figures)}{incline}",
        f"  direction  {way_words(figures)}",
        f"  length     {length_words(segments)}",
        f"  gates      {gate_words(one.program, opened_by_me)}",
        *(f"             {problem.text}" for problem in gate_problems(one.program, opened_by_me)),
    ]


def _opened_by_me() -> frozenset[Gate]:
    """None are, where the person cannot be read: whoever walks is told so then."""
    try:
        return opened_gates(load_person(real_paths().person))
    except InvalidFile:
        return frozenset()


def _about(program: Program) -> Iterator[str]:
    for key in ("summary", "basis", "author", "license", "dose", "note"):
        if text := getattr(program, key):
            yield f"  {key:10} {safe_text(text, 400)}"
    yield f"  level      {program.level.value} ({program.level.word})"
    own = level_limits(program.level)
    for line in reached(program, own):
        yield f"  limit      {line}"
    problems = judge(program, _mine(program))
    for problem in problems[:MOST_PROBLEMS]:
        place = f"line {problem.line} " if problem.line else "it "
        yield f"  for you    refused: {place}{safe_text(problem.text, 300)}"
    if problems:
        more = f"{len(problems) - MOST_PROBLEMS} more; " if len(problems) > MOST_PROBLEMS else ""
        yield f"  for you    {more}{_what_helps(program)}"


def _what_helps(program: Program) -> str:
    limits = _mine(program)
    if judge(fitted(program, limits)[0], limits):
        return "lowering and shortening cannot make it fit your limits"
    return "--fit-to-my-limits shows it within your limits"


# --- picture and table ---------------------------------------------------------------------------------------------


def _drawn(program: Program) -> list[str]:
    if size_problems(program):
        return []
    shows = sys.stdout.isatty()
    width = min(WIDEST, shutil.get_terminal_size().columns) if shows else 80
    colour = shows and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    blocks = encoding().lower().startswith("utf")
    return ["", *picture(expand(program), Look(width, colour, blocks))]


def _table(program: Program) -> list[str]:
    """Every segment as a line, turn-arounds among them."""
    return [f"  {_line(segment)}" for segment in expand(program)]


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
    name, say = (safe_text(text, 200) for text in (segment.name, segment.say))
    words = "  ".join(text for text in (name, f'"{say}"' if say else "") if text)
    return f"{clock(segment.seconds * 1000):>6}  {what}  {words}".rstrip()


def _print_json(one: Opened) -> None:
    segments = expand(one.program)
    shared = None if one.shared is None else {"by": one.shared.by, "unchanged": one.shared.unchanged}
    print_json(
        "treadctl.profile/1", program=dump(one.program), segments=dump(segments), totals=dump(totals(segments)),
        expected_ms=expected_ms(segments), shared=shared, gates=[gate.value for gate in gates_of(one.program)],
        gates_shut=[gate.value for gate in gates_of(one.program) if gate not in _opened_by_me()],
        reached=reached(one.program, level_limits(one.program.level)),
        refused_for_you=[dump(problem) for problem in judge(one.program, _mine(one.program))],
    )
