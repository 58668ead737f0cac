"""Nothing starts without a fresh local confirm, and a confirm starts once."""

from dataclasses import replace

import pytest

from tests.control.rig import (
    CONTROL,
    HILL,
    PRACTISED,
    REFERENCE,
    START,
    STOP,
    THERE_AND_BACK,
    B,
    F,
    Rig,
)
from treadctl.control import events as ev
from treadctl.control import prompts
from treadctl.control.pages import JUST
from treadctl.model import api
from treadctl.model.api import Phase
from treadctl.model.program import Facing, Program, Rest, Walk
from treadctl.model.units import Ms, Speed

INCLINE_OP, SPEED_OP = 3, 2
FORWARD = Program("forward", (Walk(F, 60, Speed(150)),))


def gesture(rig: Rig, gap: int = 900, first: str = "space", second: str = "space", held: bool = False) -> Rig:
    """Two presses and five seconds."""
    rig.press(first, held)
    rig.run(gap)
    rig.press(second, held)
    return rig.run(5000)


# --- one confirm, one start -----------------------------------------------------------------------------------------


def test_one_confirm_starts_the_belt_once() -> None:
    rig = Rig().walking()
    assert rig.count(START) == 1
    assert [wrote.data for wrote in rig.writes[:2]] == [CONTROL, START]


def test_a_whole_program_has_one_confirm_for_every_start() -> None:
    rig = Rig().walking()
    for start in (2, 3):
        rig.phase(Phase.ASKING)
        rig.run(120_000)  # nobody confirms: nothing starts
        assert rig.count(START) == start - 1 and rig.shot.phase is Phase.ASKING
        rig.confirm().phase(Phase.WALKING)
        assert rig.count(START) == start
    rig.phase(Phase.DONE)
    assert rig.shot.summary is not None and rig.shot.summary.finished and rig.shot.summary.exit_code == 0


def test_a_rest_needs_its_own_confirm_afterwards() -> None:
    rig = Rig().walking(Program("rest", (Walk(F, 40, Speed(100)), Rest(20), Walk(F, 40, Speed(100)))))
    rig.phase(Phase.RESTING).phase(Phase.ASKING)
    rig.run(60_000)
    assert rig.count(START) == 1
    rig.confirm().phase(Phase.WALKING)
    assert rig.count(START) == 2


def test_nothing_but_request_control_is_written_before_the_countdown_is_over() -> None:
    rig = Rig().counting()
    assert [wrote.data for wrote in rig.writes] == [CONTROL]


def test_the_countdown_counts_from_five_and_from_three_on_a_machine_that_counts_itself() -> None:
    quiet = Rig(record=replace(REFERENCE, counts_itself=0)).starting()
    assert [bool(quiet.heard(word)) for word in ("five", "four", "three", "two", "one")] == [True] * 5
    assert not quiet.heard(prompts.MACHINE_COUNTS)
    counting = Rig().starting()
    assert not counting.heard("five") and counting.heard("three") and counting.heard(prompts.MACHINE_COUNTS)


# --- incline 0 before every start -----------------------------------------------------------------------------------


def test_the_incline_is_level_before_the_start() -> None:
    rig = Rig()
    rig.incline = rig.slope = 30
    rig.asked().confirm().phase(Phase.COUNTDOWN)
    assert rig.incline == 0 and [wrote.incline for wrote in rig.inclines] == [0]
    assert rig.count(START) == 0
    rig.phase(Phase.HOLDING)
    assert rig.count(START) == 1


def test_a_key_while_the_deck_comes_down_undoes_the_confirm() -> None:
    rig = Rig()
    rig.incline = rig.slope = 60
    rig.asked().confirm().run(1000)
    assert rig.press("x") == []
    rig.run(60_000)
    assert rig.count(START) == 0 and rig.shot.phase is Phase.ASKING


def test_a_deck_that_does_not_come_down_is_not_started() -> None:
    rig = Rig()
    rig.deaf_to = {INCLINE_OP}
    rig.incline = rig.slope = 30
    rig.asked().confirm().run(70_000)
    assert rig.count(START) == 0 and rig.shot.phase is Phase.ASKING and len(rig.inclines) > 5


def test_a_deck_that_tilts_in_the_countdown_holds_the_start_back_and_a_key_still_undoes_it() -> None:
    rig = Rig().counting()
    rig.deaf_to = {INCLINE_OP}
    rig.incline = rig.slope = 30
    rig.phase(Phase.STARTING).run(3000)
    assert rig.count(START) == 0
    rig.press("x")
    assert rig.shot.phase is Phase.ASKING
    rig.deaf_to, rig.incline, rig.slope = set(), 0, 0
    rig.run(20_000)
    assert rig.count(START) == 0


def test_a_host_that_slept_while_the_deck_comes_down_disarms() -> None:
    rig = Rig().counting()
    rig.deaf_to = {INCLINE_OP}
    rig.incline = rig.slope = 30
    rig.phase(Phase.STARTING).run(1000)
    rig.feed(ev.Suspended(60_000))
    rig.deaf_to, rig.incline, rig.slope = set(), 0, 0
    rig.run(20_000)
    assert rig.count(START) == 0 and rig.shot.phase is Phase.ASKING


def test_a_machine_that_never_tells_its_incline_is_set_level_after_an_unplanned_stop_on_a_hill() -> None:
    rig = Rig(person=PRACTISED)
    rig.tells_incline = False
    rig.walking(HILL).until(lambda: rig.slope == 20)
    rig.press()
    rig.phase(Phase.HALTED)
    rig.ask(api.Answer("facing", "c"))
    rig.ask(api.Answer("halted", "c"))
    before = len(rig.writes)
    rig.confirm().phase(Phase.HOLDING)
    assert [wrote.data[0] for wrote in rig.writes[before:before + 3]] == [0, INCLINE_OP, 7]
    assert rig.writes[before + 1].incline == 0


# --- reach test -----------------------------------------------------------------------------------------------------


def reaching() -> Rig:
    return Rig(reached=False).begin().phase(Phase.REACHING)


def test_the_first_backward_start_of_the_day_needs_the_reach_test_and_writes_nothing() -> None:
    rig = reaching()
    for _ in range(2):
        rig.until(lambda: rig.shot.question is not None and rig.shot.question.heard)
        assert rig.press() == []
    rig.phase(Phase.TURNING)
    assert rig.writes == [] and rig.of(ev.RememberDay) == [ev.RememberDay(True, True)]


def test_stop_on_the_page_in_the_walker_s_hand_is_a_stop_key_within_reach() -> None:
    rig = reaching()
    for _ in range(2):
        rig.until(lambda: rig.shot.question is not None and rig.shot.question.heard)
        rig.feed(ev.Watched("glance-7", api.Watching.HAND))
        assert rig.ask(api.Stop("Stopped on the phone."), "glance-7").accepted
    rig.phase(Phase.TURNING)
    assert rig.writes == [] and rig.of(ev.RememberDay) == [ev.RememberDay(True, True)]


@pytest.mark.parametrize(("page", "who", "later"), [
    (api.Watching.HAND, "mqtt-3", 0), (api.Watching.REAR, "glance-7", 0), (api.Watching.HAND, "glance-7", JUST + 1),
])  # fmt: skip
def test_a_stop_from_the_house_the_wall_or_long_after_is_no_key_within_reach(
    page: api.Watching, who: str, later: Ms
) -> None:
    rig = reaching()
    rig.until(lambda: rig.shot.question is not None and rig.shot.question.heard)
    rig.feed(ev.Watched("glance-7", page))
    rig.run(later)
    assert rig.ask(api.Stop("Stopped."), who).accepted
    rig.phase(Phase.CHECKING)
    assert rig.heard(prompts.NO_REACH)


def test_a_failed_reach_test_refuses_with_the_words_of_the_rules() -> None:
    rig = reaching().phase(Phase.CHECKING)
    assert rig.heard(prompts.NO_REACH) and rig.shot.question is not None
    assert rig.ask(api.Answer("reach-failed", "e")).accepted
    assert rig.shot.phase is Phase.DONE and rig.shot.summary is not None
    assert rig.shot.summary.exit_code == 6 and rig.shot.summary.reason == prompts.NO_REACH
    assert rig.writes == [] and rig.of(ev.RememberDay) == []


def test_a_belt_that_moves_during_the_reach_test_is_stopped_and_ends_the_session() -> None:
    rig = reaching()
    rig.speed = rig.target = 100
    rig.phase(Phase.DONE)
    assert rig.count(STOP) == 1 and rig.count(START) == 0


def test_the_checklist_is_remembered_for_the_day() -> None:
    rig = Rig(checked=False).load(FORWARD)
    for check in ("clip", "shoes", "space", "rails", "well", "pain-before", "begin"):
        assert rig.ask(api.Answer(check, "0" if check == "pain-before" else "y")).accepted
    assert ev.RememberDay(True, False) in rig.of(ev.RememberDay) or ev.RememberDay(True, True) in rig.of(ev.RememberDay)


def test_a_no_on_the_checklist_refuses() -> None:
    rig = Rig(checked=False).load(FORWARD)
    assert rig.ask(api.Answer("clip", "n")).accepted
    assert rig.shot.phase is Phase.DONE and rig.shot.summary is not None and rig.shot.summary.exit_code == 6


# --- facing ---------------------------------------------------------------------------------------------------------


def test_facing_is_only_what_was_confirmed() -> None:
    rig = Rig().asked()
    assert rig.shot.facing is None
    rig.confirm().phase(Phase.COUNTDOWN)
    assert rig.shot.facing is F
    rig.phase(Phase.ASKING)
    assert rig.shot.facing is F and rig.shot.question is not None and "Facing away?" in rig.shot.question.text
    rig.confirm().phase(Phase.COUNTDOWN)
    assert rig.shot.facing is B


def test_a_new_session_does_not_know_the_facing_of_the_last_and_meets_its_first_speed_again() -> None:
    rig = Rig().walking(FORWARD).phase(Phase.DONE)
    assert rig.shot.facing is F
    rig.begin(FORWARD)
    assert rig.shot.facing is None and rig.heard("Face the console")[-1] == rig.now
    before = len(rig.writes)
    rig.confirm().phase(Phase.HOLDING)
    rig.sampling = True
    rig.target = 60  # a belt that does not do what is written
    rig.deaf_to = {SPEED_OP}
    rig.phase(Phase.STOPPING)
    assert all(wrote.speed in (None, 80) for wrote in rig.writes[before:])


def test_the_turn_around_stops_first_and_says_each_thing_in_its_order() -> None:
    rig = Rig().walking().phase(Phase.TURNING).confirm().phase(Phase.HOLDING)
    words = [
        "Next: turn round.", "Stopping soon. Hold both rails.", "Belt stopped.",
        "Back to the console, hands along the rail.", "Feet on the side rails.", "Facing away? Press, tone, press.",
        "Belt is slow. Step on, toes first.",
    ]
    times = [rig.heard(word)[-1] for word in words]
    assert times == sorted(times)
    stopped, stop = rig.heard("Belt stopped.")[0], next(wrote.at for wrote in rig.writes if wrote.data == STOP)
    assert stopped - stop >= 3000


# --- after a start --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("facing", "hold"), [(F, 10_000), (B, 15_000)])
def test_the_belt_is_held_at_its_minimum_after_a_start(facing: Facing, hold: int) -> None:
    rig = Rig().walking(Program("p", (Walk(facing, 50, Speed(100)),)))
    rig.run(5000)
    moved = rig.heard("Belt is slow")[0]
    assert rig.speeds[0].speed == 80 and rig.speeds[1].at - moved >= hold


def test_a_belt_that_does_not_move_in_fifteen_seconds_is_left_alone() -> None:
    rig = Rig()
    rig.start_delay = 1_000_000
    rig.starting()
    start = rig.now
    rig.phase(Phase.HALTED)
    assert rig.now - start == 15_000 and rig.heard(prompts.NOT_STARTED)
    rig.run(60_000)
    assert rig.count(STOP) == 0 and rig.count(START) == 1
    assert rig.press() == []


def test_motion_after_the_belt_did_not_start_is_a_ghost_start() -> None:
    rig = Rig()
    rig.start_delay = 20_000
    rig.starting().phase(Phase.HALTED).phase(Phase.STOPPING)
    assert rig.heard("The belt moves. Hold on.") and rig.count(STOP) >= 1
    rig.phase(Phase.HALTED)
    assert rig.shot.facing is None


def test_that_the_belt_did_not_start_is_a_notice_which_the_call_of_a_late_start_cuts_short() -> None:
    rig = Rig()
    rig.start_delay = 15_500
    rig.starting().until(lambda: bool(rig.heard("The belt moves. Hold on.")))
    told = {e.text: e.priority for e in rig.of(ev.Say) if isinstance(e, ev.Say)}
    assert told[prompts.NOT_STARTED] is ev.Priority.NOTICE and told[prompts.BELT_MOVES] is ev.Priority.SAFETY


@pytest.mark.parametrize("speed", [101, 400])
def test_a_belt_that_starts_too_fast_is_stopped_with_its_first_sample(speed: int) -> None:
    rig = Rig().starting()
    rig.run(1000)
    before = len(rig.writes)
    rig.sample(speed)
    assert [wrote.data for wrote in rig.writes[before:]] == [STOP] and rig.heard("Too fast. Stopping.")


def test_a_backward_start_above_1_2_is_too_fast_whatever_the_record_says() -> None:
    rig = Rig(record=replace(REFERENCE, start_speed=Speed(115)))
    rig.starting(Program("back", (Walk(B, 50, Speed(115)),))).run(500)
    rig.sample(121)
    assert rig.count(STOP) == 1


def test_a_start_that_the_machine_refuses_is_asked_for_again() -> None:
    rig = Rig()
    rig.results = {7: 4}
    rig.counting()
    rig.run(4000)
    assert rig.shot.phase is Phase.ASKING and rig.heard("Refused: the machine refused to start")
    rig.run(60_000)
    assert rig.count(START) == 1 and rig.count(STOP) == 0
    rig.results = {}
    rig.confirm().phase(Phase.HOLDING)
    assert rig.count(START) == 2


def test_a_first_speed_that_is_not_met_lets_nothing_faster_through() -> None:
    rig = Rig()
    rig.starting(FORWARD)
    rig.deaf_to = {SPEED_OP}
    rig.phase(Phase.HOLDING)
    rig.target = 60
    rig.phase(Phase.STOPPING)
    assert {wrote.speed for wrote in rig.speeds} == {80} and rig.heard("Speed not as set. Stopping.")


def test_a_belt_that_reads_miles_is_stopped_and_locked() -> None:
    rig = Rig().holding()
    rig.target = 129
    rig.phase(Phase.STOPPING)
    rig.obeys = False  # the stop takes its time
    rig.target = 129
    rig.until(lambda: bool(rig.of(ev.Remember)))
    lock = rig.of(ev.Remember)[0]
    assert isinstance(lock, ev.Remember) and lock.lock.name == "units:AA"
    rig.obeys, rig.target = True, 0
    rig.phase(Phase.DONE)
    assert not rig.still().ask(api.Load(THERE_AND_BACK)).accepted
