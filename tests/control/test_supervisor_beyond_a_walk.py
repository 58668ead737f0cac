"""The Supervisor where a walk is not like others: a hand starts it, nothing obeys, nobody is on it, no stop works."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.control.hand import LIMITS, ME, Hand
from tests.control.rig import REFERENCE, F
from treadctl.control.control_point import Cleared, Decision, Outcome, Result
from treadctl.control.ladder import StopWish
from treadctl.ftms.codec import MachineStatus, StatusEvent
from treadctl.ftms.control_point import Op
from treadctl.model.api import Belt
from treadctl.model.limits import Limit
from treadctl.model.machine import Record
from treadctl.model.units import Incline, Ms, Speed

WHY, ANOTHER, PLANNED = StopWish("why"), StopWish("another"), StopWish("planned", planned=True)
START = Cleared(Op.START_OR_RESUME, b"\x07", "confirmed")
STOP = Cleared(Op.STOP_OR_PAUSE, b"\x08\x01", "stop", urgent=True)
PAUSE = Cleared(Op.STOP_OR_PAUSE, b"\x08\x02", "does Pause stop it", urgent=True)
NOTHING = Decision()
BY_HAND = replace(REFERENCE, remote_start=False)
GUIDED = replace(REFERENCE, control=False, remote_start=None, stop_works=False, incline=None)
RUNG: Ms = 4900
"""What one rung takes on the reference machine: 3900 + 500 + 500."""


def awaits(record: Record = BY_HAND) -> Hand:
    """Confirmed, and somebody at the console was told to press start."""
    hand = Hand(record).armed()
    hand.decide()
    hand.sup.start()
    assert hand.decide() == NOTHING and hand.sup.armed
    return hand


def guided(speed: int = 150) -> Hand:
    return awaits(GUIDED).sample(speed)


def in_vain() -> Hand:
    """A belt at 3 km/h that took no rung."""
    hand = Hand().walking(300)
    hand.sup.stop(hand.now, PLANNED)
    for _ in range(80):
        hand.sample(300).decide()
    return hand


# --- a hand at the console ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "by_hand"),
    [(None, False), (REFERENCE, False), (replace(REFERENCE, remote_start=None), False), (BY_HAND, True),
     (GUIDED, True), (replace(GUIDED, remote_start=True), True)],
    ids=["unknown", "remote", "not known", "by hand", "guided", "guided, though it takes a start"],
)  # fmt: skip
def test_a_hand_starts_what_nothing_else_can_start(record: Record | None, by_hand: bool) -> None:
    assert Hand(record).link().sup.by_hand is by_hand


def test_a_hand_is_waited_for_since_it_was_told() -> None:
    hand = awaits()
    told = hand.now
    assert hand.sup.started_at == told and hand.sup.state(hand.now) is Belt.UNKNOWN
    assert hand.sample(0).decide() == NOTHING
    assert hand.sup.started_at == told and not hand.sup.engaged


@pytest.mark.parametrize(("speed", "comes"), [(10, False), (11, True)])
def test_the_belt_comes_to_the_hand_above_a_tenth(speed: int, comes: bool) -> None:
    hand = awaits().sample(speed)
    assert hand.sup.engaged is comes and hand.sup.armed is not comes
    assert hand.sup.motion_at == (hand.now if comes else None)
    assert hand.sup.commanded.current == (80 if comes else None)


@pytest.mark.parametrize(
    ("event", "undone"),
    [(StatusEvent.STARTED, False), (StatusEvent.SPEED_CHANGED, False), (StatusEvent.TIME_CHANGED, False),
     (StatusEvent.STOPPED, True), (StatusEvent.SAFETY_KEY, True)],
)  # fmt: skip
def test_pressing_start_is_what_is_waited_for_and_pressing_stop_withdraws_the_confirm(
    event: StatusEvent, undone: bool
) -> None:
    hand = awaits()
    assert hand.sup.status(hand.now, MachineStatus(event)) is undone and hand.sup.armed is not undone


def test_what_only_forbids_rises_lets_the_hand_press_and_what_ends_a_walk_does_not() -> None:
    hand = awaits()
    hand.sup.host(late=251)
    assert hand.look() == ["controller late"]
    assert hand.decide() == NOTHING and hand.sup.armed
    hand.sup.hurts()
    assert hand.look() == ["pain"]
    assert hand.decide() == NOTHING and not hand.sup.armed and hand.sup.start_refused == "pain"


def test_samples_that_are_lost_before_the_hand_was_seen_to_press_are_a_stop() -> None:
    hand = awaits()
    hand.now += 3001
    assert "samples lost" in hand.look()
    assert hand.sup.stopping and hand.sup.lost and hand.command() == STOP
    hand = Hand().armed()
    hand.now += 3001
    assert "samples lost" not in hand.look() and not hand.sup.stopping


# --- nothing obeys --------------------------------------------------------------------------------------------------


def test_the_target_is_what_was_commanded_or_where_nothing_obeys_what_was_told() -> None:
    hand = Hand().walking(200)
    hand.sup.wish(Speed(300), Incline(0))
    assert hand.sup.target == 200
    hand = awaits(GUIDED)
    hand.sup.wish(Speed(300), Incline(0))
    assert hand.sup.target is None
    hand.sample(150)
    assert hand.sup.target == 300 and hand.sup.commanded.current is None


def test_a_walker_at_the_console_may_have_any_speed_up_to_the_limit_also_in_the_hold() -> None:
    hand = guided()
    view = hand.view(hand.now)
    assert view.holding and view.allowed == view.start_allowed == LIMITS.forward.value + 30


def test_where_nothing_obeys_an_unplanned_stop_calls_at_once_and_no_stop_is_written() -> None:
    hand = guided()
    assert hand.sup.stop(hand.now, WHY) and hand.decide() == Decision(None, call_key=True)
    hand = guided()
    assert hand.sup.stop(hand.now, PLANNED) and hand.decide() == NOTHING


# --- an empty belt --------------------------------------------------------------------------------------------------


def test_only_an_empty_belt_is_started_on_a_machine_that_is_not_commissioned() -> None:
    hand = Hand(replace(REFERENCE, ramp=None)).still()
    for empty in (True, False):
        hand.sup.begin_session(LIMITS, empty=empty)
        assert (hand.sup.arm(hand.now, F, ME) is None) is empty
    hand.sup.begin_session(LIMITS, empty=True)
    hand.sup.begin_session(LIMITS)
    assert hand.sup.empty is False and hand.sup.arming_refusal(hand.now) is not None


@pytest.mark.parametrize(("empty", "step"), [(True, 200), (False, 100)])
def test_only_an_empty_belt_is_told_a_whole_rise(empty: bool, step: int) -> None:
    hand = Hand()
    hand.sup.begin_session(LIMITS, empty=empty)
    hand.held().sup.announce(hand.now, "speed", 200, 1)
    hand.sample(80).sup.heard(hand.now, 1)
    for _ in range(6):
        hand.sample(80)
    hand.sup.wish(Speed(200), Incline(0))
    assert hand.command() == Cleared(Op.SET_TARGET_SPEED, bytes((2, step, 0)), "rise")


def test_pause_is_tried_and_then_the_stop() -> None:
    hand = Hand().walking(200)
    hand.sup.stop(hand.now, StopWish("why", pause=True))
    written = [hand.decide()] + [hand.sample(200).decide() for _ in range(10)]
    assert written == [Decision(PAUSE)] * 3 + [NOTHING] * 7 + [Decision(STOP)]


# --- stops ----------------------------------------------------------------------------------------------------------


def test_a_planned_stop_that_somebody_wants_as_well_is_not_planned_any_more() -> None:
    hand = Hand().walking(200)
    hand.sup.stop(hand.now, PLANNED)
    hand.sup.stop(hand.now, WHY)
    assert hand.sup.path.ladder is not None and hand.sup.path.ladder.wish is WHY


def test_a_stop_wished_after_the_last_rung_begins_anew_unless_the_belt_is_measured_at_zero() -> None:
    hand = in_vain().sample(10)
    before = hand.sup.path.ladder
    assert hand.sup.stop(hand.now, ANOTHER) and hand.sup.path.ladder is before
    hand.sample(300)
    assert hand.sup.stop(hand.now, ANOTHER)
    again = hand.sup.path.ladder
    assert again is not None and again is not before and again.begun == hand.now
    assert again.times()[0] == hand.now + RUNG and hand.decide() == Decision(STOP, call_key=True)


@pytest.mark.parametrize(("speed", "falls"), [(200, True), (199, False)])
def test_a_fall_counts_from_the_speed_at_which_the_stop_was_wished(speed: int, falls: bool) -> None:
    hand = Hand().walking(speed)
    hand.sup.stop(hand.now, WHY)
    assert hand.sample(180).decide() == Decision(STOP)
    assert hand.sample(180).decide() == (NOTHING if falls else Decision(STOP))


def test_a_stop_that_failed_is_remembered_until_the_next_one() -> None:
    hand = in_vain()
    for _ in range(8):
        hand.sample(0).decide()
    assert not hand.sup.stopping and hand.sup.stop_failed is True
    assert hand.sample(80).sup.stop(hand.now, WHY) and hand.sup.stop_failed is False


def test_a_limit_that_would_have_been_broken_is_told() -> None:
    hand = Hand().walking(200)
    hand.sup.ramp.limits = replace(LIMITS, forward=Limit(100, "changed on the way"))
    hand.sup.wish(Speed(80), Incline(0))
    assert hand.command() is None and hand.sup.stopping
    assert hand.look() == ["limit broken"]


# --- what is seen and told ------------------------------------------------------------------------------------------


def test_samples_are_waited_for_since_the_link_came_up_and_since_the_host_woke() -> None:
    hand = Hand()
    hand.now = 1000
    assert hand.link().sup.belt.silence(1700) == 700
    hand.still().sup.slept(hand.now, 2000)
    assert hand.sup.belt.silence(hand.now + 700) == 700


def test_who_uses_the_console_of_a_belt_that_was_started_undoes_no_confirm() -> None:
    for hand, undone in ((Hand().armed(), True), (Hand().held(), False)):
        assert hand.sup.status(hand.now, MachineStatus(StatusEvent.SPEED_CHANGED)) is undone


def test_a_start_was_turned_down_until_the_next_one_is_waited_for() -> None:
    hand = Hand().started()
    assert hand.sup.turned_down is False
    hand.sup.outcome(hand.now, Outcome(START, Result.REJECTED, 4))
    assert hand.sup.turned_down is True
    hand.sup.not_started()
    assert hand.sup.turned_down is False


def test_a_lower_speed_that_was_ours_a_moment_ago_is_the_ceiling_if_the_belt_goes_down_to_it() -> None:
    for measured, ceiling in ((215, 210), (216, None)):
        hand = Hand().walking(200)
        for speed in (210, 220):
            hand.sup.commanded.write(hand.now, Speed(speed))
        hand.status(StatusEvent.SPEED_CHANGED, 210)
        for _ in range(3):
            hand.sample(measured)
        assert hand.sup.ramp.ceiling is None
        hand.sample(measured)  # the lag of 1.4 s and half a second are over
        assert hand.sup.ramp.ceiling == ceiling


def test_a_link_to_a_belt_that_already_runs_too_fast_is_looked_at_like_any_other() -> None:
    hand = Hand().link().sample(571)
    assert hand.look() == ["moved by itself"] and hand.command() == STOP


def test_a_belt_that_was_never_seen_to_fall_does_not_slow_and_a_voice_is_not_broken_from_the_first() -> None:
    hand = Hand().held()
    hand.sup.commanded.write(hand.now, Speed(200))
    for _ in range(16):
        hand.sample(80)
    view = hand.view(hand.now)
    assert view.off_target and not view.slowing and view.mute is False
