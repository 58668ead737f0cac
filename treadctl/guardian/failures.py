"""What Bluetooth lets through, as one exception with one sentence; and no wait for it without a limit.

bleak raises its own errors, those of D-Bus, those of the operating system and time-outs, for the same mishaps. Here
each becomes `LinkFailed`: what happened and what to do, and the machine's ATT error code where it gave one.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable
from typing import Any, TypeVar

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from treadctl.ftms.control_point import ATT_PAIRING
from treadctl.model.errors import NoMachine
from treadctl.model.text import safe_text

T = TypeVar("T")
USUAL = (BleakError, TimeoutError, OSError, EOFError)
NOT_PAIRED = 0x05
"""ATT "insufficient authentication". BlueZ says "Not paired" for it and for its relatives, and bleak passes that on as
an error of D-Bus."""

log = logging.getLogger(__name__)


class LinkFailed(NoMachine):
    """The link could not be made or used. `str()` is the sentence, `att` the machine's ATT error code if any."""

    def __init__(self, why: str, att: int | None = None) -> None:
        super().__init__(why)
        self.att = att


async def bounded(call: Awaitable[T], limit: float, late: str) -> T:
    """The result of `call`, or LinkFailed when it fails or `limit` seconds are over: then it is left behind, cancelled.
    What a platform lacks stays a NotImplementedError.

    Not `asyncio.timeout`: that would wait for a call that swallows its cancellation.
    """
    task = asyncio.ensure_future(call)
    try:
        await asyncio.wait({task}, timeout=limit)
    finally:
        if not task.done():
            task.cancel()
            task.add_done_callback(_forget)
    if not task.done() or task.cancelled():
        raise LinkFailed(f"{late}.")
    error = task.exception()
    if not isinstance(error, Exception) or isinstance(error, NotImplementedError):
        return task.result()
    if not isinstance(error, USUAL):  # a bluetoothd that vanishes in the middle breaks what bleak takes for granted
        log.error("unexpected from bleak", exc_info=error)
    raise LinkFailed(sentence(error), att_code(error)) from error


def _forget(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()


def att_code(error: Exception) -> int | None:
    """The ATT error code in this error, None when the machine gave none."""
    if isinstance(error, BleakGATTProtocolError):
        return int(error.code)
    if isinstance(error, BleakDBusError) and "Not paired" in (error.dbus_error_details or ""):
        return NOT_PAIRED
    return None


_UNAVAILABLE = {
    BleakBluetoothNotAvailableReason.POWERED_OFF:
        "The Bluetooth adapter is switched off; switch it on with: bluetoothctl power on.",
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH:
        "This computer has no Bluetooth adapter; plug one in, or walk on the simulated treadmill with --sim.",
    BleakBluetoothNotAvailableReason.DENIED_BY_USER:
        "The system does not let treadctl use Bluetooth; allow it in the system's settings.",
}
NO_BLUETOOTH = (
    "Bluetooth does not answer on this computer: install and start dbus and bluez (Debian: apt install dbus bluez), "
    "or walk on the simulated treadmill with --sim."
)
REFUSED = "The treadmill does not let treadctl in; close other apps connected to it, wake it up, and try again."
ATT_REFUSED = "The treadmill refused with error 0x{:02X}; switch it off and on, then connect again."
BLUEZ_HANGS = "Bluetooth on this computer did not answer in time; restart it with: sudo systemctl restart bluetooth"
SCAN_HANGS = (
    "The Bluetooth adapter did not scan as it was told; switch it off and on with: bluetoothctl power off, then: "
    "bluetoothctl power on"
)
SLOW = "The treadmill did not answer in time; switch it off and on, then connect again"
MUTE = "The treadmill does not answer any more, though its link says that it is up; wake it up, then connect again"
"""For `bounded`, which ends the sentence."""
_REFUSALS = frozenset({
    "org.bluez.Error.Failed", "org.bluez.Error.InProgress", "org.bluez.Error.ConnectionAttemptFailed",
    "org.bluez.Error.AlreadyConnected", "org.bluez.Error.NotAvailable",
})
"""What bluetoothd answers to Connect when somebody else has the machine, or took it meanwhile."""


def refused(failed: LinkFailed) -> bool:
    """Whether an attempt to connect came to nothing at the other end, or at bluetoothd because of it."""
    cause = failed.__cause__
    return isinstance(cause, BleakDBusError) and cause.dbus_error in _REFUSALS


def wants_pairing(address: str) -> str:
    """The sentence for a machine that insists on being paired."""
    return (
        f"This treadmill wants to be paired: pair it in the system's Bluetooth settings (or: bluetoothctl pair "
        f"{safe_text(address)}), then connect again."
    )


NOT_ALLOWED = (
    "The system does not let you use Bluetooth; run: sudo usermod -aG bluetooth $USER, then log out and in again."
)


def sentence(error: Exception) -> str:
    """What happened and what to do, in one sentence, for anything bleak lets through."""
    if isinstance(error, BleakBluetoothNotAvailableError):
        return _UNAVAILABLE.get(error.reason, NO_BLUETOOTH)
    if isinstance(error, (BleakDeviceNotFoundError, TimeoutError)):
        return "The treadmill does not answer; wake it up, come closer, and close other apps connected to it."
    code = att_code(error)
    if code is not None:
        return wants_pairing("ADDRESS") if code in ATT_PAIRING else ATT_REFUSED.format(code)
    if isinstance(error, BleakDBusError) and "ServiceUnknown" in error.dbus_error:
        return NO_BLUETOOTH
    if isinstance(error, BleakDBusError) and error.dbus_error == "org.bluez.Error.NotReady":  # going dark just now
        return _UNAVAILABLE[BleakBluetoothNotAvailableReason.POWERED_OFF]
    if isinstance(error, PermissionError) or (isinstance(error, BleakDBusError) and "AccessDenied" in error.dbus_error):
        return NOT_ALLOWED
    if isinstance(error, (FileNotFoundError, ConnectionError, EOFError)):
        return NO_BLUETOOTH
    return _unusual(error)


def _unusual(error: Exception) -> str:
    """bleak tells a missing adapter in words only."""
    adapter = re.fullmatch(r"adapter '(.{1,64})' not found", str(error))
    if adapter is not None:
        return (f"There is no Bluetooth adapter {safe_text(adapter[1])}; plug it in, or choose another one with the "
                "setting adapter.")
    return f"Bluetooth failed ({safe_text(str(error)) or type(error).__name__}); try again."
