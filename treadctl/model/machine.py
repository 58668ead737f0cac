"""The machine as treadctl knows it: what it says of itself, what it was seen to do, and what that permits.

A `Record` holds only what commissioning measured or the owner attested. A machine without a complete record may be
observed and commissioned, never driven: nobody walks on what was not seen to stop.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from .units import Incline, Ms, Speed


@dataclass(frozen=True, slots=True)
class SpeedRange:
    """Supported Speed Range 2AD4 in 0.01 km/h: what may be *set*; a starting belt reports less."""

    minimum: Speed
    maximum: Speed
    increment: Speed

    @property
    def sane(self) -> bool:
        return 0 < self.minimum < self.maximum and 0 < self.increment <= self.maximum - self.minimum


@dataclass(frozen=True, slots=True)
class InclineRange:
    """Supported Inclination Range 2AD5 in 0.1 %."""

    minimum: Incline
    maximum: Incline
    increment: int

    @property
    def sane(self) -> bool:
        return self.minimum <= 0 < self.maximum and 0 < self.increment <= self.maximum - self.minimum


class Manual(Enum):
    """What the maker's manual says about walking backward, attested by the owner."""

    ALLOWS = "allows"
    SILENT = "silent"
    FORBIDS = "forbids"


class Backward(Enum):
    """What the record permits for backward belt walking; the README has it as a table."""

    YES = "yes"
    MINIMUM_ONLY = "at the machine's minimum only"
    SPOTTER_STARTS = "with a spotter at the console"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Record:
    """What commissioning learnt of one machine and firmware. None means: not measured, and so not known.

    Lags are milliseconds. `stop_lag` is Stop to measured standstill from 2 km/h; `lag` is command to first effect.
    `control` False: nothing obeys, so a person at the console does what treadctl tells. `told` is the speed range that
    the machine claimed when it was learnt. `runs_on`: the belt goes on when its link is lost. `learnt` is the day of
    commissioning, an ISO date.
    """

    address: str = ""
    name: str = ""
    firmware: str = ""
    speed: SpeedRange | None = None
    incline: InclineRange | None = None
    start_speed: Speed | None = None
    start_lag: Ms | None = None
    lag: Ms | None = None
    stop_lag: Ms | None = None
    sample_interval: Ms | None = None
    samples_at_standstill: bool | None = None
    remote_start: bool | None = None
    stop_works: bool | None = None
    units_read_by_owner: bool = False
    pause_proven: bool = False
    resume_speed: Speed | None = None
    counts_itself: Ms = 0
    ramp: int | None = None
    manual: Manual | None = None
    rails_facing_away: bool | None = None
    dead_mill_attested: bool = False
    sends_distance: bool = True
    control: bool = True
    told: SpeedRange | None = None
    runs_on: bool | None = None
    learnt: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still to be measured before the machine may be driven."""
        watched = {
            "sample interval": self.sample_interval, "samples at standstill": self.samples_at_standstill,
            "units read off the console": self.units_read_by_owner or None,
        }
        driven = {
            "speed range": self.speed, "start speed": self.start_speed, "stop": self.stop_works,
            "stop lag": self.stop_lag, "start": self.remote_start, "manual": self.manual,
            "rails reachable facing away": self.rails_facing_away, "ramp": self.ramp,
        }
        must = {**driven, **watched} if self.control else watched
        return tuple(name for name, value in must.items() if value is None)

    @property
    def complete(self) -> bool:
        return not self.missing


STOP_LAG_MAX: Ms = 6000
START_SPEED_MAX = Speed(120)
INCREMENT_MAX = Speed(20)
SAMPLE_INTERVAL_MAX: Ms = 1500
COARSE = "this machine's speed steps are coarser than 0.2 km/h"
RAMP_MAX = 60
"""0.6 km/h per s, in 0.01 km/h per s: a machine that itself ramps steeper is refused for backward walking."""


def backward_permission(record: Record) -> tuple[Backward, str]:
    """What this record permits backward, and the reason (empty for YES). An incomplete record permits nothing."""
    if record.missing:
        return Backward.NO, "not measured yet: " + ", ".join(record.missing) + "; commission it first"
    if not record.control:
        return Backward.NO, "nothing on it obeys treadctl: it tells, you press, and walk forward"
    for bad, reason in _forbidding(record):
        if bad:
            return Backward.NO, reason
    if record.remote_start is False:
        return Backward.SPOTTER_STARTS, "this machine cannot be started by remote: a spotter presses start"
    assert record.speed is not None
    if record.speed.increment > INCREMENT_MAX:
        return Backward.MINIMUM_ONLY, COARSE
    return Backward.YES, ""


def _forbidding(record: Record) -> tuple[tuple[bool, str], ...]:
    assert record.speed is not None and record.start_speed is not None and record.stop_lag is not None
    assert record.sample_interval is not None and record.ramp is not None
    return (
        (not record.speed.sane, "its speed range makes no sense; commission it again"),
        (record.manual is Manual.FORBIDS, "its manual forbids walking backward"),
        (not record.rails_facing_away, "no rail or handle is reachable facing away"),
        (not record.stop_works, "its belt cannot be stopped by remote"),
        (record.stop_lag > STOP_LAG_MAX, "it takes longer than 6 s to stop"),
        (record.speed.minimum > START_SPEED_MAX, "its lowest speed is above 1.2 km/h"),
        (record.start_speed > START_SPEED_MAX, "it starts faster than 1.2 km/h"),
        (record.sample_interval > SAMPLE_INTERVAL_MAX, "its samples are more than 1.5 s apart"),
        (not record.samples_at_standstill, "it falls silent at standstill"),
        (record.ramp > RAMP_MAX, "it speeds up faster than 0.6 km/h per second"),
    )


@dataclass(frozen=True, slots=True)
class Features:
    """Fitness Machine Feature 2ACC: two raw words. Bits are claims, never proof."""

    machine: int = 0
    target: int = 0

    @property
    def speed_target(self) -> bool:
        return bool(self.target & 1)

    @property
    def incline_target(self) -> bool:
        return bool(self.target & 2)


@dataclass(frozen=True, slots=True)
class LinkInfo:
    """What a fresh link told about the machine before anything was written to it. Text is already safe to show.

    `hints`: what is known of this kind of machine from elsewhere, for its owner.
    """

    address: str
    name: str = ""
    maker: str = ""
    model: str = ""
    firmware: str = ""
    simulated: bool = False
    features: Features = field(default_factory=Features)
    speed: SpeedRange | None = None
    incline: InclineRange | None = None
    control: bool = True
    hints: tuple[str, ...] = ()
