"""Keeps the computer awake while somebody walks, and hears from logind that it will sleep or that it is locked.

A laptop that falls asleep leaves a belt running that nobody controls (hazard C9). So while a session is open or the
belt may move, logind is asked not to doze off, to ignore the lid, and to wait with a sleep or a shutdown until the belt
has been stopped. Where there is no logind, or it says no, that is shown before the walk; it never keeps anybody from
walking. A locked screen takes the keyboard away: then no key reaches the client, whatever its own window says.

Nothing here can hold up control: it has a task of its own, and every wait for the bus has a limit. Untested on a real
suspend: the tests play logind on a private bus.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dbus_fast import BusType, Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError

from treadctl.control.events import Asked, Input
from treadctl.model.api import Belt, LinkState, Phase, Snapshot, Stop

from .clock import pause

CALL_LIMIT_S = 2.0
"""Chosen: logind answers within milliseconds; one that takes this long is as good as absent."""
AGAIN_S = 5.0
"""How long after a failure it is tried again."""
SLEEP_LIMIT_S = 4.5
"""A sleep is held up no longer than this: logind waits 5 s by default (InhibitDelayMaxSec) and then sleeps anyway."""
LOGIND, MANAGER_PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
MANAGER, SESSION = "org.freedesktop.login1.Manager", "org.freedesktop.login1.Session"
BUS, BUS_PATH, PROPERTIES = "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.Properties"
MATCHES = (
    f"type='signal',sender='{LOGIND}',interface='{MANAGER}'",
    f"type='signal',sender='{LOGIND}',interface='{SESSION}'",
    f"type='signal',sender='{LOGIND}',interface='{PROPERTIES}',arg0='{SESSION}'",
    f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{LOGIND}'",
)
WHY = "Somebody walks on a treadmill"
HOST = "host"
"""The client's name under which the computer itself asks for a stop."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lock:
    """One inhibitor, and what is shown where it is not to be had."""

    what: str
    mode: str
    without: str


LOCKS = (
    Lock("sleep:shutdown", "delay", "The computer may sleep while you walk: switch that off."),
    Lock("idle:handle-lid-switch", "block", "Leave the lid open: closing it may send the computer to sleep."),
)


class NoLogind(Exception):
    """Logind is not there or does not want to. `str()` is for the log."""


class Inhibitor:
    """`hear` takes inputs of the core, `end` asks the guardian to end, `warn` shows a sentence ("" takes it back)."""

    def __init__(
        self, hear: Callable[[Input], None], end: Callable[[str], None], warn: Callable[[str], None]
    ) -> None:
        self._hear, self._end, self._warn = hear, end, warn
        self._bus: MessageBus | None = None
        self._owner = ""
        self._held: dict[Lock, int] = {}
        self._wanted = self._moving = self._sleeping = False
        self._problem = self._warned = ""
        self._session_id, self._session, self._lock_told = "", "", False
        self._change = asyncio.Event()
        self.locked = False
        """Whether the screen of the attending client's login session is locked."""

    # --- the guardian calls these; none of them waits -------------------------------------------------------------

    def see(self, snapshot: Snapshot) -> None:
        """Whether it is wanted now: from the checklist to the summary, and whenever the belt may move."""
        self._moving = _may_move(snapshot)
        wanted = self._moving or snapshot.phase not in (Phase.IDLE, Phase.DONE)
        if wanted != self._wanted:
            self._wanted = wanted
            self._change.set()
        if self._sleeping and not self._moving:
            self._let_go()
        self._show()

    def follow(self, session_id: str) -> None:
        """The login session of the client that came last; empty: this process's own, or the user's screen."""
        self._session_id, self._session = session_id, ""
        self._change.set()

    def key(self) -> None:
        """A key arrived: wherever it was typed, that screen is not locked."""
        self.locked = False

    def close(self) -> None:
        """Let the computer sleep again."""
        self._let_go()
        if self._bus is not None:
            self._bus.disconnect()
            self._bus = None

    # --- its own task ---------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """For as long as the guardian lives: find logind, and find it again."""
        while True:
            try:
                await self._serve()
            except (OSError, EOFError, TimeoutError, DBusFastError, NoLogind) as error:
                self._failed(LOCKS[0].without, str(error) or type(error).__name__)
            self.locked, self._session = False, ""
            self.close()
            await pause(AGAIN_S)

    async def _serve(self) -> None:
        """One connection to the bus, until it ends."""
        self._bus = MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True)
        async with asyncio.timeout(CALL_LIMIT_S):
            await self._bus.connect()
        self._bus.add_message_handler(self._signal)
        for match in MATCHES:
            await self._call(BUS, BUS_PATH, BUS, "AddMatch", "s", match)
        await self._find_logind()
        while self._bus.connected:
            self._change.clear()
            await self._keep()
            try:
                async with asyncio.timeout(AGAIN_S):
                    await self._change.wait()
            except TimeoutError:
                continue
        raise NoLogind("the message bus closed the connection")

    async def _find_logind(self) -> None:
        """Who it is on this bus; it may be started for us."""
        try:
            found = await self._call(BUS, BUS_PATH, BUS, "GetNameOwner", "s", LOGIND)
        except NoLogind:
            await self._call(BUS, BUS_PATH, BUS, "StartServiceByName", "su", LOGIND, 0)
            found = await self._call(BUS, BUS_PATH, BUS, "GetNameOwner", "s", LOGIND)
        self._owner = found.body[0]

    async def _keep(self) -> None:
        """Have what is wanted, and nothing else."""
        if not self._session:
            await self._find_session()
        if not self._wanted:
            self._let_go()
        elif not self._sleeping:
            refusals = [(lock.without, await self._take(lock)) for lock in LOCKS if lock not in self._held]
            self._failed(*next((refusal for refusal in refusals if refusal[1]), ("", "")))

    async def _take(self, lock: Lock) -> str:
        """Have it, or the reason why not."""
        try:
            reply = await self._call(
                LOGIND, MANAGER_PATH, MANAGER, "Inhibit", "ssss", lock.what, "treadctl", WHY, lock.mode
            )
        except NoLogind as refusal:
            return str(refusal)
        self._held[lock] = reply.unix_fds[reply.body[0]]
        return ""

    async def _find_session(self) -> None:
        """The login session whose lock is watched. Without one, the window's own focus has to do."""
        for name in filter(None, (self._session_id, "auto")):
            try:
                found = await self._call(LOGIND, MANAGER_PATH, MANAGER, "GetSession", "s", name)
                self._session, self._lock_told = found.body[0], False
                hint = await self._call(LOGIND, self._session, PROPERTIES, "Get", "ss", SESSION, "LockedHint")
            except NoLogind as refusal:
                log.info("no login session %r to watch: %s", name, refusal)
                continue
            if not self._lock_told:  # what was said since is newer
                self.locked = bool(hint.body[0].value)
            return
        self._session = "-"  # looked for, and not there

    async def _call(self, to: str, path: str, interface: str, member: str, signature: str, *body: Any) -> Message:
        """One call of the bus. Raises NoLogind with the words of the refusal, TimeoutError when none come."""
        assert self._bus is not None
        call = Message(
            destination=to, path=path, interface=interface, member=member, signature=signature, body=list(body),
            flags=MessageFlag.NONE,
        )
        async with asyncio.timeout(CALL_LIMIT_S):
            reply = await self._bus.call(call)
        if reply is None or reply.message_type is MessageType.ERROR:
            raise NoLogind("no answer" if reply is None else f"{reply.error_name}: {reply.body}")
        return reply

    # --- what logind says -----------------------------------------------------------------------------------------

    def _signal(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        if message.sender == BUS and message.member == "NameOwnerChanged" and message.body[0] == LOGIND:
            self._owner = message.body[2]
        if message.sender != self._owner:  # anybody may send anybody a signal
            return
        match message.interface, message.member:
            case (str(), "PrepareForSleep"):
                self._prepare_for_sleep(bool(message.body[0]))
            case (str(), "PrepareForShutdown") if message.body[0]:
                self._end("the computer shuts down")  # what is held ends with this process
            case (str(), "Lock" | "Unlock") if message.path == self._session:
                self.locked, self._lock_told = message.member == "Lock", True
            case (str(), "PropertiesChanged") if message.path == self._session:
                hint = message.body[1].get("LockedHint")
                if hint is not None:
                    self.locked, self._lock_told = bool(hint.value), True

    def _prepare_for_sleep(self, begins: bool) -> None:
        """Stop, and let it sleep as soon as the belt is still; after waking, be ready for the next time."""
        self._sleeping = begins
        self._change.set()
        if not begins:
            return
        log.info("the computer is about to sleep")
        self._hear(Asked(HOST, 0, Stop("The computer is about to sleep.")))
        if not self._moving:
            self._let_go()
        asyncio.get_running_loop().call_later(SLEEP_LIMIT_S, self._slept)

    def _slept(self) -> None:
        """Longer than this it is held up by nobody."""
        if self._sleeping:
            self._let_go()

    def _let_go(self) -> None:
        for descriptor in self._held.values():
            os.close(descriptor)
        self._held.clear()

    def _failed(self, sentence: str, why: str) -> None:
        if sentence != self._problem:
            log.warning("%s (%s)", sentence, why) if sentence else log.info("the computer stays awake")
        self._problem = sentence
        self._show()

    def _show(self) -> None:
        """Before the walk and between its parts; a person who walks can do nothing about it."""
        text = self._problem if self._wanted and not self._moving else ""
        if text != self._warned:
            self._warned = text
            self._warn(text)


def _may_move(snapshot: Snapshot) -> bool:
    """Whether there may be a belt to be stopped."""
    return snapshot.belt is Belt.MOVING or (
        snapshot.belt is Belt.UNKNOWN and snapshot.link in (LinkState.UP, LinkState.LOST)
    )
