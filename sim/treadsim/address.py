"""The Bluetooth address of a simulated treadmill, the same for every face it has."""

from __future__ import annotations

import random

SIMULATED_PREFIX = "F0:00:00"
"""A random static address, so it can be nobody's machine."""


def simulated_address(seed: int) -> str:
    """Seed 0: one that no other simulated treadmill has, so that several may run at once. Else always the same."""
    chance: random.Random = random.Random(seed) if seed else random.SystemRandom()
    return ":".join([SIMULATED_PREFIX, *(f"{chance.randrange(256):02X}" for _ in range(3))])
