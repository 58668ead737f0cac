"""What the simulated machine says of itself: its belt in the octets of Treadmill Data, Machine Status and the reads.

Encoding only; nothing here changes the belt.
"""

from __future__ import annotations

from treadctl.files.machines import Packets, Quirk
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
MILE = 1.609344


def samples(belt: Belt, quirk: Quirk) -> list[bytes]:
    """The notifications of one Treadmill Data record."""
    if quirk.packets is Packets.SHORT:
        return [encode_treadmill_data(_short(belt, quirk))]
    return split_treadmill_data(_full(belt, quirk), MTU)


def shown_speed(belt: Belt, quirk: Quirk) -> Speed:
    """The speed as this machine reports it."""
    speed = belt.speed / MILE if quirk.mph_report else belt.speed
    return Speed(round(speed / RESOLUTION) * RESOLUTION)


def _short(belt: Belt, quirk: Quirk) -> TreadmillData:
    return TreadmillData(
        speed=shown_speed(belt, quirk),
        distance_m=int(belt.distance_m),
        incline=_incline(belt) if quirk.incline else None,
        energy_kcal=int(belt.energy_kcal),
        elapsed_s=int(belt.elapsed_ms / 1000),
    )


def _full(belt: Belt, quirk: Quirk) -> TreadmillData:
    hours = belt.elapsed_ms / 3_600_000
    average = round(belt.distance_m / hours / 10) if hours > 0 else 0
    return TreadmillData(
        speed=shown_speed(belt, quirk),
        average_speed=Speed(average),
        distance_m=int(belt.distance_m),
        incline=_incline(belt),
        elevation_gain=int(belt.climbed_m * 10),
        energy_kcal=int(belt.energy_kcal),
        energy_per_hour=round(belt.energy_kcal / hours) if hours > 0 else 0,
        elapsed_s=int(belt.elapsed_ms / 1000),
        power_w=0,
    )


def _incline(belt: Belt) -> Incline:
    return Incline(round(belt.incline))


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
            target = round(news.value / MILE) if quirk.mph_target else news.value
            return encode_status(MachineStatus(StatusEvent.SPEED_CHANGED, speed=Speed(target)))
        case Did.INCLINE:
            return encode_status(MachineStatus(StatusEvent.INCLINE_CHANGED, incline=Incline(news.value)))


CONTROL_LOST = encode_status(MachineStatus(StatusEvent.CONTROL_LOST))


def training(belt: Belt) -> bytes:
    """Training Status as the belt's state suggests it."""
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
        uuids.FEATURE: encode_feature(_features(quirk)),
        uuids.SPEED_RANGE: encode_speed_range(quirk.speed),
        uuids.MANUFACTURER: b"treadsim",
        uuids.MODEL: quirk.title.encode(),
        uuids.FIRMWARE: b"1",
    }
    if quirk.incline is not None:
        found[uuids.INCLINE_RANGE] = encode_incline_range(quirk.incline)
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
