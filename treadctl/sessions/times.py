"""When a session was: its first line's word for it, made sure of before anybody reckons with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from treadctl.model.units import Ms

YEARS = range(1990, 2100)
"""FIT counts seconds from the end of 1989 on, and nothing was walked before."""


def moment(text: str) -> datetime | None:
    """A moment in UTC, whatever its year; None where the text is none."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def began(started: str) -> datetime | None:
    """The moment in UTC, to the second; None where the text is no time at which somebody can have walked."""
    found = moment(started)
    return found.replace(microsecond=0) if found is not None and found.year in YEARS else None


def stamp(begin: datetime, at: Ms) -> str:
    """A moment of the session in UTC, ISO 8601, whole seconds."""
    return (begin + timedelta(seconds=at // 1000)).strftime("%Y-%m-%dT%H:%M:%SZ")
