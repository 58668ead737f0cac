"""A walk in lines for ears: one idea a line, once, and a speed when it is reached."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.moments import ALL, BACKWARD, CHECKING, DONE, FORWARD, LOST, READY, SENT, SILENT
from treadctl.clients.plain_lines import SETTLED, Teller
from treadctl.clients.reading import Units
from treadctl.model.api import Asking, Footer, Question, Snapshot
from treadctl.model.units import Speed, kmh


def told(*moments: Snapshot, units: Units = Units.KMH) -> list[str]:
    teller = Teller(units)
    return [line for moment in moments for line in teller.lines(moment)]


def ramp(*steps: int, every: int = 1000) -> list[Snapshot]:
    """A ramp whose targets are reached a moment after they are set, four snapshots a second."""
    found = []
    for n, target in enumerate(steps):
        for quarter in range(every // 250):
            speed = target if quarter else target - 20
            now = n * every + quarter * 250
            found.append(FORWARD._replace(now=now, target=Speed(target), speed=Speed(speed), reached=bool(quarter)))
    return found


def test_a_speed_is_told_when_it_is_reached_and_not_on_the_way() -> None:
    rising = [*ramp(100, 120, 140, 160), *ramp(160, every=SETTLED + 1000)]
    lines = told(*(moment._replace(now=n * 250) for n, moment in enumerate(rising)))
    assert [line for line in lines if line.startswith("Reached")] == ["Reached 1.6 km/h."]


def test_nothing_is_told_while_nothing_changes_but_figures() -> None:
    moments = [BACKWARD._replace(now=n * 250, walked=n * 250, speed=Speed(100 + n % 3), seq=n) for n in range(200)]
    lines = told(*moments)
    assert len(lines) == len(set(lines)) == 3


@pytest.mark.parametrize("moment", list(ALL))
def test_every_line_is_plain_characters_on_one_line(moment: str) -> None:
    teller = Teller(Units.KMH)
    snapshot = ALL[moment]._replace(reason="a\nb\x1b[2J", notice="█▒", program="x")
    question = [] if snapshot.question is None else teller.question(snapshot.question)
    for line in (*teller.lines(snapshot), *question):
        assert line.isprintable() and not set("·│┃─▀▄\r") & set(line)


def test_an_alarm_comes_first_and_the_way_to_stop_is_told() -> None:
    assert told(LOST)[:2] == ["Alarm: Connection lost. Pull the key.", "No link: pull the key."]
    assert told(BACKWARD)[0] == "Any key stops."
    assert told(SENT)[0] == "Stop sent."
    assert told(BACKWARD._replace(footer=Footer.UNKNOWN))[0] == "Is the belt still? Any key stops."


def test_an_unknown_speed_is_told_once_and_never_a_number() -> None:
    lines = told(BACKWARD, SILENT, SILENT)
    assert lines.count("No sample: the speed is not known.") == 1
    assert not any("Reached" in line for line in told(*[SILENT._replace(now=n * 1000) for n in range(9)]))


def test_a_question_has_a_line_of_its_own_and_one_for_its_keys() -> None:
    assert CHECKING.question is not None
    lines = Teller(Units.KMH).question(CHECKING.question)
    assert lines == ["Question: Is the safety key clipped at the side of your waistband?", "Keys: y yes, n no."]
    asked = Question("n", "Which speed?", Asking.NUMBER, detail="It creeps. It should.")
    assert Teller(Units.KMH).question(asked) == [
        "It creeps.", "It should.", "Question: Which speed?", "Type the number, then enter."
    ]  # fmt: skip


def test_the_summary_is_a_line_for_each_figure_in_the_readers_unit() -> None:
    assert DONE.summary is not None
    assert list(Teller(Units.MPH).summary(DONE.summary)) == [
        "Finished. Walked 12:00.", "Forward 9:00, 360 m.", "Backward 3:00, 50 m.", "Up to 0.6 mph backward.",
    ]  # fmt: skip
    ended = replace(DONE.summary, finished=False, reason="a\x1bb.", top_backward=kmh(0))
    assert next(Teller(Units.KMH).summary(ended)) == "Ended: a\\x1bb. Walked 12:00."


def test_standing_still_tells_of_no_speed() -> None:
    still = [READY._replace(now=n * 1000, target=kmh(0), reached=True) for n in range(9)]
    assert not any("Reached" in line for line in told(*still))
