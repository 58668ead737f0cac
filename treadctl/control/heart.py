"""The walker's heart rate against its cap. It can only slow a walk down, never speed it up.

A strap's value counts before the treadmill's own. What reports no contact, no number, or nothing that a heart does is
no reading: impossible rates, leaps, and a number that stays the same while the walker walks. Whether a reading is
missed is known only after there was one, or where this person needs one.
"""

from __future__ import annotations

from treadctl.ftms.heart_rate import HeartRate
from treadctl.model.units import Ms

LOST_MS: Ms = 5_000
"""Older than this there is no heart rate (hazard E7); straps send once a second."""
PLAUSIBLE = range(30, 231)
"""Chosen: 220 is the highest rate that age formulas give; outside this a sensor is wrong, not a heart."""
BEAT = range(60 * 1024 // 230, 60 * 1024 // 30 + 1)
"""1/1024 s between two beats at such rates; other numbers are noise, and no sign of life."""
LEAP = 30
"""Beats a minute between two measurements (hazard E7). Chosen with it: a heart that starts to work gains about as much
in ten seconds; in one it is a dry electrode, or a sensor that counts steps."""
LEAP_MS: Ms = 5_000
"""A leap that holds this long is believed: then the sensor was wrong before it."""
UNSTEADY, UNSTEADY_MOST = 4, 10
"""Chosen: each leap counts two, each measurement that begins none takes one off. A single wrong one costs only itself;
a sensor that goes to and fro, of which nobody knows which half is true, is no reading after some ten seconds."""
FLAT_MS: Ms = 60_000
"""Chosen: breathing alone moves a healthy heart by a few beats several times a minute, also as the mean of ten seconds
that straps show, so a minute without any change is a strap that repeats itself. Hazard E7 names 30 s; at that some calm
walkers with sensors that smooth would be told "No heart rate" for nothing."""
BEEP_EVERY: Ms = 30_000
"""A lost strap beeps so often (as h/p/cosmos machines do)."""

NO_CONTACT, NO_NUMBER = "it does not touch the skin", "it sends no heart rate"
IMPOSSIBLE, LEAPS, FLAT = "it sends what no heart does", "it leaps", "it sends the same number for a minute"
NOTHING = "it sends nothing"


class _Sensor:
    """One source of measurements."""

    def __init__(self) -> None:
        self._last: HeartRate | None = None
        self._seen: Ms = 0
        self._same_since: Ms = 0
        self._kept = 0
        self._leap: tuple[Ms, int] | None = None
        self._unsteady = 0

    def judge(self, now: Ms, measured: HeartRate | None, walking: bool) -> str:
        """Why this is no reading; empty where it is one."""
        if measured is None or measured.bpm is None:
            return NO_NUMBER
        if measured.contact is False:
            return NO_CONTACT
        if measured.bpm not in PLAUSIBLE:
            return IMPOSSIBLE
        fresh = self._last is None or now - self._seen > LOST_MS
        if not walking or fresh or _beats(measured) != _beats(self._last):
            self._same_since = now
        self._last, self._seen = measured, now
        leaps = self._leaps(now, measured.bpm, fresh)
        begins = self._leap is not None and self._leap[0] == now
        self._unsteady = min(UNSTEADY_MOST, self._unsteady + 2) if begins else max(0, self._unsteady - 1)
        if leaps or self._unsteady > UNSTEADY:
            return LEAPS
        return FLAT if now - self._same_since >= FLAT_MS else ""

    def _leaps(self, now: Ms, rate: int, fresh: bool) -> bool:
        """Whether it is too far from the last reading, and not long enough where it is now."""
        if fresh or abs(rate - self._kept) <= LEAP:
            self._kept, self._leap = rate, None
            return False
        since = now if self._leap is None or abs(rate - self._leap[1]) > LEAP else self._leap[0]
        self._leap = since, rate
        if now - since < LEAP_MS:
            return True
        self._kept, self._leap = rate, None
        return False


def _beats(measured: HeartRate | None) -> tuple[int | None, tuple[int, ...]]:
    """What changes while a heart beats: the rate, and with most straps the time between two beats, where it is one."""
    told = () if measured is None else tuple(interval for interval in measured.rr_1024 if interval in BEAT)
    return (None, ()) if measured is None else (measured.bpm, told)


class Heart:
    """Readings in, judgements out. Times are ms, rates beats a minute. `walking`: the belt moves under the walker."""

    def __init__(self) -> None:
        self.rate: int | None = None
        self._why = ""
        self._at: Ms = 0
        self._strap_at: Ms | None = None
        self._strap, self._machine = _Sensor(), _Sensor()

    def strap(self, now: Ms, measured: HeartRate | None, *, walking: bool = False) -> None:
        """A strap's measurement; None where it could not be decoded."""
        self._why = self._strap.judge(now, measured, walking)
        if not self._why:
            self._strap_at = now
            self._take(now, measured)

    def machine(self, now: Ms, rate: int | None, *, walking: bool = False) -> None:
        """The treadmill's own value, where no strap tells one."""
        if rate is not None and (self._strap_at is None or now - self._strap_at > LOST_MS):
            measured = HeartRate(rate)
            if not self._machine.judge(now, measured, walking):
                self._take(now, measured)

    def _take(self, now: Ms, measured: HeartRate | None) -> None:
        assert measured is not None
        self.rate, self._at = measured.bpm, now

    def lost(self, now: Ms) -> bool:
        """There was a reading in this session, and there is none now."""
        return self.rate is not None and now - self._at > LOST_MS

    def reading(self, now: Ms) -> int | None:
        """What it is now; None where it is not known."""
        return None if self.rate is None or now - self._at > LOST_MS else self.rate

    def why(self, now: Ms) -> str:
        """Why there is no reading, where there was one or something came; else empty."""
        if self.rate is None:
            return self._why
        return (self._why or NOTHING) if self.lost(now) else ""

    def above(self, now: Ms, cap: int | None) -> bool:
        """A reading of now is above the cap (None: no cap is known)."""
        return cap is not None and (rate := self.reading(now)) is not None and rate > cap

    def deadline(self) -> Ms | None:
        """When silence alone means that it is lost."""
        return None if self.rate is None else self._at + LOST_MS + 1


class Beeper:
    """Beeps at once when the heart rate is lost, and again while it stays lost."""

    def __init__(self) -> None:
        self._next: Ms | None = None

    def due(self, now: Ms, lost: bool) -> bool:
        """Whether to beep now."""
        if not lost:
            self._next = None
            return False
        if self._next is not None and now < self._next:
            return False
        self._next = now + BEEP_EVERY
        return True

    def deadline(self) -> Ms | None:
        return self._next
