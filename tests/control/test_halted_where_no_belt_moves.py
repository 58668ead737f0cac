"""What hurts or fails where no belt moves, or where there is none: it is asked about, or over, and never waited for."""

from __future__ import annotations

from tests.control.rig import B, F, Rig
from tests.control.test_hand_starts import ByHand
from treadctl.control import events as ev
from treadctl.control import prompts
from treadctl.control.aftermath import AFTER_PAIN_CHOICES
from treadctl.model import api
from treadctl.model.api import Phase
from treadctl.model.errors import ExitCode
from treadctl.model.person import Level, any_walker
from treadctl.model.program import DeadMill, OffTreadmill, Program, Walk
from treadctl.model.units import Speed

OFF = Program("off", (OffTreadmill(120),))
MILL = Program("mill", (DeadMill(B, 60),))
LONG = Program("long", (Walk(F, 200, Speed(200)),))


def off() -> Rig:
    """Walking beside the treadmill, with no link."""
    rig = Rig()
    assert rig.ask(api.Load(OFF)).accepted and rig.ask(api.Answer("begin", "y")).accepted
    rig.run(5000)
    assert rig.shot.phase is Phase.OFF
    return rig


def pushing() -> Rig:
    """The belt is switched off, and pushed."""
    rig = Rig(person=any_walker(Level.L0)).begin(MILL).phase(Phase.PUSHING)
    rig.unlink()
    rig.until(lambda: rig.shot.question is not None and rig.shot.question.id == "dark")
    assert rig.ask(api.Answer("dark", "y")).accepted
    confirmed(rig)
    return rig.run(5000)


def confirmed(rig: Rig) -> None:
    rig.until(lambda: rig.shot.question is not None and rig.shot.question.id == "confirm-mill")
    rig.until(lambda: rig.shot.question is not None and rig.shot.question.heard)
    rig.press()
    rig.run(900)
    rig.press()
    rig.until(lambda: rig.shot.question is None, 1000)


def asked(rig: Rig) -> str:
    rig.run(300)
    return "" if rig.shot.question is None else rig.shot.question.id


def test_pain_beside_the_treadmill_is_asked_about_and_the_session_goes_on_or_ends() -> None:
    rig = off()
    assert rig.ask(api.Pain()).accepted
    assert asked(rig) == "pain" and not rig.heard(prompts.STOPPED), "no belt was measured"
    assert rig.ask(api.Answer("pain", "2")).accepted
    assert asked(rig) == "halted" and rig.shot.question is not None
    assert "f" not in {choice.key for choice in rig.shot.question.choices}, "there is no belt to walk on"
    assert rig.ask(api.Answer("halted", "c")).accepted
    rig.phase(Phase.OFF).phase(Phase.DONE)
    assert rig.shot.summary is not None and rig.shot.summary.exit_code == ExitCode.OK and rig.writes == []


def test_much_pain_beside_the_treadmill_locks_and_ends() -> None:
    rig = off()
    rig.ask(api.Pain())
    assert asked(rig) == "pain" and rig.ask(api.Answer("pain", "7")).accepted
    rig.run(300)
    locks = [e.lock.name for e in rig.of(ev.Remember) if isinstance(e, ev.Remember)]
    assert rig.shot.phase is Phase.DONE and locks == ["pain"]


def test_a_session_without_a_belt_is_over_when_a_fault_ends_it() -> None:
    for rig in (off(), pushing()):
        rig.feed(ev.Lagged(0, overflow=True))
        rig.run(300)
        assert rig.shot.phase is Phase.DONE and not rig.heard("Belt stopped") and rig.writes == []


def test_pain_while_the_belt_is_pushed_is_asked_about_and_going_on_needs_a_confirm() -> None:
    rig = pushing()
    assert rig.ask(api.Pain()).accepted and rig.heard(prompts.REST)
    assert asked(rig) == "pain" and rig.ask(api.Answer("pain", "1")).accepted
    assert asked(rig) == "halted" and not rig.ask(api.Answer("halted", "f")).accepted
    left = rig.shot.left
    assert rig.ask(api.Answer("halted", "c")).accepted
    rig.run(20_000)
    assert rig.shot.left == left, "the clock waits for the confirm"
    confirmed(rig)
    rig.phase(Phase.DONE)
    assert rig.writes == []


def test_a_machine_that_is_switched_on_while_pain_is_asked_about_ends_the_dead_mill() -> None:
    rig = pushing()
    rig.ask(api.Pain())
    rig.link().run(300)
    assert rig.shot.phase is Phase.DONE and rig.heard(prompts.MACHINE_ON) and rig.writes == []


def test_pain_while_a_hand_at_the_console_is_waited_for_is_asked_about_and_takes_the_confirm_back() -> None:
    rig = ByHand().waits()
    rig.ask(api.Pain())
    assert asked(rig) == "pain" and not rig.core._sup.armed and rig.ghost()


def test_some_pain_is_not_forgotten_because_the_belt_moves_by_itself() -> None:
    rig = Rig()
    rig.pain = "3"
    rig.walking(LONG).ask(api.Pain())
    rig.phase(Phase.HALTED).ask(api.Answer("pain", "4"))
    rig.speed = rig.target = 60
    rig.run(1000)
    assert rig.heard(prompts.BELT_MOVES)
    rig.target = 0
    rig.phase(Phase.HALTED)
    assert asked(rig) == "facing" and rig.ask(api.Answer("facing", "c")).accepted
    assert asked(rig) == "halted" and rig.shot.question is not None
    assert rig.shot.question.choices == AFTER_PAIN_CHOICES
