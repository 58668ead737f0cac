"""The machines that were learnt: listed, shown, forgotten, and found by their names."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from tests.cli.records import ATTIC, CELLAR, remember
from treadctl.cli import main
from treadctl.clients.machines import address_of, chosen
from treadctl.files.locks import load_rehearsals, remember_rehearsal
from treadctl.files.quirks import hints, load_quirk
from treadctl.model.errors import NoMachine, UsageError
from treadctl.model.machine import Manual
from treadctl.paths import real_paths


class Terminal(io.StringIO):
    """A person's answers."""

    def isatty(self) -> bool:
        return True


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_without_a_record_the_list_says_how_to_come_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "machines", "list")
    assert (code, "treadctl scan" in out, "treadctl commission" in out) == (0, True, True)


def test_the_list_says_what_each_permits_and_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    remember(CELLAR, ATTIC, replace(CELLAR, address="AA:BB:CC:00:00:03", name="Gym", manual=Manual.FORBIDS))
    code, out, _ = said(capsys, "machines", "list")
    assert code == 0
    assert out.splitlines() == [
        "Attic  AA:BB:CC:00:00:02  learnt 2026-11-21", out.splitlines()[1],
        "Cellar  AA:BB:CC:00:00:01  learnt 2026-11-20", "  Backward: yes.",
        "Gym  AA:BB:CC:00:00:03  learnt 2026-11-20", "  Backward: no (its manual forbids walking backward).",
    ]
    assert "missing: " in out.splitlines()[1] and "stop lag" in out.splitlines()[1]


def test_the_list_in_json_is_one_object_with_a_schema(capsys: pytest.CaptureFixture[str]) -> None:
    remember(CELLAR, ATTIC)
    told = json.loads(said(capsys, "machines", "list", "--json")[1])
    assert told["schema"] == "treadctl.machines/1"
    assert [(one["name"], one["complete"]) for one in told["machines"]] == [("Attic", False), ("Cellar", True)]


def test_show_tells_what_was_measured_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    remember(replace(CELLAR, runs_on=True))
    _, out, _ = said(capsys, "machines", "show", "cellar")
    for words in ("in steps of", "still after", "THE BELT RUNS ON", "allows walking backward", "learnt 2026-11-20"):
        assert words in out


def test_show_names_the_known_kind_with_its_hints(capsys: pytest.CaptureFixture[str]) -> None:
    remember(CELLAR, replace(CELLAR, address="AA:BB:CC:00:00:09", name="Pro Runner X"))
    assert "Known kind" not in said(capsys, "machines", "show", "cellar")[1]
    out = said(capsys, "machines", "show", "pro")[1]
    quirk = load_quirk("3g-pro-runner-x")
    assert f"Known kind: {quirk.title}" in out and all(f"- {hint}" in out for hint in hints(quirk))
    told = json.loads(said(capsys, "machines", "show", "pro", "--json")[1])
    assert (told["schema"], told["records"][0]["known_kind"][0]) == ("treadctl.machine/1", f"Known kind: {quirk.title}")


def test_every_firmware_of_one_machine_is_shown_and_none_makes_it_two(capsys: pytest.CaptureFixture[str]) -> None:
    remember(CELLAR, replace(CELLAR, firmware="2.0"))
    code, out, _ = said(capsys, "machines", "show", "Cellar")
    assert (code, out.count("Cellar  AA:BB:CC:00:00:01")) == (0, 2)


def test_a_hostile_name_is_shown_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    remember(replace(CELLAR, name="\x1b[31mCellar\u202e"))
    for words in (("list",), ("show", CELLAR.address), ("forget", CELLAR.address, "--yes")):
        _, out, _ = said(capsys, "machines", *words)
        assert "\\x1b[31mCellar\\u202e" in out and "\x1b" not in out


# --- names ---------------------------------------------------------------------------------------------------------


def test_a_name_stands_for_its_address_and_capitals_do_not_matter() -> None:
    remember(CELLAR, ATTIC)
    assert address_of(real_paths(), "cellar") == address_of(real_paths(), "CEL") == CELLAR.address


def test_an_address_needs_no_record_and_nothing_stays_nothing() -> None:
    assert address_of(real_paths(), "aa:bb:cc:dd:ee:ff") == "AA:BB:CC:DD:EE:FF"
    assert address_of(real_paths(), "") == ""


def test_a_whole_name_goes_before_names_that_only_begin_like_it() -> None:
    assert chosen((replace(ATTIC, name="Cellar 2"), CELLAR), "cellar") == [CELLAR]


def test_a_name_that_two_machines_have_is_refused_with_both_addresses() -> None:
    twin = replace(CELLAR, address="AA:BB:CC:00:00:07")
    with pytest.raises(UsageError, match=r"AA:BB:CC:00:00:01.* or .*AA:BB:CC:00:00:07"):
        chosen((CELLAR, twin), "Cellar")


def test_a_name_that_nobody_has_is_answered_with_those_there_are() -> None:
    with pytest.raises(NoMachine, match=r"Cellar \(AA:BB:CC:00:00:01\)"):
        chosen((CELLAR,), "garage")


@pytest.mark.parametrize("words", [["run", "demo"], ["commission"], ["capture"]])
def test_every_command_that_takes_a_machine_takes_its_name(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    remember(CELLAR, replace(CELLAR, address="AA:BB:CC:00:00:07"))
    code, out, err = said(capsys, *words, "--machine", "cellar")
    assert (code, out) == (2, "")
    assert "give the address of the one you mean" in err
    assert said(capsys, *words, "--machine", "garage")[0] == 4


# --- forgetting ----------------------------------------------------------------------------------------------------


def test_forget_asks_and_a_yes_deletes_every_firmware(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = remember(CELLAR, replace(CELLAR, firmware="2.0"), ATTIC)
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    rehearsed = real_paths().rehearsed
    remember_rehearsal(rehearsed, CELLAR.address, "2026-11-20")
    assert "2026-11-20" in said(capsys, "machines", "show", "cellar")[1].split("rehearsed")[1]
    assert "not yet: treadctl rehearse" in said(capsys, "machines", "show", "attic")[1].split("rehearsed")[1]
    code, out, err = said(capsys, "machines", "forget", "cellar")
    assert load_rehearsals(rehearsed) == ()
    assert (code, "Forget Cellar" in err, "Forgotten: Cellar" in out) == (0, True, True)
    assert [record.name for record in store.all()] == ["Attic"]


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "maybe\n"])
def test_anything_but_a_yes_forgets_nothing(
    answer: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = remember(CELLAR)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    said(capsys, "machines", "forget", "cellar")
    assert len(store.all()) == 1


def test_a_script_has_to_say_yes_itself(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    store = remember(CELLAR)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    code, _, err = said(capsys, "machines", "forget", "cellar")
    assert (code, "--yes" in err, len(store.all())) == (2, True, 1)
    code, out, _ = said(capsys, "machines", "forget", "cellar", "--yes", "--json")
    assert (code, json.loads(out)["name"], store.all()) == (0, "Cellar", ())
