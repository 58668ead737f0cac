"""The Supervisor to the millisecond and the hundredth: what is watched and what is remembered, on both sides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.control.hand import LIMITS, LINK, Hand
from tests.control.rig import REFERENCE, B, F
from treadctl.control.belt import LOST_MS
from treadctl.control.commanded import UNKNOWN_LAG
from treadctl.control.control_point import Cleared, Outcome, Result
from treadctl.control.faults import View
from treadctl.control.ladder import StopWish
from treadctl.control.supervisor import Supervisor
from treadctl.ftms.codec import StatusEvent
from treadctl.ftms.control_point import Op, Response
from treadctl.ftms.heart_rate import HeartRate
from treadctl.model.api import Belt
from treadctl.model.limits import Limit
from treadctl.model.machine import Manual
from treadctl.model.program import Facing
from treadctl.model.units import Incline, Speed

START = Cleared(Op.START_OR_RESUME, b"\x07", "confirmed")
STOP = Cleared(Op.STOP_OR_PAUSE, b"\x08\x01", "stop", urgent=True)
WHY = StopWish("why")


# --- the link -------------------------------------------------------------------------------------------------------


def test_a_new_link_brings_the_machine_and_knows_nothing_of_the_belt() -> None:
    hand = Hand().still()
    hand.sup.link_up(hand.now, LINK, replace(REFERENCE, lag=900))
    it = hand.sup
    assert (it.info, it.record, it.belt.sample, it.commanded.lag) == (LINK, replace(REFERENCE, lag=900), None, 900)
    assert (it.ramp.reach, it.ramp.slope) == (REFERENCE.speed, REFERENCE.incline)
    assert it.may_move and it.commanded.current is None
    it.link_up(hand.now, LINK, None)
    assert (it.record, it.ramp.reach, it.ramp.slope, it.commanded.lag) == (None, None, None, 900)


def test_an_unmeasured_lag_is_the_cautious_one() -> None:
    hand = Hand(replace(REFERENCE, lag=None)).link()
    assert hand.sup.commanded.lag == UNKNOWN_LAG


def test_a_link_that_is_made_after_a_loss_has_nothing_in_force() -> None:
    hand = Hand().held()
    hand.sup.link_down()
    assert hand.sup.lost and hand.sup.commanded.current == 80
    hand.link()
    assert hand.sup.commanded.current is None and hand.sup.path.looking


def test_a_link_that_is_made_while_nothing_was_lost_forgets_no_command() -> None:
    hand = Hand().held().link()
    assert not hand.sup.lost and hand.sup.commanded.current == 80


@pytest.mark.parametrize(
    ("hand", "lost"),
    [
        (Hand(), False), (Hand().link(), False), (Hand().still(), False), (Hand().started(), True),
        (Hand().link().sample(11), True), (Hand().held(), True),
    ],
    ids=["no link", "no sample", "still", "started", "moves", "walking"],
)
def test_a_link_that_goes_is_lost_where_the_belt_may_move_and_was_seen(hand: Hand, lost: bool) -> None:
    hand.sup.link_down()
    assert hand.sup.lost is lost and hand.sup.info is None and not hand.sup.armed


def test_a_link_that_goes_while_it_is_stopped_unseen_is_lost() -> None:
    hand = Hand().link()
    assert hand.sup.stop(0, WHY) and hand.sup.belt.sample is None
    hand.sup.link_down()
    assert hand.sup.lost


def test_what_was_lost_stays_lost_over_a_link_that_saw_nothing() -> None:
    hand = Hand().held()
    hand.sup.link_down()
    hand.link().sup.link_down()
    assert hand.sup.lost and not hand.sup.path.looking


# --- samples --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("speed", "moves"), [(10, False), (11, True)])
def test_motion_begins_above_a_tenth(speed: int, moves: bool) -> None:
    hand = Hand().started()
    assert hand.sup.motion_at is None
    hand.sample(speed)
    assert hand.sup.motion_at == (hand.now if moves else None)


def test_motion_begins_once() -> None:
    hand = Hand().moving()
    began = hand.now
    hand.sample(80).sample(0).sample(80)
    assert hand.sup.motion_at == began


def test_motion_of_a_belt_that_nobody_started_is_no_beginning() -> None:
    hand = Hand().still().sample(80)
    assert hand.sup.motion_at is None


@pytest.mark.parametrize(("speed", "rests"), [(10, True), (11, False)])
def test_a_belt_that_was_not_started_rests_at_a_tenth(speed: int, rests: bool) -> None:
    assert Hand().link().sample(speed).sup.may_move is not rests


def test_a_belt_that_was_started_does_not_rest_by_a_zero_alone() -> None:
    hand = Hand().started().sample(0)
    hand.sup.not_started()
    assert not hand.sup.may_move  # it rested when Start was written, and did not move since
    hand = Hand().moving().sample(0)
    hand.sup.not_started()
    assert hand.sup.may_move


def test_a_false_zero_is_no_rest() -> None:
    hand = Hand().link().sample(50, metres=0).sample(0, metres=1).sample(0, metres=2)
    assert hand.sup.belt.false_zero and hand.sup.may_move


def test_two_samples_in_a_row_more_than_0_2_above_the_limit_are_counted() -> None:
    hand = Hand().held()
    counts = []
    for speed in (570, 571, 571, 570, 571):
        counts.append(hand.sample(speed).view(hand.now).over_limit_samples)
    assert counts == [0, 1, 2, 0, 1]


def test_a_sample_may_be_0_3_above_the_highest_command_in_force() -> None:
    hand = Hand().held()
    assert hand.view(hand.now).allowed == 110
    hand.sup.commanded.write(hand.now, Speed(200))
    assert hand.view(hand.now).allowed == 110  # judged by what was in force when the sample came
    assert hand.sample(80).view(hand.now).allowed == 230


def test_a_zero_nobody_asked_for_is_not_explained() -> None:
    hand = Hand().held()
    assert not hand.sup.belt.explained
    assert hand.sup.stop(hand.now, WHY)
    assert hand.sample(80).sup.belt.explained
    assert Hand().still().sup.belt.explained


def test_the_heart_rate_of_a_sample_counts_until_a_strap_tells_one() -> None:
    hand = Hand().held().sample(80, heart=120)
    assert hand.sup.heart.rate == 120
    hand.sup.heart.strap(hand.now, HeartRate(bpm=90))
    assert hand.sample(80, heart=130).sup.heart.rate == 90


def test_an_unknown_incline_is_settled_by_the_deck_or_a_machine_that_tells_none() -> None:
    def unknown(told: int | None) -> bool:
        hand = Hand().held()
        hand.sup.ramp.set_incline(hand.now, Incline(5))
        hand.sup.outcome(hand.now, Outcome(Cleared(Op.SET_TARGET_INCLINATION, b""), Result.UNKNOWN))
        assert hand.view(hand.now).unknown_result
        return hand.sample(80, incline=told).view(hand.now).unknown_result

    assert unknown(0) and unknown(None) and not unknown(5)


# --- status ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        (StatusEvent.SAFETY_KEY, "safety key"), (StatusEvent.STOPPED, "stopped at the console"),
        (StatusEvent.CONTROL_LOST, "control lost"),
    ],
)
def test_a_status_counts_even_when_another_follows_at_once(event: StatusEvent, fault: str) -> None:
    hand = Hand().held()
    hand.status(event)
    hand.status(StatusEvent.TIME_CHANGED)
    assert hand.look() == [fault]
    view = hand.sup.lookout.flags
    assert (view.safety_key, view.console_stop, view.control_lost) == (False, False, False)


def test_the_safety_key_and_whoever_uses_the_console_withdraw_a_confirm() -> None:
    hands = {StatusEvent.SAFETY_KEY, StatusEvent.STOPPED, StatusEvent.STARTED, StatusEvent.SPEED_CHANGED}
    hand = Hand().armed()
    for event in set(StatusEvent) - hands:
        hand.status(event)
        assert hand.sup.armed
    for event in hands:
        (hand := Hand().armed()).status(event)
        assert not hand.sup.armed


def test_our_own_stop_is_no_stop_at_the_console() -> None:
    hand = Hand().held()
    assert hand.sup.stop(hand.now, WHY)
    hand.status(StatusEvent.STOPPED)
    assert not hand.sup.lookout.flags.console_stop


@pytest.mark.parametrize(
    ("event", "wait", "fault"),
    [
        (StatusEvent.STARTED, 5000, "started at the console"),
        (StatusEvent.SPEED_CHANGED, 5000, "started at the console"),
        (StatusEvent.STARTED, 5001, "moved by itself"), (StatusEvent.STOPPED, 100, "moved by itself"),
    ],
)
def test_motion_soon_after_a_start_or_a_speed_at_the_console_came_from_there(
    event: StatusEvent, wait: int, fault: str
) -> None:
    hand = Hand().still()
    hand.status(event)
    assert hand.sample(80, wait).look() == [fault]


def test_a_speed_at_the_console_is_a_ceiling_only_of_a_belt_we_started() -> None:
    hand = Hand().walking(200)
    hand.now += 10_000
    hand.status(StatusEvent.SPEED_CHANGED)
    assert hand.sup.ramp.ceiling is None
    hand.status(StatusEvent.STARTED, 100)
    assert hand.sup.ramp.ceiling is None
    hand.status(StatusEvent.SPEED_CHANGED, 100)
    assert hand.sup.ramp.ceiling == 100
    hand = Hand().still()
    hand.sup.ramp.facing = F
    hand.sup.commanded.write(hand.now, Speed(200))
    hand.now += 10_000
    hand.status(StatusEvent.SPEED_CHANGED, 100)
    assert hand.sup.ramp.ceiling is None


# --- answers --------------------------------------------------------------------------------------------------------


def stopped() -> Hand:
    hand = Hand().held()
    assert hand.sup.stop(hand.now, WHY) and hand.command() == STOP
    return hand


@pytest.mark.parametrize(
    ("response", "accepted"),
    [(Response(8, 1), True), (Response(8, 4), False), (Response(2, 1), False)],
)
def test_only_a_success_to_a_stop_is_its_success(response: Response, accepted: bool) -> None:
    hand = stopped()
    hand.sup.answered(response)
    assert hand.sup.path.ladder is not None and hand.sup.path.ladder.accepted is accepted
    hand.sup.answered(Response(8, 1))
    hand.sup.answered(Response(8, 4))
    hand.sup.outcome(hand.now, Outcome(STOP, Result.REJECTED, 4))
    assert hand.sup.path.ladder.accepted


def test_the_outcome_of_a_stop_is_its_success_too() -> None:
    hand = stopped()
    hand.sup.outcome(hand.now, Outcome(STOP, Result.ACCEPTED, 1))
    assert hand.sup.path.ladder is not None and hand.sup.path.ladder.accepted


def test_the_outcome_of_another_procedure_is_no_success_of_the_stop() -> None:
    hand = stopped()
    hand.sup.outcome(hand.now, Outcome(Cleared(Op.SET_TARGET_SPEED, b""), Result.ACCEPTED, 1))
    assert hand.sup.path.ladder is not None and not hand.sup.path.ladder.accepted


def test_an_answer_without_a_stop_is_nobody_s() -> None:
    hand = Hand().held()
    hand.sup.answered(Response(8, 1))
    assert not hand.sup.stopping


def test_control_not_permitted_to_a_stop_is_asked_for_and_then_the_stop_comes_again() -> None:
    hand = stopped()
    hand.sup.outcome(hand.now, Outcome(STOP, Result.REJECTED, 5))
    assert hand.command() == Cleared(Op.REQUEST_CONTROL, b"\x00", "to stop", urgent=True)
    hand.sup.outcome(hand.now, Outcome(Cleared(Op.REQUEST_CONTROL, b"\x00"), Result.ACCEPTED, 1))
    hand.now += 1
    assert hand.decide().cleared == STOP and not hand.sup.path.ladder.failed  # type: ignore[union-attr]


def test_control_refused_calls_for_the_key() -> None:
    hand = stopped()
    hand.sup.outcome(hand.now, Outcome(STOP, Result.REJECTED, 5))
    hand.decide()
    hand.sup.outcome(hand.now, Outcome(Cleared(Op.REQUEST_CONTROL, b"\x00"), Result.REJECTED, 4))
    assert hand.decide().call_key


@pytest.mark.parametrize(("code", "again"), [(4, False), (None, True)])
def test_a_stop_that_was_turned_away_does_not_count_and_a_refused_one_does(code: int | None, again: bool) -> None:
    hand = stopped()
    hand.sup.outcome(hand.now, Outcome(STOP, Result.REJECTED, code))
    hand.now += 100
    assert (hand.command() == STOP) is again


def test_a_rejected_speed_leaves_the_one_before_in_force_and_pauses() -> None:
    hand = Hand().held()
    hand.sup.commanded.write(hand.now, Speed(100))
    hand.sup.outcome(hand.now, Outcome(Cleared(Op.SET_TARGET_SPEED, b""), Result.REJECTED, 4))
    assert hand.sup.commanded.current == 80 and hand.sup.commanded.at == hand.now + 3000
    assert hand.look() == []


def test_a_speed_that_is_not_permitted_means_that_control_is_lost() -> None:
    hand = Hand().held()
    hand.sup.outcome(hand.now, Outcome(Cleared(Op.SET_TARGET_SPEED, b""), Result.REJECTED, 5))
    hand.sup.outcome(hand.now, Outcome(Cleared(Op.SET_TARGET_SPEED, b""), Result.REJECTED, 4))
    assert hand.look() == ["control lost"]


@pytest.mark.parametrize(
    ("op", "result", "unknown"),
    [
        (Op.SET_TARGET_SPEED, Result.UNKNOWN, True), (Op.SET_TARGET_SPEED, Result.ACCEPTED, False),
        (Op.SET_TARGET_INCLINATION, Result.UNKNOWN, True), (Op.SET_TARGET_INCLINATION, Result.ACCEPTED, False),
        (Op.SET_TARGET_INCLINATION, Result.REJECTED, False), (Op.REQUEST_CONTROL, Result.UNKNOWN, False),
    ],
)
def test_what_was_not_answered_is_unknown(op: Op, result: Result, unknown: bool) -> None:
    hand = Hand().held()
    hand.sup.outcome(hand.now, Outcome(Cleared(op, b""), result))
    assert hand.view(hand.now).unknown_result is unknown


def test_a_rejected_incline_is_taken_back_and_an_accepted_one_stands() -> None:
    hand = Hand().held()
    for result, incline in ((Result.ACCEPTED, 5), (Result.REJECTED, 5)):
        hand.sup.ramp.set_incline(hand.now, Incline(5 if result is Result.ACCEPTED else 10))
        hand.sup.outcome(hand.now, Outcome(Cleared(Op.SET_TARGET_INCLINATION, b""), result, 1))
        assert hand.sup.ramp.incline == incline


@pytest.mark.parametrize(("code", "why", "text"), [(4, "", "4"), (None, "busy", "busy")])
def test_a_start_that_is_refused_did_not_happen(code: int | None, why: str, text: str) -> None:
    hand = Hand().started()
    hand.sup.outcome(hand.now, Outcome(START, Result.ACCEPTED, 1))
    assert hand.sup.engaged and hand.sup.start_refused == ""
    hand.sup.outcome(hand.now, Outcome(START, Result.REJECTED, code, why))
    assert hand.sup.engaged is False and not hand.sup.start_overdue(hand.now + 60_000)
    assert hand.sup.commanded.current is None
    assert hand.sup.start_refused == f"the machine refused to start (result {text})"


def test_a_stop_that_hung_needs_a_link() -> None:
    hand = stopped()
    hand.sup.stop_hung(hand.now)
    decided = hand.decide()
    assert hand.sup.lost and decided.relink and decided.call_key
    hand = stopped()
    hand.sup.info = None
    hand.sup.stop_hung(hand.now)
    assert not hand.sup.lost


# --- the host -------------------------------------------------------------------------------------------------------


def test_what_the_host_noticed_counts_once_and_an_overflow_for_the_session() -> None:
    hand = Hand().held()
    hand.sup.host()
    assert (hand.sup.lookout.flags.late, hand.look()) == (0, [])
    hand.sup.host(overflow=True)
    hand.sup.host(late=251)
    assert sorted(hand.look()) == ["controller late", "inbox full"]
    assert hand.sup.lookout.flags.late == 0 and hand.sup.lookout.flags.overflow
    hand.sup.begin_session(LIMITS)
    assert not hand.sup.lookout.flags.overflow


def test_a_host_that_slept_knows_nothing_of_the_belt() -> None:
    hand = Hand().armed()
    hand.sup.slept(hand.now, 2000)
    hand.sup.slept(hand.now, 100)
    assert hand.sup.lookout.flags.slept == 2000 and hand.sup.belt.sample is None
    assert hand.sup.may_move and not hand.sup.armed


def test_a_new_session_forgets_heart_flags_and_ceilings() -> None:
    hand = Hand().held().sample(80, heart=120)
    hand.sup.hurts()
    limits = replace(LIMITS, forward=Limit(300, "other"))
    hand.sup.begin_session(limits)
    assert hand.sup.ramp.limits is limits and hand.sup.heart.rate is None and hand.sup.lookout.flags == View()


# --- the view -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "facing", "allowed"),
    [(80, F, 100), (80, B, 100), (110, F, 130), (110, B, 120), (100, B, 120), (None, F, 20)],
)
def test_a_start_may_be_0_2_above_the_recorded_one_and_1_2_facing_away(
    start: int | None, facing: Facing, allowed: int
) -> None:
    speed = None if start is None else Speed(start)
    hand = Hand(replace(REFERENCE, start_speed=speed, manual=Manual.ALLOWS)).link()
    hand.sup.ramp.facing = facing
    assert hand.sup.lookout.start_allowed(hand.sup) == allowed


def test_without_a_record_a_start_may_be_0_2() -> None:
    it = Supervisor(LIMITS)
    it.ramp.facing = F
    assert it.lookout.start_allowed(it) == 20
    assert Hand().started().view(4000).start_allowed == 100


def test_a_bout_is_over_after_its_cap_and_only_facing_away() -> None:
    hand = Hand().moving(80, B)
    began = hand.now
    assert hand.view(began + 301_500).bout_over == 1500
    hand.sup.ramp.facing = F
    assert hand.view(began + 301_500).bout_over == 0
    assert Hand().started(B).view(900_000).bout_over == 0


def test_the_view_of_a_belt_that_stands_and_of_one_that_stopped_by_itself() -> None:
    view = Hand().still().view(4000)
    assert (view.engaged, view.stopping, view.lost, view.link_up) == (False, False, False, True)
    assert (view.belt, view.speed, view.sample_age, view.self_stopped) == (Belt.STILL, 0, 0, False)
    hand = Hand().moving(11)
    hand.sample(11)
    for _ in range(40):
        hand.sample(0)
    assert hand.view(hand.now).self_stopped


def test_the_view_counts_attendance_of_who_confirmed() -> None:
    hand = Hand().held()
    hand.sup.attendance.beat(hand.now + 900, "somebody else", False)
    view = hand.view(hand.now + 1000)
    assert (view.attendance_age, view.attendance_limit, view.keyboard) == (1000, 2000, True)
    hand.beat(keyboard=False)
    assert not hand.view(hand.now).keyboard


def test_a_belt_that_slows_is_off_target_but_not_while_it_is_stopped() -> None:
    hand = Hand().walking(200).sample(180).sample(150)
    view = hand.view(hand.now)
    assert view.off_target and view.slowing
    view = hand.sample(150).view(hand.now)
    assert view.off_target and view.slowing
    view = hand.sample(240).sample(239).view(hand.now)
    assert view.off_target and not view.slowing
    assert hand.sup.stop(hand.now, WHY)
    view = hand.sample(150).view(hand.now)
    assert not view.off_target and not view.slowing


def test_the_view_of_the_heart() -> None:
    limits = replace(LIMITS, heart=Limit(140, "cap"), heart_needed=True)
    hand = Hand(limits=limits).held().sample(80, heart=141)
    view = hand.view(hand.now)
    assert view.heart_above and not view.heart_lost and view.heart_needed
    assert not hand.sample(80, heart=140).view(hand.now).heart_above
    assert hand.view(hand.now + 5001).heart_lost
    assert not Hand().held().sample(80, heart=220).view(0).heart_above


def test_the_view_of_the_first_speed_and_of_a_wrong_unit() -> None:
    hand = Hand().moving()
    hand.sup.wish(Speed(80), Incline(0))
    hand.command()
    hand.sample(129).sample(129)
    assert hand.view(hand.now).unit_ratio
    assert not hand.view(hand.now).first_speed_overdue
    assert hand.view(hand.now + 60_000).first_speed_overdue
    hand.sample(50)
    assert not hand.view(hand.now).unit_ratio and hand.view(hand.now + 60_000).unit_ratio


def test_the_view_of_a_false_zero_of_an_inverted_belt_and_of_a_voice_that_broke() -> None:
    view = Hand().link().sample(50, metres=0).sample(0, metres=1).sample(0, metres=2).view(2000)
    assert view.false_zero and not view.inverted and not view.mute
    hand = Hand().held()
    hand.sup.lookout.mute = hand.sup.commanded.inverted = True
    view = hand.view(hand.now)
    assert view.mute and view.inverted and not view.false_zero


def test_silence_is_unknown_after_three_seconds() -> None:
    hand = Hand().held()
    assert hand.view(hand.now + LOST_MS).belt is Belt.MOVING
    assert hand.view(hand.now + LOST_MS + 1).belt is Belt.UNKNOWN
