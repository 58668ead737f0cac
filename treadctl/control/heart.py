"""The walker's heart rate against its cap. It can only slow a walk down, never speed it up.

A strap's value counts before the treadmill's own. What reports no contact, no number, or nothing that a heart does is
no reading. Whether a reading is missed is known only after there was one.
"""

from __future__ import annotations

from treadctl.ftms.heart_rate import HeartRate
from treadctl.model.units import Ms

LOST_MS: Ms = 5_000
"""Older than this there is no heart rate (hazard E7); straps send once a second."""
PLAUSIBLE = range(30, 231)
"""Chosen: 220 is the highest rate that age formulas give; outside this a sensor is wrong, not a heart."""


class Heart:
    """Readings in, judgements out. Times are ms, rates beats a minute."""

    def __init__(self) -> None:
        self.rate: int | None = None
        self._at: Ms = 0
        self._strap_at: Ms | None = None

    def strap(self, now: Ms, measured: HeartRate | None) -> None:
        """A strap's measurement; None where it could not be decoded."""
        if measured is not None and measured.contact is not False and measured.bpm in PLAUSIBLE:
            self._strap_at = now
            self._take(now, measured.bpm)

    def machine(self, now: Ms, rate: int | None) -> None:
        """The treadmill's own value, where no strap tells one."""
        if rate in PLAUSIBLE and (self._strap_at is None or now - self._strap_at > LOST_MS):
            self._take(now, rate)

    def _take(self, now: Ms, rate: int | None) -> None:
        self.rate, self._at = rate, now

    def lost(self, now: Ms) -> bool:
        """There was a reading in this session, and there is none now."""
        return self.rate is not None and now - self._at > LOST_MS

    def above(self, now: Ms, cap: int | None) -> bool:
        """A reading of now is above the cap (None: no cap is known)."""
        return cap is not None and self.rate is not None and not self.lost(now) and self.rate > cap

    def deadline(self) -> Ms | None:
        """When silence alone means that it is lost."""
        return None if self.rate is None else self._at + LOST_MS + 1
