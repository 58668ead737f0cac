"""What a machine says of itself beside its data: features, ranges, training status, status events, advertising, names.

Every decoder takes any octets and returns None when there is too little to mean anything; unknown numbers stay numbers.
Ranges come back as the machine sent them, sane or not: `sane` of the range is the caller's question. The encoders serve
the simulated machine and raise ValueError for what their octets cannot hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from struct import Struct

from treadctl.model.machine import Features, InclineRange, SpeedRange
from treadctl.model.text import safe_text
from treadctl.model.units import Incline, Speed

from .control_point import StopKind, stop_kind

Octets = bytes | bytearray | memoryview

_TWO_U32, _THREE_U16, _TWO_S16_U16, _THREE_U8 = Struct("<II"), Struct("<HHH"), Struct("<hhH"), Struct("<BBB")


# --- Fitness Machine Feature 2ACC (section 4.3) --------------------------------------------------------------------


class MachineFeature(IntFlag):
    """The bits of `Features.machine`. Claims: boards advertise far more than the machine has."""

    AVERAGE_SPEED = 1 << 0
    CADENCE = 1 << 1
    TOTAL_DISTANCE = 1 << 2
    INCLINATION = 1 << 3
    ELEVATION_GAIN = 1 << 4
    PACE = 1 << 5
    STEP_COUNT = 1 << 6
    RESISTANCE_LEVEL = 1 << 7
    STRIDE_COUNT = 1 << 8
    EXPENDED_ENERGY = 1 << 9
    HEART_RATE = 1 << 10
    METABOLIC_EQUIVALENT = 1 << 11
    ELAPSED_TIME = 1 << 12
    REMAINING_TIME = 1 << 13
    POWER_MEASUREMENT = 1 << 14
    FORCE_AND_POWER = 1 << 15
    USER_DATA_RETENTION = 1 << 16


class TargetFeature(IntFlag):
    """The bits of `Features.target`: which Control Point requests the machine says it knows."""

    SPEED = 1 << 0
    INCLINATION = 1 << 1
    RESISTANCE = 1 << 2
    POWER = 1 << 3
    HEART_RATE = 1 << 4
    ENERGY = 1 << 5
    STEPS = 1 << 6
    STRIDES = 1 << 7
    DISTANCE = 1 << 8
    TIME = 1 << 9
    TIME_IN_TWO_ZONES = 1 << 10
    TIME_IN_THREE_ZONES = 1 << 11
    TIME_IN_FIVE_ZONES = 1 << 12
    BIKE_SIMULATION = 1 << 13
    WHEEL_CIRCUMFERENCE = 1 << 14
    SPIN_DOWN = 1 << 15
    CADENCE = 1 << 16


def decode_feature(data: Octets) -> Features | None:
    """Both feature words as sent, reserved bits included. A lone first word means no targets."""
    if len(data) < 4:
        return None
    machine, target = _TWO_U32.unpack(bytes(data[:8]) if len(data) >= 8 else bytes(data[:4]) + bytes(4))
    return Features(machine, target)


def encode_feature(features: Features) -> bytes:
    """The eight octets of 2ACC."""
    _within("feature word", 0, 0xFFFFFFFF, features.machine, features.target)
    return _TWO_U32.pack(features.machine, features.target)


# --- ranges (section 4.13 to 4.15 and annex) -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeartRateRange:
    """Supported Heart Rate Range 2AD7 in beats a minute."""

    minimum: int
    maximum: int
    increment: int


@dataclass(frozen=True, slots=True)
class PowerRange:
    """Supported Power Range 2AD8 in W."""

    minimum: int
    maximum: int
    increment: int


def decode_speed_range(data: Octets) -> SpeedRange | None:
    """2AD4. A missing increment becomes 0, which is not sane; None without both ends."""
    words = _words(_THREE_U16, data)
    return SpeedRange(Speed(words[0]), Speed(words[1]), Speed(words[2])) if words else None


def encode_speed_range(speeds: SpeedRange) -> bytes:
    """The six octets of 2AD4."""
    return _THREE_U16.pack(speeds.minimum, speeds.maximum, speeds.increment)


def decode_incline_range(data: Octets) -> InclineRange | None:
    """2AD5. As 2AD4; None also for ends beyond 100 %, which are no incline."""
    words = _words(_TWO_S16_U16, data)
    if not words or not all(abs(end) <= 1000 for end in words[:2]):
        return None
    return InclineRange(Incline(words[0]), Incline(words[1]), words[2])


def encode_incline_range(inclines: InclineRange) -> bytes:
    """The six octets of 2AD5."""
    _within("increment", 0, 0xFFFF, inclines.increment)
    return _TWO_S16_U16.pack(inclines.minimum, inclines.maximum, inclines.increment)


def decode_heart_rate_range(data: Octets) -> HeartRateRange | None:
    """2AD7. A missing increment becomes 0; None without both ends."""
    words = _words(_THREE_U8, data)
    return HeartRateRange(*words) if words else None


def encode_heart_rate_range(rates: HeartRateRange) -> bytes:
    """The three octets of 2AD7."""
    _within("heart rate range", 0, 0xFF, rates.minimum, rates.maximum, rates.increment)
    return _THREE_U8.pack(rates.minimum, rates.maximum, rates.increment)


def decode_power_range(data: Octets) -> PowerRange | None:
    """2AD8. A missing increment becomes 0; None without both ends."""
    words = _words(_TWO_S16_U16, data)
    return PowerRange(*words) if words else None


def encode_power_range(powers: PowerRange) -> bytes:
    """The six octets of 2AD8."""
    _within("power range", -0x8000, 0x7FFF, powers.minimum, powers.maximum)
    _within("increment", 0, 0xFFFF, powers.increment)
    return _TWO_S16_U16.pack(powers.minimum, powers.maximum, powers.increment)


def _words(form: Struct, data: Octets) -> tuple[int, int, int] | None:
    """Minimum, maximum and increment; machines are known to leave the increment out."""
    third = form.size // 3
    if len(data) < 2 * third:
        return None
    octets = bytes(data[: form.size]) if len(data) >= form.size else bytes(data[: 2 * third]) + bytes(third)
    minimum, maximum, increment = form.unpack(octets)
    return minimum, maximum, increment


# --- Training Status 2AD3 (section 4.10) ---------------------------------------------------------------------------


class Training(IntEnum):
    """Training states; 0x10 and above are reserved. A hint, never the evidence that a belt stands still."""

    OTHER = 0x00
    IDLE = 0x01
    WARMING_UP = 0x02
    LOW_INTENSITY_INTERVAL = 0x03
    HIGH_INTENSITY_INTERVAL = 0x04
    RECOVERY_INTERVAL = 0x05
    ISOMETRIC = 0x06
    HEART_RATE_CONTROL = 0x07
    FITNESS_TEST = 0x08
    SPEED_TOO_LOW = 0x09
    SPEED_TOO_HIGH = 0x0A
    COOL_DOWN = 0x0B
    WATT_CONTROL = 0x0C
    MANUAL_MODE = 0x0D
    PRE_WORKOUT = 0x0E
    POST_WORKOUT = 0x0F


_TEXT_PRESENT, _TEXT_CUT = 0x01, 0x02


@dataclass(frozen=True, slots=True)
class TrainingStatus:
    """The training state as sent. `text` is already safe to show; machines announce one and send none."""

    status: int
    text: str = ""
    flags: int = 0

    @property
    def state(self) -> Training | None:
        """The state, None for a reserved number."""
        return Training(self.status) if self.status <= Training.POST_WORKOUT else None

    @property
    def text_announced(self) -> bool:
        return bool(self.flags & _TEXT_PRESENT)

    @property
    def text_cut(self) -> bool:
        """Whether the text is longer than the notification and has to be read."""
        return bool(self.flags & _TEXT_CUT)


def decode_training_status(data: Octets) -> TrainingStatus | None:
    """2AD3; None without a status octet."""
    if len(data) < 2:
        return None
    text = decode_text(data[2:]) if data[0] & _TEXT_PRESENT else ""
    return TrainingStatus(data[1], text, data[0])


def encode_training_status(training: TrainingStatus) -> bytes:
    """The octets of 2AD3; a text sets its flag."""
    _within("training status", 0, 0xFF, training.status, training.flags)
    flags = training.flags | (_TEXT_PRESENT if training.text else 0)
    return bytes((flags, training.status)) + training.text.encode()


# --- Fitness Machine Status 2ADA (section 4.17) --------------------------------------------------------------------


class StatusEvent(IntEnum):
    """Status events. Their numbers are not those of the Control Point."""

    RESET = 0x01
    STOPPED = 0x02
    SAFETY_KEY = 0x03
    STARTED = 0x04
    SPEED_CHANGED = 0x05
    INCLINE_CHANGED = 0x06
    RESISTANCE_CHANGED = 0x07
    POWER_CHANGED = 0x08
    HEART_RATE_CHANGED = 0x09
    ENERGY_CHANGED = 0x0A
    STEPS_CHANGED = 0x0B
    STRIDES_CHANGED = 0x0C
    DISTANCE_CHANGED = 0x0D
    TIME_CHANGED = 0x0E
    TIME_IN_TWO_ZONES_CHANGED = 0x0F
    TIME_IN_THREE_ZONES_CHANGED = 0x10
    TIME_IN_FIVE_ZONES_CHANGED = 0x11
    BIKE_SIMULATION_CHANGED = 0x12
    WHEEL_CIRCUMFERENCE_CHANGED = 0x13
    SPIN_DOWN = 0x14
    CADENCE_CHANGED = 0x15
    CONTROL_LOST = 0xFF


_EVENTS = {int(event): event for event in StatusEvent}


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """One status notification. `raw` is all of it; what its parameter means stands in the field for it, else None.

    `speed` is the new target, never a measurement. `control` tells stop from pause.
    """

    opcode: int
    speed: Speed | None = None
    incline: Incline | None = None
    control: StopKind | None = None
    raw: bytes = b""

    @property
    def event(self) -> StatusEvent | None:
        """The event, None for a reserved opcode."""
        return _EVENTS.get(self.opcode)


def decode_status(data: Octets) -> MachineStatus | None:
    """2ADA; None when empty. A parameter that is short or means nothing leaves its field None."""
    if not len(data):
        return None
    raw = bytes(data)
    opcode, word = raw[0], raw[1:3]
    if opcode == StatusEvent.STOPPED and word:
        return MachineStatus(opcode, control=stop_kind(word[0]), raw=raw)
    if opcode == StatusEvent.SPEED_CHANGED and len(word) == 2:
        return MachineStatus(opcode, speed=Speed(int.from_bytes(word, "little")), raw=raw)
    if opcode == StatusEvent.INCLINE_CHANGED and len(word) == 2:
        tenths = int.from_bytes(word, "little", signed=True)
        return MachineStatus(opcode, incline=Incline(tenths) if abs(tenths) <= 1000 else None, raw=raw)
    return MachineStatus(opcode, raw=raw)


def encode_status(status: MachineStatus) -> bytes:
    """The octets of 2ADA: the opcode with its field, or with the parameter in `raw` for the other events."""
    _within("status opcode", 0, 0xFF, status.opcode)
    head = bytes((status.opcode,))
    if status.control is not None:
        return head + bytes((status.control,))
    if status.speed is not None:
        return head + status.speed.to_bytes(2, "little")
    if status.incline is not None:
        return head + status.incline.to_bytes(2, "little", signed=True)
    return head + status.raw[1:]


# --- advertising service data (section 3.1) ------------------------------------------------------------------------

_AVAILABLE, _TREADMILL = 0x01, 0x0001


@dataclass(frozen=True, slots=True)
class ServiceData:
    """The service data a machine advertises under 0x1826. Often missing or wrong: no reason to refuse one."""

    flags: int
    types: int = 0

    @property
    def available(self) -> bool:
        return bool(self.flags & _AVAILABLE)

    @property
    def treadmill(self) -> bool:
        """Whether it says it is a treadmill, in either order of octets: some makers swap them."""
        return bool((self.types | self.types >> 8) & _TREADMILL)


def decode_service_data(data: Octets) -> ServiceData | None:
    """The service data (what follows the UUID); None when empty. Missing type octets count as no type."""
    return ServiceData(data[0], int.from_bytes(bytes(data[1:3]), "little")) if len(data) else None


def encode_service_data(service: ServiceData) -> bytes:
    """The three octets after the UUID."""
    _within("flags", 0, 0xFF, service.flags)
    _within("machine types", 0, 0xFFFF, service.types)
    return bytes((service.flags,)) + service.types.to_bytes(2, "little")


# --- names ---------------------------------------------------------------------------------------------------------


def decode_text(data: Octets) -> str:
    """A string characteristic (Device Information, training text), safe to show: what follows a NUL is padding."""
    return safe_text(bytes(data).partition(b"\0")[0].decode(errors="replace").strip())


def _within(what: str, low: int, high: int, *numbers: int) -> None:
    for number in numbers:
        if not low <= number <= high:
            raise ValueError(f"{what} {number} is not in {low} to {high}")
