"""Workouts as other apps write them, by hand here, and what each becomes: segments, sentences, or a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.files.hostile_workouts import Message, fit, rows, step, zwo
from treadctl.files.exchange import Foreign, Format, export, import_file
from treadctl.files.fit_wire import ENUM, STRING, UINT32
from treadctl.model.errors import InvalidFile, Refused
from treadctl.model.person import Level
from treadctl.model.program import DeadMill, Facing, Item, Program, Repeat, Rest, Walk
from treadctl.model.units import Incline, Speed, kmh

SIX = kmh("6.0")


def imported(folder: Path, data: bytes | str, threshold: Speed | None = SIX) -> Foreign:
    path = folder / "some workout.bin"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return import_file(path, threshold)


def refusal(folder: Path, data: bytes | str, threshold: Speed | None = SIX) -> str:
    with pytest.raises(InvalidFile) as refused:
        imported(folder, data, threshold)
    return str(refused.value).removeprefix(f"{folder}/some workout.bin:")


def plain(items: tuple[Item, ...]) -> list[object]:
    """The segments in short: f60@2.0 is a minute forward at 2.0 km/h, b is backward, r a rest."""
    found: list[object] = []
    for item in items:
        if isinstance(item, Repeat):
            found.append((item.times, plain(item.segments)))
        elif isinstance(item, Walk):
            found.append(f"{item.facing.value[0]}{item.seconds}@{item.speed}")
        else:
            assert isinstance(item, Rest)
            found.append(f"r{item.seconds}")
    return found


# --- Zwift ---------------------------------------------------------------------------------------------------------

ZWIFT = """<?xml version="1.0" encoding="UTF-8"?>
<workout_file>
  <author>A. Coach</author><name>Backward beginner</name><description>From another app.</description>
  <sportType>run</sportType><tags><tag name="easy"/></tags>
  <workout>
    <Warmup Duration="180" PowerLow="0.25" PowerHigh="0.50"/>
    <SteadyState Duration="60" Power="0.20" pace="0"><textevent timeoffset="0" message="Now walk backwards!"/>
    </SteadyState>
    <IntervalsT Repeat="3" OnDuration="40" OffDuration="80" OnPower="0.2" OffPower="0.4">
      <textevent timeoffset="2" message="Backward: slow"/><textevent timeoffset="42" message="Turn and stroll"/>
    </IntervalsT>
    <Cooldown Duration="60" PowerLow="0.50" PowerHigh="0.30"/>
  </workout>
</workout_file>
"""


def test_a_zwift_workout_becomes_segments(tmp_path: Path) -> None:
    program = imported(tmp_path, ZWIFT).program
    walks = plain(program.segments)
    assert walks == [
        "f60@1.75", "f60@2.25", "f60@2.75", "b60@1.2", (3, ["b40@1.2", "f80@2.4"]), "f60@2.4",
    ]  # fmt: skip
    assert (program.name, program.author, program.summary) == ("Backward beginner", "A. Coach", "From another app.")


def test_what_was_guessed_of_a_zwift_workout_is_told(tmp_path: Path) -> None:
    told = imported(tmp_path, ZWIFT).told
    assert "a step is walked backward, because its text says so" in told
    assert "a speed that changes evenly became steps of about a minute (2 times)" in told


def test_a_zwift_workout_without_a_threshold_speed_asks_for_it(tmp_path: Path) -> None:
    text = "this format gives speeds as a share of your threshold speed; add --threshold-speed 6.0km/h with yours"
    assert refusal(tmp_path, ZWIFT, None) == f"6:1: {text}"


def test_the_threshold_speed_of_the_file_is_used_and_told_and_the_persons_own_wins(tmp_path: Path) -> None:
    data = zwo('<SteadyState Duration="60" Power="0.5"/>', "<thresholdSecPerKm>900</thresholdSecPerKm>")
    by_file = imported(tmp_path, data, None)
    assert plain(by_file.program.segments) == ["f60@2.0"]
    assert by_file.told == ("the file gives a threshold speed of 4.0 km/h, and its speeds are shares of it",)
    assert plain(imported(tmp_path, data, kmh("6.0")).program.segments) == ["f60@3.0"]


def test_a_zwift_workout_in_metres_gets_the_time_they_take(tmp_path: Path) -> None:
    data = zwo('<SteadyState Duration="100" Power="0.5"/>', "<durationType>distance</durationType>")
    found = imported(tmp_path, data)
    assert plain(found.program.segments) == ["f120@3.0"]
    assert "a step with a length in metres was given the time it takes at its speed" in found.told


def test_a_later_message_does_not_turn_anybody_round(tmp_path: Path) -> None:
    """It may speak of the step that comes next."""
    late = '<textevent timeoffset="50" message="Next: backward"/>'
    data = zwo(f'<SteadyState Duration="60" Power="0.5">{late}</SteadyState>')
    assert plain(imported(tmp_path, data).program.segments) == ["f60@3.0"]


# --- Intervals.icu ---------------------------------------------------------------------------------------------------

INTERVALS = """Warmup
- 5m 30:00/km Pace

Retro bouts 3x
- 1m 60:00/km Pace
- Forward: easy 1m30 24:00-20:00/km Pace

2x
- Rest 30s

Cooldown
- Stroll 0.1km 24:00/km Pace
- Slower 20^ Nearly there <!> 2m ramp 24:00-40:00/km pace
- 90" 50% Pace
"""


def test_intervals_text_becomes_segments(tmp_path: Path) -> None:
    found = imported(tmp_path, INTERVALS)
    assert plain(found.program.segments) == [
        "f300@2.0", (3, ["b60@1.0", "f90@2.5"]), (2, ["r30"]), "f144@2.5", "f60@2.25", "f60@1.75", "f90@3.0",
    ]  # fmt: skip
    assert "of a range of speeds the lower end was taken" in found.told
    stroll = found.program.segments[4]
    assert isinstance(stroll, Walk) and (stroll.name, stroll.say) == ("Slower", "Nearly there")


@pytest.mark.parametrize(
    ("length", "seconds"), [("1h", 3600), ("1h2m3s", 3723), ("1m30", 90), ("5'", 300), ("30\"", 30), ("1'30\"", 90)]
)
def test_every_way_to_write_a_length_is_read(length: str, seconds: int, tmp_path: Path) -> None:
    assert plain(imported(tmp_path, f"- Easy {length} 30:00/km Pace").program.segments) == [f"f{seconds}@2.0"]


@pytest.mark.parametrize("pace", ["30:00/km Pace", "48:17/mi pace", "3:00/100m Pace", "30:00/km"])
def test_every_unit_of_pace_is_read(pace: str, tmp_path: Path) -> None:
    assert plain(imported(tmp_path, f"- 1m {pace}").program.segments) == ["f60@2.0"]


def test_a_share_of_the_threshold_pace_asks_for_the_threshold(tmp_path: Path) -> None:
    assert "add --threshold-speed 6.0km/h" in refusal(tmp_path, "- 1m 50% Pace", None)


# --- QZ ------------------------------------------------------------------------------------------------------------

QZ = """<?xml version="1.0" encoding="UTF-8"?>
<rows>
  <row duration="00:02:00" speed="2.5" inclination="0" forcespeed="1" fanspeed="3"/>
  <repeat times="2">
    <row duration="00:00:45" speed="1.0" inclination="0" forcespeed="1"><textevent message="Backward: slow"/></row>
    <row duration="00:01:00" speed="2.0" inclination="1.5" forcespeed="1"/>
  </repeat>
  <row duration="00:00:30" speed="0"/>
  <row duration="00:02:00" speedfrom="2.0" speedto="1.0" forcespeed="1"/>
</rows>
"""


def test_qz_rows_become_segments(tmp_path: Path) -> None:
    found = imported(tmp_path, QZ, None)
    assert plain(found.program.segments) == [
        "f120@2.5", (2, ["b45@1.0", "f60@2.0"]), "r30", "f60@1.75", "f60@1.25",
    ]  # fmt: skip
    assert "'fanspeed' was left out" in found.told


def test_a_qz_row_keeps_the_incline_of_the_row_before(tmp_path: Path) -> None:
    program = imported(tmp_path, QZ, None).program
    last = program.segments[-1]
    assert isinstance(last, Walk) and last.incline == Incline(15)


def test_a_speed_that_qz_would_not_force_is_told(tmp_path: Path) -> None:
    found = imported(tmp_path, rows('<row duration="00:01:00" speed="2" forcespeed="0"/>'))
    assert "a row left its speed to the runner; here that speed is walked" in found.told


# --- FIT -----------------------------------------------------------------------------------------------------------


def test_a_fit_workout_becomes_segments(tmp_path: Path) -> None:
    backward = (27, [(0, STRING, "Retro"), *step()[1]])
    resting: Message = (27, [(1, ENUM, 0), (2, UINT32, 30_000), (3, ENUM, 2), (7, ENUM, 1)])
    data = fit(step(), backward, resting, step(f1=6, f2=1, f4=3), step(f1=1, f2=10_000), step(f5=500, f6=556))
    found = imported(tmp_path, data, None)
    assert plain(found.program.segments) == ["f60@2.0", (3, ["b60@2.0", "r30"]), "f180@2.0", "f60@1.8"]
    assert "of a range of speeds the lower end was taken" in found.told


def test_a_fit_file_of_the_other_byte_order_with_developer_fields_is_read(tmp_path: Path) -> None:
    """By hand: big-endian step, 60 s at 556 mm/s, one octet of a developer's field behind it."""
    from tests.files.hostile_workouts import raw_fit

    about = b"\x40\x00\x00\x00\x00\x01\x00\x01\x00" + b"\x00\x05"
    described = b"\x61\x00\x01\x00\x1b\x05\x01\x01\x00\x02\x04\x86\x03\x01\x00\x05\x04\x86\x06\x04\x86\x01\x00\x01\x00"
    one = b"\x01\x00" + (60_000).to_bytes(4, "big") + b"\x00" + (556).to_bytes(4, "big") * 2 + b"\x99"
    assert plain(imported(tmp_path, raw_fit(about + described + one)).program.segments) == ["f60@2.0"]


# --- all of them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", "the file is empty; export it again"),
        (b" \n", "the file is empty; export it again"),
        (b"garbage", "this is no XML and no FIT file, and no step was found in it as text"),
    ],
)
def test_a_file_that_is_nothing_is_not_taken_for_a_list_of_steps(data: bytes, wanted: str, tmp_path: Path) -> None:
    path = tmp_path / "some.zwo"
    path.write_bytes(data)
    with pytest.raises(InvalidFile, match=wanted):
        import_file(path)


def test_an_import_gets_the_lowest_level_that_allows_it(tmp_path: Path) -> None:
    assert imported(tmp_path, "- 1m 30:00/km Pace").program.level is Level.L0
    assert imported(tmp_path, "- retro 1m 40:00/km Pace").program.level is Level.L1
    assert imported(tmp_path, "- retro 1m 20:00/km Pace").program.level is Level.L3


def test_hidden_characters_of_a_foreign_text_never_reach_a_profile(tmp_path: Path) -> None:
    text = "a\u202eb\u200b &#9; c"
    found = imported(tmp_path, zwo('<SteadyState Duration="60" Power="0.5"/>', f"<name>{text}</name>"))
    assert found.program.name == "ab c"


def test_a_program_of_which_nothing_is_left_is_not_exported() -> None:
    with pytest.raises(Refused, match="no other app knows that"):
        export(Program("x", (DeadMill(Facing.BACKWARD, 60),)), Format.FIT)


def test_a_share_format_is_not_written_without_a_threshold_speed() -> None:
    with pytest.raises(Refused, match=r"add --threshold-speed 6\.0km/h"):
        export(Program("x", (Walk(Facing.FORWARD, 60, kmh("2")),)), Format.ZWO)
