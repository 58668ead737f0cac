"""Who is heard: the laptop's voice, or a page that speaks in its place. One of them says the words.

Safety calls, the alarm and the tone of a stop sound at the laptop too: none of them may hang on a phone that is there.
A page is given the laptop's own sound files, and not texts for a voice of its browser: those differ, may need a
network, and nobody knows how long they take, or whether they were heard at all.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from treadctl.control.events import INTERRUPTED, Say, Tone
from treadctl.model.api import Sounding

from . import tones
from .speakers import Folder, Sound, Speaker
from .speech import OF_FAULTS, Done, Sink, Voice

LATE_S = 4.0
"""Chosen: the longest tone (1.0 s) may sound before the words, and a home network takes no second."""
EARLY_S = 0.05
"""The two ends' clocks of sound may differ by so much in an utterance."""
THREADS = 2
"""Of the page's own: one for what is made ahead, one for the words that are to be said now."""
CALLS_WAITING = 3
"""Chosen: what the laptop has to say beside the page's words, at most; what waited longer would say what is over."""
AT_LAPTOP_TOO = frozenset({Tone.ALARM, Tone.QUIET, Tone.STOP})
NO_WORDS = Sounding()

log = logging.getLogger(__name__)

Tell = Callable[[str, Sounding], None]


@dataclass(frozen=True, slots=True)
class _Open:
    """What the page is saying: who waits for its end, which cannot come before `earliest`."""

    id: int
    done: Done
    earliest: float
    limit: asyncio.TimerHandle


class PageSink:
    """Words and tones for the page of `client`. It hears a file of the same words as the laptop would play, so what is
    heard is ours, and its length is known: whoever says before its end that it was heard has not heard it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, speaker: str | None, words_per_minute: int, tell: Tell) -> None:
        self._loop, self._tell = loop, tell
        self._folder = Folder()
        self._speaker = None if speaker is None else Speaker(speaker, words_per_minute, self._folder)
        self._threads = ThreadPoolExecutor(THREADS, "page")
        self._ticket = self._prepared = 0
        self._open: _Open | None = None
        self._task: asyncio.Task[Sound] | None = None
        self._ahead: asyncio.Task[None] | None = None
        self.client = ""

    def begin(self, text: str, done: Done) -> None:
        self._ticket += 1
        ticket = self._ticket
        self._task = self._loop.create_task(self._made(text, lambda: ticket == self._ticket))
        self._task.add_done_callback(lambda task: self._begin(ticket, task, done))

    async def _made(self, text: str, wanted: Callable[[], bool]) -> Sound:
        """The sound of a text. Raises OSError and SubprocessError. One nobody wants any more holds up no other."""
        if self._speaker is None:
            raise FileNotFoundError
        return await self._loop.run_in_executor(self._threads, self._speaker.render, text, os.environ, wanted)

    def _begin(self, ticket: int, task: asyncio.Task[Sound], done: Done) -> None:
        """Tell the page to play what was made. Whatever went wrong: who waits for the words is told."""
        if task.cancelled() or ticket != self._ticket:
            return
        error = task.exception()
        if error is not None:
            log.info("the words for the page failed", exc_info=error)
            done(f"the voice failed: {type(error).__name__}")
            return
        made = task.result()
        seconds = made.length / 1000
        limit = self._loop.call_later(seconds + LATE_S, self._over, ticket, "the page did not say it to its end")
        self._open = _Open(ticket, done, self._loop.time() + seconds - EARLY_S, limit)
        self._tell(self.client, Sounding(ticket, str(made.path)))

    def heard(self, client: str, id: int) -> None:
        """The page says that it has played this to its end. Only what is being said can have been (`_over`)."""
        if self._open is None or client != self.client:
            return
        early = self._loop.time() < self._open.earliest
        self._over(id, "the page says that it has played what it cannot have played" if early else "")

    def _over(self, id: int, why: str) -> None:
        if self._open is not None and self._open.id == id:
            self._open.limit.cancel()
            done, self._open = self._open.done, None
            done(why)

    def cut(self) -> None:
        self._ticket += 1
        if self._task is not None:
            self._task.cancel()
        if self._open is not None:
            self._open.limit.cancel()
            self._open = None
        if self.client:
            self._tell(self.client, NO_WORDS)

    def tone(self, tone: Tone) -> None:
        """The alarm is no message that could get lost: the page sounds it as long as it is shown one."""
        if tone not in (Tone.ALARM, Tone.QUIET):
            self._tell(self.client, Sounding(notes=tones.TONES[tone]))

    def prepare(self, texts: tuple[str, ...]) -> None:
        """Made ahead, one after the other, so that no word waits for its speaker."""
        self._leave_ahead()
        number = self._prepared
        self._ahead = self._loop.create_task(self._make_ahead(texts, lambda: number == self._prepared))

    def _leave_ahead(self) -> None:
        """What is being made ahead is left, also by the thread that makes it."""
        self._prepared += 1
        if self._ahead is not None:
            self._ahead.cancel()

    async def _make_ahead(self, texts: tuple[str, ...], wanted: Callable[[], bool]) -> None:
        for text in texts:
            try:
                await self._made(text, wanted)
            except (OSError, subprocess.SubprocessError):
                continue  # it is tried again, and reported, when it is to be said

    def environment(self, audio: Mapping[str, str]) -> None:
        return

    def close(self) -> None:
        self.cut()
        self._leave_ahead()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._folder.remove()


class Loudspeakers:
    """The sink of a guardian: the laptop's and the page's, and which of them says the words."""

    def __init__(self, laptop: Sink, page: PageSink) -> None:
        self._laptop, self.page = laptop, page
        self._calls = Voice(laptop, lambda _item: None, lambda _say: None, CALLS_WAITING)
        self._texts: tuple[str, ...] = ()
        self._open: tuple[str, Done] | None = None

    def by(self, client: str) -> None:
        """Through the page of this client from now on, empty: the laptop. What is being said there is said anew: a call
        that the laptop has not said to its end by the laptop at once, anything else by whoever wanted it said.
        """
        if client == self.page.client:
            return
        cut, self._open = self._open, None
        called = self._calls.told_of_faults()
        self._now.cut()
        self._calls.silence()
        self.page.client = client
        if client:
            self.page.prepare(self._texts)
        if cut is not None and not client and cut[0] in called:
            self.begin(*cut)
        elif cut is not None:
            cut[1](INTERRUPTED)

    def interrupt(self) -> None:
        """The clock's pace changes: a page would take too long for it."""
        if self.page.client and self._open is not None:
            _, cut = self._open
            self.cut()
            cut(INTERRUPTED)

    @property
    def _now(self) -> Sink:
        return self.page if self.page.client else self._laptop

    def begin(self, text: str, done: Done) -> None:
        self._open = text, done
        self._now.begin(text, lambda why: self._ended(done, why))

    def _ended(self, done: Done, why: str) -> None:
        if self._open is not None and self._open[1] is done:
            self._open = None
            done(why)

    def urgent(self, say: Say) -> None:
        """What is told of a fault is heard from the laptop as well, whatever the phone does: one after the other."""
        if say.priority in OF_FAULTS and self.page.client:
            self._calls.say(say)

    def cut(self) -> None:
        self._open = None
        self._now.cut()

    def tone(self, tone: Tone) -> None:
        if tone is Tone.QUIET:
            self._calls.over()
        if self.page.client:
            self.page.tone(tone)
        if not self.page.client or tone in AT_LAPTOP_TOO:
            self._laptop.tone(tone)

    def prepare(self, texts: tuple[str, ...]) -> None:
        """The laptop has them ready too: it may have to take over."""
        self._texts = texts
        self._laptop.prepare(texts)

    def environment(self, audio: Mapping[str, str]) -> None:
        self._laptop.environment(audio)

    def close(self) -> None:
        self._open = None
        self.page.close()
        self._laptop.close()
