"""The authority over the codec: packets of real machines, with expectations worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from treadctl.ftms import codec, control_point
from treadctl.ftms.codec import MachineFeature, TargetFeature, TreadmillData
from treadctl.ftms.heart_rate import decode_heart_rate
from treadctl.model.machine import InclineRange, SpeedRange
from treadctl.model.units import Incline, Speed

PACKETS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "ftms_vectors.json").read_text(encoding="utf-8")
)["packets"]


def packets(*characteristics: str, direction: str = "") -> pytest.MarkDecorator:
    chosen = [p for p in PACKETS if p["characteristic"] in characteristics and direction in ("", p["direction"])]
    assert chosen
    return pytest.mark.parametrize("packet", chosen, ids=[p["id"] for p in chosen])


def octets(packet: dict[str, Any]) -> bytes:
    return bytes.fromhex(packet["hex"])


def test_every_packet_names_its_machine_and_source_and_no_id_is_used_twice() -> None:
    assert len(PACKETS) == 59
    assert len({p["id"] for p in PACKETS}) == 59
    assert all(p["model"] and p["source"] and p["provenance"] for p in PACKETS)


@packets("2ACD")
def test_treadmill_data_of_real_machines_is_read_as_worked_out_by_hand(packet: dict[str, Any]) -> None:
    expected = dict(packet["expected"])
    more_data, rfu_bits = expected.pop("more_data"), expected.pop("rfu_bits", 0)
    truncated = expected.pop("truncated", False)
    expected["missing"] = tuple(expected.pop("missing", ()))
    expected["trailing"] = bytes.fromhex(expected.pop("trailing", ""))
    decoded = codec.decode_treadmill_data(octets(packet))
    assert decoded == TreadmillData(**expected)
    assert (decoded.more_data, decoded.rfu_bits, decoded.truncated) == (more_data, rfu_bits, truncated)


@packets("2ACD")
def test_speeds_and_inclines_come_in_their_own_types(packet: dict[str, Any]) -> None:
    decoded = codec.decode_treadmill_data(octets(packet))
    assert all(type(v) is Speed for v in (decoded.speed, decoded.average_speed) if v is not None)
    assert decoded.incline is None or type(decoded.incline) is Incline


@packets("2ACD")
def test_octets_may_come_as_bytearray_or_memoryview(packet: dict[str, Any]) -> None:
    raw = octets(packet)
    assert codec.decode_treadmill_data(bytearray(raw)) == codec.decode_treadmill_data(raw)
    assert codec.decode_treadmill_data(memoryview(raw)) == codec.decode_treadmill_data(raw)


def test_the_two_halves_of_a_split_record_become_one() -> None:
    halves = [octets(p) for p in PACKETS if p["id"].startswith("technogym-myrun-2acd-split")]
    assembler = codec.RecordAssembler()
    assert assembler.feed(codec.decode_treadmill_data(halves[0])) is None
    assert assembler.feed(codec.decode_treadmill_data(halves[1])) == TreadmillData(
        flags=0x069E, speed=Speed(590), average_speed=Speed(388), distance_m=42, incline=Incline(0), ramp_angle=0,
        elevation_gain=1, elevation_loss=0, energy_kcal=2, met_raw=55, elapsed_s=39,
    )


@packets("2ACC")
def test_features_of_real_machines_are_named(packet: dict[str, Any]) -> None:
    features = codec.decode_feature(octets(packet))
    assert features is not None
    aliases = {"heart_rate": "HEART_RATE", "inclination": "INCLINATION"}
    expected = [
        {aliases.get(name, name.upper()) for name in packet["expected"][word]} for word in ("machine", "target")
    ]
    assert {bit.name for bit in MachineFeature if features.machine & bit} == expected[0]
    assert {bit.name for bit in TargetFeature if features.target & bit} == expected[1]
    assert features.speed_target is ("SPEED" in expected[1])
    assert features.incline_target is ("INCLINATION" in expected[1])


@packets("2AD3")
def test_training_states_of_real_machines_are_read(packet: dict[str, Any]) -> None:
    training = codec.decode_training_status(octets(packet))
    assert training is not None
    assert {
        "status": training.status, "text": training.text, "text_announced": training.text_announced,
        "text_cut": training.text_cut,
    } == packet["expected"]


@packets("2AD4")
def test_speed_ranges_of_real_machines_are_read(packet: dict[str, Any]) -> None:
    speeds = codec.decode_speed_range(octets(packet))
    assert speeds == SpeedRange(**{name: Speed(value) for name, value in packet["expected"].items()})
    assert speeds.sane


@packets("2AD5")
def test_incline_ranges_of_real_machines_are_read(packet: dict[str, Any]) -> None:
    expected = packet["expected"]
    inclines = codec.decode_incline_range(octets(packet))
    assert inclines == InclineRange(Incline(expected["minimum"]), Incline(expected["maximum"]), expected["increment"])
    assert inclines.sane


@packets("2AD7")
def test_heart_rate_ranges_of_real_machines_are_read(packet: dict[str, Any]) -> None:
    assert codec.decode_heart_rate_range(octets(packet)) == codec.HeartRateRange(**packet["expected"])


@packets("2AD9", direction="indicate")
def test_responses_of_real_machines_are_read(packet: dict[str, Any]) -> None:
    response = control_point.decode_response(octets(packet))
    assert response is not None
    assert {"request": response.request, "result": response.result, "ok": response.ok} == packet["expected"]
    assert response.parameter == b""


@packets("2AD9", direction="write")
def test_captured_requests_are_read_as_a_machine_would(packet: dict[str, Any]) -> None:
    request = control_point.decode_request(octets(packet))
    assert request is not None and request.known and not request.malformed
    found = {"op": request.op, "speed": request.speed, "incline": request.incline, "stop": request.stop}
    assert {name: value for name, value in found.items() if value is not None} == packet["expected"]


@packets("2AD9", direction="write")
def test_our_requests_have_the_octets_that_were_captured(packet: dict[str, Any]) -> None:
    expected = packet["expected"]
    speeds = SpeedRange(Speed(50), Speed(2000), Speed(10))
    inclines = InclineRange(Incline(0), Incline(150), 10)
    ours = {
        "kingsmith-mc21-cp-w-stop": control_point.encode_stop,
        "kingsmith-mc21-cp-w-pause": control_point.encode_pause,
        "tm11gy-cp-w-start": control_point.encode_start,
    }
    if "speed" in expected:
        assert control_point.encode_speed(Speed(expected["speed"]), speeds) == octets(packet)
    elif "incline" in expected:
        assert control_point.encode_incline(Incline(expected["incline"]), inclines) == octets(packet)
    else:
        assert ours[packet["id"]]() == octets(packet)


@packets("2ADA")
def test_status_events_of_real_machines_are_read(packet: dict[str, Any]) -> None:
    status = codec.decode_status(octets(packet))
    assert status is not None and status.event is not None
    found = {"opcode": status.opcode, "event": status.event.name, "speed": status.speed, "control": status.control}
    assert {name: value for name, value in found.items() if value is not None} == packet["expected"]
    assert status.incline is None
    assert status.raw == octets(packet)


@packets("2A37")
def test_heart_rates_of_real_straps_are_read(packet: dict[str, Any]) -> None:
    measured = decode_heart_rate(octets(packet))
    assert measured is not None
    expected = packet["expected"]
    assert (measured.bpm, measured.contact, list(measured.rr_1024)) == tuple(
        expected[name] for name in ("bpm", "contact", "rr_1024")
    )
    assert measured.energy_kj is None


@packets("2A26", "2A28")
def test_names_of_real_machines_lose_their_padding(packet: dict[str, Any]) -> None:
    assert codec.decode_text(octets(packet)) == packet["expected"]["text"]


@packets("2AD2")
def test_bike_data_has_the_same_inverted_bit_0_and_raises_nothing(packet: dict[str, Any]) -> None:
    """Their fields after the speed are a bike's; what is shared is the flag word and where the speed stands."""
    decoded = codec.decode_treadmill_data(octets(packet))
    assert (decoded.flags, decoded.speed) == (packet["expected"]["flags"], packet["expected"]["speed"])


@pytest.mark.parametrize("packet", PACKETS, ids=[p["id"] for p in PACKETS])
def test_no_decoder_raises_on_the_octets_of_another_characteristic(packet: dict[str, Any]) -> None:
    for decode in (
        codec.decode_treadmill_data, codec.decode_feature, codec.decode_speed_range, codec.decode_incline_range,
        codec.decode_heart_rate_range, codec.decode_power_range, codec.decode_training_status, codec.decode_status,
        codec.decode_service_data, codec.decode_text, control_point.decode_response, control_point.decode_request,
        decode_heart_rate,
    ):
        decode(octets(packet))
