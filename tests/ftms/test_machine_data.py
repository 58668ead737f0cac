"""Features, ranges, training status, status events, advertising and names: odd machines included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadctl.ftms import uuids
from treadctl.ftms.codec import (
    HeartRateRange,
    MachineFeature,
    MachineStatus,
    PowerRange,
    ServiceData,
    StatusEvent,
    StopKind,
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
from treadctl.model.machine import Features, InclineRange, SpeedRange
from treadctl.model.units import Incline, Speed


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


@given(st.binary(max_size=64))
def test_no_decoder_raises_on_any_octets(data: bytes) -> None:
    decoders: list[Callable[[bytes], object]] = [
        decode_feature, decode_speed_range, decode_incline_range, decode_heart_rate_range, decode_power_range,
        decode_training_status, decode_status, decode_service_data, decode_text,
    ]
    for decode in decoders:
        decode(data)


# --- features --------------------------------------------------------------------------------------------------------


def test_features_keep_reserved_bits() -> None:
    assert decode_feature(octets("0C160080 03000080")) == Features(0x8000160C, 0x80000003)


def test_a_short_feature_value_promises_no_control() -> None:
    assert decode_feature(octets("0C160000 0300")) == Features(0x160C, 0)
    assert decode_feature(octets("0C1600")) is None


def test_an_over_long_feature_value_is_read() -> None:
    assert decode_feature(octets("0C160000 03000000 FF")) == Features(0x160C, 3)


def test_feature_bits_have_the_numbers_of_the_standard() -> None:
    assert [bit.name for bit in MachineFeature] == [
        "AVERAGE_SPEED", "CADENCE", "TOTAL_DISTANCE", "INCLINATION", "ELEVATION_GAIN", "PACE", "STEP_COUNT",
        "RESISTANCE_LEVEL", "STRIDE_COUNT", "EXPENDED_ENERGY", "HEART_RATE", "METABOLIC_EQUIVALENT", "ELAPSED_TIME",
        "REMAINING_TIME", "POWER_MEASUREMENT", "FORCE_AND_POWER", "USER_DATA_RETENTION",
    ]
    assert [bit.name for bit in TargetFeature] == [
        "SPEED", "INCLINATION", "RESISTANCE", "POWER", "HEART_RATE", "ENERGY", "STEPS", "STRIDES", "DISTANCE", "TIME",
        "TIME_IN_TWO_ZONES", "TIME_IN_THREE_ZONES", "TIME_IN_FIVE_ZONES", "BIKE_SIMULATION", "WHEEL_CIRCUMFERENCE",
        "SPIN_DOWN", "CADENCE",
    ]
    for kind in (MachineFeature, TargetFeature):
        assert [bit.value for bit in kind] == [1 << number for number in range(17)]


@given(st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF))
def test_features_are_read_back_alike(machine: int, target: int) -> None:
    assert decode_feature(encode_feature(Features(machine, target))) == Features(machine, target)


def test_a_feature_word_of_33_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="feature word"):
        encode_feature(Features(1 << 32, 0))


# --- ranges ----------------------------------------------------------------------------------------------------------


def test_a_range_without_increment_is_read_and_is_not_sane() -> None:
    speeds = decode_speed_range(octets("A000 8002"))
    assert speeds == SpeedRange(Speed(160), Speed(640), Speed(0))
    assert not speeds.sane
    assert decode_speed_range(octets("A000 8002 0A")) == speeds
    assert decode_heart_rate_range(octets("28 C8")) == HeartRateRange(40, 200, 0)


@pytest.mark.parametrize("text", ["", "A0", "A00080"])
def test_a_range_without_both_ends_is_none(text: str) -> None:
    assert decode_speed_range(octets(text)) is None
    assert decode_incline_range(octets(text)) is None
    assert decode_power_range(octets(text)) is None
    assert decode_heart_rate_range(octets(text)[:1]) is None


def test_an_over_long_range_is_read() -> None:
    assert decode_speed_range(octets("3200 D007 0A00 FFFF")) == SpeedRange(Speed(50), Speed(2000), Speed(10))


@pytest.mark.parametrize("text", ["0000 0000 0000", "D007 3200 0A00", "3200 D007 0000", "0000 D007 0A00"])
def test_ranges_that_make_no_sense_are_read_and_are_not_sane(text: str) -> None:
    speeds = decode_speed_range(octets(text))
    assert speeds is not None and not speeds.sane


def test_a_downhill_range_is_read_with_its_sign() -> None:
    inclines = decode_incline_range(octets("E2FF 9600 0500"))
    assert inclines == InclineRange(Incline(-30), Incline(150), 5)
    assert inclines.sane


@pytest.mark.parametrize("text", ["0000 FF7F 0A00", "0080 9600 0A00"])
def test_an_incline_range_beyond_a_hundred_percent_is_none(text: str) -> None:
    assert decode_incline_range(octets(text)) is None


def test_a_power_range_is_read_with_its_sign() -> None:
    assert decode_power_range(octets("F6FF 2003 0100")) == PowerRange(-10, 800, 1)


def test_ranges_have_the_octets_of_the_reference_machine() -> None:
    assert encode_speed_range(SpeedRange(Speed(80), Speed(1600), Speed(10))) == octets("5000 4006 0A00")
    assert encode_incline_range(InclineRange(Incline(-30), Incline(120), 5)) == octets("E2FF 7800 0500")
    assert encode_heart_rate_range(HeartRateRange(40, 200, 1)) == octets("28 C8 01")
    assert encode_power_range(PowerRange(-10, 800, 1)) == octets("F6FF 2003 0100")


def test_ranges_that_their_octets_cannot_hold_are_refused() -> None:
    refused: list[Callable[[], bytes]] = [
        lambda: encode_incline_range(InclineRange(Incline(0), Incline(10), -1)),
        lambda: encode_heart_rate_range(HeartRateRange(0, 256, 1)),
        lambda: encode_power_range(PowerRange(-40000, 0, 1)),
        lambda: encode_power_range(PowerRange(0, 10, 65536)),
        lambda: encode_power_range(PowerRange(0, 32768, 1)),
        lambda: encode_incline_range(InclineRange(Incline(0), Incline(10), 65536)),
    ]
    for encode in refused:
        with pytest.raises(ValueError, match="is not in"):
            encode()


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_speed_ranges_are_read_back_alike(low: int, high: int, step: int) -> None:
    speeds = SpeedRange(Speed(low), Speed(high), Speed(step))
    assert decode_speed_range(encode_speed_range(speeds)) == speeds


@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(0, 0xFFFF))
def test_incline_and_power_ranges_are_read_back_alike(low: int, high: int, step: int) -> None:
    inclines = InclineRange(Incline(low), Incline(high), step)
    assert decode_incline_range(encode_incline_range(inclines)) == inclines
    assert decode_power_range(encode_power_range(PowerRange(low, high, step))) == PowerRange(low, high, step)


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_heart_rate_ranges_are_read_back_alike(low: int, high: int, step: int) -> None:
    rates = HeartRateRange(low, high, step)
    assert decode_heart_rate_range(encode_heart_rate_range(rates)) == rates


# --- training status -------------------------------------------------------------------------------------------------


def test_the_announced_text_is_read_and_made_safe() -> None:
    training = decode_training_status(octets("01 0B") + b"Cool \x1b[31m down\0")
    assert training == TrainingStatus(0x0B, "Cool \\x1b[31m down", 1)
    assert training.state is Training.COOL_DOWN


def test_text_that_is_not_announced_is_not_read() -> None:
    assert decode_training_status(octets("00 01") + b"hello") == TrainingStatus(1, "", 0)


def test_a_cut_text_is_marked() -> None:
    training = decode_training_status(octets("03 0D") + b"Manu")
    assert training is not None and training.text_cut and training.text_announced


@pytest.mark.parametrize("status", [0x10, 0xFF])
def test_an_unknown_training_state_stays_a_number(status: int) -> None:
    training = decode_training_status(bytes((0, status)))
    assert training is not None and training.status == status and training.state is None


@pytest.mark.parametrize("text", ["", "01"])
def test_a_training_status_without_its_status_is_none(text: str) -> None:
    assert decode_training_status(octets(text)) is None


def test_every_training_state_has_the_number_of_the_standard() -> None:
    assert [state.name for state in sorted(Training)] == [
        "OTHER", "IDLE", "WARMING_UP", "LOW_INTENSITY_INTERVAL", "HIGH_INTENSITY_INTERVAL", "RECOVERY_INTERVAL",
        "ISOMETRIC", "HEART_RATE_CONTROL", "FITNESS_TEST", "SPEED_TOO_LOW", "SPEED_TOO_HIGH", "COOL_DOWN",
        "WATT_CONTROL", "MANUAL_MODE", "PRE_WORKOUT", "POST_WORKOUT",
    ]
    assert [int(state) for state in sorted(Training)] == list(range(16))


def test_every_training_state_is_read_back_alike() -> None:
    for state in Training:
        training = decode_training_status(encode_training_status(TrainingStatus(state)))
        assert training is not None and training.state is state


def test_a_training_text_sets_its_flag() -> None:
    assert encode_training_status(TrainingStatus(Training.IDLE, "Idle")) == octets("01 01") + b"Idle"
    with pytest.raises(ValueError, match="training status"):
        encode_training_status(TrainingStatus(256))


# --- status events ---------------------------------------------------------------------------------------------------


def test_lost_control_is_read() -> None:
    status = decode_status(octets("FF"))
    assert status is not None and status.event is StatusEvent.CONTROL_LOST


@pytest.mark.parametrize(
    "text, expected",
    [
        ("0201", {"control": StopKind.STOP}), ("0202", {"control": StopKind.PAUSE}), ("0203", {}), ("02", {}),
        ("05F401", {"speed": Speed(500)}), ("05F4", {}), ("05", {}), ("05F401AA", {"speed": Speed(500)}),
        ("06F1FF", {"incline": Incline(-15)}), ("06FF7F", {}), ("0617FC", {}), ("06F1", {}),
        ("03", {}), ("0D0A0000", {}), ("16", {}), ("FE0102", {}), ("00", {}),
    ],
)
def test_status_parameters_are_read_where_they_mean_something(text: str, expected: dict[str, Any]) -> None:
    assert decode_status(octets(text)) == MachineStatus(octets(text)[0], raw=octets(text), **expected)


@pytest.mark.parametrize("opcode", [0x00, 0x16, 0xFE])
def test_an_unknown_status_keeps_its_number_and_is_no_event(opcode: int) -> None:
    status = decode_status(bytes((opcode,)))
    assert status is not None and status.opcode == opcode and status.event is None


def test_an_empty_status_is_none() -> None:
    assert decode_status(b"") is None


def test_every_status_event_has_the_number_of_the_standard() -> None:
    assert {event.name: event.value for event in StatusEvent} == {
        "RESET": 0x01, "STOPPED": 0x02, "SAFETY_KEY": 0x03, "STARTED": 0x04, "SPEED_CHANGED": 0x05,
        "INCLINE_CHANGED": 0x06, "RESISTANCE_CHANGED": 0x07, "POWER_CHANGED": 0x08, "HEART_RATE_CHANGED": 0x09,
        "ENERGY_CHANGED": 0x0A, "STEPS_CHANGED": 0x0B, "STRIDES_CHANGED": 0x0C, "DISTANCE_CHANGED": 0x0D,
        "TIME_CHANGED": 0x0E, "TIME_IN_TWO_ZONES_CHANGED": 0x0F, "TIME_IN_THREE_ZONES_CHANGED": 0x10,
        "TIME_IN_FIVE_ZONES_CHANGED": 0x11, "BIKE_SIMULATION_CHANGED": 0x12, "WHEEL_CIRCUMFERENCE_CHANGED": 0x13,
        "SPIN_DOWN": 0x14, "CADENCE_CHANGED": 0x15, "CONTROL_LOST": 0xFF,
    }


def test_status_numbers_are_not_those_of_the_control_point() -> None:
    assert (StatusEvent.STARTED, StatusEvent.SPEED_CHANGED, StatusEvent.INCLINE_CHANGED) == (4, 5, 6)
    assert (StatusEvent.STOPPED, StatusEvent.SAFETY_KEY, StatusEvent.RESET) == (2, 3, 1)


@pytest.mark.parametrize(
    "status, text",
    [
        (MachineStatus(StatusEvent.STOPPED, control=StopKind.PAUSE), "0202"),
        (MachineStatus(StatusEvent.SPEED_CHANGED, speed=Speed(400)), "059001"),
        (MachineStatus(StatusEvent.INCLINE_CHANGED, incline=Incline(-15)), "06F1FF"),
        (MachineStatus(StatusEvent.SAFETY_KEY), "03"),
        (MachineStatus(StatusEvent.CONTROL_LOST), "FF"),
        (MachineStatus(StatusEvent.TIME_CHANGED, raw=bytes.fromhex("0E3C00")), "0E3C00"),
    ],
)
def test_a_status_of_the_simulated_machine_has_the_octets_of_the_standard(status: MachineStatus, text: str) -> None:
    assert encode_status(status) == octets(text)


@given(st.binary(min_size=1, max_size=3))
def test_a_status_is_sent_on_as_it_was_read(data: bytes) -> None:
    status = decode_status(data)
    assert status is not None
    again = decode_status(encode_status(status))
    assert again is not None
    assert (again.opcode, again.speed, again.incline, again.control) == (
        status.opcode, status.speed, status.incline, status.control
    )


def test_a_status_opcode_of_nine_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="status opcode"):
        encode_status(MachineStatus(256))


# --- advertising -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, available, treadmill",
    [
        ("010100", True, True), ("000100", False, True), ("010001", True, True), ("012000", True, False),
        ("01", True, False),
    ],
)
def test_service_data_is_read_even_swapped_or_short(text: str, available: bool, treadmill: bool) -> None:
    service = decode_service_data(octets(text))
    assert service is not None
    assert (service.available, service.treadmill) == (available, treadmill)


def test_empty_service_data_is_none() -> None:
    assert decode_service_data(b"") is None


def test_service_data_has_the_octets_of_the_standard() -> None:
    assert encode_service_data(ServiceData(1, 1)) == octets("010100")
    for wrong in (ServiceData(256, 1), ServiceData(1, 65536)):
        with pytest.raises(ValueError, match="is not in"):
            encode_service_data(wrong)


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data, shown",
    [
        (b"W2 Pro\0\0", "W2 Pro"), (b"V1\0junk", "V1"), (b"  T15 \r\n", "T15"), (b"", ""),
        (b"\xff\xfe", "\ufffd\ufffd"), (b"\x1b[2Jx", "\\x1b[2Jx"), ("\u202eabc".encode(), "\\u202eabc"),
    ],
)
def test_device_strings_are_cleaned(data: bytes, shown: str) -> None:
    assert decode_text(data) == shown


def test_a_device_string_without_end_is_cut() -> None:
    assert len(decode_text(b"x" * 512)) == 80


def test_uuids_are_full_and_short_undoes_it() -> None:
    assert uuids.TREADMILL_DATA == "00002acd-0000-1000-8000-00805f9b34fb"
    assert uuids.short(uuids.TREADMILL_DATA.upper()) == "2acd"
    assert uuids.short("59554C55-0000-6666-8888-4D4552414348") == "59554c55-0000-6666-8888-4d4552414348"
    assert uuids.short("12342acd-0000-1000-8000-00805f9b34fb") == "12342acd-0000-1000-8000-00805f9b34fb"
    names = [name for name in vars(uuids) if name.isupper() and not name.startswith("_")]
    assert {name: uuids.short(getattr(uuids, name)) for name in names} == {
        "FTMS": "1826", "FEATURE": "2acc", "TREADMILL_DATA": "2acd", "TRAINING_STATUS": "2ad3", "SPEED_RANGE": "2ad4",
        "INCLINE_RANGE": "2ad5", "RESISTANCE_RANGE": "2ad6", "HEART_RATE_RANGE": "2ad7", "POWER_RANGE": "2ad8",
        "CONTROL_POINT": "2ad9", "STATUS": "2ada", "HEART_RATE": "180d", "HEART_RATE_MEASUREMENT": "2a37",
        "DEVICE_INFORMATION": "180a", "MODEL": "2a24", "FIRMWARE": "2a26", "SOFTWARE": "2a28", "MANUFACTURER": "2a29",
    }
