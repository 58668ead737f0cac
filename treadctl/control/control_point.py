"""The Control Point as a client sees it: one outstanding procedure, which a stop pre-empts.

A success response means *accepted*, not *done*; only telemetry confirms. A procedure without an answer is Unknown, and
Unknown freezes every rise. An indication is credited only to the opcode that waits for it (docs/hazards.md, A6).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from treadctl.ftms.control_point import Op, Response
from treadctl.model.units import Ms

from .events import Urgency, Write

ANSWER_MS: Ms = 1000
"""Own limit for the answer to a procedure, instead of the standard's 30 s: some machines never answer."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """A command that the Supervisor let pass. Built nowhere else: held by a test that reads the source."""

    op: Op
    data: bytes
    why: str = ""
    urgent: bool = False


class Decision(NamedTuple):
    """What the Supervisor lets happen in this step."""

    cleared: Cleared | None = None
    call_key: bool = False
    relink: bool = False


NOTHING = Decision()


class Result(Enum):
    """How a procedure ended. ACCEPTED still has to be confirmed by telemetry."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one procedure. `code` is the FTMS result, or None."""

    command: Cleared
    result: Result
    code: int | None = None
    why: str = ""


@dataclass(slots=True)
class _Pending:
    id: int
    command: Cleared
    until: Ms


class ControlPoint:
    """Writes out, outcomes in. Ids of writes count up from 1 over the life of the core."""

    def __init__(self) -> None:
        self._pending: _Pending | None = None
        self._next = 1
        self._urgent: set[int] = set()

    def hung(self, id: int, att: int | None) -> bool:
        """Whether this failed write was a rung of a stop that the host never took, overtaken by another or not."""
        return att is None and id in self._urgent

    @property
    def busy(self) -> bool:
        return self._pending is not None

    @property
    def waiting_for(self) -> Op | None:
        return None if self._pending is None else self._pending.command.op

    def send(self, now: Ms, command: Cleared) -> tuple[Write, Outcome | None]:
        """The write of this command, and the outcome of a procedure that it pre-empted (only a rung of a stop may)."""
        assert command.urgent or self._pending is None
        lost = None if self._pending is None else Outcome(self._pending.command, Result.UNKNOWN, why="pre-empted")
        write = Write(self._next, command.data, Urgency.STOP if command.urgent else Urgency.PROCEDURE)
        self._pending = _Pending(self._next, command, now + ANSWER_MS)
        if command.urgent:
            self._urgent.add(self._next)
        self._next += 1
        return write, lost

    def answered(self, response: Response) -> Outcome | None:
        """Credit an indication to the procedure that waits for this opcode; strays are dropped."""
        pending = self._pending
        if pending is None or response.request != pending.command.op:
            return None
        self._pending = None
        result = Result.ACCEPTED if response.ok else Result.REJECTED
        return Outcome(pending.command, result, response.result)

    def failed(self, id: int, why: str, att: int | None) -> Outcome | None:
        """The host could not write: an ATT error means the procedure did not start; anything else is Unknown."""
        pending = self._pending
        if pending is None or pending.id != id:
            return None
        self._pending = None
        return Outcome(pending.command, Result.UNKNOWN if att is None else Result.REJECTED, None, why)

    def step(self, now: Ms) -> Outcome | None:
        """Give up on an answer that is overdue."""
        pending = self._pending
        if pending is None or now < pending.until:
            return None
        self._pending = None
        return Outcome(pending.command, Result.UNKNOWN, None, "no answer")

    def reset(self) -> None:
        """A new link: nothing survives, and what failed on the old one says nothing about it."""
        self._pending = None
        self._urgent.clear()

    def deadline(self) -> Ms | None:
        return None if self._pending is None else self._pending.until
