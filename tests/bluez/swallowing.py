"""`treadsim serve --bluez` on a bad day of bluetoothd: it does what it was asked, and its reply never comes.

One more command on stdin: `swallow MEMBER` loses the reply to the next call of that D-Bus method, and of no other. It
is told back as `swallowed` when it has happened.
"""

from __future__ import annotations

import sys
from typing import Any, cast

from dbus_fast import DBusError, Message
from dbus_fast.aio.message_bus import MessageBus
from treadsim import serve
from treadsim.bluez import BlueZ
from treadsim.bluez_air import Air
from treadsim.cli import main
from treadsim.strap import Strap

COMMANDS: Any = serve._Commands


class Leaking:
    """The bus, which may lose a reply. Everything else goes through to the real one."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self.lost: set[tuple[str | None, int | None]] = set()

    def send(self, message: Message) -> Any:
        key = (message.destination, message.reply_serial)
        if key in self.lost:
            self.lost.remove(key)
            return None
        return self._bus.send(message)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)


class Swallowing(BlueZ):
    """`next` is the method whose reply will be lost."""

    def __init__(self, bus: MessageBus, air: Air, address: str, strap: Strap) -> None:
        self.leaking = Leaking(bus)
        self.next = ""
        self.air = air
        super().__init__(cast(MessageBus, self.leaking), air, address, strap)

    def _heard(self, message: Message) -> Message | bool | None:
        if not self.next or message.member != self.next:
            return super()._heard(message)
        self.next = ""
        self.leaking.lost.add((message.sender, message.serial))
        self.air.tell("swallowed", member=message.member)
        try:
            answer = super()._heard(message)
        except DBusError:
            return True
        return answer if answer is None else True


class Commands(COMMANDS):  # type: ignore[misc]
    """The usual ones, and `swallow`."""

    def do(self, line: str) -> None:
        word, _, member = line.strip().partition(" ")
        if word == "swallow":
            self._bluez.next = member
            self._air.tell("did", command=line)
        else:
            super().do(line)


if __name__ == "__main__":
    vars(serve).update(BlueZ=Swallowing, _Commands=Commands)
    sys.exit(main())
