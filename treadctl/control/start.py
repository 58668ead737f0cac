"""One confirm authorises one Start: who gave it, whether it still counts, and whether the belt came.

It knows neither belt nor person; the Supervisor asks it last, when everything else allows a start.
"""

from __future__ import annotations

from treadctl.ftms.codec import StatusEvent
from treadctl.model.units import Ms

PATIENCE: Ms = 15_000
"""Chosen, above the slowest countdown: nothing moves for so long after Start, and nothing more is written."""
HAND_PATIENCE: Ms = 60_000
"""Chosen: so long a confirm waits for a hand at the console."""
CONSOLE = frozenset({StatusEvent.STOPPED, StatusEvent.STARTED, StatusEvent.SPEED_CHANGED})
"""Before our Start only somebody at the console brings these about."""
HAND_MAY = CONSOLE - {StatusEvent.STOPPED}
"""And these are what is waited for, where a hand presses start."""


class OneStart:
    """The confirm that is in force, if any, and the Start that was written for it. Times are ms."""

    def __init__(self) -> None:
        self.by = ""
        self.armed = self.awaits = False
        self.refused, self.turned_down = "", False
        self.written_at: Ms | None = None
        self._patience = PATIENCE
        self._wished = self._control = False

    def arm(self) -> None:
        """The confirm counts. Control is requested first."""
        self.armed = self._control = True

    def turn_down(self, why: str) -> None:
        """The machine did not take the Start."""
        self.refused, self.turned_down = why, True

    def disarm(self) -> None:
        """The confirm is used up or withdrawn, and no hand is waited for any more."""
        if self.awaits:
            self.over()
        self.armed = self.awaits = self._wished = self._control = False

    def undone_by(self, event: StatusEvent | None, engaged: bool) -> bool:
        """Whether what the machine tells withdraws the confirm: its safety key, or somebody at its console."""
        if event is StatusEvent.SAFETY_KEY:
            return True
        return not engaged and event in CONSOLE and not (self.awaits and event in HAND_MAY)

    def wish(self) -> None:
        """The countdown is over: now, if the confirm still counts."""
        self._wished = self.armed

    def takes_control(self) -> bool:
        """Whether control has to be requested; True once a confirm."""
        due, self._control = self._control, False
        return due

    @property
    def wished(self) -> bool:
        return self._wished

    def written(self, now: Ms) -> None:
        """Start is on the wire."""
        self.written_at, self._patience = now, PATIENCE

    def await_hand(self, now: Ms) -> None:
        """Start is for somebody at the console to press. Until then the confirm stays in force, and nothing moves."""
        if not self.awaits:
            self.awaits, self.written_at, self._patience = True, now, HAND_PATIENCE

    def over(self) -> None:
        """The belt moves, or is not waited for any more."""
        self.written_at, self.turned_down = None, False

    def overdue(self, now: Ms) -> bool:
        """Nothing moved in 15 s, or nobody pressed in 60."""
        return self.written_at is not None and now - self.written_at >= self._patience

    def deadline(self) -> Ms | None:
        return None if self.written_at is None else self.written_at + self._patience
