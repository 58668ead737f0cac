"""The helper's page and visual mode in a real browser."""

from __future__ import annotations

import asyncio

import pytest

from tests.browser.driver import PHONE, TABLET, Browser, a_browser
from tests.browser.walks import BACKWARD, FORWARD, PageWalk, a_page_walk, shows
from treadctl.model.api import Answer, Phase

pytestmark = pytest.mark.needs("chromium", "chromedriver")

SILENT_S = 3.0
GONE_S = 10.0
CI_S = 2.0


async def _asked(walk: PageWalk, id: str) -> None:
    await walk.until(lambda s: s.question is not None and s.question.id == id)


async def test_the_helpers_stop_is_tested_stops_the_belt_and_its_silence_is_said() -> None:
    async with a_page_walk() as walk:
        with a_browser(PHONE) as browser:
            await asyncio.to_thread(browser.go, walk.pages["spotter"])
            await asyncio.sleep(2)  # its first signs of life
            walking = asyncio.ensure_future(walk.walk(BACKWARD))
            await _asked(walk, "helper-page")
            await shows(browser, lambda b: "press STOP" in b.text("big"), CI_S)
            await asyncio.to_thread(browser.click, "stop")
            await walking
            await shows(browser, lambda b: "BACKWARD" in b.text("word"), 1 + CI_S)
            shown = await asyncio.to_thread(browser.run, "return document.body.innerText")
            assert "Stand beside, never behind." in shown and "turn round" in shown
            left = await asyncio.to_thread(browser.new_tab)  # a page that is not seen says nothing
            await walk.until(lambda s: "The helper's page is silent." in walk.said, SILENT_S + CI_S)
            assert walk.now.phase is Phase.WALKING
            await asyncio.to_thread(browser.to_tab, left)
            await asyncio.to_thread(browser.click, "stop")
            await walk.until(lambda s: s.stop_sent or s.phase is Phase.STOPPING, 1 + CI_S)
            await walk.until(lambda s: s.phase is Phase.HALTED, 20)
            assert walk.now.reason == "Stopped on the helper's phone."


async def test_a_helpers_page_that_comes_late_says_what_it_counts_for() -> None:
    async with a_page_walk() as walk:
        await walk.walk(FORWARD)
        with a_browser(PHONE) as browser:
            await asyncio.to_thread(browser.go, walk.pages["spotter"])
            await shows(browser, lambda b: "Nobody relies on this page yet" in b.text("stopsub"), 2 + CI_S)
            await asyncio.to_thread(browser.click, "stop")
            await walk.until(lambda s: s.phase is Phase.HALTED, 20)
            await shows(browser, lambda b: b.text("stopword") == "STOPPED", 1 + CI_S)
            await asyncio.to_thread(browser.click, "stop")  # now it is a test of the page
            await walk.until(lambda s: s.helper is True, 1 + CI_S)


async def test_in_visual_mode_a_walk_goes_by_what_the_page_shows_and_ends_without_it() -> None:
    async with a_page_walk("--layout", "wall", "--visual") as walk:
        with a_browser(TABLET) as browser:
            await asyncio.to_thread(browser.go, walk.pages["wall"])
            walking = asyncio.ensure_future(walk.walk(FORWARD, quick=1, visual=True))
            await _asked(walk, "screen")
            await shows(browser, lambda b: b.text("word") == "TYPE THIS NUMBER", CI_S)
            number = await asyncio.to_thread(_number, browser)
            assert (await walk.client.ask(Answer("screen", number))).accepted
            await walking
            await asyncio.to_thread(browser.go, "about:blank")
            await walk.until(lambda s: "The page is gone. Stopping." in walk.said, GONE_S + CI_S)
            await walk.until(lambda s: s.phase in (Phase.EASING, Phase.STOPPING, Phase.HALTED), CI_S)


def _number(browser: Browser) -> str:
    return browser.text("big")
