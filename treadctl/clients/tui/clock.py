"""The TUI's one reading of time: everything else takes time as an argument and is tested without waiting."""

import time  # noqa: TID251 - this is the clock

from treadctl.model.units import Ms


def monotonic_ms() -> Ms:
    """Milliseconds of the monotonic clock."""
    return time.monotonic_ns() // 1_000_000
