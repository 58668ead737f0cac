"""`treadctl report` and `treadctl export`: which walk is meant, what is written where, and what never is."""

from __future__ import annotations

import errno
import json
import re
import resource
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sessions.test_exports import fit
from tests.sessions.walks import PROGRAM, Diary, stopped, whole
from treadctl.cli import main
from treadctl.clients import export
from treadctl.files import answers
from treadctl.files.profile import find_profile, load_profile
from treadctl.files.profile.writing import written
from treadctl.files.sharing import checksum_of, look, shared_text
from treadctl.files.store import write_atomic
from treadctl.model import plain
from treadctl.model.answers import Answers
from treadctl.model.program import Walk
from treadctl.model.records import EventEntry, SampleEntry
from treadctl.model.units import Speed
from treadctl.paths import Paths, real_paths
from treadctl.sessions.export.table import HEADER

pytestmark = pytest.mark.usefixtures("in_utc")

TOLD = Answers(effort=3, pain_before=2, pain_after=4, confidence=4)


@pytest.fixture
def paths(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """A folder to work in, and one for sessions."""
    found = real_paths()
    found.sessions.mkdir(parents=True)
    here = own_folders / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return found


def record(paths: Paths, diary: Diary, name: str, *, closed: bool = True) -> Path:
    """As the guardian writes it."""
    stamp = f"{name[:4]}-{name[4:6]}-{name[6:8]}T{name[9:11]}:{name[11:13]}:{name[13:15]}+00:00"
    session = replace(diary, name=name, started=stamp).session(closed=closed)
    middle: list[SampleEntry | EventEntry] = [*session.samples, *session.events]
    middle.sort(key=lambda entry: entry.at)
    entries = [session.opened, *middle, *([session.closed] if session.closed else [])]
    path = paths.sessions / f"{name}.jsonl"
    path.write_text("".join(json.dumps(plain.dump(entry), separators=(",", ":")) + "\n" for entry in entries))
    return path


OLD, MIDDLE, NEW = "20300107T170000Z-aaa111-1", "20300109T073000Z-bbb222-1", "20300109T180000Z-ccc333-1"


@pytest.fixture
def three(paths: Paths) -> Paths:
    record(paths, whole(), OLD)
    record(paths, stopped(), MIDDLE, closed=False)
    record(paths, whole(), NEW)
    answers.add_answers(paths.data / answers.NAME, OLD, TOLD)
    return paths


# --- which walk ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("word", "name"),
    [
        ([], NEW), (["last"], NEW), ([OLD], OLD), ([f"{MIDDLE}.jsonl"], MIDDLE), (["bbb2"], MIDDLE),
        (["2030-01-07"], OLD), (["20300107"], OLD),
    ],
)  # fmt: skip
def test_a_walk_is_named_in_many_ways(word: list[str], name: str) -> None:
    assert main(["report", *word]) == 0
    assert [path.name for path in Path().iterdir()] == [f"{name}.html"]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("word", "told"),
    [("2030-01-09", "names 2 walks; give one of these"), ("zzz", "the newest is 20300109T180000Z-ccc333-1"),
     ("\x1b[2J", r"'\x1b[2J'")],
)  # fmt: skip
def test_a_walk_that_is_not_clear_is_asked_for_by_its_names(
    word: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", word]) == 2
    assert told in capsys.readouterr().err and not [*Path().iterdir()]


@pytest.mark.usefixtures("paths")
def test_without_any_walk_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report"]) == 2
    assert "No walk was recorded" in capsys.readouterr().err


def test_the_file_of_a_simulated_walk_can_be_given(three: Paths, own_folders: Path) -> None:
    elsewhere = own_folders / "demo" / "sessions"
    elsewhere.mkdir(parents=True)
    (three.sessions / f"{OLD}.jsonl").rename(elsewhere / "x.jsonl")
    answers.add_answers(own_folders / "demo" / answers.NAME, "x", TOLD)
    assert main(["report", str(elsewhere / "x.jsonl"), "-o", "x.html"]) == 0
    assert "4 at most" in Path("x.html").read_text()


# --- the report ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("three")
def test_a_report_is_private_whole_and_never_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", OLD, "-o", "a.html"]) == 0
    made = Path("a.html")
    text = made.read_text()
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert text.startswith("<!doctype html>") and text.rstrip().endswith("</html>")
    assert "Monday, 7 January 2030, 17:00" in text and "pain 2 before, 4 at most" in text
    assert "not an emergency stop" in text
    assert main(["report", MIDDLE, "-o", "a.html"]) == 2
    assert "is not overwritten" in capsys.readouterr().err and made.read_text() == text


@pytest.mark.usefixtures("three")
def test_a_folder_that_is_not_there_is_made_for_a_report_as_for_an_export() -> None:
    assert main(["report", "-o", "new/a.html"]) == 0 == main(["export", "-o", "newer"])
    assert Path("new/a.html").is_file() and Path(f"newer/{NEW}.fit").is_file()


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(("folder", "named"), [(".", "here."), ("..", "own."), ("out", "out.")])
def test_the_folder_of_an_export_is_named_by_a_name(
    folder: str, named: str, own_folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "-o", folder]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.endswith(named.replace("own", own_folders.name)) and ".." not in first


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("word", ["gone/x.jsonl", "gone/", "x.jsonl", "/gone"])
def test_a_file_that_is_not_there_is_called_a_file(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["report", word], ["export", word], ["history", "show", word]):
        assert main(command) == 2
        told = capsys.readouterr().err
        assert told == f"There is no session file {word}; treadctl history names the walks that there are.\n"


def test_the_walks_that_a_simulated_treadmill_left_are_reported_and_exported(
    three: Paths, own_folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = own_folders / "kept"
    (kept / "sessions").mkdir(parents=True)
    (three.sessions / f"{OLD}.jsonl").rename(kept / "sessions" / f"{OLD}.jsonl")
    answers.add_answers(kept / answers.NAME, OLD, TOLD)
    assert main(["report", "--state", str(kept)]) == 0 == main(["export", "--state", str(kept)])
    assert "4 at most" in Path(f"{OLD}.html").read_text() and Path(f"{OLD}.fit").is_file()
    assert main(["report", "--state", "gone"]) == 2 and not Path("gone").exists()
    (kept / "sessions" / f"{OLD}.jsonl").unlink()
    capsys.readouterr()
    assert main(["report", "--state", str(kept)]) == 2
    assert "is found with --state DIR here, too" in capsys.readouterr().err


@pytest.mark.usefixtures("three")
def test_a_report_is_in_the_unit_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREADCTL_UNITS", "mph")
    assert main(["report", OLD, "-o", "a.html"]) == 0
    assert "up to 0.6 mph" in Path("a.html").read_text()


def test_answers_that_cannot_be_read_cost_the_answers_only(three: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    (three.data / answers.NAME).write_text(f'{{"is":"Answered","session":"{OLD}","answers":5}}\n')
    assert main(["report", OLD, "-o", "a.html"]) == 0
    assert "is left out" in capsys.readouterr().err
    assert "Not told: effort" in Path("a.html").read_text()


def test_a_file_that_is_no_session_is_an_invalid_file(three: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    (three.sessions / f"{NEW}.jsonl").write_text("nothing\n")
    assert main(["report"]) == 3
    assert "without its first line" in capsys.readouterr().err


# --- for the professional ------------------------------------------------------------------------------------------


@pytest.fixture
def programme(three: Paths) -> Path:
    """The programme of those walks as a shared file, and one walk of a changed copy."""
    program = load_profile(find_profile("first-minute"))
    as_written = replace(PROGRAM, level=program.level, author="A. Therapist", summary="Slowly.")
    path = Path("there-and-back.yaml")
    path.write_text(shared_text(as_written, "A. Therapist"))
    changed = replace(PROGRAM, segments=(*PROGRAM.segments[:2], Walk(PROGRAM.segments[0].facing, 30, Speed(200))))  # type: ignore[union-attr]
    record(three, replace(whole(), program=changed), "20300111T170000Z-ddd444-1")
    other = replace(whole(), program=replace(PROGRAM, name="Something else"))
    record(three, other, "20300112T170000Z-eee555-1")
    return path


def test_the_page_for_the_professional_has_what_was_planned_and_what_was_done(programme: Path) -> None:
    assert main(["report", "--for-profile", str(programme), "-o", "p.html"]) == 0
    text = Path("p.html").read_text()
    assert "4 walks, 1:52 min backward, 1.0 km/h" in text and "3 of 4 walked to their end." in text
    for words in ("0:30 of 0:30", "0:22 of 0:30", "2030-01-07 17:00", '<td class="n">4</td><td class="words">–</td>',
                  "changed copy", "A. Therapist", "the record was cut off", "Slowly."):  # fmt: skip
        assert words in text, words
    assert text.count("<tr>") == 1 + 4 and "Something else" not in text
    assert checksum_of(programme.read_text()) in text and "shared by A. Therapist, unchanged" in text


def test_the_heart_rate_is_shown_to_others_only_when_asked(programme: Path) -> None:
    assert main(["report", "--for-profile", str(programme), "-o", "p.html"]) == 0
    assert "eart rate" not in Path("p.html").read_text()
    assert main(["report", "--for-profile", str(programme), "--heart-rate", "-o", "h.html"]) == 0
    assert "Heart rate" in Path("h.html").read_text() and ", 110<" in Path("h.html").read_text()


def test_a_file_changed_since_it_was_shared_is_called_so(programme: Path) -> None:
    text = programme.read_text().replace("Slowly.", "Quickly")
    programme.write_text(text)
    assert main(["report", "--for-profile", str(programme), "-o", "p.html"]) == 0
    assert "CHANGED since shared" in Path("p.html").read_text()


def test_the_checksum_of_a_shared_file_is_the_one_that_stands_in_it() -> None:
    text = shared_text(PROGRAM, "me")
    shared = look(text)
    assert shared is not None and shared.unchanged and f"# Checksum: {checksum_of(text)}\n" in text
    assert checksum_of(written(PROGRAM)) != checksum_of(text)


@pytest.mark.usefixtures("paths")
def test_a_programme_that_nobody_walked_yet_has_a_page_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--for-profile", "first-steps"]) == 0
    assert "No walk of this programme is recorded here" in capsys.readouterr().err
    assert "Nobody has walked it yet." in Path("first-steps-report.html").read_text()


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("words", [["--heart-rate"], ["last", "--for-profile", "first-steps"]])
def test_words_that_do_not_go_together_are_refused(words: list[str]) -> None:
    assert main(["report", *words]) == 2


# --- export --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("three")
def test_the_walks_of_some_days_are_exported_and_what_is_lost_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--since", "2030-01-08", "--format", "fit", "-o", "out"]) == 0
    assert sorted(path.name for path in Path("out").iterdir()) == [f"{MIDDLE}.fit", f"{NEW}.fit"]
    told = capsys.readouterr().out
    assert "2 files written to out." in told and "FIT has no cues" in told
    assert fit(Path(f"out/{NEW}.fit").read_bytes())["session"][0]["num_laps"] == 3


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("form", ["fit", "tcx", "csv"])
def test_no_file_is_written_over(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", "--until", "2030-01-09", "--format", form, "-o", "out"]
    assert main(words) == 0
    Path(f"out/{OLD}.{form}").write_text("mine")
    Path(f"out/{NEW}.{form}").unlink()
    capsys.readouterr()
    assert main(words) == 0
    assert "1 file written to out; 2 files there already, left as they are." in capsys.readouterr().out
    assert Path(f"out/{OLD}.{form}").read_text() == "mine"


def test_a_damaged_walk_is_told_and_the_others_are_exported(three: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    (three.sessions / f"{MIDDLE}.jsonl").write_text("\n")
    assert main(["export", "--since", "2030-01-01", "-o", "out"]) == 3
    told = capsys.readouterr()
    assert "2 files written to out; 1 left out." in told.out and MIDDLE in told.err


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "words",
    [["--since", "yesterday"], ["last", "--since", "2030-01-01"], ["--since", "2031-01-01"], ["--format", "gpx"]],
)
def test_what_cannot_be_exported_is_a_wrong_word(words: list[str]) -> None:
    assert main(["export", *words]) == 2
    assert not [*Path().iterdir()]


@pytest.mark.usefixtures("three")
def test_a_place_that_cannot_be_written_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").write_text("")
    assert main(["export", "-o", "file"]) == 2
    assert main(["export", "-o", "file/deeper"]) == 6
    assert "cannot be used" in capsys.readouterr().err


def test_a_walk_that_the_disk_will_not_have_keeps_no_other_from_being_exported(
    three: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    least = resource.getrlimit(resource.RLIMIT_FSIZE)
    assert main(["export", "--since", "2030-01-01", "--format", "csv", "-o", "sizes"]) == 0
    small, *larger = sorted(path.stat().st_size for path in Path("sizes").iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (small, least[1]))
    try:
        assert main(["export", "--since", "2030-01-01", "--format", "csv", "-o", "out"]) == 3
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, least)
    told = capsys.readouterr()
    assert len(larger) == 2 and "1 file written to out; 2 left out." in told.out
    assert told.err.count("cannot be written (file too large)") == 2


def test_what_was_written_before_the_disk_was_full_is_told(
    three: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(path: Path, data: bytes) -> None:
        if path.stem == NEW:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_atomic(path, data)

    monkeypatch.setattr(export, "write_atomic", full)
    assert main(["export", "--since", "2030-01-01", "-o", "out"]) == 6
    told = capsys.readouterr()
    assert "2 files written to out." in told.out and "cannot be used (no space left on device)" in told.err


@pytest.mark.parametrize("form", ["fit", "tcx", "csv"])
def test_a_walk_whose_name_just_fits_is_exported(paths: Paths, form: str) -> None:
    name = OLD + "x" * (255 - len(OLD) - len(".jsonl"))
    record(paths, whole(), OLD).rename(paths.sessions / f"{name}.jsonl")
    assert main(["export", "--format", form, "-o", "out"]) == 0 == main(["report"])
    assert Path(f"out/{name}.{form}").is_file() and Path(f"{name}.html").is_file()


# --- the page about it ---------------------------------------------------------------------------------------------

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "after-the-walk.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^treadctl (.+)$", PAGE, re.MULTILINE)


def test_every_command_of_the_page_works(three: Paths) -> None:
    assert len(COMMANDS) == 8
    for words in COMMANDS:
        before = {path for path in Path().rglob("*") if path.is_file()}
        assert main(words.split()) == 0, words
        assert {path for path in Path().rglob("*") if path.is_file()} > before, words
    assert three.sessions.is_dir()


def test_the_page_has_the_columns_of_the_csv_file() -> None:
    table = PAGE[PAGE.index("| column | is |") :]
    assert tuple(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == HEADER
