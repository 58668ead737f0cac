"""The invariants about what must happen: a stop that goes out, an alarm that sounds, a claim that is true, an end.

Each takes a trace and its facts and yields what was wrong, with its time. None looks at the controller's inside.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from treadctl.ftms.control_point import Op
from treadctl.model import api
from treadctl.model.program import Facing, Walk, bouts
from treadctl.model.units import Ms

from .facts import ZERO, Facts, Run
from .rules_commands import AT_ONCE, LADDER, Found, Wrong
from .speeds import minimum
from .trace import Ask, Wire

LOST: Ms = 3000
ALARM_WITHIN: Ms = 1000
STILL_FOR: Ms = 3000
FROZEN = frozenset({"process.blocked", "time.suspended", "time.late"})
BLIND = frozenset({"telemetry.stuck", "telemetry.garbage", "telemetry.late", "telemetry.burst", "telemetry.scaled"})
"""Faults under which no measurement can tell: speed and distance both false, or old."""
WORDLESS = frozenset({"result unknown", "not as commanded", "samples stale", "controller late"})
"""Faults that only hold back rises; they may begin together with a stop."""
BURST = 3
"""More samples than this within a moment were held back somewhere (hazard A10)."""
REVERSING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


def stops_at_once(facts: Facts) -> Found:
    """I6: a stop key, a stop from anywhere, a signal or a ghost: Stop within 100 ms, then only the ladder."""
    for run in facts.runs:
        yield from _asked_to_stop(facts, run)
        yield from _only_ladder(facts, run)
    yield from _ghosts(facts)


def _asked_to_stop(facts: Facts, run: Run) -> Found:
    causes = [(a.at, f"{type(a.intent).__name__} of {a.client}") for a in facts.trace.asks if _wants_stop(a)]
    causes += [(n.at, n.kind) for n in facts.trace.noted("quit", "overrun")]
    for at, what in causes:
        due = run.start.at < at < run.end and facts.up_throughout(at, at + AT_ONCE) and not facts.is_still(at)
        if due and not facts.seen_at_rest(at) and not facts.stopped_in(run.start.at + 1, at + AT_ONCE):
            yield Wrong(at, f"{what}, and no Stop within {AT_ONCE} ms")


def _wants_stop(ask: Ask) -> bool:
    if isinstance(ask.intent, api.Press):
        return True
    return isinstance(ask.intent, (api.Stop, api.End))


def _only_ladder(facts: Facts, run: Run) -> Found:
    stop = facts.first_stop(run)
    reach = facts.trace.setup.record.speed
    if stop is None or reach is None:
        return
    for wire in facts.trace.writes:
        if stop.at < wire.at < run.end and wire.op not in LADDER and wire.speed != reach.minimum:
            yield Wrong(wire.at, f"{wire.data.hex()} was written after a stop")
            return


def _ghosts(facts: Facts) -> Found:
    """Motion that nobody started: the ladder at once."""
    for before, sample in pairwise(facts.trace.samples):
        new = sample.speed > ZERO >= before.speed and facts.is_still(before.at)
        burst = len(facts.samples(sample.at - 50, sample.at + 50)) > BURST  # old ones, not motion now
        if not new or burst or facts.run_at(sample.at) is not None:
            continue
        if not facts.up_throughout(sample.at, sample.at + AT_ONCE):
            continue
        if not facts.stopped_in(sample.at - 2000, sample.at + AT_ONCE):
            yield Wrong(sample.at, f"the belt moved by itself at {sample.speed / 100} km/h, and no Stop")


def silence_is_noticed(facts: Facts) -> Found:
    """I8: the age of a sample is never told as less than it is; after 3 s of silence while moving comes the ladder."""
    names = {fault.name for fault in facts.trace.setup.faults}
    if not names & FROZEN:
        for at, shot in facts.trace.shots:
            last = facts.last_sample(at)
            if shot.sample_age is not None and last is not None and shot.sample_age < at - last.at:
                yield Wrong(at, f"a sample of {at - last.at} ms is told to be {shot.sample_age} ms old")
                break
        for run in facts.runs:
            yield from _silences(facts, run)


def _silences(facts: Facts, run: Run) -> Found:
    end = min(run.end, facts.trace.end)
    times = [run.start.at, *(s.at for s in facts.samples(run.start.at, end)), end]
    for one, two in pairwise(times):
        lost = one + LOST + AT_ONCE
        if two <= lost + ALARM_WITHIN or not facts.up_throughout(one, lost) or run.moved is None:
            continue
        if not facts.stopped_in(run.start.at + 1, lost):
            yield Wrong(lost, "no sample for 3 s on a moving belt, and no Stop")
        if not _alarmed(facts, run.start.at, lost + ALARM_WITHIN):
            yield Wrong(lost, "no sample for 3 s on a moving belt, and no alarm")
        return


def _alarmed(facts: Facts, begin: Ms, end: Ms) -> bool:
    return bool(facts.notes(begin, end, "alarm")) or facts.said(begin, end, "pull the key")


def lost_link_alarms(facts: Facts) -> Found:
    """I9: a link lost on a moving belt: alarm within 1 s and until stillness, a new link tried within 0.5 s."""
    for link in facts.trace.links:
        run = facts.run_at(link.at)
        if link.up or run is None or run.moved is None or facts.notes(0, link.at, "close"):
            continue
        if not facts.up(link.at - 1):
            continue  # an attempt that failed: the link was lost before
        if facts.trace.end < link.at + ALARM_WITHIN or facts.is_still(link.at):
            continue
        if not _alarmed(facts, link.at, link.at + ALARM_WITHIN):
            yield Wrong(link.at, "the link was lost and no alarm sounded")
        if not facts.notes(link.at, link.at + 500, "reconnect") and facts.notes(0, link.at, "reconnect") == []:
            yield Wrong(link.at, "the link was lost and no new one was tried")
        for note in facts.notes(link.at, min(run.end, facts.trace.end), "quiet"):
            if note.at < run.end and not facts.acknowledged(link.at, note.at):
                yield Wrong(note.at, "the alarm ended before the belt was measured still")
                break


def reconnect_only_stops(facts: Facts) -> Found:
    """I10: a new link to a belt that may move: look, Stop within 1.5 s of what moves or is silent, nothing else."""
    for link in facts.trace.links[1:]:
        run = facts.run_at(link.at)
        if not link.up or run is None:
            continue
        end = min(run.end, facts.trace.end)
        later = [w for w in facts.writes(link.at, end) if w.op not in LADDER and w.speed != minimum(facts)]
        if later:
            yield Wrong(later[0].at, f"{later[0].data.hex()} was written after a reconnect")
        yield from _stop_after_look(facts, run, link.at)


def _stop_after_look(facts: Facts, run: Run, at: Ms) -> Found:
    due = at + 1500
    asked = [w for w in facts.writes(at, due) if w.op == Op.REQUEST_CONTROL]
    if asked and not any(a.op == Op.REQUEST_CONTROL and asked[0].at <= a.at <= due for a in facts.trace.answers):
        due += 1000  # an answer that does not come is waited for a second
    if not facts.up_throughout(at, due) or due > min(run.end, facts.trace.end) or _blocked(facts, at, due):
        return
    seen = facts.samples(at, at + 1000)
    moves = any(sample.speed > ZERO for sample in seen)
    if (moves or not seen) and not facts.stopped_in(at, due):
        yield Wrong(due, "the belt moved or was silent after a reconnect, and no Stop came")
    stops = [w for w in facts.writes(at, at + 1000) if w.stops]
    if seen and not moves and stops and not facts.wanted_to_stop(stops[0].at - AT_ONCE, stops[0].at):
        yield Wrong(stops[0].at, "Stop was written to a belt that was seen at rest after a reconnect")


def every_write_ends(facts: Facts) -> Found:
    """I11: every write ends as accepted, rejected or unknown within its second; accepted only by its own answer."""
    names = {fault.name for fault in facts.trace.setup.faults}
    results = [note for note in facts.trace.noted("notice") if _result(note.text)]
    for wire in facts.trace.writes:
        name = Op(wire.op).name if wire.op in set(Op) else ""
        due = wire.at + 1000 + AT_ONCE
        ended = next((n for n in results if n.at >= wire.at and n.text.startswith(name + " ")), None)
        late = (ended is None or ended.at > due) and not names & FROZEN and due < facts.trace.end
        if late and facts.up_throughout(wire.at, due) and not _overtaken(facts, wire, due):
            yield Wrong(wire.at, f"{name} had no end within a second")
    for note in results:
        if note.text.split()[1] == "accepted":
            op = Op[note.text.split()[0]]
            written = next((w.at for w in reversed(facts.trace.writes) if w.op == op and w.at <= note.at), note.at)
            if not any(a.op == op and a.result == 1 and written <= a.at <= note.at for a in facts.trace.answers):
                yield Wrong(note.at, f"{note.text} without its answer")


def _result(text: str) -> bool:
    words = text.split()
    return len(words) >= 2 and words[0] in Op.__members__ and words[1] in ("accepted", "rejected", "unknown")


def _overtaken(facts: Facts, wire: Wire, by: Ms) -> bool:
    """A stop of the same kind took its place: there is one outcome for both."""
    return any(w.op == wire.op and wire.at < w.at <= by for w in facts.trace.writes)


def ladder_climbs(facts: Facts) -> Found:
    """I13: nothing while the speed falls; a Stop that does nothing is followed by the next rung and the key call."""
    for run in facts.runs:
        stop = facts.first_stop(run)
        if stop is not None:
            yield from _while_falling(facts, run, stop)
            yield from _failed_rung(facts, run, stop)


def _rung(facts: Facts) -> Ms:
    record = facts.trace.setup.record
    return max(2000, (record.stop_lag or 0) + (record.sample_interval or 1000) + 500)


def _while_falling(facts: Facts, run: Run, stop: Wire) -> Found:
    ladder = [w for w in facts.trace.writes if stop.at < w.at < run.end and w.op != Op.REQUEST_CONTROL]
    for wire in ladder:
        regained = any(w.op == Op.REQUEST_CONTROL and wire.at - 1200 <= w.at <= wire.at for w in facts.trace.writes)
        refused = any(n.text.startswith("STOP_OR_PAUSE rejected ATT") for n in
                      facts.notes(wire.at - 600, wire.at, "notice"))  # it did not arrive, so it is not a repetition
        falls = _falls(facts, wire.at) and _falls(facts, wire.at - 1)  # one of this moment may come after
        falls = falls and not _blocked(facts, stop.at, wire.at)
        if falls and not regained and not refused:
            yield Wrong(wire.at, f"{wire.data.hex()} was written while the speed fell")
            return
        early = wire.at <= stop.at + 1100 and facts.up_throughout(stop.at, wire.at)
        if early and any(a.op == stop.op and a.result == 1 and stop.at <= a.at <= wire.at for a in facts.trace.answers):
            yield Wrong(wire.at, "Stop was repeated although it had been accepted")
            return


def _falls(facts: Facts, at: Ms) -> bool:
    """The last sample by then was slower than the one before it."""
    seen = facts.samples(at - 1500, at)[-2:]
    return len(seen) == 2 and ZERO < seen[1].speed < seen[0].speed


def _failed_rung(facts: Facts, run: Run, stop: Wire) -> Found:
    """The first rung: no fall of 0.2 km/h in its time."""
    rung = _rung(facts)
    due = stop.at + rung
    before = facts.last_sample(stop.at)
    end = min(run.end, facts.trace.end)
    if before is None or before.speed <= ZERO + 20 or due + 1000 > end or not facts.up_throughout(stop.at, due + 1000):
        return
    if facts.notes(stop.at, due + 30_000, "late", "slept") or _blocked(facts, stop.at, due):
        return
    seen = facts.samples(stop.at, due + 500)
    top = max([before.speed, *(sample.speed for sample in seen)])
    if not seen or any(sample.speed <= top - 20 for sample in seen):
        return
    if not facts.said(run.start.at, due + 600, "pull the key") and not facts.acknowledged(stop.at, due):
        yield Wrong(due, "Stop did nothing, and nobody called for the key")
    climbed = [w for w in facts.writes(stop.at + 1, due + 1000) if not w.stops and w.op != Op.REQUEST_CONTROL]
    tried = facts.notes(stop.at, due + 1000, "reconnect")
    if not climbed and not tried:
        yield Wrong(due, "Stop did nothing, and no next rung followed")


def _blocked(facts: Facts, begin: Ms, end: Ms) -> bool:
    """This process itself hung: nothing was done, and others have to notice it."""
    since = facts.trace.links[0].at if facts.trace.links else 0
    hung = (f for f in facts.trace.setup.faults if f.name in ("process.blocked", "time.suspended", "time.late"))
    return any(since + fault.at <= end and begin <= since + fault.until for fault in hung)


def claims_are_true(facts: Facts) -> Found:
    """I15: "stopped" is shown and said only where it was measured, and is so."""
    faults = facts.trace.setup.faults
    delayed = any(fault.name == "telemetry.jitter" and fault.number("delay") > LOST for fault in faults)
    blind = delayed or bool({fault.name for fault in faults} & BLIND)
    claims = [(at, "the screen") for at, shot in facts.trace.shots if shot.belt is api.Belt.STILL]
    claims += [(word.at, repr(word.text)) for word in facts.trace.words if "belt stopped" in word.text.lower()]
    for at, who in sorted(claims):
        seen = at if facts.is_still(at) else at - 1  # motion measured in this very moment may come after
        if not facts.is_still(seen):
            yield Wrong(at, f"{who} claims a standstill that was not measured")
            return
        true = _true_speed(facts, seen)
        if true > ZERO + 5 and not blind and not _zero_told(facts, seen):
            yield Wrong(at, f"{who} claims a standstill at {true / 100:.2f} km/h")
            return


def _zero_told(facts: Facts, at: Ms) -> bool:
    """A zero is told of a belt that is too slow, or has not moved long enough, to tell a metre: nobody can know."""
    since = facts.trace.links[0].at if facts.trace.links else 0
    faults = (fault for fault in facts.trace.setup.faults if fault.name == "telemetry.zero")
    lying = any(since + fault.at <= at <= since + fault.until + 1000 for fault in faults)  # the last lie is a while old
    told = [sample.distance_m for sample in facts.samples(at - STILL_FOR, at) if sample.distance_m is not None]
    return lying and (not told or told[-1] - told[0] < 1)


def _true_speed(facts: Facts, at: Ms) -> float:
    last = facts.last_sample(at)
    return 0.0 if last is None or last.true is None else last.true


def attended_or_stopped(facts: Facts) -> Found:
    """I18: the client that started it is gone: Stop within 250 ms; it does not attend for 2 s: 250 ms after that."""
    if {fault.name for fault in facts.trace.setup.faults} & FROZEN:
        return
    for run in facts.runs:
        client = next((p.client for p in reversed(facts.pressed(0, run.start.at))), "")
        end = min(run.end, facts.trace.end)
        for note in facts.notes(run.start.at, end, "gone"):
            by = note.at + 250
            due = note.text == client and facts.up_throughout(note.at, by) and not _looked_at(facts, by)
            due = due and not facts.awaited(run, note.at)
            if due and not facts.stopped_in(run.start.at + 1, by):
                yield Wrong(note.at, "the client is gone, and no Stop")
        beats = [b.at for b in facts.trace.beats if b.client == client and run.start.at - 2000 <= b.at < end]
        for one, two in pairwise([*beats, end]):
            by = one + api.ATTENDANCE_LIMIT + 250
            stands = facts.is_still(by) or _looked_at(facts, by) or facts.awaited(run, by)
            if two > by and facts.up_throughout(one, by) and not stands and not facts.stopped_in(run.start.at + 1, by):
                yield Wrong(by, "nobody attended for 2 s, and no Stop")
                break


def _looked_at(facts: Facts, at: Ms) -> bool:
    """A new link, made only to stop, is looked at first; what is seen at rest is left alone."""
    up = any(link.up and at - 1500 <= link.at <= at for link in facts.trace.links[1:])
    return up or facts.seen_at_rest(at)


def shown_text_is_plain(facts: Facts) -> Found:
    """I25: no control, escape or bidi character of data is shown."""
    seen: set[str] = set()
    for at, shot in facts.trace.shots:
        for text in (shot.program, shot.machine, shot.notice, shot.reason, shot.alarm):
            if text not in seen:
                seen.add(text)
                if any(unicodedata.category(c) == "Cc" or c in REVERSING for c in text):
                    yield Wrong(at, f"{text!r} is shown")


def calm_walks_finish(facts: Facts) -> Found:
    """I31: where nothing goes wrong the program is finished as planned, and nothing is stopped needlessly."""
    trace, summary = facts.trace, facts.trace.summary
    if not trace.setup.calm:
        return
    planned = list(bouts(trace.setup.segments))
    if summary is None or not summary.finished:
        why = "it never ended" if summary is None else summary.reason
        yield Wrong(trace.end, f"a calm walk was not finished: {why}")
        return
    for run in facts.runs:
        if not facts.stopped_in(run.start.at + 1, run.end):
            yield Wrong(run.start.at, "a run of the belt that treadctl did not end")
    if len(facts.runs) != len(planned):
        yield Wrong(trace.end, f"{len(facts.runs)} starts for {len(planned)} bouts")
    for facing, walked in ((Facing.FORWARD, summary.forward), (Facing.BACKWARD, summary.backward)):
        walks = [s.seconds * 1000 for s in trace.setup.segments if isinstance(s, Walk) and s.facing is facing]
        if abs(walked - sum(walks)) > 1000 * max(1, len(walks)):
            yield Wrong(trace.end, f"{walked} ms walked {facing.value} instead of {sum(walks)}")
    if facts.runs and facts.up(trace.end) and not facts.is_still(trace.end):
        yield Wrong(trace.end, "the walk ended and the belt is not measured still")


def never_breaks(facts: Facts) -> Found:
    """I16: nothing that comes in makes the controller raise or spin."""
    for note in facts.trace.noted("crash"):
        yield Wrong(note.at, note.text)


def fault_stops_have_words(facts: Facts) -> Found:
    """I30: each stop that a fault made has its reason said within a second."""
    for run in facts.runs:
        stop = facts.first_stop(run)
        if stop is None or facts.trace.end < stop.at + 1000:
            continue
        begun = [n for n in facts.notes(stop.at, stop.at, "notice")
                 if n.text.startswith("fault: ") and n.text.removeprefix("fault: ") not in WORDLESS]
        if begun and not facts.said(stop.at - 1000, stop.at + 1000):
            yield Wrong(stop.at, f"{begun[0].text}: stopped without a word")
