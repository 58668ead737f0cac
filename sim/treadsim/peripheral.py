"""The simulated treadmill as a GATT server: octets in, octets out, with time as an argument.

It keeps the procedure rules of FTMS v1.0 section 4.16 (permission, one procedure at a time, ATT errors FD and FE,
Operation Failed) unless its quirk breaks one on purpose. Effects happen when a write arrives, whatever becomes of the
answer: a cancelled write is not taken back. No event loop, no clock, no Bluetooth stack here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from treadctl.files.habits import Habit
from treadctl.files.quirks import Answers, Quirk
from treadctl.ftms import uuids
from treadctl.ftms.control_point import Result, decode_request, encode_response
from treadctl.model.units import NEVER, Ms

from . import telemetry
from .belt import Belt, Cause, News
from .control import ControlPoint
from .faults import Fault
from .mischief import Mischief

READ_NOT_PERMITTED, WRITE_NOT_PERMITTED, INVALID_LENGTH = 0x02, 0x03, 0x0D
CCCD_IMPROPER, IN_PROGRESS = 0xFD, 0xFE
"""ATT errors: Core specification, and Core Supplement part B for the last two."""
BACKLOG: Ms = 5_000
"""Samples further behind than this were never sent: a machine does not catch up."""
REPLAYED_AFTER: Ms = 50
"""Chosen: a machine that tells an old stop does so right after the subscription."""


class AttError(Exception):
    """The server refuses a request with this ATT error code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ATT error 0x{code:02x}")
        self.code = code


class Outgoing(NamedTuple):
    """A notification or indication that leaves the machine at `at`."""

    at: Ms
    uuid: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One characteristic of the server."""

    service: str
    uuid: str
    properties: tuple[str, ...]


def characteristics(quirk: Quirk) -> tuple[Characteristic, ...]:
    """The server's table, in order of handles."""
    table = [
        (uuids.DEVICE_INFORMATION, uuids.MANUFACTURER, ("read",)),
        (uuids.DEVICE_INFORMATION, uuids.MODEL, ("read",)),
        (uuids.DEVICE_INFORMATION, uuids.FIRMWARE, ("read",)),
        (uuids.FTMS, uuids.FEATURE, ("read",)),
        (uuids.FTMS, uuids.TREADMILL_DATA, ("notify",)),
        (uuids.FTMS, uuids.TRAINING_STATUS, ("read", "notify")),
        (uuids.FTMS, uuids.SPEED_RANGE, ("read",)),
        (uuids.FTMS, uuids.INCLINE_RANGE, ("read",)),
        (uuids.FTMS, uuids.CONTROL_POINT, ("write", "notify" if quirk.answers is Answers.NOTIFICATION else "indicate")),
        (uuids.FTMS, uuids.STATUS, ("notify",)),
    ]
    return tuple(Characteristic(*row) for row in table if quirk.told_incline or row[1] != uuids.INCLINE_RANGE)


class Peripheral:
    """One treadmill on the air. Times never go back; `deadline` says when `step` has something to give."""

    def __init__(self, quirk: Quirk, faults: tuple[Fault, ...] = ()) -> None:
        self.quirk = quirk
        self._mute = quirk.has(Habit.SILENT_UNTIL_UNLOCKED)
        self.belt = Belt(quirk)
        self.connected = False
        self._table = {char.uuid: char for char in characteristics(quirk)}
        self._reads = telemetry.reads(quirk)
        self._subscribed: set[str] = set()
        self._sampling = False
        self._subscribed_at: Ms | None = None
        self._busy_until: Ms = -1
        self._next_sample: Ms = 0
        self._queue: list[Outgoing] = []
        self._training = b""
        self._samples = 0
        self._moved_at: Ms | None = None
        self._active_at: Ms = 0
        self.mischief = Mischief(self.belt, faults)
        self._control = ControlPoint(quirk, self.belt, self.mischief)

    # --- the link ----------------------------------------------------------------------------------------------------

    def connect(self, now: Ms) -> None:
        """A client has connected; permission and subscriptions of an earlier link are gone."""
        self.mischief.begin(now)
        self._forget()
        self.connected, self._active_at = True, now
        self.belt.advance(now)
        if self.quirk.has(Habit.STARTS_AT_CONNECT) and self.belt.key_in:
            self.belt.run_away(now, self.quirk.start_speed)
        self.belt.news.clear()
        self._training = telemetry.training(self.belt, self.quirk)

    def disconnect(self, now: Ms) -> None:
        """The link is gone, wanted or not. The belt goes on: FTMS has no dead-man switch."""
        self.belt.advance(now)
        self._forget()

    def _forget(self) -> None:
        self.connected = False
        self._control.begin()
        self._busy_until = -1
        self._subscribed_at = None
        self._subscribed.clear()
        self._sampling = False
        self._queue.clear()

    def characteristic(self, uuid: str) -> Characteristic | None:
        return self._table.get(uuid)

    def subscribe(self, now: Ms, uuid: str, patient: bool = False) -> None:
        """The client's CCCD write. Raises AttError where there is nothing to subscribe to.

        `patient`: the client has left time since the last one, whatever `now` says. One that comes too early is lost.
        """
        char = self._table.get(uuid)
        if char is None or not {"notify", "indicate"} & set(char.properties):
            raise AttError(WRITE_NOT_PERMITTED)
        self.belt.advance(now)
        before, self._subscribed_at = self._subscribed_at, now
        if before is not None and not patient and now - before < self.quirk.subscriptions_apart:
            return
        if uuid == uuids.TREADMILL_DATA and uuid not in self._subscribed:
            self._next_sample = now + self.quirk.sample_every
        self._subscribed.add(uuid)
        self._sampling |= uuid == uuids.TREADMILL_DATA and not self._mute
        if uuid == uuids.STATUS and self.quirk.has(Habit.REPLAYS_STATUS):
            self._send(now + REPLAYED_AFTER, uuid, telemetry.OLD_STOP)

    def unsubscribe(self, uuid: str) -> None:
        self._subscribed.discard(uuid)
        self._sampling &= uuid != uuids.TREADMILL_DATA

    def read(self, now: Ms, uuid: str) -> bytes:
        """The value of a characteristic. Raises AttError."""
        if uuid == uuids.TRAINING_STATUS:
            self.belt.advance(now)
            return telemetry.training(self.belt, self.quirk)
        if uuid not in self._reads or uuid not in self._table:
            raise AttError(READ_NOT_PERMITTED)
        if uuid == uuids.SPEED_RANGE and self.mischief.active(now, "machine.bad_range"):
            return telemetry.OTHER_RANGE
        return self._reads[uuid]

    # --- the Control Point -------------------------------------------------------------------------------------------

    def write(self, now: Ms, uuid: str, data: bytes, effective: bool = True) -> None:
        """A write with response. Raises AttError: then no procedure has begun. What follows comes out of `step`.

        `effective` False: it is answered with success and nothing is done.
        """
        if uuid != uuids.CONTROL_POINT:
            raise AttError(WRITE_NOT_PERMITTED)
        if uuid not in self._subscribed:
            raise AttError(CCCD_IMPROPER)
        if now < self._busy_until:
            raise AttError(IN_PROGRESS)
        request = decode_request(data)
        if request is None:
            raise AttError(INVALID_LENGTH)
        if self.mischief.active(now, "machine.deaf") or not self._control.hears(now):
            return
        self._settle(now)
        refusal = self.mischief.result(now)
        if refusal is not None:
            result = Result(refusal)
        elif not effective or self.mischief.ignores(now, data):
            result = Result.SUCCESS
        else:
            result = self._control.judge(now, request)
        if self._control.answers(request, result):
            self._busy_until = now + self.quirk.answer_after
            self._send(self._busy_until, uuids.CONTROL_POINT, encode_response(request.op, result))
        self._settle(now)

    # --- time --------------------------------------------------------------------------------------------------------

    def deadline(self) -> Ms:
        """When `step` next has something to do."""
        due = min(self.mischief.deadline(), self.belt.deadline(), self._hang_up_at())
        if self._sampling:
            due = min(due, self._next_sample)
        return min(due, self._queue[0].at) if self._queue else due

    def _hang_up_at(self) -> Ms:
        """When this machine ends the link, if it does."""
        if not self.connected:
            return NEVER
        if self._control.hangs_up:
            return self._busy_until
        return self._active_at + self.quirk.idle_limit if self.quirk.idle_limit else NEVER

    def hangs_up(self, now: Ms) -> bool:
        """Whether the machine has ended the link by now; the face that carries it asks, and disconnects."""
        return now >= self._hang_up_at()

    def step(self, now: Ms) -> list[Outgoing]:
        """Let time pass; what has left the machine by `now`, in order of time."""
        for at, fault in self.mischief.due(now):
            self._run(at)
            self.mischief.happens(at, fault)
            if fault.name in ("machine.control_lost", "machine.other_client"):
                self.revoke(at)
        self._run(now)
        if not self._queue:
            return []
        due = [outgoing for outgoing in self._queue if outgoing.at <= now]
        del self._queue[:len(due)]
        return due

    def _run(self, now: Ms) -> None:
        if self._sampling:
            if now - self._next_sample > BACKLOG:
                self._next_sample = now
            while self._next_sample <= now:
                self.belt.advance(self._next_sample)
                self._sample(self._next_sample)
                self._next_sample += self.quirk.sample_every
        self.belt.advance(now)
        if self.belt.started or self.belt.moving:
            self._active_at = now
        self._settle(now)

    def _sample(self, now: Ms) -> None:
        moving, quirk = self.belt.moving, self.quirk
        if moving:
            self._moved_at, self._samples = now, self._samples + 1
        elif quirk.has(Habit.SILENT_AT_STANDSTILL) or not self._first_zero_due(now):
            return
        dropped = moving and quirk.drops_out > 0 and self._samples % quirk.drops_out == 0
        for part in telemetry.samples(self.belt, quirk, dropped):
            self._send(now, uuids.TREADMILL_DATA, part)

    def _first_zero_due(self, now: Ms) -> bool:
        return self._moved_at is None or now - self._moved_at >= self.quirk.first_zero

    def _settle(self, now: Ms) -> None:
        """Tell what has happened: console, key and timer always, the client's own doing only where the quirk echoes."""
        while self.belt.news:
            news: News = self.belt.news.popleft()
            if news.cause is not Cause.COMMAND or self.quirk.has(Habit.ECHOES_STATUS):
                self._send(news.at, uuids.STATUS, telemetry.status(news, self.quirk))
        training = telemetry.training(self.belt, self.quirk)
        if training != self._training:
            self._training = training
            self._send(now, uuids.TRAINING_STATUS, training)

    def _send(self, at: Ms, uuid: str, data: bytes) -> None:
        if uuid not in self._subscribed:
            return
        self._queue.append(Outgoing(at, uuid, data))
        if len(self._queue) > 1:
            self._queue.sort(key=lambda outgoing: outgoing.at)

    def revoke(self, now: Ms) -> None:
        """The console takes control back."""
        self._control.permitted = False
        self._send(now, uuids.STATUS, telemetry.CONTROL_LOST)


__all__ = ["AttError", "Characteristic", "Outgoing", "Peripheral", "characteristics"]
