"""Captures: what one machine is and what it sent, as a file that can be sent along with a bug report. Format v1.

The file is one JSON object, UTF-8, at most 8 MiB; all octets are hexadecimal, times are ms since the listening began,
UUIDs have four digits where the Bluetooth SIG gave them a number and are whole and lower case otherwise.

    schema         "treadctl.capture/1"
    origin         "recorded": by treadctl over its own link, which wrote nothing to the machine;
                   "published": put together from packets that others have published (each says where)
    treadctl       version that made it; "date": local date, ISO; "simulated": no real machine was there
    machine        name, maker, model, firmware, as the machine gives them
    advertisement  seen (false: connected to without one); whether it carried a name; its service UUIDs, service data,
                   and the company numbers of its manufacturer data, whose octets are left out
    seconds        how long notifications were asked for; "complete": they were listened to for all of that, with room
                   for every one; else "why" says why not
    redacted       what was replaced, and in how many places (see `redaction`); empty where nothing was found
    attributes     every characteristic: service, uuid, handle, properties, subscribed, value (null: not read, and
                   "why"). A characteristic that treadctl listens to is never read
    heard          notifications and indications in order: ms, uuid, data
    written        of published packets, what an app wrote to the machine; treadctl writes nothing for a capture

In published captures a value or packet has an "id" and a "source" of its own. A field that has its usual value (empty,
false, null, "recorded") is missing. A treadmill may report the walker's heart rate in 2ACD: that stays in.

Loading treats the file as hostile. This module only reads and writes; it knows no Bluetooth and decodes nothing.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from treadctl.files.store import Unreadable, read_small, shown_path
from treadctl.model.errors import InvalidFile
from treadctl.model.plain import Malformed, dump, load
from treadctl.model.text import safe_text

SCHEMA = "treadctl.capture/1"
MAX_FILE = 8 * 1024 * 1024
MAX_PACKETS = 50_000
"""Chosen: over four hours of a machine that sends three packets a second."""
MAX_OCTETS = 5_000_000
"""Of packets, as the file has them. Chosen: what can still be attached to a report."""
MAX_ATTRIBUTES = 512
MAX_VALUE = 512
"""The longest attribute value (Core specification, part F, 3.2.9)."""
MAX_UUID = 36
_ROW = 64
"""Octets of a packet's line beside its data, for counting: the longest time and a short UUID."""


class Origin(Enum):
    """Who saw these packets."""

    RECORDED = "recorded"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Named:
    """Octets that belong to a UUID."""

    uuid: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What the machine sent before anybody was connected. `seen` False: nothing is known of it."""

    seen: bool = False
    named: bool = False
    services: tuple[str, ...] = ()
    service_data: tuple[Named, ...] = ()
    companies: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """What the machine calls itself. Text is safe to show once it went through `safe_text`."""

    name: str = ""
    maker: str = ""
    model: str = ""
    firmware: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One characteristic. `value` None: not read, and `why`."""

    service: str
    uuid: str
    handle: int = 0
    properties: tuple[str, ...] = ()
    subscribed: bool = False
    value: bytes | None = None
    why: str = ""
    id: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Packet:
    """Octets of one characteristic at one time."""

    ms: int
    uuid: str
    data: bytes
    id: str = ""
    source: str = ""

    @property
    def size(self) -> int:
        """About how many octets of a file it takes."""
        return 2 * len(self.data) + len(self.uuid) + _ROW


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture. The fields are those of the file."""

    origin: Origin = Origin.RECORDED
    treadctl: str = ""
    date: str = ""
    simulated: bool = False
    machine: Identity = Identity()
    advertisement: Advertisement = Advertisement()
    seconds: int = 0
    complete: bool = False
    why: str = ""
    redacted: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    heard: tuple[Packet, ...] = ()
    written: tuple[Packet, ...] = ()


# --- writing -------------------------------------------------------------------------------------------------------

_ROWS: Mapping[str, type] = {"attributes": Attribute, "heard": Packet, "written": Packet}
"""The long lists: one item a line, so that two captures can be compared by eye and by diff."""


def render(capture: Capture) -> str:
    """The text of the file."""
    said = {"schema": SCHEMA, **_said(capture)}
    lines = [f" {json.dumps(name)}: {_line(value)}" for name, value in said.items() if name not in _ROWS]
    lines += [f" {json.dumps(name)}: [\n{_table(said[name])}\n ]" for name in _ROWS if name in said]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _table(items: Iterable[Any]) -> str:
    return ",\n".join("  " + _line(item) for item in items)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _said(value: Any) -> Any:
    """Plain JSON of a dataclass of this module, without the fields that have their usual value."""
    if isinstance(value, tuple):
        return [_said(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return dump(value)
    held = {field.name: (getattr(value, field.name), field.default) for field in dataclasses.fields(value)}
    return {name: _said(now) for name, (now, usual) in held.items() if now != usual}


# --- reading -------------------------------------------------------------------------------------------------------


def load_capture(path: Path) -> Capture:
    """The capture in this file. Raises InvalidFile, with one sentence."""
    file = shown_path(path)
    try:
        return parse(read_small(path, MAX_FILE))
    except json.JSONDecodeError as error:
        raise InvalidFile(file, error.lineno, error.colno, "this is not JSON; choose a whole capture file") from None
    except RecursionError:
        raise InvalidFile(file, 1, 1, "brackets are nested by the thousand; choose a capture file") from None
    except (Unreadable, ValueError) as error:  # UnicodeDecodeError, Malformed and overlong numbers are ValueErrors
        raise InvalidFile(file, 1, 1, f"{safe_text(str(error), 200)}; choose a capture file") from None


def parse(text: bytes) -> Capture:
    """The capture that this text stands for. Raises ValueError (Malformed, JSONDecodeError among them)."""
    data = json.loads(text.decode("utf-8"))
    if not isinstance(data, dict) or data.pop("schema", None) != SCHEMA:
        raise Malformed(f"this is no capture of the format {SCHEMA}")
    rows = {name: _rows(name, kind, data.pop(name, [])) for name, kind in _ROWS.items()}
    capture: Capture = replace(load(Capture, data, "the capture"), **rows)
    _must_fit(capture)
    return capture


def _rows(name: str, kind: type, items: Any) -> tuple[Any, ...]:
    most = MAX_ATTRIBUTES if kind is Attribute else MAX_PACKETS
    if not isinstance(items, list) or len(items) > most:
        raise Malformed(f"{name} has to be a list of at most {most}")
    return tuple(load(kind, item, f"{name}[{number}]") for number, item in enumerate(items))


def _must_fit(capture: Capture) -> None:
    packets = (*capture.heard, *capture.written)
    values = [one.value for one in capture.attributes if one.value is not None]
    octets = [packet.data for packet in packets] + values + [one.data for one in capture.advertisement.service_data]
    if any(len(data) > MAX_VALUE for data in octets):
        raise Malformed(f"a value has at most {MAX_VALUE} octets")
    uuids = [uuid for one in capture.attributes for uuid in (one.service, one.uuid)]
    if any(len(uuid) > MAX_UUID for uuid in (*uuids, *(packet.uuid for packet in packets))):
        raise Malformed(f"a UUID has at most {MAX_UUID} characters")
    if any(packet.ms < 0 for packet in packets):
        raise Malformed("a packet cannot have come before the listening began")
