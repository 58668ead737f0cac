"""What is said and sounded. An effect like any other: the core waits for `Spoken` where it must, and a stop never does.

`Voice` orders utterances (the higher priority interrupts); a sink makes them heard (`spoken`), or, only where the
backend says simulated, is silent for as long as the words would last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from treadctl.control.alarm import CALLS
from treadctl.control.events import INTERRUPTED, Input, Priority, Say, SpeechFailed, Spoken, Tone
from treadctl.model.speech import TOO_MUCH, WAITING, utterance_ms

OF_FAULTS = (Priority.SAFETY, Priority.NOTICE)
_RANK = {priority: rank for rank, priority in enumerate(Priority)}

Done = Callable[[str], None]
"""Called on the loop when an utterance ended: with "" when it was heard to the end, else with the reason."""


class Sink(Protocol):
    """Makes one utterance at a time heard. After `cut` nothing is reported of the one that was cut."""

    def begin(self, text: str, done: Done) -> None: ...
    def cut(self) -> None: ...
    def tone(self, tone: Tone) -> None: ...
    def prepare(self, texts: tuple[str, ...]) -> None: ...
    def environment(self, audio: Mapping[str, str]) -> None: ...
    def close(self) -> None: ...


class Voice:
    """The order of what is said. `caption` hears every utterance at its begin."""

    def __init__(
        self, sink: Sink, accept: Callable[[Input], None], caption: Callable[[Say], None], most: int = WAITING
    ) -> None:
        self.sink, self._accept, self._caption, self._most = sink, accept, caption, most
        self._current: Say | None = None
        self._waiting: list[Say] = []
        self._held = False

    def say(self, say: Say) -> None:
        """Now, or after what is being said; a higher priority interrupts; of a fault, it also voids what waits."""
        current = self._current
        if say.priority in OF_FAULTS:
            if current is None:
                self.sink.cut()  # no tone holds it up
            self._void([s for s in self._waiting if _RANK[s.priority] > _RANK[say.priority]])
            if say.text in self.told_of_faults():  # it is heard anyway, and a call is repeated without end
                self._accept(SpeechFailed(say.id, INTERRUPTED))
                return
        if current is not None and _RANK[say.priority] < _RANK[current.priority]:
            self.sink.cut()
            self._current = None
            self._accept(SpeechFailed(current.id, INTERRUPTED))
        if len(self._waiting) >= self._most:
            self._accept(SpeechFailed(say.id, TOO_MUCH))
            return
        self._waiting.append(say)
        self._waiting.sort(key=lambda s: _RANK[s.priority])  # stable: first come, first said
        self._next()

    def tone(self, tone: Tone) -> None:
        """Sound it. When the alarm is over, nobody is called any more."""
        if tone is Tone.QUIET:
            self.over()
        self.sink.tone(tone)

    def over(self) -> None:
        self._void([say for say in self._waiting if say.text in CALLS])

    def silence(self) -> None:
        """Nothing is said any more, and nobody waits for it."""
        self._waiting.clear()
        if self._current is not None:
            self._current = None
            self.sink.cut()

    def hold(self) -> None:
        """Say nothing new until `release`: a lock is on disk before it is spoken."""
        self._held = True

    def release(self) -> None:
        self._held = False
        self._next()

    def close(self) -> None:
        self._waiting.clear()
        self._current = None
        self.sink.close()

    def told_of_faults(self) -> set[str]:
        """Of faults, what is being said and what waits."""
        current = () if self._current is None else (self._current,)
        return {say.text for say in (*current, *self._waiting) if say.priority in OF_FAULTS}

    def _void(self, stale: list[Say]) -> None:
        for say in stale:
            self._waiting.remove(say)
            self._accept(SpeechFailed(say.id, INTERRUPTED))

    def _next(self) -> None:
        if self._current is not None or self._held or not self._waiting:
            return
        say = self._current = self._waiting.pop(0)
        self._caption(say)
        self.sink.begin(say.text, lambda why: self._ended(say, why))

    def _ended(self, say: Say, why: str) -> None:
        if self._current is not say:
            return
        self._current = None
        self._accept(SpeechFailed(say.id, why) if why else Spoken(say.id))
        self._next()


class SilentSink:
    """Lasts as long as the words would. Counts as heard only where nobody walks: on a simulated backend.

    With `transcript` every utterance and tone is also appended to that file, one a line.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, transcript: Path | None = None) -> None:
        self._loop, self._transcript = loop, transcript
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, text: str, done: Done) -> None:
        self._write(f"say {text}")
        self._timer = self._loop.call_later(utterance_ms(text) / 1000, done, "")

    def cut(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def tone(self, tone: Tone) -> None:
        self._write(f"tone {tone.value}")

    def prepare(self, texts: tuple[str, ...]) -> None:
        return

    def environment(self, audio: Mapping[str, str]) -> None:
        return

    def close(self) -> None:
        self.cut()

    def _write(self, line: str) -> None:
        if self._transcript is not None:
            with self._transcript.open("a", encoding="utf-8") as out:
                out.write(line + "\n")


class MuteSink(SilentSink):
    """Nobody can be spoken to: every utterance fails at once, and so no rise is ever cleared."""

    def __init__(self, loop: asyncio.AbstractEventLoop, why: str) -> None:
        super().__init__(loop)
        self.why = why

    def begin(self, text: str, done: Done) -> None:
        self._loop.call_soon(done, self.why)
