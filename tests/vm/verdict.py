"""The verdict on a walk in the virtual machine: by the true belt of the simulator. Pure; times are ms of one clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bluez.serving import Event

START, STOP, REQUEST_CONTROL = "07", "0801", "00"
STOPPING = frozenset({STOP, REQUEST_CONTROL})
"""The only octets that may be written to a machine whose link was lost while it moved."""


def top_speed(events: Iterable[Event]) -> int:
    """The fastest that the belt truly was, 0.01 km/h."""
    return max((int(event["speed"]) for event in events if event["is"] == "belt"), default=0)


def stood_at(events: Iterable[Event]) -> int | None:
    """When the belt came to its last standstill; None while it moves."""
    belt = [event for event in events if event["is"] == "belt"]
    if not belt or belt[-1]["speed"] != 0:
        return None
    return int(belt[-1]["at"])


def written(events: Iterable[Event], since: int = 0) -> list[str]:
    """The octets that reached the machine, as hexadecimal digits."""
    return [event["data"] for event in events if event["is"] == "write" and event["at"] >= since]


def walked(events: list[Event], starts: int) -> list[str]:
    """What was wrong with a walk to its end: one Start for each confirm, every one of them ended by a Stop."""
    wrong = []
    if (found := written(events).count(START)) != starts:
        wrong.append(f"{found} starts were written instead of {starts}")
    if written(events).count(STOP) < starts:
        wrong.append("a walk was not ended by a stop")
    if top_speed(events) < 80:
        wrong.append("the belt did not truly move")
    return wrong + _stands(events)


def stopped(events: list[Event], since: int) -> list[str]:
    """What was wrong after the deed at `since`, which had to stop a moving belt for good."""
    wrong = []
    if STOP not in written(events, since):
        wrong.append("no stop reached the machine")
    if others := sorted(set(written(events, since)) - STOPPING):
        wrong.append(f"more than a stop reached the machine: {' '.join(others)}")
    return wrong + _stands(events)


def _stands(events: list[Event]) -> list[str]:
    return [] if stood_at(events) is not None else ["the belt moves"]


# --- figures ----------------------------------------------------------------------------------------------------------

CONTROL_POINT = "2ad9"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the real stack took, ms: from the wish to connect to a link that is read and subscribed; from the hand-over
    of a request to each answer."""

    connect: int
    round_trips: tuple[int, ...]


def figures(trace: Sequence[Row], session: Sequence[Row]) -> Figures:
    """From the guardian's own trace (clock of the computer) and session file (time since the programme was loaded).
    Raises ValueError when there was no link, or no programme."""
    wished, loaded = _asked(trace, "Connect"), _asked(trace, "Load")
    linked = _first(row["now"] for row in trace if row.get("input", {}).get("is") == "LinkUp")
    written = [loaded + row["at"] for row in session if row["is"] == "EventEntry" and row["kind"] == "write"]
    answered = [row["now"] for row in trace if row.get("input", {}).get("source") == CONTROL_POINT]
    last = [max((at for at in written if at <= answer), default=answer) for answer in answered]
    return Figures(linked - wished, tuple(answer - at for answer, at in zip(answered, last, strict=True)))


def _asked(trace: Sequence[Row], intent: str) -> int:
    return _first(row["now"] for row in trace if row.get("input", {}).get("intent", {}).get("is") == intent)


def _first(times: Iterable[int]) -> int:
    found = next(iter(times), None)
    if found is None:
        raise ValueError("the trace does not hold it")
    return found
