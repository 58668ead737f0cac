"""A foreign client reads the simulated treadmill: pyftms and treadctl decode the same notifications, and are compared.

Run by hand, because pyftms 0.4.15 needs Python 3.12 or newer: in an environment of its own that has `pyftms==0.4.15`,
`python tests/foreign/with_pyftms.py --treadsim .venv/bin/treadsim [--quirk NAME]`.
What came of it: docs/foreign-client.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pyftms
from bleak import BleakClient, BleakScanner

from treadctl.ftms import uuids
from treadctl.ftms.codec import TreadmillData
from treadctl.ftms.treadmill_data import RecordAssembler, decode_treadmill_data

FIELDS: dict[str, Callable[[TreadmillData], object]] = {
    "speed_instant": lambda r: None if r.speed is None else r.speed / 100,
    "distance_total": lambda r: r.distance_m,
    "inclination": lambda r: None if r.incline is None else r.incline / 10,
    "heart_rate": lambda r: r.heart_rate,
    "time_elapsed": lambda r: r.elapsed_s,
}
"""pyftms' name -> the same value in ours."""


class Compared:
    """Every whole record, as both read it."""

    def __init__(self) -> None:
        self.records = 0
        self.same: Counter[str] = Counter()
        self.different: dict[str, list[str]] = {}
        self.raised: Counter[str] = Counter()

    def field(self, name: str, theirs: object, ours: object) -> None:
        if theirs == ours or (isinstance(theirs, float) and isinstance(ours, float) and abs(theirs - ours) < 1e-6):
            self.same[name] += 1
        else:
            self.different.setdefault(name, []).append(f"{theirs!r} and {ours!r}")


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--treadsim", required=True)
    parser.add_argument("--quirk", default="reference")
    asked = parser.parse_args()
    command = [asked.treadsim, "serve", "--bluez", "--quirk", asked.quirk]
    serving = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220
    assert serving.stdout is not None
    first = dict(part.split("=", 1) for part in serving.stdout.readline().split())
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = first["DBUS_SYSTEM_BUS_ADDRESS"]
    try:
        await asyncio.wait_for(_walk(asked.quirk), 90)
    finally:
        serving.kill()
    return 0


async def _walk(quirk: str) -> None:
    compared, assembler, theirs = Compared(), RecordAssembler(), dict[str, object]()
    _listen_in(compared, assembler, theirs)
    found = await BleakScanner.find_device_by_filter(lambda _d, a: uuids.FTMS in a.service_uuids, timeout=10)
    assert found is not None, "nothing was found"

    def event(event: object) -> None:
        if getattr(event, "event_id", "") == "update":
            theirs.update(event.event_data)  # type: ignore[attr-defined]

    client = pyftms.get_client(found, pyftms.MachineType.TREADMILL, on_ftms_event=event)
    await client.connect()
    print(f"{quirk}: connected as {client.device_info}; ranges {dict(client.supported_ranges)}")
    print("Request Control and Start:", await client.start_resume())
    await asyncio.sleep(8)
    print("Set Target Speed 2.0:", await client.set_target_speed(2.0))
    await asyncio.sleep(8)
    print("Stop:", await client.stop())
    await asyncio.sleep(8)
    await client.disconnect()
    _tell(compared)


def _listen_in(compared: Compared, assembler: RecordAssembler, theirs: dict[str, object]) -> None:
    """Ours reads every notification just after theirs."""
    start = BleakClient.start_notify

    async def start_notify(self: Any, characteristic: Any, callback: Any, **how: Any) -> None:
        def both(sender: Any, data: bytearray) -> None:
            try:
                callback(sender, data)
            except (TypeError, ValueError, EOFError, AssertionError, LookupError) as error:
                compared.raised[f"{type(error).__name__}: {error}"] += 1
            if str(getattr(sender, "uuid", characteristic)).lower() == uuids.TREADMILL_DATA:
                for record in _records(assembler, bytes(data)):
                    _compare(compared, record, theirs)

        await start(self, characteristic, both, **how)

    BleakClient.start_notify = start_notify  # type: ignore[method-assign, assignment]


def _records(assembler: RecordAssembler, data: bytes) -> list[TreadmillData]:
    record = assembler.feed(decode_treadmill_data(data))
    return [] if record is None else [record]


def _compare(compared: Compared, record: TreadmillData, theirs: dict[str, object]) -> None:
    compared.records += 1
    for name, read in FIELDS.items():
        ours = read(record)
        if ours is not None:
            compared.field(name, theirs.get(name), ours)


def _tell(compared: Compared) -> None:
    print(f"{compared.records} records")
    for name in FIELDS:
        differences = compared.different.get(name, [])
        print(f"  {name}: {compared.same[name]} the same, {len(differences)} different {differences[:3]}")
    for what, times in compared.raised.items():
        print(f"  pyftms raised {times} times: {what}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
