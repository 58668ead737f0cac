"""`python -m treadctl.guardian --check`: what of this computer a guardian would need, as one JSON object, and the end.

Clients may not touch Bluetooth, so `treadctl doctor` starts this. It asks the message bus and nobody else: it does not
scan, connect or load bleak, it keeps nothing, and every wait has a limit.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbus_fast import BusType, Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError

from treadctl.model.checkup import Finding, Level
from treadctl.model.errors import ExitCode
from treadctl.model.plain import dump
from treadctl.model.text import safe_text

from .inhibitor import CALL_LIMIT_S, LOCKS, LOGIND, MANAGER, MANAGER_PATH
from .speakers import find_player, find_speaker

SCHEMA = "treadctl.check/1"
BLUEZ, ADAPTER, OBJECT_MANAGER = "org.bluez", "org.bluez.Adapter1", "org.freedesktop.DBus.ObjectManager"
DENIED = ("org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.AuthFailed")
ABSENT = ("", "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner")
DAEMONS = ("/usr/libexec/bluetooth/bluetoothd", "/usr/lib/bluetooth/bluetoothd", "/usr/sbin/bluetoothd")
"""Where Debian (12, and before), Arch and others put it: not on the path."""
VERSION_LIMIT_S = 2.0
SETTING = 'write adapter = "{}" into the settings file, or set TREADCTL_ADAPTER'


class NotAnswered(Exception):
    """A call of the bus failed; `name` is D-Bus's name of the error, empty where none came in time."""

    def __init__(self, name: str) -> None:
        super().__init__(name or "no answer")
        self.name = name


@dataclass(frozen=True, slots=True)
class Adapter:
    """One Bluetooth adapter as BlueZ tells of it. `blocked`: by a switch or by rfkill."""

    name: str
    alias: str
    powered: bool
    blocked: bool


def run_check(adapter: str) -> int:
    """Print what was found. `adapter` is the one that the settings name, or empty. Returns 0."""
    findings = asyncio.run(_look(adapter))
    sys.stdout.write(json.dumps({"schema": SCHEMA, "findings": dump(findings)}) + "\n")
    return int(ExitCode.OK)


async def _look(adapter: str) -> tuple[Finding, ...]:
    try:
        bus = await _connect()
    except (OSError, EOFError, TimeoutError, DBusFastError) as error:
        return no_bus(error), asleep(""), voice(dict(os.environ))
    try:
        return (*await _bluetooth(bus, adapter), await _inhibitors(bus), voice(dict(os.environ)))
    finally:
        bus.disconnect()


async def _connect() -> MessageBus:
    bus = MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True)
    async with asyncio.timeout(CALL_LIMIT_S):
        return await bus.connect()


def no_bus(error: Exception) -> Finding:
    """Without the bus nothing else of Bluetooth can be looked at."""
    if isinstance(error, PermissionError):
        return _problem("permission", "The system message bus (D-Bus) does not let you in.",
                        "run treadctl as the user who sits at this computer, outside of a sandbox")
    return _problem("message bus", "There is no system message bus (D-Bus), and Bluetooth is reached over it.",
                    "sudo apt install dbus, and start it; a container needs /run/dbus of its host")


async def _call(bus: MessageBus, to: str, path: str, interface: str, member: str, *words: str) -> Message:
    """One call whose arguments are text. Raises NotAnswered."""
    call = Message(
        destination=to, path=path, interface=interface, member=member, signature="s" * len(words), body=list(words),
        flags=MessageFlag.NONE,
    )
    try:
        async with asyncio.timeout(CALL_LIMIT_S):
            reply = await bus.call(call)
    except (TimeoutError, OSError, EOFError, DBusFastError):
        raise NotAnswered("") from None
    if reply is None or reply.message_type is MessageType.ERROR:
        raise NotAnswered("" if reply is None else reply.error_name or "")
    return reply


# --- Bluetooth -----------------------------------------------------------------------------------------------------


async def _bluetooth(bus: MessageBus, wanted: str) -> tuple[Finding, ...]:
    here = Finding("message bus", Level.OK, "The system message bus (D-Bus) answers.")
    try:
        reply = await _call(bus, BLUEZ, "/", OBJECT_MANAGER, "GetManagedObjects")
    except NotAnswered as error:
        return here, no_bluez(error.name, installed=any(map(os.path.exists, DAEMONS)))
    running = f"BlueZ {await _version()} runs.".replace("  ", " ")
    return (
        here, Finding("bluez", Level.OK, running), Finding("permission", Level.OK, "You may use Bluetooth."),
        *adapters(read_adapters(reply.body[0]), wanted),
    )


def no_bluez(error: str, installed: bool) -> Finding:
    """Why the Bluetooth service gives no answer."""
    if error in DENIED:
        return _problem("permission", "The system does not let you use Bluetooth.",
                        "sudo usermod -aG bluetooth $USER, then log out and in again")
    if not error:
        return _problem("bluez", "The Bluetooth service (BlueZ) hangs.", "sudo systemctl restart bluetooth")
    if installed:
        return _problem("bluez", "The Bluetooth service (BlueZ) does not run.",
                        "sudo systemctl enable --now bluetooth")
    return _problem("bluez", "The Bluetooth service (BlueZ) is not installed.", "sudo apt install bluez")


async def _version() -> str:
    """BlueZ says its version on no bus, but its program does; empty where that cannot be asked."""
    program = shutil.which("bluetoothctl")
    if program is None:
        return ""
    nowhere, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(program, "--version", stdin=nowhere, stdout=pipe, stderr=nowhere)
    try:
        async with asyncio.timeout(VERSION_LIMIT_S):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return ""
    return safe_text(said.decode("utf-8", "replace").rsplit(":", 1)[-1].strip(), 20)


def read_adapters(objects: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[Adapter]:
    """The adapters among BlueZ's objects, by name."""
    found = []
    for path, interfaces in sorted(objects.items()):
        if ADAPTER in interfaces:
            values = {key: variant.value for key, variant in interfaces[ADAPTER].items()}
            blocked = values.get("PowerState") == "off-blocked"
            name, alias = Path(path).name, safe_text(str(values.get("Alias", "")), 40)
            found.append(Adapter(safe_text(name, 40), alias, bool(values.get("Powered")), blocked))
    return found


def adapters(found: list[Adapter], wanted: str) -> tuple[Finding, ...]:
    """Which adapter is used, and whether it works. `wanted` is the one that the settings name."""
    if not found:
        return (_problem("adapter", "This computer has no Bluetooth adapter.",
                         "plug one in, or walk on the simulated treadmill with --sim"),)
    if wanted:
        named = [adapter for adapter in found if adapter.name == wanted]
        return (_power(named[0], ", which the settings name,") if named else _not_there(found, wanted),)
    powered = [adapter for adapter in found if adapter.powered]
    if len(powered) > 1:
        return (Finding("adapter", Level.WARNING, f"{_names(powered)} are switched on, and any of them may be used.",
                        f"choose one: {SETTING.format(powered[0].name)}"),)
    return (_power((powered or found)[0], "" if len(found) == 1 else f", of {_names(found)},"),)


def _not_there(found: list[Adapter], wanted: str) -> Finding:
    return _problem("adapter", f"The settings name the adapter {safe_text(wanted, 40)}, and there is none; "
                    f"there is {_names(found)}.", SETTING.format(found[0].name))


def _names(found: list[Adapter]) -> str:
    return " and ".join(adapter.name for adapter in found)


def _power(adapter: Adapter, why: str) -> Finding:
    shown = f"{adapter.name} ({adapter.alias}){why}" if adapter.alias else f"{adapter.name}{why}"
    if adapter.powered:
        return Finding("adapter", Level.OK, f"{shown} is switched on and used.")
    if adapter.blocked:
        return _problem("adapter", f"{shown} is blocked by a switch or by airplane mode.", "rfkill unblock bluetooth")
    return _problem("adapter", f"{shown} is switched off.", "bluetoothctl power on")


# --- the rest ------------------------------------------------------------------------------------------------------


async def _inhibitors(bus: MessageBus) -> Finding:
    """Whether the computer would stay awake: both locks are asked for, and given back at once."""
    for lock in LOCKS:
        try:
            words = (lock.what, "treadctl", "treadctl doctor looks whether it could", lock.mode)
            reply = await _call(bus, LOGIND, MANAGER_PATH, MANAGER, "Inhibit", *words)
        except NotAnswered as error:
            return asleep(error.name)
        for descriptor in reply.unix_fds:
            os.close(descriptor)
    return Finding("awake", Level.OK, "The computer stays awake while you walk.")


def asleep(error: str) -> Finding:
    """Nobody can be asked to keep the computer awake; `error` is D-Bus's name of why, empty without an answer."""
    why = "logind is not there" if error in ABSENT else "logind says no"
    return Finding("awake", Level.WARNING, f"This computer may fall asleep while you walk ({why}).",
                   "switch off automatic sleep, and leave the lid open")


def voice(environment: Mapping[str, str]) -> Finding:
    """Whether cues can be spoken: on a real treadmill nobody walks backward unheard."""
    path = environment.get("PATH")
    speaker, player = find_speaker(path), find_player(path)
    missing = [] if speaker else [("espeak-ng", "espeak-ng")]
    missing += [] if player else [("a player such as pw-play, paplay or aplay", "pulseaudio-utils")]
    if missing:
        words, packages = zip(*missing, strict=True)
        return _problem("voice", f"No voice, and without one nobody walks on a real treadmill: {' and '.join(words)} "
                        "is not installed.", f"sudo apt install {' '.join(packages)}")
    return Finding("voice", Level.OK, f"{Path(speaker or '').name} speaks through {Path(player or '').name}.")


def _problem(about: str, text: str, todo: str) -> Finding:
    return Finding(about, Level.PROBLEM, text, todo)
