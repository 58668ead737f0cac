"""A program written as a profile: read again it is the same program, and written again the same text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from treadctl.files.profile import load_profile, parse_profile, shipped_profiles
from treadctl.files.profile.models import MAX_PARAGRAPH, MAX_SAY
from treadctl.files.profile.writing import written
from treadctl.model.errors import InvalidFile
from treadctl.model.person import Level
from treadctl.model.program import (
    DeadMill,
    Facing,
    Gate,
    InclineSteps,
    Item,
    OffTreadmill,
    Program,
    Repeat,
    Rest,
    Walk,
    size_problems,
)
from treadctl.model.text import MAX_NAME, is_hidden
from treadctl.model.units import Incline, Speed

EXAMPLE = Path(__file__).parents[1] / "fixtures" / "format-example.yaml"


def _without_lines(items: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(
        Repeat(item.times, _without_lines(item.segments)) if isinstance(item, Repeat) else replace(item, line=0)
        for item in items
    )


def bare(program: Program) -> Program:
    """The program without its places in a file."""
    return replace(program, segments=_without_lines(program.segments), source="")


def read_back(program: Program) -> Program:
    return bare(parse_profile(written(program), "written.yaml"))


characters = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
tricky = st.sampled_from([
    "yes", "no", "NO", "on", "null", "~", "1:30", "017", "1e3", "3 times", "-", "- x", "? x", "x: y", "x #y", "#", "&a",
    "*a", "!t", "%x", "@x", "`", "{", "}", "[", "]", ",", "a, b", "'", '"', "\\", "\\x1b", "|", ">", "...", "---", "=",
    "<<", "2 %", "a.b", "Ü", "後ろ",
])  # fmt: skip


def texts(longest: int) -> st.SearchStrategy[str]:
    some = st.lists(st.text(characters, max_size=12) | tricky, min_size=1, max_size=4).map(" ".join)
    return some.map(lambda text: text[:longest].strip() or "x")


def maybe(longest: int) -> st.SearchStrategy[str]:
    return st.just("") | texts(longest)


seconds = st.integers(1, 150)
"""Small enough that most programs last less than 4 hours; longer times have a test of their own."""
inclines = st.integers(0, 1000).map(Incline)
steps = st.builds(InclineSteps, inclines, inclines, st.integers(1, 1000), st.integers(10, 150))
spoken = {"name": maybe(MAX_NAME), "say": maybe(MAX_SAY)}
speeds = st.integers(1, 60_000).map(Speed)
walks = st.builds(Walk, st.sampled_from(Facing), seconds, speeds, inclines | steps, **spoken)
plain_items: st.SearchStrategy[Item] = (
    walks
    | st.builds(Rest, seconds, **spoken)
    | st.builds(DeadMill, st.sampled_from(Facing), seconds, **spoken)
    | st.builds(OffTreadmill, seconds, **spoken)
)
items = st.recursive(
    plain_items,
    lambda inner: st.builds(Repeat, st.integers(1, 3), st.lists(inner, min_size=1, max_size=3).map(tuple)),
    max_leaves=6,
)
programs = st.builds(
    Program,
    name=texts(MAX_NAME),
    segments=st.lists(items, min_size=1, max_size=4).map(tuple),
    level=st.sampled_from(Level),
    summary=maybe(MAX_PARAGRAPH),
    author=maybe(MAX_NAME),
    license=maybe(MAX_NAME),
    basis=maybe(MAX_PARAGRAPH),
    dose=maybe(MAX_NAME),
    note=maybe(MAX_PARAGRAPH),
    gates=st.lists(st.sampled_from(Gate), unique=True).map(tuple),
).filter(lambda program: not size_problems(program))


@given(programs)
def test_a_program_that_is_written_and_read_is_the_same_program(program: Program) -> None:
    assert read_back(program) == program


@given(programs)
def test_what_is_written_a_second_time_is_the_same_text(program: Program) -> None:
    assert written(read_back(program)) == written(program)


@given(programs)
def test_another_yaml_reader_finds_the_same_words_in_it(program: Program) -> None:
    plain = yaml.safe_load(written(program))
    found = [plain.get(key, "") for key in ("name", "summary", "author", "license", "basis", "dose", "note")]
    words = [program.name, program.summary, program.author, program.license, program.basis, program.dose, program.note]
    assert found == words


@pytest.mark.parametrize("path", [*shipped_profiles(), EXAMPLE], ids=lambda path: path.stem)
def test_loading_saving_and_loading_a_profile_changes_nothing(path: Path) -> None:
    program = load_profile(path)
    assert read_back(program) == bare(program)
    assert written(read_back(program)) == written(program)


def test_a_profile_is_written_as_people_write_one() -> None:
    uphill = InclineSteps(Incline(0), Incline(25), 5, 90)
    segments: tuple[Item, ...] = (
        Walk(Facing.FORWARD, 180, Speed(250), name="Warm-up"),
        Repeat(2, (Walk(Facing.BACKWARD, 90, Speed(161), uphill, say="Toes first."), Rest(30))),
        Walk(Facing.FORWARD, 5400, Speed(205), Incline(5), name="Cool-down, slowly", say="x" * 80),
        OffTreadmill(61),
        DeadMill(Facing.BACKWARD, 150),
    )
    about = {"summary": "Short, and easy.", "author": "Jo: me", "dose": "3 times a week", "note": "Stop above pain 3."}
    gates = (Gate.SPOTTER, Gate.DEAD_MILL)
    assert written(Program("Hill", segments, Level.L2, **about, gates=gates)) == f"""\
# yaml-language-server: $schema=./profile-v1.schema.json
#
# Hill

treadctl: 1
name: Hill
summary: Short, and easy.
level: 2
author: "Jo: me"
dose: 3 times a week
note: Stop above pain 3.
gates: [spotter, dead-mill]

segments:
  - {{walk: forward,  for: 3min, speed: 2.5 km/h, name: Warm-up}}
  - repeat: 2
    segments:
      - walk: backward
        for: 90s
        speed: 1.61 km/h
        incline: {{from: 0 %, to: 2.5 %, step: 0.5 %, every: 90s}}
        say: "Toes first."
      - {{rest: 30s}}
  - walk: forward
    for: 90min
    speed: 2.05 km/h
    incline: 0.5 %
    name: "Cool-down, slowly"
    say: "{"x" * 80}"
  - {{off-treadmill: 61s}}
  - {{dead-mill: backward, for: 2min 30s}}
"""


@pytest.mark.parametrize("seconds", [1, 59, 60, 61, 119, 120, 121, 3599, 3600, 3601, 14_399, 14_400])
def test_every_length_of_time_is_read_back_to_the_second(seconds: int) -> None:
    program = Program("Long", (Rest(seconds),))
    assert read_back(program) == program


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[31m", "a\u202eb", "\ud800", "x" * 81, "", "\U000e0001"])
def test_a_name_that_no_profile_can_have_becomes_a_text_that_is_refused(name: str) -> None:
    text = written(Program(name, (Rest(30),)))
    assert not any(is_hidden(character) for character in text if character != "\n")
    with pytest.raises(InvalidFile):
        parse_profile(text, "written.yaml")


def test_words_that_look_like_a_segment_stay_as_they_were_said() -> None:
    rest = Rest(30, say="{walk: forward, yes")
    assert read_back(Program("Words", (rest,))).segments == (rest,)
