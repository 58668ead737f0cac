"""Every known machine, walked: never against an invariant, and never otherwise than the page of machines says."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from treadsim.invariants import violations
from treadsim.machines_table import PROGRAM, SHORTER, Row, permission, row, source, table, walked
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
        ("wellfit", "walked to its end"),  # control at the second request only
        ("iconsole", "walked to its end"),
        ("trinfit-t15-pro", "walked to its end"),  # 82 %, always
        ("matrix", "walked to its end"),  # every record cut off
        ("drifts-back", "slower than planned"),  # goes back to 1 km/h: the console's hand, not to be fought
        ("life-fitness", "link was lost while the belt stood still"),  # hangs up during the checklist
        ("horizon-7-4", "called for the key"),  # starts by itself, and stop does nothing
        ("mph-target", "Wrong speed unit"),
        ("tm11gy", "refused: "),
        ("kingsmith-z1", "refused: "),
        ("t318", "refused: "),
        ("urevo-e3", "refused: "),
    ],
)
def test_what_becomes_of_the_first_steps(name: str, words: str) -> None:
    assert words in walk(name).first_steps


def test_a_record_that_is_wrong_about_its_machine_is_found_out_before_anybody_walks_fast() -> None:
    """An owner who misread the console of a machine that reads miles."""
    honest = load_quirk("tm11gy")
    misread = replace(honest, record=replace(honest.record, units_read_by_owner=True))
    result, broken = walked(misread, PROGRAM)
    assert "Wrong speed unit" in result and broken == ()


def test_a_machine_on_which_nobody_walks_backward_is_tried_forward() -> None:
    assert walk("t318").forward and not walk("reference").forward
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
    assert permission(load_quirk("reference")) == "backward"
    assert permission(load_quirk("t318")) == "not backward: it falls silent at standstill"
    assert source(load_quirk("t318")) == (
        "qdomyos-zwift pull request 4024: no notification after a stop rather than a zero"
    )
    assert len(source(load_quirk("reebok-fr30z"))) <= 112
