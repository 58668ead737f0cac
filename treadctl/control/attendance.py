"""Is anybody there: heartbeats of local clients, 4 a second each, and whether keys reach them.

The client that armed has to attend as long as the belt may move. Attendance stays in real time: at a faster simulated
clock its limit grows with the rate.
"""

from __future__ import annotations

from treadctl.model.units import Ms


class Attendance:
    """Heartbeats by client. `limit` in core time, ms."""

    def __init__(self, limit: Ms) -> None:
        self.limit = limit
        self._beats: dict[str, tuple[Ms, bool]] = {}

    def beat(self, now: Ms, client: str, keyboard: bool) -> None:
        self._beats[client] = (now, keyboard)

    def gone(self, client: str) -> None:
        """Its heartbeat is gone at once, not after the limit."""
        self._beats.pop(client, None)

    def at_rate(self, now: Ms, limit: Ms) -> None:
        """The clock's rate changed: the limit in its time, and heartbeats counted from now."""
        self.limit = limit
        self._beats = {client: (now, keyboard) for client, (_, keyboard) in self._beats.items()}

    def age(self, now: Ms, client: str) -> Ms:
        """Time since its last heartbeat; more than the limit when there is none."""
        beat = self._beats.get(client)
        return self.limit + 1 if beat is None else now - beat[0]

    def keyboard(self, client: str) -> bool:
        """Whether keys reach it, as far as it said; nothing is said of a client that is gone."""
        beat = self._beats.get(client)
        return beat is None or beat[1]

    def anybody(self, now: Ms) -> bool:
        return bool(self._beats) and now - max(self._beats.values())[0] <= self.limit

    def lapses(self, client: str) -> Ms | None:
        """When this client counts as gone unless it beats again."""
        beat = self._beats.get(client)
        return None if beat is None else beat[0] + self.limit + 1
