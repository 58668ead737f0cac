"""Speeds as people read them: exact, never above a limit, and nowhere else than where people read."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.moments import SEGMENTS
from treadctl.clients.reading import Units, in_units, limit_words, speed_words
from treadctl.files.profile import find_profile, load_profile
from treadctl.model.fitting import fitted
from treadctl.model.limits import check, level_limits
from treadctl.model.person import Level
from treadctl.model.portrait import reached
from treadctl.model.portrait import speed_words as top_words
from treadctl.model.program import expand, totals
from treadctl.model.units import MPH_IN_KMH, Speed

MILE = Fraction(MPH_IN_KMH)
speeds = st.integers(0, 0xFFFF)


@given(speeds)
def test_a_limit_is_never_shown_above_the_real_one(speed: int) -> None:
    assert Fraction(limit_words(speed, Units.MPH)) * MILE * 100 <= speed
    assert Fraction(limit_words(speed, Units.KMH)) * 100 <= speed
    shown = in_units(f"the limit is {Speed(speed)} km/h", Units.MPH)
    assert Fraction(shown.removeprefix("the limit is ").removesuffix(" mph")) * MILE * 100 <= speed


@given(speeds)
def test_a_measured_speed_is_the_nearest_tenth(speed: int) -> None:
    assert abs(Fraction(speed_words(speed, Units.MPH)) * MILE * 100 - speed) <= MILE * 5


@given(st.text())
def test_km_h_is_left_as_it_is(text: str) -> None:
    assert in_units(text, Units.KMH) == text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("walks 3.0 km/h backward", "walks 1.86 mph backward"),
        ("1.0 to 1.4 km/h", "0.62 to 0.86 mph"),
        ("up to 2.5 km/h", "up to 1.55 mph"),
        ("backward    1.0 km/h   0.0 %", "backward   0.62 mph   0.0 %"),
        ("Faster, to 2.0.", "Faster, to 1.2."),
        ("slower, to 1.0", "slower, to 0.6"),
        ("you are at level 1 (1.8)", "you are at level 1 (1.11)"),
        ("climbs 3.0 %; the limit is 2.0 % (level 1)", "climbs 3.0 %; the limit is 2.0 % (level 1)"),
        ("the limit is 1:00 (level 0)", "the limit is 1:00 (level 0)"),
        ("it reads km/h as miles", "it reads km/h as miles"),
        ("v1.2.3 km/h", "v1.2.3 km/h"),
    ],
)
def test_sentences_are_read_in_miles(text: str, read: str) -> None:
    assert in_units(text, Units.MPH) == read


@pytest.mark.parametrize("name", ["demo", "one-in-ten", "walk-plus-10", "incline-20"])
def test_no_sentence_of_a_profile_keeps_a_speed_in_km_h(name: str) -> None:
    program = load_profile(find_profile(name))
    segments = expand(program)
    said = [problem.text for problem in check(segments, level_limits(Level.L0))]
    said += [*fitted(program, level_limits(Level.L0))[1], *reached(program, level_limits(program.level))]
    said.append(top_words(totals(segments)))
    tops = {str(s.speed) for s in segments if hasattr(s, "speed")} | {"1.2", "4.0"}
    for text in said:
        read = in_units(text, Units.MPH)
        assert "km/h" not in read
        bare = read.replace(" %", "%").split()
        assert not [word for word in bare if word.strip("(),;.") in tops and "%" not in word], read


def test_the_program_itself_knows_no_miles() -> None:
    assert all("mph" not in repr(segment) for segment in SEGMENTS)
