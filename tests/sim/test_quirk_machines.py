"""Every known machine, commissioned and walked: never against an invariant, and as the page of machines says."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from treadsim.invariants import Violation, violations
from treadsim.machines_table import PROGRAM, SHORTER, Row, row, source, table, walked
from treadsim.world import Scene, World

from treadctl.control.core import Core
from treadctl.control.events import Effect, Input, Priority, Say
from treadctl.files.profile import load_profile
from treadctl.files.quirks import load_quirk, quirk_names
from treadctl.model.api import Phase, Press
from treadctl.model.limits import level_limits
from treadctl.model.person import Level
from treadctl.model.program import Walk, expand
from treadctl.model.units import Ms

ROOT = Path(__file__).resolve().parents[2]


@cache
def walk(name: str) -> Row:
    """Each machine is walked once for all tests of this file."""
    return row(load_quirk(name))


@pytest.mark.parametrize("name", quirk_names())
def test_no_walk_on_any_machine_does_anything_against_an_invariant(name: str) -> None:
    assert [str(one) for one in walk(name).broken] == []


def test_the_page_of_machines_is_what_the_walks_come_to() -> None:
    """Made anew by: python -P -m treadsim.machines_table > docs/machines.md"""
    made = table([walk(name) for name in quirk_names()])
    assert (ROOT / "docs/machines.md").read_text(encoding="utf-8") == made


def test_what_is_violated_in_a_commissioning_or_in_a_walk_is_named_before_everything_else() -> None:
    one = walk("reference")
    fast = [wire._replace(speed=300 if wire.speed == 200 else wire.speed) for wire in one.done.trace.writes]
    learnt_fast = replace(one, done=replace(one.done, trace=replace(one.done.trace, writes=fast)))
    assert "| backward | **VIOLATED I1 I29 I30** walked to its end" in table([learnt_fast])
    walked_badly = replace(one, walking=(Violation("I3", 0, "nobody pressed anything"),))
    assert "| backward | **VIOLATED I3** walked to its end" in table([walked_badly])
    assert table([walked_badly]).endswith("1 machines commissioned and walked: 1 with a violated invariant.\n")


def test_the_program_that_is_walked_is_the_profile_s() -> None:
    profile = load_profile(ROOT / "profiles/first-steps.yaml")
    shape = [(s.facing, s.seconds, s.speed) for s in expand(profile) if isinstance(s, Walk)]
    assert shape == [(s.facing, s.seconds, s.speed) for s in PROGRAM.segments if isinstance(s, Walk)]
    assert profile.level is PROGRAM.level is SHORTER.level is Level.L0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("reference", "walked to its end"),
        ("horizon-omega-z", "walked to its end"),  # no name, no answer to Request Control, a notifying Control Point
        ("kingsmith-ph4", "walked to its end"),  # loses commands that come close, hangs up on a speed in its spin-up
        ("wellfit", "walked to its end in 18 min"),  # control at the second request only
        ("iconsole", "walked to its end"),
        ("trinfit-t15-pro", "walked to its end"),  # 82 %, always
        ("matrix", "walked to its end"),  # every record cut off
        ("sole-f80", "walked to its end in 17 min"),  # the spotter starts it
        ("horizon-7-4", "refused: line 2 walks 1.0 km/h backward, which is not allowed here: nothing on it obeys"),
        ("half-steps", "refused: line 2 walks 1.0 km/h backward; the limit is 0.5"),
        ("bowflex-t9", "refused: this machine is not commissioned: units read off the console"),
        ("life-fitness", "refused: this machine is not commissioned; commission it first"),
        ("tm11gy", "refused: "),
        ("kingsmith-z1", "refused: "),
        ("t318", "refused: "),
        ("urevo-e3", "refused: "),
    ],
)
def test_what_becomes_of_the_first_steps(name: str, words: str) -> None:
    assert words in walk(name).first_steps


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("drifts-back", "slower than planned"),  # goes back to 1 km/h: the console's hand, not to be fought
        ("life-fitness", "link was lost while the belt stood still"),  # hangs up during the checklist
        ("horizon-7-4", "called for the key; refused: this machine's belt cannot be stopped by remote"),
        ("mph-target", "Wrong speed unit"),
        ("reebok-fr30z", "refused: line 2 walks 1.0 km/h backward, which is not allowed here: it falls silent"),
    ],
)
def test_a_machine_that_behaves_otherwise_than_when_it_was_learnt_does_no_harm(name: str, words: str) -> None:
    """With the record of a machine that did better on the day of its commissioning, or of an owner who misread it."""
    quirk = load_quirk(name)
    result, broken = walked(quirk, PROGRAM, quirk.record)
    assert words in result and broken == ()


def test_a_machine_that_goes_silent_in_the_middle_of_a_walk_is_called_the_key_for() -> None:
    quirk = load_quirk("reebok-fr30z")
    result, broken = walked(quirk, SHORTER, quirk.record)
    assert result.startswith("called for the key; ended after ") and broken == ()


def test_a_record_that_is_wrong_about_its_machine_is_found_out_before_anybody_walks_fast() -> None:
    """An owner who misread the console of a machine that reads miles."""
    honest = load_quirk("tm11gy")
    result, broken = walked(honest, PROGRAM, replace(honest.record, units_read_by_owner=True))
    assert "Wrong speed unit" in result and broken == ()


def test_a_machine_on_which_nobody_walks_backward_is_tried_forward() -> None:
    assert walk("xterra").forward == "walked to its end in 6 min" and not walk("reference").forward
    assert level_limits(Level.L0).forward.value >= max(s.speed for s in SHORTER.segments if isinstance(s, Walk))


def test_a_stop_key_is_answered_with_words_where_nothing_obeys() -> None:
    world = World(Scene(SHORTER, quirk=load_quirk("xterra")), diary=False)
    until = 0
    while world.snapshot.phase is not Phase.WALKING:
        until += 500
        world.run_until(until)
    pressed = world.now
    world.does(Press("space"))
    world.run_until(until + 20_000)
    said = [word.text for word in world.trace.words if pressed <= word.at <= pressed + 100]
    assert said and "console" in said[0] and world.machine.belt.speed == 0
    assert violations(world.trace) == []


class Pushy(Core):
    """Asks for a start that nobody confirmed."""

    asked = False

    def step(self, now: Ms, item: Input) -> list[Effect]:
        effects = super().step(now, item)
        if not self.asked and now > 20_000:
            self.asked = True
            effects.append(Say(9999, "Press start at the console.", Priority.SEGMENT))
        return effects


def test_to_ask_a_hand_for_a_start_needs_a_confirm_like_a_start_on_the_wire() -> None:
    world = World(Scene(SHORTER, quirk=load_quirk("xterra")), core=Pushy, diary=False)
    world.run_until(20_500)
    assert [str(one.text) for one in violations(world.trace) if one.invariant == "I3"] == [
        "Start without a right: nobody pressed anything"
    ]


def test_the_words_of_a_row() -> None:
    assert source(load_quirk("t318")) == (
        "qdomyos-zwift pull request 4024: no notification after a stop rather than a zero"
    )
    assert len(source(load_quirk("reebok-fr30z"))) <= 112
