"""The list of scenarios, and what they have in common.

A scenario is played on every face and comes back with what happened in a few words without times in them, so that two
runs can be compared letter by letter. The first line of its docstring is its row on the page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .face import Face

CONTROL, START, STOP = b"\x00", b"\x07", b"\x08\x01"
FASTER = b"\x02\x78\x00"
"""Set Target Speed, 1.20 km/h."""
SHORT_S = 1.0
ABSENT_S = 2.0
MOVES_S = 12.0
"""The reference machine starts after four seconds, and brakes within four more."""

Scenario = Callable[[Face], Awaitable[str]]
LISTED: list[Scenario] = []


def scenario(play: Scenario) -> Scenario:
    """List it."""
    LISTED.append(play)
    return play
