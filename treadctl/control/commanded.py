"""What was commanded, and whether the belt does it: the other half of "a success response means accepted, not done".

A lower command takes the machine's lag to work, so what may be in force is a window, never only the last number. The
first speed of a session has to be met before anything faster: some machines read the km/h field as mph.
"""

from __future__ import annotations

from collections import deque

from treadctl.model.units import Ms, Speed

FIRST_SPEED = Speed(80)
"""Chosen: the first speed to be met is at least 0.8 km/h where the machine can."""
FIRST_SPEED_MAX = 100
"""Nothing above 1.0 km/h is commanded before the first speed is met (invariant I14)."""
FIRST_SAMPLES = 3
FIRST_PATIENCE: Ms = 8000
"""Chosen: a belt that starts at 0.8 km/h was measured to reach it in 4.4 to 6.2 s; longer is not met."""
CHANGED = 5
"""0.05 km/h is half of the smallest step that machines take: more than that is a change."""
UNKNOWN_LAG: Ms = 1500
WINDOW_SLACK: Ms = 1500
TOLERANCE = 15
UNIT_RATIOS = ((152, 169), (59, 65))
"""Measured over commanded in percent: 1.609 or 0.621, within 5 %."""
UNIT_SAMPLES = 2
"""Chosen: so many samples in a row at 1.609 prove it, also of a belt that is being stopped for it already."""
INVERTED = 20
"""0.2 km/h gained on a slower command, counted when its lag is over: this belt answers the wrong way (hazard B6)."""
SETTLED: Ms = 500


def tolerance(speed: int, least: int = TOLERANCE) -> int:
    """max(0.15 km/h, 15 %): how near a measured speed has to be to count as met."""
    return max(least, speed * 15 // 100)


def within(band: tuple[int, int], speed: int | None, commanded: int | None) -> bool:
    """Whether speed over commanded lies in this band of percents."""
    return bool(speed and commanded) and band[0] <= (speed or 0) * 100 // (commanded or 1) <= band[1]


class Commanded:
    """The speeds commanded since the last standstill. `current` None: nothing is in force."""

    def __init__(self) -> None:
        self.current: Speed | None = None
        self.written = False
        self.at: Ms = 0
        self.unknown = False
        self.lag: Ms = UNKNOWN_LAG
        self._history: deque[tuple[Ms, Speed]] = deque(maxlen=32)
        self._first_ok = 0
        self._first_due: Ms | None = None
        self._miles = 0
        self._falls_since: Ms | None = None
        self._slowest: Speed | None = None
        self._last = Speed(0)
        self.inverted = False

    def forget_first(self) -> None:
        """A new session: its first speed has to be met again."""
        self._first_ok = 0

    def started(self, now: Ms, start_speed: Speed) -> None:
        """Start was written: the machine takes its own start speed, which nobody set."""
        self._history.clear()
        self._note(now, start_speed)
        self.written = False

    def write(self, now: Ms, speed: Speed) -> None:
        """A target speed was written."""
        self._turn(now, speed)
        self._note(now, speed)
        self.at, self.written = now, True
        if not self.first_met and speed >= FIRST_SPEED and self._first_due is None:
            self._first_due = now + self.lag + FIRST_PATIENCE

    def _turn(self, now: Ms, speed: Speed) -> None:
        """A row of slower commands begins or ends: what the belt does with them is judged from its begin."""
        if self.current is None or speed > self.current:
            self._falls_since = None
        elif speed < self.current and self._falls_since is None:
            settled = self._last >= self.current - TOLERANCE  # else an earlier rise may still be at work
            self._falls_since, self._slowest = now, self._last if settled else None

    def adopt(self, now: Ms, speed: Speed) -> None:
        """The console set this speed; nothing is written."""
        self._falls_since = None
        self._note(now, speed)

    def take_back(self, now: Ms, pause: Ms) -> None:
        """The last speed was rejected: the one before it is in force. No new try for `pause`."""
        if len(self._history) >= 2:
            self._history.pop()
            self.current = self._history[-1][1]
        self.at = now + pause

    def stopped(self) -> None:
        """Measured still: nothing is in force."""
        self.current, self.written, self.unknown, self._first_due, self._miles = None, False, False, None, 0
        self._falls_since, self.inverted = None, False
        self._history.clear()

    def _note(self, now: Ms, speed: Speed) -> None:
        self.current = speed
        self._history.append((now, speed))

    # --- against what is measured ----------------------------------------------------------------------------------

    def measured(self, now: Ms, speed: Speed) -> None:
        """A new sample: settles an unknown result, and counts towards the first speed or against its unit."""
        if self.current is None:
            return
        miles = self.written and not self.first_met and within(UNIT_RATIOS[0], speed, self.in_force(now)[1])
        self._miles = self._miles + 1 if miles else 0
        self._last = speed
        self.inverted |= self._gains(now, speed)
        near = abs(speed - self.current) <= tolerance(self.current)
        self.unknown = self.unknown and not near
        if self.written and not self.first_met and self.current >= FIRST_SPEED:
            self._first_ok = self._first_ok + 1 if near else 0

    def _gains(self, now: Ms, speed: Speed) -> bool:
        """Whether the belt gains speed although it was told to slow down, and had the time to."""
        if self._falls_since is None or now < self._falls_since + self.lag + SETTLED:
            return False
        self._slowest = speed if self._slowest is None else min(self._slowest, speed)
        return speed >= self._slowest + INVERTED

    @property
    def first_met(self) -> bool:
        return self._first_ok >= FIRST_SAMPLES

    def first_overdue(self, now: Ms) -> bool:
        return self._first_due is not None and now > self._first_due and not self.first_met

    def wrong_unit(self, now: Ms, speed: Speed | None) -> bool:
        """Whether the belt shows the mph signature: too fast at once, too slow when the first speed is overdue."""
        slow = self.first_overdue(now) and any(within(band, speed, self.current) for band in UNIT_RATIOS)
        return slow or self._miles >= UNIT_SAMPLES

    def in_force(self, now: Ms) -> tuple[int, int]:
        """The lowest and the highest command that may be at work now. (0, 0) when there is none."""
        begin, speeds = now - self.lag - WINDOW_SLACK, []
        for at, speed in reversed(self._history):
            speeds.append(int(speed))
            if at <= begin:
                break
        return (min(speeds), max(speeds)) if speeds else (0, 0)

    def recently(self, now: Ms, speed: Speed, increment: int) -> bool:
        """Whether this speed was commanded so lately that its echo may still come, rounded by the machine."""
        begin = now - self.lag - WINDOW_SLACK
        near = (at >= begin or ours == self.current for at, ours in self._history if abs(speed - ours) < increment)
        return any(near)

    def off(self, now: Ms, speed: Speed | None) -> int:
        """How far the measured speed is outside what may be in force: below is negative, within max(0.3, 15 %) is 0."""
        if self.current is None or not self.written or speed is None:
            return 0
        low, high = self.in_force(now)
        margin = tolerance(self.current, 30)
        if speed > high + margin:
            return speed - high
        return speed - low if speed < low - margin else 0
