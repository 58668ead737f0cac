"""A whole walk in virtual time: treadctl's core, the simulated treadmill and the simulated person, and nothing else.

Discrete events, no event loop, no clock, no I/O: the time is whatever happens next. Faults of any family may be planned
or added while the walk goes on. The recorder keeps the evidence for the invariants, the diary what a person reads.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from treadctl import __version__
from treadctl.control import events
from treadctl.control.core import Core
from treadctl.control.events import (
    Asked,
    Attended,
    ClientGone,
    Context,
    Effect,
    Input,
    Lagged,
    LinkDown,
    Notified,
    Priority,
    Quit,
    Source,
    SpeechFailed,
    Spoken,
    Suspended,
    Tick,
)
from treadctl.files.quirks import Quirk, load_quirk, merged
from treadctl.model.api import (
    ATTEND_EVERY,
    Belt,
    Commission,
    Connect,
    Intent,
    LinkState,
    Load,
    Message,
    Phase,
    Plan,
    Press,
    Snapshot,
)
from treadctl.model.limits import effective_limits
from treadctl.model.locks import Lock
from treadctl.model.machine import Record
from treadctl.model.person import UNKNOWN_PERSON, Person
from treadctl.model.program import Program, expand, expected_ms, size_problems
from treadctl.model.records import EventEntry
from treadctl.model.speech import TOO_MUCH
from treadctl.model.units import NEVER, Ms

from .air import Air
from .catalogue import Family
from .channel import Channel
from .diary import Diary
from .faults import Fault, parse_faults
from .hands import Hands
from .host import Host
from .mouth import NOTICE, SAFETY, Mouth, Utterance
from .peripheral import Peripheral
from .recorder import Recorder
from .report import Line, Point, Report, Verdict
from .trace import Setup, Trace
from .walker import Walker
from .wire import describe

ADDRESS = "F0:00:00:00:00:01"
CLIENT, NETWORK = "walker", "network"
TICK, ATTENDED, ELSEWHERE = Tick(), Attended(CLIENT, True), Attended(CLIENT, False)
SWITCH_OFF: Ms = 4_000
"""From "Switch the treadmill off" to its link being gone (chosen)."""
PATIENCE: Ms = 600_000
"""A walk that lasts this much longer than twice its plan has got stuck somewhere."""
AFTER_END: Ms = 10_000
"""How long is watched after the summary: the belt has to be and to stay still."""
ATTEND_EARLY: Ms = 150
"""A heartbeat may come this much early, in the place of a tick: half the steps of the core, and as good as 4 Hz."""
DRY_ATTEND: Ms = 1000
"""Chosen: half the attendance limit. No client dies in a dry run; 4 a second took a quarter of its time."""
ROUNDS = 1000
"""Chosen: an honest moment has a handful of rounds."""
SHOWN_ELSEWHERE = frozenset({"write", "say"})
"""Events that the timeline has already, as commands and as words."""
RANKS = {
    Priority.SAFETY: SAFETY, Priority.NOTICE: NOTICE, Priority.COUNTDOWN: 2, Priority.SEGMENT: 3, Priority.TECHNIQUE: 4,
}
STILL_WITHIN: Ms = 15_000
"""A belt that was not measured still by then never will be: the program is loaded to hear why it is refused."""
LATE_NOTICED: Ms = 100
"""The guardian's shell tells the core of its own lateness from here on."""
DISHONEST = frozenset({Family.MACHINE, Family.TELEMETRY})


class Controller(Protocol):
    """What a core is to the world; tests pass broken ones."""

    def __init__(self, context: Context) -> None: ...
    def step(self, now: Ms, item: Input) -> list[Effect]: ...
    def deadline(self) -> Ms | None: ...


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything one walk is made of. `calm`: nobody interferes, so the program has to be finished.

    `attend_every`: the time between two heartbeats, ms. `commission`: the part of commissioning that is done instead of
    walking the program; 0: none.
    """

    program: Program
    person: Person = UNKNOWN_PERSON
    quirk: Quirk | None = None
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    calm: bool = False
    attend_every: Ms = ATTEND_EVERY
    commission: int = 0


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
    scene = Scene(program, person, load_quirk(quirk), parse_faults(faults), seed, attend_every=DRY_ATTEND)
    world = World(scene, core=core, evidence=False)
    world.run()
    return world.report()


class World:
    """One walk. `run` walks it to its end, `run_until` to a time; faults and intents may be put in between.

    `diary`: a report is wanted afterwards; `evidence`: invariants are judged by the trace.
    """

    def __init__(
        self, scene: Scene, *, core: type[Controller] = Core, walker: Walker | None = None, diary: bool = True,
        evidence: bool = True, mouth: Mouth | None = None,
    ) -> None:
        self.scene = scene
        quirk = scene.quirk or load_quirk("reference")
        segments = expand(scene.program)
        self._record = replace(quirk.record, address=ADDRESS)
        limits = effective_limits(scene.person, self._record, scene.program.level)
        self.machine = Peripheral(quirk, scene.faults)
        self._channel = Channel(scene.faults, scene.seed)
        self._host = Host(scene.faults, scene.seed)
        self._air = Air(self.machine, self._channel, self._record)
        honest = quirk.honest and not any(fault.family in DISHONEST for fault in scene.faults)
        setup = Setup(limits, self._record, segments, scene.faults, scene.calm, honest, frozenset({CLIENT}))
        self._recorder = Recorder(setup, self.machine.belt, evidence)
        self._diary = Diary(segments, limits) if diary else None
        self.walker = walker or Walker(scene.seed)
        self._hands = Hands(scene.seed)
        self.learnt: Record | None = None
        self._mouth = mouth or Mouth()
        locks = (Lock("unreadable", "the locks cannot be read"),) if self._host.locked else ()
        context = Context(id="dry-run", version=__version__, seed=scene.seed, person=scene.person, locks=locks)
        self._core = core(context)
        self.limit: Ms = 2 * expected_ms(segments) + PATIENCE
        self.now: Ms = 0
        self.snapshot = Snapshot()
        self._slept: Ms = 0
        self._soon: list[tuple[Ms, int, Input]] = []
        self._waiting: list[Input] = []
        self._frozen: Fault | None = None
        self._last_late: Ms = 0
        self._attend_at: Ms = 0
        self._number = self._rounds = 0
        self._due: Ms = 0
        self._fed, self._load_id = False, 0
        self._load_by: Ms = NEVER
        self._broken_at: Ms | None = None
        self.over = False
        self._client_gone = False
        self._switch_off_at: Ms = NEVER
        self._end_at: Ms = NEVER
        self._ask(CLIENT, Connect())

    @property
    def trace(self) -> Trace:
        return self._recorder.trace

    @property
    def connected_at(self) -> Ms:
        """When the faults' times began to count."""
        return self.trace.links[0].at if self.trace.links else 0

    # --- the loop ----------------------------------------------------------------------------------------------------

    def run(self, limit: Ms = NEVER) -> None:
        """Until the walk is over and the belt has stayed still, or nothing can happen any more."""
        self.run_until(min(limit, self.limit))

    def run_until(self, limit: Ms) -> None:
        """Everything that happens up to this time."""
        while not self.over:
            now = self._next_time()
            if now > limit or now >= self._end_at or self._livelock(now):
                self.over = self.over or now <= limit
                return
            self._moment(now)

    def _moment(self, now: Ms) -> None:
        self._pass(now)
        if self._frozen is not None or self._host.deadline() != NEVER:
            self._trouble()
        self._machine()
        if self._mouth.deadline() <= now:
            self._speech()
        while self._soon and self._soon[0][0] <= now:
            self._feed(heapq.heappop(self._soon)[2], at_once=True)
        self._person()
        if self._core_is_due() and not self._fed:
            self._feed(TICK)
        if self._fed:
            due = self._core.deadline()
            self._due, self._fed = NEVER if due is None else self._host.when(self.now, due + self._slept), False

    def _core_is_due(self) -> bool:
        return self._due <= self.now and self._frozen is None

    def _livelock(self, now: Ms) -> bool:
        """Whether things keep happening without time going by."""
        self._rounds = self._rounds + 1 if now == self.now else 0
        if self._rounds > ROUNDS:
            self._line("notice", f"nothing but deadlines at {now} ms: the core never comes to rest")
            self._recorder.note(now, "crash", "the core never comes to rest")
        return self._rounds > ROUNDS

    def _next_time(self) -> Ms:
        fed = self._soon[0][0] if self._soon else NEVER
        core = self._due if self._frozen is None else self._host.ends(self._frozen)
        times = min(
            self._attend_at, self._switch_off_at, fed, core, self._air.deadline(), self._host.deadline(),
            self._mouth.deadline(), self.walker.deadline(), self._hands.deadline(),
        )
        return max(self.now, times)

    def _pass(self, now: Ms) -> None:
        """Time goes by."""
        gone, self.now = now - self.now, now
        self.machine.belt.advance(now)
        self._recorder.belt(now)
        if self._diary is not None:
            self._diary.passed(now, gone, self.machine.belt, self.walker, self.snapshot)

    # --- faults of the host ------------------------------------------------------------------------------------------

    def add(self, fault: Fault) -> None:
        """One more fault; its times count from the first connection as those of the others."""
        self.scene = replace(self.scene, faults=(*self.scene.faults, fault))
        setup = self.trace.setup
        honest = setup.honest and fault.family not in DISHONEST
        self.trace.setup = replace(setup, faults=self.scene.faults, honest=honest, calm=False)
        self.machine.mischief.add(fault)
        self._channel.add(fault)
        self._host.add(fault)

    def _trouble(self) -> None:
        """What begins, ends and repeats on this computer."""
        frozen = self._frozen
        if frozen is not None and self.now >= self._host.ends(frozen):
            self._thaw(frozen)
        for fault in self._host.began(self.now):
            self._begins(fault)
        if self._host.deadline() != NEVER or self._host.active(self.now, "process.stuck_key", "process.flood"):
            self._repeats()

    def _begins(self, fault: Fault) -> None:
        match fault.name:
            case "process.blocked" | "time.suspended":
                self._frozen = fault
            case "process.client_killed":
                self._client_gone = True
                self._feed(ClientGone(CLIENT))
            case "process.overrun":
                self._feed(Lagged(0, overflow=True))
            case "process.quit":
                self._feed(Quit("SIGTERM"))

    def _repeats(self) -> None:
        repeated = self._host.repeats(self.now)
        if repeated == "process.stuck_key":
            self._ask(CLIENT, Press("x", held=True))
        elif repeated == "process.flood":
            self._ask(NETWORK, Message("faster! start! 5 km/h"))
        heart = self._host.heart(self.now)
        if heart is not None:
            self._feed(Notified(Source.HEART_RATE, heart))

    def _thaw(self, frozen: Fault) -> None:
        """The loop goes on: told of its lateness first; or the computer wakes, and nothing of the sleep arrives."""
        self._frozen = None
        length = frozen.until - frozen.at
        waiting, self._waiting = self._waiting, []
        if frozen.name == "time.suspended":
            self._slept += length
            self._feed(Suspended(length))
            return
        if length > LATE_NOTICED:
            self._feed(Lagged(length))
        for item in waiting:
            self._feed(item)

    # --- the machine and the loudspeaker -----------------------------------------------------------------------------

    def _machine(self) -> None:
        now = self.now
        for item in self._air.step(now):
            if isinstance(item, LinkDown):
                self._line("link", "the link is lost")
            elif isinstance(item, events.LinkUp):
                self._host.begin(now)
                faults = [fault.at + now for fault in self.scene.faults]
                self._broken_at = min(faults, default=None) if self._broken_at is None else self._broken_at
            self._feed(item)
        if now >= self._switch_off_at:
            self._switch_off_at = NEVER
            self._line("walker", "switches the treadmill off")
            for item in self._air.lose(now, "The machine was switched off."):
                self._feed(item)

    def _speech(self) -> None:
        for ended in self._mouth.step(self.now):
            said = ended.utterance
            if ended.why:
                if ended.why == TOO_MUCH:
                    self._recorder.note(self.now, "crash", "more is said than anybody can hear")
                self._feed(SpeechFailed(said.id, ended.why))
                continue
            if self._diary is not None:
                self._diary.body.heard(ended.begun, self.now, said.text)
            if "switch the treadmill off" in said.text.lower():
                self._switch_off_at = self.now + SWITCH_OFF
            self._feed(Spoken(said.id))

    # --- the person --------------------------------------------------------------------------------------------------

    def _person(self) -> None:
        now = self.now
        if now >= self._attend_at or (self._core_is_due() and now >= self._attend_at - ATTEND_EARLY):
            self._attend_at = now + self.scene.attend_every
            self._attend()
        for intent in self.walker.step(now, self.snapshot):
            if isinstance(intent, Press):
                self._line("walker", f"presses {intent.key}")
            self.does(intent)
        belt = self.machine.belt
        self._hands.step(now, self.snapshot, belt)
        if self.walker.pulls_key(now) and belt.key_in:
            self._line("walker", "pulls the key")
            belt.pull_key(now)
        elif not belt.key_in and self.snapshot.phase is Phase.TURNING:
            self._line("walker", "puts the key back")
            belt.insert_key(now)

    def _attend(self) -> None:
        if self._client_gone or self._host.active(self.now, "process.client_hung"):
            return
        self._feed(ATTENDED if self._host.active(self.now, "process.keys_elsewhere") is None else ELSEWHERE)

    def does(self, intent: Intent) -> None:
        """The walker does this, if there is a client that takes it."""
        away = self._host.active(self.now, "process.client_hung", "process.keys_elsewhere")
        if not self._client_gone and away is None:
            self._ask(CLIENT, intent)

    def network(self, intent: Intent) -> None:
        """Somebody on the network asks for this."""
        self._ask(NETWORK, intent)

    def _ask(self, client: str, intent: Intent) -> int:
        """An intent, fed as the next thing. Returns its number."""
        self._later(self.now, Asked(client, self._number + 1, intent))
        return self._number

    def _later(self, at: Ms, item: Input) -> None:
        """The core gets this at that time, after what was handed over before."""
        self._number += 1
        heapq.heappush(self._soon, (at, self._number, item))

    # --- the core's effects ------------------------------------------------------------------------------------------

    def _feed(self, item: Input, at_once: bool = False) -> None:
        frozen = self._frozen
        if frozen is not None:
            if frozen.name == "process.blocked" and not isinstance(item, Tick):
                self._waiting.append(item)
            return
        late = self._host.delay(self.now) if at_once is False and not isinstance(item, Tick) else 0
        if late:
            self._last_late = max(self._last_late, self.now + late)
            self._later(self._last_late, item)
            return
        self._step(item)

    def _step(self, item: Input) -> None:
        self._fed = True
        now = self._host.reads(self.now) - self._slept
        effects = self._core.step(now, item)
        self._recorder.step(self.now, item, effects)
        for effect in effects:
            self._apply(effect)

    def _apply(self, effect: Effect) -> None:  # noqa: C901 - one case an effect
        match effect:
            case events.Publish(what=Snapshot() as snapshot):
                self._published(snapshot)
            case events.Publish(what=Plan() as plan):
                if self._diary is not None:
                    self._diary.plan = plan.segments
            case events.Write():
                self._line("command", describe(effect.data))
                self._air.write(self.now, effect)
            case events.Say():
                self._say(effect)
            case events.Play():
                self._line("tone", effect.tone.value)
                self._mouth.tone(self.now, effect.tone.value)
            case events.Journal(entry=EventEntry() as entry):
                if entry.kind not in SHOWN_ELSEWHERE and "accepted" not in entry.text:
                    self._line("event", f"{entry.kind} {entry.text}".strip())
            case events.Reply(accepted=False):
                self._line("refused", effect.reason)
                self.over = self.over or effect.id == self._load_id
            case events.Exit():
                self.over = True
            case _:
                self._apply_link(effect)

    def _say(self, say: events.Say) -> None:
        self._line("say", say.text)
        if self._host.active(self.now, "process.mute"):
            self._later(self.now + 1, SpeechFailed(say.id, "the voice process ended"))
        elif not self._host.active(self.now, "process.voice_hung"):
            self._mouth.say(self.now, Utterance(say.id, say.text, RANKS[say.priority]))

    def _apply_link(self, effect: Effect) -> None:
        """What is neither here is of no interest to a walker: files, locks, scans."""
        if isinstance(effect, events.Connect | events.Reconnect):
            self._line("link", f"connects to {self._record.name}")
            self._air.connect(self.now, isinstance(effect, events.Reconnect))
        elif isinstance(effect, events.Close):
            self._air.close(self.now)
        elif isinstance(effect, events.Drop):
            for item in self._air.lose(self.now, "The link was dropped on purpose."):
                self._later(self.now, item)
        elif isinstance(effect, events.Learn):
            self.learnt = effect.record
            self._air.record = merged(effect.record, self.machine.quirk)
            self._later(self.now, events.Learnt(self._air.record))

    def _published(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        if snapshot.link is LinkState.UP and self._load_by == NEVER:
            self._load_by = self.now + STILL_WITHIN
        if not self._load_id and (snapshot.belt is Belt.STILL or self.now >= self._load_by):
            part = self.scene.commission
            self._load_id = self._ask(CLIENT, Commission(part) if part else Load(self.scene.program))
        if snapshot.phase is Phase.DONE and self._end_at == NEVER:
            self._end_at = self.now + AFTER_END

    def broke(self, why: str) -> None:
        """The controller raised: nothing more can come of this walk."""
        self._recorder.note(self.now, "crash", why)
        self.over = True

    def _line(self, kind: str, text: str) -> None:
        if self._diary is not None:
            self._diary.line(self.now, kind, text)

    def report(self) -> Report:
        """What the diary has to tell."""
        assert self._diary is not None
        quirk = self.machine.quirk.name
        return self._diary.report(
            self.scene.program.name, quirk, self.scene.seed, now=self.now, belt=self.machine.belt,
            shot=self.snapshot, broken=self._broken_at,
        )


__all__ = ["Controller", "Line", "Point", "Report", "Scene", "Verdict", "World", "dry_run"]
