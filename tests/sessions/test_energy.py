"""Energy: the equations against values worked out by hand, and what is said of their worth."""

from __future__ import annotations

import pytest

from treadctl.model.program import Facing
from treadctl.model.units import Incline, Speed, kmh
from treadctl.sessions.energy import Doubt, Spell, energy_of, mets, oxygen

F, B = Facing.FORWARD, Facing.BACKWARD
MINUTE = 60_000


@pytest.mark.parametrize(
    ("facing", "speed", "percent", "told"),
    [(F, "5.63", 0, 12.88), (B, "5.63", 0, 20.99), (B, "5.63", 5, 27.61), (B, "2.0", 0, 9.71), (F, "4.0", 5, 16.17)],
)
def test_oxygen_by_the_equations(facing: Facing, speed: str, percent: int, told: float) -> None:
    assert oxygen(facing, kmh(speed), Incline(percent * 10)) == pytest.approx(told, abs=0.005)


@pytest.mark.parametrize(
    ("speed", "told"),
    [
        ("1.0", (2.0, 2.0, 2.0, 2.2, 2.3, 2.6)), ("1.5", (2.0, 2.3, 2.4, 2.8, 3.0, 3.3)),
        ("2.0", (2.0, 2.8, 2.8, 3.5, 3.7, 4.1)), ("2.5", (2.2, 3.2, 3.3, 4.1, 4.3, 4.9)),
        ("3.2", (2.5, 3.8, 3.9, 4.9, 5.3, 6.0)), ("4.0", (2.9, 4.5, 4.6, 5.9, 6.3, 7.2)),
        ("4.8", (3.3, 5.3, 5.3, 6.9, 7.4, 8.5)), ("5.63", (3.7, 6.0, 6.1, 7.9, 8.5, 9.8)),
    ],
)  # fmt: skip
def test_multiples_of_rest_as_tabled(speed: str, told: tuple[float, ...]) -> None:
    """Forward and backward at 0, 5 and 10 %. Tabled values are rounded, one of them (3.447) upward."""
    found = [mets(way, kmh(speed), Incline(grade)) for grade in (0, 50, 100) for way in (F, B)]
    assert found == pytest.approx(told, abs=0.055)


def test_downhill_is_never_cheaper_than_level() -> None:
    assert mets(F, Speed(400), Incline(-100)) == mets(F, Speed(400))


def test_a_minute_each_way_is_a_range_per_kilogram() -> None:
    found = energy_of([Spell(MINUTE, F, kmh("4.0"), Incline(0)), Spell(MINUTE, B, kmh("2.0"), Incline(0))])
    # 10.1667 and 9.7133 mL/kg/min, 5 kcal a litre; 0.9 to 1.1 forward, 0.8 to 1.25 backward
    assert found.ways[F] == pytest.approx((0.04575, 0.05592), abs=1e-4)
    assert found.ways[B] == pytest.approx((0.03885, 0.06071), abs=1e-4)
    assert (found.least, found.most) == pytest.approx((0.0846, 0.1166), abs=1e-4)


def test_standing_costs_what_rest_costs_and_has_no_range() -> None:
    found = energy_of([Spell(MINUTE, None, Speed(0), Incline(0))])
    assert (found.least, found.most) == pytest.approx((0.0175, 0.0175))
    assert not found.ways


@pytest.mark.parametrize(
    ("spell", "doubts"),
    [
        (Spell(4 * MINUTE, B, Speed(320), Incline(0)), set()),
        (Spell(4 * MINUTE, B, Speed(299), Incline(0)), {Doubt.SLOW}),
        (Spell(2 * MINUTE, B, Speed(320), Incline(0)), {Doubt.SHORT}),
        (Spell(4 * MINUTE, B, Speed(320), None), {Doubt.NO_INCLINE}),
        (Spell(4 * MINUTE, F, Speed(320), Incline(-5)), {Doubt.DOWNHILL}),
        (Spell(4 * MINUTE, None, None, None), {Doubt.GAPS}),
    ],
)
def test_what_is_said_of_its_worth(spell: Spell, doubts: set[Doubt]) -> None:
    found = energy_of([spell])
    assert found.doubts == doubts
    assert found.extrapolated == bool(doubts & {Doubt.SLOW, Doubt.SHORT})


def test_a_standstill_ends_a_bout() -> None:
    half = Spell(2 * MINUTE, B, Speed(320), Incline(0))
    assert not energy_of([half, half]).doubts
    assert energy_of([half, Spell(1000, B, Speed(0), Incline(0)), half]).doubts == {Doubt.SHORT}
