"""What goes into the session file: events as they happen, one sample a second, and the figures of the summary.

Distances are integrated from measured speed, both directions positive, because a machine's own counter may fall back
to 0 or be missing. The tally decides nothing.
"""

from __future__ import annotations

from typing import TypedDict, Unpack

from treadctl.model.api import Summary
from treadctl.model.heart import zone_of
from treadctl.model.program import Facing
from treadctl.model.records import Closed, EventEntry, Opened, SampleEntry
from treadctl.model.units import Incline, Ms, Speed

from .belt import LOST_MS, Sample
from .engine import Engine
from .events import Effect, Journal

SAMPLE_EVERY: Ms = 1000
METRES_PER_MS = 1 / 360_000
"""0.01 km/h for 1 ms is 1/360,000 m."""


class Wished(TypedDict):
    """The half of a sample line that the machine's sample does not tell."""

    target: Speed | None
    incline: Incline | None
    heart_rate: int | None
    facing: Facing | None
    segment: int | None


class Tally:
    """Collects entries as `Journal` effects into the core's outbox."""

    def __init__(self, out: list[Effect], bounds: tuple[int, ...] = ()) -> None:
        """`bounds` of the walker's heart-rate zones; empty: there are none."""
        self._out, self._bounds = out, bounds
        self._opened: Ms | None = None
        self._last_sample: Sample | None = None
        self._written_at: Ms = 0
        self.metres = {Facing.FORWARD: 0.0, Facing.BACKWARD: 0.0}
        self.walked_ms = {Facing.FORWARD: 0, Facing.BACKWARD: 0}
        self.top_backward = Speed(0)
        self.pain_before: int | None = None
        self._walked_before = 0
        self._file = ""
        self._beat_at: Ms = 0
        self.top_heart: int | None = None
        self.zones: tuple[Ms, ...] = (0,) * (len(bounds) + 1) if bounds else ()

    @property
    def open(self) -> bool:
        return self._opened is not None

    def begin(self, now: Ms, opened: Opened) -> None:
        """A session begins: a new file. The shell fills in the wall-clock time."""
        self._opened, self._written_at, self._file = now, now, f"{opened.session}.jsonl"
        self._out.append(Journal(opened))

    def event(self, now: Ms, kind: str, text: str = "", segment: int | None = None) -> None:
        if self._opened is not None:
            self._out.append(Journal(EventEntry(now - self._opened, kind, text, segment)))

    def measured(self, sample: Sample, facing: Facing | None) -> None:
        """Add the way between two samples to the direction walked."""
        before, self._last_sample = self._last_sample, sample
        if before is None or facing is None or self._opened is None or sample.at - before.at > LOST_MS:
            return
        self.metres[facing] += (before.speed + sample.speed) / 2 * (sample.at - before.at) * METRES_PER_MS
        if facing is Facing.BACKWARD:
            self.top_backward = max(self.top_backward, sample.speed)

    def walked(self, engine: Engine, facing: Facing | None) -> None:
        """Credit the walking time since the last call to the direction."""
        gone = max(0, engine.walked - self._walked_before)
        self._walked_before = engine.walked
        if gone and facing is not None:
            self.walked_ms[facing] += gone

    def heart(self, now: Ms, rate: int | None) -> None:
        """Credit the time since the last call to the zone of this rate (None: not known), while the session is open."""
        before, self._beat_at = self._beat_at, now
        if self._opened is None or rate is None:
            return
        gone = min(now - before, SAMPLE_EVERY)
        self.top_heart = max(rate, self.top_heart or 0)
        here = self.zone(rate)
        self.zones = tuple(spent + gone * (n == here) for n, spent in enumerate(self.zones))

    def zone(self, rate: int | None) -> int | None:
        """The zone of this rate; None where there are none."""
        return None if rate is None or not self._bounds else zone_of(rate, self._bounds)

    def sample(self, now: Ms, sample: Sample | None, **wished: Unpack[Wished]) -> None:
        """One line a second while the session is open."""
        if self._opened is None or now - self._written_at < SAMPLE_EVERY:
            return
        self._written_at = now - (now - self._written_at) % SAMPLE_EVERY
        fresh = sample if sample is not None and now - sample.at <= LOST_MS else None
        entry = SampleEntry(
            at=now - self._opened, speed=fresh.speed if fresh else None, distance_m=round(sum(self.metres.values()), 1),
            **wished,
        )
        self._out.append(Journal(entry))

    def summary(self, finished: bool, reason: str, bouts: int, code: int) -> Summary:
        forward, backward = self.walked_ms[Facing.FORWARD], self.walked_ms[Facing.BACKWARD]
        return Summary(
            finished=finished, reason=reason, walked=forward + backward, forward=forward, backward=backward,
            forward_m=round(self.metres[Facing.FORWARD], 1), backward_m=round(self.metres[Facing.BACKWARD], 1),
            bouts=bouts, top_backward=self.top_backward, exit_code=int(code), file=self._file,
            pain_before=self.pain_before, top_heart=self.top_heart, zones=self.zones,
        )

    def close(self, now: Ms, summary: Summary) -> None:
        if self._opened is not None:
            self._out.append(Journal(Closed(now - self._opened, summary)))
            self._opened = None

    def deadline(self) -> Ms | None:
        return None if self._opened is None else self._written_at + SAMPLE_EVERY
