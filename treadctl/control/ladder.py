"""The stop ladder: what is sent, and when, from the first Stop until the belt is measured still.

Rung 1 is Stop, sent again at 0.5 s and 1.0 s only if neither a success nor a falling
speed was seen. While the speed falls nothing is written. A rung without a fall has failed; then comes the lowest speed,
Pause (where proved), Reset, each with a time of its own, and a new link where a write hangs or the samples are gone.
Control is requested at most once, and only in order to stop. From the first failed rung on the walker is told to pull
the key, every 2 s, until measured zero or acknowledged. The ladder only says what is due; the Supervisor clears it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

from treadctl.model.machine import Record
from treadctl.model.units import Ms, Speed

from .belt import ZERO

REPEATS: tuple[Ms, ...] = (0, 500, 1000)
RUNG_MIN: Ms = 2000
RUNG_SLACK: Ms = 500
HAND_MS: Ms = 15_000
"""Chosen: so long a person may take to stop the belt at the console, where nothing else stops it."""
FALL = 20
"""0.2 km/h: less than this is no proof that a stop works."""
SLOW_ANYWAY = 0xFFFF
KEY_CALL_EVERY: Ms = 2000
BUSY_RETRY: Ms = 100
BUSY_FOR: Ms = 1000
"""An ATT error answers a Stop ("Procedure Already In Progress"): again every 100 ms for 1 s (hazard A5)."""
CONTROL_WAIT: Ms = 300
"""Chosen: the Stop waits so long for the answer to Request Control. After the look (1 s) it is on the wire 1.5 s after
the link came up (invariant I10), also on a machine that never answers."""


class Due(Enum):
    """What the ladder asks for now. STOP, SLOWEST, PAUSE and RESET are its rungs on this link; RELINK is the last."""

    CONTROL = "request control"
    STOP = "stop"
    SLOWEST = "slowest"
    PAUSE = "pause"
    RESET = "reset"
    RELINK = "relink"
    CALL_KEY = "call key"


@dataclass(frozen=True, slots=True)
class StopWish:
    """Why the belt is to stop. A planned or wished stop plays the stop tone; the alarm begins with a failed rung.

    `pause`: try Pause first, on an empty belt. `control_lost`: somebody else took control.
    """

    why: str
    planned: bool = False
    pause: bool = False
    control_lost: bool = False


def rung_ms(record: Record | None) -> Ms:
    """How long one rung may take before it counts as failed."""
    if record is not None and not record.control:
        return HAND_MS
    if record is None or record.stop_lag is None:
        return RUNG_MIN
    return max(RUNG_MIN, record.stop_lag + (record.sample_interval or 1000) + RUNG_SLACK)


def later_rungs(record: Record | None) -> tuple[Due, ...]:
    """What follows a failed Stop on this machine; the record rules out what was not proved."""
    if record is None:
        return (Due.RESET,)
    return (Due.SLOWEST, *((Due.PAUSE,) if record.pause_proven else ()), Due.RESET)


class StopLadder:
    """One climb, begun at `now` with the speed measured then (None: unknown)."""

    def __init__(
        self, now: Ms, wish: StopWish, speed: Speed | None, record: Record | None, writes: bool = True
    ) -> None:
        """`writes` False: the belt was measured at zero, so nothing is written unless it moves after all."""
        self.wish = wish
        self.writes = writes
        self.begun = now
        self.sent = 0
        self.accepted = False
        self.failed = False
        self._rung = rung_ms(record)
        self._rungs = deque(later_rungs(record))
        self._slow = SLOW_ANYWAY if record is None or record.speed is None else record.speed.minimum + FALL
        self._mark, self._mark_at, self._fell = speed, now, False
        self._called: Ms | None = None
        self._first: Ms = now
        self._not_before: Ms = now
        self._control_due = self._control_asked = False
        self._control_until: Ms = now
        self._relink_at: Ms | None = None
        self._jammed = self._turned_away = False

    def turned_away(self, now: Ms) -> None:
        """The machine's host answered a Stop with an ATT error: it did not start, so it does not count."""
        if now - self.begun < BUSY_FOR:
            self.sent, self._turned_away = max(0, self.sent - 1), True
            self._not_before = now + BUSY_RETRY

    def need_control(self) -> None:
        """The link is new, or control was not permitted: Request Control, but only once, then Stop."""
        self._control_due = not self._control_asked

    def control_answered(self, now: Ms, refused: bool) -> None:
        """The Stop is due now. Control is never fought for: who is refused it calls for the key."""
        self._control_until = now
        self.failed |= refused

    def hung(self, now: Ms) -> None:
        """A stop was not taken in its time: no write can be trusted on this link, whatever its samples say."""
        self._jammed, self._relink_at = True, now

    def relink(self, now: Ms, at: Ms) -> None:
        """Link or samples are gone: a new link at `at`, unless a sample comes first. The walker was told just now."""
        self.failed, self._called, self._relink_at = True, now, at

    def exhausted(self, now: Ms) -> bool:
        """Every rung was tried and had its time."""
        return not self._rungs and now - self._mark_at >= self._rung

    def no_trust(self) -> None:
        """No stop can be trusted here: the key is called for from now on."""
        self.failed = True

    def moves(self, now: Ms) -> None:
        """The belt moves after all: now the Stop is due."""
        if not self.writes:
            self.writes, self.begun, self._mark_at, self._fell = True, now, now, False

    def step(self, now: Ms, speed: Speed | None, falling: bool, may_write: bool) -> list[Due]:
        """What is due now, given the newest fresh speed (None: no fresh sample) and whether it falls."""
        if speed is not None and speed > ZERO:
            self.moves(now)
        self._watch_fall(now, speed)
        self.failed |= self._jammed or now - self._mark_at >= self._rung
        rung = self._write_due(now, speed, falling) if may_write else None
        due = [] if rung is None else [rung]
        if self._relink_due(now, speed):
            due.append(Due.RELINK)
        if self.failed and (speed is None or speed > ZERO) and self._call_due(now):
            self._called = now
            due.append(Due.CALL_KEY)
        return due

    def _write_due(self, now: Ms, speed: Speed | None, falling: bool) -> Due | None:
        """The one command that is due now: Request Control, a Stop, or the next rung."""
        if self._control_due:
            return self._ask_control(now)
        if now < self._control_until:
            return None
        if self._stop_due(now, falling):
            if self.sent and self.wish.control_lost and not self._control_asked:
                return self._ask_control(now)  # a machine that says nothing to a Stop from whom it does not obey
            self._first = now if self.sent == 0 else self._first
            self._not_before = now + REPEATS[1]
            self.sent += 1
            return Due.STOP
        failed = now - self._mark_at >= self._rung
        return self._next_rung(now, speed) if failed and not falling else None

    def _ask_control(self, now: Ms) -> Due:
        """The Stop after it counts anew, and is due at its answer or soon."""
        self._control_due, self._control_asked, self._control_until = False, True, now + CONTROL_WAIT
        self.sent, self._fell, self._not_before, self.accepted = 0, False, self.begun, False
        return Due.CONTROL

    def _next_rung(self, now: Ms, speed: Speed | None) -> Due | None:
        """The next rung after a failed one, with a time of its own. Lowest speed only where that would be slower."""
        if not self.writes or (speed is not None and speed <= ZERO):
            return None
        while self._rungs:
            rung = self._rungs.popleft()
            if rung is not Due.SLOWEST or (speed is not None and speed > self._slow):
                self._mark, self._mark_at = speed, now
                return rung
        return None

    def _relink_due(self, now: Ms, speed: Speed | None) -> bool:
        """A jammed link is left at once; a silent one only if it stays silent."""
        if self._relink_at is None or now < self._relink_at:
            return False
        self._relink_at = None
        jammed, self._jammed = self._jammed, False
        return jammed or speed is None

    def _watch_fall(self, now: Ms, speed: Speed | None) -> None:
        """Every fall of 0.2 km/h buys another rung's time: a belt that stays at a lower speed was not stopped."""
        if speed is None:
            return
        if speed <= ZERO or (self._mark is not None and self._mark - speed >= FALL):
            self._mark, self._mark_at, self._fell = speed, now, True
        elif self._mark is None or speed > self._mark:
            self._mark = speed

    def _stop_due(self, now: Ms, falling: bool) -> bool:
        if not self.writes or self.sent >= len(REPEATS) or now < self._next_send():
            return False
        if self._turned_away and self.accepted:  # by the machine's own answer to a Stop that its host turned away
            return False
        return self.sent == 0 or not (self.accepted or falling or self._fell)

    def _next_send(self) -> Ms:
        return self._not_before if self.sent == 0 else max(self._not_before, self._first + REPEATS[self.sent])

    def _call_due(self, now: Ms) -> bool:
        return self._called is None or now - self._called >= KEY_CALL_EVERY

    def times(self) -> list[Ms]:
        """When things may become due; what is past waits for something else."""
        times = [self._mark_at + self._rung] if self._rungs or not self.failed else []
        if self.failed:
            times.append((self._called or self.begun) + KEY_CALL_EVERY)
        if self.writes and self.sent < len(REPEATS) and not self.accepted:
            times.append(max(self._next_send(), self._control_until))
        if self._relink_at is not None:
            times.append(self._relink_at)
        return times
