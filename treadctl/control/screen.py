"""The snapshot: what clients see, made from what is so. Shows nothing as known that is not; decides nothing.

A snapshot goes out when something that people wait for changed, and at least every 250 ms, so that a client that sees
none for a second knows that the guardian hangs.
"""

from __future__ import annotations

from typing import NamedTuple

from treadctl.model.api import (
    MOVING_PHASES,
    SNAPSHOT_EVERY,
    Footer,
    Found,
    LinkState,
    Message,
    Next,
    Phase,
    Preselect,
    Question,
    Snapshot,
    Strap,
    Summary,
)
from treadctl.model.text import safe_text
from treadctl.model.units import Ms, Speed

from .alarm import Alarm
from .belt import LOST_MS
from .cueing import Voice
from .keeping import Present
from .preparation import SCREEN
from .supervisor import Supervisor
from .tally import Tally

FOUND_MAX = 64
MESSAGE_MAX = 200
MESSAGE_FOR: Ms = 60_000
"""Chosen: long enough to be seen between two segments; an old message beside a walk is a wrong one."""
STRAPS_MAX = 16
REACHED = 15
"""Within 0.15 km/h counts as reached."""


class Screen:
    """Remembers what only screens need: notices, machines found, where the last capture went."""

    def __init__(self, alarm: Alarm) -> None:
        self._alarm = alarm
        self.notice = self._unlinked = ""
        self.reason = ""
        self.summary: Summary | None = None
        self.captured = ""
        self._message, self._message_until = "", 0
        self._preselected = ""
        self._found: dict[str, Found] = {}
        self._straps: dict[str, Found] = {}
        self.strap: Strap | None = None
        self._link = LinkState.NONE
        self._machine = ""
        self.simulated = False
        self._program = ""
        self._seq = 0
        self._key: tuple[object, ...] = ()
        self._due: Ms = 0

    def saw(self, found: Found) -> None:
        shown, most = (self._straps, STRAPS_MAX) if found.strap else (self._found, FOUND_MAX)
        if len(shown) < most or found.address in shown:
            shown[found.address] = found

    def scanning(self) -> None:
        self._found.clear()
        self._straps.clear()
        if self._link is LinkState.NONE:
            self._link = LinkState.SCANNING

    def connecting(self) -> None:
        self._link, self.notice = LinkState.CONNECTING, ""

    def linked(self, name: str, simulated: bool) -> None:
        self._link, self._machine, self.simulated = LinkState.UP, safe_text(name), simulated
        self.notice = "" if self.notice == self._unlinked else self.notice

    def unlinked(self, why: str) -> None:
        failed = self._link is LinkState.CONNECTING
        self._link = LinkState.FAILED if failed else LinkState.NONE
        self.notice = self._unlinked = safe_text(why, 400)

    def opened(self, program: str) -> None:
        self._program, self.summary, self.reason, self._preselected = safe_text(program), None, "", ""

    def sent(self, now: Ms, what: Message | Preselect) -> None:
        """Shown for a while, in a place of its own: what somebody sends never covers a notice, and is never said."""
        if isinstance(what, Message):
            self._message, self._message_until = safe_text(what.text, MESSAGE_MAX), now + MESSAGE_FOR
        else:
            self._preselected = safe_text(what.profile)

    def deadline(self) -> Ms:
        return self._due

    def snapshot(
        self, now: Ms, sup: Supervisor, session: Present | None, voice: Voice, tally: Tally
    ) -> Snapshot | None:
        """The snapshot when one is due, else None."""
        question = None if session is None or sup.may_move else session.question(now)
        phase = Phase.IDLE if session is None else session.phase
        countdown = None if session is None else session.countdown
        belt, facing = sup.state(now), sup.facing
        message = self._message if now < self._message_until else ""
        key = (phase, question, countdown, self._alarm.text, self.notice, self._link, belt, sup.stopping, voice.shown,
               facing, self.summary is None, self.captured, self.strap, message, self._preselected)
        if key == self._key and now < self._due:
            return None
        self._key, self._due, self._seq = key, now + SNAPSHOT_EVERY, self._seq + 1
        age, target = sup.belt.age(now), _target(sup)
        fresh = age is not None and age <= LOST_MS
        speed = sup.belt.speed if fresh else None
        link = LinkState.LOST if sup.lost and sup.info is None else self._link
        at, rate, cap = _progress(session), sup.heart.reading(now), sup.ramp.limits.heart
        return Snapshot(
            seq=self._seq, now=now, phase=phase, belt=belt, link=link, simulated=self.simulated,
            machine=self._machine, found=tuple(self._found.values()), program=self._program, facing=facing,
            speed=speed, sample_age=age, target=target, incline=sup.belt.incline if fresh else None,
            reached=speed is not None and target is not None and abs(speed - target) <= REACHED,
            target_incline=sup.ramp.incline if sup.engaged else None,
            heart_rate=rate, heart_why=sup.heart.why(now), zones=tally.zones, zone=tally.zone(rate),
            speaker=sup.lookout.pages.speaks, helper=sup.lookout.pages.helper(now),
            heart_cap=None if cap is None else cap.value, heart_cap_why="" if cap is None else cap.reason,
            strap=self.strap, straps=tuple(self._straps.values()),
            distance_m=round(sum(tally.metres.values()), 1), question=question, countdown=countdown,
            caption=voice.shown, alarm=self._alarm.text, notice=self.notice, footer=self._footer(sup, phase),
            reason=self._reason(session), stop_sent=sup.path.sent,
            ceiling=sup.ramp.ceiling, held=sup.held, voice=not voice.broken, attended=sup.attendance.anybody(now),
            summary=self.summary, captured=self.captured, number=_number(sup, question),
            segment=at.segment, segment_left=at.segment_left, bout=at.bout, bouts=at.bouts, walked=at.walked,
            to_walk=at.to_walk, left=at.left, next=at.next, message=message, preselected=self._preselected,
        )

    def _reason(self, session: Present | None) -> str:
        return self.reason if session is None else session.reason or self.reason

    def _footer(self, sup: Supervisor, phase: Phase) -> Footer:
        if sup.lost:
            return Footer.NO_LINK
        if phase is Phase.PUSHING:
            return Footer.OFF
        if sup.info is None:
            return Footer.NO_LINK if sup.engaged else Footer.NOTHING
        if sup.path.sent:
            return Footer.STOP_SENT
        moving = sup.engaged or phase in MOVING_PHASES
        if sup.guided and (moving or sup.may_move):
            return Footer.CONSOLE
        if moving:
            return Footer.ANY_KEY
        return Footer.UNKNOWN if sup.may_move else Footer.STILL


def _number(sup: Supervisor, question: Question | None) -> int | None:
    """For the page behind the treadmill, while the screen asks for it."""
    return sup.lookout.pages.number if question is not None and question.text == SCREEN else None


def _target(sup: Supervisor) -> Speed | None:
    """What is wished for. The speed that a belt under test takes by itself at its start is nobody's wish."""
    return None if sup.empty and not sup.commanded.written else sup.target


class _Progress(NamedTuple):
    """Where the program is."""

    segment: int | None = None
    segment_left: Ms = 0
    bout: int = 0
    bouts: int = 0
    walked: Ms = 0
    to_walk: Ms = 0
    left: Ms = 0
    next: Next | None = None


def _progress(session: Present | None) -> _Progress:
    if session is None or session.ended:
        return _Progress()
    engine = session.engine
    return _Progress(
        session.planned_segment, engine.left, engine.bout, engine.bouts, engine.walked, engine.to_walk,
        engine.remaining(), engine.next_change(),
    )
