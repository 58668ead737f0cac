"""Fitness Machine Control Point 2AD9: requests to the belt and its answers (FTMS v1.0 section 4.16).

The client half cannot encode a speed or an incline that is negative, outside the machine's range or off its grid: what
is encoded here moves a belt under a person. The server half reads anything, for the simulated machine. A response says
that a request was accepted, never that the belt has done it. Opcodes here are not those of Machine Status 2ADA.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from treadctl.model.machine import InclineRange, SpeedRange
from treadctl.model.units import Incline, Speed


class Op(IntEnum):
    """Opcodes (table 4.15); 0x15 to 0x7F and above 0x80 are reserved."""

    REQUEST_CONTROL = 0x00
    RESET = 0x01
    SET_TARGET_SPEED = 0x02
    SET_TARGET_INCLINATION = 0x03
    SET_RESISTANCE = 0x04
    SET_POWER = 0x05
    SET_HEART_RATE = 0x06
    START_OR_RESUME = 0x07
    STOP_OR_PAUSE = 0x08
    SET_ENERGY = 0x09
    SET_STEPS = 0x0A
    SET_STRIDES = 0x0B
    SET_DISTANCE = 0x0C
    SET_TIME = 0x0D
    SET_TIME_IN_TWO_ZONES = 0x0E
    SET_TIME_IN_THREE_ZONES = 0x0F
    SET_TIME_IN_FIVE_ZONES = 0x10
    SET_BIKE_SIMULATION = 0x11
    SET_WHEEL_CIRCUMFERENCE = 0x12
    SPIN_DOWN = 0x13
    SET_CADENCE = 0x14
    RESPONSE = 0x80


class Result(IntEnum):
    """Result codes (section 4.16.2.22); 0 and above 5 are reserved and count as failures."""

    SUCCESS = 0x01
    NOT_SUPPORTED = 0x02
    INVALID_PARAMETER = 0x03
    FAILED = 0x04
    NOT_PERMITTED = 0x05


class StopKind(IntEnum):
    """The parameter of STOP_OR_PAUSE, and of the status "stopped or paused by the user"."""

    STOP = 0x01
    PAUSE = 0x02


ATT_CCCD_IMPROPER = frozenset({0xFD, 0x81})
"""ATT errors for a write before indications were enabled: Core Supplement part B, and what Cycling Speed and Cadence
templates still return."""
ATT_BUSY = 0xFE
ATT_IN_PROGRESS = frozenset({ATT_BUSY, 0x80})
"""ATT errors for a write while a procedure runs; the write was discarded. Same two sources."""
ATT_PAIRING = frozenset({0x05, 0x08, 0x0C, 0x0F})
"""ATT errors that pairing may cure: authentication, authorization, key size, encryption (Core specification)."""

PARAMETER_MAX = 17
"""Octets of a response parameter (section 4.16.2.22)."""


# --- client --------------------------------------------------------------------------------------------------------


def encode_request_control() -> bytes:
    """Ask for permission to control; it lasts until Reset, revocation or the end of the link."""
    return bytes((Op.REQUEST_CONTROL,))


def encode_reset() -> bytes:
    """Targets to default, times to 0, permission ended. Not a soft stop."""
    return bytes((Op.RESET,))


def encode_start() -> bytes:
    """Start or resume. Several machines toggle: never send it to a belt that moves."""
    return bytes((Op.START_OR_RESUME,))


def encode_stop() -> bytes:
    """Stop the belt."""
    return bytes((Op.STOP_OR_PAUSE, StopKind.STOP))


def encode_pause() -> bytes:
    """Pause the belt: only where commissioning proved it."""
    return bytes((Op.STOP_OR_PAUSE, StopKind.PAUSE))


def encode_speed(speed: Speed, speeds: SpeedRange) -> bytes:
    """Set Target Speed. Raises ValueError unless the range is sane and has this very speed on its grid."""
    _settable("speed", speed, Speed, speeds)
    return bytes((Op.SET_TARGET_SPEED,)) + speed.to_bytes(2, "little")


def encode_incline(incline: Incline, inclines: InclineRange) -> bytes:
    """Set Target Inclination. Raises ValueError unless the range is sane and has it on its grid; never downhill."""
    _settable("incline", incline, Incline, inclines)
    if incline < 0:
        raise ValueError(f"incline {incline} % is downhill, which treadctl never sets")
    return bytes((Op.SET_TARGET_INCLINATION,)) + incline.to_bytes(2, "little")


def _settable(what: str, value: int, kind: type[int], span: SpeedRange | InclineRange) -> None:
    """A plain number is refused too: it may be a percentage or km/h that never met its unit."""
    if not isinstance(value, kind):
        raise ValueError(f"{value!r} is no {what}; make it a {kind.__name__} first")
    if not span.sane:
        raise ValueError(f"this machine's {what} range makes no sense, so no {what} can be set")
    if not span.minimum <= value <= span.maximum:
        raise ValueError(f"{what} {value} is outside what this machine can set, {span.minimum} to {span.maximum}")
    if (value - span.minimum) % span.increment:
        raise ValueError(f"{what} {value} is between two of this machine's steps; snap it down first")


@dataclass(frozen=True, slots=True)
class Response:
    """An indication: the request's opcode and the result, numbers kept even when unknown."""

    request: int
    result: int
    parameter: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the request was accepted. Not whether the belt has done it."""
        return self.result == Result.SUCCESS


def decode_response(data: bytes | bytearray | memoryview) -> Response | None:
    """The response in an indication, or None when these octets are none (wrong opcode, no result)."""
    if len(data) < 3 or data[0] != Op.RESPONSE:
        return None
    return Response(data[1], data[2], bytes(data[3:]))


# --- server, for the simulated machine -----------------------------------------------------------------------------

_SIZES: dict[Op, int] = {
    Op.REQUEST_CONTROL: 0, Op.RESET: 0, Op.SET_TARGET_SPEED: 2, Op.SET_TARGET_INCLINATION: 2, Op.SET_RESISTANCE: 1,
    Op.SET_POWER: 2, Op.SET_HEART_RATE: 1, Op.START_OR_RESUME: 0, Op.STOP_OR_PAUSE: 1, Op.SET_ENERGY: 2,
    Op.SET_STEPS: 2, Op.SET_STRIDES: 2, Op.SET_DISTANCE: 3, Op.SET_TIME: 2,
    Op.SET_TIME_IN_TWO_ZONES: 4, Op.SET_TIME_IN_THREE_ZONES: 6,
    Op.SET_TIME_IN_FIVE_ZONES: 10, Op.SET_BIKE_SIMULATION: 6, Op.SET_WHEEL_CIRCUMFERENCE: 2, Op.SPIN_DOWN: 1,
    Op.SET_CADENCE: 2,
}
"""Octets of each request's parameter (table 4.15)."""
_SIGNED = frozenset({Op.SET_TARGET_INCLINATION, Op.SET_POWER})
_NUMBERS = 3
"""Parameters of up to this many octets are one number; longer ones are several."""


@dataclass(frozen=True, slots=True)
class Request:
    """A write to the Control Point as a machine reads it. `number` is the parameter where it is one number.

    `malformed`: a known opcode whose parameter has the wrong length or no meaning (result 03 by the standard). An
    unknown opcode is never malformed (result 02).
    """

    op: int
    parameter: bytes = b""
    number: int | None = None
    speed: Speed | None = None
    incline: Incline | None = None
    stop: StopKind | None = None
    malformed: bool = False

    @property
    def known(self) -> bool:
        """Whether the standard defines this opcode as a request."""
        return self.op in _SIZES


def decode_request(data: bytes | bytearray | memoryview) -> Request | None:
    """The request in a write; None when it is empty. Never raises."""
    if not len(data):
        return None
    op, parameter = data[0], bytes(data[1:])
    if op not in _SIZES or len(parameter) != _SIZES[Op(op)]:
        return Request(op, parameter, malformed=op in _SIZES)
    if not 0 < len(parameter) <= _NUMBERS:
        return Request(op, parameter)
    return _with_number(op, parameter, int.from_bytes(parameter, "little", signed=op in _SIGNED))


def _with_number(op: int, parameter: bytes, number: int) -> Request:
    if op == Op.SET_TARGET_SPEED:
        return Request(op, parameter, number, speed=Speed(number))
    if op == Op.SET_TARGET_INCLINATION:
        steep = abs(number) > 1000
        return Request(op, parameter, number, incline=None if steep else Incline(number), malformed=steep)
    if op == Op.STOP_OR_PAUSE:
        kind = stop_kind(number)
        return Request(op, parameter, number, stop=kind, malformed=kind is None)
    return Request(op, parameter, number)


def stop_kind(number: int) -> StopKind | None:
    """Stop or pause; None for a reserved number."""
    return StopKind(number) if number in (StopKind.STOP, StopKind.PAUSE) else None


def encode_response(op: int, result: int, parameter: bytes = b"") -> bytes:
    """The indication that answers a request. Raises ValueError for a parameter longer than 17 octets or no octet."""
    if len(parameter) > PARAMETER_MAX:
        raise ValueError(f"a response parameter has at most {PARAMETER_MAX} octets, not {len(parameter)}")
    return bytes((Op.RESPONSE, op, result)) + parameter
