"""The page's server over real sockets: hostile requests, slow readers, crowds. The desk behind it is a plain fake."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from treadctl.clients.glance import server as served
from treadctl.clients.glance.gate import Gate, View
from treadctl.clients.glance.page import Pages
from treadctl.clients.glance.server import ASKING_MAX, STREAMS_MAX, GlanceServer
from treadctl.clients.glance.shown import Told
from treadctl.clients.glance.talk import Refused, Talk

SOON_S = 5.0


class Desk:
    """Takes stops, and knows one state."""

    def __init__(self) -> None:
        self.stops: list[View] = []
        self.attended: list[View] = []
        self.cues: list[int] = []
        self.became = self.refuses = ""
        self.offered: list[tuple[View, str, bool]] = []
        self.heard: list[str] = []
        self.files: dict[str, Path] = {}

    def now(self) -> list[tuple[str, Told]]:
        return [("state", {"speed": "1.0"})]

    async def stop(self, view: View) -> str:
        self.stops.append(view)
        return self.became

    async def attend(self, view: View) -> None:
        self.attended.append(view)

    def shown(self, cue: int) -> None:
        self.cues.append(cue)

    def speak(self, view: View, browser: str, *, tapped: bool) -> str:
        self.offered.append((view, browser, tapped))
        return self.refuses

    def spoken(self, key: str) -> None:
        self.heard.append(key)

    def sound(self, key: str) -> Path | None:
        return self.files.get(key)


class Bench:
    """A server that listens, and what its desk was asked."""

    def __init__(self, server: GlanceServer, desk: Desk, port: int) -> None:
        self.server, self.desk, self.port = server, desk, port
        self._opened: list[asyncio.StreamWriter] = []

    def close(self) -> None:
        """Whatever a test has opened."""
        for writer in self._opened:
            writer.transport.abort()

    async def say(self, data: bytes, *, end: bool = False) -> bytes:
        """All that is answered."""
        reader, writer = await self.open(data)
        if end:
            writer.write_eof()
        async with asyncio.timeout(2 * SOON_S):
            answer = await reader.read()
        writer.close()
        return answer

    async def open(self, data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._opened.append(writer)
        writer.write(data)
        return reader, writer

    def head(self, method: str, path: str, *more: str) -> bytes:
        here = f"127.0.0.1:{self.port}"
        lines = [f"{method} /token/{path} HTTP/1.1", f"Host: {here}", f"Origin: http://{here}", *more]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@asynccontextmanager
async def a_bench() -> AsyncIterator[Bench]:
    desk = Desk()
    server = GlanceServer(desk, Pages())
    listening = await server.open("127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    server.gate = Gate({View.HAND: "token"}, ("localhost",), port)
    bench = Bench(server, desk, port)
    try:
        yield bench
    finally:
        listening.close()
        bench.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.05)  # transports are closed by the loop


async def test_the_page_is_whole_not_kept_and_may_load_nothing_from_elsewhere() -> None:
    async with a_bench() as bench:
        answer = await bench.say(bench.head("GET", ""))
        head, page = answer.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 200")
        for line in (b"cache-control: no-store", b"default-src 'none'", b"frame-ancestors 'none'", b"no-referrer"):
            assert line in head
        assert page.count(b"http://") == page.count(b"http://www.w3.org/2000/svg") and b"https://" not in page
        assert b'data-view="hand"' in page
        assert len(page) < 40_000


async def test_a_stop_is_handed_on_and_its_fate_is_told() -> None:
    async with a_bench() as bench:
        assert b'{"taken":true' in await bench.say(bench.head("POST", "stop", "Content-Length: 0"))
        bench.desk.became = "Nothing could be stopped. Pull the key."
        answer = await bench.say(bench.head("POST", "stop", "Content-Length: 0"))
        assert answer.startswith(b"HTTP/1.1 503") and b"Pull the key" in answer
        assert bench.desk.stops == [View.HAND] * 2


async def test_a_sign_of_life_and_a_cue_that_was_shown_are_handed_on_and_are_no_stop() -> None:
    async with a_bench() as bench:
        assert b"200" in (await bench.say(bench.head("POST", "attend", "Content-Length: 0")))[:16]
        assert b"200" in (await bench.say(bench.head("POST", "shown/17", "Content-Length: 0")))[:16]
        assert (bench.desk.attended, bench.desk.cues, bench.desk.stops) == ([View.HAND], [17], [])


async def test_a_page_offers_to_speak_is_told_why_not_fetches_the_words_and_says_that_they_were_heard(
    tmp_path: Path,
) -> None:
    async with a_bench() as bench:
        assert b'{"why":""}' in await bench.say(bench.head("POST", "speak/ab", "Content-Length: 0"))
        assert b'{"why":""}' in await bench.say(bench.head("POST", "tap/ab", "Content-Length: 0"))
        bench.desk.refuses = "Another page speaks."
        answer = await bench.say(bench.head("POST", "speak/cd", "Content-Length: 0"))
        assert answer.startswith(b"HTTP/1.1 409") and b"Another page speaks." in answer
        bench.desk.files["0f"] = tmp_path / "words.wav"
        assert (await bench.say(bench.head("GET", "sound/0f"))).startswith(b"HTTP/1.1 404"), "its guardian has ended"
        bench.desk.files["0f"].write_bytes(b"RIFF and words")
        answer = await bench.say(bench.head("GET", "sound/0f"))
        assert answer.endswith(b"RIFF and words") and b"content-type: audio/wav" in answer
        assert (await bench.say(bench.head("GET", "sound/10"))).startswith(b"HTTP/1.1 404")
        assert b"200" in (await bench.say(bench.head("POST", "spoken/0f", "Content-Length: 0")))[:16]
        assert (bench.desk.offered, bench.desk.heard) == (
            [(View.HAND, "ab", False), (View.HAND, "ab", True), (View.HAND, "cd", False)], ["0f"]
        )


async def test_what_one_page_shall_say_is_told_to_no_other() -> None:
    async with a_bench() as bench:
        first, _ = await bench.open(bench.head("GET", "events/a"))
        second, _ = await bench.open(bench.head("GET", "events/b"))
        await _event(first, "state"), await _event(second, "state")
        bench.server.tell_one(View.HAND, "a", "sound", {"key": "0f", "notes": []})
        bench.server.tell("said", {"text": "Small steps."})
        assert (await _event(first, "sound"))["key"] == "0f"
        async with asyncio.timeout(SOON_S):
            seen = await second.readuntil(b"event: said\n")
        assert b"event: sound" not in seen


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x00\x01\x02\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 4000 + b"\r\n", b"431"),
        (b"GET /" + b"a" * 20_000, b"431"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: nonsense\r\n\r\n", b"501"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"421"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", b"400"),
        (b"POST /token/stop HTTP/1.0\r\n\r\n", b"421"),
        (b"POST /token/stop HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n", b"421"),
        (b"POST /token/stop HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + b"a" * 5000, b"413"),
        (b"POST /token/stop HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc", b"400"),
        (b"POST /token/stop HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
    ],
)
async def test_what_is_no_request_of_the_page_stops_nothing(data: bytes, status: bytes) -> None:
    async with a_bench() as bench:
        answer = await bench.say(data, end=True)
        assert answer.split(b" ")[1] == status
        assert bench.desk.stops == []
        assert b"200" in (await bench.say(bench.head("GET", "")))[:16]  # and the next one is served


async def test_nothing_at_all_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treadctl.clients.glance.talk.READ_LIMIT_S", 0.2)
    async with a_bench() as bench:
        assert (await bench.say(b"GET / HT")).startswith(b"HTTP/1.1 408")


async def test_head_is_answered_without_a_body_and_nothing_goes_wrong_by_it() -> None:
    async with a_bench() as bench:
        wrong: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, told: wrong.append(told))
        for data in (b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", bench.head("HEAD", ""), bench.head("HEAD", "events/a")):
            answer = await bench.say(data)
            assert answer.split(b" ")[1] in (b"421", b"405") and answer.endswith(b"\r\n\r\n")
        await _collected()
        assert wrong == []


async def test_an_answer_that_http_does_not_allow_ends_its_connection_and_no_more() -> None:
    async with a_bench() as bench:
        wrong: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, told: wrong.append(told))
        bench.server._page = Torn()
        with contextlib.suppress(ConnectionResetError):
            assert await bench.say(bench.head("GET", "")) == b""
        await _collected()
        assert wrong == [] and b'{"taken":true' in await bench.say(bench.head("POST", "stop", "Content-Length: 0"))


class Torn:
    """A page whose policy is no header."""

    policy = "default-src\n'none'"

    def of(self, _view: View) -> bytes:
        return b""


async def _collected() -> None:
    """A task that failed is told when it is gone."""
    await asyncio.sleep(0.05)
    gc.collect()
    await asyncio.sleep(0)


async def test_who_never_reads_holds_no_connection_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("talk", "server"):
        monkeypatch.setattr(f"treadctl.clients.glance.{module}.WRITE_LIMIT_S", 0.2, raising=False)
    async with a_bench() as bench:
        bench.server._page = Endless()
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(4):
            with socket.socket() as deaf:  # closed here only after the server has let go of it
                deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
                deaf.setblocking(False)
                await asyncio.get_running_loop().sock_connect(deaf, ("127.0.0.1", bench.port))
                await asyncio.get_running_loop().sock_sendall(deaf, bench.head("GET", ""))
                assert await _soon(lambda: len(os.listdir("/proc/self/fd")) > before + 1), "it is never taken in"
                assert await _soon(lambda: len(os.listdir("/proc/self/fd")) == before + 1), "it is never let go"


async def _soon(holds: Callable[[], bool]) -> bool:
    for _ in range(250):
        if holds():
            return True
        await asyncio.sleep(0.02)
    return False


class Endless:
    """A page of more than any buffer takes."""

    policy = "default-src 'none'"

    def of(self, _view: View) -> bytes:
        return b"x" * (8 << 20)


async def test_one_browser_that_comes_again_and_again_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treadctl.clients.glance.server.ENDING_MAX", 2, raising=False)
    async with a_bench() as bench:
        for number in range(4):
            stream = served.Stream(View.HAND, f"{number}")
            stream.moved = True
            bench.server._streams.append(stream)
        assert b"event: full" in await bench.say(bench.head("GET", "events/a"))


async def test_a_crowd_that_says_nothing_does_not_keep_a_stop_out() -> None:
    async with a_bench() as bench:
        for _ in range(3 * ASKING_MAX):
            await bench.open(b"GET / HT")
            await asyncio.sleep(0.002)
        assert len(bench.server._asking) <= ASKING_MAX
        assert b'{"taken":true' in await bench.say(bench.head("POST", "stop", "Content-Length: 0"))


async def test_pages_that_are_open_are_told_and_one_too_many_is_turned_away() -> None:
    async with a_bench() as bench:
        pages = [await bench.open(bench.head("GET", f"events/{number}")) for number in range(STREAMS_MAX)]
        for reader, _ in pages:
            assert await _event(reader, "state") == {"speed": "1.0"}
        bench.server.tell("state", {"speed": "1.1"})
        for reader, _ in pages:
            assert await _event(reader, "state") == {"speed": "1.1"}
        answer = await bench.say(bench.head("GET", "events/more"))
        assert b"event: full" in answer and b"16 pages are open. Close one." in answer
        again = await bench.open(bench.head("GET", "events/3"))  # the same browser: the older one ends
        assert await _event(pages[3][0], "moved") == {}
        assert await _event(again[0], "state") == {"speed": "1.0"}


async def test_a_page_that_closes_makes_room() -> None:
    async with a_bench() as bench:
        for number in range(3 * STREAMS_MAX):
            reader, writer = await bench.open(bench.head("GET", f"events/{number}"))
            assert await _event(reader, "state") == {"speed": "1.0"}
            writer.close()
            await writer.wait_closed()
            await asyncio.sleep(0.02)


async def test_a_page_that_does_not_read_is_dropped_and_the_others_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treadctl.clients.glance.talk.WRITE_LIMIT_S", 0.3)
    async with a_bench() as bench:
        _, slow = await bench.open(bench.head("GET", "events/slow"))
        cast(asyncio.Transport, slow.transport).pause_reading()
        quick, _ = await bench.open(bench.head("GET", "events/quick"))
        assert await _event(quick, "state") == {"speed": "1.0"}
        for number in range(300):
            bench.server.tell("plan", {"number": number, "much": "x" * 60_000})
            assert (await _event(quick, "plan"))["number"] == number
            if [stream.browser for stream in bench.server._streams] == ["quick"]:
                break
            await asyncio.sleep(0.01)
        assert [stream.browser for stream in bench.server._streams] == ["quick"]


async def test_of_states_the_newest_wins_and_of_cues_the_latest_are_kept() -> None:
    stream = served.Stream(View.HAND, "a")
    for number in range(100):
        stream.tell("state", b"state %d\n" % number)
        stream.tell("said", b"said %d\n" % number)
    told = await stream.next()
    assert told.count(b"state") == 1 and b"state 99" in told
    assert told.count(b"said") == served.WAITING_MAX and b"said 99" in told


async def _event(reader: asyncio.StreamReader, name: str) -> Told:
    """The next event of this name."""
    async with asyncio.timeout(SOON_S):
        while True:
            line = await reader.readline()
            assert line, "the stream has ended"
            if line == f"event: {name}\n".encode():
                told: Told = json.loads((await reader.readline()).removeprefix(b"data: "))
                return told


@given(some.lists(some.binary(max_size=300), max_size=6))
@settings(max_examples=300)
def test_whatever_octets_come_they_are_a_request_or_refused(pieces: list[bytes]) -> None:
    async def read() -> None:
        reader = asyncio.StreamReader()
        for piece in pieces:
            reader.feed_data(piece)
        reader.feed_eof()
        talk = Talk(reader, cast(asyncio.StreamWriter, None))
        with contextlib.suppress(Refused):
            await talk.request()

    asyncio.run(read())
