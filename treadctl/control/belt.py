"""What is known of the belt, from samples alone. Silence is unknown, never stopped.

This picture judges nothing and commands nothing; the Supervisor does. "Still" is what may be
called STOPPED: at most 0.1 km/h for at least 3 samples and 3 s, distance not growing, incline steady.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from treadctl.model.api import Belt
from treadctl.model.units import Incline, Ms, Speed

ZERO = Speed(10)
"""0.1 km/h: at most this counts as zero."""
FASTEST = 3000
"""30 km/h; chosen: the fastest treadmills run 25."""
STILL_SAMPLES = 3
BURST = 4
BURST_MS: Ms = 50
STILL_MS: Ms = 3000
AFTER_GAP: Ms = 200
"""Chosen: samples that were held up all arrive within 50 ms of each other."""
METRE_MS = 360_000
"""At 0.01 km/h a metre takes 360,000 ms: distance in whole metres shows motion only after one."""
FALSE_ZERO_WITHIN: Ms = 15_000
"""Chosen: two metres in this time are 0.5 km/h, the slowest that machines run."""
FALSE_ZERO_MAX: Ms = 10_000
"""Chosen: a belt that crept before it stopped is believed after this long."""
STALE_MS: Ms = 1500
"""Older than this: no rises (FTMS says "typically once per second")."""
LOST_MS: Ms = 3000
"""Older than this: nothing is known any more."""


class Sample(NamedTuple):
    """One decoded measurement with its arrival time. None: the machine did not send that field."""

    at: Ms
    speed: Speed
    distance_m: int | None = None
    incline: Incline | None = None
    heart_rate: int | None = None


def plausible(speed: Speed | None) -> bool:
    """What no belt can run is no measurement: it counts as silence (invariant I8)."""
    return speed is not None and speed <= FASTEST


class BeltPicture:
    """Samples in, knowledge out. Times are ms of one monotonic clock.

    `explained` is set from outside: a zero would be no surprise, because a stop was asked for or nothing was started.
    """

    def __init__(self, born: Ms | None = None) -> None:
        """`born`: since when samples are waited for; None: there is no link."""
        self._born = born
        self.sample: Sample | None = None
        self.distance_m = 0
        self.incline: Incline | None = None
        self.explained = True
        self._last_speed = 0
        self._zero_metres: deque[tuple[Ms, int]] = deque(maxlen=8)
        self._still_since: Ms | None = None
        self._still_count = 0
        self._recent: deque[Sample] = deque(maxlen=8)
        self._gap_at: Ms | None = None

    def observe(self, sample: Sample) -> None:
        """Take in a new sample; samples arrive in order of time."""
        before = self.sample
        if before is not None and sample.at - before.at > STALE_MS:
            self._gap_at = sample.at
        moved = self._count_distance(before, sample)
        tilted = sample.incline is not None and self.incline is not None and sample.incline != self.incline
        if sample.incline is not None:
            self.incline = sample.incline
        if sample.speed > ZERO:
            self._last_speed = int(sample.speed)
            self._zero_metres.clear()
        if sample.speed > ZERO or moved:
            self._still_since, self._still_count = None, 0
        elif self._still_since is None or tilted or self._gap_before(sample):
            self._still_since, self._still_count = sample.at, 1
        else:
            self._still_count += 1
        self.sample = sample
        self._recent.append(sample)

    def _count_distance(self, before: Sample | None, sample: Sample) -> bool:
        """Add the machine's own distance by differences: it may fall back to 0. True when it grew."""
        if before is None or before.distance_m is None or sample.distance_m is None:
            return False
        grown = sample.distance_m - before.distance_m
        if 0 < grown < 100:  # chosen: no walker covers 100 m between two samples, so a larger jump is a reset or a lie
            self.distance_m += grown
            if sample.speed <= ZERO:
                self._zero_metres.append((sample.at, grown))
        return grown > 0

    def _gap_before(self, sample: Sample) -> bool:
        """Standstill that nobody watched proves nothing: a silence begins the count anew."""
        return self.sample is not None and sample.at - self.sample.at > LOST_MS

    @property
    def false_zero(self) -> bool:
        """The distance grows although the speed is told as zero (hazard B8); one metre may be rounding.

        A belt that creeps at 0.1 km/h takes 36 s for a metre: that is still, and no false zero.
        """
        if not self._zero_metres or self.sample is None:
            return False
        return sum(metres for at, metres in self._zero_metres if self.sample.at - at <= FALSE_ZERO_WITHIN) >= 2

    @property
    def speed(self) -> Speed | None:
        return None if self.sample is None else self.sample.speed

    def age(self, now: Ms) -> Ms | None:
        """Time since the last sample, None when there was none."""
        return None if self.sample is None else now - self.sample.at

    def silence(self, now: Ms) -> Ms:
        """How long no sample came, also when none ever did; 0 without a link."""
        since = self._born if self.sample is None else self.sample.at
        return 0 if since is None else now - since

    def fresh(self, now: Ms) -> bool:
        """A sample of now. Of a burst nobody knows how old it is: stalled samples all arrive at once (hazard A10)."""
        return self.sample is not None and now - self.sample.at <= STALE_MS and not self._burst

    def steady(self, now: Ms) -> bool:
        """Fresh, and not only the first sample after a gap: that one may have waited somewhere (hazard A10)."""
        return self.fresh(now) and (self._gap_at is None or now - self._gap_at >= AFTER_GAP)

    @property
    def _burst(self) -> bool:
        return len(self._recent) >= BURST and self._recent[-1].at - self._recent[-BURST].at < BURST_MS

    def state(self, now: Ms) -> Belt:
        """STILL and MOVING are measured; everything else is UNKNOWN and means that the belt may move."""
        sample, since = self.sample, self._still_since
        if sample is None or now - sample.at > LOST_MS:
            return Belt.UNKNOWN
        if sample.speed > ZERO:
            return Belt.MOVING
        if since is not None and self._still_count >= STILL_SAMPLES and sample.at - since >= self._still_ms():
            return Belt.STILL
        return Belt.UNKNOWN

    def _still_ms(self) -> Ms:
        """A zero that nobody asked for may be false (hazard B8): distance has to stand for a metre's time and 1 s."""
        if self.explained:
            return STILL_MS
        if self._zero_metres:  # something moved while the speed was told as zero
            return FALSE_ZERO_MAX
        if not self._last_speed:
            return STILL_MS
        return min(FALSE_ZERO_MAX, max(STILL_MS, METRE_MS // self._last_speed + 1000))

    def still(self, now: Ms) -> bool:
        return self.state(now) is Belt.STILL

    @property
    def falling(self) -> bool:
        """The last sample was slower than the one before it."""
        return len(self._recent) >= 2 and self._recent[-1].speed < self._recent[-2].speed

    def deadline(self) -> Ms | None:
        """When silence alone changes what is known."""
        since = self._born if self.sample is None else self.sample.at
        return None if since is None else since + LOST_MS + 1
