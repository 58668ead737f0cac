"""The engine: its clock runs only while the belt does, and its cues come ahead of changes."""

import pytest

from treadctl.control.cueing import (
    CueKind,
    Voice,
    headline,
    incline_words,
    segment_cues,
    speed_words,
    step_on,
    technique_fits,
    turn_to,
)
from treadctl.control.engine import HOME_SPEED, Engine, home_engine
from treadctl.control.events import Effect, Priority, Say
from treadctl.control.prompts import NO_START, PRESS_START, SPOTTER_STARTS
from treadctl.model.api import Next
from treadctl.model.program import DeadMill, Facing, OffTreadmill, Program, Rest, Segment, Turn, Walk, expand
from treadctl.model.units import Incline, Speed

F, B = Facing.FORWARD, Facing.BACKWARD
MINIMUM = Speed(80)
TWO_WAYS = expand(Program("p", (Walk(F, 60, Speed(200)), Walk(F, 30, Speed(150)), Walk(B, 40, Speed(100)))))


def engine(segments: tuple[Segment, ...] = TWO_WAYS) -> Engine:
    return Engine(segments, MINIMUM)


def test_the_clock_stands_while_the_belt_does() -> None:
    walk = engine()
    assert walk.step(5000, False) == [] and walk.elapsed == 0
    walk.begin(10_000)
    walk.step(12_000, True)
    walk.step(20_000, False)
    walk.step(21_000, True)
    assert walk.elapsed == walk.walked == 3000 and walk.left == 57_000


def test_a_clock_that_was_stopped_is_not_caught_up_with() -> None:
    walk = engine()
    walk.begin(0)
    walk.step(1_000_000, False)
    walk.step(1_000_500, True)
    assert walk.elapsed == 500


def test_a_segment_never_runs_over_its_length() -> None:
    walk = engine()
    walk.begin(0)
    walk.step(90_000, True)
    assert walk.elapsed == 60_000 and walk.over and walk.left == 0


def test_the_next_segment_begins_at_its_beginning() -> None:
    walk = engine()
    walk.begin(0)
    walk.step(60_000, True)
    after = walk.advance()
    assert isinstance(after, Walk) and after.speed == 150 and walk.elapsed == 0
    assert isinstance(walk.advance(), Turn) and walk.length == 0
    assert isinstance(walk.advance(), Walk)
    assert walk.advance() is None and walk.segment is None and walk.following is None
    assert walk.step(70_000, True) == [] and walk.deadline(0, True) is None and walk.next_change() is None
    assert walk.setpoint() is None and walk.next_facing() is None


def test_backward_bouts_are_counted_once_each_even_when_carried_on() -> None:
    walk = engine((Walk(B, 40, Speed(100)),))
    walk.begin(0)
    walk.step(10_000, True)
    walk.begin(50_000)
    assert walk.bout == walk.bouts == 1


def test_the_incline_is_let_down_before_a_planned_stop() -> None:
    hill = engine((Walk(F, 60, Speed(200), Incline(20)),))
    hill.begin(0)
    hill.step(30_000, True)
    setpoint = hill.setpoint()
    assert setpoint is not None and setpoint.incline == 20 and setpoint.facing is F
    hill.step(46_000, True)
    setpoint = hill.setpoint()
    assert setpoint is not None and setpoint.incline == 0  # 20 tenths at 0.5 s and 4 s to spare


def test_the_incline_stays_between_two_walks() -> None:
    hill = engine((Walk(F, 20, Speed(200), Incline(20)), Walk(F, 20, Speed(200), Incline(20))))
    hill.begin(0)
    hill.step(19_999, True)
    setpoint = hill.setpoint()
    assert setpoint is not None and setpoint.incline == 20


def test_the_next_change_is_named_with_its_time() -> None:
    walk = engine()
    assert walk.next_change() == Next("slower, to 1.5", 60_000)
    walk.advance()
    assert walk.next_change() == Next("turn round", 30_000)
    walk.advance()
    assert walk.next_change() == Next("walk on", 0)
    uphill = engine((Walk(F, 9, Speed(200)), Walk(F, 9, Speed(200), Incline(10)), Walk(F, 9, Speed(200), Incline(10))))
    assert uphill.next_change() == Next("hill, 1 percent", 9000)
    uphill.advance()
    assert uphill.next_change() == Next("walk on", 9000)


def test_what_is_left_counts_the_turns_to_come() -> None:
    walk = engine()
    assert walk.remaining() == 130_000 + 45_000 and walk.next_facing() is F


def test_the_deadline_is_the_next_cue_or_the_end() -> None:
    walk = engine((Walk(F, 60, Speed(80)),))
    walk.begin(0)
    assert walk.deadline(0, False) is None and walk.deadline(0, True) == 45_000
    walk.step(60_000, True)
    assert walk.deadline(60_000, True) == 60_000


def test_going_home_is_two_easy_minutes_forward() -> None:
    walk = engine()
    walk.begin(0)
    walk.step(10_000, True)
    home = home_engine(walk, MINIMUM, 400)
    assert home.segments == (Walk(F, 120, HOME_SPEED, name="Easy"),) and home.walked == 10_000
    assert home_engine(walk, Speed(250), 400).segments[0] == Walk(F, 120, Speed(250), name="Easy")
    assert home_engine(walk, MINIMUM, 150).segments[0] == Walk(F, 120, Speed(150), name="Easy")


# --- cues -----------------------------------------------------------------------------------------------------------


def cues(*segments: Segment, index: int = 0, begin: int = 0, fresh: bool = True) -> list[tuple[int, CueKind, str]]:
    return [(c.at, c.kind, c.text) for c in segment_cues(segments, index, begin, fresh, MINIMUM)]


def test_a_planned_stop_is_announced_at_fifteen_and_six_seconds_and_ticked() -> None:
    assert cues(Walk(F, 60, Speed(80)), Turn(B)) == [
        (45_000, CueKind.HEADS_UP, "Next: turn round."),
        (54_000, CueKind.ACTION, "Stopping soon. Hold both rails."),
        (57_000, CueKind.TICK, ""), (58_000, CueKind.TICK, ""), (59_000, CueKind.TICK, ""),
    ]


def test_the_rise_after_a_start_is_announced_six_seconds_before_the_hold_ends() -> None:
    forward = cues(Walk(F, 60, Speed(200), Incline(10)))
    assert forward[0] == (4000, CueKind.SPEED, "Faster, to 2.0.")
    assert forward[1] == (10_000, CueKind.INCLINE, "Hill, 1 percent.")
    assert cues(Walk(B, 60, Speed(100)))[0][0] == 9000


def test_a_change_between_two_walks_is_announced_speed_first() -> None:
    found = cues(Walk(F, 60, Speed(200)), Walk(F, 60, Speed(250), Incline(10)), fresh=False)
    assert found == [(51_000, CueKind.SPEED, "Faster, to 2.5."), (55_000, CueKind.INCLINE, "Hill, 1 percent.")]
    assert cues(Walk(F, 60, Speed(200), Incline(10)), Walk(F, 60, Speed(200)), fresh=False) == [
        (51_000, CueKind.INCLINE, "Level.")
    ]
    assert cues(Walk(F, 60, Speed(200)), Walk(F, 60, Speed(200)), fresh=False) == []


def test_what_was_before_the_carrying_on_is_not_said_again() -> None:
    assert [at for at, _, _ in cues(Walk(F, 60, Speed(80)), begin=50_000)] == [54_000, 57_000, 58_000, 59_000]


def test_a_segment_s_own_words_come_on_the_belt_where_there_is_room_and_before_the_start_where_not() -> None:
    long, short = Walk(B, 60, Speed(100), say="Toes."), Walk(B, 40, Speed(100), say="Toes.")
    assert (27_000, CueKind.TECHNIQUE, "Toes.") in cues(long)
    assert technique_fits(long, 0, True) and not technique_fits(short, 0, True)
    assert all(kind is not CueKind.TECHNIQUE for _, kind, _ in cues(short))
    assert (12_000, CueKind.TECHNIQUE, "Toes.") in cues(short, fresh=False)


def reminders(*segments: Segment, fresh: bool = True, begin: int = 0, index: int = 0) -> list[tuple[int, str]]:
    found = segment_cues(segments, index, begin, fresh, MINIMUM)
    return [(cue.at, cue.text) for cue in found if cue.kind is CueKind.TECHNIQUE]


def test_in_a_long_backward_walk_another_reminder_comes_every_minute_and_after_five_the_first_again() -> None:
    assert reminders(Walk(B, 420, Speed(80))) == [
        (25_000, "Toes first, then heel."), (85_000, "Small steps."), (145_000, "Tall, eyes level."),
        (205_000, "Hips square."), (265_000, "Lift your toes."), (325_000, "Toes first, then heel."),
        (385_000, "Small steps."),
    ]


def test_every_bout_begins_with_another_reminder() -> None:
    two = (Walk(B, 60, Speed(80)), Rest(30), Walk(B, 60, Speed(80)))
    assert reminders(*two) == [(25_000, "Toes first, then heel.")]
    assert reminders(*two, index=2) == [(25_000, "Small steps.")]


def test_a_reminder_leaves_a_minute_to_the_programme_s_own_words_and_never_repeats_them() -> None:
    own, *others = reminders(Walk(B, 240, Speed(80), say="Small steps. Toes first."))
    assert own == (27_000, "Small steps. Toes first.")
    assert others == [(87_000, "Tall, eyes level."), (147_000, "Hips square."), (207_000, "Lift your toes.")]


def test_words_that_say_all_that_a_reminder_could_are_followed_by_reminders_still() -> None:
    everything = "Toes first, small steps, tall, hips square, lift."
    assert reminders(Walk(B, 120, Speed(80), say=everything))[1:] == [(87_000, "Toes first, then heel.")]


@pytest.mark.parametrize(
    ("walk", "first"),
    [
        (Walk(B, 200, Speed(180)), 35_000), (Walk(B, 200, Speed(80), Incline(30)), 85_000),
        (Walk(F, 200, Speed(80)), None),
    ],
)
def test_no_reminder_comes_in_the_ten_seconds_after_a_ramp_nor_to_somebody_who_faces_the_console(
    walk: Walk, first: int | None
) -> None:
    assert next((at for at, _ in reminders(walk)), None) == first


def test_a_reminder_is_over_before_the_stop_is_announced_or_the_belt_levels() -> None:
    assert reminders(Walk(B, 44, Speed(80))) == [(25_000, "Toes first, then heel.")]
    assert reminders(Walk(B, 43, Speed(80))) == []
    assert len(reminders(Walk(B, 119, Speed(80), Incline(30)))) == 1
    assert reminders(Walk(B, 118, Speed(80), Incline(30))) == []


def test_between_two_walks_of_a_bout_a_reminder_keeps_a_minute_from_the_words_of_either() -> None:
    then = Walk(B, 60, Speed(90), say="Stand tall.")
    assert reminders(Walk(B, 108, Speed(80)), then, fresh=False) == [(60_000, "Toes first, then heel.")]
    assert reminders(Walk(B, 107, Speed(80)), then, fresh=False) == []


def test_after_an_interruption_reminders_begin_anew_behind_the_new_start() -> None:
    assert reminders(Walk(B, 200, Speed(80)), begin=100_000) == [(125_000, "Toes first, then heel.")]


@pytest.mark.parametrize(
    ("after", "words"),
    [(Turn(B), "turn round"), (Rest(9), "rest"), (DeadMill(B, 9), "switch off"), (OffTreadmill(9), "step off"),
     (None, "the end")],
)
def test_the_heads_up_names_what_comes(after: Segment | None, words: str) -> None:
    assert headline(after) == words


def test_prompts_name_the_goal() -> None:
    assert turn_to(B).startswith("Back to the console") and turn_to(F).startswith("Face the console")
    assert step_on(B).endswith("toes first.") and step_on(F) == "Belt is slow. Step on."
    assert speed_words(Speed(150), 200) == "Slower, to 1.5."
    assert incline_words(Incline(5), 10) == "Less hill, 0.5 percent."


@pytest.mark.parametrize("priority", [Priority.SAFETY, Priority.NOTICE])
def test_what_is_told_of_a_fault_cancels_what_was_being_said(priority: Priority) -> None:
    effects: list[Effect] = []
    voice = Voice(effects)
    first = voice.say("one")
    second = voice.say("stop", priority)
    assert not voice.spoken(first) and voice.busy and voice.spoken(second) and not voice.busy


def test_a_repetition_says_the_last_words_again() -> None:
    effects: list[Effect] = []
    voice = Voice(effects)
    voice.again(still=True, awaits=False)
    assert effects == []
    voice.say("one")
    voice.again(still=True, awaits=False)
    assert [e.text for e in effects if isinstance(e, Say)] == ["one", "one"]


def test_a_repeat_key_that_is_stuck_is_answered_once_at_a_time() -> None:
    effects: list[Effect] = []
    voice = Voice(effects)
    voice.say("one")
    for _ in range(100):
        voice.again(still=True, awaits=False)
    said = [e for e in effects if isinstance(e, Say)]
    assert [say.text for say in said] == ["one", "one"]
    voice.spoken(said[-1].id)
    voice.again(still=True, awaits=False)
    assert [e.text for e in effects if isinstance(e, Say)] == ["one", "one", "one"]


@pytest.mark.parametrize("invitation", [PRESS_START, SPOTTER_STARTS])
def test_nobody_is_invited_again_to_press_start_when_no_hand_is_waited_for(invitation: str) -> None:
    effects: list[Effect] = []
    voice = Voice(effects)
    voice.say(invitation)
    voice.again(still=True, awaits=True)
    voice.again(still=True, awaits=False)
    assert [e.text for e in effects if isinstance(e, Say)] == [invitation, invitation, NO_START]


def test_a_voice_that_failed_is_broken_until_it_speaks_again() -> None:
    voice = Voice([])
    voice.failed(voice.say("one"))
    assert voice.broken
    assert voice.spoken(voice.say("two")) and not voice.broken
