"""A short walk on the simulated treadmill, ten times faster than life, with a bridge that really follows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.e2e.walking import Walk
from tests.mqtt.house import House, Running, a_bridge

PROFILE = """\
treadctl: 1
name: Short one
level: 0
author: treadctl
license: CC0-1.0
basis: "For tests."
segments:
  - {{walk: forward, for: {}s, speed: 1.2 km/h, name: Out}}
  - {{walk: forward, for: {}s, speed: 2.0 km/h}}
  - {{walk: forward, for: {}s, speed: 1.2 km/h, name: Home}}
"""
A_MINUTE = (20, 25, 15)
"""Seconds of its three segments."""


@asynccontextmanager
async def walked(
    house: House, home: Path, seed: int = 11, rate: int = 10, segments: tuple[int, int, int] = A_MINUTE
) -> AsyncIterator[tuple[Walk, Running]]:
    """The walk has begun, and the bridge knows of it."""
    (home / "short.yaml").write_text(PROFILE.format(*segments), encoding="utf-8")
    walk = Walk(home / "walk", rate)
    start = walk.command.index("demo")
    walk.command[start : start + 1] = ["run", str(home / "short.yaml"), "--sim"]
    walk.command[walk.command.index("--seed") + 1] = str(seed)
    try:
        await walk.begin()
        assert walk.display is not None
        [socket] = (home / "runtime" / "treadctl").glob("sim-*.sock")
        async with a_bridge(house.access(), socket) as running:
            yield walk, running
    finally:
        await walk.end()


def samples(walk: Walk) -> list[dict[str, Any]]:
    """The samples of the session file."""
    return [line for line in walk.lines("sessions") if line["is"] == "SampleEntry"]


def opened_at(walk: Walk) -> int:
    """The guardian's clock when the session began: all times in a session file count from there."""
    for line in walk.lines("traces"):
        item = line.get("input", {})
        if item.get("is") == "Asked" and item["intent"]["is"] == "Load":
            return int(line["now"])
    raise AssertionError("nothing was loaded")
