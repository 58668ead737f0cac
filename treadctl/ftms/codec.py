"""The one door to the codec of notifications and reads: everything that is not the Control Point or the heart rate."""

from __future__ import annotations

from .control_point import StopKind
from .machine_data import (
    HeartRateRange,
    MachineFeature,
    MachineStatus,
    PowerRange,
    ServiceData,
    StatusEvent,
    TargetFeature,
    Training,
    TrainingStatus,
    decode_feature,
    decode_heart_rate_range,
    decode_incline_range,
    decode_power_range,
    decode_service_data,
    decode_speed_range,
    decode_status,
    decode_text,
    decode_training_status,
    encode_feature,
    encode_heart_rate_range,
    encode_incline_range,
    encode_power_range,
    encode_service_data,
    encode_speed_range,
    encode_status,
    encode_training_status,
)
from .treadmill_data import (
    MORE_DATA,
    MTU_MINIMUM,
    RFU_BITS,
    RecordAssembler,
    TreadmillData,
    decode_treadmill_data,
    encode_treadmill_data,
    split_treadmill_data,
)

__all__ = [
    "MORE_DATA", "MTU_MINIMUM", "RFU_BITS", "HeartRateRange", "MachineFeature", "MachineStatus", "PowerRange",
    "RecordAssembler", "ServiceData", "StatusEvent", "StopKind", "TargetFeature", "Training", "TrainingStatus",
    "TreadmillData", "decode_feature", "decode_heart_rate_range", "decode_incline_range", "decode_power_range",
    "decode_service_data", "decode_speed_range", "decode_status", "decode_text", "decode_training_status",
    "decode_treadmill_data", "encode_feature", "encode_heart_rate_range", "encode_incline_range", "encode_power_range",
    "encode_service_data", "encode_speed_range", "encode_status", "encode_training_status", "encode_treadmill_data",
    "split_treadmill_data",
]
