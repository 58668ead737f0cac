"""What a person is told when something fails: what happened, and what to do, in one sentence.

Every sentence that treadctl writes for a failure is found in its source, so that a new one cannot be forgotten here.
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)

from tests.cli.processes import ended_guardians, treadctl_on_a_terminal
from treadctl.guardian.failures import LinkFailed, bounded, sentence

ROOT = Path(__file__).resolve().parents[2]
TOLD = {"LinkFailed": 0, "NoMachine": 0, "Refused": 0, "UsageError": 0, "Verdict": 2, "bounded": 2}
"""What makes a sentence for a person, and which of its arguments it is."""
NOT_TOLD = {
    "A write took over X s": "for the core, which tells what it does about it",
    "The link was lost in the middle of a write.": "for the core, as above",
    "The link was lost while the belt was being watched.": "a rescue adds what to do to every failure",
    "Pairing took too long": "becomes the sentence about pairing",
    "Closing took too long": "nobody waits for it",
    "it did not answer": "for the log; the strap's own line says what to do",
    "it did not subscribe": "for the log, as above",
    "a X client may not ask to X": "for whoever writes a client",
}
ADVICE = re.compile(r"[;:.] \S|^X If ")
"""At least a second half: "…; do this", "…: do that"."""


def sentences() -> Iterator[tuple[str, str]]:
    """Where a sentence is made, and how it reads with an X for what is put in."""
    for path in sorted((ROOT / "treadctl").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and (name := _name(call.func)) in TOLD and len(call.args) > TOLD[name]:
                for text in _texts(call.args[TOLD[name]], module):
                    yield f"{path.relative_to(ROOT)}:{call.lineno}", text


def _name(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def _texts(node: ast.expr, module: str) -> Iterator[str]:
    """What is written out here. What comes from elsewhere (a guardian's own words) is found where it is written."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in parts)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _texts(value, module)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body, module)
            yield from _texts(orelse, module)
        case ast.Name(id=name) if name.isupper():
            yield getattr(importlib.import_module(module), name)


def advises(text: str) -> bool:
    second = text.removeprefix("Refused: ")
    return second == "X." or ADVICE.search(second) is not None


def test_every_sentence_of_a_failure_has_a_second_half_that_says_what_to_do() -> None:
    found = [(where, text) for where, text in sentences() if text.strip("X.") and text not in NOT_TOLD]
    assert len(found) > 50
    assert [f"{where}: {text}" for where, text in found if not advises(text)] == []


def test_what_is_called_not_told_is_still_written_somewhere() -> None:
    assert set(NOT_TOLD) <= {text for _, text in sentences()}


@pytest.mark.parametrize("words", ["run demo --headless", "commission --headless", "scan", "capture"])
def test_what_keeps_a_command_from_its_treadmill_is_told_once(words: str) -> None:
    with ended_guardians():
        code, shown = treadctl_on_a_terminal(*words.split(), DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent/bus")
        assert (code, shown.count("Bluetooth does not answer")) == (4, 1), shown


MISHAPS: list[Exception] = [
    *(BleakBluetoothNotAvailableError("why", reason) for reason in BleakBluetoothNotAvailableReason),
    *(BleakGATTProtocolError(code) for code in BleakGATTProtocolErrorCode),
    BleakDeviceNotFoundError("AA:BB:CC:DD:EE:FF"),
    BleakDBusError("org.bluez.Error.Failed", ["Not paired"]),
    BleakDBusError("org.bluez.Error.NotReady", []),
    BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", []),
    BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", []),
    BleakDBusError("org.bluez.Error.Failed", ["no reason at all"]),
    BleakError("adapter 'hci9' not found"),
    BleakError("what nobody foresaw"),
    TimeoutError(), PermissionError(), FileNotFoundError(), ConnectionRefusedError(), EOFError(), OSError("odd"),
]


@pytest.mark.parametrize("error", MISHAPS, ids=lambda error: f"{type(error).__name__} {error}"[:60])
def test_whatever_bluetooth_lets_through_becomes_what_happened_and_what_to_do(error: Exception) -> None:
    told = sentence(error)
    assert advises(told) and told.endswith(".") and len(told.splitlines()) == 1


async def test_what_does_not_end_in_time_is_told_with_what_to_do() -> None:
    with pytest.raises(LinkFailed, match=r"^It hangs; try again\.$"):
        await bounded(asyncio.get_running_loop().create_future(), 0.01, "It hangs; try again")
