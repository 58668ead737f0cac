"""Locks: what must not be walked until it was cleared, by machine, by person or for a day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock. `name` is its stable word ("units:AA:BB", "fall"); `until` an ISO date or empty for "until cleared".

    `since` is the ISO date on which it began, empty where nobody wrote that down.
    """

    name: str
    reason: str
    until: str = ""
    since: str = ""


UNREADABLE = Lock("unreadable", "the lock file cannot be read, so everything is locked; repair or clear it")
