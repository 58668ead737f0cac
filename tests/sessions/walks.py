"""Sessions for tests: written second by second, as the guardian would have journalled them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from treadctl.files.sessions import pain_before_of
from treadctl.model.api import Summary
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.records import Closed, EventEntry, Opened, SampleEntry
from treadctl.model.units import Incline, Ms, Speed
from treadctl.sessions.laps import Lap
from treadctl.sessions.session import Session

F, B = Facing.FORWARD, Facing.BACKWARD
STARTED = "2030-01-07T17:00:00+00:00"
PROGRAM = Program(
    "There and back",
    (Walk(F, 20, Speed(200), name="Warm-up"), Walk(B, 30, Speed(100), name="Back"), Walk(F, 20, Speed(200))),
)
"""Expanded: 0 forward, 1 a turn, 2 backward, 3 a turn, 4 forward."""


@dataclass(slots=True)
class Diary:
    """Writes a session down. `second` is where it is, `metres` the way so far."""

    program: Program = PROGRAM
    name: str = "20300107T170000Z-abc123-1"
    started: str = STARTED
    machine: str = "Mill"
    simulated: bool = False
    second: int = 0
    metres: float = 0.0
    samples: list[SampleEntry] = field(default_factory=list)
    events: list[EventEntry] = field(default_factory=list)
    ways: dict[Facing, float] = field(default_factory=lambda: {F: 0.0, B: 0.0})
    times: dict[Facing, int] = field(default_factory=lambda: {F: 0, B: 0})

    def walk(
        self, seconds: int, facing: Facing, speed: int | None, segment: int | None, *, heart: int | None = 100,
        target: int | None = None, incline: int | None = 0,
    ) -> None:
        """So many seconds at this speed; None: the machine says nothing."""
        for _ in range(seconds):
            self.second += 1
            gone = (speed or 0) / 360
            self.metres += gone
            self.ways[facing] += gone
            self.times[facing] += bool(speed)
            measured = None if speed is None else Speed(speed)
            wished = Speed(target) if target is not None else measured
            slope = None if incline is None else Incline(incline)
            self.samples.append(
                SampleEntry(self.second * 1000, measured, wished, slope, round(self.metres, 1), facing, heart, segment)
            )

    def stand(self, seconds: int, segment: int | None, facing: Facing | None = None) -> None:
        for _ in range(seconds):
            self.second += 1
            way = round(self.metres, 1)
            self.samples.append(SampleEntry(self.second * 1000, Speed(0), None, Incline(0), way, facing, 90, segment))

    def event(self, kind: str, text: str = "", segment: int | None = None) -> None:
        self.events.append(EventEntry(self.second * 1000 + 1, kind, text, segment))

    def session(self, *, closed: bool = True, finished: bool = True, reason: str = "", unread: int = 0) -> Session:
        walked = {way: 1000 * self.times[way] for way in Facing}
        top = max((s.speed or Speed(0) for s in self.samples if s.facing is B), default=Speed(0))
        summary = Summary(
            finished, reason, sum(walked.values()), walked[F], walked[B], round(self.ways[F], 1),
            round(self.ways[B], 1), 1, top, pain_before=pain_before_of(self.events), top_heart=100,
        )
        opened = Opened(self.name, self.started, "0.1.0", self.machine, self.simulated, self.program)
        end = Closed(self.second * 1000 + 500, summary) if closed else None
        return Session(self.name, opened, tuple(self.samples), tuple(self.events), end, unread)


def whole() -> Diary:
    """All of the program, with standing before, between and after."""
    diary = Diary()
    diary.event("answer", "pain-before: 2", 0)
    diary.stand(10, 0)
    diary.event("moving", "forward", 0)
    diary.walk(20, F, 200, 0)
    diary.event("stop", "planned", 0)
    diary.stand(15, 2, F)
    diary.stand(3, 2, B)
    diary.event("moving", "backward", 2)
    diary.walk(30, B, 100, 2, heart=110)
    diary.event("stop", "planned", 2)
    diary.stand(18, 4, B)
    diary.event("moving", "forward", 4)
    diary.walk(20, F, 200, 4)
    diary.event("stop", "planned", 4)
    diary.stand(1, None, F)
    diary.event("end")
    return diary


def stopped() -> Diary:
    """A stop in the middle of the bout backward; the rest of it is walked, and the last segment is not."""
    diary = Diary()
    diary.walk(20, F, 200, 0)
    diary.event("stop", "planned", 0)
    diary.stand(18, 2, F)
    diary.walk(12, B, 100, 2)
    diary.event("ease", "pain", 2)
    diary.event("stop", "eased", 2)
    diary.stand(20, 2, B)
    diary.walk(10, B, 80, 2)
    diary.event("stop", "You pressed stop.", 2)
    diary.stand(5, 2, None)
    return diary


def way_m(found: Sequence[Lap], facing: Facing) -> float:
    """Metres walked this way."""
    return sum(point.metres for lap in found for point in lap.points if point.facing is facing)


def walked_ms(found: Sequence[Lap], facing: Facing) -> Ms:
    """Time of a belt that moved, this way."""
    return sum(point.length for lap in found for point in lap.points if point.moving and point.facing is facing)
