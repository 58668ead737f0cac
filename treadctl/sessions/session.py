"""One session file, read whole: what history, report and export are made of.

A file is evidence: it is never repaired, and what cannot be understood is passed over and counted, so that one torn
line costs that line and no more. Without its last line a session is *recovered*: it was cut off, and its figures are
counted from its samples.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from treadctl.files.sessions import MOST
from treadctl.files.store import Unreadable, read_small, shown_path
from treadctl.model import plain
from treadctl.model.errors import InvalidFile
from treadctl.model.program import Facing, size_problems
from treadctl.model.records import Closed, Entry, EventEntry, Opened, SampleEntry
from treadctl.model.units import Incline, Speed

_Kind = TypeVar("_Kind", SampleEntry, EventEntry, Closed)
_WHOLE = rb"(null|0|[1-9]\d{0,14})"
_SAMPLE = re.compile(
    rb'\{"is":"SampleEntry","at":(0|[1-9]\d{0,14}),"speed":' + _WHOLE + rb',"target":' + _WHOLE
    + rb',"incline":(null|-?[1-9]\d{0,3}|0),"distance_m":((?:0|[1-9]\d{0,8})\.\d{1,6}),'
    rb'"facing":(null|"forward"|"backward"),"heart_rate":' + _WHOLE + rb',"segment":' + _WHOLE + rb"\}"
)  # fmt: skip
"""A sample exactly as the guardian writes it: nearly all of a file, and read ten times as fast as any other line."""
_AT = attrgetter("at")
_WAYS = {b"null": None, b'"forward"': Facing.FORWARD, b'"backward"': Facing.BACKWARD}


@dataclass(frozen=True, slots=True)
class Session:
    """One walk as it was journalled. Times are ms since it was opened, in order.

    `unread`: how many lines could not be understood. `closed` is None for a session that was cut off.
    """

    name: str
    opened: Opened
    samples: tuple[SampleEntry, ...]
    events: tuple[EventEntry, ...]
    closed: Closed | None
    unread: int = 0

    @property
    def recovered(self) -> bool:
        """Whether the file ends without its last line."""
        return self.closed is None


def read_session(path: Path) -> Session:
    """The session in this file. Raises InvalidFile when it cannot be read, or its first line cannot be understood."""
    try:
        data = read_small(path, MOST)
    except Unreadable as error:
        raise InvalidFile(shown_path(path), 1, 1, str(error)) from None
    try:
        return session_of(path.stem, data)
    except plain.Malformed as error:
        why = f"{error}; without its first line nobody can tell what was walked"
        raise InvalidFile(shown_path(path), 1, 1, why) from None


def session_of(name: str, data: bytes) -> Session:
    """The session in these octets. Raises Malformed."""
    if not data:
        raise plain.Malformed("it is empty")
    first, *lines = data.splitlines()
    opened: Opened = plain.parse(Opened, first, "the first line")
    if problems := size_problems(opened.program):
        raise plain.Malformed(f"the first line: {problems[0].text}")
    found = [_entry(line) for line in lines]
    closed, unread = _of(Closed, found), sum(one is None for one in found)
    return Session(
        name, opened, _of(SampleEntry, found), _of(EventEntry, found), closed[-1] if closed else None, unread
    )


def _entry(line: bytes) -> Entry | None:
    if (found := _SAMPLE.fullmatch(line)) is not None:
        return _sample(found)
    try:
        entry: Entry = plain.parse(Entry, line)
    except plain.Malformed:
        return None
    return entry


def _sample(found: re.Match[bytes]) -> SampleEntry | None:
    """The same as `plain.parse` makes of this line; a test holds that."""
    at, speed, target, incline, metres, facing, heart, segment = found.groups()
    try:
        return SampleEntry(
            int(at), _speed(speed), _speed(target), _incline(incline), float(metres), _WAYS[facing], _number(heart),
            _number(segment),
        )
    except ValueError:  # no speed is so high, no incline so steep
        return None


@lru_cache(maxsize=4096)
def _speed(text: bytes) -> Speed | None:
    return None if text == b"null" else Speed(int(text))


@lru_cache(maxsize=4096)
def _incline(text: bytes) -> Incline | None:
    return None if text == b"null" else Incline(int(text))


@lru_cache(maxsize=4096)
def _number(text: bytes) -> int | None:
    return None if text == b"null" else int(text)


def _of(kind: type[_Kind], entries: list[Entry | None]) -> tuple[_Kind, ...]:
    """In order of time: a file somebody cut and pasted is still read."""
    return tuple(sorted((one for one in entries if isinstance(one, kind)), key=_AT))
