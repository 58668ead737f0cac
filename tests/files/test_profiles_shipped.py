"""The profiles that come with treadctl: right, gentle enough for a first walk, and found by name."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from treadctl.files.profile import check_profile, find_profile, judge, parse_profile, profile_schema, shipped_profiles
from treadctl.model.errors import InvalidFile
from treadctl.model.gates import gate_problems, gates_of
from treadctl.model.limits import effective_limits, level_limits
from treadctl.model.person import UNKNOWN_PERSON, Concern, Level, any_walker
from treadctl.model.program import Facing, Gate, Problem, Program, Segment, Turn, Walk, expand, expected_ms, totals
from treadctl.model.units import Speed

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests" / "fixtures" / "format-example.yaml"


def _shipped(name: str) -> Program:
    return check_profile(find_profile(name))[0]


def _walks(segments: tuple[Segment, ...]) -> list[tuple[str, float, int]]:
    """Direction, km/h and seconds of every walk."""
    return [(s.facing.value[0].upper(), s.speed / 100, s.seconds) for s in segments if isinstance(s, Walk)]


# As the programmes were first published: level, seconds with 45 for each turn, seconds backward, turns, longest bout.
PUBLISHED = """
first-steps              0   990   180  6   60
one-in-ten               0   690    60  2   60
five-minutes             1   780   300  2  120
walk-plus-5              1  1650   300  2  120
walk-plus-10             2  1560   600  4  300
alternate-2x2            2  1560   480  8  120
ten-for-balance          1  1050   360  2   90
knee-care-10             2  1230   600  2  300
hamstring-15             2  1410   900  2  300
incline-steps            2  1170   600  2  300
warm-up-5                2   480   300  1  300
four-week-30-w1          2  1350   720  2  240
four-week-30-w2          3  1710  1080  2  360
four-week-30-w3          3  2070  1440  2  480
four-week-30-w4          4  2430  1800  2  600
six-week-combined-w1-2   2  1920   480  8  120
six-week-combined-w3-4   3  2160   720  8  180
six-week-combined-w5-6   3  2400   960  8  240
incline-20               3  1890  1200  2  300
manual-mill              2   780     0  0    0
partner-walk             0   540     0  0    0
five-four                0   240     0  0    0
"""
# Changed, each for the reason that stands in its file, or new.
OURS = """
pace-finder              1   840   330  2  120
low-stance               3   910   400  2  400
ball-hold                3   930   420  2  420
cardio-steady            4  1800  1050  2  600
self-powered-intro       2   600     0  0    0
self-powered-5           3   600     0  0    0
demo                     0   230    40  2   40
first-minute             0   330    60  2   60
first-steps-2            0   690   180  2   60
"""
LINES = [line.split() for line in (PUBLISHED + OURS).splitlines() if line]
FIGURES = {name: tuple(int(figure) for figure in figures) for name, *figures in LINES}
PROGRAMMES = [path for path in shipped_profiles() if path.stem != "demo"]


def test_all_that_is_shipped_is_found_and_has_its_line_in_the_table() -> None:
    assert [path.stem for path in shipped_profiles()] == sorted(FIGURES)


@pytest.mark.parametrize("path", shipped_profiles(), ids=lambda path: path.stem)
def test_a_shipped_profile_is_right_without_a_warning_and_has_the_figures_of_the_table(path: Path) -> None:
    program, warnings = check_profile(path)
    segments = expand(program)
    figures = totals(segments)
    expected = expected_ms(segments) // 1000
    assert warnings == []
    found = (program.level.value, expected, figures.backward, figures.turns, figures.longest_backward)
    assert found == FIGURES[path.stem]


@pytest.mark.parametrize("path", shipped_profiles(), ids=lambda path: path.stem)
def test_a_shipped_profile_of_level_0_is_for_somebody_unknown_and_the_others_are_not(path: Path) -> None:
    program, _ = check_profile(path)
    walked_backward = FIGURES[path.stem][2] > 0
    refused = judge(program, effective_limits(UNKNOWN_PERSON)) != []
    assert refused == (program.level > Level.L0 and walked_backward)


@pytest.mark.parametrize("path", shipped_profiles(), ids=lambda path: path.stem)
def test_a_shipped_profile_says_at_most_eight_words_at_once(path: Path) -> None:
    said = [item.say for item in expand(check_profile(path)[0]) if not isinstance(item, Turn)]
    assert all(len(say.split()) <= 8 for say in said)


@pytest.mark.parametrize("path", PROGRAMMES, ids=lambda path: path.stem)
def test_a_shipped_programme_tells_what_it_is_who_may_copy_it_and_how_often_it_is_walked(path: Path) -> None:
    program, _ = check_profile(path)
    assert program.summary
    assert program.basis
    assert program.dose
    assert (program.author, program.license) == ("treadctl", "CC0-1.0")


@pytest.mark.parametrize("path", PROGRAMMES, ids=lambda path: path.stem)
def test_a_shipped_programme_names_every_gate_that_its_segments_shut(path: Path) -> None:
    program, _ = check_profile(path)
    assert program.gates == gates_of(program)


CLAIMS = (
    "cure", "heal", "therap", "treat", "prevent", "relie", "strength", "tone", "burn", "calor", "weight", "fat", "lose",
    "improve", "benefit", "muscle", "hamstring", "quad", "joint", "memory", "guarantee",
)  # fmt: skip
BRANDS = ("atg", "kneesovertoes", "nordictrack", "ifit", "peloton", "zwift", "woodway", "sole", "matrix", "horizon")
ALLOWED = {"self-powered-intro": "physical therapists", "warm-up-5": "strength work", "four-week-30-w": "their therapy"}
"""What claims nothing: who does it, what it is done before, and what else the people of a study did."""


@pytest.mark.parametrize("path", PROGRAMMES, ids=lambda path: path.stem)
def test_a_shipped_programme_claims_nothing_about_health_and_names_no_brand(path: Path) -> None:
    words = path.read_text().lower().replace("treadmill", "")
    for name, phrase in ALLOWED.items():
        words = words.replace(phrase, "") if path.stem.startswith(name) else words
    assert [claim for claim in CLAIMS if re.search(rf"\b{claim}", words)] == []
    assert [brand for brand in BRANDS if re.search(rf"\b{brand}\b", words)] == []


def test_what_is_off_by_default_is_shut_by_a_gate_that_only_a_persons_word_opens() -> None:
    shut = {Gate.HANDS_FREE, Gate.DEAD_MILL}
    off = {path.stem for path in shipped_profiles() if shut & set(_shipped(path.stem).gates)}
    assert off == {"ball-hold", "self-powered-intro", "self-powered-5", "manual-mill"}
    assert all(gate_problems(_shipped(name), ()) for name in off)


def test_whoever_may_not_walk_backward_may_not_push_a_belt_without_a_motor_backward_either() -> None:
    fallen = replace(any_walker(Level.L2), concerns=(Concern.FALL,), clinician="")
    pushing = [path.stem for path in shipped_profiles() if totals(expand(_shipped(path.stem))).pushed_backward]
    assert pushing == ["manual-mill", "self-powered-5", "self-powered-intro"]
    refused = [judge(_shipped(name), effective_limits(fallen))[0].text for name in pushing]
    assert all(text.startswith("pushes the belt backward, which is not allowed here") for text in refused)


def test_the_demo_walks_140_seconds_as_the_design_says_and_ends_within_five_minutes() -> None:
    segments = expand(_shipped("demo"))
    assert [(way, seconds) for way, _, seconds in _walks(segments)] == [("F", 60), ("B", 40), ("F", 40)]
    assert _walks(segments)[1][1] == 1.0
    assert expected_ms(segments) <= 5 * 60_000 - 45_000  # with a start as slow as a turn-around


def test_the_first_minute_takes_about_six_minutes() -> None:
    segments = expand(_shipped("first-minute"))
    assert [(way, seconds) for way, _, seconds in _walks(segments)] == [("F", 120), ("B", 60), ("F", 60)]
    assert 5 * 60_000 <= expected_ms(segments) <= 6 * 60_000


FIRST_STEPS = [("F", 2.5, 180), ("B", 1.0, 60), ("F", 2.5, 120), ("B", 1.0, 60), ("F", 2.5, 120), ("B", 1.0, 60), ("F", 2.0, 120)]  # fmt: skip  # noqa: E501
ONE_IN_TEN = [("F", 3.5, 300), ("B", 1.0, 60), ("F", 3.5, 240)]


@pytest.mark.parametrize(("name", "walks", "turns"), [("first-steps", FIRST_STEPS, 6), ("one-in-ten", ONE_IN_TEN, 2)])
def test_a_reference_programme_is_walked_as_it_was_published(
    name: str, walks: list[tuple[str, float, int]], turns: int
) -> None:
    segments = expand(_shipped(name))
    assert _walks(segments) == walks
    assert sum(isinstance(segment, Turn) for segment in segments) == turns


def test_the_example_of_the_format_is_right_at_its_level_without_a_warning() -> None:
    program, warnings = check_profile(EXAMPLE)
    figures = totals(expand(program))
    assert (warnings, program.level, figures.backward, figures.top_incline) == ([], Level.L2, 420, 20)
    assert (figures.turns, figures.top_backward) == (6, Speed(150))


def test_the_example_is_refused_to_a_beginner_with_the_line_of_what_is_too_much() -> None:
    program, _ = check_profile(EXAMPLE)
    lines = {problem.line for problem in judge(program, level_limits(Level.L0))}
    assert lines == {0, 13, 15}


def test_a_short_bout_and_a_long_sentence_are_warned_of() -> None:
    text = (
        "treadctl: 1\nname: Short\nsegments:\n"
        "  - {walk: forward, for: 20s, speed: 3 km/h}\n"
        '  - {rest: 30s, say: "One two three four five six seven eight nine."}\n'
        "  - {walk: forward, for: 2min, speed: 1 km/h, incline: {from: 0 %, to: 0 %, step: 1 %, every: 1min}}\n"
    )
    warnings = _warnings_of(text)
    assert [problem.line for problem in warnings] == [4, 5]
    assert warnings[0].text == "lasts 20 s, and hold, ramp and 15 s of walking need 36 s; make it longer"
    assert warnings[1].text == "says 9 words at once; make it 8 or fewer"


def test_an_incline_that_is_never_reached_is_warned_of() -> None:
    slope = "{from: 0 %, to: 3 %, step: 1 %, every: 1min}"
    walk = f"{{walk: forward, for: 2min, speed: 2 km/h, incline: {slope}}}"
    text = f"treadctl: 1\nname: Hill\nlevel: 1\nsegments: [{walk}]\n"
    assert [p.text for p in _warnings_of(text)] == ["ends after 2:00 at 1.0 %, before it reaches 3.0 %; make it longer"]


@pytest.mark.parametrize(
    ("way", "every", "told"),
    [
        ("backward", "19s", ["climbs 1.0 % every 19 s, and the belt takes 20 s backward; make it slower"]),
        ("backward", "20s", []),
        ("forward", "9s", ["climbs 1.0 % every 9 s, and the belt takes 10 s forward; make it slower"]),
        ("forward", "10s", []),
    ],
)
def test_a_ramp_that_is_steeper_than_the_belt_climbs_is_warned_of(way: str, every: str, told: list[str]) -> None:
    slope = f"{{from: 0 %, to: 2 %, step: 1 %, every: {every}}}"
    walk = f"{{walk: {way}, for: 2min, speed: 1 km/h, incline: {slope}}}"
    text = f"treadctl: 1\nname: Hill\nlevel: 2\nsegments: [{walk}]\n"
    assert [problem.text for problem in _warnings_of(text)] == told


def test_a_ramp_down_may_be_as_steep_as_it_likes() -> None:
    slope = "{from: 2 %, to: 0 %, step: 1 %, every: 1s}"
    walk = f"{{walk: backward, for: 2min, speed: 1 km/h, incline: {slope}}}"
    assert _warnings_of(f"treadctl: 1\nname: Hill\nlevel: 2\nsegments: [{walk}]\n") == []


def _warnings_of(text: str) -> list[Problem]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "some.yaml"
        path.write_text(text)
        return check_profile(path)[1]


def test_a_bare_name_is_a_shipped_profile_and_a_path_stays_a_path() -> None:
    assert find_profile("demo").name == "demo.yaml"
    assert find_profile("./demo") == Path("./demo")
    assert find_profile("mine.yaml") == Path("mine.yaml")


def test_a_persons_own_profile_is_found_but_never_in_place_of_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("x")
    (tmp_path / "demo.yaml").write_text("x")
    assert find_profile("mine", own=tmp_path) == tmp_path / "mine.yaml"
    assert find_profile("demo", own=tmp_path).parent != tmp_path


@pytest.mark.parametrize(
    ("name", "hint"), [("frist-steps", "did you mean first-steps?"), ("xyz", "treadctl profile list shows them all")]
)
def test_a_name_that_is_nowhere_is_refused_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(InvalidFile, match=f"there is no profile named '{name}'; ") as caught:
        find_profile(name)
    assert str(caught.value).endswith(hint)


@pytest.mark.parametrize("name", ["", "..", "a\0b", "x" * 4000, "\x1b[31m"])
def test_a_name_that_can_be_none_is_refused_harmlessly(name: str) -> None:
    with pytest.raises(InvalidFile) as caught:
        find_profile(name)
    assert "\x1b" not in str(caught.value)


def test_the_schema_for_editors_is_the_one_the_models_make() -> None:
    kept = json.loads((ROOT / "profiles" / "profile-v1.schema.json").read_text())
    assert kept == profile_schema()


def test_a_program_remembers_the_name_of_its_file_and_the_lines_of_its_segments() -> None:
    program = parse_profile("treadctl: 1\nname: Lines\nsegments:\n  - {rest: 30s}\n\n  - {rest: 40s}\n", "lines.yaml")
    assert program.source == "lines.yaml"
    assert [segment.line for segment in expand(program)] == [4, 6]


def test_the_way_a_walk_faces_is_the_way_that_was_written() -> None:
    program = parse_profile("treadctl: 1\nname: B\nsegments: [{walk: backward, for: 1min, speed: 1 km/h}]\n", "b.yaml")
    assert program.segments[0] == Walk(Facing.BACKWARD, 60, Speed(100), line=3)
