"""The socket under fuzzing, both ends: what the guardian hears from a client, and a client from the guardian.

The first octet picks the end, the second how the rest is cut into pieces; the rest are the octets of the line. Whatever
is said, roles are enforced: what a client may ask is written out here again, apart from the guardian's own table.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import socket
from functools import cache
from typing import Any

from tests.fuzz.files import cpu_bounded, parsed
from treadctl.client import KEPT, Client
from treadctl.control.events import Asked, Attended, ClientGone, Input, Shown, Watched
from treadctl.guardian.server import Connection, Server
from treadctl.model import plain
from treadctl.model.api import LINE_LIMIT, Snapshot, ToClient

MAX_LENGTH = 2048
CPU_LIMIT_S = 2.0
VERSION = "1.0.0"
MAY_ASK = {"display": {"Stop"}, "network": {"Stop", "Message", "Preselect"}}
"""From the network nothing starts or speeds up a belt. A local client may ask everything there is."""


class Ear(asyncio.Transport):
    """A transport that keeps what is written, in place of a socket; the other end is this user, as on the real one."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = self.resting = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return _a_socket() if name == "socket" else default

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high and low == 0

    def get_write_buffer_size(self) -> int:
        return len(self.written)

    def pause_reading(self) -> None:
        self.resting = True

    def resume_reading(self) -> None:
        self.resting = False


@cache
def _a_socket() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    atexit.register(ours.close)
    atexit.register(theirs.close)
    return ours


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One for the whole process: a new one for each input would cost most of the time."""
    loop = asyncio.new_event_loop()
    atexit.register(loop.close)
    return loop


def run(data: bytes) -> None:
    """Raises AssertionError, or whatever either end raises, for a finding."""
    if len(data) < 2:
        return
    listener = _guardian_hears if data[0] % 2 == 0 else _client_hears
    with cpu_bounded(CPU_LIMIT_S):
        _loop().run_until_complete(listener(data[2:], data[1]))


def _pieces(data: bytes, cut: int) -> list[bytes]:
    """The octets as a socket may hand them over: at once, or in equal pieces."""
    return [data[at : at + cut] for at in range(0, len(data), cut)] if cut else [data]


# --- the guardian's end --------------------------------------------------------------------------------------------


async def _guardian_hears(data: bytes, cut: int) -> None:
    inputs: list[Input] = []
    server = Server(inputs.append, version=VERSION, simulated=True, rate=1)
    server.publish(Snapshot())
    connection, ear = Connection(server), Ear()
    connection.connection_made(ear)
    for piece in _pieces(data, cut):
        if ear.closed:
            break
        connection.data_received(piece)
        while ear.resting and not ear.closed:  # noqa: ASYNC110 - the connection goes on by itself, and tells nobody
            await asyncio.sleep(0)
    connection.connection_lost(None)
    _only_what_the_role_may(data, inputs)
    _answers_are_whole(ear.written)
    assert ear.written.count(b"\n") <= 3 * data.count(b"\n") + 3, "a line is answered, not multiplied"


def _only_what_the_role_may(data: bytes, inputs: list[Input]) -> None:
    """At most one input a line, all of one client, none before its hello, and the end told once."""
    hello = _first_hello(data)
    if hello is None:
        assert inputs == []
        return
    role = hello["role"] if hello.get("version", "") in ("", VERSION) else "display"
    *asked, last = inputs or [ClientGone("")]
    assert not inputs or isinstance(last, ClientGone)
    assert len(asked) < data.count(b"\n")
    for item in asked:
        if isinstance(item, (Shown, Watched)):
            assert role == "display"  # a page is seen, or has shown something: neither arms anything
            continue
        assert isinstance(item, (Asked, Attended)) and (item.client == last.client)  # type: ignore[union-attr]
        assert not isinstance(item, Attended) or role == "local"
        if isinstance(item, Asked):
            assert role == "local" or type(item.intent).__name__ in MAY_ASK[role]
            assert plain.parse(type(item.intent), json.dumps(plain.dump(item.intent))) == item.intent


def _first_hello(data: bytes) -> dict[str, Any] | None:
    """The first line, if it says hello at all; another first line ends the connection."""
    first = parsed(data.split(b"\n")[0]) if b"\n" in data else None
    known = isinstance(first, dict) and first.get("is") == "Hello" and first.get("role") in ("local", *MAY_ASK)
    return first if known else None


def _answers_are_whole(written: bytes) -> None:
    for line in written.splitlines(keepends=True):
        assert line.endswith(b"\n") and len(line) <= LINE_LIMIT
        plain.parse(ToClient, line)


# --- the client's end ----------------------------------------------------------------------------------------------


async def _client_hears(data: bytes, cut: int) -> None:
    client = Client()
    client._reader = asyncio.StreamReader(limit=LINE_LIMIT)
    for piece in _pieces(data, cut):
        client._reader.feed_data(piece)
    client._reader.feed_eof()
    await client._listen()
    assert client.closed
    messages = [message async for message in client.messages()]
    assert len(messages) <= KEPT + 1
    newest = _newest_snapshot(data)
    assert (client.snapshot is None) == (newest is None)
    if client.snapshot is not None and newest is not None:
        assert _says(plain.dump(client.snapshot), newest)
        assert client.snapshot.speed is None or client.snapshot.speed >= 0


def _says(whole: Any, told: Any) -> bool:
    """Whether everything that was told is in there; what was left out has its default, at any depth."""
    if isinstance(told, dict):
        return isinstance(whole, dict) and all(name in whole and _says(whole[name], told[name]) for name in told)
    if isinstance(told, list):
        return isinstance(whole, list) and len(whole) == len(told) and all(map(_says, whole, told))
    return bool(whole == told)


def _newest_snapshot(data: bytes) -> dict[str, Any] | None:
    """The last snapshot before the first line that is no message: what a client may know."""
    found: dict[str, Any] | None = None
    for line in data.split(b"\n"):
        try:
            message = plain.parse(ToClient, line)
        except plain.Malformed:
            break
        found = parsed(line) if isinstance(message, Snapshot) else found
    return found
