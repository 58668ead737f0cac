"""What the air does to octets: faults of link, write, indication and telemetry, seeded, for world and backend alike.

The machine is not touched: a write that is dropped never reaches it, a sample that is garbled was right when it left.
Times are those of whoever asks; the first connection is time 0 of all faults.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum

from treadctl.ftms import uuids
from treadctl.ftms.codec import decode_treadmill_data, encode_treadmill_data
from treadctl.ftms.control_point import Op
from treadctl.model.units import NEVER, Ms, Speed

from .catalogue import Family
from .faults import Fault
from .peripheral import Outgoing

OURS = frozenset({Family.LINK, Family.WRITE, Family.INDICATION, Family.TELEMETRY})
LINK_BREAKERS = frozenset({"link.drop", "link.refuse", "link.slow", "link.flap", "link.adapter", "link.fading"})
OPS = {
    "control": Op.REQUEST_CONTROL, "start": Op.START_OR_RESUME, "stop": Op.STOP_OR_PAUSE,
    "speed": Op.SET_TARGET_SPEED, "incline": Op.SET_TARGET_INCLINATION,
}
ATTEMPT: Ms = 3000
"""How long an attempt to connect waits for a machine that does not answer, as the guardian's driver does."""
OVERTAKEN: Ms = 700
"""Chosen: long enough for a stop that follows a Start or a rise to arrive before it."""
FASTEST = 0xFFFE
"""FFFF means not available."""
_Change = Callable[[int], int]


class Fate(Enum):
    """What becomes of a write."""

    ARRIVES = "arrives"
    HANGS = "hangs"
    VANISHES = "vanishes"
    ERROR = "error"
    INEFFECTIVE = "ineffective"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One write: its fate, how much later it arrives, the ATT error, and whether it arrives again.

    `overtaken`: it was answered long before it arrives, and what is written meanwhile arrives first.
    """

    fate: Fate = Fate.ARRIVES
    late: Ms = 0
    code: int = 0
    twice: bool = False
    overtaken: bool = False


class Channel:
    """All faults of the air in one walk."""

    def __init__(self, faults: Iterable[Fault], seed: int = 0) -> None:
        self._plan = tuple(fault for fault in faults if fault.family in OURS)
        self._names = {fault.name for fault in self._plan}
        self._breakers = [fault for fault in self._plan if fault.name in LINK_BREAKERS]
        self._chance = random.Random(seed)
        self._begin: Ms | None = None
        self._dropped: dict[Fault, Ms] = {}
        self._attempts: dict[Fault, int] = {}
        self._row = 0
        self._overtaken = False
        self._lost = False
        self._judged_at: Ms = -1
        self._last: bytes | None = None
        self._passed_at: Ms = 0
        self._order: Ms = 0
        self.has_output_faults = any(f.family in (Family.INDICATION, Family.TELEMETRY) for f in self._plan) or any(
            f.name in ("link.zombie", "link.fading") for f in self._plan
        )

    def begin(self, now: Ms) -> None:
        """The first connection: from here the faults' times count."""
        if self._begin is None:
            self._begin = now

    def add(self, fault: Fault) -> None:
        """One more, while the walk goes on."""
        self._plan = (*self._plan, fault)
        self._names.add(fault.name)
        self._breakers += [fault] if fault.name in LINK_BREAKERS else []
        self.has_output_faults = True

    def active(self, now: Ms, *names: str) -> Fault | None:
        """The first fault of one of these names that is at work."""
        if self._begin is None or self._names.isdisjoint(names):
            return None
        at = now - self._begin
        return next((f for f in self._plan if f.name in names and f.at <= at < max(f.until, f.at + 1)), None)

    def _family(self, now: Ms, family: Family) -> list[Fault]:
        at = now - (self._begin or 0)
        return [f for f in self._plan if f.family is family and f.at <= at < f.until]

    # --- the link ----------------------------------------------------------------------------------------------------

    def deadline(self) -> Ms:
        """When the link next breaks by itself."""
        return min(map(self._break_at, self._breakers)) if self._breakers else NEVER

    def _break_at(self, fault: Fault) -> Ms:
        if self._begin is None:
            return NEVER
        last = self._dropped.get(fault)
        if last is None:
            return self._begin + (fault.until if fault.name == "link.fading" else fault.at)
        if fault.name != "link.flap":
            return NEVER
        again = last + fault.number("every")
        return again if again < self._begin + fault.until else NEVER

    def breaks(self, now: Ms) -> bool:
        """Whether the link breaks now. True once for each time."""
        broken = False
        for fault in self._breakers:
            if now >= self._break_at(fault):
                self._dropped[fault] = now
                broken = True
        return broken

    def connecting(self, now: Ms, usual: Ms) -> tuple[Ms, bool]:
        """How long an attempt to connect takes from now, and whether it succeeds."""
        for fault in self._plan:
            if fault.name == "link.refuse" and fault in self._dropped:
                tried = self._attempts.get(fault, 0)
                if tried < fault.number("n"):
                    self._attempts[fault] = tried + 1
                    return usual, False
            if fault.name == "link.slow" and fault in self._dropped and fault not in self._attempts:
                self._attempts[fault] = 1
                return fault.number("delay"), True
        broken = self.active(now, "link.drop", "link.zombie")
        if broken is not None:
            assert self._begin is not None
            left = self._begin + broken.until - now
            return (left + usual, True) if left < ATTEMPT else (ATTEMPT, False)
        return usual, self.active(now, "link.adapter") is None

    # --- writes ------------------------------------------------------------------------------------------------------

    def write(self, now: Ms, data: bytes) -> Delivery:
        """What becomes of a write that begins now."""
        if not self._plan or self._begin is None:
            return Delivery()
        if self.active(now, "link.zombie"):
            return Delivery(Fate.HANGS)
        for fault in self._family(now, Family.WRITE):
            if _meant(fault, data):
                return self._fate(fault)
        return Delivery()

    def _fate(self, fault: Fault) -> Delivery:
        match fault.name:
            case "write.hang":
                return Delivery(Fate.HANGS)
            case "write.late":
                return Delivery(late=fault.number("delay"))
            case "write.drop":
                return Delivery(Fate.VANISHES if self._hits(fault) else Fate.ARRIVES)
            case "write.busy":
                return Delivery(Fate.ERROR, code=0xFE)
            case "write.error":
                return Delivery(Fate.ERROR, code=fault.number("code") & 0xFF)
            case "write.swapped":
                self._overtaken = not self._overtaken
                return Delivery(late=OVERTAKEN, overtaken=True) if self._overtaken else Delivery()
            case "write.ineffective":
                return Delivery(Fate.INEFFECTIVE)
        return Delivery(twice=True)

    def _hits(self, fault: Fault) -> bool:
        return self._chance.random() < float(fault.value("p"))

    # --- what the machine sends --------------------------------------------------------------------------------------

    def outgoing(self, sent: Outgoing) -> list[Outgoing]:
        """What arrives of it, and when."""
        if not self.has_output_faults or self._begin is None:
            return [sent]
        if self.active(sent.at, "link.zombie"):
            return []
        if sent.uuid == uuids.CONTROL_POINT:
            return self._answers(sent)
        return self._samples(sent) if sent.uuid == uuids.TREADMILL_DATA else [sent]

    def _answers(self, sent: Outgoing) -> list[Outgoing]:
        arriving = [sent]
        for fault in self._family(sent.at, Family.INDICATION):
            arriving = [one for each in arriving for one in self._answer(fault, each)]
        return arriving

    def _answer(self, fault: Fault, sent: Outgoing) -> list[Outgoing]:
        data = sent.data
        match fault.name:
            case "indication.missing":
                return [] if self._hits(fault) else [sent]
            case "indication.late":
                return [sent._replace(at=sent.at + fault.number("delay"))]
            case "indication.twice":
                return [sent, sent._replace(at=sent.at + 50)]
            case "indication.wrong_op":
                return [sent._replace(data=bytes((data[0], (data[1] + 1) & 0xFF, *data[2:])))]
            case "indication.malformed":
                return [sent._replace(data=data[:2])]
        return [sent]  # indication.result is the machine's own answer

    def _samples(self, sent: Outgoing) -> list[Outgoing]:
        arriving = [sent]
        for fault in self._family(sent.at, Family.TELEMETRY):
            arriving = [one for each in arriving for one in self._sample(fault, each)]
        if self.active(sent.at, "link.fading"):
            arriving = [one for one in arriving if not self._faded(sent.at)]
        self._last = sent.data if self._last is None or not self.active(sent.at, "telemetry.stuck") else self._last
        return self._in_order(arriving)

    def _in_order(self, arriving: list[Outgoing]) -> list[Outgoing]:
        """Notifications of one characteristic never overtake one another."""
        ordered = []
        for one in arriving:
            self._order = max(self._order, one.at)
            ordered.append(one._replace(at=self._order) if one.at < self._order else one)
        return ordered

    def _faded(self, now: Ms) -> bool:
        fault = self.active(now, "link.fading")
        assert fault is not None and self._begin is not None
        gone = now - self._begin - fault.at
        return self._chance.random() < gone / max(1, fault.until - fault.at)

    def _sample(self, fault: Fault, sent: Outgoing) -> list[Outgoing]:
        match fault.name:
            case "telemetry.off":
                return []
            case "telemetry.lossy":
                return self._lossy(fault, sent)
            case "telemetry.slow":
                return self._slow(fault, sent)
            case "telemetry.no_zero":
                return [] if decode_treadmill_data(sent.data).speed == 0 else [sent]
            case "telemetry.late":
                return [sent._replace(at=sent.at + fault.number("delay"))]
            case "telemetry.jitter":
                return [sent._replace(at=sent.at + self._chance.randint(0, max(0, fault.number("delay"))))]
            case "telemetry.burst":
                assert self._begin is not None
                return [sent._replace(at=max(sent.at, min(self._begin + fault.until, sent.at + 60_000)))]
        return [sent._replace(data=self._garbled(fault, sent.data))]

    def _lossy(self, fault: Fault, sent: Outgoing) -> list[Outgoing]:
        if sent.at != self._judged_at:  # all parts of one record share its time, and its fate
            self._judged_at = sent.at
            self._lost = self._hits(fault) and self._row < fault.number("row")
            self._row = self._row + 1 if self._lost else 0
        return [] if self._lost else [sent]

    def _slow(self, fault: Fault, sent: Outgoing) -> list[Outgoing]:
        if sent.at - self._passed_at < fault.number("every"):
            return []
        self._passed_at = sent.at
        return [sent]

    def _garbled(self, fault: Fault, data: bytes) -> bytes:
        match fault.name:
            case "telemetry.stuck":
                return self._last or data
            case "telemetry.garbage":
                return self._chance.randbytes(len(data)) if self._hits(fault) else data
            case "telemetry.bits" | "telemetry.flipped":
                return self._with_wrong_bits(fault, data)
            case "telemetry.scaled":
                return _with_speed(data, lambda speed: round(speed * float(fault.value("factor"))))
            case "telemetry.offset":
                return _with_speed(data, lambda speed: speed + fault.number("by"))
            case "telemetry.zero":
                return _with_speed(data, lambda _: 0) if self._hits(fault) else data
            case "telemetry.ghost":
                return _with_speed(data, lambda speed: speed or fault.number("speed"))
            case "telemetry.truncated":
                return data[:max(0, fault.number("octets"))]
            case "telemetry.sentinel":
                return data if data[0] & 1 else bytes((*data[:2], 0xFF, 0xFF, *data[4:]))
        return bytes((*data[:2], 0x33, *data[2:]))  # telemetry.shifted

    def _with_wrong_bits(self, fault: Fault, data: bytes) -> bytes:
        """Always the same two flag bits, or so many others anywhere."""
        octets, bits = bytearray(data), range(8 * len(data))
        wrong = [0, 2] if fault.name == "telemetry.flipped" else self._chance.sample(
            bits, min(fault.number("n"), len(bits))
        )
        for bit in wrong:
            octets[bit // 8] ^= 1 << bit % 8
        return bytes(octets)


def _meant(fault: Fault, data: bytes) -> bool:
    """Whether a write fault is about this request."""
    op = "any" if fault.name == "write.swapped" else str(fault.value("op"))
    return op == "any" or (bool(data) and data[0] == OPS[op])


def _with_speed(data: bytes, change: _Change) -> bytes:
    record = decode_treadmill_data(data)
    if record.speed is None:
        return data
    return encode_treadmill_data(replace(record, speed=Speed(max(0, min(FASTEST, change(int(record.speed)))))))
