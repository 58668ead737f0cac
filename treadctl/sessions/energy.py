"""What a walk cost, as a range: an estimate made of speed, incline and direction, with what it rests on.

Forward the equation of the American College of Sports Medicine for walking; backward a fit of ours between it and the
two values that the Compendium of Physical Activities gives for walking backward (codes 17320 and 17325). People differ,
and practice makes backward walking a fifth cheaper (Heath 2001), so nothing here is one number. The machine's own
kilocalories are not used: they assume forward. No health claim rests on any of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from treadctl.model.program import FLAT, Facing
from treadctl.model.units import Incline, Ms, Speed

MET = 3.5
"""Millilitres of oxygen per kg and minute at rest."""
LEAST_METS = 2.0
"""Chosen: what walking costs at least, however slow the belt."""
HORIZONTAL, VERTICAL = 0.1, 1.8
"""ACSM: oxygen per metre of way, and per metre of rise."""
BACKWARD_MORE = 0.0864
"""What walking backward adds per metre on the level: 6.0 METs at 5.63 km/h."""
GRADE, GRADE_LEAST = 4.5, 0.5
"""On a slope backward and forward draw nearer to each other: this reconciles the sources, and is no physiology."""
RANGES = {Facing.FORWARD: (0.90, 1.10), Facing.BACKWARD: (0.80, 1.25)}
KCAL = 5 / 1000
"""Kilocalories per millilitre of oxygen."""
STUDIED_FROM = Speed(300)
STEADY: Ms = 180_000
"""Below 3.0 km/h and in bouts of less than 3 minutes nothing was measured: there it is extrapolated."""


class Doubt(Enum):
    """What makes an estimate less than it looks. The value is the clause shown."""

    SLOW = "below 3.0 km/h"
    SHORT = "bouts of less than 3 minutes"
    NO_INCLINE = "the machine told no incline, so level ground is assumed"
    DOWNHILL = "downhill is reckoned as level ground"
    GAPS = "seconds without a measured speed are left out"


def oxygen(facing: Facing, speed: Speed, incline: Incline = FLAT) -> float:
    """Oxygen in mL per kg and minute by the equations alone. Downhill counts as level."""
    metres, grade = speed / 6, max(0, incline) / 1000
    more = BACKWARD_MORE * max(GRADE_LEAST, 1 - GRADE * grade) if facing is Facing.BACKWARD else 0.0
    return MET + (HORIZONTAL + more) * metres + VERTICAL * metres * grade


def mets(facing: Facing, speed: Speed, incline: Incline = FLAT) -> float:
    """The same in multiples of rest, never below the least while the belt moves."""
    return max(LEAST_METS, oxygen(facing, speed, incline) / MET)


@dataclass(frozen=True, slots=True)
class Spell:
    """So long one way at one speed and incline. `facing` None: standing; `speed` None: not measured."""

    length: Ms
    facing: Facing | None
    speed: Speed | None
    incline: Incline | None


@dataclass(slots=True)
class Energy:
    """Kilocalories per kg of body weight, least and most, of everything between the first and the last step.

    Gross: what lying still would have cost is in it.
    """

    least: float = 0.0
    most: float = 0.0
    ways: dict[Facing, tuple[float, float]] = field(default_factory=dict)
    doubts: set[Doubt] = field(default_factory=set)

    @property
    def extrapolated(self) -> bool:
        """Whether any of it lies outside what was ever measured."""
        return bool(self.doubts & {Doubt.SLOW, Doubt.SHORT})


def energy_of(spells: Iterable[Spell]) -> Energy:
    """What these spells cost, in order; a bout is a run of them that faces the same way."""
    total = Energy()
    bout: Ms = 0
    for spell in spells:
        if spell.speed is None:
            total.doubts.add(Doubt.GAPS)
        elif spell.facing is None or not spell.speed:
            bout = _ended(total, bout)
            _add(total, None, MET * KCAL * spell.length / 60_000)
        else:
            bout += spell.length
            _doubt(total, spell)
            cost = mets(spell.facing, spell.speed, spell.incline or FLAT) * MET * KCAL * spell.length / 60_000
            _add(total, spell.facing, cost)
    _ended(total, bout)
    return total


def _ended(total: Energy, bout: Ms) -> Ms:
    if 0 < bout < STEADY:
        total.doubts.add(Doubt.SHORT)
    return 0


def _doubt(total: Energy, spell: Spell) -> None:
    if spell.speed is not None and spell.speed < STUDIED_FROM:
        total.doubts.add(Doubt.SLOW)
    if spell.incline is None:
        total.doubts.add(Doubt.NO_INCLINE)
    elif spell.incline < 0:
        total.doubts.add(Doubt.DOWNHILL)


def _add(total: Energy, way: Facing | None, cost: float) -> None:
    low, high = (1.0, 1.0) if way is None else RANGES[way]
    total.least, total.most = total.least + low * cost, total.most + high * cost
    if way is not None:
        before = total.ways.get(way, (0.0, 0.0))
        total.ways[way] = (before[0] + low * cost, before[1] + high * cost)
