"""Faults of the computer, as the controller sees them: process, time, disk and heart rate, in virtual time.

What makes no sense in a pure world (a killed process, a full disk) is here only what the core is told of it. The world
asks at every moment what is so; nothing here touches the belt or the air.
"""

from __future__ import annotations

import random
from collections.abc import Iterable

from treadctl.model.units import NEVER, Ms

from .catalogue import Family
from .faults import Fault

OURS = frozenset({Family.PROCESS, Family.TIME, Family.DISK, Family.HEART})
KEY_EVERY: Ms = 33
FLOOD_EVERY: Ms = 50
HEART_EVERY: Ms = 1000
RESTING_HEART = 90
DRIFTS = frozenset({"time.slow", "time.fast"})
MOST_DRIFT = 500
"""No clock is half as fast as another, or half as fast again."""


class Host:
    """The plan of one host's faults."""

    def __init__(self, faults: Iterable[Fault], seed: int = 0) -> None:
        self._plan = tuple(fault for fault in faults if fault.family in OURS)
        self._names = {fault.name for fault in self._plan}
        self._chance = random.Random(seed)
        self._begin: Ms | None = None
        self._edges: list[tuple[Ms, Fault]] = []
        self._repeat_at: Ms | None = None
        self._heart_at: Ms | None = None
        self._drifting = [fault for fault in self._plan if fault.name in DRIFTS]
        self.locked = any(fault.name == "disk.locked" for fault in self._plan)

    def begin(self, now: Ms) -> None:
        """The first connection."""
        if self._begin is None:
            self._begin = now
            self._edges = sorted((now + at, f) for f in self._plan for at in {f.at, f.until})
            self._heart_at = now if any(f.family is Family.HEART for f in self._plan) else None

    def add(self, fault: Fault) -> None:
        """One more, while the walk goes on."""
        if fault.family in OURS:
            self._plan = (*self._plan, fault)
            self._names.add(fault.name)
            self._drifting += [fault] if fault.name in DRIFTS else []
            begin = self._begin or 0
            self._edges = sorted([*self._edges, *((begin + at, fault) for at in {fault.at, fault.until})])
            if fault.family is Family.HEART:
                self._heart_at = begin + fault.at

    def active(self, now: Ms, *names: str) -> Fault | None:
        """The first fault of one of these names that is at work."""
        if self._begin is None or self._names.isdisjoint(names):
            return None
        at = now - self._begin
        return next((f for f in self._plan if f.name in names and f.at <= at < f.until), None)

    def ends(self, fault: Fault) -> Ms:
        return (self._begin or 0) + fault.until

    def deadline(self) -> Ms:
        """When something of this begins, ends or repeats."""
        due = self._edges[0][0] if self._edges else NEVER
        if self._repeat_at is not None:
            due = min(due, self._repeat_at)
        return due if self._heart_at is None else min(due, self._heart_at)

    def began(self, now: Ms) -> list[Fault]:
        """The faults that begin now; an end is only a moment to look at."""
        due = [edge for edge in self._edges if edge[0] <= now]
        del self._edges[:len(due)]
        begin = self._begin or 0
        return [fault for at, fault in due if at == begin + fault.at]

    def repeats(self, now: Ms) -> str | None:
        """"process.stuck_key" or "process.flood" when its next repetition is due, else None."""
        fault = self.active(now, "process.stuck_key", "process.flood")
        if fault is None:
            self._repeat_at = None
            return None
        if self._repeat_at is not None and now < self._repeat_at:
            return None
        self._repeat_at = now + (KEY_EVERY if fault.name == "process.stuck_key" else FLOOD_EVERY)
        return fault.name

    def heart(self, now: Ms) -> bytes | None:
        """A heart-rate measurement when one is due; octets as a strap sends them, or worse."""
        if self._heart_at is None or now < self._heart_at:
            return None
        self._heart_at = now + HEART_EVERY
        if self.active(now, "heart.off"):
            return None
        if self.active(now, "heart.garbage"):
            return self._chance.randbytes(self._chance.randint(0, 5))
        if self.active(now, "heart.jump"):
            return bytes((0, 250))
        steady = self.active(now, "heart.stuck") is not None
        return bytes((0, RESTING_HEART + (0 if steady else self._chance.randint(0, 20))))

    def reads(self, now: Ms) -> Ms:
        """What this computer's own clock shows; where it drifts, that is not the treadmill's time, nor the person's."""
        if not self._drifting:
            return now
        begin = self._begin or 0
        lost = 0
        for fault in self._drifting:
            past = max(0, min(now - begin, fault.until) - fault.at)
            drift = past * min(fault.number("permille"), MOST_DRIFT) // 1000
            lost += drift if fault.name == "time.slow" else -drift
        return now - lost

    def when(self, now: Ms, shown: Ms) -> Ms:
        """When its clock will show this time; now, where it does already."""
        if not self._drifting:
            return max(now, shown)
        at = now
        while self.reads(at) < shown:
            at += max(1, (shown - self.reads(at)) // 2)
        return at

    def delay(self, now: Ms) -> Ms:
        """How late an input is handled that arrives now."""
        fault = self.active(now, "time.late")
        return 0 if fault is None else self._chance.randint(0, max(0, fault.number("delay")))
