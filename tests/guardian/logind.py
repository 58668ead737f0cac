"""Logind as the tests play it, on a bus where nobody else is: it hands out inhibitors, and says what it is told to."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from dbus_fast import DBusError, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

NAME, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
MANAGER, SESSION = "org.freedesktop.login1.Manager", "org.freedesktop.login1.Session"
PROPERTIES = "org.freedesktop.DBus.Properties"


@dataclass
class Given:
    """One inhibitor: held until the other end of its pipe is closed, as with the real one."""

    what: str
    mode: str
    pipe: int = field(repr=False)

    @property
    def held(self) -> bool:
        try:
            return os.read(self.pipe, 1) != b""
        except BlockingIOError:
            return True


class Logind:
    """`denied`: kinds of inhibitor it refuses; `sessions`: what it knows, by name."""

    def __init__(self, address: str) -> None:
        self._bus = MessageBus(bus_address=address, negotiate_unix_fd=True)
        self.given: list[Given] = []
        self.denied: set[str] = set()
        self.silent = False
        self.sessions = {"auto": f"{PATH}/session/self", "c7": f"{PATH}/session/c7"}
        self.hints = dict.fromkeys(self.sessions.values(), False)

    async def open(self) -> None:
        await self._bus.connect()
        self._bus.add_message_handler(self._asked)
        await self._bus.request_name(NAME)

    def close(self) -> None:
        for given in self.given:
            os.close(given.pipe)
        self._bus.disconnect()

    @property
    def held(self) -> set[tuple[str, str]]:
        return {(given.what, given.mode) for given in self.given if given.held}

    def _asked(self, message: Message) -> Message | bool | None:
        if message.message_type is not MessageType.METHOD_CALL or not (message.path or "").startswith(PATH):
            return None
        if self.silent:
            return True
        match message.member:
            case "Inhibit":
                return self._inhibit(message)
            case "GetSession":
                if message.body[0] not in self.sessions:
                    raise DBusError(f"{NAME}.NoSuchSession", "No session known.")
                return Message.new_method_return(message, "o", [self.sessions[message.body[0]]])
            case "Get":
                return Message.new_method_return(message, "v", [Variant("b", self.hints[message.path or ""])])
        return None

    def _inhibit(self, message: Message) -> bool:
        what, _who, _why, mode = message.body
        if mode in self.denied:
            raise DBusError("org.freedesktop.DBus.Error.AccessDenied", "Permission denied")
        ours, theirs = os.pipe()
        os.set_blocking(ours, False)
        self.given.append(Given(what, mode, ours))
        reply = Message.new_method_return(message, "h", [0], unix_fds=[theirs])
        self._bus.send(reply).add_done_callback(lambda _: os.close(theirs))
        return True

    def say(self, member: str, *body: Any, path: str = PATH, interface: str = MANAGER, signature: str = "b") -> None:
        self._bus.send(Message.new_signal(path, interface, member, signature, list(body)))

    def lock(self, member: str, session: str = "auto") -> None:
        """Lock or Unlock."""
        self.say(member, path=self.sessions[session], interface=SESSION, signature="")

    def hint(self, locked: bool, session: str = "auto") -> None:
        """What a locker says of itself."""
        body = [SESSION, {"LockedHint": Variant("b", locked)}, []]
        self.say("PropertiesChanged", *body, path=self.sessions[session], interface=PROPERTIES, signature="sa{sv}as")
