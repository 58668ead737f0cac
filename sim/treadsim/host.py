"""Faults of the computer, as the controller sees them: process, time, disk and heart rate, in virtual time.

What makes no sense in a pure world (a killed process, a full disk) is here only what the core is told of it. The world
asks at every moment what is so; nothing here touches the belt or the air.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import NamedTuple

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


class _Drift(NamedTuple):
    """A clock that goes wrong, as its fault has it: read at every step."""

    at: Ms
    until: Ms
    permille: int
    slow: bool

    @classmethod
    def of(cls, fault: Fault) -> _Drift:
        return cls(fault.at, fault.until, min(fault.number("permille"), MOST_DRIFT), fault.name == "time.slow")


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
        self._drifting = [_Drift.of(fault) for fault in self._plan if fault.name in DRIFTS]
        self._lateness = "time.late" in self._names
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
            self._drifting += [_Drift.of(fault)] if fault.name in DRIFTS else []
            self._lateness |= fault.name == "time.late"
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
        if not self._edges or self._edges[0][0] > now:
            return []
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
        at, lost = now - (self._begin or 0), 0
        for drift in self._drifting:
            past = min(at, drift.until) - drift.at
            if past > 0:
                gone = past * drift.permille // 1000
                lost += gone if drift.slow else -gone
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
        fault = self.active(now, "time.late") if self._lateness else None
        return 0 if fault is None else self._chance.randint(0, max(0, fault.number("delay")))
