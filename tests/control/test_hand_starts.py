"""A machine that only its console starts: a confirm lets a hand press Start, once and within a minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from treadsim.invariants import violations
from treadsim.world import Scene, World

from tests.control.bench import KNOWN, Bench
from tests.control.hand import Hand
from tests.control.rig import CONTROL, START, STOP, B, F
from treadctl.control import events as ev
from treadctl.control import prompts
from treadctl.control.prompts import PRESS_START, SPOTTER_STARTS
from treadctl.control.start import HAND_PATIENCE, OneStart
from treadctl.files.quirks import load_quirk
from treadctl.ftms.codec import StatusEvent
from treadctl.model import api
from treadctl.model.program import Facing, Program, Rest, Walk
from treadctl.model.units import Ms, Speed

BY_HAND = replace(KNOWN, remote_start=False)
WALK = Program("walk", (Walk(F, 60, Speed(150)),))
TURN = Program("turn", (Walk(F, 60, Speed(150)), Walk(B, 40, Speed(100)), Walk(F, 40, Speed(150))))
RESTED = Program("rested", (Walk(F, 40, Speed(150)), Rest(20), Walk(F, 40, Speed(150))))


class ByHand(Bench):
    """Start does nothing here; everything else obeys."""

    def __init__(self, program: Program = WALK) -> None:
        super().__init__(record=BY_HAND)
        self.program = program
        self.deaf_to = {7}

    def loaded(self) -> ByHand:
        if not self.linked:
            self.link()
        self.until(lambda: self.shot.belt is api.Belt.STILL)
        reply = self.ask(api.Load(self.program))
        assert reply.accepted, reply.reason
        return self

    def waits(self) -> ByHand:
        """Confirmed, told to press start, and nobody presses."""
        self.console = False
        self.loaded().until(lambda: bool(self.heard(PRESS_START) + self.heard(SPOTTER_STARTS)))
        self.run(1_000)
        self.owner = False
        assert self.shot.phase is api.Phase.STARTING and self.core._sup.armed
        return self

    @property
    def start(self) -> OneStart:
        return self.core._sup._start

    def ghost(self) -> bool:
        """Let the console start it now: whether that is stopped at once, as a start of nobody's."""
        stops = self.count(STOP)
        self.start_at_console()
        self.until(lambda: self.speed > 0)
        self.run(600)
        return self.count(STOP) > stops and self.shot.phase is not api.Phase.HOLDING


# --- whole walks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", [WALK, TURN, RESTED], ids=lambda program: program.name)
@pytest.mark.parametrize("quirk", ["no-remote-start", "sole-f80"])
def test_a_whole_walk_is_started_by_hand_and_no_start_is_written(quirk: str, program: Program) -> None:
    world = World(Scene(program, quirk=load_quirk(quirk), calm=True))
    world.run()
    assert world.snapshot.summary is not None and world.snapshot.summary.finished
    assert START not in {wire.data for wire in world.trace.writes}
    assert [str(found) for found in violations(world.trace)] == []


def test_every_start_has_a_confirm_and_words_of_its_own() -> None:
    bench = ByHand(RESTED).loaded().done()
    assert bench.shot.summary is not None and bench.shot.summary.finished
    assert len(bench.heard(PRESS_START)) == 2 and bench.count(START) == 0 and bench.count(CONTROL) == 2


def test_before_a_backward_start_somebody_at_the_console_is_asked_for() -> None:
    bench = ByHand(TURN).loaded()
    bench.until(lambda: "starter" in bench.answered)
    bench.until(lambda: bool(bench.heard(SPOTTER_STARTS)))
    bench.done()
    assert bench.shot.summary is not None and bench.shot.summary.finished and bench.shot.summary.backward > 0


def test_without_somebody_at_the_console_nobody_walks_backward() -> None:
    bench = ByHand(TURN)
    bench.says["starter"] = "n"
    bench.loaded().done()
    assert bench.writes == [] and "press start at the console" in bench.shot.reason


def test_nobody_is_asked_for_where_nobody_walks_backward() -> None:
    bench = ByHand(WALK).loaded()
    bench.phase(api.Phase.HOLDING)
    assert "starter" not in bench.answered


# --- the confirm -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["load", "confirm"])
def test_a_start_at_the_console_without_a_confirm_is_stopped(before: str) -> None:
    bench = ByHand()
    bench.link()
    bench.console = bench.owner = False
    bench.until(lambda: bench.shot.belt is api.Belt.STILL)
    if before == "confirm":
        bench.loaded().ask(api.Answer("pain-before", "0"))
        bench.ask(api.Answer("begin", "y"))
        bench.ready()
    assert bench.ghost() and bench.heard("Started at the console. Hold on.")


def test_a_start_while_the_confirm_is_made_does_not_count() -> None:
    bench = ByHand().loaded()
    bench.until(lambda: bench.shot.question is not None and bench.shot.question.tone)
    bench.owner = False
    assert bench.ghost() and bench.heard("Started at the console. Hold on.")


def press(bench: ByHand) -> None:
    bench.press("x")


def other_key(bench: ByHand) -> None:
    bench.press("escape", client="another")


def stop(bench: ByHand) -> None:
    bench.ask(api.Stop("network"), client="network")


def abort(bench: ByHand) -> None:
    bench.ask(api.Abort())


def ease(bench: ByHand) -> None:
    bench.ask(api.Ease())


def pain(bench: ByHand) -> None:
    bench.ask(api.Pain())


def repeat(bench: ByHand) -> None:
    bench.ask(api.Repeat())


def end(bench: ByHand) -> None:
    assert bench.ask(api.End()).accepted


def safety_key(bench: ByHand) -> None:
    bench.tell(0x03)


def console_stop(bench: ByHand) -> None:
    bench.tell(0x02, 0x01)


def killed(bench: ByHand) -> None:
    bench.attends = False
    bench.feed(ev.ClientGone("me"))


def hung(bench: ByHand) -> None:
    bench.attends = False
    bench.run(2_500)


def elsewhere(bench: ByHand) -> None:
    bench.keyboard = False
    bench.run(500)


def asleep(bench: ByHand) -> None:
    bench.feed(ev.Suspended(60_000))


def overrun(bench: ByHand) -> None:
    bench.feed(ev.Lagged(0, overflow=True))


def met_anew(bench: ByHand) -> None:
    """A fresh link without a word of the old one."""
    bench.link()


def quits(bench: ByHand) -> None:
    bench.feed(ev.Quit("SIGTERM"))


def tilted(bench: ByHand) -> None:
    bench.incline = bench.slope = 20
    bench.run(1_000)


WITHDRAWN = (
    press, other_key, stop, abort, ease, pain, repeat, end, safety_key, console_stop, killed, hung, elsewhere, asleep,
    overrun, met_anew, quits, tilted,
)  # fmt: skip


@pytest.mark.parametrize("program", [WALK, Program("back", (Walk(B, 40, Speed(100)),))], ids=["forward", "backward"])
@pytest.mark.parametrize("deed", WITHDRAWN)
def test_whatever_comes_while_the_hand_is_waited_for_withdraws_the_confirm(
    deed: Callable[[ByHand], None], program: Program
) -> None:
    bench = ByHand(program).waits()
    deed(bench)
    start = bench.start
    assert not start.armed and not start.awaits and not start.wished and start.written_at is None
    bench.attends = bench.keyboard = bench.sampling = True
    if bench.linked:
        bench.until(lambda: bench.shot.belt is api.Belt.STILL, 20_000)
        assert bench.count(START) == 0
        assert bench.ghost()


def lagged(bench: ByHand) -> None:
    bench.feed(ev.Lagged(400))


def without_samples(bench: ByHand) -> None:
    bench.sampling = False
    bench.run(2_500)
    bench.sampling = True


@pytest.mark.parametrize("deed", [lagged, without_samples])
def test_what_would_only_hold_back_a_rise_leaves_the_hand_its_time(deed: Callable[[ByHand], None]) -> None:
    bench = ByHand().waits()
    deed(bench)
    assert bench.start.awaits
    bench.start_at_console()
    bench.phase(api.Phase.HOLDING)
    assert bench.count(STOP) == 0


@pytest.mark.parametrize("pressed", [True, False])
def test_samples_that_are_lost_while_the_hand_is_waited_for_are_lost_on_a_belt_that_may_move(pressed: bool) -> None:
    """Nobody saw whether it was pressed."""
    bench = ByHand().waits()
    bench.sampling = False
    if pressed:
        bench.start_at_console()
    bench.run(3_600)
    assert bench.heard(prompts.LINK_LOST) and bench.shot.alarm and bench.shot.footer is api.Footer.NO_LINK
    assert bench.writes[-1].data == STOP and not bench.start.armed
    bench.sampling = True
    bench.done()
    assert bench.stands and bench.shot.reason == prompts.LINK_LOST


@pytest.mark.parametrize("pressed", [True, False])
def test_a_link_that_is_lost_while_the_hand_is_waited_for_is_lost_on_a_belt_that_may_move(pressed: bool) -> None:
    bench = ByHand().waits()
    if pressed:
        bench.start_at_console()
    bench.unlink()
    assert bench.heard(prompts.LINK_LOST) and bench.shot.alarm and bench.of(ev.Reconnect)
    before = len(bench.writes)
    bench.done()
    assert bench.stands and not bench.start.armed
    assert [wrote.data for wrote in bench.writes[before:]] == ([CONTROL, STOP] if pressed else [])


def test_a_link_that_is_lost_before_anybody_was_told_to_press_start_is_no_alarm() -> None:
    bench = ByHand().loaded()
    bench.until(lambda: bench.shot.phase is api.Phase.ASKING)
    bench.owner = False
    bench.unlink()
    assert bench.shot.phase is api.Phase.DONE and not bench.shot.alarm


def test_a_belt_that_a_hand_may_start_is_not_said_to_be_still() -> None:
    bench = ByHand().waits()
    waiting = bench.shot.belt
    bench.press("x")
    bench.run(300)
    assert [waiting, bench.shot.belt] == [api.Belt.UNKNOWN, api.Belt.STILL]


def test_the_start_at_the_console_itself_withdraws_nothing() -> None:
    bench = ByHand().waits()
    bench.start_at_console()
    bench.tell(0x05, *(80).to_bytes(2, "little"))
    assert bench.start.awaits
    bench.phase(api.Phase.HOLDING)
    assert not bench.start.awaits and bench.count(STOP) == 0


def test_a_key_asks_anew_and_the_next_confirm_waits_its_own_minute() -> None:
    bench = ByHand().waits()
    bench.run(50_000)
    bench.press("x")
    assert bench.shot.phase is api.Phase.ASKING
    bench.run(30_000)
    bench.confirm().until(lambda: len(bench.heard(PRESS_START)) == 2)
    bench.run(30_000)
    assert bench.start.awaits and not bench.heard(prompts.NOT_STARTED)
    bench.start_at_console()
    bench.phase(api.Phase.HOLDING)


def test_nobody_presses_for_a_minute_and_the_confirm_is_over() -> None:
    bench = ByHand().waits()
    told = bench.heard(PRESS_START)[0]
    bench.until(lambda: bool(bench.heard(prompts.NOT_STARTED)), 70_000)
    assert bench.now - told >= HAND_PATIENCE - 250 and bench.shot.phase is api.Phase.HALTED
    assert not bench.start.armed and bench.start.written_at is None
    bench.run(3_000)
    assert bench.ghost() and bench.heard("Started at the console. Hold on.")


def test_one_confirm_lets_one_start_be_pressed() -> None:
    bench = ByHand().waits()
    bench.start_at_console()
    bench.phase(api.Phase.WALKING)
    bench.stop_at_console()
    bench.phase(api.Phase.HALTED)
    assert bench.ghost()


# --- every other rule ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facing", [F, B])
@pytest.mark.parametrize(("speed", "caught"), [(100, False), (101, True), (300, True)])
def test_a_console_that_starts_too_fast_is_stopped(facing: Facing, speed: int, caught: bool) -> None:
    bench = ByHand(Program("any", (Walk(facing, 40, Speed(100)),))).waits()
    bench._starts, bench.speed = None, speed
    bench.target = speed
    bench.sample()
    assert bool(bench.heard("Too fast. Stopping.")) is caught and bool(bench.count(STOP)) is caught


def test_the_hold_and_the_announced_rises_are_those_of_every_walk() -> None:
    bench = ByHand().waits()
    bench.start_at_console()
    bench.phase(api.Phase.HOLDING)
    begun = bench.now
    bench.phase(api.Phase.WALKING).run(8_000)
    rises = [wrote for wrote in bench.speeds if (wrote.speed or 0) > 80]
    assert rises and rises[0].at >= begun + 10_000 and [wrote.speed for wrote in rises[:2]] == [100, 120]
    assert rises[0].at >= bench.heard("Faster, to 1.5.")[0] + 3_000


@pytest.mark.parametrize("wait", [0, 700])
def test_the_client_that_confirmed_has_to_attend_after_the_hand_started_it(wait: Ms) -> None:
    bench = ByHand().waits()
    bench.start_at_console()
    bench.phase(api.Phase.HOLDING)
    bench.run(wait)
    bench.attends = False
    bench.feed(ev.ClientGone("me"))
    assert bench.writes[-1].data == STOP


def test_a_stop_key_stops_what_a_hand_started() -> None:
    bench = ByHand().waits()
    bench.start_at_console()
    bench.phase(api.Phase.HOLDING)
    assert bench.press("x") == [STOP]


def test_the_deck_is_levelled_before_anybody_is_told_to_press_start() -> None:
    bench = ByHand()
    bench.incline = bench.slope = 20
    bench.loaded().until(lambda: bool(bench.heard(PRESS_START)))
    assert [wrote.incline for wrote in bench.inclines] == [0] and bench.incline == 0


def test_a_deck_that_is_tilted_while_the_hand_is_waited_for_withdraws_the_confirm_and_is_not_written_to() -> None:
    bench = ByHand().waits()
    bench.incline = bench.slope = 20
    bench.run(1_000)
    assert bench.heard("Refused: ") and bench.inclines == [] and not bench.start.armed


# --- the parts -------------------------------------------------------------------------------------------------------


def test_a_hand_is_waited_for_from_the_first_moment_on() -> None:
    start = OneStart()
    start.arm()
    start.await_hand(1_000)
    start.await_hand(9_000)
    assert start.written_at == 1_000 and not start.overdue(60_999) and start.overdue(61_000)
    assert start.deadline() == 61_000
    start.disarm()
    assert start.deadline() is None and not start.overdue(99_000)


@pytest.mark.parametrize(
    ("event", "awaits", "engaged", "undone"),
    [
        (StatusEvent.SAFETY_KEY, True, False, True), (StatusEvent.SAFETY_KEY, False, True, True),
        (StatusEvent.STOPPED, True, False, True), (StatusEvent.STARTED, True, False, False),
        (StatusEvent.SPEED_CHANGED, True, False, False), (StatusEvent.STARTED, False, False, True),
        (StatusEvent.SPEED_CHANGED, False, False, True), (StatusEvent.STARTED, False, True, False),
        (None, False, False, False),
    ],
)  # fmt: skip
def test_what_the_machine_tells_withdraws_a_confirm(
    event: StatusEvent | None, awaits: bool, engaged: bool, undone: bool
) -> None:
    start = OneStart()
    start.awaits = awaits
    assert start.undone_by(event, engaged) is undone


def test_motion_before_the_start_was_wished_is_nobodys() -> None:
    hand = Hand(BY_HAND).armed()
    hand.decide()
    assert not hand.sample(80).sup.engaged
    assert hand.look() == ["moved by itself"]
