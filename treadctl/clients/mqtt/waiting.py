"""Waiting on an event loop: for a while, for a word, for the first of several, and before the next attempt."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

FIRST_S, LONGEST_S = 1.0, 60.0
CANCEL_AGAIN_S = 0.5
"""Chosen: so long a task that swallowed its cancellation may go on before it gets another."""


def backoff(attempt: int, lot: float) -> float:
    """Seconds before this attempt (1: the first after a loss). `lot` is from 0 to 1: nodes of one broker come back one
    by one."""
    return min(LONGEST_S, FIRST_S * 2.0 ** min(attempt - 1, 10)) * (0.5 + lot / 2)


async def first(*work: Coroutine[Any, Any, object]) -> None:
    """Until one of them is done; the others are cancelled. Raises what it raised."""
    tasks = {asyncio.create_task(one) for one in work}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _ended(tasks)
    for task in done:
        task.result()


async def _ended(tasks: set[asyncio.Task[object]]) -> None:
    """Cancel them until they are: `asyncio.wait_for`, which aiomqtt uses, may swallow it before Python 3.12."""
    left = tasks
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)


async def pause(seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()


async def until(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
