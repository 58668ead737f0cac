"""Is anybody still there? A link may say that it is up and be dead: a hung machine, a bluetoothd that crashed.

While the belt moves the core notices silence within three seconds by itself. At a standstill silence is normal on some
machines, so a silent one is asked something harmless: a read. Twice without an answer, and the link is as good as lost.
"""

from __future__ import annotations

from collections.abc import Callable

from .clock import pause
from .failures import LinkFailed
from .intake import Intake
from .link import Link

SILENT_S = 3.0
"""As long as the core believes in a moving belt that says nothing: then the link is lost."""
UNANSWERED = 2
"""Chosen: one answer may be missed where the computer itself was late."""


async def watch(link: Link, intake: Intake, idle: Callable[[], bool], dead: Callable[[str], None]) -> None:
    """Until the link is gone, or `dead` was told why it is. `idle`: nothing of ours is being written just now."""
    why = ""
    while link.alive:
        before = intake.heard
        await pause(SILENT_S)
        for _ in range(UNANSWERED):
            if intake.heard != before or not idle():
                break
            try:
                await link.answers()
            except LinkFailed as failed:
                why = str(failed)
            else:
                break
        else:
            if link.alive and intake.heard == before:
                dead(why)
                return
