"""`treadctl history rm`: deletes one walk when somebody says yes, and says what goes and what stays.

The plan remembers the walk (its day, minutes and colour): what hurt must not be forgotten with its record. The session
file goes last, so that whatever interrupts this, it can be called again.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from treadctl.files import answers, book
from treadctl.files.answers import forget_answers, load_answers
from treadctl.files.person import load_person
from treadctl.files.sessions import SUFFIX, writing_since
from treadctl.files.store import shown_path
from treadctl.model.answers import UNASKED
from treadctl.model.errors import ExitCode
from treadctl.model.text import safe_text
from treadctl.paths import Paths
from treadctl.plans.book import remembered
from treadctl.sessions.finding import find, refuse_recording
from treadctl.sessions.index import Index, consult

from .asking import line, require_person, tell
from .history import among
from .past import place_of
from .planning import up_to_date

STAYS = f"Your plan goes on counting this walk: its day, minutes and colour stay in its own file ({book.NAME})."


def run_remove(paths: Paths, name: str, now: int, *, sure: bool) -> int:
    """Ask, then delete. Raises UsageError, Refused, InvalidFile, OSError."""
    meant = find(paths.sessions, name)  # "last" is the newest here, ended or not: no other goes in its place
    refuse_recording(meant, writing_since(paths.runtime), "delete")
    session = among(paths, meant)
    if not sure:
        require_person("add --yes to delete it without a question")
    file, traces = paths.sessions / (session + SUFFIX), _traces(paths, session)
    remembers = _remember(paths, session, now)
    tell("This deletes for good what you told of that walk, and:")
    for one in (file, *traces):
        print(f"  {shown_path(one)}", file=sys.stderr)
    if remembers:
        tell(STAYS)
    if not sure and line("Type yes to delete it.").casefold() != "yes":
        print("Nothing was deleted.")
        return int(ExitCode.OK)
    forget_answers(paths.data / answers.NAME, session)
    for one in (*traces, file):
        _delete(one)
    consult(place_of(paths), Index.count)
    print(f"Deleted: {safe_text(session)}.")
    return int(ExitCode.OK)


def _remember(paths: Paths, session: str, now: int) -> bool:
    """See to it that the plan keeps what follows from this walk; whether it has it. Raises InvalidFile, OSError."""
    kept, _ = up_to_date(paths, load_person(paths.person), now)
    if not any(one.outcome.session == session for one in kept.walked):
        return False
    told = load_answers(paths.data / answers.NAME).get(session, UNASKED)
    book.update_book(paths.state / book.NAME, lambda old: remembered(old, session, told))
    return True


def _traces(paths: Paths, session: str) -> list[Path]:
    """The trace of the guardian that recorded it, unless other walks that are still there are in it, too."""
    guardian = session.rpartition("-")[0]
    trace = paths.traces / f"{guardian}.jsonl"
    others = [one for one in paths.sessions.glob(f"*{SUFFIX}") if one.stem.rpartition("-")[0] == guardian]
    return [trace] if guardian and trace.is_file() and len(others) == 1 else []


def _delete(path: Path) -> None:
    """Gone from the disk when this returns. Raises OSError."""
    path.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
