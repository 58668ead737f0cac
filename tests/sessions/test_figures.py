"""The figures of a walk: from its last line, and from its samples where that is missing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.made import BACKWARD_S, BEGIN, ROUNDS, body, name_of, octets, program, summary, walk
from treadctl.files.sessions import _session as recorded_of
from treadctl.model import plain
from treadctl.model.outcome import Dose, Stop
from treadctl.model.program import Facing
from treadctl.model.records import Closed, Entry, EventEntry, Opened, SampleEntry
from treadctl.model.units import Incline, Speed
from treadctl.sessions.figures import Figures, figures_of
from treadctl.sessions.session import Session, session_of

NAME = name_of(BEGIN)


def read(data: bytes, name: str = NAME) -> Figures:
    return figures_of(session_of(name, data))


def test_a_closed_walk_says_its_own_sums_and_its_samples_say_the_heart() -> None:
    found = read(walk(BEGIN, speed=120, heart=95))
    assert (found.at, found.profile, found.machine) == (int(BEGIN.timestamp()), "Twelve minutes", "Horizon 7.4")
    assert (found.backward, found.bouts, found.top_backward) == (720_000, 4, 120)
    assert (found.finished, found.recovered, found.unread, found.simulated) == (True, False, 0, False)
    assert found.heart_backward is not None and found.heart_forward is not None
    assert 7 < found.heart_backward - found.heart_forward < 9
    assert found.planned == Dose(720, 180, Speed(120), Incline(0))


@pytest.mark.parametrize(
    "more",
    [
        {"backward": 90_000_000}, {"forward": -1}, {"walked": 10**12}, {"backward_m": 1e300}, {"forward_m": -0.1},
        {"backward_m": 200_001.0}, {"bouts": -1}, {"bouts": 10**12}, {"top_heart": 999},
    ],
)  # fmt: skip
def test_sums_that_no_walk_can_have_are_counted_from_the_samples(more: dict[str, object]) -> None:
    whole = walk(BEGIN)
    head = whole[: whole.rindex(b"\n", 0, -1) + 1]
    found = read(head + octets(Closed(10**12, replace(summary(100, NAME), **more))))  # type: ignore[arg-type]
    counted = read(head)
    assert found == replace(counted, finished=True, reason="", recovered=False, pain_before=1, stops=())
    kept = recorded_of(NAME, [*head.splitlines(), octets(Closed(1, replace(summary(100, NAME), **more)))])  # type: ignore[arg-type]
    assert kept.done == 720


def test_samples_that_no_walk_can_have_are_no_figures() -> None:
    opened = Opened(NAME, BEGIN.isoformat(), "0.1.0", "", False, program())
    sample = SampleEntry(10**12, Speed(100), Speed(100), None, 0.0, Facing.BACKWARD, 999, 1)
    found = read(octets(opened, sample))
    assert (found.length, found.backward, found.top_heart) == (0, 1000, None)


def test_a_walk_that_was_cut_off_is_counted_from_its_samples() -> None:
    whole = walk(BEGIN, speed=100)
    found = read(whole[: whole.rindex(b"\n", 0, -1) + 1])
    assert (found.recovered, found.finished, found.stops) == (True, False, (Stop.MACHINE,))
    assert (found.backward, found.forward, found.bouts) == (720_000, 480_000, 4)
    assert abs(found.backward_m - read(whole).backward_m) < 8 and found.top_backward == 100
    assert found.length == 1_200_000


def test_cut_off_anywhere_it_has_no_more_than_was_walked_and_loses_no_whole_line() -> None:
    whole = walk(BEGIN)
    lines = whole.splitlines(keepends=True)
    for cut in (len(lines[0]), len(whole) // 3, len(whole) // 2, len(whole) - 5):
        session = session_of(NAME, whole[:cut])
        assert len(session.samples) == whole[:cut].count(b'"segment":') - _torn_or_event(whole[:cut])
        assert figures_of(session).walked <= 1_200_000


def _torn_or_event(data: bytes) -> int:
    """Lines with a segment that are no whole sample."""
    lines = data.splitlines()
    return sum(b'"segment":' in line and not (b"SampleEntry" in line and line.endswith(b"}")) for line in lines)


def test_a_heart_counts_only_while_the_belt_moves_and_the_way_is_known() -> None:
    def beat(at: int, speed: int | None, facing: Facing | None, rate: int) -> SampleEntry:
        return SampleEntry(at, None if speed is None else Speed(speed), None, None, 0.1, facing, rate, 0)

    back, rest = beat(1000, 100, Facing.BACKWARD, 110), beat(2000, 0, Facing.BACKWARD, 180)
    others = (beat(3000, None, Facing.BACKWARD, 190), beat(4000, 100, None, 200))
    found = read(octets(Opened(NAME, BEGIN.isoformat(), "", "", False, program()), back, rest, *others))
    assert (found.heart_backward, found.heart_forward, found.top_heart) == (110.0, None, 200)


def test_what_stopped_it_and_what_hurt_is_kept() -> None:
    told = (EventEntry(1, "answer", "pain-before: 2"), EventEntry(2, "answer", "pain: 5"))
    events = (*told, EventEntry(3, "fault", "pain"))
    found = read(octets(Opened(NAME, BEGIN.isoformat(), "", "", True, program()), *events))
    assert (found.pain_before, found.pain, found.simulated) == (2, 5, True)
    assert found.stops == (Stop.PAIN, Stop.MACHINE)


def test_without_a_time_of_its_own_the_name_says_when_and_else_nobody_knows() -> None:
    opened = Opened(NAME, "yesterday", "", "", False, program())
    assert read(octets(opened)).at == int(BEGIN.timestamp())
    assert read(octets(replace(opened, started="9999-99-99")), "mine").at is None
    unzoned = replace(opened, started=BEGIN.replace(tzinfo=None).isoformat())
    assert read(octets(unzoned), "x").at == int(BEGIN.timestamp())


# --- the quick way to read a sample is the same as the slow one -----------------------------------------------------

numbers = st.none() | st.integers(-2, 70_000)
samples = st.builds(
    lambda at, speed, target, incline, metres, facing, heart, segment: {
        "is": "SampleEntry", "at": at, "speed": speed, "target": target, "incline": incline, "distance_m": metres,
        "facing": facing, "heart_rate": heart, "segment": segment,
    },
    st.integers(-5, 10**16), numbers, numbers, st.none() | st.integers(-1100, 1100),
    st.floats(allow_nan=True) | st.integers(0, 99) | st.decimals(0, 9999, places=1).map(float),
    st.sampled_from([None, "forward", "backward", "up"]), numbers, numbers,
)  # fmt: skip


def slowly(line: bytes) -> Entry | None:
    try:
        entry: Entry = plain.parse(Entry, line)
    except plain.Malformed:
        return None
    return entry


def quickly(line: bytes) -> Entry | None:
    session = session_of("x", octets(Opened("x", "", "", "", False, program())) + line)
    found: list[Entry] = [*session.samples, *session.events, *([session.closed] if session.closed else [])]
    assert len(found) + session.unread == 1
    return found[0] if found else None


@given(samples)
def test_a_sample_is_read_as_by_the_codec(sample: dict[str, object]) -> None:
    line = json.dumps(sample, separators=(",", ":")).encode()
    assert quickly(line) == slowly(line)


SAMPLE = body(100, 90).splitlines()[300]


@given(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255))
def test_a_bent_sample_is_read_as_by_the_codec(place: int, octet: int) -> None:
    line = SAMPLE[:place] + bytes([octet]) + SAMPLE[place + 1 :]
    if len(line.splitlines()) == 1:
        assert quickly(line) == slowly(line)


@pytest.mark.parametrize(
    ("field", "written"),
    [
        (b'"at":', b'"at":0'), (b'"speed":', b'"speed":0'), (b'"incline":null', b'"incline":-05'),
        (b'"incline":null', b'"incline":-0'), (b'"incline":null', b'"incline":1001'),
        (b'"distance_m":', b'"distance_m":0'), (b'"target":100', b'"target":65536'),
        (b'"heart_rate":', b'"heart_rate":+'), (b'"segment":1', b'"segment":true'),
    ],
)  # fmt: skip
def test_a_number_that_json_or_a_unit_does_not_know_is_none_on_either_way(field: bytes, written: bytes) -> None:
    line = SAMPLE.replace(field, written)
    assert line != SAMPLE and quickly(line) == slowly(line)


def test_the_guardians_own_samples_go_the_quick_way() -> None:
    from treadctl.sessions.session import _SAMPLE

    for sample in (
        SampleEntry(1000, Speed(100), None, None, 0.3, Facing.BACKWARD, None, 0),
        SampleEntry(2000, None, Speed(0), Incline(-5), 12345.6, None, 120, None),
    ):
        assert _SAMPLE.fullmatch(json.dumps(plain.dump(sample), separators=(",", ":")).encode())


def test_the_length_of_a_closed_walk_is_its_last_line() -> None:
    session = session_of(NAME, walk(BEGIN))
    assert isinstance(session, Session) and isinstance(session.closed, Closed)
    assert figures_of(session).length == session.closed.at > 1000 * ROUNDS * BACKWARD_S
