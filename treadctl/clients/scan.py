"""`treadctl scan`: which treadmills are in reach. The guardian scans; this asks it to, and prints what it heard.

A machine is a line as soon as it is heard, and all of them are a table at the end. It connects to none.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable, Sequence

from treadctl.client import Client, connect, greeting
from treadctl.files.machines import RecordStore
from treadctl.model.api import Belt, LinkState, Role, Scan, Snapshot
from treadctl.model.errors import ExitCode, NoMachine, Refused
from treadctl.model.machine import Record
from treadctl.model.text import safe_text
from treadctl.paths import Paths

from .found import NAMELESS, NOTHING_FOUND, STRAP, Sighting, sightings, signal_word
from .linking import first_snapshot, guardian

SCHEMA = "treadctl.scan/1"
LAST_WORD_S = 1.5
"""How long after a scan its last machine, or its failure, may arrive."""
HELD = "treadctl is connected to {} now; a treadmill that is connected is heard by no scan."
HEADINGS = ("address", "name", "signal", "what it is", "yours")


def run_scan(paths: Paths, *, backend: str | None, quirk: str, seconds: int, as_json: bool) -> int:
    """Scan and print. Returns 0, or 4 when nothing was found. Raises NoMachine with the reason, Refused."""
    try:
        with guardian(paths, backend=backend, quirk=quirk):
            seen, held = asyncio.run(_scan(paths, seconds, live=not as_json))
    except (NoMachine, Refused) as error:
        if as_json:
            _print_json(seconds, (), str(error))
        raise
    problem = "" if held or any(one.kind != STRAP for one in seen) else NOTHING_FOUND
    if as_json:
        _print_json(seconds, seen, problem, held)
    else:
        print("\n".join(([_table(seen)] if seen else []) + ([HELD.format(safe_text(held))] if held else [])))
    if problem:
        raise NoMachine(problem)
    return int(ExitCode.OK)


async def _scan(paths: Paths, seconds: int, *, live: bool) -> tuple[list[Sighting], str]:
    """What was heard, and the machine that treadctl holds itself."""
    client = await connect(paths, greeting(Role.LOCAL, "scan"))
    try:
        await begin_scan(client, seconds)
        if live:
            print(f"Looking for treadmills for {seconds} s: wake yours up, close other apps that use it.", flush=True)
        records = await asyncio.to_thread(remembered, paths)
        seen = await _listen(client, seconds, records, live)
        last = client.snapshot
        return seen, last.machine or NAMELESS if last is not None and last.link is LinkState.UP else ""
    finally:
        await client.close()


def remembered(paths: Paths) -> Sequence[Record]:
    """The machines that have a record here."""
    return RecordStore(paths.machines).all()


async def begin_scan(client: Client, seconds: int) -> None:
    """Ask for it. Raises Refused while a belt may move: a link that carries stops is not to be disturbed."""
    snapshot = await first_snapshot(client)
    if snapshot.link in (LinkState.UP, LinkState.LOST) and snapshot.belt is not Belt.STILL:
        raise Refused("Refused: a belt may move, and a scan would disturb its link; scan when it stands still.")
    verdict = await client.ask(Scan(seconds))
    if not verdict.accepted:
        raise Refused(verdict.reason)


async def _listen(client: Client, seconds: int, records: Iterable[Record], live: bool) -> list[Sighting]:
    """Until the time is over. Raises NoMachine when the guardian says that it cannot scan."""
    asked, told = client.snapshot, set[str]()
    before = -1 if asked is None else asked.seq
    seen: list[Sighting] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds + LAST_WORD_S):
            async for message in client.messages(watch=True):
                if not isinstance(message, Snapshot) or message.seq <= before:
                    continue
                if message.link is LinkState.NONE:
                    raise NoMachine(message.notice or "The scan failed; see what is wrong with: treadctl doctor.")
                seen = sightings((*message.found, *message.straps), records)
                if live:
                    _tell_new(seen, told)
            raise NoMachine("The guardian went away; try again, and look at: treadctl doctor.")
    return seen


def _tell_new(seen: Iterable[Sighting], told: set[str]) -> None:
    for one in seen:
        if one.address not in told:
            told.add(one.address)
            print("  " + "  ".join(word for word in _row(one) if word), flush=True)


def _row(one: Sighting) -> tuple[str, ...]:
    strength = "" if one.rssi is None else f"{one.rssi} dBm "
    return one.address, one.name, f"{strength}{signal_word(one.rssi)}", one.kind, one.yours


def _table(seen: Iterable[Sighting]) -> str:
    rows = [HEADINGS, *(_row(one) for one in seen)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(["", *lines])


def _print_json(seconds: int, seen: Iterable[Sighting], problem: str, held: str = "") -> None:
    every = [
        {"address": one.address, "name": one.name, "rssi": one.rssi, "signal": signal_word(one.rssi),
         "kind": one.kind, "remembered": one.yours or None}
        for one in seen
    ]
    machines, straps = ([one for one in every if (one["kind"] == STRAP) is strap] for strap in (False, True))
    told = {"schema": SCHEMA, "ok": not problem, "seconds": seconds, "machines": machines, "problem": problem}
    print(json.dumps({**told, "straps": straps, "connected": safe_text(held) or None}))
