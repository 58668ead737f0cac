"""Sessions as files for other programs: FIT, TCX and CSV. Pure: a session in, octets out, and what is lost is said.

All of them count both directions as positive way, from the same reckoning as the report (`sessions.laps`). Figures are
those that were measured, never those that were wished; what is not known is left out or marked, never 0.
"""

from __future__ import annotations

from enum import Enum

from treadctl.sessions.session import Session
from treadctl.sessions.times import began

from . import fit, table, tcx

NO_HEALTH = "energy, pain and effort"


class Form(Enum):
    """A format; the value is its name, and the ending of its files."""

    FIT = "fit"
    TCX = "tcx"
    CSV = "csv"


LOSSES = {
    Form.FIT: f"FIT has no cues, alarms, target speeds, names of segments, {NO_HEALTH}; other programs may not show "
    "the direction, which is a field of our own.",
    Form.TCX: f"TCX has no walking (it says Other), no incline, cues, alarms, target speeds, {NO_HEALTH}; the "
    "direction stands in the notes of each lap only.",
    Form.CSV: f"CSV has no cues, alarms, {NO_HEALTH}.",
}
"""What each format cannot hold, in one sentence."""


class Undated(ValueError):
    """A session whose first line has no usable time: no other program could place it."""


def exported(session: Session, form: Form) -> bytes:
    """The file. Raises Undated."""
    begin = began(session.opened.started)
    if begin is None:
        raise Undated("its first line has no usable time")
    match form:
        case Form.FIT:
            return fit.activity(session, begin)
        case Form.TCX:
            return tcx.activity(session, begin)
        case Form.CSV:
            return table.rows(session, begin)
