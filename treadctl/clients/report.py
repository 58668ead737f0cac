"""`treadctl report`: one walk as a page, or all walks of one programme for whoever wrote it.

It reads and writes files and decides nothing: what stands on a page is `treadctl.sessions`. Nothing is overwritten.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from treadctl.clients.reading import Units, in_units, speed_words
from treadctl.clients.settings import shown_units
from treadctl.clients.words import STANDING_SENTENCE
from treadctl.files.answers import NAME as ANSWERS
from treadctl.files.answers import load_answers
from treadctl.files.sessions import SUFFIX, writing_since
from treadctl.files.store import shown_path, write_atomic
from treadctl.model.answers import UNASKED, Answers
from treadctl.model.errors import ExitCode, InvalidFile, UsageError, unusable
from treadctl.model.text import safe_text
from treadctl.model.units import MILE
from treadctl.sessions.finding import being_recorded, find, names, opened_of
from treadctl.sessions.page import Reader
from treadctl.sessions.report import report
from treadctl.sessions.report_svg import Scale
from treadctl.sessions.session import Session, read_session
from treadctl.sessions.times import began

if TYPE_CHECKING:
    from treadctl.paths import Paths
    from treadctl.sessions.for_profile import Done

PAGE = ".html"
UNKNOWN_TIME = "at an unknown time"


@dataclass(frozen=True, slots=True)
class Ask:
    """What page is wanted, and where. `profile`: of all walks of this file; `heart`: with the heart rate in it."""

    session: str = ""
    output: Path | None = None
    profile: str = ""
    heart: bool = False


def run_report(paths: Paths, ask: Ask) -> int:
    """Write the page. Raises UsageError, InvalidFile, Refused."""
    if ask.profile:
        return _for_profile(paths, ask)
    if ask.heart:
        raise UsageError("--heart-rate is for --for-profile: the report of a walk has it anyway; leave it out.")
    file = find(paths.sessions, ask.session, writing_since(paths.runtime), "report")
    session = read_session(file)
    reader = _reader(_when(session.opened.started))
    _write(ask.output or Path(f"{session.name}{PAGE}"), report(session, _answers(paths, file), reader))
    return int(ExitCode.OK)


def _reader(when: str) -> Reader:
    units = shown_units()
    scale = Scale(units.value, MILE / 10_000 if units is Units.MPH else 100.0, lambda speed: speed_words(speed, units))
    return Reader(scale, lambda text: in_units(text, units), when, STANDING_SENTENCE)


def _when(started: str) -> str:
    """A recorded time as it was on the wall here."""
    begin = began(started)
    if begin is None:
        return UNKNOWN_TIME
    local = begin.astimezone()
    return f"{local:%A}, {local.day} {local:%B} {local.year}, {local:%H:%M}"


def _answers(paths: Paths, file: Path) -> Answers:
    """What was told of this walk; where that cannot be read it is said, and the page is made all the same."""
    try:
        return load_answers(_beside(paths, file) / ANSWERS, {file.stem}).get(file.stem, UNASKED)
    except InvalidFile as error:
        print(f"What was told after walks is left out: {safe_text(str(error), 300)}", file=sys.stderr)
        return UNASKED


def _beside(paths: Paths, file: Path) -> Path:
    """The folder of the data that this session belongs to."""
    return paths.data if file.parent == paths.sessions else file.parent.parent


def _write(place: Path, text: str) -> None:
    if place.exists():
        raise UsageError(f"{shown_path(place)} is already there and is not overwritten; give another name with -o.")
    try:
        write_atomic(place, text.encode(errors="replace"))
    except OSError as error:
        raise unusable(error) from None
    print(f"Written to {shown_path(place)}; open it in a browser, or print it.")


# --- for the professional ------------------------------------------------------------------------------------------


def _for_profile(paths: Paths, ask: Ask) -> int:
    from treadctl.clients.clock import today  # noqa: PLC0415 - with the profile's reader, only where it is asked for
    from treadctl.files.profile import find_profile, load_profile  # noqa: PLC0415
    from treadctl.files.profile.events import MAX_OCTETS  # noqa: PLC0415
    from treadctl.files.sharing import checksum_of, look  # noqa: PLC0415
    from treadctl.files.store import read_small  # noqa: PLC0415
    from treadctl.sessions.for_profile import Paper, for_profile  # noqa: PLC0415

    if ask.session:
        raise UsageError("--for-profile reports every walk of the programme; leave the name of the walk out.")
    file = find_profile(ask.profile)
    program, text = load_profile(file), read_small(file, MAX_OCTETS).decode()
    shared = look(text)
    paper = Paper(program, checksum_of(text), "never shared" if shared is None else f"shared {shared}")
    done, more = _walks(paths, program.name)
    if not done:
        print("No walk of this programme is recorded here, so only what was planned is on the page.", file=sys.stderr)
    page = for_profile(paper, done, more, _reader(today()), heart=ask.heart)
    _write(ask.output or Path(f"{file.stem}-report{PAGE}"), page)
    return int(ExitCode.OK)


def _walks(paths: Paths, name: str) -> tuple[list[Done], int]:
    """The newest walks of the programme of this name, oldest first, and how many older ones there are."""
    from treadctl.sessions.for_profile import MOST_WALKS, Done  # noqa: PLC0415

    since = writing_since(paths.runtime)
    files = [paths.sessions / f"{one}{SUFFIX}" for one in names(paths.sessions)]
    if any(being_recorded(file, since) for file in files):
        files = [file for file in files if not being_recorded(file, since)]
        print("One walk is being recorded just now and is left out.", file=sys.stderr)
    of_it = [file for file in files if (opened := opened_of(file)) is not None and opened.program.name == name]
    found = [(file, session) for file in of_it[-MOST_WALKS:] if (session := _read(file)) is not None]
    done = [Done(session, _answers(paths, file), _day(session.opened.started)) for file, session in found]
    return done, max(0, len(of_it) - MOST_WALKS)


def _read(file: Path) -> Session | None:
    try:
        return read_session(file)
    except InvalidFile as error:
        print(f"Left out: {safe_text(str(error), 300)}", file=sys.stderr)
        return None


def _day(started: str) -> str:
    begin = began(started)
    return UNKNOWN_TIME if begin is None else f"{begin.astimezone():%Y-%m-%d %H:%M}"
