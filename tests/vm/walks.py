"""What the checks `walk` and `losses` do in the guest: a scan, and walks of a person at a terminal, each with an end of
its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.bluez.real_walk import RealWalk
from tests.bluez.serving import Served, now_ms
from tests.e2e.walking import alive
from tests.kills.judge import opened, start_pending
from tests.vm import verdict
from treadctl.model.api import Phase, Snapshot
from treadctl.model.errors import ExitCode, TreadctlError
from treadctl.model.records import Closed

T = TypeVar("T")
OUT = Path("/out")
SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket"
DIES = Path("/run/bluetoothd-dies")
"""A pipe: bluetoothd dies of a line."""
SHORT = Path(__file__).resolve().parent / "short.yaml"
BACKWARD = ("{walk: backward, for: 32s, speed: 1.0 km/h}",)
SCAN_S = 6
ZERO_S = 40.0
"""A belt that moves longer than this after it should have stopped was not stopped."""
WALK_S = 150.0
"""For a minute of walking with its turn-around; in real time the processor is twenty times slower than it looks."""
BEGIN_S = 120.0
"""From the command to a guardian that answers; 8 s on two idle cores."""
READ_S = 3.0
"""How long the last snapshots may lie unread when treadctl has ended."""
ATTEMPTS = 3
"""A busy machine may be too slow for a walk to come to its moment: then it is walked again, and that is said."""
STAYS_S = 2.0
LAST_S = 20.0
AFTER_LOSS = "Pull the key"


class Over(Exception):
    """treadctl ended before the walk came to its moment; `str()` says how."""


class Report:
    """What was found, line by line; `failed` once something was wrong."""

    def __init__(self) -> None:
        self.failed = False
        self.figures: dict[str, float] = {}

    def check(self, name: str, wrong: list[str], told: str = "") -> None:
        self.failed = self.failed or bool(wrong)
        print(f"{'FAILED' if wrong else 'ok':6} {name}: {'; '.join(wrong) or told}", flush=True)


@asynccontextmanager
async def a_walk(name: str, treadmill: Served, profile: Path | None = None) -> AsyncIterator[RealWalk]:
    """`treadctl run --headless` on a terminal. What it leaves behind is copied out, however it ends."""
    treadmill.events.clear()
    home = Path(tempfile.mkdtemp(prefix=f"{name}-")) / "home"
    walk = RealWalk(home, treadmill, BACKWARD)
    walk.begin_s = BEGIN_S
    if profile is not None:
        shutil.copy(profile, home / "real.yaml")
    walk.command = [sys.executable, "-P", "-m", "treadctl", *walk.command[3:], "--headless"]
    try:
        await _while_it_runs(walk, walk.open(100, 30))
        yield walk
    finally:
        await walk.end()
        _keep(walk, name)


def _keep(walk: RealWalk, name: str) -> None:
    """Copy what a walk left behind to where the host sees it; it may be one of several attempts."""
    name = f"{name}.{len(list(OUT.glob(f'{name}.*.terminal'))) + 1}"
    (OUT / f"{name}.terminal").write_bytes(walk.shown)
    events = "".join(f"{json.dumps(event)}\n" for event in walk.treadmill.events)
    (OUT / f"{name}.events").write_text(events, encoding="utf-8")
    for kept in (walk.paths.log, *walk.paths.sessions.glob("*"), *walk.paths.traces.glob("*")):
        if kept.exists():
            shutil.copyfile(kept, OUT / f"{name}.{kept.parent.name}.{kept.name}")


async def scan(report: Report, treadmill: Served) -> None:
    """`treadctl scan` finds the treadmill through the real stack."""
    command = [sys.executable, "-P", "-m", "treadctl", "scan", "--json", "--seconds", str(SCAN_S)]
    begin = now_ms()
    found = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL
    )
    try:
        machines = {machine["address"]: machine for machine in json.loads(found.stdout)["machines"]}
    except (ValueError, KeyError):
        machines = {}
    wrong = [] if treadmill.address in machines else [f"not found ({found.stdout.strip()} {found.stderr.strip()})"]
    told = f"{treadmill.address} {machines.get(treadmill.address, {}).get('name', '')}, {now_ms() - begin} ms"
    report.check("scan", wrong, told)


async def to_the_end(report: Report, treadmill: Served) -> None:
    """Forward, turn round, backward, finished."""
    async with a_walk("walk", treadmill, SHORT) as walk:
        last = await _until(walk, Phase.DONE.value)
        code = await _exit_code(walk)
        wrong = verdict.walked(treadmill.events, starts=2)
        if last.summary is None or not last.summary.finished or last.summary.backward < 31_000:
            wrong.append(f"the walk was not finished ({last.summary})")
        if code != ExitCode.OK:
            wrong.append(f"treadctl run ended with {code}")
        wrong += await _recording(walk)
        told = f"finished, up to {verdict.top_speed(treadmill.events) / 100} km/h; {_figures(walk)}"
    report.check("walk to the end", wrong, told)


async def link_lost(report: Report, treadmill: Served) -> None:
    """The link drops while the belt carries somebody backward: a new link, only to stop."""
    async with a_walk("drop", treadmill) as walk:
        await _until(walk, "holding backward")
        await treadmill.until(lambda: treadmill.speed >= 80, ZERO_S)
        begin = now_ms()
        await treadmill.do("drop")
        wrong = await _stopped(walk, begin)
        links = [event["up"] for event in treadmill.told("link") if event["at"] >= begin]
        if True not in links:
            wrong.append("no new link was made")
        if AFTER_LOSS not in walk.shown.decode("utf-8", "replace"):
            wrong.append(f"nobody said: {AFTER_LOSS}")
        wrong += await _recording(walk)
    report.check("link lost while moving", wrong, _times(treadmill, begin))


async def bluetoothd_killed(report: Report, treadmill: Served) -> None:
    """bluetoothd dies while the belt moves, and is started again 3 s later, as by the message bus of a desktop."""
    async with a_walk("killed", treadmill) as walk:
        await _until(walk, "holding backward")
        await treadmill.until(lambda: treadmill.speed >= 80, ZERO_S)
        begin = now_ms()
        await asyncio.to_thread(DIES.write_text, "now\n")
        wrong = await _stopped(walk, begin)
        if AFTER_LOSS not in walk.shown.decode("utf-8", "replace"):
            wrong.append(f"nobody said: {AFTER_LOSS}")
        wrong += await _recording(walk)
    report.check("bluetoothd killed while moving", wrong, _times(treadmill, begin))


async def stop_command(report: Report, treadmill: Served) -> None:
    """Somebody says `treadctl stop` in another terminal."""
    async with a_walk("stop", treadmill) as walk:
        await _until(walk, "holding backward")
        await treadmill.until(lambda: treadmill.speed >= 80, ZERO_S)
        begin = now_ms()
        said = await walk.treadctl("stop")
        wrong = await _stopped(walk, begin)
        if said.returncode != 0:
            wrong.append(f"treadctl stop ended with {said.returncode}: {said.stdout} {said.stderr}")
        wrong += await _recording(walk)
    report.check("treadctl stop", wrong, _times(treadmill, begin))


async def _stopped(walk: RealWalk, begin: int) -> list[str]:
    """Wait for the true belt and for what might still move it."""
    events = walk.treadmill.events
    still_since = 0
    while now_ms() < begin + ZERO_S * 1000:
        if walk.treadmill.speed > 0 or start_pending(events, now_ms()):
            still_since = 0
        elif not still_since:
            still_since = now_ms()
        elif now_ms() - still_since > STAYS_S * 1000:
            break
        await asyncio.sleep(0.05)
    return verdict.stopped(list(events), begin)


def _times(treadmill: Served, begin: int) -> str:
    stops = [e["at"] - begin for e in treadmill.told("write") if e["data"] == verdict.STOP and e["at"] >= begin]
    stood = verdict.stood_at(treadmill.events)
    return f"stop at the machine after {stops[0] if stops else '-'} ms, still after {(stood or begin) - begin} ms"


async def _until(walk: RealWalk, wanted: str) -> Snapshot:
    """Walk like a person until phase and facing are so. Raises Over when treadctl ended first."""
    return await _while_it_runs(walk, walk.walk_until(wanted, WALK_S))


async def _while_it_runs(walk: RealWalk, doing: Coroutine[object, object, T]) -> T:
    """The result of `doing`, unless treadctl ends before: then Over."""
    work = asyncio.ensure_future(doing)
    try:
        while not work.done() and (walk.client is None or walk.client.poll() is None):
            await asyncio.wait({work}, timeout=0.2)
        await asyncio.wait({work}, timeout=READ_S)
        if not work.done() and walk.client is not None:
            raise Over(f"treadctl run ended with {walk.client.returncode}: {_last_words(walk)}")
        return work.result()
    finally:
        work.cancel()


def _last_words(walk: RealWalk) -> str:
    """The end of what it printed, whether somebody read it yet or not."""
    with contextlib.suppress(OSError):
        walk.shown += os.read(walk.master, 65536)
    return " ".join(walk.shown.decode("utf-8", "replace").split())[-300:]


def _figures(walk: RealWalk) -> str:
    [trace], [session] = ([*folder.glob("*.jsonl")] for folder in (walk.paths.traces, walk.paths.sessions))
    try:
        found = verdict.figures(_rows(trace), _rows(session))
    except ValueError as error:
        return f"no figures ({error})"
    trips = sorted(found.round_trips)
    if not trips:
        return "no request was answered"
    return (
        f"connected, read and subscribed in {found.connect} ms, {len(trips)} requests answered in "
        f"{trips[len(trips) // 2]} ms (median), {trips[-1]} ms (worst)"
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def _exit_code(walk: RealWalk) -> int:
    """Of its end; the questions after a walk are skipped, each with an empty line."""
    assert walk.client is not None
    async with asyncio.timeout(LAST_S):
        while walk.client.poll() is None:
            walk.type("\n")
            await asyncio.sleep(0.5)
    return walk.client.returncode


async def _recording(walk: RealWalk) -> list[str]:
    """It opens and was closed, once its guardian was asked to end."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(walk.guardian, signal.SIGTERM)
    limit = time.monotonic() + LAST_S
    while alive(walk.guardian) and time.monotonic() < limit:  # noqa: ASYNC110 - another process sets no event
        await asyncio.sleep(0.1)
    files = list(walk.paths.sessions.glob("*.jsonl"))
    if len(files) != 1:
        return [f"{len(files)} recordings instead of one"]
    try:
        entries = opened(files[0])
    except ValueError as error:
        return [f"the recording does not open: {error}"]
    return [] if isinstance(entries[-1], Closed) else ["the recording was not closed"]


Part = Callable[[Report, Served], Coroutine[object, object, None]]
WALKS: tuple[Part, ...] = (scan, to_the_end, stop_command)
LOSSES: tuple[Part, ...] = (link_lost, bluetoothd_killed)


async def main(parts: tuple[Part, ...]) -> int:
    """One after the other; the exit code."""
    begin = time.monotonic()
    treadmill = await asyncio.to_thread(Served, face=("--hci", "vhci"))
    treadmill.bus = SYSTEM_BUS
    print(f"       the treadmill {treadmill.address} is on the air after {time.monotonic() - begin:.1f} s", flush=True)
    report = Report()
    try:
        for part in parts:
            await _one(part, report, treadmill)
    finally:
        await asyncio.to_thread(treadmill.end)
    return 5 if report.failed else 0


async def _one(part: Part, report: Report, treadmill: Served) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            await part(report, treadmill)
            return
        except (Over, TimeoutError, OSError, AssertionError, TreadctlError) as error:
            name, why = part.__name__.replace("_", " "), f"{type(error).__name__}: {error}"
        if attempt < ATTEMPTS:
            print(f"again  {name}: {why}", flush=True)
    report.check(name, [why])
