"""What people may write for a speed, a time and an incline, and what it becomes."""

from __future__ import annotations

import pytest

from treadctl.files import measures
from treadctl.files.profile import parse_profile
from treadctl.model.errors import InvalidFile
from treadctl.model.person import Level
from treadctl.model.program import (
    DeadMill,
    Facing,
    Gate,
    InclineSteps,
    OffTreadmill,
    Program,
    Repeat,
    Rest,
    Turn,
    Walk,
    expand,
)
from treadctl.model.units import Incline, Speed


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [("2.5 km/h", 250), ("1km/h", 100), ("0.85 km/h", 85), ("6.50 km/h", 650), ("1 mph", 161), ("2.0 mph", 322)],
)
def test_a_speed_is_exact_in_hundredths_of_a_kilometre_an_hour(text: str, hundredths: int) -> None:
    assert measures.speed(text) == Speed(hundredths)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("90 s", 90), ("3min", 180), ("1.5 min", 90), ("2min 30s", 150), ("1h", 3600), ("1h 5min", 3900),
        ("0.5h", 1800), ("1:30", 90), ("0:05", 5), ("120:00", 7200), ("1:02:03", 3723), ("08:30", 510), ("4h", 14400),
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_write_it(text: str, seconds: int) -> None:
    assert measures.duration(text) == seconds


@pytest.mark.parametrize(("text", "tenths"), [("2 %", 20), ("2%", 20), ("0.5 %", 5), ("0 %", 0), ("15 %", 150)])
def test_an_incline_is_exact_in_tenths_of_a_percent(text: str, tenths: int) -> None:
    assert measures.incline(text) == Incline(tenths)


@pytest.mark.parametrize(
    "text", ["", "1", "-1 km/h", "nan", "inf", "1e3 km/h", "1_0 km/h", "٣ km/h", "+1 km/h", "0 km/h", "9" * 400]
)
def test_what_is_no_speed_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"; write|, so write"):
        measures.speed(text)


@pytest.mark.parametrize(
    "text", ["", "90", "5m", "1:5", "1:60", "1:75:00", "0s", "1.5s", "30s 2min", "s", "999999999h", ":30"]
)
def test_what_is_no_time_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"; (write|a whole program)"):
        measures.duration(text)


@pytest.mark.parametrize("text", ["", "2", "-1 %", "0.05 %", "101 %", "2 percent", "nan %"])
def test_what_is_no_incline_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"; (write|treadctl)"):
        measures.incline(text)


ALL_KINDS = """\
treadctl: 1
name: Everything
summary: Every kind of segment once.
level: 2
author: Somebody
license: CC0-1.0
basis: Chosen.
dose: 3 times a week
note: Stop above pain 3.
gates: [dead-mill, spotter]
segments:
  - {walk: forward, for: 3min, speed: 2.5 km/h, incline: 1 %, name: Warm-up}
  - repeat: 2
    segments:
      - {walk: backward, for: 90s, speed: 1 mph, say: "Toes first."}
      - {rest: 0:30, name: Breathe}
  - walk: backward
    for: 4min
    speed: 1.2 km/h
    incline: {from: 0 %, to: 2 %, step: 1 %, every: 1min}
  - {off-treadmill: 2min, say: "Partner walk."}
  - {dead-mill: backward, for: 45s}
"""


def test_every_kind_of_segment_becomes_its_part_of_the_program_with_its_line() -> None:
    assert parse_profile(ALL_KINDS, "all.yaml") == Program(
        name="Everything",
        segments=(
            Walk(Facing.FORWARD, 180, Speed(250), Incline(10), "Warm-up", line=12),
            Repeat(
                2,
                (
                    Walk(Facing.BACKWARD, 90, Speed(161), say="Toes first.", line=15),
                    Rest(30, "Breathe", line=16),
                ),
                line=13,
            ),
            Walk(Facing.BACKWARD, 240, Speed(120), InclineSteps(Incline(0), Incline(20), 10, 60), line=17),
            OffTreadmill(120, say="Partner walk.", line=21),
            DeadMill(Facing.BACKWARD, 45, line=22),
        ),
        level=Level.L2,
        summary="Every kind of segment once.",
        author="Somebody",
        license="CC0-1.0",
        basis="Chosen.",
        source="all.yaml",
        dose="3 times a week",
        note="Stop above pain 3.",
        gates=(Gate.DEAD_MILL, Gate.SPOTTER),
    )


@pytest.mark.parametrize(
    ("gates", "place", "told"),
    [
        ("[]", "", ""),
        ("spotter", ":8", "'gates' needs a short list; write gates: [spotter], for example"),
        ("{spotter: yes}", ":8", "'gates' needs a short list; write gates: [spotter], for example"),
        ("[spoter]", ":9", "'spoter' is no gate; did you mean spotter?"),
        ("[dead mill]", ":9", "'dead mill' is no gate; did you mean dead-mill?"),
        ("[key]", ":9", "'key' is no gate; write spotter, clinician, incline, dead-mill or hands-free"),
        ("[spotter, [incline]]", ":18", "one value has to stand here, not a list"),
        ("[spotter, incline, spotter]", ":8", "spotter is named twice here; name it once"),
    ],
)
def test_gates_are_a_list_of_words_that_there_are(gates: str, place: str, told: str) -> None:
    text = f"treadctl: 1\nname: Gates\ngates: {gates}\nsegments: [{{rest: 30s}}]\n"
    if not told:
        assert parse_profile(text, "p.yaml").gates == ()
        return
    with pytest.raises(InvalidFile) as caught:
        parse_profile(text, "p.yaml")
    assert str(caught.value) == f"p.yaml:3{place}: {told}"


@pytest.mark.parametrize(
    ("key", "meant"), [("frequency", "dose"), ("notes", "note"), ("gate", "gates"), ("requires", "gates")]
)
def test_what_people_call_the_new_keys_is_understood(key: str, meant: str) -> None:
    with pytest.raises(InvalidFile, match=f"unknown key '{key}'; did you mean '{meant}'\\?"):
        parse_profile(f"treadctl: 1\nname: X\n{key}: [spotter]\nsegments: [{{rest: 30s}}]\n", "p.yaml")


def test_a_change_of_direction_gets_its_turn_around_without_being_written() -> None:
    segments = expand(parse_profile(ALL_KINDS, "all.yaml"))
    assert [type(segment) for segment in segments[:3]] == [Walk, Turn, Walk]


def test_a_profile_that_names_no_level_is_for_everyone() -> None:
    text = "treadctl: 1\nname: Plain\nsegments: [{rest: 30s}]\n"
    assert parse_profile(text, "plain.yaml").level is Level.L0


def test_json_and_windows_line_ends_and_a_byte_order_mark_are_read_too() -> None:
    text = '\ufeff{"treadctl": 1,\r\n "name": "Pasted",\r\n "segments": [{"rest": "30s"}]}\r\n'
    assert parse_profile(text.removeprefix("\ufeff"), "p.yaml").segments == (Rest(30, line=3),)


def test_words_that_yaml_1_1_would_change_stay_what_was_written() -> None:
    text = "treadctl: 1\nname: no\nsummary: 017\nsegments: [{rest: 1:30, say: yes}]\n"
    program = parse_profile(text, "p.yaml")
    assert (program.name, program.summary, program.segments) == ("no", "017", (Rest(90, say="yes", line=4),))


def test_a_name_may_be_in_any_script() -> None:
    program = parse_profile("treadctl: 1\nname: Rückwärts 後ろ歩き 🚶\nsegments: [{rest: 30s}]\n", "p.yaml")
    assert program.name == "Rückwärts 後ろ歩き 🚶"


def test_the_same_text_read_twice_is_the_same_program() -> None:
    assert parse_profile(ALL_KINDS, "a") == parse_profile(ALL_KINDS, "a")


def test_the_first_of_several_problems_is_the_place_and_the_others_are_lines_of_their_own() -> None:
    text = "treadctl: 1\nname: Bad\nsegments:\n  - {rest: 0s}\n  - {rest: 30}\n"
    with pytest.raises(InvalidFile) as caught:
        parse_profile(text, "p.yaml")
    assert (caught.value.line, caught.value.column) == (4, 12)
    assert caught.value.more == ("p.yaml:5:12: '30' has no unit; write 30s or 30min",)
    assert str(caught.value).count("\n") == 1


def test_many_problems_are_counted_and_not_all_told() -> None:
    text = "treadctl: 1\nname: Bad\nsegments:\n" + "  - {rest: 0s}\n" * 500
    with pytest.raises(InvalidFile) as caught:
        parse_profile(text, "p.yaml")
    lines = str(caught.value).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "p.yaml: there are 490 more problems; correct these first"
