"""Between the guardian and the pages: one client of the role `display`, found again whenever it is lost.

It forwards what is seen and takes a stop on its way. Where the guardian does not take a stop in time, `treadctl stop`
does it: that ends a guardian which hangs and looks for a belt that was left alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from treadctl.client import Client, Message, connect, greeting, stop_from_outside
from treadctl.clients.reading import Units
from treadctl.model.api import (
    Attend,
    Goodbye,
    Plan,
    Role,
    Said,
    Shown,
    Snapshot,
    Sounding,
    Spoken,
    Stop,
    Watching,
)
from treadctl.model.errors import TreadctlError
from treadctl.paths import SOCKET_SUFFIX, Paths

from . import shown
from .gate import View
from .shown import Told

NAME = "glance"
HELPER = "helper"
"""The helper's page is a client of its own: its stop is tested before the walk, and no other stop will do."""
AGAIN_S = 0.5
"""Chosen: looking for a guardian costs a connect to a socket that is not there."""
STOP_LIMIT_S = 0.3
"""As `treadctl stop`: a guardian that does not answer for so long is not waited for."""
WHERE = {View.HAND: "the phone", View.WALL: "the tablet", View.SPOTTER: "the helper's phone"}
NOBODY = "treadctl does not run. Start it at the laptop."
LOST = "treadctl is gone."

ANOTHER = "Another page speaks."
NOT_ASKED = "The laptop speaks."
SPEAKER_GONE_S = 4.0
"""Longer than the guardian waits for a sign of life: when another page may speak, it knows that this one is silent."""
KEY_OCTETS = 8

Tell = Callable[[str, Told], None]
TellOne = Callable[[View, str, str, Told], None]


class Hub:
    """`find` lists the sockets to try. Everything that is seen goes to `tell`, by the name of its event. `visual`: the
    page behind the treadmill says that it is seen, and what it has shown. `speaker`: one page may speak; what it shall
    say goes to `tell_one`. `units`: what its reader reads.
    """

    def __init__(
        self, find: Callable[[], Sequence[Path]], *, visual: bool = False, speaker: bool = False,
        units: Units = Units.KMH,
    ) -> None:
        self._find, self._visual, self._speaker, self._units = find, visual, speaker, units
        self.tell: Tell = lambda _name, _told: None
        self.tell_one: TellOne = lambda _view, _browser, _name, _told: None
        self._speaking: tuple[View, str] | None = None
        self._speaks_at = 0.0
        self._saying: tuple[str, Sounding] = ("", Sounding())
        self._client: Client | None = None
        self._helper: Client | None = None
        self._paths: Paths | None = None
        self._stopping: asyncio.Task[str] | None = None
        self._moved = False
        self._plan: Told | None = None
        self._state: Told | None = None
        self._seen = 0.0

    # --- what is seen -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """For as long as the pages are served."""
        while True:
            client = await self._attach()
            if client is not None:
                await self._follow(client)
            self._client = self._plan = self._state = None
            self._saying = ("", Sounding())
            await self._leave_helper()
            self.tell("none", self._nobody())
            await _pause(AGAIN_S)

    async def _attach(self) -> Client | None:
        for path in self._find():
            folder = path.parent
            paths = Paths(folder, folder, folder, folder, path.name.removesuffix(SOCKET_SUFFIX))
            with contextlib.suppress(TreadctlError):
                self._client, self._paths = await connect(paths, greeting(Role.DISPLAY, NAME)), paths
                self._client.on_sounding = self._sounds
                return self._client
        return None

    async def _leave_helper(self) -> None:
        helper, self._helper = self._helper, None
        if helper is not None:
            await helper.close()

    async def _follow(self, client: Client) -> None:
        """Until the guardian is gone, or hangs."""
        async for message in client.messages(watch=True):
            self._take(message)
        await client.close()

    def _take(self, message: Message) -> None:
        match message:
            case Snapshot():
                self._seen = asyncio.get_running_loop().time()
                self._moved = not shown.safe(message)
                self._state = shown.state(message, _ms(self._seen), 0, self._units)
                self.tell("state", self._state)
            case Plan():
                self._plan = shown.plan(message)
                self.tell("plan", self._plan)
            case Said():
                self.tell("said", shown.said(message, self._units))
            case Goodbye():
                pass  # the last snapshot said whether the belt stands still

    def now(self) -> list[tuple[str, Told]]:
        """What a page that has just come has to know: nothing that is old."""
        if self._client is None:
            return [("none", self._nobody())]
        known = [("plan", self._plan), ("state", self._state)]
        return [(name, told) for name, told in known if told is not None]

    def _nobody(self) -> Told:
        return {"why": LOST if self._moved else NOBODY, "moved": self._moved}

    # --- what is asked ----------------------------------------------------------------------------------------------

    async def stop(self, view: View) -> str:
        """Stop the belt; empty when the guardian took it, else what became of it."""
        client = self._helper if view is View.SPOTTER and self._helper is not None else self._client
        if client is not None and not client.closed:
            if view is View.HAND:  # where a stop key within reach is tested, this is one
                client.tell(Attend(page=Watching.HAND))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_LIMIT_S):
                    verdict = await client.ask(Stop(f"Stopped on {WHERE[view]}."))
                if verdict.accepted:
                    return ""
        return await self._stop_from_outside()

    async def attend(self, view: View) -> None:
        """A page is open and seen. It matters of the helper's, and in visual mode of the one behind the treadmill."""
        if view is View.SPOTTER:
            client = await self._as_helper()
            if client is not None:
                client.tell(Attend(page=Watching.HELPER))
        elif self._visual and self._client is not None:
            self._client.tell(Attend(page=Watching.REAR))

    def shown(self, cue: int) -> None:
        """The page behind the treadmill has shown a cue."""
        if self._visual and self._client is not None:
            self._client.tell(Shown(cue))

    # --- the page that speaks -----------------------------------------------------------------------------------------

    def speak(self, view: View, browser: str, *, tapped: bool) -> str:
        """A page's sound is unlocked, so it could speak; `tapped`: somebody has just asked it to. Why it may not;
        empty: it is told what to say.
        """
        now = asyncio.get_running_loop().time()
        if not self._speaker or view is View.SPOTTER:
            return NOT_ASKED
        if self._speaking not in (None, (view, browser)) and now - self._speaks_at < SPEAKER_GONE_S:
            return ANOTHER
        self._speaking, self._speaks_at = (view, browser), now
        if self._client is not None:
            self._client.tell(Attend(page=Watching.TAPPED if tapped else Watching.SPEAKER))
        return ""

    def _sounds(self, sounding: Sounding) -> None:
        """To the page that speaks, and what it is called there is told to nobody else."""
        if self._speaking is None:
            return
        if not sounding.notes:
            self._saying = (secrets.token_hex(KEY_OCTETS) if sounding.file else "", sounding)
        key = "" if sounding.notes else self._saying[0]
        self.tell_one(*self._speaking, "sound", {"key": key, "notes": sounding.notes})

    def sound(self, key: str) -> Path | None:
        """The file of what is being said under this key."""
        return Path(self._saying[1].file) if key and hmac.compare_digest(key, self._saying[0]) else None

    def spoken(self, key: str) -> None:
        """It was played to its end, says the page. What the guardian makes of that is the guardian's."""
        if self.sound(key) is not None and self._client is not None:
            self._client.tell(Spoken(self._saying[1].id))

    async def _as_helper(self) -> Client | None:
        """The helper's own connection, made with the first sign of life."""
        if self._helper is None and self._client is not None and self._paths is not None:
            made = Client()
            self._helper = made
            try:
                hello = replace(greeting(Role.DISPLAY, HELPER), watch=False)
                await made.connect(self._paths, hello)
            except TreadctlError:
                self._helper = None
        return self._helper

    async def _stop_from_outside(self) -> str:
        """Once at a time, however often it is asked for."""
        if self._stopping is None or self._stopping.done():
            self._stopping = asyncio.ensure_future(asyncio.to_thread(stop_from_outside))
        return await asyncio.shield(self._stopping)


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


async def _pause(seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()
