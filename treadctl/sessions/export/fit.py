"""A session as a FIT activity: walking, indoor walking, one lap a segment, the direction as a developer's field.

Message, field and type numbers are those of the FIT SDK's public profile. Times in motion are FIT's timer times, and
elapsed times are by the clock. Speed, heart rate and incline that are not known are FIT's "invalid", never 0.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from treadctl.files.fit_wire import (
    BYTES,
    ENUM,
    SINT8,
    SINT16,
    STRING,
    UINT8,
    UINT16,
    UINT32,
    UINT32Z,
    Field,
    encode,
)
from treadctl.model.program import Facing
from treadctl.model.units import Ms
from treadctl.sessions.laps import Lap, Point, laps
from treadctl.sessions.session import Session

EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
"""FIT counts seconds from here."""
FILE_ID, SESSION, LAP, RECORD, EVENT, ACTIVITY, FIELD_DESCRIPTION, DEVELOPER = 0, 18, 19, 20, 21, 34, 206, 207
AN_ACTIVITY, DEVELOPMENT = 4, 255
WALKING, INDOOR_WALKING = 11, 27
TIMER, LAP_EVENT, SESSION_EVENT, ACTIVITY_EVENT = 0, 9, 8, 26
START, STOP, STOP_ALL = 0, 1, 4
ACTIVE, REST = 0, 1
NO_UINT8, NO_SINT8, NO_SINT16, NO_UINT32 = 0xFF, 0x7F, 0x7FFF, 0xFFFF_FFFF
TIMESTAMP = 253
DIRECTION = 0
"""The number of our one developer's field."""
UNITS = "1 forward, -1 backward"
APPLICATION = b"treadctl\x00retro\x00\x01"
"""Sixteen octets that tell our fields from everybody else's (chosen, once for all)."""
WAYS = {Facing.FORWARD: 1, Facing.BACKWARD: -1, None: NO_SINT8}

Message = tuple[int, Sequence[Field]] | tuple[int, Sequence[Field], Sequence[Field]]


def activity(session: Session, begin: datetime) -> bytes:
    """The whole file."""
    found = laps(session)
    return encode(_messages(session, found, int((begin - EPOCH).total_seconds())))


def _messages(session: Session, found: Sequence[Lap], base: int) -> Iterator[Message]:
    end = found[-1].end
    yield from _about(session, base)
    yield EVENT, [(TIMESTAMP, UINT32, base), (0, ENUM, TIMER), (1, ENUM, START)]
    way = 0.0
    for lap in found:
        for point in lap.points:
            way += point.metres
            yield _record(point, base, way)
    yield EVENT, [(TIMESTAMP, UINT32, _at(base, end)), (0, ENUM, TIMER), (1, ENUM, STOP_ALL)]
    for number, lap in enumerate(found):
        yield _lap(number, lap, base)
    yield _session(found, base, "SIMULATED" if session.opened.simulated else "Backward walking")
    yield ACTIVITY, [
        (TIMESTAMP, UINT32, _at(base, end)), (0, UINT32, _moving(found)), (1, UINT16, 1), (2, ENUM, 0),
        (3, ENUM, ACTIVITY_EVENT), (4, ENUM, STOP),
    ]  # fmt: skip


def _about(session: Session, base: int) -> Iterator[Message]:
    """The same session is the same file: its serial number is made of its name."""
    serial = zlib.crc32(session.name.encode(errors="backslashreplace")) or 1
    yield FILE_ID, [
        (0, ENUM, AN_ACTIVITY), (1, UINT16, DEVELOPMENT), (2, UINT16, 0), (3, UINT32Z, serial), (4, UINT32, base),
    ]  # fmt: skip
    developer: list[Field] = [(1, BYTES, APPLICATION), (2, UINT16, DEVELOPMENT), (3, UINT8, 0)]
    yield DEVELOPER, developer
    direction: list[Field] = [
        (0, UINT8, 0), (1, UINT8, DIRECTION), (2, UINT8, SINT8), (3, STRING, "direction"), (8, STRING, UNITS),
    ]  # fmt: skip
    yield FIELD_DESCRIPTION, direction


def _record(point: Point, base: int, way: float) -> Message:
    sample = point.sample
    speed = NO_UINT32 if point.moving is None or sample.speed is None else _millimetres(sample.speed)
    grade = NO_SINT16 if sample.incline is None else sample.incline * 10
    fields: list[Field] = [
        (TIMESTAMP, UINT32, _at(base, point.at)), (5, UINT32, _centimetres(way)), (73, UINT32, speed),
        (9, SINT16, grade), (3, UINT8, NO_UINT8 if point.pulse is None else point.pulse),
    ]  # fmt: skip
    return RECORD, fields, [(DIRECTION, SINT8, WAYS[point.facing if point.moving else None])]


def _lap(number: int, lap: Lap, base: int) -> Message:
    fields: list[Field] = [
        (254, UINT16, number), (TIMESTAMP, UINT32, _at(base, lap.end)), (0, ENUM, LAP_EVENT), (1, ENUM, STOP),
        (2, UINT32, _at(base, lap.begin)), (7, UINT32, lap.end - lap.begin), (8, UINT32, lap.moving),
        (9, UINT32, _centimetres(lap.metres)), (110, UINT32, _mean_speed(lap.metres, lap.moving)),
        (111, UINT32, _millimetres(lap.top)), *_pulses([lap], 15, 16), (23, ENUM, ACTIVE if lap.moving else REST),
        (25, ENUM, WALKING), (39, ENUM, INDOOR_WALKING),
    ]  # fmt: skip
    return LAP, fields, [(DIRECTION, SINT8, WAYS[lap.facing])]


def _session(found: Sequence[Lap], base: int, name: str) -> Message:
    end = found[-1].end
    metres = sum(lap.metres for lap in found)
    return SESSION, [
        (254, UINT16, 0), (TIMESTAMP, UINT32, _at(base, end)), (0, ENUM, SESSION_EVENT), (1, ENUM, STOP),
        (2, UINT32, base), (5, ENUM, WALKING), (6, ENUM, INDOOR_WALKING), (7, UINT32, end),
        (8, UINT32, _moving(found)), (9, UINT32, sum(_centimetres(lap.metres) for lap in found)),
        *_pulses(found, 16, 17), (25, UINT16, 0), (26, UINT16, len(found)), (28, ENUM, 0),
        (124, UINT32, _mean_speed(metres, _moving(found))),
        (125, UINT32, max(_millimetres(lap.top) for lap in found)), (110, STRING, name),
    ]  # fmt: skip


def _pulses(found: Sequence[Lap], mean: int, most: int) -> list[Field]:
    """The mean and the highest heart rate of these laps, under these numbers."""
    rates = [rate for lap in found for rate in lap.pulses]
    if not rates:
        return [(mean, UINT8, NO_UINT8), (most, UINT8, NO_UINT8)]
    return [(mean, UINT8, round(sum(rates) / len(rates))), (most, UINT8, max(rates))]


def _at(base: int, at: Ms) -> int:
    return base + at // 1000


def _moving(found: Sequence[Lap]) -> Ms:
    return sum(lap.moving for lap in found)


def _centimetres(metres: float) -> int:
    return round(metres * 100)


def _millimetres(speed: int) -> int:
    """0.01 km/h as mm/s."""
    return round(speed * 10_000 / 3600)


def _mean_speed(metres: float, moving: Ms) -> int:
    """mm/s over the time in motion; 0 where there was none."""
    return min(round(metres * 1_000_000 / moving), NO_UINT32 - 1) if moving else 0
