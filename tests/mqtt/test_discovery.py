"""What Home Assistant is told, held against its documentation: https://www.home-assistant.io/integrations/mqtt/ (read
2026-11-22, with the pages of each platform). The checks are written from there, apart from our own tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from treadctl.clients.mqtt.discovery import OPTIONS_MAX, discovery
from treadctl.clients.mqtt.topics import CUES, Topics, state
from treadctl.model.api import Phase, Snapshot

MINE = Topics("treadctl_00000001")
ENTITY = {"unique_id", "platform", "name", "icon", "entity_category", "qos"}
PLATFORMS: dict[str, tuple[set[str], set[str]]] = {
    "sensor": ({"value_template"}, {
        "device_class", "unit_of_measurement", "state_class", "suggested_display_precision", "options",
    }),
    "binary_sensor": ({"value_template", "device_class"}, set()),
    "event": ({"state_topic", "event_types"}, set()),
    "notify": ({"command_topic"}, set()),
    "button": ({"command_topic", "payload_press"}, set()),
    "select": ({"state_topic", "command_topic", "options"}, set()),
}  # fmt: skip
"""Of each platform that we use: what it requires here (state_topic of sensors is inherited), and what it also knows."""
UNITS = {"speed": {"km/h", "mph", "m/s"}, "distance": {"m", "km", "mi"}, "duration": {"s", "min", "h"}}
BINARY = {"connectivity", "moving"}
STATES = {"measurement", "total", "total_increasing"}
CATEGORIES = {"sensor": {"diagnostic"}, "binary_sensor": {"diagnostic"}, "select": {"config", "diagnostic"}}


def wrong(told: dict[str, Any]) -> Iterator[str]:
    """Every breach of the rules for a device's discovery payload."""
    device, origin = told.get("device", {}), told.get("origin", {})
    if not (device.get("identifiers") or device.get("connections")):
        yield "a device needs an identifier or a connection"
    if not origin.get("name"):
        yield "origin.name is required"
    extra = set(told) - {"device", "origin", "components", "availability", "state_topic", "command_topic", "qos"}
    if extra:
        yield f"not shared by components: {sorted(extra)}"
    ids = [one.get("unique_id") for one in told.get("components", {}).values()]
    if len(set(ids)) != len(ids):
        yield "unique_id is not unique"
    for key, one in told.get("components", {}).items():
        if not re.fullmatch("[A-Za-z0-9_-]+", key):
            yield f"{key}: not the name of a component"
        yield from (f"{key}: {why}" for why in _of_component(one))


def _of_component(one: dict[str, Any]) -> Iterator[str]:
    platform = one.get("platform", "")
    if platform not in PLATFORMS:
        yield f"no platform {platform!r}"
        return
    required, known = PLATFORMS[platform]
    if missing := (required | {"unique_id"}) - set(one):
        yield f"needs {sorted(missing)}"
    if extra := set(one) - required - known - ENTITY:
        yield f"knows no {sorted(extra)}"
    category = one.get("entity_category")
    if category is not None and category not in CATEGORIES.get(platform, set()):
        yield f"a {platform} cannot be {category}"
    if platform == "sensor":
        yield from _of_sensor(one)
    if platform == "binary_sensor" and one.get("device_class") not in BINARY:
        yield "no such class"
    yield from _of_values(one)


def _of_values(one: dict[str, Any]) -> Iterator[str]:
    for name in ("options", "event_types"):
        if name in one and (not one[name] or len(set(one[name])) != len(one[name])):
            yield f"{name} must be there, each once"
    for name in ("state_topic", "command_topic"):
        if re.search(r"[+#\0]", one.get(name, "")):
            yield f"{name} is no topic to publish to"


def _of_sensor(one: dict[str, Any]) -> Iterator[str]:
    kind, unit = one.get("device_class"), one.get("unit_of_measurement")
    if kind == "enum":
        if "options" not in one or unit is not None or "state_class" in one:
            yield "an enum has options, and neither unit nor state class"
    elif "options" in one:
        yield "options are an enum's"
    elif kind is not None and unit not in UNITS.get(kind, set()):
        yield f"{kind} in {unit}"
    if one.get("state_class", "total") not in STATES:
        yield "no such state class"


def told(profiles: tuple[str, ...] = ("Demo", "Retro 5 x 1")) -> dict[str, Any]:
    return dict(json.loads(discovery(MINE, "Treadmill", "1.0", profiles).payload))


def test_the_payload_is_by_the_rules() -> None:
    assert list(wrong(told())) == [] and list(wrong(told(()))) == []
    assert "profile" not in told(())["components"]
    published = discovery(MINE, "Treadmill", "1.0", ("Demo",))
    assert published.retain and published.topic == "homeassistant/device/treadctl_00000001/config"


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        (("origin",), {}, "origin.name"),
        (("device",), {"name": "x"}, "identifier"),
        (("components", "speed", "unique_id"), None, "needs"),
        (("components", "speed", "unit_of_measurement"), "min/km", "speed in min/km"),
        (("components", "phase", "state_class"), "measurement", "enum"),
        (("components", "speed", "entity_category"), "config", "cannot be config"),
        (("components", "stop", "object_id"), "x", "knows no"),
        (("components", "cue", "event_types"), [], "event_types"),
        (("components", "speed", "platform"), "lamp", "no platform"),
        (("components", "stop", "command_topic"), "treadctl/+/cmd/stop", "no topic"),
        (("retain",), True, "not shared"),
    ],
)
def test_a_breach_of_the_rules_is_seen(place: tuple[str, ...], value: object, says: str) -> None:
    payload = told()
    *way, last = place
    inner = payload
    for step in way:
        inner = inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    assert any(says in why for why in wrong(payload)), list(wrong(payload))


def test_nothing_in_it_can_start_a_belt_or_make_it_faster() -> None:
    commands = {one["command_topic"] for one in told()["components"].values() if "command_topic" in one}
    assert commands == {MINE.stop, MINE.message, MINE.select} < set(MINE.incoming)
    assert {one["platform"] for one in told()["components"].values()} == set(PLATFORMS)


def test_every_template_reads_a_field_that_a_state_has() -> None:
    fields = set(state("x", Snapshot(), None))
    for key, one in told()["components"].items():
        names = re.findall(r"value_json\.(\w+)", one.get("value_template", ""))
        assert ("value_template" in one) == bool(names) and set(names) <= fields, key


def test_every_phase_and_every_cue_is_an_option() -> None:
    components = told()["components"]
    assert components["phase"]["options"] == [phase.value for phase in Phase]
    assert components["cue"]["event_types"] == list(CUES)


def test_a_house_with_a_thousand_profiles_is_offered_a_hundred() -> None:
    assert len(told(tuple(str(n) for n in range(1000)))["components"]["profile"]["options"]) == OPTIONS_MAX
