"""Profiles: the YAML files people write and share, read into a `Program`, judged, and found by name.

A profile is hostile until it has been read here: bounded in size, depth and repeats, without aliases or tags, every key
and unit known. Whatever is wrong raises InvalidFile with file:line:col and one sentence; nothing else is raised for any
file. This module must not change a value: what is above a limit is refused, never clamped.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from treadctl.files.profile import events, models
from treadctl.files.profile.events import START, Mapping, Mark, Misread, Node
from treadctl.files.profile.events import Sequence as Listed
from treadctl.files.profile.models import schema as profile_schema
from treadctl.files.profile.versions import upgraded
from treadctl.files.profile.wording import MAX_TOLD, Placed, told
from treadctl.files.store import Unreadable, read_small, shown_path
from treadctl.model.errors import InvalidFile
from treadctl.model.limits import Limits, check, level_limits, short_segments
from treadctl.model.machine import Record
from treadctl.model.program import (
    DeadMill,
    Facing,
    InclineSteps,
    Item,
    OffTreadmill,
    Problem,
    Program,
    Repeat,
    Rest,
    Walk,
    expand,
    size_problems,
)
from treadctl.model.text import quoted
from treadctl.model.units import Incline, Speed, clock

__all__ = [
    "check_octets", "check_profile", "find_profile", "judge", "load_profile", "parse_profile", "profile_schema",
    "shipped_profiles", "warnings_of",
]  # fmt: skip

SUFFIX = ".yaml"
REFERENCE_MINIMUM = Speed(80)
"""0.8 km/h: the lowest speed of the reference machine, the commonest minimum of the machines we know."""
MAX_SAID_WORDS = 8
"""Words of one utterance (user interface rules, "Heard")."""
CLIMB_SECONDS = {Facing.FORWARD: 10, Facing.BACKWARD: 20}
"""What the belt takes for 1 % more, at its quickest (chosen; `control.ramp` holds it to that)."""

Lines = Callable[[Mark], int]
"""What a program's `line` fields become of the mark of each segment."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A profile that fits the format, with the tree it came from."""

    model: models.ProfileModel
    root: Node
    file: str

    def program(self, lines: Lines = lambda mark: mark.line) -> Program:
        model = self.model
        items = _items(model.segments, _segments_of(self.root), lines)
        about = (model.summary, model.author, model.license, model.basis, self.file, model.dose, model.note)
        return Program(model.name, items, model.level, *about, tuple(model.gates))


def load_profile(path: Path) -> Program:
    """The program of a profile file, not yet judged by any limit but those of the format. Raises InvalidFile."""
    return _load(path).program()


def parse_profile(text: str, file: str) -> Program:
    """The program of a profile's text; `file` is only its name in messages. Raises InvalidFile."""
    return _parse(text, file).program()


def check_profile(path: Path) -> tuple[Program, list[Problem]]:
    """The program and its warnings, judged by the file's own level. Raises InvalidFile with all that is refused."""
    return _checked(_load(path))


def check_octets(octets: bytes, file: str) -> tuple[Program, list[Problem]]:
    """The same for a file that was read already; `file` is only its name in messages. Raises InvalidFile."""
    return _checked(_decoded(octets, file))


def _checked(read: _Read) -> tuple[Program, list[Problem]]:
    found = _placed(read, lambda program: judge(program, level_limits(program.level)))
    if found:
        raise _invalid(read.file, found, 0)
    program = read.program()
    return program, warnings_of(program)


def judge(program: Program, limits: Limits, record: Record | None = None) -> list[Problem]:
    """Everything that the format's sizes, else these limits, refuse in a program. Empty: it may be walked."""
    found = size_problems(program) or check(expand(program), limits, record)
    return list(dict.fromkeys(found))


def _load(path: Path) -> _Read:
    file = shown_path(path)
    try:
        octets = read_small(path, events.MAX_OCTETS)
    except Unreadable as error:
        raise InvalidFile(file, START.line, START.column, _file_sentence(path, error)) from None
    return _decoded(octets, file)


def _decoded(octets: bytes, file: str) -> _Read:
    try:
        text = events.decode(octets)
    except Misread as error:
        raise InvalidFile(file, error.mark.line, error.mark.column, str(error)) from None
    return _parse(text, file)


def _file_sentence(path: Path, error: Unreadable) -> str:
    if error.missing and (name := _close_name(path.stem)):
        return f"{error}; did you mean the shipped profile {name}?"
    return f"{error}; name a profile file, which is a page of text"


def _parse(text: str, file: str) -> _Read:
    try:
        root = upgraded(events.read(text))
    except Misread as error:
        raise InvalidFile(file, error.mark.line, error.mark.column, str(error)) from None
    try:
        model = models.ProfileModel.model_validate(root.plain)
    except ValidationError as error:
        raise _invalid(file, *told(error.errors(include_url=False, include_input=False), root)) from None
    read = _Read(model, root, file)
    if found := _placed(read, size_problems):
        raise _invalid(file, found, 0)
    return read


def _invalid(file: str, found: Sequence[Placed], others: int) -> InvalidFile:
    """One error for all of them: the first is its place, the rest are lines of their own."""
    first, *rest = found
    more = [f"{file}:{one.mark.line}:{one.mark.column}: {one.text}" for one in rest[: MAX_TOLD - 1]]
    others += max(0, len(rest) - (MAX_TOLD - 1))
    if others:
        more.append(f"{file}: there are {others} more problems; correct these first")
    return InvalidFile(file, first.mark.line, first.mark.column, first.text, tuple(more))


def _placed(read: _Read, judged: Callable[[Program], list[Problem]]) -> list[Placed]:
    """Problems of a program at the marks of their segments, in the order of the file.

    A problem names only a line, and several segments may share one; so the program that is judged here carries the
    number of each segment's mark in place of its line.
    """
    marks = [_segments_key(read.root)]

    def number(mark: Mark) -> int:
        marks.append(mark)
        return len(marks) - 1

    found = judged(read.program(number))
    told_once = dict.fromkeys(Placed(marks[problem.line], problem.text) for problem in found)
    return sorted(told_once, key=lambda one: one.mark)


def _segments_of(node: Node) -> tuple[Node, ...]:
    assert isinstance(node, Mapping)
    value = node.pairs["segments"].value
    assert isinstance(value, Listed)
    return value.items


def _segments_key(root: Node) -> Mark:
    """Where a problem of the whole program is told: at its `segments`."""
    assert isinstance(root, Mapping)
    return root.pairs["segments"].key


def _items(segments: Sequence[models.SegmentModel], nodes: Sequence[Node], lines: Lines) -> tuple[Item, ...]:
    return tuple(_item(segment, node, lines) for segment, node in zip(segments, nodes, strict=True))


def _item(segment: models.SegmentModel, node: Node, lines: Lines) -> Item:
    line = lines(node.mark)
    match segment:
        case models.RepeatModel():
            return Repeat(segment.repeat, _items(segment.segments, _segments_of(node), lines), line)
        case models.WalkModel():
            slope = _incline(segment.incline)
            return Walk(segment.walk, segment.seconds, segment.speed, slope, segment.name, segment.say, line)
        case models.RestModel():
            return Rest(segment.rest, segment.name, segment.say, line)
        case models.DeadMillModel():
            return DeadMill(segment.facing, segment.seconds, segment.name, segment.say, line)
        case models.OffTreadmillModel():
            return OffTreadmill(segment.seconds, segment.name, segment.say, line)


def _incline(value: models.StepsModel | Incline) -> Incline | InclineSteps:
    if isinstance(value, Incline):
        return value
    return InclineSteps(value.start, value.end, value.step, value.every)


def warnings_of(program: Program) -> list[Problem]:
    """What may be walked but is probably not meant so, by line."""
    short = short_segments(expand(program), level_limits(program.level), REFERENCE_MINIMUM)
    found = [*short, *_item_warnings(program.segments)]
    return sorted(dict.fromkeys(found), key=lambda problem: problem.line)


def _item_warnings(items: Sequence[Item]) -> list[Problem]:
    found = []
    for item in items:
        if isinstance(item, Repeat):
            found.extend(_item_warnings(item.segments))
            continue
        words = len(item.say.split())
        if words > MAX_SAID_WORDS:
            found.append(Problem(item.line, f"says {words} words at once; make it {MAX_SAID_WORDS} or fewer"))
        if isinstance(item, Walk) and isinstance(item.incline, InclineSteps):
            found.extend([*_unreached(item, item.incline), *_too_quick(item, item.incline)])
    return found


def _unreached(walk: Walk, steps: InclineSteps) -> list[Problem]:
    last = steps.at(walk.seconds - 1)
    if last == steps.end:
        return []
    text = f"ends after {clock(walk.seconds * 1000)} at {last} %, before it reaches {steps.end} %; make it longer"
    return [Problem(walk.line, text)]


def _too_quick(walk: Walk, steps: InclineSteps) -> list[Problem]:
    """The belt keeps its own pace, so that the steps would only be late: told, because it was probably not meant."""
    needed = -(-steps.step * CLIMB_SECONDS[walk.facing] // 10)
    if steps.end <= steps.start or needed <= steps.every:
        return []
    text = f"climbs {Incline(steps.step)} % every {steps.every} s, and the belt takes {needed} s {walk.facing.value}"
    return [Problem(walk.line, f"{text}; make it slower")]


# --- finding profiles ----------------------------------------------------------------------------------------------


def shipped_profiles() -> list[Path]:
    """The profiles that come with treadctl, by name."""
    return sorted(_shipped_folder().glob(f"*{SUFFIX}"), key=lambda path: path.stem)


def _shipped_folder() -> Path:
    """In an installed package they lie inside it; in an editable checkout beside it."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "_profiles"
    return inside if inside.is_dir() else package.parent / "profiles"


def find_profile(name_or_path: str, own: Path | None = None) -> Path:
    """The file of a path, or of a bare name among the shipped profiles and then those in the folder `own`.

    Shipped ones come first, so that no stranger's file can stand in for one of them. Raises InvalidFile when a bare
    name is nowhere; that a path exists is left to `load_profile`.
    """
    path = Path(name_or_path)
    if "/" in name_or_path or path.suffix in (SUFFIX, ".yml"):
        return path
    folders = [_shipped_folder(), *([own] if own is not None else [])]
    found = (folder / f"{name_or_path}{SUFFIX}" for folder in folders)
    for candidate in found if name_or_path.isprintable() and len(name_or_path) < 200 else ():
        if candidate.is_file():
            return candidate
    close = _close_name(name_or_path, own)
    hint = f"did you mean {close}?" if close else "treadctl profile list shows them all"
    raise InvalidFile(shown_path(name_or_path), 1, 1, f"there is no profile named {quoted(name_or_path)}; {hint}")


def _close_name(name: str, own: Path | None = None) -> str | None:
    names = [path.stem for path in (*shipped_profiles(), *(own.glob(f"*{SUFFIX}") if own is not None else ()))]
    return next(iter(difflib.get_close_matches(name[:80].lower(), names, n=1)), None)
