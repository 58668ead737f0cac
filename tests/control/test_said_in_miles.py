"""Speeds as they are said: in miles an hour with their unit, and no two speeds of one programme under one name."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.control.bench import Bench
from tests.control.rig import PRACTISED, B, F, Rig
from tests.control.test_foretold import prepared
from tests.control.test_guide_mode import Guide
from treadctl.control import events as ev
from treadctl.control.core import Core
from treadctl.control.cueing import KMH, Scale, scale_of, segment_cues, set_words, speed_words
from treadctl.control.prompts import PRESS_START
from treadctl.files.profile import check_profile, find_profile, shipped_profiles
from treadctl.model import api
from treadctl.model.limits import HARD_FORWARD
from treadctl.model.program import Program, Walk, expand
from treadctl.model.speech import spoken
from treadctl.model.units import MPH_IN_KMH, Speed, Units, figure

MILES = Scale(Units.MPH)
MILE = Fraction(MPH_IN_KMH) * 100
GRIDS = st.sampled_from([2, 5, 10, 16, 20, 50])
"""Increments in 0.01 km/h: of machines known here (0.1 and coarser), and finer ones."""


R = TypeVar("R", bound=Rig)


def in_miles(rig: R) -> R:
    """The same rig for somebody who reads and hears miles."""
    rig.core = Core(ev.Context(
        "rig", "0", today="2026-01-31", person=PRACTISED, checked=True, reached=True, units=Units.MPH
    ))
    return rig


@given(GRIDS, st.lists(st.integers(1, 400), min_size=1, max_size=40), st.sampled_from(Units))
def test_no_two_speeds_of_a_programme_sound_the_same(grid: int, steps: list[int], units: Units) -> None:
    """In km/h for steps of 0.1 km/h and more; what differs by less is said as the nearest tenth, as consoles do."""
    grid = max(grid, 10) if units is Units.KMH else grid
    speeds = sorted({Speed(n * grid) for n in steps if n * grid <= HARD_FORWARD})
    scale = scale_of([Walk(F, 60, speed) for speed in speeds], units)
    named = [spoken(scale.named(speed)) for speed in speeds]
    assert len(set(named)) == len(speeds)
    figures = [Fraction(scale.named(speed).split()[0]) for speed in speeds]
    assert figures == sorted(figures), "faster never sounds slower"


@given(st.integers(0, 0xFFFF), st.integers(1, 2))
def test_a_speed_is_the_nearest_number_of_its_places(speed: int, places: int) -> None:
    said = Fraction(figure(speed, Units.MPH, places))
    assert abs(said * MILE - speed) <= MILE / (2 * 10**places)
    assert len(figure(speed, Units.MPH, places).split(".")[1]) == places


def test_every_speed_that_is_written_in_miles_is_said_as_it_was_written() -> None:
    for tenths in range(1, 50):
        speed = Speed(round(tenths * float(MILE) / 10))
        assert figure(speed, Units.MPH) == f"{tenths / 10:.1f}" and figure(speed, Units.MPH, 2) == f"{tenths / 10:.2f}"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (speed_words(Speed(193), 80, MILES), "Faster, to one point two miles an hour."),
        (speed_words(Speed(161), 300, MILES), "Slower, to one point zero miles an hour."),
        (set_words(250, MILES), "At the console: one point six miles an hour."),
        (speed_words(Speed(110), 80, Scale(Units.MPH, 2)), "Faster, to zero point six eight miles an hour."),
        (speed_words(Speed(250), 80), "Faster, to two point five."),
        (set_words(250, KMH), "At the console: two point five."),
    ],
)
def test_a_speed_is_read_out_as_people_say_it(text: str, read: str) -> None:
    assert spoken(text) == read


def test_tenths_are_said_unless_two_speeds_would_be_one() -> None:
    one, other = Walk(B, 60, Speed(110)), Walk(B, 60, Speed(120))
    assert scale_of([one, Walk(F, 60, Speed(200)), one], Units.MPH) == MILES
    assert scale_of([one, other], Units.MPH) == Scale(Units.MPH, 2)
    assert scale_of([one, other], Units.KMH) == KMH == scale_of([Walk(F, 60, Speed(201)), one], Units.KMH)


@pytest.mark.parametrize("path", shipped_profiles(), ids=lambda path: path.stem)
def test_no_shipped_programme_says_two_speeds_in_the_same_words(path: object) -> None:
    segments = expand(check_profile(find_profile(getattr(path, "stem", "")))[0])
    scale = scale_of(segments, Units.MPH)
    cues = [
        cue for n, walk in enumerate(segments) if isinstance(walk, Walk)
        for cue in segment_cues(segments, n, 0, True, Speed(80), scale) if cue.target and "to" in cue.text
    ]
    assert len({cue.target for cue in cues}) == len({cue.text.split(",")[1] for cue in cues})
    assert all(cue.text.endswith(" mph.") for cue in cues)


def test_a_walk_says_miles_and_everything_else_as_ever() -> None:
    rigs = [in_miles(Rig()), Rig(person=PRACTISED)]
    for rig in rigs:
        rig.walking().run(70_000)
    miles, kilometres = ([text for _, text in rig.said] for rig in rigs)
    assert "Faster, to 1.2 mph." in miles and "Faster, to 2.0." in kilometres
    assert [text for text in miles if "aster" not in text] == [text for text in kilometres if "aster" not in text]
    assert {text for text in miles if "aster" in text} <= set(prepared(rigs[0]))
    assert [wrote.data for wrote in rigs[0].writes] == [wrote.data for wrote in rigs[1].writes]


def test_two_speeds_a_step_apart_are_told_apart_on_a_walk() -> None:
    rig = in_miles(Rig()).walking(Program("close", (Walk(F, 60, Speed(110)), Walk(F, 60, Speed(120)))))
    rig.until(lambda: bool(rig.heard("Faster, to 0.75 mph.")))
    assert rig.heard("Faster, to 0.68 mph.")


def test_a_rise_that_comes_late_is_announced_in_miles_too() -> None:
    rig = in_miles(Rig()).holding()
    rig.speaks = False
    rig.run(20_000)
    rig.speaks = True
    rig.until(lambda: any((wrote.speed or 0) > 80 for wrote in rig.speeds))
    assert len(rig.heard("Faster, to 1.2 mph.")) > 1 and not rig.heard("Faster, to 2.0.")


def test_the_two_easy_minutes_home_are_said_in_miles() -> None:
    rig = in_miles(Rig()).walking()
    rig.press()
    rig.phase(api.Phase.HALTED)
    said = len(rig.said)
    rig.ask(api.Answer("facing", "c"))
    rig.ask(api.Answer("halted", "f"))
    rig.confirm().phase(api.Phase.WALKING)
    assert "Faster, to 1.2 mph." in [text for _, text in rig.said[said:]]


def test_hands_at_a_console_are_told_miles_again_and_again() -> None:
    guide = in_miles(Guide())
    guide.console = False
    guide.loaded().until(lambda: bool(guide.heard(PRESS_START)))
    guide.start_at_console()
    guide.until(lambda: len(guide.heard("At the console: 1.2 mph.")) == 2, 60_000)
    assert not guide.heard("At the console: 2.0.")


def test_a_machine_is_learnt_in_miles() -> None:
    bench = in_miles(Bench()).commissioned()
    assert bench.heard("Faster, to 0.6 mph.") and bench.heard("Faster, to 1.2 mph.") and bench.learnt is not None
    assert [wrote.speed for wrote in bench.speeds] == [80, 100, 110, 200]


def test_a_machine_that_only_its_console_drives_is_learnt_in_miles() -> None:
    bench = in_miles(Bench(control=False))
    bench.begin_commissioning().until(lambda: bool(bench.heard("At the console: 1.2 mph.")), 600_000)
