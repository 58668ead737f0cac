"""The table of all treadmills: hostile nodes, rows that stay, and a stop that counts once the belt's state says so."""

from __future__ import annotations

import asyncio
import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from textual.events import Key
from textual.widgets import DataTable

from tests.cli.processes import treadctl
from tests.mqtt.house import NODE, House, a_bridge, a_guardian
from treadctl.clients.clock import boot_ms
from treadctl.clients.fleet.run import AGAIN_S, Watch, at_once, lines, meant, outcome, plain
from treadctl.clients.fleet.screen import FleetApp
from treadctl.clients.fleet.table import BRAKING, HEAD, NODES_MAX, PATIENCE, Fleet, Node, Stopping, row
from treadctl.clients.mqtt.topics import Topics, state
from treadctl.model.api import Belt, LinkState, Phase, Snapshot, Stop
from treadctl.model.errors import ExitCode, UsageError
from treadctl.model.program import Facing
from treadctl.model.units import Speed

OTHER = "treadctl_0000000f"
WALKING = Snapshot(phase=Phase.WALKING, belt=Belt.MOVING, link=LinkState.UP, speed=Speed(240), facing=Facing.BACKWARD)
STILL = WALKING._replace(phase=Phase.HALTED, belt=Belt.STILL, speed=Speed(0))


def told(snapshot: Snapshot | None, name: str = "Room 3") -> bytes:
    return json.dumps(state(name, snapshot, None)).encode()


def fleet(snapshot: Snapshot | None = WALKING, node: str = NODE) -> Fleet:
    it = Fleet()
    it.hear(Topics(node).of("availability"), b"online", 0)
    it.hear(Topics(node).of("state"), told(snapshot), 0)
    return it


def test_a_row_says_what_a_node_tells() -> None:
    assert fleet().rows(65_000) == [("Room 3", NODE, "walking", "2.4", "backward", "1 min", "yes", "")]


@pytest.mark.parametrize(
    ("after", "word"),
    [
        (WALKING, Stopping.ASKED),
        (WALKING._replace(stop_sent=True), Stopping.SENT),
        (STILL, Stopping.STILL),
        (STILL._replace(belt=Belt.UNKNOWN), Stopping.ASKED),
        (Snapshot(), Stopping.NO_BELT),
        (Snapshot(phase=Phase.DONE, link=LinkState.LOST), Stopping.ASKED),
        (Snapshot(phase=Phase.DONE, link=LinkState.FAILED), Stopping.NO_BELT),
    ],
)
def test_a_stop_counts_once_the_belt_is_told_to_stand(after: Snapshot, word: Stopping) -> None:
    it = fleet()
    it.asked(NODE, 1000)
    assert it.nodes[NODE].stopping(1000) is Stopping.ASKED
    it.hear(Topics(NODE).of("state"), told(after), 2000)
    assert it.nodes[NODE].stopping(2000) is word


def test_who_does_not_say_that_there_was_never_a_belt_has_confirmed_nothing() -> None:
    it = fleet()
    it.asked(NODE, 1000)
    for more in ({}, {"may_move": None}, {"may_move": "false"}, {"may_move": True}):
        payload = json.dumps({"phase": "done", "belt": "unknown", "link": False, **more})
        it.hear(Topics(NODE).of("state"), payload.encode(), 2000)
        assert it.nodes[NODE].confirmed is None and it.nodes[NODE].moves


@pytest.mark.parametrize(("lost", "moves"), [(False, False), (True, True)])
def test_without_a_guardian_a_belt_may_move_only_if_one_has_vanished_from_it(lost: bool, moves: bool) -> None:
    assert state("", None, None, lost=lost)["may_move"] is moves


def test_what_was_told_before_the_stop_confirms_nothing() -> None:
    it = fleet(STILL)
    it.asked(NODE, 1000)
    assert it.nodes[NODE].stopping(1000 + PATIENCE) is Stopping.ASKED
    assert it.nodes[NODE].stopping(1001 + PATIENCE) is Stopping.UNCONFIRMED


def test_a_belt_that_brakes_is_waited_for_until_it_stands() -> None:
    it = fleet(WALKING._replace(stop_sent=True))
    it.asked(NODE, 1000)
    assert it.nodes[NODE].stopping(1000) is Stopping.ASKED and not it.nodes[NODE].brakes
    it.hear(Topics(NODE).of("state"), told(WALKING._replace(stop_sent=True)), 2000)
    assert it.nodes[NODE].stopping(1000 + BRAKING) is Stopping.SENT
    assert it.nodes[NODE].stopping(1001 + BRAKING) is Stopping.UNCONFIRMED
    it.hear(Topics(NODE).of("state"), told(STILL), 1000 + BRAKING)
    assert it.nodes[NODE].stopping(1001 + BRAKING) is Stopping.STILL


@pytest.mark.parametrize("topic", ["availability", "state"])
def test_a_belt_whose_node_vanishes_or_sounds_an_alarm_is_not_waited_for(topic: str) -> None:
    it = fleet()
    it.asked(NODE, 1000)
    it.hear(Topics(NODE).of("state"), told(WALKING._replace(stop_sent=True)), 2000)
    alarm = told(WALKING._replace(stop_sent=True, alarm="Pull the key."))
    it.hear(Topics(NODE).of(topic), alarm if topic == "state" else b"offline", 3000)
    assert it.nodes[NODE].stopping(1001 + PATIENCE) is Stopping.UNCONFIRMED


def test_what_the_broker_had_kept_confirms_no_stop() -> None:
    it = fleet()
    it.asked(NODE, 1000)
    mine = Topics(NODE).of("state")
    it.hear(mine, told(STILL), 2000, retained=True)
    assert it.nodes[NODE].belt == "still" and it.nodes[NODE].stopping(2000) is Stopping.ASKED
    for payload, retained, word in (
        (STILL, False, Stopping.STILL), (STILL, True, Stopping.STILL), (WALKING, True, Stopping.ASKED),
    ):  # fmt: skip
        it.hear(mine, told(payload), 3000, retained=retained)
        assert it.nodes[NODE].stopping(3000) is word


def test_what_a_node_that_is_gone_told_last_is_not_shown_as_so() -> None:
    it = fleet()
    it.hear(Topics(NODE).of("availability"), b"offline", 5)
    assert row(it.nodes[NODE], 10)[2:7] == ("-", "-", "-", "-", "GONE WHILE IT MOVED")
    it.asked(NODE, 10)
    it.hear(Topics(NODE).of("state"), told(STILL), 20)
    assert it.nodes[NODE].confirmed is None


def test_without_a_broker_nobody_is_there() -> None:
    it = fleet()
    it.unheard()
    assert row(it.nodes[NODE], 10)[2:7] == ("-", "-", "-", "-", "GONE WHILE IT MOVED")


def test_a_stop_that_no_broker_takes_says_so_at_once_and_one_that_was_taken_once_may_be_on_its_way() -> None:
    it = fleet()
    it.asked(NODE, 1000)
    it.handed(NODE, False)
    assert it.nodes[NODE].stopping(1000) is it.nodes[NODE].stopping(1001 + PATIENCE) is Stopping.NO_BROKER
    it.handed(NODE, True)
    assert it.nodes[NODE].stopping(1000) is Stopping.ASKED
    it.handed(NODE, False)
    assert it.nodes[NODE].stopping(1000) is Stopping.ASKED
    assert it.nodes[NODE].stopping(1001 + PATIENCE) is Stopping.UNCONFIRMED


@pytest.mark.parametrize(
    ("after", "code", "says"),
    [
        (STILL, ExitCode.OK, "belt stands still"),
        (Snapshot(), ExitCode.NO_MACHINE, "nothing was stopped"),
        (WALKING, ExitCode.FAULT, "not known to stand still. Go there"),
    ],
)
def test_only_of_a_belt_that_stands_it_is_said_that_the_stop_came_to_something(
    after: Snapshot, code: ExitCode, says: str
) -> None:
    it = fleet()
    it.asked(NODE, 1000)
    it.hear(Topics(NODE).of("state"), told(after), 2000)
    text, found = outcome(it.nodes[NODE])
    assert found is code and says in text


def test_a_row_stays_where_it_is_whoever_comes_and_goes() -> None:
    it = fleet()
    for n in range(50):
        it.hear(Topics(f"treadctl_{n:08x}").of("state"), told(STILL, f"Aaa {n}"), n)
    it.hear(Topics(NODE).of("state"), told(STILL, "Zzz"), 99)
    assert next(iter(it.nodes)) == NODE and it.rows(100)[0][0] == "Zzz"


def test_nodes_that_somebody_makes_up_are_bounded() -> None:
    it = fleet()
    for n in range(NODES_MAX + 100):
        it.hear(Topics(f"treadctl_{n:08x}").of("availability"), b"online", n)
    assert len(it.nodes) == NODES_MAX and it.left_out == 101


@settings(max_examples=50)
@given(
    some.one_of(
        some.binary(max_size=300),
        some.dictionaries(
            some.sampled_from(["name", "phase", "belt", "speed_kmh", "may_move", "alarm", "direction", "stop_sent"]),
            some.one_of(some.none(), some.booleans(), some.floats(), some.integers(), some.text()),
        ).map(lambda found: json.dumps(found).encode()),
    ),
    some.sampled_from([f"treadctl/{NODE}/state", "treadctl/x/state", f"treadctl/{NODE}/availability", "", "a/b"]),
)
def test_whatever_a_node_tells_is_shown_as_plain_text_or_not_at_all(payload: bytes, topic: str) -> None:
    it = fleet()
    it.hear(topic, payload, 1)
    assert all(cell.isprintable() and len(cell) <= 60 for one in it.rows(2) for cell in one)
    assert set(it.nodes) == {NODE}


def test_a_stop_is_sent_to_nobody_rather_than_to_the_wrong_one() -> None:
    it = fleet()
    it.hear(Topics(OTHER).of("state"), told(STILL), 1)
    assert meant(it, OTHER).node == OTHER
    with pytest.raises(UsageError, match=f"'room 3' is the name of several; say which: {NODE}, {OTHER}"):
        meant(it, "room 3")
    with pytest.raises(UsageError, match="knows no 'Room 9'; there is 'Room 3', 'Room 3'"):
        meant(it, "Room 9")
    with pytest.raises(UsageError, match="knows no 'Room 9'; no treadmill is known to it"):
        meant(Fleet(), "Room 9")


def test_the_table_counts_in_words_that_fit() -> None:
    it = fleet()
    assert it.summary == "1 treadmill, 1 there, 1 moving."
    it.hear(Topics(OTHER).of("state"), told(STILL), 1)
    assert it.summary == "2 treadmills, 1 there, 1 moving."
    it.hear(Topics(OTHER).of("state"), b"nonsense", 2)
    assert it.summary == "2 treadmills, 1 there, 1 moving. Messages left out: 1."


def test_an_id_is_always_the_one_whose_id_it_is() -> None:
    it = fleet()
    it.hear(Topics(OTHER).of("state"), told(STILL, NODE), 1)
    assert meant(it, NODE).node == NODE
    del it.nodes[NODE]
    assert meant(it, NODE) == meant(it, NODE.upper()) == Node(NODE)


def test_a_stop_goes_also_to_an_id_that_the_table_has_no_room_for() -> None:
    it = Fleet()
    for n in range(NODES_MAX):
        it.hear(Topics(f"treadctl_{n:08x}").of("availability"), b"online", n)
    it.hear(Topics(NODE).of("state"), told(WALKING), 1)
    assert NODE not in it.nodes and it.summary == "1000 treadmills, 1000 there, 0 moving. Messages left out: 1."
    it.asked(meant(it, NODE).node, 2)
    assert it.nodes[NODE].stopping(3) is Stopping.ASKED and not it.nodes[NODE].told


def test_the_plain_table_has_a_line_for_each() -> None:
    head, line = lines(fleet().rows(0))
    assert head.index("km/h") == line.index("2.4")
    assert lines([]) == ["No treadmill is known to the broker."]


def test_a_table_printed_once_claims_nothing_about_what_was_before_it() -> None:
    it = fleet()
    assert at_once(it.rows(65_000)[0]) == ["Room 3", NODE, "walking", "2.4", "backward", "-", "yes", ""]
    assert plain(it.nodes[NODE]) == {
        "node": NODE, "name": "Room 3", "there": True, "phase": "walking", "belt": "moving", "speed": 2.4,
        "direction": "backward", "may_move": True, "stop_sent": False, "alarm": "",
    }  # fmt: skip


# --- with a broker -------------------------------------------------------------------------------------------------


@pytest.mark.needs("mosquitto")
async def test_the_table_shows_nodes_and_its_key_stops_the_one_the_cursor_is_on(house: House) -> None:
    house.start()
    async with a_guardian() as guardian, a_bridge(house.access(), guardian.paths.socket), house.ear() as ear:
        guardian.server.publish(WALKING)
        await ear.available("online")
        app = FleetApp(Watch(house.access()))
        async with app.run_test(size=(100, 20)) as pilot, asyncio.timeout(20):
            table = app.query_one(DataTable)
            while table.row_count < 1:
                await pilot.pause(0.05)
            await ear.client.publish(Topics(OTHER).of("state"), told(STILL, "[b]:stop_sign:[/b]"), retain=True)
            while table.row_count < 2:
                await pilot.pause(0.05)
            assert [str(cell) for cell in table.get_row_at(1)][::7] == ["[b]:stop_sign:[…", OTHER]
            for key in ("down", "s"):  # typed faster than the screen takes them
                app.post_message(Key(key, None))
            while not ear.of(f"{OTHER}/cmd/stop"):
                await pilot.pause(0.05)
            assert guardian.wishes == []
            for key in ("up", "s"):
                app.post_message(Key(key, None))
            while not guardian.wishes:
                await pilot.pause(0.05)
            guardian.server.publish(STILL._replace(seq=5))
            while Stopping.STILL.value not in [str(cell) for cell in table.get_row_at(0)]:
                await pilot.pause(0.05)
    assert guardian.wishes == [Stop("Stopped from the network.")]
    assert len(ear.of("/cmd/stop")) == 2


@pytest.mark.needs("mosquitto")
async def test_a_stop_leaves_although_a_thousand_nodes_tell_something_new_all_the_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    updates: list[bool] = []
    real = DataTable.update_cell

    def counted(table: DataTable[object], *place: Any, update_width: bool = False) -> None:
        updates.append(update_width)
        real(table, *place, update_width=update_width)

    monkeypatch.setattr(DataTable, "update_cell", counted)
    looks: list[int] = []
    look = FleetApp._show

    def counted_look(app: FleetApp) -> None:
        before = len(updates)
        look(app)
        looks.append(len(updates) - before)

    monkeypatch.setattr(FleetApp, "_show", counted_look)
    house.start()
    watch = Watch(house.access())
    app = FleetApp(watch)
    async with house.ear(("treadctl/+/cmd/stop",)) as ear, app.run_test(size=(130, 30)) as pilot, asyncio.timeout(60):
        for n in count():
            _all_change(watch.fleet, n)
            await pilot.pause(0.05)
            if app.query_one(DataTable).row_count == NODES_MAX and watch.word == "connected":
                break
        for n in range(3):
            app.post_message(Key("s", None))
            began = boot_ms()
            while len(ear.of("/cmd/stop")) <= n:
                _all_change(watch.fleet, n)
                await pilot.pause(0.05)
            assert boot_ms() - began < 4000
            looks.clear()
            while len(looks) < 4:
                _all_change(watch.fleet, n + 100)
                await pilot.pause(0.05)
    assert updates and not any(updates) and max(looks) <= 3 * 30 * len(HEAD)


def _all_change(fleet: Fleet, n: int) -> None:
    """Every field that is shown, of every node."""
    facing = Facing.BACKWARD if n % 2 else Facing.FORWARD
    phase = Phase.WALKING if n % 2 else Phase.EASING
    payload = told(WALKING._replace(speed=Speed(100 + n % 100), phase=phase, facing=facing), f"Room {n}")
    for node in range(NODES_MAX):
        mine = Topics(f"treadctl_{node:08x}")
        fleet.hear(mine.of("availability"), b"online", n)
        fleet.hear(mine.of("state"), payload, n)


@pytest.mark.needs("mosquitto")
async def test_a_table_whose_broker_dies_says_so_and_finds_it_again(house: House) -> None:
    house.start()
    watch = Watch(house.access())
    looking = asyncio.ensure_future(watch.run())
    async with asyncio.timeout(20), a_guardian() as guardian, a_bridge(house.access(), guardian.paths.socket):
        guardian.server.publish(WALKING)
        for there in (True, False, True):
            if not there:
                house.kill()
            elif watch.fleet.nodes:
                house.start()
            while [node.there for node in watch.fleet.nodes.values()] != [there]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert (watch.word == "connected") is there
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)


async def test_a_stop_without_a_broker_is_shown_as_sent_to_nobody(house: House) -> None:
    watch = Watch(house.access())
    watch.fleet = fleet()
    app = FleetApp(watch)
    async with app.run_test(size=(100, 20)) as pilot, asyncio.timeout(20):
        table = app.query_one(DataTable)
        while table.row_count < 1:
            await pilot.pause(0.05)
        await pilot.press("s")
        while Stopping.NO_BROKER.value not in [str(cell) for cell in table.get_row_at(0)]:
            await pilot.pause(0.05)
            assert watch.fleet.nodes[NODE].confirmed is None


@pytest.mark.needs("mosquitto")
async def test_a_stop_is_sent_again_until_the_node_says_that_its_belt_stands(house: House) -> None:
    house.start()
    watch = Watch(house.access())
    watch.fleet = fleet()
    async with house.ear(("treadctl/+/cmd/stop",)) as ear, asyncio.timeout(20):

        async def twice() -> None:
            stopping = asyncio.gather(watch.stop(NODE), watch.stop(NODE))
            await ear.until(lambda ear: len(ear.heard) == 3)  # one for each key, and one that only one of them repeats
            watch.fleet.hear(Topics(NODE).of("state"), told(STILL), boot_ms())
            await stopping

        await watch.during(twice())
    assert watch.fleet.nodes[NODE].confirmed is Stopping.STILL and len(ear.heard) == 3


@pytest.mark.needs("mosquitto")
async def test_a_stop_that_is_on_its_way_is_not_sent_again(house: House) -> None:
    house.start()
    watch = Watch(house.access())
    watch.fleet = fleet()
    async with house.ear(("treadctl/+/cmd/stop",)) as ear, asyncio.timeout(20):

        async def braking() -> None:
            stopping = asyncio.ensure_future(watch.stop(NODE))
            await ear.until(lambda ear: ear.heard)
            watch.fleet.hear(Topics(NODE).of("state"), told(WALKING._replace(stop_sent=True)), boot_ms())
            await asyncio.sleep(AGAIN_S + 0.5)
            watch.fleet.hear(Topics(NODE).of("state"), told(STILL), boot_ms())
            await stopping

        await watch.during(braking())
    assert watch.fleet.nodes[NODE].confirmed is Stopping.STILL and len(ear.heard) == 1


@pytest.mark.needs("mosquitto")
async def test_of_two_hundred_nodes_none_is_missing_although_all_come_at_once(house: House) -> None:
    house.start()
    async with house.ear(("nothing",)) as ear:
        for n in range(200):
            mine = Topics(f"treadctl_{n:08x}")
            await ear.client.publish(mine.of("state"), told(WALKING, f"Room {n}"), retain=True)
            await ear.client.publish(mine.of("availability"), "online", retain=True)
        await ear.client.publish("nothing", "", qos=1)  # answered, so all before it is there
    watch = Watch(house.access())

    async def all_there() -> None:
        while sum(one.there and bool(one.name) for one in watch.fleet.nodes.values()) < 200:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    async with asyncio.timeout(10):
        await watch.during(all_there())


@pytest.mark.needs("mosquitto")
async def test_a_stop_from_the_command_line_is_done_when_the_belt_stands(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.start()
    monkeypatch.setenv("TREADCTL_MQTT_PORT", str(house.port))
    async with (
        a_guardian() as guardian, a_bridge(house.access(), guardian.paths.socket) as running, house.ear() as ear
    ):  # fmt: skip
        guardian.server.publish(WALKING)
        await ear.available("online")
        listing = asyncio.ensure_future(asyncio.to_thread(treadctl, "fleet", "--once", "--json"))
        stopping = asyncio.ensure_future(asyncio.to_thread(treadctl, "fleet", "stop", "Treadmill"))
        await ear.until(lambda _: guardian.wishes or stopping.done())
        assert guardian.wishes, (stopping, running.bridge.orders.ignored, running.lines, len(ear.of("/cmd/stop")))
        guardian.server.publish(STILL._replace(seq=5))
        done, once = await stopping, await listing
        assert json.loads(once.stdout)["nodes"][0]["name"] == "Treadmill"
        assert (done.returncode, done.stderr) == (0, "") and "Treadmill: belt stands still." in done.stdout
        guardian.server.publish(Snapshot(seq=6))
        await ear.until(lambda ear: ear.states()[-1]["link"] is False)
        done = await asyncio.to_thread(treadctl, "fleet", "stop", "Treadmill")
        assert done.returncode == 4 and "nothing was stopped" in done.stderr and done.stdout == ""


@pytest.mark.needs("mosquitto")
async def test_a_stop_whose_broker_is_gone_afterwards_is_not_confirmed(
    house: House, monkeypatch: pytest.MonkeyPatch, own_folders: Path
) -> None:
    house.start()
    monkeypatch.setenv("TREADCTL_MQTT_PORT", str(house.port))
    async with house.ear() as ear:
        await ear.client.publish(Topics(NODE).of("availability"), "online", retain=True)
        await ear.client.publish(Topics(NODE).of("state"), told(STILL), retain=True)
        stopping = asyncio.ensure_future(asyncio.to_thread(treadctl, "fleet", "stop", NODE))
        await ear.until(lambda ear: ear.of("/cmd/stop"))
        house.kill()
        ended = await stopping
    assert ended.returncode == 5 and ended.stdout == ""
    assert ended.stderr.startswith("Room 3: the stop is not confirmed. The connection to the broker is lost")
    assert ended.stderr.endswith("Go there; pull the key.\n")


@pytest.mark.needs("mosquitto")
def test_a_stop_for_an_id_that_nobody_has_is_sent_and_not_confirmed(
    house: House, monkeypatch: pytest.MonkeyPatch, own_folders: Path
) -> None:
    house.start()
    monkeypatch.setenv("TREADCTL_MQTT_PORT", str(house.port))
    ended = treadctl("fleet", "stop", OTHER)
    assert ended.returncode == 5 and ended.stderr == (
        f"{OTHER}: a stop was sent, and it is not known here: nothing confirms it. Go there; pull the key.\n"
    )


def test_without_a_broker_it_is_said_where_it_was_looked_for(
    house: House, monkeypatch: pytest.MonkeyPatch, own_folders: Path
) -> None:
    monkeypatch.setenv("TREADCTL_MQTT_PORT", str(house.port))
    once, stop, check = (treadctl(*words.split()) for words in ("fleet --once", "fleet stop x", "mqtt --check"))
    sentence = (
        f"The broker at localhost, port {house.port}, cannot be reached (connection refused); "
        "start it, or set host and port in mqtt.toml."
    )
    assert once.stderr == f"{sentence}\n"
    assert stop.stderr == f"{sentence} No belt is known to be stopped: go there; pull the key.\n"
    assert check.stdout == "" and check.stderr.startswith(f"{sentence}\n\nhost ")
    assert (once.returncode, stop.returncode, check.returncode) == (4, 4, 4)
