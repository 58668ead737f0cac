"""What is said and sounded. An effect like any other: the core waits for `Spoken` where it must, and a stop never does.

`Voice` orders utterances (the higher priority interrupts); a sink makes them heard: espeak-ng and a player as killable
processes, or, only where the backend says simulated, a silent sink that lasts as long as the words would. Text never
reaches a shell or an argument list: it goes to espeak-ng's standard input.
"""

from __future__ import annotations

import asyncio
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from treadctl.control.events import INTERRUPTED, Input, Priority, Say, SpeechFailed, Spoken, Tone
from treadctl.model.speech import utterance_ms

from . import tones
from .clock import rest

WAITING = 16
"""Chosen: more than a turn-around has utterances; what comes on top is reported as failed."""
FAILURES_ALLOWED = 3
ALARM_PAUSE_S = 0.25
PLAYERS = ("pw-play", "paplay", "aplay", "afplay")
AUDIO_NAMES = frozenset({
    "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "PULSE_SERVER", "PULSE_COOKIE", "PULSE_RUNTIME_PATH",
    "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR", "ALSA_CARD", "AUDIODEV", "HOME",
})
"""Environment taken from a client: where its sound goes, and nothing that could choose another program."""
FOLDER = "treadctl-voice-"
"""What is rendered lies in a folder of this name and the process's number."""
_RANK = {Priority.SAFETY: 0, Priority.COUNTDOWN: 1, Priority.SEGMENT: 2, Priority.TECHNIQUE: 3}

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

    def __init__(self, sink: Sink, accept: Callable[[Input], None], caption: Callable[[Say], None]) -> None:
        self.sink, self._accept, self._caption = sink, accept, caption
        self._current: Say | None = None
        self._waiting: list[Say] = []
        self._held = False

    def say(self, say: Say) -> None:
        """Now, or after what is being said; a higher priority interrupts, a safety call also voids what waits."""
        current = self._current
        if say.priority is Priority.SAFETY:
            self._void([s for s in self._waiting if s.priority is not Priority.SAFETY])
        if current is not None and _RANK[say.priority] < _RANK[current.priority]:
            self.sink.cut()
            self._current = None
            self._accept(SpeechFailed(current.id, INTERRUPTED))
        if len(self._waiting) >= WAITING:
            self._accept(SpeechFailed(say.id, "too much to say"))
            return
        self._waiting.append(say)
        self._waiting.sort(key=lambda s: _RANK[s.priority])  # stable: first come, first said
        self._next()

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
        self._why = why

    def begin(self, text: str, done: Done) -> None:
        self._loop.call_soon(done, self._why)


class SpokenSink:
    """espeak-ng into a WAV file, a player out of it; both in threads and both killed when interrupted.

    `instead` takes over an utterance that failed: given on a simulated backend only, for hosts without a sound card.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        speaker: str,
        player: str,
        words_per_minute: int = 150,
        instead: SilentSink | None = None,
    ) -> None:
        self._loop, self._speaker, self._player, self._pace = loop, speaker, player, words_per_minute
        self._instead = instead
        _clear_stale()
        self._folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-"))
        self._rendered: dict[str, Path] = {}
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._tones: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._ticket = 0
        self._alarm = threading.Event()
        self._running: subprocess.Popen[bytes] | None = None
        self._failures = 0
        self._environment: dict[str, str] = dict(os.environ)
        for jobs in (self._jobs, self._tones):
            threading.Thread(target=_work_off, args=(jobs,), name="voice", daemon=True).start()

    def begin(self, text: str, done: Done) -> None:
        if self._failures >= FAILURES_ALLOWED:
            self._loop.call_soon(self._failed, text, done, "the voice failed three times and is off")
            return
        self._ticket += 1
        ticket = self._ticket
        self._jobs.put(lambda: self._speak(ticket, text, done))

    def cut(self) -> None:
        self._ticket += 1
        _kill(self._running)
        if self._instead is not None:
            self._instead.cut()

    def tone(self, tone: Tone) -> None:
        if tone is Tone.QUIET:
            self._alarm.clear()
        elif tone is Tone.ALARM:
            if not self._alarm.is_set():
                self._alarm.set()
                self._tones.put(self._sound_alarm)
        elif self._tones.qsize() < WAITING:
            self._tones.put(lambda: self._sound(tone))

    def prepare(self, texts: tuple[str, ...]) -> None:
        for text in texts[:WAITING]:
            self._jobs.put(lambda text=text: self._prepare(text))  # type: ignore[misc]

    def environment(self, audio: Mapping[str, str]) -> None:
        self._environment.update({name: value for name, value in audio.items() if name in AUDIO_NAMES})

    def close(self) -> None:
        self.cut()
        self._alarm.clear()
        self._jobs.put(None)
        self._tones.put(None)
        shutil.rmtree(self._folder, ignore_errors=True)

    # --- the threads -------------------------------------------------------------------------------------------

    def _speak(self, ticket: int, text: str, done: Done) -> None:
        limit = utterance_ms(text) / 1000 * 2 + 5  # a player without a sound server never returns (measured)
        try:
            self._play(self._render(text), limit, ticket)
        except (OSError, subprocess.SubprocessError) as error:
            why = f"the voice failed: {type(error).__name__}"
        else:
            why = ""
        if ticket == self._ticket:
            self._failures = self._failures + 1 if why else 0
            self._on_loop(lambda: self._failed(text, done, why) if why else done(""))

    def _prepare(self, text: str) -> None:
        try:
            self._render(text)
        except (OSError, subprocess.SubprocessError):
            return  # it will be tried again, and reported, when it is to be said

    def _failed(self, text: str, done: Done, why: str) -> None:
        if self._instead is None:
            done(why)
        else:
            self._instead.begin(text, done)

    def _on_loop(self, report: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(report)

    def _render(self, text: str) -> Path:
        if text not in self._rendered:
            path = self._folder / f"{len(self._rendered)}.wav"
            command = [self._speaker, "-v", "en", "-s", str(self._pace), "-w", str(path), "--stdin"]
            subprocess.run(
                command, input=text.encode(), check=True, timeout=5,
                stdout=_NOWHERE, stderr=_NOWHERE, env=self._environment,
            )
            self._rendered[text] = path
        return self._rendered[text]

    def _play(self, path: Path, limit: float, ticket: int | None) -> None:
        if ticket is not None and ticket != self._ticket:
            return
        player = subprocess.Popen(
            [self._player, str(path)], stdin=_NOWHERE, stdout=_NOWHERE, stderr=_NOWHERE,
            start_new_session=True, env=self._environment,
        )
        if ticket is not None:
            self._running = player
            if ticket != self._ticket:  # cut while the player was being started
                _kill(player)
        try:
            if player.wait(limit) != 0:
                raise subprocess.SubprocessError(self._player)
        finally:
            _kill(player)
            player.wait()

    def _sound(self, tone: Tone) -> None:
        path = self._folder / f"{tone.value}.wav"
        try:
            if not path.exists():
                tones.write_tone(tone, path)
            self._play(path, tones.length(tone) / 1000 + 3, None)
        except (OSError, subprocess.SubprocessError):
            return  # a lost earcon blocks nothing; a lost utterance is reported

    def _sound_alarm(self) -> None:
        while self._alarm.is_set():
            self._sound(Tone.ALARM)
            rest(ALARM_PAUSE_S)  # a player that fails at once must not spin


_NOWHERE = subprocess.DEVNULL


def _clear_stale() -> None:
    """Remove what voices of this user left that were killed. A number that lives again keeps its folder till later."""
    for folder in Path(tempfile.gettempdir()).glob(FOLDER + "*-*"):
        number = folder.name.removeprefix(FOLDER).split("-")[0]
        if number.isdecimal() and _ended(int(number)) and _ours(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _ended(number: int) -> bool:
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        return False
    return number == 0


def _ours(folder: Path) -> bool:
    try:
        return folder.lstat().st_uid == os.getuid()
    except OSError:
        return False


def _work_off(jobs: queue.Queue[Callable[[], None] | None]) -> None:
    while (job := jobs.get()) is not None:
        job()


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    """The whole group of the player, by its own id."""
    if process is None or process.poll() is not None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def choose_sink(
    loop: asyncio.AbstractEventLoop,
    *,
    simulated: bool,
    rate: int,
    wanted: bool = True,
    transcript: Path | None = None,
    words_per_minute: int = 150,
) -> Sink:
    """The sink for this guardian: the voice, where there is one and it is wanted.

    Silence counts as heard on a simulated backend only; on a real one every utterance then fails. A `transcript` file
    (for tests) takes the place of the voice, and is silence as well.
    """
    speaker = shutil.which("espeak-ng")
    player = next((path for path in map(shutil.which, PLAYERS) if path), None)
    if wanted and transcript is None and rate == 1 and speaker is not None and player is not None:
        return SpokenSink(loop, speaker, player, words_per_minute, SilentSink(loop) if simulated else None)
    if simulated:
        return SilentSink(loop, transcript)
    if not wanted or transcript is not None:
        return MuteSink(loop, "the voice is switched off")
    missing = "espeak-ng" if speaker is None else "a player (pw-play, paplay or aplay)"
    return MuteSink(loop, f"there is no voice: install {missing}")
