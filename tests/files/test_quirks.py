"""Machine files: what is known of machines, read strictly; and how a connected machine finds its own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from treadctl.files.habits import BLIND, HINTS, IN_MILES, Habit
from treadctl.files.quirks import (
    Answers,
    Match,
    Packets,
    Quirk,
    hints,
    known_machines,
    load_quirk,
    parse_quirk,
    quirk_for,
    quirk_names,
)
from treadctl.model.errors import InvalidFile, UsageError
from treadctl.model.machine import Backward, LinkInfo, backward_permission
from treadctl.model.units import Speed, kmh

MINIMAL = """
title = "T"
source = "S"
device = "D"
speed = {minimum = 0.8, maximum = 16, increment = 0.1}
belt = {start_speed = 0.8, start_delay = 4, lag = 1.4, acceleration = 0.5, braking = 0.8}
"""


@pytest.mark.parametrize("name", quirk_names())
def test_every_shipped_machine_loads_and_says_its_source(name: str) -> None:
    quirk = load_quirk(name)
    assert quirk.name == name and quirk.title and len(quirk.source) > 40
    assert quirk.speed.sane and (quirk.incline is None or quirk.incline.sane)
    unknowable = quirk.habits & (IN_MILES | BLIND) and not quirk.record.units_read_by_owner
    assert quirk.record.complete is not bool(unknowable)


def test_the_reference_machine_is_the_one_that_was_agreed() -> None:
    quirk = load_quirk("reference")
    assert quirk_names()[0] == "reference"
    assert (quirk.speed.minimum, quirk.speed.maximum, quirk.speed.increment) == (80, 1600, 10)
    assert quirk.incline is not None and (quirk.incline.maximum, quirk.incline.increment) == (120, 5)
    assert (quirk.start_delay, quirk.start_speed, quirk.lag) == (4000, kmh("0.8"), 1400)
    assert (quirk.acceleration, quirk.braking, quirk.sample_every) == (50, 80, 500)
    assert not quirk.habits and quirk.answers is Answers.INDICATION and quirk.packets is Packets.SHORT


def test_the_record_follows_from_the_personality() -> None:
    record = load_quirk("reference").record
    assert record.stop_lag == 1400 + 2500
    assert record.counts_itself == 4000 and record.start_lag == 4000
    assert backward_permission(record) == (Backward.YES, "")


@pytest.mark.parametrize(
    ("name", "permission"),
    [
        ("minimum-one", Backward.YES),
        ("split-records", Backward.YES),
        ("mph-target", Backward.YES),
        ("half-steps", Backward.MINIMUM_ONLY),
        ("no-remote-start", Backward.SPOTTER_STARTS),
        ("silent-at-zero", Backward.NO),
    ],
)
def test_what_a_quirk_permits_backward(name: str, permission: Backward) -> None:
    assert backward_permission(load_quirk(name).record)[0] is permission


def test_a_machine_that_resumes_its_speed_has_an_unknown_resume_speed() -> None:
    assert load_quirk("resumes-speed").record.resume_speed is None
    assert load_quirk("reference").record.resume_speed == kmh("0.8")


def test_an_unknown_machine_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UsageError, match="did you mean reference"):
        load_quirk("referense")


def test_a_name_cannot_leave_the_folder_of_machines() -> None:
    with pytest.raises(UsageError):
        load_quirk("../machines/reference")


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (MINIMAL.replace("title", "titel"), "titel"),
        (MINIMAL.replace("lag = 1.4", "lagg = 1.4"), "lagg"),
        (MINIMAL.replace("lag = 1.4", "lag = -1"), "time"),
        (MINIMAL.replace("start_speed = 0.8", "start_speed = -0.8"), "speed"),
        (MINIMAL.replace("start_speed = 0.8", "start_speed = nan"), "repair"),
        (MINIMAL.replace("braking = 0.8", "braking = 0"), "rate"),
        (MINIMAL.replace('device = "D"', ""), "device"),
        (MINIMAL + "[wire]\nanswers = 'loudly'\n", "loudly"),
        (MINIMAL + "[wire]\nfeature = 'xyz'\n", "hexadecimal"),
        (MINIMAL + "[record]\nstop_works = 1\n", "true"),
        (MINIMAL.replace("\nspeed =", "\nhabits = ['loud']\nspeed ="), "loud"),
        (MINIMAL.replace("\nspeed =", "\nhabits = 'loud'\nspeed ="), "list"),
        (MINIMAL + "[match]\n", "pattern"),
        (MINIMAL + "[match]\nname = [1]\n", "text"),
        (MINIMAL + "[match]\ncolour = ['red']\n", "colour"),
        ("= = =", "TOML"),
    ],
)
def test_a_broken_machine_file_is_refused_in_one_sentence(broken: str, words: str) -> None:
    with pytest.raises(InvalidFile, match=words) as caught:
        parse_quirk(broken, "mine")
    assert str(caught.value).startswith("mine.toml:") and "\n" not in str(caught.value)


def test_decimal_fractions_are_exact() -> None:
    assert parse_quirk(MINIMAL.replace("start_speed = 0.8", "start_speed = 6.49"), "m").start_speed == Speed(649)


# --- finding ---------------------------------------------------------------------------------------------------------


REPORT = re.compile(r"issue|pull request|[Cc]apture|measured|characterisation|notes|[.]cpp|Documentation")


def told(quirk: Quirk) -> LinkInfo:
    """What a link to this machine reads."""
    return LinkInfo("F0", quirk.shown_name, quirk.maker, quirk.model or quirk.title, quirk.firmware)


def found(name: str = "", maker: str = "", model: str = "", firmware: str = "") -> str:
    quirk = quirk_for(LinkInfo("F0", name, maker, model, firmware))
    return "" if quirk is None else quirk.name


def test_there_are_at_least_25_machines_of_makers_each_with_a_place_where_its_report_stands() -> None:
    machines = known_machines()
    assert len(machines) >= 25
    for quirk in machines:
        assert REPORT.search(quirk.source), quirk.name
        assert "chosen" in quirk.source, quirk.name


@pytest.mark.parametrize("quirk", known_machines(), ids=lambda quirk: quirk.name)
def test_every_machine_is_found_by_what_it_tells_of_itself(quirk: Quirk) -> None:
    assert quirk_for(told(quirk)) is quirk
    assert quirk_for(replace(told(quirk), name=quirk.shown_name.upper())) is quirk, "capitals make no difference"


@pytest.mark.parametrize("name", [name for name in quirk_names() if load_quirk(name).match is None])
def test_a_kind_of_machine_is_nobody_s_quirk(name: str) -> None:
    assert quirk_for(told(load_quirk(name))) is None


@pytest.mark.parametrize(
    "name",
    ["", "A pad", "*", "?", "[", "[a-z]*", "KS-MC2", "x TM11GY", "\x1b[2J", "\u202eTM11GY", "T" * 99_999, "*" * 5000],
)
def test_a_hostile_or_unknown_name_is_only_text(name: str) -> None:
    assert found(name=name) == ""


def test_the_name_that_says_most_wins() -> None:
    assert found(name="Matrix TouchXL 7") == "matrix-touchxl"
    assert found(name="Matrix T75") == "matrix"


def test_model_and_firmware_say_more_than_a_name() -> None:
    assert found(name="FS-1234") == "fitshow-fs"
    assert found(name="FS-1234", model="FS-BT-T4", firmware="1.3.8") == "ronning-x27-pro"
    assert found(name="FS-1234", model="FS-BT-T4", firmware="1.2.6") == "dbt-pad"
    assert found(name="FS-1234", model="FS-BT-T4", firmware="9") == "fitshow-fs"


def test_every_kind_of_pattern_that_is_given_has_to_fit() -> None:
    match = Match(name=("A*", "B*"), firmware=("1.*",))
    assert match.fits(LinkInfo("F0", "Bx", firmware="1.2")) == (2, 3)
    assert match.fits(LinkInfo("F0", "Bx", firmware="2.1")) is None
    assert match.fits(LinkInfo("F0", "Cx", firmware="1.2")) is None
    assert Match().fits(LinkInfo("F0")) is None


# --- words for the owner ---------------------------------------------------------------------------------------------


def test_every_habit_has_one_short_sentence_and_some_machine() -> None:
    assert set(HINTS) == set(Habit)
    assert all(hint.endswith(".") and len(hint) <= 110 for hint in HINTS.values())
    used = {habit for name in quirk_names() for habit in load_quirk(name).habits}
    assert set(Habit) - used == set()


def test_an_owner_is_told_every_peculiarity() -> None:
    assert hints(load_quirk("kingsmith-ph4")) == (
        "A speed sent before its belt moves drops the connection; treadctl waits for motion.",
        "It loses commands that follow within 0.4 s.",
    )
    assert hints(load_quirk("drifts-back")) == ("It was reported to go back to 1.0 km/h a moment after a command.",)
    assert hints(load_quirk("mobvoi-tmp")) == ("Its lowest speed is 1.0 km/h.",)
    assert hints(load_quirk("half-steps")) == ("It stops by itself after 30 minutes.",)
    assert hints(load_quirk("reference")) == ()
