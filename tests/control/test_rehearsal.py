"""The rehearsal: clip, turn, press, hear the alarm, reach test; nothing is written, and it counts for one machine."""

from __future__ import annotations

import pytest

from tests.control.practice import ADDRESS, SCENES, Practice
from tests.control.rig import STOP, THERE_AND_BACK, B, F
from treadctl.control import cueing, prompts
from treadctl.control import events as ev
from treadctl.control import rehearsal as words
from treadctl.control.arming import REMIND
from treadctl.control.beginning import NOT_REHEARSED, NOT_STILL
from treadctl.control.core import UNDER_WAY
from treadctl.control.prompts import REACH_AGAIN, REACH_FIRST, REACH_NOW
from treadctl.control.reach import REACH_TIMES, REACH_WITHIN
from treadctl.model import api
from treadctl.model.errors import ExitCode
from treadctl.model.locks import Lock
from treadctl.model.machine import LinkInfo
from treadctl.model.program import Program, Walk
from treadctl.model.units import Speed

FORWARD = Program("forward", (Walk(F, 60, Speed(200)),))
BACKWARD = Program("backward", (Walk(B, 50, Speed(100)),))


# --- what it is ------------------------------------------------------------------------------------------------------


def test_it_clips_pulls_turns_presses_hears_and_reaches_in_this_order() -> None:
    rig = Practice().passed().done()
    said = [text for _, text in rig.said]
    assert said == [
        prompts.OPENING, cueing.turn_to(B), prompts.FEET, cueing.confirm_question(B), prompts.PRESS, prompts.STOPS,
        prompts.ALARM, prompts.HEARD, REACH_FIRST, REACH_NOW, REACH_AGAIN,
    ]
    assert rig.code == ExitCode.OK and rig.shot.reason == "Rehearsed. It counts for this treadmill: Cellar."


def test_it_takes_two_minutes_at_most_for_who_answers_at_once() -> None:
    rig = Practice().rehearse()
    begun = rig.now
    for scene in SCENES:
        rig.does(scene)
    assert rig.done().now - begun < 120_000


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_is_written_to_the_belt_at_any_stage(scene: str) -> None:
    rig = Practice().at(scene)
    rig.press()
    rig.ask(api.Stop())
    rig.run(REMIND * 3)
    assert rig.writes == []


def test_the_facing_is_confirmed_by_the_gesture_and_by_nothing_less() -> None:
    rig = Practice().at("confirm")
    rig.press(held=True)
    rig.run(3_000).ready()
    rig.press("a")
    rig.run(900)
    rig.press("b")
    rig.run(3_000)
    assert rig.heard(prompts.PRESS) == []
    rig.confirm().run(1_000)
    assert rig.heard(prompts.PRESS) and rig.writes == []


def test_a_stop_in_the_middle_of_the_gesture_undoes_it() -> None:
    rig = Practice().at("confirm")
    rig.press()
    rig.ask(api.Stop())
    rig.run(900)
    rig.press()
    rig.run(2_000)
    assert rig.heard(prompts.PRESS) == [] and rig.heard(prompts.CONFIRM_HINT)


def test_the_press_counts_once_it_was_asked_for_and_is_no_held_key() -> None:
    rig = Practice().at("confirm").does("confirm")
    rig.until(lambda: bool(rig.heard(prompts.PRESS)))
    rig.press()
    assert rig.heard(prompts.STOPS) == []
    rig.run(4_000)
    rig.press(held=True)
    assert rig.heard(prompts.STOPS) == []
    rig.press("clicker")
    rig.run(100)
    assert rig.heard(prompts.STOPS) and (rig.now - 100, ev.Tone.STOP) in rig.tones


def test_who_does_not_press_is_asked_again_every_twenty_seconds() -> None:
    rig = Practice().at("press")
    rig.run(2 * REMIND + 1_000)
    assert len(rig.heard(prompts.PRESS)) == 3
    rig.press()
    rig.run(100)
    assert rig.heard(prompts.STOPS)


# --- the alarm -------------------------------------------------------------------------------------------------------


def last_tone(rig: Practice) -> str:
    return rig.tones[-1][1].value


@pytest.mark.parametrize("silence", [api.Press("space"), api.Press("a"), api.Acknowledge()])
def test_the_real_alarm_sounds_until_a_key_silences_it(silence: api.Intent) -> None:
    rig = Practice().at("alarm")
    assert last_tone(rig) == "alarm" and rig.shot.alarm == words.ALARM_SHOWN
    rig.run(30_000)
    assert last_tone(rig) == "alarm"
    rig.ask(silence)
    rig.run(300)
    assert last_tone(rig) == "quiet" and rig.shot.alarm == ""
    assert rig.shot.question is not None and rig.shot.question.id == "heard"


def test_a_key_that_is_held_down_does_not_silence_it() -> None:
    rig = Practice().at("alarm")
    rig.press(held=True)
    assert rig.run(300).shot.alarm


def test_who_did_not_hear_it_hears_it_once_more_or_ends() -> None:
    rig = Practice().at("heard").says("a")
    rig.arrives("alarm").does("alarm").arrives("heard").says("e")
    assert rig.done().shot.reason == words.NO_ALARM and rig.code == ExitCode.REFUSED
    assert [tone for _, tone in rig.tones].count(ev.Tone.ALARM) == 2
    assert rig.kept == []


def test_an_end_in_the_middle_of_the_alarm_silences_it() -> None:
    rig = Practice().at("alarm")
    rig.ask(api.End())
    rig.run(300)
    assert last_tone(rig) == "quiet" and rig.shot.reason == words.ENDED and rig.kept == []


# --- what refuses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scene", "reason"), [("clip", words.NO_CLIP), ("pull", words.NO_PULL)])
def test_without_a_key_that_comes_out_nobody_rehearses(scene: str, reason: str) -> None:
    rig = Practice().at(scene).says("n")
    assert rig.done().shot.reason == reason and rig.code == ExitCode.REFUSED and rig.kept == []


def on_the_phone(rig: Practice) -> None:
    rig.feed(ev.Watched("glance-7", api.Watching.HAND))
    rig.ask(api.Stop("Stopped on the phone."), "glance-7")


def test_stop_on_the_page_in_the_walker_s_hand_is_practised_and_within_reach() -> None:
    rig = Practice().at("press")
    on_the_phone(rig)
    rig.does("alarm").does("heard").arrives("reach")
    for _ in range(2):
        rig.until(lambda: rig.shot.question is not None and rig.shot.question.heard)
        on_the_phone(rig)
    assert rig.done().code == ExitCode.OK


def test_stop_on_the_page_in_the_walker_s_hand_is_no_part_of_a_confirm() -> None:
    rig = Practice().at("confirm")
    for _ in range(3):
        on_the_phone(rig)
        rig.run(900)
    assert rig.shot.question is not None and rig.shot.question.id == "confirm-rehearsal"


def test_a_key_that_was_not_within_reach_is_tried_again_or_ends_it() -> None:
    rig = Practice().at("reach")
    rig.run(REACH_WITHIN + 300)
    assert rig.shot.question is not None and rig.shot.question.id == "reach-failed"
    assert rig.shot.phase.value == "checking"
    rig.says("a").arrives("reach")
    assert len(rig.heard(REACH_FIRST)) == 2 and rig.shot.phase.value == "reaching"
    rig.run(REACH_WITHIN + 300)
    rig.says("e")
    assert rig.done().shot.reason == prompts.NO_REACH and rig.code == ExitCode.REFUSED and rig.kept == []


def test_an_answer_to_something_else_is_none() -> None:
    rig = Practice().at("clip")
    assert not rig.ask(api.Answer("pull", "y")).accepted
    assert not rig.ask(api.Answer("clip", "a")).accepted
    rig.does("clip").does("pull").arrives("turn")
    assert not rig.ask(api.Answer("clip", "y")).accepted


def test_a_second_one_does_not_begin_beside_it_and_no_walk_and_no_connection_does() -> None:
    rig = Practice().rehearse()
    assert rig.ask(api.Rehearse()).reason == UNDER_WAY and rig.ask(api.Load(FORWARD)).reason == UNDER_WAY
    assert rig.ask(api.Connect("CC:DD")).reason == UNDER_WAY
    alone = Practice().rehearse(alone=True)
    assert alone.ask(api.Connect()).reason == UNDER_WAY and alone.of(ev.Connect) == []


def test_nobody_rehearses_beside_a_belt_that_is_not_measured_still() -> None:
    rig = Practice()
    rig.link()
    assert rig.ask(api.Rehearse()).reason == NOT_STILL


def test_who_is_locked_does_not_rehearse() -> None:
    rig = Practice(locks=(Lock("fall", "you fell"),))
    rig.link().still()
    assert rig.ask(api.Rehearse()).reason == "Refused: you fell."


# --- what it counts for ----------------------------------------------------------------------------------------------


def test_the_first_walk_backward_on_a_machine_waits_for_a_rehearsal_on_it() -> None:
    rig = Practice()
    rig.link().still()
    assert rig.ask(api.Load(BACKWARD)).reason == NOT_REHEARSED
    assert rig.ask(api.Load(THERE_AND_BACK)).reason == NOT_REHEARSED
    assert rig.ask(api.Load(FORWARD)).accepted


def test_one_that_was_passed_opens_it_at_once_and_for_that_machine_alone() -> None:
    rig = Practice().passed().done()
    assert rig.kept == [ev.KeepRehearsal(ADDRESS)]
    assert rig.ask(api.Load(BACKWARD)).accepted
    rig.ask(api.End())
    assert rig.ask(api.Connect("CC:DD")).accepted
    rig.feed(ev.LinkUp(LinkInfo("CC:DD"), rig.record))
    rig.still()
    assert rig.ask(api.Load(BACKWARD)).reason == NOT_REHEARSED


@pytest.mark.parametrize("known", [ADDRESS, ADDRESS.lower()])
def test_one_that_stands_on_disk_counts(known: str) -> None:
    rig = Practice(rehearsed=(known,))
    rig.link().still()
    assert rig.ask(api.Load(BACKWARD)).accepted


def test_one_for_another_machine_does_not_count() -> None:
    rig = Practice(rehearsed=("CC:DD",))
    rig.link().still()
    assert rig.ask(api.Load(BACKWARD)).reason == NOT_REHEARSED


def test_a_simulated_machine_brings_its_rehearsal_and_practice_on_it_counts_for_nothing() -> None:
    rig = Practice(simulated=True)
    rig.link().still()
    assert rig.ask(api.Load(BACKWARD)).accepted
    rig.ask(api.End())
    for scene in SCENES:
        rig.ask(api.Rehearse())
        rig.does(scene)
    assert rig.done().shot.reason == words.SIMULATED and rig.kept == [] and rig.code == ExitCode.OK
    rig.unlink()
    rig.simulated = False
    rig.link().still()
    assert rig.ask(api.Load(BACKWARD)).reason == NOT_REHEARSED, "not even for a real one that has its address"


def test_without_a_treadmill_it_is_practice_that_counts_for_none() -> None:
    rig = Practice().passed(alone=True).done()
    assert rig.shot.reason == words.ALONE and rig.kept == [] and rig.code == ExitCode.OK
    assert rig.heard(prompts.OPENING) and ev.RememberDay(True, True) not in rig.of(ev.RememberDay)
    rig.link().still()
    assert rig.ask(api.Load(BACKWARD)).reason == NOT_REHEARSED


def test_without_a_treadmill_no_key_is_pulled_and_any_clip_will_do() -> None:
    rig = Practice().at("clip", alone=True)
    assert rig.shot.question is not None and rig.shot.question.detail == words.PRACTISED
    rig.says("y").arrives("turn")


def test_its_reach_test_is_that_of_the_day_where_it_was_done_at_a_treadmill() -> None:
    rig = Practice(reached=False).passed().done()
    assert rig.of(ev.RememberDay) == [ev.RememberDay(True, True)]
    alone = Practice(reached=False).passed(alone=True).done()
    assert alone.of(ev.RememberDay) == []
    assert REACH_TIMES == 2


# --- the disk --------------------------------------------------------------------------------------------------------


def test_it_says_that_it_counts_only_when_the_disk_has_it() -> None:
    rig = Practice()
    rig.disk = False
    rig.passed().run(2_000)
    assert rig.shot.phase is api.Phase.CHECKING and rig.shot.reason == words.KEEPING and rig.kept
    rig.feed(ev.Rehearsed())
    assert rig.done().shot.reason == "Rehearsed. It counts for this treadmill: Cellar."


@pytest.mark.parametrize("why", ["No space left on device; free some disk space", words.DISK_SLOW])
def test_a_disk_that_fails_or_hangs_is_told_and_it_counts_for_now(why: str) -> None:
    rig = Practice()
    rig.disk = False
    rig.passed()
    if why != words.DISK_SLOW:
        rig.feed(ev.Rehearsed(why))
    rig.run(words.KEEP_LIMIT)
    told = f"Rehearsed, but it could not be written down ({why}); it counts until treadctl ends."
    assert rig.done().shot.reason == told
    rig.feed(ev.Rehearsed())  # too late
    assert why in rig.shot.reason
    assert rig.ask(api.Load(BACKWARD)).accepted


def test_word_from_the_disk_that_nobody_waits_for_changes_nothing() -> None:
    rig = Practice()
    rig.link().still()
    rig.feed(ev.Rehearsed())
    assert rig.ask(api.Load(BACKWARD)).reason == NOT_REHEARSED


# --- what happens to the belt ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scene", SCENES)
def test_a_belt_that_moves_by_itself_is_stopped_and_ends_it(scene: str) -> None:
    rig = Practice().at(scene)
    rig.target = rig.speed = 100
    rig.until(lambda: bool(rig.writes))
    assert rig.writes[0].data == STOP and rig.shot.alarm and rig.shot.alarm != words.ALARM_SHOWN
    assert rig.shot.question is None
    rig.done()
    assert rig.code == ExitCode.FAULT and rig.kept == [] and rig.shot.reason == "The belt moves. Hold on."
    assert {wrote.data for wrote in rig.writes} == {STOP}


def test_a_link_that_is_lost_while_the_belt_stands_ends_nothing() -> None:
    rig = Practice(reached=False).at("turn")
    rig.unlink()
    for scene in SCENES[3:]:
        rig.does(scene)
    assert rig.done().kept == [ev.KeepRehearsal(ADDRESS)] and rig.of(ev.RememberDay) == []


def test_a_link_that_is_lost_while_the_belt_moves_calls_for_the_key() -> None:
    rig = Practice().at("turn")
    rig.obeys = False
    rig.target = rig.speed = 100
    rig.until(lambda: bool(rig.writes))
    rig.unlink()
    rig.run(1_000)
    assert rig.shot.phase is api.Phase.LOST and prompts.PULL_KEY.lower().rstrip(".") in rig.shot.alarm.lower()
    rig.target = rig.speed = 0
    rig.link()
    rig.done()
    assert rig.code == ExitCode.FAULT


def test_a_treadmill_that_appears_meanwhile_ends_it() -> None:
    rig = Practice().at("turn", alone=True)
    rig.link()
    assert rig.done().shot.reason == words.CONNECTED and rig.code == ExitCode.REFUSED and rig.writes == []
    rig.still()
    assert rig.shot.reason == words.CONNECTED


def test_prompts_wait_while_nobody_knows_whether_the_belt_stands() -> None:
    rig = Practice().at("turn")
    rig.sampling = False
    rig.run(4_000)
    before = len(rig.said)
    rig.run(20_000)
    assert len(rig.said) == before
    rig.sampling = True
    rig.arrives("confirm")


def test_after_the_computer_slept_a_key_stops_a_belt_of_which_nothing_is_known() -> None:
    rig = Practice().at("press")
    rig.feed(ev.Suspended(60_000))
    assert rig.press() == [STOP]
    rig.done()
    assert rig.shot.reason == "You pressed stop." and rig.code == ExitCode.OK and rig.kept == []


def test_it_ends_when_it_is_ended_and_when_the_controller_ends() -> None:
    rig = Practice().at("press")
    assert rig.ask(api.End()).accepted and rig.done().shot.reason == words.ENDED
    rig.ask(api.End())
    assert rig.shot.reason == words.ENDED
    rig = Practice().at("press")
    rig.feed(ev.Quit("SIGTERM"))
    assert rig.of(ev.Exit) == [ev.Exit(0)] and rig.writes == []


def test_an_end_while_the_belt_is_being_stopped_keeps_the_reason() -> None:
    rig = Practice().at("turn")
    rig.obeys = False
    rig.target = rig.speed = 100
    rig.until(lambda: bool(rig.writes)).run(1_000)
    rig.feed(ev.Quit("SIGTERM"))
    rig.run(11_000)
    assert rig.shot.reason == "The belt moves. Hold on."


def test_an_overrun_controller_ends_it_also_without_a_treadmill() -> None:
    rig = Practice().at("press", alone=True)
    rig.feed(ev.Lagged(0, overflow=True))
    assert rig.done().code == ExitCode.FAULT and rig.writes == []


def test_a_voice_that_fails_says_it_again_at_every_stage() -> None:
    for scene in ("turn", "confirm", "press", "reach"):
        rig = Practice().at(scene)
        before, at = len(rig.said), rig.now
        rig.feed(ev.SpeechFailed(max(e.id for e in rig.of(ev.Say) if isinstance(e, ev.Say)), "the voice broke"))
        rig.run(30_000)
        assert [text for when, text in rig.said[before:] if when > at], scene


def fail_to_speak(rig: Practice, why: str = "there is no voice", times: int = 1) -> None:
    """What is being said fails, and what is then said instead."""
    for _ in range(times):
        before = len(rig.of(ev.Say))
        last = rig.of(ev.Say)[-1]
        assert isinstance(last, ev.Say)
        rig.feed(ev.SpeechFailed(last.id, why))
        rig.until(lambda before=before: len(rig.of(ev.Say)) > before, 10_000, must=False)  # type: ignore[misc]


def test_without_a_voice_it_ends_and_says_what_to_do_after_three_tries() -> None:
    rig = Practice().at("pull")
    rig.speaks = False
    rig.says("y").arrives("turn")
    fail_to_speak(rig, times=2)
    assert rig.shot.phase is api.Phase.TURNING
    fail_to_speak(rig)
    assert rig.done().shot.reason == words.NO_VOICE and rig.code == ExitCode.REFUSED and rig.kept == []
    assert "No voice" in rig.shot.notice
    fail_to_speak(rig)
    assert rig.shot.reason == words.NO_VOICE


def test_a_voice_that_is_only_interrupted_or_fails_now_and_then_is_no_broken_one() -> None:
    rig = Practice().at("pull")
    rig.speaks = False
    rig.says("y").arrives("turn")
    fail_to_speak(rig, ev.INTERRUPTED, times=4)
    fail_to_speak(rig, times=2)
    rig.speaks = True
    rig.arrives("confirm")
    rig.speaks = False
    fail_to_speak(rig, times=2)
    assert rig.shot.phase is api.Phase.ASKING


def test_what_only_a_walk_knows_is_taken_calmly() -> None:
    rig = Practice().at("press")
    for intent in (api.Ease(), api.Pain(), api.Abort(), api.Resume(), api.Repeat(), api.Confirm()):
        rig.ask(intent)
    rig.run(1_000)
    assert rig.shot.question is not None and rig.shot.question.id == "press" and rig.writes == []
