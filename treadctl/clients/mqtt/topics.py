"""What goes out to the house: names of topics, and the few words that a snapshot becomes. Pure.

Nothing unknown is told as known: it is null. All text passes `safe_text`, because whoever shows it may trust it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from treadctl.model.api import Belt, LinkState, Phase, Plan, Said, Snapshot
from treadctl.model.program import Turn
from treadctl.model.text import safe_text

STANDING = "A stop over MQTT is a convenience, never a safety device: the clipped safety key is the emergency stop."
"""Said wherever a stop goes over it."""
ROOT = "treadctl"
ID = re.compile(r"treadctl_[0-9a-f]{8}")
"""Of a node: random once. Two of 200 nodes share one with a chance of 1 in 200,000."""
ONLINE, OFFLINE = "online", "offline"
NONE = "None"
"""What Home Assistant reads as "nothing is selected"."""
SHOWN_MAX = 200
LOOKED_FOR = frozenset({LinkState.NONE, LinkState.SCANNING, LinkState.FAILED})
CUES = ("started", "segment", "countdown", "stopped", "fault", "finished")
"""Every kind of cue; the event entity of Home Assistant takes no other."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One message out. Of those that are retained, and of the state, only the newest matters."""

    topic: str
    payload: str
    retain: bool = False
    qos: int = 1


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one node; `prefix` is Home Assistant's."""

    node: str
    prefix: str = "homeassistant"

    def of(self, name: str) -> str:
        return f"{ROOT}/{self.node}/{name}"

    @property
    def stop(self) -> str:
        return self.of("cmd/stop")

    @property
    def message(self) -> str:
        return self.of("cmd/message")

    @property
    def select(self) -> str:
        return self.of("profile/set")

    @property
    def discovery(self) -> str:
        return f"{self.prefix}/device/{self.node}/config"

    @property
    def status(self) -> str:
        """Where Home Assistant says that it has come up."""
        return f"{self.prefix}/status"

    @property
    def incoming(self) -> tuple[str, ...]:
        """All that is ever listened to."""
        return (self.stop, self.message, self.select, self.status)

    # --- what is published ------------------------------------------------------------------------------------------

    def availability(self, online: bool) -> Publication:
        return Publication(self.of("availability"), ONLINE if online else OFFLINE, retain=True)

    def state(self, told: dict[str, object]) -> Publication:
        """Telemetry: a lost one is replaced by the next, so nothing is sent again for it."""
        return Publication(self.of("state"), text(told), retain=True, qos=0)

    def profile(self, name: str) -> Publication:
        return Publication(self.of("profile"), name or NONE, retain=True)

    def cue(self, kind: str, words: str) -> Publication:
        told: dict[str, object] = {"event_type": kind, "text": safe_text(words, SHOWN_MAX), "lang": "en"}
        return Publication(self.of("cue"), text(told))

    def announce(self, said: Said) -> Publication:
        """What is being said at the treadmill, for voices elsewhere in the house."""
        urgent = "safety" if said.priority in ("safety", "notice") else "cue"
        told = {"id": said.id, "text": safe_text(said.text, SHOWN_MAX), "priority": urgent}
        return Publication(self.of("announce"), text(told))


def text(told: dict[str, object]) -> str:
    """One payload."""
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def state(
    name: str, snapshot: Snapshot | None, plan: Plan | None, *, ignored: int = 0, lost: bool = False
) -> dict[str, object]:
    """The state of a node. No snapshot: no guardian runs; `lost`: one has vanished from a belt that may move.

    `clock_ms` is the guardian's clock, by which states can be laid beside the trace of the walk.
    """
    clock, moves = (None, lost) if snapshot is None else (snapshot.now, may_move(snapshot))
    if snapshot is None:
        snapshot = Snapshot(phase=Phase.LOST if lost else Phase.IDLE)
    return {
        "name": safe_text(name), "clock_ms": clock, "phase": snapshot.phase.value,
        "belt": snapshot.belt.value, "moving": {Belt.MOVING: True, Belt.STILL: False}.get(snapshot.belt),
        "may_move": moves, "direction": None if snapshot.facing is None else snapshot.facing.value,
        "speed_kmh": _hundredths(snapshot.speed), "target_kmh": _hundredths(snapshot.target),
        "incline_pct": None if snapshot.incline is None else snapshot.incline / 10,
        "hr_bpm": snapshot.heart_rate, "distance_m": snapshot.distance_m, "elapsed_s": snapshot.walked // 1000,
        "segment": snapshot.segment, "segment_name": _segment(snapshot, plan),
        "segment_remaining_s": -(-snapshot.segment_left // 1000), "program": safe_text(snapshot.program),
        "stop_sent": snapshot.stop_sent, "alarm": safe_text(snapshot.alarm, SHOWN_MAX),
        "link": snapshot.link is LinkState.UP, "simulated": snapshot.simulated, "ignored": ignored,
    }  # fmt: skip


def may_move(snapshot: Snapshot) -> bool:
    """Whether a guardian that vanishes now leaves a belt behind that nobody has seen stand still."""
    return snapshot.belt is not Belt.STILL and snapshot.link not in LOOKED_FOR


def cues(before: Snapshot | None, after: Snapshot, plan: Plan | None) -> Iterator[tuple[str, str]]:
    """What happened between two snapshots, as kind and words."""
    if before is None:
        return
    if after.alarm and after.alarm != before.alarm:
        yield "fault", after.alarm
    if after.stop_sent and not before.stop_sent:
        yield "stopped", after.reason or "A stop was sent to the belt."
    if after.countdown is not None and after.countdown != before.countdown:
        yield "countdown", str(after.countdown)
    if after.phase is Phase.STARTING and before.phase is not Phase.STARTING:
        yield "started", "The belt starts."
    if after.segment is not None and after.segment != before.segment:
        yield "segment", _segment(after, plan) or f"Segment {after.segment + 1}"
    if after.summary is not None and before.summary is None and after.summary.finished:
        yield "finished", after.summary.reason or "The programme is finished."


def _hundredths(speed: int | None) -> float | None:
    return None if speed is None else speed / 100


def _segment(snapshot: Snapshot, plan: Plan | None) -> str | None:
    """Where the walk is, in words: the name that its author gave, or its number."""
    if plan is None or snapshot.segment is None or not 0 <= snapshot.segment < len(plan.segments):
        return None
    segment = plan.segments[snapshot.segment]
    name = "Turn round" if isinstance(segment, Turn) else segment.name
    return safe_text(name or f"{snapshot.segment + 1} of {len(plan.segments)}")
