"""The heart of the simulated person: it follows the work of walking, with a delay, and never stands still.

Work by reference: walking forward costs 0.1 ml/kg/min of oxygen for each m/min (ACSM), walking backward on the level
0.1864 (a fit to Chaloupka 1997 and Flynn 1994; both are read here as shares of the whole range of this heart, because a
share of the reserve of oxygen is about the same share of the reserve of beats). Pure and seeded.
"""

from __future__ import annotations

import math
import random

from treadctl.model.heart import highest_tenths
from treadctl.model.program import Facing
from treadctl.model.units import Ms

REST, AGE = 70, 45
RESERVE = 28.0
"""ml/kg/min between rest and the most this person can do; chosen: untrained, middle-aged."""
COST = {Facing.FORWARD: 0.1, Facing.BACKWARD: 0.1864}
"""ml/kg/min for each m/min of speed, on the level."""
FOLLOWS: Ms = 40_000
"""Time constant. Chosen: after a change of light work a heart is near its new rate in about two minutes."""
WAVER = 2.0
"""Beats a minute, with the breath and at random (chosen)."""
BREATH: Ms = 5_000
METRES_A_MINUTE = 100 / 6 / 100
"""For each 0.01 km/h."""


class Pulse:
    """Call `at` with the true speed (0.01 km/h) and facing; times never go back."""

    def __init__(self, seed: int = 0) -> None:
        self._chance = random.Random(seed)
        self._mean = float(REST)
        self._last: Ms | None = None

    def at(self, now: Ms, speed: float, facing: Facing) -> int:
        """Beats a minute now."""
        gone = 0 if self._last is None else now - self._last
        self._last = now
        self._mean += (wanted(speed, facing) - self._mean) * (1 - math.exp(-gone / FOLLOWS))
        breath = math.sin(now / BREATH * 2 * math.pi)
        return round(self._mean + WAVER * (breath + self._chance.uniform(-0.5, 0.5)))


def wanted(speed: float, facing: Facing) -> float:
    """The rate that this speed leads to in the end."""
    share = COST[facing] * speed * METRES_A_MINUTE / RESERVE
    return REST + min(1.0, share) * (highest_tenths(AGE) / 10 - REST)
