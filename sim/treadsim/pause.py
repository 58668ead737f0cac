"""Time that passes on the loop of a simulated radio, scaled as the loop is. It must not be used in the pure world."""

from __future__ import annotations

import asyncio

from treadctl.model.units import Ms


async def let_pass(ms: Ms) -> None:
    """Let so much of the loop's time pass."""
    over = asyncio.Event()
    timer = asyncio.get_running_loop().call_later(ms / 1000, over.set)
    try:
        await over.wait()
    finally:
        timer.cancel()
