"""When a session was: its first line's word for it, made sure of before anybody reckons with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from treadctl.model.units import Ms

YEARS = range(1990, 2100)
"""FIT counts seconds from the end of 1989 on, and nothing was walked before."""


def began(started: str) -> datetime | None:
    """The moment in UTC, to the second; None where the text is no such time."""
    try:
        found = datetime.fromisoformat(started)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found.replace(microsecond=0) if found.year in YEARS else None


def stamp(begin: datetime, at: Ms) -> str:
    """A moment of the session in UTC, ISO 8601, whole seconds."""
    return (begin + timedelta(seconds=at // 1000)).strftime("%Y-%m-%dT%H:%M:%SZ")
