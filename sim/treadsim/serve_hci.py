"""The simulated treadmill on a Bluetooth controller, as a process of its own: what `treadsim serve --hci` runs.

Its first line on stdout says where the controller is and the machine's address; what follows, and what it hears, is
`lines`. With a real controller it is a treadmill on the air; that is untested on a radio.
"""

from __future__ import annotations

import asyncio

from treadctl.files.quirks import Quirk
from treadctl.model.errors import ExitCode, NoMachine

from .address import simulated_address
from .bluez_air import Air
from .channel import Channel
from .faults import Fault
from .gatt import Gatt
from .gatt_link import attached
from .lines import Commands, Lines
from .peripheral import Peripheral


def serve_hci(transport: str, quirk: Quirk, faults: tuple[Fault, ...], seed: int) -> int:
    """Serve until told to end; the exit code. Raises UsageError and NoMachine when the transport cannot be opened."""
    return asyncio.run(_serve(transport, Peripheral(quirk, faults), Channel(faults, seed), simulated_address(seed)))


async def _serve(transport: str, peripheral: Peripheral, channel: Channel, address: str) -> int:
    lines = Lines()
    async with attached(transport) as controller:
        controller.lost.add_done_callback(lambda _lost: lines.finish(ExitCode.NO_MACHINE))
        air = Air(peripheral, channel, lines.tell)
        gatt = Gatt(air, address, controller.host)
        await gatt.open()
        serving = asyncio.ensure_future(gatt.serve())
        serving.add_done_callback(lambda _done: lines.finish(ExitCode.NO_MACHINE))
        lines.say(f"HCI={controller.where} MACHINE={address}")
        code = await lines.hear(_commands(air, gatt))
        await _ended(serving)
        await gatt.close()
        air.close()
    if code == ExitCode.NO_MACHINE:
        raise NoMachine("The Bluetooth controller is gone; plug it in again.")
    return code


async def _ended(serving: asyncio.Future[None]) -> None:
    """Cancel it until it ends: Python 3.11's wait_for, below Bumble, may swallow a cancellation. Raises NoMachine."""
    while not serving.done():
        serving.cancel()
        await asyncio.wait({serving}, timeout=0.1)
    if not serving.cancelled():
        serving.result()


def _commands(air: Air, gatt: Gatt) -> Commands:
    return Commands(air, {"show": lambda: setattr(gatt, "shown", True), "hide": lambda: setattr(gatt, "shown", False)})
