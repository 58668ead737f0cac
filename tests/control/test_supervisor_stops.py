"""How the Supervisor stops, to the millisecond and the octet: who begins it, its rungs, its end, and when to look."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.control.hand import LIMITS, ME, Hand
from tests.control.rig import REFERENCE, B, F
from treadctl.control.control_point import Cleared, Decision
from treadctl.control.ladder import StopWish
from treadctl.control.supervisor import Supervisor
from treadctl.ftms.codec import StatusEvent
from treadctl.ftms.control_point import Op
from treadctl.model.units import Incline, Speed

START = Cleared(Op.START_OR_RESUME, b"\x07", "confirmed")
STOP = Cleared(Op.STOP_OR_PAUSE, b"\x08\x01", "stop", urgent=True)
NOTHING = Decision()
WHY = StopWish("why")


# --- stopping -------------------------------------------------------------------------------------------------------


def test_a_stop_disarms_and_forgets_what_was_wished() -> None:
    hand = Hand().walking(200)
    assert hand.sup.stop(hand.now, WHY)
    assert hand.sup.path.ladder is not None and hand.sup.path.ladder.wish is WHY
    assert hand.sup.ramp.target() is None
    assert hand.sup.stop(hand.now, StopWish("another")) and hand.sup.path.ladder.wish is WHY
    armed = Hand().armed()
    assert not armed.sup.stop(armed.now, WHY) and armed.sup.armed is False


def test_a_stop_is_written_also_while_a_procedure_is_outstanding() -> None:
    hand = Hand().walking(200)
    hand.sup.stop(hand.now, WHY)
    assert hand.decide(busy=True) == Decision(STOP)


def test_a_belt_that_came_to_rest_by_itself_gets_no_stop() -> None:
    hand = Hand().moving(11)
    for _ in range(40):
        hand.sample(0)
    assert hand.sup.stop(hand.now, WHY) and hand.decide() == NOTHING


def test_the_rungs_of_a_stop_in_their_order() -> None:
    hand = Hand(replace(REFERENCE, pause_proven=True)).walking(300)
    hand.sup.stop(hand.now, WHY)
    written = []
    for _ in range(80):
        hand.sample(300)
        decision = hand.decide()
        if decision.cleared is not None:
            written.append(decision.cleared)
    assert written == [
        STOP, STOP, STOP,
        Cleared(Op.SET_TARGET_SPEED, b"\x02\x50\x00", "stop failed: lowest speed", urgent=True),
        Cleared(Op.STOP_OR_PAUSE, b"\x08\x02", "stop failed: pause", urgent=True),
        Cleared(Op.RESET, b"\x01", "stop failed: reset", urgent=True),
    ]


def test_the_lowest_speed_needs_a_range() -> None:
    hand = Hand().walking(300)
    hand.sup.stop(hand.now, WHY)
    hand.sup.ramp.reach = None
    written = [hand.sample(300).decide().cleared for _ in range(60)]
    assert [cleared.op for cleared in written if cleared is not None] == [Op.STOP_OR_PAUSE] * 3 + [Op.RESET]


def test_a_stop_knows_how_fast_the_belt_was_when_it_began() -> None:
    """A fall from there shows that the stop works, so it is not repeated when the fall pauses."""
    hand = Hand().walking(300)
    hand.sup.stop(hand.now, WHY)
    assert hand.decide() == Decision(STOP)
    hand.sample(280, 100).decide()
    assert hand.sample(280, 500).decide() == NOTHING


def test_a_stop_does_not_trust_an_old_speed() -> None:
    hand = Hand().walking(300)
    hand.now += 1501
    hand.sup.stop(hand.now, WHY)
    assert hand.decide() == Decision(STOP)
    hand.sample(280, 100).decide()
    assert hand.sample(280, 500).decide() == Decision(STOP)


def at_rest(wish: StopWish) -> Hand:
    """A stop that came to its end. What it was for decides whether the facing is still known."""
    hand = Hand().held()
    hand.sup.stop(hand.now, wish)
    hand.decide()
    for _ in range(10):
        hand.sample(0).decide()
    return hand


@pytest.mark.parametrize("planned", [True, False])
def test_a_measured_standstill_ends_a_stop(planned: bool) -> None:
    it = at_rest(StopWish("why", planned)).sup
    assert (it.stopping, it.engaged, it.lost, it.motion_at, it.may_move) == (False, False, False, None, False)
    assert it.commanded.current is None and it.ramp.target() is None
    assert it.facing is (F if planned else None)
    assert not it.start_overdue(10_000_000)


def test_a_belt_that_was_just_measured_still_is_at_rest_in_that_very_step() -> None:
    hand = Hand().held()
    hand.sup.stop(hand.now, WHY)
    while hand.sup.stopping:
        assert hand.sup.may_move
        hand.sample(0).decide()
    assert not hand.sup.may_move


def test_the_start_after_a_stop_is_a_new_one() -> None:
    hand = at_rest(StopWish("why", True))
    assert hand.sup.arm(hand.now, B, ME) is None
    hand.decide()
    hand.sup.start()
    assert hand.decide() == Decision(START) and hand.sup.motion_at is None


# --- faults that stop -----------------------------------------------------------------------------------------------


def test_a_fault_that_stops_begins_the_ladder_with_its_name() -> None:
    hand = Hand().held()
    hand.status(StatusEvent.STOPPED)
    assert hand.look() == ["stopped at the console"]
    assert hand.sup.path.ladder is not None and hand.sup.path.ladder.wish == StopWish("stopped at the console")
    assert hand.look() == []


def test_a_fault_that_only_holds_begins_none() -> None:
    hand = Hand().held()
    hand.sup.host(late=251)
    assert hand.look() == ["controller late"] and not hand.sup.stopping
    assert hand.look() == [] and hand.sup.watch.reasons() == ()


def test_pain_is_told_once() -> None:
    hand = Hand().held()
    hand.sup.hurts()
    assert hand.look() == ["pain"] and hand.look() == [] and hand.sup.watch.reasons() == ()


def test_a_host_that_slept_stops_once() -> None:
    hand = Hand().held()
    hand.sup.slept(hand.now, 501)
    assert "host slept" in hand.look() and hand.sup.stopping and hand.sup.lookout.flags.slept == 0


def test_samples_that_are_lost_lose_the_belt() -> None:
    hand = Hand().held()
    hand.now += 3001
    hand.beat()
    assert "samples lost" in hand.look() and hand.sup.lost and hand.sup.stopping
    decided = hand.decide()
    assert decided.cleared == STOP and not decided.relink
    hand.now += 1000
    assert hand.decide().relink


def test_a_link_that_is_lost_is_made_anew_at_once() -> None:
    hand = Hand().held()
    hand.sup.link_down()
    assert hand.look() == ["link lost"] and hand.sup.stopping
    assert hand.decide() == Decision(None, call_key=False, relink=True)


def test_the_first_look_at_a_new_link_is_not_a_stop_of_its_own() -> None:
    hand = Hand().held()
    hand.sup.link_down()
    hand.look()
    hand.link()
    hand.status(StatusEvent.SAFETY_KEY)
    assert hand.look() == ["safety key"] and not hand.sup.stopping


def test_a_stop_on_a_new_link_has_the_time_that_this_machine_needs() -> None:
    hand = Hand().held()
    hand.sup.link_down()
    hand.look()
    hand.link().sample(80)
    assert hand.command() == Cleared(Op.REQUEST_CONTROL, b"\x00", "to stop", urgent=True)
    assert hand.sup.path.times()[1] == hand.now + 4900  # 3900 + 500 + 500


def test_a_belt_that_was_slowed_at_the_console_is_adopted() -> None:
    hand = Hand().walking(300).sample(200)
    assert hand.look() == ["slows by itself"] and hand.sup.ramp.ceiling is None
    for _ in range(7):
        hand.sample(200).look()
    assert hand.sup.ramp.ceiling == 200 and hand.sup.commanded.current == 200


# --- time -----------------------------------------------------------------------------------------------------------


def test_the_next_moment_of_a_belt_at_rest_is_when_its_silence_counts() -> None:
    hand = Hand().still()
    assert hand.sup.deadline(hand.now) == hand.now + 3001
    assert hand.sup.deadline(hand.now + 3001) is None
    assert Supervisor(LIMITS).deadline(0) is None


def test_the_next_moment_of_a_start_is_attendance_then_patience() -> None:
    hand = Hand().started()
    assert hand.sup.deadline(hand.now) == hand.now + 2001
    assert hand.sup.deadline(hand.now + 2001) == hand.now + 3001
    assert hand.sup.deadline(hand.now + 3001) == hand.now + 15_000
    assert hand.sup.deadline(hand.now + 15_000) is None


def test_the_end_of_the_hold_is_a_moment() -> None:
    hand = Hand().moving()
    assert hand.sup.deadline(hand.now + 3001) == hand.now + 10_000
    hand.sup.engaged = False
    assert hand.sup.deadline(hand.now + 3001) is None


def test_the_next_step_the_heart_and_the_ladder_have_their_moments() -> None:
    hand = Hand().walking(300)
    hand.sup.heart.machine(hand.now, 100)
    assert hand.sup.deadline(hand.now + 3001) == hand.now + 5001
    hand.sup.wish(Speed(80), Incline(0))
    hand.sup.commanded.write(hand.now, Speed(300))
    assert hand.sup.deadline(hand.now) == hand.now + 400
    hand.sup.stop(hand.now, WHY)
    hand.decide()
    assert hand.sup.deadline(hand.now) == hand.now + 500


def test_a_fault_that_has_to_hold_for_a_while_has_its_moment() -> None:
    hand = Hand().held()
    hand.beat(keyboard=False)
    hand.sup.ramp.facing = B
    hand.look()
    hand.now += 2500
    hand.sup.attendance.beat(hand.now, ME, False)
    assert hand.sup.deadline(hand.now) == hand.now + 500
