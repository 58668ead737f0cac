"""What Home Assistant is told of a node: one device with all its entities, by its rules for MQTT discovery. Pure.

Out goes what is measured and said. In comes a stop, a text to show, a profile to offer: there is no entity for more.
"""

from __future__ import annotations

from collections.abc import Sequence

from treadctl.model.api import Phase
from treadctl.model.text import safe_text

from .topics import CUES, Publication, Topics, text

Told = dict[str, object]
OPTIONS_MAX = 100
"""Profiles that are offered; chosen: more than anybody looks through in a list."""


def discovery(topics: Topics, name: str, version: str, profiles: Sequence[str]) -> Publication:
    """One device with all its entities, in one retained message."""
    told: Told = {
        "device": {
            "identifiers": [topics.node], "name": safe_text(name), "manufacturer": "treadctl", "model": "treadctl node",
            "sw_version": version,
        },
        "origin": {"name": "treadctl", "sw_version": version},
        "availability": [{"topic": topics.of("availability")}],
        "state_topic": topics.of("state"), "qos": 1,
        "components": {key: _named(topics, key, told) for key, told in _components(topics, profiles).items()},
    }  # fmt: skip
    return Publication(topics.discovery, text(told), retain=True)


def _named(topics: Topics, key: str, told: Told) -> Told:
    return {"unique_id": f"{topics.node}_{key}", **told}


def _components(topics: Topics, profiles: Sequence[str]) -> dict[str, Told]:
    """Out: what is measured. In: a stop, a text to show, a profile to offer; there is nothing else to put in."""
    found = {**_sensors(), **_binary_sensors()}
    found["cue"] = {"platform": "event", "name": "Cue", "state_topic": topics.of("cue"), "event_types": list(CUES)}
    found["message"] = {"platform": "notify", "name": "Show message", "command_topic": topics.message}
    found["stop"] = {
        "platform": "button", "name": "Stop belt", "command_topic": topics.stop, "payload_press": "STOP", "qos": 1,
        "icon": "mdi:stop-circle",
    }  # fmt: skip
    if profiles:
        found["profile"] = {
            "platform": "select", "name": "Next profile", "state_topic": topics.of("profile"),
            "command_topic": topics.select, "options": list(profiles[:OPTIONS_MAX]), "entity_category": "config",
        }  # fmt: skip
    return found


def _sensors() -> dict[str, Told]:
    measured: Told = {"state_class": "measurement"}
    speed: Told = {"device_class": "speed", "unit_of_measurement": "km/h", "suggested_display_precision": 1}
    lasts: Told = {"device_class": "duration", "unit_of_measurement": "s"}
    return {
        "speed": _sensor("Speed", "speed_kmh", speed | measured),
        "target": _sensor("Target speed", "target_kmh", speed),
        "incline": _sensor(
            "Incline", "incline_pct", {"unit_of_measurement": "%", "icon": "mdi:slope-uphill"} | measured
        ),
        "heart_rate": _sensor(
            "Heart rate", "hr_bpm", {"unit_of_measurement": "bpm", "icon": "mdi:heart-pulse"} | measured
        ),
        "distance": _sensor(
            "Distance", "distance_m",
            {"device_class": "distance", "unit_of_measurement": "m", "state_class": "total_increasing"},
        ),
        "elapsed": _sensor("Walked", "elapsed_s", lasts | {"state_class": "total_increasing"}),
        "remaining": _sensor("Segment remaining", "segment_remaining_s", lasts),
        "segment": _sensor("Segment", "segment_name"),
        "program": _sensor("Programme", "program"),
        "phase": _sensor("Phase", "phase", {"device_class": "enum", "options": [phase.value for phase in Phase]}),
        "direction": _sensor("Direction", "direction", {"device_class": "enum", "options": ["forward", "backward"]}),
        "alarm": _sensor("Alarm", "alarm"),
        "ignored": _sensor(
            "Ignored commands", "ignored", {"state_class": "total_increasing", "entity_category": "diagnostic"}
        ),
    }  # fmt: skip


def _sensor(name: str, field: str, more: Told | None = None) -> Told:
    return {"platform": "sensor", "name": name, "value_template": f"{{{{ value_json.{field} }}}}", **(more or {})}


def _binary_sensors() -> dict[str, Told]:
    def one(name: str, field: str, kind: str, more: Told) -> Told:
        template = f"{{{{ {{true: 'ON', false: 'OFF'}}.get(value_json.{field}, 'None') }}}}"
        return {"platform": "binary_sensor", "name": name, "value_template": template, "device_class": kind, **more}

    return {
        "belt": one("Belt", "moving", "moving", {}),
        "link": one("Treadmill link", "link", "connectivity", {"entity_category": "diagnostic"}),
    }
