"""`treadctl profile …` as a person meets it: every verb, what it prints, and what it never does."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.at_the_terminal import dialogue
from tests.cli.processes import treadctl, treadctl_on_a_terminal
from treadctl.cli import ELSEWHERE, main
from treadctl.clients.words import Parser
from treadctl.files.person import save_person
from treadctl.files.profile import load_profile
from treadctl.model.person import UNKNOWN_PERSON, Concern, Level, Person
from treadctl.paths import real_paths

WRONG_LEVEL = "treadctl: 1\nname: Quick\nlevel: 3\nsegments:\n  - {walk: backward, for: 5min, speed: 3.0 km/h}\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with downloads of nobody's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DOWNLOAD_DIR", str(tmp_path / "Downloads"))
    (tmp_path / "Downloads").mkdir()
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of these words after `profile`."""
    try:
        code = main(("profile", *words))
    except SystemExit as end:
        code = int(end.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


# --- the words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ELSEWHERE)
def test_the_list_of_commands_names_what_a_module_adds(module: str) -> None:
    commands = Parser().add_subparsers()
    import_module(f"treadctl.clients.{module}").add_words(commands)
    assert set(commands.choices) == set(ELSEWHERE[module])


@pytest.mark.parametrize("module", ELSEWHERE)
def test_the_words_of_a_command_load_no_client(module: str) -> None:
    from tests.architecture.test_what_a_process_loads import loaded

    mine = {name for name in loaded(f"import treadctl.clients.{module}") if name.startswith("treadctl.")}
    assert mine == {
        "treadctl.clients", "treadctl.clients.words", f"treadctl.clients.{module}", "treadctl.model",
        "treadctl.model.errors",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "wanted"),
    [
        (["share", "demo", "-o", "taken"], 2, "taken is already there and is not overwritten"),
        (["export", "demo", "--as", "fit", "-o", "taken"], 2, "taken is already there and is not overwritten"),
        (["export", "demo", "--as", "gpx"], 2, "invalid choice: 'gpx'"),
        (["export", "demo", "--as", "zwo"], 6, "add --threshold-speed 6.0km/h with yours"),
        (["export", "demo", "--as", "zwo", "--threshold-speed", "6"], 2, "'6' has no unit; write 6 km/h"),
        (["export", "demo", "--as", "fit", "-o", "no/such/x.fit"], 2, "There is no folder no/such; make it first."),
        (["export", "demo", "--as", "fit", "-o", "/dev/full/x.fit"], 2, "There is no folder /dev/full"),
        (["show", "demo", "--svg", "closed/x.svg"], 6, "closed/x.svg cannot be used"),
        (["import", "missing.zwo"], 3, "there is no such file"),
        (["import", "taken", "-o", "taken"], 2, "taken is already there and is not overwritten"),
        (["show", "demo", "--svg", "taken"], 2, "give a name that ends in .svg"),
        (["show", "demo", "-o", "mine.yaml"], 2, "add --fit-to-my-limits"),
        (["new"], 2, "asks a few questions, so call it in a terminal"),
        (["share", "quick.yaml"], 2, "add --by NAME"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    words: list[str], code: int, wanted: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "taken").touch()
    (home / "closed").mkdir()
    (home / "closed" / "x.svg").mkdir()
    (home / "quick.yaml").write_text(WRONG_LEVEL, encoding="utf-8")
    got, out, err = said(capsys, *words)
    assert (got, out) == (code, "")
    assert wanted in err
    assert len(err.splitlines()) == 1
    assert (home / "taken").read_bytes() == b""


# --- show ----------------------------------------------------------------------------------------------------------


def test_show_draws_direction_by_hatching_and_letter(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "show", "demo")
    assert "▒" in out and "█" in out
    letters = next(line for line in out.splitlines() if "F" in line and "B" in line and "|" in line)
    assert letters.split() == ["F", "|", "B", "|", "F"]


def test_show_without_a_terminal_has_no_colour_and_with_one_it_has(home: Path) -> None:
    assert "\x1b" not in treadctl("profile", "show", "demo").stdout
    _, out = treadctl_on_a_terminal("profile", "show", "demo")
    assert "\x1b[33m▒" in out and "\x1b[36m█" in out
    _, out = treadctl_on_a_terminal("profile", "show", "demo", NO_COLOR="1")
    assert "\x1b[3" not in out


def test_show_without_our_letters_draws_in_ascii(home: Path) -> None:
    done = treadctl("profile", "show", "demo", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert "##########" in done.stdout and "//////////" in done.stdout


def test_show_tells_walking_time_and_the_whole_with_turns(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "show", "first-minute")
    assert "4:00 walked, about 5:30 in all with 2 turn-arounds" in out
    assert "1:00 backward, 3:00 forward" in out


def test_show_names_each_limit_that_is_reached_and_its_rule(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "show", "first-minute")
    assert "longest bout backward 1:00 is the most there is (level 0 (first))" in out
    assert "backward speed" not in out


def test_show_says_what_this_person_is_refused_and_why(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "quick.yaml").write_text(WRONG_LEVEL, encoding="utf-8")
    _, out, _ = said(capsys, "show", "quick.yaml")
    assert "for you    refused: line 5 walks 3.0 km/h backward, which needs level 3; the limit at level 0 is 1.2" in out
    save_person(real_paths().person, Person(level=Level.L3, age=40))
    assert "for you" not in said(capsys, "show", "quick.yaml")[1]


def test_show_says_which_gates_are_shut_what_they_need_and_how_often_it_is_meant(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = said(capsys, "show", "incline-20")
    assert "  gates      clinician (shut), incline (shut)" in out
    assert "             it needs the yes of a doctor or therapist who knows you" in out
    assert "  dose       3 times a week for 6 weeks" in out and "  note       Stop above pain 3" in out
    save_person(real_paths().person, Person(level=Level.L3, age=40, clinician="Dr. Who"))
    told = json.loads(said(capsys, "show", "incline-20", "--json")[1])
    assert (told["gates"], told["gates_shut"]) == (["clinician", "incline"], ["incline"])
    assert "clinician (open), incline (shut)" in said(capsys, "show", "incline-20")[1]


def test_the_list_says_gates_dose_and_note(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "list")
    lines = out.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("incline-20 "))
    assert lines[at].endswith(", gates: clinician, incline")
    assert lines[at + 2].strip().startswith("3 times a week for 6 weeks. Stop above pain 3, and")
    assert "gates" not in next(line for line in lines if line.startswith("demo "))


def test_the_list_shows_nothing_hidden_of_a_files_own_name(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = real_paths().config / "profiles"
    own.mkdir(parents=True)
    (own / "a\x1b[31mb\nc.yaml").write_text("treadctl: 1\nname: A\nsegments: [{rest: 1s}]\n", encoding="utf-8")
    (own / "d\x1b[31me\nf.yaml").touch()
    out = said(capsys, "list")[1]
    assert "\na\\x1b[31mb\\x0ac  level 0" in out
    assert "\nd\\x1b[31me\\x0af  cannot be walked" in out
    assert "\x1b" not in out


def test_the_list_says_of_what_never_goes_backward_how_the_belt_goes(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {line.split(" ", 1)[0]: line for line in said(capsys, "list")[1].splitlines()}
    assert "0.0 km/h" not in "".join(told.values())
    assert "about 4:00 min, the belt never moves, no turn-arounds" in told["five-four"]
    pushed = "about 10:00 min, forward up to 3.0 km/h, 5:00 pushing the belt backward, no turn-arounds"
    assert pushed in told["self-powered-5"]


def test_show_says_how_long_the_feet_push_the_belt_and_which_way(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(capsys, "show", "self-powered-intro")[1]
    assert "direction  4:00 forward, 3:00 pushing the belt backward" in out
    only = home / "only.yaml"
    only.write_text("treadctl: 1\nname: Only\nsegments: [{dead-mill: backward, for: 1min}]\n")
    out = said(capsys, "show", str(only))[1]
    assert "top speed  only your feet move the belt" in out
    assert "direction  1:00 pushing the belt backward" in out


def test_the_length_tells_rests_and_what_is_beside_the_treadmill_apart_from_walking(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lengths = {
        "first-steps-2": "8:00 walked, 2:00 of rest, about 11:30 in all with 2 turn-arounds",
        "self-powered-5": "4:00 walked, 5:00 pushed, 1:00 of rest, about 10:00 in all with no turn-arounds",
        "partner-walk": "9:00 beside the treadmill, about 9:00 in all with no turn-arounds",
    }
    for name, length in lengths.items():
        assert f"length     {length}\n" in said(capsys, "show", name)[1]


def test_a_person_that_cannot_be_read_has_opened_no_gate(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "share", "ten-for-balance", "--by", "Anna")
    real_paths().person.parent.mkdir(parents=True, exist_ok=True)
    real_paths().person.write_text("{", encoding="utf-8")
    from treadctl.clients.profile_show import card, opened

    assert "  gates      spotter (shut)" in card(opened("ten-for-balance-shared.yaml"))


def test_the_picture_is_svg_with_hatching_and_no_word_of_the_file_in_it_is_markup(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = WRONG_LEVEL.replace("name: Quick", "name: '<script>alert(1)</script> & \"x\"'")
    (home / "x.yaml").write_text(text.replace("km/h}", "km/h, say: '</svg><a>'}"), encoding="utf-8")
    assert said(capsys, "show", "x.yaml", "--svg", "x.svg")[0] == 0
    root = ElementTree.parse(home / "x.svg").getroot()
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {
        "svg", "title", "style", "defs", "pattern", "rect", "text", "line", "circle",
    }  # fmt: skip
    assert "url(#h)" in (home / "x.svg").read_text(encoding="utf-8")


def test_show_names_an_edit_only_to_those_whom_an_edit_helps(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    helps = "  for you    --fit-to-my-limits shows it within your limits\n"
    assert helps.strip() in said(capsys, "show", "five-minutes")[1]
    fallen = replace(UNKNOWN_PERSON, fell_past_year=True, concerns=(Concern.FALL,))
    save_person(real_paths().person, fallen)
    out = said(capsys, "show", "first-minute")[1]
    assert "for you    refused: line" in out and "  for you    lowering and shortening cannot make it fit" in out
    assert helps not in out
    assert said(capsys, "show", "first-minute", "--fit-to-my-limits")[0] == 6


def test_fitting_warns_of_what_it_left_too_short_to_be_walked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "show", "ball-hold", "--fit-to-my-limits")[1]
    assert "edit: line 23: 1:00 becomes 0:08" in out
    assert "line 23 now lasts 8 s, and hold, ramp and 15 s of walking need 34 s; make it longer (a warning)" in out
    assert "(a warning)" not in said(capsys, "show", "hamstring-15", "--fit-to-my-limits")[1]


def test_show_in_json_is_one_object(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capsys, "show", "incline-20", "--json")[1])
    assert told["schema"] == "treadctl.profile/1"
    assert told["gates"] == ["clinician", "incline"]
    assert told["shared"] is None
    assert told["refused_for_you"]


# --- fitting -------------------------------------------------------------------------------------------------------


def test_fitting_shows_every_edit_and_keeps_nothing_unless_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "quick.yaml").write_text(WRONG_LEVEL, encoding="utf-8")
    code, out, _ = said(capsys, "show", "quick.yaml", "--fit-to-my-limits")
    assert code == 0
    assert "edit: line 5: 3.0 km/h backward becomes 1.2 (level 0 (first))" in out
    assert "edit: line 5: 5:00 becomes 1:00 (level 0 (first))" in out
    assert "Nothing is kept of that" in out
    assert sorted(os.listdir(home)) == ["Downloads", "quick.yaml"]


def test_a_fitted_profile_is_kept_where_it_was_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "quick.yaml").write_text(WRONG_LEVEL, encoding="utf-8")
    said(capsys, "show", "quick.yaml", "--fit-to-my-limits", "-o", "mine.yaml")
    assert said(capsys, "check", "mine.yaml")[0] == 0
    assert "for you" not in said(capsys, "show", "mine.yaml")[1]
    assert (home / "quick.yaml").read_text(encoding="utf-8") == WRONG_LEVEL


# --- sharing -------------------------------------------------------------------------------------------------------


def test_the_stranger_sees_first_who_it_is_by_and_the_worst_it_can_do(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "share", "incline-20", "--by", "Anna")[0] == 0
    _, out, _ = said(capsys, "show", "incline-20-shared.yaml")
    first = out.splitlines()[:6]
    assert first[1] == "  shared     by Anna, unchanged"
    assert first[2] == "  top speed  backward up to 2.0 km/h, forward up to 3.0 km/h, incline up to 3.0 %"
    assert first[3].startswith("  direction  20:00 backward")
    assert first[4].startswith("  length     27:00 walked, 3:00 of rest, about 31:30")
    assert "clinician" in first[5] and "incline" in first[5]


def test_one_changed_octet_is_shown_by_show_list_and_run(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "share", "demo", "--by", "Anna", "-o", "Downloads/demo.yaml")
    assert "demo.yaml, shared by Anna, unchanged" in said(capsys, "list")[1]
    place = home / "Downloads" / "demo.yaml"
    place.write_text(place.read_text(encoding="utf-8").replace("1.0 km/h", "1.1 km/h"), encoding="utf-8")
    assert "demo.yaml, shared by Anna, CHANGED since shared" in said(capsys, "list")[1]
    assert "by Anna, CHANGED since shared" in said(capsys, "show", str(place))[1]
    told = json.loads(said(capsys, "list", "--json")[1])["downloads"]
    assert told == [{"file": str(place), "by": "Anna", "unchanged": False}]


def test_a_shared_file_is_introduced_before_it_is_walked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from treadctl.clients.profile_show import introduce

    said(capsys, "share", "demo", "--by", "Anna")
    introduce("demo-shared.yaml")
    assert "shared     by Anna, unchanged" in capsys.readouterr().out
    introduce("demo")
    assert capsys.readouterr().out == ""


def test_a_shared_file_cannot_widen_a_limit(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not by its level either: that is judged for the person when it is walked."""
    said(capsys, "share", "demo", "--by", "Anna")
    place = home / "demo-shared.yaml"
    place.write_text(place.read_text(encoding="utf-8").replace("1.0 km/h", "4.9 km/h"), encoding="utf-8")
    code, _, err = said(capsys, "show", str(place))
    assert (code, "which needs" in err or "the limit" in err or "hard ceiling" in err) == (3, True)


# --- import and export -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "suffix"), [("zwo", ".zwo"), ("fit", ".fit"), ("intervals", ".txt")])
def test_an_exported_profile_is_imported_again(
    form: str, suffix: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "export", "first-steps", "--as", form, "--threshold-speed", "6.0km/h")[0] == 0
    code, out, err = said(capsys, "import", f"first-steps{suffix}", "-o", "again.yaml", "--name", "Again")
    assert (code, err) == (0, "")
    assert "3:00 backward, 9:00 forward" in out
    again = load_profile(home / "again.yaml")
    assert (again.name, again.level) == ("Again", Level.L0)
    assert said(capsys, "check", "again.yaml")[0] == 0


def test_an_import_beyond_every_level_is_refused_with_its_line_and_can_be_fitted(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "run.txt").write_text("- Backward sprint 2m 6:00/km Pace\n- 2m 5:00/km Pace\n", encoding="utf-8")
    code, _, err = said(capsys, "import", "run.txt")
    assert code == 3
    assert err.startswith("run.txt:1:1: walks 10.0 km/h backward; the hard ceiling backward is 5.0 km/h")
    assert not (home / "run.yaml").exists()
    code, out, _ = said(capsys, "import", "run.txt", "--fit-to-my-limits")
    assert code == 0
    assert "edit: line 1: 10.0 km/h backward becomes 1.2 (level 0 (first))" in out
    assert said(capsys, "check", "run.yaml")[0] == 0


# --- new -----------------------------------------------------------------------------------------------------------


def test_new_asks_and_writes_a_commented_profile_that_is_right(home: Path) -> None:
    with dialogue("profile", "new", "mine.yaml") as person:
        person.answer("What shall it be called?", "My first")
        person.answer("For which level is it", "0")
        person.answer("How many times backward, 1 to 3?", "9")
        person.answer("write a whole number from 1 to 3", "2")
        person.answer("How long backward each time", "5min")
        person.answer("At this level a bout lasts 1:00 at most.", "45s")
        person.answer("How fast backward", "3 km/h")
        person.answer("At this level backward is 1.2 km/h at most.", "1.0 km/h")
        person.answer("How fast forward", "2.5 km/h")
        person.answer("Who made it?", "Me")
        code, shown = person.end()
    assert code == 0, shown
    text = (home / "mine.yaml").read_text(encoding="utf-8")
    assert "# Lines that begin with # are notes for you" in text and "treadctl dry-run mine.yaml" in text
    assert treadctl("profile", "check", "mine.yaml").returncode == 0


def test_new_names_the_file_by_the_plain_letters_and_asks_for_another_name_where_it_is_taken(home: Path) -> None:
    (home / "first.yaml").touch()
    with dialogue("profile", "new") as person:
        person.answer("What shall it be called?", "First")
        person.answer("first.yaml is already there and is not overwritten; give another name.", "Übung fünf")
        person.answer("For which level is it", "0")
        person.answer("How many times backward", "1")
        person.answer("How long backward each time", "45s")
        person.answer("How fast backward", "1.0 km/h")
        person.answer("How fast forward", "2.5 km/h")
        person.answer("Who made it?", "Me")
        code, shown = person.end()
    assert code == 0, shown
    assert (home / "ubung-funf.yaml").exists()


def test_a_shared_file_is_not_walked_at_a_terminal_without_a_yes(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "share", "demo", "--by", "Anna")
    with dialogue("run", "demo-shared.yaml", "--sim", "--headless") as person:
        person.answer("Open it?", "n")
        code, shown = person.end()
    assert (code, "Not opened: nothing was started" in shown) == (6, True)
    assert shown.index("by Anna, unchanged") < shown.index("Open it?")
