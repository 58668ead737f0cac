"""Entries of a session file, one JSON line each: what history, report and export read after the walk.

The file begins with an `Opened`, holds `SampleEntry` once a second and `EventEntry` for everything that happened, and
ends with a `Closed`. A file without its `Closed` was cut off and is opened as recovered. Times are ms since `Opened`.
"""

from __future__ import annotations

from dataclasses import dataclass

from .program import Facing, Program
from .units import Incline, Ms, Speed

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Opened:
    """First line. `started` is wall-clock UTC, ISO 8601; it labels, it never controls."""

    session: str
    started: str
    version: str
    machine: str
    simulated: bool
    program: Program
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class SampleEntry:
    """One second: what was wished and what was measured. None: not known."""

    at: Ms
    speed: Speed | None
    target: Speed | None
    incline: Incline | None
    distance_m: float
    facing: Facing | None
    heart_rate: int | None
    segment: int | None


@dataclass(frozen=True, slots=True)
class EventEntry:
    """Something that happened: `kind` is a short stable word ("start", "stop", "say", "turn", "fault", …)."""

    at: Ms
    kind: str
    text: str = ""
    segment: int | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """How the session ended: figures for the after-walk screen. Times in ms, distances in metres.

    `pain_before`: 0 to 10, as told before the walk; None where it was not asked. `top_heart`: the highest heart rate,
    None where none was measured; `zones`: the time in each zone of `model.heart`, empty without an age.
    """

    finished: bool
    reason: str
    walked: Ms
    forward: Ms
    backward: Ms
    forward_m: float
    backward_m: float
    bouts: int
    top_backward: Speed
    exit_code: int = 0
    file: str = ""
    pain_before: int | None = None
    top_heart: int | None = None
    zones: tuple[Ms, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """Last line: the session ended on purpose."""

    at: Ms
    summary: Summary


Entry = Opened | SampleEntry | EventEntry | Closed
