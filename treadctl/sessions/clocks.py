"""Which walks cannot have been when they say: a computer's clock jumps, is never set, or is put back. Pure.

A time is a label: nothing is reordered or mended for it. What is odd is said, and weeks leave out what no week has.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from .figures import Figures

AHEAD_S = 2 * 3600
"""Chosen: a change to winter time, and a clock that was set right since."""
FIRST = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
"""Chosen: before it nobody walked with this program; a clock that was never set begins in 1970."""
OVERLAP_S = 2
"""Chosen: times are whole seconds."""
UNKNOWN = "a time that nobody knows"
FUTURE = "a time in the future: the clock was wrong then, or is now"
UNSET = "a time older than treadctl: the clock was not set"
OVERLAPS = "a time within or before the walk before it: the clock was changed in between"
NO_WEEK = frozenset({UNKNOWN, FUTURE, UNSET})
"""With one of these a walk belongs to no week."""


def odd_times(walks: Iterable[Figures], now: int) -> dict[str, str]:
    """What is odd about the times of these walks, by their names. `now`: UTC seconds."""
    found: dict[str, str] = {}
    numbered: dict[str, tuple[int, int]] = {}
    ended = 0
    for one in sorted(walks, key=in_time):
        said = _alone(one.at, now)
        if not said and one.at is not None and not one.simulated:  # a simulated hour may take six minutes
            before, number = numbered.get(_guardian(one), (0, 0)), _number(one)
            said = OVERLAPS if one.at + OVERLAP_S < ended or number < before[0] else ""
            numbered[_guardian(one)] = max(before, (number, one.at))
            ended = max(ended, one.at + one.length // 1000)
        if said:
            found[one.name] = said
    return found


def in_time(one: Figures) -> tuple[int, str]:
    """The order of walks; those of which nobody knows the time come first, and two at the same time by their names."""
    return (-1 if one.at is None else one.at, one.name)


def _alone(at: int | None, now: int) -> str:
    if at is None:
        return UNKNOWN
    return FUTURE if at > now + AHEAD_S else UNSET if at < FIRST else ""


def _guardian(one: Figures) -> str:
    return one.name.rpartition("-")[0]


def _number(one: Figures) -> int:
    """The how manieth walk of its guardian it is; 0 where its name does not say so."""
    number = one.name.rpartition("-")[2]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 0
