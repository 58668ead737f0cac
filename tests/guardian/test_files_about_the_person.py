"""What a guardian reads of the person, and writes: at its start, and again when something changed."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from treadsim.backend import open_backend

from tests.guardian.radio import eventually
from treadctl.control.events import Context, Input, KeepRehearsal, ReadAnew, Rehearsed, Remember, RememberDay, Reread
from treadctl.files.config import Settings
from treadctl.files.locks import (
    add_lock,
    ever_heard,
    load_locks,
    load_rehearsals,
    remember_day,
    remember_heard,
    remember_rehearsal,
)
from treadctl.files.person import save_person
from treadctl.guardian.clock import today
from treadctl.guardian.guardian import Guardian
from treadctl.guardian.process import _context
from treadctl.guardian.radio import Radio
from treadctl.model.errors import ExitCode
from treadctl.model.locks import UNREADABLE, Lock
from treadctl.model.person import UNKNOWN_PERSON, Level, Person
from treadctl.model.units import Units
from treadctl.paths import Paths

FALL, PAIN = Lock("fall", "you fell"), Lock("pain", "it hurt")
REGULAR = Person(level=Level.L3, age=40)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "run", tmp_path / "state", tmp_path / "data", tmp_path / "config")


class Told:
    """A guardian whose core is told nothing: what it would be told lies in `inputs`."""

    def __init__(self, paths: Paths, guardian: Guardian) -> None:
        self.paths, self.guardian = paths, guardian
        self.inputs: list[Input] = []

    async def next(self, do: Callable[[], None]) -> Input:
        """What the core is told after this was done."""
        before = len(self.inputs)
        do()
        await eventually(lambda: len(self.inputs) > before, 20)
        return self.inputs[-1]

    async def read(self, number: int = 1) -> Reread:
        news = await self.next(lambda: self.guardian.read_anew(ReadAnew(number)))
        assert isinstance(news, Reread)
        return news


@pytest.fixture
async def told(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Told]:
    guardian = Guardian(Context("known", "0", today="2026-01-01"), paths, Settings(), Radio(open_backend(seed=7)), 60)
    told = Told(paths, guardian)
    monkeypatch.setattr(guardian._shell, "accept", told.inputs.append)
    yield told
    monkeypatch.undo()
    guardian.exit(ExitCode.OK)
    await guardian.ended()


async def test_person_locks_and_day_are_read_again_under_the_number_that_was_asked_for(told: Told) -> None:
    assert await told.read(3) == Reread(3, today(), UNKNOWN_PERSON, ())
    save_person(told.paths.person, REGULAR)
    add_lock(told.paths.locks, FALL)
    remember_day(told.paths.day, today(), True, False)
    assert await told.read(4) == Reread(4, today(), REGULAR, (FALL,), checked=True)


async def test_a_number_heard_in_the_first_evening_is_read_and_one_heard_before_a_walk_is_kept(told: Told) -> None:
    remember_heard(told.paths.day, today())
    assert await told.read(1) == Reread(1, today(), UNKNOWN_PERSON, (), heard=True)
    assert begun(told.paths).heard
    told.paths.day.unlink()
    told.guardian.remember(RememberDay(checked=True, heard=True))
    assert await told.read(2) == Reread(2, today(), UNKNOWN_PERSON, (), checked=True, heard=True)
    assert ever_heard(told.paths.day)


async def test_a_file_that_cannot_be_read_locks_as_at_the_start(told: Told) -> None:
    told.paths.person.parent.mkdir(parents=True)
    told.paths.person.write_text("damaged")
    add_lock(told.paths.locks, FALL)
    assert (await told.read()).locks == (FALL, UNREADABLE) == begun(told.paths).locks
    told.paths.person.unlink()
    told.paths.locks.write_text("damaged")
    assert (await told.read()).locks == (UNREADABLE,) == begun(told.paths).locks


async def test_a_lock_that_is_being_written_is_read_and_one_that_cannot_be_written_holds(told: Told) -> None:
    told.guardian.remember(Remember(FALL))
    assert (await told.read()).locks == (FALL,)
    told.paths.locks.unlink()
    told.paths.locks.mkdir()
    told.guardian.remember(Remember(PAIN))
    assert (await told.read()).locks == (UNREADABLE, PAIN)
    told.paths.locks.rmdir()
    assert (await told.read()).locks == (PAIN,), "it is on no disk, and nobody has lifted it"


async def test_ticks_are_kept_for_the_day_that_was_read_last(told: Told) -> None:
    told.guardian.remember(RememberDay(True, True))
    assert (await told.read()) == Reread(1, today(), UNKNOWN_PERSON, ()), "they were those of the day it was begun on"
    told.guardian.remember(RememberDay(True, True))
    assert (await told.read()).reached


async def test_a_disk_that_hangs_makes_nobody_wait(told: Told) -> None:
    told.guardian._disk.run(lambda: asyncio.run(asyncio.sleep(0.3)))
    told.guardian.read_anew(ReadAnew(1))
    assert told.inputs == []
    await eventually(lambda: len(told.inputs) == 1, 20)


async def test_a_rehearsal_is_on_disk_when_it_is_told_and_read_at_the_next_start(told: Told) -> None:
    assert await told.next(lambda: told.guardian.keep_rehearsal(KeepRehearsal("AA:BB"))) == Rehearsed()
    assert [kept.address for kept in load_rehearsals(told.paths.rehearsed)] == ["AA:BB"]
    assert begun(told.paths).rehearsed == ("AA:BB",)


async def test_a_rehearsal_that_cannot_be_written_is_told_with_the_reason(told: Told) -> None:
    told.paths.rehearsed.mkdir(parents=True)
    answer = await told.next(lambda: told.guardian.keep_rehearsal(KeepRehearsal("AA:BB")))
    assert answer == Rehearsed("Is a directory; free some disk space")


def begun(paths: Paths) -> Context:
    """What a guardian that is started now begins with."""
    return _context(Namespace(seed=0, rate=1), paths, Settings(units="mph"))


@pytest.mark.parametrize(("simulated", "why"), [(False, "the voice is switched off"), (True, "")])
async def test_a_guardian_begins_with_why_nobody_hears_it(simulated: bool, why: str, paths: Paths) -> None:
    radio = Radio(open_backend(seed=7) if simulated else None)
    guardian = Guardian(Context("known", "0"), paths, Settings(voice=False), radio, 60)
    assert guardian._context.mute == guardian._shell._core._keeping.mute == why
    guardian.exit(ExitCode.OK)
    await guardian.ended()


def test_a_guardian_begins_with_what_is_on_disk(paths: Paths) -> None:
    save_person(paths.person, REGULAR)
    add_lock(paths.locks, FALL)
    remember_day(paths.day, today(), False, True)
    remember_rehearsal(paths.rehearsed, "AA:BB", "2026-11-20")
    context = begun(paths)
    assert (context.person, context.locks, context.rehearsed) == (REGULAR, (FALL,), ("AA:BB",))
    assert (context.checked, context.reached, context.today) == (False, True, today())
    assert context.units is Units.MPH
    paths.rehearsed.write_text("damaged")
    assert begun(paths).rehearsed == () and load_locks(paths.locks) == (FALL,)
