"""Years of session files, made quickly: octets as the guardian writes them, walks as a person might walk them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from treadctl.model import plain
from treadctl.model.answers import Answered, Answers, Morning
from treadctl.model.api import Summary
from treadctl.model.program import Facing, Program, Walk
from treadctl.model.records import Closed, Entry, EventEntry, Opened, SampleEntry
from treadctl.model.units import Speed

BEGIN = datetime(2020, 1, 6, 17, 0, tzinfo=UTC)
"""A Monday."""
MILL = "Horizon 7.4"
FORWARD_S, BACKWARD_S = 120, 180
"""Of each of four rounds: twenty minutes, twelve of them backward."""
ROUNDS = 4


def octets(*entries: Entry) -> bytes:
    """Lines as the guardian writes them."""
    return b"".join(json.dumps(plain.dump(entry), separators=(",", ":")).encode() + b"\n" for entry in entries)


def program(speed: int = 100, name: str = "Twelve minutes") -> Program:
    """Forward and backward in turn, four times."""
    walks = (Walk(Facing.FORWARD, FORWARD_S, Speed(250)), Walk(Facing.BACKWARD, BACKWARD_S, Speed(speed)))
    return Program(name, walks * ROUNDS)


@cache
def body(speed: int, heart: int) -> bytes:
    """The samples and events of such a walk; the same for every walk of this speed and heart rate."""
    found: list[Entry] = []
    metres, at = 0.0, 0
    for turn in range(2 * ROUNDS):
        way, length = (Facing.BACKWARD, BACKWARD_S) if turn % 2 else (Facing.FORWARD, FORWARD_S)
        target = Speed(speed if turn % 2 else 250)
        found.append(EventEntry(at * 1000 + 1, "start", way.value, turn))
        for second in range(length):
            at += 1
            now = Speed(min(target, 50 + 10 * second))
            metres += now / 360
            rate = heart + (8 if turn % 2 else 0) + (at * 7) % 5
            found.append(SampleEntry(at * 1000, now, target, None, round(metres, 1), way, rate, turn))
    return octets(*found)


def summary(speed: int, name: str, **more: object) -> Summary:
    """How it ended, by arithmetic."""
    forward, backward = 1000 * ROUNDS * FORWARD_S, 1000 * ROUNDS * BACKWARD_S
    plain_one = Summary(
        True, "", forward + backward, forward, backward, round(2.5 / 3.6 * forward / 1000, 1),
        round(speed / 360 * backward / 1000, 1), ROUNDS, Speed(speed), file=f"{name}.jsonl", pain_before=1,
        top_heart=130,
    )  # fmt: skip
    return replace(plain_one, **more)  # type: ignore[arg-type]


def name_of(begun: datetime, number: int = 1) -> str:
    return f"{begun:%Y%m%dT%H%M%SZ}-{number:06x}-1"


def walk(begun: datetime, *, speed: int = 100, heart: int = 95, number: int = 1, simulated: bool = False) -> bytes:
    """A whole session file."""
    name = name_of(begun, number)
    opened = Opened(name, begun.isoformat(), "0.1.0", MILL, simulated, program(speed))
    end = 1000 * ROUNDS * (FORWARD_S + BACKWARD_S) + 500
    return octets(opened) + body(speed, heart) + octets(Closed(end, summary(speed, name)))


def write(folder: Path, data: bytes, begun: datetime, number: int = 1, mtime: float | None = None) -> Path:
    """Into this folder, last written when the walk ended."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name_of(begun, number)}.jsonl"
    path.write_bytes(data)
    ended = begun.timestamp() + ROUNDS * (FORWARD_S + BACKWARD_S) if mtime is None else mtime
    os.utime(path, (ended, ended))
    return path


def years(folder: Path, count: int, days: float = 1.0, begin: datetime = BEGIN) -> list[str]:
    """So many walks, one every so many days, a little faster each year. Their names, oldest first."""
    names = []
    for n in range(count):
        begun = begin + timedelta(days=n * days, minutes=n * 7 % 90)
        faster = min(3, n * 4 // max(1, count))
        write(folder, walk(begun, speed=100 + 10 * faster, heart=98 - faster, number=n), begun, n)
        names.append(name_of(begun, n))
    return names


def answers(names: list[str]) -> bytes:
    """What was told of each: mostly good, each seventh too hard, each fifth without a morning."""
    found = []
    for n, name in enumerate(names):
        told = Answers(3 if n % 7 else 6, max(0, 4 - n * 4 // len(names)), 1, 5)
        found.append(Answered(name, told))
        if n % 5:
            found.append(Answered(name, replace(told, morning=Morning.SAME)))
    return b"".join(json.dumps(plain.dump(one), ensure_ascii=False).encode() + b"\n" for one in found)
