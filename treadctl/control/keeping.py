"""What lasts of a session: its file, the locks it brought about, and today's ticks. Decides nothing about the belt."""

from __future__ import annotations

from treadctl.model.api import Plan, Summary
from treadctl.model.heart import zone_bounds
from treadctl.model.locks import Lock
from treadctl.model.machine import LinkInfo
from treadctl.model.program import expected_ms
from treadctl.model.records import Opened
from treadctl.model.units import Ms, Speed

from .admission import locked
from .aftermath import lock_from
from .commissioning import Commissioning
from .events import Context, Effect, Publish, Remember, RememberDay, Reread, Say
from .rehearsal import Rehearsal
from .session import Session
from .supervisor import Supervisor
from .tally import Tally

Present = Session | Commissioning | Rehearsal
"""What may be under way."""


class Keeping:
    """One per core; its tally is that of the present session. Collects effects into the core's outbox.

    `checked`, `reached`, `heard`: today's checklist was answered, today's reach test and sound check passed.
    """

    def __init__(self, context: Context, out: list[Effect]) -> None:
        self._context, self._out = context, out
        self._locks = context.locks
        self._rehearsed = frozenset(address.upper() for address in context.rehearsed)
        self._sessions, self.units, self.mute = 0, context.units, context.mute
        self.today, self.person, self.seed = context.today, context.person, context.seed
        self.checked, self.reached, self.heard = context.checked, context.reached, context.heard
        self.tally = Tally(out)
        self._lowered = ""

    def locked(self, address: str) -> Lock | None:
        """The lock that holds today for this machine, or None."""
        return locked(self._locks, address, self.today)

    def rehearsed(self, info: LinkInfo | None) -> bool:
        """Whether somebody rehearsed on this machine. A simulated one brings its rehearsal, as it does its record."""
        return info is not None and (info.simulated or info.address.upper() in self._rehearsed)

    def sound(self, info: LinkInfo | None) -> str:
        """The seed of the sound check that today still wants, empty where it wants none. A simulated one wants none."""
        if self.heard or info is None or info.simulated:
            return ""
        return f"{self._context.id} {self._context.seed} {self._sessions}"

    def take(self, news: Reread) -> None:
        """From now on the files say this. Ticks of the same day stay, whatever became of writing them down."""
        same = news.today == self.today
        self.today, self.person, self._locks = news.today, news.person, news.locks
        self.checked, self.reached = news.checked or (same and self.checked), news.reached or (same and self.reached)
        self.heard = news.heard or (same and self.heard)

    def anew(self) -> Tally:
        """A tally for the next session."""
        self.tally = Tally(self._out, zone_bounds(self.person.age))
        return self.tally

    def open(self, now: Ms, session: Session, info: LinkInfo | None) -> None:
        """The session's file begins, and its plan is published."""
        self._sessions += 1
        name = f"{self._context.id}-{self._sessions}"
        machine = "" if info is None else (info.name or info.address)
        simulated = info is not None and info.simulated
        self.tally.begin(now, Opened(name, "", self._context.version, machine, simulated, session.program))
        self._out.append(Publish(Plan(session.program.name, session.segments, expected_ms(session.segments))))

    def step(self, now: Ms, sup: Supervisor, session: Present) -> Summary | None:
        """Keep what is new; the summary, in the step in which the session has ended."""
        self._remember(session)
        self._note(now, sup, session)
        rate = sup.heart.reading(now)
        self.tally.heart(now, rate)
        due = self.tally.deadline()
        if due is not None and now >= due:
            self.tally.sample(
                now, sup.belt.sample, target=sup.commanded.current, incline=sup.belt.incline, heart_rate=rate,
                facing=sup.facing, segment=session.planned_segment,
            )
        return self._close(now, session) if session.ended else None

    def _note(self, now: Ms, sup: Supervisor, session: Present) -> None:
        """What was said, and what the program wants that was cleared lower, and why: a report tells both."""
        for effect in self._out[:]:
            if isinstance(effect, Say):
                self.tally.event(now, "say", effect.shown or effect.text, session.planned_segment)
        goal, wished = (sup.ramp.target(), sup.ramp.wished) if sup.engaged else (None, None)
        lowered = ""
        if goal is not None and wished is not None and goal < wished:
            lowered = f"{Speed(goal)} km/h in place of {wished} km/h: {sup.ramp.lowered}"
        if lowered and lowered != self._lowered:
            self.tally.event(now, "lowered", lowered, session.planned_segment)
        self._lowered = lowered

    def _remember(self, session: Present) -> None:
        """Locks are written before they are spoken; today's checklist and reach test are kept for the day."""
        if session.lock is not None:
            lock, session.lock = session.lock, None
            dated = lock_from(lock, self.today)
            self._locks = (*self._locks, dated)
            self._out.append(Remember(dated))
        checked, reached = session.ticks()
        heard = isinstance(session, Session) and session.preparation.newly_heard
        if (checked and not self.checked) or (reached and not self.reached) or (heard and not self.heard):
            self.checked |= checked
            self.reached |= reached
            self.heard |= heard
            self._out.append(RememberDay(self.checked, self.reached, self.heard))
        if isinstance(session, Commissioning):
            self._locks = tuple(lock for lock in self._locks if not session.lifts(lock))
        if isinstance(session, Rehearsal) and session.counts_for:
            self._rehearsed |= {session.counts_for.upper()}
        if not isinstance(session, Session):
            self._out.extend(session.wanted())

    def _close(self, now: Ms, session: Present) -> Summary | None:
        """The end of a session, once. What is no walk has no file, and its figures are all 0."""
        if session.closed:
            return None
        session.closed = True
        self.tally.event(now, "end", session.reason)
        summary = self.tally.summary(session.finished, session.reason, session.engine.bout, session.exit_code)
        self.tally.close(now, summary)
        return summary
