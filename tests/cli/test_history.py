"""`treadctl history`: what was walked, listed, shown, summed up and deleted, with a person's own files."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import treadctl, treadctl_on_a_terminal
from tests.sessions.made import answers as told_of
from tests.sessions.made import name_of, octets, program, walk, write, years
from treadctl.cli import main
from treadctl.clients import history, history_remove, history_stats
from treadctl.clients.past import find, utc_of, wall_of
from treadctl.clients.planning import up_to_date
from treadctl.files.answers import load_answers, update_answers
from treadctl.files.person import load_person
from treadctl.files.profile.writing import written
from treadctl.model.answers import Answers, Morning
from treadctl.model.errors import InvalidFile, UsageError
from treadctl.model.records import EventEntry
from treadctl.paths import Paths, real_paths, simulated_paths
from treadctl.plans.colour import Colour, judge
from treadctl.sessions.clocks import FUTURE, UNSET
from treadctl.sessions.figures import figures_of
from treadctl.sessions.session import session_of

COUNT = 8
BEGIN = datetime(2030, 1, 7, 17, 0, tzinfo=UTC)
NOW = int((BEGIN + timedelta(days=20)).timestamp())

pytestmark = pytest.mark.usefixtures("in_utc")


@pytest.fixture
def paths() -> Paths:
    found = real_paths()
    names = years(found.sessions, COUNT, 2.0, BEGIN)
    (found.data / "answers.jsonl").write_bytes(told_of(names))
    return found


@pytest.fixture(autouse=True)
def octets_stay(request: pytest.FixtureRequest) -> Iterator[None]:
    """No session file is ever written, whatever is asked."""
    folder = request.getfixturevalue("paths").sessions if "paths" in request.fixturenames else None
    before = {} if folder is None else {path: path.read_bytes() for path in folder.glob("*.jsonl")}
    yield
    for path, data in before.items():
        assert not path.exists() or path.read_bytes() == data


def listed(paths: Paths, capsys: pytest.CaptureFixture[str], **more: Any) -> dict[str, Any]:
    ask: dict[str, Any] = {"limit": 20, "since": None, "until": None, **more}
    assert history.run_list(paths, NOW, as_json=True, **ask) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


# --- list ----------------------------------------------------------------------------------------------------------


def test_the_newest_walks_are_listed_with_their_colours(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    history.run_list(paths, NOW, limit=3, since=None, until=None, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and lines[-1] == "The newest 3 of 8 walks; --limit shows more."
    assert lines[2].startswith("2030-01-21 17:49  amber   12:00 of  12:00 backward")
    assert lines[2].split()[-1] == name_of(BEGIN + timedelta(days=14, minutes=49), 7)


def test_as_json_it_is_one_object_with_a_schema(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    found = listed(paths, capsys)
    assert found["schema"] == "treadctl.history-list/1" and found["count"] == len(found["walks"]) == COUNT
    assert {one["colour"] for one in found["walks"]} == {"green", "amber"} and not found["notes"]
    assert found["walks"][0]["wall"] == "2030-01-07T17:00:00" and found["walks"][0]["answers"]["effort"] == 6


def test_days_limit_the_list_at_both_ends(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "list", "--since", "2030-01-09", "--until", "2030-01-11", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["walks"]
    assert [one["wall"][:10] for one in found] == ["2030-01-09", "2030-01-11"]


def test_without_a_walk_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "list"]) == 0 == main(["history", "stats"])
    assert capsys.readouterr().out.splitlines()[0] == "No walk is recorded yet."


@pytest.mark.parametrize(
    "words", [["list", "--since", "monday"], ["list", "--limit", "-1"], ["rm"], ["--json", "nonsense"]], ids=str
)
def test_wrong_words_are_refused(words: list[str]) -> None:
    assert main(["history", *words]) == 2


def test_speeds_are_in_the_readers_unit(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    (paths.config / "config.toml").parent.mkdir(parents=True, exist_ok=True)
    (paths.config / "config.toml").write_text('units = "mph"\n')
    for words in (["list"], ["show", "last"], ["stats"]):
        main(["history", *words])
    said = capsys.readouterr().out
    assert "km/h" not in said and "mph" in said


# --- bad input -----------------------------------------------------------------------------------------------------


def test_damaged_files_are_told_and_every_sample_on_disk_counts(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    late = BEGIN + timedelta(days=15)
    whole = walk(late, number=90)
    lines = whole.splitlines(keepends=True)
    torn = write(paths.sessions, whole[: len(whole) // 2], late, 90)
    write(paths.sessions, b"".join([lines[0], *reversed(lines[1:])]), late + timedelta(hours=2), 91)
    bent = bytearray(whole)
    for at in range(2000, len(bent), 9000):
        bent[at] ^= 4
    write(paths.sessions, bytes(bent), late + timedelta(hours=4), 92)
    (paths.sessions / "nothing.jsonl").write_bytes(b"\0" * 4096)
    found = listed(paths, capsys)
    by_number = {one["name"].split("-")[1]: one for one in found["walks"]}
    assert by_number["00005a"]["recovered"] and by_number["00005a"]["unread"] == 1
    half = [line for line in torn.read_bytes().split(b"\n")[:-1] if b"Sample" in line and b'"backward"' in line]
    assert by_number["00005a"]["backward"] // 1000 == len(half)
    straight = figures_of(session_of("x", whole))
    for key in ("backward", "heart_backward", "heart_forward", "planned_total", "unread", "recovered"):
        assert by_number["00005b"][key] == getattr(straight, key)
    assert by_number["00005c"]["unread"] > 5 and by_number["00005c"]["backward"] == 720_000
    assert [one["session"] for one in found["damaged"]] == ["nothing"]
    history.run_list(paths, NOW, limit=20, since=None, until=None, as_json=False)
    said = capsys.readouterr().out
    assert "nothing.jsonl cannot be read and is kept as it is: the first line is not JSON" in said
    assert "(recovered: it was cut off)" in said and "damaged lines)" in said
    history_stats.run_stats(paths, NOW, limit=2, since=None, until=None, as_json=False)
    assert capsys.readouterr().out.count("nothing.jsonl") == 1


def test_a_clock_that_jumped_is_listed_in_order_said_and_left_out_of_the_weeks(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    for n, begun in enumerate((datetime(1970, 1, 1, 0, 5, tzinfo=UTC), BEGIN + timedelta(days=4000))):
        write(paths.sessions, walk(begun, number=50 + n), begun, 50 + n)
    twin = BEGIN + timedelta(days=2, minutes=8)
    write(paths.sessions, walk(twin, number=60), twin, 60)
    found = listed(paths, capsys)
    times = [one["wall"] for one in found["walks"]]
    assert times == sorted(times)
    odd = [one["odd"] for one in found["walks"]]
    assert odd[0] == UNSET and odd[-1] == FUTURE and "the clock was changed in between" in odd[3]
    history_stats.run_stats(paths, NOW, limit=0, since=None, until=None, as_json=True)
    stats = json.loads(capsys.readouterr().out)
    assert sum(week["walks"] for week in stats["weeks"]) == COUNT + 1 and len(stats["weeks"]) < 5
    assert [note for note in stats["notes"] if "left out of the weeks" in note and UNSET in note]
    assert [note for note in stats["notes"] if "left out of the weeks" in note and FUTURE in note]


@pytest.mark.parametrize("zone", ["UTC", "CET-1CEST,M3.5.0,M10.5.0/3", "PST8PDT,M3.2.0,M11.1.0"])
@pytest.mark.parametrize(
    "started", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0002-01-01T00:00:00", "9999-01-01T00:00:00Z"]
)
def test_a_walk_of_a_time_that_cannot_be_keeps_no_other_from_being_used(
    paths: Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, started: str, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    lines = walk(BEGIN, number=80).replace(BEGIN.isoformat().encode(), started.encode(), 1)
    (paths.sessions / "odd.jsonl").write_bytes(lines)
    odd, good = listed(paths, capsys)["walks"][0], name_of(BEGIN)[:16]
    assert (odd["name"], odd["at"], odd["wall"]) == ("odd", None, None) and odd["odd"]
    for words in (
        ["history", "list"], ["history", "show", "odd"], ["history", "show", "odd", "--json"], ["history", "stats"],
        ["history", "rebuild"], ["plan", "start", "30-days"], ["plan", "today"], ["plan", "history"],
        ["history", "rm", f"{good}-000000-1", "--yes"],
    ):  # fmt: skip
        assert main(words) == 0, (words, capsys.readouterr().err)
    assert "time not known" in capsys.readouterr().out
    assert len(list(paths.sessions.glob("*.jsonl"))) == COUNT and (paths.sessions / "odd.jsonl").exists()


def test_in_the_hour_that_comes_twice_walks_keep_their_order(
    paths: Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    twice = datetime(2029, 10, 28, 0, 30, tzinfo=UTC)
    for n, begun in enumerate((twice, twice + timedelta(hours=1))):
        write(paths.sessions, walk(begun, number=70 + n), begun, 70 + n)
    found = listed(paths, capsys)["walks"][:2]
    assert [one["wall"][11:] for one in found] == ["02:30:00", "02:30:00"]
    assert found[0]["at"] < found[1]["at"] and not found[1]["odd"]
    assert wall_of(utc_of(NOW)) == NOW


def test_what_was_told_is_missing_where_it_cannot_be_read_and_that_is_said(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    (paths.data / "answers.jsonl").write_bytes(b"not an answer\n")
    found = listed(paths, capsys)
    assert {one["colour"] for one in found["walks"]} == {None}
    assert "answers.jsonl:1:1" in found["notes"][0] and "colours are missing" in found["notes"][0]


def test_in_a_home_that_cannot_be_written_all_is_listed_and_said(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = paths.data / "file"
    nowhere.touch()
    found = listed(replace(paths, state=nowhere / "state"), capsys)
    assert found["count"] == COUNT and "cannot be kept" in found["notes"][0]
    history_stats.run_stats(replace(paths, state=nowhere / "state"), NOW, limit=5, since=None, until=None, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["weeks"] and any("plan" in note for note in said["notes"])


# --- simulated -----------------------------------------------------------------------------------------------------


def test_walks_on_the_simulated_treadmill_are_marked_and_not_counted(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    late = BEGIN + timedelta(days=16)
    write(paths.sessions, walk(late, number=80, simulated=True), late, 80)
    history.run_list(paths, NOW, limit=1, since=None, until=None, as_json=False)
    assert "(SIMULATED)" in capsys.readouterr().out
    history_stats.run_stats(paths, NOW, limit=0, since=None, until=None, as_json=True)
    stats = json.loads(capsys.readouterr().out)
    assert sum(week["walks"] for week in stats["weeks"]) == COUNT
    assert "1 walk on a simulated treadmill is not counted here." in stats["notes"]


def test_the_kept_walks_of_a_simulated_treadmill_are_a_history_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = simulated_paths(tmp_path / "kept")
    begun = datetime(2025, 1, 7, tzinfo=UTC)
    write(kept.sessions, walk(begun, simulated=True), begun)
    assert main(["history", "stats", "--state", str(tmp_path / "kept"), "--limit", "0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["weeks"][0]["walks"] == 1
    assert main(["history", "list", "--state", str(tmp_path / "none")]) == 2 and not (tmp_path / "none").exists()


# --- show, stats, rebuild ------------------------------------------------------------------------------------------


def test_one_walk_is_shown_with_its_figures_and_picture(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    assert history.run_show(paths, "last", NOW, as_json=False) == 0
    said = capsys.readouterr().out
    assert said.startswith("Twelve minutes, Monday 2030-01-21 17:49, on Horizon 7.4\n")
    assert "told   effort 6 · pain before 1 · pain after 1 · steady 5" in said
    assert "measured, hatched backward" in said and "▒▒▒" in said


def test_a_stop_that_nobody_planned_is_shown(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    begun = BEGIN + timedelta(days=19)
    entries = walk(begun, number=77).splitlines(keepends=True)
    stop = octets(EventEntry(300_001, "stop", "You pressed stop.", 1), EventEntry(400_001, "stop", "planned", 1))
    write(paths.sessions, b"".join([*entries[:-1], stop, entries[-1]]), begun, 77)
    history.run_show(paths, "last", NOW, as_json=False)
    said = capsys.readouterr().out
    assert "   not planned   5:00 You pressed stop.\n" in said and said.count("not planned") == 1


def test_a_walk_is_named_by_as_much_of_its_name_as_is_its_own(
    paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history.run_show(paths, "20300109", NOW, as_json=True)
    assert json.loads(capsys.readouterr().out)["walk"]["wall"] == "2030-01-09T17:07:00"
    elsewhere = tmp_path / "elsewhere.jsonl"
    elsewhere.write_bytes(b"{}")
    for name, why in (
        ("2030", "'2030' names 8 walks"), ("no\x1b", r"No recorded walk is named 'no\\x1b'"),
        (str(elsewhere), "treadctl report reads it from anywhere"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=why):
            history.run_show(paths, name, NOW, as_json=False)


def test_a_file_that_cannot_be_read_is_not_shown_and_named(paths: Paths) -> None:
    (paths.sessions / "bent.jsonl").write_bytes(b"{}\n")
    with pytest.raises(InvalidFile, match=r"bent\.jsonl:1:1: .*nobody can tell what was walked"):
        history.run_show(paths, "bent", NOW, as_json=False)


@pytest.mark.parametrize(("short", "long"), [([], ["list"]), (["show"], ["show", "last"])])
@pytest.mark.usefixtures("paths")
def test_the_shortest_words_mean_the_list_and_the_last_walk(
    short: list[str], long: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", *short]) == 0
    said = capsys.readouterr().out
    assert main(["history", *long]) == 0
    assert said == capsys.readouterr().out != ""


def test_the_weeks_are_summed_up_with_what_comes_next(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    history_stats.run_stats(paths, NOW, limit=4, since=None, until=None, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "8 walks, 96 min backward, 1.0 to 1.3 km/h, pain before walking 4 to 1."
    assert lines[2].split()[:5] == ["2030-01-07", "4", "48:00", "840", "16"]
    assert "Next milestone: 2 km backward in all." in lines and lines[-1].startswith("For level 1 still:")


def test_of_some_days_only_the_weeks_are_summed_up(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    monday = int(datetime(2030, 1, 14, tzinfo=UTC).timestamp())
    history_stats.run_stats(paths, NOW, limit=4, since=monday, until=None, as_json=False)
    said = capsys.readouterr().out
    assert "8 walks" not in said and "milestone" not in said and "Reached" not in said
    assert said.startswith("week of") and "2030-01-14" in said
    assert main(["history", "stats", "--since", "2031-01-14"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("No walk is recorded in that time.\n") and "No walk is recorded yet" not in said


def test_what_the_plan_goes_on_counting_is_called_the_plans(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    history_remove.run_remove(paths, "last", NOW, sure=True)
    capsys.readouterr()
    history_stats.run_stats(paths, NOW, limit=4, since=None, until=None, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("In your plan: 8 walks, 96 min backward")
    assert sum(int(line.split()[1]) for line in lines if line.startswith("2030-")) == COUNT - 1


def test_the_index_is_made_anew(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "rebuild"]) == 0
    assert capsys.readouterr().out == "Every session file is read again: 8 walks.\n"


# --- rm ------------------------------------------------------------------------------------------------------------


def newest(paths: Paths) -> str:
    return find(paths, NOW, limit=1).walks[0].figures.name


def test_one_walk_is_deleted_with_its_answers_and_its_trace_and_no_other(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    name = newest(paths)
    paths.traces.mkdir(parents=True)
    trace = paths.traces / f"{name.rpartition('-')[0]}.jsonl"
    trace.touch()
    told = (paths.data / "answers.jsonl").read_bytes()
    assert history_remove.run_remove(paths, name, NOW, sure=True) == 0
    captured = capsys.readouterr()
    assert str(trace) in captured.err and "Your plan goes on counting this walk" in captured.err
    assert not trace.exists() and not (paths.sessions / f"{name}.jsonl").exists()
    left = (paths.data / "answers.jsonl").read_bytes()
    assert left == b"".join(line for line in told.splitlines(keepends=True) if name.encode() not in line) != told
    assert len(listed(paths, capsys)["walks"]) == COUNT - 1


def test_a_trace_that_holds_another_walk_too_stays(paths: Paths) -> None:
    name = newest(paths)
    guardian = name.rpartition("-")[0]
    paths.traces.mkdir(parents=True)
    (paths.traces / f"{guardian}.jsonl").touch()
    (paths.sessions / f"{guardian}-2.jsonl").write_bytes((paths.sessions / f"{name}.jsonl").read_bytes())
    history_remove.run_remove(paths, name, NOW, sure=True)
    assert (paths.traces / f"{guardian}.jsonl").exists()


def test_a_walk_that_hurt_is_not_forgotten_by_the_plan_with_its_record(paths: Paths) -> None:
    name = newest(paths)
    update_answers(paths.data / "answers.jsonl", name, lambda told: replace(told, pain_after=8))
    history_remove.run_remove(paths, name, NOW, sure=True)
    assert name not in load_answers(paths.data / "answers.jsonl")
    book, _ = up_to_date(paths, load_person(paths.person), NOW)
    kept = next(one.outcome for one in book.walked if one.outcome.session == name)
    assert judge(kept).colour is Colour.RED and kept.answers == Answers(6, 1, 8, 5, Morning.SAME)


def test_without_anybody_to_ask_it_wants_the_flag(paths: Paths) -> None:
    done = treadctl("history", "rm", newest(paths))
    assert done.returncode == 2 and "add --yes to delete it without a question" in done.stderr
    assert treadctl("history", "rm", newest(paths), "--yes").returncode == 0
    assert len(list(paths.sessions.glob("*.jsonl"))) == COUNT - 1


@pytest.mark.parametrize(("typed", "left"), [("no", COUNT), ("y", COUNT), ("yes", COUNT - 1)])
def test_on_a_terminal_only_the_whole_word_yes_deletes(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, typed: str, left: int, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(history_remove, "require_person", lambda _what: None)
    monkeypatch.setattr(history_remove, "line", lambda _question: typed)
    assert history_remove.run_remove(paths, "last", NOW, sure=False) == 0
    assert len(list(paths.sessions.glob("*.jsonl"))) == left
    assert ("Nothing was deleted." in capsys.readouterr().out) == (left == COUNT)


def test_it_is_interrupted_before_the_last_file_goes_and_can_be_called_again(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = newest(paths)

    def fails(_path: Path) -> None:
        raise OSError(5, "Input/output error", "disk")

    with monkeypatch.context() as patch:
        patch.setattr(history_remove, "_delete", fails)
        with pytest.raises(OSError):
            history_remove.run_remove(paths, name, NOW, sure=True)
    assert (paths.sessions / f"{name}.jsonl").exists()
    history_remove.run_remove(paths, name, NOW, sure=True)
    assert not (paths.sessions / f"{name}.jsonl").exists()


# --- while one is being recorded -----------------------------------------------------------------------------------


@pytest.fixture
def recording(paths: Paths) -> Iterator[str]:
    """A guardian lives, and the newest file is the walk that it writes: without an end."""
    begun = BEGIN + timedelta(days=20)
    name = name_of(begun, 99)
    whole = walk(begun, number=99)
    write(paths.sessions, whole[: whole.rindex(b'{"is":"Closed"')], begun, 99)
    paths.holder.write_text("1")
    os.utime(paths.holder, (begun.timestamp(), begun.timestamp()))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.bind(str(paths.socket))
        line.listen()
        yield name


@pytest.mark.parametrize("word", ["last", "000063", "file"])
def test_the_walk_that_is_being_recorded_is_not_deleted(
    paths: Paths, recording: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = paths.sessions / f"{recording}.jsonl"
    assert main(["history", "rm", str(file) if word == "file" else word, "--yes"]) == 6
    assert capsys.readouterr().err == "This walk is being recorded just now; delete it when it has ended.\n"
    assert file.exists() and len(list(paths.sessions.glob("*.jsonl"))) == COUNT + 1


def test_a_walk_that_has_ended_is_deleted_while_another_is_being_recorded(paths: Paths, recording: str) -> None:
    ended = newest(paths)
    assert ended != recording and main(["history", "rm", ended, "--yes"]) == 0
    assert not (paths.sessions / f"{ended}.jsonl").exists()


def test_the_last_walk_is_the_last_that_has_ended_and_the_running_one_is_refused(
    paths: Paths, recording: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", "show", "last", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["walk"]["name"] == newest(paths) != recording
    for words, do in ((["history", "show"], "show"), (["report"], "report"), (["export"], "export")):
        assert main([*words, recording]) == 6
        assert capsys.readouterr().err == f"This walk is being recorded just now; {do} it when it has ended.\n"
    assert main(["report", "-o", str(tmp_path / "a.html")]) == 0
    assert newest(paths) in (tmp_path / "a.html").read_text()


def test_a_running_walk_alone_is_no_last_one(paths: Paths, recording: str, tmp_path: Path) -> None:
    assert main(["export", "--since", "2029-01-01", "-o", str(tmp_path / "out")]) == 0
    for file in paths.sessions.glob("*.jsonl"):
        if file.stem != recording:
            file.rename(tmp_path / file.name)
    assert main(["history", "show", "last"]) == 6


def test_an_export_of_days_and_a_page_for_others_leave_out_the_running_walk_and_say_so(
    paths: Paths, recording: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--since", "2020-01-01", "-o", str(tmp_path / "out")]) == 0
    told = capsys.readouterr()
    assert f"{COUNT} files written" in told.out and "being recorded just now; export it when it has ended" in told.err
    assert not (tmp_path / "out" / f"{recording}.fit").exists()
    page = tmp_path / "p.yaml"
    page.write_text(written(program()))
    assert main(["report", "--for-profile", str(page), "-o", str(tmp_path / "p.html")]) == 0
    assert "One walk is being recorded just now and is left out." in capsys.readouterr().err
    assert f"{COUNT} walks" in (tmp_path / "p.html").read_text()


# --- as a process --------------------------------------------------------------------------------------------------


def test_on_a_terminal_the_list_is_shown_and_a_pipe_gets_the_same(paths: Paths) -> None:
    code, shown = treadctl_on_a_terminal("history", "list", TZ="UTC")
    assert code == 0 and "2030-01-21 17:49" in shown
    assert treadctl("history", "list", TZ="UTC").stdout.splitlines() == shown.replace("\r", "").splitlines()
    assert os.environ["TZ"] == "UTC"
