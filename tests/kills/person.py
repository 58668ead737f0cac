"""A person who walks until the moment has come: answers, confirms and watches, and only ever types into the terminal.

The moment is drawn by lot beforehand: a part of the walk, and how far into it. What it truly was is read off the
guardian's own snapshot when it comes, because a busy machine may be a little further on by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.bluez.real_walk import RealWalk
from tests.bluez.serving import now_ms
from treadctl.model.api import Phase, Snapshot

REACH_S = 100.0
"""From the first frame to the moment; measured: 27 s to the moving belt on an idle machine, more on a busy one."""
OVER = (Phase.HALTED, Phase.LOST, Phase.DONE)
FORWARD = "{walk: forward, for: 3min, speed: 2.0 km/h}"
BACKWARD = "{walk: backward, for: 60s, speed: 1.2 km/h}"
TURN = ("{walk: forward, for: 20s, speed: 1.0 km/h}", BACKWARD)


def _starting(snapshot: Snapshot) -> bool:
    return snapshot.phase is Phase.COUNTDOWN


def _holding(snapshot: Snapshot) -> bool:
    return snapshot.phase is Phase.HOLDING


def _ramping(snapshot: Snapshot) -> bool:
    return snapshot.phase is Phase.WALKING


def _walking(snapshot: Snapshot) -> bool:
    """The measured speed has arrived at the programme's."""
    return snapshot.phase is Phase.WALKING and (snapshot.speed or 0) >= 115


def _turning(snapshot: Snapshot) -> bool:
    """The heads-up has come."""
    return snapshot.phase is Phase.EASING or (snapshot.phase is Phase.WALKING and snapshot.segment_left <= 6000)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a walk: the programme that leads there soon, how its begin is seen, and how long it lasts (s)."""

    name: str
    segments: tuple[str, ...]
    begun: Callable[[Snapshot], bool]
    seconds: float


PARTS = (
    Part("start", (BACKWARD,), _starting, 8.0),
    Part("start", (FORWARD,), _starting, 8.0),
    Part("hold", (BACKWARD,), _holding, 10.0),
    Part("hold", (FORWARD,), _holding, 8.0),
    Part("ramp", (BACKWARD,), _ramping, 3.0),
    Part("ramp", (FORWARD,), _ramping, 5.0),
    Part("bout", (BACKWARD,), _walking, 6.0),
    Part("bout", (FORWARD,), _walking, 6.0),
    Part("turn", TURN, _turning, 16.0),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A part, and how far into it (s)."""

    part: Part
    after: float


def draw(lots: Random) -> Moment:
    """A moment of a walk: each kind of part as often as the others."""
    kind = lots.choice(sorted({part.name for part in PARTS}))
    part = lots.choice([part for part in PARTS if part.name == kind])
    return Moment(part, lots.uniform(0.0, part.seconds))


class Person:
    """Walks one walk. `seen` is every snapshot with the time it was read, ms of the monotonic clock."""

    def __init__(self, walk: RealWalk) -> None:
        self._walk = walk
        self.seen: list[tuple[int, Snapshot]] = []
        self._busy = True
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Look and act from now on."""
        self._tasks = [asyncio.ensure_future(self._read()), asyncio.ensure_future(self._act())]

    async def to(self, moment: Moment) -> str:
        """Walk to the moment; what it truly was. Raises TimeoutError, also when the walk ended before: on a machine
        that is too busy the screens miss their heartbeats, and the guardian stops the belt."""
        async with asyncio.timeout(REACH_S):
            while not (self.seen and moment.part.begun(self.seen[-1][1])):
                await self._change()
        await asyncio.sleep(moment.after)
        if self.seen[-1][1].phase in OVER:
            raise TimeoutError(self.where)
        return self.where

    @property
    def where(self) -> str:
        """Which phase it is by the newest snapshot, which way they face, and the speed."""
        now = self.seen[-1][1]
        facing = f" {now.facing.value}" if now.facing is not None else ""
        return f"{now.phase.value}{facing} {(now.speed or 0) / 100:.1f}"

    def hands_off(self) -> None:
        """From now on this person answers nothing."""
        self._busy = False

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self) -> None:
        display = self._walk.display
        assert display is not None
        async for _ in display.messages():
            if display.snapshot is not None and (not self.seen or self.seen[-1][1] is not display.snapshot):
                self.seen.append((now_ms(), display.snapshot))
                self._news.set()

    async def _act(self) -> None:
        while self._busy:
            question = self.seen[-1][1].question if self.seen else None
            if question is not None:
                await self._walk._respond(question)
            await self._change()

    async def _change(self) -> None:
        self._news.clear()
        await self._news.wait()
