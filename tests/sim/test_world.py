"""A whole walk in virtual time: treadctl's own core passes, and cores that do people wrong are caught."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace

import pytest
from treadsim.picture import draw
from treadsim.report import Line, Report
from treadsim.world import Controller, dry_run

from treadctl.control.core import Core
from treadctl.control.events import Asked, Effect, Input, Publish, Say, Spoken, Write
from treadctl.model import plain
from treadctl.model.api import Belt, Load, Phase, Snapshot
from treadctl.model.errors import UsageError
from treadctl.model.person import Level
from treadctl.model.program import DeadMill, Facing, Program, Rest, Segment, Turn, Walk, expand
from treadctl.model.units import Ms, kmh

F, B = Facing.FORWARD, Facing.BACKWARD
SHORT = Program(
    "There and <back>",
    (
        Walk(F, 45, kmh("1.5"), line=1),
        Walk(B, 50, kmh(1), say="Toes first.", line=2),
        Rest(20, line=3),
        Walk(F, 60, kmh("1.2"), line=4),
    ),
)


def wrong(report: Report) -> set[str]:
    return {verdict.name for verdict in report.verdicts if not verdict.ok}


def lines(report: Report, kind: str) -> list[str]:
    return [line.text for line in report.timeline if line.kind == kind]


@pytest.mark.parametrize("seed", range(5))
def test_a_good_walk_passes_every_verdict_whoever_walks_it(seed: int) -> None:
    report = dry_run(SHORT, seed=seed)
    assert report.ok and wrong(report) == set()
    assert 155_000 <= report.walked_ms <= 200_000 < report.wall_ms


def test_the_timeline_says_what_was_said_commanded_and_done_and_when() -> None:
    report = dry_run(SHORT)
    said = lines(report, "say")
    assert said.index("Next: turn round.") < said.index("Back to the console, hands along the rail.")
    assert lines(report, "command").count("start or resume") == 3
    assert "turns round" in lines(report, "walker") and "presses space" in lines(report, "walker")
    times = [line.at_ms for line in report.timeline]
    assert times == sorted(times)


def test_the_same_seed_gives_the_same_report_and_another_seed_another_walk() -> None:
    assert dry_run(SHORT, seed=3) == dry_run(SHORT, seed=3)
    assert dry_run(SHORT, seed=3).timeline != dry_run(SHORT, seed=4).timeline


@pytest.mark.parametrize("quirk", ["minimum-one", "start-toggles", "status-only", "resumes-speed", "split-records"])
def test_the_walk_is_as_good_on_a_machine_with_this_quirk(quirk: str) -> None:
    assert wrong(dry_run(SHORT, quirk=quirk)) == set()


@pytest.mark.parametrize("quirk", ["half-steps", "silent-at-zero"])
def test_a_machine_that_may_not_be_walked_on_is_refused_and_nothing_moves(quirk: str) -> None:
    report = dry_run(SHORT, quirk=quirk)
    assert not report.ok and report.walked_ms == 0
    assert lines(report, "refused") and lines(report, "command") == []


@pytest.mark.parametrize(
    "fault",
    [
        "machine.key(at=70s)", "machine.console_stop(at=70s)", "machine.jump(at=150s)", "telemetry.off(at=70s)",
        "machine.deaf(at=70s)", "link.drop(at=70s)", "machine.control_lost(at=70s)",
    ],
)
def test_after_a_fault_the_walker_stands_still_and_was_done_no_wrong(fault: str) -> None:
    assert wrong(dry_run(SHORT, faults=(fault,))) == set()


def test_a_lost_link_makes_the_walker_pull_the_key() -> None:
    assert "pulls the key" in lines(dry_run(SHORT, faults=("link.drop(at=70s)",)), "walker")


def test_nonsense_is_refused() -> None:
    with pytest.raises(UsageError):
        dry_run(SHORT, quirk="no such machine")
    with pytest.raises(UsageError):
        dry_run(SHORT, faults=("no.such(at=1s)",))


# --- broken controllers ----------------------------------------------------------------------------------------------


def changed(effects: Callable[[Effect], Effect | None]) -> type[Controller]:
    """A core whose effects pass through this function; None drops one."""

    class Changed(Core):
        def step(self, now: Ms, item: Input) -> list[Effect]:
            return [kept for effect in super().step(now, item) if (kept := effects(effect)) is not None]

    return Changed


class Breathless(Core):
    """Does not wait until its words were heard: it takes every utterance as spoken at once, and says none of them."""

    def step(self, now: Ms, item: Input) -> list[Effect]:
        done: list[Effect] = []
        todo = super().step(now, item)
        while todo:
            effect = todo.pop(0)
            if isinstance(effect, Say) and effect.text.startswith("Faster"):
                todo += super().step(now, Spoken(effect.id))
            else:
                done.append(effect)
        return done


def test_a_controller_that_skips_the_turn_around_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_turns(program: Program) -> tuple[Segment, ...]:
        return tuple(segment for segment in expand(program) if not isinstance(segment, Turn))

    users = [m for name, m in sys.modules.items() if name.startswith("treadctl.control.") and hasattr(m, "expand")]
    assert users
    for module in users:
        monkeypatch.setattr(module, "expand", without_turns)
    assert {"faced as the program said", "walked each way as planned"} <= wrong(dry_run(SHORT))


def test_a_controller_that_walks_everything_forward_is_caught() -> None:
    forward = Program(SHORT.name, tuple(Walk(F, 50, kmh(1), line=n) for n in range(3)))

    class Straight(Core):
        def step(self, now: Ms, item: Input) -> list[Effect]:
            if isinstance(item, Asked) and isinstance(item.intent, Load):
                item = Asked(item.client, item.id, Load(forward))
            return super().step(now, item)

    assert "walked each way as planned" in wrong(dry_run(SHORT, core=Straight))


def test_a_controller_that_raises_the_speed_without_saying_so_is_caught() -> None:
    assert "every rise was announced" in wrong(dry_run(SHORT, core=Breathless))


def test_a_controller_that_starts_without_counting_is_caught() -> None:
    def mumbling(effect: Effect) -> Effect | None:
        counts = isinstance(effect, Say) and effect.text in ("one", "Now the treadmill counts. Stay on the rails.")
        return replace(effect, text="Hm.") if counts and isinstance(effect, Say) else effect

    assert "every rise was announced" in wrong(dry_run(SHORT, core=changed(mumbling)))


def test_a_count_that_nobody_hears_starts_nothing() -> None:
    def silent(effect: Effect) -> Effect | None:
        return None if isinstance(effect, Say) and effect.text == "one" else effect

    assert wrong(dry_run(SHORT, core=changed(silent))) == {"the programme was finished", "walked each way as planned"}


def test_a_controller_that_stops_without_saying_so_is_caught() -> None:
    def silent(effect: Effect) -> Effect | None:
        return None if isinstance(effect, Say) and effect.text.startswith("Stopping") else effect

    assert wrong(dry_run(SHORT, core=changed(silent))) == {"every stop and easing was announced"}


def test_a_controller_that_never_stops_the_belt_is_caught() -> None:
    def endless(effect: Effect) -> Effect | None:
        return None if isinstance(effect, Write) and effect.data[0] == 8 else effect

    report = dry_run(SHORT, core=changed(endless))
    assert not report.ok and "every stop and easing was announced" in wrong(report)


def test_a_controller_that_goes_too_fast_is_caught() -> None:
    def fast(effect: Effect) -> Effect:
        if isinstance(effect, Write) and effect.data == b"\x02\x64\x00":
            return Write(effect.id, b"\x02\x96\x00", effect.urgency)
        return effect

    backward = Program("back", (Walk(B, 50, kmh(1), line=1),))
    assert "stayed under the limits" in wrong(dry_run(backward, core=changed(fast)))


def test_a_controller_that_never_comes_to_rest_ends_the_dry_run() -> None:
    class Busy(Core):
        def deadline(self) -> Ms:
            return 0

    report = dry_run(SHORT, core=Busy)
    assert not report.ok and report.wall_ms < 60_000


PUSHED = Program("Pushed", (Walk(F, 60, kmh(2), line=1), DeadMill(B, 60, line=2)), Level.L1)


def test_after_a_dead_mill_the_belt_is_switched_off_and_the_screen_does_not_claim_to_know_it() -> None:
    report = dry_run(PUSHED)
    assert report.ok and "switched off" in report.verdicts[-1].text


def test_a_screen_that_claims_a_standstill_without_measuring_is_no_such_case() -> None:
    def blind(effect: Effect) -> Effect:
        if isinstance(effect, Publish) and isinstance(effect.what, Snapshot) and effect.what.phase is Phase.DONE:
            return replace(effect, what=effect.what._replace(belt=Belt.MOVING))
        return effect

    assert wrong(dry_run(PUSHED, core=changed(blind))) == {"ended at measured standstill"}


# --- the report ------------------------------------------------------------------------------------------------------


def test_a_report_is_plain_json() -> None:
    report = dry_run(SHORT)
    assert plain.load(Report, plain.dump(report)) == report


def test_the_picture_is_well_formed_hatches_backward_and_escapes_names() -> None:
    report = dry_run(SHORT)
    root = ET.fromstring(draw(report))
    kinds = [element.get("class") for element in root.iter() if element.get("class") in ("forward", "backward")]
    assert kinds.count("backward") >= 1 and kinds.count("forward") >= 2
    assert "There and <back>" in "".join(root.itertext())
    assert "<back>" not in draw(report)


def test_the_picture_says_what_its_height_and_its_hatching_are() -> None:
    assert "height is km/h, hatched is backward" in "".join(ET.fromstring(draw(dry_run(SHORT))).itertext())


def test_an_empty_report_can_be_drawn() -> None:
    assert ET.fromstring(Report("x", "q", 0, False, (Line(0, "say", "hi"),), (), (), 0, 0).svg()).tag.endswith("svg")
