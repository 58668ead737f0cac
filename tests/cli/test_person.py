"""The person's own commands, as a person types them: the questions, the level, the limits, and what they print."""

from __future__ import annotations

import io
import json
import stat

import pytest

from tests.cli.at_the_terminal import Dialogue, dialogue
from treadctl.cli import main
from treadctl.files.locks import add_lock
from treadctl.files.person import load_person, save_person
from treadctl.model.locks import Lock
from treadctl.model.person import Attested, Concern, Level, Person
from treadctl.model.screening import STOP_QUESTIONS
from treadctl.model.units import Speed
from treadctl.paths import real_paths

KNOWN = Person(Level.L1, age=40, screened="2026-11-01")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def person() -> Person:
    return load_person(real_paths().person)


def stop_questions(one: Dialogue, *yes: Concern) -> None:
    """Answer the stop questions: yes to these, no to all others."""
    for question in STOP_QUESTIONS:
        one.answer(question.text, "y" if question.concern in yes else "n")


# --- the questions -------------------------------------------------------------------------------------------------


def test_somebody_without_a_stop_answers_and_stays_at_level_0() -> None:
    with dialogue("person", "screen") as one:
        one.answer("How old are you", "40")
        stop_questions(one)
        one.answer("heart rate watched", "n")
        one.answer("comfortably", "4.5")
        one.answer("Is that understood?", "y")
        code, shown = one.end()
    assert code == 0
    assert "not an emergency stop" in shown and "half of it, 2.25 km/h" in shown and "up to 1.2 km/h" in shown
    assert "doctor or therapist" not in shown
    found = person()
    assert (found.level, found.age, found.concerns, found.comfortable_forward) == (Level.L0, 40, (), Speed(450))
    assert found.screened and found.facts[-1].on == found.screened
    assert stat.S_IMODE(real_paths().person.stat().st_mode) == 0o600


def test_a_stop_without_a_clinician_leaves_forward_only() -> None:
    with dialogue("person", "screen") as one:
        one.answer("How old are you", "70")
        stop_questions(one, Concern.FALL, Concern.NERVES)
        one.answer("knows this said yes", "n")
        one.answer("heart rate watched", "y")
        one.answer("comfortably", "")
        one.answer("Is that understood?", "y")
        code, shown = one.end()
    assert code == 0
    assert "From 65 on" in shown and "needs two things" in shown and shown.count("The same follows") == 1
    assert "backward not allowed" in shown and "forward up to 4.0 km/h" in shown
    found = person()
    assert found.fell_past_year and found.neurological_or_vestibular and found.needs_heart_rate
    assert found.backward_refusal is not None and found.concerns == (Concern.FALL, Concern.NERVES)


def test_a_clinician_who_agrees_is_named_and_dated() -> None:
    with dialogue("person", "screen") as one:
        one.answer("How old are you", "50")
        stop_questions(one, Concern.UNSTEADY)
        one.answer("knows this said yes", "y")
        one.answer("What is their name?", "")
        one.answer("Type a name.", "Dr. Ada\u202e")
        one.answer("heart rate watched", "n")
        one.answer("comfortably", "")
        one.answer("Is that understood?", "y")
        assert one.end()[0] == 0
    found = person()
    assert found.backward_refusal is None and found.careful
    assert found.clinician == "Dr. Ada\\u202e" and (found.facts[-2].what, found.facts[-2].by) == (
        "may walk backward", found.clinician,
    )  # fmt: skip


def test_whoever_leaves_in_the_middle_is_not_freer_than_they_said() -> None:
    save_person(real_paths().person, Person(Level.L2, age=40, clinician="Dr. Ada", screened="2026-11-01"))
    with dialogue("person", "screen") as one:
        one.answer("How old are you", "66")
        one.answer(STOP_QUESTIONS[0].text, "y")
        one.leave("needs two things")
        code, shown = one.end()
    assert code == 6 and "Nobody answered" in shown
    found = person()
    assert (found.age, found.fell_past_year, found.clinician) == (66, True, "")
    assert found.backward_refusal is not None
    assert (found.level, found.screened) == (Level.L2, "2026-11-01")


def test_the_last_no_saves_no_screening() -> None:
    with dialogue("person", "screen") as one:
        one.answer("How old are you", "40")
        stop_questions(one, Concern.SENSES)
        one.answer("knows this said yes", "y")
        one.answer("What is their name?", "Dr. Ada")
        one.answer("heart rate watched", "n")
        one.answer("comfortably", "4")
        one.answer("Is that understood?", "n")
        code, shown = one.end()
    assert code == 6 and "count as not answered" in shown
    found = person()
    assert (found.screened, found.clinician, found.concerns) == ("", "", (Concern.SENSES,))


def test_a_child_is_refused_and_asked_nothing_more() -> None:
    with dialogue("person", "screen") as one:
        one.answer("How old are you", "12")
        code, shown = one.end()
    assert code == 6 and "Under 13 nobody walks" in shown
    assert person().refusal is not None


@pytest.mark.parametrize("consents", [True, False])
def test_under_18_a_guardian_is_asked(consents: bool) -> None:
    with dialogue("person", "screen") as one:
        one.answer("How old are you", "15")
        one.answer("parent or guardian beside you", "y" if consents else "n")
        stop_questions(one)
        one.answer("heart rate watched", "n")
        one.answer("comfortably", "")
        one.answer("Is that understood?", "y")
        code, shown = one.end()
    assert code == 0
    assert (person().refusal is None) is consents
    assert ("no walk is possible" in shown) is not consents


def test_what_makes_no_sense_is_asked_again_with_what_would() -> None:
    with dialogue("person", "screen") as one:
        one.answer("How old are you", "old")
        one.answer("whole years", "-3")
        one.answer("whole years", "400")
        one.answer("whole years", "40")
        one.answer(STOP_QUESTIONS[0].text, "perhaps")
        one.answer("Type y or n.", "n")
        for question in STOP_QUESTIONS[1:]:
            one.answer(question.text, "n")
        one.answer("heart rate watched", "n")
        one.answer("comfortably", "45")
        one.answer("Give a walking speed from 1.0 to 8.0 km/h", "fast")
        one.answer("Give a speed such as", "2,5 mph")
        one.answer("Is that understood?", "y")
        assert one.end()[0] == 0
    assert person().comfortable_forward == Speed(402)


def test_what_was_typed_before_a_question_does_not_answer_it() -> None:
    with dialogue("person", "screen") as one:
        one.type("40\ny\ny\ny\n")
        one.answer("How old are you", "41")
        one.answer(STOP_QUESTIONS[0].text, "n")
        one.leave(STOP_QUESTIONS[1].text)
        one.end()
    assert person().concerns == ()


def test_a_damaged_person_is_never_nobody_and_makes_way_only_when_all_is_answered() -> None:
    path = real_paths().person
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"is": "Person", "level": 2, "weight": 70}')
    with dialogue("person", "screen") as one:
        one.answer("answer everything anew?", "y")
        one.leave("How old are you")
        assert one.end()[0] == 6
    assert "weight" in path.read_text()
    with dialogue("person", "screen") as one:
        one.answer("answer everything anew?", "y")
        one.answer("How old are you", "40")
        stop_questions(one)
        one.answer("heart rate watched", "n")
        one.answer("comfortably", "")
        one.answer("Is that understood?", "y")
        code, shown = one.end()
    assert code == 0 and "person.json.damaged" in shown
    assert person().level is Level.L0 and "weight" in path.with_name("person.json.damaged").read_text()


def test_no_pipe_answers_the_questions(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("40\n" + "n\n" * 20))
    code, _, err = said(capsys, "person", "screen")
    assert (code, "on a terminal" in err, real_paths().person.exists()) == (2, True, False)


# --- what is shown -------------------------------------------------------------------------------------------------


def test_nobody_known_is_level_0_and_told_what_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "person")
    assert code == 0
    assert "Level 0 (first)." in out and "treadctl person screen" in out and "Nothing is locked." in out
    assert said(capsys, "person", "show")[1] == out


def test_every_limit_is_shown_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    save_person(real_paths().person, Person(
        Level.L3, 70, needs_heart_rate=True, comfortable_forward=Speed(300), own_forward_limit=Speed(350),
        screened="2020-01-01", clinician="x\x1b[31m", attested=(Attested.INCLINE,),
    ))  # fmt: skip
    add_lock(real_paths().locks, Lock("fall", "you fell", since="2026-11-20"))
    add_lock(real_paths().locks, Lock("pain", "over", until="2026-01-01"))
    _, out, _ = said(capsys, "person")
    for words in (
        "Level 3 (regular).", "up to 1.5 km/h", "half of your comfortable forward speed", "up to 3.5 km/h",
        "your own limit", "5:00 min", "because 65 or older", "120 a minute", "needed", "helper", "over a year ago",
        "fall since 2026-11-20: you fell", "x\\x1b[31m", "Vouched for by you: incline",
    ):  # fmt: skip
        assert words in out
    assert "\x1b" not in out and "pain" not in out


def test_json_is_one_object_with_a_schema(capsys: pytest.CaptureFixture[str]) -> None:
    save_person(real_paths().person, KNOWN)
    for words in (("person", "--json"), ("person", "show", "--json"), ("person", "--json", "show")):
        told = json.loads(said(capsys, *words)[1])
        assert (told["schema"], told["person"]["level"], told["limits"]["backward"]["value"]) == (
            "treadctl.person/1", 1, 180,
        )  # fmt: skip


def test_a_damaged_file_is_an_error_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    real_paths().person.parent.mkdir(parents=True, exist_ok=True)
    real_paths().person.write_text('{"is": "Person", "weight": 70}')
    for words in (("person",), ("person", "level", "0"), ("person", "set", "incline", "no")):
        code, out, err = said(capsys, *words)
        assert (code, out) == (3, "") and "person.json:1:1: Person has no field 'weight'" in err
    code, _, err = said(capsys, "person", "clear")
    assert code == 6 and "treadctl person screen" in err


# --- the level -----------------------------------------------------------------------------------------------------


def test_lower_is_always_possible_and_written_down(capsys: pytest.CaptureFixture[str]) -> None:
    save_person(real_paths().person, KNOWN)
    code, out, _ = said(capsys, "person", "level", "0")
    assert code == 0 and "Saved: Level 0 (first)." in out and "up to 1.2 km/h" in out
    assert person().level is Level.L0 and person().facts[-1].what == "level 0"
    assert said(capsys, "person", "level", "0")[1] == "Level 0 (first) it is already.\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("2",), "nobody raises their own level"), (("2", "--set-by", "  "), "nobody raises their own level"),
        (("3", "--set-by", "Ada"), "level 2 at most"), (("4",), "level 2 at most"),
    ],
)  # fmt: skip
def test_nobody_raises_their_own_level(
    words: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    save_person(real_paths().person, KNOWN)
    code, _, err = said(capsys, "person", "level", *words)
    assert (code, why in err, person()) == (6, True, KNOWN)


def test_before_the_questions_not_even_a_professional_raises_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, "person", "level", "2", "--set-by", "Ada")
    assert code == 6 and "treadctl person screen" in err


def test_a_professional_sets_level_2_at_a_terminal_and_age_still_caps() -> None:
    save_person(real_paths().person, Person(Level.L0, age=70, screened="2026-11-01"))
    with dialogue("person", "level", "2", "--set-by", "Ada") as one:
        one.answer("Ada: are you a doctor", "n")
        assert one.end()[0] == 6
    assert person().level is Level.L0
    with dialogue("person", "level", "2", "--set-by", "Ada") as one:
        one.answer("Ada: are you a doctor", "y")
        code, shown = one.end()
    assert code == 0 and "up to 2.0 km/h" in shown and "65 or older" in shown
    assert (person().level, person().facts[-1].what, person().facts[-1].by) == (Level.L2, "level 2", "Ada")
    assert person().why_level.startswith("set by Ada on 20")


def test_no_pipe_answers_for_a_professional(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    save_person(real_paths().person, KNOWN)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert said(capsys, "person", "level", "2", "--set-by", "Ada")[0] == 2
    assert person() == KNOWN


# --- single facts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        (("comfortable", "4.5km/h"), "comfortable_forward", 450), (("heart-rate", "yes"), "needs_heart_rate", True),
        (("comfortable", "4.5", "km/h"), "comfortable_forward", 450),
        (("backward-limit", "1,1 km/h"), "own_backward_limit", 110),
        (("forward-limit", "2 mph"), "own_forward_limit", 322), (("forward-limit", "none"), "own_forward_limit", None),
    ],
)  # fmt: skip
def test_a_fact_is_set_and_written_down(
    words: tuple[str, ...], field: str, value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    save_person(real_paths().person, Person(own_forward_limit=Speed(300)))
    code, out, _ = said(capsys, "person", "set", *words)
    assert code == 0 and out.startswith("Saved: ")
    assert getattr(person(), field) == value and len(person().facts) == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("comfortable", "4.5"), "4.5 of what?"), (("comfortable", "45km/h"), "from 1.0 to 8.0"),
        (("comfortable", "-4km/h"), "VALUE"), (("backward-limit", "5.01km/h"), "5.0 km/h"),
        (("forward-limit", "9km/h"), "8.0 km/h"), (("backward-limit", "slow"), "such as 4.5km/h"),
        (("heart-rate", "maybe"), "yes or no"), (("weight", "70kg"), "WHAT"),
    ],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_refused_and_changes_nothing(
    words: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(capsys, "person", "set", *words)
    assert code == 2 and why in err and not real_paths().person.exists()


def test_ones_own_word_is_given_at_a_terminal_and_taken_back_anywhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert said(capsys, "person", "set", "incline", "yes")[0] == 2
    with dialogue("person", "set", "incline", "yes") as one:
        one.answer("on the level go well", "y")
        assert one.end()[0] == 0
    assert person().attested == (Attested.INCLINE,)
    assert said(capsys, "person", "set", "incline", "no")[0] == 0
    assert person().attested == ()


def test_a_clinician_is_named_at_a_terminal_and_taken_back_anywhere(capsys: pytest.CaptureFixture[str]) -> None:
    save_person(real_paths().person, Person(age=40, concerns=(Concern.HEART,)))
    with dialogue("person", "set", "clinician", "yes") as one:
        one.answer("said yes to you walking backward", "y")
        one.answer("What is their name?", "Dr. Ada")
        assert one.end()[0] == 0
    assert person().clinician == "Dr. Ada" and person().backward_refusal is None
    assert said(capsys, "person", "set", "clinician", "no")[0] == 0
    assert person().backward_refusal is not None
