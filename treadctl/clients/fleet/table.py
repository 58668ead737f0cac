"""What is known of the nodes on a broker, and whether a stop that was sent has become one. Pure; time is an argument.

Whoever may write to the broker may have written any of this: everything is checked, cut, and bounded in number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from treadctl.clients.mqtt.topics import ID, ONLINE, ROOT
from treadctl.model.text import safe_text
from treadctl.model.units import Ms

TOPICS = (f"{ROOT}/+/availability", f"{ROOT}/+/state")
NODES_MAX = 1000
"""Chosen: five times the largest house that was measured; more is somebody who makes them up."""
STATE_OCTETS = 8192
PATIENCE: Ms = 6000
"""Within it a node tells that the stop is on its way, or that there is nothing to stop: chosen, four times the time
after which the stop is sent again."""
BRAKING: Ms = 20_000
"""Within it a belt stands whose node tells that the stop is on its way. From 2.0 km/h it takes 6.8 s until three
seconds of standing are measured (simulated); from 8.0 km/h it is 18 s, at 0.6 km/h in a second, the slowest here."""
TOPIC = re.compile(rf"{ROOT}/({ID.pattern})/(availability|state)")
RESTS = frozenset({"idle", "done"})
HEAD = ("name", "node", "phase", "km/h", "direction", "since", "there", "stop")


class Stopping(Enum):
    """How far a stop has come. The value is what is shown."""

    NONE = ""
    ASKED = "asked for"
    SENT = "on its way to the belt"
    STILL = "belt stands still"
    NO_BELT = "no belt connected"
    NO_BROKER = "NO BROKER: GO THERE"
    UNCONFIRMED = "NOT CONFIRMED: GO THERE"


@dataclass(frozen=True, slots=True)
class Node:
    """One treadmill as it tells of itself. `since`: when its phase was first heard; `handed`: whether a broker took the
    stop that was asked for, None while that is being tried; `confirmed`: what the node has told since then, once
    that is an end."""

    node: str
    name: str = ""
    there: bool = False
    phase: str = ""
    belt: str = ""
    speed: float | None = None
    direction: str = ""
    may_move: bool = True
    """Whether it says that nobody knows that its belt stands; who says nothing of this has not said that it stands."""
    stop_sent: bool = False
    alarm: str = ""
    since: Ms = 0
    asked: Ms | None = None
    handed: bool | None = None
    confirmed: Stopping | None = None

    @property
    def shown(self) -> str:
        return self.name or self.node

    @property
    def told(self) -> bool:
        """Whether it has said anything of itself yet."""
        return self.there or bool(self.phase)

    @property
    def moves(self) -> bool:
        """Whether its belt moves or may move, as far as it tells."""
        if self.belt == "unknown":
            return self.may_move or self.phase not in RESTS
        return self.belt not in ("", "still")

    @property
    def settled(self) -> Stopping | None:
        """STILL only of a belt that was measured, NO_BELT only where there was never a link to one."""
        if not self.there or self.moves or not self.belt:
            return None
        return Stopping.STILL if self.belt == "still" else Stopping.NO_BELT

    def patient(self, now: Ms) -> bool:
        """Whether a stop was asked for so lately that what the node tells now may be its end."""
        return self.asked is not None and now - self.asked <= (BRAKING if self.brakes else PATIENCE)

    @property
    def brakes(self) -> bool:
        """Whether it says that the stop is on its way to its belt, and that nothing is wrong."""
        return self.there and self.stop_sent and not self.alarm

    def stopping(self, now: Ms) -> Stopping:
        if self.asked is None:
            return Stopping.NONE
        if self.confirmed is not None:
            return self.confirmed
        if self.handed is False:
            return Stopping.NO_BROKER
        if not self.patient(now):
            return Stopping.UNCONFIRMED
        return Stopping.SENT if self.stop_sent else Stopping.ASKED


class Fleet:
    """All nodes in the order in which they were heard of: a row never moves under the finger that stops it."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.left_out = 0
        """Messages that no node of ours would send, and those of nodes beyond the bound."""

    def hear(self, topic: str, payload: bytes, now: Ms, *, retained: bool = False) -> bool:
        """Whether it said something. `retained`: the broker had kept it, nobody knows since when."""
        found = TOPIC.fullmatch(topic)
        known = None if found is None else self.nodes.get(found[1], Node(found[1], since=now))
        full = known is not None and known.node not in self.nodes and len(self.nodes) >= NODES_MAX
        told = None if found is None or known is None or full else _told(known, found[2], payload, now, retained)
        if told is None:
            self.left_out += 1
            return False
        self.nodes[told.node] = told
        return True

    def asked(self, node: str, now: Ms) -> None:
        """A stop is being sent, also to one that is not known here. Only what is heard from now on can confirm it."""
        known = self.nodes.get(node, Node(node, since=now))
        self.nodes[node] = replace(known, asked=now, handed=None, confirmed=None, stop_sent=False)

    def handed(self, node: str, taken: bool) -> None:
        """Whether a broker took it. One that was taken once may be on its way, whatever became of its repetition."""
        known = self.nodes[node]
        self.nodes[node] = replace(known, handed=taken or bool(known.handed))

    def unheard(self) -> None:
        """The broker is gone: nothing that was told is known to be so any more."""
        self.nodes = {name: replace(node, there=False) for name, node in self.nodes.items()}

    def find(self, words: str) -> Sequence[Node]:
        """The one with this id, else those with this name, in capitals or not. Whoever takes an id for a name is never
        found by it."""
        meant = words.casefold()
        if ID.fullmatch(meant):
            return [self.nodes[meant]] if meant in self.nodes else []
        return [one for one in self.nodes.values() if meant == one.name.casefold()]

    @property
    def others(self) -> Sequence[str]:
        """What was left out, if anything was."""
        return [f"Messages left out: {self.left_out}."] if self.left_out else []

    @property
    def summary(self) -> str:
        """All of it in one sentence."""
        nodes = self.nodes.values()
        there, moving = sum(node.there for node in nodes), sum(node.there and node.moves for node in nodes)
        counts = f"{len(nodes)} treadmill{'' if len(nodes) == 1 else 's'}, {there} there, {moving} moving."
        return " ".join([counts, *self.others])

    def rows(self, now: Ms) -> list[tuple[str, ...]]:
        return [row(node, now) for node in self.nodes.values()]


def row(node: Node, now: Ms) -> tuple[str, ...]:
    """One line of the table. What a node that is gone has told last is not shown as if it were so."""
    stop = node.stopping(now).value
    if not node.there:
        return (node.shown, node.node, "-", "-", "-", "-", "gone" if not node.moves else "GONE WHILE IT MOVED", stop)
    speed = "-" if node.speed is None else f"{node.speed:.1f}"
    since = _lasting(now - node.since)
    return (node.shown, node.node, node.alarm or node.phase or "-", speed, node.direction or "-", since, "yes", stop)


def _lasting(duration: Ms) -> str:
    """In minutes after the first: else every row of the table changed with every second."""
    seconds = duration // 1000
    hours, minutes = divmod(seconds // 60, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def _told(known: Node, kind: str, payload: bytes, now: Ms, retained: bool) -> Node | None:
    if kind == "availability":
        return replace(known, there=payload == ONLINE.encode())
    if len(payload) > STATE_OCTETS:
        return None
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return _state(known, told, now, retained) if isinstance(told, dict) else None


def _state(known: Node, told: dict[str, Any], now: Ms, retained: bool) -> Node:
    phase = _text(told.get("phase"))
    since = known.since if phase == known.phase else now
    node = replace(
        known, name=_text(told.get("name")), phase=phase, belt=_text(told.get("belt")), since=since,
        speed=_number(told.get("speed_kmh")), direction=_text(told.get("direction")),
        may_move=told.get("may_move") is not False, stop_sent=told.get("stop_sent") is True,
        alarm=_text(told.get("alarm")),
    )  # fmt: skip
    ended = None if retained and known.confirmed is None else node.settled  # what is old confirms nothing
    return replace(node, confirmed=ended) if known.patient(now) or node.patient(now) else node


def _text(value: object) -> str:
    return safe_text(value, 60) if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 100 else None
