"""FIT, TCX and CSV read back by others: the sums are the session's, and nothing is made up."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import fitdecode
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tcxreader.tcxreader import TCXReader

from treadctl.model.program import Program, Walk
from treadctl.model.units import Speed
from treadctl.sessions.export import LOSSES, Form, Undated, exported
from treadctl.sessions.export.table import FORMULAS, HEADER, safe_cell
from treadctl.sessions.laps import laps
from treadctl.sessions.session import Session

from .walks import B, Diary, F, stopped, walked_ms, way_m, whole

NAMESPACE = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"


def empty() -> Diary:
    return Diary()


def standing() -> Diary:
    diary = Diary()
    diary.stand(20, 0)
    return diary


def without_heart() -> Diary:
    diary = Diary()
    diary.walk(10, F, 200, 0, heart=95)
    diary.walk(10, F, 200, 0, heart=None)
    return diary


def unsteady() -> Diary:
    """Speed and incline unknown for some seconds."""
    diary = Diary()
    diary.walk(5, B, 100, 2, incline=None)
    diary.walk(5, B, None, 2)
    diary.walk(5, B, 100, 2, incline=15)
    return diary


MAKERS: list[Callable[[], Diary]] = [whole, stopped, empty, standing, without_heart, unsteady]
every = pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)


def fit(data: bytes) -> dict[str, list[dict[str, Any]]]:
    """The messages of a file by name, read strictly by fitdecode."""
    found: dict[str, list[dict[str, Any]]] = {}
    strict = {"check_crc": fitdecode.CrcCheck.RAISE, "error_handling": fitdecode.ErrorHandling.RAISE}
    with fitdecode.FitReader(io.BytesIO(data), **strict) as reader:
        for frame in reader:
            if isinstance(frame, fitdecode.FitDataMessage):
                found.setdefault(frame.name, []).append({one.name: one.value for one in frame.fields})
    return found


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


@every
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "recovered"])
def test_the_sums_of_a_fit_file_are_those_of_the_session(make: Callable[[], Diary], closed: bool) -> None:
    session = make().session(closed=closed)
    own, found = laps(session), fit(exported(session, Form.FIT))
    (told,) = found["session"]
    assert told["total_distance"] == pytest.approx(sum(lap.metres for lap in own), abs=0.005 * len(own))
    assert told["total_timer_time"] * 1000 == pytest.approx(sum(lap.moving for lap in own))
    assert told["total_elapsed_time"] * 1000 == pytest.approx(own[-1].end)
    assert told["num_laps"] == len(found["lap"]) == len(own)
    for way, sign in ((F, 1), (B, -1)):
        those = [lap for lap in found["lap"] if lap["direction"] == sign]
        assert sum(lap["total_distance"] for lap in those) == pytest.approx(way_m(own, way), abs=0.005 * len(own))
        assert sum(lap["total_timer_time"] for lap in those) * 1000 == pytest.approx(walked_ms(own, way))
    assert len(found.get("record", [])) == len(session.samples)
    assert found["activity"][0]["total_timer_time"] == told["total_timer_time"]


def test_the_way_of_a_session_is_its_summary_to_a_tenth_of_a_metre_each_way() -> None:
    session = whole().session()
    assert session.closed is not None
    summary, own = session.closed.summary, laps(session)
    assert way_m(own, F) == pytest.approx(summary.forward_m, abs=0.11)
    assert way_m(own, B) == pytest.approx(summary.backward_m, abs=0.11)


def test_a_fit_file_is_indoor_walking_with_a_direction() -> None:
    found = fit(exported(whole().session(), Form.FIT))
    (about,), (told,) = found["file_id"], found["session"]
    assert (about["type"], about["manufacturer"]) == ("activity", "development")
    assert (told["sport"], told["sub_sport"]) == ("walking", "indoor_walking")
    assert [lap["direction"] for lap in found["lap"]] == [1, -1, 1]
    assert {record["direction"] for record in found["record"]} == {1, -1, None}
    assert told["start_time"].isoformat() == "2030-01-07T17:00:00+00:00"
    assert found["record"][10]["timestamp"].isoformat() == "2030-01-07T17:00:11+00:00"
    assert found["record"][10]["enhanced_speed"] == 0.556  # 2.00 km/h


def test_a_simulated_walk_says_so_in_every_format() -> None:
    session = replace(whole(), simulated=True).session()
    assert fit(exported(session, Form.FIT))["session"][0]["sport_profile_name"] == "SIMULATED"
    assert b"SIMULATED" in exported(session, Form.TCX)
    assert {row["simulated"] for row in table(exported(session, Form.CSV))} == {"yes"}


def test_what_is_not_known_is_not_zero() -> None:
    records = fit(exported(unsteady().session(), Form.FIT))["record"]
    assert [record["enhanced_speed"] for record in records[4:6]] == [0.278, None]
    assert [record["grade"] for record in (records[0], records[14])] == [None, 1.5]
    rates = [record["heart_rate"] for record in fit(exported(without_heart().session(), Form.FIT))["record"]]
    assert rates == [95] * 10 + [None] * 10
    rows = table(exported(unsteady().session(), Form.CSV))
    assert [(row["speed_kmh"], row["belt"], row["direction"]) for row in rows[4:6]] == [
        ("1.00", "moving", "backward"), ("", "unknown", "")
    ]  # fmt: skip


@pytest.mark.parametrize("place", [13, 40, 200, -1])
def test_a_fit_file_with_a_broken_sum_is_noticed(place: int) -> None:
    data = bytearray(exported(whole().session(), Form.FIT))
    data[place] ^= 4
    with pytest.raises(fitdecode.FitError):
        fit(bytes(data))


@every
def test_the_sums_of_a_tcx_file_are_those_of_the_session(make: Callable[[], Diary], tmp_path: Path) -> None:
    session = make().session()
    data, own = exported(session, Form.TCX), laps(session)
    root = ElementTree.fromstring(data)
    told = [*root.iter(f"{NAMESPACE}Lap")]
    assert [float(lap.findtext(f"{NAMESPACE}DistanceMeters", "")) for lap in told] == pytest.approx(
        [lap.metres for lap in own], abs=0.005
    )
    assert [float(lap.findtext(f"{NAMESPACE}TotalTimeSeconds", "")) * 1000 for lap in told] == pytest.approx(
        [lap.moving for lap in own]
    )
    ways = [lap.findtext(f"{NAMESPACE}Notes", "").split(" · ")[0] for lap in told]
    assert ways == [{F: "FORWARD", B: "BACK", None: "STANDING"}[lap.facing] for lap in own]
    if session.samples:
        path = tmp_path / "walk.tcx"
        path.write_bytes(data)
        read = TCXReader().read(str(path), only_gps=False)
        assert len(read.trackpoints) == len(session.samples)
        assert read.distance == pytest.approx(sum(lap.metres for lap in own), abs=0.005 * len(own))
        assert read.activity_type == "Other"


ORDER = {
    "Lap": ["TotalTimeSeconds", "DistanceMeters", "MaximumSpeed", "Calories", "AverageHeartRateBpm",
            "MaximumHeartRateBpm", "Intensity", "Cadence", "TriggerMethod", "Track", "Notes", "Extensions"],
    "Trackpoint": ["Time", "Position", "AltitudeMeters", "DistanceMeters", "HeartRateBpm", "Cadence", "SensorState",
                   "Extensions"],
    "Activity": ["Id", "Lap", "Notes", "Training", "Creator", "Extensions"],
}  # fmt: skip
"""The schema's sequences (TrainingCenterDatabasev2.xsd): a strict reader refuses any other order."""
NEEDED = {
    "Lap": {"TotalTimeSeconds", "DistanceMeters", "Calories", "Intensity", "TriggerMethod"}, "Trackpoint": {"Time"},
    "Activity": {"Id", "Lap"},
}  # fmt: skip


@every
def test_a_tcx_file_has_its_elements_in_the_order_of_the_schema(make: Callable[[], Diary]) -> None:
    root = ElementTree.fromstring(exported(make().session(), Form.TCX))
    for name, order in ORDER.items():
        for element in root.iter(NAMESPACE + name):
            places = [order.index(child.tag.removeprefix(NAMESPACE)) for child in element]
            assert places == sorted(places)
            assert {child.tag.removeprefix(NAMESPACE) for child in element} >= NEEDED[name]


@every
def test_the_sums_of_a_csv_file_are_those_of_the_session(make: Callable[[], Diary]) -> None:
    session = make().session()
    rows, own = table(exported(session, Form.CSV)), laps(session)
    assert len(rows) == len(session.samples)
    ways = dict.fromkeys(("forward", "backward", ""), 0.0)
    last = 0.0
    for row in rows:
        ways[row["direction"]] += float(row["distance_m"]) - last
        last = float(row["distance_m"])
    rounding = 0.05 * (2 * len(own) + 1)
    assert last == pytest.approx(sum(lap.metres for lap in own), abs=0.05)
    assert ways["forward"] == pytest.approx(way_m(own, F), abs=rounding)
    assert ways["backward"] == pytest.approx(way_m(own, B), abs=rounding)


def test_a_csv_file_has_the_documented_header_and_utc() -> None:
    data = exported(whole().session(), Form.CSV)
    assert data.splitlines()[0].decode() == ",".join(HEADER)
    row = table(data)[10]
    assert (row["time_utc"], row["elapsed_s"]) == ("2030-01-07T17:00:11Z", "11.000")
    assert (row["direction"], row["segment"], row["segment_name"]) == ("forward", "1", "Warm-up")
    assert (row["heart_rate_bpm"], row["incline_percent"]) == ("100", "0.0")


@given(st.text(max_size=30))
@example("=1+1")
@example("  @SUM(A1)")
@example("-2")
def test_no_cell_is_a_formula(text: str) -> None:
    shown = safe_cell(text)
    assert not shown.lstrip().startswith(tuple(FORMULAS))
    assert not {"\n", "\r", "\t", "\x00"} & set(shown)


MARKUP = st.sampled_from("<>&\"'=\x00\u202e\ufffe]\ud800")
NASTY = st.text(st.characters() | MARKUP, max_size=20)


@settings(max_examples=60, deadline=None)
@given(NASTY, NASTY)
@example("\ud800", "\ud800")
@example("]]><x>", "</Notes>")
def test_hostile_names_break_no_format(title: str, name: str) -> None:
    program = Program(title, (Walk(F, 5, Speed(200), name=name),))
    diary = Diary(program=program, name=title)
    diary.walk(2, F, 200, 0)
    session = diary.session()
    root = ElementTree.fromstring(exported(session, Form.TCX))
    assert [element.tag for element in root.iter(f"{NAMESPACE}Notes")] == [f"{NAMESPACE}Notes"] * 2
    rows = csv.reader(io.StringIO(exported(session, Form.CSV).decode(), newline=""))
    assert {len(row) for row in rows} == {len(HEADER)}
    assert fit(exported(session, Form.FIT))["session"]


@pytest.mark.parametrize("started", ["", "soon", "1066-10-14T09:00:00", "9999-12-31T23:59:59-14:00"])
def test_a_session_without_a_usable_time_is_refused(started: str) -> None:
    session = replace(whole(), started=started).session()
    for form in Form:
        with pytest.raises(Undated):
            exported(session, form)


def test_a_damaged_session_of_a_thousand_turns_is_still_a_file() -> None:
    diary = Diary()
    for second in range(2500):
        diary.walk(1, F if second % 2 else B, 100, 0)
    found = fit(exported(diary.session(), Form.FIT))
    assert len(found["lap"]) == 2000


def test_every_format_says_what_it_loses() -> None:
    assert LOSSES.keys() == set(Form)


def test_the_same_session_is_the_same_file() -> None:
    one, other = whole().session(), whole().session()
    assert isinstance(one, Session)
    assert [exported(one, form) for form in Form] == [exported(other, form) for form in Form]
