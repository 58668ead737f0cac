"""The only clock of the guardian: every time call of the process is in this file.

Control runs on integer milliseconds of a monotonic clock; the wall clock labels and never controls. A simulated walk
may run at a rate: then the loop's time passes N times faster and its selector waits N times shorter, so every timer
of the process keeps its meaning. Watchdogs of processes (attendance, lateness) stay in real time: `real` converts.
"""

from __future__ import annotations

import asyncio
import datetime
import selectors
import time

from treadctl.model.units import Ms

MAX_RATE = 10
"""Chosen, because a loop that is late by 10 ms is then late by 100 ms of the walker's time."""
LATE: Ms = 250
"""A loop this late (real ms) is worth telling: a decision that old is not written, the belt may do something else."""
SLEPT: Ms = 500
"""Boot time running ahead of the monotonic clock by more than this means that the host slept (hazard C9)."""


class _ScaledSelector(selectors.DefaultSelector):
    """Waits a rate-th of the time it is asked to wait."""

    rate = 1

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / self.rate)


class RateLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes `rate` times faster than real time. A new rate makes no step in time."""

    def __init__(self, rate: int = 1) -> None:
        self._scaled = _ScaledSelector()
        self._since = time.monotonic()
        self._until_then = self._since
        super().__init__(self._scaled)
        try:
            self.run_at(rate)
        except ValueError:
            self.close()
            raise

    @property
    def rate(self) -> int:
        return self._scaled.rate

    def run_at(self, rate: int) -> None:
        """Go on at this rate. Raises ValueError unless it is 1 to 10."""
        if not 1 <= rate <= MAX_RATE:
            raise ValueError(f"a rate is 1 to {MAX_RATE}, not {rate}")
        self._until_then, self._since = self.time(), time.monotonic()
        self._scaled.rate = rate

    def time(self) -> float:
        return self._until_then + (time.monotonic() - self._since) * self._scaled.rate


def loop(rate: int | None) -> asyncio.AbstractEventLoop:
    """A loop that runs at this rate; None: in real time for good, which costs less."""
    return asyncio.SelectorEventLoop() if rate is None else RateLoop(rate)


class Clock:
    """`now` of one loop, in its own milliseconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    @property
    def rate(self) -> int:
        return self._loop.rate if isinstance(self._loop, RateLoop) else 1

    def run_at(self, rate: int) -> None:
        """Let the loop's time pass so many times faster. Only for a simulated machine."""
        if isinstance(self._loop, RateLoop):
            self._loop.run_at(rate)

    def real_now(self) -> Ms:
        """Real milliseconds, whatever the rate: for watchdogs over processes."""
        return time.monotonic_ns() // 1_000_000

    def now(self) -> Ms:
        return int(self._loop.time() * 1000)

    def real(self, ms: Ms) -> float:
        """Seconds of the loop's time that last `ms` of real time."""
        return ms * self.rate / 1000

    def boot_lead(self) -> Ms:
        """How far boot time is ahead of the monotonic clock: all sleep since boot, real ms. 0 where unknown."""
        if not hasattr(time, "CLOCK_BOOTTIME"):
            return 0
        return (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns()) // 1_000_000


def monotonic_s() -> float:
    """Real seconds, for worker threads that have no loop."""
    return time.monotonic()


def rest(seconds: float) -> None:
    """Block this thread. Never called on the loop's thread."""
    time.sleep(seconds)


def wall_iso() -> str:
    """UTC now, ISO 8601 with seconds: a label."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def wall_name() -> str:
    """UTC now as the beginning of a file name that sorts by time."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")


def today() -> str:
    """The local date, ISO: what "remembered for the day" means to a person."""
    return datetime.datetime.now(datetime.UTC).astimezone().date().isoformat()


async def pause(seconds: float) -> None:
    """Let the loop's time pass."""
    await asyncio.sleep(seconds)
