"""Whole walks with a house around them: real processes, a real Mosquitto, the simulated treadmill."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.mqtt.crafted import crafted
from tests.mqtt.house import NODE, PROFILES, House
from tests.mqtt.storm import Walked, problems
from tests.mqtt.walks import opened_at, samples, walked
from treadctl.clients.mqtt.topics import Topics
from treadctl.model.api import Phase

pytestmark = pytest.mark.needs("mosquitto")
MINE = Topics(NODE)
NEAR_MS = 1000
"""Of the guardian's clock, which runs ten times faster here: a tenth of a second for a busy computer."""


def equal(sample: dict[str, Any], at: int, states: list[dict[str, Any]]) -> bool:
    """Whether the house was told what the session file has: every figure of the sample is that of the state published
    last before it or of the first one after, or of any between 1 s before and after; distance within 0.2 m."""
    before = [state for state in states if state["clock_ms"] <= at][-1:]
    near = [state for state in states if abs(state["clock_ms"] - at) <= NEAR_MS]
    after = [state for state in states if state["clock_ms"] > at][:1]
    return all(
        any(same(sample, state, name) for state in (*before, *near, *after))
        for name in ("speed", "target", "incline", "facing", "heart_rate", "segment", "distance_m")
    )


def same(sample: dict[str, Any], state: dict[str, Any], name: str) -> bool:
    """One figure, in the units of the file: speeds are told in km/h and kept in 0.01 km/h, inclines in 0.1 %."""
    def whole(value: float | None, parts: int) -> int | None:
        return None if value is None else round(value * parts)

    told = {
        "speed": whole(state["speed_kmh"], 100), "target": whole(state["target_kmh"], 100),
        "incline": whole(state["incline_pct"], 10), "facing": state["direction"], "heart_rate": state["hr_bpm"],
        "segment": state["segment"],
    }  # fmt: skip
    if name == "distance_m":
        return bool(abs(sample[name] - state[name]) <= 0.2)
    return bool(sample[name] == told[name])


async def test_a_broker_dies_in_the_middle_of_a_walk_and_the_telemetry_is_what_the_session_file_has(
    house: House, own_folders: Path
) -> None:
    house.start()
    async with walked(house, own_folders, segments=(14, 12, 20)) as (walk, running):
        async with house.ear() as ear:
            await ear.until(lambda ear: any((state["speed_kmh"] or 0) > 0.5 for state in ear.states()))
            await ear.client.publish(MINE.message, "Dinner is ready", qos=1)
            await running.says("Passed on: message")
            await walk.until(lambda shot: shot.message == "Dinner is ready")
            told = [state for state in ear.states() if state["clock_ms"]]
        house.kill()
        await running.says("Trying again")
        house.start()
        async with house.ear() as ear:
            await ear.available("online")
            await ear.available("offline")  # the walk is over, and its guardian has ended
            again = [state for state in ear.states() if state["clock_ms"]]
        assert "Finished." in walk.out()
        kept, begun = samples(walk), opened_at(walk)
    gone, back = told[-1]["clock_ms"], again[0]["clock_ms"]
    assert back - gone < 60_000  # six seconds of real time
    heard = [one for one in kept if begun + one["at"] <= gone - NEAR_MS or begun + one["at"] >= back + NEAR_MS]
    end = again[-1]["clock_ms"]  # the last state of a guardian that ends may be replaced by the word that it is gone
    assert begun + kept[-1]["at"] - end < 5000  # half a second of real time
    heard = [one for one in heard if told[0]["clock_ms"] <= begun + one["at"] <= end]
    moving = [one for one in heard if one["speed"]]
    assert len(kept) > 40 and len(moving) > 10 and {one["segment"] for one in moving} >= {0, 2}
    different = [one for one in heard if not equal(one, begun + one["at"], told + again)]
    assert different == []


async def test_in_a_storm_of_messages_nothing_rises_and_the_stop_in_it_stops(house: House, own_folders: Path) -> None:
    house.start()
    lots = random.Random(20261122)
    async with walked(house, own_folders) as (walk, running), house.ear((MINE.of("state"),)) as ear:
        await ear.until(lambda ear: any(state["phase"] == "walking" for state in ear.states()))
        for _, (topic, payload, retained) in zip(range(2000), crafted(MINE, lots, PROFILES, stops=False), strict=False):
            await ear.client.publish(topic, payload, retain=retained and topic != MINE.stop)
        while not any("Passed on: stop" in line for line in running.lines):  # what comes late is ignored: press again
            await ear.client.publish(MINE.stop, "STOP", qos=1)
            await asyncio.sleep(1.5)
        await walk.until(lambda shot: shot.phase in (Phase.HALTED, Phase.DONE))
        assert walk.client is not None and running.bridge.orders.ignored.total() > 500
        tops = [state["target_kmh"] or 0.0 for state in ear.states()]
        wishes = {
            line["input"]["intent"]["is"] for line in walk.lines("traces")
            if line.get("input", {}).get("is") == "Asked" and line["input"]["client"].startswith("mqtt")
        }  # fmt: skip
    assert max(tops) <= 2.0 and wishes <= {"Stop", "Message", "Preselect"} and "Stop" in wishes


PEACE = Walked([(100, "start"), (900, "rise"), (5000, "stop")], 200, 0, 1, {}, {}, 0, "Finished.")


@pytest.mark.parametrize(
    ("storm", "says"),
    [
        (PEACE, ""),
        (replace(PEACE, written=[(150, "start"), (1000, "rise"), (5100, "stop")]), ""),
        (replace(PEACE, asked={"Resume": 1}), "asked for ['Resume']"),
        (replace(PEACE, top=201), "top is 201"),
        (replace(PEACE, incline=10), "incline is 10"),
        (replace(PEACE, starts=2), "starts is 2"),
        (replace(PEACE, written=[*PEACE.written, (6000, "start")]), "other commands"),
        (replace(PEACE, written=[(100, "start"), (1200, "rise"), (5000, "stop")]), "300 ms apart"),
    ],
)
def test_what_a_storm_would_have_changed_is_seen(storm: Walked, says: str) -> None:
    found = problems(PEACE, storm)
    assert (found == []) if not says else (len(found) == 1 and says in found[0])
