"""The page of machines claims what machine files and captures stand for, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.architecture.supported import (
    PACKETS_OF,
    PAGE,
    Machine,
    Proof,
    fixtures,
    machines,
    page,
    shipped,
)
from treadctl.files.captures import Capture, Identity, Origin, Packet
from treadctl.files.habits import Habit
from treadctl.files.quirks import Quirk, load_quirk

RECORDED = Capture(
    origin=Origin.RECORDED, treadctl="9.9", date="2030-01-02", machine=Identity("Yesoul W2 Pro"), complete=True,
    heard=(Packet(0, "2acd", b""),),
)


@pytest.fixture(scope="module")
def quirks() -> list[Quirk]:
    return shipped()


@pytest.fixture(scope="module")
def captures() -> dict[str, Capture]:
    return fixtures()


def named(title: str, found: list[Machine]) -> Machine:
    return next(machine for machine in found if machine.title == title)


def test_the_page_of_machines_is_what_machine_files_and_captures_make(
    quirks: list[Quirk], captures: dict[str, Capture]
) -> None:
    remake = "remake it: python -m tests.architecture.supported > SUPPORTED.md"
    assert PAGE.read_text(encoding="utf-8") == page(quirks, captures), remake


def test_every_machine_file_and_every_capture_is_on_the_page(
    quirks: list[Quirk], captures: dict[str, Capture]
) -> None:
    found = machines(quirks, captures)
    assert {machine.quirk.name for machine in found if machine.quirk} == {one.name for one in quirks if one.match}
    assert sorted(map(id, captures.values())) == sorted(id(one) for machine in found for one in machine.captures)
    titles = [machine.title for machine in found]
    assert len(titles) == len(set(titles)) >= 25


def test_packets_belong_to_machine_files_and_captures_that_are_there(
    quirks: list[Quirk], captures: dict[str, Capture]
) -> None:
    assert set(PACKETS_OF) <= set(captures)
    assert set(PACKETS_OF.values()) <= {quirk.name for quirk in quirks}


def test_every_link_of_the_page_leads_to_a_heading(quirks: list[Quirk], captures: dict[str, Capture]) -> None:
    text = page(quirks, captures)
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-")) for heading in headings}
    links = re.findall(r"\]\(#([^)]*)\)", text)
    assert links and set(links) <= anchors


def test_no_machine_counts_as_measured_until_treadctl_recorded_a_real_one(
    quirks: list[Quirk], captures: dict[str, Capture]
) -> None:
    text = page(quirks, captures)
    assert "**No real machine has been measured with treadctl yet.**" in text
    assert Proof.MEASURED not in {machine.tested for machine in machines(quirks, captures)}
    simulated = {**captures, "one": replace(RECORDED, simulated=True)}
    assert "**No real machine has been measured with treadctl yet.**" in page(quirks, simulated)
    recorded = {**captures, "one": RECORDED}
    assert named("Yesoul W2 Pro", machines(quirks, recorded)).tested is Proof.MEASURED
    assert "**Measured with treadctl on a real machine:** Yesoul W2 Pro. Everything else is" in page(quirks, recorded)
    assert "Recorded by treadctl 9.9 on 2030-01-02: 1 packets" in page(quirks, recorded)


def test_how_far_a_machine_was_tested_is_told_apart(quirks: list[Quirk], captures: dict[str, Capture]) -> None:
    found = machines(quirks, captures)
    assert named("Yesoul W2 Pro", found).tested is Proof.PACKETS
    assert named("Yesoul W2 Pro", machines(quirks, {})).tested is Proof.REPORTS
    assert named("True Fitness treadmill", found).tested is Proof.ONLY_PACKETS


@pytest.mark.parametrize(
    ("habit", "wanted"),
    [
        (Habit.STOP_WITHOUT_EFFECT, "- Guide: treadctl tells, a person presses at the console; forward walking only"),
        (Habit.START_REFUSED, "- Backward: once commissioned, with a spotter at the console ("),
        (Habit.NO_EFFECT, "- Guide: treadctl tells, a person presses at the console; forward walking only"),
        (Habit.NO_EFFECT, "| simulated from reports | no | guide |"),
        (Habit.TARGET_IN_MPH, "| simulated from reports | no | cannot be commissioned |"),
        (Habit.TARGET_IN_MPH, "- Cannot be commissioned: “It ran 1.3 km/h, as a machine does that takes km/h for"),
        (Habit.ONLY_ZEROS, "- Cannot be commissioned: “The belt moves and the machine does not tell it"),
    ],
)
def test_what_becomes_known_of_a_machine_changes_the_page(habit: Habit, wanted: str) -> None:
    quirk = replace(load_quirk("yesoul-w2-pro"), habits=frozenset())
    assert wanted not in page([quirk], {}) and "- Backward: once commissioned\n" in page([quirk], {})
    assert wanted in page([replace(quirk, habits=frozenset({habit}))], {})


def test_a_title_is_text_whatever_markdown_would_make_of_it() -> None:
    text = page([replace(load_quirk("yesoul-w2-pro"), title="A|B <b> [c](d) *e* `f`")], {})
    assert "| [A\\|B &lt;b> \\[c](d) \\*e\\* \\`f\\`](#" in text
