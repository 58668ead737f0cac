"""The verdict on a walk must not be kinder than what happened: its parts, on events and files written by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kills.judge import Verdict, _late, lost_seconds, opened, speed_at, start_pending
from tests.kills.report import BEGIN, END, line, quantile, table, write
from treadctl.model.records import Entry, EventEntry, SampleEntry

STARTED = [{"at": 5000, "is": "write", "data": "07"}]
MOVES = [*STARTED, *({"at": at, "is": "belt", "speed": speed, "goal": 80} for at, speed in ((9000, 2), (11_000, 80)))]


def sample(at: int) -> SampleEntry:
    return SampleEntry(at, None, None, None, 0.0, None, None, None)


def test_a_start_is_pending_until_the_belt_moves_or_a_stop_came_or_time_is_over() -> None:
    assert start_pending(STARTED, 6000)
    assert not start_pending(STARTED, 13_001)
    assert not start_pending(MOVES, 9500)
    assert not start_pending([*STARTED, {"at": 5500, "is": "write", "data": "0801"}], 6000)


def test_a_stop_that_comes_far_too_late_was_not_the_answer() -> None:
    assert _late(None) == _late(15_000) == []
    assert _late(22_609) == ["its Stop came 22.6 s later: too late"]


def test_the_true_speed_is_the_last_one_told() -> None:
    assert [speed_at(MOVES, at) for at in (0, 9000, 10_999, 11_000)] == [0, 2, 2, 80]


def test_missing_samples_are_counted_by_the_machines_own_clock() -> None:
    begun: list[Entry] = [EventEntry(1000, "write", "START_OR_RESUME 07"), sample(1000), sample(2003), sample(3001)]
    assert lost_seconds(begun, STARTED, 4000 + 3900) == 0
    assert lost_seconds(begun, STARTED, 4000 + 4900) == 1
    assert lost_seconds(begun, STARTED, 4000 + 6100) == 3


def test_only_the_last_line_of_a_recording_may_be_torn(tmp_path: Path) -> None:
    whole = json.dumps({"is": "EventEntry", "at": 1, "kind": "x", "text": "", "segment": None})
    path = tmp_path / "session.jsonl"
    path.write_text(f'{whole}\n{{"is":"Samp')
    assert len(opened(path)) == 1
    path.write_text(f'{{"is":"Samp\n{whole}\n')
    with pytest.raises(ValueError, match="line 1"):
        opened(path)
    path.write_text("")
    with pytest.raises(ValueError, match="empty"):
        opened(path)


def test_a_quantile_is_a_value_that_was_measured() -> None:
    assert [quantile([30, 10, 20], share) for share in (0.5, 0.9, 0.99, 1.0)] == [20, 30, 30, 30]
    assert quantile(range(1, 101), 0.9) == 90


def test_a_walk_that_did_not_stop_is_said_to_have_failed() -> None:
    failed = Verdict("screens killed", "bout", stop_ms=20)
    assert not failed.held and "MOVES" in line(1, 1, failed) and "was not stopped" in line(1, 1, failed)
    assert not Verdict("w", "m", stopped=True, wrong=["no recording"]).held
    assert [cell.strip() for cell in table([failed]).splitlines()[-1].split("|")[1:4]] == ["all", "1", "0"]


def test_the_results_of_a_page_are_replaced_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write(page, f"{BEGIN}\nnew \\1\n{END}")
    assert page.read_text() == f"before\n{BEGIN}\nnew \\1\n{END}\nafter\n"
