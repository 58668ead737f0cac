"""The colours: readable in every theme, and apart for colour-blind eyes where that was asked for."""

from __future__ import annotations

from itertools import combinations

import pytest
from rich.color import Color, ColorSystem

from tests.tui.pictures import Colours, colours
from treadctl.clients.tui.canvas import Ink
from treadctl.files.config import CHOICES

THEMES = CHOICES["theme"]
DRAWN = {Ink.PAST_FORWARD, Ink.PAST_BACKWARD}
"""Inks of pictures, in which nothing is written."""
MEANINGS = (Ink.FORWARD, Ink.BACKWARD, Ink.NEXT, Ink.ALARM, Ink.DIGITS, Ink.GOOD)
SIGHT = {
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
}
"""What is left of linear red, green and blue: Machado, Oliveira and Fernandes 2009, severity 1."""
APART = 20
"""Distance in CIELAB that two marks are told apart by at a glance (chosen: some ten times what is just seen)."""


def linear(colour: str) -> tuple[float, float, float]:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return r, g, b


def contrast(one: str, other: str) -> float:
    """As the Web Content Accessibility Guidelines 2.2 count it."""
    lights = sorted(sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear(c), strict=True)) for c in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def seen(colour: str, sight: str) -> tuple[float, float, float]:
    """In CIELAB, with these eyes."""
    rgb = linear(colour)
    r, g, b = (max(0.0, sum(w * p for w, p in zip(row, rgb, strict=True))) for row in SIGHT[sight])
    x, y, z = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505, 0.2126 * r + 0.7152 * g + 0.0722 * b, (
        0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089  # fmt: skip
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_has_every_ink(theme: str) -> None:
    assert set(colours(theme)) == set(Ink)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", list(Ink))
def test_all_that_is_read_stands_out_from_its_ground(theme: str, ink: Ink) -> None:
    least = (7 if theme == "high-contrast" else 4.5) if ink not in DRAWN else 3 if theme == "high-contrast" else 2
    one = colours(theme)[ink]
    assert contrast(one.text, one.ground) >= least


@pytest.mark.parametrize("sight", list(SIGHT))
@pytest.mark.parametrize(("one", "other"), list(combinations(MEANINGS, 2)))
def test_no_two_meanings_are_one_colour_to_colour_blind_eyes(sight: str, one: Ink, other: Ink) -> None:
    inks = colours("colour-blind")
    apart = zip(seen(inks[one].text, sight), seen(inks[other].text, sight), strict=True)
    assert sum((a - b) ** 2 for a, b in apart) ** 0.5 >= APART


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", list(Ink))
def test_sixteen_colours_leave_everything_readable(theme: str, ink: Ink) -> None:
    one = colours(theme)[ink]
    assert sixteen(one.text) != sixteen(one.ground)


@pytest.mark.parametrize("theme", THEMES)
def test_forward_backward_and_alarm_stay_apart_in_sixteen_colours(theme: str) -> None:
    inks: dict[Ink, Colours] = colours(theme)
    assert len({sixteen(inks[ink].text) for ink in (Ink.FORWARD, Ink.BACKWARD, Ink.ALARM)}) == 3


def sixteen(colour: str) -> int | None:
    return Color.parse(colour).downgrade(ColorSystem.STANDARD).number
