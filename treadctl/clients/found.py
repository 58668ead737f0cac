"""Machines that a scan found, in words: how well they are heard, what they are, whose they are. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from treadctl.model.api import Found
from treadctl.model.machine import Record
from treadctl.model.text import safe_text

STRONG, FAIR = -65, -80
"""dBm. Chosen: links were seen to hold well above the first, and receivers lose packets near -90."""
ADDRESS = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
"""A Bluetooth address, or what macOS gives instead."""
NOTHING_FOUND = (
    "No treadmill was found: wake it up, and close the other app that holds it (a treadmill shows itself to one app "
    "only)."
)
NAMELESS = "(no name)"
STRAP = "heart-rate strap"
_KINDS = ("treadmill", "fitness machine", "name says so, not sure", "no treadmill", STRAP)
"""What a machine may be, the likeliest treadmill first."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One machine as it is shown. `yours` is the name under which it is remembered, empty for a stranger."""

    address: str
    name: str
    rssi: int | None
    kind: str
    yours: str


def sightings(found: Iterable[Found], records: Iterable[Record]) -> list[Sighting]:
    """The machines found: the remembered first, then what is surely a treadmill, then the strongest."""
    remembered = {record.address.upper(): record.name or NAMELESS for record in records}
    shown = [_sighting(one, remembered.get(one.address.upper(), "")) for one in found]
    return sorted(shown, key=lambda one: (not one.yours, _KINDS.index(one.kind), -(one.rssi or -999), one.address))


def _sighting(found: Found, yours: str) -> Sighting:
    """Names come from the air and from files: both are made safe to show."""
    name, address = safe_text(found.name) or NAMELESS, safe_text(found.address)
    return Sighting(address, name, found.rssi, kind_words(found), safe_text(yours))


def signal_word(rssi: int | None) -> str:
    """How well a machine is heard."""
    if rssi is None:
        return "unknown"
    return "strong" if rssi >= STRONG else "fair" if rssi >= FAIR else "weak"


def kind_words(found: Found) -> str:
    """What its advertisement says that it is."""
    if found.strap:
        return STRAP
    sure, maybe, named, other, _ = _KINDS
    if not found.fitness:
        return named
    return maybe if found.treadmill is None else sure if found.treadmill else other
