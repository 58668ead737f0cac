"""What every client uses to talk to the guardian, and how it starts one. It holds no rule about the belt.

A client may hang, crash or be closed at any moment; what it does not read is conflated or dropped by the guardian. The
stop key does not come through here: it has a socket of its own, `KeyLine`.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from treadctl import __version__
from treadctl.keyline import KeyLine, StopAnswer, send_stop
from treadctl.model import plain
from treadctl.model.api import (
    LINE_LIMIT,
    SNAPSHOT_LOST,
    Ask,
    Goodbye,
    Hello,
    Intent,
    Plan,
    Role,
    Said,
    Snapshot,
    Sounding,
    ToClient,
    ToGuardian,
    Verdict,
    Welcome,
)
from treadctl.model.errors import NoMachine, Refused, TreadctlError, UsageError
from treadctl.model.text import safe_text
from treadctl.paths import Paths

__all__ = [
    "Client", "KeyLine", "StopAnswer", "audio_environment", "connect", "greeting", "send_stop", "start_guardian",
    "start_rescue", "stop_from_outside",
]

UNWELCOME = "The guardian did not say welcome; end it with: treadctl stop."
CLOSED = "the guardian closed the connection; if the belt moves, pull the key, then try again"
CONNECT_LIMIT_S = 3.0
ASK_LIMIT_S = 5.0
"""Chosen: the guardian answers within milliseconds; a client that waits this long has lost it."""
START_LIMIT_S = 10.0
DYING_LIMIT_S = 2.0
"""Chosen: a guardian that has said why it does not start ends at once."""
READY = "ready"
STOP_LIMIT_S = 35.0
"""Longer than the limits of `treadctl stop` together: it always speaks first."""
UNREAD_S = 0.1
"""Chosen: time for a loop that was held to read what lies in its socket."""
KEPT = 256
"""Captions and plans kept for a client that does not read; older ones are dropped."""
AUDIO = (
    "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "PULSE_SERVER", "PULSE_COOKIE", "PULSE_RUNTIME_PATH",
    "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR", "ALSA_CARD", "AUDIODEV", "XDG_SESSION_ID",
)
"""Where the person sits: the sound goes there, and the login session says whether its screen is locked."""

Message = Snapshot | Plan | Said | Goodbye


class Client:
    """One client's socket. `snapshot` and `plan` are the newest; `goodbye` says why the guardian closed, if it did.
    `on_sounding` hears what this client's page shall say, if one speaks.
    """

    def __init__(self) -> None:
        self.welcome: Welcome | None = None
        self.snapshot: Snapshot | None = None
        self.plan: Plan | None = None
        self.goodbye: Goodbye | None = None
        self.closed = False
        self.hung = False
        self._seen = 0.0
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None
        self._verdicts: dict[int, asyncio.Future[Verdict]] = {}
        self._others: deque[Message] = deque(maxlen=KEPT)
        self._fresh = False
        self._news = asyncio.Event()
        self._next = 0
        self.on_sounding: Callable[[Sounding], None] = lambda _sounding: None

    async def connect(self, paths: Paths, hello: Hello) -> Client:
        """Say hello. Raises NoMachine when no guardian answers, Refused when it does not want this client."""
        try:
            async with asyncio.timeout(CONNECT_LIMIT_S):
                self._reader, self._writer = await asyncio.open_unix_connection(str(paths.socket), limit=LINE_LIMIT)
                self._send(hello)
                first = await self._read()
        except (OSError, TimeoutError, ValueError) as error:
            await self.close()
            raise NoMachine("No guardian answers; start treadctl again.") from error
        if not isinstance(first, Welcome):
            await self.close()
            raise Refused(first.reason if isinstance(first, Goodbye) else UNWELCOME)
        self.welcome = first
        self._listening = asyncio.ensure_future(self._listen())
        return self

    async def ask(self, intent: Intent) -> Verdict:
        """Send an intent and wait for the verdict; when none comes, a refusal that says so."""
        self._next += 1
        number = self._next
        answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._verdicts[number] = answer
        self._send(Ask(number, intent))
        try:
            async with asyncio.timeout(ASK_LIMIT_S):
                return await answer
        except TimeoutError:
            return Verdict(number, False, "the guardian did not answer; if the belt moves, pull the key")
        finally:
            self._verdicts.pop(number, None)

    def tell(self, intent: Intent) -> None:
        """Send an intent; its verdict does not matter."""
        self._next += 1
        self._send(Ask(self._next, intent))

    async def messages(self, watch: bool = False) -> AsyncIterator[Message]:
        """Captions, plans and the goodbye in order; of snapshots only the newest. Ends when the socket closes.

        With `watch` it also ends when the guardian hangs (`hung`): no snapshot for 1.0 s after the first.
        """
        while True:
            while self._others:
                yield self._others.popleft()
            if self._fresh and self.snapshot is not None:
                self._fresh = False
                yield self.snapshot
                continue
            if self.closed:
                return
            self._news.clear()
            if watch and not await self._news_in_time():
                self.hung = True
                return
            if not watch:
                await self._news.wait()

    async def _news_in_time(self) -> bool:
        """Whether anything came. If this loop was held, what came may lie there unread: so look once more."""
        if self.snapshot is None:
            await self._news.wait()
            return True
        for limit in (max(0.0, self._seen + SNAPSHOT_LOST / 1000 - asyncio.get_running_loop().time()), UNREAD_S):
            try:
                async with asyncio.timeout(limit):
                    await self._news.wait()
            except TimeoutError:
                continue
            return True
        return False

    async def close(self) -> None:
        """Close the socket: for the guardian this client is gone."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        self.drop()

    def drop(self) -> None:
        """Be closed at once: `messages` ends, and whoever waits for a verdict has a refusal."""
        self.closed = True
        if self._writer is not None:
            self._writer.close()
        for answer in self._verdicts.values():
            if not answer.done():
                answer.set_result(Verdict(0, False, CLOSED))
        self._news.set()

    def _send(self, message: ToGuardian) -> None:
        if self._writer is not None and not self.closed:
            self._writer.write(json.dumps(plain.dump(message), separators=(",", ":")).encode() + b"\n")

    async def _read(self) -> ToClient:
        assert self._reader is not None
        line = await self._reader.readline()
        if not line:
            raise ConnectionResetError("the guardian closed the connection")
        message: ToClient = plain.parse(ToClient, line, "a message of the guardian")
        return message

    async def _listen(self) -> None:
        try:
            while True:
                self._take(await self._read())
        except (OSError, ValueError):
            self.drop()

    def _take(self, message: ToClient) -> None:
        match message:
            case Verdict():
                answer = self._verdicts.get(message.id)
                if answer is not None and not answer.done():
                    answer.set_result(message)
                return
            case Snapshot():
                self.snapshot, self._fresh = message, True
                self._seen = asyncio.get_running_loop().time()
            case Plan():
                self.plan = message
                self._others.append(message)
            case Goodbye():
                self.goodbye = message
                self._others.append(message)
            case Sounding():
                self.on_sounding(message)
            case Said():
                self._others.append(message)
            case Welcome():
                return
        self._news.set()


async def connect(paths: Paths, hello: Hello) -> Client:
    """A connected client. Raises NoMachine or Refused."""
    return await Client().connect(paths, hello)


def greeting(role: Role, name: str) -> Hello:
    """The hello of this version of treadctl, with where its sound goes. `name` is made the process's own."""
    return Hello(role, version=__version__, name=f"{name}-{os.getpid()}", audio=audio_environment())


def audio_environment() -> tuple[tuple[str, str], ...]:
    """Where sound goes in this terminal: the guardian lives in a session of its own and does not know."""
    return tuple((name, os.environ[name]) for name in AUDIO if name in os.environ)


def start_guardian(
    paths: Paths,
    *,
    backend: str | None = None,
    quirk: str = "reference",
    faults: Sequence[str] = (),
    rate: int = 1,
    seed: int = 0,
    linger: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a guardian for these paths, or find the one that runs; its socket accepts when this returns.

    Blocks for a few hundred milliseconds. Raises NoMachine, UsageError or Refused with the guardian's own sentences.
    """
    arguments = ["--rate", str(rate), "--seed", str(seed)]
    if backend is not None:
        arguments += ["--backend", backend, "--quirk", quirk]
        arguments += ["--state", str(paths.state), "--socket", str(paths.socket)]
    if linger is not None:  # seconds to live without a client
        arguments += ["--linger", str(linger)]
    for fault in faults:
        arguments += ["--fault", fault]
    ready, theirs = os.pipe()
    try:
        process = _detached([*arguments, "--ready", str(theirs)], pass_fds=(theirs,))
    finally:
        os.close(theirs)
    try:
        word = _told(ready)
    finally:
        os.close(ready)
    if word != READY:
        raise _not_started(process, word or f"The guardian did not start; see {paths.log}.")
    return process


def _not_started(process: subprocess.Popen[bytes], why: str) -> TreadctlError:
    """What the guardian says, and by its exit code what kind of failure that is."""
    try:
        process.wait(DYING_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
    kinds = {int(kind.exit_code): kind for kind in (UsageError, Refused)}
    return kinds.get(process.wait(), NoMachine)(why)


def start_rescue(address: str) -> subprocess.Popen[bytes]:
    """Look at a belt whose guardian died, and stop it; one JSON line with `report` and `code` comes on its stdout."""
    return _detached(["--rescue", address], stdout=subprocess.PIPE)


def stop_from_outside() -> str:
    """Run `treadctl stop` to its end and answer what it said: it ends a guardian that hangs, and looks at the belt of
    one that died. Blocks for up to 35 s: not on a loop."""
    nowhere = subprocess.DEVNULL
    command = [sys.executable, "-P", "-m", "treadctl", "stop"]
    with subprocess.Popen(
        command, start_new_session=True, cwd="/", stdin=nowhere, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            out, _ = process.communicate(timeout=STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return "The stop did not answer. Pull the key."
    said = " ".join(out.decode("utf-8", "replace").split())
    return safe_text(said, 400) or "Nothing could be stopped. Pull the key."


def _detached(arguments: Sequence[str], **how: Any) -> subprocess.Popen[bytes]:
    """A guardian in a session of its own: a closed terminal does not take it along."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **how}
    command = [sys.executable, "-P", "-m", "treadctl.guardian", *arguments]
    return subprocess.Popen(command, start_new_session=True, cwd="/", **streams)


def _told(descriptor: int) -> str:
    """The word that it is ready, or all that came before the pipe closed or nothing came for too long."""
    data = b""
    while data.decode("utf-8", "replace").strip() != READY:
        readable, _, _ = select.select([descriptor], [], [], START_LIMIT_S)
        chunk = os.read(descriptor, 4096) if readable else b""
        if not chunk:
            break
        data += chunk
    return data.decode("utf-8", "replace").strip()
