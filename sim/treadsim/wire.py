"""Between octets and words, for the dry run: what a fresh link reads of the machine, and what a write means."""

from __future__ import annotations

from treadctl.files.quirks import hints
from treadctl.ftms import uuids
from treadctl.ftms.codec import decode_feature, decode_incline_range, decode_speed_range, decode_text
from treadctl.ftms.control_point import Op, decode_request
from treadctl.model.machine import Features, LinkInfo
from treadctl.model.units import Ms

from .peripheral import Peripheral


def link_info(machine: Peripheral, address: str, now: Ms) -> LinkInfo:
    """What a link reads before anything is written. These reads never change, so they take no time."""
    slope = machine.characteristic(uuids.INCLINE_RANGE) is not None
    return LinkInfo(
        address=address,
        name=machine.quirk.shown_name,
        maker=decode_text(machine.read(now, uuids.MANUFACTURER)),
        model=decode_text(machine.read(now, uuids.MODEL)),
        firmware=decode_text(machine.read(now, uuids.FIRMWARE)),
        simulated=True,
        features=decode_feature(machine.read(now, uuids.FEATURE)) or Features(),
        speed=decode_speed_range(machine.read(now, uuids.SPEED_RANGE)),
        incline=decode_incline_range(machine.read(now, uuids.INCLINE_RANGE)) if slope else None,
        hints=hints(machine.quirk),
    )


def describe(data: bytes) -> str:
    """A Control Point write in words."""
    request = decode_request(data)
    if request is None:
        return "nothing"
    if request.speed is not None:
        return f"speed {request.speed} km/h"
    if request.incline is not None:
        return f"incline {request.incline} %"
    if request.stop is not None:
        return request.stop.name.lower()
    return Op(request.op).name.lower().replace("_", " ") if request.known else data.hex()
