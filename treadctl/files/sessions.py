"""Recorded sessions, read back: what was to be walked, how much of it was, and what stopped it.

A file is read line by line and only its first line, its events and its last line are understood in full; samples count
where the end is missing. What cannot be understood is left out and told, because one damaged file must not hide a year.
A session that a guardian is writing just now has no end either: it is left alone until it has one.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from treadctl.files.store import Unreadable, read_small, shown_path
from treadctl.model import plain
from treadctl.model.outcome import Stop
from treadctl.model.program import Facing, Program
from treadctl.model.records import Closed, Entry, EventEntry, Opened, SampleEntry, Summary
from treadctl.paths import SOCKET_SUFFIX

SUFFIX = ".jsonl"
MOST = 32 * 1024 * 1024
"""Octets; chosen: a session of four hours, ten times over."""
_EVENT, _SAMPLE, _CLOSED = b'{"is":"EventEntry"', b'{"is":"SampleEntry"', b'{"is":"Closed"'

STOPS = {
    "link lost": Stop.LINK, "samples lost": Stop.LINK,
    "false zero": Stop.MACHINE, "stopped by itself": Stop.MACHINE, "control lost": Stop.MACHINE, "unit": Stop.MACHINE,
    "first speed not met": Stop.MACHINE, "answers the wrong way": Stop.MACHINE, "sped up by somebody": Stop.MACHINE,
    "started too fast": Stop.MACHINE, "too fast": Stop.MACHINE, "above the limit": Stop.MACHINE,
    "limit broken": Stop.MACHINE, "moved by itself": Stop.MACHINE, "nobody attends": Stop.MACHINE,
    "keys gone, facing away": Stop.MACHINE, "controller hung": Stop.MACHINE, "inbox full": Stop.MACHINE,
    "host slept": Stop.MACHINE, "needed heart rate lost": Stop.MACHINE, "page behind gone": Stop.MACHINE,
    "safety key": Stop.SAFETY, "stopped at the console": Stop.CHOICE, "heart rate stays high": Stop.HEART,
    "pain": Stop.PAIN,
}  # fmt: skip
"""Faults by their names in a session file, as what they mean for the walker. Any other fault stops nothing."""
HEART_EASED = "heart rate high"
HEART_EASED_AFTER = 10
"""Seconds above the cap after which that fault begins (safety rules, section 6)."""
KEY, PAIN, PAIN_BEFORE = "You pressed stop.", "pain: ", "pain-before: "
WORDS = {"halted: u": Stop.UNWELL, "halted: d": Stop.FALL}
"""What the walker said was the matter, as an answer in a session file."""
LONGEST = 24 * 3600 * 1000
"""ms. Chosen: no walk is longer than a day."""
FARTHEST_M = 200_000.0
"""Chosen: more than anybody walks on a treadmill in a day."""
TOP_HEART = 255
"""Straps send it as one octet."""
MOST_FIRST = 1024 * 1024
"""Octets of a first line: a program that came through the socket is no longer."""
LAST = 8 * 1024
"""Octets at the end that hold the last line (chosen: ten times what a summary takes)."""
PROBE_S = 0.5
"""Chosen: a guardian's socket takes a caller in at once, even while the guardian itself hangs."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The facts of one session. `started` is ISO 8601 in UTC, `done` seconds backward, `pain_before` what was told
    before the start, `pain` on the belt."""

    session: str
    started: str
    program: Program
    simulated: bool
    done: int
    stops: tuple[Stop, ...] = ()
    over_heart: int = 0
    pain: int | None = None
    pain_before: int | None = None


def writing_since(runtime: Path) -> float | None:
    """Since when (time of a file) a guardian with a socket in this folder may be writing a session; None: none lives.

    The guardian writes its lock file once, when it begins. The lock itself is not touched here: whoever tries it stands
    in the way of a guardian that begins just now.
    """
    found = [line for line in runtime.glob(f"*{SOCKET_SUFFIX}") if _accepts(line)]
    began = []
    for line in found:
        with contextlib.suppress(OSError):
            began.append(line.with_suffix(".lock").stat().st_mtime)
    return min(began, default=None)


def _accepts(line: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_S)
        try:
            probe.connect(str(line))
        except OSError:
            return False
        return True


def recorded(folder: Path, known: frozenset[str], since: float | None = None) -> tuple[list[Recorded], list[str]]:
    """The sessions of this folder but those known by name, oldest first, and a sentence for each that is damaged.

    `since` (`writing_since`): what was written later and has no end may get one yet, so it is neither.
    """
    found, damaged = [], []
    paths = sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
    for path in paths:
        if path.stem in known:
            continue
        try:
            written = path.stat().st_mtime
            lines = read_small(path, MOST).splitlines()
            if since is not None and written >= since and not _ended(lines):
                continue
            found.append(_session(path.stem, lines))
        except FileNotFoundError:
            continue
        except (Unreadable, plain.Malformed) as error:
            damaged.append(f"{shown_path(path)} is left out: {error}.")
    return sorted(found, key=lambda one: one.started), damaged


def _ended(lines: list[bytes]) -> bool:
    return any(isinstance(entry, Closed) for entry in _entries(lines[-1:]))


def _session(name: str, lines: list[bytes]) -> Recorded:
    """One file. Raises Malformed."""
    opened = plain.parse(Opened, lines[0] if lines else b"", "the first line")
    events = [entry for entry in _entries(lines[1:]) if isinstance(entry, EventEntry)]
    closed = [entry for entry in _entries(lines[-1:]) if isinstance(entry, Closed)]
    done = closed[0].summary.backward // 1000 if closed and can_be(closed[0].summary) else _walked(lines)
    return Recorded(
        name, opened.started, opened.program, opened.simulated, done, stops_of(events, cut_off=not closed),
        over_heart_of(events), pain_of(events), pain_before_of(events),
    )  # fmt: skip


def can_be(sums: Summary) -> bool:
    """Whether somebody can have walked so much; what cannot be is counted from the samples instead."""
    return (
        all(0 <= time <= LONGEST for time in (sums.walked, sums.forward, sums.backward))
        and all(0 <= way <= FARTHEST_M for way in (sums.forward_m, sums.backward_m))
        and 0 <= sums.bouts <= LONGEST // 1000
        and (sums.top_heart is None or 0 <= sums.top_heart <= TOP_HEART)
    )


def _entries(lines: list[bytes]) -> Iterator[Entry]:
    """Events and the last line; a line that was torn off is passed over."""
    for line in lines:
        if line.startswith((_EVENT, _CLOSED)):
            with contextlib.suppress(plain.Malformed):
                yield plain.parse(Entry, line)


def _walked(lines: list[bytes]) -> int:
    """Seconds backward of a session that was cut off: one for each sample of a belt that moved."""
    count = 0
    for line in lines:
        if line.startswith(_SAMPLE):
            with contextlib.suppress(plain.Malformed):
                sample = plain.parse(SampleEntry, line)
                count += sample.facing is Facing.BACKWARD and bool(sample.speed)
    return count


def ends(path: Path) -> tuple[bytes, bytes]:
    """The first and the last line of a plain file. Raises OSError."""
    with open(path, "rb", opener=_without_waiting) as file:
        first = file.readline(MOST_FIRST)
        file.seek(max(file.tell(), os.fstat(file.fileno()).st_size - LAST))
        return first, file.read(LAST).rpartition(b"\n")[0].rpartition(b"\n")[2]


def _without_waiting(name: str, flags: int) -> int:
    """A pipe under a session's name must not hang whoever looks."""
    return os.open(name, flags | os.O_NONBLOCK)


# --- what events mean for the walker -------------------------------------------------------------------------------


def stops_of(events: Sequence[EventEntry], *, cut_off: bool) -> tuple[Stop, ...]:
    """What ended this walk or held it up, each once."""
    stops = [stop for event in events if (stop := _stop(event)) is not None]
    return tuple(dict.fromkeys([*stops, Stop.MACHINE] if cut_off else stops))


def _stop(event: EventEntry) -> Stop | None:
    if event.kind == "fault":
        return STOPS.get(event.text)
    if event.kind == "stop" and event.text == KEY:
        return Stop.CHOICE
    return WORDS.get(event.text) if event.kind == "answer" else None


def over_heart_of(events: Sequence[EventEntry]) -> int:
    """Seconds above the heart-rate cap, as far as they had a consequence."""
    return HEART_EASED_AFTER if any(e.kind == "fault" and e.text == HEART_EASED for e in events) else 0


def pain_of(events: Sequence[EventEntry]) -> int | None:
    """The worst pain that was told on the belt."""
    return max(_pain(events, PAIN), default=None)


def pain_before_of(events: Sequence[EventEntry]) -> int | None:
    """What was told before the first start; after a second asking the last word counts."""
    told = [*_pain(events, PAIN_BEFORE)]
    return told[-1] if told else None


def _pain(events: Sequence[EventEntry], asked: str) -> Iterator[int]:
    for event in events:
        if event.kind == "answer" and event.text.startswith(asked):
            told = event.text.removeprefix(asked)
            yield min(int(told), 10) if told.isascii() and told.isdigit() and len(told) < 3 else 10
