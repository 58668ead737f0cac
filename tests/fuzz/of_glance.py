"""The glance page's door under fuzzing: what comes over a TCP connection before anything is done.

The first octet says in how many pieces the rest arrives; the rest are the octets of the connection, in which `<hand>`,
`<wall>` and `<spotter>` stand for the tokens, because no fuzzer guesses 128 bits. Whatever was said: it is a request or
it is refused, and who is let in said the token, our name and, to act, our origin, in so many octets. Read here again by
looking at the octets themselves.
"""

from __future__ import annotations

import asyncio
import atexit
import re
from functools import cache

from tests.fuzz.files import cpu_bounded
from treadctl.clients.glance.gate import ACTS, Allowed, Denied, Gate, Request, View, Want
from treadctl.clients.glance.talk import HEAD_MAX, Refused, Talk

MAX_LENGTH = 2048
CPU_LIMIT_S = 1.0
ADDRESS, PORT = "192.0.2.7", 8080
NAMES = ("localhost", "kitchen.example")
OURS = {f"{name}:{PORT}".encode() for name in (ADDRESS, *NAMES)}
TOKENS = {view: f"{number}" * 22 for number, view in enumerate(View, 1)}


class Mute(asyncio.Transport):
    """Nothing is answered here."""

    def is_closing(self) -> bool:
        return True

    def close(self) -> None:
        pass


def run(data: bytes) -> None:
    """Raises AssertionError, or whatever comes through beside Refused, for a finding."""
    if not data:
        return
    said = data[1:]
    for view, token in TOKENS.items():
        said = said.replace(f"<{view.value}>".encode(), token.encode())
    with cpu_bounded(CPU_LIMIT_S):
        request = _loop().run_until_complete(_heard(said, data[0] % 8 + 1))
        if request is None:
            return
        found = Gate(TOKENS, NAMES, PORT).judge(request, ADDRESS)
    if isinstance(found, Denied):
        assert found.status in (403, 404, 405, 421)
        return
    _let_in(found, request, said)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    atexit.register(loop.close)
    return loop


async def _heard(said: bytes, pieces: int) -> Request | None:
    """The request, or None when it was refused with a status of HTTP."""
    reader = asyncio.StreamReader()
    step = max(1, len(said) // pieces)
    for start in range(0, len(said), step):
        reader.feed_data(said[start : start + step])
    reader.feed_eof()
    protocol = asyncio.StreamReaderProtocol(reader)
    writer = asyncio.StreamWriter(Mute(), protocol, reader, _loop())
    try:
        return await Talk(reader, writer).request()
    except Refused as refused:
        assert 400 <= refused.status < 600
        return None


def _let_in(found: Allowed, request: Request, said: bytes) -> None:
    """The octets themselves have to say all of it."""
    head, line = said[:HEAD_MAX].lower(), said.lstrip(b"\r\n").split(b"\n", 1)[0]
    assert b"/" + TOKENS[found.view].encode() + b"/" in line
    assert any(b"host:" in head and ours in head for ours in OURS)
    assert (request.method == "POST") is (found.want.value in ACTS)
    if found.want.value in ACTS:
        assert line.startswith(b"POST ") and any(b"http://" + ours in head for ours in OURS)
    word = "" if found.want is Want.PAGE else found.want.value
    rest = f"/{found.detail}" if found.detail else ""
    assert request.target.endswith(f"/{TOKENS[found.view]}/{word}{rest}"), "so much was said, and no more"
    assert found.detail == "" or re.fullmatch("[a-z0-9]{1,32}", found.detail)
