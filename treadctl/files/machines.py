"""Machine records on disk: what commissioning measured of one machine with one firmware. Only a record permits driving.

So a record that cannot be read counts as none, and a machine that comes with another firmware than its record has none:
it has to be commissioned again. This module knows no Bluetooth and takes no decision about belts.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from treadctl.files.store import MAX_STATE, Unreadable, read_small, write_atomic
from treadctl.model.machine import Record
from treadctl.model.plain import Malformed, dump, load


class RecordStore:
    """Machine records in one folder: one JSON file for each address and firmware."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, address: str, firmware: str = "") -> Record | None:
        """The record of this machine with this firmware; None if there is none, or none that can be trusted."""
        record = _read(self._path(address, firmware))
        if record is None or (record.address, record.firmware) != (address, firmware):
            return None
        return record

    def save(self, record: Record) -> None:
        """Write this record in its place, whole or not at all, readable by its owner only. Raises OSError."""
        if not record.address:
            raise ValueError("a record without an address belongs to no machine")
        text = json.dumps(dump(record), indent=1, sort_keys=True) + "\n"
        write_atomic(self._path(record.address, record.firmware), text.encode())

    def all(self) -> tuple[Record, ...]:
        """Every record that can be trusted: it stands where its own address and firmware belong."""
        records = ((path, _read(path)) for path in sorted(self._folder.glob("*.json")))
        return tuple(r for path, r in records if r is not None and path == self._path(r.address, r.firmware))

    def forget(self, address: str) -> bool:
        """Delete what is known of this machine, with every firmware; False if there was nothing. Raises OSError."""
        stem = _stem(address)
        gone = [path for path in self._folder.glob("*.json") if path.stem.split(FIRMWARE)[0] == stem]
        for path in gone:
            path.unlink(missing_ok=True)
        return bool(gone)

    def _path(self, address: str, firmware: str) -> Path:
        """A file name that neither of them can break out of."""
        return self._folder / (_stem(address) + (FIRMWARE + _digest(firmware)[:16] if firmware else "") + ".json")


FIRMWARE = "@"
"""Between address and firmware in a file name; no address brings one along."""


def _stem(address: str) -> str:
    """Readable for the usual addresses."""
    if re.fullmatch(r"[0-9A-Za-z:-]{1,64}", address):
        return address.replace(":", "-").lower()
    return _digest(address)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _read(path: Path) -> Record | None:
    try:
        record = load(Record, json.loads(read_small(path, MAX_STATE).decode("utf-8")))
    except (Unreadable, ValueError, Malformed, RecursionError):
        return None
    return record if isinstance(record, Record) else None
