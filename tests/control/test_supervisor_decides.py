"""What the Supervisor lets pass, to the millisecond and the octet: arming, the one Start, and every step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.control.hand import LIMITS, LINK, ME, Hand
from tests.control.rig import REFERENCE, B, F
from treadctl.control.belt import Sample
from treadctl.control.control_point import Cleared, Decision, Outcome, Result
from treadctl.control.faults import View
from treadctl.control.ladder import StopWish
from treadctl.control.start import OneStart
from treadctl.control.supervisor import Supervisor
from treadctl.ftms.control_point import Op
from treadctl.model.api import Belt
from treadctl.model.limits import Limit
from treadctl.model.machine import InclineRange, Record, SpeedRange
from treadctl.model.program import Facing
from treadctl.model.units import Incline, Speed

CONTROL = Cleared(Op.REQUEST_CONTROL, b"\x00", "confirmed")
START = Cleared(Op.START_OR_RESUME, b"\x07", "confirmed")
STOP = Cleared(Op.STOP_OR_PAUSE, b"\x08\x01", "stop", urgent=True)
LEVEL = Cleared(Op.SET_TARGET_INCLINATION, b"\x03\x00\x00", "level before the start")
NOTHING = Decision()
WHY = StopWish("why")


def speed(hundredths: int, why: str) -> Cleared:
    return Cleared(Op.SET_TARGET_SPEED, b"\x02" + hundredths.to_bytes(2, "little"), why)


def test_at_first_nothing_is_known_armed_or_wished() -> None:
    it = OneStart()
    assert (it.by, it.armed, it.refused, it.wished, it.takes_control()) == ("", False, "", False, False)
    assert (it.written_at, it.deadline(), it.overdue(1_000_000)) == (None, None, False)
    assert Hand().view(0) == View()


# --- arming ---------------------------------------------------------------------------------------------------------


def test_why_nothing_is_armed_word_for_word() -> None:
    it = Supervisor(LIMITS)
    assert it.arming_refusal(0) == "there is no link to the machine; connect first"
    it.link_up(0, LINK, None)
    assert it.arming_refusal(0) == "this machine is not commissioned; commission it first"
    it.link_up(0, LINK, Record())
    assert it.arming_refusal(0) == "this machine is not commissioned; commission it first"
    it.link_up(0, LINK, REFERENCE)
    assert it.arming_refusal(0) == "the belt is not measured still; wait until it is"


def test_a_still_belt_has_to_be_seen_lately_and_a_seen_one_has_to_be_still() -> None:
    hand = Hand().still()
    assert hand.sup.arm(hand.now + 1500, F, ME) is None
    hand.sup.disarm()
    assert hand.sup.arm(hand.now + 1501, F, ME) == "the belt is not measured still; wait until it is"
    assert Hand().link().sample(0).sup.arm(500, F, ME) == "the belt is not measured still; wait until it is"


def test_who_confirms_attends_and_is_reached_by_keys() -> None:
    hand = Hand().still()
    assert hand.sup.arm(hand.now, F, "nobody") == "the screen that confirms does not attend"
    for now in range(4500, 6001, 500):
        hand.sup.observe(now, Sample(now, Speed(0)))
    assert hand.sup.arm(6000, F, ME) is None
    assert hand.sup.arm(6001, F, ME) == "the screen that confirms does not attend"
    hand.now = 6000
    hand.beat(keyboard=False)
    assert hand.sup.arm(6000, F, ME) == "keys do not reach the screen that confirms"


def test_nothing_is_armed_during_a_stop_or_a_loss() -> None:
    hand = Hand().still()
    hand.sup.path.begin(hand.now, WHY, Speed(0), REFERENCE, writes=False)
    assert hand.sup.arm(hand.now, F, ME) == "a stop is under way"
    hand = Hand().still()
    hand.sup.path.lost = True
    assert hand.sup.arm(hand.now, F, ME) == "a stop is under way"


def test_every_fault_that_holds_is_named_and_a_warning_arms() -> None:
    hand = Hand().still()
    hand.sup.host(late=251)
    hand.look()
    assert hand.sup.arm(hand.now, F, ME) == "controller late"
    hand = Hand().still()
    hand.sup.host(late=251, overflow=True)
    hand.look()
    assert hand.sup.arm(hand.now, F, ME) == "controller late, inbox full"
    hand = Hand().still()
    hand.sup.engaged, hand.sup._start.by = True, ME  # a heart rate that was lost is only a warning
    hand.sup.heart.machine(hand.now - 6000, 100)
    assert hand.look() == ["heart rate lost"]
    assert hand.sup.arm(hand.now, F, ME) is None


def test_arming_remembers_who_and_where_to_and_forgets_the_last_refusal() -> None:
    hand = Hand().started()
    hand.sup.outcome(hand.now, Outcome(START, Result.REJECTED, 4))
    assert hand.sup.start_refused != "" and hand.sup.facing is F
    assert hand.sample(0).sup.arm(hand.now, B, ME) is None
    assert (hand.sup.facing, hand.sup.armed, hand.sup.start_refused) == (B, True, "")
    hand.sup.disarm()
    assert not hand.sup.armed and hand.decide() == NOTHING


def test_a_refused_arming_changes_no_facing() -> None:
    hand = Hand().link()
    assert hand.sup.arm(0, F, ME) is not None
    assert hand.sup.facing is None and not hand.sup.armed


@pytest.mark.parametrize(
    ("told", "set_to", "level"), [(None, 0, True), (None, 5, False), (0, 5, True), (5, 0, False), (-5, 0, False)]
)
def test_the_deck_is_level_as_measured_or_else_as_set(told: int | None, set_to: int, level: bool) -> None:
    hand = Hand().link().sample(0, incline=told)
    hand.sup.ramp.incline = Incline(set_to)
    assert hand.sup.level() is level
    hand.sup.ramp.slope = None
    assert hand.sup.level()


# --- the one start --------------------------------------------------------------------------------------------------


def test_control_is_requested_once_and_start_written_once() -> None:
    hand = Hand().armed()
    assert hand.decide(busy=True) == NOTHING
    assert [hand.decide() for _ in range(2)] == [Decision(CONTROL), NOTHING]
    hand.sup.start()
    assert hand.decide(busy=True) == NOTHING
    assert hand.decide() == Decision(START)
    it = hand.sup
    assert it.engaged and not it.armed and it.motion_at is None and it.start_refused == ""
    assert it.commanded.in_force(hand.now) == (80, 80) and not it.commanded.written
    hand.sup.start()
    assert hand.decide() == NOTHING


def test_a_start_that_nobody_armed_is_none() -> None:
    hand = Hand().still()
    hand.sup.start()
    assert hand.decide() == NOTHING and not hand.sup.engaged


def test_a_start_is_judged_again_in_its_own_step() -> None:
    hand = Hand().armed()
    hand.decide()
    hand.sup.start()
    hand.now += 1501
    assert hand.decide() == NOTHING
    assert hand.sup.start_refused == "the belt is not measured still; wait until it is"
    assert not hand.sup.armed and not hand.sup.engaged


def test_a_start_forgets_the_hill_before_it() -> None:
    hand = Hand().armed()
    hand.sup.outcome(0, Outcome(Cleared(Op.SET_TARGET_INCLINATION, b""), Result.UNKNOWN))
    hand.decide()
    hand.sup.start()
    assert hand.decide() == Decision(START)
    assert hand.sup.ramp.incline == 0 and not hand.view(hand.now).unknown_result


def test_the_deck_is_levelled_first_at_most_every_five_seconds() -> None:
    hand = Hand().still().sample(0, incline=20)
    for _ in range(8):
        hand.sample(0, incline=20)
    assert hand.sup.arm(hand.now, F, ME) is None
    hand.decide()
    hand.sup.start()
    assert hand.decide() == Decision(LEVEL)
    wrote = hand.now
    assert hand.sup.ramp.incline_at == wrote
    assert hand.sup.decide(wrote + 4999, False) == NOTHING
    assert hand.sup.decide(wrote + 5000, False) == Decision(LEVEL)
    assert hand.sup.armed and not hand.sup.engaged


@pytest.mark.parametrize("patience", [(14_999, False), (15_000, True)])
def test_a_start_is_overdue_after_fifteen_seconds(patience: tuple[int, bool]) -> None:
    hand = Hand().started()
    begun = hand.now
    while hand.now < begun + 14_500:
        hand.sample(0)
    assert hand.sup.start_overdue(begun + patience[0]) is patience[1]


def test_a_start_is_not_overdue_while_the_distance_grows() -> None:
    hand = Hand().started()
    for second in range(16):
        hand.sample(0, 1000, metres=second // 5)
    assert not hand.sup.start_overdue(hand.now)


def test_a_belt_that_did_not_start_is_left_alone() -> None:
    hand = Hand().started()
    hand.sup.not_started()
    it = hand.sup
    assert (it.engaged, it.start_overdue(hand.now + 60_000), it.commanded.current) == (False, False, None)
    assert not it.may_move and hand.decide() == NOTHING


# --- what is so -----------------------------------------------------------------------------------------------------


def test_a_machine_that_counts_for_a_while_counts_itself() -> None:
    assert Hand().link().sup.machine_counts
    assert Hand(replace(REFERENCE, counts_itself=1)).link().sup.machine_counts
    assert not Hand(replace(REFERENCE, counts_itself=0)).link().sup.machine_counts
    assert Hand(replace(REFERENCE, speed=None)).link().sup.minimum is None


@pytest.mark.parametrize(("facing", "ms"), [(F, 10_000), (B, 15_000)])
def test_the_belt_is_held_so_long_after_its_first_motion(facing: Facing, ms: int) -> None:
    hand = Hand().started(facing)
    assert hand.sup.holding(hand.now + 60_000)
    hand.sample(80)
    assert hand.sup.holding(hand.now + ms - 1) and not hand.sup.holding(hand.now + ms)
    hand.sup.engaged = False
    assert not hand.sup.holding(hand.now)


def test_walking_time_runs_while_the_belt_is_seen_moving_for_us() -> None:
    hand = Hand().held()
    assert hand.sup.running(hand.now) and not hand.sup.running(hand.now + 3001)
    hand.sup.ramp.raised = Speed(300)
    assert not hand.sup.running(hand.now) and hand.sup.held
    hand.sup.ramp.raised = None
    assert hand.sup.stop(hand.now, WHY) and not hand.sup.running(hand.now)
    assert not Hand().still().sample(80).sup.running(4500)
    hand = Hand().still()
    hand.sup.ramp.raised = Speed(300)
    assert not hand.sup.held


@pytest.mark.parametrize(("measured", "there"), [(90, True), (91, False)])
def test_the_minimum_is_reached_within_a_tenth(measured: int, there: bool) -> None:
    hand = Hand().held().sample(measured)
    hand.sup.commanded.write(hand.now, Speed(80))
    assert hand.sup.at_minimum(hand.now) is there
    assert hand.sup.at_minimum(hand.now + 3400) is there
    assert hand.sup.at_minimum(hand.now + 3401)


def test_what_may_move() -> None:
    assert not Hand().sup.may_move
    assert Hand().link().sup.may_move
    assert not Hand().still().sup.may_move
    assert Hand().started().sup.may_move
    hand = Hand().still()
    hand.sup.path.lost = True
    assert hand.sup.may_move


def test_a_belt_that_waits_for_its_motion_is_not_called_still() -> None:
    hand = Hand().still()
    assert hand.sup.state(hand.now) is Belt.STILL
    hand = Hand().started()
    assert hand.sup.state(hand.now) is Belt.UNKNOWN
    assert hand.sample(80).sup.state(hand.now) is Belt.MOVING
    assert hand.sup.state(hand.now + 3001) is Belt.UNKNOWN


# --- steps ----------------------------------------------------------------------------------------------------------


def test_nothing_is_stepped_before_the_belt_moves_and_then_the_minimum_first() -> None:
    hand = Hand().started()
    hand.sup.wish(Speed(200), Incline(0))
    assert hand.decide() == NOTHING
    hand.sample(80)
    assert hand.decide() == Decision(speed(80, "hold at the minimum"))
    assert hand.sup.commanded.current == 80 and hand.sup.commanded.at == hand.now


def announced(target: int = 200) -> Hand:
    """Past the hold, with a rise that was announced and heard."""
    hand = Hand().held()
    hand.sup.wish(Speed(target), Incline(0))
    assert hand.sup.needs_announcement(hand.now) == ("speed", target)
    hand.sup.announce(hand.now, "speed", target, 7)
    assert hand.sup.needs_announcement(hand.now) is None
    hand.sup.heard(hand.now, 7)
    for _ in range(6):
        hand.sample(80)
    return hand


def test_a_rise_that_was_heard_is_written_in_its_step() -> None:
    assert announced().decide() == Decision(speed(100, "rise"))


def test_a_rise_that_was_not_heard_is_not_written() -> None:
    hand = Hand().held()
    hand.sup.wish(Speed(200), Incline(0))
    hand.sup.announce(hand.now, "speed", 200, 7)
    hand.sup.heard(hand.now, 8)
    for _ in range(6):
        hand.sample(80)
    assert hand.decide() == NOTHING


def test_what_forbids_a_rise_word_for_word() -> None:
    hand = announced()
    assert hand.sup._rise_refusal(hand.now) is None
    hand.now += 1501
    assert hand.decide() == NOTHING and hand.sup.ramp.refused == "the last sample is too old"
    assert hand.sample(80).sup._rise_refusal(hand.now) == hand.sup._rise_refusal(hand.now + 199) != ""
    assert hand.sup._rise_refusal(hand.now + 200) is None  # the first sample after a gap may have waited somewhere
    hand.sample(80)
    hand.sup.commanded.unknown = True
    assert hand.decide() == NOTHING and hand.sup.ramp.refused == "the last command was not answered"
    hand.sup.commanded.unknown = False
    hand.sup.outcome(hand.now, Outcome(Cleared(Op.SET_TARGET_INCLINATION, b""), Result.UNKNOWN))
    assert hand.decide() == NOTHING and hand.sup.ramp.refused == "the last command was not answered"
    hand.sup.outcome(hand.now, Outcome(Cleared(Op.SET_TARGET_INCLINATION, b""), Result.ACCEPTED))
    hand.beat(keyboard=False)
    hand.sup.host(late=251)
    hand.look()
    assert hand.decide() == NOTHING and hand.sup.ramp.refused == "keys go elsewhere, controller late"
    assert hand.sup.needs_announcement(hand.now) is None


def test_a_rise_in_the_hold_is_refused_for_it() -> None:
    hand = Hand().moving()
    hand.sup.wish(Speed(80), Incline(0))
    hand.decide()
    hand.sample(80).sample(80).sample(80)
    hand.sup.wish(Speed(200), Incline(0))
    assert hand.decide() == NOTHING and hand.sup.ramp.refused == "the belt has just started"


def test_no_rise_is_announced_while_the_belt_is_stopped() -> None:
    hand = announced()
    hand.sup.stop(hand.now, WHY)
    hand.sup.wish(Speed(300), Incline(0))
    assert hand.sup.needs_announcement(hand.now) is None


def test_a_fall_is_written_and_snapped_down() -> None:
    hand = Hand().walking(200)
    hand.sup.wish(Speed(80), Incline(0))
    assert hand.decide() == Decision(speed(180, "fall"))


def test_an_incline_is_written_with_its_reason() -> None:
    hand = Hand().walking(200)
    hand.sup.ramp.incline = Incline(20)
    assert hand.decide() == Decision(Cleared(Op.SET_TARGET_INCLINATION, b"\x03\x0f\x00", "less incline"))
    assert hand.sup.ramp.incline == 15 and hand.sup.ramp.incline_at == hand.now


@pytest.mark.parametrize(("limit", "written"), [(180, True), (179, False), (80, False), (0, False)])
def test_a_step_above_the_limit_stops_the_belt(limit: int, written: bool) -> None:
    hand = Hand().walking(200)
    hand.sup.ramp.limits = replace(LIMITS, forward=Limit(limit, "changed on the way"))
    hand.sup.wish(Speed(80), Incline(0))
    assert (hand.decide() == Decision(speed(180, "fall"))) is written
    assert hand.sup.stopping is not written
    if not written:
        assert hand.sup.path.ladder is not None
        assert hand.sup.path.ladder.wish == StopWish("a limit would have been broken")


def test_the_minimum_is_written_whatever_the_limit() -> None:
    hand = Hand().moving()
    hand.sup.ramp.limits = replace(LIMITS, forward=Limit(0, "nothing is allowed"))
    hand.sup.wish(Speed(80), Incline(0))
    assert hand.decide() == Decision(speed(80, "hold at the minimum"))


def test_nothing_is_written_without_a_link_or_after_a_loss() -> None:
    for change in ("lost", "unlinked", "busy"):
        hand = Hand().walking(200)
        hand.sup.wish(Speed(80), Incline(0))
        hand.sup.path.lost = change == "lost"
        hand.sup.info = None if change == "unlinked" else LINK
        assert hand.decide(busy=change == "busy") == NOTHING


def test_a_coarse_range_is_snapped_down_to() -> None:
    coarse = replace(REFERENCE, speed=SpeedRange(Speed(80), Speed(1600), Speed(50)), incline=None)
    hand = Hand(coarse).walking(230)
    hand.sup.wish(Speed(80), Incline(0))
    assert hand.decide() == Decision(speed(180, "fall"))
    hand = Hand(coarse).walking(220)
    hand.sup.wish(Speed(80), Incline(0))
    assert hand.decide() == Decision(speed(180, "fall"))


def test_a_slope_that_begins_below_zero_is_levelled_to_zero() -> None:
    down = replace(REFERENCE, incline=InclineRange(Incline(-30), Incline(120), 5))
    hand = Hand(down).still().sample(0, incline=-10)
    for _ in range(8):
        hand.sample(0, incline=-10)
    assert hand.sup.arm(hand.now, F, ME) is None
    hand.decide()
    assert hand.decide() == Decision(LEVEL)
