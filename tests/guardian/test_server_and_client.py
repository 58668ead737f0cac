"""The socket: roles, hostile lines, slow readers, and the client library at its other end."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.guardian.radio import eventually
from treadctl import __version__
from treadctl.client import Client, KeyLine, connect, greeting, send_stop
from treadctl.control import events
from treadctl.control.events import Asked, Attended, ClientGone, Input, Watched
from treadctl.guardian.server import Server
from treadctl.keyline import hello as hello_line
from treadctl.model import api, plain
from treadctl.model.api import (
    LINE_LIMIT,
    Ask,
    Attend,
    Belt,
    Ease,
    Goodbye,
    Hello,
    Intent,
    Load,
    Plan,
    Press,
    Role,
    Said,
    Shown,
    Snapshot,
    Spoken,
    Stop,
    ToGuardian,
    Verdict,
    Watching,
)
from treadctl.model.errors import NoMachine, Refused
from treadctl.model.program import Program
from treadctl.paths import Paths, simulated_paths


class Here:
    """A server, what it handed to the core, and clients of it."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.inputs: list[Input] = []
        self.server = Server(self._accept, version=__version__, simulated=True, rate=1)
        self.clients: list[Client] = []

    def _accept(self, item: Input) -> None:
        """As a core would: a stop is answered at once."""
        self.inputs.append(item)
        if isinstance(item, Asked) and isinstance(item.intent, Stop):
            self.server.reply(item.client, Verdict(item.id, True))

    async def join(self, role: Role = Role.LOCAL, name: str = "", **more: Any) -> Client:
        client = await connect(self.paths, Hello(role, name=name, **more))
        self.clients.append(client)
        return client

    async def until(self, count: int) -> list[Input]:
        await eventually(lambda: len(self.inputs) >= count)
        return self.inputs

    async def raw(self, *lines: bytes) -> dict[str, Any]:
        """The last message that comes back for these octets."""
        reader, writer = await asyncio.open_unix_connection(str(self.paths.socket))
        writer.writelines(lines)
        async with asyncio.timeout(5):
            answers = (await reader.read()).splitlines()
        writer.close()
        return dict(json.loads(answers[-1]))


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    it = Here(simulated_paths())
    await it.server.open(it.paths.socket)
    yield it
    for client in it.clients:
        await client.close()
    it.server.close("the test is over", 0)
    await asyncio.sleep(0.01)


HELLO = json.dumps(plain.dump(Hello(Role.LOCAL))).encode() + b"\n"


async def test_a_hello_is_welcomed_with_what_is_known(here: Here) -> None:
    here.server.publish(Snapshot(seq=4))
    here.server.publish(Plan("demo", (), 0))
    client = await here.join()
    assert client.welcome is not None and client.welcome.simulated
    async with asyncio.timeout(1):
        async for _ in client.messages():
            if client.snapshot is not None and client.plan is not None:
                break
    assert client.snapshot == Snapshot(seq=4)


async def test_the_socket_is_private(here: Here) -> None:
    assert stat.S_IMODE(here.paths.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(here.paths.runtime.stat().st_mode) == 0o700


async def test_an_intent_becomes_an_input_under_the_clients_name_and_number(here: Here) -> None:
    client = await here.join(name="tui-1")
    assert (await client.ask(Stop("x"))).accepted
    assert here.inputs == [Asked("tui-1", 1, Stop("x"))]


async def test_a_heartbeat_of_a_local_client_is_attendance_and_of_a_display_nothing(here: Here) -> None:
    (await here.join(Role.DISPLAY, "wall")).tell(Attend())
    (await here.join(Role.LOCAL, "tui")).tell(Attend(keyboard=False))
    assert await here.until(1) == [Attended("tui", False)]


async def test_a_page_that_is_seen_and_what_it_has_shown_are_inputs_of_their_own(here: Here) -> None:
    page = await here.join(Role.DISPLAY, "helper-7")
    page.tell(Attend(page=Watching.HELPER))
    page.tell(Shown(17))
    assert await here.until(2) == [Watched("helper-7", Watching.HELPER), events.Shown(17)]


@pytest.mark.parametrize("kind", sorted(set(get_args(Intent)) - {Stop, Attend, Shown, Spoken}, key=str))
async def test_a_page_can_ask_for_nothing_but_a_stop(here: Here, kind: Callable[..., Intent]) -> None:
    """Nothing from a page starts a belt or makes it faster, whatever the page's own code can say."""
    arguments: dict[object, tuple[object, ...]] = {
        Load: (Program("x", ()),), api.Answer: ("q", "y"), Press: ("space",), api.Message: ("x",),
        api.Preselect: ("x",),
    }
    verdict = await (await here.join(Role.DISPLAY)).ask(kind(*arguments.get(kind, ())))
    assert not verdict.accepted and here.inputs == []


@pytest.mark.parametrize("role", [Role.DISPLAY, Role.NETWORK])
async def test_what_a_role_may_not_ask_never_reaches_the_core(here: Here, role: Role) -> None:
    client = await here.join(role)
    for intent in (Press("space"), Load(Program("x", ()))):
        verdict = await client.ask(intent)
        assert not verdict.accepted and role.value in verdict.reason
    assert (await client.ask(Stop())).accepted
    assert len(here.inputs) == 1


async def test_a_client_of_another_version_may_look_and_stop_only(here: Here) -> None:
    client = await here.join(version="99")
    assert not (await client.ask(Press("space"))).accepted
    assert (await client.ask(Stop())).accepted


async def test_one_from_the_network_keeps_no_guardian_from_its_end_whatever_its_version(here: Here) -> None:
    await here.join(Role.NETWORK, "mqtt")
    await here.join(Role.NETWORK, "mqtt-of-yesterday", version="99")
    assert here.server.clients == 0
    await here.join(Role.DISPLAY)
    assert here.server.clients == 1


async def test_another_protocol_is_refused_with_a_sentence(here: Here) -> None:
    client = await here.join(protocol=99)
    async with asyncio.timeout(1):
        messages = [message async for message in client.messages()]
    assert isinstance(messages[-1], Goodbye) and "protocol" in messages[-1].reason


async def test_two_sockets_of_one_name_are_one_client_until_the_last_closes(here: Here) -> None:
    client = await here.join(name="tui")
    keys = KeyLine(here.paths.socket, "tui")
    assert await asyncio.to_thread(keys.press, "space")
    assert [type(item) for item in await here.until(1)] == [Asked]
    assert here.server.clients == 1
    await client.close()
    await asyncio.sleep(0.05)
    assert len(here.inputs) == 1
    keys.close()
    assert (await here.until(2))[-1] == ClientGone("tui")


async def test_a_name_cannot_be_taken_by_another_role(here: Here) -> None:
    await here.join(Role.DISPLAY, "wall")
    thief = await here.join(Role.LOCAL, "wall")
    async with asyncio.timeout(1):
        assert isinstance([m async for m in thief.messages()][-1], Goodbye)


@pytest.mark.parametrize(
    "line",
    [
        b"garbage\n", b"[]\n", b"{}\n", b"\xff\xfe\n", b'{"is":"Hello","role":"king"}\n', b"[" * 100_000 + b"\n",
        b'{"is":"Ask","id":1,"intent":{"is":"Stop"}}\n', b'{"is":"Hello","role":"local","extra":1}\n',
    ],
)
async def test_a_line_that_is_no_message_ends_the_connection_with_a_reason(here: Here, line: bytes) -> None:
    answer = await here.raw(line)
    assert answer["is"] == "Goodbye" and answer["reason"]
    assert here.inputs == []


async def test_a_line_above_one_mebibyte_ends_the_connection(here: Here) -> None:
    answer = await here.raw(HELLO, b"x" * (LINE_LIMIT + 10))
    assert answer["is"] == "Goodbye" and "MiB" in answer["reason"]


async def test_a_long_line_is_not_parsed_while_the_belt_moves(here: Here) -> None:
    here.server.publish(Snapshot(belt=Belt.MOVING))
    answer = await here.raw(HELLO, b" " * 100_000 + b"{}\n")
    assert answer["is"] == "Goodbye" and "too long" in answer["reason"]


async def test_many_lines_at_once_are_all_heard_in_order(here: Here) -> None:
    lines = [json.dumps(plain.dump(Ask(n, Ease()))).encode() + b"\n" for n in range(200)]
    _, writer = await asyncio.open_unix_connection(str(here.paths.socket))
    writer.writelines([HELLO, *lines])
    inputs = await here.until(200)
    assert [item.id for item in inputs if isinstance(item, Asked)] == list(range(200))
    writer.close()


async def test_a_client_that_floods_does_not_keep_a_stop_of_another_waiting(here: Here) -> None:
    line = json.dumps(plain.dump(Ask(1, Ease()))).encode() + b"\n"
    _, writer = await asyncio.open_unix_connection(str(here.paths.socket))
    writer.writelines([HELLO, line * 5000])
    stopper = await here.join(Role.DISPLAY)
    begin = asyncio.get_running_loop().time()
    assert (await stopper.ask(Stop())).accepted
    assert asyncio.get_running_loop().time() - begin < 0.1
    before = next(n for n, item in enumerate(here.inputs) if isinstance(item, Asked) and isinstance(item.intent, Stop))
    assert before < 2000
    writer.close()


async def test_a_client_that_does_not_read_gets_the_newest_snapshot_and_holds_nobody(here: Here) -> None:
    slow = socket.socket(socket.AF_UNIX)
    with slow:
        slow.connect(str(here.paths.socket))
        slow.sendall(HELLO)
        await asyncio.sleep(0.05)
        for number in range(20_000):
            here.server.publish(Snapshot(seq=number, notice="x" * 80))
            if number % 500 == 0:
                await asyncio.sleep(0)
        read = await asyncio.to_thread(_snapshots, slow, 19_999)
    assert read[-1] == 19_999 and len(read) < 2_000
    assert read == sorted(read)


def _snapshots(line: socket.socket, last: int) -> list[int]:
    line.settimeout(5)
    found = []
    with line.makefile("rb") as lines:
        for text in lines:
            message = json.loads(text)
            if message["is"] == "Snapshot":
                found.append(message["seq"])
                if message["seq"] == last:
                    break
    return found


async def test_a_client_that_reads_no_captions_is_dropped(here: Here) -> None:
    with socket.socket(socket.AF_UNIX) as slow:
        slow.connect(str(here.paths.socket))
        slow.sendall(HELLO)
        await asyncio.sleep(0.05)
        for _ in range(20_000):
            here.server.said("x" * 100, "safety")
        await here.until(1)
    assert isinstance(here.inputs[0], ClientGone)


async def test_captions_come_in_order_and_old_snapshots_not_at_all(here: Here) -> None:
    client = await here.join()
    for number in range(5):
        here.server.said(str(number), "segment")
        here.server.publish(Snapshot(seq=number))
    await asyncio.sleep(0.05)
    seen = []
    async with asyncio.timeout(1):
        async for message in client.messages():
            seen.append(message.text if isinstance(message, Said) else message)
            if isinstance(message, Snapshot):
                break
    assert seen == ["0", "1", "2", "3", "4", Snapshot(seq=4)]


async def test_a_client_that_comes_too_late_is_told_that_nobody_is_there() -> None:
    with pytest.raises(NoMachine, match="No guardian"):
        await connect(simulated_paths(), greeting(Role.LOCAL, "x"))


async def test_a_verdict_that_never_comes_is_a_refusal_when_the_guardian_goes(here: Here) -> None:
    client = await here.join()
    asked = asyncio.ensure_future(client.ask(Ease()))
    await here.until(1)
    here.server.close("over", 0)
    verdict = await asked
    assert not verdict.accepted and client.closed
    assert client.goodbye == Goodbye("over", 0)


async def test_a_refused_hello_is_told(here: Here) -> None:
    first = here.server._welcome
    here.server._welcome = Goodbye("go away", 6)  # type: ignore[assignment]
    with pytest.raises(Refused, match="go away"):
        await here.join()
    here.server._welcome = first


# --- the blocking half -----------------------------------------------------------------------------------------------


async def test_the_lines_written_by_hand_load_as_real_messages(here: Here) -> None:
    assert plain.load(ToGuardian, json.loads(hello_line("display", "x"))) == Hello(Role.DISPLAY, name="x", watch=False)
    keys = KeyLine(here.paths.socket, "tui")
    assert await asyncio.to_thread(keys.press, "space", True)
    assert await asyncio.to_thread(keys.stop)
    inputs = await here.until(2)
    assert [item.intent for item in inputs if isinstance(item, Asked)] == [Press("space", True), Stop("key")]
    keys.close()


async def test_a_key_line_connects_again_when_its_guardian_came_back(here: Here) -> None:
    keys = KeyLine(here.paths.socket, "tui")
    assert await asyncio.to_thread(keys.press, "a")
    await here.until(1)
    for connection in list(here.server._connections):
        connection.goodbye("bye")
    await asyncio.sleep(0.05)
    assert await asyncio.to_thread(keys.press, "b")
    assert sum(isinstance(item, Asked) for item in await here.until(3)) == 2
    keys.close()


def test_a_key_without_a_guardian_is_told_as_not_handed_over() -> None:
    assert KeyLine(simulated_paths().socket, "x").press("space") is False


def test_a_key_never_blocks_longer_than_a_tenth_of_a_second(own_folders: Path) -> None:
    path = own_folders / "hung.sock"
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(path))
        hung.listen(1)
        keys = KeyLine(path, "x")
        finished = threading.Event()

        def press_on() -> None:
            while keys.press("x" * 3000):
                pass
            finished.set()

        threading.Thread(target=press_on, daemon=True).start()
        assert finished.wait(5)
        keys.close()


async def test_a_stop_is_answered_and_says_by_whom(here: Here) -> None:
    answer = await asyncio.to_thread(send_stop, here.paths.socket, 1.0)
    assert answer.answered and answer.pid is not None
    assert isinstance(here.inputs[0], Asked) and isinstance(here.inputs[0].intent, Stop)


def test_a_stop_that_is_not_answered_ends_in_time_and_knows_whom_to_kill(own_folders: Path) -> None:
    import os
    import time

    path = own_folders / "hung.sock"
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(path))
        hung.listen(1)
        begin = time.monotonic()
        answer = send_stop(path, 0.3)
        assert time.monotonic() - begin < 0.5
    assert answer.pid == os.getpid() and not answer.answered


def test_nobody_is_there_to_be_stopped(own_folders: Path) -> None:
    assert send_stop(own_folders / "none.sock", 0.3).pid is None
