"""The simulated treadmill as a process of its own: what `treadsim serve --bluez` runs.

On stdout first one line with the bus and the machine's address, then one JSON object a line for everything that truly
happens: `belt` (speed and goal, 0.01 km/h), `write` (octets that reached the machine), `link`. On stdin one command a
line. Whoever started it ends it: by a signal, or by closing the pipe to its stdin.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import sys
from collections.abc import Callable

from dbus_fast.aio.message_bus import MessageBus

from treadctl.files.machines import Quirk
from treadctl.model.errors import ExitCode
from treadctl.model.units import Ms

from .address import simulated_address
from .belt import Button
from .bluez import BlueZ
from .bluez_air import Air
from .bluez_bus import PrivateBus
from .channel import Channel
from .faults import Fault
from .peripheral import Peripheral


def serve_bluez(quirk: Quirk, faults: tuple[Fault, ...], seed: int) -> int:
    """Serve until told to end; the exit code. Raises NoMachine when there is no dbus-daemon."""
    with PrivateBus() as bus:
        machine = Peripheral(quirk, faults), Channel(faults, seed)
        return asyncio.run(_serve(bus.address, *machine, simulated_address(seed)))


async def _serve(bus_address: str, peripheral: Peripheral, channel: Channel, address: str) -> int:
    loop = asyncio.get_running_loop()
    end: asyncio.Future[int] = loop.create_future()

    def finish(code: ExitCode) -> None:
        if not end.done():
            end.set_result(int(code))

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, finish, ExitCode.OK)
    bus = await MessageBus(bus_address=bus_address).connect()
    watching: asyncio.Future[object] = asyncio.ensure_future(bus.wait_for_disconnect())  # type: ignore[no-untyped-call]
    watching.add_done_callback(lambda _done: finish(ExitCode.NO_MACHINE))
    air = Air(peripheral, channel, lambda event: _say(json.dumps(event), finish))
    bluez = BlueZ(bus, air, address)
    await bluez.open()
    _say(f"DBUS_SYSTEM_BUS_ADDRESS={bus_address} MACHINE={address}", finish)
    listening = await _listen(_Commands(air, bluez), finish)
    code = await end
    if listening is not None:
        listening.close()
    air.close()
    watching.cancel()
    bus.disconnect()
    return code


def _say(line: str, finish: Callable[[ExitCode], None]) -> None:
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains at its end
        finish(ExitCode.OK)


async def _listen(commands: _Commands, finish: Callable[[ExitCode], None]) -> asyncio.BaseTransport | None:
    """Hear commands where stdin is a pipe or a socket, and its end."""
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return None
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: _Lines(commands, finish), sys.stdin)
    return transport


class _Lines(asyncio.Protocol):
    def __init__(self, commands: _Commands, finish: Callable[[ExitCode], None]) -> None:
        self._commands, self._finish = commands, finish
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._commands.do(line.decode("utf-8", "replace"))

    def eof_received(self) -> None:
        self._finish(ExitCode.OK)


class _Commands:
    """What a test may do to link and machine, as words; each is told back as `did`, or as `unknown`."""

    def __init__(self, air: Air, bluez: BlueZ) -> None:
        self._air, self._bluez = air, bluez
        belt = air.peripheral.belt
        self._words: dict[str, Callable[[], object]] = {
            "drop": air.hang_up,
            "fade": air.fade,
            "jam": air.jam,
            "forget": bluez.forget,
            "show": bluez.shown.set,
            "hide": bluez.shown.clear,
            "mute": lambda: setattr(air, "mute", True),
            "unmute": lambda: setattr(air, "mute", False),
            "power-off": lambda: bluez.power(False),
            "power-on": lambda: bluez.power(True),
            "key": lambda: belt.pull_key(air.now()),
            **{f"console-{button.value}": self._pressing(button) for button in Button},
        }
        self._numbers: dict[str, Callable[[int], object]] = {
            "refuse": lambda code: setattr(air, "refuse", code),
            "latency": lambda ms: setattr(air, "latency", Ms(ms)),
            "closing": lambda ms: setattr(bluez, "slow_close", Ms(ms)),
        }

    def _pressing(self, button: Button) -> Callable[[], None]:
        return lambda: self._air.peripheral.belt.press(self._air.now(), button)

    def do(self, line: str) -> None:
        """Carry one line out: a word, or a word and a number."""
        word, _, number = line.strip().partition(" ")
        if word in self._words and not number:
            self._words[word]()
        elif word in self._numbers and number.isascii() and number.isdigit():
            self._numbers[word](int(number))
        else:
            self._air.tell("unknown", command=line, known=sorted([*self._words, *self._numbers]))
            return
        self._air.tell("did", command=line)
