"""The core, its shell and the driver of a guardian put together, without socket, voice and disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from tests.guardian.radio import OPEN_BENCHES, eventually
from treadctl.control.core import Core
from treadctl.control.events import (
    Asked,
    Close,
    Connect,
    Context,
    Drop,
    Effect,
    Input,
    LinkDown,
    Reconnect,
    Scan,
    Wear,
    Write,
)
from treadctl.guardian.clock import Clock
from treadctl.guardian.driver import Driver
from treadctl.guardian.radio import Backend, Radio
from treadctl.guardian.shell import Shell
from treadctl.guardian.strap import StrapLink
from treadctl.model import api
from treadctl.model.machine import LinkInfo, Record
from treadctl.model.units import Ms


class Whole:
    """`writes` are the octets handed to the driver, `links` what the core wanted of it, `inputs` what it was told."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        clock = Clock(asyncio.get_running_loop())
        self.inputs: list[Input] = []
        self.writes: list[bytes] = []
        self.links: list[object] = []
        self.alarms: set[str] = set()
        self.died = False
        self.shell = Shell(Core(Context("whole", "0")), cast(Any, self), clock)
        radio = Radio(backend)
        self.driver = Driver(radio, self.shell.accept, clock, record=self._record)
        self.worn: list[tuple[str, str]] = []
        self.strap = StrapLink(
            radio, self.shell.accept, clock.now, busy=lambda: self.driver.busy, kept=lambda *who: self.worn.append(who)
        )
        OPEN_BENCHES.append(cast(Any, self))
        self.shell.start()

    async def _record(self, info: LinkInfo) -> Record | None:
        return self.backend.record(info.address)

    # --- what a person does and sees --------------------------------------------------------------------------------

    def ask(self, intent: api.Intent) -> None:
        self.shell.accept(Asked("me", 1, intent))

    @property
    def shown(self) -> api.Snapshot:
        return self.shell.snapshot

    async def until(self, seen: Callable[[api.Snapshot], object], seconds: float = 20) -> None:
        await eventually(lambda: seen(self.shown), seconds)

    async def at_rest(self) -> None:
        """Connected, and the belt measured still."""
        self.ask(api.Connect(""))
        await self.until(lambda shown: shown.link is api.LinkState.UP and shown.belt is api.Belt.STILL)

    def told_of_loss(self) -> int:
        return sum(isinstance(item, LinkDown) for item in self.inputs)

    # --- hands --------------------------------------------------------------------------------------------------------

    def write(self, write: Write) -> None:
        self.writes.append(write.data)
        self.driver.write(write)

    def link(self, effect: object, _snapshot: api.Snapshot) -> None:
        self.links.append(effect)
        if isinstance(effect, Connect | Reconnect | Scan):
            self.strap.stand_aside()
        match effect:
            case Connect(address):
                self.driver.connect(address)
            case Reconnect(address):
                self.driver.reconnect(address)
            case Scan(seconds):
                self.driver.scan(seconds)
            case Drop():
                self.driver.drop()
            case Close():
                self.driver.close(clean=True)

    def wear(self, wear: Wear) -> None:
        self.strap.wear(wear.who)

    def publish(self, publish: Any) -> None:
        if isinstance(publish.what, api.Snapshot):
            self.strap.see(publish.what)
        if isinstance(publish.what, api.Snapshot) and publish.what.alarm:
            self.alarms.add(publish.what.alarm)

    def traced(self, _now: Ms, item: Input, _effects: list[Effect]) -> None:
        self.inputs.append(item)

    def broken(self) -> None:
        self.died = True

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_arguments: None
