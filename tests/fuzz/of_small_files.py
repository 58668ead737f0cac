"""The small files under fuzzing: locks, today's ticks, the person, machine records, settings, machines' personalities.

The first octet of an input picks the reader, the rest is the file. A damaged file must never unlock, tick off, loosen
or invent anything: what comes out stands in the file, word for word, or the reader says that it is unreadable.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.fuzz.files import a_file, cpu_bounded, folder, parsed, place_is_inside
from treadctl.files.config import FASTEST, SLOWEST, Settings, Source, load_settings
from treadctl.files.locks import load_day, load_locks
from treadctl.files.machines import RecordStore
from treadctl.files.person import load_person, save_person
from treadctl.files.quirks import parse_quirk
from treadctl.model import plain
from treadctl.model.errors import InvalidFile
from treadctl.model.locks import UNREADABLE
from treadctl.model.text import is_hidden

MAX_LENGTH = 4096
CPU_LIMIT_S = 2.0
TODAY = "2031-05-17"
ADDRESS = "F0:00:00:00:00:01"


def _locks(data: bytes) -> None:
    found = load_locks(a_file("locks.json", data))
    said = _object(data)
    if said is None or not isinstance(said.get("locks"), list):
        assert found == (UNREADABLE,), "a file that cannot be read has to lock everything"
        return
    if found != (UNREADABLE,):
        assert len(found) == len(said["locks"])
        for lock, written in zip(found, said["locks"], strict=True):
            _stands_in_the_file(lock, written)


def _day(data: bytes) -> None:
    checked, reached, heard = load_day(a_file("day.json", data), TODAY)
    said = _object(data) or {}
    if checked or reached or heard:
        assert said["day"] == TODAY and (said["checked"], said["reached"]) == (checked, reached)
        assert said.get("heard", False) == heard


def _person(data: bytes) -> None:
    path = a_file("person.json", data)
    try:
        person = load_person(path)
    except InvalidFile as error:
        _is_well_told(error, data)
        return
    _stands_in_the_file(person, _object(data))
    save_person(path, person)
    assert load_person(path) == person


def _record(data: bytes) -> None:
    path = a_file(f"{ADDRESS.replace(':', '-').lower()}.json", data)
    record = RecordStore(path.parent).load(ADDRESS)
    if record is not None:
        assert record.address == ADDRESS
        _stands_in_the_file(record, _object(data))


def _settings(data: bytes) -> None:
    path = a_file("config.toml", data)
    try:
        settings = load_settings(path)
    except InvalidFile as error:
        _is_well_told(error, data)
        return
    assert SLOWEST <= settings.voice_rate <= FASTEST and settings.units in ("km/h", "mph")
    defaults = Settings()
    for name in ("voice", "voice_rate", "adapter", "units"):
        assert settings.source(name) is Source.FILE or getattr(settings, name) == getattr(defaults, name)
        assert settings.source(name) is Source.DEFAULT or name.encode() in data or b"\\" in data


def _quirk(data: bytes) -> None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    try:
        quirk = parse_quirk(text, "some")
    except InvalidFile as error:
        _is_well_told(error, data)
        return
    assert quirk.title and quirk.source and quirk.acceleration > 0 and quirk.braking > 0
    assert min(quirk.start_delay, quirk.lag, quirk.timer, quirk.sample_every, quirk.answer_after) >= 0
    assert min(quirk.speed.minimum, quirk.speed.maximum, quirk.start_speed) >= 0


def _object(data: bytes) -> dict[str, Any] | None:
    said = parsed(data.decode("utf-8", "surrogateescape"))
    return said if isinstance(said, dict) else None


def _stands_in_the_file(value: object, written: Any) -> None:
    """Every field of this dataclass is what the file says, or the default where it says nothing."""
    dumped = plain.dump(value)
    assert isinstance(written, dict) and set(written) <= set(dumped)
    assert written == {name: dumped[name] for name in written}


def _is_well_told(error: InvalidFile, data: bytes) -> None:
    place_is_inside(error, data)
    assert len(error.message) < 600 and not any(is_hidden(character) for character in str(error))


READERS: tuple[Callable[[bytes], None], ...] = (_locks, _day, _person, _record, _settings, _quirk)


def run(data: bytes) -> None:
    """Raises AssertionError, or whatever a reader raises, for a finding."""
    if data:
        with cpu_bounded(CPU_LIMIT_S):
            READERS[data[0] % len(READERS)](data[1:])


def left_behind() -> list[Path]:
    """Files that a reader or writer left beside those it was given."""
    return [path for path in folder().rglob("*") if path.name.startswith(".")]
