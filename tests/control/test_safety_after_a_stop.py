"""After an unplanned stop, and what ease, pain and resume do."""

from collections.abc import Callable

import pytest

from tests.control.rig import (
    PRACTISED,
    START,
    STOP,
    THERE_AND_BACK,
    B,
    F,
    Rig,
    backward,
)
from tests.control.scenes import climbing, easing, holding, starting, walking, walking_backward
from treadctl.control import events as ev
from treadctl.model import api
from treadctl.model.answers import MEANT, after_walk
from treadctl.model.api import Phase
from treadctl.model.program import Program, Rest, Walk
from treadctl.model.units import Speed

Scene = Callable[[], Rig]


def walking_stopped() -> Rig:
    rig = walking()
    rig.press()
    return rig.phase(Phase.HALTED)


# --- after an unplanned stop ----------------------------------------------------------------------------------------


def test_after_an_unplanned_stop_the_facing_is_unknown_and_asked_for() -> None:
    rig = walking_stopped()
    assert rig.shot.facing is None and rig.shot.question is not None and rig.shot.question.id == "facing"
    assert rig.shot.question.detail == "You pressed stop."
    rig.ask(api.Answer("facing", "a"))
    assert rig.shot.facing is None  # what is said is no confirm


@pytest.mark.parametrize(
    ("end", "asked"), [("e", True), ("u", False), ("d", False)], ids=["enough", "unwell", "fallen"]
)
def test_whoever_stopped_and_ended_is_asked_for_an_accident_but_not_who_fell(end: str, asked: bool) -> None:
    rig = walking_stopped()
    rig.ask(api.Answer("facing", "c"))
    rig.ask(api.Answer("halted", end))
    summary = rig.phase(Phase.DONE).shot.summary
    assert summary is not None and (MEANT in after_walk(summary)) is asked


@pytest.mark.parametrize(("octets", "why"), [((0x03,), "Safety key"), ((0x02, 0x01), "Stopped at")])
def test_a_pulled_key_and_the_console_may_have_been_accidents(octets: tuple[int, ...], why: str) -> None:
    rig = walking()
    rig.status(*octets)
    rig.run(30_000)
    for id, choice in (("facing", "c"), ("halted", "e")):
        rig.ask(api.Answer(id, choice))
    summary = rig.phase(Phase.DONE).shot.summary
    assert summary is not None and summary.reason.startswith(why) and MEANT in after_walk(summary)


def test_carrying_on_is_the_rest_of_the_segment_with_an_arming_of_its_own() -> None:
    rig = walking().run(20_000)
    rig.press()
    rig.phase(Phase.HALTED)
    left = rig.shot.segment_left
    rig.ask(api.Answer("facing", "c"))
    assert rig.ask(api.Answer("halted", "c")).accepted
    assert rig.shot.phase is Phase.TURNING
    rig.run(60_000)
    assert rig.count(START) == 1
    rig.confirm().phase(Phase.HOLDING)
    assert rig.count(START) == 2 and left - 1000 <= rig.shot.segment_left <= left


BOUT_AND_REST = Program("bout and rest", (Walk(B, 60, Speed(100)), Rest(30), Walk(B, 60, Speed(100))))


@pytest.mark.parametrize(("left", "after"), [(17_000, Phase.TURNING), (14_000, Phase.RESTING)])
def test_a_rest_of_a_segment_whose_end_cannot_be_announced_is_left_out(left: int, after: Phase) -> None:
    rig = Rig().holding(BOUT_AND_REST)
    rig.until(lambda: rig.shot.segment_left <= left)
    rig.press()
    rig.phase(Phase.HALTED)
    rig.ask(api.Answer("facing", "a"))
    rig.ask(api.Answer("halted", "c"))
    assert rig.shot.phase is after
    if after is Phase.TURNING:
        said = len(rig.said)
        rig.ready()
        rig.confirm().phase(Phase.RESTING)
        assert any(text == "Next: rest." for _, text in rig.said[said:])


def test_carrying_on_facing_the_wrong_way_says_where_to_face() -> None:
    rig = walking_stopped()
    rig.ask(api.Answer("facing", "a"))
    rig.ask(api.Answer("halted", "c"))
    assert rig.said[-1][1].startswith("Face the console")


def test_carrying_on_after_the_end_of_a_segment_goes_on_with_the_next() -> None:
    rig = easing()
    rig.press()
    rig.phase(Phase.HALTED)
    rig.ask(api.Answer("facing", "c"))
    rig.ask(api.Answer("halted", "c"))
    rig.ready()
    assert rig.shot.question is not None and "Facing away?" in rig.shot.question.text


def test_going_home_is_two_easy_minutes_forward_with_an_arming_of_its_own() -> None:
    rig = backward()
    rig.press()
    rig.phase(Phase.HALTED)
    rig.ask(api.Answer("facing", "a"))
    rig.ask(api.Answer("halted", "f"))
    rig.run(30_000)
    assert rig.count(START) == 1
    rig.confirm().phase(Phase.WALKING)
    assert rig.shot.facing is F
    rig.phase(Phase.DONE)
    assert rig.shot.summary is not None and not rig.shot.summary.finished and rig.shot.summary.bouts == 1


def test_ending_after_a_stop_key_is_no_fault() -> None:
    rig = walking_stopped()
    rig.ask(api.Answer("facing", "c"))
    assert not rig.ask(api.Answer("facing", "c")).accepted
    rig.ask(api.Answer("halted", "e"))
    assert rig.shot.phase is Phase.DONE and rig.shot.summary is not None and rig.shot.summary.exit_code == 0


def test_a_near_fall_locks_until_it_is_cleared() -> None:
    rig = walking_stopped()
    rig.ask(api.Answer("facing", "c"))
    rig.ask(api.Answer("halted", "u"))
    locks = [e.lock for e in rig.of(ev.Remember) if isinstance(e, ev.Remember)]
    assert [lock.name for lock in locks] == ["unwell"] and locks[0].until == ""
    reply = rig.still().ask(api.Load(THERE_AND_BACK))
    assert not reply.accepted and "unwell" in reply.reason


def test_no_question_is_asked_or_answered_while_the_belt_may_move() -> None:
    rig = walking()
    assert rig.shot.question is None and not rig.ask(api.Answer("begin", "y")).accepted
    rig.press()
    rig.run(500)
    assert rig.shot.question is None and not rig.ask(api.Answer("facing", "c")).accepted


# --- ease, pain, resume ---------------------------------------------------------------------------------------------


def test_ease_lowers_by_0_2_and_is_a_ceiling_until_a_local_resume() -> None:
    rig = walking().run(20_000)
    assert rig.shot.target == 200
    rig.ask(api.Ease())
    rig.run(2000)
    assert rig.speeds[-1].speed == 180 and rig.shot.ceiling == 180
    rig.run(8000)
    assert rig.speeds[-1].speed == 180
    said = len(rig.said)
    assert rig.ask(api.Resume()).accepted
    rig.run(1500)
    assert rig.speeds[-1].speed == 180  # announced anew before it rises
    rig.run(5000)
    assert rig.speeds[-1].speed == 200 and "Faster, to 2.0." in [text for _, text in rig.said[said:]]


def test_words_from_before_an_ease_announce_no_rise_after_it() -> None:
    rig = Rig().walking(THERE_AND_BACK)
    rig.until(lambda: rig.shot.target == 200)
    rig.ask(api.Ease())
    rig.run(1200)
    rig.ask(api.Resume())
    resumed = rig.now
    rig.until(lambda: rig.speeds[-1].speed == 200)
    assert rig.now - resumed >= 3000 and rig.heard("Faster, to 2.0.")[-1] >= resumed


def test_nothing_gets_faster_by_a_key_while_the_person_faces_away() -> None:
    rig = Rig(person=PRACTISED).walking(Program("b", (Walk(B, 120, Speed(200)),), level=PRACTISED.level)).run(15_000)
    rig.ask(api.Ease())
    rig.run(2000)
    reply = rig.ask(api.Resume())
    assert not reply.accepted and "face away" in reply.reason
    rig.run(15_000)
    assert rig.speeds[-1].speed == 180


def test_ease_at_the_minimum_is_a_stop() -> None:
    rig = holding()
    rig.ask(api.Ease())
    rig.run(3000)
    assert rig.count(STOP) == 1
    rig.phase(Phase.HALTED)
    assert rig.shot.question is not None and rig.shot.question.detail == "You eased to a stop."


@pytest.mark.parametrize("intent", [api.Ease(), api.Pain()])
def test_ease_and_pain_before_the_belt_moves_are_a_stop(intent: api.Intent) -> None:
    rig = starting()
    rig.ask(intent)
    assert rig.writes[-1].data == STOP


@pytest.mark.parametrize("scene", [starting, holding, walking, walking_backward, climbing, easing])
def test_pain_eases_to_a_stop_and_then_asks_in_every_phase(scene: Scene) -> None:
    rig = scene()
    assert rig.ask(api.Pain()).accepted
    rig.phase(Phase.HALTED)
    assert rig.count(STOP) == 1 and rig.shot.question is not None and rig.shot.question.id == "pain"


def test_pain_while_the_belt_stops_and_while_resting_is_asked_about_too() -> None:
    rig = easing().phase(Phase.STOPPING)
    rig.ask(api.Pain())
    rig.phase(Phase.HALTED)
    assert rig.shot.question is not None and rig.shot.question.id == "pain"
    rig = Rig().walking(Program("r", (Walk(F, 40, Speed(80)), Rest(60)))).phase(Phase.RESTING)
    rig.ask(api.Pain())
    rig.phase(Phase.HALTED)
    assert rig.shot.question is not None and rig.shot.question.id == "pain"


def test_a_stop_key_in_a_painful_ease_does_not_forget_the_pain() -> None:
    rig = walking().run(20_000)
    rig.ask(api.Pain())
    rig.run(300)
    assert rig.press() == [STOP]
    rig.phase(Phase.HALTED)
    assert rig.shot.question is not None and rig.shot.question.id == "pain"


def painful(answer: str, before: str = "0") -> Rig:
    rig = Rig()
    rig.pain = before
    rig.walking().run(20_000)
    rig.ask(api.Pain())
    rig.phase(Phase.HALTED)
    assert rig.ask(api.Answer("pain", answer)).accepted
    return rig


def test_little_pain_may_go_on() -> None:
    rig = painful("2", before="1")
    rig.ask(api.Answer("facing", "c"))
    assert rig.ask(api.Answer("halted", "c")).accepted and rig.shot.phase is Phase.TURNING


def test_some_pain_walks_home_or_ends() -> None:
    rig = painful("3", before="2")
    rig.ask(api.Answer("facing", "c"))
    assert not rig.ask(api.Answer("halted", "c")).accepted
    assert rig.ask(api.Answer("halted", "e")).accepted and rig.shot.phase is Phase.DONE


@pytest.mark.parametrize(("answer", "before"), [("6", "5"), ("9", "0"), ("s", "5"), ("2", "0"), ("5", "3")])
def test_much_pain_or_two_more_than_before_locks_until_tomorrow(answer: str, before: str) -> None:
    rig = painful(answer, before)
    locks = [e.lock for e in rig.of(ev.Remember) if isinstance(e, ev.Remember)]
    assert rig.shot.phase is Phase.DONE and [(lock.name, lock.until) for lock in locks] == [("pain", "2026-02-01")]
    assert not rig.still().ask(api.Load(THERE_AND_BACK)).accepted


def test_the_summary_keeps_how_much_it_hurt_before_the_walk() -> None:
    rig = painful("4", before="3")
    rig.ask(api.Answer("facing", "c"))
    rig.ask(api.Answer("halted", "e"))
    assert rig.shot.summary is not None and rig.shot.summary.pain_before == 3


def test_a_lock_without_a_calendar_holds_until_it_is_cleared() -> None:
    rig = Rig(today="").walking().run(15_000)
    rig.ask(api.Pain())
    rig.phase(Phase.HALTED)
    rig.ask(api.Answer("pain", "s"))
    locks = [e.lock for e in rig.of(ev.Remember) if isinstance(e, ev.Remember)]
    assert locks[0].until == ""


def test_end_while_moving_is_a_stop() -> None:
    rig = walking()
    assert rig.ask(api.End()).accepted and rig.writes[-1].data == STOP
