"""What was learnt counts when it is on disk, and as all that is known of the machine lets it count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.control.bench import ADDRESS, Bench
from treadctl.control import events as ev
from treadctl.control.aftermath import units_lock
from treadctl.control.commissioning import DISK_SLOW, KEEP_LIMIT, KEEPING
from treadctl.model import api
from treadctl.model.errors import ExitCode


def writing(**more: object) -> Bench:
    """At the moment when the record is on its way to a disk that does not answer."""
    bench = Bench(**more)  # type: ignore[arg-type]
    bench.disk = False
    bench.begin_commissioning().until(lambda: bool(bench.of(ev.Learn)))
    return bench


def done(bench: Bench) -> bool:
    return bench.shot.phase is api.Phase.DONE


def test_kept_is_said_only_when_the_disk_has_it() -> None:
    bench = writing()
    bench.run(2_000)
    assert not done(bench) and bench.shot.reason == KEEPING and bench.of(ev.Connect) == []
    bench.feed(ev.Learnt(bench.learnt))
    assert done(bench) and bench.shot.reason == "Kept. Backward: yes."
    assert bench.of(ev.Connect) == [ev.Connect(ADDRESS)]


def test_the_verdict_is_that_of_the_record_with_what_is_known_of_the_machine_over_it() -> None:
    bench = Bench(locks=(units_lock(ADDRESS),))
    bench.known = lambda record: replace(record, units_read_by_owner=False)
    bench.commissioned()
    assert bench.learnt is not None and bench.learnt.complete
    assert bench.shot.reason == "Kept. It cannot be driven: units read off the console."
    assert bench.core._keeping._locks, "a machine that is known to take miles stays locked"


def test_a_disk_that_is_full_is_told_and_nothing_counts_as_learnt() -> None:
    bench = writing(locks=(units_lock(ADDRESS),))
    bench.feed(ev.Learnt(why="What was learnt cannot be written (disk \x1b[2J full); free some disk space."))
    assert done(bench) and "free some disk space" in bench.shot.reason
    assert "\x1b" not in bench.shot.reason
    assert bench.shot.summary is not None and bench.shot.summary.exit_code == ExitCode.FAULT
    assert bench.of(ev.Connect) == [] and bench.core._keeping._locks


def test_a_disk_that_hangs_is_told_after_ten_seconds_and_is_not_heard_afterwards() -> None:
    bench = writing()
    bench.run(KEEP_LIMIT)
    assert done(bench) and bench.shot.reason == DISK_SLOW
    bench.feed(ev.Learnt(bench.learnt))
    assert bench.shot.reason == DISK_SLOW and bench.of(ev.Connect) == []


def end(bench: Bench) -> None:
    bench.ask(api.End())


def unlinked(bench: Bench) -> None:
    bench.unlink()


@pytest.mark.parametrize("deed", [end, unlinked])
def test_while_it_is_written_nothing_else_ends_it(deed: Callable[[Bench], None]) -> None:
    bench = writing()
    deed(bench)
    bench.run(500)
    assert not done(bench) and bench.shot.question is None
    bench.feed(ev.Learnt(bench.learnt))
    assert bench.shot.reason == "Kept. Backward: yes."


def test_without_a_commissioning_an_answer_of_the_disk_means_nothing() -> None:
    bench = Bench()
    bench.feed(ev.Learnt(why="late"))
    assert bench.shot.reason == "" and bench.of(ev.Connect) == []
