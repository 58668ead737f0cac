"""A session by segment: what was walked where, whichever way it went."""

from __future__ import annotations

from dataclasses import replace

import pytest

from treadctl.sessions.energy import Doubt, energy_of
from treadctl.sessions.laps import LONGEST, ended, laps, spells

from .walks import PROGRAM, B, Diary, F, stopped, walked_ms, way_m, whole


def test_one_lap_a_segment_with_the_turn_before_it() -> None:
    found = laps(whole().session())
    assert [(lap.index, lap.facing, lap.begin, lap.end) for lap in found] == [
        (0, F, 0, 30_000), (2, B, 30_000, 78_000), (4, F, 78_000, 117_500)
    ]  # fmt: skip
    assert [lap.planned for lap in found] == [PROGRAM.segments[n] for n in range(3)]
    assert [(lap.moving, lap.standing) for lap in found] == [(20_000, 10_000), (30_000, 18_000), (20_000, 19_000)]


def test_both_directions_count_as_way() -> None:
    diary = whole()
    found = laps(diary.session())
    assert [lap.metres for lap in found] == pytest.approx([11.11, 8.33, 11.11], abs=0.1)
    assert way_m(found, F) == pytest.approx(diary.ways[F], abs=0.1)
    assert way_m(found, B) == pytest.approx(diary.ways[B], abs=0.1)
    assert (walked_ms(found, F), walked_ms(found, B)) == (40_000, 30_000)


def test_a_stop_in_the_middle_of_a_bout_stays_in_its_lap() -> None:
    found = laps(stopped().session())
    assert [(lap.index, lap.moving, lap.stops) for lap in found] == [(0, 20_000, 0), (2, 22_000, 2)]


def test_an_ease_and_its_stop_are_one() -> None:
    session = stopped().session()
    assert sum(event.kind in ("ease", "stop") for event in session.events) == 4
    assert sum(lap.stops for lap in laps(session)) == 2


def test_a_stop_that_is_told_again_while_the_belt_rolls_out_is_one() -> None:
    diary = Diary()
    diary.walk(10, B, 100, 2)
    diary.event("stop", "You pressed stop.", 2)
    diary.walk(3, B, 60, 2)
    diary.event("stop", "Connection lost.", 2)
    assert [lap.stops for lap in laps(diary.session())] == [1]


def test_a_stop_at_standstill_stops_nothing() -> None:
    diary = Diary()
    diary.stand(5, 0)
    diary.event("stop", "You pressed stop.", 0)
    assert [lap.stops for lap in laps(diary.session())] == [0]


def test_the_way_home_is_a_lap_of_its_own() -> None:
    diary = Diary()
    diary.walk(10, F, 200, 0)
    diary.event("stop", "You pressed stop.", 0)
    diary.stand(5, 0, F)
    diary.event("answer", "halted: f", 0)
    diary.stand(5, 0, F)
    diary.walk(10, F, 150, 0)
    found = laps(diary.session())
    assert [(lap.home, lap.planned, lap.moving) for lap in found] == [
        (False, PROGRAM.segments[0], 10_000), (True, None, 10_000)
    ]  # fmt: skip


def test_a_session_without_samples_is_one_empty_lap() -> None:
    (lap,) = laps(Diary().session())
    assert (lap.index, lap.facing, lap.moving, lap.metres, lap.end) == (None, None, 0, 0.0, 500)


def test_only_standing_is_neither_way_nor_walking() -> None:
    diary = Diary()
    diary.stand(30, 0)
    (lap,) = laps(diary.session())
    assert (lap.index, lap.facing, lap.moving, lap.standing, lap.metres) == (0, None, 0, 30_000, 0.0)


def test_silence_is_neither_walked_nor_stood_but_the_way_is_kept() -> None:
    diary = Diary()
    diary.walk(10, F, 200, 0)
    del diary.samples[4:8]
    diary.walk(3, F, None, 0)
    (lap,) = laps(diary.session(closed=False))
    assert (lap.moving, lap.standing, lap.end) == (5_000, 0, 13_000)
    assert lap.metres == pytest.approx(10 * 200 / 360, abs=0.05)


def test_the_way_of_the_second_in_which_facing_became_unknown_is_counted() -> None:
    diary = Diary()
    diary.walk(10, B, 100, 2)
    last = replace(diary.samples[-1], facing=None)
    session = diary.session()
    found = laps(replace(session, samples=(*session.samples[:-1], last)))
    assert way_m(found, B) == pytest.approx(10 * 100 / 360, abs=0.05)


def test_damage_makes_no_way_and_no_days() -> None:
    diary = Diary()
    diary.walk(5, F, 200, 0)
    last = diary.samples[-1]
    wild = (replace(last, at=-5), replace(last, at=6000, distance_m=1e300), replace(last, at=7000, distance_m=-9.0),
            replace(last, at=LONGEST + 1), replace(last, at=2**62))  # fmt: skip
    session = replace(diary.session(), samples=(*diary.samples, *wild))
    found = laps(session)
    assert sum(lap.metres for lap in found) == pytest.approx(5 * 200 / 360, abs=0.05)
    assert (ended(session), found[-1].end) == (7000, 7000)


def test_a_turn_in_the_middle_of_a_segment_which_only_damage_makes_is_two_laps() -> None:
    diary = Diary()
    diary.walk(5, F, 200, 0)
    diary.walk(5, B, 100, 0)
    assert [(lap.index, lap.facing) for lap in laps(diary.session())] == [(0, F), (0, B)]


def test_a_segment_that_the_program_does_not_have_is_walked_all_the_same() -> None:
    diary = Diary()
    diary.walk(5, F, 200, 99)
    (lap,) = laps(diary.session())
    assert (lap.index, lap.planned, lap.moving) == (99, None, 5_000)


def test_energy_counts_from_the_first_step_to_the_last() -> None:
    found = [*spells(laps(whole().session()))]
    assert sum(spell.length for spell in found) == 1000 * (20 + 18 + 30 + 18 + 20)
    assert energy_of(found).doubts == {Doubt.SLOW, Doubt.SHORT}
    assert not [*spells(laps(Diary().session()))]
