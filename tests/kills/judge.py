"""The verdict on one walk: by the true belt of the simulator, and by what is left of the recording.

Nothing that treadctl says counts in its favour; what it says of a standstill only counts against it, if it was not so.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

from tests.bluez.real_walk import STOP, RealWalk
from tests.bluez.serving import Event, now_ms
from tests.e2e.walking import alive
from tests.kills.person import Person
from tests.kills.ways import Scene
from treadctl.model import plain
from treadctl.model.api import Belt
from treadctl.model.records import Closed, Entry, EventEntry, Opened, SampleEntry

START = "07"
STOP_MS = 15_000
"""A Stop that comes later than this was not the answer to the deed; chosen: twice the slowest way there is."""
ZERO_S = 40.0
"""A belt that moves longer than this after the deed was not stopped."""
START_SHOWS = 8000
"""A Start may take so long to move the belt (ms): a belt that stands in that time has not been stopped yet."""
STAYS_S = 1.0
STILL = 10
"""0.1 km/h or less."""
SECOND = 1000
CLAIMS = ("the belt stands still", "The belt is still")
LOG_LINES = 12
LAST_S = 16.0
"""The guardian's own limit for its end after a signal, and a little."""


@dataclass
class Verdict:
    """What came of one walk. Times in ms since the deed; None: there was none (a belt that stood needs no stop)."""

    way: str
    moment: str
    stop_ms: int | None = None
    zero_ms: int | None = None
    stopped: bool = False
    wrong: list[str] = field(default_factory=list)
    attempts: int = 0
    """Walks before this one that did not come to their moment."""
    story: list[str] = field(default_factory=list)
    """What truly happened to machine and link, from 1 s before the deed."""

    @property
    def held(self) -> bool:
        return self.stopped and not self.wrong


def speed_at(events: list[Event], at: int) -> int:
    """The true speed at this time."""
    speeds = [event["speed"] for event in events if event["is"] == "belt" and event["at"] <= at]
    return int(speeds[-1]) if speeds else 0


def _claims(words: str) -> bool:
    return any(claim in words for claim in CLAIMS)


def start_pending(events: list[Event], now: int) -> bool:
    """Whether a Start was written a moment ago that has not moved the belt yet, nor was taken back."""
    starts = [e["at"] for e in events if e["is"] == "write" and e["data"] == START]
    if not starts or now - starts[-1] > START_SHOWS:
        return False
    since = [e for e in events if e["at"] >= starts[-1]]
    return not any((e["is"] == "belt" and e["speed"] > 0) or (e["is"] == "write" and e["data"] == STOP) for e in since)


async def judge(verdict: Verdict, walk: RealWalk, person: Person, scene: Scene, begin: int) -> None:
    """Wait for the true belt, then look at everything else."""
    verdict.zero_ms = await _zero(walk, scene, begin)
    verdict.stopped = verdict.zero_ms is not None
    events = list(walk.treadmill.events)
    verdict.story = _story(events, begin)
    stops = [e["at"] for e in events if e["is"] == "write" and e["data"] == STOP and e["at"] >= begin]
    verdict.stop_ms = stops[0] - begin if stops else None
    if verdict.zero_ms == 0:
        verdict.zero_ms = None
    verdict.wrong += _late(verdict.stop_ms)
    verdict.wrong += _false_claims(person, scene, events, begin)
    closes = scene.dead_at is None and scene.disk_full_at is None
    if closes and verdict.stopped:
        await _let_the_guardian_end(walk)
    verdict.wrong += _recording(walk, scene, closes and verdict.stopped)
    verdict.story += [f"said {words.strip()}" for _, words in scene.said]
    verdict.story += [f"log {told}" for told in walk.paths.log.read_text(encoding="utf-8").splitlines()[-LOG_LINES:]]


def _late(stop_ms: int | None) -> list[str]:
    """A belt that is stopped by its own programme later on was not stopped for this."""
    return [] if stop_ms is None or stop_ms <= STOP_MS else [f"its Stop came {stop_ms / 1000:.1f} s later: too late"]


def _story(events: list[Event], begin: int) -> list[str]:
    """Lines without the steps of a ramp."""
    told, last = [], (0, 0)
    for event in events:
        if event["is"] == "belt":
            last, before = (event["goal"], event["speed"] > 0), last
            if last == before:
                continue
        if event["at"] > begin - 10 * SECOND:
            more = " ".join(f"{name}={value}" for name, value in event.items() if name not in ("at", "is"))
            told.append(f"{event['at'] - begin:+} {event['is']} {more}")
    return told


async def _zero(walk: RealWalk, scene: Scene, begin: int) -> int | None:
    """How long the belt truly moved after `begin`, ms; None if it did not stop. What the screen claims is noted."""
    limit = begin + int(ZERO_S * 1000)
    still_since: int | None = None
    claimed = False
    while now_ms() < limit:
        if not claimed and _claims(walk.shown.decode("utf-8", "replace")):
            claimed = True
            scene.said.append((now_ms(), "the screen: the belt stands still"))
        pending = start_pending(walk.treadmill.events, now_ms())
        if walk.treadmill.speed > 0 or pending:
            still_since = None
        elif still_since is None:
            still_since = now_ms()
        elif now_ms() - still_since >= STAYS_S * 1000:
            break
        await asyncio.sleep(0.01)
    else:
        return None
    moved = [e["at"] for e in walk.treadmill.told("belt") if e["speed"] == 0 and e["at"] >= begin]
    return moved[-1] - begin if moved else 0


def _false_claims(person: Person, scene: Scene, events: list[Event], begin: int) -> list[str]:
    """Each time somebody was told that the belt stands while it moved."""
    told = [(at, "a snapshot") for at, s in person.seen if at >= begin and s.belt is Belt.STILL]
    told += [(at, "the screen or a command") for at, words in scene.said if _claims(words)]
    # A moving start that nobody could have sampled yet is no lie: samples come twice a second.
    return sorted({
        f"{who} said that the belt stands, at {speed_at(events, at) / 100:.1f} km/h"
        for at, who in told if speed_at(events, at) > STILL and speed_at(events, at - SECOND) > STILL
    })


async def _let_the_guardian_end(walk: RealWalk) -> None:
    """It closes the recording; whoever is still alive of the screens sees it go."""
    if not alive(walk.guardian):
        return
    await walk.treadmill.do("closing 0")
    os.kill(walk.guardian, signal.SIGTERM)
    try:
        async with asyncio.timeout(LAST_S):
            while alive(walk.guardian):  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0.02)
    except TimeoutError:
        return


# --- the recording ----------------------------------------------------------------------------------------------------


def _recording(walk: RealWalk, scene: Scene, closed: bool) -> list[str]:
    files = list(walk.paths.sessions.glob("*.jsonl"))
    if len(files) != 1:
        return [f"{len(files)} recordings instead of one"]
    try:
        entries = opened(files[0])
    except ValueError as error:
        return [f"the recording does not open: {error}"]
    wrong = []
    if not isinstance(entries[0], Opened):
        wrong.append("the recording has no begin")
    if isinstance(entries[-1], Closed) != closed:
        wrong.append("the recording was not closed" if closed else "the recording does not say that it was recovered")
    until = scene.dead_at if scene.dead_at is not None else scene.disk_full_at
    missing = 0 if until is None else lost_seconds(entries, walk.treadmill.events, until)
    if missing > 1:
        wrong.append(f"{missing} s of samples are missing")
    return wrong


def opened(path: Path) -> list[Entry]:
    """The entries of a session file by the rule of `model.records`: only the last line may be torn; a file without its
    `Closed` was cut off. Raises ValueError."""
    entries: list[Entry] = []
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            entries.append(plain.load(Entry, json.loads(line), "an entry"))
        except ValueError as error:
            if number < len(lines):
                raise ValueError(f"line {number}: {error}") from error
    if not entries:
        raise ValueError("it is empty")
    return entries


def lost_seconds(entries: list[Entry], events: list[Event], until: int) -> int:
    """How many samples of whole seconds before `until` (ms) are missing at the end."""
    starts = [e for e in entries if isinstance(e, EventEntry) and e.kind == "write" and e.text.startswith("START")]
    written = [e["at"] for e in events if e["is"] == "write" and e["data"] == START]
    if not starts or not written:
        return 0
    base = written[0] - starts[0].at
    samples = [e.at for e in entries if isinstance(e, SampleEntry)]
    return max(0, (until - base) // SECOND - round(samples[-1] / SECOND)) if samples else 0
