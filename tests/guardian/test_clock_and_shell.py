"""The loop's time and the one inbox: what is early, what is late, and what happens when a part breaks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.guardian.radio import eventually
from treadctl.control.core import Core
from treadctl.control.events import (
    Asked,
    Attended,
    Effect,
    Exit,
    Input,
    Lagged,
    Notice,
    Publish,
    Rate,
    Say,
    Spoken,
    Suspended,
    Tick,
    Urgency,
    Write,
)
from treadctl.control.events import Priority as Loud
from treadctl.guardian.clock import Clock, RateLoop
from treadctl.guardian.shell import INBOX, Shell
from treadctl.model.api import Ease, Press, Snapshot, Stop
from treadctl.model.units import Ms


def run_at(rate: int, work: Callable[[RateLoop], Any]) -> float:
    """Real seconds that this takes on a loop of this rate."""
    with asyncio.Runner(loop_factory=lambda: RateLoop(rate)) as runner:
        begin = time.monotonic()
        runner.run(work(cast(RateLoop, runner.get_loop())))
        return time.monotonic() - begin


def test_ten_seconds_take_one_at_rate_ten() -> None:
    async def work(loop: RateLoop) -> None:
        begin = loop.time()
        await asyncio.sleep(10)
        assert 10.0 <= loop.time() - begin < 12.0

    assert 0.95 < run_at(10, work) < 1.3


def test_timeouts_run_at_the_rate_too() -> None:
    async def work(loop: RateLoop) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await loop.create_future()

    assert run_at(10, work) < 0.5


def test_a_new_rate_makes_no_step_in_time() -> None:
    async def work(loop: RateLoop) -> None:
        before = loop.time()
        loop.run_at(10)
        assert 0 <= loop.time() - before < 0.1
        await asyncio.sleep(1)
        between = loop.time()
        loop.run_at(1)
        assert 0 <= loop.time() - between < 0.1

    assert run_at(1, work) < 0.5


@pytest.mark.parametrize("rate", [0, -1, 11])
def test_a_rate_outside_one_to_ten_is_refused(rate: int) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        RateLoop(rate)


def test_watchdogs_stay_in_real_time() -> None:
    async def work(loop: RateLoop) -> None:
        clock = Clock(loop)
        begin, real = clock.now(), clock.real_now()
        await asyncio.sleep(clock.real(300))
        assert 300 <= clock.real_now() - real < 450
        assert clock.now() - begin >= 3000

    run_at(10, work)


class Scripted:
    """Stands where the core stands: notes what comes, answers what the test wants."""

    def __init__(self) -> None:
        self.seen: list[tuple[Ms, Input]] = []
        self.answers: list[Effect] = []
        self.due: Ms | None = None
        self.broken_by: type | None = None

    def step(self, now: Ms, item: Input) -> list[Effect]:
        if self.broken_by is not None and isinstance(item, self.broken_by):
            raise RuntimeError("planted")
        self.seen.append((now, item))
        answers, self.answers = self.answers, []
        return answers

    def deadline(self) -> Ms | None:
        return self.due


class Noted:
    """Hands that note."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.exits: list[int] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        def note(*_arguments: object) -> None:
            self.did.append(name)
            if name == "say":
                raise RuntimeError("planted")

        return note

    def exit(self, code: int) -> None:
        self.exits.append(code)


def shell() -> tuple[Shell, Scripted, Noted]:
    core, hands = Scripted(), Noted()
    return Shell(cast(Core, core), cast(Any, hands), Clock(asyncio.get_running_loop())), core, hands


async def test_a_stop_and_a_key_overtake_what_waits() -> None:
    it, core, _ = shell()
    for number in range(3):
        it.accept(Spoken(number))
    it.accept(Asked("a", 1, Press("space")))
    it.accept(Asked("a", 2, Stop()))
    it.accept(Asked("a", 3, Ease()))
    await asyncio.sleep(0.01)
    assert [type(item) for _, item in core.seen] == [Asked, Asked, Spoken, Spoken, Spoken, Asked]
    assert [item.id for _, item in core.seen[:2]] == [1, 2]  # type: ignore[union-attr]


async def test_time_never_runs_backward_for_the_core() -> None:
    it, core, _ = shell()
    it.accept(Spoken(1))
    time.sleep(0.005)  # noqa: ASYNC251  (the loop is to be held)
    it.accept(Asked("a", 1, Stop()))
    await asyncio.sleep(0.01)
    stamps = [now for now, _ in core.seen]
    assert stamps == sorted(stamps)


async def test_a_full_inbox_is_told_first_and_once_and_a_stop_still_gets_in() -> None:
    it, core, _ = shell()
    for number in range(INBOX + 50):
        it.accept(Attended(str(number)))
    it.accept(Asked("a", 1, Stop()))
    await eventually(lambda: len(core.seen) >= INBOX + 2)
    overflows = [item for _, item in core.seen if isinstance(item, Lagged)]
    assert overflows == [Lagged(0, overflow=True)] and core.seen[0][1] == overflows[0]
    assert core.seen[1][1] == Asked("a", 1, Stop())


async def test_the_core_is_ticked_at_its_deadline() -> None:
    it, core, _ = shell()
    due = core.due = Clock(asyncio.get_running_loop()).now() + 30
    it.start()
    await eventually(lambda: len(core.seen) >= 2)
    assert core.seen[0][0] < due <= core.seen[1][0] and {item for _, item in core.seen} == {Tick()}


async def test_a_deadline_in_the_past_does_not_spin_the_loop() -> None:
    it, core, _ = shell()
    core.due = 0
    it.start()
    await asyncio.sleep(0.05)
    assert len(core.seen) <= 60
    it.end()


async def test_writes_go_before_everything_else() -> None:
    it, core, hands = shell()
    core.answers = [Publish(Snapshot()), Notice("x"), Write(1, b"\x08\x01", Urgency.STOP)]
    it.accept(Tick())
    await asyncio.sleep(0.01)
    assert hands.did == ["write", "publish", "traced"]


async def test_a_part_that_breaks_takes_nothing_else_along() -> None:
    it, core, hands = shell()
    core.answers = [Say(1, "x", Loud.SAFETY), Rate(2), Publish(Snapshot())]
    it.accept(Tick())
    await asyncio.sleep(0.01)
    assert hands.did == ["say", "rate", "publish", "traced"]


async def test_a_core_that_breaks_leads_to_the_rescue_and_to_nothing_more() -> None:
    it, core, hands = shell()
    core.broken_by = Spoken
    it.accept(Spoken(1))
    it.accept(Tick())
    await asyncio.sleep(0.01)
    assert hands.did == ["broken"] and core.seen == []


async def test_after_the_exit_nothing_reaches_the_core() -> None:
    it, core, hands = shell()
    core.answers = [Exit(5)]
    it.accept(Tick())
    it.accept(Tick())
    await asyncio.sleep(0.01)
    assert hands.exits == [5] and len(core.seen) == 1


async def test_a_held_loop_is_told_to_the_core() -> None:
    it, core, _ = shell()
    it.start()
    await asyncio.sleep(0.15)
    time.sleep(0.6)  # noqa: ASYNC251  (the loop is to be held)
    await asyncio.sleep(0.15)
    late = [item.late for _, item in core.seen if isinstance(item, Lagged)]
    assert len(late) == 1 and 400 <= late[0] <= 900
    it.end()


async def test_trouble_with_the_disk_is_shown_where_nothing_else_is() -> None:
    it, core, _ = shell()
    it.trouble("disk", "Nothing can be recorded.")
    core.answers = [Publish(Snapshot())]
    it.accept(Tick())
    await asyncio.sleep(0.01)
    assert it.snapshot.notice == "Nothing can be recorded."
    core.answers = [Publish(Snapshot(notice="other"))]
    it.accept(Tick())
    await asyncio.sleep(0.01)
    assert it.snapshot.notice == "other"
    it.trouble("disk", "")
    core.answers = [Publish(Snapshot())]
    it.accept(Tick())
    await asyncio.sleep(0.01)
    assert it.snapshot.notice == ""


class SleepyClock(Clock):
    """A clock of a host that has slept for `slept` ms."""

    slept = 0

    def boot_lead(self) -> Ms:
        return 7_000_000 + self.slept


async def test_after_a_sleep_the_core_knows_before_it_decides_anything() -> None:
    """Inputs that waited, and those that wake with the host, come after it (hazard C9)."""
    core, clock = Scripted(), SleepyClock(asyncio.get_running_loop())
    it = Shell(cast(Core, core), cast(Any, Noted()), clock)
    it.accept(Spoken(1))
    it.accept(Asked("a", 1, Stop()))
    clock.slept = 3_600_000
    await asyncio.sleep(0.01)
    assert [item for _, item in core.seen] == [Suspended(3_600_000), Asked("a", 1, Stop()), Spoken(1)]
    it.accept(Tick())
    await asyncio.sleep(0.01)
    assert [item for _, item in core.seen][3:] == [Tick()]


async def test_a_sleep_is_noticed_though_nothing_arrives() -> None:
    core, clock, rounds = Scripted(), SleepyClock(asyncio.get_running_loop()), []
    it = Shell(cast(Core, core), cast(Any, Noted()), clock, lambda: rounds.append(1))
    it.start()
    await asyncio.sleep(0.05)
    clock.slept = 501
    await eventually(lambda: Suspended(501) in [item for _, item in core.seen], 2)
    it.end()
    assert len(rounds) >= 2


async def test_a_short_doze_is_no_sleep() -> None:
    core, clock = Scripted(), SleepyClock(asyncio.get_running_loop())
    it = Shell(cast(Core, core), cast(Any, Noted()), clock)
    clock.slept = 500
    it.accept(Tick())
    await asyncio.sleep(0.01)
    assert [item for _, item in core.seen] == [Tick()]


def test_boot_time_and_the_monotonic_clock_run_alike_on_a_computer_that_is_awake() -> None:
    async def work(loop: RateLoop) -> None:
        clock = Clock(loop)
        before = clock.boot_lead()
        await asyncio.sleep(1)
        assert before > -10 and abs(clock.boot_lead() - before) < 100

    run_at(10, work)
