"""The invariants about what must happen: a stop that goes out, an alarm that sounds, a claim that is true, an end.

Each takes a trace and its facts and yields what was wrong, with its time. None looks at the controller's inside.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from treadctl.ftms.control_point import Op, Result
from treadctl.model import api
from treadctl.model.program import Facing, Walk, bouts
from treadctl.model.units import Ms

from .facts import ZERO, Facts, Run
from .rules_commands import AT_ONCE, FRESH, LADDER, Found, Wrong
from .speeds import FALL, minimum, slows
from .trace import Ask, Wire

LOST: Ms = 3000
ALARM_WITHIN: Ms = 1000
LADDERS = 5
"""So many times the time of a rung have all rungs been tried."""
STILL_FOR: Ms = 3000
FROZEN = frozenset({"process.blocked", "time.suspended", "time.late"})
BLIND = frozenset({"telemetry.stuck", "telemetry.garbage", "telemetry.late", "telemetry.burst", "telemetry.scaled",
                   "telemetry.jitter"})
"""Faults under which no measurement can tell: speed and distance both false, or old."""
LYING = BLIND | {"telemetry.bits"}
"""Besides, a speed may be anything from one sample to the next, so that nobody can tell a fall from a rise."""
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
        yield from _withdrawn(facts, run)
    yield from _ghosts(facts)


def _withdrawn(facts: Facts, run: Run) -> Found:
    """A hand moves a belt that nobody waits for any more: a ghost like any other."""
    if not facts.by_hand or run.moved is None or not facts.up_throughout(run.moved, run.moved + AT_ONCE):
        return
    begin, end = run.start.at + 1, run.moved - 1
    asked = facts.wanted_to_stop(begin, end) or facts.notes(begin, end, "slept", "overrun", "gone")
    if asked and not facts.stopped_in(run.moved, run.moved + AT_ONCE) and not _blocked(facts, begin, run.moved):
        yield Wrong(run.moved, "the belt was started by hand after the confirm was withdrawn, and no Stop")


def _asked_to_stop(facts: Facts, run: Run) -> Found:
    causes = [(a.at, f"{type(a.intent).__name__} of {a.client}") for a in facts.trace.asks if _wants_stop(a)]
    causes += [(n.at, n.kind) for n in facts.trace.noted("quit", "overrun")]
    for at, what in causes:
        due = run.start.at < at < run.end and facts.up_throughout(at, at + AT_ONCE) and not facts.is_still(at)
        if not due or facts.seen_at_rest(at) or facts.told_at_rest(at):
            continue
        if not facts.stopped_in(run.start.at + 1, at + AT_ONCE) or _runs_on(facts, at):
            yield Wrong(at, f"{what}, and no Stop within {AT_ONCE} ms")


def _runs_on(facts: Facts, at: Ms) -> bool:
    """It moves, no slower than a whole ladder before, and nothing is tried any more: a Stop of long ago is none."""
    begin = at - LADDERS * _rung(facts)
    seen = facts.samples(begin, at)
    moves = len(seen) > 1 and at - seen[-1].at <= FRESH and seen[-1].speed > max(ZERO, seen[0].speed - FALL)
    tried = any(wire.op in LADDER or wire.speed == minimum(facts) for wire in facts.writes(begin, at + AT_ONCE))
    blind = not facts.up_throughout(begin, at) or _blocked(facts, begin, at) or facts.at_work(LYING, begin, at)
    return moves and not tried and not blind and facts.trace.setup.record.control


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
        if stop.at < wire.at < run.end and wire.op not in LADDER and not slows(facts, wire):
            yield Wrong(wire.at, f"{wire.data.hex()} was written after a stop")
            return


def _ghosts(facts: Facts) -> Found:
    """Motion that nobody started: the ladder at once, unless it is one already."""
    begun = False
    for before, sample in pairwise(facts.trace.samples):
        begun = sample.speed > ZERO and (begun or before.speed <= ZERO)
        burst = len(facts.samples(sample.at - 50, sample.at + 50)) > BURST  # old ones: the next one tells of now
        if not begun or burst:
            continue
        begun = False
        if facts.run_at(sample.at) is not None:
            continue
        if not facts.up_throughout(sample.at, sample.at + AT_ONCE):
            continue
        at_rest = next((span.end for span in reversed(facts.still) if span.end <= sample.at), 0)
        if not facts.stopped_in(min(at_rest, sample.at) - 2000, sample.at + AT_ONCE):
            yield Wrong(sample.at, f"the belt moved by itself at {sample.speed / 100} km/h, and no Stop")


def silence_is_noticed(facts: Facts) -> Found:
    """I8: the age of a sample is never told as less than it is; after 3 s of silence while moving comes the ladder."""
    for at, shot in facts.trace.shots:
        last = facts.last_sample(at)
        younger = shot.sample_age is not None and last is not None and shot.sample_age < facts.least(at - last.at)
        if younger and last is not None and not _blocked(facts, last.at, at):
            yield Wrong(at, f"a sample of {at - last.at} ms is told to be {shot.sample_age} ms old")
            break
    for run in facts.runs:
        yield from _silences(facts, run)


def _silences(facts: Facts, run: Run) -> Found:
    end = min(run.end, facts.trace.end)
    times = [run.start.at, *(s.at for s in facts.samples(run.start.at, end)), end]
    for one, two in pairwise(times):
        lost = one + LOST + AT_ONCE
        if two <= lost + ALARM_WITHIN or not facts.up_throughout(one, lost) or _blocked(facts, one, two):
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
        if link.up or run is None or run.moved is None or not facts.up(link.at - 1):
            continue  # an attempt that failed: the link was lost before
        since = max(one.at for one in facts.trace.links if one.up and one.at < link.at)
        if facts.notes(since, link.at, "close"):
            continue
        if facts.trace.end < link.at + ALARM_WITHIN or facts.is_still(link.at):
            continue
        if not _alarmed(facts, link.at, link.at + ALARM_WITHIN):
            yield Wrong(link.at, "the link was lost and no alarm sounded")
        if not facts.notes(since + 1, link.at + 500, "reconnect"):
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
        later = [w for w in facts.writes(link.at, end) if w.op not in LADDER and not slows(facts, w)]
        if later:
            yield Wrong(later[0].at, f"{later[0].data.hex()} was written after a reconnect")
        yield from _stop_after_look(facts, run, link.at)


def _stop_after_look(facts: Facts, run: Run, at: Ms) -> Found:
    due = at + 1500
    if not facts.up_throughout(at, due) or due > min(run.end, facts.trace.end) or _blocked(facts, at, due):
        return
    seen = facts.samples(at, at + facts.least(1000))
    moves, silent = any(sample.speed > ZERO for sample in seen), not facts.samples(at, at + facts.most(1000))
    if (moves or silent) and not facts.stopped_in(at, due):
        yield Wrong(due, "the belt moved or was silent after a reconnect, and no Stop came")
    stops = [w for w in facts.writes(at, at + facts.least(1000)) if w.stops]
    if seen and not moves and stops and not facts.wanted_to_stop(stops[0].at - AT_ONCE, stops[0].at):
        yield Wrong(stops[0].at, "Stop was written to a belt that was seen at rest after a reconnect")


def every_write_ends(facts: Facts) -> Found:
    """I11: every write ends as accepted, rejected or unknown within its second; accepted only by its own answer."""
    results = [note for note in facts.trace.noted("notice") if _result(note.text)]
    for wire in facts.trace.writes:
        name = Op(wire.op).name if wire.op in set(Op) else ""
        due = wire.at + 1000 + AT_ONCE
        ended = next((n for n in results if n.at >= wire.at and n.text.startswith(name + " ")), None)
        late = (ended is None or ended.at > due) and not _blocked(facts, wire.at, due) and due < facts.trace.end
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
        regained = _regained(facts, run, wire)
        refused = facts.turned_away_lately(wire.at)
        falls = _falls(facts, wire.at) and _falls(facts, wire.at - 1)  # one of this moment may come after
        falls = falls and not _blocked(facts, stop.at, wire.at)
        if falls and not regained and not refused:
            yield Wrong(wire.at, f"{wire.data.hex()} was written while the speed fell")
            return
        early = wire.at <= stop.at + 1100 and facts.up_throughout(stop.at, wire.at)
        if early and any(a.op == stop.op and a.result == 1 and stop.at <= a.at <= wire.at for a in facts.trace.answers):
            yield Wrong(wire.at, "Stop was repeated although it had been accepted")
            return


def _regained(facts: Facts, run: Run, wire: Wire) -> bool:
    """Control was asked for just before, with a reason and once for it: it was refused or taken, or the link is new."""
    asked = [w.at for w in facts.writes(run.start.at + 1, wire.at) if w.op == Op.REQUEST_CONTROL]
    refused = any(a.op == Op.STOP_OR_PAUSE and a.result == Result.NOT_PERMITTED and run.start.at < a.at <= wire.at
                  for a in facts.trace.answers)
    taken = any(note.text == "CONTROL_LOST" for note in facts.notes(run.start.at, wire.at, "status"))
    new = sum(link.up for link in facts.trace.links if run.start.at < link.at <= wire.at)
    return bool(asked) and wire.at - asked[-1] <= 1200 and len(asked) <= (refused or taken) + new


def _falls(facts: Facts, at: Ms) -> bool:
    """The last sample by then was slower than the one before it."""
    seen = facts.samples(at - 1500, at)[-2:]
    return len(seen) == 2 and ZERO < seen[1].speed < seen[0].speed


def _failed_rung(facts: Facts, run: Run, stop: Wire) -> Found:
    """The first rung: no fall of 0.2 km/h in its time, or in that of the last fall."""
    failed = _fails_at(facts, run, stop)
    end = min(run.end, facts.trace.end)
    if failed is None or failed + 1000 > end or not facts.up_throughout(stop.at, failed + 1000):
        return
    if _blocked(facts, stop.at, failed + 1000) or facts.at_work(LYING, stop.at, failed + 1000):
        return
    if not facts.said(run.start.at, failed + 600, "pull the key") and not facts.acknowledged(stop.at, failed):
        yield Wrong(failed, "Stop did not stop it, and nobody called for the key")
    climbed = [w for w in facts.writes(stop.at + 1, failed + 1000) if not w.stops and w.op != Op.REQUEST_CONTROL]
    tried = facts.notes(stop.at, failed + 1000, "reconnect")
    if not climbed and not tried:
        yield Wrong(failed, "Stop did not stop it, and no next rung followed")


def _fails_at(facts: Facts, run: Run, stop: Wire) -> Ms | None:
    """When a belt that is seen moving has not become 0.2 km/h slower in the time of a rung."""
    before = facts.last_sample(stop.at)
    if before is None or before.speed <= ZERO + FALL:
        return None
    mark, since = before.speed, stop.at
    for sample in facts.samples(stop.at, min(run.end, facts.trace.end)):
        if sample.at - since > _rung(facts) + 500:
            return since + _rung(facts) if mark > ZERO else None
        if sample.speed <= ZERO or sample.speed <= mark - FALL or mark <= ZERO:  # motion after zero counts from there
            mark, since = sample.speed, sample.at
        mark = max(mark, sample.speed)
    return None


def _blocked(facts: Facts, begin: Ms, end: Ms) -> bool:
    """This process itself hung: nothing was done, and others have to notice it."""
    return facts.at_work(FROZEN, begin, end)


def claims_are_true(facts: Facts) -> Found:
    """I15: "stopped" is shown and said only where it was measured, and is so."""
    claims = [(at, "the screen") for at, shot in facts.trace.shots if shot.belt is api.Belt.STILL]
    claims += [(word.at, repr(word.text)) for word in facts.trace.words if "belt stopped" in word.text.lower()]
    for at, who in sorted(claims):
        seen = at if facts.is_still(at) else at - 1  # motion measured in this very moment may come after
        if not facts.is_still(seen):
            yield Wrong(at, f"{who} claims a standstill that was not measured")
            return
        true = _true_speed(facts, seen)
        if true > ZERO + 5 and not facts.at_work(BLIND, seen - STILL_FOR, seen) and not _zero_told(facts, seen):
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
    for run in facts.runs:
        client = next((p.client for p in reversed(facts.pressed(0, run.start.at))), "")
        end = min(run.end, facts.trace.end)
        for note in facts.notes(run.start.at, end, "gone"):
            by = note.at + 250
            due = note.text == client and facts.up_throughout(note.at, by) and not _looked_at(facts, by)
            due = due and not facts.awaited(run, note.at) and not _blocked(facts, note.at, by)
            if due and not facts.stopped_in(run.start.at + 1, by):
                yield Wrong(note.at, "the client is gone, and no Stop")
        beats = [b.at for b in facts.beats(run.start.at - 2000, end - 1) if b.client == client]
        for one, two in pairwise([*beats, end]):
            by = one + api.ATTENDANCE_LIMIT + 250
            if two <= by:
                continue
            stands = facts.is_still(by) or _looked_at(facts, by) or facts.awaited(run, by) or _blocked(facts, one, by)
            if facts.up_throughout(one, by) and not stands and not facts.stopped_in(run.start.at + 1, by):
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
    """I16: nothing that comes in makes the controller raise, spin, or say more than anybody can hear."""
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
