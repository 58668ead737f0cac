"""Units: integers in the wire's own steps, so that limits compare exactly.

mph and min/km exist only where people read or write. No type here can hold a negative speed: FTMS target speed is an
unsigned 16-bit number (FTMS v1.0 section 4.16.2.3), and a signed one written into it would read hundreds of km/h.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from enum import Enum
from operator import index

Ms = int
"""Milliseconds of a monotonic clock."""
NEVER: Ms = 1 << 62
"""Later than anything: a deadline that only something else can bring nearer."""


def soonest(now: Ms, *times: Ms | None) -> Ms | None:
    """The first of these that is still to come: what was due has been done, and must not hide what is due next."""
    first: Ms | None = None
    for at in times:
        if at is not None and at > now and (first is None or at < first):
            first = at
    return first


MPH_IN_KMH = Decimal("1.609344")
MILE = int(MPH_IN_KMH * 1_000_000)
"""One mph in millionths of a km/h."""


class Units(Enum):
    """What people read and hear speeds in. The value is what stands behind a number, and the setting."""

    KMH = "km/h"
    MPH = "mph"


class Speed(int):
    """A speed in 0.01 km/h, 0 to 65535 (uint16). Raises ValueError outside, TypeError for a float.

    Arithmetic gives a plain int.
    """

    __slots__ = ()

    def __new__(cls, hundredths: int) -> Speed:
        if not 0 <= hundredths <= 0xFFFF:
            raise ValueError(f"{hundredths} is no speed: 0 to 65535 hundredths of a km/h")
        return super().__new__(cls, index(hundredths))

    def __str__(self) -> str:
        return f"{self / 100:.2f}".removesuffix("0")

    def __repr__(self) -> str:
        return f"Speed({int(self)})"


class Incline(int):
    """An incline in 0.1 %, -100 % to 100 % (a wider number is no incline). Raises like Speed."""

    __slots__ = ()

    def __new__(cls, tenths: int) -> Incline:
        if not -1000 <= tenths <= 1000:
            raise ValueError(f"{tenths} is no incline: -1000 to 1000 tenths of a percent")
        return super().__new__(cls, index(tenths))

    def __str__(self) -> str:
        return f"{self / 10:.1f}"

    def __repr__(self) -> str:
        return f"Incline({int(self)})"


LARGEST = 1_000_000
"""No number a person means is larger; 1e999999999 would be a valid Decimal and an integer that fills the memory."""


def kmh(value: str | int | Decimal) -> Speed:
    """The speed of so many km/h, rounded to 0.01. Raises ValueError for what is no speed.

    Takes text or Decimal, never a float (TypeError): 6.5 * 100 may truncate to 649.
    """
    return Speed(_scaled(value, Decimal(100)))


def mph(value: str | int | Decimal) -> Speed:
    """The speed of so many miles an hour, rounded to 0.01 km/h. Raises like `kmh`."""
    return Speed(_scaled(value, MPH_IN_KMH * 100))


def figure(speed: int, units: Units, places: int = 1) -> str:
    """A speed in 0.01 km/h as people read it, without its unit: the nearest number with 1 or 2 decimal places."""
    if units is Units.KMH:
        return f"{speed / 100:.{places}f}"
    scale = int(10**places)
    value = (2 * scale * speed * 10_000 + MILE) // (2 * MILE)
    return f"{value // scale}.{value % scale:0{places}d}"


def percent(value: str | int | Decimal) -> Incline:
    """The incline of so many percent, rounded to 0.1 %. Raises like `kmh`."""
    return Incline(_scaled(value, Decimal(10)))


def _scaled(value: str | int | Decimal, factor: Decimal) -> int:
    if isinstance(value, float):
        raise TypeError("a float is no measure: write it as text or Decimal")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{str(value)[:40]!r} is no number") from None
    if not number.is_finite() or number.copy_abs() > LARGEST:
        raise ValueError(f"{str(value)[:40]!r} is no usable number")
    return int((number * factor).to_integral_value(ROUND_HALF_EVEN))


def snap_down(value: int, minimum: int, increment: int) -> int:
    """The largest settable value not above `value`: minimum + n * increment. An increment of 0 leaves it as it is."""
    if increment <= 0 or value < minimum:
        return value
    return minimum + (value - minimum) // increment * increment


def clock(ms: int) -> str:
    """Minutes and seconds as people read them: 0:41, 12:00."""
    seconds = max(0, round(ms / 1000))
    return f"{seconds // 60}:{seconds % 60:02d}"
