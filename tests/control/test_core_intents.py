"""What people and the host may ask of the core beside walking: every intent has an answer, every input its effect."""

import itertools

import pytest

from tests.control.rig import (
    PRACTISED,
    START,
    STOP,
    THERE_AND_BACK,
    B,
    F,
    Rig,
)
from treadctl.control import events as ev
from treadctl.control.core import Core
from treadctl.control.replay import digest, replay
from treadctl.model import api, plain
from treadctl.model.api import Phase
from treadctl.model.machine import LinkInfo
from treadctl.model.program import DeadMill, Facing, OffTreadmill, Program, Rest, Walk
from treadctl.model.records import Closed, EventEntry, Opened, SampleEntry
from treadctl.model.units import Speed

DEAD = Program("dead", (Walk(F, 40, Speed(80)), DeadMill(B, 30, say="Push."), DeadMill(B, 20)))
OFF = Program("off", (OffTreadmill(10, name="Stretch."),))


def entries(rig: Rig) -> list[object]:
    return [e.entry for e in rig.of(ev.Journal) if isinstance(e, ev.Journal)]


# --- intents --------------------------------------------------------------------------------------------------------


def test_a_strap_is_worn_by_whoever_makes_links_and_none_is_worn_again() -> None:
    rig = Rig()
    assert rig.ask(api.PickStrap("Pol\x1bar")).accepted and rig.ask(api.PickStrap()).accepted
    assert [wear.who for wear in rig.of(ev.Wear) if isinstance(wear, ev.Wear)] == ["Pol\\x1bar", ""]


def test_what_a_page_has_shown_is_told_by_the_server_and_is_nobodys_wish() -> None:
    assert not Rig().ask(api.Shown(1)).accepted and not Rig().ask(api.Spoken(1)).accepted


def test_nothing_is_captured_without_a_machine() -> None:
    rig = Rig()
    refused = rig.ask(api.Capture(30))
    assert refused.reason == "no machine is connected; connect one first" and rig.of(ev.Capture) == []


@pytest.mark.parametrize(("asked", "captured"), [(30, 30), (0, 1), (-5, 1), (600, 600), (9_999, 600)])
def test_a_capture_takes_at_most_ten_minutes_and_writes_nothing(asked: int, captured: int) -> None:
    rig = Rig().link()
    assert rig.ask(api.Capture(asked)).accepted
    assert rig.of(ev.Capture) == [ev.Capture(captured)] and rig.writes == []


def test_where_a_capture_went_is_shown_and_its_words_are_hostile() -> None:
    rig = Rig().link()
    rig.feed(ev.Captured("/tmp/a.jsonl", ""))
    rig.run(300)
    assert (rig.shot.captured, rig.shot.notice) == ("/tmp/a.jsonl", "")
    rig.feed(ev.Captured("", "disk\x1b[2J full"))
    rig.run(300)
    assert rig.shot.captured == "" and "\x1b" not in rig.shot.notice and "full" in rig.shot.notice
    rig.feed(ev.Captured("/tmp/b.jsonl", ""))
    rig.ask(api.Capture(5))
    rig.run(300)
    assert rig.shot.captured == ""


@pytest.mark.parametrize("intent", [api.Answer("a", "b"), api.Abort(), api.Ease(), api.Pain(), api.End()])
def test_without_a_program_there_is_nothing_to_answer_or_end(intent: api.Intent) -> None:
    reply = Rig().ask(intent)
    assert not reply.accepted and "no program" in reply.reason


def test_a_scan_collects_what_is_seen() -> None:
    rig = Rig()
    assert rig.ask(api.Scan(500)).accepted and rig.of(ev.Scan) == [ev.Scan(60)]
    assert rig.shot.link.value == "scanning"
    for number in range(70):
        rig.feed(ev.Seen(api.Found(f"{number}", "a")))
    rig.feed(ev.Seen(api.Found("0", "renamed")))
    rig.run(300)
    assert len(rig.shot.found) == 64 and rig.shot.found[0].name == "renamed"
    rig.link().ask(api.Scan(0))
    assert rig.of(ev.Scan)[-1] == ev.Scan(1) and rig.shot.link is api.LinkState.UP


def test_connecting_is_shown() -> None:
    rig = Rig()
    rig.ask(api.Connect("AA"))
    assert rig.shot.link is api.LinkState.CONNECTING and rig.of(ev.Connect) == [ev.Connect("AA")]


def test_text_from_elsewhere_is_shown_escaped_and_starts_nothing() -> None:
    rig = Rig()
    rig.ask(api.Message("\x1b[31mhello"))
    assert "\x1b" not in rig.shot.message and "hello" in rig.shot.message
    rig.ask(api.Preselect("\x1b[31mdemo"))
    assert rig.shot.preselected == "\\x1b[31mdemo"
    assert rig.of(ev.Say) == rig.of(ev.Write) == [] and rig.shot.phase is api.Phase.IDLE


def test_a_message_covers_no_notice_is_never_said_and_goes_after_a_minute() -> None:
    rig = Rig()
    rig.feed(ev.Captured("", "The disk is full."))
    rig.ask(api.Message("hello"))
    assert (rig.shot.notice, rig.shot.message) == ("The disk is full.", "hello")
    rig.run(59_000)
    assert rig.shot.message == "hello"
    assert rig.run(1_500).shot.message == "" and rig.of(ev.Say) == []


def test_a_long_message_is_cut() -> None:
    rig = Rig()
    rig.ask(api.Message("a" * 4000))
    assert len(rig.shot.message) == 200


def test_a_profile_that_was_preselected_is_forgotten_once_one_is_loaded() -> None:
    rig = Rig(person=PRACTISED)
    rig.ask(api.Preselect("demo"))
    assert rig.shot.preselected == "demo"
    assert rig.ask(api.Load(OFF)).accepted
    assert rig.run(500).shot.preselected == ""


def test_only_a_simulated_machine_is_fast_forwarded_and_attendance_stays_in_real_time() -> None:
    rig = Rig()
    assert not rig.ask(api.FastForward(5)).accepted
    rig.walking()
    assert rig.ask(api.FastForward(50)).accepted and rig.of(ev.Rate) == [ev.Rate(10)]
    rig.attends = False
    rig.run(15_000)
    assert rig.count(STOP) == 0
    rig.run(6000)
    assert rig.count(STOP) == 1
    real = Rig()
    real.feed(ev.LinkUp(LinkInfo("AA", simulated=False), real.record))
    assert not real.ask(api.FastForward(2)).accepted


def test_attending_may_be_asked_as_an_intent() -> None:
    rig = Rig()
    assert not rig.shot.attended
    assert rig.ask(api.Attend(), "phone").accepted
    assert rig.shot.attended


def test_repeat_says_the_last_words_again() -> None:
    rig = Rig().walking()
    last = rig.said[-1][1]
    rig.ask(api.Repeat())
    assert rig.said[-1][1] == last


def test_acknowledging_nothing_does_nothing() -> None:
    rig = Rig()
    assert rig.ask(api.Acknowledge()).accepted and rig.tones == []


def test_a_stop_before_there_is_a_session_still_stops_what_may_move() -> None:
    rig = Rig().link()
    rig.ask(api.Stop())
    assert rig.count(STOP) == 1


def test_easing_where_nothing_moves_does_nothing() -> None:
    rig = Rig().load()
    assert rig.ask(api.Ease()).accepted and rig.ask(api.Pain()).accepted and rig.writes == []
    assert rig.shot.phase is Phase.CHECKING


def test_what_needs_no_decision_changes_nothing() -> None:
    rig = Rig().asked()
    for item in (ev.Shown(1), ev.WriteDone(99), ev.WriteFailed(99, "x"), ev.Spoken(9999), ev.Tick()):
        rig.feed(item)
    assert rig.writes == [] and rig.shot.phase is Phase.ASKING


def test_a_core_that_was_never_stepped_has_a_deadline() -> None:
    assert Core(ev.Context("x", "0")).deadline() == 0


def test_a_voice_that_only_was_interrupted_is_not_broken() -> None:
    rig = Rig().asked()
    rig.feed(ev.SpeechFailed(1, ev.INTERRUPTED))
    assert rig.shot.voice and rig.shot.notice == ""
    rig.feed(ev.SpeechFailed(2, "espeak-ng died"))
    rig.run(300)
    assert not rig.shot.voice and rig.shot.notice == "No voice: espeak-ng died"


def test_a_question_that_could_not_be_spoken_is_asked_again() -> None:
    rig = Rig().begin()
    rig.speaks = False
    rig.phase(Phase.TURNING)
    rig.feed(ev.SpeechFailed([e.id for e in rig.of(ev.Say) if isinstance(e, ev.Say)][-1], "no device"))
    rig.speaks = True
    rig.run(6000)
    assert len(rig.heard("Face the console")) == 2


def test_a_link_that_fails_while_it_is_made_is_shown_as_failed() -> None:
    rig = Rig()
    rig.ask(api.Connect("AA"))
    rig.feed(ev.LinkDown("no such machine"))
    assert rig.shot.notice == "no such machine" and rig.shot.link is api.LinkState.FAILED


# --- segments without a moving belt ---------------------------------------------------------------------------------


def test_what_is_done_beside_the_treadmill_needs_no_machine_and_writes_nothing() -> None:
    rig = Rig()
    assert rig.ask(api.Load(OFF)).accepted
    rig.ask(api.Answer("begin", "y"))
    assert rig.shot.phase is Phase.OFF and rig.heard("Stretch.")
    rig.phase(Phase.DONE)
    assert rig.writes == [] and rig.shot.summary is not None and rig.shot.summary.finished and rig.heard("Done.")


def test_a_machine_that_comes_and_goes_does_not_end_what_needs_none() -> None:
    rig = Rig()
    rig.ask(api.Load(OFF))
    rig.ask(api.Answer("begin", "y"))
    rig.link()
    rig.run(800)
    rig.unlink()
    assert rig.shot.phase is Phase.OFF


def mill() -> Rig:
    """The belt was walked on and stopped; the walker switches the treadmill off."""
    rig = Rig(person=PRACTISED).walking(DEAD).phase(Phase.PUSHING)
    rig.run(6000)
    rig.unlink()
    return rig


def pushing() -> Rig:
    rig = mill()
    rig.until(lambda: rig.shot.question is not None)
    assert rig.ask(api.Answer("dark", "y")).accepted
    rig.until(lambda: rig.shot.question is not None and rig.shot.question.heard)
    rig.press()
    rig.run(900)
    rig.press()
    return rig.until(lambda: bool(rig.heard("Push.")))


def test_the_dead_mill_writes_nothing_and_connects_to_nothing() -> None:
    rig = Rig(person=PRACTISED).walking(DEAD).phase(Phase.PUSHING)
    before = len(rig.writes)
    rig = pushing()
    assert rig.shot.footer is api.Footer.OFF
    begun = rig.now
    rig.phase(Phase.DONE)
    assert rig.now - begun == 50_000 and rig.heard("Push with your feet.")  # the second mill needs no switching off
    assert len(rig.writes) == before and rig.writes[-1].data == STOP and rig.count(START) == 1
    assert rig.of(ev.Reconnect) == rig.of(ev.Connect) == []
    assert rig.shot.summary is not None and rig.shot.summary.finished


def test_a_treadmill_that_is_not_switched_off_is_not_pushed() -> None:
    rig = Rig(person=PRACTISED).walking(DEAD).phase(Phase.PUSHING).phase(Phase.DONE)
    assert rig.shot.summary is not None and "still on" in rig.shot.summary.reason


def test_a_stop_key_on_the_dead_mill_means_rest_and_going_on_needs_a_confirm() -> None:
    rig = pushing().run(5000)
    left = rig.shot.segment_left
    assert rig.press() == []
    assert rig.heard("Rest. Feet on the rails.")
    rig.run(30_000)
    assert rig.shot.phase is Phase.PUSHING and abs(rig.shot.segment_left - left) <= 250
    rig.until(lambda: rig.shot.question is not None and rig.shot.question.heard)
    rig.press()
    rig.run(900)
    rig.press()
    rig.phase(Phase.DONE)


def test_a_machine_that_comes_back_during_the_dead_mill_ends_it() -> None:
    for rig in (mill(), pushing()):
        before = len(rig.writes)
        rig.link().run(5000)
        assert rig.shot.phase is Phase.DONE and rig.heard("The machine is on. Step off.")
        assert rig.writes[before:] == []


def test_a_dead_mill_question_that_could_not_be_spoken_is_asked_again() -> None:
    rig = mill()
    rig.until(lambda: rig.shot.question is not None)
    rig.speaks = False
    rig.ask(api.Answer("dark", "y"))
    rig.feed(ev.SpeechFailed([e.id for e in rig.of(ev.Say) if isinstance(e, ev.Say)][-1], "x"))
    rig.speaks = True
    rig.until(lambda: rig.shot.question is not None and rig.shot.question.heard)


def test_a_rest_can_be_carried_on_after_something_moved() -> None:
    rig = Rig().walking(Program("r", (Walk(F, 40, Speed(80)), Rest(60), Walk(F, 40, Speed(80))))).phase(Phase.RESTING)
    rig.speed = rig.target = 60
    rig.run(1000)
    assert rig.count(STOP) == 2
    rig.phase(Phase.HALTED)
    rig.ask(api.Answer("facing", "c"))
    rig.ask(api.Answer("halted", "c"))
    assert rig.shot.phase is Phase.RESTING


def test_words_that_have_room_are_said_on_the_belt_with_the_ticks_before_the_stop() -> None:
    rig = Rig().walking(Program("p", (Walk(B, 60, Speed(100), say="Toes first."),))).phase(Phase.STOPPING)
    assert len(rig.heard("Toes first.")) == 1
    assert [at - rig.now for at, tone in rig.tones if tone is ev.Tone.TICK][-3:] == [-3000, -2000, -1000]


def test_words_that_have_no_room_on_the_belt_are_said_before_the_start() -> None:
    rig = Rig().asked(Program("p", (Walk(B, 40, Speed(80), say="Toes first."),)))
    assert rig.heard("Toes first.") and rig.count(START) == 0


# --- the recording --------------------------------------------------------------------------------------------------


def test_a_session_is_recorded_from_its_opening_to_its_summary() -> None:
    rig = Rig().walking().phase(Phase.TURNING).confirm().phase(Phase.TURNING).confirm().phase(Phase.DONE)
    rig.run(5000)
    lines = entries(rig)
    assert isinstance(lines[0], Opened) and lines[0].session == "rig-1" and lines[0].program == THERE_AND_BACK
    assert isinstance(lines[-1], Closed) and lines[-1].summary == rig.shot.summary
    samples = [line for line in lines if isinstance(line, SampleEntry)]
    assert all(b.at - a.at == 1000 for a, b in itertools.pairwise(samples))
    assert {line.facing for line in samples} == {None, Facing.FORWARD, Facing.BACKWARD}
    kinds = {line.kind for line in lines if isinstance(line, EventEntry)}
    assert {"answer", "confirm", "write", "procedure", "start", "moving", "stop", "still", "end"} <= kinds
    summary = rig.shot.summary
    assert summary is not None and (summary.forward, summary.backward) == (100_000, 40_000)
    assert 35 < summary.forward_m < 60 and 8 < summary.backward_m < 13 and summary.top_backward == 100


def test_samples_show_what_is_not_known_as_not_known() -> None:
    rig = Rig().walking()
    rig.sampling = False
    rig.run(6000)
    sample = [line for line in entries(rig) if isinstance(line, SampleEntry)][-1]
    assert sample.speed is None and rig.shot.speed is None and rig.shot.incline is None
    assert (rig.shot.sample_age or 0) > 3000


def test_snapshots_go_out_four_times_a_second_at_least() -> None:
    rig = Rig().asked().run(5000)
    times = [at for at, e in rig.effects if isinstance(e, ev.Publish) and isinstance(e.what, api.Snapshot)]
    assert all(b - a <= 250 for a, b in itertools.pairwise(times))


def test_the_footer_tells_the_truth_of_the_moment() -> None:
    rig = Rig()
    rig.run(10)
    assert rig.shot.footer.value == "NO MACHINE CONNECTED"
    rig.link()
    assert rig.shot.footer.value.startswith("IS THE BELT STILL?")
    rig.asked()
    assert rig.shot.footer.value == "THE BELT IS STILL"
    rig.confirm().phase(Phase.HOLDING)
    assert rig.shot.footer is api.Footer.ANY_KEY and rig.shot.next is not None


def test_the_belt_is_not_called_still_while_a_start_waits_for_its_motion() -> None:
    rig = Rig().starting().run(500)
    assert rig.shot.belt is api.Belt.UNKNOWN and rig.shot.footer is api.Footer.ANY_KEY


def test_a_trace_replays_with_the_same_effects_and_a_broken_one_does_not() -> None:
    context, core = ev.Context("trace", "0"), Core(ev.Context("trace", "0"))
    lines: list[dict[str, object]] = [plain.dump(context)]
    items: list[ev.Input] = [ev.Asked("me", 1, api.Connect()), ev.LinkDown("gone"), ev.Tick(), ev.Quit("TERM")]
    for number, item in enumerate(items):
        effects = core.step(number * 100, item)
        lines.append({"now": number * 100, "input": plain.dump(item), "digest": digest(effects)})
    assert replay(lines) == []
    lines[2] = {**lines[2], "digest": "0" * 16}
    assert [(m.line, m.now, m.expected) for m in replay(lines)] == [(3, 100, "0" * 16)]
    assert [m.line for m in replay([*lines[:2], {"now": 5, "dropped": 7}, *lines[2:]])] == [3]


def test_the_same_inputs_give_the_same_effects() -> None:
    def effects() -> list[tuple[int, ev.Effect]]:
        rig = Rig().walking()
        rig.press()
        return rig.phase(Phase.HALTED).effects

    assert repr(effects()) == repr(effects())


def test_words_without_a_session_and_a_voice_that_fails_without_one_change_nothing() -> None:
    rig = Rig().link().still()
    rig.speaks = False
    rig.sample(100)
    said = [e.id for e in rig.of(ev.Say) if isinstance(e, ev.Say)]
    rig.feed(ev.SpeechFailed(said[0], "x"))
    rig.run(10_000)
    said = [e.id for e in rig.of(ev.Say) if isinstance(e, ev.Say)]
    rig.feed(ev.Spoken(said[-1]))
    assert rig.shot.phase is Phase.IDLE


def test_another_machine_is_met_instead_of_the_one_that_is_linked() -> None:
    rig = Rig().link().still()
    assert rig.ask(api.Connect("aa")).accepted and rig.of(ev.Connect) == []  # it is the one
    assert rig.ask(api.Connect("BB")).accepted
    assert rig.of(ev.Connect) == [ev.Connect("BB")] and rig.core._sup.info is None


def test_no_other_machine_is_met_in_the_middle_of_a_session_or_while_the_belt_may_move() -> None:
    rig = Rig().begin()
    assert not rig.ask(api.Connect("BB")).accepted
    rig = Rig().link()
    assert "not measured still" in rig.ask(api.Connect("BB")).reason
    assert rig.of(ev.Connect) == rig.of(ev.Reconnect) == []


def test_what_was_said_of_a_lost_link_is_gone_with_the_next_one_and_nothing_else_is() -> None:
    rig = Rig().link()
    rig.feed(ev.LinkDown("The link was lost."))
    assert rig.shot.notice == "The link was lost."
    assert rig.link().run(600).shot.notice == ""
    rig.feed(ev.LinkDown("The link was lost."))
    rig.feed(ev.Captured("", "The disk is full."))
    assert rig.link().run(600).shot.notice == "The disk is full."
