"""The codec of socket and files: everything comes back, and nothing hostile gets through."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.model import api
from treadctl.model.api import Ask, Hello, Intent, Load, Press, Role, Snapshot, ToClient, ToGuardian
from treadctl.model.locks import Lock
from treadctl.model.machine import LinkInfo, Manual, Record, SpeedRange
from treadctl.model.person import Level, Person
from treadctl.model.plain import MAX_DEPTH, MAX_ITEMS, MAX_TEXT, Malformed, dump, load, parse
from treadctl.model.program import (
    DeadMill,
    Facing,
    InclineSteps,
    OffTreadmill,
    Program,
    Repeat,
    Rest,
    Walk,
)
from treadctl.model.records import Closed, Entry, EventEntry, Opened, SampleEntry
from treadctl.model.units import Incline, Speed

CLIMB = InclineSteps(Incline(0), Incline(20), 10, 10)
PROGRAM = Program(
    name="Test",
    level=Level.L2,
    segments=(
        Walk(Facing.FORWARD, 60, Speed(250), line=3),
        Repeat(2, (Repeat(2, (Walk(Facing.BACKWARD, 30, Speed(150), CLIMB),)),)),
        Rest(30, say="Feet on the rails."),
        OffTreadmill(20),
        DeadMill(Facing.BACKWARD, 30),
    ),
)
SUMMARY = api.Summary(
    finished=True, reason="", walked=1, forward=1, backward=0, forward_m=1.5, backward_m=0.0, bouts=0,
    top_backward=Speed(0),
)


def round_trip(kind: Any, value: object) -> Any:
    return parse(kind, json.dumps(dump(value), allow_nan=False))


# --- everything comes back -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, value",
    [
        (Program, PROGRAM),
        (ToGuardian, Ask(7, Load(PROGRAM))),
        (ToGuardian, Hello(Role.DISPLAY, audio=(("XDG_RUNTIME_DIR", "/x"),))),
        (ToClient, Snapshot()),
        (ToClient, Snapshot(facing=Facing.BACKWARD, speed=Speed(150), incline=Incline(-5), summary=SUMMARY)),
        (ToClient, Snapshot(question=api.Question("q1", "Ready?", api.Asking.CHOICE, (api.Choice("y", "Yes"),)))),
        (ToClient, api.Plan("x", (Walk(Facing.FORWARD, 60, Speed(250)),), 60_000)),
        (Record, Record(speed=SpeedRange(Speed(80), Speed(1600), Speed(10)), manual=Manual.SILENT)),
        (LinkInfo, LinkInfo("AA:BB")),
        (Person, Person(Level.L3, age=40, comfortable_forward=Speed(450))),
        (Lock, Lock("fall", "a fall", "2031-01-01")),
        (Entry, Opened("s", "2031-01-01T00:00:00Z", "1", "m", True, PROGRAM)),
        (Entry, SampleEntry(1, Speed(1), None, None, 0.5, None, 90, 0)),
        (Entry, EventEntry(1, "stop")),
        (Entry, Closed(1, SUMMARY)),
        (bytes, b"\x00\xff"),
        (tuple[int, ...], (1, 2)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_dumped_comes_back_equal(kind: Any, value: object) -> None:
    again = round_trip(kind, value)
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("intent", get_args(Intent), ids=lambda kind: kind.__name__)
def test_every_intent_travels(intent: Any) -> None:
    arguments: dict[type, tuple[Any, ...]] = {
        api.Load: (PROGRAM,), api.Answer: ("q", "y"), api.Press: ("space",), api.Message: ("hello",),
        api.Preselect: ("demo",), api.Commission: (2,), api.Shown: (3,), api.Spoken: (3,),
    }
    ask = Ask(1, intent(*arguments.get(intent, ())))
    assert round_trip(ToGuardian, ask) == ask


def test_own_types_come_back_as_themselves() -> None:
    walk = round_trip(Program, PROGRAM).segments[0]
    assert type(walk.speed) is Speed and type(walk.incline) is Incline and walk.facing is Facing.FORWARD


def test_what_is_no_plain_value_cannot_be_dumped() -> None:
    with pytest.raises(TypeError, match="object is not plain"):
        dump(object())
    with pytest.raises(TypeError, match="type is not plain"):
        dump(Snapshot)


# --- hostile data ----------------------------------------------------------------------------------------------------

PRESS = {"is": "Press", "key": "space", "held": False}


@pytest.mark.parametrize(
    "change, words",
    [
        ({"speed": 5}, "no field 'speed'"),
        ({"x" * 500: 5}, "no field 'xxxx"),
        ({"held": 1}, "Press.held has to be bool"),
        ({"held": None}, "Press.held has to be bool"),
        ({"key": 5}, "Press.key has to be str"),
        ({"key": None}, "Press.key has to be str"),
        ({"key": ["space"]}, "Press.key has to be str"),
        ({"key": "x" * (MAX_TEXT + 1)}, "Press.key has to be str"),
        ({"key": "\ud800"}, "Press.key has to be str"),
        ({"is": "Stop"}, "not of the kind Press"),
    ],
)
def test_a_dataclass_takes_only_its_own_fields_and_types(change: dict[str, Any], words: str) -> None:
    with pytest.raises(Malformed, match=words):
        load(Press, {**PRESS, **change})


def test_a_missing_field_is_refused_and_one_with_a_default_is_not() -> None:
    assert load(Press, {"key": "a"}) == Press("a")
    with pytest.raises(Malformed, match="key"):
        load(Press, {"held": True})


@pytest.mark.parametrize("data", [None, 5, "Press", [], [PRESS], True])
def test_something_else_is_no_dataclass(data: Any) -> None:
    with pytest.raises(Malformed, match="Press has to be an object"):
        load(Press, data)


@pytest.mark.parametrize("data", [5, "Stop", {}, {"is": "Start"}, {"is": ["Stop"]}, {"is": None}, [], None])
def test_a_union_takes_only_its_members_by_name(data: Any) -> None:
    with pytest.raises(Malformed):
        load(Intent, data)


@pytest.mark.parametrize("number", [True, False, 1.0, 1.5, "1", None, [], {}, 1 << 63, -(1 << 63), 10**400])
def test_an_int_is_neither_a_bool_nor_a_float_nor_endless(number: Any) -> None:
    with pytest.raises(Malformed, match="has to be int"):
        load(int, number)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), True, "1", None, 10**400])
def test_a_float_is_finite(number: Any) -> None:
    with pytest.raises(Malformed, match="has to be float"):
        load(float, number)


def test_a_whole_number_may_stand_for_a_float() -> None:
    assert type(load(float, 2)) is float


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_json_dialects_for_nan_do_not_reach_a_number(text: str) -> None:
    for kind in (float, int, Speed, Ask):
        with pytest.raises(Malformed):
            parse(kind, text)


@pytest.mark.parametrize("number", [-1, 65536, True, 1.0, "100", None])
def test_a_speed_from_outside_is_an_integer_of_16_bits(number: Any) -> None:
    with pytest.raises(Malformed):
        load(Speed, number)


@pytest.mark.parametrize("number", [-1001, 1001, 0.5, True])
def test_an_incline_from_outside_is_at_most_a_hundred_percent(number: Any) -> None:
    with pytest.raises(Malformed):
        load(Incline, number)


@pytest.mark.parametrize("word", ["Forward", "", 1, None, [], {}, True])
def test_an_enum_takes_only_its_values(word: Any) -> None:
    with pytest.raises(Malformed, match="one of forward, backward"):
        load(Facing, word)


@pytest.mark.parametrize("number", [True, 1.0, 5, -1, "1"])
def test_true_is_no_level(number: Any) -> None:
    with pytest.raises(Malformed, match="one of 0, 1, 2, 3, 4"):
        load(Level, number)


@pytest.mark.parametrize("text", ["0", "zz", 5, None])
def test_bytes_are_hexadecimal(text: Any) -> None:
    with pytest.raises(Malformed, match="hexadecimal"):
        load(bytes, text)


def test_a_tuple_has_a_limit_and_a_fixed_one_its_length() -> None:
    assert load(tuple[int, int], [1, 2]) == (1, 2)
    for kind, data in (
        (tuple[int, ...], [0] * (MAX_ITEMS + 1)), (tuple[int, int], [1]), (tuple[int, ...], {}), (tuple[int, ...], "12")
    ):
        with pytest.raises(Malformed, match="has to"):
            load(kind, data)
    with pytest.raises(Malformed, match=r"\[1\] has to be int"):
        load(tuple[int, ...], [1, "2"])


def test_optional_values_may_be_null_and_nothing_else() -> None:
    assert load(int | None, None) is None
    assert load(int | str, "x") == "x"
    with pytest.raises(Malformed):
        load(int | None, "x")
    with pytest.raises(Malformed, match="has to be an object"):
        load(Press | None, 5)


@dataclass(frozen=True, slots=True)
class Strange:
    """A field whose kind the codec does not know."""

    field: complex


def test_a_kind_that_is_not_plain_is_refused() -> None:
    with pytest.raises(Malformed, match="has to be complex"):
        load(Strange, {"field": 1})


def nested(depth: int) -> dict[str, Any]:
    item = dump(Rest(1))
    for _ in range(depth):
        item = {"is": "Repeat", "times": 2, "segments": [item]}
    return {"is": "Program", "name": "x", "segments": [item]}


def test_repeats_nested_deeper_than_allowed_still_load_so_that_they_are_refused_by_name() -> None:
    assert load(Program, nested(20)).segments[0].times == 2


@pytest.mark.parametrize("depth", [MAX_DEPTH, 400, 5000])
def test_deep_nesting_is_refused_and_does_not_exhaust_the_stack(depth: int) -> None:
    with pytest.raises(Malformed, match="deep"):
        load(Program, nested(depth))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 900 + "]" * 900])
def test_deep_json_is_refused_and_does_not_exhaust_the_stack(text: str) -> None:
    with pytest.raises(Malformed):
        parse(ToGuardian, text, "a line")


@pytest.mark.parametrize("line", ["", "{", "garbage", b"\xff\xfe\x00", "9" * 5000, "\x00", "nul"])
def test_what_is_no_json_is_refused(line: str | bytes) -> None:
    with pytest.raises(Malformed, match="a line is not JSON"):
        parse(ToGuardian, line, "a line")


@pytest.mark.parametrize(
    "segment",
    [
        {"is": "Walk", "facing": "backward", "seconds": -600, "speed": 100},
        {"is": "Walk", "facing": "backward", "seconds": 0, "speed": 100},
        {"is": "Walk", "facing": "backward", "seconds": 60, "speed": -100},
        {"is": "Rest", "seconds": -1},
        {"is": "DeadMill", "facing": "backward", "seconds": 0},
        {"is": "OffTreadmill", "seconds": -5},
        {"is": "Repeat", "times": 0, "segments": [{"is": "Rest", "seconds": 1}]},
        {"is": "Repeat", "times": 10**18, "segments": []},
        {"is": "Turn", "to": "forward"},
        {
            "is": "Walk", "facing": "forward", "seconds": 60, "speed": 100,
            "incline": {"is": "InclineSteps", "start": 0, "end": 10, "step": 0, "every": 1},
        },
        {
            "is": "Walk", "facing": "forward", "seconds": 60, "speed": 100,
            "incline": {"is": "InclineSteps", "start": 0, "end": 10, "step": 1, "every": 0},
        },
    ],
)
def test_a_program_from_the_socket_cannot_hide_from_the_limits(segment: dict[str, Any]) -> None:
    """Negative times would shorten a bout on paper; empty repeats and zero steps would hang or crash the guardian."""
    with pytest.raises(Malformed):
        load(Program, {"name": "x", "segments": [segment]})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["is", "id", "intent", "program", "segments", "key", "name", "seconds", "times"]),
        inner | st.sampled_from(["Ask", "Load", "Program", "Repeat", "Walk", "Press", "Hello"]),
        max_size=5,
    ),
    max_leaves=25,
)


@given(_JSON, st.sampled_from([ToGuardian, ToClient, Program, Record, Person, Entry]))
def test_loading_anything_gives_a_value_or_malformed(data: Any, kind: Any) -> None:
    try:
        load(kind, data)
    except Malformed as refusal:
        assert str(refusal)


@given(st.binary(max_size=60))
def test_parsing_anything_gives_a_value_or_malformed(line: bytes) -> None:
    try:
        parse(ToGuardian, line)
    except Malformed as refusal:
        assert "\n" not in str(refusal)
