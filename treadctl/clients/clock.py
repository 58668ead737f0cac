"""The clients' one reading of time: everything else takes time as an argument and is tested without waiting."""

import calendar
import time  # noqa: TID251 - this is the clock

from treadctl.model.units import Ms


def monotonic_ms() -> Ms:
    """Milliseconds of the monotonic clock."""
    return time.monotonic_ns() // 1_000_000


def today() -> str:
    """The local date, ISO, as the person's calendar has it."""
    return time.strftime("%Y-%m-%d")


def wall_s() -> int:
    """The local date and time of day as seconds since 1970, as if there were no time zones (see `model.outcome`)."""
    return calendar.timegm(time.localtime())


def boot_ms() -> Ms:
    """Milliseconds of a clock that goes on while the computer sleeps, where there is one (not on macOS)."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock) // 1_000_000
