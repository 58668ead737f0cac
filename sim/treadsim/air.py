"""The link of the simulated world: between the core's effects and the machine, as the guardian's driver has it.

One write of each urgency at a time, each with its own limit of a second; a reconnect is tried for a minute; what is
left of an old link goes first. The channel says what the air does to it. Answers are inputs for the core, in time.
"""

from __future__ import annotations

import heapq

from treadctl.control import events
from treadctl.control.events import Input, LinkDown, LinkUp, Notified, Source, Urgency, WriteDone, WriteFailed
from treadctl.ftms import uuids
from treadctl.ftms.control_point import ATT_BUSY
from treadctl.model.machine import LinkInfo, Record
from treadctl.model.units import Ms

from .channel import Channel, Fate
from .peripheral import AttError, Outgoing, Peripheral
from .wire import link_info

LATENCY: Ms = 30
"""One ATT write and its response, as in `backend`."""
CONNECTING: Ms = 300
WRITE_LIMIT: Ms = 1000
RECONNECT_FOR: Ms = 60_000
RECONNECT_PAUSE: Ms = 300
"""These three as in the guardian's driver."""
SOURCES = {
    uuids.TREADMILL_DATA: Source.TREADMILL_DATA,
    uuids.STATUS: Source.STATUS,
    uuids.TRAINING_STATUS: Source.TRAINING,
    uuids.CONTROL_POINT: Source.CONTROL_POINT,
}


class _Arrival:
    """Octets that arrive at the machine later."""

    __slots__ = ("data", "effective")

    def __init__(self, data: bytes, effective: bool) -> None:
        self.data, self.effective = data, effective


class Air:
    """At most one link at a time."""

    def __init__(self, machine: Peripheral, channel: Channel, record: Record) -> None:
        self._machine, self._channel, self._address = machine, channel, record.address
        self.record: Record | None = record
        self._soon: list[tuple[Ms, int, int, Input | _Arrival]] = []
        self._number = 0
        self._generation = 0
        self._slots: dict[Urgency, tuple[int, Ms]] = {}
        self._hung = False
        self._attempt: tuple[Ms, bool] | None = None
        self._give_up: Ms | None = None
        self.up = False
        self.attempts: list[Ms] = []

    # --- effects -----------------------------------------------------------------------------------------------------

    def connect(self, now: Ms, again: bool) -> None:
        """Make a link. `again`: only to stop, for a minute."""
        self._leave(now)
        self._give_up = now + RECONNECT_FOR if again else None
        self._try(now)

    def close(self, now: Ms) -> None:
        self._leave(now)
        self._attempt = None

    def lose(self, now: Ms, why: str) -> list[Input]:
        """The link is gone without either end having asked for it."""
        if not self.up:
            return []
        failed: list[Input] = [WriteFailed(id, "the link was lost") for id, _ in self._slots.values()]
        self._leave(now)
        return [LinkDown(why), *failed]

    def write(self, now: Ms, write: events.Write) -> None:
        """Hand it over now, or say that it could not begin."""
        if not self.up:
            self._later(now, WriteFailed(write.id, "there is no link to the treadmill"))
            return
        held = self._slots.get(write.urgency)
        if held is not None and held[1] > now:
            self._later(now, WriteFailed(write.id, f"another {write.urgency.value} is still being written", ATT_BUSY))
            return
        self._slots[write.urgency] = (write.id, now + LATENCY)
        self._hand_over(now, write)

    def _hand_over(self, now: Ms, write: events.Write) -> None:
        """What the channel lets become of it. What comes after a write that hangs hangs too."""
        fate = self._channel.write(now, write.data)
        self._hung = self._hung and self._channel.active(now, "write.hang", "link.zombie") is not None
        if fate.fate is Fate.HANGS or self._hung:
            self._hung = True
            self._slots[write.urgency] = (write.id, now + WRITE_LIMIT)
            self._later(now + WRITE_LIMIT, WriteFailed(write.id, "the write took longer than a second"))
        elif fate.fate is Fate.ERROR:
            self._later(now + LATENCY, WriteFailed(write.id, f"ATT error 0x{fate.code:02x}", fate.code))
        elif fate.fate is Fate.VANISHES:
            self._later(now + LATENCY, WriteDone(write.id))
        elif fate.late:
            self._late(now, write, fate.late)
        else:
            self._arrive(now, write, fate.fate is Fate.ARRIVES)
            if fate.twice:
                self._later(now + LATENCY, _Arrival(write.data, True))

    def _late(self, now: Ms, write: events.Write, late: Ms) -> None:
        self._later(now + late, _Arrival(write.data, True))
        done = now + late + LATENCY
        if done <= now + WRITE_LIMIT:
            self._slots[write.urgency] = (write.id, done)
            self._later(done, WriteDone(write.id))
        else:
            self._slots[write.urgency] = (write.id, now + WRITE_LIMIT)
            self._later(now + WRITE_LIMIT, WriteFailed(write.id, "the write took longer than a second"))

    def _arrive(self, now: Ms, write: events.Write, effective: bool) -> None:
        try:
            self._machine.write(now, uuids.CONTROL_POINT, write.data, effective)
        except AttError as error:
            self._later(now + LATENCY, WriteFailed(write.id, str(error), error.code))
        else:
            self._later(now + LATENCY, WriteDone(write.id))

    # --- time --------------------------------------------------------------------------------------------------------

    def deadline(self) -> Ms:
        """When something arrives or an attempt ends."""
        due = self._machine.deadline()
        if self.up:
            due = min(due, self._channel.deadline())
        if self._attempt is not None:
            due = min(due, self._attempt[0])
        return min(due, self._soon[0][0]) if self._soon else due

    def step(self, now: Ms) -> list[Input]:
        """What has arrived by now."""
        arrived: list[Input] = []
        for outgoing in self._machine.step(now):
            self._out(now, outgoing, arrived)
        if self._channel.breaks(now):
            arrived += self.lose(now, "The link was lost.")
        if self.up and self._machine.hangs_up(now):
            arrived += self.lose(now, "The machine hung up.")
        if self._attempt is not None and now >= self._attempt[0]:
            arrived += self._tried(now, self._attempt[1])
        while self._soon and self._soon[0][0] <= now:
            _, _, generation, item = heapq.heappop(self._soon)
            if generation != self._generation:
                continue
            if isinstance(item, _Arrival):
                self._at_last(now, item)
            else:
                arrived.append(item)
        return arrived

    def _out(self, now: Ms, outgoing: Outgoing, arrived: list[Input]) -> None:
        for one in self._channel.outgoing(outgoing):
            item = Notified(SOURCES[one.uuid], one.data)
            if one.at <= now:
                arrived.append(item)
            else:
                self._later(one.at, item)

    def _at_last(self, now: Ms, arrival: _Arrival) -> None:
        """Octets that arrive late or again: nobody hears an ATT error any more."""
        try:
            self._machine.write(now, uuids.CONTROL_POINT, arrival.data, arrival.effective)
        except AttError:
            return

    def _try(self, now: Ms) -> None:
        wait, works = self._channel.connecting(now, CONNECTING)
        self.attempts.append(now)
        self._attempt = (now + wait, works)

    def _tried(self, now: Ms, works: bool) -> list[Input]:
        self._attempt = None
        if works:
            return [self._linked(now)]
        if self._give_up is None:
            return [LinkDown("The treadmill could not be reached.")]
        if now < self._give_up:
            self._try(now + RECONNECT_PAUSE)
            return []
        return [LinkDown("No new link for a minute.")]

    def _linked(self, now: Ms) -> Input:
        self._channel.begin(now)
        self._machine.connect(now)
        for uuid in SOURCES:
            self._machine.subscribe(now, uuid, patient=True)
        self.up = True
        info: LinkInfo = link_info(self._machine, self._address, now)
        return LinkUp(info, self.record)

    def _leave(self, now: Ms) -> None:
        if self.up:
            self._machine.disconnect(now)
        self.up = self._hung = False
        self._generation += 1
        self._slots.clear()

    def _later(self, at: Ms, item: Input | _Arrival) -> None:
        self._number += 1
        heapq.heappush(self._soon, (at, self._number, self._generation, item))
