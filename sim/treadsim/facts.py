"""What a trace amounts to, worked out once for all invariants: when the belt was measured still, and each run of it.

Independent of the controller under test: stillness is measured here anew,
and a run begins with a Start on the wire, whoever sent it and whyever, or with the words that ask a hand for it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from treadctl.ftms.control_point import Op
from treadctl.model.api import Asking, End, Press, Resume, Stop
from treadctl.model.program import Facing
from treadctl.model.units import Ms

from .faults import Fault
from .host import DRIFTS
from .trace import Ask, Beat, Measured, Note, Trace, Wire

ZERO = 10
STILL_MS: Ms = 3000
LOST_MS: Ms = 3000
NEVER: Ms = 1 << 60
BELIEVED: Ms = 10_000
"""So long after its begin at the latest a zero without a stop is taken for a standstill."""
START_PATIENCE: Ms = 15_000
ANSWERED: Ms = 1200
"""By then a write was answered, or there is no answer: the limit of a second, and what the air takes."""
HAND_PATIENCE: Ms = 60_000
FALSE_METRES = 2
REST_TOLD: Ms = 18_000
"""In this time a belt that creeps at 0.1 km/h, which counts as standing, covers half a metre."""
ASKED = "press, tone, press"
FACING_WORDS = {"facing away?": Facing.BACKWARD, "facing the console?": Facing.FORWARD}
HAND_STARTS = ("press start at the console.", "spotter: press start.")
"""Where no Start is written a run begins with the words that ask somebody for it."""
HAND_STOPS = ("press stop at the console", "stop at the console", "pull the key")
"""Where nothing obeys a Stop is said."""


class Span(NamedTuple):
    """From `begin` until before `end`."""

    begin: Ms
    end: Ms


@dataclass(slots=True)
class Run:
    """One Start and what came of it, until the belt was measured still again. `moved`: its first measured motion."""

    start: Wire
    facing: Facing | None
    moved: Ms | None = None
    end: Ms = NEVER

    def holds(self, at: Ms) -> bool:
        return self.start.at <= at < self.end


class Facts:
    """Everything that several invariants ask of one trace."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._drift = sum(fault.number("permille") for fault in trace.setup.faults if fault.name in DRIFTS)
        self._sample_at = [sample.at for sample in trace.samples]
        self._beat_at = [beat.at for beat in trace.beats]
        self._links = trace.links
        self._link_at = [link.at for link in trace.links]
        self.still = _still(trace, self.least(STILL_MS), self.most(LOST_MS))
        self._still_from = [span.begin for span in self.still]
        self.questions = _questions(trace)
        self.runs = self._find_runs()
        self._run_from = [run.start.at for run in self.runs]
        self._turned_away = {failed.id: failed.at for failed in trace.failed if failed.att is not None}
        self._refused = {wire for wire in trace.writes if self._was_refused(wire)}
        self.presses = [ask for ask in trace.asks if isinstance(ask.intent, Press)]

    def wanted_to_stop(self, begin: Ms, end: Ms) -> bool:
        """Whether somebody wanted it to stop in this time, from wherever."""
        asked = (ask.at for ask in self.trace.asks if isinstance(ask.intent, Press | Stop | End))
        return any(begin <= at <= end for at in asked) or bool(self.notes(begin, end, "quit"))

    def seen_at_rest(self, at: Ms) -> bool:
        """Whether a link that was made anew has shown nothing but zeros, two or more: then nothing is written.

        Not where the distance grows under them, and not where nothing came after them: that is unknown again.
        """
        up = next((link.at for link in reversed(self._links) if link.up and link.at <= at), None)
        if up is None or up == self._links[0].at:
            return False
        seen = self.samples(up, at)
        return len(seen) >= 2 and _rests(seen, at)

    def told_at_rest(self, at: Ms) -> bool:
        """Whether nothing but zeros was told for long enough, and the distance grew no more than a belt at rest may."""
        seen = self.samples(at - REST_TOLD, at)
        return bool(seen) and seen[0].at <= at - REST_TOLD + LOST_MS and _rests(seen, at)

    def awaited(self, run: Run, at: Ms) -> bool:
        """Whether a hand at the console had not moved the belt yet: then the confirm is withdrawn, and that is all."""
        return self.by_hand and (run.moved is None or at < run.moved)

    def refused(self, wire: Wire) -> bool:
        """Whether the machine or its host did not take this write: then it is not in force.

        By the machine's own word, an answer or an ATT error; the controller's word for it counts for nothing.
        """
        return wire in self._refused

    def _was_refused(self, wire: Wire) -> bool:
        if self.turned_away(wire, wire.at + ANSWERED):
            return True
        later = next((w.at for w in self.trace.writes if w.at > wire.at and w.op == wire.op), NEVER)
        by = min(later, wire.at + ANSWERED)
        answer = next((a for a in self.trace.answers if a.op == wire.op and wire.at <= a.at <= by), None)
        return answer is not None and answer.result != 1

    def turned_away(self, wire: Wire, by: Ms) -> bool:
        """Whether an ATT error had answered this write by then: it did not start at all."""
        return wire.at <= self._turned_away.get(wire.id, NEVER) <= by

    def turned_away_lately(self, at: Ms) -> bool:
        """Whether a Stop of just before did not arrive: another one is not its repetition."""
        return any(w.stops and self.turned_away(w, at) for w in self.writes(at - 600, at))

    def at_work(self, names: frozenset[str], begin: Ms, end: Ms) -> bool:
        """Whether one of these faults was at work in this time, or what it delayed had still to come."""
        since = self._link_at[0] if self._link_at else 0
        faults = [fault for fault in self.trace.setup.faults if fault.name in names]
        return any(since + f.at <= end and begin <= since + f.until + delay_of(f) for f in faults)

    def least(self, ms: Ms) -> Ms:
        """What a time that has to pass comes to by the clock of a computer that runs fast."""
        return ms - (ms * self._drift // 1000 + 2 if self._drift else 0)

    def most(self, ms: Ms) -> Ms:
        """What a time that must not be over comes to by the clock of a computer that runs slow."""
        return 2 * ms - self.least(ms)

    # --- looking up --------------------------------------------------------------------------------------------------

    def is_still(self, at: Ms) -> bool:
        """Measured still at this time, and not longer ago than the belt may be unseen."""
        index = bisect_right(self._still_from, at) - 1
        return index >= 0 and at < self.still[index].end

    def run_at(self, at: Ms) -> Run | None:
        """The run that holds at this time."""
        index = bisect_right(self._run_from, at) - 1
        return self.runs[index] if index >= 0 and self.runs[index].holds(at) else None

    def last_sample(self, at: Ms) -> Measured | None:
        index = bisect_right(self._sample_at, at) - 1
        return self.trace.samples[index] if index >= 0 else None

    def samples(self, begin: Ms, end: Ms) -> list[Measured]:
        """The samples from `begin` to `end`, both included."""
        return self.trace.samples[bisect_left(self._sample_at, begin):bisect_right(self._sample_at, end)]

    def beats(self, begin: Ms, end: Ms) -> list[Beat]:
        """The heartbeats from `begin` to `end`, both included."""
        return self.trace.beats[bisect_left(self._beat_at, begin):bisect_right(self._beat_at, end)]

    def last_beat(self, before: Ms) -> Beat | None:
        index = bisect_left(self._beat_at, before) - 1
        return self.trace.beats[index] if index >= 0 else None

    def up(self, at: Ms) -> bool:
        """Whether the link is up after everything that happened at this time."""
        index = bisect_right(self._link_at, at) - 1
        return index >= 0 and self._links[index].up

    def up_throughout(self, begin: Ms, end: Ms) -> bool:
        return self.up(begin) and not any(begin < link.at <= end for link in self._links)

    def writes(self, begin: Ms, end: Ms) -> list[Wire]:
        """The writes from `begin` to `end`, both included."""
        return [wire for wire in self.trace.writes if begin <= wire.at <= end]

    def stopped_in(self, begin: Ms, end: Ms) -> bool:
        """Whether a Stop was written in this time, or called for where nothing obeys."""
        if not self.trace.setup.record.control and any(self.said(begin, end, words) for words in HAND_STOPS):
            return True
        return any(wire.stops for wire in self.writes(begin, end))

    def first_stop(self, run: Run) -> Wire | None:
        return next((w for w in self.trace.writes if w.stops and run.start.at < w.at < run.end), None)

    def resumed(self, begin: Ms, end: Ms) -> Ms:
        """When somebody at the treadmill resumed, or else `end`."""
        local = (a.at for a in self.trace.asks if isinstance(a.intent, Resume) and a.client in self.trace.setup.local)
        return next((at for at in local if begin <= at), end)

    def asked_facing(self, at: Ms) -> Facing | None:
        """The facing that the words last asked to be confirmed; the person knows no other question."""
        asked = [word.text.lower() for word in self.trace.words if word.at <= at and ASKED in word.text.lower()]
        named = [facing for text in asked for words, facing in FACING_WORDS.items() if text.startswith(words)]
        return named[-1] if named else None

    def acknowledged(self, begin: Ms, end: Ms) -> bool:
        return any(begin <= ask.at <= end and type(ask.intent).__name__ == "Acknowledge" for ask in self.trace.asks)

    def notes(self, begin: Ms, end: Ms, *kinds: str) -> list[Note]:
        return [note for note in self.trace.notes if begin <= note.at <= end and note.kind in kinds]

    def said(self, begin: Ms, end: Ms, words: str = "") -> bool:
        """Whether something with these words was begun to be said in this time."""
        return any(begin <= word.at <= end and words in word.text.lower() for word in self.trace.words)

    def pressed(self, begin: Ms, end: Ms) -> list[Ask]:
        return [press for press in self.presses if begin <= press.at <= end]

    # --- runs --------------------------------------------------------------------------------------------------------

    @property
    def by_hand(self) -> bool:
        """Whether somebody at the console starts this machine."""
        return not (self.trace.setup.record.control and self.trace.setup.record.remote_start)

    @property
    def _patience(self) -> Ms:
        return self.most(HAND_PATIENCE if self.by_hand else START_PATIENCE)

    def _find_runs(self) -> list[Run]:
        by_hand = [
            Wire(word.at, word.id, b"", Op.START_OR_RESUME)
            for word in self.trace.words if self.by_hand and word.text.lower() in HAND_STARTS
        ]
        written = [wire for wire in self.trace.writes if wire.op == Op.START_OR_RESUME]
        starts = sorted([*by_hand, *written], key=lambda wire: wire.at)
        found = []
        for start, after in pairwise([*starts, None]):
            assert start is not None
            limit = NEVER if after is None else after.at
            found.append(self._run(start, limit))
        return found

    def _run(self, start: Wire, limit: Ms) -> Run:
        run = Run(start, self._declared(start.at))
        run.moved = next(
            (s.at for s in self.samples(start.at, min(limit, start.at + self._patience)) if s.speed > ZERO), None
        )
        if run.moved is not None:
            run.end = self._at_rest(start, bisect_left(self._still_from, run.moved))
        else:
            run.end = self._never_moved(start)
        run.end = min(run.end, limit)
        return run

    def _at_rest(self, start: Wire, first: int) -> Ms:
        """When this run came to rest. A zero on a link without a stop may be a false one, unless it lasts."""
        for span in self.still[first:]:
            asked = self.stopped_in(start.at + 1, span.begin) or not self.up_throughout(start.at, span.begin)
            if asked or span.end - span.begin >= BELIEVED:
                return span.begin
        return NEVER

    def _never_moved(self, start: Wire) -> Ms:
        """When a Start that moved nothing is over: refused, stopped and still, or given up on."""
        refused = (a.at for a in self.trace.answers if a.op == start.op and a.result != 1 and a.at >= start.at)
        stops = (w.at + LOST_MS for w in self.trace.writes if w.stops and w.at > start.at)
        return min(next(refused, NEVER), next(stops, NEVER), start.at + self._patience)

    def _declared(self, at: Ms) -> Facing | None:
        """The facing that the last question before this Start was about."""
        return next((facing for when, facing in reversed(self.questions) if when <= at), None)


def _questions(trace: Trace) -> list[tuple[Ms, Facing]]:
    """When which facing was asked to be confirmed."""
    found: list[tuple[Ms, Facing]] = []
    before = ""
    for at, shot in trace.shots:
        question = shot.question
        id = "" if question is None or question.asking is not Asking.CONFIRM else question.id
        if id != before:
            before = id
            named = [facing for facing in Facing if id == f"confirm-{facing.value}"]
            found += [(at, facing) for facing in named]
    return found


def _still(trace: Trace, still_ms: Ms, lost_ms: Ms) -> list[Span]:
    """When the belt counts as measured still: at most 0.1 km/h for 3 samples and 3 s, distance and incline constant."""
    spans: list[Span] = []
    ups = [link.at for link in trace.links if link.up]
    since: Ms | None = None
    count = 0
    before: Measured | None = None
    open_at: Ms | None = None
    incline: int | None = None
    for sample in trace.samples:
        fresh_link = before is not None and bisect_right(ups, before.at) != bisect_right(ups, sample.at)
        tilted = sample.incline is not None and incline is not None and sample.incline != incline
        gap = before is None or sample.at - before.at > lost_ms or fresh_link
        moved = sample.speed > ZERO or (not gap and _grew(before, sample))
        if open_at is not None and before is not None and (moved or tilted or gap):
            spans.append(Span(open_at, min(sample.at, before.at + lost_ms + 1)))
            open_at = None
        if moved:
            since, count = None, 0
        elif since is None or tilted or gap:
            since, count = sample.at, 1
        else:
            count += 1
        if since is not None and count >= 3 and sample.at - since >= still_ms and open_at is None:
            open_at = sample.at
        before = sample
        incline = sample.incline if sample.incline is not None else incline
    if open_at is not None and before is not None:
        spans.append(Span(open_at, before.at + lost_ms + 1))
    return spans


def _rests(seen: list[Measured], at: Ms) -> bool:
    """Nothing but zeros, the last of them not too old, and the distance stands."""
    zeros = all(sample.speed <= ZERO for sample in seen)
    return zeros and not _creeps(seen) and at - seen[-1].at <= LOST_MS


def _creeps(seen: list[Measured]) -> bool:
    """Whether the distance grew although every speed was told as zero; one metre may be rounding."""
    told = [sample.distance_m for sample in seen if sample.distance_m is not None]
    return bool(told) and told[-1] - told[0] >= FALSE_METRES


def delay_of(fault: Fault) -> Ms:
    """How much longer than it lasts a fault is felt: what it held up comes so much later."""
    return max([fault.number(p.name) for p in fault.spec.parameters if p.name == "delay"], default=0)


def _grew(before: Measured | None, sample: Measured) -> bool:
    if before is None or before.distance_m is None or sample.distance_m is None:
        return False
    return sample.distance_m > before.distance_m
