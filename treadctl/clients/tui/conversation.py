"""The conversation with the guardian: hello, messages, links, and what is asked of it. Paints nothing.

What it hears goes into `State`; what the screens then have to do is said to the `Desk`. Here is also what happens when
the guardian hangs or is gone while the belt may move: the belt is stopped without it, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from treadctl.model.api import (
    Attend,
    Belt,
    Commission,
    Connect,
    FastForward,
    Intent,
    LinkState,
    Load,
    Ms,
    Phase,
    Rehearse,
    Snapshot,
)
from treadctl.model.errors import ExitCode, TreadctlError
from treadctl.model.program import Program, Walk, expand

from .access import Access
from .keys import KeyPath
from .state import State

LINK_LIMIT: Ms = 60_000
"""Longer than the guardian's own limits for finding and connecting: it always speaks first."""
NO_ANSWER = "The treadmill did not answer; switch it on and try again."
OTHER = "treadctl is still connected to {}; quit it, and start it again half a minute later for another one."
"""A guardian that has a link keeps it until nobody needs it any more."""

Wish = Program | Commission | Rehearse
"""What can be begun: a walk, learning a machine, or a rehearsal."""


class Desk(Protocol):
    """What a conversation needs of the app whose screens it feeds."""

    state: State
    key_path: KeyPath

    def heard(self, snapshot: Snapshot) -> None:
        """A snapshot arrived; the state has it already."""

    def show_walk(self) -> None: ...
    def repaint(self) -> None: ...
    def run_task(self, work: Coroutine[Any, Any, None]) -> None: ...


class Conversation:
    """One socket, from the first hello to the end. `open` while it is; `exit_code` is what the walk came to.

    `visual`: walks are for somebody who does not hear; `page`: a page speaks in them.
    """

    def __init__(
        self, desk: Desk, access: Access, clock: Callable[[], Ms], *, visual: bool = False, page: bool = False
    ) -> None:
        self.open = False
        self.exit_code = int(ExitCode.OK)
        self._desk, self._access, self._clock, self._heard = desk, access, clock, (visual, page)
        self._forcing: asyncio.Task[str] | None = None
        self._news = asyncio.Event()

    # --- from hello to goodbye ---------------------------------------------------------------------------------------

    async def run(self, wish: Wish | None) -> None:
        """The whole conversation, from the first hello to the closed socket. `wish` is begun at once."""
        try:
            await self._access.open()
        except TreadctlError as error:
            self._failed(error)
            return
        state = self._desk.state
        self.open = True
        self._desk.key_path.line = self._access.keys
        if wish is None:
            state.begin("Waiting for a profile.")
        else:
            self.start(wish)
        async for message in self._access.messages():
            state.take(message, self._clock())
            self._seen()
        self._lost()

    def _failed(self, error: TreadctlError) -> None:
        self.exit_code = int(error.exit_code)
        self._desk.state.close(str(error))
        self._desk.show_walk()
        self._desk.repaint()

    def _seen(self) -> None:
        """After each message: the input thread's view, the right screen, a repaint."""
        snapshot = self._desk.state.snapshot
        if snapshot is not None:
            self._desk.key_path.see(snapshot)
            if snapshot.summary is not None:
                self.exit_code = snapshot.summary.exit_code
            if snapshot.phase not in {Phase.IDLE, Phase.DONE}:
                self._desk.show_walk()
            self._desk.heard(snapshot)
        self._desk.repaint()

    def _lost(self) -> None:
        """The socket closed: while the belt may move, shout and stop it without the guardian, once."""
        self.open = False
        state = self._desk.state
        state.close("The controller closed the connection.")
        self._desk.key_path.lose()
        if state.local.moving_then:
            self.exit_code = int(ExitCode.FAULT)
            self._desk.run_task(self._rescue())
        self._desk.show_walk()
        self._desk.repaint()

    async def _rescue(self) -> None:
        """Once: where a stop without the guardian is under way already, it does all that a rescue does."""
        self._desk.state.rescued(await (self._forcing or self._access.rescue()))
        self._desk.repaint()

    def force(self) -> None:
        """The guardian hangs while the belt may move: end it and stop the belt without it, once for each time."""
        if self._forcing is None or self._forcing.done():
            self._forcing = asyncio.ensure_future(self._access.force_stop())

    def tick(self) -> None:
        """Time passed: whoever waits for a link looks at the clock."""
        self._news.set()

    # --- what is asked -----------------------------------------------------------------------------------------------

    def tell(self, intent: Intent) -> None:
        if self.open:
            self._access.tell(intent)

    def start(self, wish: Wish) -> None:
        """Connect where a belt is needed, then ask for it; what comes then is shown."""
        self._desk.state.begin(
            "Connecting to the treadmill.", commissioning=isinstance(wish, Commission),
            rehearsing=isinstance(wish, Rehearse),
        )
        self._desk.run_task(self._ask_for(wish))

    async def _ask_for(self, wish: Wish) -> None:
        """Connect to the machine where one is needed, then ask for it. A rehearsal goes on where none is in reach."""
        if not isinstance(wish, Program) or any(isinstance(segment, Walk) for segment in expand(wish)):
            reason = await self.link(self._access.address())
            if reason and (not isinstance(wish, Rehearse) or self._linked_elsewhere):
                self._refused(reason, ExitCode.NO_MACHINE)
                return
        verdict = await self._access.ask(Load(wish, *self._heard) if isinstance(wish, Program) else wish)
        if not verdict.accepted:
            self._refused(verdict.reason, ExitCode.REFUSED)

    @property
    def _linked_elsewhere(self) -> bool:
        """There is a link, but not as it was wanted: to another machine, or its belt does not come to rest."""
        snapshot = self._desk.state.snapshot
        return snapshot is not None and snapshot.link is LinkState.UP

    async def link(self, address: str) -> str:
        """Connect; why it came to nothing, empty when it did not."""
        state = self._desk.state
        now = state.snapshot
        if address and now is not None and now.link is LinkState.UP:
            held = await asyncio.to_thread(self._access.held)
            if held and held.upper() != address.upper():
                return OTHER.format(now.machine)
        verdict = await self._access.ask(Connect(address))
        if not verdict.accepted:
            return verdict.reason
        before = -1 if state.snapshot is None else state.snapshot.seq  # what came until now is of before
        return "" if await self._linked(before) else state.reason or NO_ANSWER

    async def _linked(self, before: int) -> bool:
        """Whether the link came up and the belt was measured still, after the snapshot with the number `before`."""
        until = self._clock() + LINK_LIMIT
        while self.open and self._clock() < until:
            snapshot = self._desk.state.snapshot
            if snapshot is not None and snapshot.seq > before:
                if snapshot.link is LinkState.UP and snapshot.belt is Belt.STILL:
                    return True
                if snapshot.link in {LinkState.FAILED, LinkState.LOST}:
                    return False
            self._news.clear()
            await self._news.wait()
        return False

    def _refused(self, reason: str, code: ExitCode) -> None:
        if not self.open:  # not refused but cut off, which has its own screen and code
            return
        self.exit_code = int(code)
        self._desk.state.refuse(reason)
        self._desk.repaint()

    async def fast_forward(self, wish: FastForward) -> None:
        """Ask the simulated clock to run at another rate."""
        state = self._desk.state
        self.tell(Attend(state.local.keyboard))  # a slower clock has a shorter attendance limit at once
        state.forwarded(await self._access.ask(wish), wish.rate)
        self._desk.key_path.rate = state.local.rate
