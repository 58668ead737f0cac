"""A walk, learning a machine, or a rehearsal, as plain lines: for screen readers, scripts and continuous integration.

It decides nothing about the belt. It prints what is said and where the walk is, attends, and passes keys on. On a
simulated treadmill the simulator's own walker answers; on a real one the keys of a terminal do, and without a terminal
it does not begin: nothing may confirm for a person.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import entry_points
from typing import Protocol

from treadctl.client import Client, Message, connect, greeting, stop_from_outside
from treadctl.model.api import (
    ATTEND_EVERY,
    Answer,
    Asking,
    Attend,
    Belt,
    Commission,
    Ease,
    End,
    Goodbye,
    Intent,
    Load,
    Pain,
    Phase,
    PickStrap,
    Press,
    Question,
    Rehearse,
    Repeat,
    Resume,
    Role,
    Said,
    Snapshot,
    Stop,
    Summary,
)
from treadctl.model.errors import ExitCode, InvalidFile, NoMachine, Refused, UsageError
from treadctl.model.program import Walk, expand, size_problems
from treadctl.model.text import safe_text
from treadctl.model.units import Ms
from treadctl.paths import Paths, is_simulated

from .clock import wall_s
from .heart_words import NONE
from .linking import END_LIMIT_S, guardian, link_up
from .numbers import typed, types
from .plain_lines import Teller
from .room import little_room
from .settings import shown_units
from .tui.view import may_move

Wish = Load | Commission | Rehearse
WALKERS = "treadctl.walkers"
MAPPED: dict[str, Intent] = {"-": Ease(), "e": Ease(), "p": Pain(), "r": Repeat()}
NAMES = {" ": "space", "\r": "enter", "\n": "enter", "\x1b": "escape", "\x03": "ctrl+c", "\x7f": "backspace"}


class Walker(Protocol):
    """The simulator's person (entry-point group `treadctl.walkers`)."""

    def step(self, now: Ms, snapshot: Snapshot) -> list[Intent]: ...
    def deadline(self) -> Ms: ...


def run_headless(
    paths: Paths,
    *,
    wish: Wish,
    backend: str | None = None,
    quirk: str = "reference",
    faults: Sequence[str] = (),
    rate: int = 1,
    seed: int | None = None,
    machine: str = "",
    strap: str = "",
) -> int:
    """Carry out `wish` and print it. Returns the exit code of the walk. Raises NoMachine, Refused, UsageError.

    A simulated machine is walked by its walker. Whoever sits at the terminal, where there is one, learns it, and
    rehearses.
    """
    if backend is None and not sys.stdin.isatty():
        raise Refused("Without a screen a real treadmill needs a terminal: its keys confirm and stop. Run it in one.")
    by_hand = backend is None or (not isinstance(wish, Load) and sys.stdin.isatty())
    walk = _Walk(paths, wish, None if by_hand else _walker(backend, seed or 0), rate, machine, strap)
    real = backend is None and isinstance(wish, Load)
    if real:
        _ask_morning(paths)
    if isinstance(wish, Load) and (low := little_room(paths)):
        print(low, file=sys.stderr, flush=True)
    with (
        guardian(paths, backend=backend, quirk=quirk, faults=faults, rate=rate, seed=seed or 0),
        _keys_unbuffered(by_hand),
    ):
        code = asyncio.run(walk.run())
    if real and walk.summary is not None:
        _ask_after(paths, walk.summary)
    return code


def _ask_morning(paths: Paths) -> None:
    """The morning after the last walk; nobody is kept from walking by a file that cannot be read."""
    from .after import ask_morning  # noqa: PLC0415 - profiles are read with pydantic, and the guardian is not kept waiting

    try:
        ask_morning(paths, wall_s())
    except (InvalidFile, OSError) as error:
        print(f"{error}", file=sys.stderr, flush=True)


def _ask_after(paths: Paths, summary: Summary) -> None:
    """The questions after the walk. What becomes of them does not change how the walk ended."""
    from .after import ask_after  # noqa: PLC0415 - as above

    try:
        ask_after(paths, summary, wall_s())
    except OSError as error:
        print(f"Your answers could not be kept ({error.strerror}); free some disk space.", file=sys.stderr, flush=True)


class _Walk:
    """One walk, commissioning or rehearsal, from the link to its end."""

    def __init__(
        self, paths: Paths, wish: Wish, walker: Walker | None, rate: int, machine: str,
        strap: str = "",
    ) -> None:
        self._paths, self._wish, self._walker, self._rate, self._machine = paths, wish, walker, rate, machine
        self._strap = strap
        self.summary: Summary | None = None
        self._teller = Teller(shown_units())
        self._asked = ""
        self._typed = ""
        self._received = 0.0
        self._news = asyncio.Event()
        self._interrupted = self._begun = False

    async def run(self) -> int:
        """Returns the exit code."""
        client = await connect(self._paths, greeting(Role.LOCAL, "headless"))
        tasks = [asyncio.ensure_future(self._attend(client))]
        try:
            self._listen_to_keys(client)
            if _needs_belt(self._wish):
                await self._link(client)
            if self._strap:
                client.tell(PickStrap("" if self._strap == NONE else self._strap))
            verdict = await client.ask(self._wish)
            if not verdict.accepted:
                raise Refused(verdict.reason)
            if self._walker is not None:
                tasks.append(asyncio.ensure_future(self._play(client, self._walker)))
            return await self._follow(client)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await client.close()

    async def _link(self, client: Client) -> None:
        """Of a machine that is silent at standstill commissioning tells. Without any a rehearsal is practice."""
        still = not isinstance(self._wish, Commission)
        try:
            await link_up(client, self._paths, self._machine, self._show, still=still)
        except NoMachine as error:
            if self._machine or not isinstance(self._wish, Rehearse):
                raise
            print(f"{safe_text(str(error), 400)} So this is practice, without a treadmill.", flush=True)

    async def _attend(self, client: Client) -> None:
        """The heartbeat: real time, whatever the rate; and whether the terminal is there still."""
        terminal = sys.stdin.isatty()
        while not client.closed:
            if terminal and not self._interrupted and hung_up(sys.stdin.fileno()):
                self._interrupt(client)
            client.tell(Attend())
            await _wait(ATTEND_EVERY / 1000)

    async def _follow(self, client: Client) -> int:
        """Print until the walk is over."""
        async for message in client.messages(watch=True):
            self._show(message)
            if isinstance(message, Goodbye):
                print(safe_text(message.reason, 200), file=sys.stderr, flush=True)
            if not isinstance(message, Snapshot):
                continue
            self._received = asyncio.get_running_loop().time()
            self._news.set()
            code = self._ending(message)
            if code is not None:
                return code
            if self._interrupted and message.phase is Phase.IDLE:
                return ExitCode.INTERRUPTED
            if self._interrupted and not may_move(message):
                client.tell(End())
        what = "hangs" if client.hung else "is gone"
        print(f"\aThe guardian {what}. If the belt moves, pull the key.", file=sys.stderr, flush=True)
        if client.hung or not is_simulated(self._paths.socket):
            print(await asyncio.to_thread(stop_from_outside), file=sys.stderr, flush=True)
        return ExitCode.FAULT

    def _ending(self, snapshot: Snapshot) -> int | None:
        """The exit code once all is over: a walk ends with its summary, all else when nothing more is asked."""
        if isinstance(self._wish, Load):
            if snapshot.summary is None or snapshot.phase is not Phase.DONE:
                return None
            self._print(self._teller.summary(snapshot.summary))
            self.summary = snapshot.summary
            return snapshot.summary.exit_code
        over = snapshot.phase is Phase.DONE and snapshot.question is None
        self._begun |= snapshot.phase not in (Phase.IDLE, Phase.DONE)  # what was done before is not this
        if not over or not self._begun:
            return None
        if self._interrupted:
            return int(ExitCode.INTERRUPTED)
        return int(snapshot.summary.exit_code if snapshot.summary is not None else ExitCode.OK)

    async def _play(self, client: Client, walker: Walker) -> None:
        """Let the simulated person see and act, in the guardian's time."""
        loop = asyncio.get_running_loop()
        while not client.closed and not self._interrupted:
            snapshot = client.snapshot
            if snapshot is None or not self._received:  # when the snapshot came is not known yet
                await self._until(None)
                continue
            now = snapshot.now + int((loop.time() - self._received) * 1000 * self._rate)
            for intent in walker.step(now, snapshot):
                client.tell(intent)
            await self._until(max(walker.deadline() - now, 1) / 1000 / self._rate)

    async def _until(self, seconds: float | None) -> None:
        """A new snapshot, or so much real time."""
        self._news.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    # --- keys and signals --------------------------------------------------------------------------------------

    def _listen_to_keys(self, client: Client) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupt, client)
        if self._walker is None:
            loop.add_reader(sys.stdin.fileno(), self._key, client)

    def _interrupt(self, client: Client) -> None:
        self._interrupted = True
        client.tell(Stop("interrupted"))  # the session is ended once the belt stands still
        asyncio.get_running_loop().call_later(END_LIMIT_S, client.drop)

    def _key(self, client: Client) -> None:
        try:
            typed = os.read(sys.stdin.fileno(), 64)
        except OSError:
            typed = b""
        if not typed:  # the terminal is gone
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self._interrupt(client)
            return
        text = typed.decode("utf-8", "replace")
        number = _number_asked(client.snapshot)
        if number is not None and "\x1b" not in text and "\x03" not in text:
            self._type(client, number, text)
            return
        for character in text[:8]:  # several at once are a paste, a held key or an escape sequence: they only stop
            client.tell(self._meaning(character, held=len(text) > 1, snapshot=client.snapshot))

    def _type(self, client: Client, question: Question, text: str) -> None:
        """Keys of a number: shown as they come, sent with enter. Here a line may come at once, as from a paste."""
        for character in text:
            if character in "\r\n":
                print(flush=True)
                if self._typed:
                    client.tell(Answer(question.id, self._typed))
                self._typed = ""
                return
            key = NAMES.get(character, character)
            if not types(key):
                client.tell(Press(key, held=len(text) > 1))
            before, self._typed = self._typed, typed(self._typed, key)
            shorter = len(self._typed) < len(before)  # told anew in a line of its own: nothing is drawn over
            print(f"\n{self._typed}" if shorter else self._typed[len(before) :], end="", flush=True)

    def _meaning(self, character: str, held: bool, snapshot: Snapshot | None) -> Intent:
        question = None if snapshot is None else snapshot.question
        moving = snapshot is None or may_move(snapshot)
        if not moving and not held and question is not None and character in {c.key for c in question.choices}:
            return Answer(question.id, character)
        if not held and character == "r" and snapshot is not None and snapshot.held:
            return Resume()
        if not held and character in MAPPED:
            return MAPPED[character]
        return Press(NAMES.get(character, character), held)

    # --- lines -------------------------------------------------------------------------------------------------

    def _show(self, message: Message) -> None:
        if isinstance(message, Said):
            self._print(self._teller.said(message.text))
        elif isinstance(message, Snapshot):
            self._print(self._teller.lines(message))
            self._show_question(message.question)

    def _show_question(self, question: Question | None) -> None:
        if question is not None and question.id != self._asked:
            self._asked, self._typed = question.id, ""
            self._print(self._teller.question(question))

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            print(line, flush=True)


def hung_up(terminal: int) -> bool:
    """Whether this terminal is gone. Under nohup no signal says so, and who prints little finds out late."""
    poll = select.poll()
    poll.register(terminal, 0)
    return any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0))


def _needs_belt(wish: Wish) -> bool:
    if not isinstance(wish, Load):
        return True
    return not size_problems(wish.program) and any(isinstance(segment, Walk) for segment in expand(wish.program))


def _number_asked(snapshot: Snapshot | None) -> Question | None:
    """The open question that wants a number; none is answered while the belt may move."""
    question = None if snapshot is None or snapshot.belt is not Belt.STILL else snapshot.question
    return question if question is not None and question.asking is Asking.NUMBER else None


def _walker(backend: str | None, seed: int) -> Walker:
    found = {entry.name: entry for entry in entry_points(group=WALKERS)}
    if backend not in found:
        raise UsageError(f"The backend {backend!r} brings no walker, so nobody can answer; leave out --headless.")
    walker: Walker = found[backend].load()(seed=seed)
    return walker


@contextlib.contextmanager
def _keys_unbuffered(wanted: bool) -> Iterator[None]:
    """Keys arrive one by one and unseen; the terminal is put back, however this ends."""
    if not wanted:
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


async def _wait(seconds: float) -> None:
    """Let time pass on this client's own loop."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()
