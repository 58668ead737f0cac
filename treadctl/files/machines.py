"""Machines on disk: the personalities of `treadctl/machines/*.toml`, and the records that commissioning wrote.

A quirk says how a machine behaves; a record says what was measured of one machine, and only a record permits driving.
So a record that cannot be read counts as none: the machine has to be commissioned again. This module knows no Bluetooth
and takes no decision about belts.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from treadctl.files.store import MAX_STATE, Unreadable, read_small
from treadctl.model.errors import InvalidFile, UsageError
from treadctl.model.machine import InclineRange, Manual, Record, SpeedRange
from treadctl.model.plain import Malformed, dump, load
from treadctl.model.text import safe_text
from treadctl.model.units import LARGEST, Ms, Speed, kmh, percent

SHIPPED = Path(__file__).resolve().parent.parent / "machines"


class Answers(Enum):
    """How a machine answers a Control Point request."""

    INDICATION = "indication"
    STATUS = "status"
    """Never indicates; a change shows on Fitness Machine Status only."""


class Packets(Enum):
    """What a machine puts into Treadmill Data."""

    SHORT = "short"
    """Speed, distance, incline, energy, elapsed time (flags 048C): fits one notification at MTU 23."""
    FULL = "full"
    """Nearly every field, in More Data parts at MTU 23."""


@dataclass(frozen=True, slots=True)
class Quirk:
    """One machine's personality: everything the simulator needs, and the record that commissioning would have made.

    Speeds are 0.01 km/h, `acceleration` and `braking` 0.01 km/h per s, `incline_rate` 0.1 % per s, times ms.
    `start_delay` is Start to first motion, `lag` any other command to its first effect, `timer` the firmware's own
    limit on one run (0: none). `source` says where the numbers come from.
    """

    name: str
    title: str
    source: str
    record: Record
    speed: SpeedRange
    start_speed: Speed
    start_delay: Ms
    lag: Ms
    acceleration: int
    braking: int
    incline: InclineRange | None = None
    incline_rate: int = 5
    timer: Ms = 0
    resumes: bool = False
    sample_every: Ms = 500
    samples_at_standstill: bool = True
    answers: Answers = Answers.INDICATION
    answer_after: Ms = 60
    packets: Packets = Packets.SHORT
    remote_start: bool = True
    start_toggles: bool = False
    mph_target: bool = False
    mph_report: bool = False
    echoes_status: bool = False


def quirk_names() -> list[str]:
    """The shipped personalities, the reference machine first."""
    names = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    return sorted(names, key=lambda name: name != "reference")


def load_quirk(name: str) -> Quirk:
    """The personality of this name. Raises UsageError for an unknown name, InvalidFile for a broken file."""
    names = quirk_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]}?" if near else "there are " + ", ".join(names) + "."
        raise UsageError(f"There is no simulated machine called {name[:40]!r}: {hint}")
    return parse_quirk((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), name)


def parse_quirk(text: str, name: str) -> Quirk:
    """The personality that this TOML text describes. Raises InvalidFile."""
    file = f"{name}.toml"
    try:
        data = tomllib.loads(text, parse_float=Decimal)
        return _quirk(name, data)
    except tomllib.TOMLDecodeError as error:
        raise InvalidFile(file, 1, 1, f"this is not TOML ({_short(error)}); repair it") from None
    except KeyError as error:
        raise InvalidFile(file, 1, 1, f"{_short(error)} is missing; write it") from None
    except RecursionError:
        raise InvalidFile(file, 1, 1, "brackets are nested by the thousand; repair it") from None
    except (TypeError, ValueError, ArithmeticError) as error:
        raise InvalidFile(file, 1, 1, f"{_short(error)}; repair it") from None


def _short(error: Exception) -> str:
    """What a file's own words made of a message, fit to be shown: they may be as long as the file."""
    return safe_text(str(error), 200)


def _quirk(name: str, data: Mapping[str, Any]) -> Quirk:
    known = {"title", "source", "device", "speed", "incline", "belt", "wire", "record"}
    _refuse_unknown(data, known, "a machine file")
    belt, wire = dict(data["belt"]), dict(data.get("wire", {}))
    quirk = Quirk(
        name=name,
        title=_text(data["title"]),
        source=_text(data["source"]),
        record=Record(name=_text(data["device"])),
        speed=_speed_range(data["speed"]),
        incline=_incline_range(data["incline"]) if "incline" in data else None,
        **_values(belt, _BELT, "[belt]"),
        **_values(wire, _WIRE, "[wire]"),
    )
    seen = _values(dict(data.get("record", {})), _RECORD, "[record]")
    return replace(quirk, record=replace(commissioned(quirk), **seen))


def commissioned(quirk: Quirk) -> Record:
    """What commissioning would measure on a machine of this personality, with an owner who attests everything."""
    return Record(
        name=quirk.record.name,
        speed=quirk.speed,
        incline=quirk.incline,
        start_speed=quirk.start_speed,
        start_lag=quirk.start_delay,
        lag=quirk.lag,
        stop_lag=quirk.lag + 200 * 1000 // quirk.braking,
        sample_interval=quirk.sample_every,
        samples_at_standstill=quirk.samples_at_standstill,
        remote_start=quirk.remote_start,
        stop_works=True,
        units_read_by_owner=not (quirk.mph_target or quirk.mph_report),
        resume_speed=None if quirk.resumes else quirk.start_speed,
        counts_itself=quirk.start_delay,
        ramp=quirk.acceleration,
        manual=Manual.ALLOWS,
        rails_facing_away=True,
    )


Reader = Callable[[Any], Any]


def _ms(value: Any) -> Ms:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or not 0 <= value <= LARGEST:
        raise ValueError(f"{value!r} is no time in seconds")
    return int(value * 1000)


def _speed(value: Any) -> Speed:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError(f"{value!r} is no speed in km/h")
    return kmh(value)


def _rate(value: Any) -> int:
    rate = int(_speed(value))
    if rate == 0:
        raise ValueError("a belt that never changes its speed is no belt: write a rate above 0")
    return rate


def _incline_rate(value: Any) -> int:
    return max(1, int(percent(value)))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is no text")
    return value


_BELT: dict[str, tuple[str, Reader]] = {
    "start_speed": ("start_speed", _speed),
    "start_delay": ("start_delay", _ms),
    "lag": ("lag", _ms),
    "acceleration": ("acceleration", _rate),
    "braking": ("braking", _rate),
    "incline_rate": ("incline_rate", _incline_rate),
    "timer": ("timer", _ms),
    "resumes_last_speed": ("resumes", _flag),
}
_WIRE: dict[str, tuple[str, Reader]] = {
    "sample_every": ("sample_every", _ms),
    "samples_at_standstill": ("samples_at_standstill", _flag),
    "answers": ("answers", Answers),
    "answer_after": ("answer_after", _ms),
    "packets": ("packets", Packets),
    "remote_start": ("remote_start", _flag),
    "start_toggles": ("start_toggles", _flag),
    "target_in_mph": ("mph_target", _flag),
    "reports_in_mph": ("mph_report", _flag),
    "echoes_status": ("echoes_status", _flag),
}
_RECORD: dict[str, tuple[str, Reader]] = {
    "units_read_by_owner": ("units_read_by_owner", _flag),
    "pause_proven": ("pause_proven", _flag),
    "counts_itself": ("counts_itself", _ms),
    "manual": ("manual", Manual),
    "rails_facing_away": ("rails_facing_away", _flag),
    "stop_works": ("stop_works", _flag),
}
"""Key in the file -> field, and how its value is read. Units in the files: km/h, km/h per s, %, s."""


def _values(data: Mapping[str, Any], table: Mapping[str, tuple[str, Reader]], where: str) -> dict[str, Any]:
    _refuse_unknown(data, set(table), where)
    return {table[key][0]: table[key][1](value) for key, value in data.items()}


def _refuse_unknown(data: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise ValueError(f"{where} has no {key!r}, only {', '.join(sorted(known))}")


def _speed_range(data: Mapping[str, Any]) -> SpeedRange:
    return SpeedRange(_speed(data["minimum"]), _speed(data["maximum"]), _speed(data["increment"]))


def _incline_range(data: Mapping[str, Any]) -> InclineRange:
    return InclineRange(percent(data["minimum"]), percent(data["maximum"]), int(percent(data["increment"])))


class RecordStore:
    """Machine records, one JSON file per address in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, address: str) -> Record | None:
        """The record of the machine with this address; None if there is none, or none that can be trusted."""
        try:
            record = load(Record, json.loads(read_small(self._path(address), MAX_STATE).decode("utf-8")))
        except (Unreadable, ValueError, Malformed, RecursionError):
            return None
        return record if isinstance(record, Record) and record.address == address else None

    def save(self, record: Record) -> None:
        """Write this record under its address, whole or not at all, readable by its owner only. Raises OSError."""
        if not record.address:
            raise ValueError("a record without an address belongs to no machine")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = json.dumps(dump(record), indent=1, sort_keys=True) + "\n"
        _write_whole(self._path(record.address), text)

    def _path(self, address: str) -> Path:
        """A file name that no address can break out of, readable for the usual ones."""
        if re.fullmatch(r"[0-9A-Za-z:-]{1,64}", address):
            return self._folder / (address.replace(":", "-").lower() + ".json")
        return self._folder / (hashlib.sha256(address.encode("utf-8", "replace")).hexdigest() + ".json")


def _write_whole(path: Path, text: str) -> None:
    """Replace `path` by one rename; `mkstemp` makes the file 0600."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
