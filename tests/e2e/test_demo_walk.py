"""The demo from end to end as real processes: guardian, bleak's API, the simulated treadmill and its walker."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

from tests.e2e.walking import Walk, a_walk, run
from treadctl.control.replay import replay


async def test_the_demo_walks_to_its_end_with_a_complete_session_and_a_trace_that_replays(own_folders: Path) -> None:
    async with a_walk(own_folders, prepared=False) as walk:
        await walk.begin()
        out = walk.out()
        assert walk.client is not None and walk.client.returncode == 0, out
        assert '"Belt stopped.' in out and "Finished. Walked 2:20" in out
        session = walk.lines("sessions")
        assert session[0]["is"] == "Opened" and session[0]["simulated"] and session[0]["started"]
        assert session[-1]["is"] == "Closed" and session[-1]["summary"]["finished"]
        seconds = [entry["at"] for entry in session if entry["is"] == "SampleEntry"]
        assert len(seconds) > 200 and max(b - a for a, b in pairwise(seconds)) < 3000
        _replays(walk)


def _replays(walk: Walk) -> None:
    trace = walk.lines("traces")
    assert trace[0]["is"] == "Context" and not any("dropped" in line for line in trace)
    assert replay(trace) == []
    spoilt = [dict(line) for line in trace]
    spoilt[len(spoilt) // 2]["digest"] = "0" * 16
    assert [mismatch.line for mismatch in replay(spoilt)] == [len(spoilt) // 2 + 1]


async def test_status_tells_what_the_belt_does_while_it_moves(own_folders: Path) -> None:
    async with a_walk(own_folders) as walk:
        await walk.begin()
        await walk.walking()
        told = json.loads(run("status", "--json").stdout)
        assert told["schema"] == "treadctl/status/1"
        [one] = told["guardians"]
        assert one["answers"] and one["simulated"] and one["pid"] == walk.guardian
        assert one["snapshot"]["belt"] == "moving" and one["snapshot"]["phase"] in ("holding", "walking", "easing")
        assert "belt moving" in run("status").stdout


def test_without_a_terminal_nobody_walks_on_a_real_treadmill(own_folders: Path) -> None:
    ended = run("run", "demo", "--headless")
    assert ended.returncode == 6 and "needs a terminal" in ended.stderr and "Traceback" not in ended.stderr


def test_a_faulty_machine_ends_the_walk_with_the_exit_code_of_a_fault_or_a_refusal(own_folders: Path) -> None:
    ended = run("demo", "--headless", "--rate", "10", "--fault", "nonsense:1")
    assert ended.returncode != 0 and "Traceback" not in ended.stdout + ended.stderr
