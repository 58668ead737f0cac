"""A walk as plain lines: for screen readers, scripts and continuous integration. It decides nothing about the belt.

It prints what is said and where the walk is, attends, and passes keys on. On a simulated treadmill the simulator's own
walker answers; on a real one the keys of a terminal do, and without a terminal it does not begin: nothing may confirm
for a person.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from typing import Protocol

from treadctl.client import Client, Message, connect, greeting, start_guardian, stop_from_outside
from treadctl.model.api import (
    ATTEND_EVERY,
    Answer,
    Asking,
    Attend,
    Belt,
    Connect,
    Ease,
    End,
    Goodbye,
    Intent,
    LinkState,
    Load,
    Pain,
    Phase,
    Press,
    Question,
    Repeat,
    Resume,
    Role,
    Said,
    Snapshot,
    Stop,
    Summary,
)
from treadctl.model.errors import ExitCode, NoMachine, Refused, UsageError
from treadctl.model.program import Program, Walk, expand, size_problems
from treadctl.model.text import safe_text
from treadctl.model.units import Ms, clock
from treadctl.paths import Paths, is_simulated

WALKERS = "treadctl.walkers"
LINK_LIMIT_S = 60.0
"""Longer than the guardian's own limits for finding and connecting: it always speaks first."""
END_LIMIT_S = 20.0
"""From an interruption to the summary; the slowest permitted belt takes 6 s to stop."""
MAPPED: dict[str, Intent] = {"-": Ease(), "e": Ease(), "p": Pain(), "r": Repeat()}
NAMES = {" ": "space", "\r": "enter", "\n": "enter", "\x1b": "escape", "\x03": "ctrl+c", "\x7f": "backspace"}


class Walker(Protocol):
    """The simulator's person (entry-point group `treadctl.walkers`)."""

    def step(self, now: Ms, snapshot: Snapshot) -> list[Intent]: ...
    def deadline(self) -> Ms | None: ...


def run_headless(
    paths: Paths,
    *,
    program: Program,
    backend: str | None = None,
    quirk: str = "reference",
    faults: Sequence[str] = (),
    rate: int = 1,
    seed: int | None = None,
    machine: str = "",
) -> int:
    """Walk `program` and print it. Returns the exit code of the walk. Raises NoMachine, Refused, UsageError."""
    if backend is None and not sys.stdin.isatty():
        raise Refused("Without a screen a real treadmill needs a terminal: its keys confirm and stop. Run it in one.")
    guardian = start_guardian(paths, backend=backend, quirk=quirk, faults=faults, rate=rate, seed=seed or 0)
    walk = _Walk(paths, program, _walker(backend, seed or 0), rate, machine)
    try:
        with _keys_unbuffered(backend is None):
            return asyncio.run(walk.run())
    finally:
        if backend is not None:  # nobody else can find a simulated treadmill, so it need not wait for others
            _end(guardian)


class _Walk:
    """One walk, from the link to the summary."""

    def __init__(self, paths: Paths, program: Program, walker: Walker | None, rate: int, machine: str) -> None:
        self._paths, self._program, self._walker, self._rate, self._machine = paths, program, walker, rate, machine
        self._shown = ""
        self._asked = ""
        self._received = 0.0
        self._news = asyncio.Event()
        self._interrupted = False

    async def run(self) -> int:
        """Returns the exit code."""
        client = await connect(self._paths, greeting(Role.LOCAL, "headless"))
        tasks = [asyncio.ensure_future(self._attend(client))]
        try:
            self._listen_to_keys(client)
            if _needs_belt(self._program):
                await self._link_up(client)
            verdict = await client.ask(Load(self._program))
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

    async def _attend(self, client: Client) -> None:
        """The heartbeat: real time, whatever the rate."""
        while not client.closed:
            client.tell(Attend())
            await _wait(ATTEND_EVERY / 1000)

    async def _link_up(self, client: Client) -> None:
        before = -1 if client.snapshot is None else client.snapshot.seq
        verdict = await client.ask(Connect(self._machine))
        if not verdict.accepted:
            raise NoMachine(verdict.reason)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINK_LIMIT_S):
                async for message in client.messages():
                    self._show(message)
                    snapshot = client.snapshot
                    if snapshot is None or snapshot.seq <= before:
                        continue
                    if snapshot.link is LinkState.UP and snapshot.belt is Belt.STILL:
                        return
                    if snapshot.link in (LinkState.FAILED, LinkState.LOST):
                        raise NoMachine(snapshot.reason or snapshot.notice or "The treadmill could not be reached.")
        if client.snapshot is not None and client.snapshot.link is LinkState.UP:
            raise Refused("Refused: the belt does not come to rest, or does not say so; press stop on the console.")
        raise NoMachine("The treadmill could not be reached; wake it up and close other apps connected to it.")

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
            if message.summary is not None and message.phase is Phase.DONE:
                _tell_summary(message.summary)
                return message.summary.exit_code
            if self._interrupted and message.phase is Phase.IDLE:
                return ExitCode.INTERRUPTED
            if self._interrupted and message.belt is Belt.STILL:
                client.tell(End())
        what = "hangs" if client.hung else "is gone"
        print(f"\aThe guardian {what}. If the belt moves, pull the key.", file=sys.stderr, flush=True)
        if client.hung or not is_simulated(self._paths.socket):
            print(await asyncio.to_thread(stop_from_outside), file=sys.stderr, flush=True)
        return ExitCode.FAULT

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
            deadline = walker.deadline()
            await self._until(None if deadline is None else max(deadline - now, 1) / 1000 / self._rate)

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
        typed = os.read(sys.stdin.fileno(), 64)
        if not typed:  # the terminal is gone
            self._interrupt(client)
            return
        text = typed.decode("utf-8", "replace")
        for character in text[:8]:  # several at once are a paste, a held key or an escape sequence: they only stop
            client.tell(self._meaning(character, held=len(text) > 1, snapshot=client.snapshot))

    def _meaning(self, character: str, held: bool, snapshot: Snapshot | None) -> Intent:
        question = None if snapshot is None else snapshot.question
        moving = snapshot is None or snapshot.belt is not Belt.STILL
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
            print(f'"{safe_text(message.text, 200)}"', flush=True)
        elif isinstance(message, Snapshot):
            words = _state(message)
            if words != self._shown:
                self._shown = words
                print(words, flush=True)
            self._show_question(message.question)

    def _show_question(self, question: Question | None) -> None:
        if question is None or question.id == self._asked:
            return
        self._asked = question.id
        choices = " ".join(f"[{choice.key}] {choice.label}" for choice in question.choices)
        how = {Asking.CHOICE: choices, Asking.CONFIRM: "(press, tone, press)", Asking.REACH: "(press)"}[question.asking]
        print(f"? {safe_text(question.text, 200)} {safe_text(how, 200)}".rstrip(), flush=True)


def _state(snapshot: Snapshot) -> str:
    """Where the walk is, without what changes every second."""
    timeless = snapshot.phase in (Phase.IDLE, Phase.CHECKING, Phase.DONE)
    parts = ["" if timeless else clock(snapshot.walked), snapshot.phase.value]
    if snapshot.phase in (Phase.HOLDING, Phase.WALKING) and snapshot.facing is not None:
        parts += [snapshot.facing.value, f"target {snapshot.target} km/h" if snapshot.target is not None else ""]
        parts[0] = ""
    parts += [safe_text(text, 200) for text in (snapshot.alarm, snapshot.reason, snapshot.notice) if text]
    return " · ".join(part for part in parts if part)


def _tell_summary(summary: Summary) -> None:
    ending = "Finished" if summary.finished else f"Ended: {safe_text(summary.reason, 200)}"
    print(
        f"{ending}. Walked {clock(summary.walked)}: forward {clock(summary.forward)} ({summary.forward_m:.0f} m), "
        f"backward {clock(summary.backward)} ({summary.backward_m:.0f} m), up to {summary.top_backward} km/h backward.",
        flush=True,
    )


def _needs_belt(program: Program) -> bool:
    return not size_problems(program) and any(isinstance(segment, Walk) for segment in expand(program))


def _walker(backend: str | None, seed: int) -> Walker | None:
    if backend is None:
        return None
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


def _end(guardian: subprocess.Popen[bytes]) -> None:
    """The simulated guardian this process started: it closes its files and goes."""
    guardian.terminate()
    try:
        guardian.wait(END_LIMIT_S)
    except subprocess.TimeoutExpired:
        guardian.kill()
        guardian.wait()
