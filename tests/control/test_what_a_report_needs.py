"""What was said, and what was cleared lower and why, stand in the session file: a report can tell nothing else."""

from __future__ import annotations

from tests.control.rig import F, Rig
from treadctl.control import events as ev
from treadctl.model import api
from treadctl.model.program import Program, Walk
from treadctl.model.records import EventEntry
from treadctl.model.units import Speed
from treadctl.sessions.report_figures import STARTING

LONG = Program("long", (Walk(F, 200, Speed(200)),))
FIRST = f"0.8 km/h in place of 2.0 km/h: {STARTING}"


def told(rig: Rig, kind: str) -> list[str]:
    entries = [effect.entry for effect in rig.of(ev.Journal) if isinstance(effect, ev.Journal)]
    return [entry.text for entry in entries if isinstance(entry, EventEntry) and entry.kind == kind]


def test_everything_that_is_said_while_a_session_is_open_is_journalled_once() -> None:
    rig = Rig().walking(LONG)
    rig.run(20_000)
    said = [effect.shown or effect.text for effect in rig.of(ev.Say) if isinstance(effect, ev.Say)]
    assert told(rig, "say") and told(rig, "say") == said[-len(told(rig, "say")):]
    assert any(text.startswith("Belt is slow") for text in told(rig, "say"))


def test_what_is_cleared_lower_is_journalled_with_its_reason_when_it_begins() -> None:
    rig = Rig().walking(LONG)
    rig.until(lambda: rig.speed == 200)
    assert told(rig, "lowered") == [FIRST]
    rig.ask(api.Ease())
    rig.run(5000)
    assert told(rig, "lowered") == [FIRST, "1.8 km/h in place of 2.0 km/h: eased; resume lifts it"]
