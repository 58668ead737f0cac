"""The invariant about starting: one Start for one local confirm, and no speed to a belt that nobody started.

It takes a trace and its facts and yields what was wrong, with its time; it does not look at the controller's inside.
"""

from __future__ import annotations

from treadctl.model import api
from treadctl.model.units import Ms

from .facts import Facts, Run
from .rules_commands import FRESH, Found, Wrong
from .speeds import minimum
from .trace import Ask

TONE: Ms = 400
WINDOW: Ms = 2000
GUARD: Ms = 300
QUIET: Ms = 1000


def start_confirmed(facts: Facts) -> Found:
    """I3: one Start for one local confirm, on a belt measured still, attended; no speed without a Start."""
    before: Ms = -1
    for run in facts.runs:
        why = _unconfirmed(facts, run, before)
        if why:
            yield Wrong(run.start.at, f"Start without a right: {why}")
        before = run.start.at
    for wire in facts.trace.writes:
        at_rest = next((span.end for span in reversed(facts.still) if span.end <= wire.at), 0)
        rung = wire.speed == minimum(facts) and facts.stopped_in(at_rest, wire.at)
        if wire.speed is not None and facts.run_at(wire.at) is None and not rung:
            yield Wrong(wire.at, f"speed {wire.speed / 100} on a belt that nobody started")


def _unconfirmed(facts: Facts, run: Run, last_start: Ms) -> str:
    at = run.start.at
    gesture = facts.pressed(-1, at)[-3:]
    if len(gesture) < 2:
        return "nobody pressed anything"
    why = _bad_gesture(facts, gesture)
    if why:
        return why
    first = gesture[-2].at
    if last_start >= first:
        return "the confirm was used up already"
    undone = _undone(facts, first, at)
    return undone or _not_ready(facts, at, gesture[-1].client)


def _bad_gesture(facts: Facts, gesture: list[Ask]) -> str:
    """Why these are not press, tone, the same press, after the question was heard."""
    one, two = gesture[-2:]
    a, b = one.intent, two.intent
    assert isinstance(a, api.Press) and isinstance(b, api.Press)
    if a.key != b.key or one.client != two.client or a.held or b.held:
        return "the two presses are not of one key let go"
    if a.key in api.STOP_KEYS_DO_NOT_CONFIRM or one.client not in facts.trace.setup.local:
        return f"{a.key} of {one.client} does not confirm"
    if not TONE <= two.at - one.at <= TONE + WINDOW:
        return f"the second press came {two.at - one.at} ms after the first"
    if len(gesture) > 2 and one.at - gesture[-3].at <= GUARD:
        return "another press came right before"
    void = max((n.at for n in facts.trace.noted("tone") if n.text == "void" and n.at < one.at), default=-1)
    questions = [w for w in facts.trace.words if void <= w.at <= one.at and "press, tone, press" in w.text.lower()]
    if not any(facts.trace.heard.get(word.id, one.at) <= one.at - QUIET for word in questions):
        return "the question was not heard to its end and a second of quiet"
    return ""


def _undone(facts: Facts, first: Ms, at: Ms) -> str:
    """What happened between the confirm and its Start that undoes it."""
    if any(first < link.at <= at for link in facts.trace.links):
        return "the link was another one"
    if any(note.kind != "status" or note.text == "SAFETY_KEY"
           for note in facts.notes(first, at, "slept", "gone", "quit", "overrun", "status")):
        return "something had gone wrong since"
    for ask in facts.trace.asks:
        if first < ask.at < at and isinstance(ask.intent, (api.Stop, api.Abort, api.End)):
            return f"{type(ask.intent).__name__.lower()} came after the confirm"
    return ""


def _not_ready(facts: Facts, at: Ms, client: str) -> str:
    last = facts.last_sample(at)
    if last is None or at - last.at > FRESH or not facts.is_still(at):
        return "the belt was not measured still"
    beat = next((b for b in reversed(facts.trace.beats) if b.at <= at and b.client == client), None)
    if beat is None or at - beat.at > api.ATTENDANCE_LIMIT or not beat.keyboard:
        return "the client that confirmed did not attend"
    if last.incline and facts.trace.setup.record.incline is not None:  # else what it tells of its incline is no measure
        return "the deck was not level"
    return ""
