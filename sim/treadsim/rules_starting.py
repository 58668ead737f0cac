"""The invariants about a belt at rest: one Start for one local confirm, and nothing else that nobody asked for.

They take a trace and its facts and yield what was wrong, with its time; neither looks at the controller's inside.
"""

from __future__ import annotations

from itertools import pairwise

from treadctl.ftms.control_point import Op
from treadctl.model import api
from treadctl.model.units import Ms

from .facts import ASKED, FALSE_METRES, ZERO, Facts, Run
from .rules_commands import AT_ONCE, FRESH, LADDER, Found, Wrong
from .speeds import slows
from .trace import Ask, Wire

TONE: Ms = 400
WINDOW: Ms = 2000
GUARD: Ms = 300
QUIET: Ms = 1000
FALSE_ZERO: Ms = 18_000
"""Two metres within 15 s under a told zero are motion; what was told of them is up to a rung old."""
COUNTS = frozenset({"five", "four", "three", "two", "one"})


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
        rung = slows(facts, wire) and facts.stopped_in(at_rest, wire.at)
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
    if not facts.least(TONE) <= two.at - one.at <= facts.most(TONE + WINDOW):
        return f"the second press came {two.at - one.at} ms after the first"
    if len(gesture) > 2 and one.at - gesture[-3].at <= facts.least(GUARD):
        return "another press came right before"
    void = max((n.at for n in facts.trace.noted("tone") if n.text == "void" and n.at < one.at), default=-1)
    questions = [w for w in facts.trace.words if void <= w.at <= one.at and ASKED in w.text.lower()]
    if not any(facts.trace.heard.get(word.id, one.at) <= one.at - facts.least(QUIET) for word in questions):
        return "the question was not heard to its end and a second of quiet"
    asked = questions[-1].at
    if any(asked < word.at < two.at and word.text.lower() in COUNTS for word in facts.trace.words):
        return "a key was pressed while it was counted down"
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
    still = facts.is_still(at) or facts.is_still(at - 1)  # a sample of the same ms may have come after it
    if last is None or at - last.at > facts.most(FRESH) or not still:
        return "the belt was not measured still"
    beat = next((b for b in reversed(facts.trace.beats) if b.at <= at and b.client == client), None)
    if beat is None or at - beat.at > facts.most(api.ATTENDANCE_LIMIT) or not beat.keyboard:
        return "the client that confirmed did not attend"
    if last.incline and facts.trace.setup.record.incline is not None:  # else what it tells of its incline is no measure
        return "the deck was not level"
    return ""


# --- what else is written to a belt at rest --------------------------------------------------------------------------


def still_belt_is_left_alone(facts: Facts) -> Found:
    """I12: nothing is written to a belt measured still but what a confirm asked for."""
    for wire in facts.trace.writes:
        if facts.run_at(wire.at) is not None or not facts.is_still(wire.at):
            continue
        if _unexplained(facts, wire) or _doubted(facts, wire):
            continue
        if wire.op == Op.START_OR_RESUME:
            continue  # that one is judged by itself
        asked = wire.op == Op.REQUEST_CONTROL or wire.incline == 0
        if not asked or not _confirmed(facts, wire):
            yield Wrong(wire.at, f"{wire.data.hex()} was written to a belt at rest")


def _confirmed(facts: Facts, wire: Wire) -> bool:
    """The presses before it are a confirm, nothing was started by it yet, and control was not taken for it before."""
    gesture = facts.pressed(wire.at - 90_000, wire.at)[-3:]
    if len(gesture) < 2 or _bad_gesture(facts, gesture):
        return False
    since = gesture[-1].at
    taken = wire.op == Op.REQUEST_CONTROL and any(
        w.op == Op.REQUEST_CONTROL and w is not wire for w in facts.writes(since, wire.at)
    )
    return not taken and not any(since < run.start.at < wire.at for run in facts.runs)


def _unexplained(facts: Facts, wire: Wire) -> bool:
    """A Stop to a belt that came to zero without one, or that a stop is still under way for: not confirmed yet."""
    run = next((run for run in reversed(facts.runs) if run.start.at < wire.at), None)
    if run is None or wire.op not in LADDER or wire.at > run.end + 10_000:
        return False
    return facts.turned_away_lately(wire.at) or not facts.stopped_in(run.start.at, run.end)


def _doubted(facts: Facts, wire: Wire) -> bool:
    """A Stop that somebody asked for while the distance had just grown at a told zero, or on a new link that had told
    nothing yet: who knows whether it stands?"""
    first = next((link.at for link in reversed(facts.trace.links) if link.up and link.at <= wire.at), 0)
    if not wire.stops or not facts.wanted_to_stop(first, wire.at):
        return False
    if not facts.samples(first, wire.at):
        return True
    if not facts.wanted_to_stop(wire.at - AT_ONCE, wire.at):
        return False
    told = [s for s in facts.samples(wire.at - FALSE_ZERO, wire.at) if s.distance_m is not None and s.speed <= ZERO]
    return sum((b.distance_m or 0) - (a.distance_m or 0) for a, b in pairwise(told)) >= FALSE_METRES
