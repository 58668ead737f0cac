"""The bridge between a real Mosquitto and a guardian's socket: who gets in, what is told, what gets through."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import random
import threading
from collections.abc import Sequence

import paho.mqtt.client
import pytest

from tests.mqtt.house import NODE, PROFILES, Ear, House, Running, a_bridge, a_guardian, certificates
from treadctl.client import connect, greeting
from treadctl.clients.mqtt import bridge as bridges
from treadctl.clients.mqtt.broker import Access, BrokerLost, connected
from treadctl.clients.mqtt.orders import Why
from treadctl.clients.mqtt.topics import Publication, Topics
from treadctl.clients.mqtt.waiting import backoff
from treadctl.model.api import Belt, LinkState, Message, Phase, Plan, Preselect, Role, Said, Snapshot, Stop
from treadctl.model.program import Facing, Walk
from treadctl.model.units import Speed

pytestmark = pytest.mark.needs("mosquitto", "mosquitto_passwd")
PAHO = pytest.mark.filterwarnings("ignore:.*ssl.SSLSocket.*:pytest.PytestUnraisableExceptionWarning")
"""paho 2.2 leaves a socket whose certificate was refused to the collector of garbage."""
MINE = Topics(NODE)
WALKING = Snapshot(
    seq=1, now=5000, phase=Phase.WALKING, belt=Belt.MOVING, link=LinkState.UP, facing=Facing.BACKWARD,
    speed=Speed(123), target=Speed(120), segment=0, segment_left=33_000, distance_m=12.5, walked=20_000,
)  # fmt: skip
PLAN = Plan("Retro", (Walk(Facing.BACKWARD, 60, Speed(120), name="Back"),), 60_000)


async def send(ear: Ear, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
    await ear.client.publish(topic, payload, qos=1, retain=retain)


# --- who gets in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_over_tls_with_a_password_everything_that_is_retained_is_there(house: House, protocol: str) -> None:
    house.lock()
    house.start()
    async with a_guardian() as guardian, a_bridge(house.access(protocol=protocol), guardian.paths.socket):
        guardian.server.publish(PLAN)
        guardian.server.publish(WALKING)
        async with house.ear(protocol=protocol) as ear:
            await ear.available("online")
            await ear.until(lambda ear: any(state["phase"] == "walking" for state in ear.states()))
        async with house.ear(protocol=protocol) as late:  # who comes later knows it, too
            await late.until(lambda ear: len({one.topic for one in ear.heard if one.retained}) == 4)
        state = late.states()[-1]
    assert (state["speed_kmh"], state["target_kmh"], state["direction"]) == (1.23, 1.2, "backward")
    assert (state["segment_name"], state["segment_remaining_s"], state["hr_bpm"]) == ("Back", 33, None)
    told = late.of("/config")[0].told
    assert told["components"]["profile"]["options"] == list(PROFILES)


async def _refusal(access: Access) -> str:
    with pytest.raises(BrokerLost) as lost:
        async with connected(access, NODE):
            pass
    words = str(lost.value)
    del lost
    gc.collect()  # see PAHO
    return words


@PAHO
async def test_whoever_is_not_trusted_or_not_known_is_refused_in_one_sentence(house: House) -> None:
    house.lock()
    house.start()
    other = house.access(ca_file=str(house.folder / "other.pem"))
    assert "certificate is not to be trusted" in await _refusal(other)
    wrong = house.access()
    assert "refuses this name and password" in await _refusal(Access(wrong.settings, "wrong", wrong.context))
    nobody = house.access(username="")
    assert "refuses this name and password" in await _refusal(Access(nobody.settings, None, nobody.context))
    house.kill()
    assert "cannot be reached (connection refused)" in await _refusal(house.access())


@PAHO
async def test_a_certificate_for_another_name_is_refused(house: House) -> None:
    house.lock()
    certificates(house.folder, "elsewhere")
    house.start()
    assert "certificate is not to be trusted" in await _refusal(house.access())


class OfPySocks:
    """As much of that library as paho asks of it."""

    SOCKS4, SOCKS5, HTTP = 1, 2, 3

    @staticmethod
    def get_default_proxy() -> None:
        return None

    @staticmethod
    def create_connection(*_place: object, **_how: object) -> None:
        raise OSError("by way of the proxy")


async def test_no_proxy_of_the_environment_stands_between_us_and_the_broker(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.start()
    monkeypatch.setattr(paho.mqtt.client, "socks", OfPySocks)
    monkeypatch.setenv("mqtt_proxy", "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    async with connected(house.access(), NODE) as broker:
        await broker.subscribe((MINE.stop,))


async def test_by_the_acl_of_the_manual_a_guest_stops_nothing_and_nobody_starts_anything(house: House) -> None:
    house.lock()
    house.start()
    async with (
        a_guardian() as guardian, a_bridge(house.access(), guardian.paths.socket), house.ear() as home,
        house.ear((f"treadctl/{NODE}/#",), "guest") as guest,
    ):  # fmt: skip
        guardian.server.publish(WALKING)
        await home.available("online")
        await send(guest, MINE.stop, "STOP")
        await send(guest, MINE.message, "from the hall")
        for name in ("start", "resume", "speed", "incline"):
            await send(home, MINE.of(f"cmd/{name}"), "5")
        await send(home, MINE.message, "from home")
        await home.until(lambda _: guardian.wishes)
        await send(home, MINE.stop, "STOP")
        await home.until(lambda _: len(guardian.wishes) > 1)
        await asyncio.sleep(0.2)  # what shall not come has had its time
    assert guardian.wishes == [Message("from home"), Stop("Stopped from the network.")]
    assert not guest.of("/cue") and guest.of("/state")


# --- what gets through ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_only_what_is_fresh_and_well_formed_gets_through_and_the_rest_is_counted(
    house: House, protocol: str
) -> None:
    house.start()
    async with house.ear() as ear, a_guardian() as guardian:
        guardian.server.publish(WALKING)
        for topic, payload in ((MINE.stop, "STOP"), (MINE.message, "old"), (MINE.select, "Demo")):
            await send(ear, topic, payload, retain=True)
        async with a_bridge(house.access(protocol=protocol), guardian.paths.socket) as running:
            await ear.available("online")
            for topic, octets in (
                (MINE.stop, b"stop"), (MINE.stop, b"\xff"), (MINE.message, b"\xc3("), (MINE.select, b"No such"),
                (MINE.message, b"hello\x1b[2J"), (MINE.select, b"Demo"), (MINE.stop, b"STOP"), (MINE.stop, b"STOP"),
            ):  # fmt: skip
                await send(ear, topic, octets)
            await ear.until(lambda _: len(guardian.wishes) == 3)
            await ear.until(lambda _: running.bridge.orders.ignored.total() == 8)
            guardian.server.publish(WALKING._replace(seq=2))
            await ear.until(lambda ear: ear.states()[-1]["ignored"] == 8)
    counted = running.bridge.orders.ignored
    assert counted == {Why.RETAINED: 3, Why.MALFORMED: 4, Why.TWICE: 1}
    assert set(guardian.wishes) == {Message("hello\\x1b[2J"), Preselect("Demo"), Stop("Stopped from the network.")}


async def test_a_stop_reaches_a_guardian_that_was_too_silent_to_be_followed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine a guardian may be held for a second, and is not followed for a while."""
    house.start()
    monkeypatch.setattr(bridges, "AGAIN_S", 60)
    async with house.ear() as ear, a_guardian() as guardian, a_bridge(house.access(), guardian.paths.socket) as running:
        guardian.server.publish(WALKING)
        await ear.available("online")
        await ear.available("offline")  # it has said nothing for a second
        await send(ear, MINE.stop, "STOP")
        await running.says("Passed on: stop.")
    assert guardian.wishes == [Stop("Stopped from the network.")]


async def test_a_stop_that_is_not_taken_is_said_and_one_before_a_guardian_came_is_forgotten(house: House) -> None:
    house.start()
    async with house.ear() as ear, a_guardian() as guardian, a_bridge(house.access(), guardian.paths.socket) as running:
        guardian.takes = False
        guardian.server.publish(WALKING)
        await ear.available("online")
        await send(ear, MINE.stop, "STOP")
        await ear.until(lambda ear: ear.of("/cue"))
        assert ear.of("/cue")[0].told["event_type"] == "fault" and "not taken" in ear.of("/cue")[0].told["text"]
        await guardian.close()
        await ear.available("offline")
        await send(ear, MINE.stop, "STOP")
        await ear.until(lambda _: running.bridge.orders.ignored[Why.NOBODY] == 1)
        assert ear.states()[-1]["phase"] == "lost" and ear.states()[-1]["moving"] is None
        guardian.takes = True
        await guardian.open()
        await running.says("A guardian is there")
        await ear.available("online")
        await asyncio.sleep(0.2)
    assert len(guardian.wishes) == 1


async def test_a_stop_of_a_belt_that_stands_already_is_answered_with_its_state(house: House) -> None:
    house.start()
    async with house.ear() as ear, a_guardian() as guardian, a_bridge(house.access(), guardian.paths.socket):
        guardian.server.publish(WALKING._replace(phase=Phase.HALTED, belt=Belt.STILL))
        await ear.available("online")
        await ear.until(lambda ear: ear.states() and ear.states()[-1]["belt"] == "still")
        before = len(ear.states())
        await send(ear, MINE.stop, "STOP")
        await ear.until(lambda ear: len(ear.states()) > before)


async def test_a_stop_is_heard_while_the_profiles_are_still_being_read(house: House) -> None:
    house.start()
    read = threading.Event()
    async with house.ear() as ear, a_guardian() as guardian:
        running = Running(house.access(), lambda: [guardian.paths.socket], lambda: PROFILES if read.wait(20) else ())
        task = asyncio.ensure_future(running.bridge.run())
        guardian.server.publish(WALKING)
        try:
            await running.says("A guardian is there")
            await running.says("Connected")
            await send(ear, MINE.stop, "STOP")
            await ear.until(lambda _: guardian.wishes, 10)
        finally:
            read.set()
            running.bridge.end()
            await task


async def test_a_bridge_of_which_a_part_fails_ends_and_is_there_no_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(now: int) -> None:
        raise RuntimeError("broken")

    house.start()
    async with house.ear() as ear, a_guardian() as guardian:
        running = Running(house.access(), lambda: [guardian.paths.socket])
        task = asyncio.ensure_future(running.bridge.run())
        guardian.server.publish(WALKING)
        await ear.available("online")
        monkeypatch.setattr(running.bridge.orders, "beat", broken)
        with pytest.raises(RuntimeError, match="broken"):
            async with asyncio.timeout(10):
                await task
        await ear.available("offline", 10)


async def test_a_stop_gets_through_a_flood_of_texts(house: House) -> None:
    house.start()
    lots = random.Random(3)
    async with (
        house.ear(("treadctl/+/availability",)) as ear, a_guardian() as guardian,
        a_bridge(house.access(), guardian.paths.socket) as running,
    ):  # fmt: skip
        guardian.server.publish(WALKING)
        await ear.available("online")
        for _ in range(1000):
            await ear.client.publish(MINE.message, lots.randbytes(40).hex())
        await ear.client.publish(MINE.stop, "STOP", qos=1)
        await ear.until(lambda _: Stop("Stopped from the network.") in guardian.wishes)
        assert len(guardian.wishes) <= 101 and running.bridge.orders.ignored[Why.OFTEN] > 100


# --- what is told --------------------------------------------------------------------------------------------------


async def test_what_is_said_is_announced_and_what_happens_is_a_cue(house: House) -> None:
    house.start()
    async with house.ear() as ear, a_guardian() as guardian, a_bridge(house.access(), guardian.paths.socket):
        guardian.server.publish(PLAN)
        guardian.server.publish(WALKING._replace(segment=None, phase=Phase.COUNTDOWN))
        await ear.available("online")
        guardian.server.said("Hold the rails.\x07", "safety", 7)
        guardian.server.publish(WALKING._replace(seq=2))
        await ear.until(lambda ear: ear.of("/cue") and ear.of("/announce"))
        guardian.server.publish(WALKING._replace(seq=3, stop_sent=True, alarm="Pull the key"))
        await ear.until(lambda ear: len(ear.of("/cue")) == 3)
    assert ear.of("/announce")[0].told == {"id": 7, "text": "Hold the rails.\\x07", "priority": "safety"}
    assert [one.told["event_type"] for one in ear.of("/cue")] == ["segment", "fault", "stopped"]
    assert not any(one.retained for one in [*ear.of("/cue"), *ear.of("/announce")])


async def test_home_assistant_that_starts_anew_is_told_everything_once_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridges, "GREETING_S", (0.2, 0.3))
    house.start()
    async with house.ear() as ear, a_bridge(house.access()):
        await ear.available("offline")
        before = len(ear.of("/config"))
        for _ in range(5):  # a restart or five: one answer
            await send(ear, "homeassistant/status", "online")
        await ear.until(lambda ear: len(ear.of("/config")) > before and len(ear.of("/availability")) > 1)
        await asyncio.sleep(0.4)
        assert len(ear.of("/config")) == before + 1


async def test_a_broker_that_dies_is_found_again_and_what_waited_for_it_is_not_told(house: House) -> None:
    house.start()
    async with a_guardian() as guardian, a_bridge(house.access(), guardian.paths.socket) as running:
        guardian.server.publish(WALKING)
        async with house.ear() as ear:
            await ear.available("online")
        house.kill()
        await running.says("Trying again")
        guardian.server.said("Backward in five", "segment", 1)  # half a minute later it would be wrong
        guardian.server.publish(WALKING._replace(seq=2, speed=Speed(150)))
        house.start()
        async with house.ear() as ear:
            await ear.available("online")
            await ear.until(lambda ear: ear.states() and ear.states()[-1]["speed_kmh"] == 1.5)
            assert not ear.of("/announce") and ear.of("/config")


async def test_a_broker_that_hangs_holds_up_neither_the_guardian_nor_what_is_read_of_it(house: House) -> None:
    house.start()
    async with (
        a_guardian() as guardian, a_bridge(house.access(), guardian.paths.socket), house.ear((MINE.of("#"),)) as ear
    ):  # fmt: skip
        guardian.server.publish(WALKING)
        await ear.available("online")
        house.freeze()
        padding = "x" * 200
        for n in range(2000):
            guardian.server.publish(WALKING._replace(seq=n, distance_m=float(n), machine=padding))
            guardian.server.said(padding, "segment", n)
            await asyncio.sleep(0)
        other = await connect(guardian.paths, greeting(Role.DISPLAY, "wall"))
        assert guardian.server.clients == 1 and (await other.ask(Stop())).accepted
        await other.close()
        house.thaw()
        await ear.until(lambda ear: ear.states()[-1]["distance_m"] == 1999)
        assert len(ear.of("/announce")) < 500  # old ones were dropped, the newest state never is


async def test_the_end_of_a_bridge_is_told(house: House) -> None:
    house.start()
    async with house.ear() as ear:
        async with a_guardian() as guardian, a_bridge(house.access(), guardian.paths.socket):
            guardian.server.publish(WALKING)
            await ear.available("online")
        await ear.available("offline")


# --- the parts -----------------------------------------------------------------------------------------------------


async def test_what_waits_is_the_newest_state_and_the_last_cues() -> None:
    box = bridges.Outbox()
    for n in range(500):
        box.put(MINE.state({"n": n}))
        box.put(MINE.cue("segment", str(n)))
    out: list[Publication] = []
    for _ in range(bridges.EVENTS_MAX + 1):
        async with asyncio.timeout(1):
            out.append(await box.next())
    assert json.loads(out[-1].payload) == {"n": 499}
    assert [json.loads(one.payload)["text"] for one in out[:-1]] == [str(n) for n in range(436, 500)]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            raise AssertionError(await box.next())


@pytest.mark.parametrize("lot", [0.0, 0.5, 1.0])
def test_attempts_come_less_and_less_often_and_never_all_at_once(lot: float) -> None:
    waits: Sequence[float] = [backoff(attempt, lot) for attempt in range(1, 40)]
    assert list(waits) == sorted(waits) and waits[0] <= 1.0 and 30 <= waits[-1] <= 60
    assert backoff(3, 0.0) < backoff(3, 1.0)


def test_what_is_said_is_a_cue_or_about_safety() -> None:
    for priority in ("safety", "notice", "countdown", "segment", "technique"):
        told = json.loads(MINE.announce(Said("x", priority, 1)).payload)
        assert told["priority"] == ("safety" if priority in ("safety", "notice") else "cue")


