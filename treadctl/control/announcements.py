"""Which rises were announced: a rise is cleared only after its announcement was heard to its end.

An announcement goes out of date, so that a rise which was held back is never sent late: it is said anew or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from treadctl.model.units import Ms

from .cueing import CUE_LEAD

VALID: Ms = 12_000
"""Chosen: an announcement made 9 s ahead is still in mind; a rise that comes later is announced again."""
GOES_ON: Ms = 3_000


@dataclass(slots=True)
class _Announcement:
    id: int
    target: int
    said: Ms
    until: Ms | None = None


class Announcements:
    """By what rises ("speed", "incline"): the newest announcement of each."""

    def __init__(self) -> None:
        self._of: dict[str, _Announcement] = {}

    def say(self, now: Ms, what: str, target: int, id: int) -> None:
        """Utterance `id`, begun now, says that `what` will rise to `target`."""
        self._of[what] = _Announcement(id, target, now)

    def heard(self, now: Ms, id: int) -> None:
        for said in self._of.values():
            if said.id == id:
                said.until = now + VALID

    def goes_on(self, now: Ms, what: str, wait: Ms) -> None:
        """A step of the announced ramp was made: the announcement covers the next one."""
        said = self._of[what]
        said.until = max(said.until or 0, now + max(GOES_ON, 2 * wait))

    def covers(self, now: Ms, what: str, target: int) -> bool:
        """Heard to its end, begun at least the cue lead ago, not out of date, and naming at least `target`."""
        said = self._of.get(what)
        if said is None or said.until is None or now > said.until:
            return False
        return said.target >= target and now - said.said >= CUE_LEAD

    def pending(self, now: Ms, what: str, target: int) -> bool:
        """Being said, or heard and waiting for its lead. Given up on after a while."""
        said = self._of.get(what)
        if said is None or said.target < target:
            return False
        return now - said.said < VALID if said.until is None else now <= said.until

    def lead_over(self, what: str) -> Ms | None:
        """When the lead of the newest announcement is over."""
        said = self._of.get(what)
        return None if said is None else said.said + CUE_LEAD

    def clear(self) -> None:
        self._of.clear()
