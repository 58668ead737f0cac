"""After a walk and the morning after: what is asked on a plain terminal, where it goes, and what is said of it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.at_the_terminal import dialogue
from tests.plans.made import HARD, MONDAY, TOO_MUCH, WELL, at, outcome, stopped
from treadctl.clients.after import ask_after, keep_answers, keep_morning, morning_due, words_after
from treadctl.clients.known import course, verdict
from treadctl.clients.planning import start
from treadctl.files import answers
from treadctl.files.answers import load_answers
from treadctl.files.profile import find_profile, load_profile
from treadctl.model import plain
from treadctl.model.answers import Answers, Morning
from treadctl.model.api import Summary
from treadctl.model.outcome import Stop
from treadctl.model.plan import Walked
from treadctl.model.records import Closed, EventEntry, Opened
from treadctl.model.units import Speed
from treadctl.paths import Paths, real_paths
from treadctl.plans.colour import Colour
from treadctl.plans.editing import dose
from treadctl.plans.standing import read

pytestmark = pytest.mark.usefixtures("in_utc")

FIRST = load_profile(find_profile("first-minute"))
BACKWARD = dose(FIRST).total * 1000
SUMMARY = Summary(True, "", BACKWARD * 3, 2 * BACKWARD, BACKWARD, 60.0, 16.0, 1, Speed(100), 0, "s-0.jsonl", 2)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "run", tmp_path / "state", tmp_path / "data", tmp_path / "config")


def walk(
    paths: Paths, started: datetime, session: str = "s-0", *, share: float = 1, events: tuple[EventEntry, ...] = ()
) -> None:
    """A walk on a real treadmill, as its guardian records it."""
    paths.sessions.mkdir(parents=True, exist_ok=True)
    summary = replace(SUMMARY, backward=int(BACKWARD * share))
    entries = [Opened(session, started.isoformat(), "0", "Mill", False, FIRST), *events, Closed(1, summary)]
    lines = [json.dumps(plain.dump(entry), separators=(",", ":")) + "\n" for entry in entries]
    (paths.sessions / f"{session}.jsonl").write_text("".join(lines))


def day(number: float) -> datetime:
    return datetime.fromtimestamp(at(number), UTC)


def told(paths: Paths) -> dict[str, Answers]:
    return load_answers(paths.data / answers.NAME)


# --- where answers go ----------------------------------------------------------------------------------------------


def test_what_is_said_of_a_simulated_walk_never_comes_among_a_persons_own(paths: Paths) -> None:
    assert not keep_answers(paths, "s-0", WELL, simulated=True)
    assert told(paths) == {}
    assert keep_answers(replace(paths, name="sim-1"), "s-0", WELL, simulated=True)
    assert keep_answers(paths, "s-1", WELL, simulated=False)
    assert set(told(paths)) == {"s-0", "s-1"}


def test_nothing_is_written_where_nothing_was_said(paths: Paths) -> None:
    assert not keep_answers(paths, "s-0", Answers(), simulated=False)
    assert not (paths.data / answers.NAME).exists()


def test_the_morning_is_asked_once_and_comes_to_what_was_said_before(paths: Paths) -> None:
    walk(paths, day(1))
    keep_answers(paths, "s-0", WELL, simulated=False)
    answers.update_answers(paths.data / answers.NAME, "s-0", lambda before: replace(before, morning=None))
    assert morning_due(paths, at(1)) is None, "the same day"
    due = morning_due(paths, at(2))
    assert due is not None and due.question.text == "Morning after Tuesday: worse, same, better?"
    with pytest.raises(ValueError, match="no morning"):
        keep_morning(paths, due, "x")
    keep_morning(paths, due, "w")
    assert told(paths)["s-0"] == replace(WELL, morning=Morning.WORSE)
    assert morning_due(paths, at(2)) is None


def test_a_morning_that_was_skipped_is_not_asked_again(paths: Paths) -> None:
    walk(paths, day(1))
    due = morning_due(paths, at(2))
    assert due is not None
    keep_morning(paths, due, "-")
    assert morning_due(paths, at(3)) is None and told(paths) == {}
    walk(paths, day(3), "s-3")
    assert morning_due(paths, at(4)) is not None


# --- what is said --------------------------------------------------------------------------------------------------


def test_the_sentence_is_made_of_the_walks_of_the_plan_and_of_its_next_offer(paths: Paths) -> None:
    start(paths, "starter", at(0) - 60)
    walk(paths, day(0))
    keep_answers(paths, "s-0", replace(WELL, morning=None, pain_before=2, pain_after=1), simulated=False)
    words = words_after(paths, "s-0", at(0) + 600)
    assert words is not None
    assert words.sentence.startswith("1 walk, 1 min backward, 1.0 km/h, pain before walking 2. Next: Wednesday, ")
    assert (words.colour, words.sure, words.verdict) == (
        Colour.GREEN, False, "Green so far; how tomorrow morning is decides.",
    )  # fmt: skip


def test_a_walk_that_is_not_in_the_book_yet_has_no_words(paths: Paths) -> None:
    assert words_after(paths, "s-0", at(0)) is None


def test_without_a_plan_there_is_no_verdict(paths: Paths) -> None:
    walk(paths, day(0))
    words = words_after(paths, "s-0", at(0) + 600)
    assert words is not None and words.colour is None and "No plan is followed" in words.verdict


def test_the_course_names_the_first_and_the_last() -> None:
    said = [replace(WELL, pain_before=pain) for pain in (4, 3, 2)]
    walks = [Walked(outcome(n * 2, answers=told)) for n, told in enumerate(said)]
    fast = replace(walks[2].outcome.planned, speed=Speed(140))
    walks[2] = Walked(replace(walks[2].outcome, planned=fast))
    assert course(read(walks)) == "3 walks, 9 min backward, 1.0 to 1.4 km/h, pain before walking 4 to 2."


def test_each_colour_says_what_comes_of_it() -> None:
    def said(answers: Answers, why: Stop | None = None) -> str:
        one = outcome() if why is None else stopped(why)
        return verdict(read([Walked(replace(one, answers=answers))])[0]).verdict

    assert said(WELL) == "Green."
    assert said(HARD) == "Amber: effort 6. The same is walked again."
    assert said(TOO_MUCH) == "Red: effort 8. The next one is easier."
    assert said(WELL, Stop.LINK).startswith("Grey: ended by something else (link). It does not count")
    assert said(replace(WELL, confidence=None)).startswith("Amber: not told: confidence (asked only when you walk).")


# --- on a terminal -------------------------------------------------------------------------------------------------


ASK = """
from pathlib import Path
from treadctl.clients.after import ask_after
from treadctl.model.api import Summary
from treadctl.model.units import Speed
from treadctl.paths import real_paths
ask_after(real_paths(), Summary(True, "", 180000, 120000, 60000, 60.0, 16.0, 1, Speed(100), 0, "s-0.jsonl", 2), {now})
"""


def test_after_a_walk_in_plain_lines_the_three_questions_are_asked_and_the_sentence_said() -> None:
    walk(real_paths(), day(0))
    with dialogue(code=ASK.format(now=at(0) + 600)) as one:
        one.answer("How hard was it", "eleven")
        one.answer("Type one of", "4")
        one.answer("How much did it hurt", "S")
        one.answer("How steady did you feel", "")
        code, shown = one.end()
    assert code == 0 and "1 walk, 1 min backward" in shown
    assert told(real_paths())["s-0"] == Answers(effort=4, pain_before=2, pain_after=10)


BY_HAND = ASK.replace("Summary(True, \"\",", "Summary(False, \"You pressed stop.\",")


def test_a_stop_that_was_an_accident_is_grey_and_not_held_against_the_walker() -> None:
    paths = real_paths()
    start(paths, "starter", MONDAY)
    walk(paths, day(0), share=0.5, events=(EventEntry(1, "stop", "You pressed stop."),))
    with dialogue(code=BY_HAND.format(now=at(0) + 600)) as one:
        for question, key in (("How hard", "2"), ("How much did it hurt", "0"), ("How steady", "5")):
            one.answer(question, key)
        one.answer("Did you mean to stop", "n")
        code, shown = one.end()
    assert code == 0 and "Grey" in shown and "It does not count" in shown


def test_what_was_answered_stays_when_the_walker_goes_away() -> None:
    with dialogue(code=ASK.format(now=at(0))) as one:
        one.answer("How hard was it", "7")
        one.leave("How much did it hurt")
        assert one.end()[0] == 0
    assert told(real_paths())["s-0"] == Answers(effort=7, pain_before=2)


def test_without_a_terminal_nothing_is_asked(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    ask_after(paths, SUMMARY, at(0))
    assert capsys.readouterr() == ("", "") and told(paths) == {}


def test_plan_today_asks_for_the_morning_first() -> None:
    paths = real_paths()
    yesterday = datetime.fromtimestamp(time.time() - 86_400, UTC)
    start(paths, "starter", MONDAY)
    walk(paths, yesterday)
    with dialogue("plan", "today") as one:
        one.answer("Morning after", "b")
        code, shown = one.end()
    assert code == 0 and "Starter, week 1 of 3" in shown
    assert told(paths)["s-0"].morning is Morning.BETTER
