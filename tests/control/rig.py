"""A core driven by hand: one link, one client, a belt of a few lines, and time that passes when a test says so.

Everything a test may want to break is an attribute: whether the belt obeys, whether samples, answers, speech and
heartbeats come. Nothing here judges; what the core did lies in `writes`, `said`, `effects` and `shot`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

from treadctl.control import events as ev
from treadctl.control.core import Core
from treadctl.files.quirks import load_quirk
from treadctl.ftms.codec import TreadmillData, encode_treadmill_data
from treadctl.ftms.control_point import Op, encode_response
from treadctl.model import api
from treadctl.model.limits import effective_limits
from treadctl.model.locks import Lock
from treadctl.model.machine import LinkInfo, Record
from treadctl.model.person import UNKNOWN_PERSON, Level, Person, any_walker
from treadctl.model.program import Facing, InclineSteps, Program, Rest, Walk
from treadctl.model.speech import utterance_ms
from treadctl.model.units import Incline, Ms, Speed

F, B = Facing.FORWARD, Facing.BACKWARD
ME = "me"
REFERENCE = load_quirk("reference").record
SPEED = 4
"""Flags of a sample with distance."""
INCLINE = 8
PRACTISED = any_walker(Level.L2)
"""Every gate is open."""
START, STOP, CONTROL, RESET = b"\x07", b"\x08\x01", b"\x00", b"\x01"
LOWEST = b"\x02\x50\x00"
THERE_AND_BACK = Program("there and back", (Walk(F, 60, Speed(200)), Walk(B, 40, Speed(100)), Walk(F, 40, Speed(150))))
HILL = Program("hill", (Walk(F, 120, Speed(250), Incline(20)), Rest(20), Walk(F, 60, Speed(200))), level=Level.L2)
STEPS = Program("steps", (Walk(B, 240, Speed(200), InclineSteps(Incline(0), Incline(20), 10, 60)),), level=Level.L2)


@dataclass(frozen=True, slots=True)
class Wrote:
    """One write as the link would make it."""

    at: Ms
    data: bytes
    urgency: ev.Urgency

    @property
    def speed(self) -> int | None:
        return int.from_bytes(self.data[1:], "little") if self.data[0] == Op.SET_TARGET_SPEED else None

    @property
    def incline(self) -> int | None:
        return int.from_bytes(self.data[1:], "little") if self.data[0] == Op.SET_TARGET_INCLINATION else None


class Rig:
    """A core and what is around it. `speed`, `incline` are the belt's own, in 0.01 km/h and 0.1 %."""

    def __init__(
        self, *, record: Record | None = REFERENCE, person: Person = UNKNOWN_PERSON, checked: bool = True,
        reached: bool = True, locks: tuple[Lock, ...] = (), today: str = "2026-01-31",
    ) -> None:
        self.core = Core(
            ev.Context("rig", "0", today=today, person=person, locks=locks, checked=checked, reached=reached)
        )
        self.record = record
        self.pain = "0"
        self.limits = effective_limits(person, record)
        self.now: Ms = 0
        self.writes: list[Wrote] = []
        self.said: list[tuple[Ms, str]] = []
        self.tones: list[tuple[Ms, ev.Tone]] = []
        self.effects: list[tuple[Ms, ev.Effect]] = []
        self.shot = api.Snapshot()
        self.obeys = self.answers = self.speaks = self.sampling = True
        self.attends = self.keyboard = True
        self.deaf_to: set[int] = set()
        self.results: dict[int, int] = {}
        self.answer_after: Ms = 60
        self.start_delay: Ms = 2000
        self.linked = False
        self.speed = self.target = 0
        self.incline = self.slope = 0
        self.tells_incline = True
        self.metres = 0.0
        self._soon: list[tuple[Ms, int, ev.Input]] = []
        self._starts: Ms | None = None
        self._number = 0
        self._beat_at: Ms = 0
        self._sample_at: Ms = 500
        self._ids = 0

    # --- inputs -----------------------------------------------------------------------------------------------------

    def feed(self, item: ev.Input) -> list[ev.Effect]:
        """One step now."""
        effects = self.core.step(self.now, item)
        for effect in effects:
            self.effects.append((self.now, effect))
            self._take(effect)
        return effects

    def ask(self, intent: api.Intent, client: str = ME) -> ev.Reply:
        self._ids += 1
        replies = [e for e in self.feed(ev.Asked(client, self._ids, intent)) if isinstance(e, ev.Reply)]
        assert len(replies) == 1
        return replies[0]

    def press(self, key: str = "space", held: bool = False, client: str = ME) -> list[bytes]:
        """A key; what was written in the very same step."""
        before = len(self.writes)
        self.ask(api.Press(key, held), client)
        return [wrote.data for wrote in self.writes[before:]]

    def sample(self, speed: int | None = None) -> None:
        """One sample now, of the belt's own speed unless told."""
        flags = SPEED | (INCLINE if self.tells_incline else 0)
        data = TreadmillData(
            flags=flags, speed=Speed(self.speed if speed is None else speed), distance_m=int(self.metres),
            incline=Incline(self.incline) if self.tells_incline else None, ramp_angle=0 if self.tells_incline else None,
        )
        self.feed(ev.Notified(ev.Source.TREADMILL_DATA, encode_treadmill_data(data)))

    def status(self, *octets: int) -> None:
        self.feed(ev.Notified(ev.Source.STATUS, bytes(octets)))

    def link(self) -> Rig:
        """The link comes up."""
        self.linked = True
        speed = None if self.record is None else self.record.told or self.record.speed
        self.feed(ev.LinkUp(LinkInfo("AA", "Reference", simulated=True, speed=speed), self.record))
        self._sample_at = self.now + 500
        return self

    def unlink(self) -> None:
        self.linked = False
        self.feed(ev.LinkDown("gone"))

    # --- effects ----------------------------------------------------------------------------------------------------

    def _take(self, effect: ev.Effect) -> None:
        match effect:
            case ev.Write():
                self._written(effect)
            case ev.Say():
                self.said.append((self.now, effect.text))
                if self.speaks:
                    self.later(utterance_ms(effect.text), ev.Spoken(effect.id))
            case ev.Play():
                self.tones.append((self.now, effect.tone))
            case ev.Publish(what=api.Snapshot() as shot):
                self.shot = shot
            case _:
                pass

    def _written(self, write: ev.Write) -> None:
        wrote = Wrote(self.now, write.data, write.urgency)
        self.writes.append(wrote)
        op = write.data[0]
        result = self.results.get(op, 1)
        if self.answers and op not in self.deaf_to:
            response = ev.Notified(ev.Source.CONTROL_POINT, encode_response(op, result))
            self.later(self.answer_after, response)
        if self.obeys and result == 1 and op not in self.deaf_to:
            self._obey(wrote)

    def _obey(self, wrote: Wrote) -> None:
        if wrote.data == START:
            self._starts = self.now + self.start_delay
        elif wrote.data == STOP:
            self.target, self._starts = 0, None
        elif wrote.speed is not None:
            self.target = wrote.speed
        elif wrote.incline is not None:
            self.slope = wrote.incline

    def later(self, wait: Ms, item: ev.Input) -> None:
        self._number += 1
        heapq.heappush(self._soon, (self.now + wait, self._number, item))

    # --- time -------------------------------------------------------------------------------------------------------

    def run(self, ms: Ms) -> Rig:
        """Let so much time pass."""
        self.until(lambda: False, ms, must=False)
        return self

    def until(self, reached: Callable[[], bool], limit: Ms = 180_000, must: bool = True) -> Rig:
        """Let time pass until this holds; it must within `limit`."""
        end = self.now + limit
        while not reached():
            at = self._next()
            if at > end:
                self.now = end
                break
            self.now = max(self.now, at)
            self._moment()
        assert reached() or not must, f"not reached by {self.now}: {self.shot}"
        return self

    def phase(self, *phases: api.Phase, limit: Ms = 180_000) -> Rig:
        return self.until(lambda: self.shot.phase in phases, limit)

    def _next(self) -> Ms:
        times = [self._beat_at, self._sample_at, self.core.deadline()]
        if self._soon:
            times.append(self._soon[0][0])
        return min(times)

    def _moment(self) -> None:
        while self._soon and self._soon[0][0] <= self.now:
            self.feed(heapq.heappop(self._soon)[2])
        if self.now >= self._beat_at:
            self._beat_at = self.now + 250
            if self.attends:
                self.feed(ev.Attended(ME, self.keyboard))
        if self.now >= self._sample_at:
            self._sample_at = self.now + 500
            self._move()
            if self.sampling and self.linked:
                self.sample()
        if self.core.deadline() <= self.now:
            self.feed(ev.Tick())

    def _move(self) -> None:
        """Half a second of belt: 0.5 km/h per s up, 0.8 down."""
        if self._starts is not None and self.now >= self._starts:
            self.target, self._starts, self.speed = 80, None, 80
        self.speed += max(-40, min(25, self.target - self.speed))
        self.incline += max(-5, min(5, self.slope - self.incline))
        self.metres += self.speed / 720

    # --- scenes -----------------------------------------------------------------------------------------------------

    def load(self, program: Program = THERE_AND_BACK) -> Rig:
        """Linked, measured still, loaded and begun: the first question is open or the first prompts are said."""
        if not self.linked:
            self.link()
        self.until(lambda: self.shot.belt is api.Belt.STILL)
        reply = self.ask(api.Load(program))
        assert reply.accepted, reply.reason
        return self

    def begin(self, program: Program = THERE_AND_BACK) -> Rig:
        self.load(program)
        self.ask(api.Answer("pain-before", self.pain))  # where it is asked: a program without a belt does not
        assert self.ask(api.Answer("begin", "y")).accepted
        return self

    def asked(self, program: Program = THERE_AND_BACK) -> Rig:
        """The first confirm question is open and would count."""
        return self.begin(program).ready()

    def ready(self) -> Rig:
        return self.until(lambda: self.shot.question is not None and self.shot.phase is api.Phase.ASKING
                          and self.shot.question.heard)

    def confirm(self, key: str = "space") -> Rig:
        """Press, tone, press."""
        self.ready()
        self.press(key)
        self.run(900)
        self.press(key)
        return self

    def counting(self, program: Program = THERE_AND_BACK) -> Rig:
        return self.asked(program).confirm().phase(api.Phase.COUNTDOWN)

    def starting(self, program: Program = THERE_AND_BACK) -> Rig:
        return self.counting(program).phase(api.Phase.STARTING)

    def holding(self, program: Program = THERE_AND_BACK) -> Rig:
        return self.starting(program).phase(api.Phase.HOLDING)

    def walking(self, program: Program = THERE_AND_BACK) -> Rig:
        return self.holding(program).phase(api.Phase.WALKING)

    def still(self) -> Rig:
        return self.until(lambda: self.shot.belt is api.Belt.STILL)

    # --- what was done ----------------------------------------------------------------------------------------------

    @property
    def speeds(self) -> list[Wrote]:
        return [wrote for wrote in self.writes if wrote.speed is not None]

    @property
    def inclines(self) -> list[Wrote]:
        return [wrote for wrote in self.writes if wrote.incline is not None]

    def count(self, data: bytes) -> int:
        return sum(wrote.data == data for wrote in self.writes)

    def heard(self, text: str) -> list[Ms]:
        """When something with these words was begun to be said."""
        return [at for at, said in self.said if text in said]

    def of(self, kind: type[ev.Effect]) -> list[ev.Effect]:
        return [effect for _, effect in self.effects if isinstance(effect, kind)]


def backward(person: Person = UNKNOWN_PERSON) -> Rig:
    """A rig that walks backward at 1.0 km/h, past its hold."""
    return Rig(person=person).walking(Program("back", (Walk(B, 50, Speed(100)),)))
