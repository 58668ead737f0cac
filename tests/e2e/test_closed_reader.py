"""A walk in plain lines whose reader goes away: nobody is told any more what the belt does, so it stops."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.e2e.walking import a_walk


async def test_a_reader_that_goes_away_in_mid_walk_stops_the_belt_and_the_session_says_so(own_folders: Path) -> None:
    async with a_walk(own_folders) as walk:
        await walk.begin()
        await walk.walking()
        assert walk.client is not None and walk.client.stdout is not None
        walk.client.stdout.close()
        await walk.still(30)
        assert await asyncio.to_thread(walk.client.wait, 10) == 141  # as a shell tells of a pipe that was closed
        closed = walk.lines("sessions")[-1]
        assert (closed["is"], closed["summary"]["finished"]) == ("Closed", False)
        assert closed["summary"]["reason"], closed
