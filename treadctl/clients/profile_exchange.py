"""`treadctl profile import|export|share`: profiles from and for other apps, and one file to send to somebody.

Nothing is overwritten, and everything that was lost or guessed on the way is told. Limits are those of every profile.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from treadctl.clients.profile_show import Opened, card, for_an_editor, opened, within_my_limits, write_new
from treadctl.files import measures
from treadctl.files.exchange import Format, export, import_file
from treadctl.files.profile import judge, parse_profile
from treadctl.files.profile.writing import written
from treadctl.files.sharing import by_line, shared_text
from treadctl.files.store import shown_path
from treadctl.model.errors import ExitCode, InvalidFile, UsageError
from treadctl.model.limits import level_limits
from treadctl.model.program import Program
from treadctl.model.text import MAX_NAME, safe_text
from treadctl.model.units import Speed

SUFFIX = ".yaml"


@dataclass(frozen=True, slots=True)
class ImportAsk:
    """What to make of a foreign file."""

    file: Path
    output: Path | None = None
    threshold: str = ""
    name: str = ""
    fit: bool = False


def run_import(ask: ImportAsk) -> int:
    """Write the profile that another app's file becomes. Raises InvalidFile for what no level allows, Refused."""
    output = ask.output or Path(f"{ask.file.stem}{SUFFIX}")
    if output.exists():
        raise UsageError(f"{shown_path(output)} is already there and is not overwritten; name another: --output FILE.")
    foreign = import_file(ask.file, _threshold(ask.threshold))
    program = foreign.program
    edits: tuple[str, ...] = ()
    if ask.name:
        program = replace(program, name=safe_text(ask.name, MAX_NAME))
    if ask.fit:
        program, edits = within_my_limits(program)
    else:
        _require_sound(program, ask.file)
    text = for_an_editor(written(program))
    parse_profile(text, str(output))  # what is written can be read again, or is not written
    write_new(output, text.encode())
    for line in (*(f"note: {sentence}" for sentence in foreign.told), *(f"edit: {edit}" for edit in edits)):
        print(safe_text(line, 300))
    for line in (*card(Opened(program, None)), f"Written to {shown_path(output)}, at level {program.level.value}."):
        print(line)
    return int(ExitCode.OK)


def _require_sound(program: Program, file: Path) -> None:
    problems = judge(program, level_limits(program.level))
    if not problems:
        return
    shown = shown_path(file)
    first, *rest = problems
    more = tuple(f"{shown}:{max(one.line, 1)}:1: {one.text}" for one in rest[:9])
    raise InvalidFile(shown, max(first.line, 1), 1, f"{first.text}; or add --fit-to-my-limits", more)


def _threshold(text: str) -> Speed | None:
    if not text:
        return None
    try:
        return measures.speed(text.strip())
    except ValueError as error:
        raise UsageError(f"--threshold-speed: {error}.") from None


def run_export(name: str, form: str, output: Path | None, threshold: str) -> int:
    """Write the profile for another app. Raises Refused with what the format lacks."""
    one = opened(name)
    chosen = Format(form)
    place = output or Path(f"{Path(name).stem}{chosen.suffix}")
    made = export(one.program, chosen, _threshold(threshold))
    write_new(place, made.data)
    for sentence in made.told:
        print(f"note: {safe_text(sentence, 300)}")
    print(f"Written to {shown_path(place)}.")
    return int(ExitCode.OK)


def run_share(name: str, by: str, output: Path | None) -> int:
    """Write one file to send, with who it is by and a checksum."""
    one = opened(name)
    who = by_line(by or one.program.author)
    if not who:
        raise UsageError("A shared file says who it is by; add --by NAME.")
    place = output or Path(f"{Path(name).stem}-shared{SUFFIX}")
    write_new(place, shared_text(one.program, who).encode())
    if one.shared is not None:
        print(f"note: it came to you shared {one.shared}", file=sys.stderr)
    print(f"Written by {who} to {shown_path(place)}; send that one file. It is opened with treadctl profile show FILE.")
    return int(ExitCode.OK)
