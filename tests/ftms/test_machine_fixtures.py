"""Captures of real machines, replayed through the codec: everything decodes, and says what was worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.ftms.machine_fixtures import MACHINES, captured, made, vectors
from treadctl.files.captures import Attribute, Origin, Packet, load_capture, render
from treadctl.ftms import codec, control_point
from treadctl.ftms.heart_rate import decode_heart_rate

FILES = sorted(MACHINES.glob("*.json"))
DECODERS: dict[str, Callable[[bytes], object]] = {
    "2acc": codec.decode_feature,
    "2acd": codec.decode_treadmill_data,
    "2ad3": codec.decode_training_status,
    "2ad4": codec.decode_speed_range,
    "2ad5": codec.decode_incline_range,
    "2ad7": codec.decode_heart_rate_range,
    "2ad8": codec.decode_power_range,
    "2ad9": control_point.decode_response,
    "2ada": codec.decode_status,
    "2a37": decode_heart_rate,
    "2a24": codec.decode_text,
    "2a26": codec.decode_text,
    "2a28": codec.decode_text,
    "2a29": codec.decode_text,
}
SAID = (
    "speed", "distance_m", "incline", "minimum", "maximum", "increment", "request", "result", "op", "opcode", "status",
)
"""What is compared: speed, distance and incline of a sample, ranges, and what Control Point and status mean."""
VECTORS = vectors()


def replayed(path: Path) -> list[tuple[Attribute | Packet, object]]:
    """Every value and packet of a capture with what our decoder makes of it; one we have no decoder for is skipped."""
    capture = load_capture(path)
    heard = [(one, DECODERS[one.uuid](one.data)) for one in capture.heard if one.uuid in DECODERS]
    written = [(one, control_point.decode_request(one.data)) for one in capture.written]
    values = [(one, DECODERS[one.uuid](one.value)) for one in capture.attributes
              if one.value is not None and one.uuid in DECODERS]
    return [*heard, *written, *values]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_real_machine_sent_decodes_and_says_what_was_worked_out_by_hand(path: Path) -> None:
    found = replayed(path)
    assert found
    for one, decoded in found:
        assert decoded is not None, one
        expected: dict[str, Any] = VECTORS[one.id]["expected"] if one.id else {}
        said = {name: getattr(decoded, name) for name in SAID if name in expected}
        assert said == {name: expected[name] for name in said}, one
        assert said or one.uuid in {"2acc", "2a26", "2a28", *unpublished(one)}, one


def unpublished(one: Attribute | Packet) -> set[str]:
    """Of what treadctl recorded itself nobody worked out the meaning: it only has to decode."""
    return set() if one.id else {one.uuid}


def test_every_captured_packet_of_a_treadmill_is_in_exactly_one_fixture_with_its_source() -> None:
    there = [one.id for path in FILES for one, _ in replayed(path) if one.id]
    assert sorted(there) == sorted(packet["id"] for packets in captured().values() for packet in packets)
    capture = load_capture(MACHINES / "reebok-fr30z.json")
    assert [one.source for one in capture.heard if one.id == "reebok-fr30z-cp-i-request"] == [
        "syamaner/paceprompt-ios docs/validation/fr30z-request-control-success-2026-09-10.md"
    ]


def test_fixtures_of_published_packets_say_so_and_are_what_the_packets_make() -> None:
    published = {path.name: path for path in FILES if load_capture(path).origin is Origin.PUBLISHED}
    texts = {name: path.read_text(encoding="utf-8") for name, path in published.items()}
    remake = "remake them: python -m tests.ftms.machine_fixtures"
    assert texts == {name: render(capture) for name, capture in made().items()}, remake
    assert all('"origin": "published"' in text for text in texts.values())
