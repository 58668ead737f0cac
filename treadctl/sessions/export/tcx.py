"""A session as TCX (Training Center Database v2), for what reads nothing else: one lap a segment, way and heart rate.

TCX knows no walking and no direction: the sport is Other, and the direction stands in the notes of each lap. Its schema
wants calories; 0 is written, because ours are a range. Every text is escaped, and what XML cannot hold is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape

from treadctl.model.program import Facing, Turn
from treadctl.model.text import safe_text
from treadctl.model.units import Ms
from treadctl.sessions.laps import Lap, Point, laps
from treadctl.sessions.session import Session
from treadctl.sessions.times import stamp

SCHEMA = "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
SPEEDS = "http://www.garmin.com/xmlschemas/ActivityExtension/v2"
BACK, FORTH = "BACK", "FORWARD"
"""As in the workouts that we write for other programs."""
_TO_MS = 1 / 360
"""0.01 km/h in m/s."""


def activity(session: Session, begin: datetime) -> bytes:
    """The whole file."""
    found = laps(session)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<TrainingCenterDatabase xmlns="{SCHEMA}"><Activities><Activity Sport="Other">',
        f"<Id>{stamp(begin, 0)}</Id>",
        *_laps(found, begin),
        f"<Notes>{_shown(_about(session))}</Notes>",
        "</Activity></Activities></TrainingCenterDatabase>",
    ]
    return "\n".join(lines).encode() + b"\n"


def _laps(found: Sequence[Lap], begin: datetime) -> Iterator[str]:
    way = 0.0
    for lap in found:
        yield f'<Lap StartTime="{stamp(begin, lap.begin)}"><TotalTimeSeconds>{_seconds(lap.moving)}</TotalTimeSeconds>'
        yield f"<DistanceMeters>{lap.metres:.2f}</DistanceMeters>"
        yield f"<MaximumSpeed>{lap.top * _TO_MS:.3f}</MaximumSpeed><Calories>0</Calories>"
        if lap.pulses:
            yield _pulse("AverageHeartRateBpm", round(sum(lap.pulses) / len(lap.pulses)))
            yield _pulse("MaximumHeartRateBpm", max(lap.pulses))
        yield f"<Intensity>{'Active' if lap.moving else 'Resting'}</Intensity><TriggerMethod>Manual</TriggerMethod>"
        if lap.points:
            yield "<Track>"
            for point in lap.points:
                way += point.metres
                yield _point(point, begin, way)
            yield "</Track>"
        yield f"<Notes>{_shown(note(lap))}</Notes></Lap>"


def _point(point: Point, begin: datetime, way: float) -> str:
    """One trackpoint."""
    pulse = "" if point.pulse is None else _pulse("HeartRateBpm", point.pulse)
    speed = point.sample.speed
    more = ""
    if point.moving is not None and speed is not None:
        more = f'<Extensions><TPX xmlns="{SPEEDS}"><Speed>{speed * _TO_MS:.3f}</Speed></TPX></Extensions>'
    time = stamp(begin, point.at)
    return f"<Trackpoint><Time>{time}</Time><DistanceMeters>{way:.2f}</DistanceMeters>{pulse}{more}</Trackpoint>"


def _pulse(name: str, rate: int) -> str:
    return f"<{name}><Value>{rate}</Value></{name}>"


def note(lap: Lap) -> str:
    """The direction of a lap and the name of its segment."""
    way = {Facing.BACKWARD: BACK, Facing.FORWARD: FORTH, None: "STANDING"}[lap.facing]
    name = "" if lap.planned is None or isinstance(lap.planned, Turn) else lap.planned.name
    return f"{way} · {name}" if name else way


def _about(session: Session) -> str:
    name = safe_text(session.opened.program.name)
    return f"SIMULATED · {name}" if session.opened.simulated else name


def _seconds(length: Ms) -> str:
    return f"{length / 1000:.3f}"


def _shown(text: str) -> str:
    return escape(safe_text(text, 200))
