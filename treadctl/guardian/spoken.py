"""The voice that is heard: a speaker and a player as killable processes, one sound at a time.

Words and tones wait in one line, so that no two are heard at once; an alarm sounds in the gaps and gives way to words.
A player that ends before its sound could have been heard is broken, whatever it says of itself.
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
from dataclasses import dataclass
from pathlib import Path

from treadctl.control.events import Tone
from treadctl.model.speech import WAITING, utterance_ms

from . import tones
from .clock import monotonic_s
from .speakers import FOLDER, Folder, Sound, Speaker, sound
from .speech import Done, SilentSink

PREPARED = 200
"""Chosen: twice the catalogue. What a programme brings beyond is made when it is said."""
FAILURES_ALLOWED = 3
TRY_AGAIN_S = 10
"""Chosen: a voice that is off is tried so often, because it may have been mended: a plug, or a sound server begun anew.
"""
PATIENCE_S = 5
"""Chosen: beyond twice the words' own length, for a sound server that is only waking up."""
ALARM_PAUSE_S = 0.25
LATE_S = 0.5
"""Chosen: a tone that could not sound for so long says a wrong time, and is left out."""
TOO_EARLY = 0.5
"""Chosen: whoever ends before this part of the sound was over has not played it. A real player takes longer than it."""
AUDIO_NAMES = frozenset({
    "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "PULSE_SERVER", "PULSE_COOKIE", "PULSE_RUNTIME_PATH",
    "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR", "ALSA_CARD", "AUDIODEV", "HOME",
})
"""Environment taken from a client: where its sound goes, and nothing that could choose another program."""


@dataclass(frozen=True, slots=True)
class _Job:
    """Something to be heard. `by`: too late after this."""

    do: Callable[[], None]
    by: float | None = None


class SpokenSink:
    """`instead` takes over an utterance that failed: given on a simulated backend only, for hosts without a sound card.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        speaker: str,
        player: str,
        words_per_minute: int = 150,
        instead: SilentSink | None = None,
    ) -> None:
        self._loop, self._player, self._instead = loop, player, instead
        _clear_stale()
        self._folder = Folder()
        self._speaker = Speaker(speaker, words_per_minute, self._folder)
        self._line: queue.Queue[_Job | None] = queue.Queue()
        self._ahead: queue.Queue[str | None] = queue.Queue()
        self._ticket = self._cuts = 0
        self._alarm = threading.Event()
        self._running: subprocess.Popen[bytes] | None = None
        self._failures, self._off_until = 0, 0.0
        self._environment: dict[str, str] = dict(os.environ)
        for work in (self._work, self._make_ahead):
            threading.Thread(target=work, name="voice", daemon=True).start()

    def begin(self, text: str, done: Done) -> None:
        if self._failures >= FAILURES_ALLOWED and monotonic_s() < self._off_until:
            self._loop.call_soon(self._failed, text, done, "the voice failed three times and is off")
            return
        self._ticket += 1
        ticket = self._ticket
        if self._alarm.is_set():
            _kill(self._running)  # words are heard in a gap of the alarm
        self._line.put(_Job(lambda: self._speak(ticket, text, done)))

    def cut(self) -> None:
        self._ticket, self._cuts = self._ticket + 1, self._cuts + 1
        _kill(self._running)
        if self._instead is not None:
            self._instead.cut()

    def tone(self, tone: Tone) -> None:
        if tone is Tone.QUIET:
            self._alarm.clear()
        elif tone is Tone.ALARM:
            self._alarm.set()
            self._line.put(_Job(lambda: None))  # wakes the line, which sounds it
        elif self._line.qsize() < WAITING:
            self._line.put(_Job(lambda: self._earcon(tone), by=monotonic_s() + LATE_S))

    def prepare(self, texts: tuple[str, ...]) -> None:
        for text in texts[:PREPARED]:
            self._ahead.put(text)

    def environment(self, audio: Mapping[str, str]) -> None:
        self._environment.update({name: value for name, value in audio.items() if name in AUDIO_NAMES})

    def close(self) -> None:
        self.cut()
        self._alarm.clear()
        self._line.put(None)
        self._ahead.put(None)
        self._folder.remove()

    # --- the threads -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """One after the other; the alarm while nothing else is to be heard."""
        while True:
            try:
                job = self._line.get(timeout=ALARM_PAUSE_S if self._alarm.is_set() else None)
            except queue.Empty:
                if self._alarm.is_set():
                    self._beat()
                continue
            if job is None:
                return
            if job.by is None or monotonic_s() <= job.by:
                job.do()

    def _make_ahead(self) -> None:
        """What will be said, made before it is: on a thread of its own, so that no word waits for it."""
        while (text := self._ahead.get()) is not None:
            try:
                self._speaker.render(text, self._environment)
            except (OSError, subprocess.SubprocessError):
                continue  # it will be tried again, and reported, when it is to be said

    def _speak(self, ticket: int, text: str, done: Done) -> None:
        if ticket != self._ticket:
            return
        try:
            made = self._speaker.render(text, self._environment, lambda: self._meanwhile(ticket))
            # a player without a sound server never returns (measured)
            limit = (max(made.length, utterance_ms(text)) * 2) / 1000 + PATIENCE_S
            self._play(made, limit, lambda: ticket != self._ticket)
        except (OSError, subprocess.SubprocessError) as error:
            why = f"the voice failed: {type(error).__name__}"
        else:
            why = ""
        if ticket == self._ticket:
            self._failures, self._off_until = self._failures + 1 if why else 0, monotonic_s() + TRY_AGAIN_S
            self._on_loop(lambda: self._failed(text, done, why) if why else done(""))

    def _meanwhile(self, ticket: int) -> bool:
        """A speaker that hangs silences no alarm, and ends when something more urgent is to be said."""
        if self._alarm.is_set():
            self._beat()
        return ticket == self._ticket

    def _failed(self, text: str, done: Done, why: str) -> None:
        if self._instead is None:
            done(why)
        else:
            self._instead.begin(text, done)

    def _on_loop(self, report: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(report)

    def _play(self, made: Sound, limit: float, cut: Callable[[], bool]) -> None:
        """Raises OSError and SubprocessError. `cut`: whether it was cut since it was to be heard."""
        player = self._running = subprocess.Popen(
            [self._player, str(made.path)], stdin=_NOWHERE, stdout=_NOWHERE, stderr=_NOWHERE,
            start_new_session=True, env=self._environment,
        )
        begun = monotonic_s()
        if cut():  # while the player was being started, and nobody could kill it
            _kill(player)
        try:
            if player.wait(limit) != 0 or (monotonic_s() - begun) * 1000 < made.length * TOO_EARLY:
                raise subprocess.SubprocessError(self._player)
        finally:
            _kill(player)
            player.wait()

    def _earcon(self, tone: Tone) -> None:
        """Words wait for its end, unless they are so urgent that it is cut."""
        cuts = self._cuts
        self._sound(tone, lambda: cuts != self._cuts)

    def _beat(self) -> None:
        """Once through the alarm, which gives way to the next words."""
        ticket = self._ticket
        self._sound(Tone.ALARM, lambda: ticket != self._ticket)

    def _sound(self, tone: Tone, cut: Callable[[], bool]) -> None:
        try:
            path = self._folder / f"{tone.value}.wav"
            if not path.exists():
                tones.write_tone(tone, path)
            self._play(sound(path), tones.length(tone) / 1000 + 3, cut)
        except (OSError, subprocess.SubprocessError):
            return  # a lost earcon blocks nothing; a lost utterance is reported


_NOWHERE = subprocess.DEVNULL


def _clear_stale() -> None:
    """Remove what voices of this user left that were killed. A number that lives again keeps its folder till later."""
    try:
        left = list(Path(tempfile.gettempdir()).glob(FOLDER + "*-*"))
    except OSError:  # no such folder can be written to
        return
    for folder in left:
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


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    """The whole group of the player, by its own id."""
    if process is None or process.poll() is not None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
