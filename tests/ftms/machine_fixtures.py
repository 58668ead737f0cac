"""Published packets of real treadmills as captures, one file for each machine, in the format of `treadctl capture`.

    python -m tests.ftms.machine_fixtures

Made from `tests/fixtures/ftms_vectors.json`, whose octets were captured by others; each packet keeps its id and source.
Times were not published and are all 0. Octets that somebody worked out from a description, and machines that are no
treadmills, are left out. What treadctl itself records of a real machine goes into the same folder, and is not made
here.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from treadctl.files.captures import Attribute, Capture, Identity, Origin, Packet, render

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
MACHINES = FIXTURES / "machines"
CAPTURED = {"captured": "", "captured-partial": " (first octets only)", "claimed-capture": " (said to be a capture)"}
OF_OTHERS = {"2A37", "2AD2"}
"""Heart-rate straps and bikes."""


def vectors() -> dict[str, dict[str, Any]]:
    """Every packet by its id."""
    packets = json.loads((FIXTURES / "ftms_vectors.json").read_text(encoding="utf-8"))["packets"]
    return {packet["id"]: packet for packet in packets}


def captured() -> dict[str, list[dict[str, Any]]]:
    """The captured packets of treadmills, by model."""
    found: dict[str, list[dict[str, Any]]] = {}
    for packet in vectors().values():
        if packet["provenance"] in CAPTURED and packet["characteristic"] not in OF_OTHERS:
            found.setdefault(packet["model"], []).append(packet)
    return found


def made() -> dict[str, Capture]:
    """The fixtures, by file name."""
    return {f"{_stem(model)}.json": _capture(model, packets) for model, packets in captured().items()}


def _stem(model: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", model.partition(" (")[0].lower()).strip("-")


def _capture(model: str, packets: list[dict[str, Any]]) -> Capture:
    directions = {word: [one for one in packets if one["direction"] in word] for word in ("notify indicate", "write")}
    firmware = next((one["expected"]["text"] for one in packets if one["characteristic"] == "2A26"), "")
    return Capture(
        origin=Origin.PUBLISHED,
        machine=Identity(model=model, firmware=firmware),
        complete=False,
        why="Only single packets were published.",
        attributes=tuple(_attribute(one) for one in packets if one["direction"] == "read"),
        heard=_packets(directions["notify indicate"]),
        written=_packets(directions["write"]),
    )


def _attribute(one: dict[str, Any]) -> Attribute:
    service = "180a" if one["characteristic"].startswith("2A2") else "1826"
    return Attribute(service, _uuid(one), value=bytes.fromhex(one["hex"]), id=one["id"], source=_source(one))


def _packets(ones: Iterable[dict[str, Any]]) -> tuple[Packet, ...]:
    return tuple(Packet(0, _uuid(one), bytes.fromhex(one["hex"]), one["id"], _source(one)) for one in ones)


def _uuid(one: dict[str, Any]) -> str:
    return str(one["characteristic"].lower())


def _source(one: dict[str, Any]) -> str:
    return str(one["source"] + CAPTURED[one["provenance"]])


def main() -> int:
    """Write them."""
    MACHINES.mkdir(exist_ok=True)
    for name, capture in made().items():
        (MACHINES / name).write_text(render(capture), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
