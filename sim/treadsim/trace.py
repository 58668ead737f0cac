"""What happened in one walk, as timed events: the evidence that the invariants judge.

Plain values from both sides of the controller: what went in, what came out, and (in the simulator only) what the belt
truly did. Times are ms of the world. Nothing here judges, and nothing here knows the controller's inside.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import NamedTuple

from treadctl.ftms.control_point import Op, StopKind
from treadctl.model.api import Intent, Snapshot, Summary
from treadctl.model.limits import Limits
from treadctl.model.locks import Lock
from treadctl.model.machine import Record
from treadctl.model.program import Segment
from treadctl.model.units import Ms

from .faults import Fault


@dataclass(frozen=True, slots=True)
class Setup:
    """What was to be walked, by whom, on what, and what was made to go wrong.

    `calm`: nobody and nothing interferes, so the walk has to be finished. `honest`: the machine obeys and has no fault
    of its own. `local` are the clients at the treadmill.
    """

    limits: Limits
    record: Record
    segments: tuple[Segment, ...]
    faults: tuple[Fault, ...] = ()
    calm: bool = False
    honest: bool = True
    local: frozenset[str] = frozenset()


class Wire(NamedTuple):
    """Octets handed to the transport. `op` -1: no request that the standard knows."""

    at: Ms
    id: int
    data: bytes
    op: int
    speed: int | None = None
    incline: int | None = None
    kind: StopKind | None = None

    @property
    def stops(self) -> bool:
        return self.op == Op.STOP_OR_PAUSE and self.kind is StopKind.STOP


class Measured(NamedTuple):
    """One decoded sample as it arrived, and the true speed then (None: not known)."""

    at: Ms
    speed: int
    distance_m: int | None
    incline: int | None
    true: float | None


class Answer(NamedTuple):
    """An indication of the Control Point."""

    at: Ms
    op: int
    result: int


class Failed(NamedTuple):
    """A write that the host could not hand over. `att`: the ATT error of a machine that did not take it, else None."""

    at: Ms
    id: int
    att: int | None


class Link(NamedTuple):
    """The link came up or went."""

    at: Ms
    up: bool


class Ask(NamedTuple):
    """An intent that reached the controller."""

    at: Ms
    client: str
    intent: Intent


class Beat(NamedTuple):
    """A heartbeat."""

    at: Ms
    client: str
    keyboard: bool


class Word(NamedTuple):
    """An utterance begun."""

    at: Ms
    id: int
    text: str
    safety: bool


class Truth(NamedTuple):
    """The true belt from here on: speed now, where it is going."""

    at: Ms
    speed: float
    goal: int


class Shot(NamedTuple):
    """A snapshot published."""

    at: Ms
    shot: Snapshot


class Note(NamedTuple):
    """Something else. `kind`: alarm, quiet, tone, status, gone, quit, slept, late, overrun, heart, reconnect, close,
    lock, notice, crash, console."""

    at: Ms
    kind: str
    text: str = ""
    number: int = 0


@dataclass(slots=True)
class Trace:
    """The columns of one walk, each in order of time."""

    setup: Setup
    writes: list[Wire] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    samples: list[Measured] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    heard: dict[int, Ms] = field(default_factory=dict)
    truth: list[Truth] = field(default_factory=list)
    shots: list[Shot] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    locks: list[Lock] = field(default_factory=list)
    summary: Summary | None = None
    end: Ms = 0

    def __deepcopy__(self, _memo: dict[int, object]) -> Trace:
        """Events never change, so a copied walk shares those that it has and only gets columns of its own."""
        columns = {name: copy.copy(getattr(self, name)) for name in self.__slots__}
        return Trace(**columns)

    def noted(self, *kinds: str) -> list[Note]:
        return [note for note in self.notes if note.kind in kinds]


__all__ = [
    "Answer", "Ask", "Beat", "Failed", "Link", "Measured", "Note", "Setup", "Shot", "Trace", "Truth", "Wire", "Word",
]
