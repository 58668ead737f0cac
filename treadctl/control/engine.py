"""The engine walks an expanded program: where we are, what speed and incline are wished, which cues are due.

It knows nothing of machines or faults. Its clock advances only when told that the walk goes on (belt confirmed moving,
or a segment that stands still), so a countdown, a turn or a planned ease costs no walking time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from treadctl.model.api import Next
from treadctl.model.program import TURN_NOMINAL, Facing, Segment, Turn, Walk, bouts, incline_of
from treadctl.model.units import Incline, Ms, Speed

from .cueing import KMH, Cue, Scale, headline, incline_words, segment_cues, speed_words

LEVEL_PER_TENTH: Ms = 500
"""Incline falls 1 % in 5 s (chosen), so 0.1 % takes 500 ms."""
LEVEL_SLACK: Ms = 4_000
HOME_SECONDS = 120
HOME_SPEED = Speed(200)
"""Two easy minutes forward after an unplanned stop: never counted against caps."""


@dataclass(frozen=True, slots=True)
class Setpoint:
    """What is wished for the belt now."""

    facing: Facing
    speed: Speed
    incline: Incline


class Engine:
    """Position in a program. `minimum` is the machine's lowest speed, where every walk begins; `scale` is for cues."""

    def __init__(self, segments: Sequence[Segment], minimum: Speed, scale: Scale = KMH) -> None:
        self.segments = tuple(segments)
        self.minimum, self.scale = minimum, scale
        self.walked: Ms = 0
        self.bout = 0
        self._last: Ms | None = None
        self.bouts = sum(1 for bout in bouts(segments) if bout[0].facing is Facing.BACKWARD)
        self.to_walk: Ms = sum(s.seconds for s in segments if not isinstance(s, Turn)) * 1000
        self._at(0)

    def _at(self, index: int) -> None:
        """At the begin of this segment: what stays the same in all of it is worked out here."""
        segment, following = [*self.segments[index:index + 2], None, None][:2]
        self.index, self.segment, self.following = index, segment, following
        self.elapsed: Ms = 0
        self.length: Ms = 0 if segment is None or isinstance(segment, Turn) else segment.seconds * 1000
        self._cues: tuple[Cue, ...] = ()
        self._setpoints = _setpoints(segment, following)
        self._change = _change_words(segment, following)
        self._turns = TURN_NOMINAL * sum(isinstance(s, Turn) for s in self.segments[index + 1:])

    @property
    def left(self) -> Ms:
        return self.length - self.elapsed  # never negative: `step` goes no further than the end

    @property
    def over(self) -> bool:
        """The time of this segment is up."""
        return self.elapsed >= self.length

    def begin(self, now: Ms) -> None:
        """The belt began to move (or the standing segment began): the clock of this segment runs from here."""
        self._last = now
        walk = self.segment
        if isinstance(walk, Walk):
            self._cues = segment_cues(self.segments, self.index, self.elapsed, True, self.minimum, self.scale)
            if walk.facing is Facing.BACKWARD and self.elapsed == 0:
                self.bout += 1

    def step(self, now: Ms, running: bool) -> list[Cue]:
        """Advance the clock if `running`; the cues that became due."""
        gone = 0 if self._last is None else now - self._last
        self._last = now
        if running and self.segment is not None:
            gone = min(gone, self.left)
            self.elapsed += gone
            self.walked += gone
        return self._due(running) if self._cues and self._cues[0].at <= self.elapsed else []

    def _due(self, running: bool) -> list[Cue]:
        due = [cue for cue in self._cues if cue.at <= self.elapsed]
        self._cues = self._cues[len(due):]
        return due if running else []

    def advance(self) -> Segment | None:
        """Go to the next segment and return it. Within a bout its cues begin at once."""
        self._at(self.index + 1)
        if isinstance(self.segment, Walk):
            self._cues = segment_cues(self.segments, self.index, 0, False, self.minimum, self.scale)
        return self.segment

    def setpoint(self) -> Setpoint | None:
        """What is wished while walking; None where the belt has nothing to do."""
        if self._setpoints is None:
            return None
        wished, level, level_time = self._setpoints
        return level if self.left <= level_time else wished

    def next_change(self) -> Next | None:
        """The next change and the walking time to it."""
        return None if self.segment is None else Next(self._change, self.left)

    def next_facing(self) -> Facing | None:
        """The facing of the next walk from here on."""
        return next((s.facing for s in self.segments[self.index:] if isinstance(s, Walk)), None)

    def remaining(self) -> Ms:
        """Walking time left plus the nominal time of the turns to come."""
        return self.to_walk - self.walked + self._turns

    def deadline(self, now: Ms, running: bool) -> Ms | None:
        """When the next cue or the end of the segment is due, if the walk goes on."""
        if not running or self.segment is None:
            return None
        due = self.left
        if self._cues:
            due = min(due, self._cues[0].at - self.elapsed)
        return now + max(0, due)


def home_engine(before: Engine, minimum: Speed, limit: int) -> Engine:
    """Two easy minutes facing the console instead of the rest of the program."""
    speed = Speed(max(minimum, min(HOME_SPEED, limit)))
    engine = Engine((Walk(Facing.FORWARD, HOME_SECONDS, speed, name="Easy"),), minimum, before.scale)
    engine.walked, engine.to_walk = before.walked, before.walked + HOME_SECONDS * 1000
    engine.bout = before.bout
    return engine


def _setpoints(walk: Segment | None, after: Segment | None) -> tuple[Setpoint, Setpoint, Ms] | None:
    """What is wished in this walk, the same levelled, and how long before its end it is levelled (-1: never)."""
    if not isinstance(walk, Walk):
        return None
    incline = incline_of(walk)
    level_time = -1 if isinstance(after, Walk) else incline * LEVEL_PER_TENTH + LEVEL_SLACK
    return Setpoint(walk.facing, walk.speed, incline), Setpoint(walk.facing, walk.speed, Incline(0)), level_time


def _change_words(walk: Segment | None, after: Segment | None) -> str:
    if not isinstance(after, Walk):
        return headline(after)
    if not isinstance(walk, Walk):
        return "walk on"
    if after.speed != walk.speed:
        return speed_words(after.speed, walk.speed).rstrip(".").lower()
    if incline_of(after) != incline_of(walk):
        return incline_words(incline_of(after), incline_of(walk)).rstrip(".").lower()
    return "walk on"
