"""What is written for another app and read back is the same walking, within what was told as lost."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import fitdecode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.files.exchange import Exported, Foreign, Format, export, import_file
from treadctl.files.profile import load_profile, shipped_profiles
from treadctl.model.program import (
    DeadMill,
    Facing,
    InclineSteps,
    Item,
    OffTreadmill,
    Program,
    Repeat,
    Rest,
    Turn,
    Walk,
    expand,
    size_problems,
)
from treadctl.model.units import Incline, Speed, kmh

THRESHOLD = kmh("6.0")
EXAMPLE = Path(__file__).parents[1] / "fixtures" / "format-example.yaml"
FORMATS = list(Format)


def there_and_back(program: Program, form: Format) -> tuple[Exported, Foreign]:
    made = export(program, form, THRESHOLD)
    with tempfile.NamedTemporaryFile() as file:
        file.write(made.data)
        file.flush()
        return made, import_file(Path(file.name), THRESHOLD)


def walking(program: Program) -> list[tuple[object, ...]]:
    """What the body notices of a program, inclines aside: neighbours that differ in nothing else are one."""
    found: list[tuple[object, ...]] = []
    for segment in expand(program):
        if isinstance(segment, Turn):
            found.append((Turn, segment.to, 0, 0))
            continue
        way, speed = (segment.facing, int(segment.speed)) if isinstance(segment, Walk) else (None, 0)
        if found and found[-1][:2] == (type(segment), way) and found[-1][3] == speed:
            before = found.pop()
            found.append((type(segment), way, int(str(before[2])) + segment.seconds, speed))
        else:
            found.append((type(segment), way, segment.seconds, speed))
    return found


def only_belt(items: tuple[Item, ...]) -> bool:
    """Whether everything in it has a word in other apps."""
    inner = (item.segments if isinstance(item, Repeat) else () for item in items)
    return not any(isinstance(item, (DeadMill, OffTreadmill)) for item in items) and all(map(only_belt, inner))


SHIPPED = [path for path in (*shipped_profiles(), EXAMPLE) if only_belt(load_profile(path).segments)]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_profile_comes_back_as_the_same_walking(path: Path, form: Format) -> None:
    program = load_profile(path)
    _, back = there_and_back(program, form)
    assert walking(back.program) == walking(program)


# --- any program ---------------------------------------------------------------------------------------------------

_AWKWARD = [
    "", "Backward", "backwards now", "Forward: Backward", "Backward: x", "Rest", "rest: a", "5m", "10m 24:00/km Pace",
    "6^ now", "<!>", "a <!> b", "back<ward", "& < > \" '", "- x", "3x", "press lap", "Rücken", "🚶" * 80,
    "🚶" * 70 + " retro",
]  # fmt: skip
names = st.sampled_from(_AWKWARD) | st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=20)
seconds = st.integers(1, 600)
walks = st.builds(
    Walk, st.sampled_from(Facing), seconds, st.integers(10, 800).map(Speed), name=names, say=names.map(lambda s: s[:60])
)
rests = st.builds(Rest, seconds, name=names, say=names.map(lambda s: s[:60]))
leaves = walks | rests


def repeats(inner: st.SearchStrategy[Item]) -> st.SearchStrategy[Item]:
    return st.builds(Repeat, st.integers(1, 3), st.lists(inner, min_size=1, max_size=3).map(tuple))


items: st.SearchStrategy[Item] = leaves | repeats(leaves) | repeats(leaves | repeats(leaves))
anything = st.lists(items, min_size=1, max_size=4).map(lambda found: Program("Any", tuple(found)))
programs = anything.filter(lambda program: not size_problems(program))


@pytest.mark.parametrize("form", [Format.FIT, Format.ZWO])
@given(program=programs)
def test_any_program_comes_back_as_the_same_walking(form: Format, program: Program) -> None:
    _, back = there_and_back(program, form)
    assert walking(back.program) == walking(program)


@given(program=programs)
def test_any_program_comes_back_from_paces_within_a_hundredth_that_was_told(program: Program) -> None:
    made, back = there_and_back(program, Format.INTERVALS)
    ours, theirs = ([s for s in expand(one) if not isinstance(s, Turn)] for one in (program, back.program))
    assert [(type(s), s.seconds) for s in ours] == [(type(s), s.seconds) for s in theirs]
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if isinstance(a, Walk) and isinstance(b, Walk)]
    assert all(a.facing is b.facing and abs(a.speed - b.speed) <= 1 for a, b in pairs)
    assert any("paces are whole seconds" in one for one in made.told) == any(a.speed != b.speed for a, b in pairs)


@pytest.mark.parametrize("form", FORMATS)
def test_names_and_cues_come_back(form: Format) -> None:
    there = (
        Walk(Facing.FORWARD, 60, kmh("2"), name="Warm-up", say="Easy walking."),
        Walk(Facing.BACKWARD, 60, kmh("1"), name="First bout", say="Toes first."),
        Rest(30, name="Breathe", say="Feet on the rails."),
    )
    _, back = there_and_back(Program("Names", there), form)
    texts = [(s.name, s.say) for s in back.program.segments if isinstance(s, (Walk, Rest))]
    assert texts == [(s.name, s.say) for s in there]


# --- what is lost is told ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("item", "told"),
    [
        (Walk(Facing.FORWARD, 60, kmh("2"), Incline(10)), "inclines were left out"),
        (Walk(Facing.FORWARD, 60, kmh("2"), InclineSteps(Incline(0), Incline(20), 10, 20)), "inclines were left out"),
        (OffTreadmill(60), "time beside the treadmill became a rest"),
        (DeadMill(Facing.BACKWARD, 60), "pushing the switched-off belt was left out"),
    ],
)
def test_what_a_format_has_no_word_for_is_told(form: Format, item: Item, told: str) -> None:
    made = export(Program("x", (Walk(Facing.FORWARD, 60, kmh("2")), item)), form, THRESHOLD)
    assert any(told in sentence for sentence in made.told)


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_told_as_lost_that_was_not_there(form: Format) -> None:
    made = export(Program("x", (Walk(Facing.FORWARD, 60, kmh("2")),)), form, THRESHOLD)
    words = ("left out", "became", "written out")
    assert not any(word in sentence for sentence in made.told for word in words)


# --- FIT, read by somebody else --------------------------------------------------------------------------------------


def read_by_fitdecode(data: bytes) -> list[tuple[str, dict[str, Any]]]:
    """Name and fields of every message; it checks the sums, too."""
    with fitdecode.FitReader(io.BytesIO(data), check_crc=fitdecode.CrcCheck.RAISE) as reader:
        frames = [frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage)]
    return [(frame.name, {field.name: field.value for field in frame.fields}) for frame in frames]


def test_a_fit_workout_is_read_by_an_independent_reader() -> None:
    made = export(load_profile(EXAMPLE), Format.FIT)
    (kind, about), (_, workout), *steps = read_by_fitdecode(made.data)
    assert (kind, about["type"], about["manufacturer"]) == ("file_id", "workout", "development")
    about_it = (workout["wkt_name"], workout["sport"], workout["num_valid_steps"])
    assert about_it == ("Format example", "walking", len(steps))
    assert [name for name, _ in steps] == ["workout_step"] * 7
    first, backward, _, again, _, rest, _ = (fields for _, fields in steps)
    assert (first["wkt_step_name"], first["duration_time"], first["intensity"]) == ("Warm-up", 180.0, "active")
    assert (first["target_type"], first["custom_target_speed_low"]) == ("speed", 0.694)
    assert (backward["wkt_step_name"], backward["notes"]) == ("Backward", "Both hands on the rails. Toes first.")
    assert (again["duration_type"], again["duration_step"], again["repeat_steps"]) == ("repeat_until_steps_cmplt", 1, 2)
    assert (rest["wkt_step_name"], rest["target_type"], rest["intensity"]) == ("Rest", "open", "rest")
    assert [fields["message_index"] for _, fields in steps] == list(range(7))


@given(program=programs)
def test_any_fit_workout_is_read_by_an_independent_reader(program: Program) -> None:
    steps = [fields for name, fields in read_by_fitdecode(export(program, Format.FIT).data) if name == "workout_step"]
    leaves_there = [item for item in _flat(program.segments) if isinstance(item, Walk)]
    theirs = [fields for fields in steps if fields.get("target_type") == "speed"]
    assert [fields["duration_time"] for fields in theirs] == [float(walk.seconds) for walk in leaves_there]
    for fields, walk in zip(theirs, leaves_there, strict=True):
        assert abs(fields["custom_target_speed_high"] * 3.6 - walk.speed / 100) < 0.002


def _flat(found: tuple[Item, ...]) -> list[Item]:
    return [leaf for item in found for leaf in (_flat(item.segments) if isinstance(item, Repeat) else [item])]
