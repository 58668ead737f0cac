"""A page as the speaker, in a real browser: tapped, checked by what it really played, and gone in mid-walk."""

from __future__ import annotations

import asyncio
import base64
import os
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.browser.driver import PHONE, Browser, a_browser
from tests.browser.walks import PageWalk, a_page_walk, shows
from treadctl.control.prompts import NUMBERS, PAGE_SILENT, SOUND
from treadctl.guardian.speakers import Speaker, find_speaker
from treadctl.model.api import Answer, FastForward, Phase
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.units import Speed

pytestmark = pytest.mark.needs("chromium", "chromedriver", "espeak-ng")

RISING = Program("Rising", (Walk(Facing.FORWARD, 40, Speed(150)), Walk(Facing.FORWARD, 600, Speed(200))))
QUICK = 10
CI_S = 3.0
PACE = 150
KEEP = """
window.played = [];
const whole = AudioContext.prototype.decodeAudioData;
AudioContext.prototype.decodeAudioData = function (data) {
  played.push(btoa(String.fromCharCode(...new Uint8Array(data))));
  return whole.call(this, data);
};
"""
"""Every sound file that the page hands to its loudspeaker is kept, as base64."""


ALARMED = "last.alarm = 'Pull the key.'; free = 0; beep(); return Number(document.body.dataset.beeps)"
"""As if this moment's state had an alarm."""


async def _asked(walk: PageWalk, id: str) -> None:
    await walk.until(lambda s: s.question is not None and s.question.id == id and s.question.heard, 20)


def _digit(browser: Browser, folder: Path) -> str:
    """The number that the page has played, found by making all ten."""
    program = find_speaker()
    assert program is not None
    speaker = Speaker(program, PACE, folder)
    [played] = browser.run("return played")
    made = [speaker.render(SOUND.format(number), os.environ).path.read_bytes() for number in NUMBERS]
    return str(made.index(base64.b64decode(played)))


def _post(page: str, path: str) -> int:
    """What another page of the same address is answered."""
    request = urllib.request.Request(page + path, b"", {"origin": page.rsplit("/", 2)[0]}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


async def test_a_page_speaks_after_one_tap_and_once_it_is_gone_the_laptop_does(tmp_path: Path) -> None:
    async with a_page_walk("--speaker", "phone") as walk:
        page = walk.pages["hand"]
        with a_browser(PHONE) as browser:
            await asyncio.to_thread(browser.go, page)
            await asyncio.to_thread(browser.run, KEEP)
            walking = asyncio.ensure_future(walk.walk(RISING, quick=1, page=True))
            await _asked(walk, "page")
            await shows(browser, lambda b: b.text("big") == "Tap once for sound", CI_S)
            await asyncio.to_thread(browser.click, "now")
            await _asked(walk, "sound-page")
            assert await asyncio.to_thread(_post, page, "speak/another") == 409
            assert await asyncio.to_thread(_post, page, "spoken/0123456789abcdef") == 200  # and it counts for nothing
            digit = await asyncio.to_thread(_digit, browser, tmp_path)
            assert (await walk.client.ask(Answer("sound-page", digit))).accepted
            await shows(browser, lambda b: b.text("sound") == "This page speaks.", CI_S)
            await _on_the_way(walk, walking)
            before = await asyncio.to_thread(_words, browser)
            await walk.until(lambda s: s.segment == 1 and s.speed is not None and s.speed > 160, 25)
            assert "Faster, to 2.0." in walk.said
            assert await asyncio.to_thread(_words, browser) > before
            assert int(await asyncio.to_thread(browser.run, "return document.body.dataset.tones")) > 0
            assert await asyncio.to_thread(browser.run, ALARMED) == 1
            assert await asyncio.to_thread(browser.complaints) == []
            await asyncio.to_thread(browser.go, "about:blank")
            await walk.until(lambda s: PAGE_SILENT in walk.said and not s.speaker, 3 + CI_S)
            assert walk.now.phase is Phase.WALKING and not walk.now.voice
            await walk.until(lambda s: s.voice, 5 + CI_S)  # the laptop was heard


MUTE = """
window.whole = AudioContext.prototype.decodeAudioData;
AudioContext.prototype.decodeAudioData = () => Promise.reject();
"""
"""A page that plays nothing of what it is given."""
LOUD = "AudioContext.prototype.decodeAudioData = whole;"


async def test_a_page_that_did_not_play_its_number_asks_for_a_tap_and_one_tap_is_enough() -> None:
    async with a_page_walk("--speaker", "phone") as walk:
        with a_browser(PHONE) as browser:
            await asyncio.to_thread(browser.go, walk.pages["hand"])
            await asyncio.to_thread(browser.run, MUTE)
            walking = asyncio.ensure_future(walk.walk(RISING, quick=1, page=True))
            await _asked(walk, "page")
            await asyncio.to_thread(browser.click, "now")
            await walk.until(lambda s: s.question is not None and s.question.id == "sound-page", CI_S)
            await _asked(walk, "page")
            await shows(browser, lambda b: b.text("big") == "Tap once for sound", CI_S)
            await asyncio.to_thread(browser.run, LOUD)
            await asyncio.to_thread(browser.click, "now")
            await _asked(walk, "sound-page")
            walking.cancel()


async def _on_the_way(walk: PageWalk, walking: asyncio.Task[None]) -> None:
    """Quickly to the last seconds of the first segment: a voice cannot follow meanwhile."""
    walk.quick = QUICK
    await walk.client.ask(FastForward(QUICK))
    await walking
    await walk.client.ask(FastForward(QUICK))
    await walk.until(lambda s: s.segment == 0 and 0 < s.segment_left < 11_500, 20)
    await walk.client.ask(FastForward(1))


def _words(browser: Browser) -> int:
    return int(browser.run("return played.length"))
