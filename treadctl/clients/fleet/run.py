"""`treadctl fleet`: the table, live or once, and one stop from the command line.

A stop is sent again until the belt's own state says that it stands, or patience is over: then somebody has to go there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import asdict
from typing import Any

from treadctl.clients.clock import boot_ms
from treadctl.clients.mqtt.broker import Access, Broker, BrokerLost, access, connected
from treadctl.clients.mqtt.topics import ID, STANDING, Publication, Topics
from treadctl.clients.mqtt.waiting import backoff, first, pause
from treadctl.model.errors import ExitCode, NoMachine, UsageError
from treadctl.model.text import quoted, safe_text

from .table import HEAD, NODES_MAX, TOPICS, Fleet, Node, Stopping

LOOK_S = 1.5
"""What is retained arrives within a fraction of this; chosen."""
AGAIN_S = 1.5
"""A stop is sent anew so often; a node takes one a second."""
WAITING_MAX = 4 * NODES_MAX
"""All that every node has retained arrives at once, and none of it twice."""
SCHEMA = "treadctl.fleet/1"
STOP = "STOP"
OURS = frozenset({"since", "asked", "handed", "confirmed"})
"""What of a node is no word of its own, and counted on this computer's clock."""
LONGEST_S = 10.0
"""Somebody looks at this table: chosen shorter than a bridge waits."""


class Watch:
    """The nodes as they are heard, on a connection that is found again. `word` says how it is."""

    def __init__(self, way: Access) -> None:
        self._way = way
        self.fleet = Fleet()
        self.word = "connecting"
        self._broker: Broker | None = None
        self._was_there = False
        self._insisting: set[str] = set()

    async def run(self) -> None:
        """For ever."""
        attempt = 0
        while True:
            attempt, self._was_there = attempt + 1, False
            try:
                await self.during(self._connected_for_ever())
            except BrokerLost as lost:
                attempt = 0 if self._was_there else attempt
                self.word = str(lost)
            self.fleet.unheard()
            await pause(min(backoff(max(attempt, 1), 0.5), LONGEST_S))

    async def during(self, work: Coroutine[Any, Any, object]) -> None:
        """Listen for as long as this takes. Raises BrokerLost."""
        try:
            name = f"treadctl_fleet_{secrets.token_hex(4)}"
            async with connected(self._way, name, waiting=WAITING_MAX) as broker:
                await broker.subscribe(TOPICS)
                self._broker, self.word, self._was_there = broker, "connected", True
                await first(self._listen(broker), work)
        finally:
            work.close()
            self._broker = None

    async def stop(self, node: str) -> None:
        """Send it, and again, until the node confirms it or patience is over: what became of it shows in its state."""
        self.fleet.asked(node, boot_ms())
        if node in self._insisting:  # who insists for an earlier one does so for this one, too
            await self._send(node)
            return
        self._insisting.add(node)
        try:
            await self._insist(node)
        finally:
            self._insisting.discard(node)

    async def _insist(self, node: str) -> None:
        while self._waits_for(node):
            if not self.fleet.nodes[node].brakes:
                await self._send(node)
            sent = boot_ms()
            while self._waits_for(node) and boot_ms() - sent < AGAIN_S * 1000:
                await pause(0.05)

    def _waits_for(self, node: str) -> bool:
        known = self.fleet.nodes[node]
        return known.confirmed is None and known.patient(boot_ms())

    async def _send(self, node: str) -> None:
        taken = False
        if self._broker is not None:
            with contextlib.suppress(BrokerLost):
                await self._broker.publish(Publication(Topics(node).stop, STOP))
                taken = True
        self.fleet.handed(node, taken)

    async def _connected_for_ever(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def _listen(self, broker: Broker) -> None:
        async for came in broker.messages():
            self.fleet.hear(came.topic, came.payload, came.at, retained=came.retained)


def run_fleet(*, once: bool, as_json: bool) -> int:
    """The table: live on a terminal, else once. Raises NoMachine, and what `access` raises."""
    if not once and not as_json and sys.stdout.isatty() and sys.stdin.isatty():
        from .screen import run_screen  # noqa: PLC0415  (half a second that a table printed once does without)

        return run_screen(Watch(access()))
    watch = Watch(access())
    _to_its_end(watch, pause(LOOK_S))
    if as_json:
        print(json.dumps({"schema": SCHEMA, "nodes": [plain(node) for node in watch.fleet.nodes.values()]}))
    else:
        table = lines([at_once(one) for one in watch.fleet.rows(boot_ms())])
        print("\n".join([*table, *watch.fleet.others]))
    return int(ExitCode.OK)


def plain(node: Node) -> dict[str, object]:
    """What it tells of itself, without what only somebody who goes on listening knows."""
    return {name: value for name, value in asdict(node).items() if name not in OURS}


def at_once(row: Sequence[str]) -> Sequence[str]:
    """Who came a second ago has not heard since when a phase lasts."""
    return ["-" if name == "since" else cell for name, cell in zip(HEAD, row, strict=True)]


def lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """A table of plain lines."""
    if not rows:
        return ["No treadmill is known to the broker."]
    table = [HEAD, *rows]
    widths = [max(len(one[n]) for one in table) for n in range(len(HEAD))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(one, widths, strict=True)).rstrip() for one in table]


def run_stop(words: str) -> int:
    """Stop one and say what became of it: 0 when its belt is known to stand, 4 when none is connected, 5 when it is not
    known, also where the broker goes away after it. Raises NoMachine when there is no broker to send it to."""
    watch, found, lost = Watch(access()), list[Node](), ""

    async def do() -> None:
        await pause(LOOK_S)
        found.append(meant(watch.fleet, words))
        await watch.stop(found[0].node)

    try:
        _to_its_end(watch, do())
    except NoMachine as error:
        if not found:
            raise NoMachine(f"{error} No belt is known to be stopped: go there; pull the key.") from None
        lost = str(error)
    text, code = outcome(watch.fleet.nodes[found[0].node], lost)
    print(text, file=sys.stdout if code is ExitCode.OK else sys.stderr)
    return int(code)


def outcome(node: Node, lost: str = "") -> tuple[str, ExitCode]:
    """What became of a stop that was waited for. `lost`: the broker went away before that was known."""
    who = safe_text(node.shown)
    if node.confirmed is Stopping.STILL:
        return f"{who}: {node.confirmed.value}. {STANDING}", ExitCode.OK
    if node.confirmed is Stopping.NO_BELT:
        why = "no belt is connected there; nothing was stopped. If a belt moves, pull the key."
        return f"{who}: {why}", ExitCode.NO_MACHINE
    if lost:
        return f"{who}: the stop is not confirmed. {lost} Go there; pull the key.", ExitCode.FAULT
    why = "its belt is not known to stand still" if node.there else "its treadctl is not there"
    if not node.told:
        why = "it is not known here: nothing confirms it"
    return f"{who}: a stop was sent, and {why}. Go there; pull the key.", ExitCode.FAULT


def meant(fleet: Fleet, words: str) -> Node:
    """The one node of this id or name; an id that is not known may still be somebody's, beyond the bound of the table.
    Raises UsageError for none, and for several."""
    found = fleet.find(words) or ([Node(words.casefold())] if ID.fullmatch(words.casefold()) else [])
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(one.node for one in found)
        raise UsageError(f"{quoted(words)} is the name of several; say which: {ids}.")
    known = ", ".join(quoted(one.shown) for one in fleet.nodes.values())[:300]
    there = f"there is {known}" if known else "no treadmill is known to it"
    raise UsageError(f"The broker knows no {quoted(words)}; {there}.")


def _to_its_end(watch: Watch, work: Coroutine[Any, Any, object]) -> None:
    """Raises NoMachine when the broker is not there."""
    try:
        asyncio.run(watch.during(work))
    except BrokerLost as lost:
        raise NoMachine(str(lost)) from None
