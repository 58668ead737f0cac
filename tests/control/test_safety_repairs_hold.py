"""Repairs that no other test of control noticed when they were taken back, one test each."""

from dataclasses import replace

from tests.control.hand import Hand
from tests.control.rig import PRACTISED, REFERENCE, RESET, STOP, F, Rig, backward
from treadctl.control import events as ev
from treadctl.control import prompts
from treadctl.control.belt import BeltPicture, Sample
from treadctl.control.control_point import Cleared, ControlPoint
from treadctl.control.ladder import Due, StopWish
from treadctl.control.session import Session
from treadctl.control.stopping import StopPath
from treadctl.ftms.control_point import Op
from treadctl.model import api
from treadctl.model.api import Belt, Phase
from treadctl.model.limits import Limit
from treadctl.model.person import Level, any_walker
from treadctl.model.program import DeadMill, Program, Walk
from treadctl.model.units import Ms, Speed

LONG = Program("long", (Walk(F, 200, Speed(200)),))
MILL = Program("mill", (DeadMill(F, 60),))
WHY = StopWish("why")
DEAF: set[int] = {Op.STOP_OR_PAUSE, Op.SET_TARGET_SPEED, Op.RESET}


def picture(*samples: tuple[Ms, int, int], explained: bool = True) -> BeltPicture:
    """Of (time, speed, metres)."""
    it = BeltPicture()
    it.explained = explained
    for at, speed, metres in samples:
        it.observe(Sample(at, Speed(speed), metres))
    return it


# --- the belt's picture ---------------------------------------------------------------------------------------------


def test_a_metre_at_a_speed_of_zero_that_nobody_asked_for_keeps_the_standstill_in_doubt_for_ten_seconds() -> None:
    def seconds(count: int) -> BeltPicture:
        return picture(*((at * 1000, 0, 0 if at < 2 else 1) for at in range(count)), explained=False)

    assert seconds(12).state(11_000) is Belt.UNKNOWN and seconds(15).state(14_000) is Belt.STILL


def test_a_belt_that_creeps_a_metre_in_36_seconds_is_no_false_zero_and_one_at_half_a_kilometre_is() -> None:
    assert not picture(*((at * 36_000, 10, at) for at in range(6))).false_zero
    assert picture((0, 0, 0), (7000, 0, 1), (14_000, 0, 2)).false_zero


def test_a_false_zero_of_a_belt_that_nobody_started_is_stopped() -> None:
    rig = Rig().link().still()
    rig.feed(ev.Attended("me"))
    for metres in range(1, 4):
        rig.metres = metres
        rig.run(2000)
    assert rig.count(STOP) >= 1 and rig.heard("Speed not told. Stopping.")


def test_a_belt_left_alone_at_zero_is_stopped_when_its_distance_grows() -> None:
    path = StopPath()
    path.begin(0, WHY, Speed(0), REFERENCE, writes=False)
    assert path.due(100, picture((0, 0, 0)), REFERENCE, True) == []
    assert path.due(9000, picture((0, 0, 0), (4000, 0, 1), (8500, 0, 2)), REFERENCE, True) == [Due.STOP]


def test_the_first_sample_after_a_gap_allows_no_rise() -> None:
    hand = Hand().held()
    assert hand.sup._rise_refusal(hand.now) is None
    hand.sample(80, 2000)
    assert hand.sup._rise_refusal(hand.now) == "the last sample is too old"
    hand.sample(80, 250)
    assert hand.sup._rise_refusal(hand.now) is None


# --- links ----------------------------------------------------------------------------------------------------------


def test_a_link_that_comes_up_in_the_middle_of_a_stop_is_looked_at_first() -> None:
    path = StopPath()
    path.begin(0, WHY, Speed(200), REFERENCE, writes=True)
    path.link_up(100)
    assert path.looking and path.lost and not path.climbing


def test_a_new_link_that_is_silent_too_is_given_up() -> None:
    rig = backward()
    rig.sampling = False
    rig.unlink()
    rig.link()
    made = len(rig.of(ev.Reconnect))
    rig.run(6000)
    assert len(rig.of(ev.Reconnect)) == made + 1


def test_a_new_link_forgets_which_writes_were_stops() -> None:
    point = ControlPoint()
    write, _ = point.send(0, Cleared(Op.STOP_OR_PAUSE, STOP, urgent=True))
    assert point.hung(write.id, None)
    point.reset()
    assert not point.hung(write.id, None)


# --- the call for the key -------------------------------------------------------------------------------------------


def acknowledged() -> Rig:
    """A belt that takes no rung; the call for the key was acknowledged and is silent."""
    rig = Rig(person=PRACTISED).walking(LONG)
    rig.until(lambda: rig.speed == 200)
    rig.deaf_to = DEAF
    rig.press()
    rig.until(lambda: rig.shot.alarm == prompts.PULL_KEY)
    rig.ask(api.Acknowledge())
    calls = len(rig.heard("Pull the key."))
    rig.run(5000)
    assert len(rig.heard("Pull the key.")) == calls and rig.count(RESET) == 1
    return rig


def test_a_belt_that_then_runs_above_the_limit_calls_for_the_key_again() -> None:
    rig = acknowledged()
    calls = len(rig.heard("Pull the key."))
    rig.speed = rig.target = 650
    rig.run(5000)
    assert len(rig.heard("Pull the key.")) > calls


def test_a_stop_that_then_hangs_calls_for_the_key_again() -> None:
    rig = acknowledged()
    calls = len(rig.heard("Pull the key."))
    stop = next(e for e in reversed(rig.of(ev.Write)) if isinstance(e, ev.Write) and e.urgency is ev.Urgency.STOP)
    rig.feed(ev.WriteFailed(stop.id, "not taken"))
    rig.run(5000)
    assert len(rig.heard("Pull the key.")) > calls


# --- the session ----------------------------------------------------------------------------------------------------


def test_a_fault_that_said_it_stops_is_not_followed_by_the_same_words_again() -> None:
    rig = backward()
    rig.keyboard = False
    rig.run(5000)
    assert rig.heard("Keys go elsewhere. Stopping.") and not rig.heard("Stopping. Hold both rails.")


def test_a_limit_that_would_have_been_broken_is_told_and_asked_about() -> None:
    rig = Rig(person=PRACTISED).walking(Program("fast", (Walk(F, 200, Speed(300)),)))
    rig.until(lambda: rig.speed == 300)
    ramp = rig.core._sup.ramp
    ramp.limits = replace(ramp.limits, forward=Limit(100, "it changed on the way"))
    rig.phase(Phase.HALTED)
    assert rig.heard("A limit was in the way. Stopping.") and rig.shot.question is not None


def test_a_belt_that_moved_by_itself_twice_is_not_walked_on() -> None:
    rig = Rig().asked(LONG)
    for phase in (Phase.HALTED, Phase.DONE):
        rig.speed = rig.target = 80
        rig.run(600)
        rig.target = 0
        rig.phase(phase)
        if phase is Phase.HALTED:
            rig.ask(api.Answer("facing", "c"))
            rig.ask(api.Answer("halted", "c"))


def test_a_stop_while_the_treadmill_is_to_be_switched_off_asks_what_now() -> None:
    rig = Rig(person=any_walker(Level.L0)).begin(MILL)
    rig.phase(Phase.PUSHING)
    rig.feed(ev.Suspended(1000))
    rig.press()
    rig.phase(Phase.HALTED)
    rig.run(300)
    assert rig.shot.question is not None and rig.shot.question.id == "facing"


def test_a_machine_switched_on_after_the_dead_mill_ended_changes_nothing_about_it() -> None:
    rig = Rig(person=any_walker(Level.L0)).begin(MILL)
    rig.phase(Phase.PUSHING)
    session = rig.core._session
    assert isinstance(session, Session)
    session._mill, session._mill_off = None, True
    session.end(rig.now)
    rig.unlink()
    before = session.reason
    rig.link().run(500)
    assert session.reason == before and not rig.heard("The machine is on.")
