"""The UUIDs of the services and characteristics a treadmill has, as bleak writes them: 128 bits, lower case.

Numbers: FTMS v1.0 table 4.1, Heart Rate Service v1.0, Device Information Service v1.1.
"""

from __future__ import annotations

_BASE = "-0000-1000-8000-00805f9b34fb"


def full(number: int) -> str:
    """The 128-bit UUID of a 16-bit Bluetooth SIG number."""
    return f"{number:08x}{_BASE}"


def short(uuid: str) -> str:
    """The four hexadecimal digits of a Bluetooth SIG UUID ("2acd"); any other UUID comes back whole, in lower case."""
    lower = uuid.lower()
    return lower[4:8] if lower.startswith("0000") and lower[8:] == _BASE else lower


FTMS = full(0x1826)
FEATURE = full(0x2ACC)
TREADMILL_DATA = full(0x2ACD)
TRAINING_STATUS = full(0x2AD3)
SPEED_RANGE = full(0x2AD4)
INCLINE_RANGE = full(0x2AD5)
RESISTANCE_RANGE = full(0x2AD6)
HEART_RATE_RANGE = full(0x2AD7)
POWER_RANGE = full(0x2AD8)
CONTROL_POINT = full(0x2AD9)
STATUS = full(0x2ADA)

HEART_RATE = full(0x180D)
HEART_RATE_MEASUREMENT = full(0x2A37)

DEVICE_INFORMATION = full(0x180A)
MODEL = full(0x2A24)
FIRMWARE = full(0x2A26)
SOFTWARE = full(0x2A28)
MANUFACTURER = full(0x2A29)
