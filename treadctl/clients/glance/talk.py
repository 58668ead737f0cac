"""One request and its answer over a socket: h11 knows HTTP, this bounds it in size and in time.

One request to a connection: nothing is to be gained from keeping it, and nothing then waits behind anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import h11

from .gate import Request

HEAD_MAX = 8 << 10
"""Octets of a request line and its headers; browsers send about 600."""
BODY_MAX = 1 << 10
"""All that may be asked has no body."""
READ_LIMIT_S = 5.0
WRITE_LIMIT_S = 3.0
"""A page that takes nothing for so long shows what is old: it is dropped, and comes again. Until then it is red."""
CHUNK = 4 << 10

Headers = Sequence[tuple[str, str]]


class Refused(Exception):
    """What came is no request that is answered further. `status` is HTTP's."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Talk:
    """One connection. Raises OSError and TimeoutError when the other end is gone or does not keep up."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_MAX)
        self._head_alone = False

    async def request(self) -> Request:
        """What is asked. Raises Refused for what is no request, too large or too late."""
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                return await self._request()
        except h11.RemoteProtocolError as error:
            raise Refused(error.error_status_hint) from None
        except TimeoutError:
            raise Refused(408) from None

    async def _request(self) -> Request:
        found: Request | None = None
        size = 0
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(CHUNK))
            elif isinstance(event, h11.Request):
                found = _plain(event)
                self._head_alone = found.method == "HEAD"
            elif isinstance(event, h11.Data):
                size += len(event.data)
                if size > BODY_MAX:
                    raise Refused(413)
            elif isinstance(event, h11.EndOfMessage) and found is not None:
                return found
            else:  # closed before it was whole
                raise Refused(400)

    async def answer(self, status: int, headers: Headers, body: bytes = b"") -> None:
        """The whole answer; to HEAD, which only asks what it would be, without the body."""
        sized = [*headers, ("content-length", str(len(body)))]
        await self.begin(status, sized)
        if not self._head_alone:
            self._send(h11.Data(data=body))
        self._send(h11.EndOfMessage())
        await self._drain()

    async def begin(self, status: int, headers: Headers) -> None:
        """The head of an answer whose body comes bit by bit."""
        self._send(h11.Response(status_code=status, headers=[*headers, ("connection", "close")]))
        await self._drain()

    async def more(self, data: bytes) -> None:
        """The next bit. Raises TimeoutError when the other end does not take it in time."""
        self._send(h11.Data(data=data))
        await self._drain()

    async def gone(self) -> None:
        """Until the other end closes; what it still says does not matter, but may not be endless."""
        for _ in range(HEAD_MAX // CHUNK):
            if not await self._reader.read(CHUNK):
                return

    def _send(self, event: h11.Response | h11.Data | h11.EndOfMessage) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)

    async def _drain(self) -> None:
        async with asyncio.timeout(WRITE_LIMIT_S):
            await self._writer.drain()


def _plain(request: h11.Request) -> Request:
    """h11 has seen to it that these are header octets; what is not ASCII can equal nothing of ours."""
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers)
    return Request(request.method.decode("latin-1"), request.target.decode("latin-1"), headers)
