"""The parts of a guardian put together: what the core's effects do, and how the process ends.

Everything here is wiring. Each part has its own file and its own way of never making the others wait.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from treadctl import __version__
from treadctl.control.core import Core
from treadctl.control.events import (
    Asked,
    Attended,
    Capture,
    Close,
    Connect,
    Context,
    Drop,
    Effect,
    Input,
    Journal,
    KeepRehearsal,
    Learn,
    Learnt,
    Play,
    Prepare,
    Publish,
    Quit,
    ReadAnew,
    Reconnect,
    Rehearsed,
    Remember,
    RememberDay,
    Reread,
    Say,
    Scan,
    SpeakBy,
    Wear,
    Write,
)
from treadctl.files.config import Settings
from treadctl.files.locks import add_lock, remember_day, remember_rehearsal, remove_lock
from treadctl.files.machines import RecordStore
from treadctl.files.quirks import hints, merged, quirk_for
from treadctl.files.strap import KeptStrap, remember_strap
from treadctl.model.api import Belt, Press, Snapshot, Verdict
from treadctl.model.errors import ExitCode
from treadctl.model.locks import Lock
from treadctl.model.machine import LinkInfo, Record
from treadctl.model.units import Ms
from treadctl.paths import Paths

from .capture import Recorder
from .clock import Clock, today
from .driver import Driver, mark_file
from .failures import LinkFailed
from .journal import Journal as Disk
from .known import read_files
from .loudspeakers import Loudspeakers, PageSink
from .radio import Radio
from .rescue import rescue, rescue_over
from .server import Server
from .shell import LinkEffect, Shell
from .sinks import choose_sink
from .speakers import find_speaker
from .speech import MuteSink, SilentSink, Voice
from .strap import StrapLink

if TYPE_CHECKING:
    from .inhibitor import Inhibitor

QUIT_LIMIT: Ms = 15_000
"""Real ms from a signal to the end, whatever hangs. Chosen: twice the slowest permitted stop and a little."""
LOCK_LIMIT: Ms = 1000
"""A lock that is not on disk after this long is spoken all the same: the disk hangs."""
CHECK_EVERY: Ms = 1000
TRANSCRIPT = "TREADCTL_VOICE_FILE"
"""What would be heard is written to this file, and sounds nowhere: words, or with a name *.wav the sound of them."""

log = logging.getLogger(__name__)


class Guardian:
    """One core and its hands (`shell.Hands`)."""

    def __init__(
        self, context: Context, paths: Paths, settings: Settings, radio: Radio, linger_s: int,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._loop, self._paths, self._context, self._radio = loop, paths, context, radio
        self._today = context.today
        self._unwritten: list[Lock] = []
        self._clock = Clock(loop)
        self._linger: Ms = linger_s * 1000
        self._alone_since = self._clock.real_now()
        self._end: asyncio.Future[int] = loop.create_future()
        self._disk = Disk(paths.sessions, paths.traces, self._disk_trouble)
        transcript = os.environ.get(TRANSCRIPT)
        self._silent = SilentSink(loop)
        laptop = choose_sink(
            loop,
            simulated=radio.simulated,
            rate=self._clock.rate,
            wanted=settings.voice,
            transcript=Path(transcript) if transcript else None,
            words_per_minute=settings.voice_rate,
        )
        if isinstance(laptop, MuteSink):
            self._context = replace(context, mute=laptop.why)
        self._server = Server(self._accept, version=__version__, simulated=radio.simulated, rate=self._clock.rate)
        page = PageSink(loop, find_speaker(), settings.voice_rate, self._server.tell)
        self._sink = Loudspeakers(laptop, page)
        self._shell = Shell(Core(self._context), self, self._clock, alive)
        self._voice = Voice(self._sink, self._shell.accept, self._caption)
        self._driver = Driver(
            radio, self._shell.accept, self._clock, record=self._record, recorded=self._recorded, mark=self._mark,
            hints=_hints,
        )
        self._strap = StrapLink(
            radio, self._shell.accept, self._clock.now, busy=lambda: self._driver.busy, kept=self._keep_strap
        )
        self._recorder = Recorder(
            paths.captures,
            self._disk.run,
            lambda captured: self._on_loop(lambda: self._shell.accept(captured)),
            now=self._clock.now,
            still=lambda: self._still,
        )
        self._server.on_audio = self._greeted
        self._server.on_spoken = page.heard
        self._server.on_outdated = self._outdated
        self._host = None if radio.simulated else self._watch_host()
        self._watching_host: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin: the socket accepts when this returns. Raises OSError."""
        await self._server.open(self._paths.socket)
        self._disk.begin(self._context)
        self._shell.start()
        self._live_on()
        if self._host is not None:
            self._watching_host = asyncio.ensure_future(self._host.run())

    async def ended(self) -> int:
        """Wait for the end, then let go of everything. Returns the exit code."""
        code = await self._end
        self._shell.end()
        self._server.close("the guardian has ended", code)
        self._voice.close()
        self._recorder.close()
        await self._driver.close(clean=self._still)
        await self._strap.close()
        if self._host is not None and self._watching_host is not None:
            self._watching_host.cancel()
            self._host.close()
        self._disk.close()
        log.info("ended with %d", code)
        return code

    def first(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do this before any machine is connected to."""
        return self._driver.first(work)

    def quit(self, why: str) -> None:
        """A signal: the core stops the belt first; whatever hangs, the process ends within the limit."""
        log.info("asked to end: %s", why)
        self._shell.accept(Quit(why))
        self._loop.call_later(self._clock.real(QUIT_LIMIT), self.exit, ExitCode.FAULT)

    # --- effects -----------------------------------------------------------------------------------------------

    def write(self, write: Write) -> None:
        self._driver.write(write)

    def say(self, say: Say) -> None:
        self._voice.say(say)
        self._sink.urgent(say)

    def speak_by(self, by: SpeakBy) -> None:
        self._sink.by(by.client)

    def play(self, play: Play) -> None:
        self._voice.tone(play.tone)

    def prepare(self, prepare: Prepare) -> None:
        self._voice.sink.prepare(prepare.texts)

    def journal(self, entry: Journal) -> None:
        self._disk.entry(entry.entry)

    def remember(self, remember: Remember | RememberDay) -> None:
        if isinstance(remember, RememberDay):
            day, on = self._paths.day, self._today
            self._disk.run(lambda: remember_day(day, on, remember.checked, remember.reached, remember.heard))
            return
        lock, path = remember.lock, self._paths.locks
        self._unwritten.append(lock)
        self._voice.hold()
        late = self._loop.call_later(self._clock.real(LOCK_LIMIT), self._voice.release)

        def write() -> None:
            add_lock(path, lock)
            self._unwritten.remove(lock)

        def written() -> None:
            late.cancel()
            self._voice.release()

        self._disk.run(write, lambda: self._on_loop(written))

    def read_anew(self, read: ReadAnew) -> None:
        """After all that waits to be written. A disk that hangs leaves the core with what it knew."""
        said: list[Reread] = []

        def news() -> None:
            if said:
                self._today = said[0].today
                self._shell.accept(said[0])

        self._disk.run(lambda: said.append(self._read(read.number)), lambda: self._on_loop(news))

    def _read(self, number: int) -> Reread:
        """On the disk's thread. A lock that could not be written holds all the same."""
        found = read_files(self._paths, today(), number)
        return replace(found, locks=(*found.locks, *self._unwritten))

    def keep_rehearsal(self, keep: KeepRehearsal) -> None:
        path, on = self._paths.rehearsed, self._today
        said: list[Rehearsed] = []

        def write() -> None:
            try:
                remember_rehearsal(path, keep.address, on)
                said.append(Rehearsed())
            except OSError as error:
                said.append(Rehearsed(f"{error.strerror}; free some disk space"))

        late = Rehearsed("the disk is too slow")
        self._disk.run(write, lambda: self._on_loop(lambda: self._shell.accept(said[0] if said else late)))

    def learn(self, learn: Learn) -> None:
        """Keep a record; from now on it counts, with what is known of the machine over it."""
        record, link = learn.record, self._driver.link
        info = LinkInfo(record.address, record.name, firmware=record.firmware) if link is None else link.info
        said: list[Learnt] = []
        late = Learnt(why="The disk is too slow to write down what was learnt; free it, and learn the machine again.")
        self._disk.run(
            lambda: said.append(self._kept(record, merged(record, quirk_for(info)))),
            lambda: self._on_loop(lambda: self._shell.accept(said[0] if said else late)),
        )

    def _kept(self, record: Record, counting: Record) -> Learnt:
        """On the disk's thread. A complete record frees a machine that was locked for its units."""
        try:
            RecordStore(self._paths.machines).save(record)
            if counting.complete:
                remove_lock(self._paths.locks, f"units:{record.address}")
        except OSError as error:
            why = f"What was learnt cannot be written ({error.strerror}); free some disk space, and learn it again."
            return Learnt(why=why)
        return Learnt(counting)

    def wear(self, wear: Wear) -> None:
        if not wear.who:
            self._keep_strap("", "")
        self._strap.wear(wear.who)

    def _keep_strap(self, address: str, name: str) -> None:
        path, strap = self._paths.strap, KeptStrap(address, name) if address else None
        self._disk.run(lambda: remember_strap(path, strap))

    def link(self, effect: LinkEffect, snapshot: Snapshot) -> None:
        if isinstance(effect, Connect | Reconnect | Scan):
            self._strap.stand_aside()
        match effect:
            case Connect(address):
                self._driver.connect(address)
            case Reconnect(address):
                self._driver.reconnect(address)
            case Scan(seconds):
                self._driver.scan(seconds)
            case Capture(seconds):
                link = self._driver.link
                seen = self._radio.advertisement("" if link is None else link.address)
                self._recorder.begin(link, seen, seconds)
            case Drop():
                self._driver.drop()
            case Close():
                self._driver.close(clean=snapshot.belt is Belt.STILL)

    def publish(self, publish: Publish) -> None:
        self._server.publish(publish.what)
        if isinstance(publish.what, Snapshot):
            self._strap.see(publish.what)
        if self._host is not None and isinstance(publish.what, Snapshot):
            self._host.see(publish.what)

    def reply(self, client: str, verdict: Verdict) -> None:
        self._server.reply(client, verdict)

    def traced(self, now: Ms, item: Input, effects: list[Effect]) -> None:
        self._disk.step(now, item, effects)

    def rate(self, rate: int) -> None:
        """Fast forward: a voice cannot follow, so it is silent until the walk is back at its own pace."""
        if self._radio.simulated:
            self._clock.run_at(rate)
            self._voice.sink = self._sink if rate == 1 else self._silent
            self._sink.interrupt()

    def exit(self, code: int) -> None:
        if not self._end.done():
            self._end.set_result(int(code))

    def broken(self) -> None:
        """The core failed: nothing decides any more, so look at the belt and stop it, then end."""
        self._rescuing = asyncio.ensure_future(self._rescue())

    # --- wiring ------------------------------------------------------------------------------------------------

    async def _rescue(self) -> None:
        link = self._driver.link
        try:
            if link is not None:
                log.error("%s", (await rescue_over(link)).text)
        except LinkFailed as failed:
            log.error("%s", failed)
            await self._driver.close(clean=False)
            log.error("%s", (await rescue(self._radio, link.address if link is not None else "")).text)
        finally:
            self.exit(ExitCode.BUG)

    def _accept(self, item: Input) -> None:
        """What clients say. Behind a locked screen no key reaches them, and a key shows that it is not locked."""
        if self._host is not None and isinstance(item, Asked) and isinstance(item.intent, Press):
            self._host.key()
        if self._host is not None and isinstance(item, Attended) and self._host.locked:
            item = replace(item, keyboard=False)
        self._shell.accept(item)

    def _watch_host(self) -> Inhibitor | None:
        """None where this system has no D-Bus at all. A simulated belt hurts nobody: its computer may sleep."""
        try:
            from .inhibitor import Inhibitor  # noqa: PLC0415 - 50 ms that a simulated walk does without
        except ImportError:
            return None
        return Inhibitor(self._shell.accept, self.quit, lambda text: self._shell.trouble("sleep", text))

    def _greeted(self, environment: dict[str, str]) -> None:
        """A local client came: where its sound goes, and in which login session it is."""
        self._sink.environment(environment)
        if self._host is not None:
            self._host.follow(environment.get("XDG_SESSION_ID", ""))

    def _caption(self, say: Say) -> None:
        """What is being said is shown; around a simulated treadmill people hear it, too."""
        self._server.said(say.shown or say.text, say.priority.value, say.id)
        if self._radio.backend is not None:
            self._radio.backend.heard(say.text)

    async def _record(self, info: LinkInfo) -> Record | None:
        """What is known of this machine, over its quirk; a simulated one brings it along, until commissioned here."""
        return await asyncio.to_thread(self._read_record, info)

    def _read_record(self, info: LinkInfo) -> Record | None:
        backend = self._radio.backend
        record = RecordStore(self._paths.machines).load(info.address, info.firmware)
        if record is None and backend is not None:
            record = backend.record(info.address)
        return None if record is None else merged(record, quirk_for(info))

    def _recorded(self) -> tuple[str, ...]:
        """The addresses of all machines that something is known of. Reads the disk."""
        return tuple(record.address for record in RecordStore(self._paths.machines).all())

    def _mark(self, address: str | None) -> None:
        """On the disk's thread; a simulated machine dies with this process and needs no rescue."""
        if not self._radio.simulated:
            mark = mark_file(self._paths.last_address)
            self._disk.run(lambda: mark(address))

    def _disk_trouble(self, text: str) -> None:
        log.warning("%s", text or "recording works again")
        self._on_loop(lambda: self._shell.trouble("disk", text))

    def _on_loop(self, call: object) -> None:
        if not self._loop.is_closed() and callable(call):
            self._loop.call_soon_threadsafe(call)

    @property
    def _still(self) -> bool:
        return self._shell.snapshot.belt is Belt.STILL

    @property
    def _idle(self) -> bool:
        """Nothing to look after: no link and none being made, or a belt that is measured still."""
        return self._still or (self._driver.link is None and not self._driver.seeking)

    def _outdated(self) -> bool:
        if self._server.clients or not self._idle:
            return False
        self.quit("a client of another version came")
        return True

    def _live_on(self) -> None:
        """Once a second: nobody here and nothing to look after for long enough is the end."""
        if self._end.done():
            return
        now = self._clock.real_now()
        if self._server.clients or not self._idle:
            self._alone_since = now
        elif now - self._alone_since > self._linger:
            self.quit("no client")
            return
        self._loop.call_later(self._clock.real(CHECK_EVERY), self._live_on)


def _hints(info: LinkInfo) -> tuple[str, ...]:
    """What is known of this kind of machine, for its owner."""
    quirk = quirk_for(info)
    return () if quirk is None else hints(quirk)
