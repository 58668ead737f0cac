"""The index of all walks: a cache that may be damaged, deleted or forbidden, over files that are never touched."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.sessions.made import BEGIN, walk, write, years
from treadctl.sessions import index as own
from treadctl.sessions.index import ASIDE, NAME, Damaged, Index, Place, consult

COUNT = 6


@pytest.fixture
def place(tmp_path: Path) -> Place:
    years(tmp_path / "sessions", COUNT)
    return Place(tmp_path / "sessions", tmp_path / "state" / NAME)


@pytest.fixture(autouse=True)
def nothing_is_written_to_a_session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Whatever a test does with the index: octets, times and names of the session files stay."""
    if "place" in request.fixturenames:
        request.getfixturevalue("place")
    before = stamps(tmp_path / "sessions")
    yield
    after = stamps(tmp_path / "sessions")
    assert {name: after[name] for name in before if name in after} == before


def stamps(folder: Path) -> dict[str, tuple[bytes, int]]:
    plain = (path for path in folder.glob("*.jsonl") if path.is_file())
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in plain}


def count(place: Place) -> tuple[int, tuple[str, ...]]:
    return consult(place, Index.count)


def reads(place: Place) -> int:
    """How many files were read to bring it up to date."""
    asked: list[int] = []
    consult(place, Index.count, lambda _done, of: asked.append(of))
    return asked[0] if asked else 0


# --- up to date ----------------------------------------------------------------------------------------------------


def test_only_what_is_new_or_changed_is_read_again(place: Place) -> None:
    assert (reads(place), reads(place)) == (COUNT, 0)
    late = BEGIN + timedelta(days=99)
    path = write(place.folder, walk(late, number=99), late, 99)
    assert (reads(place), count(place)[0]) == (1, COUNT + 1)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert reads(place) == 1
    assert consult(place, lambda index: index.newest(1)[0].recovered)[0]
    path.unlink()
    assert (reads(place), count(place)[0]) == (0, COUNT)


def test_it_is_private_and_keeps_figures_as_they_were(place: Place) -> None:
    found, _ = consult(place, lambda index: index.newest())
    assert place.index.stat().st_mode & 0o777 == 0o600
    again, _ = consult(place, lambda index: index.newest(), anew=True)
    assert again == found and [one.name for one in found] == sorted((one.name for one in found), reverse=True)
    assert type(found[0].top_backward).__name__ == "Speed"


def test_walks_are_found_by_time(place: Place) -> None:
    third = int((BEGIN + timedelta(days=2)).timestamp())
    found, _ = consult(place, lambda index: index.newest(since=third, until=third + 2 * 86_400))
    assert len(found) == 2


def test_a_session_that_is_being_written_is_left_alone_until_it_has_ended(place: Place, tmp_path: Path) -> None:
    now = BEGIN + timedelta(days=50)
    whole = walk(now, number=50)
    path = write(place.folder, whole[:-400], now, 50, mtime=now.timestamp())
    live = Place(place.folder, place.index, since=now.timestamp() - 60)
    assert consult(live, lambda index: (index.count(), index.recording))[0] == (COUNT, 1)
    path.write_bytes(whole)
    assert consult(live, lambda index: (index.count(), index.recording))[0] == (COUNT + 1, 0)
    assert count(place)[0] == COUNT + 1


def test_two_at_once_come_to_the_same(place: Place) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(count(place)[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [COUNT] * 4


# --- damaged session files -----------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_told_with_its_reason_and_kept(place: Place) -> None:
    (place.folder / "empty.jsonl").touch()
    (place.folder / "bent.jsonl").write_bytes(b"\xff\x00" * 500)
    (place.folder / "folder.jsonl").mkdir()
    os.mkfifo(place.folder / "pipe.jsonl")
    for _ in range(2):
        damaged, notes = consult(place, Index.damaged)
        assert [one.name for one in damaged] == ["bent", "empty", "folder", "pipe"] and not notes
    assert damaged[2] == Damaged("folder", "it is a folder, not a file") and "pipe" in damaged[3].why
    assert "without its first line" in damaged[0].why and count(place)[0] == COUNT
    late = BEGIN + timedelta(days=9)
    (place.folder / "bent.jsonl").write_bytes(walk(late))
    assert [one.name for one in consult(place, Index.damaged)[0]] == ["empty", "folder", "pipe"]


def test_a_name_that_is_no_text_is_told(place: Place) -> None:
    (Path(os.fsdecode(os.fsencode(place.folder) + b"/\xff\xfe.jsonl"))).touch()
    found, notes = count(place)
    assert found == COUNT and "no text" in notes[0]


# --- damaged, foreign, gone, forbidden -----------------------------------------------------------------------------


def flip(path: Path, at: int, much: int = 400) -> None:
    data = bytearray(path.read_bytes())
    data[at : at + much] = bytes(255 - octet for octet in data[at : at + much])
    path.write_bytes(data)


@pytest.mark.parametrize("at", [0, 90, 4096, 4096 + 8])
def test_a_damaged_index_is_put_aside_and_made_anew_with_one_sentence(place: Place, at: int) -> None:
    whole, _ = consult(place, lambda index: index.newest())
    flip(place.index, at)
    found, notes = consult(place, lambda index: index.newest())
    assert found == whole and len(notes) == 1 and "made anew" in notes[0]
    if "damaged" in notes[0]:  # where the number of its version was hit, it is taken for one of another version
        assert ASIDE in notes[0] and place.index.with_name(NAME + ASIDE).exists()
    assert count(place) == (COUNT, ())


@pytest.mark.parametrize("data", [b"not a database at all\n" * 60, bytes(5000), b"SQLite format 3\0"], ids=repr)
def test_something_else_under_its_name_is_put_aside(place: Place, data: bytes) -> None:
    place.index.parent.mkdir(parents=True)
    place.index.write_bytes(data)
    found, notes = count(place)
    assert (found, len(notes)) == (COUNT, 1) and place.index.with_name(NAME + ASIDE).read_bytes() == data


def test_a_table_that_is_not_ours_is_put_aside(place: Place) -> None:
    place.index.parent.mkdir(parents=True)
    with sqlite3.connect(place.index) as foreign:
        foreign.execute("CREATE TABLE session (name)")
        foreign.execute(f"PRAGMA user_version = {own.VERSION}")
    foreign.close()
    assert count(place)[0] == COUNT


@pytest.mark.parametrize(
    "more",
    [
        "CREATE TRIGGER more AFTER DELETE ON session BEGIN INSERT INTO session (name) VALUES ('x'); END",
        "CREATE VIEW more AS SELECT 1",
        "CREATE TABLE more (name)",
        "CREATE INDEX more ON session (why)",
    ],
)
@pytest.mark.parametrize("version", [own.VERSION, own.VERSION + 1])
def test_an_index_that_holds_more_than_our_table_is_put_aside(place: Place, more: str, version: int) -> None:
    count(place)
    with sqlite3.connect(place.index) as foreign:
        foreign.execute(more)
        foreign.execute(f"PRAGMA user_version = {version}")
    foreign.close()
    found, notes = count(place)
    assert found == COUNT and "was damaged" in notes[0] and place.index.with_name(NAME + ASIDE).exists()
    assert count(place) == (COUNT, ())


def test_a_view_in_place_of_our_table_is_put_aside_before_it_computes_anything(place: Place) -> None:
    count(place)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 1 sum, i size, i mtime, '' why"
    names = ", ".join(f"i {name}" for name in own._COLUMNS)
    with sqlite3.connect(place.index) as foreign:
        foreign.execute("DROP TABLE session")
        foreign.execute(f"CREATE VIEW session AS {endless}, {names} FROM n")
    foreign.close()
    found, notes = count(place)
    assert found == COUNT and "was damaged" in notes[0]


def test_a_question_that_never_ends_is_ended_by_the_key_for_it(place: Place) -> None:
    def ask(index: Index) -> None:
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        index.connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        ).fetchone()
        timer.join()

    with pytest.raises(KeyboardInterrupt):
        consult(place, ask)
    assert not place.index.with_name(NAME + ASIDE).exists() and count(place) == (COUNT, ())


def test_where_nothing_was_walked_no_index_is_written(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        assert count(Place(folder, tmp_path / NAME)) == (0, ()) and list(tmp_path.iterdir()) == []


def test_a_row_that_was_bent_does_not_reach_anybody(place: Place) -> None:
    count(place)
    with sqlite3.connect(place.index) as other:
        other.execute("UPDATE session SET backward = backward + 1")
    other.close()
    found, notes = consult(place, lambda index: index.newest())
    assert len(found) == COUNT and found[0].backward == 720_000 and "damaged" in notes[0]


def test_a_bit_that_falls_over_anywhere_changes_no_figure(place: Place) -> None:
    whole, _ = consult(place, lambda index: index.newest())
    data = place.index.read_bytes()
    for at in range(13, len(data), 211):
        bent = bytearray(data)
        bent[at] ^= 1 << at % 8
        place.index.write_bytes(bent)
        assert consult(place, lambda index: index.newest())[0] == whole, at


def test_an_index_of_another_version_is_made_anew(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    count(place)
    monkeypatch.setattr(own, "VERSION", own.VERSION + 1)
    found, notes = count(place)
    assert found == COUNT and "another version" in notes[0] and not count(place)[1]


def test_deleted_between_two_questions_it_is_made_anew_without_a_word(place: Place) -> None:
    count(place)
    place.index.unlink()
    assert count(place) == (COUNT, ()) and place.index.exists()


def test_deleted_while_it_is_open_it_is_made_anew(place: Place) -> None:
    deleted: list[int] = []

    def watch(done: int, _of: int) -> None:
        if not deleted:
            place.index.unlink()
            deleted.append(done)

    found, notes = consult(place, Index.count, watch)
    assert deleted and (found, notes) == (COUNT, ()) and place.index.exists()
    assert reads(place) == 0


def test_replaced_by_a_pipe_or_a_link_it_does_not_hang(place: Place, tmp_path: Path) -> None:
    place.index.parent.mkdir(parents=True)
    os.mkfifo(place.index)
    assert count(place)[0] == COUNT
    place.index.unlink()
    (tmp_path / "elsewhere").touch()
    place.index.symlink_to(tmp_path / "elsewhere")
    assert count(place)[0] == COUNT and (tmp_path / "elsewhere").read_bytes() == b""


def test_where_it_cannot_be_kept_it_lives_in_memory_and_says_so(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    forbidden = Place(place.folder, tmp_path / "file" / "state" / NAME)
    for _ in range(2):
        found, notes = count(forbidden)
        assert found == COUNT and len(notes) == 1 and "cannot be kept" in notes[0] and "no walk is lost" in notes[0]


FULL = """
    import resource, signal, sys
    from pathlib import Path
    from treadctl.sessions.index import Index, Place, consult
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    print(*consult(Place(Path(sys.argv[1]), Path(sys.argv[2])), Index.count))
"""


@pytest.mark.parametrize("kept", [False, True])
def test_on_a_disk_that_takes_nothing_more_all_walks_are_still_there(place: Place, kept: bool) -> None:
    if kept:
        count(place)
    late = BEGIN + timedelta(days=77)
    write(place.folder, walk(late, number=77), late, 77)
    command = [sys.executable, "-P", "-c", textwrap.dedent(FULL), str(place.folder), str(place.index)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith(f"{COUNT + 1} ") and "cannot be kept" in done.stdout
    assert count(place) == (COUNT + 1, ())


def test_a_busy_index_is_waited_for_and_then_done_without(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    count(place)
    late = BEGIN + timedelta(days=77)
    write(place.folder, walk(late, number=77), late, 77)
    monkeypatch.setattr(own, "BUSY_MS", 50)
    other = sqlite3.connect(place.index, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    asked: list[int] = []
    found, notes = consult(place, Index.count, lambda _done, of: asked.append(of))
    other.execute("ROLLBACK")
    other.close()
    assert asked == [1, 1], "what the index on disk knows is not read again"
    assert found == COUNT + 1 and "another treadctl is busy with it" in notes[0]


def test_a_full_disk_is_called_so() -> None:
    small = sqlite3.connect(":memory:")
    small.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.Error) as caught:
        small.execute("CREATE TABLE a AS SELECT zeroblob(99999)")
    small.close()
    assert own._unwritable(caught.value) == "the disk is full"


def test_an_empty_or_missing_folder_is_no_trouble(tmp_path: Path) -> None:
    assert count(Place(tmp_path / "none", tmp_path / "state" / NAME)) == (0, ())
