"""A session as CSV: a header, then one row for each sample, which is one a second. Described in docs/after-the-walk.md.

UTF-8, commas, a point in numbers, CRLF as RFC 4180 says; an empty cell is "not known". A text that a spreadsheet would
take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime

from treadctl.model.program import Turn
from treadctl.model.text import safe_text
from treadctl.sessions.laps import Lap, Point, laps
from treadctl.sessions.session import Session
from treadctl.sessions.times import stamp

HEADER = (
    "time_utc", "elapsed_s", "direction", "belt", "speed_kmh", "target_kmh", "incline_percent", "heart_rate_bpm",
    "distance_m", "segment", "segment_name", "simulated",
)  # fmt: skip
FORMULAS = "=+-@\t\r\n"
"""What a spreadsheet takes for the begin of a formula, or looks behind."""
_BELT = {True: "moving", False: "still", None: "unknown"}


def rows(session: Session, begin: datetime) -> bytes:
    """The whole file."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    way = 0.0
    for lap in laps(session):
        name = safe_cell("" if lap.planned is None or isinstance(lap.planned, Turn) else lap.planned.name)
        for point in lap.points:
            way += point.metres
            writer.writerow(_row(lap, point, begin, way, name, session.opened.simulated))
    return out.getvalue().encode()


def _row(lap: Lap, point: Point, begin: datetime, way: float, name: str, simulated: bool) -> tuple[object, ...]:
    sample = point.sample
    return (
        stamp(begin, point.at), f"{point.at / 1000:.3f}", point.facing.value if point.moving and point.facing else "",
        _BELT[point.moving], "" if sample.speed is None else f"{sample.speed / 100:.2f}",
        "" if sample.target is None else f"{sample.target / 100:.2f}",
        "" if sample.incline is None else f"{sample.incline / 10:.1f}", "" if point.pulse is None else point.pulse,
        f"{way:.1f}", "" if lap.index is None or lap.home else lap.index + 1, name, "yes" if simulated else "no",
    )  # fmt: skip


def safe_cell(text: str) -> str:
    """Text as a cell that no spreadsheet computes."""
    shown = safe_text(text)
    return f"'{shown}" if shown.lstrip(" ").startswith(tuple(FORMULAS)) else shown
