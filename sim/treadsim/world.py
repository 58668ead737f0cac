"""A whole walk in virtual time: treadctl's core, the simulated treadmill and the simulated person, and nothing else.

Discrete events, no event loop, no clock, no I/O: the time is whatever happens next. The verdicts are about the walker
and come from the true belt and the words heard (`body`), never from what the core says of itself.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from treadctl import __version__
from treadctl.control import events
from treadctl.control.core import Core
from treadctl.control.events import (
    Asked,
    Attended,
    Context,
    Effect,
    Input,
    LinkDown,
    LinkUp,
    Notified,
    Priority,
    Source,
    SpeechFailed,
    Spoken,
    Tick,
    WriteDone,
    WriteFailed,
)
from treadctl.files.machines import load_quirk
from treadctl.ftms import uuids
from treadctl.model.api import ATTEND_EVERY, Belt, Connect, Intent, LinkState, Load, Phase, Plan, Press, Snapshot
from treadctl.model.limits import effective_limits
from treadctl.model.person import UNKNOWN_PERSON, Person
from treadctl.model.program import Program, Segment, Walk, expand, expected_ms, size_problems
from treadctl.model.records import EventEntry
from treadctl.model.units import Ms, clock

from .body import MOVING, Body, Moment
from .faults import parse_faults
from .mouth import SAFETY, Mouth, Utterance
from .peripheral import AttError, Peripheral
from .report import Line, Point, Report, Verdict
from .walker import Walker
from .wire import describe, link_info

ADDRESS = "F0:00:00:00:00:01"
CLIENT = "walker"
LATENCY: Ms = 30
"""One ATT write and its response, as in `backend`."""
CONNECTING: Ms = 300
SWITCH_OFF: Ms = 4_000
"""From "Switch the treadmill off" to its link being gone (chosen)."""
PATIENCE: Ms = 600_000
"""A walk that lasts this much longer than twice its plan has got stuck somewhere."""
AFTER_END: Ms = 10_000
"""How long is watched after the summary: the belt has to be and to stay still."""
SOURCES = {
    uuids.TREADMILL_DATA: Source.TREADMILL_DATA,
    uuids.STATUS: Source.STATUS,
    uuids.TRAINING_STATUS: Source.TRAINING,
    uuids.CONTROL_POINT: Source.CONTROL_POINT,
}
WALKED = frozenset({Phase.HOLDING, Phase.WALKING})
ATTEND_EARLY: Ms = 150
"""A heartbeat may come this much early, in the place of a tick: half the steps of the core, and as good as 4 Hz."""
ROUNDS = 1000
"""Chosen: an honest moment has a handful of rounds."""
SHOWN_ELSEWHERE = frozenset({"write", "say"})
"""Events that the timeline has already, as commands and as words."""
RANKS = {Priority.SAFETY: SAFETY, Priority.COUNTDOWN: 1, Priority.SEGMENT: 2, Priority.TECHNIQUE: 3}
FOREVER: Ms = 1 << 62
STILL_WITHIN: Ms = 15_000
"""A belt that was not measured still by then never will be: the program is loaded to hear why it is refused."""


class Controller(Protocol):
    """What a core is to the world; tests pass broken ones."""

    def __init__(self, context: Context) -> None: ...
    def step(self, now: Ms, item: Input) -> list[Effect]: ...
    def deadline(self) -> Ms | None: ...


def dry_run(
    program: Program,
    *,
    person: Person = UNKNOWN_PERSON,
    quirk: str = "reference",
    faults: Sequence[str] = (),
    seed: int = 0,
    core: type[Controller] = Core,
) -> Report:
    """Walk this program on this machine. Raises UsageError for an unknown quirk or fault.

    The program has to be small enough to expand; judge the file before.
    """
    assert not size_problems(program)
    return World(program, person, Peripheral(load_quirk(quirk), parse_faults(faults)), seed, core).run()


class World:
    """One dry run."""

    def __init__(
        self, program: Program, person: Person, peripheral: Peripheral, seed: int, core: type[Controller]
    ) -> None:
        self._program, self._seed = program, seed
        self._peripheral = peripheral
        self._belt = peripheral.belt
        segments = expand(program)
        self._record = replace(peripheral.quirk.record, address=ADDRESS)
        self._body = Body(segments, effective_limits(person, self._record, program.level))
        self._walker = Walker(seed)
        self._mouth = Mouth()
        self._core = core(Context(id="dry-run", version=__version__, seed=seed, person=person))
        self._limit: Ms = 2 * expected_ms(segments) + PATIENCE
        self._now: Ms = 0
        self._soon: list[tuple[Ms, int, Input]] = []
        self._attend_at: Ms = 0
        self._snapshot = Snapshot()
        self._plan: tuple[Segment, ...] = ()
        self._number = self._rounds = 0
        self._due: Ms | None = 0
        self._fed = False
        self._load_id = 0
        self._load_by: Ms = FOREVER
        self._over = False
        self._was_turning = False
        self._switch_off_at: Ms | None = None
        self._end_at: Ms = FOREVER
        self._timeline: list[Line] = []
        self._points: list[Point] = []

    # --- the loop ----------------------------------------------------------------------------------------------------

    def run(self) -> Report:
        """Until the walk is over and the belt has stayed still, or nothing can happen any more."""
        self._ask(Connect())
        while not self._over:
            now = self._next_time()
            if now > self._limit or now >= self._end_at or self._livelock(now):
                break
            self._pass(now)
            self._machine()
            self._speech()
            while self._soon and self._soon[0][0] <= now:
                self._feed(heapq.heappop(self._soon)[2])
            self._person()
            if self._core_is_due() and not self._fed:
                self._feed(Tick())
            if self._fed:
                self._due, self._fed = self._core.deadline(), False
        return self._report()

    def _core_is_due(self) -> bool:
        return self._due is not None and self._due <= self._now

    def _livelock(self, now: Ms) -> bool:
        """Whether things keep happening without time going by."""
        self._rounds = self._rounds + 1 if now == self._now else 0
        if self._rounds > ROUNDS:
            self._line("notice", f"nothing but deadlines at {now} ms: the core never comes to rest")
        return self._rounds > ROUNDS

    def _next_time(self) -> Ms:
        times = (
            self._attend_at,
            self._soon[0][0] if self._soon else None,
            self._due,
            self._peripheral.deadline(),
            self._mouth.deadline(),
            self._walker.deadline(),
            self._switch_off_at,
        )
        return max(self._now, min(at for at in times if at is not None))

    def _pass(self, now: Ms) -> None:
        """Time goes by for the body: what the belt did to it since the last event."""
        gone, self._now = now - self._now, now
        self._belt.advance(now)
        while self._belt.changes:
            change = self._belt.changes.popleft()
            self._body.changed(change)
        if gone:
            turning = self._walker.turning(now)
            if turning and not self._was_turning:
                self._line("walker", "turns round")
            self._was_turning = turning
            facing = self._walker.facing
            self._body.carried(Moment(now, gone, self._belt.speed, facing, turning, self._walk()))
        self._draw()

    def _walk(self) -> Walk | None:
        """What the screen says is walked now; outside a walk the facing is not compared."""
        at = self._snapshot.segment
        if self._snapshot.phase not in WALKED or at is None or at >= len(self._plan):
            return None
        segment = self._plan[at]
        return segment if isinstance(segment, Walk) else None

    def _draw(self) -> None:
        """A point where the picture changes its shape, and the one before it."""
        shot, speed = self._snapshot, round(self._belt.speed)
        point = Point(self._now, speed, shot.target, self._walker.facing)
        if len(self._points) >= 2 and all(
            (p.speed, p.target, p.facing) == (speed, shot.target, self._walker.facing) for p in self._points[-2:]
        ):
            self._points[-1] = point
        else:
            self._points.append(point)

    # --- the machine and the loudspeaker -----------------------------------------------------------------------------

    def _machine(self) -> None:
        now = self._now
        for outgoing in self._peripheral.step(now):
            self._feed(Notified(SOURCES[outgoing.uuid], outgoing.data))
        if self._peripheral.link_lost:
            self._peripheral.disconnect(now)
            self._line("link", "the link is lost")
            self._feed(LinkDown("The link was lost."))
        if self._switch_off_at is not None and now >= self._switch_off_at:
            self._switch_off_at = None
            self._peripheral.disconnect(now)
            self._line("walker", "switches the treadmill off")
            self._feed(LinkDown("The machine was switched off."))

    def _speech(self) -> None:
        due = self._mouth.deadline()
        if due is None or due > self._now:
            return
        for ended in self._mouth.step(self._now):
            said = ended.utterance
            if ended.why:
                self._feed(SpeechFailed(said.id, ended.why))
                continue
            self._body.heard(ended.begun, self._now, said.text)
            if "switch the treadmill off" in said.text.lower():
                self._switch_off_at = self._now + SWITCH_OFF
            self._feed(Spoken(said.id))

    # --- the person --------------------------------------------------------------------------------------------------

    def _person(self) -> None:
        now = self._now
        if now >= self._attend_at or (self._core_is_due() and now >= self._attend_at - ATTEND_EARLY):
            self._attend_at = now + ATTEND_EVERY
            self._feed(Attended(CLIENT))
        for intent in self._walker.step(now, self._snapshot):
            if isinstance(intent, Press):
                self._line("walker", f"presses {intent.key}")
            self._ask(intent)
        if self._walker.pulls_key(now) and self._belt.key_in:
            self._line("walker", "pulls the key")
            self._belt.pull_key(now)
        elif not self._belt.key_in and self._snapshot.phase is Phase.TURNING:
            self._line("walker", "puts the key back")
            self._belt.insert_key(now)

    def _ask(self, intent: Intent) -> int:
        """An intent, fed as the next thing. Returns its number."""
        self._later(0, Asked(CLIENT, self._number + 1, intent))
        return self._number

    # --- the core's effects ------------------------------------------------------------------------------------------

    def _feed(self, item: Input) -> None:
        self._fed = True
        for effect in self._core.step(self._now, item):
            self._apply(effect)

    def _apply(self, effect: Effect) -> None:
        match effect:
            case events.Publish(what=Snapshot() as snapshot):
                self._published(snapshot)
            case events.Publish(what=Plan() as plan):
                self._plan = plan.segments
            case events.Write():
                self._write(effect)
            case events.Say():
                self._line("say", effect.text)
                self._mouth.say(self._now, Utterance(effect.id, effect.text, RANKS[effect.priority]))
            case events.Play():
                self._line("tone", effect.tone.value)
            case events.Journal(entry=EventEntry() as entry):
                if entry.kind not in SHOWN_ELSEWHERE and "accepted" not in entry.text:
                    self._line("event", f"{entry.kind} {entry.text}".strip())
            case events.Reply(accepted=False):
                self._line("refused", effect.reason)
                self._over = self._over or effect.id == self._load_id
            case events.Exit():
                self._over = True
            case _:
                self._apply_link(effect)

    def _apply_link(self, effect: Effect) -> None:
        """What is neither here is of no interest to a walker: files, locks, scans."""
        if isinstance(effect, events.Connect | events.Reconnect):
            self._connect()
        elif isinstance(effect, events.Close):
            self._peripheral.disconnect(self._now)

    def _published(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        if snapshot.link is LinkState.UP and self._load_by == FOREVER:
            self._load_by = self._now + STILL_WITHIN
        if not self._load_id and (snapshot.belt is Belt.STILL or self._now >= self._load_by):
            self._load_id = self._ask(Load(self._program))
        if snapshot.phase is Phase.DONE and self._end_at == FOREVER:
            self._end_at = self._now + AFTER_END

    def _connect(self) -> None:
        """The link comes up a little later; what it reads of the machine goes through the codec."""
        machine, now = self._peripheral, self._now + CONNECTING
        machine.connect(now)
        for uuid in SOURCES:
            machine.subscribe(now, uuid)
        self._line("link", f"connects to {self._record.name}")
        self._later(CONNECTING, LinkUp(link_info(machine, ADDRESS), self._record))

    def _write(self, write: events.Write) -> None:
        self._line("command", describe(write.data))
        try:
            self._peripheral.write(self._now, uuids.CONTROL_POINT, write.data)
        except AttError as error:
            self._later(LATENCY, WriteFailed(write.id, str(error), error.code))
        else:
            self._later(LATENCY, WriteDone(write.id))

    def _later(self, wait: Ms, item: Input) -> None:
        """Feed this `wait` ms from now; the running number keeps the order of equal times."""
        self._number += 1
        heapq.heappush(self._soon, (self._now + wait, self._number, item))

    # --- the end -----------------------------------------------------------------------------------------------------

    def _line(self, kind: str, text: str) -> None:
        self._timeline.append(Line(self._now, kind, text))

    def _report(self) -> Report:
        broken = self._peripheral.broken_at
        verdicts = (*self._body.verdicts(broken), self._finished(broken), self._still())
        return Report(
            program=self._program.name,
            quirk=self._peripheral.quirk.name,
            seed=self._seed,
            ok=all(verdict.ok for verdict in verdicts),
            timeline=tuple(self._timeline),
            verdicts=verdicts,
            samples=tuple(self._points),
            walked_ms=sum(self._body.moved.values()),
            wall_ms=self._now,
        )

    def _finished(self, broken: Ms | None) -> Verdict:
        """Finished as planned. After a fault that was asked for, to stand still is enough."""
        summary = self._snapshot.summary
        if summary is not None and summary.finished:
            return Verdict("the programme was finished", True, f"in {clock(self._now)}")
        if broken is not None:
            how = "nobody walked on" if summary is None else summary.reason
            return Verdict("the fault was lived through", True, f"after {clock(broken)}: {how}")
        refused = [line.text for line in self._timeline if line.kind == "refused"]
        reason = summary.reason if summary is not None else refused[-1] if refused else "it got stuck"
        return Verdict("the programme was finished", False, reason)

    def _still(self) -> Verdict:
        """The belt stands, and the program knows it by measuring (which a fault may have made impossible)."""
        name, speed = "ended at measured standstill", self._belt.speed
        if speed > MOVING or self._belt.started:
            return Verdict(name, False, f"the belt runs at {speed / 100:.1f} km/h")
        if self._peripheral.broken_at is not None:
            return Verdict(name, True, "the belt stands")
        if any(self._body.moved.values()) and self._snapshot.belt is not Belt.STILL:
            return Verdict(name, False, f"the belt stands, but the screen says {self._snapshot.belt.value}")
        return Verdict(name, True, "the belt stands")


__all__ = ["Controller", "Line", "Point", "Report", "Verdict", "dry_run"]
