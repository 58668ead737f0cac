"""The guardian as the screens see it, so that tests can put something else in its place.

Starting one takes longer than a first frame may, so nothing happens before `open`. It holds no rule about the belt.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from treadctl.client import Client, KeyLine, Message, greeting, start_guardian, start_rescue, stop_from_outside
from treadctl.clients.heart_words import NONE
from treadctl.files.machines import RecordStore
from treadctl.model.api import Intent, PickStrap, Role, Verdict
from treadctl.model.machine import Record
from treadctl.paths import Paths

from .keys import Sender

NAME = "tui"
RESCUE_LIMIT_S = 25.0
"""Chosen: the rescue looks, stops and watches the slowest belt for 10 s."""


class Access(Protocol):
    """A guardian, or what plays one. `keys` is the input thread's own line, None until `open` has returned."""

    @property
    def keys(self) -> Sender | None: ...

    @property
    def simulated(self) -> bool: ...

    async def open(self) -> None:
        """Start or find the guardian and connect. Raises TreadctlError with the sentence to show."""

    def tell(self, intent: Intent) -> None: ...

    async def ask(self, intent: Intent) -> Verdict: ...

    def messages(self) -> AsyncIterator[Message]:
        """Snapshots (the newest only), plans, captions, the goodbye; ends when the socket closes."""

    async def rescue(self) -> str:
        """Stop the belt without its guardian, once; answers one sentence."""

    async def force_stop(self) -> str:
        """The guardian hangs: let another process end it and stop the belt; answers what that process said."""

    def address(self) -> str:
        """The machine to connect to; empty: the only one there is."""

    def choose(self, address: str) -> None:
        """From now on this one."""

    def held(self) -> str:
        """The machine that the guardian has a link to, as far as files tell. Blocks."""

    def records(self) -> Sequence[Record]:
        """The machines that were learnt here. Blocks: not on the loop."""

    async def close(self) -> None: ...


class GuardianAccess:
    """A guardian process, started when there is none, and a client's two sockets to it."""

    def __init__(
        self, paths: Paths, *, backend: str | None, quirk: str, rate: int, machine: str = "", strap: str = ""
    ) -> None:
        self._paths, self._backend, self._quirk, self._rate, self._machine = paths, backend, quirk, rate, machine
        self._strap = strap
        self._client = Client()
        self._keys: KeyLine | None = None
        self._last_address = ""

    @property
    def keys(self) -> Sender | None:
        return self._keys

    @property
    def simulated(self) -> bool:
        return self._backend is not None

    async def open(self) -> None:
        self._last_address = self.address()
        await asyncio.to_thread(
            start_guardian, self._paths, backend=self._backend, quirk=self._quirk, rate=self._rate
        )
        hello = greeting(Role.LOCAL, NAME)
        await self._client.connect(self._paths, hello)
        self._keys = KeyLine(self._paths.socket, hello.name)
        if self._strap:
            self._client.tell(PickStrap("" if self._strap == NONE else self._strap))

    def tell(self, intent: Intent) -> None:
        self._client.tell(intent)

    async def ask(self, intent: Intent) -> Verdict:
        return await self._client.ask(intent)

    def messages(self) -> AsyncIterator[Message]:
        return self._client.messages()

    def address(self) -> str:
        return self._machine or self.held()

    def held(self) -> str:
        try:
            return self._paths.last_address.read_text().strip()
        except (OSError, ValueError):
            return ""

    def choose(self, address: str) -> None:
        self._machine = address

    def records(self) -> Sequence[Record]:
        return RecordStore(self._paths.machines).all()

    async def rescue(self) -> str:
        if self._backend is not None:
            return "The simulated treadmill ended with its controller."
        address = self.address() or self._last_address
        if not address:
            return "No address of a treadmill is known. Pull the key."
        return await asyncio.to_thread(_rescue, address)

    async def force_stop(self) -> str:
        return await asyncio.to_thread(stop_from_outside)

    async def close(self) -> None:
        await self._client.close()
        if self._keys is not None:
            self._keys.close()


def _rescue(address: str) -> str:
    """Run the rescue to its end and answer its report."""
    with start_rescue(address) as process:
        try:
            out, _ = process.communicate(timeout=RESCUE_LIMIT_S)
            return str(json.loads(out or b"{}").get("report", "")) or "The rescue ended without a word. Pull the key."
        except (subprocess.TimeoutExpired, ValueError):
            process.kill()
            return "The rescue did not answer. Pull the key."
