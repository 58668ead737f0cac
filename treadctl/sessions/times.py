"""When a session was: its first line's word for it, made sure of before anybody reckons with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from treadctl.model.units import Ms

YEARS = range(1990, 2100)
"""FIT counts seconds from the end of 1989 on, and nothing was walked before."""
CLOCKS = range(1970, YEARS.stop)
"""What a clock that was never set says counts as a time, so that lists can say just that (`clocks.UNSET`)."""

EARLIEST, LATEST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (CLOCKS.start, CLOCKS.stop))


def began(started: str) -> datetime | None:
    """The moment in UTC, to the second; None where the text is no time at which somebody can have walked."""
    found = read_as(started)
    return found if found is not None and found.year in YEARS else None


def read_as(started: str) -> datetime | None:
    """The moment in UTC, to the second, as the clock had it; None where the text is none that a clock says."""
    try:
        found = datetime.fromisoformat(started)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found.replace(microsecond=0) if found.year in CLOCKS else None


def stamp(begin: datetime, at: Ms) -> str:
    """A moment of the session in UTC, ISO 8601, whole seconds."""
    return (begin + timedelta(seconds=at // 1000)).strftime("%Y-%m-%dT%H:%M:%SZ")
