"""The Unix socket: who may ask what, and what everybody is told. No client can make the guardian wait.

Lines of JSON, checked by hand (`model.plain`); one `Hello` first, then intents within the client's role. Of snapshots
the newest wins, per client; everything else is queued up to a bound, and a client that does not keep up is dropped.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import cast

from treadctl.control import events
from treadctl.control.events import Asked, Attended, ClientGone, Input, Watched
from treadctl.model import plain
from treadctl.model.api import (
    ALLOWED,
    LINE_LIMIT,
    PROTOCOL,
    Ask,
    Attend,
    Belt,
    Goodbye,
    Hello,
    Plan,
    Role,
    Said,
    Shown,
    Snapshot,
    Sounding,
    Spoken,
    ToClient,
    ToGuardian,
    Verdict,
    Welcome,
)
from treadctl.model.errors import ExitCode

HELLO_LIMIT_S = 5.0
CLIENTS_MAX = 32
"""Chosen, because nobody has more screens; more is a runaway script."""
OUT_LIMIT = 1 << 20
"""Octets waiting for one client beyond which it is dropped: minutes of captions, never snapshots."""
HIGH_WATER = 64 << 10
LINES_AT_ONCE = 16
"""Lines taken from one client before the others have their turn."""
MOVING_LINE_LIMIT = 64 << 10
"""While the belt moves nobody needs to send a program, and parsing one takes longer than a stop may wait."""

log = logging.getLogger(__name__)


class Connection(asyncio.Protocol):
    """One socket of one client."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._again: asyncio.Handle | None = None
        self._hello_timer: asyncio.TimerHandle | None = None
        self._paused = False
        self._snapshot: bytes | None = None
        self.hello: Hello | None = None

    # --- asyncio calls these -----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=HIGH_WATER, low=0)
        if not _same_user(self._transport) or not self._server.joined(self):
            self._transport.abort()
            return
        loop = asyncio.get_running_loop()
        self._hello_timer = loop.call_later(HELLO_LIMIT_S, self._no_hello)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._again is None:
            self._take_lines()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        line, self._snapshot = self._snapshot, None
        if line is not None:
            self._write(line)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._hello_timer is not None:
            self._hello_timer.cancel()
        if self._again is not None:
            self._again.cancel()
        self._server.left(self)

    # --- in ----------------------------------------------------------------------------------------------------

    def _take_lines(self) -> None:
        """A few lines now, the rest after everybody else had a turn; reading rests meanwhile."""
        self._again = None
        assert self._transport is not None
        for _ in range(LINES_AT_ONCE):
            end = self._buffer.find(b"\n")
            if self._transport.is_closing():
                return
            if end < 0:
                break
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._server.heard(self, line)
        if b"\n" in self._buffer:
            self._transport.pause_reading()
            self._again = asyncio.get_running_loop().call_soon(self._take_lines)
            return
        if len(self._buffer) > LINE_LIMIT:
            self.goodbye("a line is longer than 1 MiB", ExitCode.USAGE)
        self._transport.resume_reading()

    def _no_hello(self) -> None:
        if self.hello is None:
            self.goodbye("no hello came", ExitCode.USAGE)

    # --- out ---------------------------------------------------------------------------------------------------

    def send(self, message: ToClient) -> None:
        self.send_line(encode(message))

    def send_line(self, line: bytes) -> None:
        """Queue it; drop the client when too much waits."""
        if not self._write(line) or self._transport is None:
            return
        if self._transport.get_write_buffer_size() > OUT_LIMIT:
            log.info("a client does not read and is dropped")
            self._transport.abort()

    def send_snapshot(self, line: bytes) -> None:
        """Newest wins: while the client is slow only the last one waits."""
        if self._paused:
            self._snapshot = line
        else:
            self._write(line)

    def goodbye(self, reason: str, code: int = 0) -> None:
        self.send(Goodbye(reason, int(code)))
        if self._transport is not None:
            self._transport.close()

    def _write(self, line: bytes) -> bool:
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.write(line)
        return True


class Server:
    """All clients. Inputs go to `accept`; replies, snapshots, plans and captions come back."""

    def __init__(self, accept: Callable[[Input], None], *, version: str, simulated: bool, rate: int) -> None:
        self._accept, self._version = accept, version
        self._welcome = Welcome(version, PROTOCOL, os.getpid(), simulated, rate)
        self._connections: set[Connection] = set()
        self._asyncio_server: asyncio.Server | None = None
        self._snapshot: Snapshot | None = None
        self._plan: Plan | None = None
        self._count = 0
        self.on_audio: Callable[[dict[str, str]], None] = lambda _audio: None
        self.on_spoken: Callable[[str, int], None] = lambda _client, _sounding: None
        self.on_outdated: Callable[[], bool] = lambda: False
        """Asked when a client of another version comes: true when this guardian is idle and ends for a new one."""

    async def open(self, path: Path) -> None:
        """Listen. Raises OSError. The lock of this socket is held, so what lies there is left over."""
        path.unlink(missing_ok=True)  # noqa: ASYNC240  (once, before anybody is served)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(mask)
        loop = asyncio.get_running_loop()
        self._asyncio_server = await loop.create_unix_server(
            lambda: Connection(self), sock=listener, backlog=CLIENTS_MAX
        )

    def close(self, reason: str, code: int) -> None:
        """Say goodbye to everybody and listen no more."""
        if self._asyncio_server is not None:
            self._asyncio_server.close()
        for connection in list(self._connections):
            connection.goodbye(reason, code)

    @property
    def clients(self) -> int:
        """Clients that said hello. One from the network stays for weeks, and keeps no guardian from its end."""
        here = (c.hello for c in self._connections if c.hello is not None and c.hello.role is not Role.NETWORK)
        return len({hello.name for hello in here})

    # --- out ---------------------------------------------------------------------------------------------------

    def publish(self, what: Snapshot | Plan) -> None:
        line = encode(what)
        if isinstance(what, Snapshot):
            self._snapshot = what
        else:
            self._plan = what
        for connection in self._watching():
            if isinstance(what, Snapshot):
                connection.send_snapshot(line)
            else:
                connection.send_line(line)

    def said(self, text: str, priority: str, id: int = 0) -> None:
        line = encode(Said(text, priority, id))
        for connection in self._watching():
            connection.send_line(line)

    def tell(self, client: str, sounding: Sounding) -> None:
        """To what this client watches with: its page speaks."""
        for connection in self._watching():
            if connection.hello is not None and connection.hello.name == client:
                connection.send(sounding)

    def reply(self, client: str, verdict: Verdict) -> None:
        """To every socket of this client: a screen and its stop key count as one."""
        for connection in list(self._connections):
            if connection.hello is not None and connection.hello.name == client:
                connection.send(verdict)

    def _watching(self) -> list[Connection]:
        return [c for c in self._connections if c.hello is not None and c.hello.watch]

    # --- in, called by connections -------------------------------------------------------------------------------

    def joined(self, connection: Connection) -> bool:
        if len(self._connections) >= CLIENTS_MAX:
            return False
        self._connections.add(connection)
        return True

    def left(self, connection: Connection) -> None:
        self._connections.discard(connection)
        hello = connection.hello
        if hello is not None and not any(c.hello is not None and c.hello.name == hello.name for c in self._connections):
            self._accept(ClientGone(hello.name))

    def heard(self, connection: Connection, line: bytes) -> None:
        """One line of a client, hostile until checked."""
        if len(line) > self._line_limit:
            connection.goodbye("a line is too long", ExitCode.USAGE)
            return
        try:
            message = plain.load(ToGuardian, json.loads(line), "a line")
        except (ValueError, RecursionError) as error:
            connection.goodbye(f"a line was not understood: {error}"[:200], ExitCode.USAGE)
            return
        if isinstance(message, Hello):
            self._greet(connection, message)
        elif connection.hello is None:
            connection.goodbye("say hello first", ExitCode.USAGE)
        else:
            self._asked(connection, connection.hello, message)

    @property
    def _line_limit(self) -> int:
        moving = self._snapshot is not None and self._snapshot.belt is Belt.MOVING
        return MOVING_LINE_LIMIT if moving else LINE_LIMIT

    def _greet(self, connection: Connection, hello: Hello) -> None:
        hello = self._named(hello)
        refusal = self._refusal(connection, hello)
        if refusal:
            connection.send(self._welcome)
            connection.goodbye(refusal, ExitCode.REFUSED)
            return
        if hello.version not in ("", self._version):
            # It may be of any age: it may look and stop, and nothing it says can arm.
            role = hello.role if hello.role is Role.NETWORK else Role.DISPLAY
            hello = Hello(role, hello.protocol, hello.version, hello.name, watch=hello.watch)
        connection.hello = hello
        connection.send(self._welcome)
        for known in (self._plan, self._snapshot):
            if known is not None and hello.watch:
                connection.send(known)
        if hello.audio and hello.role is Role.LOCAL:
            self.on_audio(dict(hello.audio))

    def _named(self, hello: Hello) -> Hello:
        self._count += 1
        name = hello.name or f"client-{self._count}"
        return Hello(hello.role, hello.protocol, hello.version, name, hello.audio, hello.watch)

    def _refusal(self, connection: Connection, hello: Hello) -> str:
        if connection.hello is not None:
            return "a second hello came"
        if hello.protocol != PROTOCOL:
            return f"this guardian speaks protocol {PROTOCOL}, not {hello.protocol}; end it with: treadctl stop"
        if hello.version not in ("", self._version) and self.on_outdated():
            return f"this guardian is version {self._version} and ends now; start again"
        others = (c.hello for c in self._connections if c.hello is not None and c.hello.name == hello.name)
        if any(other.role is not hello.role for other in others):
            return "another client has this name and another role"
        return ""

    def _asked(self, connection: Connection, hello: Hello, ask: Ask) -> None:
        intent = ask.intent
        if not isinstance(intent, ALLOWED[hello.role]):
            word = type(intent).__name__.lower()
            connection.send(Verdict(ask.id, False, f"a {hello.role.value} client may not ask to {word}"))
        elif isinstance(intent, Shown):
            self._accept(events.Shown(intent.cue))
        elif isinstance(intent, Spoken):  # whether it was heard is for the voice to judge
            self.on_spoken(hello.name, intent.sounding)
        elif not isinstance(intent, Attend):
            self._accept(Asked(hello.name, ask.id, intent))
        elif hello.role is Role.LOCAL:  # a display's heartbeat arms nothing and needs no answer
            self._accept(Attended(hello.name, intent.keyboard))
        elif intent.page is not None:
            self._accept(Watched(hello.name, intent.page))


def encode(message: ToClient) -> bytes:
    """One line of the socket."""
    return json.dumps(plain.dump(message), separators=(",", ":")).encode() + b"\n"


def _same_user(transport: asyncio.Transport) -> bool:
    """Whether the other end runs as this user; the socket's mode says so already, this makes sure of it."""
    credentials = transport.get_extra_info("socket").getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
    )
    _pid, uid, _gid = struct.unpack("3i", credentials)
    return bool(uid == os.getuid())
