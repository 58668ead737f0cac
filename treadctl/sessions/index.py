"""The index of all sessions: their figures in one SQLite file, so that ten years of them are listed at once.

It is a cache and nothing else: the session files are the truth, are never written here, and the index is made anew from
them whenever it is missing, damaged, of another version or deleted while it is open. Where it cannot be written it
lives in memory for this once. A session file that cannot be read has a row with the reason, and is told, not hidden.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

from treadctl.files.sessions import SUFFIX
from treadctl.files.store import PRIVATE, PRIVATE_FOLDER, shown_path
from treadctl.model.errors import InvalidFile
from treadctl.model.outcome import Stop
from treadctl.model.text import safe_text
from treadctl.model.units import Incline, Speed

from .figures import Figures, figures_of
from .session import read_session
from .times import EARLIEST, LATEST

T = TypeVar("T")

NAME = "history.sqlite"
"""In the folder of the state."""
ASIDE = ".damaged"
"""Put behind the name of an index that was damaged; the newest one is kept."""
VERSION = 2
"""Of the rows below. An index of another version is made anew."""
BUSY_MS = 5000
"""Chosen: longer than another treadctl takes to write a batch."""
STEPS = 100_000
"""Of SQLite, chosen: some ms. So often a question lets Python look whether somebody wants to end it."""
BATCH = 200
"""Sessions in one transaction, chosen: what an interruption costs is read again in a second."""

_COLUMNS = tuple(field.name for field in fields(Figures))
_NAMES = ", ".join(_COLUMNS)
_TABLE = f"CREATE TABLE session (sum, size, mtime, why, {_NAMES}, PRIMARY KEY (name)) WITHOUT ROWID"
_TABLE_OF_ANY_VERSION = "CREATE TABLE session ("
_PUT = f"INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, {', '.join('?' * len(_COLUMNS))})"
_GET = f"SELECT sum, {_NAMES} FROM session WHERE why = ''"
_NEWEST = " ORDER BY at IS NULL, at DESC, name DESC"

DAMAGED = "The index of your walks was damaged and was made anew ({} is the old one); no walk is lost by that."
OTHER = "The index of your walks was made by another version of treadctl, and was made anew."
MEMORY = "The index of your walks cannot be kept ({}), so all that is new is read again each time; no walk is lost."
NO_TEXT = "A file in {} has a name that is no text; it is left as it is, and left out."


_File = tuple[str, int, int]
"""A session file: its name without the ending, octets, and when it was last written, in ns."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A session file that cannot be read, and why. It is kept as it is."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where sessions and their index are. `since` (`files.sessions.writing_since`): what was written later and has no
    end yet is left alone until it has one."""

    folder: Path
    index: Path
    since: float | None = None


def unwatched(_done: int, _of: int) -> None:
    """Nobody looks at how far it is."""


@dataclass(slots=True)
class Index:
    """An index that is up to date, for as long as one question takes. `recording`: sessions that are being written."""

    connection: sqlite3.Connection
    recording: int = 0

    def newest(self, limit: int = -1, since: int | None = None, until: int | None = None) -> list[Figures]:
        """The newest walks first; begun at `since` or later and before `until` (UTC seconds). -1: all of them."""
        wanted = (since is None, since, until is None, until, limit)
        rows = self.connection.execute(f"{_GET} AND (? OR at >= ?) AND (? OR at < ?){_NEWEST} LIMIT ?", wanted)
        return [_figures(row) for row in rows]

    def count(self) -> int:
        """How many walks there are."""
        return int(self.connection.execute("SELECT count(*) FROM session WHERE why = ''").fetchone()[0])

    def damaged(self) -> list[Damaged]:
        """The files that cannot be read."""
        found = self.connection.execute("SELECT name, why FROM session WHERE why <> '' ORDER BY name")
        return [Damaged(name, why) for name, why in found]


def consult(
    place: Place, ask: Callable[[Index], T], watch: Callable[[int, int], None] = unwatched, *, anew: bool = False
) -> tuple[T, tuple[str, ...]]:
    """What `ask` makes of an index that is up to date, and sentences about what was the matter with it.

    `watch` is told how many of the session files that had to be read have been. `anew`: read all of them again.
    """
    notes: list[str] = []
    if not (os.path.lexists(place.index) or _listing(place.folder)[0]):  # nothing was walked here: nothing is written
        return _ask(place, _empty(), ask, watch, notes), tuple(notes)
    for _ in range(2):  # once more where it was damaged, or went away in our hands
        try:
            return _ask(place, _on_disk(place.index, notes, anew=anew), ask, watch, notes), tuple(dict.fromkeys(notes))
        except (sqlite3.Error, OSError, ValueError, TypeError, OverflowError) as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                raise KeyboardInterrupt from None  # what it was in `_wary`'s handler; SQLite has no other cause for it
            if (why := _unwritable(error)) is not None:
                notes.append(MEMORY.format(why))
                break
            if not _moved(error):
                notes.append(_put_aside(place.index))
    with contextlib.suppress(sqlite3.Error, ValueError, TypeError, OverflowError):
        return _ask(place, _copied(place.index), ask, watch, notes), tuple(dict.fromkeys(notes))
    return _ask(place, _empty(), ask, watch, notes), tuple(dict.fromkeys(notes))


def _ask(
    place: Place, connection: sqlite3.Connection, ask: Callable[[Index], T], watch: Callable[[int, int], None],
    notes: list[str],
) -> T:  # fmt: skip
    with contextlib.closing(connection):
        index = Index(connection)
        said = _refresh(index, place, watch)
        answer = ask(index)
        notes += said
        return answer


# --- opening -------------------------------------------------------------------------------------------------------


def _on_disk(path: Path, notes: list[str], *, anew: bool) -> sqlite3.Connection:
    """Raises OSError, sqlite3.Error; ValueError where something else goes by its name, or is in it."""
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("no plain file")
    finally:
        os.close(descriptor)
    connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None)
    try:
        _wary(connection)
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")
        notes += _prepare(connection, anew=anew)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, *, anew: bool = False) -> list[str]:
    """The table, of this version; what had to be said about it. Raises ValueError where there is anything else."""
    _wary(connection)
    if _version(connection) == VERSION and not anew:
        if _held(connection) != [("table", "session", _TABLE)]:
            raise ValueError("not our table")
        return []
    with _transaction(connection):
        version = _version(connection)  # another treadctl may have been quicker
        if version != VERSION or anew:
            held = _held(connection)
            if held and (len(held) > 1 or not str(held[0][2]).startswith(_TABLE_OF_ANY_VERSION)):
                raise ValueError("not our table")
            connection.execute("DROP TABLE IF EXISTS session")
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA user_version = {VERSION}")
    return [OTHER] if version not in (0, VERSION) else []


def _wary(connection: sqlite3.Connection) -> None:
    """What somebody put into the file computes nothing here, and a question that takes long can be ended."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.set_progress_handler(lambda: 0, STEPS)


def _held(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """Everything that the file defines."""
    return connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _copied(path: Path) -> sqlite3.Connection:
    """A copy in memory of the index that is on disk, as far as there is one. Raises sqlite3.Error."""
    memory = sqlite3.connect(":memory:", isolation_level=None)
    try:
        if path.is_file():
            with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as kept:
                kept.backup(memory)
        _prepare(memory)
    except BaseException:
        memory.close()
        raise
    return memory


def _empty() -> sqlite3.Connection:
    memory = sqlite3.connect(":memory:", isolation_level=None)
    _prepare(memory)
    return memory


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


_UNWRITABLE = {
    sqlite3.SQLITE_READONLY: "it cannot be written", sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_FULL: "the disk is full", sqlite3.SQLITE_IOERR: "the disk fails",
    sqlite3.SQLITE_PERM: "it cannot be opened", sqlite3.SQLITE_BUSY: "another treadctl is busy with it",
    sqlite3.SQLITE_LOCKED: "another treadctl is busy with it",
}  # fmt: skip


def _unwritable(error: Exception) -> str | None:
    """Why the disk will not have it; None where it is the index itself that is wrong."""
    if isinstance(error, OSError):
        return (error.strerror or "unknown error").lower()
    if not isinstance(error, sqlite3.Error) or _moved(error):
        return None
    return _UNWRITABLE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)


def _moved(error: Exception) -> bool:
    """Whether the file was deleted or moved while it was open: then there is room for a new one."""
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED


def _put_aside(path: Path) -> str:
    """Out of the way, and what to say about it. An old journal belongs to the old index."""
    aside = path.with_name(path.name + ASIDE)
    with contextlib.suppress(OSError):
        os.replace(path, aside)
    with contextlib.suppress(OSError):
        os.unlink(path.with_name(path.name + "-journal"))
    return DAMAGED.format(shown_path(aside))


# --- up to date ----------------------------------------------------------------------------------------------------


def _refresh(index: Index, place: Place, watch: Callable[[int, int], None]) -> list[str]:
    """Read what is new or changed, forget what is gone; sentences about names that cannot be kept."""
    here, notes = _listing(place.folder)
    kept = set(index.connection.execute("SELECT name, size, mtime FROM session WHERE why = ''"))
    known = dict(index.connection.execute("SELECT name, why FROM session WHERE why <> ''"))
    changed = sorted(here - kept)
    gone = ({name for name, _, _ in kept - here} | known.keys()) - {name for name, _, _ in changed}
    if gone:
        with _transaction(index.connection):
            index.connection.executemany("DELETE FROM session WHERE name = ?", [(name,) for name in gone])
    for begin in range(0, len(changed), BATCH):
        watch(begin, len(changed))
        _read_batch(index, place, changed[begin : begin + BATCH], known)
    return notes


def _read_batch(index: Index, place: Place, files: Sequence[_File], known: Mapping[str, str]) -> None:
    """Read these files, then write their rows in one short transaction."""
    found = []
    for file in files:
        row = _row(place, file)
        if row is None:
            index.recording += 1
        elif not row[3] or known.get(file[0]) != row[3]:
            found.append(row)
    if found:
        with _transaction(index.connection):
            index.connection.executemany(_PUT, found)


def _row(place: Place, file: _File) -> tuple[object, ...] | None:
    """The row of one file; None while its session is being written."""
    name, size, mtime = file
    fresh = place.since is not None and mtime >= place.since * 1e9
    try:
        session = read_session(place.folder / (name + SUFFIX))
    except InvalidFile as error:
        nothing = (None,) * (len(_COLUMNS) - 1)
        return None if fresh else (0, size, mtime, safe_text(error.message, 400), name, *nothing)
    if fresh and session.recovered:
        return None
    figures = figures_of(session)
    values = tuple(_plain(getattr(figures, name)) for name in _COLUMNS)
    return (_sum(values), size, mtime, "", *values)


def _sum(values: Sequence[object]) -> int:
    """SQLite does not notice a bit that has fallen over in a value; a walk must not become another one."""
    return crc32(repr(tuple(values)).encode())


def _listing(folder: Path) -> tuple[set[_File], list[str]]:
    """Every session file."""
    found: set[_File] = set()
    notes: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name.removesuffix(SUFFIX)
                if name == entry.name or not name:
                    continue
                if not name.isprintable() and any("\ud800" <= c <= "\udfff" for c in name):
                    notes.append(NO_TEXT.format(shown_path(folder)))
                    continue
                try:
                    status = entry.stat()
                except OSError:  # gone again
                    continue
                found.add((name, status.st_size, status.st_mtime_ns))
    except FileNotFoundError:
        pass
    except OSError as error:
        why = (error.strerror or "unknown error").lower()
        notes.append(f"{shown_path(folder)} cannot be looked into ({why}), so its walks are missing here.")
    return found, notes


def _plain(value: Any) -> object:
    """As SQLite keeps it: a subclass of int is none of its types."""
    if isinstance(value, tuple):
        return ",".join(stop.value for stop in value)
    return int(value) if isinstance(value, int) else value


def _figures(row: Sequence[Any]) -> Figures:
    """Raises ValueError for a row that was bent."""
    if _sum(row[1:]) != row[0]:
        raise ValueError("not the row that was written")
    values = dict(zip(_COLUMNS, row[1:], strict=True))
    if values["at"] is not None and not EARLIEST <= values["at"] < LATEST:
        raise ValueError("no time of a walk")
    values["stops"] = tuple(Stop(word) for word in values["stops"].split(",") if word)
    for name in ("simulated", "recovered", "finished"):
        values[name] = bool(values[name])
    for name in ("top_backward", "planned_speed"):
        values[name] = Speed(values[name])
    return Figures(**{**values, "planned_incline": Incline(values["planned_incline"])})
