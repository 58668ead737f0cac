"""Whatever people, machine and air do, in any order: no invariant is violated. Hypothesis looks for one that does.

Each example is one walk in virtual time. Rules are what may happen next; the invariants judge the whole trace each time
the walk has gone on for a while.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from treadsim.campaign import BUGS
from treadsim.catalogue import CATALOGUE
from treadsim.faults import fault
from treadsim.invariants import violations
from treadsim.world import Scene, World

from treadctl.files.quirks import load_quirk
from treadctl.model.api import (
    Abort,
    Acknowledge,
    Ease,
    End,
    Message,
    Pain,
    Phase,
    Preselect,
    Press,
    Repeat,
    Resume,
    Stop,
)
from treadctl.model.person import Level, any_walker
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Speed

QUIRKS = ("reference", "minimum-one", "start-toggles", "status-only", "split-records", "resumes-speed")
DEEDS = (Ease(), Pain(), Stop(), Abort(), Repeat(), Resume(), Acknowledge(), End())
KEYS = ("space", "enter", "escape", "ctrl+c", "a")
FAULTS = tuple(spec.name for spec in CATALOGUE if spec.name not in ("disk.locked", "machine.bad_range"))
MOST_FAULTS = 2
WHOLE: int = 400_000
NIGHTLY = os.environ.get("TREADCTL_NIGHTLY") == "1"


class Walks(RuleBasedStateMachine):
    """One walk, disturbed."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None
        self.until = 0
        self.faults = 0
        self.judged = 0

    @initialize(
        quirk=st.sampled_from(QUIRKS), level=st.sampled_from(tuple(Level)), seed=st.integers(1, 1000),
        forward=st.sampled_from((100, 200, 400)), backward=st.sampled_from((100, 120)),
    )
    def begin(self, quirk: str, level: Level, seed: int, forward: int, backward: int) -> None:
        walks = (
            Walk(Facing.FORWARD, 30, Speed(forward), line=1), Walk(Facing.BACKWARD, 40, Speed(backward), line=2),
        )
        scene = Scene(Program("Any", walks, level), any_walker(level), load_quirk(quirk), seed=seed)
        self.world = World(scene, diary=False)
        self.goes_on(30_000)

    def goes_on(self, ms: int) -> None:
        assert self.world is not None
        self.until = min(self.until + ms, WHOLE)
        try:
            self.world.run_until(self.until)
        except BUGS as bug:
            self.world.broke(f"{type(bug).__name__}: {bug}")

    @rule(ms=st.sampled_from((50, 400, 1500, 4000, 12_000, 40_000)))
    def time_goes_by(self, ms: int) -> None:
        self.goes_on(ms)

    @rule()
    def until_the_belt_moves(self) -> None:
        for _ in range(60):
            assert self.world is not None
            if self.world.snapshot.phase in (Phase.HOLDING, Phase.WALKING, Phase.DONE, Phase.HALTED):
                return
            self.goes_on(1000)

    @rule(key=st.sampled_from(KEYS), held=st.booleans())
    def a_key(self, key: str, held: bool) -> None:
        assert self.world is not None
        self.world.does(Press(key, held))
        self.goes_on(100)

    @rule(deed=st.sampled_from(DEEDS))
    def a_deed(self, deed: Ease | Pain | Stop | Abort | Repeat | Resume | Acknowledge | End) -> None:
        assert self.world is not None
        self.world.does(deed)
        self.goes_on(100)

    @rule(wish=st.sampled_from((Message("start 5 km/h"), Preselect("demo"), Stop("network"))))
    def the_network(self, wish: Message | Preselect | Stop) -> None:
        assert self.world is not None
        self.world.network(wish)
        self.goes_on(100)

    @precondition(lambda self: self.faults < MOST_FAULTS)
    @rule(name=st.sampled_from(FAULTS), length=st.sampled_from((200, 1600, 4000, 10_000)))
    def a_fault(self, name: str, length: int) -> None:
        assert self.world is not None
        self.faults += 1
        self.world.add(fault(name, self.world.now - self.world.connected_at, length))
        self.goes_on(100)

    @invariant()
    def nothing_is_violated(self) -> None:
        if self.world is not None and self.until - self.judged >= 10_000:
            self.judge()

    def judge(self) -> None:
        assert self.world is not None
        self.judged = self.until
        found = violations(self.world.trace)
        assert not found, (found, [str(one) for one in self.world.scene.faults])

    def teardown(self) -> None:
        if self.world is not None:
            self.goes_on(20_000)
            self.judge()


TestWalks = Walks.TestCase
TestWalks.settings = settings(
    max_examples=2000 if NIGHTLY else 100,
    stateful_step_count=60 if NIGHTLY else 15,
    deadline=None,
    derandomize=not NIGHTLY,
    suppress_health_check=list(HealthCheck),
)
