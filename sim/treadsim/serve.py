"""The simulated treadmill behind a mock org.bluez, as a process of its own: what `treadsim serve --bluez` runs.

Its first line on stdout says the bus and the machine's address; what follows, and what it hears, is `lines`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dbus_fast.aio.message_bus import MessageBus

from treadctl.files.quirks import Quirk
from treadctl.ftms import uuids
from treadctl.model.errors import ExitCode
from treadctl.model.units import Ms

from .address import simulated_address
from .bluez import BlueZ
from .bluez_air import Air
from .bluez_bus import PrivateBus
from .channel import Channel
from .faults import Fault
from .lines import Commands, Lines
from .manners import Manners
from .peripheral import Peripheral
from .strap import Strap, strap_address


def serve_bluez(quirk: Quirk, faults: tuple[Fault, ...], seed: int) -> int:
    """Serve until told to end; the exit code. Raises NoMachine when there is no dbus-daemon."""
    with PrivateBus() as bus:
        machine = Peripheral(quirk, faults), Channel(faults, seed)
        address = simulated_address(seed)
        strap = Strap(strap_address(address), faults, seed)
        return asyncio.run(_serve(bus.address, *machine, address, strap))


async def _serve(bus_address: str, peripheral: Peripheral, channel: Channel, address: str, strap: Strap) -> int:
    lines = Lines()
    bus = await MessageBus(bus_address=bus_address).connect()
    watching: asyncio.Future[object] = asyncio.ensure_future(bus.wait_for_disconnect())  # type: ignore[no-untyped-call]
    watching.add_done_callback(lambda _done: lines.finish(ExitCode.NO_MACHINE))
    air = Air(peripheral, channel, lines.tell)
    bluez = BlueZ(bus, air, address, strap)
    await bluez.open()
    lines.say(f"DBUS_SYSTEM_BUS_ADDRESS={bus_address} MACHINE={address}")
    code = await lines.hear(_Commands(air, bluez, strap))
    air.close()
    watching.cancel()
    bus.disconnect()
    return code


class _Commands(Commands):
    """Those of every face, and what only bluetoothd has or only its clients notice."""

    def __init__(self, air: Air, bluez: BlueZ, strap: Strap) -> None:
        self._bluez = bluez
        shown = air.manners
        words: dict[str, Callable[[], object]] = {
            "forget": bluez.forget,
            "show": bluez.shown.set,
            "hide": bluez.shown.clear,
            "power-off": lambda: bluez.power(False),
            "power-on": lambda: bluez.power(True),
            "crash": bluez.crash,
            "no-service": lambda: _set(shown, service=False, data=None),
            "no-service-data": lambda: _set(shown, data=None),
            "want-pairing": lambda: _set(shown, pairing=True, paired=False),
            "refuse-pairing": lambda: _set(shown, shy=True),
            "commands-only": lambda: _set(shown, bluez.reshape, commands=True),
            "lose-answers": lambda: air.unsubscribe(uuids.CONTROL_POINT),
            "strap-hide": lambda: setattr(strap, "hidden", True),
            "strap-show": lambda: setattr(strap, "hidden", False),
            "strap-sleep": lambda: setattr(strap, "sleepy", True),
            "strap-wake": lambda: setattr(strap, "sleepy", False),
            "twice": lambda: _set(shown, bluez.reshape, twice=True),
        }
        numbers: dict[str, Callable[[int], object]] = {
            "closing": lambda ms: setattr(bluez, "slow_close", Ms(ms)),
            "flood": lambda often: _set(shown, flood=often),
            "strap-flood": lambda often: setattr(strap, "flood", often),
        }
        super().__init__(air, words, numbers)


def _set(manners: Manners, then: Callable[[], object] = lambda: None, **changes: object) -> None:
    for name, value in changes.items():
        setattr(manners, name, value)
    then()
