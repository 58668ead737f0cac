"""What a dry run found: plain values that print, draw and dump as JSON. No judgement is made here."""

from __future__ import annotations

from dataclasses import dataclass

from treadctl.model.program import Facing
from treadctl.model.units import Ms, Speed

from .picture import draw


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `kind`: say, tone, command, event, walker, link, refused or notice."""

    at_ms: Ms
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One question about the walker, answered."""

    name: str
    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """The belt at one moment: true speed and target in 0.01 km/h, and how the walker really faced."""

    at_ms: Ms
    speed: int
    target: Speed | None
    facing: Facing


@dataclass(frozen=True, slots=True)
class Report:
    """One dry run. `walked_ms` is the time on the moving belt, `wall_ms` all of it, in virtual time.

    `exit_code` is that of the session, as `run` would have ended with it; of a walk that a fault forbade, 5.
    """

    program: str
    quirk: str
    seed: int
    ok: bool
    timeline: tuple[Line, ...]
    verdicts: tuple[Verdict, ...]
    samples: tuple[Point, ...]
    walked_ms: Ms
    wall_ms: Ms
    exit_code: int = 0

    def svg(self) -> str:
        """The timeline as a picture."""
        return draw(self)
