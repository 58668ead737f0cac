"""Who walks in a campaign, and what: seeded programs within the limits, and people who do not do as they are told.

Nothing here knows the controller; the same seed gives the same people and programs.
"""

from __future__ import annotations

import random
from dataclasses import replace

from treadctl.files.quirks import Quirk
from treadctl.model.api import (
    Abort,
    Acknowledge,
    Ease,
    End,
    Intent,
    Message,
    Pain,
    Phase,
    Preselect,
    Press,
    Repeat,
    Resume,
    Snapshot,
    Stop,
)
from treadctl.model.limits import check, effective_limits
from treadctl.model.person import Level, Person, any_walker
from treadctl.model.program import (
    DeadMill,
    Facing,
    InclineSteps,
    Item,
    OffTreadmill,
    Program,
    Rest,
    Walk,
    expand,
)
from treadctl.model.units import Incline, Ms, Speed

from .walker import Walker

KEYS = ("space", "enter", "escape", "ctrl+c", "a", "pageup", "f5")
MOVES: tuple[Phase, ...] = (Phase.STARTING, Phase.HOLDING, Phase.WALKING, Phase.EASING, Phase.STOPPING)
SPEEDS = (80, 90, 100, 120, 150, 180, 200, 250, 300, 400, 500, 600)
NAMES = ("Walk", "Evening round", "\x1b[2J\x1b]0;x\x07", "\u202ebackward", "[bold]markup[/]", "ünïcødé")


class RestlessWalker(Walker):
    """Somebody who presses keys, eases, feels pain and stops: `unrest` times an hour of walking."""

    def __init__(self, seed: int, unrest: float) -> None:
        super().__init__(seed)
        self._whim = random.Random(seed + 1)
        self._mean: Ms = int(3_600_000 / max(unrest, 0.001))
        self._whim_at: Ms = self._next_whim(0)

    def _next_whim(self, now: Ms) -> Ms:
        return now + int(self._whim.expovariate(1 / self._mean)) + 1

    def deadline(self) -> Ms:
        return min(super().deadline(), self._whim_at)

    def step(self, now: Ms, snapshot: Snapshot) -> list[Intent]:
        intents = super().step(now, snapshot)
        if now >= self._whim_at:
            self._whim_at = self._next_whim(now)
            intents = [*intents, self._something(snapshot)]
        return intents

    def _something(self, snapshot: Snapshot) -> Intent:
        """What comes to mind: on a moving belt mostly slower, at rest mostly a key."""
        key = Press(self._whim.choice(KEYS), held=self._whim.random() < 0.2)
        if snapshot.phase in MOVES:
            slower: tuple[Intent, ...] = (key, Ease(), Ease(), Pain(), Stop(), End())
            choices = (*slower, Resume(), Repeat(), Acknowledge())
        else:
            choices = (key, key, Stop("from the shell"), Pain(), Abort(), Ease(), Resume(), Repeat())
        return self._whim.choice(choices)


def network_wish(chance: random.Random) -> Intent:
    """Something a network client may ask."""
    return chance.choice((Message("start faster 5.0"), Preselect("demo"), Message("\x1b[31mred"), Stop("network")))


def random_person(chance: random.Random) -> Person:
    """Mostly without history."""
    level = Level(chance.choice((0, 0, 1, 2, 2, 3, 4)))
    age = chance.choice((None, 30, 45, 70))
    comfortable = chance.choice((None, None, Speed(400), Speed(500)))
    fell = chance.random() < 0.1
    return replace(any_walker(level), age=age, fell_past_year=fell, comfortable_forward=comfortable)


def random_program(chance: random.Random, person: Person, quirk: Quirk) -> Program:
    """A program that this person may walk on this machine; a plain one where chance finds none."""
    for _ in range(30):
        items = tuple(_item(chance, quirk, last) for last in [False] * chance.randint(1, 4) + [True])
        program = Program(chance.choice(NAMES), items, person.level)
        limits = effective_limits(person, quirk.record, person.level)
        if not check(expand(program), limits, quirk.record):
            return program
    slow = Speed(max(80, quirk.speed.minimum))
    return Program("Plain", (Walk(Facing.FORWARD, 60, slow, line=1),), person.level)


def _item(chance: random.Random, quirk: Quirk, last: bool) -> Item:
    kind = chance.random()
    if last and kind < 0.08:
        return DeadMill(Facing.BACKWARD, chance.randint(20, 60), line=9)
    if kind < 0.12:
        return Rest(chance.randint(5, 30), line=8)
    if kind < 0.15:
        return OffTreadmill(chance.randint(5, 30), line=7)
    facing = chance.choice(tuple(Facing))
    speed = chance.choice([s for s in SPEEDS if s >= quirk.speed.minimum])
    words = chance.choice(("", "", "Small steps."))
    return Walk(facing, chance.randint(25, 130), Speed(speed), _slope(chance, quirk), say=words, line=5)


def _slope(chance: random.Random, quirk: Quirk) -> Incline | InclineSteps:
    if quirk.incline is None or chance.random() < 0.7:
        return Incline(0)
    if chance.random() < 0.3:
        return InclineSteps(Incline(0), Incline(20), 10, 15)
    return Incline(chance.choice((5, 10, 20, 30, 60)))
