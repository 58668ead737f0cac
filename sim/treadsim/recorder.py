"""Writes a trace: the only place that knows the controller's inputs and effects and the invariants' events.

Used by the simulated world, and to look at a real walk replayed from its trace file. It decodes on its own and takes no
word of the controller for what the machine said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from treadctl.control import events
from treadctl.control.events import Effect, Input, Priority, Source, Tone
from treadctl.ftms.codec import RecordAssembler, decode_status, decode_treadmill_data
from treadctl.ftms.control_point import decode_request, decode_response
from treadctl.model.api import Snapshot
from treadctl.model.records import Closed
from treadctl.model.units import Ms

from .belt import Belt
from .trace import Answer, Ask, Beat, Failed, Link, Measured, Note, Setup, Shot, Trace, Truth, Wire, Word

FASTEST = 3000
"""30 km/h: what no belt can run is no measurement, and counts as silence."""


_decoded = lru_cache(maxsize=64)(decode_treadmill_data)
"""A belt at rest says the same again and again."""


class Recorder:
    """One trace in the making. `belt` is the true one, where there is one; `wanted`: somebody will judge the trace."""

    def __init__(self, setup: Setup, belt: Belt | None = None, wanted: bool = True) -> None:
        self.trace = Trace(setup)
        self._wanted = wanted
        self._belt = belt
        self._assembler = RecordAssembler()
        self._goal = -1
        self._speed = -1.0
        self._inputs: dict[type, Callable[[Ms, Any], None]] = {
            events.Notified: self._notified, events.WriteFailed: self._failed,
            events.LinkUp: self._link_up, events.LinkDown: self._link_down,
            events.Asked: self._asked, events.Attended: self._attended, events.ClientGone: self._gone,
            events.Spoken: self._spoken, events.Suspended: self._suspended, events.Lagged: self._lagged,
            events.Quit: self._quit,
        }
        self._effects: dict[type, Callable[[Ms, Any], None]] = {
            events.Write: self._write, events.Say: self._say, events.Play: self._play, events.Publish: self._publish,
            events.Remember: self._remember, events.Reconnect: self._reconnect, events.Close: self._close,
            events.Notice: self._notice, events.Journal: self._journal,
        }

    def step(self, now: Ms, item: Input, effects: Sequence[Effect]) -> None:
        """One step of the controller."""
        if not self._wanted:
            return
        take = self._inputs.get(type(item))
        if take is not None:
            take(now, item)
        for effect in effects:
            put = self._effects.get(type(effect))
            if put is not None:
                put(now, effect)
        self.trace.end = now

    def belt(self, now: Ms) -> None:
        """What the belt truly does, where it is not what it did before."""
        belt = self._belt
        if belt is not None and self._wanted and (belt.speed != self._speed or belt.goal != self._goal):
            self._speed, self._goal = belt.speed, belt.goal
            self.trace.truth.append(Truth(now, belt.speed, belt.goal))

    def note(self, now: Ms, kind: str, text: str = "", number: int = 0) -> None:
        self.trace.notes.append(Note(now, kind, text, number))

    # --- inputs ------------------------------------------------------------------------------------------------------

    def _notified(self, now: Ms, item: events.Notified) -> None:
        if item.source is Source.TREADMILL_DATA:
            record = self._assembler.feed(_decoded(item.data))
            if record is not None and record.speed is not None and record.speed <= FASTEST:
                true = None if self._belt is None else self._belt.speed
                distance, incline = record.distance_m, record.incline
                self.trace.samples.append(Measured(now, int(record.speed), distance, incline, true))
        elif item.source is Source.CONTROL_POINT:
            response = decode_response(item.data)
            if response is not None:
                self.trace.answers.append(Answer(now, response.request, response.result))
        elif item.source is Source.STATUS:
            status = decode_status(item.data)
            if status is not None:
                speed = -1 if status.speed is None else int(status.speed)
                self.note(now, "status", "" if status.event is None else status.event.name, speed)
        elif item.source is Source.HEART_RATE:
            self.note(now, "heart")

    def _failed(self, now: Ms, item: events.WriteFailed) -> None:
        self.trace.failed.append(Failed(now, item.id, item.att))

    def _link_up(self, now: Ms, _item: events.LinkUp) -> None:
        self._assembler = RecordAssembler()
        self.trace.links.append(Link(now, True))

    def _link_down(self, now: Ms, item: events.LinkDown) -> None:
        self.trace.links.append(Link(now, False))
        self.note(now, "link down", item.why)

    def _asked(self, now: Ms, item: events.Asked) -> None:
        self.trace.asks.append(Ask(now, item.client, item.intent))

    def _attended(self, now: Ms, item: events.Attended) -> None:
        self.trace.beats.append(Beat(now, item.client, item.keyboard))

    def _gone(self, now: Ms, item: events.ClientGone) -> None:
        self.note(now, "gone", item.client)

    def _spoken(self, now: Ms, item: events.Spoken) -> None:
        self.trace.heard.setdefault(item.id, now)

    def _suspended(self, now: Ms, item: events.Suspended) -> None:
        self.note(now, "slept", number=item.gap)

    def _lagged(self, now: Ms, item: events.Lagged) -> None:
        self.note(now, "overrun" if item.overflow else "late", number=item.late)

    def _quit(self, now: Ms, item: events.Quit) -> None:
        self.note(now, "quit", item.signal)

    # --- effects -----------------------------------------------------------------------------------------------------

    def _write(self, now: Ms, write: events.Write) -> None:
        asked = decode_request(write.data)
        if asked is None or asked.malformed or not asked.known:
            self.trace.writes.append(Wire(now, write.id, write.data, -1))
            return
        speed = None if asked.speed is None else int(asked.speed)
        incline = None if asked.incline is None else int(asked.incline)
        self.trace.writes.append(Wire(now, write.id, write.data, asked.op, speed, incline, asked.stop))

    def _say(self, now: Ms, say: events.Say) -> None:
        self.trace.words.append(Word(now, say.id, say.text, say.priority is Priority.SAFETY))

    def _play(self, now: Ms, play: events.Play) -> None:
        self.note(now, {Tone.ALARM: "alarm", Tone.QUIET: "quiet"}.get(play.tone, "tone"), play.tone.value)

    def _publish(self, now: Ms, publish: events.Publish) -> None:
        if isinstance(publish.what, Snapshot):
            self.trace.shots.append(Shot(now, publish.what))

    def _remember(self, now: Ms, remember: events.Remember) -> None:
        self.trace.locks.append(remember.lock)
        self.note(now, "lock", remember.lock.name)

    def _reconnect(self, now: Ms, _effect: events.Reconnect) -> None:
        self.note(now, "reconnect")

    def _close(self, now: Ms, _effect: events.Close) -> None:
        self.note(now, "close")

    def _notice(self, now: Ms, notice: events.Notice) -> None:
        self.note(now, "notice", notice.text)

    def _journal(self, _now: Ms, journal: events.Journal) -> None:
        if isinstance(journal.entry, Closed):
            self.trace.summary = journal.entry.summary
