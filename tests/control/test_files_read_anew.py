"""The files about the person changed: read anew and taken over between two sessions, never during one."""

from __future__ import annotations

from tests.control.practice import Practice
from tests.control.rig import PRACTISED, B, F, Rig
from treadctl.control import events as ev
from treadctl.model import api
from treadctl.model.locks import UNREADABLE, Lock
from treadctl.model.person import UNKNOWN_PERSON, Person
from treadctl.model.program import Program, Walk
from treadctl.model.units import Speed

FALL = Lock("fall", "you fell")
SLOW = Program("slow", (Walk(F, 60, Speed(200)),))
FAST = Program("fast", (Walk(F, 120, Speed(550)),), level=PRACTISED.level)
TODAY = "2026-01-31"


def read(rig: Rig, person: Person = UNKNOWN_PERSON, locks: tuple[Lock, ...] = (), today: str = TODAY) -> None:
    """What the last `ReadAnew` is answered with."""
    wish = rig.of(ev.ReadAnew)[-1]
    assert isinstance(wish, ev.ReadAnew)
    rig.feed(ev.Reread(wish.number, today, person, locks))


def test_a_lock_that_was_lifted_need_not_wait_for_a_new_guardian() -> None:
    rig = Rig(locks=(FALL,)).link().still()
    assert rig.ask(api.Load(SLOW)).reason == "Refused: you fell."
    assert rig.ask(api.Clear()).accepted and len(rig.of(ev.ReadAnew)) == 1
    assert rig.ask(api.Load(SLOW)).reason == "Refused: you fell.", "it asks, and goes by what it knows meanwhile"
    read(rig)
    assert rig.ask(api.Load(SLOW)).accepted


def test_a_new_level_counts_from_the_next_walk_on() -> None:
    rig = Rig().link().still()
    assert not rig.ask(api.Load(FAST)).accepted
    rig.ask(api.Clear())
    read(rig, PRACTISED)
    assert rig.ask(api.Load(FAST)).accepted


def test_what_cannot_be_read_locks() -> None:
    rig = Rig().link().still()
    rig.ask(api.Clear())
    read(rig, locks=(UNREADABLE,))
    assert UNREADABLE.reason in rig.ask(api.Load(SLOW)).reason


def test_while_somebody_walks_nothing_is_read_and_no_limit_changes() -> None:
    rig = Rig().walking(SLOW)
    limits = rig.core._sup.ramp.limits
    assert rig.ask(api.Clear()).accepted
    rig.run(5_000)
    assert rig.of(ev.ReadAnew) == [] and rig.core._sup.ramp.limits is limits
    rig.unlink()
    rig.link()
    assert rig.core._sup.ramp.limits == limits
    rig.phase(api.Phase.DONE)
    assert len(rig.of(ev.ReadAnew)) == 1
    read(rig, PRACTISED)
    rig.still()
    assert rig.ask(api.Load(FAST)).accepted


def test_what_was_read_before_a_session_began_is_read_once_more_after_it() -> None:
    rig = Rig().link().still()
    rig.ask(api.Clear())
    rig.walking(SLOW)
    limits = rig.core._sup.ramp.limits
    read(rig, PRACTISED)
    rig.run(1_000)
    assert len(rig.of(ev.ReadAnew)) == 1 and rig.core._sup.ramp.limits == limits
    rig.press()
    rig.phase(api.Phase.HALTED)
    rig.ask(api.Answer("facing", "c"))
    rig.ask(api.Answer("halted", "d"))
    rig.phase(api.Phase.DONE)
    assert len(rig.of(ev.ReadAnew)) == 2
    kinds = [type(effect) for _, effect in rig.effects if isinstance(effect, (ev.Remember, ev.ReadAnew))]
    assert kinds == [ev.ReadAnew, ev.Remember, ev.ReadAnew], "the new lock is written before it is read"
    assert "Refused" in rig.ask(api.Load(SLOW)).reason, "what the walk brought about holds whatever was read"
    read(rig, PRACTISED, (FALL,))
    assert rig.ask(api.Load(SLOW)).reason == "Refused: you fell."


def test_an_old_answer_after_a_new_lock_does_not_lift_it() -> None:
    rig = Rig().link().still()
    rig.ask(api.Clear())
    rig.walking(SLOW).press()
    rig.phase(api.Phase.HALTED)
    rig.ask(api.Answer("facing", "c"))
    rig.ask(api.Answer("halted", "u"))
    rig.phase(api.Phase.DONE)
    assert len(rig.of(ev.ReadAnew)) == 1
    read(rig)
    assert "Refused" in rig.ask(api.Load(SLOW)).reason and len(rig.of(ev.ReadAnew)) == 2


def test_a_new_day_brings_its_own_checklist_and_ends_what_was_locked_until_it() -> None:
    tomorrow = "2026-02-01"
    rig = Rig(locks=(Lock("pain", "it hurt", until=tomorrow),)).link().still()
    assert not rig.ask(api.Load(SLOW)).accepted
    rig.ask(api.Clear())
    read(rig, locks=(Lock("pain", "it hurt", until=tomorrow),), today=tomorrow)
    assert rig.ask(api.Load(SLOW)).accepted
    assert rig.until(lambda: rig.shot.question is not None).shot.question is not None
    assert rig.shot.question is not None and rig.shot.question.id == "clip"


def test_ticks_of_the_same_day_stay() -> None:
    rig = Rig().link().still()
    rig.ask(api.Clear())
    read(rig)
    assert rig.ask(api.Load(SLOW)).accepted
    rig.until(lambda: rig.shot.question is not None)
    assert rig.shot.question is not None and rig.shot.question.id != "clip"


def test_a_rehearsal_is_a_session_under_way_too_and_stays_passed() -> None:
    rig = Practice().at("press")
    rig.ask(api.Clear())
    assert rig.of(ev.ReadAnew) == []
    for scene in ("press", "alarm", "heard", "reach"):
        rig.does(scene)
    rig.done()
    read(rig)
    assert rig.ask(api.Load(Program("back", (Walk(B, 50, Speed(100)),)))).accepted
