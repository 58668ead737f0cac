"""Commissioning of machines that obey less, and its second part: Pause, the speed after a stop, a dropped link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.control.bench import ADDRESS, KNOWN, Bench
from tests.control.deeds import key, killed, safety_key, stop
from tests.control.rig import CONTROL, START, STOP
from treadctl.control import events as ev
from treadctl.control import prompts
from treadctl.control.aftermath import units_lock
from treadctl.control.events import Drop
from treadctl.control.procedure import UNSEEN
from treadctl.ftms.control_point import Op
from treadctl.model import api
from treadctl.model.errors import ExitCode
from treadctl.model.locks import Lock
from treadctl.model.machine import Backward, backward_permission
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Speed

PAUSE = b"\x08\x02"
WALK = Program("walk", (Walk(Facing.FORWARD, 60, Speed(150)),))
BOTH = Program("both", (Walk(Facing.FORWARD, 60, Speed(150)), Walk(Facing.BACKWARD, 40, Speed(100))))
NOTHING = "Nothing was learnt."
LOCKED = (units_lock(ADDRESS), units_lock("BB"), Lock("pain", "it hurt", "2099-01-01"))


class Pausing(Bench):
    """Pause stops this belt."""

    def _written(self, write: ev.Write) -> None:
        super()._written(write)
        if write.data == PAUSE and self.obeys:
            self.target = 0



# --- machines that obey less -----------------------------------------------------------------------------------------


def test_a_machine_that_does_not_start_is_started_at_its_console() -> None:
    bench = Bench()
    bench.deaf_to = {Op.START_OR_RESUME}
    learnt = bench.commissioned().learnt
    assert learnt is not None and learnt.remote_start is False and learnt.complete and learnt.start_lag is None
    assert backward_permission(learnt)[0] is Backward.SPOTTER_STARTS
    assert bench.count(START) == 1 and len(bench.heard(prompts.NOT_STARTED)) == 1


def test_a_machine_that_refuses_to_start_is_not_waited_for() -> None:
    bench = Bench()
    bench.results = {Op.START_OR_RESUME: 4}
    bench.begin_commissioning().until(lambda: "by-hand" in bench.answered)
    last = max(wrote.at for wrote in bench.writes if wrote.data == START)
    assert bench.now <= last + 2000
    learnt = bench.done().learnt
    assert learnt is not None and learnt.remote_start is False and learnt.complete
    assert bench.count(START) == 2, "some machines give control at the second request only"


def test_a_start_that_is_taken_at_the_second_confirm_is_a_remote_start() -> None:
    bench = Bench()
    bench.results = {Op.START_OR_RESUME: 5}
    bench.begin_commissioning().until(lambda: bench.count(START) == 1)
    bench.results = {}
    learnt = bench.done().learnt
    assert learnt is not None and learnt.remote_start and learnt.complete and bench.count(START) == 2
    assert "stands" not in bench.answered


@pytest.mark.parametrize("part", [1, 2])
def test_a_belt_that_its_owner_sees_moving_although_it_tells_zeros_calls_for_the_key(part: int) -> None:
    bench = Bench(part, says={"stands": "n"})
    bench.deaf_to = {Op.START_OR_RESUME}
    bench.commissioned()
    assert bench.heard(prompts.PULL_KEY) and bench.learnt is None and bench.count(START) == 1
    assert bench.shot.reason == f"{UNSEEN} Nothing was learnt."
    assert bench.shot.summary is not None and bench.shot.summary.exit_code == ExitCode.FAULT


def test_a_belt_that_does_not_start_by_hand_is_asked_about_as_well() -> None:
    bench = Bench(control=False, says={"stands": "n"})
    bench.console = False
    bench.commissioned()
    assert bench.heard(prompts.PULL_KEY) and bench.learnt is None


def test_a_confirm_that_came_to_nothing_here_says_nothing_about_the_machine() -> None:
    """The sample was old when the Start was due: the confirm is asked for again, and the Start works."""
    bench = Bench().begin_commissioning()
    bench.until(lambda: bench.shot.countdown == 2)
    bench.sampling = False
    bench.until(lambda: bool(bench.heard("Refused: ")))
    bench.sampling = True
    learnt = bench.done().learnt
    assert learnt is not None and learnt.remote_start and bench.count(START) == 1


def test_where_nobody_starts_it_either_only_what_was_seen_is_kept() -> None:
    bench = Bench(says={"by-hand": "n"})
    bench.deaf_to, bench.console = {Op.START_OR_RESUME}, False
    learnt = bench.commissioned().learnt
    assert learnt is not None and not learnt.control and not learnt.complete
    assert bench.shot.reason.startswith("Kept. It cannot be driven: ")


class Locked(Bench):
    """Answers success to everything and does nothing."""

    def _obey(self, wrote: object) -> None:
        pass


def test_a_machine_that_takes_nothing_is_learnt_for_guide_mode() -> None:
    bench = Locked().commissioned()
    learnt = bench.learnt
    assert learnt is not None and learnt.complete and not learnt.control and not learnt.stop_works
    assert learnt.units_read_by_owner and backward_permission(learnt)[0] is Backward.NO
    assert bench.heard("At the console: 2.0.") and bench.stands


def test_a_machine_without_a_control_point_is_never_written_to() -> None:
    bench = Bench(control=False).commissioned()
    learnt = bench.learnt
    assert bench.writes == [] and learnt is not None and learnt.complete and not learnt.control


def test_what_takes_no_speed_is_told_to_stop_all_the_same() -> None:
    """Nobody knows yet that Stop does nothing: it is written, and the owner is told to press it."""
    bench = Bench()
    bench.deaf_to = {Op.SET_TARGET_SPEED}
    bench.begin_commissioning().until(lambda: bool(bench.heard(prompts.PRESS_STOP)))
    assert bench.writes[-1].data == STOP
    learnt = bench.done().learnt
    assert learnt is not None and not learnt.control


def test_a_stop_that_only_the_key_brings_about_leaves_a_machine_for_guide_mode() -> None:
    class Deaf(Bench):
        def _obey(self, wrote: object) -> None:
            if getattr(wrote, "data", b"") != STOP:
                super()._obey(wrote)  # type: ignore[arg-type]

    bench = Deaf().begin_commissioning()
    bench.until(lambda: bool(bench.heard("Pull the key")))
    bench.pull_key()
    learnt = bench.done().learnt
    assert learnt is not None and learnt.complete and not learnt.control and not learnt.stop_works


class Sluggish(Bench):
    """Starts at 0.6 km/h and stays there."""

    def _obey(self, wrote: object) -> None:
        if getattr(wrote, "speed", None) is None:
            super()._obey(wrote)  # type: ignore[arg-type]

    def _move(self) -> None:
        super()._move()
        self.speed = min(self.speed, 60)


def test_a_first_speed_that_is_never_met_makes_a_machine_for_guide_mode() -> None:
    bench = Sluggish().begin_commissioning()
    bench.until(lambda: bool(bench.heard("Speed not as set")))
    bench.until(lambda: bool(bench.heard(prompts.PRESS_START)))
    bench.owner = False
    bench.ask(api.End())
    assert bench.done().stands and bench.learnt is None


def test_a_machine_that_takes_slow_speeds_only_is_not_driven() -> None:
    class Slow(Bench):
        def _move(self) -> None:
            super()._move()
            self.speed = min(self.speed, 110)

    bench = Slow().begin_commissioning()
    bench.until(lambda: bool(bench.heard(prompts.PRESS_STOP)))
    assert bench.writes[-1].data == STOP
    learnt = bench.done().learnt
    assert learnt is not None and not learnt.control


def test_too_fast_without_the_ratio_of_miles_is_told_as_too_fast() -> None:
    class Hasty(Bench):
        def _move(self) -> None:
            super()._move()
            self.speed = 150 if self.speeds and self.target else self.speed

    bench = Hasty().commissioned()
    assert bench.learnt is None and bench.shot.reason == f"Too fast. Stopping. {NOTHING}"


def test_a_key_while_the_owner_is_told_to_stop_it_ends_everything() -> None:
    bench = Bench()
    bench.deaf_to, bench.console = {Op.SET_TARGET_SPEED}, False
    bench.begin_commissioning().until(lambda: bool(bench.heard(prompts.PRESS_STOP)))
    bench.owner = False
    bench.press("x")
    bench.done()
    assert bench.learnt is None and bench.shot.reason == f"You pressed stop. {NOTHING}"


@pytest.mark.parametrize("deed", ["key", "console"])
def test_who_stops_what_takes_neither_speed_nor_stop_is_not_in_the_way(deed: str) -> None:
    bench = Bench()
    bench.deaf_to, bench.console = {Op.SET_TARGET_SPEED, Op.STOP_OR_PAUSE, Op.RESET}, False
    bench.begin_commissioning().until(lambda: bool(bench.heard("Pull the key")))
    bench.pull_key() if deed == "key" else bench.stop_at_console()
    bench.console = True
    learnt = bench.done().learnt
    assert learnt is not None and not learnt.control


# --- part two --------------------------------------------------------------------------------------------------------


def test_part_two_learns_pause_the_speed_after_a_stop_and_what_a_lost_link_does() -> None:
    bench = Pausing(2).commissioned()
    learnt = bench.learnt
    assert learnt is not None and learnt.pause_proven and learnt.runs_on and learnt.dead_mill_attested
    assert learnt == replace(KNOWN, pause_proven=True, runs_on=True, dead_mill_attested=True, resume_speed=Speed(80))
    assert bench.count(START) == 3 and len(bench.of(Drop)) == 1 and bench.top == 100
    pause = next(i for i, wrote in enumerate(bench.writes) if wrote.data == PAUSE)
    assert bench.count(PAUSE) == 1 and bench.writes[pause + 1].data == CONTROL


def test_a_pause_that_does_nothing_is_followed_by_stop_and_is_not_proven() -> None:
    bench = Bench(2).commissioned()
    learnt = bench.learnt
    assert learnt is not None and learnt.complete and not learnt.pause_proven
    pauses = [wrote.at for wrote in bench.writes if wrote.data == PAUSE]
    after = next(wrote for wrote in bench.writes if wrote.at > pauses[-1])
    assert after.data == STOP and after.at <= pauses[0] + 6_000
    assert not any(at <= after.at + 5_000 for at in bench.heard("Pull the key"))


@pytest.mark.parametrize("deed", [key, stop, safety_key, killed])
def test_whatever_stops_a_belt_on_which_pause_is_tried_writes_stop(deed: Callable[[Bench], None]) -> None:
    bench = Bench(2).begin_commissioning()
    bench.until(lambda: bench.count(PAUSE) == 1)
    bench.run(200)
    assert bench.count(STOP) == 0
    deed(bench)
    bench.run(2_100)
    assert bench.count(STOP) >= 1
    bench.done()
    assert bench.learnt is None and bench.stands


def test_a_lost_link_while_pause_is_tried_is_stopped_on_the_new_one() -> None:
    bench = Bench(2).begin_commissioning()
    bench.until(lambda: bench.count(PAUSE) == 1)
    bench.unlink()
    bench.done()
    assert STOP in {wrote.data for wrote in bench.writes} and bench.learnt is None and bench.stands


def test_a_pause_that_hangs_on_its_link_asks_for_a_new_one() -> None:
    bench = Bench(2).begin_commissioning()
    bench.until(lambda: bench.speed == 100)
    bench.answers = bench.relinks = False
    bench.until(lambda: bench.count(PAUSE) == 1)
    pause = next(effect for effect in bench.of(ev.Write) if isinstance(effect, ev.Write) and effect.data == PAUSE)
    bench.feed(ev.WriteFailed(pause.id, "the write took longer than a second"))
    assert bench.of(ev.Reconnect)
    bench.run(2_000)
    assert bench.count(PAUSE) == 1 and bench.count(STOP) >= 1  # what is tried on the old link as well is no Pause
    bench.answers = bench.relinks = True
    bench.unlink()
    bench.link()
    bench.done()
    assert bench.writes[-1].data == STOP and bench.learnt is None and bench.stands


def test_a_belt_that_stops_when_its_link_is_dropped_does_not_run_on() -> None:
    class Careful(Bench):
        def _take(self, effect: ev.Effect) -> None:
            super()._take(effect)
            if isinstance(effect, Drop):
                self.target = self.speed = 0

    learnt = Careful(2).commissioned().learnt
    assert learnt is not None and learnt.runs_on is False


def test_a_belt_that_takes_up_its_old_speed_is_known() -> None:
    class Resumes(Bench):
        def _move(self) -> None:
            before = self.speed
            super()._move()
            if before == 0 and self.speed == 80 and self.count(START) > 1:
                self.speed = self.target = 100

    learnt = Resumes(2).commissioned().learnt
    assert learnt is not None and learnt.resume_speed == 100


@pytest.mark.parametrize("number", [1, 2, 3])
def test_part_two_ends_where_the_belt_does_not_start(number: int) -> None:
    bench = Bench(2).begin_commissioning()
    bench.until(lambda: bench.count(START) == number - 1 and bench.shot.phase is api.Phase.TURNING)
    bench.deaf_to = {Op.START_OR_RESUME}
    bench.done()
    assert bench.learnt is None and "the belt did not start" in bench.shot.reason and bench.count(START) == number


@pytest.mark.parametrize("id", ["empty", "beside", "console"])
def test_part_two_starts_nothing_where_the_owner_says_no(id: str) -> None:
    bench = Bench(2, says={id: "n"}).commissioned()
    assert bench.writes == [] and bench.learnt is None


def test_who_pulls_the_key_when_the_link_is_dropped_on_purpose_did_what_was_said() -> None:
    bench = Bench(2).begin_commissioning()
    bench.until(lambda: bool(bench.of(Drop)) and bench.linked)
    bench.pull_key()
    learnt = bench.done().learnt
    assert learnt is not None and learnt.complete


def test_a_key_after_the_link_was_dropped_on_purpose_still_ends_it() -> None:
    bench = Bench(2).begin_commissioning()
    bench.until(lambda: bool(bench.of(Drop)))
    bench.owner = False
    bench.press("x")
    bench.done()
    assert bench.learnt is None and bench.stands


def test_a_link_that_does_not_come_back_leaves_the_belt_lost_and_nothing_learnt() -> None:
    bench = Bench(2)
    bench.relinks = False
    bench.begin_commissioning().until(lambda: bool(bench.of(Drop)))
    bench.run(30_000)
    assert bench.shot.phase is api.Phase.LOST and bench.shot.alarm and bench.learnt is None
