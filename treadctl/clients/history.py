"""`treadctl history list|show|rebuild`: the walks that were recorded, in words, as a picture or as JSON. It only reads.

A session file that cannot be read is named with its reason, every time; nothing here deletes or mends one.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from treadctl.files.sessions import SUFFIX, writing_since
from treadctl.files.store import shown_path
from treadctl.model.answers import Answers
from treadctl.model.errors import ExitCode, UsageError
from treadctl.model.plain import dump
from treadctl.model.text import safe_text
from treadctl.model.units import clock
from treadctl.paths import Paths
from treadctl.sessions.clocks import odd_times
from treadctl.sessions.figures import Figures, figures_of
from treadctl.sessions.finding import find as find_session
from treadctl.sessions.index import Damaged
from treadctl.sessions.session import Session, read_session

from .past import Found, Past, find, joined, utc_of
from .reading import in_units
from .settings import shown_settings, shown_units

MANY = 400
"""Chosen: as many session files as are read in a few seconds; for more it is said that it takes a while."""
WIDEST, ROWS = 96, 10
"""Columns and rows of the picture of one walk."""
NONE_YET = "No walk is recorded yet."
NONE_THEN = "No walk is recorded in that time."


def run_list(
    paths: Paths, now: int, *, limit: int, since: int | None, until: int | None, as_json: bool
) -> int:
    """The newest walks, the newest last, where the eye is."""
    found = find(paths, now, limit=limit, since=since, until=until, watch=told_how_far)
    walks = found.walks[::-1]
    if as_json:
        print_json("treadctl.history-list/1", walks=[plain_past(one) for one in walks], **_about(found))
        return int(ExitCode.OK)
    tell_notes(paths, found)
    if not walks:
        print(NONE_YET if not found.count else NONE_THEN)
    units = shown_units()
    for one in walks:
        print(in_units(line_of(one), units))
    if len(walks) < found.count and since is None and until is None:
        print(f"The newest {len(walks)} of {found.count} walks; --limit shows more.")
    return int(ExitCode.OK)


def line_of(one: Past) -> str:
    """One walk in one line: when, its colour, what was done of what was planned, and what is to be said of it."""
    figures = one.figures
    done = f"{clock(figures.backward):>6} of {clock(figures.planned.total * 1000):>6} backward"
    top = f"{figures.top_backward / 100:.1f} km/h" if figures.top_backward else "–"
    words = f"{when(one.at):16}  {one.colour or '–':5}  {done}  {figures.backward_m:6.0f} m  {top:>8}"
    marks = "".join(f"  ({mark})" for mark in marks_of(one))
    return f"{words}  {safe_text(figures.profile)}{marks}  {safe_text(figures.name)}"


def marks_of(one: Past) -> list[str]:
    """What is to be said of a walk wherever it stands."""
    figures = one.figures
    unread = f"{figures.unread} damaged line{'' if figures.unread == 1 else 's'}"
    return [
        *(["SIMULATED"] if figures.simulated else []),
        *(["recovered: it was cut off"] if figures.recovered else []),
        *([unread] if figures.unread else []),
        *([one.odd] if one.odd else []),
    ]


def when(at: int | None) -> str:
    return "time not known" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"


def tell_notes(paths: Paths, found: Found) -> None:
    """What there is to say, before anything else."""
    for note in (*found.notes, *damaged_words(paths, found.damaged)):
        print(safe_text(note, 500))


def damaged_words(paths: Paths, damaged: Sequence[Damaged]) -> list[str]:
    """Each file that cannot be read, with its reason."""
    return [f"{shown_path(paths.sessions / (one.name + SUFFIX))} cannot be read and is kept as it is: {one.why}."
            for one in damaged]  # fmt: skip


def _about(found: Found) -> dict[str, object]:
    return {
        "count": found.count, "notes": list(found.notes),
        "damaged": [{"session": one.name, "why": one.why} for one in found.damaged],
    }  # fmt: skip


def plain_past(one: Past) -> dict[str, object]:
    """One walk for JSON. `wall`: the local date and time of day."""
    because = [] if one.judged is None else list(one.judged.because)
    return {
        **dump(one.figures), "wall": None if one.at is None else datetime.fromtimestamp(one.at, UTC).isoformat()[:19],
        "answers": dump(one.answers), "colour": one.colour or None, "because": because, "odd": one.odd or None,
        "counted": one.counted,
    }  # fmt: skip


def print_json(schema: str, **fields: object) -> None:
    print(json.dumps({"schema": schema, **fields}, ensure_ascii=False))


def told_how_far(done: int, of: int) -> None:
    """Whoever waits for years of files is told so."""
    if not done and of >= MANY:
        print(f"Reading {of} session files; this takes a while, and only once.", file=sys.stderr, flush=True)


# --- rebuild -------------------------------------------------------------------------------------------------------


def run_rebuild(paths: Paths, now: int, *, as_json: bool) -> int:
    """Make the index anew from the session files."""
    found = find(paths, now, limit=0, watch=told_how_far, anew=True)
    if as_json:
        print_json("treadctl.history-rebuild/1", **_about(found))
        return int(ExitCode.OK)
    tell_notes(paths, found)
    unread = f"; {len(found.damaged)} cannot be read" if found.damaged else ""
    print(f"Every session file is read again: {found.count} walk{'' if found.count == 1 else 's'}{unread}.")
    return int(ExitCode.OK)


# --- one walk ------------------------------------------------------------------------------------------------------


def run_show(paths: Paths, name: str, now: int, *, as_json: bool) -> int:
    """One walk: figures and picture. Raises UsageError, Refused, InvalidFile."""
    session, one, notes = opened(paths, name, now)
    if as_json:
        print_json("treadctl.history-show/1", walk=plain_past(one), notes=list(notes))
        return int(ExitCode.OK)
    for note in notes:
        print(safe_text(note, 500))
    units = shown_units()
    rows = (*figure_rows(one), *stop_rows(session))
    for line in (*_headed(one), *(f"{label:>14}   {value}" for label, value in rows)):
        print(in_units(line, units))
    for row in _picture(session):
        print(row)
    return int(ExitCode.OK)


def opened(paths: Paths, name: str, now: int) -> tuple[Session, Past, tuple[str, ...]]:
    """One walk, read whole from its own file, with sentences. Raises UsageError, Refused, InvalidFile."""
    session = read_session(paths.sessions / (named(paths, name) + SUFFIX))
    figures = figures_of(session)
    walks, said = joined(paths, [figures], odd_times([figures], utc_of(now)))
    return session, walks[0], said


def named(paths: Paths, word: str) -> str:
    """The session that is meant; "last" has ended. Raises UsageError, Refused."""
    return among(paths, find_session(paths.sessions, word, writing_since(paths.runtime)))


def among(paths: Paths, file: Path) -> str:
    """The name of a session of this person. Raises UsageError."""
    if file.resolve() != (paths.sessions / file.name).resolve():
        raise UsageError(f"{shown_path(file)} is not among these walks; treadctl report reads it from anywhere.")
    return file.stem


def _headed(one: Past) -> list[str]:
    """What, when and where; its colour and why; and what is to be said of it."""
    figures = one.figures
    at = "at a time that nobody knows" if one.at is None else f"{datetime.fromtimestamp(one.at, UTC):%A %Y-%m-%d %H:%M}"
    machine = f", on {safe_text(figures.machine)}" if figures.machine else ""
    colour = [] if one.judged is None else [colour_words(one)]
    marks = [f"{mark[:1].upper()}{mark[1:]}." for mark in marks_of(one)]
    return [f"{safe_text(figures.profile)}, {at}{machine}", f"Session {safe_text(figures.name)}", *colour, *marks]


def colour_words(one: Past) -> str:
    assert one.judged is not None
    because = f": {', '.join(one.judged.because)}" if one.judged.because else ""
    return f"{one.judged.colour.value.capitalize()}{because}."


def figure_rows(one: Past) -> list[tuple[str, str]]:
    """The figures of one walk, each with its word."""
    figures, told = one.figures, one.answers
    return [
        ("walked", f"{clock(figures.walked)} · {figures.metres:.0f} m · {clock(figures.length)} in all"),
        ("backward", f"{clock(figures.backward)} of {clock(figures.planned.total * 1000)} planned · "
                     f"{figures.backward_m:.0f} m · {bouts_words(figures)}"),
        ("forward", f"{clock(figures.forward)} · {figures.forward_m:.0f} m"),
        ("top backward", f"{figures.top_backward / 100:.1f} km/h" if figures.top_backward else "–"),
        *heart_rows(figures),
        *told_rows(told),
        ("ended", "as planned" if figures.finished else safe_text(figures.reason, 200) or "early"),
    ]  # fmt: skip


def stop_rows(session: Session) -> list[tuple[str, str]]:
    """Each stop that nobody planned, and when."""
    from treadctl.sessions.report_figures import stops  # noqa: PLC0415 - what a list does without

    return [("not planned", f"{clock(one.at)} {safe_text(one.text, 200)}") for one in stops(session)]


def bouts_words(figures: Figures) -> str:
    return "1 bout" if figures.bouts == 1 else f"{figures.bouts} bouts"


def heart_rows(figures: Figures) -> list[tuple[str, str]]:
    ways = (("forward", figures.heart_forward), ("backward", figures.heart_backward))
    parts = [f"{way} {mean:.0f}" for way, mean in ways if mean is not None]
    parts += [f"up to {figures.top_heart}"] if figures.top_heart is not None else []
    return [("heart rate", " · ".join(parts))] if parts else []


def told_rows(told: Answers) -> list[tuple[str, str]]:
    parts = [
        f"{word} {value}" for word, value in (
            ("effort", told.effort), ("pain before", told.pain_before), ("pain after", told.pain_after),
            ("steady", told.confidence),
        ) if value is not None
    ]  # fmt: skip
    rows = [("told", " · ".join(parts))] if parts else []
    return [*rows, *([("next morning", told.morning.value)] if told.morning is not None else [])]


def _picture(session: Session) -> list[str]:
    """Measured speed with its target, hatched backward."""
    from .tui.canvas import Canvas, plain_text  # noqa: PLC0415 - only this needs a canvas
    from .tui.chart import paint_session  # noqa: PLC0415 - as above
    from .tui.look import look_of  # noqa: PLC0415 - as above

    width = min(WIDEST, max(30, shutil.get_terminal_size().columns - 1))
    canvas = Canvas(width, ROWS, look_of(shown_settings(), sys.stdout.encoding or "", ""))
    paint_session(canvas, (0, 0, width, ROWS), session)
    return plain_text(canvas.rows()).splitlines()
