"""The glance page in a real browser, beside a walk that really runs on the simulated treadmill."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tests.browser.driver import PHONE, TABLET, Browser, a_browser
from tests.browser.walks import BACKWARD, FORWARD, PageWalk, a_page_walk, shows
from treadctl.clients.glance.server import STREAMS_MAX
from treadctl.control.prompts import REACH_AGAIN
from treadctl.model.api import Answer, Belt, Phase

pytestmark = pytest.mark.needs("chromium", "chromedriver")

NAME = "treadmill.test"
FOLLOWS_S = 1.0
CI_S = 1.5
"""What a shared machine with busy cores may add, and the driver's own calls."""


def on(walk: PageWalk, layout: str, name: str = "") -> str:
    """The address of a page, under another name of this host."""
    return walk.pages[layout].replace("127.0.0.1", name or "127.0.0.1")


def walking(browser: Browser) -> bool:
    return "FORWARD" in browser.text("word") and browser.text("big") == "2.0"


@pytest.mark.parametrize("name", ["", NAME], ids=["as localhost", "under another name"])
async def test_the_page_follows_and_its_stop_stops_the_belt(name: str) -> None:
    async with a_page_walk(*(["--name", name] if name else [])) as walk:
        with a_browser(PHONE, NAME) as browser:
            await asyncio.to_thread(browser.go, on(walk, "hand", name))
            await walk.walk(FORWARD)
            await shows(browser, walking, FOLLOWS_S + CI_S)
            assert await asyncio.to_thread(browser.run, "return isSecureContext") is (not name)
            await _follows(browser, walk)
            await asyncio.to_thread(browser.click, "stop")
            await walk.until(lambda s: s.stop_sent or s.phase is Phase.STOPPING, 1)
            await shows(browser, lambda b: b.text("stopword") == "STOP SENT", FOLLOWS_S + CI_S)
            await walk.until(lambda s: s.belt is Belt.STILL and s.phase is Phase.HALTED, 20)
            await shows(browser, lambda b: b.text("stopword") == "STOPPED", FOLLOWS_S + CI_S)
            assert walk.now.reason == "Stopped on the phone."
            assert await asyncio.to_thread(browser.complaints) == []


async def _follows(browser: Browser, walk: PageWalk) -> None:
    """What the page shows was so at most a second ago, whenever it is looked at."""
    loop = asyncio.get_running_loop()
    for _ in range(10):
        shown = await asyncio.to_thread(browser.text, "big")
        since = loop.time() - FOLLOWS_S - CI_S
        known = {f"{s.speed / 100:.1f}" for at, s in walk.snapshots if at >= since and s.speed is not None}
        assert shown in known


async def test_without_a_wake_lock_a_silent_video_plays_and_the_page_says_so() -> None:
    async with a_page_walk("--name", NAME) as walk:
        with a_browser(PHONE, NAME) as browser:
            await asyncio.to_thread(browser.go, on(walk, "hand", NAME))
            await asyncio.to_thread(browser.click, "now")
            script = "return document.getElementById('awake').currentTime"
            await shows(browser, lambda b: "timeout" in b.text("sleep") and b.run(script) > 0, 5)
            begun = await asyncio.to_thread(browser.run, script)
            await shows(browser, lambda b: b.run(script) > begun, 5)
            assert await asyncio.to_thread(browser.run, "return document.getElementById('awake').muted")


async def test_any_key_at_the_page_stops_the_belt() -> None:
    async with a_page_walk() as walk:
        with a_browser() as browser:
            await asyncio.to_thread(browser.go, on(walk, "hand"))
            await walk.walk(FORWARD)
            await asyncio.to_thread(browser.key, "\ue00f")  # page down, as a presenter's remote sends it
            await walk.until(lambda s: s.stop_sent or s.phase is Phase.STOPPING, 1 + CI_S)


BOUT = "drawRest({...last, bout: [arguments[0], 3]}); return el('figures').textContent"
"""As if this were the moment before, or in, a bout."""


async def test_before_the_first_bout_none_is_counted() -> None:
    async with a_page_walk() as walk:
        with a_browser() as browser:
            await asyncio.to_thread(browser.go, on(walk, "wall"))
            await walk.walk(FORWARD)
            await shows(browser, walking, FOLLOWS_S + CI_S)
            assert "bout 0" not in await asyncio.to_thread(browser.run, BOUT, 0)
            assert "bout 1 of 3" in await asyncio.to_thread(browser.run, BOUT, 1)


async def test_a_wrong_token_shows_nothing() -> None:
    async with a_page_walk() as walk:
        with a_browser() as browser:
            await asyncio.to_thread(browser.go, on(walk, "hand")[:-2] + "/")
            assert await asyncio.to_thread(browser.run, "return document.body.innerText") == "there is no such page"


async def test_a_name_that_nobody_gave_is_another_host() -> None:
    async with a_page_walk() as walk:
        with a_browser(PHONE, "elsewhere.test") as browser:
            await asyncio.to_thread(browser.go, on(walk, "hand", "elsewhere.test"))
            assert await asyncio.to_thread(browser.run, "return document.body.innerText") == "this is another host"


async def test_stop_on_the_phone_in_the_hand_passes_the_reach_test() -> None:
    """A busy browser may press too late: then it is tried again, as a person would."""
    async with a_page_walk(reached=False) as walk, asyncio.timeout(120):
        with a_browser(PHONE) as browser:
            await asyncio.to_thread(browser.go, walk.pages["hand"])
            walking = asyncio.ensure_future(walk.walk(BACKWARD, quick=1))
            while walk.now.phase is not Phase.TURNING:
                await asked_to_press(walk)
                await asyncio.to_thread(browser.click, "stop")
                await asyncio.sleep(0.3)
            walking.cancel()
    assert REACH_AGAIN in walk.said


async def asked_to_press(walk: PageWalk) -> None:
    """Until the key is waited for, or the test is over."""
    async with asyncio.timeout(60):
        while walk.now.phase is not Phase.TURNING:
            question = walk.now.question
            if question is not None and question.id == "reach-failed":
                await walk.client.ask(Answer("reach-failed", "a"))
            elif question is not None and question.id == "reach" and question.heard:
                return
            await asyncio.sleep(0.02)


async def test_a_page_from_elsewhere_cannot_stop_even_with_the_token() -> None:
    async with a_page_walk("--name", NAME) as walk:
        with a_browser(PHONE, NAME) as browser:
            await walk.walk(FORWARD)
            await asyncio.to_thread(browser.go, on(walk, "hand"))  # 127.0.0.1 is another origin than NAME
            script = "return fetch(arguments[0], {method: 'POST', mode: 'no-cors'}).then(() => 'sent', () => 'not')"
            await asyncio.to_thread(browser.go, "data:text/html,a page from elsewhere")
            await asyncio.to_thread(browser.run, script, on(walk, "hand", NAME) + "stop")
            await asyncio.sleep(1)
            assert walk.now.phase is Phase.WALKING and not walk.now.stop_sent


async def test_a_second_tab_takes_the_page_over_and_both_can_stop() -> None:
    async with a_page_walk() as walk:
        with a_browser() as browser:
            await asyncio.to_thread(browser.go, on(walk, "hand"))
            await walk.walk(FORWARD)
            first = await asyncio.to_thread(browser.new_tab)
            await asyncio.to_thread(browser.go, on(walk, "hand"))
            await shows(browser, walking, FOLLOWS_S + CI_S)
            await asyncio.to_thread(browser.to_tab, first)
            await shows(browser, lambda b: b.text("big") == "Open in another tab", 3)
            await asyncio.to_thread(browser.click, "stop")
            await walk.until(lambda s: s.stop_sent or s.phase is Phase.STOPPING, 1 + CI_S)


async def test_ten_tabs_of_one_browser_leave_room_for_a_stop() -> None:
    """A browser keeps six connections to a host: ten streams would hold them all."""
    async with a_page_walk() as walk:
        with a_browser() as browser:
            await walk.walk(FORWARD)
            for _ in range(10):
                await asyncio.to_thread(browser.new_tab)
                await asyncio.to_thread(browser.go, on(walk, "hand"))
            await shows(browser, walking, FOLLOWS_S + CI_S)
            await asyncio.to_thread(browser.click, "stop")
            await walk.until(lambda s: s.stop_sent or s.phase is Phase.STOPPING, 1 + CI_S)


async def test_one_page_too_many_is_told_so_can_stop_and_gets_in_when_another_closes() -> None:
    async with a_page_walk() as walk:
        pages = [await _opened(walk, number) for number in range(50)]
        with a_browser() as browser:
            await asyncio.to_thread(browser.go, on(walk, "hand"))
            await walk.walk(FORWARD)
            assert await asyncio.to_thread(browser.text, "big") == f"{STREAMS_MAX} pages are open. Close one."
            for reader, _ in pages[:STREAMS_MAX]:  # the earlier ones are told what they were told before
                async with asyncio.timeout(CI_S):
                    while b'"facing":"FORWARD"' not in await reader.readline():
                        pass
            await asyncio.to_thread(browser.click, "stop")
            await walk.until(lambda s: s.stop_sent or s.phase is Phase.STOPPING, 1 + CI_S)
            pages[0][1].transport.abort()
            await shows(browser, lambda b: "pages are open" not in b.text("big") and "none" not in b.classes(),
                        5 + CI_S)
        for _, writer in pages:
            writer.transport.abort()
        await asyncio.sleep(0.05)  # transports are closed by the loop


async def _opened(walk: PageWalk, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The events of one page more, of another browser."""
    host, path = on(walk, "hand").removeprefix("http://").split("/", 1)
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(f"GET /{path}events/page{number} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def test_whoever_reads_miles_reads_them_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TREADCTL_UNITS", "mph")
    async with a_page_walk() as walk:
        with a_browser() as browser:
            await asyncio.to_thread(browser.go, on(walk, "hand"))
            await walk.walk(FORWARD)
            await shows(browser, lambda b: b.text("big") == "1.2" and "mph \u00b7 target 1.2" in b.text("sub"), 4)
            assert "km/h" not in await asyncio.to_thread(browser.run, "return document.body.innerText")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
async def test_three_seconds_without_data_are_red_and_loud(number: signal.Signals) -> None:
    async with a_page_walk() as walk:
        with a_browser() as browser:
            await asyncio.to_thread(browser.go, on(walk, "hand"))
            await asyncio.to_thread(browser.click, "now")  # the first tap unlocks the sound
            await walk.walk(FORWARD)
            await shows(browser, walking, FOLLOWS_S + CI_S)
            os.kill(walk.guardian, number)
            await shows(browser, lambda b: "late" in b.classes() and b.text("big") != "2.0", 2 + CI_S)
            assert "old" in await asyncio.to_thread(browser.text, "sub")
            await shows(browser, lambda b: "lost" in b.classes(), 2 + CI_S)
            assert "pull the key" in await asyncio.to_thread(browser.text, "big")
            await shows(browser, lambda b: int(b.run("return document.body.dataset.beeps || 0")) > 1, 5)


async def test_the_page_comes_back_when_its_server_does_and_the_silence_between_is_shown() -> None:
    """The server is held, not the guardian: the network is away for a while."""
    async with a_page_walk() as walk:
        with a_browser() as browser:
            await asyncio.to_thread(browser.go, on(walk, "hand"))
            await walk.walk(FORWARD)
            await shows(browser, walking, FOLLOWS_S + CI_S)
            server = await asyncio.to_thread(_server_of, walk)
            os.kill(server, signal.SIGSTOP)
            await shows(browser, lambda b: "lost" in b.classes(), 4 + CI_S)
            await asyncio.to_thread(browser.click, "stop")
            await shows(browser, lambda b: b.text("stopsub") == "PULL THE KEY", 2 + CI_S)
            os.kill(server, signal.SIGCONT)
            await walk.until(lambda s: s.stop_sent or s.belt is Belt.STILL, 3)  # it is sent until somebody takes it
            await shows(browser, lambda b: "lost" not in b.classes(), 6)


def _server_of(walk: PageWalk) -> int:
    """The process that serves the pages, by the port it listens on."""
    from tests.browser.listening import listener

    return listener(int(walk.pages["hand"].split(":")[2].split("/")[0]))


async def test_facing_away_is_hatched_and_said_in_words_and_a_tablet_has_no_button() -> None:
    async with a_page_walk("--layout", "wall") as walk:
        with a_browser(TABLET) as browser:
            await asyncio.to_thread(browser.go, on(walk, "wall"))
            await walk.walk(BACKWARD)
            await shows(browser, lambda b: "BACKWARD" in b.text("word"), FOLLOWS_S + CI_S)
            assert "backward" in await asyncio.to_thread(browser.classes)
            script = "return getComputedStyle(document.getElementById(arguments[0]))[arguments[1]]"
            assert "repeating-linear" in await asyncio.to_thread(browser.run, script, "now", "borderImageSource")
            assert await asyncio.to_thread(browser.run, script, "stop", "display") == "none"
            assert await asyncio.to_thread(browser.text, "foot") == "ANY KEY STOPS"
            assert "turn round" in await asyncio.to_thread(browser.text, "change")
