"""One confirm authorises one Start: who gave it, whether it still counts, and whether the belt came.

It knows neither belt nor person; the Supervisor asks it last, when everything else allows a start.
"""

from __future__ import annotations

from treadctl.model.units import Ms

PATIENCE: Ms = 15_000
"""Safety rules, section 4: nothing moves for so long after Start, and nothing more is written."""


class OneStart:
    """The confirm that is in force, if any, and the Start that was written for it. Times are ms."""

    def __init__(self) -> None:
        self.by = ""
        self.armed = False
        self.refused = ""
        self.written_at: Ms | None = None
        self._wished = self._control = False

    def arm(self) -> None:
        """The confirm counts. Control is requested first."""
        self.armed = self._control = True

    def disarm(self) -> None:
        """The confirm is used up or withdrawn."""
        self.armed = self._wished = self._control = False

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
        self.written_at = now

    def over(self) -> None:
        """The belt moves, or is not waited for any more."""
        self.written_at = None

    def overdue(self, now: Ms) -> bool:
        """Nothing moved in 15 s."""
        return self.written_at is not None and now - self.written_at >= PATIENCE

    def deadline(self) -> Ms | None:
        return None if self.written_at is None else self.written_at + PATIENCE
