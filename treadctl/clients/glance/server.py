"""Serves the pages: judged requests in, events out. Nobody who reads slowly or asks much makes anybody else wait.

Of states the newest wins, for every page by itself, so that no page shows an old one as if it were fresh; cues and
plans wait up to a bound.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import h11

from . import shown
from .gate import Allowed, Denied, Gate, View, Want
from .shown import Told
from .talk import WRITE_LIMIT_S, Refused, Talk

STREAMS_MAX = 16
"""Chosen: more screens than a family has; each costs a task and some 2 kB a second. One more is told so, can stop like
any other, and asks again for a place every 3 s."""
ASKING_MAX = 32
"""Connections that have not said yet what they want. One more, and the one that has waited longest is dropped."""
FULL = f"{STREAMS_MAX} pages are open. Close one."
ENDING_MAX = STREAMS_MAX
"""Streams that end because their browser has come again; each may take WRITE_LIMIT_S to end."""
WAITING_MAX = 16
"""Cues and plans that one page may be behind."""
SEND_BUFFER = 16 << 10
"""Octets that the system keeps for a page: a few seconds of states, so that a page that reads none is noticed."""
PULSE_S = 1.0
"""Something is written at least so often, so that a page that is gone is noticed too."""
TEXT = [("content-type", "text/plain; charset=utf-8")]
JSON = [("content-type", "application/json")]
HTML = [("content-type", "text/html; charset=utf-8")]
WAV = [("content-type", "audio/wav")]
STREAM = [("content-type", "text/event-stream"), ("x-accel-buffering", "no")]
ALWAYS = [
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
]


class Desk(Protocol):
    """Where what a page asks for goes (`hub.Hub`)."""

    def now(self) -> list[tuple[str, Told]]: ...
    async def stop(self, view: View) -> str: ...
    async def attend(self, view: View) -> None: ...
    def shown(self, cue: int) -> None: ...
    def speak(self, view: View, browser: str, *, tapped: bool) -> str: ...
    def spoken(self, key: str) -> None: ...
    def sound(self, key: str) -> Path | None: ...


class Page(Protocol):
    """The page as octets, and what its browser may load (`page.Pages`)."""

    policy: str

    def of(self, view: View) -> bytes: ...


class Stream:
    """The events for one page that is open."""

    def __init__(self, view: View, browser: str) -> None:
        self.view, self.browser = view, browser
        self.moved = False
        self._state: bytes | None = None
        self._others: deque[bytes] = deque(maxlen=WAITING_MAX)
        self._news = asyncio.Event()

    def tell(self, name: str, line: bytes) -> None:
        if name == "state":
            self._state = line
        else:
            self._others.append(line)
        self._news.set()

    def move(self) -> None:
        """The same browser has opened the page again: this one ends, because a browser allows a host few streams."""
        self.moved = True
        self._news.set()

    async def next(self) -> bytes:
        """What is new, or a sign of life when nothing is. An empty answer ends the stream."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PULSE_S):
                await self._news.wait()
        self._news.clear()
        if self.moved:
            return b""
        lines = [*self._others, *([self._state] if self._state is not None else [])]
        self._others.clear()
        self._state = None
        return b"".join(lines) or b": \n\n"


class GlanceServer:
    """All pages that are open. `gate` is made once the port is known."""

    def __init__(self, desk: Desk, page: Page) -> None:
        self._desk, self._page = desk, page
        self._streams: list[Stream] = []
        self._asking: dict[asyncio.StreamWriter, None] = {}
        self.gate: Gate | None = None

    async def open(self, address: str, port: int) -> asyncio.Server:
        """Listen. Raises OSError."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        try:
            listener.bind((address, port))
        except OSError:
            listener.close()
            raise
        return await asyncio.start_server(self._serve, sock=listener, limit=SEND_BUFFER, backlog=ASKING_MAX)

    def tell(self, name: str, told: Told) -> None:
        """To every page."""
        if not self._streams:
            return
        line = shown.event(name, told)
        for stream in self._streams:
            stream.tell(name, line)

    def tell_one(self, view: View, browser: str, name: str, told: Told) -> None:
        """To this page alone."""
        for stream in self._streams:
            if (stream.view, stream.browser) == (view, browser):
                stream.tell(name, shown.event(name, told))

    # --- one connection ---------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(high=SEND_BUFFER)
        self._make_room()
        self._asking[writer] = None
        try:
            await self._answer(Talk(reader, writer), writer)
            self._asking.pop(writer, None)
            await _closed(writer)
        except (OSError, TimeoutError, asyncio.CancelledError, h11.LocalProtocolError):
            pass  # the other end is gone or too slow, no answer fits it, or all ends: streams log what a task raises
        finally:
            self._asking.pop(writer, None)
            writer.transport.abort()  # close() alone would wait for ever for who takes nothing

    def _make_room(self) -> None:
        """Whoever has taken longest to say what it wants goes first: a stop is said at once."""
        if len(self._asking) >= ASKING_MAX:
            oldest = next(iter(self._asking))
            del self._asking[oldest]
            oldest.transport.abort()

    async def _answer(self, talk: Talk, writer: asyncio.StreamWriter) -> None:
        assert self.gate is not None
        try:
            request = await talk.request()
        except Refused as refused:
            await talk.answer(refused.status, [*ALWAYS, *TEXT])
            return
        self._asking.pop(writer, None)
        found = self.gate.judge(request, _own_address(writer))
        if isinstance(found, Denied):
            await talk.answer(found.status, [*ALWAYS, *TEXT], found.why.encode())
        elif found.want is Want.PAGE:
            policy = [("content-security-policy", self._page.policy)]
            await talk.answer(200, [*ALWAYS, *HTML, *policy], self._page.of(found.view))
        elif found.want is Want.EVENTS:
            await self._stream(talk, found)
        elif found.want is Want.SOUND:
            await self._sound(talk, found.detail)
        else:
            await self._act(talk, found)

    async def _act(self, talk: Talk, found: Allowed) -> None:
        """A stop, a sign of life, or what was shown or said: nothing else can be asked of the guardian from here."""
        if found.want is Want.ATTEND:
            await self._desk.attend(found.view)
        elif found.want is Want.SHOWN:
            self._desk.shown(int(found.detail))
        elif found.want is Want.SPOKEN:
            self._desk.spoken(found.detail)
        elif found.want in (Want.SPEAK, Want.TAP):
            why = self._desk.speak(found.view, found.detail, tapped=found.want is Want.TAP)
            await talk.answer(409 if why else 200, [*ALWAYS, *JSON], shown.body({"why": why}))
            return
        if found.want is not Want.STOP:
            await talk.answer(200, [*ALWAYS, *JSON], b"{}")
            return
        became = await self._desk.stop(found.view)
        body = shown.body({"taken": not became, "became": became})
        await talk.answer(200 if not became else 503, [*ALWAYS, *JSON], body)

    async def _sound(self, talk: Talk, key: str) -> None:
        """Words that are being said, as a file; some 100 kB, on a thread, because a disk may hang."""
        path = self._desk.sound(key)
        try:
            data = b"" if path is None else await asyncio.to_thread(path.read_bytes)
        except OSError:  # its guardian has ended
            data = b""
        await talk.answer(200 if data else 404, [*ALWAYS, *(WAV if data else TEXT)], data)

    async def _stream(self, talk: Talk, found: Allowed) -> None:
        for other in self._streams:
            if other.browser == found.detail and other.view is found.view:
                other.move()
        ending = sum(other.moved for other in self._streams)
        if len(self._streams) - ending >= STREAMS_MAX or ending > ENDING_MAX:
            await talk.answer(200, [*ALWAYS, *STREAM], shown.event("full", {"why": FULL}))
            return
        stream = Stream(found.view, found.detail)
        self._streams.append(stream)
        leaving = asyncio.ensure_future(talk.gone())
        leaving.add_done_callback(lambda _done: stream.move())
        try:
            await talk.begin(200, [*ALWAYS, *STREAM])
            for name, told in self._desk.now():
                stream.tell(name, shown.event(name, told))
            while data := await stream.next():
                await talk.more(data)
            await talk.more(shown.event("moved", {}))
        finally:
            self._streams.remove(stream)
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)


async def _closed(writer: asyncio.StreamWriter) -> None:
    """What is still to be said is said, and the connection closed. Raises TimeoutError when nobody takes it."""
    writer.close()
    async with asyncio.timeout(WRITE_LIMIT_S):
        await writer.wait_closed()


def _own_address(writer: asyncio.StreamWriter) -> str:
    """This host's own address that the connection came to."""
    name: tuple[Any, ...] = writer.get_extra_info("sockname")
    return str(name[0])


def tokens(made: Mapping[View, str], base: str) -> dict[str, str]:
    """The addresses of the pages."""
    return {view.value: f"{base}/{token}/" for view, token in made.items()}
