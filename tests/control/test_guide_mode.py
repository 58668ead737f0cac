"""Guide mode: nothing on this machine obeys. treadctl tells, a hand at the console does, and not one write goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from treadsim.invariants import violations
from treadsim.world import Scene, World

from tests.control.bench import KNOWN, Bench
from tests.control.hand import Hand
from tests.control.rig import F
from treadctl.control import cueing
from treadctl.control import events as ev
from treadctl.control.ladder import StopWish
from treadctl.control.prompts import LEVEL_BY_HAND, LINK_LOST, PRESS_START, PRESS_STOP, STOP_AT_CONSOLE
from treadctl.control.stopping import StopPath
from treadctl.files.quirks import load_quirk
from treadctl.model import api
from treadctl.model.machine import SpeedRange
from treadctl.model.program import Facing, Program, Rest, Walk
from treadctl.model.units import Incline, Ms, Speed

GUIDED = replace(
    KNOWN, control=False, remote_start=False, stop_works=False, start_speed=None, lag=None, stop_lag=None, incline=None,
)
WALK = Program("walk", (Walk(F, 90, Speed(200)),))
TWO = Program("two", (Walk(F, 60, Speed(200)), Walk(F, 60, Speed(150)), Rest(20), Walk(F, 40, Speed(200))))
BACK = Program("back", (Walk(F, 60, Speed(150)), Walk(Facing.BACKWARD, 40, Speed(100))))


class Guide(Bench):
    """The machine does what its console says, and nothing else."""

    def __init__(self, program: Program = WALK) -> None:
        super().__init__(record=GUIDED)
        self.obeys, self.program = False, program

    def loaded(self) -> Guide:
        if not self.linked:
            self.link()
        self.until(lambda: self.shot.belt is api.Belt.STILL)
        reply = self.ask(api.Load(self.program))
        assert reply.accepted, reply.reason
        return self

    def walks(self) -> Guide:
        """Past the hold, at the speed that was told."""
        self.loaded().phase(api.Phase.WALKING).until(lambda: self.shot.reached)
        return self


# --- a whole walk ----------------------------------------------------------------------------------------------------


def test_a_whole_forward_walk_with_a_rest_is_walked_without_a_single_write() -> None:
    scene = Scene(TWO, quirk=load_quirk("control-locked"))
    world = World(scene)
    world.run()
    summary = world.snapshot.summary
    assert summary is not None and summary.finished and summary.forward >= 150_000 and summary.forward_m > 40
    assert world.trace.writes == [] and world.machine.belt.speed == 0
    assert [str(found) for found in violations(world.trace)] == []


def test_what_to_do_at_the_console_is_said_and_shown_as_the_target() -> None:
    bench = Guide(TWO).walks()
    assert bench.heard(PRESS_START) and bench.heard("At the console: 2.0.") and bench.shot.target == 200
    bench.until(lambda: bool(bench.heard("At the console: 1.5.")))
    bench.until(lambda: bench.shot.target == 150, 15_000)
    bench.until(lambda: bool(bench.heard(PRESS_STOP)))
    bench.phase(api.Phase.RESTING)
    assert bench.shot.target is None and bench.writes == []
    bench.done()
    assert bench.writes == [] and bench.shot.summary is not None and bench.shot.summary.finished
    assert not bench.heard("Faster") and not bench.heard("Slower")


def test_no_countdown_is_said_where_the_console_starts() -> None:
    bench = Guide().loaded()
    bench.phase(api.Phase.HOLDING)
    assert not any(text in ("five", "three", "one") for _, text in bench.said) and bench.shot.countdown is None


def test_the_briefing_says_who_sets_the_speed() -> None:
    bench = Guide().loaded()
    bench.ask(api.Answer("pain-before", "0"))
    question = bench.shot.question
    assert question is not None and "at the console" in question.detail and "by itself" not in question.detail


def test_backward_is_refused_with_the_reason() -> None:
    bench = Guide(BACK).link()
    bench.until(lambda: bench.shot.belt is api.Belt.STILL)
    refused = bench.ask(api.Load(BACK))
    assert not refused.accepted and "nothing on it obeys treadctl" in refused.reason


def test_a_machine_without_a_known_range_is_guided_all_the_same() -> None:
    bench = Guide()
    bench.record = replace(GUIDED, speed=None, told=None)
    bench.walks()
    assert bench.shot.speed == 200 and bench.writes == []
    assert bench.done().shot.summary is not None


# --- stopping --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("intent", [api.Press("x"), api.Stop(), api.End(), api.Ease(), api.Pain()])
def test_who_wants_it_to_stop_is_told_how_every_two_seconds_until_it_stands(intent: api.Intent) -> None:
    bench = Guide().walks()
    bench.console = bench.owner = False
    begun = bench.now
    assert bench.ask(intent).accepted
    assert bench.shot.footer is api.Footer.CONSOLE
    bench.run(7_900)
    calls = bench.heard(STOP_AT_CONSOLE)
    assert calls[0] <= begun + 500 and len(calls) == 4
    assert [later - one for one, later in pairwise(calls)] == [2000] * 3
    assert bench.shot.alarm == STOP_AT_CONSOLE and bench.shot.phase is api.Phase.STOPPING
    bench.stop_at_console()
    bench.phase(api.Phase.HALTED)
    count = len(bench.heard(STOP_AT_CONSOLE))
    bench.run(6_000)
    assert len(bench.heard(STOP_AT_CONSOLE)) == count and not bench.shot.alarm and bench.writes == []


def test_a_key_during_a_planned_stop_calls_at_once() -> None:
    bench = Guide().walks()
    bench.console = bench.owner = False
    bench.until(lambda: bool(bench.heard(PRESS_STOP)))
    bench.run(1_000)
    assert not bench.heard(STOP_AT_CONSOLE)
    begun = bench.now
    bench.press("x")
    bench.run(100)
    assert bench.heard(STOP_AT_CONSOLE)[0] <= begun + 100


def test_a_planned_stop_that_nobody_does_is_called_for_after_15_s() -> None:
    bench = Guide().walks()
    bench.console = bench.owner = False
    bench.until(lambda: bool(bench.heard(PRESS_STOP)))
    said = bench.heard(PRESS_STOP)[0]
    bench.until(lambda: bool(bench.heard(STOP_AT_CONSOLE)), 30_000)
    assert 14_900 <= bench.heard(STOP_AT_CONSOLE)[0] - said <= 15_600
    bench.stop_at_console()
    bench.phase(api.Phase.HALTED)
    assert "did not stop when told" in bench.shot.reason


def test_the_call_can_be_acknowledged() -> None:
    bench = Guide().walks()
    bench.console = bench.owner = False
    bench.press("x")
    bench.ask(api.Acknowledge())
    count = len(bench.heard(STOP_AT_CONSOLE))
    bench.run(8_000)
    assert len(bench.heard(STOP_AT_CONSOLE)) == count and not bench.shot.alarm


def test_the_footer_says_where_this_belt_stops() -> None:
    footers = [Guide().walks().shot.footer, Guide().walks().done().shot.footer]
    assert footers == [api.Footer.CONSOLE, api.Footer.STILL]
    assert api.Footer.CONSOLE.value == "THIS BELT STOPS AT THE CONSOLE OR THE KEY"


# --- watching --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("speed", "alarm"), [(420, False), (431, True), (600, True)])
def test_faster_than_the_limit_is_called_for(speed: int, alarm: bool) -> None:
    """4.0 km/h forward at L0; the speed below it is the walker's own."""
    bench = Guide().walks()
    bench.console = bench.owner = False
    bench.target = bench.speed = speed
    bench.run(3_000)
    assert bool(bench.heard("Too fast. Stop at the console.")) is alarm
    assert bool(bench.shot.alarm) is alarm and bench.writes == []


def test_two_samples_just_above_the_limit_are_enough() -> None:
    bench = Guide().walks()
    bench.console = bench.owner = False
    bench.target = bench.speed = 421
    bench.sample()
    assert not bench.shot.alarm
    bench.sample()
    assert bench.shot.alarm


def test_any_speed_within_the_limit_is_the_walkers_own() -> None:
    bench = Guide().walks()
    bench.console = False
    bench.tell(0x05, *(300).to_bytes(2, "little"))
    bench.target = bench.speed = 300
    bench.run(10_000)
    assert bench.shot.phase is api.Phase.WALKING and not bench.shot.held and not bench.shot.alarm


def test_the_speed_is_told_again_every_20_s_until_the_samples_show_it() -> None:
    bench = Guide()
    bench.loaded().phase(api.Phase.HOLDING)
    bench.console = False
    bench.until(lambda: bool(bench.heard("At the console: 2.0.")))
    bench.until(lambda: len(bench.heard("At the console: 2.0.")) == 3, 60_000)
    one, two, three = bench.heard("At the console: 2.0.")
    assert 20_000 <= two - one <= 30_500 and 20_000 <= three - two <= 20_500
    bench.target = 200
    bench.until(lambda: bench.shot.reached)
    bench.run(15_000)
    assert len(bench.heard("At the console: 2.0.")) == 3


def lost(bench: Guide) -> None:
    bench.relinks = False
    bench.unlink()


def silent(bench: Guide) -> None:
    bench.sampling = False


def gone(bench: Guide) -> None:
    bench.attends = False
    bench.feed(ev.ClientGone("me"))


def hung(bench: Guide) -> None:
    bench.attends = False


@pytest.mark.parametrize(
    ("deed", "words", "within"),
    [
        (lost, LINK_LOST, 100), (silent, LINK_LOST, 3_600), (gone, "The screen is gone. Stop at the console.", 100),
        (hung, "The screen is gone. Stop at the console.", 2_600),
    ],
)  # fmt: skip
def test_what_stops_other_belts_is_called_for_here(deed: Callable[[Guide], None], words: str, within: Ms) -> None:
    bench = Guide().walks()
    bench.console = bench.owner = False
    begun = bench.now
    deed(bench)
    bench.run(within)
    assert bench.heard(words) and bench.heard(words)[0] <= begun + within
    bench.run(9_000)
    assert len(bench.heard(STOP_AT_CONSOLE)) >= 3 and bench.writes == []


def test_a_link_that_comes_back_to_a_moving_belt_writes_nothing_and_calls_on() -> None:
    bench = Guide().walks()
    bench.console = bench.owner = False
    bench.unlink()
    bench.until(lambda: bench.linked)
    bench.run(6_000)
    assert bench.writes == [] and bench.shot.alarm and bench.shot.footer is api.Footer.NO_LINK
    bench.stop_at_console()
    bench.phase(api.Phase.DONE)
    assert bench.writes == [] and bench.shot.summary is not None


def test_the_safety_key_ends_it() -> None:
    bench = Guide().walks()
    bench.console = bench.owner = False
    bench.pull_key()
    bench.phase(api.Phase.HALTED)
    assert bench.shot.reason == "Safety key pulled. Stopped." and bench.writes == []


def test_the_console_itself_may_stop_it_at_any_time() -> None:
    bench = Guide().walks()
    bench.owner = False
    bench.stop_at_console()
    bench.phase(api.Phase.HALTED)
    assert bench.shot.reason == "Stopped at the console."


def test_a_belt_that_starts_by_itself_is_called_for() -> None:
    bench = Guide().link()
    bench.until(lambda: bench.shot.belt is api.Belt.STILL)
    bench.console = False
    bench.target = bench.speed = 100
    bench.run(5_000)
    assert bench.heard("The belt moves") and bench.heard(STOP_AT_CONSOLE) and bench.writes == []


# --- the incline -----------------------------------------------------------------------------------------------------


def test_a_tilted_deck_is_the_consoles_to_level_and_nothing_is_written() -> None:
    bench = Guide()
    bench.incline = bench.slope = 20
    bench.loaded().until(lambda: bool(bench.heard(LEVEL_BY_HAND)))
    bench.run(10_000)
    assert not bench.heard(PRESS_START) and bench.writes == [] and bench.shot.phase is api.Phase.ASKING
    bench.slope = 0
    bench.until(lambda: bool(bench.heard(PRESS_START)), 60_000)
    assert bench.writes == []


def test_a_deck_that_is_never_levelled_is_asked_about_again() -> None:
    bench = Guide()
    bench.incline = bench.slope = 20
    bench.loaded().until(lambda: len(bench.heard(LEVEL_BY_HAND)) == 2, 200_000)
    assert bench.writes == [] and not bench.heard(PRESS_START)


def test_nothing_is_written_to_a_guided_machine_that_tells_an_incline_range() -> None:
    bench = Guide()
    bench.record = replace(GUIDED, incline=KNOWN.incline)
    bench.incline = bench.slope = 20
    bench.loaded().until(lambda: bool(bench.heard(LEVEL_BY_HAND)))
    bench.run(20_000)
    assert bench.writes == []


# --- the parts -------------------------------------------------------------------------------------------------------


def test_a_guided_supervisor_clears_no_command_whatever_is_wished() -> None:
    hand = Hand(GUIDED).still()
    assert hand.sup.arm(hand.now, F, "me") is None
    assert hand.command() is None
    hand.sup.start()
    assert hand.command() is None and hand.sup.armed
    hand.sample(100)
    assert hand.sup.engaged and not hand.sup.armed
    hand.sup.wish(Speed(300), Incline(0))
    for _ in range(40):
        assert hand.sample(100).command() is None
    assert hand.sup.target == 300 and hand.sup.needs_announcement(hand.now) is None
    assert hand.sup.stop(hand.now, StopWish("x"))
    for _ in range(40):
        assert hand.sample(100).command() is None


def test_only_a_stop_that_is_under_way_can_be_called_for() -> None:
    with pytest.raises(AssertionError):
        StopPath().call()


def test_a_fault_names_the_console_where_it_would_stop_the_belt() -> None:
    assert cueing.for_hand("Too fast. Stopping.") == "Too fast. Stop at the console."
    assert cueing.for_hand("Safety key pulled. Stopped.") == "Safety key pulled. Stopped."


def test_a_range_of_nonsense_is_no_reason_against_a_machine_that_is_not_driven() -> None:
    bench = Guide()
    bench.record = replace(GUIDED, speed=SpeedRange(Speed(900), Speed(800), Speed(10)))
    bench.link()
    bench.until(lambda: bench.shot.belt is api.Belt.STILL)
    assert not bench.ask(api.Load(WALK)).accepted or bench.shot.program == "walk"
