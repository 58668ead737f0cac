"""What the simulated machine says of itself: its belt in the octets of Treadmill Data, Machine Status and the reads.

Encoding only; nothing here changes the belt.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from treadctl.files.habits import Habit
from treadctl.files.quirks import Packets, Quirk
from treadctl.ftms import uuids
from treadctl.ftms.codec import (
    MachineFeature,
    MachineStatus,
    StatusEvent,
    StopKind,
    TargetFeature,
    Training,
    TrainingStatus,
    TreadmillData,
    encode_feature,
    encode_incline_range,
    encode_speed_range,
    encode_status,
    encode_training_status,
    encode_treadmill_data,
    split_treadmill_data,
)
from treadctl.model.machine import Features, SpeedRange
from treadctl.model.units import Incline, Speed

from .belt import Belt, Did, News

MTU = 23
"""What every link has, and what the records are split for."""
RESOLUTION = 10
"""Consoles report in 0.1 km/h."""
LARGEST = 0xFFFE
"""A Reset sets the time to 0 and not the distance: what is divided by it may be anything."""
MILE = 1.609344
STEPS_FLAG = 0x2000
"""A reserved bit of the flags, behind which walking pads count steps."""
STEP_M = 0.5
"""Chosen: a step of slow walking."""


def samples(belt: Belt, quirk: Quirk, dropped: bool = False) -> list[bytes]:
    """The notifications of one Treadmill Data record. `dropped`: the speed drops out, and is told as zero."""
    if quirk.packets is Packets.SHORT:
        return [_short(belt, quirk, Speed(0) if dropped else shown_speed(belt, quirk))]
    if quirk.packets is Packets.CUT:
        return [encode_treadmill_data(_cut(belt, quirk))[:MTU - 3]]
    return split_treadmill_data(_full(belt, quirk), MTU)


def shown_speed(belt: Belt, quirk: Quirk) -> Speed:
    """The speed as this machine reports it."""
    if quirk.has(Habit.ONLY_ZEROS):
        return Speed(0)
    paused = belt.paused and not belt.moving and quirk.has(Habit.SPEED_WHILE_PAUSED)
    speed = belt.stopped_from if paused else belt.speed
    if quirk.has(Habit.REPORTS_IN_MPH):
        speed /= MILE
    return Speed(round(speed / RESOLUTION) * RESOLUTION)


def _short(belt: Belt, quirk: Quirk, speed: Speed) -> bytes:
    still = quirk.has(Habit.ONLY_ZEROS)
    return _short_octets(
        speed,
        0 if still or quirk.has(Habit.DISTANCE_ZERO) else int(belt.distance_m),
        _incline(belt, quirk),
        0 if still else int(belt.energy_kcal),
        0 if still else int(belt.elapsed_ms / 1000),
        int(belt.distance_m / STEP_M).to_bytes(4, "little")[:quirk.steps],
    )


@lru_cache(maxsize=64)
def _short_octets(
    speed: Speed, distance_m: int, incline: Incline | None, energy_kcal: int, elapsed_s: int, steps: bytes
) -> bytes:
    """Remembered, because a belt at rest says the same again and again."""
    data = TreadmillData(
        STEPS_FLAG if steps else 0, speed, distance_m=distance_m, incline=incline, energy_kcal=energy_kcal,
        elapsed_s=elapsed_s, trailing=steps,
    )
    return encode_treadmill_data(data)


def _cut(belt: Belt, quirk: Quirk) -> TreadmillData:
    """As a commercial Matrix sends it (flags 1B9E of its capture): more fields than fit into the notification."""
    full = _full(belt, quirk)
    return replace(full, flags=0x1B9E, elapsed_s=None)


def _full(belt: Belt, quirk: Quirk) -> TreadmillData:
    hours = belt.elapsed_ms / 3_600_000
    average = min(LARGEST, round(belt.distance_m / hours / 10)) if hours > 0 else 0
    return TreadmillData(
        speed=shown_speed(belt, quirk),
        average_speed=Speed(average),
        distance_m=int(belt.distance_m),
        incline=_incline(belt, quirk),
        elevation_gain=int(belt.climbed_m * 10),
        energy_kcal=int(belt.energy_kcal),
        energy_per_hour=min(LARGEST, round(belt.energy_kcal / hours)) if hours > 0 else 0,
        elapsed_s=int(belt.elapsed_ms / 1000),
        power_w=0,
    )


def _incline(belt: Belt, quirk: Quirk) -> Incline | None:
    """As it is told: not at all without a motor, unless it is told wrong."""
    if quirk.has(Habit.INCLINE_NOT_TOLD) or (quirk.incline is None and not quirk.has(Habit.INCLINE_TOLD_WRONG)):
        return None
    told = round(belt.incline * float(quirk.incline_factor)) + quirk.incline_offset
    return Incline(max(-1000, min(1000, told)))


def status(news: News, quirk: Quirk) -> bytes:
    """The Machine Status notification that tells this news."""
    match news.did:
        case Did.STARTED:
            return encode_status(MachineStatus(StatusEvent.STARTED))
        case Did.STOPPED:
            return encode_status(MachineStatus(StatusEvent.STOPPED, control=StopKind.STOP))
        case Did.PAUSED:
            return encode_status(MachineStatus(StatusEvent.STOPPED, control=StopKind.PAUSE))
        case Did.KEY_PULLED:
            return encode_status(MachineStatus(StatusEvent.SAFETY_KEY))
        case Did.SPEED:
            target = round(news.value / MILE) if quirk.has(Habit.TARGET_IN_MPH) else news.value
            return encode_status(MachineStatus(StatusEvent.SPEED_CHANGED, speed=Speed(target)))
        case Did.INCLINE:
            return encode_status(MachineStatus(StatusEvent.INCLINE_CHANGED, incline=Incline(news.value)))


CONTROL_LOST = encode_status(MachineStatus(StatusEvent.CONTROL_LOST))
OLD_STOP = encode_status(MachineStatus(StatusEvent.STOPPED, control=StopKind.STOP))
"""What a machine tells again that replays its last status to every new client."""


def training(belt: Belt, quirk: Quirk) -> bytes:
    """Training Status as the belt's state suggests it, or always the same."""
    if quirk.training is not None:
        return quirk.training
    if belt.counting:
        return _PRE_WORKOUT
    return _MANUAL_MODE if belt.started or belt.moving else _IDLE


_PRE_WORKOUT = encode_training_status(TrainingStatus(Training.PRE_WORKOUT))
_MANUAL_MODE = encode_training_status(TrainingStatus(Training.MANUAL_MODE))
_IDLE = encode_training_status(TrainingStatus(Training.IDLE))


OTHER_RANGE = encode_speed_range(SpeedRange(Speed(100), Speed(2000), Speed(50)))
"""What a machine tells that lies about its range."""


def reads(quirk: Quirk) -> dict[str, bytes]:
    """The characteristics that never change."""
    found = {
        uuids.FEATURE: encode_feature(_features(quirk)) if quirk.feature is None else quirk.feature,
        uuids.SPEED_RANGE: encode_speed_range(quirk.told_speed),
        uuids.MANUFACTURER: quirk.maker.encode(),
        uuids.MODEL: (quirk.model or quirk.title).encode(),
        uuids.FIRMWARE: quirk.firmware.encode(),
    }
    if quirk.told_incline is not None:
        found[uuids.INCLINE_RANGE] = encode_incline_range(quirk.told_incline)
    return found


def _features(quirk: Quirk) -> Features:
    bits = MachineFeature.TOTAL_DISTANCE | MachineFeature.EXPENDED_ENERGY | MachineFeature.ELAPSED_TIME
    targets = TargetFeature.SPEED
    if quirk.incline is not None:
        bits |= MachineFeature.INCLINATION
        targets |= TargetFeature.INCLINATION
    if quirk.packets is Packets.FULL:
        bits |= MachineFeature.AVERAGE_SPEED | MachineFeature.ELEVATION_GAIN | MachineFeature.FORCE_AND_POWER
    return Features(int(bits), int(targets))
