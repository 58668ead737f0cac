"""What a page is told, in its own few words: plain JSON of a snapshot, a plan, a cue. Pure.

Nothing unknown is told as known, and all text is made safe here once, although the page never reads markup.
"""

from __future__ import annotations

import json

from treadctl.clients.reading import Units, in_units, speed_words
from treadctl.model.api import Asking, Belt, LinkState, Phase, Plan, Question, Said, Snapshot
from treadctl.model.program import Facing, Segment, Turn, Walk
from treadctl.model.text import safe_text
from treadctl.model.units import Ms

SEGMENTS_MAX = 200
"""More would be narrower than a line on any screen."""
ON_THE_BELT = frozenset({Phase.HOLDING, Phase.WALKING, Phase.EASING})
RUNS = ON_THE_BELT | {Phase.RESTING, Phase.PUSHING, Phase.OFF}
"""The programme's clock runs, so what comes next has a time."""
WORDS = {
    Phase.IDLE: "READY", Phase.CHECKING: "AT THE LAPTOP", Phase.REACHING: "STOP KEY", Phase.TURNING: "TURN ROUND",
    Phase.ASKING: "CONFIRM", Phase.COUNTDOWN: "STARTING", Phase.STARTING: "STARTING", Phase.STOPPING: "STOPPING",
    Phase.RESTING: "REST", Phase.PUSHING: "PUSH", Phase.OFF: "OFF THE TREADMILL", Phase.HALTED: "STOPPED",
    Phase.LOST: "NO LINK", Phase.DONE: "DONE",
}
TAP = "page"
"""The question that a tap on a page answers."""
FACINGS = {Facing.FORWARD: "FORWARD", Facing.BACKWARD: "BACKWARD"}

Told = dict[str, object]


def state(snapshot: Snapshot, sent: Ms, heard: Ms, units: Units = Units.KMH) -> Told:
    """`sent` is this host's time, by which a page notices what was held up on its way; `heard` the snapshot's age."""

    def words(text: str, most: int = 120) -> str:
        return in_units(safe_text(text, most), units)

    age = None if snapshot.sample_age is None else snapshot.sample_age + heard
    walking = snapshot.phase in ON_THE_BELT
    return {
        "sent": sent, "age": age, "sim": snapshot.simulated, "safe": safe(snapshot),
        "still": snapshot.belt is Belt.STILL, "walking": walking, "runs": snapshot.phase in RUNS,
        "stopping": snapshot.stop_sent,
        "facing": None if snapshot.facing is None else FACINGS[snapshot.facing], "word": _word(snapshot),
        "unit": units.value, "speed": _speed(snapshot.speed, units), "target": _speed(snapshot.target, units),
        "reached": snapshot.reached, "incline": None if snapshot.incline is None else f"{snapshot.incline / 10:.1f}",
        "heart": snapshot.heart_rate, "count": snapshot.countdown, "number": snapshot.number,
        "next": None if snapshot.next is None else [words(snapshot.next.words), snapshot.next.left],
        "ask": words(_asked(snapshot.question), 200), "alarm": words(snapshot.alarm), "foot": snapshot.footer.value,
        "why": words(snapshot.reason or snapshot.notice or _message(snapshot), 200),
        "caption": words(snapshot.caption, 200),
        "program": safe_text(snapshot.program), "walked": snapshot.walked, "walk": snapshot.to_walk,
        "left": snapshot.left, "bout": [snapshot.bout, snapshot.bouts],
        "at": snapshot.segment, "rest": snapshot.segment_left, "page": bool(snapshot.speaker),
        "helper": snapshot.helper, "tap": snapshot.question is not None and snapshot.question.id == TAP,
    }


def safe(snapshot: Snapshot) -> bool:
    """Whether silence after this is no reason to call for the key: the belt was measured still, or there is none."""
    return snapshot.belt is Belt.STILL or snapshot.link in (LinkState.NONE, LinkState.SCANNING, LinkState.FAILED)


def plan(told: Plan) -> Told:
    """The timeline: for each segment its kind, seconds and speed. Turns stay, because segments are counted."""
    return {"segments": [_segment(segment) for segment in told.segments[:SEGMENTS_MAX]]}


def said(told: Said, units: Units = Units.KMH) -> Told:
    return {"text": in_units(safe_text(told.text, 200), units), "id": told.id}


def event(name: str, data: Told) -> bytes:
    """One server-sent event; JSON without line breaks is one `data` line."""
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def body(data: Told) -> bytes:
    """The body of an answer."""
    return json.dumps(data, separators=(",", ":")).encode()


def _word(snapshot: Snapshot) -> str:
    if snapshot.phase is Phase.DONE and snapshot.summary is not None:
        return "FINISHED" if snapshot.summary.finished else "ENDED"
    if snapshot.phase in ON_THE_BELT:
        return "WALKING" if snapshot.facing is None else FACINGS[snapshot.facing]
    return WORDS[snapshot.phase]


def _message(snapshot: Snapshot) -> str:
    """What somebody in the house sent, marked as such."""
    return f"Message: {snapshot.message}" if snapshot.message else ""


def _speed(speed: int | None, units: Units) -> str | None:
    return None if speed is None else speed_words(speed, units)


def _asked(question: Question | None) -> str:
    """What stands large while something is asked: a reach test asks for a deed, the rest for an answer elsewhere."""
    if question is None:
        return ""
    return question.detail if question.asking is Asking.REACH and not question.heard else question.text


def _segment(segment: Segment) -> list[object]:
    if isinstance(segment, Turn):
        return ["turn", 0, 0]
    if isinstance(segment, Walk):
        return [segment.facing.value, segment.seconds, int(segment.speed)]
    return ["rest", segment.seconds, 0]
