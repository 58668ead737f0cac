"""What a heart can do, by age: the highest rate that is assumed of it, and the zones that time is told in.

Rates are beats a minute. Formula: Tanaka 2001, 208 - 0.7 x age; nobody's own heart is measured here, and who takes
beta-blockers has another one.
"""

from __future__ import annotations

ZONE_PERCENTS = (57, 64, 77, 96)
"""Where the second zone and those after it begin, % of the highest rate (ACSM's classes of intensity, 10th edition)."""
ZONE_NAMES = ("very light", "light", "moderate", "vigorous", "near maximal")


def highest_tenths(age: int) -> int:
    """The highest rate, in tenths, so that shares of it are exact. `age` in years."""
    return 2080 - 7 * age


def zone_bounds(age: int | None) -> tuple[int, ...]:
    """The lowest rate of each zone but the first; empty where no age is known, because then there are no zones."""
    return () if age is None else tuple(-(-share * highest_tenths(age) // 1000) for share in ZONE_PERCENTS)


def zone_of(rate: int, bounds: tuple[int, ...]) -> int:
    """The zone of this rate, 0 for the lowest."""
    return sum(rate >= bound for bound in bounds)
