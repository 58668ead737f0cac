"""The stop path: every key leaves from the terminal's input thread, before the event loop of the screens sees it.

The event loop may be held for over a second (measured); a stop may not. So the input thread decides by the last
snapshot what a key means and sends a press at once, on a socket of its own. What is no press (an answer, an ease) waits
for the loop. If the last snapshot is old, the loop hangs or the controller does: then every key is a press.

It decides nothing about the belt: the core judges every press. It must never swallow one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import signal
import termios
import tty
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Protocol

from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.keys import Keys
from textual.message import Message

from treadctl.clients.clock import monotonic_ms
from treadctl.clients.numbers import types
from treadctl.model.api import Answer, Asking, Ease, FastForward, Intent, Ms, Pain, Phase, Repeat, Resume, Snapshot

from .terminal import ANSWERS, QUERY, TerminalWatch
from .view import may_move

FRESH: Ms = 600
"""A snapshot older than this decides nothing (chosen: two are sent in that time)."""
REPEATED: Ms = 120
"""The same key sooner than this was not let go: keyboards repeat at 10 a second or faster, fingers do not."""
BURST: Ms = 20
"""Any key sooner than this after another was not typed but pasted, or a clicker's macro (chosen)."""
POLL = 0.02
"""Seconds the input thread waits, so that a lone Escape is known as one soon after ESCDELAY."""
PARTIAL: Ms = 60
"""The rest of an answer may come this much later than its beginning (chosen; no stop key begins like one but Escape,
which waits for ESCDELAY as ever)."""
PASTE_BEGIN = b"\x1b[200~"
FASTEST = 10
TAKE_BACK = "\x1b[?1049h\x1b[?25l\x1b[?1004h\x1b[?7l"
"""Other page, no cursor, tell the focus, no line wrap: as Textual sets them at its start."""


class Leave(Enum):
    """A key that asks to leave the program; granted only at standstill."""

    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Typed:
    """A key of the number that is asked for; it goes nowhere before enter."""

    question: str
    key: str


Meaning = Intent | Leave | Typed | None
"""None: the key is a press, and the core decides."""


class Sender(Protocol):
    """The thread's own line to the guardian: `press` returns within 100 ms; False or OSError: it got nowhere."""

    def press(self, key: str, held: bool) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """One key, click or paste: what it means, and whether its press is already on its way."""

    event: Message
    key: str
    held: bool
    meaning: Meaning
    sent: bool


def key_name(key: str) -> str:
    """Textual's name of a key as it is written on the screen: "minus" is "-", capitals count as small letters."""
    return {"minus": "-"}.get(key, key.lower() if len(key) == 1 else key)


def meaning_of(key: str, snapshot: Snapshot | None, fresh: bool, rate: int = 1) -> Meaning:
    """What this key means now. Anything that is not certainly an answer or a mapped key is a press."""
    if snapshot is None or not fresh or snapshot.phase is Phase.COUNTDOWN:
        return None
    name = key_name(key)
    if not may_move(snapshot):
        return _meaning_still(name, snapshot, rate)
    if name in {"-", "e"}:
        return Ease()
    return Pain() if name == "p" else _harmless(name, snapshot, rate)


def _meaning_still(name: str, snapshot: Snapshot, rate: int) -> Meaning:
    question = snapshot.question
    if question is not None and question.asking is Asking.NUMBER and types(name):
        return Typed(question.id, name)
    if question is not None and question.asking is Asking.CHOICE:
        for choice in question.choices:
            if name == key_name(choice.key):
                return Answer(question.id, choice.key)
    if name in {"q", "ctrl+q"}:
        return Leave.LEAVE
    if name == "p" and snapshot.phase in {Phase.RESTING, Phase.PUSHING}:
        return Pain()
    return _harmless(name, snapshot, rate)


def _harmless(name: str, snapshot: Snapshot, rate: int) -> Meaning:
    if name == "r":
        return Resume() if snapshot.held else Repeat()
    if name == "f" and snapshot.simulated:
        return FastForward(1 if rate > 1 else FASTEST)
    return None


class KeyPath:
    """Judges what arrives, in the thread in which it arrives, and sends presses at once.

    The event loop writes `snapshot`, `seen`, `rate`, `height` and `line`; the input thread only reads them, each in one
    step, so no lock is needed. `recent` is written by whoever judges.
    """

    def __init__(self, clock: Callable[[], Ms]) -> None:
        self.line: Sender | None = None
        self.height = 0
        self.rate = 1
        self.terminal = TerminalWatch()
        self._clock = clock
        self._view: tuple[Snapshot | None, Ms] = (None, 0)
        self._recent: deque[Arrival] = deque(maxlen=64)
        self._last: tuple[str, Ms] = ("", -10_000)

    def see(self, snapshot: Snapshot) -> None:
        """The newest snapshot, from the event loop."""
        self._view = (snapshot, self._clock())

    def lose(self) -> None:
        """No snapshot can be trusted any more: every key is a press."""
        self._view = (self._view[0], -10_000)

    def answered(self) -> None:
        """The terminal answered the query: no key, and nothing for the screens."""
        self.terminal.answered(self._clock())

    def arrive(self, event: Message) -> Arrival | None:
        """Judge a key, click or paste, and send it if it is a press. None: it is none of these, or no stop."""
        known = self.recall(event)
        if known is not None:
            return known
        if isinstance(event, events.Key):
            return self._key(event)
        if isinstance(event, events.Paste):
            return self._stop_only(event, "paste")
        if isinstance(event, events.MouseDown) and self.height and event.screen_y * 3 >= self.height * 2:
            return self._stop_only(event, "click")
        return None

    def recall(self, event: Message) -> Arrival | None:
        """What was found out about this very event when it arrived in the input thread."""
        return next((known for known in tuple(self._recent) if known.event is event), None)

    def paste_begins(self) -> None:
        """The first octets of a paste: it may be long, and its end may never come."""
        snapshot, fresh = self._now()
        if not fresh or (snapshot is not None and may_move(snapshot)):
            self._send("paste", True)

    def _key(self, event: events.Key) -> Arrival:
        at = round(event.time * 1000)
        last_key, last_at = self._last
        self._last = (event.key, at)
        held = at - last_at < (REPEATED if event.key == last_key else BURST)
        snapshot, fresh = self._now()
        meaning = meaning_of(event.key, snapshot, fresh, self.rate)
        sent = meaning is None and self._send(event.key, held)
        return self._remember(Arrival(event, event.key, held, meaning, sent))

    def _stop_only(self, event: Message, name: str) -> Arrival | None:
        """A click or a paste stops, and never confirms: still, it is nothing."""
        snapshot, fresh = self._now()
        if snapshot is None or (fresh and not may_move(snapshot)):
            return None
        return self._remember(Arrival(event, name, True, None, self._send(name, True)))

    def _remember(self, arrival: Arrival) -> Arrival:
        self._recent.append(arrival)
        return arrival

    def _now(self) -> tuple[Snapshot | None, bool]:
        snapshot, seen = self._view
        return snapshot, self._clock() - seen <= FRESH

    def _send(self, key: str, held: bool) -> bool:
        line = self.line
        if line is None:
            return False
        try:
            return line.press(key, held) is not False
        except OSError:
            return False


class Answered(events.Key):
    """The terminal's answer to our query. A key only for the parser: it would otherwise be four of them."""

    def __init__(self) -> None:
        super().__init__("terminal_answered", None)


class _AllKeys(XTermParser):
    """Textual leaves out a few sequences it has no name for, and breaks at others; on a remote they may be the key that
    is pressed. A parser that breaks would take the input thread along, and every stop key with it."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._tail, self._fed = "", 0

    def feed(self, data: str) -> Iterable[Message]:
        self._tail, self._fed = (self._tail + data)[-3:], monotonic_ms()
        return super().feed(data)

    def tick(self) -> Iterable[Message]:
        """The first half of an answer is no key while the other half may be on its way."""
        partial = any(self._tail.endswith(answer[:n]) for answer in ANSWERS for n in (2, 3))
        return () if partial and monotonic_ms() - self._fed < PARTIAL else super().tick()

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if sequence in ANSWERS:
            yield Answered()
            return
        try:
            found = list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):  # Textual counts on numbers where some terminals send "1:3"
            found = [events.Key("unknown", None)]
        for event in found:
            yield events.Key("unknown", None) if event.key == Keys.Ignore else event


def _hang_up() -> None:
    """The terminal is gone. Where no signal says so (another session, or it was ignored), its end of file does."""
    os.kill(os.getpid(), signal.SIGHUP)


class StopDriver(LinuxDriver):
    """Textual's terminal driver whose input thread shows every event to the app's `key_path` first."""

    CHUNK: Final = 4096

    def __init__(self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: Any = None) -> None:
        """A halt of the job is refused: the belt would lose its screen (hazard C8). SIGSTOP cannot be refused.

        A hang-up ends this process, whatever it inherited (nohup ignores it): a screen that nobody can see, and that
        no key reaches, must not attend a belt.
        """
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    def _sigcont_application(self, *_: object) -> None:
        """Going on after a halt: Textual would begin a second input thread beside the one that lives.

        The shell may have set the terminal to its own ways meanwhile. Keys that wait there are read, not flushed.
        """
        with contextlib.suppress(RuntimeError):  # no loop, so nothing to go on with
            asyncio.get_running_loop().call_soon_threadsafe(self._take_terminal_back)

    def _take_terminal_back(self) -> None:
        if self._writer_thread is None or not self.input_tty:
            return
        modes = termios.tcgetattr(self.fileno)
        modes[tty.LFLAG], modes[tty.IFLAG] = self._patch_lflag(modes[tty.LFLAG]), self._patch_iflag(modes[tty.IFLAG])
        modes[tty.CC][termios.VMIN] = 1
        termios.tcsetattr(self.fileno, termios.TCSANOW, modes)
        self.write(TAKE_BACK)
        self._enable_mouse_support()
        self._enable_bracketed_paste()
        self._app.refresh(layout=True)

    def ask(self) -> None:
        """From the event loop: send the query. Where output hangs, the loop may hang with it, as with any frame."""
        if self._writer_thread is not None and self.input_tty:
            self.write(QUERY)

    def run_input_thread(self) -> None:
        """Read, judge, pass on. Octets that are no UTF-8 are keys too; a closed terminal ends the thread."""
        parser = _AllKeys(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(POLL):
                    octets = self._read()
                    if not octets:
                        _hang_up()
                        return
                    if PASTE_BEGIN in octets and (path := self._path()) is not None:
                        path.paste_begins()
                    for message in parser.feed(decode(octets)):
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)

    def process_message(self, message: Message) -> None:
        """In the input thread: the press leaves before the event loop knows of the key."""
        path = self._path()
        if isinstance(message, Answered):
            if path is not None:
                path.answered()
            return
        if path is not None:
            path.arrive(message)
        super().process_message(message)

    def _path(self) -> KeyPath | None:
        found = getattr(self._app, "key_path", None)
        return found if isinstance(found, KeyPath) else None

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, self.CHUNK)
        except OSError:  # the terminal is gone
            return b""
