"""What the samples of an empty belt show: gaps, speeds, lags, ramps. Pure arithmetic on samples in order of time.

Times are ms, speeds 0.01 km/h, ramps 0.01 km/h per s. None means that these samples do not show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from treadctl.model.units import Ms, Speed

from .belt import ZERO, Sample
from .commanded import CHANGED

WINDOW: Ms = 900
"""A ramp is measured over about a second: between two neighbours the rounding of speeds and times would decide."""


def largest_gap(samples: Sequence[Sample], begin: Ms, end: Ms) -> Ms | None:
    """The longest time without a sample from `begin` to `end`; None when there was none at all."""
    times = [sample.at for sample in samples if begin <= sample.at <= end]
    if not times:
        return None
    marks = [begin, *times, end]
    return max(after - before for before, after in pairwise(marks))


def interval(samples: Sequence[Sample]) -> Ms | None:
    """The time between two samples that 19 of 20 neighbours keep; None for fewer than two.

    One sample in 20 may be lost anywhere: a machine is not slow because of that.
    """
    gaps = sorted(after.at - before.at for before, after in pairwise(samples))
    return gaps[(len(gaps) * 19 - 1) // 20] if gaps else None


def top(samples: Sequence[Sample]) -> Speed | None:
    """The highest speed."""
    return max((sample.speed for sample in samples), default=None)


def steady(samples: Sequence[Sample], since: Ms) -> Speed | None:
    """The speed that three or more samples since then agree about, within 0.05 km/h of each other."""
    speeds = sorted(sample.speed for sample in samples if sample.at >= since)
    if len(speeds) < 3 or speeds[-1] - speeds[0] > CHANGED:
        return None
    return speeds[len(speeds) // 2]


def first_change(samples: Sequence[Sample], at: Ms) -> Ms | None:
    """How long after `at` the speed first left what it was then."""
    before = [sample.speed for sample in samples if sample.at <= at]
    if not before:
        return None
    changed = (s.at - at for s in samples if s.at > at and abs(s.speed - before[-1]) > CHANGED)
    return next(changed, None)


def steepest(samples: Sequence[Sample]) -> int | None:
    """The steepest rise between two samples about a second apart."""
    pairs = ((a, b) for i, a in enumerate(samples) for b in samples[i + 1:] if WINDOW <= b.at - a.at < 2 * WINDOW + 200)
    return max(((b.speed - a.speed) * 1000 // (b.at - a.at) for a, b in pairs), default=None)


def to_zero(samples: Sequence[Sample], at: Ms) -> Ms | None:
    """How long after `at` the speed was zero for good."""
    zero: Ms | None = None
    for sample in samples:
        if sample.at > at:
            zero = None if sample.speed > ZERO else sample.at - at if zero is None else zero
    return zero


def first_after_gap(samples: Sequence[Sample]) -> Speed | None:
    """The first speed after the longest gap; None when there is no gap."""
    gaps = [(b.at - a.at, b.speed) for a, b in pairwise(samples)]
    return max(gaps, key=lambda gap: gap[0])[1] if gaps else None
