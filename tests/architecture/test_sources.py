"""docs/sources.md: every item of the pieces treadctl began with has its line, and what a line points at exists."""

from __future__ import annotations

import re
from pathlib import Path

from treadctl.files.profile import check_profile, shipped_profiles
from treadctl.model.program import Gate

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
ITEMS = (ROOT / "tests" / "fixtures" / "source-items.txt").read_text(encoding="utf-8").split()
ROWS = dict(re.findall(r"^\| (S00\d-\d\d) \| .+? \| (.+) \|$", SOURCES, re.MULTILINE))
PLANS = {"regular", "30-days"}


def test_every_item_has_one_line_and_no_line_is_of_another_item() -> None:
    listed = re.findall(r"^\| (S00\d-\d\d) \|", SOURCES, re.MULTILINE)
    assert len(ITEMS) == 109
    assert listed == ITEMS


def test_every_line_says_whether_it_is_in_or_not_and_why_and_none_that_it_comes_later() -> None:
    assert list(ROWS) == ITEMS
    assert [item for item, became in ROWS.items() if not re.match(r"\*\*(in|not)\*\*", became)] == []
    assert "**later**" not in SOURCES
    assert [item for item, became in ROWS.items() if len(became.split(" ", 1)) < 2] == []


def test_every_line_that_refers_to_another_names_one_that_exists() -> None:
    named = {name for became in ROWS.values() for name in re.findall(r"\b(S00\d-\d\d|K\d+)\b", became)}
    contradictions = re.findall(r"^\| (K\d+) \|", SOURCES, re.MULTILINE)
    assert contradictions == [f"K{n}" for n in range(1, 13)]
    assert named <= {*ITEMS, *contradictions}


def test_every_programme_that_a_line_names_is_shipped() -> None:
    shipped = {path.stem for path in shipped_profiles()}
    named = {name for became in ROWS.values() for name in re.findall(r"`([^`]+)`", became)}
    assert named - shipped - PLANS - {gate.value for gate in Gate} == {"treadctl person", "dose", "p"}
    assert shipped - named == {"demo"}


def test_every_cue_that_a_line_quotes_is_said_in_a_shipped_programme() -> None:
    said = " ".join(path.read_text(encoding="utf-8") for path in shipped_profiles())
    quoted = {cue.rstrip(".") for cue in re.findall(r'"([^"]+)"', SOURCES)}
    assert len(quoted) > 5
    assert [cue for cue in quoted if cue not in said] == []


def test_a_programme_named_with_a_gate_has_that_gate() -> None:
    gates = {path.stem: {gate.value for gate in check_profile(path)[0].gates} for path in shipped_profiles()}
    wanted = {
        "knee-care-10": {"clinician"}, "ten-for-balance": {"spotter"}, "ball-hold": {"spotter", "hands-free"},
        "self-powered-intro": {"dead-mill"}, "self-powered-5": {"dead-mill"}, "manual-mill": {"dead-mill"},
        "incline-steps": {"incline"},
        "incline-20": {"clinician", "incline"}, "cardio-steady": {"incline"},
    }  # fmt: skip
    assert {name: found for name, found in gates.items() if found} == wanted
